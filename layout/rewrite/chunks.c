/*
 *  1. Find each gap between two declarations and sort its comments by line: on the line of the one before, on lines of
 *     their own, on the line of the one after.
 *  2. Comments that go on with a trailing comment (aligned with it, or written as such) belong to the one before.
 *  3. Declarations with a gap without newline between them form a block.
 *  4. Judge the run of comments directly above each block: of that declaration alone (doc), of the fields down to the
 *     next break (a section's heading), or open. Open ones and comments directly below a declaration pin what they touch.
 */
#include "layout/rewrite/chunks.h"

#include <string.h>

#include "layout/rewrite/comments.h"
#include "layout/rewrite/lines.h"

static ul_span token_span(const ul_token *token)
{
    return (ul_span){token->begin, token->end};
}

/* The span of each declaration, with the semicolons that follow it at once. */
static void read_spans(ul_chunks *c)
{
    const ul_tokens *tokens = c->text->tokens;
    for (uint32_t i = 0; i < c->group_count; i++) {
        c->spans[i] = c->record->groups[c->first_group + i].span;
        uint32_t at = ul_tokens_at(tokens, c->spans[i].end);
        while (at < tokens->count && ul_token_is_punct(&tokens->items[at], ';') &&
               tokens->items[at].end <= c->record->body.end)
            c->spans[i].end = tokens->items[at++].end;
    }
}

/* Bounds and comments of gap i; false when a stranger stands in it. */
static bool bound_gap(ul_chunks *c, uint32_t i)
{
    const ul_tokens *tokens = c->text->tokens;
    ul_gap *gap = &c->gaps[i];
    gap->is_wall_before = i == 0;
    gap->is_wall_after = i == c->group_count;
    uint32_t first, end;
    if (i == 0) {
        first = end = ul_tokens_at(tokens, c->spans[0].begin);
        while (first > 0 && tokens->items[first - 1].kind == UL_TOKEN_COMMENT)
            first--;
        if (first == 0)
            return false;
        gap->from = tokens->items[first - 1].end;
    } else {
        gap->from = c->spans[i - 1].end;
        first = end = ul_tokens_at(tokens, gap->from);
        while (end < tokens->count && tokens->items[end].kind == UL_TOKEN_COMMENT)
            end++;
    }
    gap->to = gap->is_wall_after ? tokens->items[end].begin : c->spans[i].begin;
    gap->is_brace_after = gap->is_wall_after && gap->to == c->record->body.end;
    gap->first_comment = first;
    gap->comment_count = end - first;
    return gap->is_wall_after || tokens->items[end].begin == c->spans[i].begin;
}

static ul_comment_line line_of(const ul_chunks *c, const ul_token *token, bool is_blank_before)
{
    const char *bytes = c->text->bytes;
    return (ul_comment_line){.lines = {ul_line_begin(bytes, token->begin),
                                       ul_line_end(bytes, c->text->length, token->end)},
                             .text = token_span(token),
                             .column = ul_line_column(bytes, token->begin),
                             .is_blank_before = is_blank_before,
                             .is_single = true};
}

static uint32_t column_of_line(const ul_chunks *c, uint32_t at)
{
    const char *bytes = c->text->bytes;
    return ul_line_column(bytes, ul_line_skip_blanks(bytes, ul_line_begin(bytes, at), at));
}

/* Whether a comment line stands below one of the trailing comments of the line above. */
static bool is_below_trailing(const ul_chunks *c, const ul_gap *gap, const ul_comment_line *line)
{
    const ul_token *comments = c->text->tokens->items + gap->first_comment;
    for (uint32_t i = 0; i < gap->same_line; i++) {
        if (ul_line_column(c->text->bytes, comments[i].begin) == line->column)
            return true;
    }
    return false;
}

/* Whether a comment line goes on with a trailing comment: marked so, or below it and not above code of the same column. */
static bool goes_on(const ul_chunks *c, const ul_gap *gap, const ul_comment_line *line)
{
    if (line->is_blank_before)
        return false;
    return ul_comment_is_back(c->text->bytes, line->text) ||
           (is_below_trailing(c, gap, line) && (gap->is_brace_after || line->column != column_of_line(c, gap->to)));
}

