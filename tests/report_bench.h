/*
 * A report of a few records made by hand, and its rendering in any format. For test_report*.c only.
 */
#ifndef UL_TESTS_REPORT_BENCH_H
#define UL_TESTS_REPORT_BENCH_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "made_record.h"
#include "report/format.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static const made_field conn_fields[] = {
    {"id", "uint64_t", 8, 8},
    {"flag", "uint8_t", 1, 1},
    {"peer", "struct conn *", 8, 8, UL_FIELD_POINTER},
    {"fd", "int", 4, 4},
    {"lock", "int", 4, 4},
    {"name", "char [40]", 40, 1, UL_FIELD_ARRAY | UL_FIELD_CHAR_ARRAY},
    {"rx", "uint64_t", 8, 8},
    {"tx", "uint64_t", 8, 8},
};
static const made_field small_fields[] = {
    {"id", "uint64_t", 8, 8},
    {"flag", "uint8_t", 1, 1},
    {"peer", "void *", 8, 8, UL_FIELD_POINTER},
    {"fd", "int", 4, 4},
    {"mode", "uint8_t", 1, 1},
};
static const char small_source[] = "#pragma once\n\n/* one peer */\nstruct conn {\n\tuint64_t id;\n\tuint8_t flag; // set once\n"
                                   "\tvoid *peer;\n\tint fd;\n\tuint8_t mode;\n};\n";

/* A report of at most four records, and the arena that holds all of it. */
typedef struct test_bench {
    ul_arena arena;
    ul_target target;
    ul_entry entries[4];
    ul_source source;
    ul_report report;
} test_bench;

static inline int report_set_up(void **state)
{
    test_bench *bench = calloc(1, sizeof *bench);
    ul_arena_init(&bench->arena, NULL);
    bench->target = made_target();
    bench->source = (ul_source){"/w/include/made.h", small_source, sizeof small_source - 1};
    bench->report = (ul_report){
        .version = "0.0.1",
        .libclang_version = "14.0.6",
        .root = "/w/",
        .cwd = "/w/",
        .targets = &bench->target,
        .target_count = 1,
        .entries = bench->entries,
        .sources = &bench->source,
        .source_count = 1,
    };
    *state = bench;
    return 0;
}

static inline int report_tear_down(void **state)
{
    test_bench *bench = *state;
    ul_arena_free(&bench->arena);
    free(bench);
    return 0;
}

static inline ul_entry *put(test_bench *bench, const char *name, const made_field *fields, uint32_t count)
{
    ul_entry *entry = &bench->entries[bench->report.entry_count++];
    entry->record = made_record(&bench->arena, &bench->target, name, fields, count);
    assert_non_null(entry->record);
    ul_facts_of(&entry->facts, entry->record, &bench->target, &bench->arena);
    return entry;
}

/* struct conn of five fields with a plan that moves `flag`. */
static inline ul_entry *put_planned(test_bench *bench)
{
    static const uint32_t order[] = {0, 2, 3, 1, 4}, moved[] = {1};
    ul_entry *entry = put(bench, "struct conn", small_fields, COUNT(small_fields));
    entry->plan = made_plan(&bench->arena, &bench->target, entry->record, order, 5, moved, 1);
    assert_non_null(entry->plan);
    return entry;
}

/* The layout of put_planned() and the one after it, as text. */
#define CONN_MAP                                                                                                       \
    "L0 [======]|.......[======][==]|...\n"                                                                             \
    "   id      f  ~7~  peer    fd  m tail 3\n"                                                                         \
    "after:   24 B (class 24)  align 8   1 line   2 B tail\n"                                                           \
    "L0 [======][======][==]||..\n"                                                                                     \
    "   id      peer    fd  fm tail 2\n"                                                                                \
    "   at 20: flag, mode\n"                                                                                            \
    "   saves: 8 B; 16 B of heap an object; proven smallest, fewest moves\n"                                            \
    "   moves: flag\n\n"

static inline char *render_with(test_bench *bench, const char *format, ul_render_options options)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    if (!options.columns)
        options.columns = 80;
    assert_non_null(ul_format_find(format));
    assert_int_equal(ul_format_find(format)->render(&out, &bench->report, &options, &bench->arena), UL_OK);
    char *text = ul_arena_strdup(&bench->arena, out.data ? out.data : "");
    ul_strbuf_free(&out);
    return text;
}

static inline char *show(test_bench *bench)
{
    return render_with(bench, "text", (ul_render_options){.view = UL_VIEW_SHOW, .is_quiet = true});
}

static inline void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("not found: \"%s\" in:\n%s", part, text);
}

static inline void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("found: \"%s\" in:\n%s", part, text);
}

static const ul_rule_info order_info = {"reorder-saves", UL_LEVEL_WARNING, "sum", "mean", "why", "a\n\nb\n", "quiet"};
static const ul_rule_info other_info = {"other-rule", UL_LEVEL_NOTE, "sum two", "mean", "why", "x\n", "quiet"};

static inline ul_finding made_finding(const ul_rule_info *rule)
{
    return (ul_finding){.rule = rule,
                        .level = UL_LEVEL_WARNING,
                        .field = UL_NO_PARENT,
                        .line = 4,
                        .column = 1,
                        .message = "too big",
                        .why = "it costs.",
                        .fix = "move it.",
                        .saved_bytes = 8,
                        .fingerprint = 0xabc};
}

#endif
