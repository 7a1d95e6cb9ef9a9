/*
 * Objects of one type over all functions:
 *  - nodes that are freed one by one while the program works: a pool;
 *  - nodes that are only ever freed in loops over all of them: an arena;
 *  - entries of what calls itself a cache, which nobody ever frees: a bounded cache;
 *  - an object and what its fields point to, taken in one function and freed in one: an arena.
 */
#include "layout/engine/allocation_judging.h"

#include <string.h>

enum { POOLED_BYTES_MAX = 512 }; /* larger objects cost more to fill than to take */

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether what the function does is done while the program works: itself, or a function of such a name that others call then. */
static bool frees_at_work(const ul_judging *j, const ul_release *release)
{
    uint32_t function = ul_judging_function(j, release->function_key);
    if (function == UL_NO_FUNCTION)
        return false;
    const ul_census *census = j->census;
    if (census->functions[function].role != UL_ROLE_TEARDOWN)
        return ul_judging_is_busy(j, release->function_key, release->loop_depth);
    if (release->loop_depth)
        return false; /* a container is taken apart */
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        uint32_t role = census->functions[call->function].role;
        if (call->callee == census->functions[function].id && call->function != function && role == UL_ROLE_RUNTIME && j->repeated[call->function] > 0)
            return true;
    }
    return false;
}

/* The first place that takes one of a record's objects alone, by itself in busy code; UINT32_MAX for none, or when some are taken otherwise. */
static uint32_t taking_place(const ul_judging *j, const char *record)
{
    uint32_t first = UINT32_MAX;
    for (uint32_t i = 0; i < j->rows->count; i++) {
        const ul_allocation *it = &j->rows->items[i];
        if (!same(it->record, record))
            continue;
        if (!(it->flags & UL_ALLOCATION_ONE) || !(it->flags & UL_ALLOCATION_LISTED) || it->size_bytes > POOLED_BYTES_MAX)
            return UINT32_MAX;
        if (first == UINT32_MAX && it->flags & UL_ALLOCATION_WANTED && ul_judging_is_busy(j, it->function_key, it->loop_depth))
            first = i;
    }
    return first;
}

/* What was just taken is given back, since something else went wrong. */
static bool is_error_path(const ul_judging *j, const ul_release *release)
{
    for (uint32_t i = 0; i < j->rows->count; i++) {
        const ul_allocation *it = &j->rows->items[i];
        if (same(it->record, release->record) && strcmp(it->function_key, release->function_key) == 0 && strcmp(it->receiver, release->given) == 0 &&
            it->loop_depth == release->loop_depth && it->line <= release->line)
            return true;
    }
    return false;
}

static bool is_first_of_record(const ul_judging *j, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (same(j->rows->items[i].record, j->rows->items[index].record))
            return false;
    }
    return true;
}

void ul_judge_nodes(ul_judging *j, uint32_t index)
{
    const char *record = j->rows->items[index].record;
    uint32_t busy = UINT32_MAX, walk = UINT32_MAX, others = 0;
    if (!record || !is_first_of_record(j, index))
        return;
    uint32_t taken = taking_place(j, record);
    for (uint32_t i = 0; taken != UINT32_MAX && i < j->rows->release_count; i++) {
        const ul_release *it = &j->rows->releases[i];
        if (!same(it->record, record))
            continue;
        if (it->is_walk) {
            walk = walk == UINT32_MAX ? i : walk;
            continue;
        }
        if (is_error_path(j, it))
            continue;
        others++;
        if (busy == UINT32_MAX && frees_at_work(j, it))
            busy = i;
    }
    if (busy != UINT32_MAX)
        ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_POOL, .allocation = taken, .release = busy});
    else if (walk != UINT32_MAX && others == 0)
        ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_ARENA, .allocation = taken, .release = walk});
}

static bool says_cache(const char *name)
{
    return strcasestr(name, "cache") != NULL || strcasestr(name, "memo_") != NULL || strcasestr(name, "memoi") != NULL;
}

/* Whether every use of the record is in the run: it is defined in a source file, or the run has the program's main(). */
static bool is_seen_whole(const ul_judging *j, const char *record)
{
    const char *colon = strrchr(record, ':');
    if (colon && colon - record > 2 && strncmp(colon - 2, ".c", 2) == 0)
        return true;
    for (uint32_t i = 0; i < j->census->function_count; i++) {
        if (strcmp(j->census->words[j->census->functions[i].name], "main") == 0)
            return true;
    }
    return false;
}

