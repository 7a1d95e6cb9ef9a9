/*
 * The columns of perf report: rows are cut at a separator (-t) or at runs of blanks, and each column is known by what stands in it, since
 * -q leaves the names out. For this room only.
 */
#ifndef UL_PROFILE_REPORT_COLUMNS_H
#define UL_PROFILE_REPORT_COLUMNS_H

#include "layout/profile/maker.h"

enum { UL_COLUMNS_MAX = 24 };

typedef enum ul_column {
    UL_COLUMN_OTHER,
    UL_COLUMN_SAMPLES,
    UL_COLUMN_PERIOD,
    UL_COLUMN_TASK,   /* "5478:fs" */
    UL_COLUMN_SYMBOL, /* "[.] worker" */
    UL_COLUMN_TYPE,
    UL_COLUMN_PLACE,  /* "struct conn +0x44 (flags)" */
    UL_COLUMN_COUNT
} ul_column;

typedef struct ul_row {
    ul_str cells[UL_COLUMNS_MAX];
    uint32_t count;
    double percent; /* of the first cell */
} ul_row;

/* Where each column is; UINT32_MAX for one that there is not. */
typedef struct ul_columns {
    uint32_t at[UL_COLUMN_COUNT];
    uint32_t count; /* of cells in a row */
    char separator; /* 0: runs of blanks */
} ul_columns;

/* A type and a place in it. */
typedef struct ul_place {
    ul_str type, path; /* path: "" where none is told or it is cut off */
    uint64_t offset_bytes;
} ul_place;

/* Whether the line begins with a percentage, and so is a row; its cells. */
bool ul_row_cut(ul_row *row, ul_str line, char separator);
/* The separator of the file's first row, 0 for blanks. False when there is no row. */
bool ul_columns_separator(char *separator, const ul_maker *maker);
/* Finds the columns in the rows and the names of the file; UL_ERR_INPUT after an error. */
ul_status ul_columns_find(ul_columns *columns, ul_maker *maker) UL_MUST_USE;
/* What a cell of the column of places is. */
typedef enum ul_place_kind {
    UL_PLACE_NONE,    /* "(unknown)", "(stack operation) +0 (no field)": of no type */
    UL_PLACE_WHOLE,   /* "struct conn +0x44 (flags)" */
    UL_PLACE_NAMELESS,/* "struct conn +0x44 (fla": perf cuts the last column off; the offset is whole */
    UL_PLACE_CUT,     /* "struct conn +0x": not even that */
} ul_place_kind;
ul_place_kind ul_place_parse(ul_place *place, ul_str cell);

#endif
