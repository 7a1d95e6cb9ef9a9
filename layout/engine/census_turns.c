/*
 * Programs of which never two threads run at once: main() creates every thread there is, and waits for each before it goes on. That is
 * believed only where nothing in sight could run beside: no function is named but to start such a thread, and each is reached from there or
 * from main(). Such a program has no threads for all that asks.
 */
#include "layout/engine/census_state.h"

#include <string.h>

/* Whether every thread is created and waited for in `main`, and none is let go. */
static bool are_turns(const ul_census_merging *r, uint32_t main)
{
    const ul_census *census = r->census;
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        const char *name = census->words[call->callee];
        if (strcmp(name, "pthread_detach") == 0 || strcmp(name, "thrd_detach") == 0)
            return false;
        if (call->callee && ul_census_start_argument(r, call->callee) >= 0 && !(call->is_turn && call->function == main))
            return false;
    }
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        const char *name = census->words[it->callee];
        bool is_create = (strcmp(name, "pthread_create") == 0 && it->argument == 2) || (strcmp(name, "thrd_create") == 0 && it->argument == 1);
        if (it->target && !(is_create && it->function == main))
            return false;
    }
    return true;
}

/* Whether nobody out of sight can call: each function is reached from main() or a start routine, or only main()'s file has it, which does not call it. */
static bool are_reached(const ul_census_merging *r, uint32_t main)
{
    const ul_census *census = r->census;
    const ul_census_function *functions = census->functions;
    bool *set = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u);
    ul_census_spread(r, set, stack, main);
    for (uint32_t i = 0; i < census->start_count; i++)
        ul_census_spread(r, set, stack, census->starts[i]);
    for (uint32_t i = 0; i < census->function_count; i++) {
        if (!set[i] && !(functions[i].flags & UL_FUNCTION_INTERNAL && functions[i].file == functions[main].file))
            return false;
    }
    return true;
}

void ul_census_drop_turns(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t main = ul_census_only_main(r);
    if (main == UL_NO_FUNCTION || !census->thread_creations || (r->names && r->names->thread_count) ||
        r->callers_first[main] != r->callers_first[main + 1u] || !are_turns(r, main) || !are_reached(r, main))
        return;
    census->thread_creations = census->start_count = 0;
}
