/* Any bytes as the text of a source, each pair of braces an initializer of one made-up record in a chance order: refused, or edits that
 * ascend, keep comments, and, where values get names, keep every token in its place. The first byte chooses mode and order. */
#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/initializers.h"
#include "tests/text_record.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

enum { LISTS_MAX = 16, FIELDS = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[FIELDS] = {"a", "b", "c", "d", "e", "f"};

static void add_item(ul_initializer *list, const ul_token *items, uint32_t from, uint32_t to)
{
    while (from < to && items[from].kind == UL_TOKEN_COMMENT)
        from++;
    while (to > from && items[to - 1].kind == UL_TOKEN_COMMENT)
        to--;
    if (from == to || list->item_count == FIELDS)
        return;
    ul_span span = {items[from].begin, items[to - 1].end};
    ul_initializer_item *item = &list->items[list->item_count];
    *item = (ul_initializer_item){.span = span, .value = span, .field = names[list->item_count]};
    item->is_designated = text_is(&items[from], '.');
    item->is_elided = text_is(&items[from], '&');
    list->item_count++;
}

/* The list that begins at token `open`; false where it has no end. */
static bool read_list(ul_initializer *list, const ul_tokens *tokens, uint32_t open, ul_arena *arena)
{
    *list = (ul_initializer){.record = "r", .file = "f", .line = tokens->items[open].line, .has_braces = true};
    list->items = UL_NEW_ARRAY(arena, ul_initializer_item, FIELDS);
    int depth = 0;
    for (uint32_t i = open + 1, from = i; i < tokens->count; i++) {
        const ul_token *token = &tokens->items[i];
        bool is_end = depth == 0 && text_is(token, '}');
        if (is_end || (depth == 0 && text_is(token, ','))) {
            add_item(list, tokens->items, from, i);
            from = i + 1;
        }
        if (is_end) {
            list->span = (ul_span){tokens->items[open].begin, token->end};
            return true;
        }
        depth += text_depth(token);
        if (depth < 0)
            return false;
    }
    return false;
}

static bool is_same(const char *a_bytes, const ul_token *a, const char *b_bytes, const ul_token *b)
{
    return a->kind == b->kind && a->end - a->begin == b->end - b->begin && memcmp(a_bytes + a->begin, b_bytes + b->begin, a->end - a->begin) == 0;
}

/* Whether the tokens of the old text stand in the new one in their order; of comments alone, how many there are. */
static bool keeps_tokens(const char *before, const ul_tokens *old, const ul_strbuf *after, bool in_order, ul_arena *arena)
{
    ul_tokens now;
    ul_tokens_read(&now, after->data ? after->data : "", after->length, arena);
    uint32_t at = 0, comments = 0;
    for (uint32_t i = 0; i < now.count; i++) {
        comments += now.items[i].kind == UL_TOKEN_COMMENT;
        if (at < old->count && is_same(before, &old->items[at], after->data, &now.items[i]))
            at++;
    }
    for (uint32_t i = 0; i < old->count; i++)
        comments -= old->items[i].kind == UL_TOKEN_COMMENT;
    return comments == 0 && (!in_order || at == old->count);
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
    ul_field fields[FIELDS];
    uint32_t order[FIELDS], count = 0, seed = data[0];
    for (uint32_t i = 0; i < FIELDS; i++) {
        fields[i] = (ul_field){.name = names[i], .type = "int", .parent = UL_NO_PARENT};
        seed = seed * 1103515245u + 12345u;
        uint32_t other = (seed >> 16) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    ul_record record = {.name = "struct r", .key = "r", .file = "f", .unit = "f", .fields = fields, .field_count = FIELDS};
    ul_initializer lists[LISTS_MAX];
    ul_initializer_request requests[LISTS_MAX];
    for (uint32_t i = 0; i < tokens.count && count < LISTS_MAX; i++) {
        if (!text_is(&tokens.items[i], '{') || !read_list(&lists[count], &tokens, i, &arena))
            continue;
        requests[count] = (ul_initializer_request){&lists[count], &record, order, FIELDS};
        count++;
    }
    ul_initializer_edits out;
    bool reorders = data[0] & 1;
    HOLDS(ul_initializers_rewrite(&out, bytes, size - 1, requests, count, reorders, &arena) == UL_OK);
    for (uint32_t i = 0; i < out.edit_count; i++)
        HOLDS(out.edits[i].span.begin <= out.edits[i].span.end && (i == 0 || out.edits[i - 1].span.end <= out.edits[i].span.begin));
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_edits_apply(&text, bytes, (uint32_t)size - 1, out.edits, out.edit_count);
    HOLDS(keeps_tokens(bytes, &tokens, &text, !reorders, &arena));
    ul_strbuf_free(&text);
    ul_arena_free(&arena);
    return 0;
}
