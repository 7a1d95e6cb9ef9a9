/*
 * --goal lines: how records are used, what planning for that came to, in words, and how a declaration is told to begin a line in the
 * language of the units that read it.
 */
#include <ctype.h>
#include <string.h>

#include "cli/fix_state.h"
#include "cli/settings.h"
#include "layout/engine/usage.h"
#include "layout/rewrite/guard.h"

void ul_fix_find_usages(ul_fixing *of)
{
    ul_usage_request request = {.entries = of->merged, .entry_count = of->count, .census = of->census, .targets = of->units->targets};
    if (of->config->goal != UL_GOAL_LINES)
        return;
    for (uint32_t i = 0; i < of->count; i++) {
        ul_fix_item *item = &of->items[i];
        if (!item->is_candidate || of->merged[i].record->refusal_count)
            continue;
        item->said = ul_fix_findings_of(of, &of->merged[i], of->census);
        request.findings = item->said.items;
        request.finding_count = item->said.count;
        item->usage = ul_usage_of(&request, i, of->arena);
    }
}

/* --- Words. --- */

static const char *percent(double part, ul_arena *arena)
{
    return ul_arena_printf(arena, part < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * part);
}

static const char *sources_text(uint32_t sources, ul_arena *arena)
{
    static const char *const names[] = {"annotations", "markers", "function bodies", "a profile"};
    const char *text = "";
    for (uint32_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (sources & 1u << i)
            text = ul_arena_printf(arena, "%s%s%s", text, *text ? ", " : "", names[i]);
    }
    return text;
}

/* "`rx` and `tx` are one declaration" */
static const char *declaration_text(const ul_record *record, uint32_t first, ul_arena *arena)
{
    const char *names = "";
    uint32_t group = record->fields[first].group, left = group < record->group_count ? record->groups[group].field_count : 0;
    for (uint32_t i = first; i < record->field_count && left; i++) {
        if (record->fields[i].parent != UL_NO_PARENT || record->fields[i].group != group)
            continue;
        left--;
        names = ul_arena_printf(arena, "%s%s`%s`", names, !*names ? "" : left ? ", " : " and ", record->fields[i].name);
    }
    return ul_arena_printf(arena, "%s are one declaration", names);
}

/* "96 % less cost is predicted with fields on lines of their own, but `rx` and `tx` are one declaration: ..." */
static const char *split_text(const ul_record *record, const ul_use_outcome *outcome, ul_arena *arena)
{
    return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s: --split-declarators makes it one for each",
                           percent(outcome->missed_gain, arena), declaration_text(record, outcome->split_field, arena));
}

/* What would be better still, and what it takes. */
static const char *missed_text(const ul_fixing *of, uint32_t index, const ul_use_outcome *outcome, uint32_t align_bytes)
{
    ul_arena *arena = of->arena;
    const ul_usage *usage = of->items[index].usage;
    const char *gain = percent(outcome->missed_gain, arena);
    if (outcome->missed == UL_USE_SPLIT)
        return split_text(of->entries[index].record, outcome, arena);
    if (outcome->missed == UL_USE_STRIDE)
        return ul_arena_printf(arena, "%s less cost is predicted at %llu bytes, a power of two: objects side by side would fall on the same few sets of a cache. "
                                      "`ullage: instances(N)` says that there are few", gain, (unsigned long long)outcome->stride_bytes);
    if (outcome->missed == UL_USE_EMBEDDED)
        return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s: give the one that it is a member of the alignment", gain, usage->align_detail);
    if (usage->align_obstacle == UL_ALIGN_UNKNOWN)
        return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s; an annotation of a field (hot, writer, readmostly) says that they may be aligned",
                               gain, usage->align_detail);
    if (usage->align_obstacle == UL_ALIGN_UNSEEN)
        return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s: it may be an object that has not the size and the alignment for it", gain,
                               usage->align_detail);
    if (strstr(usage->align_detail, "alloca()"))
        return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s, which does not align it to %u: a variable would be", gain, usage->align_detail, align_bytes);
    return ul_arena_printf(arena, "%s less cost is predicted with fields on lines of their own, but %s, which does not align it to %u: aligned_alloc(%u, n), n rounded up to a multiple of it",
                           gain, usage->align_detail, align_bytes, align_bytes);
}

