#include "layout/parse/cursors.h"
#include "layout/parse/walk.h"

#include <time.h>

enum { DEPTH_MAX = 4096 }; /* expressions nest; beyond this only generated code does, and the stack is finite */
enum { CLOCKED_OF = 32 };  /* one top-level declaration in so many is clocked */

/* Operands of the expressions left last, by their place in memory: what comes later takes the place of what has the same. */
enum { OPERANDS_KEPT = 512 };

typedef struct operand_note {
    const void *expression; /* libclang's, NULL: none */
    bool is_whole;          /* it was left: none is missing */
    ul_operands operands;
} operand_note;

struct ul_operand_table {
    operand_note notes[OPERANDS_KEPT];
    ul_operands none;
};

typedef struct round {
    ul_walk walk;
    const ul_observer *observers;
    uint32_t observer_count, awake_count;
    uint32_t asleep_at[UL_OBSERVERS_MAX]; /* walk.depth below which there is nothing for it; 0: awake */
    uint32_t declaration_count;
    bool is_clocked;
    double clocked[UL_OBSERVERS_MAX]; /* seconds */
} round;

/* Whether the body of a `do` runs but once, as macros have it: `while (0)`. */
static bool is_once(CXCursor loop)
{
    CXCursor condition = ul_cursor_last_child(loop);
    while (clang_getCursorKind(condition) == CXCursor_ParenExpr || clang_getCursorKind(condition) == CXCursor_UnexposedExpr)
        condition = ul_cursor_last_child(condition);
    if (clang_getCursorKind(condition) != CXCursor_IntegerLiteral)
        return false;
    CXEvalResult value = clang_Cursor_Evaluate(condition);
    bool is_zero = value && clang_EvalResult_getKind(value) == CXEval_Int && clang_EvalResult_getAsInt(value) == 0;
    clang_EvalResult_dispose(value);
    return is_zero;
}

static bool is_loop(CXCursor cursor, enum CXCursorKind kind)
{
    return kind == CXCursor_ForStmt || kind == CXCursor_WhileStmt || (kind == CXCursor_DoStmt && !is_once(cursor));
}

static bool is_expression(enum CXCursorKind kind)
{
    return kind >= CXCursor_FirstExpr && kind <= CXCursor_LastExpr;
}

/* Has operands; the commonest that have none are left out. */
static bool has_operands(enum CXCursorKind kind)
{
    return is_expression(kind) && kind != CXCursor_DeclRefExpr && kind != CXCursor_IntegerLiteral && kind != CXCursor_StringLiteral;
}

static operand_note *note_of(const ul_reader *reader, const CXCursor *expression)
{
    return &reader->operands->notes[((uintptr_t)expression->data[1] >> 3) % OPERANDS_KEPT];
}

const ul_operands *ul_walk_operands(const ul_reader *reader, CXCursor expression)
{
    if (!reader->operands || !has_operands(expression.kind))
        return NULL;
    const operand_note *note = note_of(reader, &expression);
    return note->is_whole && note->expression == expression.data[1] ? &note->operands : NULL;
}

/* True: nothing is known so far. */
static bool begin_operands(const ul_reader *reader, const CXCursor *expression)
{
    operand_note *note = note_of(reader, expression);
    if (note->is_whole && note->expression == expression->data[1])
        return false;
    note->expression = expression->data[1];
    note->is_whole = false;
    note->operands.count = 0;
    note->operands.names_member = false;
    return true;
}

/* A child of `expression`. */
static void add_operand(const ul_reader *reader, const CXCursor *expression, const CXCursor *operand)
{
    operand_note *note = note_of(reader, expression);
    if (note->expression != expression->data[1] || note->is_whole)
        return; /* another took its place, or it was looked at */
    note->operands.names_member |= operand->kind == CXCursor_MemberRef;
    if (!is_expression(operand->kind))
        return;
    if (note->operands.count < UL_OPERANDS_MAX)
        note->operands.items[note->operands.count] = *operand;
    note->operands.count++;
}

static void end_operands(const ul_reader *reader, const CXCursor *expression)
{
    operand_note *note = note_of(reader, expression);
    note->is_whole = note->expression == expression->data[1];
}

static enum CXChildVisitResult see_operand(CXCursor cursor, CXCursor parent, CXClientData data)
{
    add_operand(data, &parent, &cursor);
    return CXChildVisit_Continue;
}

