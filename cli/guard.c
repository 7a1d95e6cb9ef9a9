#include "cli/guard.h"

#include <errno.h>
#include <string.h>

#include "cli/file.h"
#include "cli/guard_state.h"
#include "cli/paths.h"
#include "cli/record_name.h"
#include "layout/engine/merge.h"
#include "layout/rewrite/diff.h"

enum { EXIT_CLEAN, EXIT_STALE, EXIT_ERRORS };

ul_guarded *ul_guard_new_items(const ul_guarding *of)
{
    return UL_NEW_ARRAY(of->arena, ul_guarded, (of->entry_count + 1u) * UL_TARGETS_MAX);
}

uint32_t ul_guard_add_items(const ul_guarding *of, ul_guarded *items, uint32_t count, uint32_t index)
{
    const ul_entry *entry = &of->entries[index];
    uint32_t variants = entry->variant_count ? entry->variant_count : 1;
    for (uint32_t i = 0; i < variants && i < UL_TARGETS_MAX; i++) {
        const ul_record *record = entry->variant_count ? entry->variants[i] : entry->record;
        uint32_t target = record->target < of->units.target_count ? record->target : 0;
        items[count++] = (ul_guarded){.record = record, .target = &of->units.targets[target], .holds_all = of->config->guards_all_offsets,
                                      .is_inner = of->outermost[index] != index};
    }
    return count;
}

/* Why the layout that was read is not one to hold a record to, or NULL. */
static const char *doubt_of(const ul_entry *entry)
{
    static const ul_refusal_reason reasons[] = {UL_REFUSE_INVALID_RECORD, UL_REFUSE_INVALID_TYPE, UL_REFUSE_ERROR_IN_RECORD, UL_REFUSE_MISSING_INCLUDE,
                                                UL_REFUSE_UNIT_ERRORS};
    for (uint32_t i = 0; i < entry->record->refusal_count; i++) {
        for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++) {
            if (entry->record->refusals[i].reason == reasons[k])
                return ul_refusal_text(reasons[k]);
        }
    }
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        if (entry->variants[i]->flags & UL_RECORD_VARIES)
            return ul_refusal_text(UL_REFUSE_LAYOUT_VARIES);
    }
    return entry->record->flags & UL_RECORD_VARIES ? ul_refusal_text(UL_REFUSE_LAYOUT_VARIES) : NULL;
}

/* Whether entries[index] is to be held; one that was asked for and cannot be is an error. */
static bool choose(ul_guarding *of, const ul_guard_file *file, uint32_t index)
{
    const ul_record *record = of->entries[index].record;
    bool is_named = of->config->struct_name && ul_record_name_matches(record->name, of->config->struct_name);
    bool is_asked = is_named || (!of->config->struct_name && ul_guard_is_asked(record));
    if (!is_asked && (of->config->struct_name || !of->config->guards_all_records))
        return false;
    const char *obstacle = doubt_of(&of->entries[index]);
    if (!obstacle)
        obstacle = file->is_there ? ul_guard_obstacle(record, file->file.old_bytes, &file->tokens, of->arena) : "its file cannot be read";
    if (obstacle && (is_asked || !strstr(record->name, "<anonymous"))) /* with --all-records those are held by what is around them */
        ul_diags_add(&of->diags, is_asked ? UL_LEVEL_ERROR : UL_LEVEL_WARNING, record->file, record->line, record->column, "`%s` is not held: %s", record->name, obstacle);
    return !obstacle;
}

/* Entries are sorted by file and place: what encloses a record stands before it. */
static void find_outermost(ul_guarding *of)
{
    for (uint32_t i = 0; i < of->entry_count; i++) {
        const ul_record *record = of->entries[i].record;
        of->outermost[i] = i;
        if (i == 0 || strcmp(of->entries[i - 1].record->file, record->file) != 0)
            continue;
        uint32_t before = of->outermost[i - 1];
        ul_span around = of->entries[before].record->span;
        if (around.begin <= record->span.begin && record->span.end <= around.end)
            of->outermost[i] = before;
    }
}

static void load_files(ul_guarding *of)
{
    of->files = UL_NEW_ARRAY(of->arena, ul_guard_file, of->entry_count + 1u);
    for (uint32_t i = 0; i < of->entry_count; i++) {
        const char *path = of->entries[i].record->file;
        if (of->file_count && strcmp(of->entries[i - 1].record->file, path) == 0) {
            of->files[of->file_count - 1].count++;
            continue;
        }
        ul_guard_file *file = &of->files[of->file_count++];
        file->first = i;
        file->count = 1;
        file->is_there = ul_fix_file_load(&file->file, path, of->arena) == UL_OK && file->file.old_length <= INT32_MAX;
        file->file.path = path;
        if (file->is_there)
            ul_tokens_read(&file->tokens, file->file.old_bytes, file->file.old_length, of->arena);
    }
}

