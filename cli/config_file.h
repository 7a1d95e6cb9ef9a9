/*
 * One .ullage.yml as it was read: typed values with their places, nothing merged. A value that is not what its key takes is an
 * error with line and column; the rest of the file is read all the same, so that one run names every mistake.
 */
#ifndef UL_CLI_CONFIG_FILE_H
#define UL_CLI_CONFIG_FILE_H

#include "cli/config_keys.h"
#include "layout/model/record.h"
#include "layout/rules/rule.h"

#define UL_CONFIG_FILE_NAME ".ullage.yml"

typedef struct ul_config_item {
    const char *text;
    uint32_t line, column;
} ul_config_item;

typedef struct ul_config_value {
    uint32_t line, column;  /* line 0: not set here */
    uint32_t item_count;
    const char *text;       /* as written; a path absolute */
    uint64_t number;        /* of bools, numbers and levels; place among the words of allocators */
    const ul_config_item *items; /* of lists */
} ul_config_value;

/* A word of `types`: what an annotation in a comment would say. */
typedef struct ul_type_note {
    ul_annotation_kind kind;
    uint32_t line, column;
    bool was_looked_for, was_found; /* the field, in a record of that name; set by settings.c */
    const char *argument, *reason;
    const char *field; /* NULL: the record */
} ul_type_note;

typedef struct ul_type_settings {
    const char *name; /* "struct conn", "conn", a typedef */
    uint32_t line, note_count, capacity;
    ul_type_note *notes;
} ul_type_settings;

typedef struct ul_config_file ul_config_file;
struct ul_config_file {
    const char *path;      /* absolute */
    const char *directory; /* with a trailing slash */
    ul_config_file *above; /* the next further up that counts, or NULL; set by settings.c */
    ul_config_value values[UL_CONFIG_KEY_COUNT];
    ul_config_value *levels;     /* by rule index */
    ul_config_value *limits;     /* by ul_limit */
    ul_type_settings *types;
    uint32_t type_count;
    bool is_root;
};

/*
 * Reads bytes[0..length-1] as the file `path` (absolute) into `out`; `above` is left alone. UL_ERR_INPUT after diagnostics: what could be
 * read is there all the same.
 */
ul_status ul_config_file_parse(ul_config_file *out, const char *path, const char *bytes, size_t length, ul_diags *diags,
                               ul_arena *arena) UL_MUST_USE;
/* The same from disk. *is_there is false, without a complaint, when there is no such file. */
ul_status ul_config_file_load(ul_config_file *out, bool *is_there, const char *path, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif
