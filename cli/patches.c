#include "cli/patches.h"

#include <string.h>

#include "layout/rewrite/diff.h"
#include "layout/rewrite/rewrite.h"

enum { CONTEXT_LINES = 3 };

/* What fix does besides. */
#define CAUTION                                                                                                         \
    "Only the units of this run were searched for code that depends on the order: `ullage fix` looks for every user, and has the " \
    "compiler confirm the result."

/* One file and the records to be patched in it. */
typedef struct page {
    ul_report *report;
    const ul_source *source;
    const char *path;       /* as the patch has it */
    uint64_t *starts;       /* byte of each line, and one past the last */
    ul_rewrite_request *requests;
    uint32_t *entries;      /* of each request */
    uint32_t count, line_count, capacity;
    ul_strbuf *diff;        /* of all, or NULL */
    ul_diags *diags;        /* or NULL */
    ul_arena *arena;
} page;

static void index_lines(page *p)
{
    uint32_t count = 0;
    p->capacity = 0;
    for (uint64_t at = 0;;) {
        UL_RESERVE(p->arena, p->starts, count, p->capacity);
        p->starts[count++] = at;
        if (at == p->source->length)
            break;
        const char *newline = memchr(p->source->bytes + at, '\n', p->source->length - at);
        at = newline ? (uint64_t)(newline - p->source->bytes) + 1 : p->source->length;
    }
    p->line_count = count - 1;
}

