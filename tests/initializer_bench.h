/*
 * Small sources whose records are turned: definitions and initializers rewritten as a command would, from what the reader tells.
 * For tests only.
 */
#ifndef UL_TESTS_INITIALIZER_BENCH_H
#define UL_TESTS_INITIALIZER_BENCH_H

#include "layout/rewrite/initializers.h"
#include "tests/uses_bench.h"

/* A record and its direct fields in the new order, by name; anonymous members are "?". */
typedef struct initializer_turn {
    const char *record, *order;
} initializer_turn;

typedef struct initializer_bench {
    parse_bench parse;
} initializer_bench;

static inline int initializer_set_up(void **state)
{
    return parse_set_up(state);
}

static inline int initializer_tear_down(void **state)
{
    return parse_tear_down(state);
}

/* Direct fields of `record` in the order of `names`, "b a"; `count` is how many there are. */
static inline uint32_t *initializer_order(ul_arena *arena, const ul_record *record, const char *names, uint32_t *count)
{
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u);
    *count = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, " ");
        uint32_t found = 0;
        for (; found < record->field_count; found++) {
            const ul_field *field = &record->fields[found];
            if (field->parent == UL_NO_PARENT && ((strncmp(field->name, at, length) == 0 && field->name[length] == '\0') ||
                                                  (*at == '?' && field->flags & UL_FIELD_ANONYMOUS)))
                break;
        }
        assert_true(found < record->field_count);
        order[(*count)++] = found;
        at += length + (at[length] == ' ');
    }
    return order;
}

static inline int initializer_compare_edits(const void *left, const void *right)
{
    const ul_edit *a = left, *b = right;
    return (a->span.begin > b->span.begin) - (a->span.begin < b->span.begin);
}

/* Edits of both lists applied; they must not overlap. */
static inline const char *initializer_apply(ul_arena *arena, const char *source, const ul_edit *a, uint32_t a_count, const ul_edit *b, uint32_t b_count)
{
    ul_edit *all = UL_NEW_ARRAY(arena, ul_edit, a_count + b_count + 1u);
    if (a_count)
        memcpy(all, a, a_count * sizeof *a);
    if (b_count)
        memcpy(all + a_count, b, b_count * sizeof *b);
    qsort(all, a_count + b_count, sizeof *all, initializer_compare_edits);
    for (uint32_t i = 1; i < a_count + b_count; i++)
        assert_true(all[i - 1].span.end <= all[i].span.begin);
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, source, (uint32_t)strlen(source), all, a_count + b_count);
    const char *copy = ul_arena_strdup(arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return copy;
}

/* `source` with its records turned, or "!refusal detail" of the first initializer or record that is refused. */
static inline const char *initializer_rewrite(initializer_bench *b, const char *source, const initializer_turn *turns, bool reorders)
{
    ul_arena *arena = &b->parse.arena;
    ul_uses uses;
    uses_read(&b->parse, source, true, &uses);
    ul_rewrite_request records[2];
    ul_initializer_request *lists = UL_NEW_ARRAY(arena, ul_initializer_request, uses.initializer_count + 1u);
    uint32_t record_count = 0;
    for (uint32_t i = 0; i < uses.initializer_count; i++) {
        lists[i].initializer = &uses.initializers[i];
        for (uint32_t r = 0; r < b->parse.result.record_count; r++) {
            if (strcmp(b->parse.result.records[r].key, uses.initializers[i].record) == 0)
                lists[i].record = &b->parse.result.records[r];
        }
        assert_non_null(lists[i].record);
    }
    for (uint32_t t = 0; t < 2 && turns[t].record; t++) {
        const ul_record *record = parse_record(&b->parse.result, turns[t].record);
        uint32_t count, *order = initializer_order(arena, record, turns[t].order, &count);
        records[record_count++] = (ul_rewrite_request){record, order, count, true};
        for (uint32_t i = 0; i < uses.initializer_count; i++) {
            if (lists[i].record != record)
                continue;
            lists[i].order = order;
            lists[i].order_count = count;
        }
    }
    ul_rewrite text;
    ul_initializer_edits edits;
    assert_int_equal(ul_rewrite_text(&text, source, strlen(source), records, record_count, arena), UL_OK);
    assert_int_equal(ul_initializers_rewrite(&edits, source, strlen(source), lists, uses.initializer_count, reorders, arena), UL_OK);
    for (uint32_t i = 0; i < record_count + uses.initializer_count; i++) {
        const ul_rewrite_outcome *outcome = i < record_count ? &text.outcomes[i] : &edits.outcomes[i - record_count];
        if (outcome->refusal)
            return ul_arena_printf(arena, "!%s %s", ul_rewrite_refusal_name(outcome->refusal), outcome->detail);
    }
    return initializer_apply(arena, source, text.edits, text.edit_count, edits.edits, edits.edit_count);
}

#endif
