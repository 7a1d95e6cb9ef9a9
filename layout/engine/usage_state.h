/* What the parts of usage.c share while the use of one record is put together. For layout/engine/usage*.c only. */
#ifndef UL_ENGINE_USAGE_STATE_H
#define UL_ENGINE_USAGE_STATE_H

#include "layout/engine/usage.h"

/* How often an annotation says that a field is used: as often as the deepest loop that the census counts. */
#define UL_ANNOTATED_COUNT 1000.0

typedef struct ul_usage_making {
    const ul_usage_request *request;
    const ul_record *record;
    const ul_record_profile *profile; /* of the record, or NULL */
    ul_usage *usage;
    const char **notes;
    bool *is_told;       /* by field: an annotation says what it is */
    uint32_t role_capacity, context_capacity;
    uint32_t access_capacity; /* of the last context */
    ul_arena *arena;
} ul_usage_making;

/* The role of that name, added when new. */
uint32_t ul_usage_role_named(ul_usage_making *m, const char *name, bool is_many);
/* That of whoever calls; and one that the former is not, "" for any of several threads. */
uint32_t ul_usage_role_unknown(ul_usage_making *m);
uint32_t ul_usage_role_in_company(ul_usage_making *m, const char *name);
/* A new context; the pointer holds until the next. */
ul_usage_context *ul_usage_add_context(ul_usage_making *m, const char *name, uint32_t role, uint32_t owner, double count);
/* Adds to what the last context does with the field, by its index in the record, under `locks`; of members of anonymous ones their outermost gets it. */
void ul_usage_add_access(ul_usage_making *m, uint32_t field, double reads, double writes, uint32_t locks);

typedef struct ul_usage_lock {
    const char *name;        /* as the census has it */
    const ul_tally *tallies; /* of what it is a field of, or of the variable */
    uint32_t tally_count;
    ul_word field;           /* 0 for a variable */
    bool is_one;             /* the same for all accesses to an object of the record */
} ul_usage_lock;

/* Locks under which the record is used, by the bits of ul_usage_access.locks. */
typedef struct ul_usage_locks {
    const ul_usage_request *request;
    const ul_census *census;
    const ul_record *record;
    ul_arena *arena;
    ul_usage_lock items[UL_USAGE_LOCKS_MAX];
    uint32_t count;
} ul_usage_locks;

/* usage_locks.c */
void ul_usage_locks_init(ul_usage_locks *locks, const ul_usage_request *request, const ul_record *record, ul_arena *arena);
/* The locks that are held while the access is made. */
uint32_t ul_usage_locks_at(ul_usage_locks *locks, const ul_tally *tally);

/* usage_census.c */
void ul_usage_add_census(ul_usage_making *m);
/* Where objects come to be: alignment, beginnings, number. usage_census.c */
void ul_usage_find_objects(ul_usage_making *m);
/* usage_profile.c */
void ul_usage_add_profile(ul_usage_making *m);

#endif
