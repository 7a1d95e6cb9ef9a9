/*
 * A folder of small sources, read through the workers as the tool does, and records told in one line to compare with.
 * For tests only.
 */
#ifndef UL_TESTS_PARSE_BENCH_H
#define UL_TESTS_PARSE_BENCH_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layout/parse/workers.h"
#include "ullage/strbuf.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PARSE_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PARSE_HAS_SANITIZER 1
#endif
#endif
#ifndef PARSE_HAS_SANITIZER
#define PARSE_HAS_SANITIZER 0
#endif

enum { PARSE_ARGS_MAX = 8, PARSE_JOBS_MAX = 64 };

typedef struct parse_bench {
    ul_arena arena;
    char folder[64]; /* absolute and resolved */
    const char *args[PARSE_ARGS_MAX];
    uint32_t arg_count;
    const char *triple;
    bool reads_bodies, reads_uses, reads_census;
    ul_census_names names;
    const ul_refusal *refusals; /* of the unit's flags */
    uint32_t refusal_count;
    ul_file_filter filter;
    ul_workers_options options;
    ul_unit_result result; /* of the last read() */
} parse_bench;

static inline int parse_set_up(void **state)
{
    parse_bench *b = calloc(1, sizeof *b);
    char made[] = "/tmp/ullage-parse-XXXXXX", resolved[4096];
    if (!b || !mkdtemp(made) || !realpath(made, resolved) || strlen(resolved) >= sizeof b->folder)
        return -1;
    strcpy(b->folder, resolved);
    ul_arena_init(&b->arena, NULL);
    *state = b;
    return 0;
}

static inline int parse_tear_down(void **state)
{
    parse_bench *b = *state;
    int status = getenv("ULLAGE_KEEP") ? 0 : system(ul_arena_printf(&b->arena, "rm -r '%s'", b->folder));
    ul_arena_free(&b->arena);
    free(b);
    return status;
}

