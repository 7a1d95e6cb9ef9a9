/*
 * The census of a unit. At each reference to a field, a variable or a pointer parameter, touch.c says what is done; here it is
 * counted: by function, object, kind, loop depth and the locks held. Calls, functions named without a call and places where
 * records come to be are kept for the merge, which knows all units.
 */
#include "layout/parse/census.h"
#include "layout/parse/origins.h"

#include <stdlib.h>
#include <string.h>

enum { SIZE_TEXT_MAX = 60, DEPTH_COUNTED_MAX = 7 };

typedef struct known_function {
    char *key;
    bool returns_element; /* of an array, picked by: */
    ul_index_kind index;
    uint32_t index_parameter;
    UT_hash_handle hh;
} known_function;

struct ul_census_cache {
    known_function *functions; /* uthash */
};

typedef struct word_note {
    const char *text;
    ul_word word;
    UT_hash_handle hh;
} word_note;

/* What is known of a declaration: looked up for every reference to it. */
typedef struct declaration_note {
    const void *declaration;
    ul_word object;   /* key of the field's record, id of a variable or function; 0: not counted */
    ul_word field;
    uint32_t parameter;
    ul_call_verb verb; /* of a function */
    bool is_atomic;
    UT_hash_handle hh;
} declaration_note;

typedef struct tally_note {
    ul_tally tally; /* its count and line aside, the hash key */
    uint32_t index;
    UT_hash_handle hh;
} tally_note;

struct ul_census_reader {
    ul_reader *reader;
    ul_census_cache *cache;
    ul_census *out;
    word_note *words;                 /* uthash */
    declaration_note *declarations;   /* uthash */
    tally_note *tallies;              /* uthash, of the function being visited */
    uint32_t word_capacity, function_capacity, tally_capacity, call_capacity, mention_capacity, variable_capacity, instance_capacity,
        number_capacity;
    uint32_t function; /* index, UL_NO_FUNCTION outside */
    ul_held_locks held;
    ul_word held_word; /* of held.now */
    uint32_t origin_capacity;
    known_function *current;
    ul_origins origins;
};

ul_census_cache *ul_census_cache_new(void)
{
    return calloc(1, sizeof(ul_census_cache));
}

void ul_census_cache_free(ul_census_cache *cache)
{
    known_function *item, *next;
    if (!cache)
        return;
    HASH_ITER(hh, cache->functions, item, next)
    {
        HASH_DEL(cache->functions, item);
        free(item->key);
        free(item);
    }
    free(cache);
}

static ul_word word_of(ul_census_reader *census, const char *text)
{
    word_note *note = NULL;
    if (!text || !*text)
        return 0;
    HASH_FIND_STR(census->words, text, note);
    if (note)
        return note->word;
    ul_census *out = census->out;
    note = UL_NEW(census->reader->arena, word_note);
    note->text = ul_arena_strdup(census->reader->arena, text);
    UL_RESERVE(census->reader->arena, out->words, out->word_count, census->word_capacity);
    note->word = out->word_count;
    out->words[out->word_count++] = note->text;
    HASH_ADD_KEYPTR(hh, census->words, note->text, strlen(note->text), note);
    return note->word;
}

/* "<file>:<offset>" of the declaration, and its file. */
static const char *key_of(ul_census_reader *census, CXCursor declaration, const char **file)
{
    ul_clang_place place = ul_clang_cursor_place(declaration);
    const ul_source_file *source = ul_reader_file(census->reader, place.file);
    *file = source ? source->path : "<compiler>";
    return ul_arena_printf(census->reader->arena, "%s:%u", *file, place.offset);
}

/* What stands for a function or variable in all units: its name, or the place of its definition when only its unit sees it. */
static ul_word id_of(ul_census_reader *census, CXCursor declaration)
{
    const char *file, *name = ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena);
    if (clang_getCursorLinkage(declaration) == CXLinkage_External)
        return word_of(census, name);
    CXCursor definition = clang_getCursorDefinition(declaration);
    return word_of(census, key_of(census, clang_Cursor_isNull(definition) ? declaration : definition, &file));
}

/* The record that C names the field of: members of anonymous records are fields of the one around. */
static CXCursor record_of_field(CXCursor field)
{
    CXCursor record = clang_getCursorSemanticParent(field);
    for (int depth = 0; depth < 64 && clang_Cursor_isAnonymousRecordDecl(record); depth++)
        record = clang_getCursorSemanticParent(record);
    return record;
}

static const declaration_note *note_of(ul_census_reader *census, CXCursor declaration);

static void note_field(ul_census_reader *census, declaration_note *note, CXCursor field)
{
    CXCursor record = record_of_field(field);
    const char *name = ul_clang_text(clang_getCursorSpelling(field), census->reader->arena);
    CXType type = clang_getCursorType(field);
    enum CXCursorKind kind = clang_getCursorKind(record);
    note->is_atomic = ul_clang_element_type(type).kind == CXType_Atomic;
    if ((kind != CXCursor_StructDecl && kind != CXCursor_UnionDecl) || !name[0] || strchr(name, '(') ||
        clang_Location_isInSystemHeader(clang_getCursorLocation(record)))
        return;
    note->object = note_of(census, record)->object;
    note->field = word_of(census, name);
}

