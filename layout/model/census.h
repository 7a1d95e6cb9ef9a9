/*
 * Who touches which field where, as function bodies tell: accesses, held locks, calls, threads, instances. Parse makes one for
 * each unit; the engine merges them (engine/census.h), derives roles and sorts. Plain data; every text is an index into words[],
 * of which 0 is "". Counts are of source, not of runs: weights are guesses until a profile says more.
 */
#ifndef UL_MODEL_CENSUS_H
#define UL_MODEL_CENSUS_H

#include <stddef.h>

#include "layout/model/record.h"

#define UL_NO_FUNCTION UINT32_MAX

typedef uint32_t ul_word;

typedef enum ul_access_kind {
    UL_ACCESS_READ,
    UL_ACCESS_WRITE,
    UL_ACCESS_UPDATE, /* plain read, change, write: x++, x |= 1 */
    UL_ACCESS_RMW,    /* the same as one atomic step */
    UL_ACCESS_LOCK,   /* taken as a lock; a read-modify-write of it */
    UL_ACCESS_UNLOCK,
    UL_ACCESS_ADDRESS, /* its address goes where it cannot be followed, or (unmerged) to `callee` */
    UL_ACCESS_KIND_COUNT
} ul_access_kind;

/* What indexes an array on the way to the object. */
typedef enum ul_index_kind {
    UL_INDEX_NONE,
    UL_INDEX_OTHER,
    UL_INDEX_PARAMETER, /* unmerged: parameter `parameter` of the function, which callers decide about */
    UL_INDEX_CONSTANT,
    UL_INDEX_LOOP,   /* variable of a loop around it */
    UL_INDEX_HASH,
    UL_INDEX_QUEUE,  /* number of a queue, ring or shard, which one thread at a time serves */
    UL_INDEX_ENTRY,  /* comes from the argument of the function: a thread's own number, when that starts a thread */
    UL_INDEX_THREAD, /* number of the thread, core or worker that runs */
    UL_INDEX_KIND_COUNT
} ul_index_kind;

enum ul_access_flag {
    UL_ACCESS_ATOMIC = 1u << 0,       /* by an atomic operation, or of an atomic type */
    UL_ACCESS_CONSTANT = 1u << 1,     /* a constant is stored */
    UL_ACCESS_CONST_POINTER = 1u << 2,/* ADDRESS: the callee promises not to write through it */
    UL_ACCESS_WALKS = 1u << 3,        /* of another object with each turn of the loop */
    UL_ACCESS_ELEMENT = 1u << 4,      /* of a record that is an element of an array: `index` picks it, not a part of the field */
    UL_ACCESS_SHARED = 1u << 5,       /* LOCK: others may hold it at the same time: a read lock, a semaphore */
    UL_ACCESS_UNASKED = 1u << 6       /* a constant is stored whenever the function, or the turn of the loop, comes by: no condition leads past it */
};

/* Which object a pointer or an expression stands for. */
typedef enum ul_base_kind {
    UL_BASE_LOADED,    /* some memory has it, where others may find it too; or nothing is known */
    UL_BASE_VARIABLE,  /* one with static storage, or in it */
    UL_BASE_OWN,       /* a local of the function, or what it has allocated */
    UL_BASE_PARAMETER, /* what parameter `base_parameter`, from 0, points to */
    UL_BASE_KIND_COUNT
} ul_base_kind;

/* Accesses of one kind to one object in one function, at one loop depth, under the same locks. */
typedef struct ul_tally {
    ul_word object;  /* key of a record, id of a variable; 0: what parameter `parameter` of the function points to */
    ul_word field;   /* of the record; 0 for variables and parameters */
    ul_word locks;   /* held: names of locks joined by '|', each "<key>#<field>" or a variable's id */
    ul_word callee;  /* ADDRESS: id of the function that gets it as argument `argument`, or 0 */
    uint32_t function;
    uint32_t line;   /* of the first of them, in the function's file */
    uint32_t count;
    uint32_t at_bytes, size_bytes; /* part of the field or variable that is touched; size 0: any of it */
    uint8_t kind, index;           /* ul_access_kind, ul_index_kind */
    uint8_t loop_depth, flags;
    uint8_t parameter, argument; /* `parameter`: see object, and UL_INDEX_PARAMETER */
    uint8_t base_kind, base_parameter; /* ul_base_kind: which object of the record it is, see `base`; the whole is hashed, so that none is padding */
    ul_word base; /* VARIABLE: its id, "<id>[3]" an element, "<id>[]" any; OWN: what stands for the local */
} ul_tally;

