#include "cli/sources.h"

#include <stdlib.h>
#include <string.h>

#include "cli/file.h"
#include "cli/words.h"
#include "layout/model/compare.h"

enum { SOURCE_LIMIT_BYTES = 1 << 26 };

static void add_files(ul_words *files, const ul_report *report, const ul_finding *findings, uint32_t count, ul_arena *arena)
{
    for (uint32_t i = 0; i < count; i++)
        ul_words_add(files, report->entries[findings[i].entry].record->file, arena);
}

static ul_words files_of(const ul_report *report, bool has_findings, bool has_plans, ul_arena *arena)
{
    ul_words files = {0};
    if (has_findings) {
        add_files(&files, report, report->findings, report->finding_count, arena);
        add_files(&files, report, report->silenced, report->silenced_count, arena);
    }
    for (uint32_t i = 0; i < report->entry_count && has_plans; i++) {
        if (report->entries[i].plan)
            ul_words_add(&files, report->entries[i].record->file, arena);
    }
    return files;
}

void ul_sources_load(ul_sources *out, const ul_report *report, bool has_findings, bool has_plans, ul_arena *arena)
{
    *out = (ul_sources){0};
    ul_words files = files_of(report, has_findings, has_plans, arena);
    if (files.count == 0)
        return;
    qsort(files.items, files.count, sizeof *files.items, ul_compare_texts);
    out->texts = UL_NEW_ARRAY(arena, ul_strbuf, files.count);
    out->items = UL_NEW_ARRAY(arena, ul_source, files.count);
    for (uint32_t i = 0; i < files.count; i++) {
        ul_strbuf *text = &out->texts[out->count];
        if (i && strcmp(files.items[i], files.items[i - 1]) == 0)
            continue;
        ul_strbuf_init(text);
        if (ul_file_read(text, files.items[i], SOURCE_LIMIT_BYTES) == UL_OK)
            out->items[out->count++] = (ul_source){files.items[i], text->data ? text->data : "", text->length};
        else
            ul_strbuf_free(text);
    }
}

void ul_sources_free(ul_sources *sources)
{
    for (uint32_t i = 0; i < sources->count; i++)
        ul_strbuf_free(&sources->texts[i]);
    sources->count = 0;
}