static void note_variable(ul_census_reader *census, declaration_note *note, CXCursor variable)
{
    bool is_static = clang_getCursorLinkage(variable) == CXLinkage_External || clang_getCursorLinkage(variable) == CXLinkage_Internal ||
                     clang_Cursor_getStorageClass(variable) == CX_SC_Static;
    note->is_atomic = ul_clang_element_type(clang_getCursorType(variable)).kind == CXType_Atomic;
    if (is_static && !clang_Location_isInSystemHeader(clang_getCursorLocation(variable)))
        note->object = id_of(census, variable);
}

/* A parameter counts for what it points to. */
static void note_parameter(ul_census_reader *census, declaration_note *note, CXCursor parameter)
{
    CXCursor function = clang_getCursorSemanticParent(parameter);
    int count = clang_Cursor_getNumArguments(function);
    (void)census;
    if (ul_clang_bare_type(clang_getCursorType(parameter)).kind != CXType_Pointer)
        return;
    for (int i = 0; i < count && i < 255; i++) {
        if (clang_equalCursors(clang_Cursor_getArgument(function, (unsigned)i), parameter)) {
            note->parameter = (uint32_t)i + 1;
            return;
        }
    }
}

static const declaration_note *note_of(ul_census_reader *census, CXCursor declaration)
{
    const void *key = declaration.data[0];
    declaration_note *note = NULL;
    HASH_FIND_PTR(census->declarations, &key, note);
    if (note)
        return note;
    note = UL_NEW(census->reader->arena, declaration_note);
    note->declaration = key;
    switch (clang_getCursorKind(declaration)) {
    case CXCursor_FieldDecl:
        note_field(census, note, declaration);
        break;
    case CXCursor_VarDecl:
        note_variable(census, note, declaration);
        break;
    case CXCursor_ParmDecl:
        note_parameter(census, note, declaration);
        break;
    case CXCursor_FunctionDecl:
        note->object = id_of(census, declaration);
        note->verb = ul_call_verb_of(ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena), census->reader->job->names);
        break;
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
        note->object = word_of(census, ul_reader_key(census->reader, declaration));
        break;
    default:
        break;
    }
    HASH_ADD_PTR(census->declarations, declaration, note);
    return note;
}

/* The names of the locks that are held, joined. */
static void refresh_held(ul_census_reader *census)
{
    const ul_held_set *now = &census->held.now;
    const char *text = "";
    for (uint32_t i = 0; i < now->count; i++)
        text = ul_arena_printf(census->reader->arena, "%s%s%s", text, i ? "|" : "", census->out->words[now->locks[i]]);
    census->held_word = word_of(census, text);
}

static uint32_t line_of(const ul_walk *walk)
{
    return ul_clang_cursor_place(ul_walk_frame(walk, 0)->cursor).line;
}

static void add_tally(ul_census_reader *census, const ul_walk *walk, ul_tally tally)
{
    ul_census *out = census->out;
    tally_note *note = NULL;
    HASH_FIND(hh, census->tallies, &tally, sizeof tally, note);
    if (!note) {
        note = UL_NEW(census->reader->arena, tally_note);
        memcpy(&note->tally, &tally, sizeof tally);
        note->index = out->tally_count;
        HASH_ADD(hh, census->tallies, tally, sizeof tally, note);
        UL_RESERVE(census->reader->arena, out->tallies, out->tally_count, census->tally_capacity);
        out->tallies[out->tally_count] = tally;
        out->tallies[out->tally_count++].line = line_of(walk);
    }
    out->tallies[note->index].count++;
}

/* The lock that is taken or released goes by its field, or by the variable. */
static void change_locks(ul_census_reader *census, const ul_walk *walk, const ul_tally *tally)
{
    const char *const *words = census->out->words;
    ul_word lock = tally->object;
    if (!tally->object)
        return; /* what a parameter points to has no name here */
    if (tally->field)
        lock = word_of(census, ul_arena_printf(census->reader->arena, "%s#%s", words[tally->object], words[tally->field]));
    if (tally->kind == UL_ACCESS_LOCK)
        ul_held_take(&census->held, walk, lock);
    else
        ul_held_give(&census->held, lock);
    refresh_held(census);
}

