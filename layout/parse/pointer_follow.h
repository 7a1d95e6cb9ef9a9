/* What the files that follow a pointer through a body share. For the parse room only, and there for pointer_*.c. */
#ifndef UL_PARSE_POINTER_FOLLOW_H
#define UL_PARSE_POINTER_FOLLOW_H

#include "layout/parse/pointer_uses.h"

enum { UL_FOLLOWED_MAX = 16 };

typedef struct ul_follow {
    ul_pointer_uses *out;
    ul_allocation_reader *reader;
    const ul_function_tree *tree;
    CXCursor variables[UL_FOLLOWED_MAX]; /* the first is the one asked about; the others take its value */
    bool is_mixed[UL_FOLLOWED_MAX];      /* holds something else at times */
    bool is_freed[UL_FOLLOWED_MAX];
    uint32_t variable_count;
    uint32_t current;
    uint32_t source;
    bool has_tokens; /* strtok() was met: its later calls are followed */
} ul_follow;

void ul_follow_tell(ul_follow *f, ul_pointer_use_kind kind, uint32_t node, const char *detail);
/* Follows the value that a node has to where it goes. */
void ul_follow_value(ul_follow *f, uint32_t value);
/* Another local variable that takes the value. */
void ul_follow_variable(ul_follow *f, uint32_t node, CXCursor variable);
/* Whether a node is a null pointer, as written. */
bool ul_follow_is_null(const ul_follow *f, uint32_t node);
/* The value is the argument of a call, its child at `child` (pointer_calls.c). */
void ul_follow_call(ul_follow *f, uint32_t call, uint32_t child);
/* Whether `&variable`, which `address` is, is where a function of libc puts an address inside of the object, and nothing else (pointer_calls.c). */
bool ul_follow_is_place(ul_follow *f, uint32_t address);
/* Whether each variable that has the pointer loses it before the source gives another one: at any time one object is in their hands (pointer_lives.c). */
bool ul_follow_is_single(const ul_follow *f);
/* The function that frees what a variable points to when it goes out of scope, by __attribute__((cleanup(f))); *has tells of any such (pointer_lives.c). */
const char *ul_follow_cleanup(bool *has, const ul_follow *f, CXCursor variable);

#endif
