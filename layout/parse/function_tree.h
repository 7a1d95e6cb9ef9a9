/*
 * The body of one function as a flat tree, so that questions about it can be asked in any order: what stands around an
 * expression, what is below, what else names the same object. Made for the few functions that take or give back memory. For the
 * parse room only.
 */
#ifndef UL_PARSE_FUNCTION_TREE_H
#define UL_PARSE_FUNCTION_TREE_H

#include "layout/parse/cursors.h"
#include "layout/parse/expressions.h"

#define UL_NO_NODE UINT32_MAX

typedef struct ul_node {
    CXCursor cursor;
    enum CXCursorKind kind;
    uint32_t parent; /* UL_NO_NODE for the function */
    uint32_t child;  /* which of its parent's, from 0 */
    uint32_t end;    /* behind its last descendant: nodes stand in source order, parents first */
    uint32_t loop_depth, branch_depth;
    bool has_declaration, has_type; /* what was asked of it: see ul_tree_declaration() and ul_tree_type() */
    CXCursor declaration;
    CXType type;
} ul_node;

typedef struct ul_function_tree {
    ul_use_reader *uses; /* for texts; only its reader is looked at */
    ul_node *nodes;      /* nodes[0] is the function */
    uint32_t count, capacity;
    uint32_t open, depth; /* while it is made: the node whose children are told, and how deep it is */
    bool is_whole;       /* false: too deep or too large, nothing is to be concluded, and nothing is kept */
    bool is_odd;         /* setjmp() and what switches stacks, blocks, OpenMP: lives of objects are not what the text says */
} ul_function_tree;

/* Into `tree`, whose memory is used again. */
void ul_function_tree_read(ul_function_tree *tree, ul_use_reader *uses, CXCursor function);
/* The same in pieces, for who walks through the function anyway: each cursor is entered, false: it does not fit, and left. */
void ul_function_tree_begin(ul_function_tree *tree, ul_use_reader *uses, CXCursor function);
bool ul_function_tree_enter(ul_function_tree *tree, CXCursor cursor, uint32_t child);
void ul_function_tree_leave(ul_function_tree *tree);
void ul_function_tree_end(ul_function_tree *tree);

/* The child of `node` at `index`, or UL_NO_NODE. */
uint32_t ul_tree_child(const ul_function_tree *tree, uint32_t node, uint32_t index);
uint32_t ul_tree_child_count(const ul_function_tree *tree, uint32_t node);
/* Below parentheses, casts and implicit conversions. */
uint32_t ul_tree_strip(const ul_function_tree *tree, uint32_t node);
/* The argument of a call, or UL_NO_NODE. */
uint32_t ul_tree_argument(const ul_function_tree *tree, uint32_t call, uint32_t index);
/* The function that a call names; the null cursor when it goes through a pointer. */
CXCursor ul_tree_callee(const ul_function_tree *tree, uint32_t call);
/* What a reference refers to. */
CXCursor ul_tree_declaration(const ul_function_tree *tree, uint32_t node);
CXType ul_tree_type(const ul_function_tree *tree, uint32_t node);
/* The innermost loop around a node, UL_NO_NODE for none. */
uint32_t ul_tree_loop(const ul_function_tree *tree, uint32_t node);
/* What a loop repeats, without its condition and steps. */
uint32_t ul_tree_loop_body(const ul_function_tree *tree, uint32_t loop);
/* Whether a goto leads from behind a node to before it: it may run again, with no loop around it. */
bool ul_tree_is_jumped_over(const ul_function_tree *tree, uint32_t node);
/* Whether a statement or expression is evaluated in each round of `loop`, or in each run of the function for UL_NO_NODE, before what follows it. */
bool ul_tree_is_unconditional(const ul_function_tree *tree, uint32_t node, uint32_t loop);
/* Whether two lvalues, stripped, name the same object as far as their form tells: `a->b[i]` and `(a)->b[i]`. */
bool ul_tree_same(const ul_function_tree *tree, uint32_t a, uint32_t b);
/* Whether the node is `left = right`, not another binary operator. */
bool ul_tree_is_assignment(const ul_function_tree *tree, uint32_t node);
/* Whether it is `*pointer`; false where a macro hides it. */
bool ul_tree_is_dereference(const ul_function_tree *tree, uint32_t node);
/* Whether something named is changed there: what is done to `reference`, an lvalue that is not loaded. */
typedef enum ul_change { UL_CHANGE_NONE, UL_CHANGE_SET, UL_CHANGE_COMPOUND, UL_CHANGE_INCREMENT, UL_CHANGE_DECREMENT, UL_CHANGE_ADDRESS } ul_change;
/* *at is the node that does it. */
ul_change ul_tree_change(uint32_t *at, const ul_function_tree *tree, uint32_t reference);
/* "+", "*", "+=": as written between two operands; '=' stands for `==`, 'A' for `=`; 0 when a macro hides it. See ul_operator_between. */
char ul_tree_operator(const ul_function_tree *tree, uint32_t node);
uint32_t ul_tree_line(const ul_function_tree *tree, uint32_t node);
const char *ul_tree_text(const ul_function_tree *tree, uint32_t node);

#endif
