/*
 * Inlets. A conversion to a pointer to a record is judged by what is converted, below casts:
 *  1. a pointer to the same record, or its address: none, since that was made elsewhere;
 *  2. both arms of `?:`; a null pointer or a small number, which is a mark: none;
 *  3. a call of malloc() or of what aligns memory: that; of another function: what it returns, a place;
 *  4. a void pointer that a variable or parameter holds: its place, into which flow, by the same rules, all values that it is ever
 *     given in any function. A place whose address is taken, or whose function is called through a pointer, holds anything;
 *  5. all else: unknown.
 * Pointers to such pointers may be made of fresh memory, and handed to what does not write through them; else they let in anything.
 */
#include "layout/parse/inlets.h"

#include <stdio.h>
#include <string.h>

#include "layout/parse/memory_sizes.h"

enum { SENTINELS_MAX = 65535, DEEP_MAX = 32, TEXT_MAX = 60 };

typedef struct inlet_place {
    ul_census_reader *census;
    CXCursor at;     /* names file and line */
    ul_word sink;
    uint32_t depth;  /* ul_shape.depth of the sink; 0 for a place */
} inlet_place;

static void judge(const inlet_place *into, CXCursor value, uint32_t deep);

static const char *text_of(const inlet_place *into, CXCursor cursor)
{
    const char *text = ul_expression_text(&into->census->look, cursor);
    if (strlen(text) <= TEXT_MAX && strcmp(text, "...") != 0)
        return text;
    CXCursor inner = ul_expression_uncast(into->census->reader, cursor);
    const char *name = clang_getCursorKind(inner) == CXCursor_CallExpr ? ul_clang_text(clang_getCursorSpelling(inner), into->census->reader->arena) : "";
    return *name && strlen(name) < TEXT_MAX ? ul_arena_printf(into->census->reader->arena, "%s(...)", name) : "...";
}

static void add(const inlet_place *into, ul_inlet row)
{
    ul_census_reader *census = into->census;
    ul_census *out = census->out;
    ul_clang_place place = ul_clang_cursor_place(into->at);
    const ul_source_file *source = ul_reader_file(census->reader, place.file);
    row.sink = into->sink;
    row.file = ul_census_word_of(census, source ? source->path : "<compiler>");
    row.line = place.line;
    UL_RESERVE(census->reader->arena, out->inlets, out->inlet_count, census->inlet_capacity);
    out->inlets[out->inlet_count++] = row;
}

static void add_unknown(const inlet_place *into, const char *text)
{
    add(into, (ul_inlet){.kind = UL_INLET_UNKNOWN, .text = ul_census_word_of(into->census, text)});
}

static ul_word word_of(ul_census_reader *census, ul_word id, const char *format, uint32_t number)
{
    char tail[16];
    snprintf(tail, sizeof tail, format, number);
    return ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s%s", census->out->words[id], tail));
}

static bool holds_void(ul_census_reader *census, CXType type)
{
    return ul_shape_of(census, type)->is_void_pointer && ul_clang_bare_type(type).kind == CXType_Pointer;
}

/* The place that a variable or a parameter is; 0: it does not count. */
static ul_word place_of(ul_census_reader *census, CXCursor target)
{
    if (clang_getCursorKind(target) == CXCursor_ParmDecl) {
        uint32_t parameter = ul_census_parameter(census, target);
        CXCursor function = clang_getCursorSemanticParent(target);
        return parameter && clang_getCursorKind(function) == CXCursor_FunctionDecl ? word_of(census, ul_census_note(census, function)->object, "@%u", parameter - 1) : 0;
    }
    ul_word id = ul_census_note(census, target)->object;
    return word_of(census, id ? id : ul_census_word_of(census, ul_reader_place_key(census->reader, target)), "=", 0);
}

static void judge_reference(const inlet_place *into, CXCursor reference)
{
    CXCursor target = clang_getCursorReferenced(reference);
    enum CXCursorKind kind = clang_getCursorKind(target);
    ul_word place = (kind == CXCursor_VarDecl || kind == CXCursor_ParmDecl) && holds_void(into->census, clang_getCursorType(target)) ? place_of(into->census, target) : 0;
    if (place && into->depth < 2)
        add(into, (ul_inlet){.kind = UL_INLET_PLACE, .source = place, .text = ul_census_word_of(into->census, text_of(into, reference))});
    else
        add_unknown(into, text_of(into, reference));
}

