/*
 * When functions run, and under which locks, once it is known where threads begin (census_starts.c):
 *  1. roles by name, then by what main calls before the first thread, then by callers that all have one role;
 *  2. locks that every known caller of a function holds. Calls through pointers are unknown: what escapes keeps RUNTIME and no locks;
 *  3. indexes that are parameters, by what callers pass.
 */
#include <string.h>

#include "layout/engine/census_state.h"
#include "layout/engine/role_words.h"

static void index_calls(ul_census_merging *r)
{
    const ul_census *census = r->census;
    uint32_t functions = census->function_count, count;
    r->calls_first = UL_NEW_ARRAY(r->arena, uint32_t, functions + 1u);
    r->callers_first = UL_NEW_ARRAY(r->arena, uint32_t, functions + 1u);
    for (uint32_t i = 0; i < census->call_count; i++) {
        const uint32_t *callees = ul_function_index_find(&r->index, census->calls[i].callee, &count);
        r->calls_first[census->calls[i].function + 1u]++;
        for (uint32_t k = 0; census->calls[i].callee && k < count; k++)
            r->callers_first[callees[k] + 1u]++;
    }
    for (uint32_t i = 0; i < functions; i++) {
        r->calls_first[i + 1u] += r->calls_first[i];
        r->callers_first[i + 1u] += r->callers_first[i];
    }
    r->calls = UL_NEW_ARRAY(r->arena, uint32_t, r->calls_first[functions] + 1u);
    r->callers = UL_NEW_ARRAY(r->arena, uint32_t, r->callers_first[functions] + 1u);
    uint32_t *calls = UL_NEW_ARRAY(r->arena, uint32_t, functions + 1u), *callers = UL_NEW_ARRAY(r->arena, uint32_t, functions + 1u);
    memcpy(calls, r->calls_first, functions * sizeof *calls);
    memcpy(callers, r->callers_first, functions * sizeof *callers);
    for (uint32_t i = 0; i < census->call_count; i++) {
        const uint32_t *callees = ul_function_index_find(&r->index, census->calls[i].callee, &count);
        r->calls[calls[census->calls[i].function]++] = i;
        for (uint32_t k = 0; census->calls[i].callee && k < count; k++)
            r->callers[callers[callees[k]]++] = i;
    }
}

/* Functions from which a thread may be created, the creating ones among them. */
static void find_leading(ul_census_merging *r)
{
    ul_census *census = r->census;
    bool has_changed = true;
    r->leads_to_thread = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < census->call_count; i++) {
            const ul_census_call *call = &census->calls[i];
            uint32_t count;
            if (r->leads_to_thread[call->function] || !call->callee)
                continue;
            bool leads = ul_census_start_argument(r, call->callee) >= 0;
            const uint32_t *callees = ul_function_index_find(&r->index, call->callee, &count);
            for (uint32_t k = 0; k < count; k++)
                leads |= r->leads_to_thread[callees[k]];
            r->leads_to_thread[call->function] = leads;
            has_changed |= leads;
        }
    }
}

/*
 * What main calls before the call that leads to the first thread is early, unless it is also reached from later calls, from start
 * routines or by pointer.
 */
static void find_early(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u), count;
    bool *is_late = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    r->is_early = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++) {
        const ul_census_function *it = &census->functions[i];
        bool is_main = strcmp(census->words[it->name], "main") == 0, is_after = false;
        r->has_main |= is_main;
        if (it->flags & (UL_FUNCTION_ENTRY | UL_FUNCTION_ESCAPES))
            ul_census_spread(r, is_late, stack, i);
        for (uint32_t k = r->calls_first[i]; is_main && k < r->calls_first[i + 1u]; k++) {
            ul_word callee = census->calls[r->calls[k]].callee;
            const uint32_t *callees = ul_function_index_find(&r->index, callee, &count);
            for (uint32_t j = 0; callee && j < count; j++) {
                is_after |= r->leads_to_thread[callees[j]];
                ul_census_spread(r, is_after ? is_late : r->is_early, stack, callees[j]);
            }
            is_after |= callee && ul_census_start_argument(r, callee) >= 0;
        }
    }
    for (uint32_t i = 0; i < census->function_count; i++)
        r->is_early[i] = r->is_early[i] && !is_late[i];
}