bool ul_judge_cache(ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    bool is_cache = says_cache(it->function) || says_cache(it->type), is_stored = false;
    for (uint32_t i = 0; i < it->use_count; i++) {
        is_stored |= it->uses[i].kind == UL_USE_STORED;
        is_cache |= it->uses[i].kind == UL_USE_STORED && says_cache(it->uses[i].detail);
        if (it->uses[i].kind == UL_USE_FREED || it->uses[i].kind == UL_USE_PASSED || it->uses[i].kind == UL_USE_UNCLEAR)
            return false; /* who else has it may free it */
    }
    if (!is_cache || !is_stored || !it->record || !(it->flags & UL_ALLOCATION_ONE) || !(it->flags & UL_ALLOCATION_LISTED) || !is_seen_whole(j, it->record))
        return false;
    for (uint32_t i = 0; i < j->rows->release_count; i++) {
        if (same(j->rows->releases[i].record, it->record))
            return false;
    }
    ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_CACHE, .allocation = index, .release = UINT32_MAX});
    return true;
}

static bool releases_record(const ul_judging *j, const char *function_key, const char *record)
{
    for (uint32_t i = 0; i < j->rows->release_count; i++) {
        const ul_release *it = &j->rows->releases[i];
        if (same(it->record, record) && strcmp(it->function_key, function_key) == 0)
            return true;
    }
    return false;
}

static bool releases_field(const ul_judging *j, const char *function_key, const char *owner, const char *field)
{
    for (uint32_t i = 0; i < j->rows->release_count; i++) {
        const ul_release *it = &j->rows->releases[i];
        if (same(it->owner, owner) && same(it->field, field) && strcmp(it->function_key, function_key) == 0)
            return true;
    }
    return false;
}

/* Whether the field is set in the one function that takes the owner, and freed wherever the owner is and nowhere else. */
static bool lives_with_owner(const ul_judging *j, const ul_allocation *owner, const ul_allocation *member)
{
    uint32_t count, creator = ul_judging_function(j, owner->function_key);
    const ul_census *census = j->census;
    const ul_tally *tallies = ul_census_tallies(census, member->owner, &count);
    for (uint32_t i = 0; i < j->rows->count; i++) {
        const ul_allocation *it = &j->rows->items[i];
        if (it != member && same(it->owner, member->owner) && same(it->field, member->field))
            return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        bool is_change = tallies[i].kind != UL_ACCESS_READ;
        if (is_change && tallies[i].function != creator && strcmp(census->words[tallies[i].field], member->field) == 0 &&
            !releases_record(j, census->words[census->functions[tallies[i].function].key], owner->record))
            return false;
    }
    for (uint32_t i = 0; i < j->rows->release_count; i++) {
        const ul_release *it = &j->rows->releases[i];
        bool frees_owner = same(it->record, owner->record), frees_member = same(it->owner, member->owner) && same(it->field, member->field);
        if (frees_member && !releases_record(j, it->function_key, owner->record))
            return false;
        if (frees_owner && strcmp(it->function_key, owner->function_key) != 0 && !releases_field(j, it->function_key, member->owner, member->field))
            return false;
    }
    return true;
}

/* A release of the owner outside the function that takes it, UINT32_MAX for none. */
static uint32_t end_of(const ul_judging *j, const ul_allocation *owner)
{
    for (uint32_t i = 0; i < j->rows->release_count; i++) {
        const ul_release *it = &j->rows->releases[i];
        if (same(it->record, owner->record) && strcmp(it->function_key, owner->function_key) != 0)
            return i;
    }
    return UINT32_MAX;
}

static bool is_taken_once(const ul_judging *j, const ul_allocation *owner)
{
    for (uint32_t i = 0; i < j->rows->count; i++) {
        if (&j->rows->items[i] != owner && same(j->rows->items[i].record, owner->record))
            return false;
    }
    return true;
}

void ul_judge_owner(ul_judging *j, uint32_t index)
{
    enum { MEMBERS_MIN = 3 }; /* fewer are not worth an arena of their own */
    const ul_allocation *owner = &j->rows->items[index];
    if (!owner->record || !(owner->flags & UL_ALLOCATION_ONE) || !(owner->flags & UL_ALLOCATION_WANTED) || !is_taken_once(j, owner) ||
        !ul_judging_is_busy(j, owner->function_key, owner->loop_depth))
        return;
    uint32_t end = end_of(j, owner), count = 0, *members = UL_NEW_ARRAY(j->arena, uint32_t, j->rows->count);
    for (uint32_t i = 0; end != UINT32_MAX && i < j->rows->count; i++) {
        const ul_allocation *it = &j->rows->items[i];
        if (it->field && same(it->owner, owner->record) && it->verb != UL_MEMORY_REALLOC && strcmp(it->function_key, owner->function_key) == 0 &&
            lives_with_owner(j, owner, it))
            members[count++] = i;
    }
    if (count >= MEMBERS_MIN)
        ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_ARENA, .allocation = index, .release = end, .members = members, .member_count = count});
}
