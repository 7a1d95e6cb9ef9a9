/*
 * Origins of pointers. A value is judged by its form, below casts:
 *  1. &a[i], a + i: an element; what i is, touch.c tells;
 *  2. a call: made by an allocator, taken where the name says so (pop, dequeue, steal), else loaded;
 *  3. another local pointer: what is known of that one;
 *  4. p->next of a local p of the same record: as p, a walk along what one has;
 *  5. else loaded: some memory keeps it, and others may reach it there.
 * `item = q->head; q->head = item->next;` takes the item, whatever the function is called.
 */
#include "layout/parse/expressions.h"
#include "layout/parse/origins.h"

#include <string.h>

struct ul_origin_note {
    const void *variable;
    const void *field; /* that it was loaded from, NULL for anything else */
    ul_word record;
    ul_word maker; /* function that gave it, 0 for none */
    ul_index_kind index;
    uint32_t index_parameter;
    bool is_element;
    UT_hash_handle hh;
};

struct ul_origin_sum {
    ul_word record;
    uint32_t loads, line; /* line: of the first source */
    bool is_made, is_taken;
    UT_hash_handle hh;
};

/* What a value is. */
typedef struct origin {
    bool is_made, is_taken, is_loaded, is_element;
    ul_word maker;
    ul_index_kind index;
    uint32_t index_parameter;
    const void *field;
} origin;

typedef struct judge {
    ul_origins *origins;
    const ul_walk *walk;
    ul_census_reader *census;
} judge;

static bool has_any_word(const char *name, const char *const *words)
{
    for (; *words; words++) {
        if (ul_name_has_word(name, *words))
            return true;
    }
    return false;
}

/* Names of what takes an object off a queue or list, for its caller alone. */
static bool takes(const char *name)
{
    static const char *const words[] = {"pop", "popleft", "dequeue", "deq", "shift", "take", "steal", "unlink", "detach", "pull", NULL};
    static const char *const stems[] = {"pop", "deq", "shift", "take", "steal", "unlink", "detach", "pull", NULL}; /* most names have none */
    for (const char *at = name; (at = strpbrk(at, "pPdDsStTuU")); at++) {
        for (size_t i = 0; stems[i]; i++) {
            if ((*at | 0x20) == stems[i][0] && strncasecmp(at, stems[i], strlen(stems[i])) == 0)
                return has_any_word(name, words);
        }
    }
    return false;
}

static bool gives(const char *name)
{
    static const char *const words[] = {"push", "enqueue", "enq", "unshift", NULL};
    return has_any_word(name, words);
}

void ul_origins_reset(ul_origins *origins, const char *name)
{
    HASH_CLEAR(hh, origins->notes);
    HASH_CLEAR(hh, origins->sums);
    origins->is_queue = takes(name) || gives(name);
}

static ul_origin_note *note_of(const ul_origins *origins, CXCursor variable)
{
    ul_origin_note *note = NULL;
    const void *key = variable.data[0];
    HASH_FIND_PTR(origins->notes, &key, note);
    return note;
}

static void judge_element(origin *out, const judge *j, CXCursor index)
{
    out->is_element = out->is_loaded = true;
    out->index = ul_touch_index(&out->index_parameter, j->walk, j->census, index);
}

static void judge_call(origin *out, const judge *j, CXCursor call)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(call), j->walk->reader->arena);
    ul_call_verb verb = ul_census_verb(j->census, call);
    out->maker = ul_census_callee(j->census, call);
    out->is_made = verb == UL_CALL_ALLOCATE || verb == UL_CALL_ALLOCATE_ELSE;
    out->is_taken = !out->is_made && (takes(name) || takes(ul_touch_word(j->walk, call)));
    out->is_loaded = !out->is_made && !out->is_taken;
    out->is_element = out->is_loaded && ul_census_returns_element(&out->index, &out->index_parameter, j->census, call);
    if (out->is_element && out->index == UL_INDEX_PARAMETER)
        out->index = ul_touch_index(&out->index_parameter, j->walk, j->census, clang_Cursor_getArgument(call, out->index_parameter));
}

static void judge_reference(origin *out, const judge *j, CXCursor target)
{
    const ul_origin_note *note = ul_cursor_is_local(target) ? note_of(j->origins, target) : NULL;
    if (note) {
        out->maker = note->maker;
        out->is_element = note->is_element;
        out->index = note->index;
        out->index_parameter = note->index_parameter;
        return;
    }
    bool is_parameter = clang_getCursorKind(target) == CXCursor_ParmDecl;
    CXType type = ul_clang_bare_type(clang_getCursorType(target));
    bool is_opaque = type.kind == CXType_Pointer && ul_clang_bare_type(clang_getPointeeType(type)).kind == CXType_Void;
    out->is_loaded = is_parameter ? is_opaque : !ul_cursor_is_local(target);
}