/* How many records are to be held. */
static uint32_t choose_all(ul_guarding *of)
{
    uint32_t count = 0;
    of->is_held = UL_NEW_ARRAY(of->arena, bool, of->entry_count + 1u);
    of->outermost = UL_NEW_ARRAY(of->arena, uint32_t, of->entry_count + 1u);
    find_outermost(of);
    for (uint32_t i = 0; i < of->file_count; i++) {
        for (uint32_t k = of->files[i].first; k < of->files[i].first + of->files[i].count; k++) {
            of->is_held[k] = choose(of, &of->files[i], k);
            count += of->is_held[k];
        }
    }
    return count;
}

static const char *shown(const ul_guarding *of, const char *path)
{
    size_t length = strlen(of->selection.cwd);
    return strncmp(path, of->selection.cwd, length) == 0 && path[length] ? path + length : path;
}

static void say(ul_guarding *of, int *status, ul_strbuf *text)
{
    if (text->has_failed)
        ul_terminal_out_of_memory(text->length);
    if (text->length && ul_terminal_write(of->terminal, NULL, text->data, text->length, of->arena) != UL_OK)
        *status = EXIT_ERRORS;
    ul_strbuf_free(text);
}

/* What changes, as a patch: for --check. */
static void add_patch(ul_guarding *of, ul_strbuf *out, const char *path, const char *old_bytes, uint64_t old_length, const char *bytes, uint64_t length)
{
    const char *base = of->selection.root ? of->selection.root : of->selection.cwd;
    size_t skip = strncmp(path, base, strlen(base)) == 0 ? strlen(base) : 1;
    if (ul_diff_unified(out, path + skip, (ul_diff_text){old_bytes, old_length}, (ul_diff_text){bytes, length}, of->arena) != UL_OK)
        ul_terminal_out_of_memory(out->length);
}

/* --check without -o, and --write. */
static int settle_below(ul_guarding *of)
{
    int status = EXIT_CLEAN;
    uint32_t stale_count = 0;
    ul_strbuf text;
    if (ul_guard_make_below(of) != UL_OK || !ul_guard_confirm(of))
        return EXIT_ERRORS;
    ul_strbuf_init(&text);
    ul_fix_file *files = UL_NEW_ARRAY(of->arena, ul_fix_file, of->file_count + 1u);
    for (uint32_t i = 0; i < of->file_count; i++) {
        const ul_fix_file *file = &of->files[i].file;
        files[i] = *file;
        stale_count += of->files[i].stale_count;
        if (!file->new_bytes)
            continue;
        if (of->config->wants_check)
            add_patch(of, &text, file->path, file->old_bytes, file->old_length, file->new_bytes, file->new_length);
        else if (!of->config->is_quiet)
            ul_strbuf_printf(&text, "%s: %u guard%s written\n", shown(of, file->path), of->files[i].stale_count, of->files[i].stale_count == 1 ? "" : "s");
    }
    if (of->config->wants_write && ul_fix_files_write(files, of->file_count, &of->diags, of->arena) != UL_OK) {
        ul_strbuf_free(&text);
        return EXIT_ERRORS;
    }
    if (of->config->wants_check && stale_count)
        status = EXIT_STALE;
    say(of, &status, &text);
    return status;
}

/* A header, to standard output or to -o FILE; with --check it is held against FILE. */
static int settle_header(ul_guarding *of)
{
    const char *given = of->config->outputs[0].file;
    const char *path = ul_path_settle(of->selection.cwd, given ? given : "ullage_guard.h", of->arena);
    int status = EXIT_CLEAN;
    ul_strbuf text, old;
    ul_strbuf_init(&text);
    ul_strbuf_init(&old);
    if (ul_guard_make_header(&text, of, path) != UL_OK) {
        ul_strbuf_free(&text);
        return EXIT_ERRORS;
    }
    bool is_there = given && ul_file_read(&old, path, UINT32_MAX) == UL_OK;
    bool is_same = is_there && old.length == text.length && memcmp(old.data ? old.data : "", text.data, text.length) == 0;
    if (!given) {
        say(of, &status, &text);
    } else if (of->config->wants_check && !is_same) {
        ul_diags_add(&of->diags, UL_LEVEL_WARNING, given, 0, 0, "the header of assertions is %s", is_there ? "stale" : "missing");
        ul_strbuf patch;
        ul_strbuf_init(&patch);
        add_patch(of, &patch, path, old.data ? old.data : "", old.length, text.data, text.length);
        status = EXIT_STALE;
        say(of, &status, &patch);
    } else if (!of->config->wants_check && !is_same) { /* an unchanged file keeps its time: nothing is built again */
        if (ul_terminal_write(of->terminal, given, text.data, text.length, of->arena) != UL_OK)
            status = EXIT_ERRORS;
    }
    ul_strbuf_free(&text);
    ul_strbuf_free(&old);
    return status;
}