/* What main calls is early when find_early() says so; else it may run when there are threads. */
static ul_role role_of_caller(const ul_census_merging *r, const ul_census_call *call)
{
    const ul_census_function *caller = &r->census->functions[call->function];
    return strcmp(r->census->words[caller->name], "main") == 0 ? UL_ROLE_RUNTIME : (ul_role)caller->role;
}

/* The one role that all callers have, or RUNTIME. */
static ul_role role_of_callers(const ul_census_merging *r, uint32_t function)
{
    const ul_census *census = r->census;
    uint32_t first = r->callers_first[function], end = r->callers_first[function + 1u];
    if (first == end || census->functions[function].flags & (UL_FUNCTION_ESCAPES | UL_FUNCTION_ENTRY))
        return UL_ROLE_RUNTIME;
    ul_role role = role_of_caller(r, &census->calls[r->callers[first]]);
    for (uint32_t i = first; i < end; i++) {
        if (role_of_caller(r, &census->calls[r->callers[i]]) != role)
            return UL_ROLE_RUNTIME;
    }
    return role;
}

static void find_roles(ul_census_merging *r)
{
    ul_census *census = r->census;
    bool is_threaded = census->thread_creations > 0;
    for (uint32_t i = 0; i < census->function_count; i++) {
        ul_census_function *it = &census->functions[i];
        it->flags |= ul_role_name_is_locked(census->words[it->name]) ? UL_FUNCTION_LOCKED : 0u;
        it->role = it->flags & UL_FUNCTION_ENTRY ? UL_ROLE_RUNTIME : ul_role_of_name(census->words[it->name], r->names);
        if (it->role == UL_ROLE_RUNTIME && is_threaded && r->is_early[i])
            it->role = UL_ROLE_SETUP;
    }
    for (int round = 0; round < UL_CENSUS_ROUNDS; round++) {
        for (uint32_t i = 0; i < census->function_count; i++) {
            ul_census_function *it = &census->functions[i];
            if (it->role == UL_ROLE_RUNTIME && (it->flags & UL_FUNCTION_INTERNAL || r->has_main))
                it->role = role_of_callers(r, i);
        }
    }
}

/* The locks of `common` that `more` or `others` holds too. */
static const char *keep_common(const char *common, const char *more, const char *others, ul_arena *arena)
{
    const char *kept = "";
    for (const char *at = common; *at;) {
        size_t part = strcspn(at, "|");
        if (ul_locks_hold(more, at, part) || ul_locks_hold(others, at, part))
            kept = ul_arena_printf(arena, "%s%s%.*s", kept, *kept ? "|" : "", (int)part, at);
        at += part + (at[part] == '|');
    }
    return kept;
}

static const char *both(const char *a, const char *b, ul_arena *arena)
{
    return !*a ? b : !*b ? a : ul_arena_printf(arena, "%s|%s", a, b);
}

/* Locks held at every known call of the function. */
static const char *locks_of_callers(const ul_census_merging *r, const char *const *locks, uint32_t function)
{
    const ul_census *census = r->census;
    const ul_census_function *it = &census->functions[function];
    uint32_t first = r->callers_first[function], end = r->callers_first[function + 1u];
    if (first == end || it->flags & (UL_FUNCTION_ESCAPES | UL_FUNCTION_ENTRY) || !(it->flags & UL_FUNCTION_INTERNAL || r->has_main))
        return "";
    const ul_census_call *call = &census->calls[r->callers[first]];
    const char *common = both(census->words[call->locks], locks[call->function], r->arena);
    for (uint32_t i = first + 1; i < end && *common; i++) {
        call = &census->calls[r->callers[i]];
        common = keep_common(common, census->words[call->locks], locks[call->function], r->arena);
    }
    return common;
}