static void count_touch(ul_census_reader *census, const ul_walk *walk, const declaration_note *note, const ul_touch *touch)
{
    ul_tally tally;
    memset(&tally, 0, sizeof tally);
    tally.object = note->object;
    tally.field = note->field;
    tally.locks = census->held_word;
    tally.function = census->function;
    tally.kind = (uint8_t)touch->kind;
    tally.index = (uint8_t)touch->index;
    tally.flags = (uint8_t)touch->flags;
    tally.loop_depth = (uint8_t)(walk->loop_depth < DEPTH_COUNTED_MAX ? walk->loop_depth : DEPTH_COUNTED_MAX);
    tally.parameter = (uint8_t)(note->parameter ? note->parameter - 1 : touch->index_parameter < 255 ? touch->index_parameter : 255);
    if (touch->is_part && touch->size_bytes && touch->at_bytes < UINT32_MAX && touch->size_bytes < UINT32_MAX) {
        tally.at_bytes = (uint32_t)touch->at_bytes;
        tally.size_bytes = (uint32_t)touch->size_bytes;
    }
    if (note->is_atomic) {
        tally.flags |= UL_ACCESS_ATOMIC;
        if (tally.kind == UL_ACCESS_UPDATE)
            tally.kind = UL_ACCESS_RMW;
    }
    if (tally.kind == UL_ACCESS_ADDRESS && !clang_Cursor_isNull(touch->callee)) {
        CXCursor callee = clang_getCursorReferenced(touch->callee);
        if (clang_getCursorKind(callee) == CXCursor_FunctionDecl) {
            tally.callee = note_of(census, callee)->object;
            tally.argument = (uint8_t)(touch->argument < 255 ? touch->argument : 255);
        }
    }
    if (note->parameter && tally.kind == UL_ACCESS_ADDRESS && !tally.callee)
        return;
    add_tally(census, walk, tally);
    if (tally.kind == UL_ACCESS_LOCK || tally.kind == UL_ACCESS_UNLOCK)
        change_locks(census, walk, &tally);
}

static void see_member(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor field = clang_getCursorReferenced(ul_walk_frame(walk, 0)->cursor);
    ul_touch touch;
    if (clang_getCursorKind(field) != CXCursor_FieldDecl)
        return;
    const declaration_note *note = note_of(census, field);
    if (!note->object || !ul_touch_follow(&touch, walk, false, census))
        return;
    if (walk->loop_depth && ul_touch_walks(walk, census))
        touch.flags |= UL_ACCESS_WALKS;
    ul_origins_member(&touch, &census->origins, walk, census, note->object);
    count_touch(census, walk, note, &touch);
}

/* A parameter's value is loaded first: what is followed is that value, an address. */
static bool follow_parameter(ul_touch *touch, ul_walk *walk, ul_census_reader *census)
{
    uint32_t depth = walk->depth, up = 1;
    while (ul_walk_frame(walk, up) && ul_walk_frame(walk, up)->kind == CXCursor_ParenExpr)
        up++;
    if (!ul_walk_frame(walk, up) || ul_walk_frame(walk, up)->kind != CXCursor_UnexposedExpr)
        return false;
    walk->depth -= up; /* the load stands for the pointer */
    bool is_touched = ul_touch_follow(touch, walk, true, census);
    walk->depth = depth;
    return is_touched;
}

/* The call that has the reference among its arguments, below casts and `&`; *argument says which. */
static bool find_call(CXCursor *call, uint32_t *argument, bool *is_callee, const ul_walk *walk)
{
    for (uint32_t up = 0;; up++) {
        const ul_frame *child = ul_walk_frame(walk, up), *parent = ul_walk_frame(walk, up + 1);
        if (!parent)
            return false;
        if (parent->kind == CXCursor_CallExpr) {
            *call = parent->cursor;
            *is_callee = child->child == 0;
            *argument = child->child ? child->child - 1 : 0;
            return true;
        }
        if (parent->kind != CXCursor_UnexposedExpr && parent->kind != CXCursor_ParenExpr &&
            parent->kind != CXCursor_CStyleCastExpr && parent->kind != CXCursor_UnaryOperator)
            return false;
    }
}

static void add_mention(ul_census_reader *census, const ul_walk *walk, ul_mention mention)
{
    ul_census *out = census->out;
    mention.function = census->function;
    mention.line = line_of(walk);
    mention.loop_depth = walk->loop_depth;
    UL_RESERVE(census->reader->arena, out->mentions, out->mention_count, census->mention_capacity);
    out->mentions[out->mention_count++] = mention;
}

ul_call_verb ul_census_verb(ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? note_of(census, callee)->verb : UL_CALL_PLAIN;
}

static ul_word callee_id(ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? note_of(census, callee)->object : 0;
}

static void see_function_name(ul_census_reader *census, const ul_walk *walk, CXCursor function)
{
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false, has_call = find_call(&call, &argument, &is_callee, walk);
    if (has_call && is_callee)
        return;
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(function)))
        return;
    add_mention(census, walk,
                (ul_mention){.target = note_of(census, function)->object, .callee = has_call ? callee_id(census, call) : 0, .argument = argument});
}

static bool is_function_pointer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    if (bare.kind != CXType_Pointer)
        return false;
    CXType pointee = ul_clang_bare_type(clang_getPointeeType(bare));
    return pointee.kind == CXType_FunctionProto || pointee.kind == CXType_FunctionNoProto;
}

/* A parameter that is a function and goes on to another call: a wrapper of pthread_create() has one. */
static void see_function_parameter(ul_census_reader *census, const ul_walk *walk, const declaration_note *note)
{
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    if (find_call(&call, &argument, &is_callee, walk) && !is_callee)
        add_mention(census, walk, (ul_mention){.parameter = note->parameter - 1, .callee = callee_id(census, call), .argument = argument});
}

uint32_t ul_census_parameter(ul_census_reader *census, CXCursor parameter)
{
    return clang_getCursorKind(parameter) == CXCursor_ParmDecl ? note_of(census, parameter)->parameter : 0;
}

