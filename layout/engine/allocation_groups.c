/*
 * Objects of one type over all functions:
 *  - nodes that are freed one by one while the program works: a pool;
 *  - nodes that are only ever freed in loops over all of them: an arena;
 *  - entries of what calls itself a cache, which nobody ever frees: a bounded cache;
 *  - an object and what its fields point to, taken in one function and freed in one: an arena.
 */
#include "layout/engine/allocation_judging.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

enum { POOLED_BYTES_MAX = 512 }; /* larger objects cost more to fill than to take */

static bool same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether what the function does is done while the program works: itself, or a function of such a name that others call then. */
static bool frees_at_work(const ul_judging *j, uint32_t release)
{
    const ul_row_ids *ids = &j->index->releases[release];
    uint32_t function = ul_judging_function(j, ids), loop_depth = j->rows->releases[release].loop_depth;
    if (function == UL_NO_FUNCTION)
        return false;
    if (j->census->functions[function].role != UL_ROLE_TEARDOWN)
        return ul_judging_is_busy(j, ids, loop_depth);
    if (loop_depth)
        return false; /* a container is taken apart */
    const ul_busy_callers *callers = &j->callers[j->census->functions[function].id];
    return callers->one != UL_NO_FUNCTION && (callers->one != function || callers->has_another);
}

/* The first place that takes one of a record's objects alone, by itself in busy code; UINT32_MAX for none, or when some are taken otherwise. */
static uint32_t taking_place(const ul_judging *j, uint32_t record)
{
    uint32_t first = UINT32_MAX, count;
    const uint32_t *rows = ul_rows_under(j->index, &j->index->items_by_record, record, &count);
    for (uint32_t i = 0; i < count; i++) {
        const ul_allocation *it = &j->rows->items[rows[i]];
        if (!(it->flags & UL_ALLOCATION_ONE) || !(it->flags & UL_ALLOCATION_LISTED) || it->size_bytes > POOLED_BYTES_MAX)
            return UINT32_MAX;
        if (rows[i] < first && it->flags & UL_ALLOCATION_WANTED && ul_judging_is_busy(j, &j->index->items[rows[i]], it->loop_depth))
            first = rows[i];
    }
    return first;
}

/* What was just taken is given back, since something else went wrong. */
static bool is_error_path(const ul_judging *j, uint32_t release)
{
    const ul_release *given = &j->rows->releases[release];
    const ul_row_ids *ids = &j->index->releases[release];
    uint32_t count;
    const uint32_t *rows = ul_rows_under_both(j->index, &j->index->items_by_function, ids->function, ids->receiver, &count);
    for (uint32_t i = 0; i < count && j->rows->items[rows[i]].line <= given->line; i++) {
        if (j->index->items[rows[i]].record == ids->record && j->rows->items[rows[i]].loop_depth <= given->loop_depth)
            return true;
    }
    return false;
}

/* The row of a record that speaks for all of them: whatever order they are asked about in, each record is judged once. */
static bool is_first_of_record(ul_judging *j, uint32_t index)
{
    uint32_t record = j->index->items[index].record;
    bool is_first = record && !j->is_judged[record];
    j->is_judged[record] = true;
    return is_first;
}

void ul_judge_nodes(ul_judging *j, uint32_t index)
{
    uint32_t record = j->index->items[index].record, busy = UINT32_MAX, walk = UINT32_MAX, others = 0, count;
    bool is_whole = true;
    if (!is_first_of_record(j, index))
        return;
    uint32_t taken = taking_place(j, record);
    const uint32_t *rows = taken == UINT32_MAX ? NULL : ul_rows_under(j->index, &j->index->releases_by_record, record, &count);
    for (uint32_t i = 0; rows && i < count; i++) {
        if (j->rows->releases[rows[i]].is_walk) {
            walk = rows[i] < walk ? rows[i] : walk;
            is_whole = is_whole && ul_judging_frees_whole_list(j, rows[i]);
            continue;
        }
        if (is_error_path(j, rows[i]))
            continue;
        others++;
        if (rows[i] < busy && frees_at_work(j, rows[i]))
            busy = rows[i];
    }
    if ((busy == UINT32_MAX && walk == UINT32_MAX) || !ul_judging_is_closed(j, j->rows->items[index].record))
        return;
    if (busy != UINT32_MAX)
        ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_POOL, .allocation = taken, .release = busy});
    else if (walk != UINT32_MAX && others == 0 && is_whole)
        ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_ARENA, .allocation = taken, .release = walk});
}

static bool says_cache(const char *name)
{
    return strcasestr(name, "cache") != NULL || strcasestr(name, "memo_") != NULL || strcasestr(name, "memoi") != NULL;
}

/* Whether nobody but the function that adds entries changes them, or where they are kept: what takes them out of the chain may keep them few. */
static bool is_left_alone(const ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    uint32_t count, creator = ul_judging_function(j, &j->index->items[index]);
    const char *stored = "";
    for (uint32_t i = 0; i < it->use_count; i++)
        stored = it->uses[i].kind == UL_USE_STORED ? it->uses[i].detail : stored;
    size_t length = strcspn(stored, "[.-");
    const ul_tally *tallies = ul_census_tallies(j->census, it->record, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].kind != UL_ACCESS_READ && tallies[i].function != creator)
            return false;
    }
    bool is_found = false;
    for (uint32_t v = 0; v < j->census->variable_count; v++) {
        const char *name = j->census->words[j->census->variables[v].name];
        if (strlen(name) != length || strncmp(name, stored, length) != 0)
            continue;
        is_found = true;
        tallies = ul_census_tallies(j->census, j->census->words[j->census->variables[v].id], &count);
        for (uint32_t i = 0; i < count; i++) {
            if (tallies[i].kind != UL_ACCESS_READ && tallies[i].function != creator)
                return false;
        }
    }
    return is_found;
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
    if (!is_cache || !is_stored || !it->record || !(it->flags & UL_ALLOCATION_CHAINED) || !(it->flags & UL_ALLOCATION_ONE) || !(it->flags & UL_ALLOCATION_LISTED) || !ul_judging_is_closed(j, it->record))
        return false;
    if (ul_rows_count(j->index, &j->index->releases_by_record, j->index->items[index].record) || !is_left_alone(j, index))
        return false;
    ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_CACHE, .allocation = index, .release = UINT32_MAX});
    return true;
}

