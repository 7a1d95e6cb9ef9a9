/*
 *  1. Sort the items by what they set; each must then follow the one before.
 *  2. Two that may have effects must not change their order (C11 6.7.9p23 leaves it open, but compilers do not).
 *  3. Without comments between them, the items change places. With comments, each item has its lines for itself, and these change
 *     places; commas are put where they belong.
 */
#include "layout/rewrite/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/lines.h"

typedef struct slot {
    const ul_initializer_item *item;
    uint32_t member, index;
    bool may_act;
    ul_span lines;      /* own comments above and behind included */
    uint32_t comma_end; /* 0: none follows */
} slot;

/* --- Steps 1 and 2. --- */

static int compare_slots(const void *left, const void *right)
{
    const slot *a = left, *b = right;
    if (a->member != b->member)
        return a->member < b->member ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static bool follow_one_another(const slot *slots, uint32_t count)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!slots[i].item->is_designated && slots[i].member != at)
            return false;
        at = slots[i].member + 1;
    }
    return true;
}

static bool is_adjacent(const ul_token *a, const ul_token *b)
{
    return a->kind == UL_TOKEN_PUNCT && b->kind == UL_TOKEN_PUNCT && a->end == b->begin;
}

/* Whether `=` at token i assigns: it is part of no comparison and follows no designator. */
static bool assigns(const ul_token *items, uint32_t i)
{
    if (is_adjacent(&items[i], &items[i + 1]) && ul_token_is_punct(&items[i + 1], '='))
        return false;
    const ul_token *before = &items[i - 1];
    if (is_adjacent(before, &items[i]) && strchr("=!<>", before->punct))
        return is_adjacent(&items[i - 2], before) && items[i - 2].punct == before->punct && before->punct != '=';
    return !(ul_token_is_punct(before, ']') || (before->kind == UL_TOKEN_WORD && ul_token_is_punct(&items[i - 2], '.')));
}

static bool is_operator_word(const ul_source_text *text, const ul_token *token)
{
    static const char *const words[] = {"sizeof", "_Alignof", "alignof", "__alignof__", "offsetof", "__builtin_offsetof", "_Generic"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (ul_token_is_word(token, text->bytes, words[i]))
            return true;
    }
    return false;
}

/* Whether a value may do more than be a value: a call, or what may be one, an assignment, a step, something volatile. */
static bool may_act(const ul_source_text *text, ul_span value)
{
    const ul_token *items = text->tokens->items;
    for (uint32_t i = ul_tokens_at(text->tokens, value.begin); i < text->tokens->count && items[i].begin < value.end; i++) {
        const ul_token *token = &items[i], *next = &items[i + 1];
        bool is_last = i + 1 == text->tokens->count || next->begin >= value.end;
        if (ul_token_is_word(token, text->bytes, "volatile") || (ul_token_is_punct(token, '=') && assigns(items, i)))
            return true;
        if (is_last)
            continue;
        if (ul_token_is_punct(next, '(') && ((token->kind == UL_TOKEN_WORD && !is_operator_word(text, token)) || ul_token_is_punct(token, ')')))
            return true;
        if (ul_token_is_punct(token, '(') && ul_token_is_punct(next, '{'))
            return true;
        if (is_adjacent(token, next) && token->punct == next->punct && (token->punct == '+' || token->punct == '-'))
            return true;
    }
    return false;
}

static bool acts_in_order(const slot *slots, uint32_t count)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!slots[i].may_act)
            continue;
        if (slots[i].index < last)
            return false;
        last = slots[i].index;
    }
    return true;
}

/* --- Step 3. --- */

/* Whether a comment stands in the list outside its items. */
static bool has_comments(const ul_source_text *text, const ul_initializer *list)
{
    uint32_t at = 0;
    for (uint32_t i = ul_tokens_at(text->tokens, list->span.begin); text->tokens->items[i].begin < list->span.end; i++) {
        const ul_token *token = &text->tokens->items[i];
        while (at < list->item_count && list->items[at].span.end <= token->begin)
            at++;
        bool is_inside = at < list->item_count && token->begin >= list->items[at].span.begin;
        if (token->kind == UL_TOKEN_COMMENT && !is_inside)
            return true;
    }
    return false;
}

