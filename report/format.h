/*
 * One object per output format: a report goes in, bytes come out. Formats never open files.
 * Adding a format: a file here that defines ul_format_<identifier>, a line in formats.def.
 */
#ifndef UL_REPORT_FORMAT_H
#define UL_REPORT_FORMAT_H

#include "layout/model/report.h"
#include "ullage/strbuf.h"

typedef enum ul_view {
    UL_VIEW_SHOW,
    UL_VIEW_CHECK,
    UL_VIEW_FIX,
    UL_VIEW_DIFF /* report->changes is set */
} ul_view;

typedef struct ul_render_options {
    ul_view view;
    bool is_color;  /* ANSI SGR may be used (text only) */
    bool is_utf8;   /* else ASCII only (text only) */
    bool is_quiet;  /* no summary line */
    bool is_verbose;
    bool is_screen;   /* what is too long for a line may be cut; in files and pipes it is data, and stays whole */
    uint32_t columns; /* terminal width, 80 when unknown */
} ul_render_options;

/* What a format reads of the report that is made for it alone. */
enum ul_format_want {
    UL_WANTS_SOURCES = 1u << 0, /* in the view of `check`: ul_report.sources of every finding */
    UL_WANTS_PATCHES = 1u << 1, /* ul_entry.patch */
    UL_WANTS_DIFF = 1u << 2     /* ul_report.diff */
};

typedef struct ul_format {
    const char *name; /* the word after --format */
    const char *summary;
    uint32_t views; /* bits 1 << ul_view that it renders */
    uint32_t wants; /* bits of ul_format_want */
    ul_status (*render)(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena);
} ul_format;

/* The format named `name`, or NULL; all of them in order. Static storage. */
const ul_format *ul_format_find(const char *name);
const ul_format *const *ul_formats_all(uint32_t *count);

#endif