/* Steps 1 and 2 for a gap whose bounds are known. */
static void sort_comments(ul_chunks *c, ul_gap *gap)
{
    const char *bytes = c->text->bytes;
    const ul_token *comments = c->text->tokens->items + gap->first_comment;
    uint32_t count = gap->comment_count, at = gap->from, sum = 0;
    uint32_t *before = UL_NEW_ARRAY(c->text->arena, uint32_t, count + 1u);
    for (uint32_t i = 0; i <= count; i++) {
        before[i] = ul_line_newlines(bytes, at, i < count ? comments[i].begin : gap->to, &gap->is_spliced);
        sum += before[i];
        gap->has_blank |= before[i] > 1;
        at = i < count ? comments[i].end : at;
    }
    gap->is_shared = sum == 0;
    if (gap->is_shared) {
        gap->same_line = gap->lead = count;
        return;
    }
    while (gap->same_line < count && before[gap->same_line] == 0)
        gap->same_line++;
    if (before[count] == 0) {
        do {
            gap->lead++;
        } while (before[count - gap->lead] == 0);
    }
    uint32_t end = count - gap->lead;
    gap->is_blank_end = before[end] > 1;
    gap->comments = UL_NEW_ARRAY(c->text->arena, ul_comment_line, end + 1u);
    for (uint32_t i = gap->same_line; i < end; i++) {
        if (before[i]) {
            gap->comments[gap->line_count++] = line_of(c, &comments[i], before[i] > 1);
            continue;
        }
        ul_comment_line *line = &gap->comments[gap->line_count - 1];
        line->text.end = comments[i].end;
        line->lines.end = ul_line_end(bytes, c->text->length, comments[i].end);
        line->is_single = false;
    }
    while (gap->continued < gap->line_count && goes_on(c, gap, &gap->comments[gap->continued]))
        gap->continued++;
}

static void make_blocks(ul_chunks *c)
{
    for (uint32_t i = 0; i < c->group_count; i++) {
        if (i > 0 && c->gaps[i].is_shared)
            c->blocks[c->block_count - 1].count++;
        else
            c->blocks[c->block_count++] = (ul_block){.first = i, .count = 1, .section = UL_NO_SECTION, .named = 1};
    }
    for (uint32_t i = 0; i < c->block_count; i++) {
        ul_block *block = &c->blocks[i];
        const ul_gap *before = &c->gaps[block->first], *after = &c->gaps[block->first + block->count];
        block->is_whole = !before->is_shared && !after->is_shared && !before->is_spliced && !after->is_spliced;
    }
}

/* Where the line begins on which what follows the gap starts, its leading comments included. */
static uint32_t next_line(const ul_chunks *c, const ul_gap *gap)
{
    uint32_t at = gap->lead ? c->text->tokens->items[gap->first_comment + gap->comment_count - gap->lead].begin : gap->to;
    return ul_line_begin(c->text->bytes, at);
}

/* Declarations from block `index` to the next break. */
static uint32_t run_length(const ul_chunks *c, uint32_t index)
{
    uint32_t end = c->blocks[index].first + c->blocks[index].count;
    while (end < c->group_count && !c->gaps[end].is_broken)
        end++;
    return end - c->blocks[index].first;
}

/* How many declarations of groups [first, first + count) have a name that stands in the comment. */
static uint32_t mentions(const ul_chunks *c, ul_span comment, uint32_t first, uint32_t count)
{
    uint32_t named = 0, last = UL_NO_GROUP, low = c->first_group + first;
    for (uint32_t i = 0; i < c->record->field_count; i++) {
        const ul_field *field = &c->record->fields[i];
        if (field->parent != UL_NO_PARENT || field->group < low || field->group - low >= count || field->group == last ||
            strlen(field->name) < 2 || !ul_comment_mentions(c->text->bytes, comment, field->name))
            continue;
        named++;
        last = field->group;
    }
    return named;
}

typedef enum owner { OWNER_DOC, OWNER_SECTION, OWNER_OPEN } owner;

/* Whether the comments are one: line comments, or a single block comment. */
static bool is_uniform(const ul_chunks *c, const ul_comment_line *lines, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!lines[i].is_single || lines[i].column != lines[0].column ||
            (count > 1 && !ul_comment_is_line(c->text->bytes, lines[i].text)))
            return false;
    }
    return true;
}

/* Whose the comments directly above block `index` are, headings by their looks already taken off. Step 4. */
static owner judge(const ul_chunks *c, uint32_t index, const ul_comment_line *lines, uint32_t count)
{
    const char *bytes = c->text->bytes;
    const ul_block *block = &c->blocks[index];
    uint32_t run = run_length(c, index);
    ul_span text = {lines[0].text.begin, lines[count - 1].text.end};
    if (!is_uniform(c, lines, count))
        return OWNER_OPEN;
    if (run == 1 || (block->count == 1 && ul_comment_is_doc(bytes, lines[0].text)))
        return OWNER_DOC;
    if (mentions(c, text, block->first, 1))
        return OWNER_DOC;
    if (mentions(c, text, block->first + 1, run - 1))
        return OWNER_OPEN;
    const ul_gap *above = &c->gaps[block->first], *below = &c->gaps[block->first + run];
    bool is_paragraph = lines[0].is_blank_before ||
                        (above->is_wall_before && lines == above->comments + above->continued && below->has_blank);
    bool all_have_own = !memchr(bytes + text.begin, '\n', text.end - text.begin); /* a line, and a comment behind each */
    for (uint32_t i = block->first + 1; i <= block->first + run; i++)
        all_have_own &= !c->gaps[i].is_shared && c->gaps[i].same_line > 0;
    bool is_title = count == 1 && ul_comment_is_title(bytes, text);
    return is_paragraph && (all_have_own || is_title) ? OWNER_SECTION : OWNER_OPEN;
}