/* The lines that are the item's alone, from `from` on; false where it shares one. */
static bool find_lines(slot *s, const ul_source_text *text, uint32_t from)
{
    const ul_token *items = text->tokens->items;
    uint32_t first = ul_tokens_at(text->tokens, s->item->span.begin), after = ul_tokens_at(text->tokens, s->item->span.end);
    s->lines.begin = ul_line_begin(text->bytes, items[first].begin);
    if (s->lines.begin < from || ul_line_skip_blanks(text->bytes, s->lines.begin, items[first].begin) != items[first].begin)
        return false;
    while (first > 0 && items[first - 1].kind == UL_TOKEN_COMMENT && items[first - 1].begin >= from) {
        uint32_t line = ul_line_begin(text->bytes, items[first - 1].begin);
        if (ul_line_skip_blanks(text->bytes, line, items[first - 1].begin) != items[first - 1].begin ||
            ul_line_end(text->bytes, text->length, items[first - 1].end) != s->lines.begin)
            break;
        s->lines.begin = line;
        first--;
    }
    uint32_t end = s->item->span.end;
    if (ul_token_is_punct(&items[after], ',')) {
        if (memchr(text->bytes + end, '\n', items[after].begin - end))
            return false;
        end = s->comma_end = items[after++].end;
    }
    while (items[after].kind == UL_TOKEN_COMMENT && !memchr(text->bytes + end, '\n', items[after].begin - end))
        end = items[after++].end;
    s->lines.end = ul_line_end(text->bytes, text->length, end);
    return items[after].begin >= s->lines.end && text->bytes[s->lines.end - 1] == '\n';
}

static bool is_own_line_comment(const ul_source_text *text, uint32_t from, uint32_t to)
{
    uint32_t at = ul_tokens_at(text->tokens, from);
    return at < text->tokens->count && text->tokens->items[at].begin < to;
}

static bool cut_lines(slot *slots, uint32_t count, const ul_source_text *text, const ul_initializer *list)
{
    uint32_t from = ul_line_end(text->bytes, text->length, list->span.begin);
    for (uint32_t i = 0; i < count; i++) {
        if (!find_lines(&slots[i], text, from) || is_own_line_comment(text, i ? from : slots[i].lines.begin, slots[i].lines.begin))
            return false;
        from = slots[i].lines.end;
    }
    return true;
}

/* The item's lines; a comma that comes or goes takes the place of a blank, so that a comment behind it keeps its column. */
static void write_lines(ul_recut *recut, const ul_source_text *text, const slot *from, bool wants_comma, bool is_in_place)
{
    ul_arena *arena = text->arena;
    uint32_t end = from->item->span.end;
    if (wants_comma == (from->comma_end > 0)) {
        ul_recut_add(recut, arena, from->lines, is_in_place);
        return;
    }
    ul_recut_add(recut, arena, (ul_span){from->lines.begin, end}, is_in_place);
    uint32_t rest = wants_comma ? end : from->comma_end;
    bool is_blank = text->bytes[rest] == ' ', has_more = is_blank && text->bytes[rest + 1] == ' ';
    if (wants_comma)
        ul_recut_add_literal(recut, arena, ",");
    else if (is_blank)
        ul_recut_add_literal(recut, arena, " ");
    ul_recut_add(recut, arena, (ul_span){rest + (wants_comma && has_more), from->lines.end}, is_in_place);
}

ul_rewrite_refusal ul_exchange_values(ul_recuts *out, const ul_source_text *text, const ul_initializer *list, const uint32_t *members)
{
    ul_arena *arena = text->arena;
    uint32_t count = list->item_count;
    slot *old = UL_NEW_ARRAY(arena, slot, count + 1u), *sorted = UL_NEW_ARRAY(arena, slot, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        old[i] = (slot){.item = &list->items[i], .member = members[i], .index = i, .may_act = may_act(text, list->items[i].value)};
        if (list->items[i].is_elided || !list->has_braces)
            return UL_REWRITE_INITIALIZER_OBSTACLE;
    }
    bool is_by_line = has_comments(text, list);
    if (is_by_line && !cut_lines(old, count, text, list))
        return UL_REWRITE_COMMENT_OWNER;
    memcpy(sorted, old, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_slots);
    if (!follow_one_another(sorted, count))
        return UL_REWRITE_INITIALIZER_PARTIAL;
    if (!acts_in_order(sorted, count))
        return UL_REWRITE_INITIALIZER_EFFECTS;
    ul_recut recut = {.span = is_by_line ? (ul_span){old[0].lines.begin, old[count - 1].lines.end}
                                         : (ul_span){old[0].item->span.begin, old[count - 1].item->span.end}};
    for (uint32_t i = 0; i < count; i++) {
        bool is_in_place = sorted[i].index == i;
        if (is_by_line) {
            if (i > 0)
                ul_recut_add(&recut, arena, (ul_span){old[i - 1].lines.end, old[i].lines.begin}, true);
            write_lines(&recut, text, &sorted[i], i + 1 < count || old[count - 1].comma_end > 0, is_in_place);
            continue;
        }
        if (i > 0)
            ul_recut_add(&recut, arena, (ul_span){old[i - 1].item->span.end, old[i].item->span.begin}, true);
        ul_recut_add(&recut, arena, sorted[i].item->span, is_in_place);
    }
    UL_RESERVE(arena, out->items, out->count, out->capacity);
    out->items[out->count++] = recut;
    return UL_REWRITE_DONE;
}
