/*
 * The census of one unit in the making: what its files share. census.c observes the walk, census_names.c knows what things are called,
 * census_accesses.c counts accesses, census_locks.c knows which locks are held, census_calls.c keeps calls, census_instances.c and census_variables.c where objects come to be,
 * census_origins.c asks where pointers come from, inlets.c where they became pointers to records. For these files, touch.c and indexes.c only.
 */
#ifndef UL_PARSE_CENSUS_READER_H
#define UL_PARSE_CENSUS_READER_H

#include "layout/parse/census.h"
#include "layout/parse/expressions.h"
#include "layout/parse/origins.h"
#include "layout/parse/shapes.h"

typedef struct ul_word_note ul_word_note;
typedef struct ul_tally_note ul_tally_note;
typedef struct ul_verb_note ul_verb_note;

/* A function that the worker has counted. */
typedef struct ul_known_function {
    char *key;
    bool returns_element; /* of an array, picked by: */
    ul_index_kind index;
    uint32_t index_parameter;
    bool returns_number, returns_other; /* a thread-local integer; what is neither that nor a constant */
    bool shares_lock;     /* what it takes for its parameter others may hold too */
    bool is_locker;       /* short, and one of: */
    uint32_t locked_parameter, unlocked_parameter; /* 1 for the first: the lock that it points to; 0: none */
    uint32_t cleared_parameter; /* likewise: it stores a constant there, which releases a lock that is one by its use */
    char *takes, *gives, *clears; /* names of locks, joined by '|', that are held behind a call and were not before, or the reverse; that get a constant. NULL: none */
    UT_hash_handle hh;
} ul_known_function;

/* What a name says, by the words in it: many units call the same functions. */
typedef struct ul_known_verb {
    char *name;
    ul_call_verb verb;
    UT_hash_handle hh;
} ul_known_verb;

enum { UL_LOCKER_LINES_MAX = 16 }; /* a function that is longer does more than to take or release */

struct ul_census_cache {
    ul_known_function *functions; /* uthash */
    ul_known_verb *verbs;         /* uthash */
    uint32_t locker_count;
    uint32_t number_count; /* functions of which some return gives the number of a thread */
};

/* What is known of a declaration: looked up for every reference to it. */
typedef struct ul_declaration_note {
    const void *declaration;
    uint64_t at_bytes, size_bytes; /* of a field, in its record */
    const ul_known_function *locker;
    ul_word object;   /* key of the field's record, id of a variable or function; 0: not counted */
    ul_word field;
    ul_word path;  /* "<object>#<field>", see ul_census_field_path(); 0: not spelt yet */
    uint32_t parameter; /* 1 for the first */
    ul_call_verb verb; /* of a function */
    bool is_atomic;
    bool is_peeked;    /* `locker` says what is known of a function that is called before its body */
    bool has_place;    /* at_bytes and size_bytes say where the field is: it is no bit-field */
    bool is_copy;      /* a function that stores to all of what its first argument points to */
    bool is_system;    /* a function that the compiler or the system has */
    UT_hash_handle hh;
} ul_declaration_note;

/* Offset in the file of the first word in a function's text that may lead out of it, or past the rest of a turn of a loop. */
typedef struct ul_jump {
    uint32_t at;
    uint32_t function; /* index */
    bool is_found;
} ul_jump;

struct ul_census_reader {
    ul_reader *reader;
    ul_census_cache *cache;
    ul_census *out;
    ul_word_note *words;               /* uthash */
    ul_declaration_note *declarations; /* uthash */
    ul_declaration_note *recent[UL_RECENT_COUNT];
    ul_tally_note *tallies;            /* uthash, of the function being visited */
    ul_verb_note *verbs;               /* uthash */
    uint32_t word_capacity, function_capacity, tally_capacity, call_capacity, mention_capacity, variable_capacity, instance_capacity,
        number_capacity, origin_capacity, inlet_capacity, pass_capacity;
    uint32_t function; /* index, UL_NO_FUNCTION outside */
    bool is_main;
    ul_word held_word; /* of held.now */
    ul_shapes *shapes;
    ul_use_reader look; /* for expressions.h: nothing is noted in it */
    ul_known_function *current; /* the function, as the worker remembers it */
    ul_origins origins;
    ul_loops loops;
    ul_held_set before_guard; /* where the last variable was entered */
    ul_held_set cleared;      /* got a constant without being held */
    ul_held_set taken, given; /* in the function so far; released without having been taken */
    ul_held_locks held;
    ul_jump jumps[2]; /* out of the function that was asked about last, past the rest of a turn */
};

