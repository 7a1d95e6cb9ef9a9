/*
 * Which values of an initializer list set which field.
 *
 *  1. Each list is read by itself, against its own type; lists in it are met later by the walk.
 *  2. A value sets the next member of the object being filled. When that is a struct or an array and the value has neither braces nor the
 *     member's type, it begins a run: the member's own members are filled one by one (C11 6.7.9p20), on a stack of levels.
 *  3. A designator goes back to the list's own level (p17) and the next value goes on from there.
 *  4. A level of a wanted struct becomes an initializer: the outermost with braces, those of runs without.
 */
#include "layout/parse/initializers.h"

#include <string.h>

enum { LEVELS_MAX = 64 };

/* An object that is being filled. */
typedef struct level {
    const ul_used_record *record; /* NULL: an array */
    CXType element;
    uint64_t at, count; /* next member; members in all */
    uint32_t first, last; /* children that fill it */
    ul_list_item *items;
    uint32_t item_count, item_capacity;
} level;

typedef struct placing {
    ul_list *list;
    ul_arena *arena;
    level levels[LEVELS_MAX];
    uint32_t depth;
    bool is_deep;        /* the child before had designators of several steps */
    bool has_text;       /* looked for */
    const char *obstacle;
} placing;

/* The anonymous member on the way to a field of its own: clang puts a step in that nobody wrote. */
static bool is_implied(CXCursor member)
{
    return ul_clang_place_of(clang_getCursorLocation(member)).file == NULL;
}

static enum CXChildVisitResult see_designation(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_list_child *child = data;
    (void)parent;
    bool is_member = clang_getCursorKind(cursor) == CXCursor_MemberRef;
    if (is_member && is_implied(cursor))
        return CXChildVisit_Continue;
    if (is_member && child->steps == 0)
        child->first_member = clang_getCursorReferenced(cursor);
    child->value = cursor;
    child->steps++;
    return CXChildVisit_Continue;
}

static enum CXChildVisitResult keep_child(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_list *list = data;
    (void)parent;
    UL_RESERVE(list->uses->reader->arena, list->children, list->child_count, list->child_capacity);
    ul_list_child *child = &list->children[list->child_count++];
    *child = (ul_list_child){.cursor = cursor, .value = cursor, .first_member = clang_getNullCursor()};
    if (clang_getCursorKind(cursor) == CXCursor_UnexposedExpr && clang_getCursorType(cursor).kind == CXType_Void) {
        clang_visitChildren(cursor, see_designation, child);
        child->steps -= child->steps > 0; /* the last one is the value */
        if (!clang_Cursor_isNull(child->first_member))
            child->field = ul_clang_text(clang_getCursorSpelling(child->first_member), list->uses->reader->arena);
    }
    return CXChildVisit_Continue;
}

static bool is_array(CXType bare)
{
    return bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray;
}

static bool is_vector(CXType bare)
{
    return bare.kind == CXType_Vector || bare.kind == CXType_ExtVector;
}

static enum CXChildVisitResult take_only(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    *(CXCursor *)data = cursor;
    return CXChildVisit_Break;
}

/* A string, in parentheses or not. */
static bool is_string(CXCursor value)
{
    enum CXCursorKind kind = clang_getCursorKind(value);
    while (kind == CXCursor_ParenExpr) {
        clang_visitChildren(value, take_only, &value);
        kind = clang_getCursorKind(value);
    }
    return kind == CXCursor_StringLiteral;
}

/* Whether `value` sets an object of type `bare` as a whole, rather than the first of its members. */
static bool sets_whole(ul_use_reader *uses, CXCursor value, CXType bare)
{
    if (clang_getCursorKind(value) == CXCursor_InitListExpr)
        return true;
    CXType type = ul_clang_bare_type(clang_getCursorType(value));
    if (bare.kind == CXType_Record) {
        const ul_used_record *record = ul_used_record_of(uses, bare);
        return !record || record == ul_used_record_of(uses, type);
    }
    if (!is_array(bare))
        return true;
    enum CXTypeKind element = ul_clang_bare_type(clang_getArrayElementType(bare)).kind;
    bool is_integer = element >= CXType_Bool && element <= CXType_Int128;
    return is_string(value) ? is_integer : is_array(type);
}

