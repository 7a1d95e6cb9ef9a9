/*
 * What is harmless is listed, all else is a passage:
 *  - a pointer to the record becomes another type: for free(), for what libc only looks at, for a comparison;
 *  - another becomes a pointer to the record: from an allocation, from null, from a field of the record (container_of);
 *  - a function gets or returns one: when the unit defines it.
 * An object that begins another one may be freed as that, and what a union holds may be read as something else.
 */
#include "layout/parse/passages.h"
#include "layout/parse/lists.h"

#include <string.h>

#include "layout/parse/libc_calls.h"

/* A record that is allocated by itself and linked, or holds pointers: the others no advice is about. */
typedef struct record_note {
    const void *declaration;
    const char *key; /* NULL: none of those */
    CXCursor cursor; /* its definition */
    bool is_node;
    UT_hash_handle hh;
} record_note;

/* What a type is to this reader: looked up for every conversion. */
typedef struct type_note {
    const void *type;
    const record_note *record; /* that it is, points to, or points to a pointer to; or NULL */
    uint32_t depth;            /* of pointers before the record */
    bool is_const;             /* the record is not changed through it */
    UT_hash_handle hh;
} type_note;

typedef struct row_key {
    const char *record; /* one text for each record */
    const void *callee; /* its declaration, or a hash of its text */
    uint32_t kind, unused;
} row_key;

typedef struct row_note {
    row_key key;
    UT_hash_handle hh;
} row_note;

struct ul_passage_reader {
    ul_use_reader uses; /* for expressions: its reader only */
    ul_allocation_reader *allocations;
    record_note *records; /* uthash */
    type_note *types;     /* uthash */
    type_note *recent[UL_RECENT_COUNT];
    row_note *seen;       /* uthash */
    ul_passage *rows;
    uint32_t count, capacity;
    bool is_partial; /* some function was not understood: what it does is not known */
    bool is_marked; /* the function around the walk does something with nodes */
};

enum { POINTERS_MIN = 3 };

static enum CXVisitorResult count_pointer(CXCursor field, CXClientData data)
{
    uint32_t *count = data;
    *count += ul_is_pointer(ul_clang_bare_type(ul_clang_element_type(clang_getCursorType(field))));
    return CXVisit_Continue;
}

static const record_note *note_record(ul_passage_reader *passages, CXType bare)
{
    CXCursor definition = clang_getCursorDefinition(clang_getTypeDeclaration(bare));
    const void *key = definition.data[0];
    record_note *note = NULL;
    uint32_t pointers = 0;
    if (clang_Cursor_isNull(definition) || clang_Location_isInSystemHeader(clang_getCursorLocation(definition)))
        return NULL;
    HASH_FIND_PTR(passages->records, &key, note);
    if (note)
        return note->key ? note : NULL;
    note = UL_NEW(passages->uses.reader->arena, record_note);
    note->declaration = key;
    note->cursor = definition;
    HASH_ADD_PTR(passages->records, declaration, note);
    clang_Type_visitFields(bare, count_pointer, &pointers);
    note->is_node = ul_is_node(passages->allocations, bare);
    if (pointers >= POINTERS_MIN || note->is_node)
        note->key = ul_reader_key(passages->uses.reader, definition);
    return note->key ? note : NULL;
}

static const type_note *note_type(ul_passage_reader *passages, CXType type)
{
    const void *key = type.data[0];
    type_note **recent = &passages->recent[ul_recent_of(key)], *note = *recent;
    if (note && note->type == key)
        return note;
    HASH_FIND_PTR(passages->types, &key, note);
    if (note)
        return *recent = note;
    *recent = note = UL_NEW(passages->uses.reader->arena, type_note);
    note->type = key;
    HASH_ADD_PTR(passages->types, type, note);
    CXType bare = ul_clang_bare_type(type);
    for (CXType inner = ul_pointee(bare); inner.kind != CXType_Invalid; inner = ul_pointee(bare)) { /* arrays become pointers without changing what is pointed to */
        note->depth++;
        bare = inner;
    }
    note->is_const = clang_isConstQualifiedType(bare) != 0;
    note->record = bare.kind == CXType_Record ? note_record(passages, bare) : NULL;
    return note;
}

