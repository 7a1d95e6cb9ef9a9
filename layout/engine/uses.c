#include "layout/engine/uses.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

static int compare_texts(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_evidence(const void *left, const void *right)
{
    const ul_evidence *a = left, *b = right;
    int order = strcmp(a->record, b->record);
    if (order == 0)
        order = strcmp(a->file, b->file);
    if (order == 0)
        order = ul_compare_numbers(a->line, b->line);
    if (order == 0)
        order = ul_compare_numbers(a->column, b->column);
    if (order == 0)
        order = ul_compare_numbers(a->kind, b->kind);
    if (order == 0)
        order = compare_texts(a->other, b->other);
    if (order == 0)
        order = strcmp(a->function, b->function);
    if (order == 0)
        order = strcmp(a->detail, b->detail);
    return order ? order : ul_compare_numbers(b->kept_fields, a->kept_fields); /* of equals the strictest stays */
}

static int compare_spans(ul_span a, ul_span b)
{
    int order = ul_compare_numbers(a.begin, b.begin);
    return order ? order : ul_compare_numbers(a.end, b.end);
}

/* Where an initializer stands, and of what. Those out of a macro have no span of their own. */
static int compare_places(const ul_initializer *a, const ul_initializer *b)
{
    int order = strcmp(a->record, b->record);
    if (order == 0)
        order = strcmp(a->file, b->file);
    if (order == 0)
        order = ul_compare_numbers(a->line, b->line);
    if (order == 0)
        order = ul_compare_numbers(a->column, b->column);
    if (order == 0)
        order = compare_texts(a->macro, b->macro);
    if (order == 0 && !a->macro)
        order = compare_spans(a->span, b->span);
    return order ? order : ul_compare_numbers(a->has_braces, b->has_braces);
}

static int compare_items(const ul_initializer *a, const ul_initializer *b)
{
    int order = ul_compare_numbers(a->item_count, b->item_count);
    for (uint32_t i = 0; order == 0 && i < a->item_count; i++) {
        const ul_initializer_item *x = &a->items[i], *y = &b->items[i];
        order = compare_spans(x->span, y->span);
        if (order == 0)
            order = compare_spans(x->value, y->value);
        if (order == 0)
            order = compare_texts(x->field, y->field);
        if (order == 0)
            order = ul_compare_numbers(x->is_designated, y->is_designated);
        if (order == 0)
            order = ul_compare_numbers(x->is_elided, y->is_elided);
    }
    return order;
}

static int compare_initializers(const void *left, const void *right)
{
    const ul_initializer *a = left, *b = right;
    int order = compare_places(a, b);
    if (order == 0)
        order = compare_texts(b->obstacle, a->obstacle); /* of two readings the one with an obstacle comes first */
    return order ? order : compare_items(a, b);
}

/* One for each place. */
static void settle_readings(ul_uses *out)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->initializer_count; i++) {
        const ul_initializer *next = &out->initializers[i];
        ul_initializer *last = kept ? &out->initializers[kept - 1] : NULL;
        if (!last || compare_places(last, next) != 0) {
            out->initializers[kept++] = *next;
            continue;
        }
        if (!last->obstacle && !last->macro && compare_items(last, next) != 0)
            last->obstacle = "units read it differently";
    }
    out->initializer_count = kept;
}

static int compare_by_span(const void *left, const void *right)
{
    const ul_initializer *const *a = left, *const *b = right;
    int order = strcmp((*a)->file, (*b)->file);
    if (order == 0)
        order = compare_spans((*a)->span, (*b)->span);
    return order ? order : strcmp((*a)->record, (*b)->record);
}

/* The same braces around two records: an argument that a macro uses twice, or a type that depends on the unit. */
static void mark_shared_braces(ul_uses *out, ul_arena *arena)
{
    ul_initializer **order = UL_NEW_ARRAY(arena, ul_initializer *, out->initializer_count + 1u);
    uint32_t count = 0;
    for (uint32_t i = 0; i < out->initializer_count; i++) {
        if (out->initializers[i].has_braces && !out->initializers[i].macro)
            order[count++] = &out->initializers[i];
    }
    qsort(order, count, sizeof *order, compare_by_span);
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(order[i - 1]->file, order[i]->file) == 0 && compare_spans(order[i - 1]->span, order[i]->span) == 0)
            order[i - 1]->obstacle = order[i]->obstacle = "it initializes different records";
    }
}

void ul_uses_merge(ul_uses *out, const ul_unit_result *results, uint32_t result_count, ul_arena *arena)
{
    uint32_t evidence = 0, initializers = 0;
    for (uint32_t i = 0; i < result_count; i++) {
        evidence += results[i].uses.evidence_count;
        initializers += results[i].uses.initializer_count;
    }
    *out = (ul_uses){.evidence = UL_NEW_ARRAY(arena, ul_evidence, evidence + 1u),
                     .initializers = UL_NEW_ARRAY(arena, ul_initializer, initializers + 1u)};
    for (uint32_t i = 0; i < result_count; i++) {
        const ul_uses *uses = &results[i].uses;
        for (uint32_t j = 0; j < uses->evidence_count; j++)
            out->evidence[out->evidence_count++] = uses->evidence[j];
        for (uint32_t j = 0; j < uses->initializer_count; j++)
            out->initializers[out->initializer_count++] = uses->initializers[j];
    }
    qsort(out->evidence, out->evidence_count, sizeof *out->evidence, compare_evidence);
    qsort(out->initializers, out->initializer_count, sizeof *out->initializers, compare_initializers);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->evidence_count; i++) {
        if (kept == 0 || compare_evidence(&out->evidence[kept - 1], &out->evidence[i]) != 0)
            out->evidence[kept++] = out->evidence[i];
    }
    out->evidence_count = kept;
    settle_readings(out);
    mark_shared_braces(out, arena);
}
