/*
 * What function bodies do with memory from malloc and its like: where it is taken, what becomes of the pointer, where it is given
 * back. Parse makes the rows of each unit (parse/allocations.h), the engine merges and judges them (engine/allocations.h). Plain data.
 */
#ifndef UL_MODEL_ALLOCATION_H
#define UL_MODEL_ALLOCATION_H

#include "layout/model/record.h"

typedef enum ul_memory_verb {
    UL_MEMORY_NONE,
    UL_MEMORY_MALLOC,
    UL_MEMORY_CALLOC,
    UL_MEMORY_REALLOC,
    UL_MEMORY_COPY, /* strdup and its like */
    UL_MEMORY_FREE,
    UL_MEMORY_VERB_COUNT
} ul_memory_verb;

/* What is done with a pointer that a local variable holds. */
typedef enum ul_pointer_use_kind {
    UL_USE_LENT,     /* passed to a function that does not keep it; detail: its name */
    UL_USE_FILLED,   /* the same: bytes of a file are read into it, all at once */
    UL_USE_FREED,
    UL_USE_RESIZED,  /* realloc */
    UL_USE_RETURNED,
    UL_USE_STORED,   /* detail: into what, as written */
    UL_USE_PASSED,   /* to a function that may keep it; detail: its name */
    UL_USE_REPLACED, /* the variable takes another value, or moves */
    UL_USE_UNCLEAR,  /* its address is taken, or nothing that is understood */
    UL_USE_KIND_COUNT
} ul_pointer_use_kind;

typedef struct ul_pointer_use {
    const char *detail; /* "" for none */
    uint32_t kind;
    uint32_t line;
    uint32_t loop_depth; /* loops of the function around it */
    uint32_t branch_depth; /* conditions around it */
} ul_pointer_use;

enum ul_allocation_flag {
    UL_ALLOCATION_WANTED = 1u << 0,    /* in a file whose records are reported */
    UL_ALLOCATION_ONE = 1u << 1,       /* exactly one object of `type` */
    UL_ALLOCATION_LOCAL = 1u << 2,     /* a local variable receives it, and nothing else does; `uses` are complete */
    UL_ALLOCATION_STEPS = 1u << 3,     /* REALLOC: `counter` grows by `step` and in no other way */
    UL_ALLOCATION_FORWARD = 1u << 4,   /* as large as a file, which is read into it and gone through once, from front to back */
    UL_ALLOCATION_LISTED = 1u << 5,    /* its type points to itself: a node */
    UL_ALLOCATION_RETYPED = 1u << 6,   /* LOCAL: used as another type than `type` and bytes, too */
    UL_ALLOCATION_HANDED = 1u << 7,    /* the function returns it, whether a variable has it or not */
    UL_ALLOCATION_CHAINED = 1u << 9,   /* LISTED, LOCAL: looked for along a chain, and added to it whenever it is not found */
    UL_ALLOCATION_ZERO = 1u << 10,     /* merged, HEAP: what hands it out sets it to zero, by its body: zcalloc(size) */
    UL_ALLOCATION_HEAP = 1u << 8       /* merged: from malloc() or what hands on its memory and keeps none, and freed by their like, if at all (engine/allocators.h) */
};

/* A call that takes memory. */
typedef struct ul_allocation {
    const char *function, *function_key; /* name, and "<file>:<offset>" as in the census */
    const char *file;
    const char *callee;
    const char *receiver; /* what the pointer is kept in, as written; "" when that is not seen */
    const char *type;     /* of the object or the elements, as spelt; "" for none */
    const char *record;   /* key of `type`'s record, or NULL */
    const char *owner;    /* key of the record whose field receives it, or NULL */
    const char *field;    /* that field, or NULL */
    const char *size;     /* as written */
    const char *counter;  /* STEPS: as written, or NULL */
    ul_pointer_use *uses; /* of the local that receives it, in source order */
    uint32_t use_count;
    uint32_t verb;
    uint32_t line, column;
    uint32_t loop_depth, branch_depth;
    uint32_t flags;
    uint64_t size_bytes; /* where it is a constant, else 0 */
    uint64_t step;       /* elements, STEPS */
} ul_allocation;

/* Where a loop that frees nodes begins. */
enum ul_walk_begin {
    UL_WALK_PART,      /* somewhere, or it ends before the list does */
    UL_WALK_HEAD,      /* at the first node, and it frees all of them */
    UL_WALK_PARAMETER, /* the same when callers give it the first */
    UL_WALK_BEGIN_COUNT
};

