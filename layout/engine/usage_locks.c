/*
 * Which accesses come one after the other because they are made under one lock. A lock is one for two accesses to an object of the record
 * when it is a field of the record (of the same object: the census does not tell objects apart, and code that takes one's lock for another is
 * not met), a variable that is no array, or a field of a record of which there is one object. It keeps all others out where it is not taken
 * for reading, else those who take it alone. What is not known to be so is no lock here: fields are then parted as if there were none.
 */
#include <string.h>

#include "layout/engine/usage_state.h"

static uint32_t end_of_name(const char *lock)
{
    const char *mark = strchr(lock, '#');
    return (uint32_t)(mark ? (size_t)(mark - lock) : strlen(lock));
}

/* The one field of `key` that is taken as a lock; NULL when there are several, or none. */
static const char *only_lock_of(const ul_census *census, const char *key)
{
    uint32_t count;
    ul_word only = 0;
    const ul_tally *tallies = ul_census_tallies(census, key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].kind != UL_ACCESS_LOCK || !tallies[i].field || tallies[i].field == only)
            continue;
        if (only)
            return NULL;
        only = tallies[i].field;
    }
    return only ? census->words[only] : NULL;
}

/* Whether one object is all that there is of the record: a variable that no other record holds. */
static bool is_single(const ul_usage_locks *locks, const char *key)
{
    uint32_t count, objects = 0;
    const ul_instance *instances = ul_census_instances(locks->census, key, &count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_variable = instances[i].region == UL_REGION_DATA || instances[i].region == UL_REGION_BSS;
        if (instances[i].region == UL_REGION_HANDED)
            continue;
        if (!is_variable || instances[i].flags & UL_INSTANCE_ARRAY || instances[i].count > 1)
            return false;
        objects++;
    }
    for (uint32_t i = 0; i < locks->request->entry_count; i++) {
        const ul_record *outer = locks->request->entries[i].record;
        for (uint32_t k = 0; k < outer->field_count; k++) {
            if (outer->fields[k].embedded && strcmp(outer->fields[k].embedded, key) == 0)
                return false;
        }
    }
    return objects == 1;
}

/* A variable with static storage, and one lock: nobody picks it from an array, or another part of the variable. */
static bool is_plain_variable(const ul_census *census, const char *id)
{
    uint32_t count;
    const ul_tally *tallies = ul_census_tallies(census, id, &count), *taken = NULL;
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *it = &census->variables[i];
        if (strcmp(census->words[it->id], id) == 0 && it->flags & (UL_VARIABLE_ARRAY | UL_VARIABLE_POINTER | UL_VARIABLE_THREAD_LOCAL))
            return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].kind != UL_ACCESS_LOCK)
            continue;
        if (tallies[i].index != UL_INDEX_NONE || (taken && (tallies[i].at_bytes != taken->at_bytes || tallies[i].size_bytes != taken->size_bytes)))
            return false;
        taken = &tallies[i];
    }
    return taken != NULL;
}

static bool is_one_lock(const ul_usage_locks *locks, const char *lock)
{
    uint32_t length = end_of_name(lock);
    if (!lock[length])
        return is_plain_variable(locks->census, lock);
    if (strlen(locks->record->key) != length || memcmp(lock, locks->record->key, length) != 0)
        return is_single(locks, ul_arena_strndup(locks->arena, lock, length));
    uint32_t field = ul_record_field_named(locks->record, lock + length + 1);
    return field != UL_NO_PARENT && !(locks->record->fields[field].flags & UL_FIELD_ARRAY);
}

/* "<key>#" is some lock of the record: the only one that it has. */
static const char *settled_name(const ul_usage_locks *locks, const char *lock)
{
    uint32_t length = end_of_name(lock);
    if (!lock[length] || lock[length + 1])
        return lock;
    const char *field = only_lock_of(locks->census, ul_arena_strndup(locks->arena, lock, length));
    return field ? ul_arena_printf(locks->arena, "%s%s", lock, field) : NULL;
}

/* The lock of that name, when it is one for all who take it; else NULL. */
static const ul_usage_lock *find_lock(ul_usage_locks *locks, const char *name)
{
    const char *settled = settled_name(locks, name);
    for (uint32_t i = 0; settled && i < locks->count; i++) {
        if (strcmp(locks->items[i].name, settled) == 0)
            return locks->items[i].is_one ? &locks->items[i] : NULL;
    }
    if (!settled || locks->count == UL_USAGE_LOCKS_MAX)
        return NULL;
    uint32_t length = end_of_name(settled);
    ul_usage_lock *it = &locks->items[locks->count++];
    *it = (ul_usage_lock){.name = settled, .is_one = is_one_lock(locks, settled)};
    it->field = settled[length] ? ul_census_word(locks->census, settled + length + 1) : 0;
    it->tallies = ul_census_tallies(locks->census, ul_arena_strndup(locks->arena, settled, length), &it->tally_count);
    return it->is_one ? it : NULL;
}

/* Whether who holds it in `function` is alone: nothing there takes it for reading or, where it was taken elsewhere, nothing at all does. */
static bool keeps_others_out(const ul_usage_lock *lock, uint32_t function)
{
    bool is_taken = false, is_shared = false, is_taken_here = false, is_shared_here = false;
    for (uint32_t i = 0; i < lock->tally_count; i++) {
        const ul_tally *tally = &lock->tallies[i];
        if (tally->kind != UL_ACCESS_LOCK || tally->field != lock->field)
            continue;
        bool shares = (tally->flags & UL_ACCESS_SHARED) != 0;
        is_taken = true;
        is_shared |= shares;
        is_taken_here |= tally->function == function;
        is_shared_here |= shares && tally->function == function;
    }
    return is_taken_here ? !is_shared_here : is_taken && !is_shared;
}

static uint32_t held_bits(const ul_usage_locks *locks, const ul_usage_lock *lock, uint32_t function)
{
    return ul_usage_lock_bits((uint32_t)(lock - locks->items), keeps_others_out(lock, function));
}

static uint32_t bits_of(ul_usage_locks *locks, const char *text, uint32_t function)
{
    uint32_t bits = 0;
    for (const char *at = text; *at;) {
        size_t part = strcspn(at, "|");
        const ul_usage_lock *lock = find_lock(locks, ul_arena_strndup(locks->arena, at, part));
        bits |= lock ? held_bits(locks, lock, function) : 0;
        at += part + (at[part] == '|');
    }
    return bits;
}

void ul_usage_locks_init(ul_usage_locks *locks, const ul_usage_request *request, const ul_record *record, ul_arena *arena)
{
    *locks = (ul_usage_locks){.request = request, .census = request->census, .record = record, .arena = arena};
}

uint32_t ul_usage_locks_at(ul_usage_locks *locks, const ul_tally *tally)
{
    const ul_census *census = locks->census;
    const ul_census_function *function = &census->functions[tally->function];
    uint32_t bits = bits_of(locks, census->words[tally->locks], tally->function) | bits_of(locks, census->words[function->locks], tally->function);
    const char *key = locks->record->key;
    if (tally->kind == UL_ACCESS_LOCK) /* who waits for a lock comes after who holds it */
        bits |= bits_of(locks, ul_arena_printf(locks->arena, "%s#%s", key, census->words[tally->field]), tally->function);
    if (function->flags & UL_FUNCTION_LOCKED)
        bits |= bits_of(locks, ul_arena_printf(locks->arena, "%s#", key), tally->function);
    return bits;
}
