/*
 * The state of the library that is not inside an object of its user: settings, the lists of named arenas and
 * of pools, the fault handler. It is here because leak reports, pthread keys and fork handlers belong to a
 * process, not to a pool. tests/state.cmake lists the names and allows no other.
 */
#ifndef ULLAGE_PRIVATE_PROCESS_H
#define ULLAGE_PRIVATE_PROCESS_H

#include <pthread.h>

#include "ullage/arena.h"
#include "ullage/debug.h"
#include "ullage/prof.h"
#include "ullage/private/settings.h"

/* A pool, as reports see it: the head of its private part. */
typedef struct ul_source {
    ul_listed listed; /* first */
    void (*read)(const struct ul_source *source, ul_prof_entry *entry);
    const void *owner; /* of its twins and samples */
} ul_source;

/* A named arena, as reports see it. It stays when the arena goes out of scope without ul_arena_free: no list
   leads through memory of users. */
typedef struct ul_arena_entry {
    ul_listed listed; /* first */
    const ul_arena *arena;
    const char *name;
} ul_arena_entry;

typedef struct ul_process_state {
    pthread_mutex_t lock; /* of the lists */
    ul_listed arenas;
    ul_listed pools;
    ul_settings settings;
    void (*on_fault)(const ul_fault *fault, void *context);
    void *fault_context;
    uint64_t fail_every;
    uint64_t fail_count;
    pthread_once_t once;
    bool fail_repeats;
    bool is_mode_forced;
    bool has_exit_report;
    ul_mode forced_mode;
} ul_process_state;

extern ul_process_state ul_process;

/* A sample of the heap profile, if it is the turn of this object. */
void ul_source_sample(const ul_source *source, uint64_t *left_bytes, const void *object, size_t size,
                      const void *caller);

/* Lists a named arena; without memory it stays out of reports. And takes it out. */
void ul_process_list_arena(ul_arena *arena);
void ul_process_unlist_arena(ul_arena *arena);
/* Puts `entry` at the head of `list`, takes it out; under the lock. */
void ul_process_list(ul_listed *list, ul_listed *entry);
void ul_process_unlist(ul_listed *entry);

/* Tells the fault to the handler; returns when that does. `sites`: got, put, here; NULL where not known. */
void ul_process_fault(ul_fault_kind kind, const char *owner, const void *object, size_t size,
                      const ul_site *got, const ul_site *put, const ul_site *here);
/* "file:line" or "module+offset". */
void ul_site_format(char *text, size_t size, const ul_site *site);

#endif
