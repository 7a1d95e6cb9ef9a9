/*
 * 1. During the walk: a call of a function that takes or gives back memory marks the function around it.
 * 2. When the walk leaves a marked function its body is read as a tree, and each such call becomes a row.
 */
#include "layout/parse/allocation_reader.h"

#include <string.h>

#include "layout/parse/call_names.h"
#include "layout/parse/chains.h"
#include "layout/parse/file_scans.h"
#include "layout/parse/growth.h"
#include "layout/parse/libc_calls.h"
#include "layout/parse/lists.h"
#include "layout/parse/pointer_uses.h"

/* A body that is being read. */
typedef struct body {
    ul_allocation_reader *reader;
    const ul_function_tree *tree;
    const char *function, *function_key;
    const ul_source_file *file;
} body;

ul_memory_verb ul_allocation_verb(ul_allocation_reader *allocations, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    const void *key = callee.data[0];
    verb_note *note = NULL;
    if (clang_getCursorKind(callee) != CXCursor_FunctionDecl)
        return UL_MEMORY_NONE;
    HASH_FIND_PTR(allocations->verbs, &key, note);
    if (!note) {
        note = UL_NEW(allocations->uses.reader->arena, verb_note);
        *note = (verb_note){.declaration = key, .verb = ul_memory_verb_of(callee)};
        HASH_ADD_PTR(allocations->verbs, declaration, note);
    }
    return note->verb;
}

static void note_errors(ul_allocation_reader *reader)
{
    CXTranslationUnit unit = reader->uses.reader->unit;
    for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            UL_RESERVE(reader->uses.reader->arena, reader->errors, reader->error_count, reader->error_capacity);
            reader->errors[reader->error_count++] = ul_clang_place_of(clang_getDiagnosticLocation(diagnostic));
        }
        clang_disposeDiagnostic(diagnostic);
    }
}

bool ul_allocation_is_understood(const ul_allocation_reader *reader, CXCursor function)
{
    if (!reader->error_count)
        return true;
    CXSourceRange extent = clang_getCursorExtent(function);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(extent)), end = ul_clang_place_of(clang_getRangeEnd(extent));
    for (uint32_t i = 0; i < reader->error_count; i++) {
        const ul_clang_place *error = &reader->errors[i];
        if (error->file && clang_File_isEqual(error->file, begin.file) && error->offset >= begin.offset && error->offset <= end.offset)
            return false;
    }
    return true;
}

bool ul_allocation_tree(ul_allocation_reader *reader, ul_function_tree *tree, CXCursor function)
{
    if (!ul_allocation_is_understood(reader, function))
        return false;
    ul_function_tree_read(tree, &reader->uses, function);
    return tree->is_whole;
}

const ul_function_tree *ul_allocation_tree_left(const ul_allocation_reader *allocations)
{
    return &allocations->tree;
}

static ul_arena *arena_of(const body *b)
{
    return b->reader->uses.reader->arena;
}

static const char *name_of(const body *b, CXCursor cursor)
{
    return ul_clang_text(clang_getCursorSpelling(cursor), arena_of(b));
}

/* The key of the record that a type is, NULL for none. */
static const char *record_key(const body *b, CXType type)
{
    CXCursor record = clang_getCursorDefinition(clang_getTypeDeclaration(ul_clang_bare_type(type)));
    enum CXCursorKind kind = clang_getCursorKind(record);
    return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl ? ul_reader_key(b->reader->uses.reader, record) : NULL;
}

/* The field that an lvalue names, and the record around it. */
static void set_owner(const body *b, uint32_t lvalue, const char **owner, const char **field)
{
    uint32_t node = ul_tree_strip(b->tree, lvalue);
    if (b->tree->nodes[node].kind != CXCursor_MemberRefExpr)
        return;
    CXCursor declaration = ul_tree_declaration(b->tree, node);
    if (clang_getCursorKind(declaration) != CXCursor_FieldDecl)
        return;
    *owner = record_key(b, clang_getCursorType(clang_getCursorSemanticParent(declaration)));
    *field = *owner ? name_of(b, declaration) : NULL;
}