/* Memory that `call` makes, where it is known which; false for any other call. */
static bool judge_memory(const inlet_place *into, CXCursor call, CXCursor callee)
{
    ul_memory_size size;
    const char *name = ul_clang_text(clang_getCursorSpelling(callee), into->census->reader->arena);
    if (!clang_Cursor_isNull(clang_getCursorDefinition(callee))) /* a project's own of that name */
        return false;
    if (!ul_memory_size_of(&size, into->census, call, name))
        return false;
    if (into->depth < 2) /* room for pointers: none is in it yet */
        add(into, (ul_inlet){.kind = size.is_aligned ? UL_INLET_ALIGNED : UL_INLET_HEAP,
                             .source = size.record,
                             .text = ul_census_word_of(into->census, name),
                             .align_bytes = size.align_bytes});
    return true;
}

/* The function that a constant pointer points to, or what was given. */
static CXCursor function_in(ul_census_reader *census, CXCursor callee)
{
    if (clang_getCursorKind(callee) != CXCursor_VarDecl || !clang_isConstQualifiedType(ul_clang_bare_type(clang_getCursorType(callee))))
        return callee;
    CXCursor value = clang_Cursor_getVarDeclInitializer(callee);
    CXCursor target = clang_Cursor_isNull(value) ? value : clang_getCursorReferenced(ul_expression_strip(&census->look, value));
    return clang_getCursorKind(target) == CXCursor_FunctionDecl ? target : callee;
}

static void judge_call(const inlet_place *into, CXCursor call)
{
    CXCursor callee = function_in(into->census, clang_getCursorReferenced(call));
    if (clang_getCursorKind(callee) == CXCursor_FunctionDecl && judge_memory(into, call, callee))
        return;
    if (clang_getCursorKind(callee) != CXCursor_FunctionDecl || clang_Location_isInSystemHeader(clang_getCursorLocation(callee)) ||
        !holds_void(into->census, clang_getCursorType(call)) || into->depth == 2) {
        add_unknown(into, text_of(into, call));
        return;
    }
    add(into, (ul_inlet){.kind = UL_INLET_PLACE,
                         .source = word_of(into->census, ul_census_note(into->census, callee)->object, "()", 0),
                         .text = ul_census_word_of(into->census, text_of(into, call))});
}

static bool is_mark(CXCursor cursor)
{
    long long value;
    return ul_expression_value(cursor, &value) && value <= SENTINELS_MAX && value >= -SENTINELS_MAX;
}

/* What the pointer below is to, when it is to a record: true when that settles it. */
static bool judge_pointer(const inlet_place *into, CXCursor value)
{
    ul_shape shape = *ul_shape_of(into->census, clang_getCursorType(value));
    if (!shape.depth)
        return false;
    if (into->depth)
        return shape.record == into->sink && shape.depth == into->depth;
    if (shape.depth == 1)
        add(into, (ul_inlet){.kind = UL_INLET_RECORD, .source = shape.record});
    return shape.depth == 1;
}

static void judge(const inlet_place *into, CXCursor value, uint32_t deep)
{
    enum CXCursorKind kind;
    for (;; deep++) {
        kind = clang_getCursorKind(value);
        if (judge_pointer(into, value))
            return;
        bool is_wrapping = kind == CXCursor_UnexposedExpr || kind == CXCursor_ParenExpr || kind == CXCursor_CStyleCastExpr;
        ul_operands operands = is_wrapping ? ul_operands_of(&into->census->look, value) : (ul_operands){.count = 0};
        if (operands.count != 1 || deep > DEEP_MAX)
            break;
        value = operands.items[0];
    }
    if (kind == CXCursor_CallExpr) {
        judge_call(into, value);
    } else if (kind == CXCursor_DeclRefExpr) {
        judge_reference(into, value);
    } else if (kind == CXCursor_ConditionalOperator && deep < DEEP_MAX) {
        ul_operands arms = ul_operands_of(&into->census->look, value);
        for (uint32_t i = 1; i < 3 && arms.count == 3; i++)
            judge(into, arms.items[i], deep + 1);
        if (arms.count != 3)
            add_unknown(into, text_of(into, value));
    } else if (kind != CXCursor_GNUNullExpr && !is_mark(value)) {
        add_unknown(into, text_of(into, value));
    }
}

