/*
 * Where threads begin:
 *  1. functions that create threads, directly or by passing a parameter on to one that does; what they are given starts threads;
 *  2. functions that are kept where such are: tables, variables, fields that a trampoline calls;
 *  3. what start routines reach by calls; main() between its first thread and the first that it waits for.
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

/* Whether what the holder has starts a thread: it is passed to what creates one, or a start routine calls it once, as trampolines do. */
static bool is_starting(const ul_census_merging *r, const ul_mention *it)
{
    if (it->target || !it->holder || it->function == UL_NO_FUNCTION)
        return false;
    if (it->callee)
        return starts(r, it->callee, it->argument);
    return it->argument == UL_MENTION_CALLED && !it->loop_depth && r->census->functions[it->function].flags & UL_FUNCTION_ENTRY;
}

/* A function or parameter that is passed to what creates threads, or kept where such are. */
static bool is_started(const ul_census_merging *r, const ul_mention *it)
{
    return it->callee ? !(it->holder && !it->target) && starts(r, it->callee, it->argument) : it->holder && it->argument != UL_MENTION_CALLED && r->is_holder[it->holder];
}

/* One round over all mentions; whether something new was found. done[i]: mention i has started its function. */
static bool find_more_starts(ul_census_merging *r, bool *done)
{
    ul_census *census = r->census;
    bool has_more = false;
    uint32_t count;
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        if (is_starting(r, it) && !r->is_holder[it->holder]) {
            r->is_holder[it->holder] = has_more = true;
            r->is_many_holder[it->holder] = it->callee && is_repeated(r, it);
        }
        if (done[i] || !is_started(r, it))
            continue;
        done[i] = has_more = true;
        if (!it->target && it->function != UL_NO_FUNCTION)
            r->creates[it->function] = (int)it->parameter;
        const uint32_t *targets = ul_function_index_find(&r->index, it->target, &count);
        bool is_many = it->callee ? is_repeated(r, it) : (it->loop_depth > 0 || (r->is_many_holder[it->holder] && r->held_counts[it->holder] == 1));
        for (uint32_t k = 0; it->target && k < count; k++)
            add_start(r, targets[k], is_many);
    }
    return has_more;
}

static void find_starts(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t count;
    bool *done = UL_NEW_ARRAY(r->arena, bool, census->mention_count + 1u);
    r->creates = UL_NEW_ARRAY(r->arena, int, census->function_count + 1u);
    r->is_holder = UL_NEW_ARRAY(r->arena, bool, census->word_count + 1u);
    r->is_many_holder = UL_NEW_ARRAY(r->arena, bool, census->word_count + 1u);
    r->held_counts = UL_NEW_ARRAY(r->arena, uint32_t, census->word_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        r->creates[i] = -1;
    for (uint32_t i = 0; i < census->mention_count; i++)
        r->held_counts[census->mentions[i].holder] += census->mentions[i].target != 0;
    for (int round = 0; round < 2 * UL_CENSUS_ROUNDS && find_more_starts(r, done); round++)
        ;
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        const uint32_t *targets = ul_function_index_find(&r->index, it->target, &count);
        for (uint32_t k = 0; it->target && !done[i] && k < count; k++)
            census->functions[targets[k]].flags |= UL_FUNCTION_ESCAPES;
    }
    for (uint32_t i = 0; i < census->call_count; i++)
        census->thread_creations += census->calls[i].callee && ul_census_start_argument(r, census->calls[i].callee) >= 0;
    for (uint32_t i = 0; r->names && i < census->function_count; i++) {
        if (ul_name_matches(census->words[census->functions[i].name], r->names->threads, r->names->thread_count))
            add_start(r, i, true);
    }
}

/* Marks everything that `from` reaches by calls with `bit` in threads. */
static void reach(ul_census_merging *r, uint32_t from, uint64_t bit, uint32_t flags, uint32_t *stack)
{
    ul_census *census = r->census;
    uint32_t depth = 0, count;
    census->functions[from].threads |= bit;
    stack[depth++] = from;
    while (depth) {
        uint32_t function = stack[--depth];
        census->functions[function].flags |= flags;
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
        reach(r, r->census->starts[i], UINT64_C(1) << (i < STARTS_MAX ? i : STARTS_MAX - 1), UL_FUNCTION_THREADED, stack);
}

uint32_t ul_census_only_main(const ul_census_merging *r)
{
    uint32_t found = UL_NO_FUNCTION;
    for (uint32_t i = 0; i < r->census->function_count; i++) {
        if (strcmp(r->census->words[r->census->functions[i].name], "main") != 0)
            continue;
        if (found != UL_NO_FUNCTION)
            return UL_NO_FUNCTION;
        found = i;
    }
    return found;
}

/* Functions from which somebody may wait for a thread to end, by calls. */
static bool *find_joining(const ul_census_merging *r)
{
    const ul_census *census = r->census;
    bool *joins = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u), has_changed = true;
    uint32_t count;
    while (has_changed) {
        has_changed = false;
        for (uint32_t i = 0; i < census->call_count; i++) {
            const ul_census_call *call = &census->calls[i];
            bool is_joining = call->callee && !joins[call->function] && ul_role_name_joins(census->words[call->callee]);
            const uint32_t *callees = ul_function_index_find(&r->index, call->callee, &count);
            for (uint32_t k = 0; call->callee && !joins[call->function] && k < count; k++)
                is_joining |= joins[callees[k]];
            joins[call->function] |= is_joining;
            has_changed |= is_joining;
        }
    }
    return joins;
}

/*
 * main() goes on beside the threads that it has created: between the call that leads to the first and the first that waits for one to end it is
 * a thread as any other, and so is what it calls there.
 */
void ul_census_find_main(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u), count, main = ul_census_only_main(r);
    uint32_t from = UINT32_MAX, until = UINT32_MAX;
    if (main == UL_NO_FUNCTION || !census->thread_creations || census->start_count >= STARTS_MAX - 1)
        return;
    const bool *joins = find_joining(r);
    for (uint32_t k = r->calls_first[main]; k < r->calls_first[main + 1u]; k++) {
        const ul_census_call *call = &census->calls[r->calls[k]];
        const uint32_t *callees = ul_function_index_find(&r->index, call->callee, &count);
        bool leads = call->callee && ul_census_start_argument(r, call->callee) >= 0;
        for (uint32_t j = 0; call->callee && j < count; j++)
            leads |= r->leads_to_thread[callees[j]];
        if (leads && call->line < from)
            from = call->line;
        bool waits = call->callee && ul_role_name_joins(census->words[call->callee]);
        for (uint32_t j = 0; call->callee && j < count; j++)
            waits |= joins[callees[j]];
        if (waits && call->line < until)
            until = call->line;
    }
    if (from == UINT32_MAX)
        return;
    uint64_t bit = UINT64_C(1) << census->start_count;
    census->main_function = main;
    census->main_from_line = from;
    census->main_until_line = until;
    UL_RESERVE(r->arena, census->starts, census->start_count, r->start_capacity);
    census->starts[census->start_count++] = main;
    census->functions[main].threads |= bit;
    for (uint32_t k = r->calls_first[main]; k < r->calls_first[main + 1u]; k++) {
        const ul_census_call *call = &census->calls[r->calls[k]];
        const uint32_t *callees = ul_function_index_find(&r->index, call->callee, &count);
        for (uint32_t j = 0; call->callee && call->line > from && call->line < until && j < count; j++) {
            if (!(census->functions[callees[j]].threads & bit))
                reach(r, callees[j], bit, 0, stack);
        }
    }
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
    ul_census_drop_turns(r);
    reach_all(r);
}
