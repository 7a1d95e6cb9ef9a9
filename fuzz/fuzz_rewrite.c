/* Any bytes as the text of a header, its records put into any order: each is refused, or the new text has the same tokens, each as
 * often (comments and directives, where declarations may be split), and its edits ascend and make it out of the old one. No text makes
 * the room fail its own check. The first byte chooses the orders. */
#include <stdlib.h>

#include "layout/rewrite/rewrite.h"
#include "tests/text_record.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

enum { RECORDS_MAX = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum over the tokens that does not depend on their order; without code unless it is wanted. */
static uint64_t sum_tokens(const char *bytes, size_t length, bool with_code, ul_arena *arena)
{
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tokens.count; i++) {
        if (!with_code && tokens.items[i].kind != UL_TOKEN_COMMENT && tokens.items[i].kind != UL_TOKEN_DIRECTIVE)
            continue;
        uint64_t hash = 14695981039346656037u ^ tokens.items[i].kind; /* FNV-1a */
        for (uint32_t at = tokens.items[i].begin; at < tokens.items[i].end; at++)
            hash = (hash ^ (unsigned char)bytes[at]) * 1099511628211u;
        sum += hash * hash;
    }
    return sum;
}

/* A permutation of declarations that walls mostly allow: swaps within segments. */
static uint32_t *choose_order(const ul_record *record, uint32_t seed, ul_arena *arena)
{
    uint32_t *groups = UL_NEW_ARRAY(arena, uint32_t, record->group_count + 1u);
    for (uint32_t i = 0; i < record->group_count; i++) {
        groups[i] = i;
        seed = seed * 1103515245u + 12345u;
        uint32_t other = (seed >> 16) % (i + 1);
        if (record->groups[other].segment == record->groups[i].segment) {
            groups[i] = groups[other];
            groups[other] = i;
        }
    }
    return text_order(record, groups, arena);
}

/* A permutation of fields within segments: it takes declarations apart. */
static uint32_t *choose_fields(const ul_record *record, uint32_t seed, ul_arena *arena)
{
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u);
    for (uint32_t i = 0; i < record->field_count; i++) {
        order[i] = i;
        seed = seed * 1103515245u + 12345u;
        uint32_t other = (seed >> 16) % (i + 1);
        if (record->groups[record->fields[other].group].segment == record->groups[record->fields[i].group].segment) {
            order[i] = order[other];
            order[other] = i;
        }
    }
    return order;
}

static bool makes_text(const ul_rewrite *out, const char *bytes, size_t length)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, bytes, (uint32_t)length, out->edits, out->edit_count);
    bool is_same = text.length == out->length && (out->length == 0 || memcmp(text.data, out->text, out->length) == 0);
    ul_strbuf_free(&text);
    return is_same;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 4)
        return 0;
    const char *bytes = (const char *)data + 1;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, size - 1, &arena);
    ul_record records[RECORDS_MAX];
    ul_rewrite_request requests[RECORDS_MAX];
    uint32_t count = 0;
    bool splits = data[0] & 1;
    for (uint32_t i = 0; i < tokens.count && count < RECORDS_MAX; i++) {
        if (!text_is(&tokens.items[i], '{') || !text_record_read(&records[count], bytes, &tokens, i, &arena))
            continue;
        const ul_record *record = &records[count];
        const uint32_t *order = splits ? choose_fields(record, data[0] + i, &arena) : choose_order(record, data[0] + i, &arena);
        requests[count] = (ul_rewrite_request){record, order, record->field_count, splits};
        count++;
    }
    ul_rewrite out;
    HOLDS(ul_rewrite_text(&out, bytes, size - 1, requests, count, &arena) == UL_OK);
    HOLDS(sum_tokens(bytes, size - 1, !splits, &arena) == sum_tokens(out.text, out.length, !splits, &arena));
    HOLDS(makes_text(&out, bytes, size - 1));
    for (uint32_t i = 0; i < count; i++)
        HOLDS(out.outcomes[i].refusal != UL_REWRITE_INTERNAL_CHECK);
    for (uint32_t i = 0; i < out.edit_count; i++)
        HOLDS(out.edits[i].span.begin <= out.edits[i].span.end &&
              (i == 0 || out.edits[i - 1].span.end <= out.edits[i].span.begin));
    ul_arena_free(&arena);
    return 0;
}