/* A call that gives memory back. */
typedef struct ul_release {
    const char *function, *function_key;
    const char *file;
    const char *callee;
    const char *given;  /* as written */
    const char *record; /* key of the record that it points to, or NULL */
    const char *owner, *field; /* see ul_allocation */
    const char *also;   /* is_walk: other calls in the loop, as written; "" for none */
    uint32_t line, column;
    uint32_t loop_depth;
    uint32_t is_walk;   /* in a loop that goes from node to node */
    uint32_t begin;     /* is_walk: ul_walk_begin */
    uint32_t condition; /* line of the innermost one around it that does not just ask whether what is given is null; 0 for none */
} ul_release;

/* How pointers to a record go out of sight. */
typedef enum ul_passage_kind {
    UL_PASSAGE_CALL,      /* `callee`, which the unit does not define, gets or returns one; "": through a pointer */
    UL_PASSAGE_EXPORTED,  /* `callee`, which the unit defines, does so, and other units can call it */
    UL_PASSAGE_CONVERTED, /* one becomes another type, or comes from one, and not as a known allocation or for free() */
    UL_PASSAGE_COPIED,    /* an object is copied as a whole, with the pointers that it holds */
    UL_PASSAGE_HEAD,      /* a list of them is kept in `callee`: a field, "<key>#<name>", or a variable */
    UL_PASSAGE_MOVED,     /* one goes from where it is kept to another place, as far as can be told */
    UL_PASSAGE_PART,      /* `callee` (its id, or "<file>:<offset>") gets one that need not be the first of a list */
    UL_PASSAGE_KIND_COUNT
} ul_passage_kind;

/* The first place of each kind, and of each callee, in a unit. */
typedef struct ul_passage {
    const char *record; /* key */
    const char *callee; /* "" for none; see ul_passage_kind */
    const char *file;
    uint32_t line;
    uint32_t kind; /* ul_passage_kind */
} ul_passage;

/* A comment in a function body that tells the rules to be quiet about a line. */
typedef struct ul_body_comment {
    const char *file;
    const char *rules;  /* "" for all */
    const char *reason;
    uint32_t line;       /* of the comment */
    uint32_t about_line; /* of what it is about: from here */
    uint32_t about_end;  /* to here, a line as well */
} ul_body_comment;

typedef struct ul_allocations {
    ul_allocation *items;
    ul_release *releases;
    ul_body_comment *comments;
    ul_passage *passages; /* merged: by record */
    uint32_t count, release_count, comment_count, passage_count;
} ul_allocations;

/* Which of the patterns of the rule alloc-pattern a place has. */
typedef enum ul_advice_pattern {
    UL_ADVICE_LOCAL,  /* an object does not leave its function */
    UL_ADVICE_POOL,   /* objects of one type come and go one by one */
    UL_ADVICE_ARENA,  /* objects are freed together */
    UL_ADVICE_GROWTH, /* an array grows by a constant */
    UL_ADVICE_CACHE,  /* a container grows and is never trimmed */
    UL_ADVICE_STREAM, /* a whole file is read to be scanned once */
    UL_ADVICE_PATTERN_COUNT
} ul_advice_pattern;

/* What the engine thinks of an allocation. */
typedef struct ul_advice {
    const uint32_t *members; /* ARENA: the other allocations of the group; LOCAL: others of its function, which leave it */
    uint32_t member_count;
    uint32_t pattern;
    uint32_t allocation; /* index into ul_allocations.items */
    uint32_t release;    /* POOL, ARENA: index into ul_allocations.releases, else UINT32_MAX */
    uint32_t entry;      /* of the report, that stands for it; UINT32_MAX for none */
    uint32_t is_recursive; /* LOCAL: the function calls itself, straight or by others: its stack may have little room */
} ul_advice;

/* "malloc", "calloc", "realloc", "copy", "free". */
const char *ul_memory_verb_name(uint32_t verb);
/* "local", "pool", "arena", "growth", "cache", "stream". */
const char *ul_advice_pattern_name(uint32_t pattern);
/* "lent", "filled", "freed", "resized", "returned", "stored", "passed", "replaced", "unclear". */
const char *ul_pointer_use_name(uint32_t kind);

#endif
