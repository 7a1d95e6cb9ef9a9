/*
 * One translation unit being read: what the files of this room share while they turn a parsed unit into
 * records. Lives in one worker process, for one unit; everything but the probe cache goes with the unit's
 * arena.
 */
#ifndef UL_PARSE_READER_H
#define UL_PARSE_READER_H

#include <uthash.h>

#include "layout/model/lexer.h"
#include "layout/parse/clang.h"

/* A file of the unit, looked up by libclang's handle. */
typedef struct ul_source_file {
    CXFile handle;
    const char *path; /* absolute and resolved */
    bool is_wanted, is_excluded; /* what depends on them in a result, ul_unit_result_narrow takes back for facts that were read for every file */
    bool has_tokens;
    bool has_annotations; /* the bytes mention one somewhere */
    const char *bytes;    /* libclang's own buffer; NULL: not asked for yet */
    uint64_t length;
    ul_tokens tokens;
    UT_hash_handle hh;
} ul_source_file;

/* A record definition met in the unit. */
typedef struct ul_found {
    ul_record record;
    CXCursor cursor;
    CXCursor *cursors;  /* of record.fields */
    const char *access; /* C that reaches its fields from file scope, e.g. "((struct s*)0)->"; NULL: cannot be
                           named */
    ul_source_file *file;
    bool needs_probe; /* some alignment is not readable from its type */
    bool is_huge; /* so many fields that libclang's offsets, linear each, are asked for by probe instead */
} ul_found;

/* An offset that the probe is still to fill in. */
#define UL_OFFSET_UNKNOWN UINT64_MAX

/* What is known of the fields of a record that others hold, at any depth: told once, since records nest deeply and often. */
typedef struct ul_type_note {
    const void *declaration;
    bool is_open_ended;    /* ends in a flexible array: what follows it would lie inside (a GNU extension) */
    bool has_tail_array;   /* ends, or a union in it may end, in an array of one element */
    bool has_aligned_bits; /* a bit-field with an alignment of its own: compilers disagree about such */
    UT_hash_handle hh;
} ul_type_note;

typedef struct ul_key_note ul_key_note;
typedef struct ul_probe_cache ul_probe_cache;
typedef struct ul_path_cache ul_path_cache;
typedef struct ul_census_cache ul_census_cache;
typedef struct ul_operand_table ul_operand_table;

typedef struct ul_reader { // ullage: ignore[reorder-saves] -- one a unit
    CXIndex index;
    CXTranslationUnit unit;
    const ul_unit_job *job;
    const char *const *args; /* complete, as given to libclang */
    uint32_t arg_count;
    const ul_file_filter *filter;
    ul_arena *arena;
    ul_unit_result *result;
    ul_diags diags;
    ul_source_file *files; /* uthash */
    ul_key_note *keys;     /* uthash */
    ul_type_note *types;   /* uthash */
    ul_found **found;
    uint32_t found_count, found_capacity;
    ul_probe_cache *probes; /* outlives the unit, as does: */
    ul_path_cache *paths;
    ul_operand_table *operands; /* of the walk (walk.h), NULL before it */
    bool is_ms_layout;
} ul_reader;

/* Parses job->file and fills *result, in `arena`. `probes`, `paths` and `counted` (census.h) remember
 * between the units of one worker. */
void ul_unit_read(ul_unit_result *result, CXIndex index, const ul_unit_job *job, const ul_file_filter *filter,
                  ul_probe_cache *probes, ul_path_cache *paths, ul_census_cache *counted, ul_arena *arena);

/* The note of `handle`; NULL when it is NULL. */
ul_source_file *ul_reader_file(ul_reader *reader, CXFile handle);
/* The bytes of a file, as libclang has them; NULL for none. It looks for them anew each time, so they are remembered. */
const char *ul_reader_contents(ul_reader *reader, CXFile handle, size_t *length);
/* The word that stands there, where macros are expanded; "" for none. In the unit's arena. */
const char *ul_reader_word(ul_reader *reader, CXSourceLocation location);
/* Path of the file that `cursor` is in; "<compiler>" for none. */
const char *ul_reader_path(ul_reader *reader, CXCursor cursor);
/*
 * What stands for a function or variable that its name alone does not tell, in every unit: "<file>:<offset>". A macro may make several at one place:
 * where the name does not stand there, it follows as ":<name>". In the unit's arena.
 */
const char *ul_reader_place_key(ul_reader *reader, CXCursor declaration);
/* Its bytes and tokens, read when first asked for. */
void ul_source_file_load(ul_reader *reader, ul_source_file *file);
/* Gives the hash tables back; the rest goes with the arena. */
void ul_reader_free(ul_reader *reader);

/* Key of the record that `declaration` defines: the same in every unit. In the unit's arena. */
const char *ul_reader_key(ul_reader *reader, CXCursor declaration);
/* Collects every wanted record into reader->found. */
void ul_reader_collect(ul_reader *reader);
/* Refuses the record when `variable`, behind it, is what an undefined macro was taken for. stray_variables.c */
void ul_reader_check_stray(ul_reader *reader, CXCursor variable, CXCursor record);
/* Fields, size and attributes of found->cursor. */
void ul_reader_fields(ul_reader *reader, ul_found *found);
/* Spans, groups and what only the text tells; needs the fields. */
void ul_reader_body(ul_reader *reader, ul_found *found);
/* Annotations on the record and its fields; needs the groups. */
void ul_reader_annotations(ul_reader *reader, ul_found *found);
/*
 * What comments on the declaration of a variable silence: rules by commas, "*" for all, NULL for nothing; *reason and *line are of the
 * first such comment. In the unit's arena.
 */
const char *ul_reader_variable_ignores(const char **reason, uint32_t *line, ul_reader *reader, CXCursor variable);
/* Warns of annotations in wanted files that stand on nothing. */
void ul_reader_stray_annotations(ul_reader *reader);
/*
 * Whether a comment is in a function body, and on no declaration there that has annotations of its own; the lines of its statement, as
 * far as a block in it, or 0. `before` is the code before it on its line, `after` what follows it; each may be NULL.
 */
bool ul_reader_statement_lines(uint32_t *first, uint32_t *last, ul_reader *reader, const ul_source_file *file, const ul_token *before,
                               const ul_token *after);
/* Whether a comment is on a record that a function body defines, or in it, and those are not read; or may be, where bodies are skipped. */
bool ul_reader_is_on_unread_record(const ul_reader *reader, const ul_source_file *file, const ul_token *before, const ul_token *after);
/* Comments of a loaded file that tell rules about function bodies to be quiet; how many. In the unit's arena. */
uint32_t ul_reader_line_comments(ul_reader *reader, ul_source_file *file, ul_body_comment **items);
/* Alignments that only the compiler can tell, by one more parse for all records that need it. */
void ul_reader_probe(ul_reader *reader);

ul_probe_cache *ul_probe_cache_new(void);
void ul_probe_cache_free(ul_probe_cache *cache);
/* Holds for one filter. What it hands out lives as long as it does. */
ul_path_cache *ul_path_cache_new(void (*oom)(size_t want_bytes));
void ul_path_cache_free(ul_path_cache *cache);

#endif