/* --- Conversions. --- */

static bool is_named(CXCursor call, const char *const *names, ul_arena *arena)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(call), arena);
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* A pointer to pointers goes where its type is lost: whoever gets it may set them. */
static void see_loss(ul_census_reader *census, const ul_walk *walk, ul_word record, CXCursor cast)
{
    static const char *const harmless[] = {"free", "qsort", "bsearch", "memset", "bzero", "realloc", "reallocarray", NULL};
    static const char *const copies[] = {"memcpy", "memmove", NULL};
    const inlet_place into = {census, cast, record, 1};
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    ul_memory_size size;
    bool has_call = ul_census_find_call(&call, &argument, &is_callee, walk) && !is_callee && argument == 0;
    if (has_call && is_named(call, harmless, census->reader->arena))
        return;
    if (has_call && is_named(call, copies, census->reader->arena) && ul_expression_points_to(census, clang_Cursor_getArgument(call, 1), record, 2))
        return;
    if (has_call && ul_memory_size_of(&size, census, call, "posix_memalign") && is_named(call, (const char *const[]){"posix_memalign", NULL}, census->reader->arena))
        add(&into, (ul_inlet){.kind = UL_INLET_ALIGNED, .source = size.record, .text = ul_census_word_of(census, "posix_memalign"), .align_bytes = size.align_bytes});
    else
        add_unknown(&into, text_of(&into, cast));
}

/* What the thread gets that starts at the function being visited: the argument behind it. False when no thread starts there. */
static bool find_thread_argument(CXCursor *value, ul_census_reader *census, const ul_walk *walk)
{
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    if (!ul_census_find_call(&call, &argument, &is_callee, walk) || is_callee || ul_census_verb(census, call) != UL_CALL_START_THREAD)
        return false;
    *value = clang_Cursor_getArgument(call, argument + 1);
    return !clang_Cursor_isNull(*value);
}

/* A function is taken for one of another type: what its callers pass is not what its parameters say. */
static void see_function_cast(ul_census_reader *census, const ul_walk *walk, CXCursor cast, CXType from, CXType to)
{
    CXType types[] = {ul_clang_bare_type(clang_getPointeeType(ul_clang_bare_type(from))), ul_clang_bare_type(clang_getPointeeType(ul_clang_bare_type(to)))};
    CXCursor value;
    bool is_thread = find_thread_argument(&value, census, walk);
    for (int i = 0; i < clang_getNumArgTypes(types[0]); i++) {
        ul_shape shape = *ul_shape_of(census, clang_getArgType(types[0], (unsigned)i));
        const inlet_place into = {census, cast, shape.record, shape.depth};
        if (shape.depth && is_thread && i == 0)
            judge(&into, value, 0);
        else if (shape.depth)
            add_unknown(&into, text_of(&into, cast));
    }
    ul_shape result = *ul_shape_of(census, clang_getResultType(types[1]));
    if (result.depth)
        add_unknown(&(inlet_place){census, cast, result.record, result.depth}, text_of(&(inlet_place){.census = census}, cast));
}

void ul_inlets_see_cast(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor cast = ul_walk_frame(walk, 0)->cursor;
    CXType type = ul_walk_type(walk, 0);
    ul_shape to = *ul_shape_of(census, type);
    if (!to.is_pointer && clang_getCursorKind(cast) != CXCursor_CStyleCastExpr)
        return;
    ul_operands operands = ul_operands_of(&census->look, cast);
    if (operands.count != 1)
        return; /* an atomic operation: typed */
    CXType source = ul_walk_operand_type(walk, operands.items[0]);
    if (source.data[0] == type.data[0])
        return;
    ul_shape from = *ul_shape_of(census, source);
    if (to.depth && (from.depth != to.depth || from.record != to.record))
        judge(&(inlet_place){census, cast, to.record, to.depth}, operands.items[0], 0);
    if (from.depth == 2 && (to.depth != 2 || from.record != to.record) && !to.is_const && type.kind != CXType_Void)
        see_loss(census, walk, from.record, cast);
    if (to.is_function_pointer && from.is_function_pointer && !clang_equalTypes(ul_clang_bare_type(source), ul_clang_bare_type(type)))
        see_function_cast(census, walk, cast, source, type);
}

/* --- Calls, returns, names. --- */