/* Where the result of a call goes: an lvalue, or the declaration of a variable; UL_NO_NODE when it goes elsewhere. */
static uint32_t receiver_of(const ul_function_tree *tree, uint32_t call)
{
    uint32_t node = call;
    for (;;) {
        uint32_t parent = tree->nodes[node].parent;
        if (parent == UL_NO_NODE)
            return UL_NO_NODE;
        switch (tree->nodes[parent].kind) {
        case CXCursor_ParenExpr:
        case CXCursor_UnexposedExpr:
        case CXCursor_CStyleCastExpr:
            node = parent;
            break;
        case CXCursor_VarDecl:
            return parent;
        case CXCursor_BinaryOperator:
            return tree->nodes[node].child == 1 && ul_tree_is_assignment(tree, parent) ? ul_tree_strip(tree, ul_tree_child(tree, parent, 0)) : UL_NO_NODE;
        default:
            return UL_NO_NODE;
        }
    }
}

/* The variable of the function that an lvalue or a declaration is; false for any other. */
static bool is_local(const body *b, uint32_t receiver, CXCursor *variable)
{
    const ul_node *node = &b->tree->nodes[receiver];
    *variable = node->kind == CXCursor_DeclRefExpr ? ul_tree_declaration(b->tree, receiver) : node->cursor;
    return ul_cursor_is_local(*variable);
}

static void set_uses(const body *b, ul_allocation *row, uint32_t call, uint32_t receiver, bool is_of_file)
{
    CXCursor variable;
    ul_pointer_uses uses = {.items = NULL};
    if (row->verb == UL_MEMORY_REALLOC || !is_local(b, receiver, &variable))
        return;
    ul_pointer_uses_read(&uses, b->reader, b->tree, variable, call);
    row->flags |= UL_ALLOCATION_LOCAL | (uses.retyped.kind == CXType_Invalid ? 0u : UL_ALLOCATION_RETYPED);
    if (is_of_file && ul_file_is_scanned(b->reader, b->tree, variable, call))
        row->flags |= UL_ALLOCATION_FORWARD;
    if (row->flags & UL_ALLOCATION_LISTED && ul_chain_is_looked_up(b->tree, call, variable))
        row->flags |= UL_ALLOCATION_CHAINED;
    row->uses = uses.items;
    row->use_count = uses.count;
}

static void set_type(const body *b, ul_allocation *row, CXType pointee)
{
    if (pointee.kind == CXType_Invalid || pointee.kind == CXType_Void)
        return;
    row->type = ul_clang_type_text(pointee, arena_of(b));
    row->record = record_key(b, pointee);
    long long size = clang_Type_getSizeOf(pointee);
    if (size > 0 && row->size_bytes == (uint64_t)size)
        row->flags |= UL_ALLOCATION_ONE;
    if (ul_is_node(b->reader, pointee))
        row->flags |= UL_ALLOCATION_LISTED;
}

/* `return malloc(n)`, `add(list, malloc(n))`: what the call is converted to tells what is taken. */
static CXType converted_type(const body *b, uint32_t call)
{
    uint32_t node = call, parent = b->tree->nodes[call].parent;
    for (; parent != UL_NO_NODE; parent = b->tree->nodes[node].parent) {
        enum CXCursorKind kind = b->tree->nodes[parent].kind;
        if (kind != CXCursor_ParenExpr && kind != CXCursor_UnexposedExpr && kind != CXCursor_CStyleCastExpr)
            break;
        node = parent;
    }
    return ul_pointee(clang_getCursorType(b->tree->nodes[node].cursor));
}