bool ul_census_is_number(ul_census_reader *census, CXCursor variable)
{
    return ul_origins_is_number(&census->origins, variable);
}

static ul_word pointee_word(ul_census_reader *census, CXType type);

/* A local pointer is set: by =, or by a call that gets its address. */
static void see_local(ul_census_reader *census, const ul_walk *walk, CXCursor variable)
{
    const ul_frame *frame = ul_walk_frame(walk, 0), *parent = ul_walk_frame(walk, 1);
    if (!parent || (parent->kind != CXCursor_BinaryOperator && parent->kind != CXCursor_UnaryOperator))
        return;
    CXType type = clang_getCursorType(variable);
    CXCursor call;
    uint32_t argument = 0;
    bool is_callee = false;
    bool is_set = parent->kind == CXCursor_BinaryOperator && frame->child == 0;
    enum CXTypeKind kind = ul_clang_bare_type(type).kind;
    if (is_set && kind >= CXType_UChar && kind <= CXType_Int128)
        ul_origins_number(&census->origins, walk, census, variable, ul_cursor_child(parent->cursor, 1));
    if (kind != CXType_Pointer)
        return;
    if (is_set)
        ul_origins_assign(&census->origins, walk, census, variable, ul_cursor_child(parent->cursor, 1), pointee_word(census, type));
    else if (parent->kind == CXCursor_UnaryOperator && find_call(&call, &argument, &is_callee, walk) && !is_callee)
        ul_origins_fill(&census->origins, census, variable, call, walk, pointee_word(census, type));
}

static void see_reference(ul_census_reader *census, ul_walk *walk)
{
    CXCursor target = clang_getCursorReferenced(ul_walk_frame(walk, 0)->cursor);
    ul_touch touch;
    switch (clang_getCursorKind(target)) {
    case CXCursor_FunctionDecl:
        see_function_name(census, walk, target);
        return;
    case CXCursor_VarDecl: {
        const declaration_note *note = note_of(census, target);
        if (!note->object)
            see_local(census, walk, target);
        else if (census->function != UL_NO_FUNCTION && ul_touch_follow(&touch, walk, false, census))
            count_touch(census, walk, note, &touch);
        return;
    }
    case CXCursor_ParmDecl: {
        const declaration_note *note = note_of(census, target);
        if (!note->parameter || census->function == UL_NO_FUNCTION)
            return;
        if (is_function_pointer(clang_getCursorType(target)))
            see_function_parameter(census, walk, note);
        else if (follow_parameter(&touch, walk, census))
            count_touch(census, walk, note, &touch);
        return;
    }
    default:
        return;
    }
}

/* Key of the record that `type` points to, or is; 0 for none, or one of the system's. */
static ul_word record_word(ul_census_reader *census, CXType type)
{
    CXType bare = ul_clang_element_type(type);
    if (bare.kind != CXType_Record)
        return 0;
    CXCursor declaration = clang_getTypeDeclaration(bare);
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)))
        return 0;
    CXCursor definition = clang_getCursorDefinition(declaration);
    return note_of(census, clang_Cursor_isNull(definition) ? declaration : definition)->object;
}

static ul_word pointee_word(ul_census_reader *census, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Pointer ? record_word(census, clang_getPointeeType(bare)) : 0;
}

static void add_instance(ul_census_reader *census, ul_instance instance)
{
    ul_census *out = census->out;
    instance.function = census->function;
    UL_RESERVE(census->reader->arena, out->instances, out->instance_count, census->instance_capacity);
    out->instances[out->instance_count++] = instance;
}

/* The text of a call's arguments, cut to size and with its blanks folded. */
static const char *arguments_text(ul_census_reader *census, CXCursor call)
{
    CXSourceRange extent = clang_getCursorExtent(call);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), end = ul_clang_place_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? clang_getFileContents(census->reader->unit, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, end.file) || end.offset > length || begin.offset >= end.offset)
        return "";
    char text[SIZE_TEXT_MAX + 1];
    uint32_t at = 0;
    const char *open = memchr(bytes + begin.offset, '(', end.offset - begin.offset);
    for (const char *c = open ? open + 1 : NULL; c && c < bytes + end.offset - 1 && at < SIZE_TEXT_MAX; c++) {
        bool is_blank = *c == ' ' || *c == '\n' || *c == '\t' || *c == '\r';
        if (!is_blank || (at && text[at - 1] != ' '))
            text[at++] = is_blank ? ' ' : *c;
    }
    text[at] = '\0';
    return ul_arena_strdup(census->reader->arena, text);
}

typedef struct sizeof_scan {
    ul_census_reader *census;
    ul_word record;
    bool is_array; /* something is multiplied with it, or two numbers are given */
} sizeof_scan;

static enum CXChildVisitResult find_sizeof(CXCursor cursor, CXCursor parent, CXClientData data)
{
    sizeof_scan *scan = data;
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_BinaryOperator)
        scan->is_array = true;
    if (kind != CXCursor_UnaryExpr)
        return CXChildVisit_Recurse;
    CXCursor operand = ul_cursor_child(cursor, 0);
    ul_word record = record_word(scan->census, clang_getCursorType(operand));
    if (record)
        scan->record = record;
    return CXChildVisit_Continue;
}

/* The record that an allocation is for: what its result is converted to, else what a sizeof among its arguments measures. */
static void see_allocation(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(call), census->reader->arena);
    CXType type = clang_getCursorType(call);
    ul_word record = pointee_word(census, type);
    for (uint32_t up = 1; !record; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (!frame || (frame->kind != CXCursor_UnexposedExpr && frame->kind != CXCursor_CStyleCastExpr && frame->kind != CXCursor_ParenExpr))
            break;
        record = pointee_word(census, clang_getCursorType(frame->cursor));
    }
    bool is_typed = record != 0;
    sizeof_scan scan = {.census = census};
    clang_visitChildren(call, find_sizeof, &scan);
    if (!record && verb == UL_CALL_ALLOCATE)
        record = scan.record;
    if (!record || (scan.record && scan.record != record))
        return; /* a header with something else behind it, or not an allocation of one */
    bool is_calloc = ul_name_has_word(name, "calloc") || ul_name_has_word(name, "reallocarray");
    CXCursor count = is_calloc ? ul_cursor_stripped(clang_Cursor_getArgument(call, 0)) : clang_getNullCursor();
    bool is_one = false;
    if (is_calloc && clang_getCursorKind(count) == CXCursor_IntegerLiteral) {
        CXEvalResult value = clang_Cursor_Evaluate(count);
        is_one = value && clang_EvalResult_getAsInt(value) == 1;
        clang_EvalResult_dispose(value);
    }
    bool is_array = (is_calloc && !is_one) || (!is_calloc && scan.is_array);
    const char *file;
    key_of(census, call, &file);
    add_instance(census, (ul_instance){.record = record,
                                       .size = word_of(census, arguments_text(census, call)),
                                       .callee = word_of(census, name),
                                       .file = word_of(census, file),
                                       .line = line_of(walk),
                                       .region = UL_REGION_HEAP,
                                       .count = is_array ? 0 : 1,
                                       .flags = (is_array ? UL_INSTANCE_ARRAY : 0u) | (verb == UL_CALL_ALLOCATE ? UL_INSTANCE_PLAIN_HEAP : 0u) |
                                                (is_typed ? UL_INSTANCE_TYPED : 0u)});
}

/* Whether the address is one of an element: &a[i], a + i. */
static bool is_element_address(CXCursor argument)
{
    CXCursor inner = ul_cursor_stripped(argument);
    while (clang_getCursorKind(inner) == CXCursor_CStyleCastExpr)
        inner = ul_cursor_stripped(ul_cursor_child(inner, ul_cursor_child_count(inner) - 1));
    if (clang_getCursorKind(inner) == CXCursor_BinaryOperator)
        return true;
    if (clang_getCursorKind(inner) != CXCursor_UnaryOperator)
        return false;
    return clang_getCursorKind(ul_cursor_stripped(ul_cursor_child(inner, 0))) == CXCursor_ArraySubscriptExpr;
}

/* Below casts to void*, which hide what is handed over. */
static CXType uncast_type(CXCursor argument)
{
    CXCursor inner = ul_cursor_stripped(argument);
    while (clang_getCursorKind(inner) == CXCursor_CStyleCastExpr)
        inner = ul_cursor_stripped(ul_cursor_child(inner, ul_cursor_child_count(inner) - 1));
    return clang_getCursorType(inner);
}

/* Records whose addresses are passed beside a function: handed to a thread when the callee starts one. */
static void see_handed(ul_census_reader *census, const ul_walk *walk, CXCursor call)
{
    int count = clang_Cursor_getNumArguments(call);
    bool has_function = false;
    for (int i = 0; i < count && !has_function; i++)
        has_function = is_function_pointer(clang_getCursorType(clang_Cursor_getArgument(call, (unsigned)i)));
    for (int i = 0; has_function && i < count; i++) {
        CXCursor argument = clang_Cursor_getArgument(call, (unsigned)i);
        CXType type = uncast_type(argument);
        ul_word record = pointee_word(census, type);
        const char *file;
        if (!record || is_function_pointer(type))
            continue;
        key_of(census, call, &file);
        add_instance(census, (ul_instance){.record = record,
                                           .callee = callee_id(census, call),
                                           .file = word_of(census, file),
                                           .line = line_of(walk),
                                           .region = UL_REGION_HANDED,
                                           .flags = is_element_address(argument) ? UL_INSTANCE_ELEMENT : 0});
    }
}

/* lock_pool(pool): some lock of what the argument points to; without a field it stands for any. */
static void see_object_lock(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb)
{
    int count = clang_Cursor_getNumArguments(call);
    if (count < 1)
        return;
    CXCursor argument = ul_cursor_stripped(clang_Cursor_getArgument(call, 0));
    if (clang_getCursorKind(argument) == CXCursor_UnaryOperator || clang_getCursorKind(argument) == CXCursor_MemberRefExpr)
        return; /* &p->lock: counted as an access of the field */
    ul_word record = pointee_word(census, clang_getCursorType(argument));
    if (!record)
        return;
    ul_word lock = word_of(census, ul_arena_printf(census->reader->arena, "%s#", census->out->words[record]));
    if (verb == UL_CALL_LOCK)
        ul_held_take(&census->held, walk, lock);
    else
        ul_held_give(&census->held, lock);
    refresh_held(census);
}