static level level_of(ul_use_reader *uses, CXType bare, uint32_t child)
{
    level made = {.record = ul_used_record_of(uses, bare), .first = child, .last = child};
    if (made.record) {
        made.count = made.record->is_union && made.record->field_count ? 1 : made.record->field_count;
    } else {
        made.element = clang_getArrayElementType(bare);
        long long size = clang_getArraySize(bare);
        made.count = size < 0 ? UINT64_MAX : (uint64_t)size;
    }
    return made;
}

static const char *name_of(placing *p, CXCursor field)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(field), p->arena);
    return strchr(name, '(') ? "" : name; /* how newer versions name what has no name */
}

static ul_list_item *add_item(placing *p, level *to, const char *field, uint32_t child)
{
    UL_RESERVE(p->arena, to->items, to->item_count, to->item_capacity);
    ul_list_item *item = &to->items[to->item_count++];
    *item = (ul_list_item){.field = field, .first = child, .last = child};
    return item;
}

/* The text of the list, looked for once something is to be told of it. False: it is in no file. */
static bool find_text(placing *p)
{
    if (!p->has_text) {
        p->has_text = true;
        if (!ul_list_find_text(p->list))
            p->list->file = NULL;
    }
    return p->list->file != NULL;
}

static ul_initializer *add_initializer(placing *p, const ul_used_record *record)
{
    ul_use_reader *uses = p->list->uses;
    const ul_list *list = p->list;
    UL_RESERVE(p->arena, uses->uses.initializers, uses->uses.initializer_count, uses->initializer_capacity);
    ul_initializer *added = &uses->uses.initializers[uses->uses.initializer_count++];
    *added = (ul_initializer){.record = record->key,
                              .file = list->file->path,
                              .macro = list->macro,
                              .obstacle = list->macro ? NULL : list->obstacle ? list->obstacle : p->obstacle,
                              .line = list->place.line,
                              .column = list->place.column};
    return added;
}

/* `.field = ` of an anonymous union's first field, where its value is plain to see. */
static const char *text_of_item(const ul_list *list, const ul_list_item *item, ul_initializer_item *out)
{
    const ul_list_child *first = &list->children[item->first], *last = &list->children[item->last];
    *out = (ul_initializer_item){.span = {first->span.begin, last->span.end},
                                 .value = {first->text.begin, last->span.end},
                                 .field = item->field[0] ? item->field : NULL,
                                 .is_designated = item->is_designated,
                                 .is_elided = item->is_elided};
    if (item->is_unwrapped && clang_getCursorKind(first->value) == CXCursor_InitListExpr) {
        if (first->inner.end)
            out->value = first->inner;
        else
            out->field = NULL;
    }
    if (!out->field)
        return "it sets an anonymous member by position";
    return item->is_designated && item->is_elided ? "values follow a designator without braces" : NULL;
}

static void tell(placing *p, const level *of, bool has_braces)
{
    if (!find_text(p))
        return;
    const ul_list *list = p->list;
    ul_initializer *told = add_initializer(p, of->record);
    told->has_braces = has_braces;
    if (list->macro)
        return;
    told->span = has_braces ? list->span : (ul_span){list->children[of->first].text.begin, list->children[of->last].span.end};
    if (list->obstacle)
        return;
    told->items = UL_NEW_ARRAY(p->arena, ul_initializer_item, of->item_count);
    told->item_count = of->item_count;
    for (uint32_t i = 0; i < of->item_count; i++) {
        const char *obstacle = text_of_item(list, &of->items[i], &told->items[i]);
        if (!told->obstacle)
            told->obstacle = obstacle;
    }
    if (!has_braces && list->children[of->first].steps && !told->obstacle)
        told->obstacle = "values follow a designator without braces";
}

static bool is_told(const ul_used_record *record)
{
    return record && record->key && !record->is_union;
}

/* Ends the innermost level, which is a run in the one around it. */
static void close_level(placing *p)
{
    level *top = &p->levels[--p->depth];
    if (is_told(top->record))
        tell(p, top, false);
}