/* When a function runs. Found by merging; RUNTIME is what is left. */
typedef enum ul_role {
    UL_ROLE_RUNTIME,
    UL_ROLE_SETUP,    /* before the first thread, or named so: init, config, parse, register */
    UL_ROLE_TEARDOWN, /* free, destroy, exit */
    UL_ROLE_SHOW,     /* dump, show, stats, debug: rare */
    UL_ROLE_COUNT
} ul_role;

enum ul_function_flag {
    UL_FUNCTION_INTERNAL = 1u << 0, /* internal linkage */
    UL_FUNCTION_ENTRY = 1u << 1,    /* starts a thread */
    UL_FUNCTION_MANY = 1u << 2,     /* several threads start there: it races with itself */
    UL_FUNCTION_ESCAPES = 1u << 3,  /* its address is taken: called from anywhere */
    UL_FUNCTION_THREADED = 1u << 4, /* reached from a start routine by calls */
    UL_FUNCTION_ONCE = 1u << 5,     /* every known call of it, and of its callers, stands outside loops: how things begin and end */
    UL_FUNCTION_COMMAND = 1u << 6,  /* takes argc and argv: a command of a command line, which runs once */
    UL_FUNCTION_LOCKED = 1u << 7,   /* its name says that callers hold the lock: list_add_locked */
    UL_FUNCTION_MALLOCS = 1u << 8   /* it returns what malloc(), calloc() or realloc() gave it, as that is */
};

typedef struct ul_census_function {
    ul_word id;   /* its name when linkage is external, else its key */
    ul_word key;  /* "<file>:<offset>", with ":<name>" where a macro makes it: the same in every unit */
    ul_word name, file;
    uint32_t line;
    uint32_t flags;
    uint32_t role;
    ul_word locks;    /* that every known caller holds */
    uint64_t threads; /* bit i: reached from start routine i of the census */
} ul_census_function;

/* What a call means to those who ask whether threads run at once. */
enum ul_call_turn {
    UL_TURN_WAITED = 1u << 0, /* it creates a thread and waits for it, before anything is touched */
    UL_TURN_EXITS = 1u << 1,  /* that, or the program exits meanwhile */
    UL_TURN_SYSTEM = 1u << 2  /* of a function that the system declares */
};

typedef struct ul_census_call {
    ul_word callee; /* id; 0: through a pointer */
    ul_word locks;
    uint32_t function, line;
    uint16_t loop_depth;
    uint8_t is_conditional; /* 1: something may lead past it */
    uint8_t turn;           /* bits of ul_call_turn */
} ul_census_call;

enum { UL_MENTION_CALLED = 254 }; /* ul_mention.argument: called through `holder` */

/*
 * A function is named without being called: handed to `callee`, or kept in `holder`. Without a target: what a parameter of the function, or
 * `holder`, has goes on, or is called.
 */
typedef struct ul_mention {
    ul_word target; /* id of the function; 0: what `holder` has, or a parameter of `function`, `parameter` says which */
    ul_word callee; /* id, 0: stored somewhere */
    ul_word holder; /* id of a variable, "<file>:<offset>" of a local, "<key>#<field>"; 0 for none */
    uint32_t argument;
    uint32_t parameter;
    uint32_t function; /* UL_NO_FUNCTION: in an initializer at file scope */
    uint32_t line;
    uint32_t loop_depth;
} ul_mention;

/* A thread's number, or the address of the element that it picks, is passed to a function. */
typedef struct ul_number {
    ul_word callee;    /* id */
    uint32_t argument;
    uint32_t function; /* that passes it */
    uint32_t index;    /* UL_INDEX_THREAD or UL_INDEX_ENTRY */
} ul_number;

/*
 * A pointer to a known object is passed on: to a function as argument `argument`, or, beside a start routine, to the thread that begins
 * there. What is LOADED has no row.
 */
typedef struct ul_pass {
    ul_word callee; /* id of the function, or of the start routine */
    ul_word base;
    uint32_t function, argument;
    uint8_t base_kind, base_parameter; /* as of a tally */
    uint8_t unused[2];                 /* zero */
} ul_pass;

/* How pointers to a record come into a function. */
typedef enum ul_origin_kind {
    UL_ORIGIN_MADE,   /* allocated there */
    UL_ORIGIN_TAKEN,  /* off a queue or list, for the function alone */
    UL_ORIGIN_LOADED, /* from memory that keeps it, where others find it too */
    UL_ORIGIN_RETURNS, /* no record: the function returns what the function with the id `record` gave it; 0: something else */
    UL_ORIGIN_KIND_COUNT
} ul_origin_kind;

typedef struct ul_origin {
    ul_word record; /* key, or see RETURNS */
    uint32_t function, line;
    uint32_t kind;
} ul_origin;