static uint32_t add_section(ul_chunks *c, ul_span text, bool is_attached)
{
    UL_RESERVE(c->text->arena, c->sections, c->section_count, c->section_capacity);
    c->sections[c->section_count] = (ul_section){text, is_attached};
    return c->section_count++;
}

/* Comments directly below a declaration that nothing binds to what follows: they stay with it, and it stays. */
static uint32_t bind_below(ul_chunks *c, ul_gap *gap, ul_block *above, uint32_t from, uint32_t to)
{
    const char *bytes = c->text->bytes;
    uint32_t at = from;
    if (!above)
        return at;
    while (at < to && !gap->comments[at].is_blank_before && !ul_comment_is_heading(bytes, gap->comments[at].text) &&
           !ul_comment_is_closer(bytes, gap->comments[at].text))
        at++;
    if (gap->is_wall_after && !gap->is_brace_after && at == gap->line_count && !gap->is_blank_end)
        return from; /* it is directly above the wall */
    above->is_pinned |= at > from;
    above->has_tail = at > from;
    return at;
}

/* Index of the first comment line of the run directly above what follows; line_count when there is none. */
static uint32_t run_above(const ul_chunks *c, const ul_gap *gap)
{
    uint32_t at = gap->line_count;
    if (gap->is_wall_after || gap->is_blank_end)
        return at;
    while (at > gap->continued && !ul_comment_is_closer(c->text->bytes, gap->comments[at - 1].text)) {
        at--;
        if (gap->comments[at].is_blank_before)
            break;
    }
    return at;
}

/* The lines of the gap from comment `from` on that belong to neither side; `heading`..`doc` of them head a section. */
static void list_own_lines(ul_chunks *c, ul_gap *gap, uint32_t from, uint32_t heading, uint32_t doc, uint32_t section)
{
    gap->own = UL_NEW_ARRAY(c->text->arena, ul_own_lines, 2u * gap->line_count + 2u);
    uint32_t at = gap->lines_begin;
    for (uint32_t i = from; i < doc; i++) {
        ul_span lines = gap->comments[i].lines;
        if (lines.begin > at)
            gap->own[gap->own_count++] = (ul_own_lines){{at, lines.begin}, UL_NO_SECTION, true};
        at = lines.end;
        ul_own_lines *last = gap->own_count ? &gap->own[gap->own_count - 1] : NULL;
        if (last && !last->is_blank && last->span.end == lines.begin && i != heading)
            last->span.end = lines.end;
        else
            gap->own[gap->own_count++] =
                (ul_own_lines){lines, i == heading ? section : UL_NO_SECTION, false};
    }
    if (gap->lines_end > at)
        gap->own[gap->own_count++] = (ul_own_lines){{at, gap->lines_end}, UL_NO_SECTION, true};
}

/* How many blocks from `index` on a comment directly above that one names, up to the next break: the first, and those that follow. */
static uint32_t count_named(const ul_chunks *c, uint32_t index, ul_span text)
{
    uint32_t end = index;
    while (end < c->block_count && (end == index || !c->gaps[c->blocks[end].first].is_broken) &&
           mentions(c, text, c->blocks[end].first, c->blocks[end].count) == c->blocks[end].count)
        end++;
    return end > index ? end - index : 1;
}

/* Splits the run [*heading, line_count) above block `index`; sets *doc to where its own comments begin. */
static void judge_run(ul_chunks *c, ul_gap *gap, uint32_t index, uint32_t *heading, uint32_t *doc, uint32_t *section)
{
    const char *bytes = c->text->bytes;
    uint32_t begin = *heading, end = gap->line_count, own = begin;
    for (uint32_t i = begin; i < end; i++) {
        if (ul_comment_is_heading(bytes, gap->comments[i].text))
            own = i + 1;
    }
    ul_block *block = &c->blocks[index];
    *doc = end;
    if (own > begin)
        *section = add_section(c, (ul_span){gap->comments[begin].text.begin, gap->comments[own - 1].text.end}, true);
    if (own == end)
        return;
    switch (judge(c, index, gap->comments + own, end - own)) {
    case OWNER_DOC:
        block->has_doc = true;
        block->has_loose_head = true;
        block->named = count_named(c, index, (ul_span){gap->comments[own].text.begin, gap->comments[end - 1].text.end});
        *doc = own;
        break;
    case OWNER_SECTION:
        if (own == begin)
            *section = add_section(c, (ul_span){gap->comments[begin].text.begin, gap->comments[end - 1].text.end}, true);
        else
            block->is_pinned = block->has_loose_head = true; /* a heading below a heading */
        break;
    case OWNER_OPEN:
        block->is_pinned = block->has_loose_head = true;
        break;
    }
    if (block->is_pinned)
        *section = UL_NO_SECTION; /* nothing may come between the comment and the block */
}

