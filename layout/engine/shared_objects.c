/*
 * Whether two threads have the same object: what one changes and what the other changes are followed to where their pointers begin,
 * through the calls that the thread makes and what its start routine was given.
 */
#include "layout/engine/shared_objects.h"

#include <string.h>

enum { OBJECTS_MAX = 16, CALLS_DEEP = 6 };

typedef struct object {
    ul_base_kind kind; /* never PARAMETER */
    ul_word word;
} object;

typedef struct object_set {
    const ul_census *census;
    object items[OBJECTS_MAX];
    uint32_t count;
} object_set;

static void add(object_set *set, ul_base_kind kind, ul_word word)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].kind == kind && set->items[i].word == word)
            return;
    }
    if (set->count < OBJECTS_MAX)
        set->items[set->count++] = (object){kind, word};
}

/* What parameter `parameter` of the function may be in the threads of `bits`. */
static void add_parameter(object_set *set, uint32_t function, uint32_t parameter, uint64_t bits, uint32_t depth)
{
    const ul_census *census = set->census;
    uint32_t count, found = 0;
    const ul_pass *passes = ul_census_passes(census, census->functions[function].id, &count);
    bool is_entry = census->functions[function].flags & UL_FUNCTION_ENTRY;
    for (uint32_t i = 0; i < count && depth < CALLS_DEEP; i++) {
        bool is_called = is_entry || census->functions[passes[i].function].threads & bits;
        if (passes[i].argument != parameter || !is_called || passes[i].function == function)
            continue;
        found++;
        if (passes[i].base_kind == UL_BASE_PARAMETER) /* who creates the thread may have it from anybody */
            add_parameter(set, passes[i].function, passes[i].base_parameter, is_entry ? UINT64_MAX : bits, depth + 1);
        else
            add(set, (ul_base_kind)passes[i].base_kind, passes[i].base);
    }
    if (!found)
        add(set, UL_BASE_LOADED, 0);
}

/* What one access is to. */
static void add_access(object_set *set, const ul_tally *tally, uint64_t bits)
{
    if (tally->base_kind == UL_BASE_PARAMETER)
        add_parameter(set, tally->function, tally->base_parameter, bits, 0);
    else
        add(set, (ul_base_kind)tally->base_kind, tally->base);
}

/* The number of the thread picks the element: no other thread has it. */
static bool is_by_number(const ul_tally *tally)
{
    return tally->flags & UL_ACCESS_ELEMENT && (tally->index == UL_INDEX_THREAD || tally->index == UL_INDEX_ENTRY);
}

/* The objects whose field the threads of the side touch. */
static void find_objects(object_set *set, const ul_object_view *view, ul_object_side side)
{
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        if (view->field_of[i] == side.field && side.wants & 1u << tally->kind && !is_by_number(tally) &&
            view->census->functions[tally->function].threads & side.threads)
            add_access(set, tally, side.threads);
    }
}

/* "a[3]" and "a[]" may be one, "a[3]" and "a[4]" are not; "a" is its first element. */
static bool is_same_variable(const char *a, const char *b)
{
    size_t first = strcspn(a, "["), second = strcspn(b, "[");
    const char *one = a[first] ? a + first : "[0]", *other = b[second] ? b + second : "[0]";
    return first == second && memcmp(a, b, first) == 0 && (strcmp(one, other) == 0 || strcmp(one, "[]") == 0 || strcmp(other, "[]") == 0);
}

/* Whether the only object of the record that is known is a variable, and one alone. */
static bool has_one_object(const ul_object_view *view)
{
    uint32_t count, found = 0;
    const ul_instance *instances = ul_census_instances(view->census, view->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_variable = instances[i].region == UL_REGION_DATA || instances[i].region == UL_REGION_BSS;
        if (instances[i].region != UL_REGION_HANDED && (!is_variable || instances[i].flags & UL_INSTANCE_ARRAY))
            return false;
        found += is_variable;
    }
    return found == 1;
}

static bool may_be_one(const ul_object_view *view, const object *a, const object *b)
{
    const char *const *words = view->census->words;
    if (a->kind == b->kind)
        return a->kind == UL_BASE_LOADED || (a->kind == UL_BASE_VARIABLE && is_same_variable(words[a->word], words[b->word])) ||
               (a->kind == UL_BASE_OWN && a->word && a->word == b->word);
    return (a->kind == UL_BASE_LOADED || b->kind == UL_BASE_LOADED) && a->kind != UL_BASE_OWN && b->kind != UL_BASE_OWN && has_one_object(view);
}

static bool have_common(const ul_object_view *view, const object_set *first, const object_set *second)
{
    for (uint32_t i = 0; i < first->count; i++) {
        for (uint32_t k = 0; k < second->count; k++) {
            if (may_be_one(view, &first->items[i], &second->items[k]))
                return true;
        }
    }
    return false;
}

bool ul_objects_may_be_one(const ul_object_view *view, ul_object_side a, ul_object_side b)
{
    object_set first = {.census = view->census}, second = {.census = view->census};
    find_objects(&first, view, a);
    find_objects(&second, view, b);
    return have_common(view, &first, &second);
}

bool ul_objects_are_one(const ul_object_view *view, ul_object_side a, ul_object_side b)
{
    object_set first = {.census = view->census}, second = {.census = view->census};
    find_objects(&first, view, a);
    find_objects(&second, view, b);
    if (first.count != 1 || second.count != 1 || !may_be_one(view, first.items, second.items))
        return false;
    const object *one = first.items, *other = second.items;
    if (one->kind == UL_BASE_LOADED && other->kind == UL_BASE_LOADED)
        return has_one_object(view);
    return !(one->kind == UL_BASE_VARIABLE && strstr(view->census->words[one->word], "[]")) &&
           !(other->kind == UL_BASE_VARIABLE && strstr(view->census->words[other->word], "[]"));
}

static bool is_known(const object_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->items[i].kind == UL_BASE_LOADED)
            return false;
    }
    return set->count < OBJECTS_MAX;
}

bool ul_objects_are_own(const ul_object_view *view, uint64_t thread)
{
    object_set own = {.census = view->census}, others = {.census = view->census};
    for (uint32_t i = 0; i < view->tally_count; i++) {
        const ul_tally *tally = &view->tallies[i];
        uint64_t threads = view->census->functions[tally->function].threads;
        if (view->field_of[i] == UL_NO_PARENT)
            continue;
        add_access(threads == thread ? &own : &others, tally, threads);
    }
    return own.count && is_known(&own) && is_known(&others) && !have_common(view, &own, &others);
}