/* What a pointer to a record is made of, at a place where it was no pointer to it before. */
typedef enum ul_inlet_kind {
    UL_INLET_UNKNOWN, /* anything; `text` says what, as words for people */
    UL_INLET_PLACE,   /* what the place `source` holds: see ul_inlet.sink */
    UL_INLET_RECORD,  /* only into a place: a pointer to the record `source` */
    UL_INLET_CALL,    /* the function `source`, typed as one that gives it: known where a unit has its body */
    UL_INLET_EXTERN,  /* the variable `source`, typed likewise: known where a unit defines it */
    UL_INLET_FIELD,   /* a field of the record `source`, typed likewise: known unless that lies in a union */
    UL_INLET_HEAP,    /* malloc(), calloc(), realloc() */
    UL_INLET_ALIGNED, /* memory aligned to `align_bytes`: aligned_alloc(), memalign(), posix_memalign() */
    UL_INLET_KIND_COUNT
} ul_inlet_kind;

/* The sink of rows that say which records lie in unions by value: kind RECORD. */
#define UL_INLET_UNIONS "~unions"
/* Likewise: `source` is a variable whose address an initializer at file scope has. */
#define UL_INLET_TAKEN "~taken"
/* Likewise: `source` is a record that the function `text` stores to as a whole, through a pointer. */
#define UL_INLET_WHOLE "~whole"

typedef struct ul_inlet {
    ul_word sink;   /* key of a record; or a place that holds a void pointer: "<id>@<n>" a parameter, "<id>=" a variable, "<id>()" a result */
    ul_word source; /* HEAP, ALIGNED: key of the record whose sizeof is its size, or is multiplied or added to; 0 for none */
    ul_word text;   /* as written, cut to length; of calls the callee's name */
    ul_word file;
    uint32_t line;
    uint32_t kind;
    uint32_t align_bytes; /* ALIGNED; 0: the type's own, as _Alignof says it */
} ul_inlet;

enum ul_variable_flag {
    UL_VARIABLE_CONST = 1u << 0,
    UL_VARIABLE_THREAD_LOCAL = 1u << 1,
    UL_VARIABLE_ARRAY = 1u << 2,
    UL_VARIABLE_INITIALIZED = 1u << 3, /* in data, not in bss */
    UL_VARIABLE_POINTER = 1u << 4,     /* elements are pointers */
    UL_VARIABLE_ON_LINE = 1u << 5,     /* its declarator asks for a cache line's alignment */
    UL_VARIABLE_INTERNAL = 1u << 6,
    UL_VARIABLE_ATOMIC = 1u << 7,
    UL_VARIABLE_WANTED = 1u << 8, /* in a file whose records are reported */
    UL_VARIABLE_MACRO_NAMED = 1u << 9 /* a macro made its name: nobody can write a word to it alone */
};

/* A variable with static storage, where it is defined. */
typedef struct ul_variable {
    ul_word id; /* its name when linkage is external, else "<file>:<offset>", with ":<name>" where a macro makes that */
    ul_word name, file, type;
    ul_word record; /* key of the record that its elements are, or 0 */
    uint32_t line, column;
    uint32_t flags;
    uint32_t align_bytes; /* of its type */
    uint32_t place;       /* its place among the definitions of its unit: neighbours have numbers side by side */
    ul_word ignores;      /* rules that the source tells to be quiet about it, by commas; "*" for all; 0 for none */
    ul_word ignore_reason;
    uint32_t ignore_line; /* of the comment */
    uint32_t unused;      /* zero: rows are written out as they are */
    uint64_t size_bytes, element_bytes, count;
} ul_variable;

typedef enum ul_region {
    UL_REGION_DATA,
    UL_REGION_BSS,
    UL_REGION_THREAD, /* thread-local storage */
    UL_REGION_STACK,
    UL_REGION_HEAP,
    UL_REGION_HANDED, /* a pointer to one goes to a new thread */
    UL_REGION_COUNT
} ul_region;

enum ul_instance_flag {
    UL_INSTANCE_ARRAY = 1u << 0,    /* several at once */
    UL_INSTANCE_ELEMENT = 1u << 1,  /* HANDED: an element of an array */
    UL_INSTANCE_PLAIN_HEAP = 1u << 2,/* malloc, calloc or realloc itself: aligned for the largest standard type and no more */
    UL_INSTANCE_TYPED = 1u << 3,     /* HEAP: the result becomes a pointer to the record as it is */
    UL_INSTANCE_WRAPPED = 1u << 5,   /* HEAP: by a function that returns what malloc() or the like gave it */
    UL_INSTANCE_ON_LINE = 1u << 4    /* a variable whose declarator asks for a cache line's alignment */
};

