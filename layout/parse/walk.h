/*
 * A walk over a parsed unit's declarations and function bodies that several observers share, so that the unit is visited
 * once. Keeps what libclang does not tell: the chain of ancestors, loop depth, the function. Who observes: bodies.c.
 * For the parse room only.
 */
#ifndef UL_PARSE_WALK_H
#define UL_PARSE_WALK_H

#include "layout/parse/reader.h"

enum { UL_OBSERVERS_MAX = 8, UL_OPERANDS_MAX = 3 };

/* The first children of an expression that are expressions themselves, not types; count may be larger than what is kept. */
typedef struct ul_operands {
    CXCursor items[UL_OPERANDS_MAX];
    uint32_t count;
    bool names_member; /* without an object: offsetof(), a designator. Of what the walk remembers */
} ul_operands;

typedef struct ul_frame {
    CXCursor cursor;
    enum CXCursorKind kind;
    uint32_t child;       /* which child of its parent it is, from 0 */
    uint32_t child_count; /* of its own that were entered so far */
    bool is_function;     /* a function's definition */
    bool is_loop;
    bool is_visited;      /* its children are told, not passed over */
    bool has_type, has_operand_type; /* what was asked of it: */
    CXType type;
    CXType operand_type;  /* of its last child, an expression */
} ul_frame;

typedef struct ul_walk {
    ul_reader *reader;
    ul_frame *frames;     /* frames[depth - 1] is the cursor being visited, frames[0] a top-level declaration */
    uint32_t depth, capacity;
    uint32_t loop_depth;  /* loops of the function around the cursor */
    CXCursor function;    /* definition around the cursor, or the null cursor */
} ul_walk;

/*
 * Calls come for each cursor before (enter) and after (leave) its children. Where `enter` says that nothing below is of interest, its
 * observer hears no more of it, `leave` apart; what no observer is interested in is not visited. Either may be NULL.
 */
typedef struct ul_observer {
    bool (*enter)(void *context, ul_walk *walk);
    void (*leave)(void *context, ul_walk *walk);
    void *context;
    double *seconds; /* set to what this one took, as a sample of the declarations tells; may be NULL */
} ul_observer;

/* Visits every declaration of the unit outside system headers, depth first, in source order. `count` is UL_OBSERVERS_MAX at most. */
void ul_walk_unit(ul_reader *reader, const ul_observer *observers, uint32_t count);
/* What the walk remembers of the operands of an expression that it has left, not long ago; NULL: nothing. */
const ul_operands *ul_walk_operands(const ul_reader *reader, CXCursor expression);
/* The same, looked at and remembered where the walk does not know them; valid until the next call. A statement has them too: `return x`.
 * Anything else has none. */
const ul_operands *ul_walk_look(const ul_reader *reader, CXCursor expression);
/* The frame `up` levels above the one being visited (0: itself), or NULL. */
static inline const ul_frame *ul_walk_frame(const ul_walk *walk, uint32_t up)
{
    return up < walk->depth ? &walk->frames[walk->depth - 1 - up] : NULL;
}

/* The type of a frame's cursor: asked by every observer, so asked of libclang once. */
static inline CXType ul_walk_type(const ul_walk *walk, uint32_t up)
{
    ul_frame *frame = &walk->frames[walk->depth - 1 - up];
    if (!frame->has_type)
        frame->type = clang_getCursorType(frame->cursor);
    frame->has_type = true;
    return frame->type;
}
/* The type of the only operand of the expression that is being left. */
static inline CXType ul_walk_operand_type(const ul_walk *walk, CXCursor operand)
{
    ul_frame *frame = &walk->frames[walk->depth - 1];
    if (!frame->has_operand_type)
        frame->operand_type = clang_getCursorType(operand);
    frame->has_operand_type = true;
    return frame->operand_type;
}

#endif