/* Index, from 0, of the line that byte `at` is on. */
static uint32_t line_at(const page *p, uint64_t at)
{
    uint32_t low = 0, high = p->line_count ? p->line_count - 1 : 0;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (p->starts[middle] <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static const char *path_of(const ul_report *report, const char *file)
{
    const char *const folders[] = {report->root, report->cwd};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        size_t length = folders[i] ? strlen(folders[i]) : 0;
        if (length && strncmp(file, folders[i], length) == 0)
            return file + length;
    }
    return file + strspn(file, "/");
}

static void refuse_entry(page *p, ul_entry *entry, const char *name, const char *explanation)
{
    ul_patch *patch = UL_NEW(p->arena, ul_patch);
    *patch = (ul_patch){.refusal = name, .explanation = explanation, .caution = "", .diff = "", .text = ""};
    entry->patch = patch;
    if (p->diags)
        ul_diags_add(p->diags, UL_LEVEL_NOTE, entry->record->file, entry->record->line, entry->record->column,
                     "`%s` is not in the patch: %s: %s", entry->record->name, name, explanation);
}

static void refuse(page *p, uint32_t index, const char *name, const char *explanation)
{
    refuse_entry(p, &p->report->entries[p->entries[index]], name, explanation);
}

/* "its bytes are compared (memcmp of `*a`, src/conn.c:12)" */
static void refuse_for(page *p, ul_entry *entry, const ul_fix_obstacle *obstacle)
{
    const char *place = "";
    if (obstacle->file)
        place = obstacle->line ? ul_arena_printf(p->arena, "%s:%u", path_of(p->report, obstacle->file), obstacle->line) : path_of(p->report, obstacle->file);
    const char *gap = obstacle->detail[0] && place[0] ? ", " : "";
    bool has_more = obstacle->detail[0] || place[0];
    refuse_entry(p, entry, obstacle->reason,
                 ul_arena_printf(p->arena, "%s%s%s%s%s%s", obstacle->text, has_more ? " (" : "", obstacle->detail, gap, place, has_more ? ")" : ""));
}

static void refuse_all(page *p, const char *name, const char *explanation)
{
    for (uint32_t i = 0; i < p->count; i++)
        refuse(p, i, name, explanation);
}

/* The lines [first, end) as they are and as they will be. */
typedef struct window {
    uint32_t first, end;
    ul_strbuf text;
} window;

/* Takes equal lines off both ends. */
static void narrow(const page *p, window *w, uint64_t *skip)
{
    const char *bytes = p->source->bytes;
    *skip = 0;
    while (w->first < w->end) {
        uint64_t length = p->starts[w->first + 1] - p->starts[w->first];
        if (w->text.length - *skip < length || memcmp(bytes + p->starts[w->first], w->text.data + *skip, length) != 0)
            break;
        *skip += length;
        w->first++;
    }
    while (w->end > w->first) {
        uint64_t length = p->starts[w->end] - p->starts[w->end - 1];
        if (w->text.length - *skip < length ||
            memcmp(bytes + p->starts[w->end - 1], w->text.data + w->text.length - length, length) != 0)
            break;
        w->text.length -= length;
        w->end--;
    }
}

static ul_status add_diff(ul_strbuf *out, const page *p, const window *w, const char *text, uint64_t length)
{
    uint32_t first = w->first > CONTEXT_LINES ? w->first - CONTEXT_LINES : 0;
    uint32_t end = p->line_count - w->end > CONTEXT_LINES ? w->end + CONTEXT_LINES : p->line_count;
    const char *bytes = p->source->bytes;
    ul_strbuf after;
    ul_strbuf_init(&after);
    ul_strbuf_add(&after, bytes + p->starts[first], p->starts[w->first] - p->starts[first]);
    ul_strbuf_add(&after, text, length);
    ul_strbuf_add(&after, bytes + p->starts[w->end], p->starts[end] - p->starts[w->end]);
    ul_status status = after.has_failed ? UL_ERR_NOMEM : UL_OK;
    if (status == UL_OK)
        status = ul_diff_unified(out, p->path, (ul_diff_text){bytes + p->starts[first], p->starts[end] - p->starts[first], first},
                                 (ul_diff_text){after.data ? after.data : "", after.length, first}, p->arena);
    ul_strbuf_free(&after);
    return status;
}

/* The patch that edits[0..count-1] are, which lie in one record. */
static const ul_patch *patch_of(const page *p, const ul_edit *edits, uint32_t count)
{
    window w = {line_at(p, edits[0].span.begin), line_at(p, edits[count - 1].span.end) + 1, {0}};
    ul_patch *patch = UL_NEW(p->arena, ul_patch);
    uint64_t at = p->starts[w.first], skip;
    ul_strbuf diff;
    ul_strbuf_init(&w.text);
    ul_strbuf_init(&diff);
    for (uint32_t i = 0; i < count; i++) {
        ul_strbuf_add(&w.text, p->source->bytes + at, edits[i].span.begin - at);
        ul_strbuf_add(&w.text, edits[i].text, edits[i].length);
        at = edits[i].span.end;
    }
    ul_strbuf_add(&w.text, p->source->bytes + at, p->starts[w.end] - at);
    if (!w.text.data || w.text.has_failed)
        return NULL;
    narrow(p, &w, &skip);
    const char *text = w.text.data + skip;
    uint64_t length = w.text.length - skip;
    bool is_made = add_diff(&diff, p, &w, text, length) == UL_OK && diff.length;
    if (length && text[length - 1] == '\n')
        length -= length > 1 && text[length - 2] == '\r' ? 2 : 1;
    if (is_made)
        *patch = (ul_patch){.explanation = "",
                            .caution = CAUTION,
                            .diff = ul_arena_strndup(p->arena, diff.data, diff.length),
                            .text = ul_arena_strndup(p->arena, text, length),
                            .first_line = w.first + 1,
                            .last_line = w.end};
    ul_strbuf_free(&w.text);
    ul_strbuf_free(&diff);
    return is_made ? patch : NULL;
}

static bool is_inside(ul_span inner, ul_span outer)
{
    return outer.begin <= inner.begin && inner.end <= outer.end;
}

/* Whether another record is asked for that holds this one or lies in it: their edits cannot be told apart. */
static bool is_nested(const page *p, uint32_t index)
{
    ul_span own = p->requests[index].record->span;
    for (uint32_t i = 0; i < p->count; i++) {
        ul_span other = p->requests[i].record->span;
        if (i != index && (is_inside(own, other) || is_inside(other, own)))
            return true;
    }
    return false;
}

static void set_patch(page *p, uint32_t index, const ul_rewrite *rewrite, const ul_rewrite_outcome *outcome)
{
    ul_span span = p->requests[index].record->span;
    uint32_t first = 0, end;
    if (outcome->refusal != UL_REWRITE_DONE) {
        const char *text = ul_rewrite_refusal_text(outcome->refusal);
        refuse(p, index, ul_rewrite_refusal_name(outcome->refusal),
               outcome->detail[0] ? ul_arena_printf(p->arena, "%s (%s)", text, outcome->detail) : text);
        return;
    }
    while (first < rewrite->edit_count && rewrite->edits[first].span.begin < span.begin)
        first++;
    for (end = first; end < rewrite->edit_count && rewrite->edits[end].span.end <= span.end;)
        end++;
    const ul_patch *patch = end > first ? patch_of(p, rewrite->edits + first, end - first) : NULL;
    if (patch)
        p->report->entries[p->entries[index]].patch = patch;
    else
        refuse(p, index, "internal-check", "no patch could be made of the new text");
}

static void set_nested_patch(page *p, uint32_t index)
{
    ul_arena scratch;
    ul_rewrite alone;
    ul_arena_init(&scratch, p->arena->oom);
    if (ul_rewrite_text(&alone, p->source->bytes, p->source->length, &p->requests[index], 1, &scratch) == UL_OK)
        set_patch(p, index, &alone, &alone.outcomes[0]);
    else
        refuse(p, index, "too-large", "the file is too large to be rewritten");
    ul_arena_free(&scratch);
}

static void patch_page(page *p)
{
    ul_rewrite rewrite;
    if (memchr(p->source->bytes, '\0', p->source->length)) {
        refuse_all(p, "null-byte", "there is a null byte in the file");
        return;
    }
    index_lines(p);
    p->path = path_of(p->report, p->source->file);
    if (ul_rewrite_text(&rewrite, p->source->bytes, p->source->length, p->requests, p->count, p->arena) != UL_OK) {
        refuse_all(p, "too-large", "the file is too large to be rewritten");
        return;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        if (is_nested(p, i))
            set_nested_patch(p, i);
        else
            set_patch(p, i, &rewrite, &rewrite.outcomes[i]);
    }
    if (p->diff && ul_diff_unified(p->diff, p->path, (ul_diff_text){p->source->bytes, p->source->length, 0},
                                   (ul_diff_text){rewrite.text, rewrite.length, 0}, p->arena) != UL_OK)
        p->diff->has_failed = true;
}

static const ul_source *source_of(const ul_report *report, const char *file)
{
    uint32_t low = 0, high = report->source_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(report->sources[middle].file, file);
        if (order == 0)
            return &report->sources[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* What is asked for. */
typedef struct wanted {
    const bool *is_wanted;
    const ul_fix_obstacle *const *obstacles;
    ul_strbuf *diff;
    ul_diags *diags;
} wanted;

/* Patches the wanted entries from `first` on that are in one file; returns the first entry that is not. */
static uint32_t patch_file(ul_report *report, const wanted *w, uint32_t first, ul_arena *arena)
{
    const char *file = report->entries[first].record->file;
    uint32_t end = first;
    while (end < report->entry_count && strcmp(report->entries[end].record->file, file) == 0)
        end++;
    page p = {.report = report, .source = source_of(report, file), .diff = w->diff, .diags = w->diags, .arena = arena};
    p.requests = UL_NEW_ARRAY(arena, ul_rewrite_request, end - first);
    p.entries = UL_NEW_ARRAY(arena, uint32_t, end - first);
    for (uint32_t i = first; i < end; i++) {
        ul_entry *entry = &report->entries[i];
        if (!w->is_wanted[i] || !entry->plan)
            continue;
        if (w->obstacles[i]) {
            refuse_for(&p, entry, w->obstacles[i]);
            continue;
        }
        p.entries[p.count] = i;
        p.requests[p.count++] = (ul_rewrite_request){entry->record, entry->plan->order, entry->plan->order_count};
    }
    if (!p.source)
        refuse_all(&p, "unread", "the file could not be read again");
    else if (p.count)
        patch_page(&p);
    return end;
}

void ul_patches_make(ul_report *report, const bool *is_wanted, const ul_fix_obstacle *const *obstacles, bool has_diff, ul_diags *diags,
                     ul_arena *arena)
{
    ul_strbuf diff;
    wanted w = {is_wanted, obstacles, has_diff ? &diff : NULL, has_diff ? diags : NULL};
    ul_strbuf_init(&diff);
    for (uint32_t i = 0; i < report->entry_count;)
        i = patch_file(report, &w, i, arena);
    if (has_diff) {
        report->diff = diff.has_failed ? NULL : ul_arena_strndup(arena, diff.data ? diff.data : "", diff.length);
        report->diff_length = diff.length;
    }
    if (diff.length && diags)
        ul_diags_add(diags, UL_LEVEL_NOTE, NULL, 0, 0, "about the patch: %s", CAUTION);
    ul_strbuf_free(&diff);
}

const bool *ul_patches_wanted(const ul_report *report, bool all, ul_arena *arena)
{
    bool *is_wanted = UL_NEW_ARRAY(arena, bool, ul_report_subjects(report) + 1u);
    for (uint32_t i = 0; i < report->entry_count && all; i++) {
        const ul_plan *plan = report->entries[i].plan;
        is_wanted[i] = plan && plan->moved_count && plan->saved_bytes > plan->embedded_saved_bytes;
    }
    for (uint32_t i = 0; i < report->finding_count && !all; i++) {
        if (strcmp(report->findings[i].rule->name, "reorder-saves") == 0)
            is_wanted[report->findings[i].entry] = true;
    }
    return is_wanted;
}