static uint32_t align_bytes_of(const ul_fixing *of)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < of->units->target_count; i++) {
        const ul_target *target = &of->units->targets[i];
        most = target->line_bytes > most ? target->line_bytes : most;
        most = target->span_bytes > most ? target->span_bytes : most;
    }
    return most;
}

/* Why fields that `check` reports as fought over stay where they are, or elements; NULL when it reports none. */
static const char *fight_text(const ul_fixing *of, uint32_t index)
{
    const ul_fix_item *item = &of->items[index];
    const ul_record *record = of->merged[index].record;
    for (uint32_t i = 0; i < item->said.count; i++) {
        const ul_contention *fight = item->said.items[i].contention;
        if (!fight || fight->are_neighbours || strcmp(item->said.items[i].rule->name, "false-sharing") != 0)
            continue;
        const char *why = item->usage->rival_doubt                      ? item->usage->rival_doubt
                          : item->usage->sources & UL_USAGE_PROFILE     ? "a profile tells otherwise of them"
                          : item->usage->sources & UL_USAGE_ANNOTATIONS ? "annotations tell how they are used"
                                                                        : "no line that may be begun, and no order, keeps them apart for less than it costs";
        return ul_arena_printf(of->arena, "; `check` suspects %s and %s, but %s", ul_field_label(record, fight->fields[0], of->arena),
                               ul_field_label(record, fight->fields[1], of->arena), why);
    }
    for (uint32_t i = 0; i < item->said.count; i++) {
        if (strcmp(item->said.items[i].rule->name, "array-false-sharing") == 0 && !item->said.items[i].is_information && item->said.items[i].field == UL_NO_PARENT)
            return "; `check` says that neighbours in an array share a line: no order of fields changes that, _Alignas on the first of them does, by hand";
    }
    return NULL;
}

static void explain_left(ul_fixing *of, uint32_t index)
{
    ul_fix_item *item = &of->items[index];
    const ul_record *record = of->entries[index].record;
    const ul_use_outcome *outcome = of->entries[index].outcome;
    if (outcome->verdict == UL_USE_SPLIT || outcome->misses_split)
        ul_fix_keep(of, index, UL_FIX_SPLIT, record->file, record->fields[outcome->split_field].line, split_text(record, outcome, of->arena));
    const char *gain = percent(outcome->gain > 0 ? outcome->gain : 0, of->arena);
    switch (outcome->verdict) {
    case UL_USE_STRIDE:
        ul_fix_keep(of, index, UL_FIX_STRIDE, NULL, 0, missed_text(of, index, outcome, align_bytes_of(of)));
        return;
    case UL_USE_HEAP:
    case UL_USE_EMBEDDED:
        ul_fix_keep(of, index, outcome->verdict == UL_USE_HEAP ? UL_FIX_UNALIGNED_OBJECTS : UL_FIX_EMBEDDED_ALIGNMENT, item->usage->align_file,
                    item->usage->align_line, missed_text(of, index, outcome, align_bytes_of(of)));
        return;
    case UL_USE_OTHER_TARGET:
        ul_fix_keep(of, index, UL_FIX_OTHER_TARGET, NULL, 0, ul_arena_printf(of->arena, "%s less cost is predicted on the first", gain));
        return;
    case UL_USE_SPLIT:
        return;
    case UL_USE_NO_GAIN:
    case UL_USE_PLANNED:
        break;
    }
    const char *fight = fight_text(of, index);
    ul_fix_keep(of, index, UL_FIX_NO_GAIN, NULL, 0, ul_arena_printf(of->arena, "%s less cost is the best that is predicted%s", gain, fight ? fight : ""));
    item->fix.is_unworthy = true;
    item->fix.is_shown = fight || of->config->struct_name || item->usage->sources & (UL_USAGE_ANNOTATIONS | UL_USAGE_MARKERS | UL_USAGE_PROFILE);
}

