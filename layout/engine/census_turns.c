/*
 * Programs of which never two threads run at once: whoever creates a thread waits for it before anything else is done. That is believed
 * only where nothing in sight could run beside:
 *  1. every creation is such a turn, and nothing is called that lets a thread go or makes one in another way;
 *  2. what is called has its body in sight, or the system declares it: it calls back only what it was given;
 *  3. functions are given only to what creates a thread, or to what calls them before it returns, or at the end of the program;
 *  4. each function is reached from there or from main(), or is one that only its file has, and which nobody names.
 * Such a program has no threads for all that asks.
 */
#include "layout/engine/census_state.h"

#include <string.h>

static bool is_among(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* Lets a thread go, or makes something else that runs beside: signals and timers get functions, which are told by that. */
static bool breaks_turns(const char *name)
{
    static const char *const names[] = {"pthread_detach", "thrd_detach", "fork", "vfork", "_Fork", "clone", "clone3", "syscall", "dlsym", "dlvsym", NULL};
    return is_among(name, names);
}

/* Calls the function that it is given before it returns. Source: their man pages. */
static bool calls_at_once(const char *name)
{
    static const char *const names[] = {"qsort", "qsort_r", "bsearch", "lfind", "lsearch", "tfind", "tsearch", "tdelete", "twalk", "ftw", "nftw", "scandir", "glob", "pthread_once", "call_once",
                                        "dl_iterate_phdr", NULL};
    return is_among(name, names);
}

/* Calls it when the program ends. */
static bool calls_at_end(const char *name)
{
    static const char *const names[] = {"atexit", "on_exit", "at_quick_exit", NULL};
    return is_among(name, names);
}

static bool has_body(const ul_census_merging *r, ul_word id)
{
    uint32_t count;
    ul_function_index_find(&r->index, id, &count);
    return count > 0;
}

static bool is_creating(const char *name)
{
    return strcmp(name, "pthread_create") == 0 || strcmp(name, "thrd_create") == 0;
}

/* Whether no call leads where nothing is known, and every thread is waited for; *exits: or the program ends before that. */
static bool are_turns(const ul_census_merging *r, bool *exits)
{
    const ul_census *census = r->census;
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        const char *name = census->words[call->callee];
        if (!call->callee || breaks_turns(name) || !(call->turn & UL_TURN_SYSTEM || has_body(r, call->callee)))
            return false;
        bool creates = is_creating(name) || (!has_body(r, call->callee) && ul_census_start_argument(r, call->callee) >= 0);
        if (creates && !(call->turn & UL_TURN_WAITED))
            return false;
        *exits |= (call->turn & UL_TURN_EXITS) != 0;
    }
    return true;
}

/* Whether functions are given only to what is known to call them in turn; those are marked in set[], with what they reach. */
static bool are_given_in_turn(const ul_census_merging *r, bool exits, bool *set, uint32_t *stack)
{
    const ul_census *census = r->census;
    uint32_t count;
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        const char *name = census->words[it->callee];
        if (!it->target && !it->callee)
            continue; /* kept, or called: a call through a pointer */
        int start = it->callee ? ul_census_start_argument(r, it->callee) : -1;
        bool is_start = start == (int)it->argument && (is_creating(name) || has_body(r, it->callee));
        bool is_called = it->callee && !has_body(r, it->callee) && (calls_at_once(name) || (!exits && calls_at_end(name)));
        if (!is_start && !is_called)
            return false;
        const uint32_t *targets = ul_function_index_find(&r->index, it->target, &count);
        for (uint32_t k = 0; it->target && k < count; k++)
            ul_census_spread(r, set, stack, targets[k]);
    }
    return true;
}

/* Whether nobody out of sight can call. A function of which only its file knows is dead; one that runs at the end is not to be told from it. */
static bool are_reached(const ul_census_merging *r, bool exits, const bool *set)
{
    const ul_census *census = r->census;
    for (uint32_t i = 0; i < census->function_count; i++) {
        if (!set[i] && (exits || !(census->functions[i].flags & UL_FUNCTION_INTERNAL)))
            return false;
    }
    return true;
}

void ul_census_drop_turns(ul_census_merging *r)
{
    ul_census *census = r->census;
    uint32_t main = ul_census_only_main(r);
    bool exits = false;
    if (main == UL_NO_FUNCTION || !census->thread_creations || (r->names && r->names->thread_count) || !are_turns(r, &exits))
        return;
    bool *set = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u);
    ul_census_spread(r, set, stack, main);
    for (uint32_t i = 0; i < census->start_count; i++)
        ul_census_spread(r, set, stack, census->starts[i]);
    if (are_given_in_turn(r, exits, set, stack) && are_reached(r, exits, set))
        census->thread_creations = census->start_count = 0;
}
