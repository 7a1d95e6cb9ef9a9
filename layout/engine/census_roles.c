/*
 * When functions run, and under which locks:
 *  1. functions that create threads, directly or by passing a parameter on to one that does; what they are given starts threads;
 *  2. what start routines reach by calls;
 *  3. roles by name, then by what main calls before the first thread, then by callers that all have one role;
 *  4. locks that every known caller of a function holds. Calls through pointers are unknown: what escapes keeps RUNTIME and no locks.
 */
#include <ctype.h>
#include <string.h>

#include "layout/engine/census.h"

enum { STARTS_MAX = 64, ROUNDS = 4, ANY_ARGUMENT = 255 };

typedef struct roles {
    ul_census *census;
    const ul_census_names *names;
    ul_arena *arena;
    ul_function_index index;
    uint32_t *calls_first, *calls; /* of functions: indexes into census->calls */
    uint32_t *callers_first, *callers; /* calls to functions */
    int *creates;       /* parameter that starts a thread, -1 for none */
    bool *is_early;     /* reached from main before the first thread and from nowhere later */
    bool *leads_to_thread;
    uint32_t start_capacity;
    bool has_main;
} roles;

/* Words that names of rare functions have; each is looked for as a whole word, in lower case. */
static const char *const setup_words[] = {"init",   "setup", "config", "cfg",       "conf",     "parse",   "register",
                                          "prepare", "boot",  "startup", "configure", "bootstrap", "initialize", NULL};
static const char *const teardown_words[] = {"deinit",  "fini",     "destroy",  "free",   "teardown", "cleanup",
                                             "shutdown", "finalize", "unregister", "exit", "term",     NULL};
static const char *const show_words[] = {"show", "dump", "print", "stats", "stat", "debug", "describe", "usage", "help", "info", "report", "cli", NULL};

/* What is done to statistics with each packet or call: stats_add, update_stat, count_hit_stats. */
static const char *const count_words[] = {"update", "add", "sub", "inc", "dec", "incr", "decr", "increment", "decrement", "hit", "bump", "count", "account", "record", NULL};
static const char *const stat_words[] = {"stats", "stat", NULL};

static bool has_word(const char *name, const char *const *words)
{
    char word[16];
    while (*name) {
        while (*name == '_')
            name++;
        uint32_t length = 0;
        const char *begin = name;
        while (*name && *name != '_' && (name == begin || !(isupper((unsigned char)*name) && islower((unsigned char)name[-1])))) {
            if (length < sizeof word - 1)
                word[length++] = (char)tolower((unsigned char)*name);
            name++;
        }
        word[length] = '\0';
        for (const char *const *at = words; length && *at; at++) {
            if (strcmp(word, *at) == 0)
                return true;
        }
    }
    return false;
}

static ul_role role_by_name(const roles *r, const char *name)
{
    if (r->names && ul_name_matches(name, r->names->setups, r->names->setup_count))
        return UL_ROLE_SETUP;
    if (strcmp(name, "main") == 0)
        return UL_ROLE_SETUP;
    if (has_word(name, teardown_words))
        return UL_ROLE_TEARDOWN;
    if (has_word(name, show_words) && !(has_word(name, stat_words) && has_word(name, count_words)))
        return UL_ROLE_SHOW;
    return has_word(name, setup_words) ? UL_ROLE_SETUP : UL_ROLE_RUNTIME;
}

static void index_calls(roles *r)
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

/* A function whose body is not known, and which is said to start threads: uv_thread_create, kthread_run, g_thread_new, rte_eal_remote_launch. */
static bool sounds_like_start(const char *name)
{
    static const char *const threads[] = {"thread", "threads", "kthread", "thrd", "lcore", "remote", NULL};
    static const char *const begins[] = {"create", "start", "new", "spawn", "launch", "run", NULL};
    static const char *const others[] = {"key", "cond", "mutex", "attr", "once", "local", "specific", "name", "pool", "hook", NULL};
    return has_word(name, threads) && has_word(name, begins) && !has_word(name, others);
}

