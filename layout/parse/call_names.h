/*
 * What a function or macro does, going by its name: takes or releases a lock, is an atomic operation, allocates, starts a thread.
 * C has no other mark for these. Names are cut into words at underscores and capitals, so that `block` is no lock. Pure.
 */
#ifndef UL_PARSE_CALL_NAMES_H
#define UL_PARSE_CALL_NAMES_H

#include "layout/model/census.h"

typedef enum ul_call_verb {
    UL_CALL_PLAIN,
    UL_CALL_LOCK,
    UL_CALL_UNLOCK,
    UL_CALL_ATOMIC_READ,
    UL_CALL_ATOMIC_WRITE,
    UL_CALL_ATOMIC_RMW,
    UL_CALL_WAIT, /* for a semaphore: sem_wait */
    UL_CALL_POST,
    UL_CALL_ALLOCATE,      /* malloc, calloc, realloc and the like of libc: no alignment beyond max_align_t */
    UL_CALL_ALLOCATE_ELSE, /* any other allocator, by its name */
    UL_CALL_START_THREAD   /* pthread_create, thrd_create */
} ul_call_verb;

/* `names` adds the project's own and may be NULL. */
ul_call_verb ul_call_verb_of(const char *name, const ul_census_names *names);
/* Whether what takes a lock by that name lets others hold it too: pthread_rwlock_rdlock, read_lock, sem_acquire. */
bool ul_name_shares_lock(const char *name);
/* Whether `name` has `word` among its words, whatever the case. */
bool ul_name_has_word(const char *name, const char *word);
/* Whether `name` sounds like the number of a thread, core or worker: tid, thread_id, cpu, lcore. */
bool ul_name_is_thread_number(const char *name);

/* Whether it sounds like the number of a queue, ring or shard: qid, queue_id, tx_ring_index. */
bool ul_name_is_queue_number(const char *name);

#endif
