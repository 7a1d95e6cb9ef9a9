/*
 * 1. Every text of every row, sorted; equal ones get one number.
 * 2. For each question the rows, sorted by the two numbers that it goes by.
 */
#include "layout/engine/allocation_index.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

typedef struct named {
    const char *text;
    uint32_t *id; /* where its number goes */
} named;

typedef struct naming {
    named *items;
    uint32_t count;
} naming;

static int by_text(const void *left, const void *right)
{
    const named *a = left, *b = right;
    return strcmp(a->text, b->text);
}

static void add_name(naming *n, const char *text, uint32_t *id)
{
    if (text)
        n->items[n->count++] = (named){text, id};
}

/* How many there are, with 0. */
static uint32_t set_numbers(naming *n)
{
    uint32_t number = 0;
    if (n->count)
        qsort(n->items, n->count, sizeof *n->items, by_text);
    for (uint32_t i = 0; i < n->count; i++) {
        number += i == 0 || strcmp(n->items[i].text, n->items[i - 1].text) != 0;
        *n->items[i].id = number;
    }
    return number + 1;
}

static const char *place_of(const char *owner, const char *field, ul_arena *arena)
{
    return owner && field ? ul_arena_printf(arena, "%s#%s", owner, field) : NULL;
}

/* Functions, records, places and receivers are asked for by their own kind only: one numbering does for all. */
static uint32_t number_rows(ul_row_ids *items, ul_row_ids *releases, const ul_allocations *rows, ul_arena *arena)
{
    naming n = {.items = UL_NEW_ARRAY(arena, named, 4 * ((size_t)rows->count + rows->release_count) + 1)};
    for (uint32_t i = 0; i < rows->count; i++) {
        const ul_allocation *it = &rows->items[i];
        add_name(&n, it->function_key, &items[i].function);
        add_name(&n, it->record, &items[i].record);
        add_name(&n, place_of(it->owner, it->field, arena), &items[i].place);
        add_name(&n, it->receiver, &items[i].receiver);
    }
    for (uint32_t i = 0; i < rows->release_count; i++) {
        const ul_release *it = &rows->releases[i];
        add_name(&n, it->function_key, &releases[i].function);
        add_name(&n, it->record, &releases[i].record);
        add_name(&n, place_of(it->owner, it->field, arena), &releases[i].place);
        add_name(&n, it->given, &releases[i].receiver);
    }
    return set_numbers(&n);
}

typedef struct keyed {
    uint64_t key;
    uint32_t row;
} keyed;

static int by_key(const void *left, const void *right)
{
    const keyed *a = left, *b = right;
    int order = ul_compare_numbers(a->key, b->key);
    return order ? order : ul_compare_numbers(a->row, b->row);
}

static ul_row_list list_of(const ul_row_ids *ids, uint32_t count, size_t first, size_t second, ul_arena *arena)
{
    keyed *sorted = UL_NEW_ARRAY(arena, keyed, count + 1u);
    uint64_t *keys = UL_NEW_ARRAY(arena, uint64_t, count + 1u);
    uint32_t *rows = UL_NEW_ARRAY(arena, uint32_t, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t high, low;
        memcpy(&high, (const char *)&ids[i] + first, sizeof high);
        memcpy(&low, (const char *)&ids[i] + second, sizeof low);
        sorted[i] = (keyed){(uint64_t)high << 32 | low, i};
    }
    if (count)
        qsort(sorted, count, sizeof *sorted, by_key);
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = sorted[i].key;
        rows[i] = sorted[i].row;
    }
    return (ul_row_list){keys, rows, count};
}

static void find_functions(uint32_t *out, const ul_row_ids *ids, const uint32_t *by_word, const ul_census *census, const char *const *key, size_t stride, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++, key = (const char *const *)((const char *)key + stride)) {
        ul_word word = ul_census_word(census, *key);
        out[ids[i].function] = word ? by_word[word] : UL_NO_FUNCTION;
    }
}