/* Arguments that are the number of a thread: the callee may index with it. */
static void see_numbers(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_word callee)
{
    ul_census *out = census->out;
    int count = clang_Cursor_getNumArguments(call);
    for (int i = 0; census->function != UL_NO_FUNCTION && i < count; i++) {
        uint32_t parameter;
        CXCursor argument = ul_cursor_stripped(clang_Cursor_getArgument(call, (unsigned)i));
        CXType type = ul_clang_bare_type(clang_getCursorType(argument));
        ul_index_kind kind = UL_INDEX_NONE;
        if (type.kind == CXType_Pointer ? !ul_origins_element(&kind, &parameter, &census->origins, walk, census, argument)
                                        : clang_getCursorKind(argument) != CXCursor_DeclRefExpr || type.kind < CXType_UChar || type.kind > CXType_Int128)
            continue;
        if (type.kind != CXType_Pointer)
            kind = ul_touch_index(&parameter, walk, census, argument);
        if (kind != UL_INDEX_THREAD && kind != UL_INDEX_ENTRY)
            continue;
        UL_RESERVE(census->reader->arena, out->numbers, out->number_count, census->number_capacity);
        out->numbers[out->number_count++] =
            (ul_number){.callee = callee, .argument = (uint32_t)i, .function = census->function, .index = kind};
    }
}

static void see_call(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor call = ul_walk_frame(walk, 0)->cursor;
    ul_census *out = census->out;
    ul_word callee = callee_id(census, call);
    if (census->function != UL_NO_FUNCTION) {
        UL_RESERVE(census->reader->arena, out->calls, out->call_count, census->call_capacity);
        out->calls[out->call_count++] = (ul_census_call){.callee = callee,
                                                         .locks = census->held_word,
                                                         .function = census->function,
                                                         .line = line_of(walk),
                                                         .loop_depth = walk->loop_depth};
    }
    if (!callee)
        return;
    see_numbers(census, walk, call, callee);
    ul_call_verb verb = ul_census_verb(census, call);
    if (verb == UL_CALL_ALLOCATE || verb == UL_CALL_ALLOCATE_ELSE)
        see_allocation(census, walk, call, verb);
    else if (verb == UL_CALL_LOCK || verb == UL_CALL_UNLOCK)
        see_object_lock(census, walk, call, verb);
    else
        see_handed(census, walk, call);
}

/* Whether the declarator's own attribute asks for a cache line: a number of at least 32, or a word that speaks of lines. */
static enum CXChildVisitResult see_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_census_reader *census = ((void **)data)[0];
    bool *is_on_line = ((void **)data)[1];
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_AlignedAttr)
        return CXChildVisit_Continue;
    CXToken *tokens = NULL;
    unsigned count = 0;
    clang_tokenize(census->reader->unit, clang_getCursorExtent(cursor), &tokens, &count);
    for (unsigned i = 0; i < count; i++) {
        const char *text = ul_clang_text(clang_getTokenSpelling(census->reader->unit, tokens[i]), census->reader->arena);
        unsigned long value = strtoul(text, NULL, 0);
        *is_on_line |= (value >= 32 && value <= 1024) || strcasestr(text, "cache");
    }
    clang_disposeTokens(census->reader->unit, tokens, count);
    return CXChildVisit_Continue;
}

/* `_Alignas(64) int x`: libclang gives the specifier no text of its own. */
static bool says_aligned(ul_census_reader *census, CXCursor variable)
{
    CXSourceRange extent = clang_getCursorExtent(variable);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), name = ul_clang_cursor_place(variable);
    size_t length = 0;
    const char *bytes = begin.file ? clang_getFileContents(census->reader->unit, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, name.file) || name.offset > length || begin.offset >= name.offset)
        return false;
    const char *head = ul_arena_strndup(census->reader->arena, bytes + begin.offset, name.offset - begin.offset);
    const char *word = strcasestr(head, "align");
    const char *open = word ? strchr(word, '(') : NULL;
    unsigned long value = open ? strtoul(open + 1, NULL, 0) : 0;
    return word && ((value >= 32 && value <= 1024) || strcasestr(word, "cache"));
}

static uint64_t element_count(CXType type)
{
    uint64_t count = 1;
    CXType bare = ul_clang_bare_type(type);
    while (is_function_pointer(bare) == false && bare.kind == CXType_ConstantArray) {
        long long extent = clang_getArraySize(bare);
        if (extent <= 0 || __builtin_mul_overflow(count, (uint64_t)extent, &count))
            return 0;
        bare = ul_clang_bare_type(clang_getArrayElementType(bare));
    }
    return bare.kind == CXType_IncompleteArray ? 0 : count;
}

static bool is_wanted(ul_census_reader *census, CXCursor cursor)
{
    const ul_source_file *file = ul_reader_file(census->reader, ul_clang_cursor_place(cursor).file);
    return file && (file->is_wanted || (census->reader->filter->wants_all && !file->is_excluded));
}

