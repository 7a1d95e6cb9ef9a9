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