/* Whether a comment directly between two declarations may be either's: aligned with neither, or with what both have. */
static bool is_between(const ul_chunks *c, const ul_gap *gap, const ul_block *above, const ul_comment_line *line)
{
    if (ul_comment_is_heading(c->text->bytes, line->text))
        return false;
    if (is_below_trailing(c, gap, line))
        return !ul_comment_is_doc(c->text->bytes, line->text);
    return line->column != column_of_line(c, gap->to) && line->column != column_of_line(c, c->spans[above->first].begin);
}

/* Steps 2 and 4 for the gap before block `index`, or after the last one. Returns the section that begins there. */
static uint32_t settle_gap(ul_chunks *c, uint32_t index)
{
    const char *bytes = c->text->bytes;
    bool is_last = index == c->block_count;
    ul_block *above = index ? &c->blocks[index - 1] : NULL, *below = is_last ? NULL : &c->blocks[index];
    ul_gap *gap = &c->gaps[is_last ? c->group_count : below->first];
    uint32_t section = UL_NO_SECTION;
    if (gap->is_shared) {
        gap->lines_begin = gap->lines_end = gap->from;
        return section;
    }
    uint32_t run = run_above(c, gap), doc = gap->line_count, heading = run;
    bool touches = run == gap->continued && run < gap->line_count && !gap->comments[run].is_blank_before;
    if (touches && above && below && is_between(c, gap, above, &gap->comments[run])) {
        gap->is_glued = above->is_pinned = below->is_pinned = true;
        below->has_loose_head = true;
    } else if (run < gap->line_count) {
        judge_run(c, gap, index, &heading, &doc, &section);
    }
    uint32_t from = bind_below(c, gap, above, gap->continued, run);
    if (below && run == gap->line_count && from < run) {
        heading = run - 1; /* a blank line parts it from the fields */
        while (heading > from && !gap->comments[heading].is_blank_before)
            heading--;
        if (!ul_comment_is_closer(bytes, gap->comments[run - 1].text))
            section = add_section(c, (ul_span){gap->comments[heading].text.begin, gap->comments[run - 1].text.end}, false);
    }
    const ul_token *comments = c->text->tokens->items + gap->first_comment;
    gap->lines_begin = from ? gap->comments[from - 1].lines.end
                            : ul_line_end(bytes, c->text->length, gap->same_line ? comments[gap->same_line - 1].end : gap->from);
    gap->lines_end = doc < gap->line_count ? gap->comments[doc].lines.begin : next_line(c, gap);
    list_own_lines(c, gap, from, heading, doc, section);
    return section;
}

static void settle(ul_chunks *c)
{
    uint32_t section = UL_NO_SECTION;
    for (uint32_t i = 0; i <= c->block_count; i++) {
        ul_gap *gap = &c->gaps[i < c->block_count ? c->blocks[i].first : c->group_count];
        uint32_t begun = settle_gap(c, i);
        if (begun != UL_NO_SECTION || gap->has_blank)
            section = begun;
        if (i == c->block_count)
            break;
        if (c->blocks[i].is_pinned && begun == UL_NO_SECTION)
            section = UL_NO_SECTION;
        c->blocks[i].section = section;
    }
    for (uint32_t i = 0; i < c->block_count; i++) {
        ul_block *block = &c->blocks[i];
        block->lines = (ul_span){c->gaps[block->first].lines_end, c->gaps[block->first + block->count].lines_begin};
    }
}

bool ul_chunks_cut(ul_chunks *out, const ul_source_text *text, const ul_record *record, uint32_t first, uint32_t count)
{
    *out = (ul_chunks){.text = text, .record = record, .first_group = first, .group_count = count};
    out->spans = UL_NEW_ARRAY(text->arena, ul_span, count);
    out->gaps = UL_NEW_ARRAY(text->arena, ul_gap, count + 1u);
    out->blocks = UL_NEW_ARRAY(text->arena, ul_block, count);
    read_spans(out);
    for (uint32_t i = 0; i <= count; i++) {
        if (!bound_gap(out, i))
            return false;
        ul_gap *gap = &out->gaps[i];
        sort_comments(out, gap);
        gap->is_broken = gap->is_wall_before || gap->is_wall_after || gap->has_blank || gap->line_count > gap->continued;
    }
    make_blocks(out);
    settle(out);
    return true;
}
