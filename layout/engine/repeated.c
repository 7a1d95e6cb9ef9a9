#include "layout/engine/repeated.h"

#include <string.h>

typedef struct marking {
    const ul_census *census;
    ul_function_index index;
    uint32_t *steps;
    bool *is_called;
} marking;

/* Marks the functions of one id that are not marked yet; whether there was one. */
static bool mark(marking *m, ul_word id, uint32_t steps)
{
    uint32_t count;
    bool is_new = false;
    const uint32_t *functions = ul_function_index_find(&m->index, id, &count);
    for (uint32_t i = 0; id && i < count; i++) {
        if (m->steps[functions[i]])
            continue;
        m->steps[functions[i]] = steps;
        is_new = true;
    }
    return is_new;
}

/* A function that is named without being called is called by others, as often as they like; a command is called by the one who parses the line. */
static void mark_named(marking *m)
{
    const ul_census *census = m->census;
    uint32_t count;
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const uint32_t *functions = ul_function_index_find(&m->index, census->mentions[i].target, &count);
        for (uint32_t k = 0; census->mentions[i].target && k < count; k++) {
            m->is_called[functions[k]] = true;
            if (!(census->functions[functions[k]].flags & UL_FUNCTION_COMMAND))
                m->steps[functions[k]] = 1;
        }
    }
}

static void mark_called(marking *m)
{
    const ul_census *census = m->census;
    uint32_t count;
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        const uint32_t *functions = ul_function_index_find(&m->index, call->callee, &count);
        for (uint32_t k = 0; call->callee && k < count; k++)
            m->is_called[functions[k]] = true;
        if (call->loop_depth || census->functions[call->function].id == call->callee)
            mark(m, call->callee, 1);
    }
}

uint32_t *ul_functions_repeated(const ul_census *census, ul_arena *arena)
{
    marking m = {.census = census};
    ul_function_index_build(&m.index, census, arena);
    m.steps = UL_NEW_ARRAY(arena, uint32_t, census->function_count + 1u);
    m.is_called = UL_NEW_ARRAY(arena, bool, census->function_count + 1u);
    mark_named(&m);
    mark_called(&m);
    for (uint32_t i = 0; i < census->function_count; i++) {
        const ul_census_function *it = &census->functions[i];
        if (!m.is_called[i] && !(it->flags & UL_FUNCTION_COMMAND) && strcmp(census->words[it->name], "main") != 0)
            m.steps[i] = 1;
    }
    bool goes_on = true;
    for (uint32_t steps = 1; goes_on; steps++) { /* ends: each round but the last marks one more */
        goes_on = false;
        for (uint32_t i = 0; i < census->call_count; i++)
            goes_on |= m.steps[census->calls[i].function] == steps && mark(&m, census->calls[i].callee, steps + 1);
    }
    return m.steps;
}

/*
 * Tarjan's components without recursion: a function calls itself when it shares its component with another, or when a call of it stands in it.
 *  1. Functions are numbered as they are met; `low` is the least number that is known to be reached from one and is not settled yet.
 *  2. When the calls of one have been gone through, its caller takes its `low`; where `low` is its own number, what lies above it on the stack
 *     is a component.
 */
typedef struct components {
    ul_function_index index;
    const ul_census *census;
    uint32_t *first_call; /* by function: into calls */
    uint32_t *calls;      /* indexes of census->calls, by function */
    uint32_t *number, *low, *next_call, *next_target, *path, *stack;
    bool *is_on_stack, *is_recursive;
    uint32_t numbered, path_count, stack_count;
} components;

static void sort_calls(components *c, ul_arena *arena)
{
    const ul_census *census = c->census;
    c->first_call = UL_NEW_ARRAY(arena, uint32_t, census->function_count + 2u);
    c->calls = UL_NEW_ARRAY(arena, uint32_t, census->call_count + 1u);
    for (uint32_t i = 0; i < census->call_count; i++)
        c->first_call[census->calls[i].function + 2]++;
    for (uint32_t i = 2; i < census->function_count + 2u; i++)
        c->first_call[i] += c->first_call[i - 1];
    for (uint32_t i = 0; i < census->call_count; i++)
        c->calls[c->first_call[census->calls[i].function + 1]++] = i;
}

static void enter(components *c, uint32_t function)
{
    c->number[function] = c->low[function] = ++c->numbered;
    c->next_call[function] = c->first_call[function];
    c->path[c->path_count++] = function;
    c->stack[c->stack_count++] = function;
    c->is_on_stack[function] = true;
}

/* The next function that one calls, UL_NO_FUNCTION when all have been gone through. */
static uint32_t next_callee(components *c, uint32_t function)
{
    for (; c->next_call[function] < c->first_call[function + 1]; c->next_call[function]++, c->next_target[function] = 0) {
        uint32_t count;
        const uint32_t *targets = ul_function_index_find(&c->index, c->census->calls[c->calls[c->next_call[function]]].callee, &count);
        if (c->next_target[function] < count)
            return targets[c->next_target[function]++];
    }
    return UL_NO_FUNCTION;
}

static void settle(components *c, uint32_t function)
{
    bool has_others = c->stack[c->stack_count - 1] != function;
    uint32_t member;
    do {
        member = c->stack[--c->stack_count];
        c->is_on_stack[member] = false;
        c->is_recursive[member] |= has_others;
    } while (member != function);
}

static void go_through(components *c, uint32_t from)
{
    enter(c, from);
    while (c->path_count) {
        uint32_t function = c->path[c->path_count - 1], callee = next_callee(c, function);
        if (callee == UL_NO_FUNCTION) {
            c->path_count--;
            if (c->low[function] == c->number[function])
                settle(c, function);
            uint32_t caller = c->path_count ? c->path[c->path_count - 1] : function;
            c->low[caller] = c->low[function] < c->low[caller] ? c->low[function] : c->low[caller];
        } else if (!c->number[callee]) {
            enter(c, callee);
        } else if (c->is_on_stack[callee]) {
            c->is_recursive[callee] |= callee == function;
            c->low[function] = c->number[callee] < c->low[function] ? c->number[callee] : c->low[function];
        }
    }
}

bool *ul_functions_recursive(const ul_census *census, ul_arena *arena)
{
    uint32_t count = census->function_count + 1u, *room = UL_NEW_ARRAY(arena, uint32_t, 6u * count);
    components c = {.census = census, .number = room, .low = room + count, .next_call = room + 2 * count, .next_target = room + 3 * count, .path = room + 4 * count};
    c.stack = room + 5 * count;
    c.is_on_stack = UL_NEW_ARRAY(arena, bool, count);
    c.is_recursive = UL_NEW_ARRAY(arena, bool, count);
    ul_function_index_build(&c.index, census, arena);
    sort_calls(&c, arena);
    for (uint32_t i = 0; i < census->function_count; i++) {
        if (!c.number[i])
            go_through(&c, i);
    }
    return c.is_recursive;
}

bool ul_functions_switch_stacks(const ul_census *census)
{
    static const char *const names[] = {"swapcontext", "jump_fcontext", "coro_", "coroutine_", "co_switch", "co_resume"};
    for (uint32_t i = 0; i < census->call_count; i++) {
        const char *callee = census->words[census->calls[i].callee];
        for (size_t k = 0; callee && k < sizeof names / sizeof *names; k++) {
            if (strstr(callee, names[k]))
                return true;
        }
    }
    return false;
}
