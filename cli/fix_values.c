/*
 * Which value sets which field, before and after: a list that still goes by position must say of every field what a list of the same
 * record and file said before. Lists that name every field are read by the compiler, which knows their order.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/fix_state.h"
#include "layout/engine/uses.h"
#include "layout/model/compare.h"

typedef struct said {
    const char *text; /* file, then field=value for each field, sorted */
    const ul_initializer *initializer;
} said;

static int compare_said(const void *a, const void *b)
{
    return strcmp(((const said *)a)->text, ((const said *)b)->text);
}

/* A value without blanks and comments around it; a list inside is looked at by itself. */
static const char *value_text(const char *bytes, uint64_t length, ul_span span, ul_arena *arena)
{
    if (span.end > length || span.begin > span.end)
        return "?";
    if (bytes[span.begin] == '{')
        return "{}";
    ul_tokens tokens;
    ul_strbuf out;
    ul_tokens_read(&tokens, bytes + span.begin, span.end - span.begin, arena);
    ul_strbuf_init(&out);
    for (uint32_t i = 0; i < tokens.count; i++) {
        const ul_token *token = &tokens.items[i];
        if (token->kind != UL_TOKEN_COMMENT)
            ul_strbuf_printf(&out, "%.*s ", (int)(token->end - token->begin), bytes + span.begin + token->begin);
    }
    const char *kept = ul_arena_strndup(arena, out.data ? out.data : "", out.length);
    ul_strbuf_free(&out);
    return kept;
}

static const char *say(const ul_initializer *list, const char *bytes, uint64_t length, ul_arena *arena)
{
    const char **items = UL_NEW_ARRAY(arena, const char *, list->item_count + 1u);
    const char *text = list->file;
    for (uint32_t i = 0; i < list->item_count; i++) {
        const ul_initializer_item *item = &list->items[i];
        items[i] = ul_arena_printf(arena, "%s=%s", item->field ? item->field : "?",
                                   item->is_elided ? "{}" : value_text(bytes, length, item->value, arena));
    }
    qsort(items, list->item_count, sizeof *items, ul_compare_texts);
    for (uint32_t i = 0; i < list->item_count; i++)
        text = ul_arena_printf(arena, "%s\n%s", text, items[i]);
    return text;
}

/* What all lists of a record say, sorted. `is_after`: the new bytes are meant. */
static said *all_said(ul_fixing *of, const ul_record_uses *uses, bool is_after)
{
    said *list = UL_NEW_ARRAY(of->arena, said, uses->initializer_count + 1u);
    for (uint32_t i = 0; i < uses->initializer_count; i++) {
        const ul_initializer *one = &uses->initializers[i];
        const ul_fix_file *file = ul_fix_file_of(of, one->file);
        const char *bytes = !file ? "" : is_after && file->new_bytes ? file->new_bytes : file->old_bytes;
        uint64_t length = !file ? 0 : is_after && file->new_bytes ? file->new_length : file->old_length;
        list[i] = (said){say(one, bytes, length, of->arena), one};
    }
    qsort(list, uses->initializer_count, sizeof *list, compare_said);
    return list;
}

const ul_initializer *ul_fix_other_values(ul_fixing *of, const char *key, const ul_uses *after, const char *key_after)
{
    ul_record_uses before = ul_uses_of(&of->uses, key), now = ul_uses_of(after, key_after);
    const said *old = all_said(of, &before, false), *fresh = all_said(of, &now, true);
    for (uint32_t i = 0, j = 0; j < now.initializer_count;) {
        int order = i == before.initializer_count ? 1 : compare_said(&old[i], &fresh[j]);
        if (order > 0)
            return fresh[j].initializer;
        i++;
        j += order == 0;
    }
    return NULL;
}