/* By number of a function's key. */
static const uint32_t *census_functions(const ul_row_ids *items, const ul_row_ids *releases, const ul_allocations *rows, const ul_census *census, uint32_t number_count,
                                        ul_arena *arena)
{
    uint32_t *by_word = UL_NEW_ARRAY(arena, uint32_t, census->word_count + 1u), *out = UL_NEW_ARRAY(arena, uint32_t, number_count);
    for (uint32_t i = 0; i < number_count; i++)
        out[i] = UL_NO_FUNCTION; /* numbers of other texts */
    for (uint32_t i = 0; i < census->word_count; i++)
        by_word[i] = UL_NO_FUNCTION;
    for (uint32_t i = census->function_count; i-- > 0;)
        by_word[census->functions[i].key] = i;
    if (rows->count)
        find_functions(out, items, by_word, census, &rows->items[0].function_key, sizeof *rows->items, rows->count);
    if (rows->release_count)
        find_functions(out, releases, by_word, census, &rows->releases[0].function_key, sizeof *rows->releases, rows->release_count);
    return out;
}

static const uint32_t *function_numbers(const uint32_t *census_function, const ul_census *census, uint32_t number_count, ul_arena *arena)
{
    uint32_t *numbers = UL_NEW_ARRAY(arena, uint32_t, census->function_count + 1u);
    for (uint32_t i = 1; i < number_count; i++) {
        if (census_function[i] != UL_NO_FUNCTION)
            numbers[census_function[i]] = i;
    }
    return numbers;
}

#define LIST(ids, count, first, second) list_of((ids), (count), offsetof(ul_row_ids, first), offsetof(ul_row_ids, second), arena)

ul_allocation_index *ul_allocation_index_build(const ul_allocations *rows, const ul_census *census, ul_arena *arena)
{
    ul_allocation_index *index = UL_NEW(arena, ul_allocation_index);
    ul_row_ids *items = UL_NEW_ARRAY(arena, ul_row_ids, rows->count + 1u), *releases = UL_NEW_ARRAY(arena, ul_row_ids, rows->release_count + 1u);
    uint32_t number_count = number_rows(items, releases, rows, arena);
    *index = (ul_allocation_index){.items = items,
                                   .releases = releases,
                                   .items_by_function = LIST(items, rows->count, function, receiver),
                                   .items_by_record = LIST(items, rows->count, record, function),
                                   .items_by_place = LIST(items, rows->count, place, function),
                                   .releases_by_record = LIST(releases, rows->release_count, record, function),
                                   .releases_by_place = LIST(releases, rows->release_count, place, function),
                                   .census_function = census_functions(items, releases, rows, census, number_count, arena),
                                   .number_count = number_count};
    index->function_number = function_numbers(index->census_function, census, number_count, arena);
    return index;
}

/* Of the first key that is not below `key`. */
static uint32_t lower_bound(const ul_row_list *list, uint64_t key)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (list->keys[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const uint32_t *between(ul_allocation_index *index, const ul_row_list *list, uint64_t from, uint64_t to, uint32_t *count)
{
    uint32_t first = lower_bound(list, from);
    *count = lower_bound(list, to) - first;
    index->looked += *count + 1;
    return list->rows + first;
}

const uint32_t *ul_rows_under(ul_allocation_index *index, const ul_row_list *list, uint32_t first, uint32_t *count)
{
    return between(index, list, (uint64_t)first << 32, first ? ((uint64_t)first + 1) << 32 : 0, count);
}

uint32_t ul_rows_count(ul_allocation_index *index, const ul_row_list *list, uint32_t first)
{
    index->looked++;
    return first ? lower_bound(list, ((uint64_t)first + 1) << 32) - lower_bound(list, (uint64_t)first << 32) : 0;
}

const uint32_t *ul_rows_under_both(ul_allocation_index *index, const ul_row_list *list, uint32_t first, uint32_t second, uint32_t *count)
{
    uint64_t key = (uint64_t)first << 32 | second;
    return between(index, list, key, first ? key + 1 : key, count);
}