/* The member that is to be set next, on the innermost level that has one; false: there are more values than members. */
static bool next_member(placing *p, CXType *type, const char **field)
{
    while (p->levels[p->depth - 1].at >= p->levels[p->depth - 1].count) {
        if (p->depth == 1)
            return false;
        close_level(p);
    }
    level *top = &p->levels[p->depth - 1];
    if (top->record) {
        CXCursor member = top->record->fields[top->at].cursor;
        *type = clang_getCursorType(member);
        *field = name_of(p, member);
    } else {
        *type = top->element;
    }
    top->at++;
    return true;
}

/* Whether `member` is of the anonymous union `field`: one is set, and the next value comes behind the union. */
static bool is_choice_of(placing *p, CXCursor field, CXCursor member)
{
    CXCursor holder = clang_getTypeDeclaration(ul_clang_bare_type(clang_getCursorType(field)));
    return clang_getCursorKind(holder) == CXCursor_UnionDecl && !name_of(p, field)[0] &&
           clang_equalCursors(holder, clang_getCursorSemanticParent(member));
}

/* Goes to what `child` designates, on the list's own level. */
static bool go_to_designated(placing *p, const ul_list_child *child, CXType *type, const char **field)
{
    while (p->depth > 1)
        close_level(p);
    level *own = &p->levels[0];
    if (!own->record) {
        own->at = 0; /* the index does not matter: there is no end */
        own->count = UINT64_MAX;
        *type = own->element;
        return true;
    }
    if (!child->field)
        return false;
    *field = child->field;
    *type = clang_getCursorType(child->first_member);
    for (uint32_t i = 0; i < own->record->field_count; i++) {
        CXCursor member = own->record->fields[i].cursor;
        if (clang_equalCursors(member, child->first_member) || is_choice_of(p, member, child->first_member)) {
            own->at = own->record->is_union ? 1 : i + 1u;
            return true;
        }
    }
    p->is_deep = true; /* in an anonymous member: what follows would go on in it */
    return true;
}

/* The first field of an anonymous union stands for it where the value sets just that. */
static void look_into_union(placing *p, ul_list_item *item, CXType bare, CXCursor value)
{
    const ul_used_record *inner = ul_used_record_of(p->list->uses, bare);
    if (item->field[0] || !inner || !inner->is_union || inner->field_count == 0)
        return;
    CXType first = ul_clang_bare_type(clang_getCursorType(inner->fields[0].cursor));
    bool is_braced = clang_getCursorKind(value) == CXCursor_InitListExpr;
    bool is_scalar = first.kind != CXType_Record && !is_array(first);
    if (!is_braced && !is_scalar)
        return;
    item->field = name_of(p, inner->fields[0].cursor);
    item->is_unwrapped = true;
    item->is_elided = false;
}

static void hinder(placing *p, const char *obstacle)
{
    if (!p->obstacle)
        p->obstacle = obstacle;
}

/* Sets `type` of the innermost level by child `index`, opening levels until the value fits. */
static void fill(placing *p, uint32_t index, CXType type, const char *field, bool is_designated)
{
    const ul_list_child *child = &p->list->children[index];
    for (;;) {
        level *top = &p->levels[p->depth - 1];
        CXType bare = ul_clang_bare_type(type);
        bool is_whole = child->steps > 1 || sets_whole(p->list->uses, child->value, bare);
        if (is_vector(bare) && clang_getCursorKind(child->value) != CXCursor_InitListExpr &&
            !is_vector(ul_clang_bare_type(clang_getCursorType(child->value))))
            hinder(p, "a vector is filled without braces");
        if (top->record) {
            ul_list_item *item = add_item(p, top, field, index);
            item->is_designated = is_designated;
            item->is_elided = !is_whole;
            look_into_union(p, item, bare, child->value);
        }
        if (is_whole)
            return;
        level made = level_of(p->list->uses, bare, index);
        if (p->depth == LEVELS_MAX || made.count == 0) {
            hinder(p, made.count == 0 ? "an empty member is passed over" : "it nests too deeply");
            return;
        }
        if (!made.record && !top->record && ul_used_record_of(p->list->uses, ul_clang_element_type(bare)))
            hinder(p, "an array of arrays of records is filled without braces");
        p->levels[p->depth++] = made;
        is_designated = false;
        if (!next_member(p, &type, &field))
            return;
    }
}