/* Which argument of `id` starts a thread, ANY_ARGUMENT for the function among them, or -1. */
static int start_argument(const roles *r, ul_word id)
{
    const char *name = r->census->words[id];
    uint32_t count;
    if (strcmp(name, "pthread_create") == 0)
        return 2;
    if (strcmp(name, "thrd_create") == 0)
        return 1;
    const uint32_t *functions = id ? ul_function_index_find(&r->index, id, &count) : NULL;
    if (functions && count == 0 && sounds_like_start(name))
        return ANY_ARGUMENT;
    for (uint32_t i = 0; functions && i < count; i++) {
        if (r->creates[functions[i]] >= 0)
            return r->creates[functions[i]];
    }
    return -1;
}

static bool starts(const roles *r, ul_word id, uint32_t argument)
{
    int at = start_argument(r, id);
    return at == (int)argument || at == ANY_ARGUMENT;
}

static void add_start(roles *r, uint32_t function, bool is_many)
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
static bool is_repeated(const roles *r, const ul_mention *mention)
{
    if (mention->loop_depth || mention->function == UL_NO_FUNCTION)
        return true;
    for (uint32_t i = r->callers_first[mention->function]; i < r->callers_first[mention->function + 1u]; i++) {
        if (r->census->calls[r->callers[i]].loop_depth)
            return true;
    }
    return r->callers_first[mention->function + 1u] - r->callers_first[mention->function] > 1;
}

static void find_starts(roles *r)
{
    ul_census *census = r->census;
    uint32_t count;
    r->creates = UL_NEW_ARRAY(r->arena, int, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        r->creates[i] = -1;
    for (int round = 0; round < ROUNDS; round++) {
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
        census->thread_creations += census->calls[i].callee && start_argument(r, census->calls[i].callee) >= 0;
    for (uint32_t i = 0; r->names && i < census->function_count; i++) {
        if (ul_name_matches(census->words[census->functions[i].name], r->names->threads, r->names->thread_count))
            add_start(r, i, true);
    }
}

/* Marks everything that `from` reaches by calls with `bit` in threads. */
static void reach(roles *r, uint32_t from, uint64_t bit, uint32_t *stack)
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

static void reach_all(roles *r)
{
    uint32_t *stack = UL_NEW_ARRAY(r->arena, uint32_t, r->census->function_count + 1u);
    for (uint32_t i = 0; i < r->census->start_count; i++)
        reach(r, r->census->starts[i], UINT64_C(1) << (i < STARTS_MAX ? i : STARTS_MAX - 1), stack);
}

/* Functions from which a thread may be created, the creating ones among them. */
static void find_leading(roles *r)
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
            bool leads = start_argument(r, call->callee) >= 0;
            const uint32_t *callees = ul_function_index_find(&r->index, call->callee, &count);
            for (uint32_t k = 0; k < count; k++)
                leads |= r->leads_to_thread[callees[k]];
            r->leads_to_thread[call->function] = leads;
            has_changed |= leads;
        }
    }
}

static void spread(roles *r, bool *set, uint32_t *stack, uint32_t from)
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

/*
 * What main calls before the call that leads to the first thread is early, unless it is also reached from later calls, from start
 * routines or by pointer.
 */
static void find_early(roles *r)
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
            spread(r, is_late, stack, i);
        for (uint32_t k = r->calls_first[i]; is_main && k < r->calls_first[i + 1u]; k++) {
            ul_word callee = census->calls[r->calls[k]].callee;
            const uint32_t *callees = ul_function_index_find(&r->index, callee, &count);
            for (uint32_t j = 0; callee && j < count; j++) {
                is_after |= r->leads_to_thread[callees[j]];
                spread(r, is_after ? is_late : r->is_early, stack, callees[j]);
            }
            is_after |= callee && start_argument(r, callee) >= 0;
        }
    }
    for (uint32_t i = 0; i < census->function_count; i++)
        r->is_early[i] = r->is_early[i] && !is_late[i];
}

/* What main calls is early when find_early() says so; else it may run when there are threads. */
static ul_role role_of_caller(const roles *r, const ul_census_call *call)
{
    const ul_census_function *caller = &r->census->functions[call->function];
    return strcmp(r->census->words[caller->name], "main") == 0 ? UL_ROLE_RUNTIME : (ul_role)caller->role;
}

/* The one role that all callers have, or RUNTIME. */
static ul_role role_of_callers(const roles *r, uint32_t function)
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