static void set_receiver(const body *b, ul_allocation *row, uint32_t receiver)
{
    const ul_node *node = &b->tree->nodes[receiver];
    bool is_variable = node->kind == CXCursor_VarDecl;
    row->receiver = is_variable ? name_of(b, node->cursor) : ul_tree_text(b->tree, receiver);
    set_type(b, row, ul_pointee(clang_getCursorType(node->cursor)));
    if (!is_variable)
        set_owner(b, receiver, &row->owner, &row->field);
}

static bool is_of_bytes(const body *b, uint32_t receiver)
{
    return receiver != UL_NO_NODE && ul_is_character(ul_pointee(clang_getCursorType(b->tree->nodes[receiver].cursor)));
}

/* *is_of_file: it is the size of a file. */
static void set_size(bool *is_of_file, const body *b, ul_allocation *row, uint32_t call, uint32_t receiver, CXCursor callee)
{
    const ul_function_tree *tree = b->tree;
    int size_argument, count_argument = ul_memory_count_argument(callee, row->verb, &size_argument);
    uint32_t size = ul_tree_argument(tree, call, (uint32_t)size_argument);
    uint32_t count = count_argument >= 0 ? ul_tree_argument(tree, call, (uint32_t)count_argument) : UL_NO_NODE, counter;
    long long bytes = 0, times = 1;
    if (size == UL_NO_NODE || (row->verb == UL_MEMORY_COPY))
        return;
    row->size = ul_tree_text(tree, size);
    *is_of_file = ul_size_is_of_file(tree, size) || (count != UL_NO_NODE && ul_size_is_of_file(tree, count));
    if (ul_expression_value(tree->nodes[size].cursor, &bytes) && bytes > 0 &&
        (count == UL_NO_NODE || (ul_expression_value(tree->nodes[count].cursor, &times) && times > 0 && times < (1 << 20))))
        row->size_bytes = (uint64_t)bytes * (uint64_t)times;
    if (row->verb == UL_MEMORY_REALLOC && ul_growth_steps(&counter, &row->step, tree, call, size, count, is_of_bytes(b, receiver))) {
        row->flags |= UL_ALLOCATION_STEPS;
        row->counter = ul_tree_text(tree, counter);
    }
}

/* Whether the function returns what the call gives, as that is or copied into: `return malloc(n)`, `return memcpy(malloc(n), from, n)`. */
static bool is_handed_on(const ul_function_tree *tree, uint32_t call)
{
    ul_lending lending;
    for (uint32_t node = call; tree->nodes[node].parent != UL_NO_NODE; node = tree->nodes[node].parent) {
        uint32_t parent = tree->nodes[node].parent, child = tree->nodes[node].child;
        switch ((int)tree->nodes[parent].kind) {
        case CXCursor_ReturnStmt:
            return true;
        case CXCursor_ParenExpr:
        case CXCursor_UnexposedExpr:
        case CXCursor_CStyleCastExpr:
            break;
        case CXCursor_ConditionalOperator:
            if (child == 0)
                return false;
            break;
        case CXCursor_CallExpr:
            if (child == 0 || !ul_libc_lends(&lending, ul_tree_callee(tree, parent), child - 1) || !lending.returns)
                return false;
            break;
        default:
            return false;
        }
    }
    return false;
}

static void add_allocation(const body *b, uint32_t call, ul_memory_verb verb)
{
    const ul_node *node = &b->tree->nodes[call];
    ul_allocation_reader *reader = b->reader;
    CXCursor callee = ul_tree_callee(b->tree, call);
    ul_clang_place place = ul_clang_cursor_place(node->cursor);
    const ul_source_file *file = ul_reader_file(reader->uses.reader, place.file);
    if (!file)
        return;
    ul_allocation row = {.function = b->function,
                         .function_key = b->function_key,
                         .file = file->path,
                         .callee = name_of(b, callee),
                         .receiver = "",
                         .type = "",
                         .size = "",
                         .verb = verb,
                         .line = place.line,
                         .column = place.column,
                         .loop_depth = node->loop_depth,
                         .branch_depth = node->branch_depth,
                         .flags = file->is_wanted && !file->is_excluded ? UL_ALLOCATION_WANTED : 0u};
    uint32_t receiver = receiver_of(b->tree, call);
    if (is_handed_on(b->tree, call))
        row.flags |= UL_ALLOCATION_HANDED;
    bool is_of_file = false;
    set_size(&is_of_file, b, &row, call, receiver, callee);
    if (receiver != UL_NO_NODE) {
        set_receiver(b, &row, receiver);
        set_uses(b, &row, call, receiver, is_of_file);
    } else {
        set_type(b, &row, converted_type(b, call));
    }
    UL_RESERVE(arena_of(b), reader->out.items, reader->out.count, reader->capacity);
    reader->out.items[reader->out.count++] = row;
}

