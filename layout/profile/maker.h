/*
 * A profile while it is read: the lines of its file one by one, and types, fields, contexts and threads that are found again when they are
 * named again. One for each file; every importer of this room works on it. For this room only.
 */
#ifndef UL_PROFILE_MAKER_H
#define UL_PROFILE_MAKER_H

#include "layout/profile/profile_file.h"
#include "ullage/view.h"

#define UL_NO_OFFSET UINT64_MAX

typedef struct ul_maker {
    ul_profile *profile;
    const char *file;
    ul_str text;    /* all of it */
    ul_str rest;    /* behind the current line */
    uint32_t line;  /* number of the current line, 0 before the first */
    uint32_t warning_count;
    ul_diags *diags;
    ul_arena *arena;
    struct ul_maker_name *names; /* private: what was made, by its name */
} ul_maker;

void ul_maker_init(ul_maker *maker, const char *file, const char *bytes, uint64_t length, ul_diags *diags, ul_arena *arena);
/* Before the first line again. */
void ul_maker_rewind(ul_maker *maker);
/* The next line without its end; false after the last. */
bool ul_maker_next(ul_maker *maker, ul_str *line);

/* Adds an error at `line` (0: the file as a whole); UL_ERR_INPUT. */
ul_status ul_maker_refuse(const ul_maker *maker, uint32_t line, const char *format, ...) UL_PRINTF(3, 4) UL_MUST_USE;
/* Adds a warning at `line`, the first few of them. */
void ul_maker_warn(ul_maker *maker, uint32_t line, const char *format, ...) UL_PRINTF(3, 4);

/* Indexes. A type that is new begins at the current line; one of another size is another type. */
uint32_t ul_maker_type(ul_maker *maker, ul_str name, uint64_t size_bytes);
/* The field of the type with this path (may be empty) at this offset. */
uint32_t ul_maker_field(ul_maker *maker, uint32_t type, ul_str path, uint64_t offset_bytes, uint64_t size_bytes);
uint32_t ul_maker_context(ul_maker *maker, uint32_t type, ul_str function, ul_str thread);
uint32_t ul_maker_thread(ul_maker *maker, ul_str name);
/* What `field` counts in the context: added to by the caller; valid until the next call. */
ul_profile_counts *ul_maker_use(ul_maker *maker, uint32_t type, uint32_t context, uint32_t field);

/* Another contended line; then its accesses. Valid until the next call. */
ul_profile_line *ul_maker_contended(ul_maker *maker, uint64_t address);
ul_profile_access *ul_maker_access(ul_maker *maker, ul_profile_line *line);

/* Text of the file as a string in the arena, valid UTF-8: what is not becomes '?'. */
const char *ul_maker_text(const ul_maker *maker, ul_str text);
/* Sets what follows from the name of the event: biases, and whether samples are of time. */
void ul_maker_set_event(ul_maker *maker, ul_str event);
/* Where the samples of `event` belong. */
typedef enum ul_direction { UL_DIRECTION_NONE, UL_DIRECTION_LOAD, UL_DIRECTION_STORE } ul_direction;
ul_direction ul_direction_of(ul_str event);
/* Adds `samples` to what is counted. */
void ul_counts_sample(ul_profile_counts *counts, double samples, ul_direction direction);
/* Sets every context's count where nobody has: the samples (or accesses) of its most frequent field. */
void ul_maker_count_contexts(ul_maker *maker);

/* Numbers and words of a line, without blanks around them. */
ul_str ul_trim(ul_str text);
/* The next word between blanks off `rest`; empty at the end. */
ul_str ul_word_cut(ul_str *rest);
/* The whole of `text` as a number: decimal, or hexadecimal after 0x. */
bool ul_parse_count(uint64_t *out, ul_str text);
/* The whole of `text` as a number with or without a fraction. */
bool ul_parse_number(double *out, ul_str text);
/* The same with '%' behind it. */
bool ul_parse_percent(double *out, ul_str text);
/* Whether `part` is in `text`; where, with `at`. */
bool ul_str_has(ul_str text, const char *part, size_t *at);

/* The formats. Each begins before the first line. */
ul_status ul_import_report(ul_maker *maker) UL_MUST_USE;
ul_status ul_import_annotate(ul_maker *maker) UL_MUST_USE;
ul_status ul_import_c2c(ul_maker *maker) UL_MUST_USE;
ul_status ul_import_net_cachelines(ul_maker *maker) UL_MUST_USE;
ul_status ul_import_json(ul_maker *maker) UL_MUST_USE;

#endif
