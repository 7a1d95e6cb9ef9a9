/*
 * Assertions that `ullage guard` wrote below records that change: they change along. Only those that say exactly what guard would write for the layout
 * as it was are taken for its own and up to date; all others are somebody's word, and walls (layout-assert). With --guard, records
 * that change get some.
 */
#include <string.h>

#include "cli/fix_state.h"
#include "layout/rewrite/guard.h"

/* How a block was asked for. */
typedef struct guard_kind {
    bool holds_inner;      /* every record of the declaration, not only those whose source asks for it */
    bool holds_unasked;    /* the outermost although its source does not: --struct, --all-records */
    bool holds_all_offsets;
} guard_kind;

static const guard_kind kinds[] = {{false, false, false}, {false, true, false}, {true, true, false}, {false, false, true}, {false, true, true}, {true, true, true}};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* The records of one declaration: entries[first..first+count-1], the first around all. */
typedef struct nest {
    uint32_t first, count;
} nest;

static nest nest_of(const ul_fixing *of, uint32_t index)
{
    const ul_record *outer = of->merged[index].record;
    nest n = {index, 1};
    while (index + n.count < of->count) {
        const ul_record *inner = of->merged[index + n.count].record;
        if (strcmp(inner->file, outer->file) != 0 || inner->span.begin < outer->span.begin || outer->span.end < inner->span.end)
            break;
        n.count++;
    }
    return n;
}

/* Annotations name fields by their places, which the new order changes. */
static const ul_record *follow_annotations(const ul_fixing *of, uint32_t index, const ul_record *after)
{
    const ul_plan *plan = of->entries[index].plan;
    ul_record *copy = UL_NEW(of->arena, ul_record);
    uint32_t *now = UL_NEW_ARRAY(of->arena, uint32_t, after->field_count + 1u), nth = 0;
    *copy = *after;
    if (!plan || !after->annotation_count)
        return after;
    for (uint32_t i = 0; i < after->field_count && nth < plan->order_count; i++) {
        if (after->fields[i].parent == UL_NO_PARENT)
            now[plan->order[nth++]] = i;
    }
    copy->annotations = UL_NEW_ARRAY(of->arena, ul_annotation, after->annotation_count);
    for (uint32_t i = 0; i < after->annotation_count; i++) {
        copy->annotations[i] = after->annotations[i];
        if (after->annotations[i].field < after->field_count)
            copy->annotations[i].field = now[after->annotations[i].field];
    }
    return copy;
}

/* Items of entries[index] on each target: as it is, or as planned. Returns how many there are then. */
static uint32_t add_items(const ul_fixing *of, ul_guarded *items, uint32_t count, uint32_t index, bool is_inner, bool wants_after, const guard_kind *kind)
{
    const ul_entry *entry = &of->merged[index];
    uint32_t variants = entry->variant_count ? entry->variant_count : 1;
    for (uint32_t i = 0; i < variants && i < UL_TARGETS_MAX; i++) {
        const ul_record *record = entry->variant_count ? entry->variants[i] : entry->record;
        const ul_record *after = wants_after && of->entries ? of->entries[index].afters[record->target] : NULL;
        items[count++] = (ul_guarded){.record = after ? follow_annotations(of, index, after) : record,
                                      .target = &of->units->targets[record->target],
                                      .holds_all = kind->holds_all_offsets,
                                      .is_inner = is_inner};
    }
    return count;
}

/* What guard would write for the nest; NULL when it holds nothing of it. */
static const char *block_for(const ul_fixing *of, nest n, const ul_guard_place *place, const ul_fix_file *file, const ul_tokens *tokens, bool wants_after,
                             const guard_kind *kind)
{
    ul_guarded *items = UL_NEW_ARRAY(of->arena, ul_guarded, (n.count + 1u) * UL_TARGETS_MAX);
    uint32_t count = 0;
    const char *text, *detail;
    for (uint32_t i = n.first; i < n.first + n.count; i++) {
        const ul_record *record = of->merged[i].record;
        bool is_asked = ul_guard_is_asked(record) || (i == n.first ? kind->holds_unasked : kind->holds_inner);
        if (is_asked && !ul_guard_obstacle(record, file->old_bytes, tokens, of->arena))
            count = add_items(of, items, count, i, i != n.first, wants_after, kind);
    }
    return count && ul_guard_block(&text, place, items, count, &detail, of->arena) == UL_OK ? text : NULL;
}

