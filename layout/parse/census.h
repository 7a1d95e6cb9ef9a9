/*
 * The census of one unit: an observer of the shared walk that counts what function bodies do to fields, variables and what
 * parameters point to (census.c and its parts, see census_reader.h), how each access is made (touch.c), what indexes arrays (indexes.c,
 * loops.c), and which locks are held (held_locks.c). For the parse room only.
 */
#ifndef UL_PARSE_CENSUS_H
#define UL_PARSE_CENSUS_H

#include "layout/parse/call_names.h"
#include "layout/parse/cursors.h"
#include "layout/parse/walk.h"

/* Functions that a worker has counted before: headers are read by many units, and their functions counted once. NULL without memory. */
ul_census_cache *ul_census_cache_new(void);
void ul_census_cache_free(ul_census_cache *cache);

typedef struct ul_census_reader ul_census_reader;

/* In the reader's arena. Ends with ul_census_reader_end(), which sets reader->result->census. */
ul_census_reader *ul_census_reader_begin(ul_reader *reader, ul_census_cache *cache);
ul_observer ul_census_observer(ul_census_reader *census);
void ul_census_reader_end(ul_census_reader *census);

/* Which variables the loops of the unit set (loops.c). */
typedef struct ul_loops {
    struct ul_loop_note *notes; /* uthash */
} ul_loops;

/* Whether a loop around the place sets `variable` with each turn. */
bool ul_loop_sets(ul_loops *loops, const ul_walk *walk, CXCursor variable);
void ul_loops_clear(ul_loops *loops);

/* What happens to the object whose lvalue, or whose address, is being visited. */
typedef struct ul_touch {
    ul_access_kind kind;
    uint32_t flags;             /* ul_access_flag */
    ul_index_kind index;
    uint32_t index_parameter;   /* UL_INDEX_PARAMETER: which, from 0 */
    uint64_t at_bytes, size_bytes;
    CXCursor callee;            /* ADDRESS: the call that gets it, or the null cursor */
    uint32_t argument;
    bool is_part;               /* at_bytes and size_bytes are known */
} ul_touch;

/* The identifier that stands in the text where `cursor` is: for what a macro makes, the macro's. */
const char *ul_touch_word(const ul_walk *walk, CXCursor cursor);

/*
 * Follows the lvalue being visited (`is_address`: a pointer to the object) through its ancestors to what is done with it. False when
 * nothing is: sizeof, typeof, an unused address.
 */
bool ul_touch_follow(ul_touch *out, const ul_walk *walk, bool is_address, ul_census_reader *census);
/* What `expression`, an integer, is as an index there; *parameter is set for UL_INDEX_PARAMETER. */
ul_index_kind ul_touch_index(uint32_t *parameter, const ul_walk *walk, ul_census_reader *census, CXCursor expression);
/* Whether `value` is the number of a thread, core or worker. */
bool ul_touch_is_number(const ul_walk *walk, ul_census_reader *census, CXCursor value);
/* Whether a local variable was last set to such a number. */
bool ul_census_is_number(ul_census_reader *census, CXCursor variable);
/* Whether the member being visited is one of another object with each turn of the innermost loop: p->x in for (p = ...), a[i].x. */
bool ul_touch_walks(const ul_walk *walk, ul_census_reader *census);
/* Which parameter, from 1, of the function around it the declaration is, when that is a pointer; else 0. */
uint32_t ul_census_parameter(ul_census_reader *census, CXCursor parameter);
/* Whether the function that is called was read before and returns an element of an array; then what picks it, or which parameter. */
bool ul_census_returns_element(ul_index_kind *index, uint32_t *parameter, ul_census_reader *census, CXCursor call);
/* Whether the function was read before and returns a thread-local integer, and nothing else but constants. */
bool ul_census_returns_number(ul_census_reader *census, CXCursor function);
/* Id of the function that is called; 0 through a pointer. */
ul_word ul_census_callee(ul_census_reader *census, CXCursor call);
/* What the function that `call` names does. */
ul_call_verb ul_census_verb(ul_census_reader *census, CXCursor call);

/* Locks held at a point of a function, in the order of its statements. */
enum { UL_HELD_MAX = 8, UL_BRANCHES_MAX = 256 };

typedef struct ul_held_set {
    ul_word locks[UL_HELD_MAX]; /* ascending */
    uint32_t count;
} ul_held_set;

typedef struct ul_branch {
    ul_held_set before;
    uint32_t depth; /* of the walk at its frame */
    bool ends;      /* in a return, break, continue or goto */
    bool is_switch;
} ul_branch;

/* A lock that a variable's cleanup function releases. */
typedef struct ul_guard {
    ul_word lock;
    uint32_t depth; /* of the walk at the block around the variable */
} ul_guard;

typedef struct ul_held_locks {
    ul_held_set now;
    uint32_t branch_count, guard_count;
    ul_branch branches[UL_BRANCHES_MAX];
    ul_guard guards[UL_HELD_MAX];
} ul_held_locks;

void ul_held_reset(ul_held_locks *held);
/* Whether what is held may have changed. */
bool ul_held_enter(ul_held_locks *held, const ul_walk *walk);
bool ul_held_leave(ul_held_locks *held, const ul_walk *walk);
void ul_held_take(ul_held_locks *held, const ul_walk *walk, ul_word lock);
void ul_held_give(ul_held_locks *held, ul_word lock);
/* `lock` is released where the block around the variable being visited ends. */
void ul_held_guard(ul_held_locks *held, const ul_walk *walk, ul_word lock);
/* Adds to a set, where there is room. */
void ul_held_note(ul_held_set *set, ul_word lock);
bool ul_held_has(const ul_held_set *set, ul_word lock);

#endif
