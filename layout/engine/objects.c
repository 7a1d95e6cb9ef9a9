#include "layout/engine/objects.h"

#include <string.h>

bool ul_variable_is_shared(const ul_census *census, const ul_variable *variable)
{
    uint32_t count;
    if (variable->flags & (UL_VARIABLE_CONST | UL_VARIABLE_THREAD_LOCAL) || !variable->size_bytes)
        return false;
    ul_census_tallies(census, census->words[variable->id], &count);
    return count > 0;
}

/* What findings may be about, and what an annotation stands on, which may be one too many. */
static bool is_subject(const ul_census *census, const ul_variable *variable)
{
    return variable->flags & UL_VARIABLE_WANTED && (variable->ignores || ul_variable_is_shared(census, variable));
}

/* The rules that the source silences for it, as an annotation; "*" stands for all. */
static void add_silence(ul_record *record, const ul_census *census, const ul_variable *variable, ul_arena *arena)
{
    const char *ignores = census->words[variable->ignores];
    if (!*ignores)
        return;
    record->annotations = UL_NEW(arena, ul_annotation);
    record->annotations[0] = (ul_annotation){.kind = UL_ANNOTATION_IGNORE,
                                             .argument = strchr(ignores, '*') ? "" : ignores,
                                             .reason = census->words[variable->ignore_reason],
                                             .field = UL_NO_PARENT,
                                             .line = variable->ignore_line};
    record->annotation_count = 1;
}

/* It has a place, a name and a size, and no fields. */
static ul_record *stand_in(const ul_census *census, const ul_variable *variable, ul_arena *arena)
{
    ul_record *record = UL_NEW(arena, ul_record);
    *record = (ul_record){.name = census->words[variable->name],
                          .key = census->words[variable->id],
                          .file = census->words[variable->file],
                          .unit = census->words[variable->file],
                          .line = variable->line,
                          .column = variable->column,
                          .end_line = variable->line,
                          .size_bytes = variable->size_bytes,
                          .align_bytes = variable->align_bytes,
                          .own_align_bytes = 1};
    add_silence(record, census, variable, arena);
    return record;
}

void ul_objects_add(ul_report *report, ul_arena *arena)
{
    const ul_census *census = report->census;
    uint32_t count = 0;
    if (!census)
        return;
    ul_entry *entries = UL_NEW_ARRAY(arena, ul_entry, report->entry_count + (size_t)census->variable_count);
    if (report->entry_count)
        memcpy(entries, report->entries, report->entry_count * sizeof *entries);
    for (uint32_t i = 0; i < census->variable_count; i++) {
        if (is_subject(census, &census->variables[i]))
            entries[report->entry_count + count++] = (ul_entry){.record = stand_in(census, &census->variables[i], arena)};
    }
    report->entries = entries;
    report->object_count = count;
}

const ul_variable *ul_object_variable(const ul_report *report, uint32_t entry)
{
    const ul_census *census = report->census;
    const ul_record *record = report->entries[entry].record;
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *it = &census->variables[i];
        if (it->line == record->line && it->column == record->column && strcmp(census->words[it->file], record->file) == 0 &&
            strcmp(census->words[it->id], record->key) == 0)
            return it;
    }
    return NULL;
}