static void judge_member(origin *out, const judge *j, CXCursor member)
{
    CXCursor base = ul_expression_uncast(j->walk->reader, ul_expression_operand(j->walk->reader, member, 0)), target = clang_getCursorReferenced(base);
    bool is_next = clang_getCursorKind(base) == CXCursor_DeclRefExpr && ul_cursor_is_local(target) && note_of(j->origins, target) &&
                   clang_equalTypes(ul_clang_bare_type(clang_getCursorType(base)), ul_clang_bare_type(clang_getCursorType(member)));
    if (is_next) {
        judge_reference(out, j, target);
        return;
    }
    out->is_loaded = true;
    out->field = clang_getCursorReferenced(member).data[0];
}

static void judge_value(origin *out, const judge *j, CXCursor value)
{
    CXCursor inner = ul_expression_uncast(j->walk->reader, value), child;
    *out = (origin){.index = UL_INDEX_NONE};
    switch (clang_getCursorKind(inner)) {
    case CXCursor_CallExpr:
        judge_call(out, j, inner);
        break;
    case CXCursor_DeclRefExpr:
        judge_reference(out, j, clang_getCursorReferenced(inner));
        break;
    case CXCursor_MemberRefExpr:
        judge_member(out, j, inner);
        break;
    case CXCursor_BinaryOperator:
        child = ul_expression_operand(j->walk->reader, inner, 1);
        if (ul_cursor_is_pointer(child)) /* p = q: no arithmetic */
            judge_value(out, j, child);
        else if (ul_cursor_is_pointer(ul_expression_operand(j->walk->reader, inner, 0)))
            judge_element(out, j, child);
        break;
    case CXCursor_UnaryOperator: {
        child = ul_expression_operand(j->walk->reader, inner, 0);
        CXCursor operand = ul_expression_stripped(j->walk->reader, child);
        bool is_own = clang_getCursorKind(operand) == CXCursor_DeclRefExpr && ul_cursor_is_local(clang_getCursorReferenced(operand));
        if (clang_getCursorKind(operand) == CXCursor_ArraySubscriptExpr && !ul_cursor_is_pointer(operand))
            judge_element(out, j, ul_expression_operand(j->walk->reader, operand, 1));
        out->is_loaded = !is_own;
        break;
    }
    case CXCursor_StmtExpr: /* ({ assert(i < n); v + i; }) */
        child = ul_cursor_last_child(ul_cursor_child(inner, 0));
        if (ul_cursor_is_pointer(child))
            judge_value(out, j, child);
        else
            out->is_loaded = true;
        break;
    case CXCursor_IntegerLiteral:
    case CXCursor_GNUNullExpr:
        break;
    default:
        out->is_loaded = true;
        break;
    }
    if (out->is_loaded && takes(ul_touch_word(j->walk, inner))) {
        out->is_loaded = false;
        out->is_taken = true;
    }
}

static ul_origin_sum *sum_of(ul_origins *origins, const ul_walk *walk, ul_word record)
{
    ul_origin_sum *sum = NULL;
    HASH_FIND(hh, origins->sums, &record, sizeof record, sum);
    if (sum)
        return sum;
    sum = UL_NEW(walk->reader->arena, ul_origin_sum);
    sum->record = record;
    sum->line = ul_clang_cursor_place(ul_walk_frame(walk, 0)->cursor).line;
    HASH_ADD(hh, origins->sums, record, sizeof sum->record, sum);
    return sum;
}

static void count(const judge *j, const origin *from, ul_word record)
{
    if (!record || !(from->is_made || from->is_taken || from->is_loaded))
        return;
    ul_origin_sum *sum = sum_of(j->origins, j->walk, record);
    sum->is_made |= from->is_made;
    sum->is_taken |= from->is_taken;
    sum->loads += from->is_loaded;
}

static void keep(const judge *j, CXCursor variable, const origin *from, ul_word record)
{
    ul_origin_note *note = note_of(j->origins, variable);
    if (!note) {
        note = UL_NEW(j->walk->reader->arena, ul_origin_note);
        note->variable = variable.data[0];
        HASH_ADD_PTR(j->origins->notes, variable, note);
    }
    note->field = from->field;
    note->maker = from->maker;
    note->record = record;
    note->is_element = from->is_element;
    note->index = from->index;
    note->index_parameter = from->index_parameter;
}

void ul_origins_assign(ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor variable, CXCursor value, ul_word record)
{
    judge j = {origins, walk, census};
    CXCursor inner = ul_expression_uncast(walk->reader, value);
    origin from;
    if (clang_getCursorKind(inner) == CXCursor_ConditionalOperator) { /* one of two: what both are worth is the second's, both count */
        judge_value(&from, &j, ul_expression_operand(walk->reader, inner, 1));
        count(&j, &from, record);
        inner = ul_expression_operand(walk->reader, inner, 2);
    }
    judge_value(&from, &j, inner);
    count(&j, &from, record);
    keep(&j, variable, &from, record);
}

void ul_origins_fill(ul_origins *origins, ul_census_reader *census, CXCursor variable, CXCursor call, const ul_walk *walk, ul_word record)
{
    judge j = {origins, walk, census};
    origin from = {.index = UL_INDEX_NONE};
    judge_call(&from, &j, call);
    count(&j, &from, record);
    keep(&j, variable, &from, record);
}

