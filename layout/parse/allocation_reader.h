/* What the files that read allocations share. For the parse room only, and there for allocations.c and called_bodies.c. */
#ifndef UL_PARSE_ALLOCATION_READER_H
#define UL_PARSE_ALLOCATION_READER_H

#include "layout/parse/allocations.h"

/* What is known of a function: looked up for every call of it. */
typedef struct verb_note {
    const void *declaration;
    ul_memory_verb verb;
    UT_hash_handle hh;
} verb_note;

/* What is known of an argument of a function that this unit defines. */
typedef struct lent_key {
    const void *declaration;
    uint64_t argument;
} lent_key;

typedef struct lent_note {
    lent_key key;
    ul_borrowing borrowing;
    bool is_lent;
    UT_hash_handle hh;
} lent_note;

/* Whether a type is a node: asked for expression after expression. */
typedef struct node_note {
    const void *type;
    bool is_node, points_to_node;
    UT_hash_handle hh;
} node_note;

struct ul_allocation_reader {
    ul_use_reader uses; /* for texts: its reader only */
    verb_note *verbs;   /* uthash */
    lent_note *lent;    /* uthash */
    node_note *nodes;   /* uthash */
    ul_function_tree tree;
    ul_allocations out;
    uint32_t capacity, release_capacity, comment_capacity;
    ul_clang_place *errors; /* places that the compiler did not understand: it leaves out what stands there */
    uint32_t error_count, error_capacity;
    uint32_t calls_deep;
    bool is_marked; /* the function around the walk takes or gives back memory */
};

/* The body as a tree; false when not all of it is seen. */
bool ul_allocation_tree(ul_allocation_reader *reader, ul_function_tree *tree, CXCursor function);

#endif
