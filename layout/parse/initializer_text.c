/*
 * Where the values of an initializer list stand in the file. libclang gives places inside macro arguments and of whole expansions alike,
 * so the tokens decide: the list is cut at its commas, and each part must hold the begin of exactly one value.
 */
#include "layout/parse/initializers.h"

static int depth_change(const ul_token *token)
{
    if (token->kind != UL_TOKEN_PUNCT)
        return 0;
    if (token->punct == '{' || token->punct == '(' || token->punct == '[')
        return 1;
    return token->punct == '}' || token->punct == ')' || token->punct == ']' ? -1 : 0;
}

/* Index of the token that closes the bracket at `open`, or of the end. */
static uint32_t closing(const ul_tokens *tokens, uint32_t open)
{
    int depth = 0;
    for (uint32_t i = open; i < tokens->count; i++) {
        depth += depth_change(&tokens->items[i]);
        if (depth == 0)
            return i;
    }
    return tokens->count;
}

/* The part of items[from..to-1] behind its designators: behind `=` or `:`, or, in the oldest form, behind `]`. */
static ul_span behind_designators(const ul_token *items, uint32_t from, uint32_t to, ul_span whole)
{
    int depth = 0;
    uint32_t bracket = to;
    for (uint32_t i = from; i < to; i++) {
        depth += depth_change(&items[i]);
        if (depth == 0 && bracket == to && ul_token_is_punct(&items[i], ']'))
            bracket = i + 1;
        if (depth == 0 && (ul_token_is_punct(&items[i], '=') || ul_token_is_punct(&items[i], ':'))) {
            bracket = i + 1;
            break;
        }
    }
    while (bracket < to && items[bracket].kind == UL_TOKEN_COMMENT)
        bracket++;
    return bracket < to ? (ul_span){items[bracket].begin, whole.end} : whole;
}

/* What is in the braces that are all of items[from..to-1], when that is one value without designators. */
static ul_span inside_braces(const ul_token *items, uint32_t from, uint32_t to)
{
    int depth = 0;
    uint32_t first = to, last = to;
    if (!ul_token_is_punct(&items[from], '{') || !ul_token_is_punct(&items[to - 1], '}'))
        return (ul_span){0};
    for (uint32_t i = from + 1; i + 1 < to; i++) {
        depth += depth_change(&items[i]);
        if (items[i].kind == UL_TOKEN_DIRECTIVE || depth < 0)
            return (ul_span){0};
        if (items[i].kind == UL_TOKEN_COMMENT)
            continue;
        if (depth == 0 && ul_token_is_punct(&items[i], ',')) {
            if (i + 2 != to)
                return (ul_span){0};
            continue;
        }
        if (first == to) {
            if (ul_token_is_punct(&items[i], '.') || ul_token_is_punct(&items[i], '['))
                return (ul_span){0};
            first = i;
        }
        last = i;
    }
    return first == to ? (ul_span){0} : (ul_span){items[first].begin, items[last].end};
}

/* Gives items[from..to-1], between two commas, to the next child; false when it is not its. */
static bool give_text(ul_list *list, uint32_t from, uint32_t to, uint32_t *next)
{
    const ul_token *items = list->file->tokens.items;
    while (from < to && items[from].kind == UL_TOKEN_COMMENT)
        from++;
    while (to > from && items[to - 1].kind == UL_TOKEN_COMMENT)
        to--;
    if (from == to || *next == list->child_count)
        return false;
    ul_list_child *child = &list->children[(*next)++];
    child->span = child->text = (ul_span){items[from].begin, items[to - 1].end};
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(clang_getCursorExtent(child->cursor)));
    /* A field of an anonymous member is designated through it, by a step that stands nowhere. */
    bool is_nowhere = !begin.file && child->steps && ul_token_is_punct(&items[from], '.');
    if (!is_nowhere && (!clang_File_isEqual(begin.file, list->file->handle) || begin.offset < child->span.begin ||
                        begin.offset >= child->span.end))
        return false;
    bool is_written = ul_token_is_punct(&items[from], '.') || ul_token_is_punct(&items[from], '[') ||
                      (from + 1 < to && ul_token_is_punct(&items[from + 1], ':'));
    if (child->steps && is_written)
        child->text = behind_designators(items, from, to, child->span);
    child->inner = inside_braces(items, from, to);
    return true;
}

/* Two values that begin at one place are a macro's. */
static const char *mismatch(const ul_list *list)
{
    uint32_t before = UINT32_MAX;
    for (uint32_t i = 0; i < list->child_count; i++) {
        CXSourceRange extent = clang_getCursorExtent(list->children[i].cursor);
        uint32_t begin = ul_clang_place_of(clang_getRangeStart(extent)).offset;
        const ul_token *token = &list->file->tokens.items[ul_tokens_at(&list->file->tokens, begin)];
        if (begin == before && token->begin == begin && token->kind == UL_TOKEN_WORD)
            return ul_arena_printf(list->uses->reader->arena, "macro `%.*s` gives several of its values",
                                   (int)(token->end - token->begin), list->file->bytes + begin);
        before = begin;
    }
    return "its values do not stand one by one in the text";
}

/* Cuts the list between the brackets items[open] and items[close] at its commas. */
static const char *cut(ul_list *list, uint32_t open, uint32_t close)
{
    const ul_token *items = list->file->tokens.items;
    uint32_t from = open + 1, next = 0;
    int depth = 0;
    for (uint32_t i = open + 1; i < close; i++) {
        if (items[i].kind == UL_TOKEN_DIRECTIVE && depth == 0)
            return "a preprocessor directive stands between its values";
        depth += depth_change(&items[i]);
        if (depth || !ul_token_is_punct(&items[i], ','))
            continue;
        if (!give_text(list, from, i, &next))
            return mismatch(list);
        from = i + 1;
    }
    while (from < close && items[from].kind == UL_TOKEN_COMMENT)
        from++;
    if (from < close && !give_text(list, from, close, &next))
        return mismatch(list);
    return next == list->child_count ? NULL : mismatch(list);
}

bool ul_list_find_text(ul_list *list)
{
    ul_reader *reader = list->uses->reader;
    CXSourceRange extent = clang_getCursorExtent(list->cursor);
    ul_clang_place end = ul_clang_place_of(clang_getRangeEnd(extent));
    list->place = ul_clang_place_of(clang_getRangeStart(extent));
    ul_source_file *file = ul_reader_file(reader, list->place.file);
    if (!file)
        return false;
    ul_source_file_load(reader, file);
    list->file = file;
    const ul_tokens *tokens = &file->tokens;
    uint32_t open = ul_tokens_at(tokens, list->place.offset);
    const ul_token *token = &tokens->items[open];
    if (open == tokens->count || token->begin != list->place.offset || !ul_token_is_punct(token, '{')) {
        list->macro = token->kind == UL_TOKEN_WORD
                          ? ul_arena_strndup(reader->arena, file->bytes + token->begin, token->end - token->begin)
                          : "?";
        return true;
    }
    uint32_t close = closing(tokens, open);
    list->span = (ul_span){token->begin, tokens->items[close].end};
    if (close == tokens->count || !clang_File_isEqual(end.file, file->handle) || end.offset != list->span.end)
        list->obstacle = "its braces do not both stand in the text";
    else
        list->obstacle = cut(list, open, close);
    return true;
}
