/*
 * The diagnostics sink: where every room puts its words. A sink collects; it never prints.
 * Positions are 1-based; line 0 means "the whole file", file NULL means "the run".
 * Any room may add; only cli prints, and only report renders them into a document.
 */
#ifndef UL_MODEL_DIAG_H
#define UL_MODEL_DIAG_H

#include <stdarg.h>
#include <stdint.h>

#include "ullage/arena.h"

/* Ordered: a larger value is worse. Findings use the same scale. */
typedef enum ul_level { UL_LEVEL_OFF, UL_LEVEL_NOTE, UL_LEVEL_WARNING, UL_LEVEL_ERROR } ul_level;

typedef struct ul_diag {
    ul_level level;
    const char *file; /* absolute, or as named by the user; NULL for the run */
    uint32_t line;
    uint32_t column;
    const char *message; /* lower case, cause first, no final newline */
} ul_diag;

typedef struct ul_diags {
    ul_arena *arena; /* owns items and text */
    ul_diag *items;
    uint32_t count;
    uint32_t capacity;
    uint32_t error_count;
} ul_diags;

/* `arena` must outlive the sink. */
void ul_diags_init(ul_diags *diags, ul_arena *arena);
/* Copies `file` and the formatted text into the sink's arena. */
void ul_diags_add(ul_diags *diags, ul_level level, const char *file, uint32_t line, uint32_t column, const char *format, ...)
    UL_PRINTF(6, 7);
/* "off", "note", "warning", "error". */
const char *ul_level_name(ul_level level);
/* UL_OK and *out set, or UL_ERR_USAGE when `text` names no level. */
ul_status ul_level_parse(ul_level *out, const char *text) UL_MUST_USE;

#endif
