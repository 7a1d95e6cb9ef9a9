/* Functions that return nothing but what malloc() gave them, and the objects that they make. */
#include "layout/engine/census_state.h"

#include <string.h>

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

void ul_census_find_wrappers(ul_census_merging *r)
{
    ul_census *census = r->census;
    bool *mallocs = UL_NEW_ARRAY(r->arena, bool, census->function_count + 1u);
    for (int round = 0; round < UL_CENSUS_ROUNDS; round++) {
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