static void find_caller_locks(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t capacity = census->word_count;
    const char **locks = UL_NEW_ARRAY(r->arena, const char *, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        locks[i] = "";
    for (int round = 0; round < UL_CENSUS_ROUNDS; round++) {
        for (uint32_t i = 0; i < census->function_count; i++)
            locks[i] = locks_of_callers(r, locks, i);
    }
    for (uint32_t i = 0; i < census->function_count; i++) {
        if (!*locks[i])
            continue;
        UL_RESERVE(r->arena, census->words, census->word_count, capacity);
        census->functions[i].locks = census->word_count;
        census->words[census->word_count++] = locks[i];
    }
}

/* Whether some caller passes the number of a thread, or the element that it picks. numbers[] are sorted by callee and argument. */
static bool gets_thread_number(const ul_census *census, ul_word callee, uint32_t argument)
{
    uint32_t low = 0, high = census->number_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const ul_number *it = &census->numbers[middle];
        if (it->callee < callee || (it->callee == callee && it->argument < argument))
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < census->number_count && census->numbers[low].callee == callee && census->numbers[low].argument == argument; low++) {
        const ul_number *it = &census->numbers[low];
        if (it->index == UL_INDEX_THREAD || census->functions[it->function].flags & UL_FUNCTION_ENTRY)
            return true;
    }
    return false;
}

/* An index that is a parameter is what callers pass: the number of a thread where one of them does. */
static void settle_indexes(ul_census_merging *r)
{
    ul_census *census = r->census;
    for (uint32_t i = 0; i < census->tally_count; i++) {
        ul_tally *tally = &census->tallies[i];
        const ul_census_function *function = &census->functions[tally->function];
        if (tally->index == UL_INDEX_ENTRY && !(function->flags & UL_FUNCTION_ENTRY))
            tally->index = UL_INDEX_OTHER;
        if (tally->index != UL_INDEX_PARAMETER)
            continue;
        tally->index = gets_thread_number(census, function->id, tally->parameter) ? UL_INDEX_THREAD : UL_INDEX_OTHER;
        if (tally->index == UL_INDEX_THREAD || !(tally->flags & UL_ACCESS_ELEMENT))
            continue;
        tally->index = UL_INDEX_NONE; /* any object */
        tally->flags &= (uint8_t)~UL_ACCESS_ELEMENT;
    }
}

/* Functions that loops reach by calls, callbacks, and what nobody in sight calls may run again and again; what is left runs once. */
static void find_once(ul_census_merging *r)
{
    ul_census *census = r->census;
    bool *again = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++) {
        const ul_census_function *it = &census->functions[i];
        bool is_first = it->flags & UL_FUNCTION_ENTRY || strcmp(census->words[it->name], "main") == 0;
        bool is_again = it->flags & UL_FUNCTION_ESCAPES && !(it->flags & UL_FUNCTION_ENTRY);
        is_again |= !is_first && r->callers_first[i] == r->callers_first[i + 1u];
        for (uint32_t k = r->callers_first[i]; k < r->callers_first[i + 1u] && !is_again; k++)
            is_again = census->calls[r->callers[k]].loop_depth > 0;
        if (is_again)
            ul_census_spread(r, again, stack, i);
    }
    for (uint32_t i = 0; i < census->function_count; i++)
        census->functions[i].flags |= again[i] ? 0u : UL_FUNCTION_ONCE;
}

void ul_census_find_roles(ul_census *census, const ul_census_names *names, ul_arena *arena)
{
    ul_census_merging r = {.census = census, .names = names, .arena = arena};
    ul_function_index_build(&r.index, census, arena);
    index_calls(&r);
    ul_census_find_starts(&r);
    find_leading(&r);
    ul_census_find_main(&r);
    find_early(&r);
    find_roles(&r);
    find_caller_locks(&r);
    settle_indexes(&r);
    find_once(&r);
    ul_census_find_wrappers(&r);
}
