#include "cli/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "cli/paths.h"
#include "cli/response.h"

void ul_candidates_init(ul_candidates *all, const char *const *extra, uint32_t extra_count, ul_diags *diags, ul_arena *arena)
{
    *all = (ul_candidates){.diags = diags, .arena = arena};
    ul_string_map_init(&all->by_file, arena);
    all->scan = ul_include_scan_new(arena);
    for (uint32_t i = 0; i < extra_count; i++)
        ul_words_add(&all->extra_flags, extra[i], arena);
}

static uint32_t add(ul_candidates *all, ul_candidate candidate)
{
    UL_RESERVE(all->arena, all->items, all->count, all->capacity);
    all->items[all->count] = candidate;
    /* The value is a count, not an address: indexes survive the growth of items. */
    if (!ul_string_map_get(&all->by_file, candidate.file))
        ul_string_map_set(&all->by_file, candidate.file, (void *)(uintptr_t)(all->count + 1u));
    return all->count++;
}

/* Language of a command line: a compiler named ...++, -x, -std=c++..., else the ending. */
static ul_language language_of(ul_candidates *all, const ul_words *words, const char *file)
{
    ul_flags flags;
    ul_diags unheard;
    ul_diags_init(&unheard, all->arena);
    ul_flags_convert(&flags, words->items, words->count, file, false, &unheard, all->arena);
    return flags.language;
}

void ul_candidates_add_db(ul_candidates *all, const ul_compile_db *db)
{
    for (uint32_t i = 0; i < db->count; i++) {
        const ul_compile_entry *entry = &db->entries[i];
        const char *directory = ul_path_settle("/", entry->directory, all->arena);
        add(all, (ul_candidate){.file = ul_path_settle("/", entry->file, all->arena),
                                .directory = directory,
                                .words = &entry->args,
                                .language = language_of(all, &entry->args, entry->file),
                                .is_listed = true});
    }
}

uint32_t ul_candidates_add_source(ul_candidates *all, const char *file, const char *directory)
{
    uintptr_t known = (uintptr_t)ul_string_map_get(&all->by_file, file);
    if (known)
        return (uint32_t)(known - 1);
    return add(all, (ul_candidate){.file = file, .directory = directory, .language = ul_language_of(file)});
}

void ul_candidate_unfold(ul_candidates *all, ul_candidate *candidate)
{
    if (candidate->is_unfolded)
        return;
    ul_words args = {0};
    if (candidate->words)
        ul_response_expand(&args, candidate->words->items, candidate->words->count, candidate->directory,
                           candidate->file, all->diags, all->arena);
    for (uint32_t i = 0; i < all->extra_flags.count; i++)
        ul_words_add(&args, all->extra_flags.items[i], all->arena);
    candidate->args = args.items;
    candidate->arg_count = args.count;
    candidate->is_unfolded = true;
}

static int compare_indexes(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

void ul_candidate_scan(ul_candidates *all, ul_candidate *candidate, const ul_string_map *wanted)
{
    if (candidate->is_scanned)
        return;
    ul_candidate_unfold(all, candidate);
    ul_words files = ul_include_scan_unit(all->scan, candidate->file, candidate->directory, candidate->args, candidate->arg_count);
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < files.count; i++) {
        uintptr_t index = (uintptr_t)ul_string_map_get(wanted, files.items[i]);
        if (!index)
            continue;
        UL_RESERVE(all->arena, candidate->headers, candidate->header_count, capacity);
        candidate->headers[candidate->header_count++] = (uint32_t)(index - 1);
    }
    if (candidate->header_count)
        qsort(candidate->headers, candidate->header_count, sizeof *candidate->headers, compare_indexes);
    candidate->is_scanned = true;
}

bool ul_candidate_includes(const ul_candidate *candidate, uint32_t index)
{
    return candidate->header_count && bsearch(&index, candidate->headers, candidate->header_count,
                                              sizeof *candidate->headers, compare_indexes);
}

bool ul_candidates_has(const ul_candidates *all, const char *file)
{
    return ul_string_map_get(&all->by_file, file) != NULL;
}

typedef struct rank {
    bool is_other_stem;
    uint32_t distance;
    const char *file;
    uint32_t index;
} rank;

static int compare_ranks(const void *a, const void *b)
{
    const rank *left = a, *right = b;
    if (left->is_other_stem != right->is_other_stem)
        return left->is_other_stem ? 1 : -1;
    if (left->distance != right->distance)
        return left->distance < right->distance ? -1 : 1;
    int order = strcmp(left->file, right->file);
    if (order != 0)
        return order;
    return (left->index > right->index) - (left->index < right->index);
}

uint32_t *ul_candidates_rank(const ul_candidates *all, const char *file, ul_language language, uint32_t *count)
{
    rank *ranks = UL_NEW_ARRAY(all->arena, rank, all->count);
    *count = 0;
    for (uint32_t i = 0; i < all->count; i++) {
        const ul_candidate *candidate = &all->items[i];
        if (candidate->language == language)
            ranks[(*count)++] = (rank){!ul_path_same_stem(candidate->file, file),
                                       ul_path_distance(candidate->file, file), candidate->file, i};
    }
    if (*count)
        qsort(ranks, *count, sizeof *ranks, compare_ranks);
    uint32_t *order = UL_NEW_ARRAY(all->arena, uint32_t, *count);
    for (uint32_t i = 0; i < *count; i++)
        order[i] = ranks[i].index;
    return order;
}
