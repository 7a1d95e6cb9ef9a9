/*
 * What the reader tells of the uses of records in small sources, as one text to compare with. For tests only.
 */
#ifndef UL_TESTS_USES_BENCH_H
#define UL_TESTS_USES_BENCH_H

#include "layout/engine/uses.h"
#include "tests/parse_bench.h"

static inline const char *uses_name(const ul_unit_result *result, const char *key)
{
    for (uint32_t i = 0; i < result->record_count; i++) {
        if (strcmp(result->records[i].key, key) == 0)
            return result->records[i].name;
    }
    return "?";
}

/* Reads `source` as a.c, bodies and uses, and merges what it says. Anything the compiler says is a failure unless `may_complain`. */
static inline void uses_read(parse_bench *b, const char *source, bool may_complain, ul_uses *uses)
{
    b->reads_uses = b->reads_bodies = true;
    if (may_complain) {
        parse_put(b, "a.c", source);
        parse_read(b, "a.c");
    } else {
        parse_clean(b, source);
    }
    ul_uses_merge(uses, &b->result, 1, &b->arena);
}

/* "a=1 .b=2 ~c=3, 4 ?=x": '.' designated, '~' a run without braces, '?' a field without a name; then "| why not". */
static inline void uses_add_items(parse_bench *b, ul_strbuf *text, const ul_initializer *list, const char *source)
{
    for (uint32_t i = 0; i < list->item_count; i++) {
        const ul_initializer_item *item = &list->items[i];
        assert_true(item->span.begin <= item->value.begin && item->value.end <= item->span.end);
        assert_true(item->span.end <= strlen(source));
        ul_strbuf_printf(text, " %s%s%s=%.*s", item->is_designated ? "." : "", item->is_elided ? "~" : "",
                         item->field ? item->field : "?", (int)(item->value.end - item->value.begin), source + item->value.begin);
    }
    (void)b;
    if (list->obstacle)
        ul_strbuf_printf(text, " | %s", list->obstacle);
}

/* Every initializer of a.c: "3 struct P{ a=1 b=2 }; 4 struct P( a=1 ); 5 struct P !INIT", by record, line, column. */
static inline const char *uses_initializers(parse_bench *b, const char *source)
{
    ul_uses uses;
    ul_strbuf text;
    uses_read(b, source, true, &uses);
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "");
    for (uint32_t i = 0; i < uses.initializer_count; i++) {
        const ul_initializer *list = &uses.initializers[i];
        ul_strbuf_printf(&text, "%s%u %s", i ? "; " : "", list->line, uses_name(&b->result, list->record));
        if (list->macro) {
            ul_strbuf_printf(&text, " !%s", list->macro);
            continue;
        }
        if (list->has_braces && list->item_count)
            assert_true(source[list->span.begin] == '{' && source[list->span.end - 1] == '}');
        ul_strbuf_puts(&text, list->has_braces ? "{" : "(");
        uses_add_items(b, &text, list, source);
        ul_strbuf_puts(&text, list->has_braces ? " }" : " )");
    }
    const char *copy = ul_arena_strdup(&b->arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return copy;
}

#define P_AND_R                                                                                                                        \
    "struct P { int a, b; };\n"                                                                                                        \
    "struct R { struct P p; int z; char s[4]; };\n"

#endif