/* `give()`, typed as a function that gives a pointer to a record, and what it may set on the way. */
static void see_typed_call(ul_census_reader *census, CXCursor call, CXCursor callee)
{
    ul_shape result = *ul_shape_of(census, clang_getCursorType(call));
    bool is_function = clang_getCursorKind(callee) == CXCursor_FunctionDecl;
    inlet_place into = {census, call, result.record, result.depth};
    if (result.depth && !is_function)
        add_unknown(&into, text_of(&into, call));
    if (!is_function || !clang_Cursor_isNull(clang_getCursorDefinition(callee)))
        return;
    const char *name = ul_clang_text(clang_getCursorSpelling(callee), census->reader->arena);
    if (strncmp(name, "__sync_", 7) == 0 || strncmp(name, "__atomic_", 9) == 0 || strncmp(name, "__c11_atomic_", 13) == 0)
        return;
    const ul_inlet row = {.kind = UL_INLET_CALL, .source = ul_census_note(census, callee)->object, .text = ul_census_word_of(census, name)};
    if (result.depth)
        add(&into, row);
    for (int i = 0; i < clang_Cursor_getNumArguments(callee); i++) {
        ul_shape shape = *ul_shape_of(census, clang_getCursorType(clang_Cursor_getArgument(callee, (unsigned)i)));
        into.sink = shape.record;
        if (shape.depth == 2 && !shape.is_const)
            add(&into, row);
    }
}

void ul_inlets_see_call(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor call = ul_walk_frame(walk, 0)->cursor, callee = clang_getCursorReferenced(call);
    bool is_function = clang_getCursorKind(callee) == CXCursor_FunctionDecl;
    bool is_open = is_function && clang_getCursorType(callee).kind == CXType_FunctionNoProto; /* f(): it may have any parameters */
    if (is_function && clang_Location_isInSystemHeader(clang_getCursorLocation(callee)))
        return;
    see_typed_call(census, call, callee);
    for (int i = 0; is_function && i < clang_Cursor_getNumArguments(call) && (is_open || i < clang_Cursor_getNumArguments(callee)); i++) {
        if (!is_open && !holds_void(census, clang_getCursorType(clang_Cursor_getArgument(callee, (unsigned)i))))
            continue;
        const inlet_place into = {census, call, word_of(census, ul_census_note(census, callee)->object, "@%u", (uint32_t)i), 0};
        judge(&into, clang_Cursor_getArgument(call, (unsigned)i), 0);
    }
}

void ul_inlets_see_return(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor at = ul_walk_frame(walk, 0)->cursor;
    ul_operands operands = ul_operands_of(&census->look, at);
    if (operands.count != 1 || !holds_void(census, clang_getCursorType(operands.items[0])) || census->function == UL_NO_FUNCTION)
        return;
    judge(&(inlet_place){census, at, word_of(census, census->out->functions[census->function].id, "()", 0), 0}, operands.items[0], 0);
}

void ul_inlets_see_mention(ul_census_reader *census, const ul_walk *walk, CXCursor function)
{
    CXCursor at = ul_walk_frame(walk, 0)->cursor, value;
    bool is_thread = find_thread_argument(&value, census, walk);
    for (int i = 0; i < clang_Cursor_getNumArguments(function); i++) {
        if (!holds_void(census, clang_getCursorType(clang_Cursor_getArgument(function, (unsigned)i))))
            continue;
        const inlet_place into = {census, at, word_of(census, ul_census_note(census, function)->object, "@%u", (uint32_t)i), 0};
        if (is_thread && i == 0)
            judge(&into, value, 0);
        else
            add_unknown(&into, ul_arena_printf(census->reader->arena, "%s() through a pointer", ul_clang_text(clang_getCursorSpelling(function), census->reader->arena)));
    }
}