static void add_variable(ul_census_reader *census, CXCursor cursor, bool is_static_local)
{
    ul_census *out = census->out;
    ul_arena *arena = census->reader->arena;
    CXType type = clang_getCursorType(cursor), element = ul_clang_element_type(type);
    long long size = clang_Type_getSizeOf(type), element_size = clang_Type_getSizeOf(element);
    bool is_on_line = false;
    const char *file;
    key_of(census, cursor, &file);
    clang_visitChildren(cursor, see_attribute, (void *[]){census, &is_on_line});
    is_on_line = is_on_line || says_aligned(census, cursor);
    bool is_array = ul_clang_bare_type(type).kind == CXType_ConstantArray;
    bool is_const = clang_isConstQualifiedType(ul_clang_bare_type(type)) || clang_isConstQualifiedType(element);
    bool is_initialized = !clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(cursor));
    ul_clang_place place = ul_clang_cursor_place(cursor);
    const char *reason = "";
    uint32_t ignore_line = 0;
    const char *ignores = ul_reader_variable_ignores(&reason, &ignore_line, census->reader, cursor);
    UL_RESERVE(arena, out->variables, out->variable_count, census->variable_capacity);
    out->variables[out->variable_count] = (ul_variable){
        .id = note_of(census, cursor)->object,
        .name = word_of(census, ul_clang_text(clang_getCursorSpelling(cursor), arena)),
        .file = word_of(census, file),
        .type = word_of(census, ul_clang_type_text(type, arena)),
        .record = record_word(census, type),
        .line = place.line,
        .column = place.column,
        .flags = (is_const ? UL_VARIABLE_CONST : 0u) | (is_array ? UL_VARIABLE_ARRAY : 0u) |
                 (clang_getCursorTLSKind(cursor) != CXTLS_None ? UL_VARIABLE_THREAD_LOCAL : 0u) |
                 (is_initialized ? UL_VARIABLE_INITIALIZED : 0u) | (is_on_line ? UL_VARIABLE_ON_LINE : 0u) |
                 (is_wanted(census, cursor) ? UL_VARIABLE_WANTED : 0u) | (element.kind == CXType_Pointer ? UL_VARIABLE_POINTER : 0u) | (element.kind == CXType_Atomic ? UL_VARIABLE_ATOMIC : 0u) |
                 (is_static_local || clang_getCursorLinkage(cursor) == CXLinkage_Internal ? UL_VARIABLE_INTERNAL : 0u),
        .align_bytes = clang_Type_getAlignOf(type) > 0 ? (uint32_t)clang_Type_getAlignOf(type) : 1,
        .place = out->variable_count,
        .ignores = word_of(census, ignores),
        .ignore_reason = word_of(census, reason),
        .ignore_line = ignore_line,
        .size_bytes = size > 0 ? (uint64_t)size : 0,
        .element_bytes = element_size > 0 ? (uint64_t)element_size : 0,
        .count = element_count(type),
    };
    out->variable_count++;
}