/* census_names.c */
ul_word ul_census_word_of(ul_census_reader *census, const char *text);
const ul_declaration_note *ul_census_note(ul_census_reader *census, CXCursor declaration);
/* "<key>#<field>"; 0: of no record that counts. */
ul_word ul_census_field_path(ul_census_reader *census, CXCursor field);
/* Remembers what a body that comes later does to locks, NULL for nothing; is_final: it is not to be asked for again. */
void ul_census_note_locker(ul_census_reader *census, CXCursor function, const ul_known_function *locker, bool is_final);
/* What a function does that has this name, or the macro that stands for it. */
ul_call_verb ul_census_name_verb(ul_census_reader *census, const char *name);
/* The function as the worker remembers it, when its definition is in the unit and was read before; else NULL. */
const ul_known_function *ul_census_known(ul_census_reader *census, CXCursor function);
/* The same of a word that stands where something atomic is done: when it is a macro, its definition counts too. */
ul_call_verb ul_census_word_verb(ul_census_reader *census, const char *name);
/* What the definition of the macro `name` says, in whatever file of the unit. macro_words.c */
ul_call_verb ul_census_macro_verb(ul_census_reader *census, const char *name);
/* Whether the definition of the macro `name` mentions `word`. */
bool ul_census_macro_mentions(ul_census_reader *census, const char *name, const char *word);
/* Whether an attribute that begins with the word `name` has a function called at the end of a variable's scope: it says so, or the macro does. */
bool ul_census_word_cleans(ul_census_reader *census, const char *name);
/* Id of the function that `call` names, or 0. */
ul_word ul_census_callee(ul_census_reader *census, CXCursor call);
/* Key of the record that `type` is, arrays looked through; of what it points to. 0 for none, or one of the system's. */
ul_word ul_census_record(ul_census_reader *census, CXType type);
ul_word ul_census_pointee(ul_census_reader *census, CXType type);
void ul_census_names_clear(ul_census_reader *census);

/* census_accesses.c: at the cursor being visited. */
void ul_census_see_member(ul_census_reader *census, const ul_walk *walk);
void ul_census_see_reference(ul_census_reader *census, ul_walk *walk);
/* Forgets which accesses have a tally: another function begins. */
void ul_census_tallies_clear(ul_census_reader *census);
/* Line of the cursor being visited. */
uint32_t ul_census_line(const ul_walk *walk);

/*
 * Whether the way to the cursor being visited, of which the frame `from` levels above is all, leads through something that asks: an if, a switch, a
 * word before it that may jump past it. branches.c
 */
bool ul_census_is_conditional(ul_census_reader *census, const ul_walk *walk, uint32_t from);

/* census_locks.c */
/* A function begins; ends: what it does to locks is known to those who call it from then on. */
void ul_census_begin_locks(ul_census_reader *census);
void ul_census_end_locks(ul_census_reader *census, CXCursor function);
/* After a change of the locks that are held. */
void ul_census_refresh_held(ul_census_reader *census);
/* `tally` is of kind LOCK or UNLOCK. */
void ul_census_change_locks(ul_census_reader *census, const ul_walk *walk, const ul_tally *tally);
/* `tally` stores a constant, or lets the address go: a release, when it is a lock that is held. */
void ul_census_see_release(ul_census_reader *census, ul_tally *tally, const ul_touch *touch);
/* A variable is entered; left: where it has a cleanup function: what was taken for it is released where its block ends. */
void ul_census_enter_guard(ul_census_reader *census);
void ul_census_see_guard(ul_census_reader *census, const ul_walk *walk);
/* lock_pool(pool) */
void ul_census_see_object_lock(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb);
/* pool_enter(pool), of which the body was read. */
void ul_census_see_locker(ul_census_reader *census, const ul_walk *walk, CXCursor call);
/* Whether the function that is called takes or releases what argument `argument`, from 0, points to; *is_shared: others may hold it too. */
bool ul_census_locks_argument(ul_access_kind *kind, bool *is_shared, ul_census_reader *census, CXCursor call, uint32_t argument);