static bool is_link(const ul_function_tree *tree, uint32_t node, CXType pointer)
{
    return tree->nodes[node].kind == CXCursor_MemberRefExpr && clang_equalTypes(clang_getCanonicalType(clang_getCursorType(tree->nodes[node].cursor)), pointer);
}

/*
 * Whether a node of a list or tree is freed with each turn of a loop that goes on to the next: the loop sets the variable, follows a link of
 * its type, and neither ends early nor asks whether to free.
 */
static bool is_list_walk(const ul_function_tree *tree, uint32_t call, uint32_t given)
{
    uint32_t loop = ul_tree_loop(tree, call), at;
    bool is_set = false, has_link = false;
    if (loop == UL_NO_NODE || tree->nodes[given].kind != CXCursor_DeclRefExpr || tree->nodes[call].branch_depth != tree->nodes[loop].branch_depth)
        return false;
    CXCursor variable = ul_tree_declaration(tree, given);
    CXType pointer = clang_getCanonicalType(clang_getCursorType(variable));
    for (uint32_t i = loop + 1; i < tree->nodes[loop].end; i++) {
        enum CXCursorKind kind = tree->nodes[i].kind;
        if (kind == CXCursor_BreakStmt || kind == CXCursor_ReturnStmt || kind == CXCursor_GotoStmt || kind == CXCursor_ContinueStmt)
            return false;
        has_link |= is_link(tree, i, pointer);
        is_set |= kind == CXCursor_VarDecl && clang_equalCursors(tree->nodes[i].cursor, variable);
        is_set |= kind == CXCursor_DeclRefExpr && ul_tree_change(&at, tree, i) == UL_CHANGE_SET && clang_equalCursors(ul_tree_declaration(tree, i), variable);
    }
    return is_set && has_link;
}

static void add_release(const body *b, uint32_t call)
{
    const ul_node *node = &b->tree->nodes[call];
    ul_allocation_reader *reader = b->reader;
    ul_clang_place place = ul_clang_cursor_place(node->cursor);
    const ul_source_file *file = ul_reader_file(reader->uses.reader, place.file);
    uint32_t argument = ul_tree_argument(b->tree, call, 0);
    if (!file || argument == UL_NO_NODE)
        return;
    uint32_t given = ul_tree_strip(b->tree, argument);
    ul_release row = {.function = b->function,
                      .function_key = b->function_key,
                      .file = file->path,
                      .callee = name_of(b, ul_tree_callee(b->tree, call)),
                      .given = ul_tree_text(b->tree, given),
                      .line = place.line,
                      .column = place.column,
                      .loop_depth = node->loop_depth,
                      .also = "",
                      .is_walk = is_list_walk(b->tree, call, given),
                      .condition = ul_release_condition(b->tree, call, given)};
    if (row.is_walk) {
        row.begin = ul_list_walk_begin(reader, b->tree, call, given);
        row.also = ul_list_walk_also(b->tree, call);
    }
    CXType pointee = ul_pointee(clang_getCursorType(b->tree->nodes[given].cursor));
    row.record = pointee.kind == CXType_Record ? record_key(b, pointee) : NULL;
    set_owner(b, given, &row.owner, &row.field);
    UL_RESERVE(arena_of(b), reader->out.releases, reader->out.release_count, reader->release_capacity);
    reader->out.releases[reader->out.release_count++] = row;
}