static void add_text_row(ul_passage_reader *passages, const record_note *record, ul_passage_kind kind, CXCursor at, const void *callee, const char *text)
{
    ul_arena *arena = passages->uses.reader->arena;
    row_key key = {.record = record->key, .callee = callee, .kind = (uint32_t)kind};
    row_note *seen = NULL;
    HASH_FIND(hh, passages->seen, &key, sizeof key, seen);
    ul_clang_place place = ul_clang_cursor_place(at);
    const ul_source_file *file = seen ? NULL : ul_reader_file(passages->uses.reader, place.file);
    if (!file)
        return;
    seen = UL_NEW(arena, row_note);
    seen->key = key;
    HASH_ADD(hh, passages->seen, key, sizeof key, seen);
    UL_RESERVE(arena, passages->rows, passages->count, passages->capacity);
    passages->rows[passages->count++] = (ul_passage){.record = record->key, .callee = text, .file = file->path, .line = place.line, .kind = (uint32_t)kind};
}

static void add_row(ul_passage_reader *passages, const record_note *record, ul_passage_kind kind, CXCursor at, CXCursor callee)
{
    const char *name = clang_Cursor_isNull(callee) ? "" : ul_clang_text(clang_getCursorSpelling(callee), passages->uses.reader->arena);
    add_text_row(passages, record, kind, at, clang_getCanonicalCursor(callee).data[0], name);
}

/* FNV-1a. */
static uintptr_t hash_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    while (*text)
        hash = (hash ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
    return (uintptr_t)hash;
}

/* What lists.c tells. */
static void tell_list(void *context, ul_passage_kind kind, CXType pointer, CXCursor at, const char *callee)
{
    const type_note *note = note_type(context, pointer);
    if (note->record)
        add_text_row(context, note->record, kind, at, (const void *)hash_of(callee), callee);
}

static CXCursor callee_of(CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? callee : clang_getNullCursor();
}

/* Whether the function, of libc, only looks at what it is given, or the like of free() takes it back. */
static bool is_harmless_call(ul_passage_reader *passages, CXCursor call, bool *copies)
{
    static const char *const copying[] = {"memcpy", "memmove", "mempcpy", "bcopy", NULL};
    CXCursor callee = callee_of(call);
    ul_lending lending;
    if (clang_Cursor_isNull(callee))
        return false;
    if (ul_allocation_verb(passages->allocations, call) == UL_MEMORY_FREE)
        return true;
    CXString spelling = clang_getCursorSpelling(callee);
    const char *name = clang_getCString(spelling);
    bool is_lent = name && ul_libc_lends(&lending, callee, UINT32_MAX);
    for (const char *const *one = copying; *one && is_lent; one++)
        *copies |= strstr(name, *one) != NULL;
    clang_disposeString(spelling);
    return is_lent;
}

/* Whether null, an allocation, what libc hands back of its argument, or the record around a field. */
static bool is_known_source(ul_passage_reader *passages, CXCursor operand)
{
    CXCursor source = ul_expression_strip(&passages->uses, operand);
    long long value;
    bool copies = false;
    if (ul_expression_value(source, &value))
        return value == 0;
    if (clang_getCursorKind(source) == CXCursor_CallExpr) {
        ul_memory_verb verb = ul_allocation_verb(passages->allocations, source);
        return verb == UL_MEMORY_MALLOC || verb == UL_MEMORY_CALLOC || is_harmless_call(passages, source, &copies);
    }
    return (ul_expression_content(&passages->uses, source, NULL) & UL_HOLDS_OFFSETOF) != 0;
}

/* The whole record is copied: whoever holds one of its pointers now holds it twice. */
static enum CXVisitorResult copy_field(CXCursor field, CXClientData data);

typedef struct copying {
    ul_passage_reader *passages;
    CXCursor at;
} copying;

static void add_copy(copying *c, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    const record_note *record = bare.kind == CXType_Record ? note_record(c->passages, bare) : NULL;
    if (record)
        add_row(c->passages, record, UL_PASSAGE_COPIED, c->at, clang_getNullCursor());
    if (bare.kind == CXType_Record)
        clang_Type_visitFields(bare, copy_field, c);
}

static enum CXVisitorResult copy_field(CXCursor field, CXClientData data)
{
    copying *c = data;
    CXType type = ul_clang_element_type(clang_getCursorType(field));
    const type_note *held = note_type(c->passages, type);
    if (held->depth && held->record && held->record->is_node) /* two records keep one list */
        add_row(c->passages, held->record, UL_PASSAGE_MOVED, c->at, clang_getNullCursor());
    add_copy(c, type);
    return CXVisit_Continue;
}