/* The kind that the block is of, or NULL when guard did not write it for the layout as it is. */
static const guard_kind *kind_of(const ul_fixing *of, nest n, const ul_guard_place *place, const ul_fix_file *file, const ul_tokens *tokens)
{
    uint32_t length = place->span.end - place->span.begin;
    for (size_t i = 0; i < KINDS; i++) {
        const char *text = block_for(of, n, place, file, tokens, false, &kinds[i]);
        if (text && strlen(text) == length && memcmp(text, file->old_bytes + place->span.begin, length) == 0)
            return &kinds[i];
    }
    return NULL;
}

/* Calls `see` with each block below a record of the file, until it is true. */
typedef bool see_block(void *context, const ul_fixing *of, nest n, const ul_guard_place *place, const ul_fix_file *file, const ul_tokens *tokens);

static bool each_block(const ul_fixing *of, const ul_fix_file *file, bool wants_empty, see_block *see, void *context)
{
    ul_tokens tokens;
    if (file->old_length > INT32_MAX || (!wants_empty && !memmem(file->old_bytes, file->old_length, UL_GUARD_ANY_BEGIN, strlen(UL_GUARD_ANY_BEGIN))))
        return false;
    ul_tokens_read(&tokens, file->old_bytes, file->old_length, of->arena);
    for (uint32_t i = 0; i < of->count;) {
        nest n = nest_of(of, i);
        i += n.count;
        if (strcmp(of->merged[n.first].record->file, file->path) != 0)
            continue;
        ul_guard_place place;
        ul_guard_find(&place, of->merged[n.first].record, file->old_bytes, (uint32_t)file->old_length, &tokens, of->arena);
        if (!place.obstacle && (wants_empty || place.span.end > place.span.begin) && see(context, of, n, &place, file, &tokens))
            return true;
    }
    return false;
}

static bool holds_line(void *context, const ul_fixing *of, nest n, const ul_guard_place *place, const ul_fix_file *file, const ul_tokens *tokens)
{
    const uint32_t *line = context;
    uint32_t first = 1, last = 1;
    for (uint32_t i = 0; i < place->span.end; i++) {
        first += i < place->span.begin && file->old_bytes[i] == '\n';
        last += file->old_bytes[i] == '\n';
    }
    return first <= *line && *line <= last && kind_of(of, n, place, file, tokens);
}

bool ul_fix_is_own_guard(ul_fixing *of, const char *path, uint32_t line)
{
    const ul_fix_file *file = ul_fix_file_of(of, path);
    return file && each_block(of, file, false, holds_line, &line);
}

typedef struct edit_list {
    ul_edit *items;
    uint32_t count, capacity;
} edit_list;

static bool changes(const ul_fixing *of, nest n)
{
    for (uint32_t i = n.first; i < n.first + n.count; i++) {
        if (of->entries[i].plan && !of->items[i].is_kept)
            return true;
    }
    return false;
}

static bool renew(void *context, const ul_fixing *of, nest n, const ul_guard_place *place, const ul_fix_file *file, const ul_tokens *tokens)
{
    edit_list *edits = context;
    bool is_there = place->span.end > place->span.begin;
    static const guard_kind added = {false, true, false};
    const guard_kind *kind = is_there ? kind_of(of, n, place, file, tokens) : of->config->wants_guard && changes(of, n) ? &added : NULL;
    ul_guard_place to = *place;
    to.is_kept = is_there ? place->is_kept : !ul_guard_is_asked(of->merged[n.first].record);
    const char *text = kind ? block_for(of, n, &to, file, tokens, true, kind) : NULL;
    if (!text)
        return false;
    if (!is_there)
        text = ul_arena_printf(of->arena, "%s%s%s", place->newline, place->indent, text);
    else if (strlen(text) == place->span.end - place->span.begin && memcmp(text, file->old_bytes + place->span.begin, strlen(text)) == 0)
        return false;
    UL_RESERVE(of->arena, edits->items, edits->count, edits->capacity);
    edits->items[edits->count++] = (ul_edit){place->span, text, (uint32_t)strlen(text)};
    return false;
}

void ul_fix_edit_guards(ul_fixing *of, const ul_fix_file *file, ul_edit **edits, uint32_t *count)
{
    edit_list list = {0};
    each_block(of, file, of->config->wants_guard, renew, &list);
    *edits = list.items;
    *count = list.count;
}

/* A record that holds a changed one by value may have its guard in a file of its own. */
void ul_fix_load_guarded_files(ul_fixing *of)
{
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_record *record = of->entries[i].record, *after = of->entries[i].afters[record->target];
        if (after && after != record)
            ul_fix_file_of(of, record->file);
    }
}