static void read_body(ul_allocation_reader *reader, CXCursor function)
{
    if (!ul_allocation_is_understood(reader, function) || !reader->tree.is_whole)
        return;
    ul_clang_place place = ul_clang_cursor_place(function);
    body b = {.reader = reader, .tree = &reader->tree, .file = ul_reader_file(reader->uses.reader, place.file)};
    b.function = name_of(&b, function);
    b.function_key = ul_reader_place_key(reader->uses.reader, function);
    for (uint32_t i = 1; i < reader->tree.count; i++) {
        if (reader->tree.nodes[i].kind != CXCursor_CallExpr)
            continue;
        ul_memory_verb verb = ul_allocation_verb(reader, reader->tree.nodes[i].cursor);
        if (verb == UL_MEMORY_FREE)
            add_release(&b, i);
        else if (verb != UL_MEMORY_NONE)
            add_allocation(&b, i, verb);
    }
}

/* What is no function has nothing. */
static bool enter(void *context, ul_walk *walk)
{
    ul_allocation_reader *reader = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (walk->depth == 1) {
        if (frame->is_function)
            ul_function_tree_begin(&reader->tree, &reader->uses, frame->cursor);
        return frame->is_function;
    }
    if (frame->kind == CXCursor_CallExpr && !reader->is_marked)
        reader->is_marked = ul_allocation_verb(reader, frame->cursor) != UL_MEMORY_NONE;
    ul_function_tree_enter(&reader->tree, frame->cursor, frame->child);
    return true;
}

static void leave(void *context, ul_walk *walk)
{
    ul_allocation_reader *reader = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (walk->depth != 1) {
        ul_function_tree_leave(&reader->tree);
        return;
    }
    if (frame->is_function)
        ul_function_tree_end(&reader->tree);
    if (reader->is_marked && frame->is_function)
        read_body(reader, frame->cursor);
    reader->is_marked = false;
}

ul_allocation_reader *ul_allocation_reader_begin(ul_reader *reader)
{
    ul_allocation_reader *allocations = UL_NEW(reader->arena, ul_allocation_reader);
    allocations->uses.reader = reader;
    note_errors(allocations);
    return allocations;
}

ul_observer ul_allocation_observer(ul_allocation_reader *allocations)
{
    return (ul_observer){.enter = enter, .leave = leave, .context = allocations};
}

static bool mentions(ul_reader *unit, const ul_source_file *file)
{
    size_t length = 0;
    const char *bytes = file->handle ? clang_getFileContents(unit->unit, file->handle, &length) : NULL;
    return bytes && (memmem(bytes, length, "ullage:", 7) || memmem(bytes, length, "NOLINT", 6));
}

/* Comments that silence, in the files that are reported on: what they are about is found when all units are together. */
static void read_comments(ul_allocation_reader *reader)
{
    ul_source_file *file, *next;
    ul_reader *unit = reader->uses.reader;
    HASH_ITER(hh, unit->files, file, next)
    {
        if (!file->is_wanted || file->is_excluded || !mentions(unit, file))
            continue;
        ul_source_file_load(unit, file);
        ul_body_comment *items = NULL;
        uint32_t count = ul_reader_line_comments(unit, file, &items);
        for (uint32_t i = 0; i < count; i++) {
            UL_RESERVE(unit->arena, reader->out.comments, reader->out.comment_count, reader->comment_capacity);
            reader->out.comments[reader->out.comment_count++] = items[i];
        }
    }
}

void ul_allocation_reader_end(ul_allocation_reader *allocations)
{
    read_comments(allocations);
    HASH_CLEAR(hh, allocations->verbs);
    HASH_CLEAR(hh, allocations->lent);
    HASH_CLEAR(hh, allocations->nodes);
    allocations->uses.reader->result->allocations = allocations->out;
}