static void place(placing *p, uint32_t index)
{
    const ul_list_child *child = &p->list->children[index];
    CXType type = {.kind = CXType_Invalid};
    const char *field = "";
    if (p->is_deep && child->steps == 0)
        hinder(p, "a value goes on behind a designator of several steps");
    p->is_deep = child->steps > 1;
    bool is_found = child->steps ? go_to_designated(p, child, &type, &field) : next_member(p, &type, &field);
    if (!is_found || type.kind == CXType_Invalid) {
        hinder(p, "it has more values than there are fields");
        return;
    }
    fill(p, index, type, field, child->steps > 0);
    for (uint32_t i = 0; i < p->depth; i++) {
        level *open = &p->levels[i];
        open->last = index;
        if (i + 1 < p->depth && open->item_count)
            open->items[open->item_count - 1].last = index;
    }
}

/* `{0}` fits whatever comes first. */
static bool is_zero(const ul_list *list)
{
    if (list->child_count != 1 || clang_getCursorKind(list->children[0].cursor) != CXCursor_IntegerLiteral)
        return false;
    CXEvalResult result = clang_Cursor_Evaluate(list->children[0].cursor);
    bool zero = result && clang_EvalResult_getKind(result) == CXEval_Int && clang_EvalResult_getAsLongLong(result) == 0;
    if (result)
        clang_EvalResult_dispose(result);
    return zero;
}

/* Whether each value names the field that it sets, and sets it whole. */
static bool is_by_name(const ul_list *list, const level *own)
{
    for (uint32_t i = 0; i < list->child_count; i++) {
        if (list->children[i].steps == 0)
            return false;
    }
    for (uint32_t i = 0; i < own->item_count; i++) {
        if (own->items[i].is_elided)
            return false;
    }
    return true;
}

typedef struct step_telling {
    placing *p;
    const ul_used_record *own; /* of the list, which is told anyway */
} step_telling;

static enum CXChildVisitResult tell_step(CXCursor cursor, CXCursor parent, CXClientData data)
{
    const step_telling *telling = data;
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_MemberRef)
        return CXChildVisit_Continue;
    CXCursor holder = clang_getCursorSemanticParent(clang_getCursorReferenced(cursor));
    const ul_used_record *record = ul_used_record_of(telling->p->list->uses, clang_getCursorType(holder));
    if (record != telling->own && is_told(record) && find_text(telling->p) && !telling->p->list->macro)
        add_initializer(telling->p, record)->obstacle = "a value goes on behind a designator of several steps";
    return CXChildVisit_Continue;
}

/* Where a value follows designators of several steps, the order of each record on their way decides what it sets. */
static void tell_steps(placing *p, const ul_used_record *own)
{
    for (uint32_t i = 0; i + 1 < p->list->child_count; i++) {
        const ul_list_child *child = &p->list->children[i];
        if (child->steps > 1 && p->list->children[i + 1].steps == 0)
            clang_visitChildren(child->cursor, tell_step, &(step_telling){p, own});
    }
}

void ul_initializer_read(ul_use_reader *uses, ul_walk *walk, CXCursor cursor)
{
    (void)walk;
    CXType bare = ul_clang_bare_type(clang_getCursorType(cursor));
    const ul_used_record *element = ul_used_record_of(uses, ul_clang_element_type(bare));
    if (!element || !element->holds_wanted)
        return;
    ul_list list = {.uses = uses, .cursor = cursor};
    clang_visitChildren(cursor, keep_child, &list);
    if (list.child_count == 0 || is_zero(&list))
        return;
    placing p; /* not all of its levels are to be zeroed for each list */
    p.list = &list;
    p.arena = uses->reader->arena;
    p.is_deep = p.has_text = false;
    p.obstacle = NULL;
    p.levels[0] = level_of(uses, bare, 0);
    p.depth = 1;
    for (uint32_t i = 0; i < list.child_count; i++)
        place(&p, i);
    while (p.depth > 1)
        close_level(&p);
    const level *own = &p.levels[0];
    bool tells_own = is_told(own->record) && !is_by_name(&list, own);
    if (tells_own)
        tell(&p, own, true);
    if (p.obstacle)
        tell_steps(&p, tells_own ? own->record : NULL);
}
