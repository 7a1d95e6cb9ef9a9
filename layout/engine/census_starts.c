/*
 * Where threads begin:
 *  1. functions that create threads, directly or by passing a parameter on to one that does; what they are given starts threads;
 *  2. what start routines reach by calls.
 */
#include "layout/engine/census_state.h"

#include <string.h>

#include "layout/engine/role_words.h"

enum { STARTS_MAX = 64, ANY_ARGUMENT = 255 };

int ul_census_start_argument(const ul_census_merging *r, ul_word id)
{
    const char *name = r->census->words[id];
    uint32_t count;
    if (strcmp(name, "pthread_create") == 0)
        return 2;
    if (strcmp(name, "thrd_create") == 0)
        return 1;
    const uint32_t *functions = id ? ul_function_index_find(&r->index, id, &count) : NULL;
    if (functions && count == 0 && ul_role_name_starts_thread(name))
        return ANY_ARGUMENT;
    for (uint32_t i = 0; functions && i < count; i++) {
        if (r->creates[functions[i]] >= 0)
            return r->creates[functions[i]];
    }
    return -1;
}

static bool starts(const ul_census_merging *r, ul_word id, uint32_t argument)
{
    int at = ul_census_start_argument(r, id);
    return at == (int)argument || at == ANY_ARGUMENT;
}

static void add_start(ul_census_merging *r, uint32_t function, bool is_many)
{
    ul_census *census = r->census;
    ul_census_function *it = &census->functions[function];
    if (it->flags & UL_FUNCTION_ENTRY) {
        it->flags |= UL_FUNCTION_MANY; /* started at two places */
        return;
    }
    it->flags |= UL_FUNCTION_ENTRY | (is_many ? UL_FUNCTION_MANY : 0u);
    UL_RESERVE(r->arena, census->starts, census->start_count, r->start_capacity);
    census->starts[census->start_count++] = function;
}

/* Whether a call that creates threads stands in a loop, or all calls of the function around it do. */
static bool is_repeated(const ul_census_merging *r, const ul_mention *mention)
{
    if (mention->loop_depth || mention->function == UL_NO_FUNCTION)
        return true;
    for (uint32_t i = r->callers_first[mention->function]; i < r->callers_first[mention->function + 1u]; i++) {
        if (r->census->calls[r->callers[i]].loop_depth)
            return true;
    }
    return r->callers_first[mention->function + 1u] - r->callers_first[mention->function] > 1;
}

static void find_starts(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t count;
    r->creates = UL_NEW_ARRAY(r->arena, int, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        r->creates[i] = -1;
    for (int round = 0; round < UL_CENSUS_ROUNDS; round++) {
        for (uint32_t i = 0; i < census->mention_count; i++) {
            const ul_mention *it = &census->mentions[i];
            if (!it->target && it->function != UL_NO_FUNCTION && starts(r, it->callee, it->argument))
                r->creates[it->function] = (int)it->parameter;
        }
    }
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        if (!it->target)
            continue;
        const uint32_t *targets = ul_function_index_find(&r->index, it->target, &count);
        bool is_start = it->callee && starts(r, it->callee, it->argument);
        for (uint32_t k = 0; k < count; k++) {
            if (is_start)
                add_start(r, targets[k], is_repeated(r, it));
            else
                census->functions[targets[k]].flags |= UL_FUNCTION_ESCAPES;
        }
    }
    for (uint32_t i = 0; i < census->call_count; i++)
        census->thread_creations += census->calls[i].callee && ul_census_start_argument(r, census->calls[i].callee) >= 0;
    for (uint32_t i = 0; r->names && i < census->function_count; i++) {
        if (ul_name_matches(census->words[census->functions[i].name], r->names->threads, r->names->thread_count))
            add_start(r, i, true);
    }
}

/* Marks everything that `from` reaches by calls with `bit` in threads. */
static void reach(ul_census_merging *r, uint32_t from, uint64_t bit, uint32_t *stack)
{
    ul_census *census = r->census;
    uint32_t depth = 0, count;
    census->functions[from].threads |= bit;
    stack[depth++] = from;
    while (depth) {
        uint32_t function = stack[--depth];
        census->functions[function].flags |= UL_FUNCTION_THREADED;
        for (uint32_t i = r->calls_first[function]; i < r->calls_first[function + 1u]; i++) {
            ul_word callee = census->calls[r->calls[i]].callee;
            const uint32_t *callees = ul_function_index_find(&r->index, callee, &count);
            for (uint32_t k = 0; callee && k < count; k++) {
                if (census->functions[callees[k]].threads & bit)
                    continue;
                census->functions[callees[k]].threads |= bit;
                stack[depth++] = callees[k];
            }
        }
    }
}

static void reach_all(ul_census_merging *r)
{
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, r->census->function_count + 1u);
    for (uint32_t i = 0; i < r->census->start_count; i++)
        reach(r, r->census->starts[i], UINT64_C(1) << (i < STARTS_MAX ? i : STARTS_MAX - 1), stack);
}

void ul_census_spread(const ul_census_merging *r, bool *set, uint32_t *stack, uint32_t from)
{
    uint32_t depth = 0, count;
    if (set[from])
        return;
    set[from] = true;
    stack[depth++] = from;
    while (depth) {
        uint32_t function = stack[--depth];
        for (uint32_t i = r->calls_first[function]; i < r->calls_first[function + 1u]; i++) {
            ul_word callee = r->census->calls[r->calls[i]].callee;
            const uint32_t *callees = ul_function_index_find(&r->index, callee, &count);
            for (uint32_t k = 0; callee && k < count; k++) {
                if (!set[callees[k]]) {
                    set[callees[k]] = true;
                    stack[depth++] = callees[k];
                }
            }
        }
    }
}

void ul_census_find_starts(ul_census_merging *r)
{
    find_starts(r);
    reach_all(r);
}