/* lock_names.c */
typedef struct ul_lock_name {
    ul_word word;       /* "<key>#<field>", id of a variable, "<id>()" of what a function gives */
    uint32_t parameter; /* of the function being read, 1 for the first; 0: none */
} ul_lock_name;

/* Which lock a pointer to one stands for; false: that is not known. */
bool ul_census_lock_name(ul_lock_name *out, ul_census_reader *census, CXCursor expression);
/* exchange(p, 1), test_and_set(p), cas(p, 0, 1). */
bool ul_census_swaps_number(bool *is_compare, ul_reader *reader, CXCursor operation);
/* Whether the atomic operation of that frame is what a loop waits for: who leaves it has taken a lock. */
bool ul_census_spins(const ul_walk *walk, const ul_frame *operation);
/* Whether the function around it posts the semaphore that `wait` waits for. */
bool ul_census_posts_too(ul_census_reader *census, const ul_walk *walk, CXCursor wait);
/* Whether the variable has __attribute__((cleanup(f))). */
bool ul_census_has_cleanup(ul_census_reader *census, CXCursor variable);
/* Whether `cursor` is a literal or an enumerator. */
bool ul_cursor_is_number(CXCursor cursor, bool *is_zero);

/* lockers.c */
uint32_t ul_census_line_count(CXCursor function);
/* The function that `call` names, when its body is in the unit and takes or releases locks; else NULL. */
const ul_known_function *ul_census_locker(ul_census_reader *census, CXCursor call);

/* function_holders.c */
/* The variable, local or field that `expression` is, or an element of it; 0 for none. */
ul_word ul_census_holder(ul_census_reader *census, CXCursor expression);
/* What the value being visited is put into, below casts; 0 for nothing. */
ul_word ul_census_find_holder(ul_census_reader *census, const ul_walk *walk);

/* census_turns.c: whether the call being visited, of `callee`, creates a thread that is waited for at once: bits of ul_call_turn. */
uint32_t ul_census_turn(ul_census_reader *census, const ul_walk *walk, ul_word callee);

/* census_calls.c */
/* A variable or field that holds functions is visited: passed to a call, or called through. */
void ul_census_see_held_function(ul_census_reader *census, const ul_walk *walk);
void ul_census_see_call(ul_census_reader *census, const ul_walk *walk);
/* A directive of OpenMP: libclang does not show what it runs, on whatever threads; to those who ask for turns it is a call of they know not what. */
void ul_census_see_parallel(ul_census_reader *census, const ul_walk *walk);
void ul_census_see_function(ul_census_reader *census, const ul_walk *walk, CXCursor function);
void ul_census_see_parameter(ul_census_reader *census, const ul_walk *walk, const ul_declaration_note *note);
bool ul_census_is_function_pointer(CXType type);

/* The call that has the reference among its arguments, below casts and `&`; *argument says which. */
bool ul_census_find_call(CXCursor *call, uint32_t *argument, bool *is_callee, const ul_walk *walk);

/* bases.c */
typedef struct ul_base {
    ul_base_kind kind;
    ul_word word;
    uint32_t parameter;
} ul_base;

/* The object that `pointer` points to; that the lvalue `object` is, or lies in. */
ul_base ul_census_base_behind(ul_census_reader *census, const ul_walk *walk, CXCursor pointer);
ul_base ul_census_base_of(ul_census_reader *census, const ul_walk *walk, CXCursor object);
/* Keeps what known objects a call passes on. */
void ul_census_see_passes(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_word callee);

/* census_origins.c */
void ul_census_see_local(ul_census_reader *census, const ul_walk *walk, CXCursor variable);
void ul_census_see_return(ul_census_reader *census, const ul_walk *walk);
void ul_census_add_origin(ul_census_reader *census, ul_origin source);

/* census_instances.c */
void ul_census_add_instance(ul_census_reader *census, ul_instance instance);
void ul_census_see_allocation(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb);
void ul_census_see_handed(ul_census_reader *census, const ul_walk *walk, CXCursor call);

/* census_variables.c */
/* Objects that `type` holds, arrays looked through; 0 when the source does not say. */
uint64_t ul_census_element_count(CXType type);
void ul_census_see_variable(ul_census_reader *census, const ul_walk *walk);

#endif