/* What becomes of the value of a conversion to another type; *copies is set when libc copies what it points to. */
static bool is_harmless_use(ul_passage_reader *passages, const ul_walk *walk, bool *copies)
{
    for (uint32_t up = 1;; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (!frame)
            return false;
        switch (frame->kind) {
        case CXCursor_ParenExpr:
        case CXCursor_UnexposedExpr:
            continue;
        case CXCursor_CStyleCastExpr:
            if (ul_clang_bare_type(clang_getCursorType(frame->cursor)).kind == CXType_Void)
                return true;
            continue;
        case CXCursor_BinaryOperator: /* compared; an assignment has a pointer's type */
            return ul_clang_bare_type(clang_getCursorType(frame->cursor)).kind == CXType_Int;
        case CXCursor_CallExpr:
            return is_harmless_call(passages, frame->cursor, copies);
        default:
            return false;
        }
    }
}

/* memcpy() of records that keep nodes copies what keeps them. */
static void see_bytes(ul_passage_reader *passages, const ul_walk *walk, CXCursor operand)
{
    CXType pointee = ul_pointee(clang_getCursorType(operand));
    bool copies = false;
    if (pointee.kind == CXType_Record && is_harmless_use(passages, walk, &copies) && copies)
        clang_Type_visitFields(pointee, copy_field, &(copying){passages, operand});
}

static void see_conversion(ul_passage_reader *passages, const ul_walk *walk)
{
    CXCursor cast = ul_walk_frame(walk, 0)->cursor, operand = clang_getNullCursor();
    const ul_operands *operands = ul_walk_operands(passages->uses.reader, cast);
    if (operands && operands->count == 1)
        operand = operands->items[0];
    else
        operand = ul_cursor_last_child(cast);
    CXType type = ul_walk_type(walk, 0), source = ul_walk_operand_type(walk, operand);
    const type_note *to = note_type(passages, type), *from = source.data[0] == type.data[0] ? to : note_type(passages, source);
    bool copies = false;
    if (!to->depth && ul_clang_bare_type(type).kind == CXType_Record)
        add_copy(&(copying){passages, cast}, type);
    if (from->depth == 1 && ul_pointee(type).kind == CXType_Void)
        see_bytes(passages, walk, operand);
    if (to->record == from->record && to->depth == from->depth)
        return;
    if (from->record && from->depth && ul_clang_bare_type(type).kind != CXType_Void && ul_clang_bare_type(type).kind != CXType_Bool &&
        !is_harmless_use(passages, walk, &copies))
        add_row(passages, from->record, UL_PASSAGE_CONVERTED, cast, clang_getNullCursor());
    if (copies && from->depth == 1)
        add_row(passages, from->record, UL_PASSAGE_COPIED, cast, clang_getNullCursor());
    if (to->record && to->depth && !is_known_source(passages, operand))
        add_row(passages, to->record, UL_PASSAGE_CONVERTED, cast, clang_getNullCursor());
}

/* `&big->node` of a node that `big` begins with: free() of it gives back `big`. An array there gives its address by its name. */
static bool is_address(const ul_walk *walk, CXType type)
{
    const ul_frame *above = ul_walk_frame(walk, 1);
    for (uint32_t up = 2; above && above->kind == CXCursor_ParenExpr; up++)
        above = ul_walk_frame(walk, up);
    return ul_clang_bare_type(type).kind != CXType_Record || (above && above->kind == CXCursor_UnaryOperator);
}

static void see_member(ul_passage_reader *passages, const ul_walk *walk)
{
    CXCursor member = ul_walk_frame(walk, 0)->cursor, field = clang_getCursorReferenced(member);
    if (clang_getCursorKind(field) != CXCursor_FieldDecl)
        return;
    CXType type = clang_getCursorType(field), element = ul_clang_element_type(type);
    const type_note *of = note_type(passages, element);
    if (!of->record)
        return;
    bool is_in_union = clang_getCursorKind(clang_getCursorSemanticParent(field)) == CXCursor_UnionDecl;
    if (of->depth ? is_in_union : clang_Cursor_getOffsetOfField(field) == 0 && is_address(walk, type))
        add_row(passages, of->record, UL_PASSAGE_CONVERTED, member, clang_getNullCursor());
}

static void mark(ul_passage_reader *passages, const type_note *note)
{
    passages->is_marked |= note->record && note->depth && note->record->is_node;
}

static bool is_reachable(const type_note *note)
{
    return note->record && note->depth && !note->is_const;
}