const ul_operands *ul_walk_look(const ul_reader *reader, CXCursor expression)
{
    if (!has_operands(expression.kind) && !clang_isStatement(expression.kind))
        return &reader->operands->none;
    if (begin_operands(reader, &expression)) {
        clang_visitChildren(expression, see_operand, (CXClientData)reader);
        end_operands(reader, &expression);
    }
    return &note_of(reader, &expression)->operands;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void enter(round *r)
{
    for (uint32_t i = 0; i < r->observer_count; i++) {
        if (r->asleep_at[i])
            continue;
        double begin = r->is_clocked ? now() : 0;
        if (r->observers[i].enter && !r->observers[i].enter(r->observers[i].context, &r->walk)) {
            r->asleep_at[i] = r->walk.depth;
            r->awake_count--;
        }
        if (r->is_clocked)
            r->clocked[i] += now() - begin;
    }
}

static void leave(round *r)
{
    for (uint32_t i = 0; i < r->observer_count; i++) {
        if (r->asleep_at[i] && r->asleep_at[i] < r->walk.depth)
            continue;
        r->awake_count += r->asleep_at[i] != 0;
        r->asleep_at[i] = 0;
        double begin = r->is_clocked ? now() : 0;
        if (r->observers[i].leave)
            r->observers[i].leave(r->observers[i].context, &r->walk);
        if (r->is_clocked)
            r->clocked[i] += now() - begin;
    }
}

/* Leaves the innermost frame. */
static void pop(round *r)
{
    ul_walk *walk = &r->walk;
    const ul_frame *frame = &walk->frames[walk->depth - 1];
    walk->loop_depth -= frame->is_loop;
    if (frame->is_visited && has_operands(frame->kind))
        end_operands(walk->reader, &frame->cursor);
    leave(r);
    if (frame->has_type && walk->depth > 1) {
        walk->frames[walk->depth - 2].operand_type = frame->type;
        walk->frames[walk->depth - 2].has_operand_type = true;
    }
    if (frame->is_function) {
        walk->function = clang_getNullCursor();
        walk->loop_depth = 0;
    }
    walk->depth--;
}

/* Leaves frames until the innermost is `parent`. What has no frame of its own belongs to the innermost. */
static void return_to(round *r, const CXCursor *parent)
{
    ul_walk *walk = &r->walk;
    bool is_top = parent->kind == CXCursor_TranslationUnit;
    uint32_t depth = is_top ? 0 : walk->depth;
    while (depth && !ul_cursor_is_same(&walk->frames[depth - 1].cursor, parent))
        depth--;
    while (walk->depth > depth && (depth || is_top))
        pop(r);
}

static ul_frame *push(ul_walk *walk, CXCursor cursor, bool is_function)
{
    UL_RESERVE(walk->reader->arena, walk->frames, walk->depth, walk->capacity);
    ul_frame *frame = &walk->frames[walk->depth++], *parent = walk->depth > 1 ? frame - 1 : NULL;
    frame->cursor = cursor;
    frame->kind = cursor.kind;
    frame->child = parent ? parent->child_count++ : 0;
    frame->child_count = 0;
    frame->is_function = frame->is_loop = frame->is_visited = frame->has_type = frame->has_operand_type = false;
    if (parent)
        parent->has_operand_type = false;
    if (parent && has_operands(parent->kind))
        add_operand(walk->reader, &parent->cursor, &cursor);
    if (is_function) {
        frame->is_function = true;
        walk->function = cursor;
        walk->loop_depth = 0;
    }
    return frame;
}

/* Outside functions names of types and enumerators do nothing: a child is counted, what stands below an enumerator belongs to its enum. Every third
 * cursor is one. */
static bool has_frame(enum CXCursorKind kind)
{
    return kind != CXCursor_TypeRef && kind != CXCursor_EnumConstantDecl;
}

/*
 * libclang recurses by itself: to start a visit of its own for each cursor would cost several times as much. So children are told by
 * the parent that comes with them, and a frame is left when something comes that is not below it.
 */
static enum CXChildVisitResult visit(CXCursor cursor, CXCursor parent, CXClientData data)
{
    round *r = data;
    ul_walk *walk = &r->walk;
    return_to(r, &parent);
    if (!has_frame(cursor.kind) && (!walk->depth || !walk->frames[0].is_function)) {
        if (walk->depth)
            walk->frames[walk->depth - 1].child_count++;
        return CXChildVisit_Recurse;
    }
    if (walk->depth == DEPTH_MAX) {
        walk->frames[DEPTH_MAX - 1].is_visited = false;
        return CXChildVisit_Continue;
    }
    bool is_function = cursor.kind == CXCursor_FunctionDecl && clang_isCursorDefinition(cursor);
    if (walk->depth == 0) {
        if ((cursor.kind == CXCursor_FunctionDecl && !is_function) || clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
            return CXChildVisit_Continue;
        r->is_clocked = r->declaration_count++ % CLOCKED_OF == 0;
    }
    ul_frame *frame = push(walk, cursor, is_function);
    enter(r);
    if (r->awake_count == 0)
        return CXChildVisit_Continue;
    frame->is_visited = true;
    if (has_operands(frame->kind))
        begin_operands(walk->reader, &cursor);
    frame->is_loop = is_loop(cursor, frame->kind);
    walk->loop_depth += frame->is_loop;
    return CXChildVisit_Recurse;
}

void ul_walk_unit(ul_reader *reader, const ul_observer *observers, uint32_t count)
{
    round r = {.walk = {.reader = reader, .function = clang_getNullCursor()},
               .observers = observers,
               .observer_count = count,
               .awake_count = count};
    reader->operands = UL_NEW(reader->arena, ul_operand_table);
    *reader->operands = (ul_operand_table){0};
    CXCursor top = clang_getTranslationUnitCursor(reader->unit);
    clang_visitChildren(top, visit, &r);
    return_to(&r, &top);
    double share = r.declaration_count ? (double)r.declaration_count / (double)((r.declaration_count - 1) / CLOCKED_OF + 1) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (observers[i].seconds)
            *observers[i].seconds = r.clocked[i] * share;
    }
}