static bool releases_record(const ul_judging *j, uint32_t function, uint32_t record)
{
    uint32_t count;
    ul_rows_under_both(j->index, &j->index->releases_by_record, record, function, &count);
    return count > 0;
}

/* Whether the function that frees the owner frees the field too, and on the same condition. */
static bool is_freed_with(const ul_judging *j, uint32_t release, uint32_t place)
{
    uint32_t count;
    const uint32_t *rows = ul_rows_under_both(j->index, &j->index->releases_by_place, place, j->index->releases[release].function, &count);
    return count == 1 && j->rows->releases[rows[0]].condition == j->rows->releases[release].condition;
}

/* Whether another function than the creator, which does not free the owner, changes the field. */
static bool is_changed_elsewhere(const ul_judging *j, uint32_t owner_record, const ul_allocation *member, uint32_t creator)
{
    uint32_t count, changes = 0;
    const ul_census *census = j->census;
    const ul_tally *tallies = ul_census_tallies(census, member->owner, &count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_null = tallies[i].kind == UL_ACCESS_WRITE && tallies[i].flags & UL_ACCESS_CONSTANT;
        if (tallies[i].kind != UL_ACCESS_READ && !is_null && strcmp(census->words[tallies[i].field], member->field) == 0 && (changes += tallies[i].count) > 1)
            return true; /* the allocation is one */
        bool is_known = tallies[i].kind == UL_ACCESS_READ || tallies[i].function == creator || strcmp(census->words[tallies[i].field], member->field) != 0;
        if (!is_known && !releases_record(j, j->index->function_number[tallies[i].function], owner_record))
            return true;
    }
    return false;
}

/* Whether the field is set in the one function that takes the owner, and freed wherever the owner is and nowhere else. */
static bool lives_with_owner(const ul_judging *j, uint32_t owner, uint32_t member)
{
    const ul_row_ids *owner_ids = &j->index->items[owner], *ids = &j->index->items[member];
    uint32_t count;
    if (ul_rows_count(j->index, &j->index->items_by_place, ids->place) != 1 || is_changed_elsewhere(j, owner_ids->record, &j->rows->items[member], ul_judging_function(j, owner_ids)))
        return false;
    const uint32_t *rows = ul_rows_under(j->index, &j->index->releases_by_place, ids->place, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!releases_record(j, j->index->releases[rows[i]].function, owner_ids->record))
            return false;
    }
    rows = ul_rows_under(j->index, &j->index->releases_by_record, owner_ids->record, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t function = j->index->releases[rows[i]].function;
        if (function != owner_ids->function && !is_freed_with(j, rows[i], ids->place))
            return false;
    }
    return true;
}

/* The first release of the owner outside the function that takes it, UINT32_MAX for none. */
static uint32_t end_of(const ul_judging *j, uint32_t owner)
{
    uint32_t count, end = UINT32_MAX;
    const ul_row_ids *ids = &j->index->items[owner];
    const uint32_t *rows = ul_rows_under(j->index, &j->index->releases_by_record, ids->record, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (j->index->releases[rows[i]].function != ids->function && rows[i] < end)
            end = rows[i];
    }
    return end;
}

static bool is_taken_once(const ul_judging *j, uint32_t owner)
{
    return ul_rows_count(j->index, &j->index->items_by_record, j->index->items[owner].record) == 1;
}

void ul_judge_owner(ul_judging *j, uint32_t index)
{
    enum { MEMBERS_MIN = 3 }; /* fewer are not worth an arena of their own */
    const ul_allocation *owner = &j->rows->items[index];
    const ul_row_ids *ids = &j->index->items[index];
    if (!owner->record || !(owner->flags & UL_ALLOCATION_ONE) || !(owner->flags & UL_ALLOCATION_WANTED) || !is_taken_once(j, index) ||
        !ul_judging_is_busy(j, ids, owner->loop_depth))
        return;
    uint32_t end = end_of(j, index), count = 0, total;
    if (end == UINT32_MAX || !ul_judging_is_closed(j, owner->record) || ul_judging_is_copied(j, owner->record))
        return;
    const uint32_t *rows = ul_rows_under(j->index, &j->index->items_by_function, ids->function, &total);
    uint32_t *members = UL_NEW_ARRAY(j->arena, uint32_t, total);
    for (uint32_t i = 0; i < total; i++) {
        const ul_allocation *it = &j->rows->items[rows[i]];
        if (it->field && same(it->owner, owner->record) && it->verb != UL_MEMORY_REALLOC && lives_with_owner(j, index, rows[i]))
            members[count++] = rows[i];
    }
    if (count < MEMBERS_MIN)
        return;
    qsort(members, count, sizeof *members, ul_compare_indexes);
    ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_ARENA, .allocation = index, .release = end, .members = members, .member_count = count});
}