static void see_variable(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor cursor = ul_walk_frame(walk, 0)->cursor;
    enum CX_StorageClass storage = clang_Cursor_getStorageClass(cursor);
    bool is_local = census->function != UL_NO_FUNCTION;
    bool is_static_local = is_local && storage == CX_SC_Static;
    CXType type = clang_getCursorType(cursor);
    if (storage == CX_SC_Extern || clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
        return;
    if (!is_local || is_static_local) {
        add_variable(census, cursor, is_static_local);
        return;
    }
    CXCursor value = clang_Cursor_getVarDeclInitializer(cursor);
    if (ul_clang_bare_type(type).kind == CXType_Pointer && !clang_Cursor_isNull(value))
        ul_origins_assign(&census->origins, walk, census, cursor, value, pointee_word(census, type));
    ul_word record = record_word(census, type);
    if (!record)
        return;
    bool is_array = ul_clang_bare_type(type).kind == CXType_ConstantArray || ul_clang_bare_type(type).kind == CXType_VariableArray;
    const char *file;
    key_of(census, cursor, &file);
    add_instance(census, (ul_instance){.record = record,
                                       .size = word_of(census, ul_clang_text(clang_getCursorSpelling(cursor), census->reader->arena)),
                                       .file = word_of(census, file),
                                       .line = line_of(walk),
                                       .region = UL_REGION_STACK,
                                       .count = element_count(type),
                                       .flags = is_array ? UL_INSTANCE_ARRAY : 0});
}

/* `(int argc, char **argv, ...)` */
static bool is_command(CXCursor function)
{
    if (clang_Cursor_getNumArguments(function) < 2)
        return false;
    CXString spelling = clang_getCursorSpelling(clang_Cursor_getArgument(function, 1));
    const char *name = clang_getCString(spelling);
    bool is_argv = name && strcmp(name, "argv") == 0;
    clang_disposeString(spelling);
    return is_argv && clang_getCursorType(clang_Cursor_getArgument(function, 0)).kind == CXType_Int;
}

/* A function's definition begins: false when this worker has counted it before. */
static bool begin_function(ul_census_reader *census, CXCursor function)
{
    ul_census *out = census->out;
    const char *file, *key = key_of(census, function, &file);
    known_function *known = NULL;
    if (clang_getCursorLinkage(function) == CXLinkage_Invalid)
        return false;
    HASH_FIND_STR(census->cache->functions, key, known);
    if (known)
        return false;
    known = calloc(1, sizeof *known);
    if (!known || !(known->key = strdup(key)))
        census->reader->arena->oom(sizeof *known);
    HASH_ADD_KEYPTR(hh, census->cache->functions, known->key, strlen(known->key), known);
    census->current = known;
    UL_RESERVE(census->reader->arena, out->functions, out->function_count, census->function_capacity);
    census->function = out->function_count++;
    out->functions[census->function] = (ul_census_function){
        .id = note_of(census, function)->object,
        .key = word_of(census, key),
        .name = word_of(census, ul_clang_text(clang_getCursorSpelling(function), census->reader->arena)),
        .file = word_of(census, file),
        .line = ul_clang_cursor_place(function).line,
        .flags = (clang_getCursorLinkage(function) == CXLinkage_Internal ? UL_FUNCTION_INTERNAL : 0u) |
                 (is_command(function) ? UL_FUNCTION_COMMAND : 0u),
    };
    HASH_CLEAR(hh, census->tallies);
    ul_held_reset(&census->held);
    ul_origins_reset(&census->origins, out->words[out->functions[census->function].name]);
    census->held_word = 0;
    return true;
}

/* return &states[id]; what it gives is one element of an array. */
static void see_return(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor value = ul_cursor_child(ul_walk_frame(walk, 0)->cursor, 0);
    ul_index_kind index;
    uint32_t parameter;
    if (clang_Cursor_isNull(value) || ul_clang_bare_type(clang_getCursorType(value)).kind != CXType_Pointer ||
        !ul_origins_element(&index, &parameter, &census->origins, walk, census, value))
        return;
    census->current->returns_element = true;
    census->current->index = index;
    census->current->index_parameter = parameter;
}

bool ul_census_returns_element(ul_index_kind *index, uint32_t *parameter, ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    CXCursor definition = clang_getCursorDefinition(callee);
    known_function *known = NULL;
    const char *file;
    if (clang_getCursorKind(callee) != CXCursor_FunctionDecl || clang_Cursor_isNull(definition))
        return false;
    const char *key = key_of(census, definition, &file);
    HASH_FIND_STR(census->cache->functions, key, known);
    if (!known || !known->returns_element)
        return false;
    *index = known->index;
    *parameter = known->index_parameter;
    return true;
}

static void add_origin(ul_census_reader *census, ul_origin source)
{
    ul_census *out = census->out;
    source.function = census->function;
    UL_RESERVE(census->reader->arena, out->origins, out->origin_count, census->origin_capacity);
    out->origins[out->origin_count++] = source;
}

static bool enter(void *context, ul_walk *walk)
{
    ul_census_reader *census = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (frame->is_function && census->function == UL_NO_FUNCTION)
        return begin_function(census, frame->cursor);
    if (census->function != UL_NO_FUNCTION && ul_held_enter(&census->held, walk))
        refresh_held(census);
    switch (frame->kind) {
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
    case CXCursor_EnumDecl:
    case CXCursor_TypedefDecl:
        return walk->depth > 1; /* they touch nothing */
    case CXCursor_MemberRefExpr:
        if (census->function != UL_NO_FUNCTION)
            see_member(census, walk);
        break;
    case CXCursor_DeclRefExpr:
        see_reference(census, walk);
        break;
    case CXCursor_CallExpr:
        see_call(census, walk);
        break;
    case CXCursor_VarDecl:
        see_variable(census, walk);
        break;
    case CXCursor_ReturnStmt:
        if (census->function != UL_NO_FUNCTION)
            see_return(census, walk);
        break;
    default:
        break;
    }
    return true;
}

static void leave(void *context, ul_walk *walk)
{
    ul_census_reader *census = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (census->function != UL_NO_FUNCTION && ul_held_leave(&census->held, walk))
        refresh_held(census);
    if (frame->kind != CXCursor_FunctionDecl || walk->depth != 1 || census->function == UL_NO_FUNCTION)
        return;
    ul_origins_tell(&census->origins, census, add_origin);
    census->function = UL_NO_FUNCTION;
}

ul_census_reader *ul_census_reader_begin(ul_reader *reader, ul_census_cache *cache)
{
    ul_census_reader *census = UL_NEW(reader->arena, ul_census_reader);
    census->reader = reader;
    census->cache = cache;
    census->out = UL_NEW(reader->arena, ul_census);
    census->function = UL_NO_FUNCTION;
    UL_RESERVE(reader->arena, census->out->words, census->out->word_count, census->word_capacity);
    census->out->words[census->out->word_count++] = "";
    return census;
}

ul_observer ul_census_observer(ul_census_reader *census)
{
    return (ul_observer){.enter = enter, .leave = leave, .context = census, .seconds = &census->reader->result->census_seconds};
}

void ul_census_reader_end(ul_census_reader *census)
{
    HASH_CLEAR(hh, census->words);
    HASH_CLEAR(hh, census->declarations);
    HASH_CLEAR(hh, census->tallies);
    ul_origins_reset(&census->origins, "");
    census->reader->result->census = census->out;
}