static void find_roles(roles *r)
{
    ul_census *census = r->census;
    bool is_threaded = census->thread_creations > 0;
    for (uint32_t i = 0; i < census->function_count; i++) {
        static const char *const locked[] = {"locked", "nolock", NULL};
        ul_census_function *it = &census->functions[i];
        it->flags |= has_word(census->words[it->name], locked) ? UL_FUNCTION_LOCKED : 0u;
        it->role = it->flags & UL_FUNCTION_ENTRY ? UL_ROLE_RUNTIME : role_by_name(r, census->words[it->name]);
        if (it->role == UL_ROLE_RUNTIME && is_threaded && r->is_early[i])
            it->role = UL_ROLE_SETUP;
    }
    for (int round = 0; round < ROUNDS; round++) {
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
static const char *locks_of_callers(const roles *r, const char *const *locks, uint32_t function)
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

static void find_caller_locks(roles *r)
{
    ul_census *census = r->census;
    uint32_t capacity = census->word_count;
    const char **locks = UL_NEW_ARRAY(r->arena, const char *, census->function_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        locks[i] = "";
    for (int round = 0; round < ROUNDS; round++) {
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
static void settle_indexes(roles *r)
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
static void find_once(roles *r)
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
            spread(r, again, stack, i);
    }
    for (uint32_t i = 0; i < census->function_count; i++)
        census->functions[i].flags |= again[i] ? 0u : UL_FUNCTION_ONCE;
}

static bool is_malloc(const ul_census *census, const bool *mallocs, const ul_function_index *index, ul_word id)
{
    static const char *const names[] = {"malloc", "calloc", "realloc", "reallocarray"};
    uint32_t count;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(census->words[id], names[i]) == 0)
            return true;
    }
    const uint32_t *functions = id ? ul_function_index_find(index, id, &count) : NULL;
    for (uint32_t i = 0; functions && i < count; i++) {
        if (mallocs[functions[i]])
            return true;
    }
    return false;
}

/* Functions that return nothing but what malloc gave them, and functions that return what those gave. */
static void find_wrappers(roles *r)
{
    ul_census *census = r->census;
    bool *mallocs = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    for (int round = 0; round < ROUNDS; round++) {
        bool *other = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
        bool *found = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
        for (uint32_t i = 0; i < census->origin_count; i++) {
            const ul_origin *it = &census->origins[i];
            if (it->kind == UL_ORIGIN_RETURNS)
                *(is_malloc(census, mallocs, &r->index, it->record) ? &found[it->function] : &other[it->function]) = true;
        }
        for (uint32_t i = 0; i < census->function_count; i++)
            mallocs[i] = found[i] && !other[i];
    }
    uint32_t *wrappers = UL_NEW_ARRAY(r->arena, uint32_t, census->function_count + 1u), wrapper_count = 0;
    for (uint32_t i = 0; i < census->function_count; i++) {
        census->functions[i].flags |= mallocs[i] ? UL_FUNCTION_MALLOCS : 0u;
        if (mallocs[i])
            wrappers[wrapper_count++] = i;
    }
    for (uint32_t i = 0; i < census->instance_count; i++) {
        ul_instance *it = &census->instances[i];
        bool is_named = it->region == UL_REGION_HEAP && !(it->flags & UL_INSTANCE_PLAIN_HEAP);
        bool is_wrapped = is_named && is_malloc(census, mallocs, &r->index, it->callee);
        for (uint32_t k = 0; k < wrapper_count && is_named && !is_wrapped; k++) { /* a unit's own has an id that is no name */
            const ul_census_function *wrapper = &census->functions[wrappers[k]];
            is_wrapped = wrapper->name == it->callee && it->function != UL_NO_FUNCTION &&
                         (wrapper->file == it->file || wrapper->file == census->functions[it->function].file);
        }
        it->flags |= is_wrapped ? UL_INSTANCE_WRAPPED : 0u;
    }
}

void ul_census_find_roles(ul_census *census, const ul_census_names *names, ul_arena *arena)
{
    roles r = {.census = census, .names = names, .arena = arena};
    ul_function_index_build(&r.index, census, arena);
    index_calls(&r);
    find_starts(&r);
    reach_all(&r);
    find_leading(&r);
    find_early(&r);
    find_roles(&r);
    find_caller_locks(&r);
    settle_indexes(&r);
    find_once(&r);
    find_wrappers(&r);
}