static void add_note(ul_fixing *of, ul_fix *fix, const char *note)
{
    const char **notes = UL_NEW_ARRAY(of->arena, const char *, fix->note_count + 1u);
    for (uint32_t i = 0; i < fix->note_count; i++)
        notes[i] = fix->notes[i];
    notes[fix->note_count++] = note;
    fix->notes = notes;
}

/* What all objects that are known take more, or NULL. */
static const char *sum_text(const ul_fixing *of, const ul_record *record, const ul_plan *plan)
{
    uint64_t known = of->census ? ul_census_objects(of->census, record->key) : 0, sum;
    if (!plan->grown_bytes)
        return NULL;
    if (record->instances > 1)
        return ul_arena_printf(of->arena, "the %.12g that live at once take %.12g bytes more", record->instances, record->instances * (double)plan->grown_bytes);
    if (known <= 1 || __builtin_mul_overflow(known, plan->grown_bytes, &sum))
        return NULL;
    return ul_arena_printf(of->arena, "the %llu objects that are known take %llu bytes more", (unsigned long long)known, (unsigned long long)sum);
}

static const char *place_text(const ul_fixing *of, const ul_usage *usage)
{
    const char *file = usage->align_file;
    size_t skip = file && strncmp(file, of->root, strlen(of->root)) == 0 ? strlen(of->root) : 0;
    return file ? ul_arena_printf(of->arena, " (%s:%u)", file + skip, usage->align_line) : "";
}

/* What was not read may make objects too: that is for people to know. */
static const char *objects_text(const ul_fixing *of, const ul_usage *usage, uint32_t align_bytes)
{
    if (!usage->knows_objects || !of->census)
        return ul_arena_printf(of->arena, "it is aligned to %u bytes from now on: whoever makes one on the heap uses aligned_alloc()", align_bytes);
    return ul_arena_printf(of->arena, "it is aligned to %u bytes from now on, as are all objects that the %u unit%s read make%s: what makes one elsewhere has to follow, with aligned_alloc() on the heap",
                           align_bytes, of->census->unit_count, of->census->unit_count == 1 ? "" : "s", of->census->unit_count == 1 ? "s" : "");
}

static void explain_changed(ul_fixing *of, uint32_t index)
{
    ul_fix_item *item = &of->items[index];
    const ul_plan *plan = of->entries[index].plan;
    const ul_use_outcome *use = plan->use;
    ul_arena *arena = of->arena;
    item->fix.why = ul_arena_printf(arena, "%s less cost predicted for its use, from %s", percent(use->gain, arena), sources_text(item->usage->sources, arena));
    const char *sum = sum_text(of, of->entries[index].record, plan);
    if (sum)
        add_note(of, &item->fix, sum);
    if (use->before.coherence > use->after.coherence)
        add_note(of, &item->fix, ul_arena_printf(arena, "time lost to lines that others write: %s less", percent(1 - use->after.coherence / use->before.coherence, arena)));
    if (plan->aligned_count && plan->after->align_bytes > of->entries[index].record->align_bytes)
        add_note(of, &item->fix, objects_text(of, item->usage, plan->after->align_bytes));
    if (use->missed != UL_USE_PLANNED)
        add_note(of, &item->fix, ul_arena_printf(arena, "%s%s", missed_text(of, index, use, align_bytes_of(of)), use->missed == UL_USE_SPLIT ? "" : place_text(of, item->usage)));
}