void ul_origins_number(ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor variable, CXCursor value)
{
    judge j = {origins, walk, census};
    if (ul_touch_is_number(walk, census, value))
        keep(&j, variable, &(origin){.index = UL_INDEX_THREAD}, 0);
}

bool ul_origins_is_number(const ul_origins *origins, CXCursor variable)
{
    const ul_origin_note *note = note_of(origins, variable);
    return note && !note->is_element && note->index == UL_INDEX_THREAD;
}

/* q->head = item->next, where item was loaded from q->head: one load less, and the item is the function's own. */
static void see_unlink(const judge *j, CXCursor member)
{
    const ul_frame *parent = ul_walk_frame(j->walk, 1);
    if (!parent || parent->kind != CXCursor_BinaryOperator || ul_walk_frame(j->walk, 0)->child != 0)
        return;
    CXCursor value = ul_expression_uncast(j->walk->reader, ul_expression_operand(j->walk->reader, parent->cursor, 1));
    if (clang_getCursorKind(value) != CXCursor_MemberRefExpr)
        return;
    CXCursor base = ul_expression_uncast(j->walk->reader, ul_expression_operand(j->walk->reader, value, 0));
    ul_origin_note *note = clang_getCursorKind(base) == CXCursor_DeclRefExpr ? note_of(j->origins, clang_getCursorReferenced(base)) : NULL;
    if (!note || !note->field || note->field != clang_getCursorReferenced(member).data[0])
        return;
    ul_origin_sum *sum = sum_of(j->origins, j->walk, note->record);
    sum->loads -= sum->loads > 0;
    sum->is_taken = true;
    note->field = NULL;
}

bool ul_origins_element(ul_index_kind *index, uint32_t *parameter, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor argument)
{
    judge j = {origins, walk, census};
    origin from;
    judge_value(&from, &j, argument);
    *index = from.index;
    *parameter = from.index_parameter;
    return from.is_element;
}

ul_word ul_origins_maker_of(const ul_origins *origins, CXCursor variable)
{
    const ul_origin_note *note = note_of(origins, variable);
    return note ? note->maker : 0;
}

ul_word ul_origins_maker(bool *is_null, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, CXCursor value)
{
    judge j = {origins, walk, census};
    origin from;
    enum CXCursorKind kind = clang_getCursorKind(ul_expression_uncast(walk->reader, value));
    *is_null = kind == CXCursor_IntegerLiteral || kind == CXCursor_GNUNullExpr;
    judge_value(&from, &j, value);
    return from.maker;
}

void ul_origins_member(ul_touch *touch, ul_origins *origins, const ul_walk *walk, ul_census_reader *census, ul_word record)
{
    judge j = {origins, walk, census};
    CXCursor member = ul_walk_frame(walk, 0)->cursor, base = ul_expression_operand(walk->reader, member, 0), inner = ul_expression_uncast(walk->reader, base);
    origin from = {.index = UL_INDEX_NONE};
    bool is_pointed = ul_cursor_is_pointer(base);
    uint32_t parameter = clang_getCursorKind(inner) == CXCursor_DeclRefExpr ? ul_census_parameter(census, clang_getCursorReferenced(inner)) : 0;
    if (is_pointed && parameter && clang_equalTypes(clang_getCursorType(base), clang_getCursorType(inner))) {
        /* as the caller has it */
    } else if (is_pointed) {
        judge_value(&from, &j, inner);
    } else if (clang_getCursorKind(inner) == CXCursor_ArraySubscriptExpr) {
        judge_element(&from, &j, ul_expression_operand(walk->reader, inner, 1));
    } else {
        from.is_loaded = clang_getCursorKind(inner) != CXCursor_DeclRefExpr || !ul_cursor_is_local(clang_getCursorReferenced(inner));
    }
    count(&j, &from, record);
    see_unlink(&j, member);
    if (parameter && is_pointed) { /* callers say which element it is, if it is one */
        from.is_element = true;
        from.index = UL_INDEX_PARAMETER;
        from.index_parameter = parameter - 1;
    }
    if (!from.is_element || touch->index != UL_INDEX_NONE)
        return;
    touch->index = from.index;
    touch->index_parameter = from.index_parameter;
    touch->flags |= UL_ACCESS_ELEMENT;
}

void ul_origins_tell(const ul_origins *origins, ul_census_reader *census, void (*add)(ul_census_reader *census, ul_origin source))
{
    for (const ul_origin_sum *sum = origins->sums; sum; sum = sum->hh.next) {
        if (sum->is_made)
            add(census, (ul_origin){.record = sum->record, .line = sum->line, .kind = UL_ORIGIN_MADE});
        if (sum->is_taken)
            add(census, (ul_origin){.record = sum->record, .line = sum->line, .kind = UL_ORIGIN_TAKEN});
        if (sum->loads && !origins->is_queue)
            add(census, (ul_origin){.record = sum->record, .line = sum->line, .kind = UL_ORIGIN_LOADED});
    }
}