/* A place where objects of a record come to be. */
typedef struct ul_instance {
    ul_word record;   /* key */
    ul_word size;     /* HEAP: the size as written; STACK, DATA, BSS: the variable's name */
    ul_word callee;   /* HEAP: the allocating function; HANDED: the function that gets it */
    ul_word file;
    uint32_t function; /* UL_NO_FUNCTION at file scope */
    uint32_t line;
    uint32_t region, flags;
    uint64_t count;   /* objects when the source says so, else 0 */
} ul_instance;

typedef struct ul_census {
    const char **words;
    ul_census_function *functions;
    ul_tally *tallies;
    ul_census_call *calls;
    ul_mention *mentions;
    ul_number *numbers;
    ul_origin *origins;
    ul_pass *passes;
    ul_inlet *inlets;
    ul_variable *variables;
    ul_instance *instances;
    uint32_t *starts; /* merged: functions that start threads, by the bits of ul_census_function.threads */
    uint32_t word_count, function_count, tally_count, call_count, mention_count, variable_count, instance_count;
    uint32_t number_count, origin_count, pass_count, inlet_count;
    uint32_t start_count;
    uint32_t sorted_word_count; /* merged: words[0..] that are in order; derived ones follow */
    uint32_t unit_count;      /* merged: that it was read from */
    uint32_t thread_creations;/* merged: calls that create threads */
    uint32_t main_function;   /* merged: the only main(), where that creates threads; from and until: lines between which it runs beside them */
    uint32_t main_from_line, main_until_line;
} ul_census;

/* Calls whose meaning a project has to tell: names with `*` for any run of characters. Those that parse asks about are what facts depend on: ul_facts_made_by (cli). */
typedef struct ul_census_names {
    const char *const *locks, *const *unlocks;   /* take and release their argument */
    const char *const *threads;                  /* functions in which threads begin */
    const char *const *setups;                   /* functions that run before there are threads */
    const char *const *transfers, *const *hashes, *const *compares; /* look at the bytes behind a pointer: evidence */
    uint32_t lock_count, unlock_count, thread_count, setup_count, transfer_count, hash_count, compare_count;
} ul_census_names;

/* Look-ups in a merged census. */
/* Accesses to the record or variable `key`, sorted by field and function; *count is set. */
const ul_tally *ul_census_tallies(const ul_census *census, const char *key, uint32_t *count);
/* Places where records of `key` come to be, by file and line. */
const ul_instance *ul_census_instances(const ul_census *census, const char *key, uint32_t *count);
/* How many objects of `key` are known: those of variables and arrays, and those whose number an allocation tells; there may be more. */
uint64_t ul_census_objects(const ul_census *census, const char *key);
/* How pointers to records of `key` come into functions, by function and kind. */
const ul_origin *ul_census_origins(const ul_census *census, const char *key, uint32_t *count);
/* What is passed to the function `id`, by argument. */
const ul_pass *ul_census_passes(const ul_census *census, ul_word id, uint32_t *count);
/* What pointers to records of `key` are made of, or what flows into the place of that name, by file and line. */
const ul_inlet *ul_census_inlets(const ul_census *census, const char *key, uint32_t *count);
/* The function of that id that a unit defines, or NULL. */
const ul_census_function *ul_census_function_of(const ul_census *census, ul_word id);
/* The index of `text` in words[], or 0. */
ul_word ul_census_word(const ul_census *census, const char *text);

/* Whether the access happens while threads run: not in setup, teardown or show functions. */
bool ul_census_is_runtime(const ul_census *census, const ul_tally *tally);
/* Whether `lock` ("<key>#<field>"; "<key>#" for any lock of the record) is held at the access, by the function or by all its callers. */
bool ul_census_holds(const ul_census *census, const ul_tally *tally, const char *lock);
/* How often the place may run, as a guess: 10 for each loop around it, at most 1000. */
double ul_census_weight(const ul_tally *tally);
/* Whether lock[0..length-1] is among `locks`, names joined by '|'; one that ends in '#' stands for any lock of its record. */
bool ul_locks_hold(const char *locks, const char *lock, size_t length);

/* Whether every index into words[] and functions[], and every kind, lies within bounds. */
bool ul_census_is_sound(const ul_census *census);
/* "read", "write", "update", "rmw", "lock", "unlock", "address". */
const char *ul_access_kind_name(uint32_t kind);
/* "none", "other", "parameter", "constant", "loop", "hash", "queue", "entry", "thread". */
const char *ul_index_kind_name(uint32_t kind);
/* "runtime", "setup", "teardown", "show". */
const char *ul_role_name(uint32_t role);
/* "data", "bss", "thread", "stack", "heap", "handed". */
const char *ul_region_name(uint32_t region);
/* Whether `name` is matched by one of `patterns`, where `*` stands for any characters. */
bool ul_name_matches(const char *name, const char *const *patterns, uint32_t count);

#endif