static bool has_file(const ul_config *config)
{
    return config->outputs[0].file != NULL;
}

/* --struct that names nothing is an error, like everywhere; else no record is no harm. */
static bool has_something(ul_guarding *of)
{
    ul_report report = {.entries = of->entries, .entry_count = of->entry_count};
    if (of->config->struct_name) {
        report.entries = UL_NEW_ARRAY(of->arena, ul_entry, of->entry_count + 1u);
        if (of->entry_count)
            memcpy(report.entries, of->entries, of->entry_count * sizeof *report.entries);
        return ul_record_name_select(&report, of->config->struct_name, &of->diags, of->arena) == UL_OK;
    }
    return true;
}

/* Adds the file, with its guards blanked, when it has any. */
static void add_unguarded(ul_overlay *overlay, const char *path, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (!ul_overlay_get(overlay, path) && ul_file_read(&text, path, INT32_MAX) == UL_OK && text.length &&
        ul_guard_blank(text.data, text.length, arena))
        ul_overlay_put(overlay, path, ul_arena_strndup(arena, text.data, text.length), text.length, false);
    ul_strbuf_free(&text);
}

/* A guard that no longer holds is an error to the compiler: units are read as if there were none, each byte in its place. */
static void set_guards_aside(ul_guarding *of)
{
    ul_selection *selection = &of->selection;
    ul_overlay *overlay = UL_NEW(of->arena, ul_overlay);
    ul_overlay_init(overlay, of->arena);
    for (uint32_t i = 0; i < selection->header_count; i++)
        add_unguarded(overlay, selection->headers[i].file, of->arena);
    for (uint32_t i = 0; i < selection->job_count; i++)
        add_unguarded(overlay, selection->jobs[i].file, of->arena);
    for (uint32_t i = 0; i < selection->job_count; i++) {
        selection->jobs[i].unsaved = overlay->unsaved;
        selection->jobs[i].unsaved_count = overlay->unsaved_count;
    }
    selection->overlay = overlay; /* for the jobs that are added later */
}

static int guard(ul_guarding *of)
{
    ul_status status = ul_select(&of->selection, of->config, &of->diags, of->arena);
    if (status == UL_OK)
        set_guards_aside(of);
    if (status == UL_OK)
        status = ul_run_units_read(&of->units, &of->selection, of->terminal);
    if (status != UL_OK)
        return EXIT_ERRORS;
    ul_merge_units(&of->entries, &of->entry_count, of->units.results, of->units.count, of->arena);
    if (!has_something(of))
        return EXIT_ERRORS;
    load_files(of);
    uint32_t count = choose_all(of);
    if (of->diags.error_count && !of->config->keeps_going)
        return EXIT_ERRORS;
    if (of->config->wants_write || (of->config->wants_check && !has_file(of->config)))
        return settle_below(of);
    if (count == 0 && !of->config->wants_check) {
        ul_diags_add(&of->diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "no record asks to be held: hot, writer, readmostly or guard in a comment does, --struct NAME and --all-records do without");
        return EXIT_CLEAN;
    }
    return settle_header(of);
}

int ul_guard_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    ul_guarding of = {.config = config, .terminal = terminal, .arena = arena};
    ul_diags_init(&of.diags, arena);
    int status = EXIT_CLEAN;
    if (!config->has_path_list || config->path_count)
        status = guard(&of);
    ul_diags_settle(&of.diags);
    ul_terminal_tell(terminal, of.diags.items, of.diags.count, config->is_quiet ? UL_LEVEL_ERROR : UL_LEVEL_NOTE, of.selection.cwd, arena);
    return of.diags.error_count ? EXIT_ERRORS : status;
}