static inline const char *parse_path(parse_bench *b, const char *name)
{
    return ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static inline void parse_put_bytes(parse_bench *b, const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(parse_path(b, name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void parse_put(parse_bench *b, const char *name, const char *text)
{
    parse_put_bytes(b, name, text, strlen(text));
}

/* Another flag for the reads that follow. */
static inline void parse_arg(parse_bench *b, const char *arg)
{
    assert_true(b->arg_count < PARSE_ARGS_MAX);
    b->args[b->arg_count++] = arg;
}

/* Reads the files `names`, records of the folder wanted. */
static inline void parse_read_all(parse_bench *b, ul_unit_result *results, const char *const *names, uint32_t count, uint32_t workers)
{
    ul_unit_job jobs[PARSE_JOBS_MAX];
    const char *folder = ul_arena_printf(&b->arena, "%s/", b->folder);
    assert_true(count <= PARSE_JOBS_MAX);
    if (!b->filter.count) {
        b->filter.paths = UL_NEW(&b->arena, const char *);
        *(const char **)b->filter.paths = folder;
        b->filter.count = 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        jobs[i] = (ul_unit_job){.file = parse_path(b, names[i]),
                                .directory = b->folder,
                                .args = b->args,
                                .arg_count = b->arg_count,
                                .triple = b->triple,
                                .refusals = b->refusals,
                                .refusal_count = b->refusal_count,
                                .reads_bodies = b->reads_bodies,
                                .reads_uses = b->reads_uses,
                                .reads_initializers = b->reads_uses,
                                .reads_census = b->reads_census,
                                .names = &b->names};
    }
    b->options.workers = workers;
    b->options.filter = &b->filter;
    memset(results, 0xa5, count * sizeof *results); /* every one is to be filled */
    assert_int_equal(ul_workers_run(results, jobs, count, &b->options, &b->arena), UL_OK);
}

static inline const ul_unit_result *parse_read(parse_bench *b, const char *name)
{
    parse_read_all(b, &b->result, &name, 1, 1);
    return &b->result;
}

/* Writes `text` as a.c and reads it; it is to be read without a word. */
static inline const ul_unit_result *parse_clean(parse_bench *b, const char *text)
{
    parse_put(b, "a.c", text);
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    for (uint32_t i = 0; i < result->diag_count; i++)
        fail_msg("line %u: %s", result->diags[i].line, result->diags[i].message);
    return result;
}

static inline const ul_record *parse_find(const ul_unit_result *result, const char *name)
{
    for (uint32_t i = 0; i < result->record_count; i++) {
        if (strcmp(result->records[i].name, name) == 0)
            return &result->records[i];
    }
    return NULL;
}

static inline const ul_record *parse_record(const ul_unit_result *result, const char *name)
{
    const ul_record *record = parse_find(result, name);
    if (!record)
        fail_msg("no record `%s` among %u", name, result->record_count);
    return record;
}

/* The names of the records, in order: "a, b". */
static inline const char *parse_names(parse_bench *b, const ul_unit_result *result)
{
    const char *text = "";
    for (uint32_t i = 0; i < result->record_count; i++)
        text = ul_arena_printf(&b->arena, "%s%s%s", text, i ? ", " : "", result->records[i].name);
    return text;
}

/* A letter for each flag, in the order of ul_field_flag. */
static inline void parse_add_flags(ul_strbuf *to, uint32_t flags)
{
    static const char letters[] = "bnFzrtBeavpAcifm";
    for (uint32_t i = 0; i < sizeof letters - 1; i++) {
        if (flags & 1u << i)
            ul_strbuf_putc(to, letters[i]);
    }
}

/*
 * "24/8 a@0+8/1i b@64+64/8p": size and alignment, then each field with offset and size in bits, alignment in bytes, flags;
 * "<n" when it is in the anonymous member fields[n].
 */
static inline const char *parse_told(parse_bench *b, const ul_record *record)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, "%llu/%u", (unsigned long long)record->size_bytes, record->align_bytes);
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        ul_strbuf_printf(&text, " %s@%llu+%llu/%u", field->name, (unsigned long long)field->offset_bits,
                         (unsigned long long)field->size_bits, field->align_bytes);
        parse_add_flags(&text, field->flags);
        if (field->parent != UL_NO_PARENT)
            ul_strbuf_printf(&text, "<%u", field->parent);
    }
    const char *copy = ul_arena_strdup(&b->arena, text.data);
    ul_strbuf_free(&text);
    return copy;
}

static inline void parse_expect(parse_bench *b, const ul_unit_result *result, const char *name, const char *told)
{
    const ul_record *record = parse_record(result, name);
    assert_string_equal(parse_told(b, record), told);
}

/* "keep-order (line 3), packed ()" */
static inline const char *parse_refusals(parse_bench *b, const ul_record *record)
{
    const char *text = "";
    for (uint32_t i = 0; i < record->refusal_count; i++)
        text = ul_arena_printf(&b->arena, "%s%s%s (%s)", text, i ? ", " : "",
                               ul_refusal_name(record->refusals[i].reason), record->refusals[i].detail);
    return text;
}

/* The words of each group, "int a, *b; | F", with " || " where a segment ends; fields told by index. */
static inline const char *parse_groups(parse_bench *b, const ul_record *record, const char *source)
{
    const char *text = "";
    for (uint32_t i = 0; i < record->group_count; i++) {
        const ul_group *group = &record->groups[i];
        const char *between = i == 0 ? "" : group->segment == group[-1].segment ? " | " : " || ";
        text = ul_arena_printf(&b->arena, "%s%s%u+%u:%.*s", text, between, group->first_field, group->field_count,
                               (int)(group->span.end - group->span.begin), source + group->span.begin);
        for (uint32_t j = 0, seen = 0; seen < group->field_count; j++) {
            assert_true(group->first_field + j < record->field_count);
            if (record->fields[group->first_field + j].parent != UL_NO_PARENT)
                continue;
            assert_int_equal(record->fields[group->first_field + j].group, i);
            seen++;
        }
    }
    return text;
}

#endif