/* What a function that is not in the unit gets and returns, and one that is picked as the program runs. */
static void see_call(ul_passage_reader *passages, CXCursor call)
{
    CXCursor callee = callee_of(call);
    int count = clang_Cursor_getNumArguments(call), named = clang_Cursor_isNull(callee) ? count : clang_Cursor_getNumArguments(callee);
    bool is_here = !clang_Cursor_isNull(callee) && !clang_Cursor_isNull(clang_getCursorDefinition(callee)), copies;
    for (int i = 0; i < count; i++) {
        const type_note *note = note_type(passages, clang_getCursorType(clang_Cursor_getArgument(call, (unsigned)i)));
        mark(passages, note);
        if (!is_reachable(note) || (is_here && i < named) || is_harmless_call(passages, call, &copies))
            continue;
        add_row(passages, note->record, i < named ? UL_PASSAGE_CALL : UL_PASSAGE_CONVERTED, call, callee);
    }
    const type_note *result = note_type(passages, clang_getCursorType(call));
    if (!is_here && is_reachable(result))
        add_row(passages, result->record, UL_PASSAGE_CALL, call, callee);
}

static void see_exported(ul_passage_reader *passages, CXCursor function)
{
    CXType type = clang_getCursorType(function);
    if (clang_getCursorLinkage(function) != CXLinkage_External)
        return;
    for (int i = -1; i < clang_getNumArgTypes(type); i++) {
        const type_note *note = note_type(passages, i < 0 ? clang_getResultType(type) : clang_getArgType(type, (unsigned)i));
        if (is_reachable(note))
            add_row(passages, note->record, UL_PASSAGE_EXPORTED, function, function);
    }
}

static void see_function(ul_passage_reader *passages, CXCursor function)
{
    see_exported(passages, function);
    passages->is_partial |= !ul_allocation_is_understood(passages->allocations, function);
}

static void read_lists(ul_passage_reader *passages)
{
    ul_list_events events = {passages, tell_list};
    if (!passages->is_marked)
        return;
    const ul_function_tree *tree = ul_allocation_tree_left(passages->allocations);
    passages->is_partial |= !tree->is_whole;
    ul_lists_read(&events, passages->allocations, tree);
}

static bool enter(void *context, ul_walk *walk)
{
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (walk->depth > 1)
        return true;
    ((ul_passage_reader *)context)->is_marked = false;
    if (frame->is_function)
        see_function(context, frame->cursor);
    return frame->is_function || frame->kind == CXCursor_VarDecl;
}

static void leave(void *context, ul_walk *walk)
{
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (frame->kind == CXCursor_UnexposedExpr || frame->kind == CXCursor_CStyleCastExpr)
        see_conversion(context, walk);
    else if (frame->kind == CXCursor_CallExpr)
        see_call(context, frame->cursor);
    else if (frame->kind == CXCursor_MemberRefExpr)
        see_member(context, walk);
    else if (frame->kind == CXCursor_BinaryOperator || frame->kind == CXCursor_InitListExpr)
        mark(context, note_type(context, ul_walk_type(walk, 0)));
    else if (walk->depth == 1 && frame->is_function)
        read_lists(context);
}

ul_passage_reader *ul_passage_reader_begin(ul_reader *reader, ul_allocation_reader *allocations)
{
    ul_passage_reader *passages = UL_NEW(reader->arena, ul_passage_reader);
    passages->uses.reader = reader;
    passages->allocations = allocations;
    return passages;
}

ul_observer ul_passage_observer(ul_passage_reader *passages)
{
    return (ul_observer){.enter = enter, .leave = leave, .context = passages};
}

/* Of no record that the unit uses all is known. */
static void tell_partial(ul_passage_reader *passages)
{
    record_note *record, *next;
    HASH_ITER(hh, passages->records, record, next)
    {
        if (record->key)
            add_text_row(passages, record, UL_PASSAGE_CONVERTED, record->cursor, passages, "");
    }
}

void ul_passage_reader_end(ul_passage_reader *passages)
{
    if (passages->is_partial)
        tell_partial(passages);
    HASH_CLEAR(hh, passages->uses.records);
    HASH_CLEAR(hh, passages->uses.types);
    HASH_CLEAR(hh, passages->records);
    HASH_CLEAR(hh, passages->types);
    HASH_CLEAR(hh, passages->seen);
    ul_allocations *out = &passages->uses.reader->result->allocations;
    out->passages = passages->rows;
    out->passage_count = passages->count;
}
