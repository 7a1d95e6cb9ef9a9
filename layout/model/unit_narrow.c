/* From what a unit says of every file to what it says of the files of a filter. */
#include "layout/model/unit.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"

/* As parse decides it for a record: by its file, and whether that is a system header there. */
static bool is_wanted(const ul_file_filter *filter, const char *file, bool is_system)
{
    const ul_file_filter excluded = {.paths = filter->excluded, .count = filter->excluded_count};
    if (ul_filter_names(filter, file))
        return true;
    return filter->wants_all && !ul_filter_names(&excluded, file) && (!is_system || filter->wants_system);
}

typedef struct text_set {
    const char **items; /* sorted */
    uint32_t count;
} text_set;

static bool has(const text_set *set, const char *text)
{
    return text && bsearch(&text, set->items, set->count, sizeof *set->items, ul_compare_texts);
}

static void narrow_uses(ul_uses *uses, const text_set *keys)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < uses->evidence_count; i++) {
        ul_evidence *evidence = &uses->evidence[i];
        if (!has(keys, evidence->record))
            continue;
        if (!has(keys, evidence->other))
            evidence->other = NULL;
        uses->evidence[kept++] = *evidence;
    }
    uses->evidence_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < uses->initializer_count; i++) {
        if (has(keys, uses->initializers[i].record))
            uses->initializers[kept++] = uses->initializers[i];
    }
    uses->initializer_count = kept;
}

static void narrow_variables(ul_census *census, const ul_file_filter *filter)
{
    for (uint32_t i = 0; i < census->variable_count; i++) {
        ul_variable *variable = &census->variables[i];
        if (is_wanted(filter, census->words[variable->file], false))
            continue;
        variable->flags &= ~(uint32_t)UL_VARIABLE_WANTED;
        variable->ignores = variable->ignore_reason = variable->ignore_line = 0;
    }
}

/* Advice is for the files of PATH, and so is what silences it, whatever else is reported. */
static void narrow_allocations(ul_allocations *allocations, const ul_file_filter *filter)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < allocations->count; i++) {
        if (!ul_filter_names(filter, allocations->items[i].file))
            allocations->items[i].flags &= ~(uint32_t)UL_ALLOCATION_WANTED;
    }
    for (uint32_t i = 0; i < allocations->comment_count; i++) {
        if (ul_filter_names(filter, allocations->comments[i].file))
            allocations->comments[kept++] = allocations->comments[i];
    }
    allocations->comment_count = kept;
}

/* Warnings are about annotations, and those are read where there are records; errors are the whole unit's. */
static void narrow_diags(ul_unit_result *result, const text_set *files)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < result->diag_count; i++) {
        const ul_diag *diag = &result->diags[i];
        if (diag->level != UL_LEVEL_WARNING || !diag->file || has(files, diag->file))
            result->diags[kept++] = *diag;
    }
    result->diag_count = kept;
}

void ul_unit_result_narrow(ul_unit_result *result, const ul_file_filter *filter, ul_arena *arena)
{
    text_set keys = {.items = UL_NEW_ARRAY(arena, const char *, result->record_count + 1u)};
    text_set files = {.items = UL_NEW_ARRAY(arena, const char *, result->record_count + 1u)};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < result->record_count; i++) {
        const ul_record *record = &result->records[i];
        if (!is_wanted(filter, record->file, record->flags & UL_RECORD_SYSTEM))
            continue;
        keys.items[keys.count++] = record->key;
        files.items[files.count++] = record->file;
        result->records[kept++] = *record;
    }
    result->record_count = kept;
    qsort(keys.items, keys.count, sizeof *keys.items, ul_compare_texts);
    qsort(files.items, files.count, sizeof *files.items, ul_compare_texts);
    narrow_uses(&result->uses, &keys);
    if (result->census)
        narrow_variables(result->census, filter);
    narrow_allocations(&result->allocations, filter);
    narrow_diags(result, &files);
}
