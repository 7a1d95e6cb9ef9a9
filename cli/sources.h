/*
 * The text of the source files that a report shows or patches: read once, kept until the report is written.
 */
#ifndef UL_CLI_SOURCES_H
#define UL_CLI_SOURCES_H

#include "layout/model/report.h"
#include "ullage/strbuf.h"

typedef struct ul_sources {
    ul_strbuf *texts;
    ul_source *items; /* sorted by file */
    uint32_t count;
} ul_sources;

/*
 * Reads the files of the findings, heard and silenced, and, with `has_plans`, of the records with a plan. One that has gone
 * since it was parsed, or is too large, is not there, and that is all.
 */
void ul_sources_load(ul_sources *out, const ul_report *report, bool has_findings, bool has_plans, ul_arena *arena);
void ul_sources_free(ul_sources *sources);

#endif
