#include "report/ranking.h"

#include <stdlib.h>
#include <string.h>

bool ul_finding_is_about_order(const ul_finding *finding)
{
    return strcmp(finding->rule->name, "reorder-saves") == 0;
}

typedef struct ranked {
    const ul_finding *finding;
    uint32_t index;
} ranked;

static int by_index(const ranked *a, const ranked *b)
{
    return a->index < b->index ? -1 : a->index > b->index;
}

static int by_weight(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->finding->level != b->finding->level)
        return a->finding->level > b->finding->level ? -1 : 1;
    if (a->finding->saved_bytes != b->finding->saved_bytes)
        return a->finding->saved_bytes > b->finding->saved_bytes ? -1 : 1;
    return by_index(a, b);
}

static int by_fingerprint(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->finding->fingerprint != b->finding->fingerprint)
        return a->finding->fingerprint < b->finding->fingerprint ? -1 : 1;
    return by_index(a, b);
}

static ranked *sorted(const ul_finding *findings, uint32_t count, int (*compare)(const void *, const void *), ul_arena *arena)
{
    ranked *items = UL_NEW_ARRAY(arena, ranked, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        items[i] = (ranked){&findings[i], i};
    qsort(items, count, sizeof *items, compare);
    return items;
}

uint32_t *ul_ranking_of(const ul_finding *findings, uint32_t count, ul_arena *arena)
{
    const ranked *items = sorted(findings, count, by_weight, arena);
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        order[i] = items[i].index;
    return order;
}

uint32_t *ul_occurrences_of(const ul_finding *findings, uint32_t count, ul_arena *arena)
{
    const ranked *items = sorted(findings, count, by_fingerprint, arena);
    uint32_t *numbers = UL_NEW_ARRAY(arena, uint32_t, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        bool is_same = i > 0 && items[i].finding->fingerprint == items[i - 1].finding->fingerprint;
        numbers[items[i].index] = is_same ? numbers[items[i - 1].index] + 1 : 1;
    }
    return numbers;
}
