/*
 * Whether all that happens to the pointers of a record is seen. A pool's object must never reach free(), an arena's must not outlive its fellows:
 * advice that cannot be followed safely is not given. Nothing is taken for harmless that is not known to be.
 */
#include "layout/engine/allocation_judging.h"

#include <string.h>

static const ul_passage *passages_of(const ul_judging *j, const char *record, uint32_t *count)
{
    const ul_allocations *rows = j->rows;
    uint32_t low = 0, high = rows->passage_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(rows->passages[middle].record, record) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (*count = 0; low + *count < rows->passage_count && strcmp(rows->passages[low + *count].record, record) == 0;)
        ++*count;
    j->index->looked += *count + 1;
    return rows->passages + low;
}

bool ul_judging_sees_whole(const ul_judging *j, const char *record)
{
    const char *colon = strrchr(record, ':');
    return j->has_main || (colon && colon - record > 2 && strncmp(colon - 2, ".c", 2) == 0);
}

static bool is_defined(const ul_judging *j, const char *function)
{
    uint32_t count = 0;
    ul_word id = ul_census_word(j->census, function);
    if (id)
        ul_function_index_find(&j->functions, id, &count);
    return count > 0;
}

static bool is_seen(const ul_judging *j, const ul_passage *it)
{
    switch (it->kind) {
    case UL_PASSAGE_COPIED:
    case UL_PASSAGE_HEAD:
    case UL_PASSAGE_MOVED:
    case UL_PASSAGE_PART:
        return true; /* asked for below */
    case UL_PASSAGE_EXPORTED:
        return j->has_main;
    case UL_PASSAGE_CALL: /* through a pointer: whatever a whole program has is in it */
        return *it->callee ? is_defined(j, it->callee) : j->has_main;
    default:
        return false;
    }
}

bool ul_judging_is_closed(const ul_judging *j, const char *record)
{
    uint32_t count;
    const ul_passage *passages = passages_of(j, record, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_seen(j, &passages[i]))
            return false;
    }
    return ul_judging_sees_whole(j, record);
}

bool ul_judging_is_copied(const ul_judging *j, const char *record)
{
    uint32_t count;
    const ul_passage *passages = passages_of(j, record, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (passages[i].kind == UL_PASSAGE_COPIED)
            return true;
    }
    return false;
}

/* Whether every caller of the function gives it the first of a list, or nobody calls it with a node. */
static bool gets_heads(const ul_passage *it, const ul_release *walk, const ul_census_function *function)
{
    bool is_its = strcmp(it->callee, walk->function_key) == 0 || strcmp(it->callee, walk->function) == 0;
    return !(function->flags & UL_FUNCTION_ESCAPES) && (it->kind != UL_PASSAGE_PART || !is_its);
}

bool ul_judging_frees_whole_list(const ul_judging *j, uint32_t release)
{
    const ul_release *walk = &j->rows->releases[release];
    uint32_t count, function = ul_judging_function(j, &j->index->releases[release]);
    const ul_passage *passages = passages_of(j, walk->record, &count);
    const char *place = NULL;
    if (function == UL_NO_FUNCTION || walk->begin == UL_WALK_PART)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        bool is_other = passages[i].kind == UL_PASSAGE_HEAD && place && strcmp(place, passages[i].callee) != 0;
        if (passages[i].kind == UL_PASSAGE_MOVED || is_other || !gets_heads(&passages[i], walk, &j->census->functions[function]))
            return false;
        place = passages[i].kind == UL_PASSAGE_HEAD ? passages[i].callee : place;
    }
    return true;
}