void ul_inlets_see_place(ul_census_reader *census, const ul_walk *walk, CXCursor target)
{
    CXCursor at = ul_walk_frame(walk, 0)->cursor;
    CXType type = clang_getCursorType(target);
    uint32_t up = 1;
    while (ul_walk_frame(walk, up) && ul_walk_frame(walk, up)->kind == CXCursor_ParenExpr)
        up++;
    const ul_frame *parent = ul_walk_frame(walk, up);
    ul_shape shape = *ul_shape_of(census, type);
    if (shape.depth && clang_getCursorLinkage(target) == CXLinkage_External && clang_Cursor_isNull(clang_getCursorDefinition(target)))
        add(&(inlet_place){census, at, shape.record, shape.depth},
            (ul_inlet){.kind = UL_INLET_EXTERN, .source = ul_census_note(census, target)->object, .text = ul_census_word_of(census, text_of(&(inlet_place){.census = census}, at))});
    if (!shape.is_void_pointer || !holds_void(census, type) || !parent || parent->kind == CXCursor_UnexposedExpr || parent->kind == CXCursor_CStyleCastExpr ||
        parent->kind == CXCursor_UnaryExpr)
        return;
    const inlet_place into = {census, at, place_of(census, target), 0};
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    ul_memory_size size;
    if (!into.sink)
        return;
    if (parent->kind == CXCursor_BinaryOperator && ul_walk_frame(walk, up - 1)->child == 0)
        judge(&into, ul_expression_operand(census->reader, parent->cursor, 1), 0);
    else if (ul_census_find_call(&call, &argument, &is_callee, walk) && argument == 0 && is_named(call, (const char *const[]){"posix_memalign", NULL}, census->reader->arena) &&
             ul_memory_size_of(&size, census, call, "posix_memalign"))
        add(&into, (ul_inlet){.kind = UL_INLET_ALIGNED, .source = size.record, .text = ul_census_word_of(census, "posix_memalign"), .align_bytes = size.align_bytes});
    else
        add_unknown(&into, ul_arena_printf(census->reader->arena, "&%s", text_of(&into, at)));
}

void ul_inlets_see_variable(ul_census_reader *census, CXCursor variable)
{
    CXCursor value = clang_Cursor_getVarDeclInitializer(variable);
    if (clang_Cursor_isNull(value) || !holds_void(census, clang_getCursorType(variable)))
        return;
    judge(&(inlet_place){census, variable, place_of(census, variable), 0}, value, 0);
}

static bool is_in_union(CXCursor field)
{
    CXCursor around = clang_getCursorSemanticParent(field);
    bool is_union = clang_getCursorKind(around) == CXCursor_UnionDecl;
    for (int deep = 0; deep < DEEP_MAX && !is_union && clang_Cursor_isAnonymousRecordDecl(around); deep++) {
        around = clang_getCursorSemanticParent(around);
        is_union = clang_getCursorKind(around) == CXCursor_UnionDecl;
    }
    return is_union;
}

void ul_inlets_see_field(ul_census_reader *census, CXCursor field, ul_word record)
{
    CXType type = clang_getCursorType(field);
    ul_shape shape = *ul_shape_of(census, type);
    inlet_place into = {census, field, shape.record, shape.depth};
    const char *name = ul_clang_text(clang_getCursorSpelling(field), census->reader->arena);
    if (!record)
        return;
    bool is_union = is_in_union(field);
    ul_word held = shape.depth == 2 || shape.is_pointer ? 0 : ul_census_record(census, type);
    if (shape.depth == 1 && ul_clang_element_type(type).kind == CXType_Record)
        held = shape.record; /* an array */
    if (held) {
        into.sink = held;
        add_unknown(&into, ul_arena_printf(census->reader->arena, "%s of another record", name));
        into.sink = ul_census_word_of(census, UL_INLET_UNIONS);
        if (is_union)
            add(&into, (ul_inlet){.kind = UL_INLET_RECORD, .source = held});
    } else if (shape.depth && is_union) {
        add_unknown(&into, ul_arena_printf(census->reader->arena, "%s of a union", name));
    } else if (shape.depth) {
        add(&into, (ul_inlet){.kind = UL_INLET_FIELD, .source = record, .text = ul_census_word_of(census, name)});
    }
}

static enum CXChildVisitResult see_output(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_census_reader *census = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    ul_shape shape = *ul_shape_of(census, clang_getCursorType(cursor));
    const inlet_place into = {census, parent, shape.record, shape.depth};
    if (shape.depth && kind != CXCursor_UnexposedExpr && kind != CXCursor_CStyleCastExpr)
        add_unknown(&into, text_of(&into, cursor));
    return CXChildVisit_Continue;
}

void ul_inlets_see_assembly(ul_census_reader *census, const ul_walk *walk)
{
    clang_visitChildren(ul_walk_frame(walk, 0)->cursor, see_output, census);
}