void ul_fix_explain_use(ul_fixing *of)
{
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_entry *entry = &of->entries[i];
        if (of->items[i].usage && entry->plan && entry->plan->use)
            explain_changed(of, i);
        else if (of->items[i].usage && !of->items[i].is_kept && entry->outcome)
            explain_left(of, i);
    }
}

/* --- How it is written. --- */

static bool includes(const ul_unit_result *result, const char *path)
{
    for (uint32_t i = 0; i < result->include_count; i++) {
        if (strcmp(result->includes[i], path) == 0)
            return true;
    }
    return false;
}

/* Whether the flags name a C older than C11; none is what libclang takes: C17. */
static bool is_old_c(const ul_unit_job *job)
{
    static const char *const old[] = {"c89", "c90", "gnu89", "gnu90", "ansi", "iso9899:1990", "iso9899:199409", "c99", "gnu99", "c9x", "gnu9x", "iso9899:1999", "iso9899:199x"};
    bool is_old = false;
    for (uint32_t i = 0; i < job->arg_count; i++) {
        const char *arg = job->args[i];
        if (strcmp(arg, "-ansi") == 0)
            is_old = true;
        if (strncmp(arg, "-std=", 5) != 0)
            continue;
        is_old = false;
        for (size_t k = 0; k < sizeof old / sizeof *old; k++)
            is_old |= strcmp(arg + 5, old[k]) == 0;
    }
    return is_old;
}

static bool has_old_unit(const ul_fixing *of, const char *path)
{
    for (uint32_t i = 0; i < of->units->count; i++) {
        if (includes(&of->units->results[i], path) && is_old_c(&of->selection->jobs[i]))
            return true;
    }
    return false;
}

/* Whether the file writes the macro behind its declarations: as it does where it is met first, else as such names mostly are meant. */
static bool is_written_behind(const ul_fix_file *file, const char *macro, ul_arena *arena)
{
    ul_tokens tokens;
    ul_tokens_read(&tokens, file->old_bytes, file->old_length, arena);
    for (uint32_t i = 0; i + 1 < tokens.count; i++) {
        if (tokens.items[i].kind == UL_TOKEN_WORD && ul_token_is_word(&tokens.items[i], file->old_bytes, macro))
            return tokens.items[i + 1].kind == UL_TOKEN_PUNCT && tokens.items[i + 1].punct == ';';
    }
    return macro[0] == '_' || islower((unsigned char)macro[0]);
}

/* Whether C++ reads the file too, by its own words; those of a guard are not its own. */
static bool is_for_cpp(const ul_fix_file *file, ul_arena *arena)
{
    char *text = ul_arena_strndup(arena, file->old_bytes, file->old_length);
    ul_guard_blank(text, file->old_length, arena);
    return memmem(text, file->old_length, "__cplusplus", 11) != NULL;
}

const ul_align_style *ul_fix_align_style(ul_fixing *of, const ul_record *record)
{
    ul_align_style *style = UL_NEW(of->arena, ul_align_style);
    const ul_fix_file *file = ul_fix_file_of(of, record->file);
    const char *macro = ul_settings_align_macro(of->config->settings, record->file);
    uint32_t bytes = align_bytes_of(of);
    if (!file)
        return NULL;
    if (macro)
        *style = (ul_align_style){macro, is_written_behind(file, macro, of->arena)};
    else if (has_old_unit(of, record->file) || is_for_cpp(file, of->arena))
        *style = (ul_align_style){ul_arena_printf(of->arena, "__attribute__((aligned(%u)))", bytes), true}; /* C++ has no _Alignas, old C has neither */
    else if (memmem(file->old_bytes, file->old_length, "stdalign.h", 10) || memmem(file->old_bytes, file->old_length, "alignas(", 8))
        *style = (ul_align_style){ul_arena_printf(of->arena, "alignas(%u)", bytes), false};
    else
        *style = (ul_align_style){ul_arena_printf(of->arena, "_Alignas(%u)", bytes), false};
    return style;
}
