#include "cli/select_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/paths.h"
#include "cli/response.h"
#include "cli/settings.h"

bool ul_select_shows_patches(const ul_config *config)
{
    for (uint32_t i = 0; i < config->output_count; i++) {
        if (config->outputs[i].format->wants & (UL_WANTS_PATCHES | UL_WANTS_DIFF))
            return config->command == UL_COMMAND_CHECK || config->command == UL_COMMAND_SHOW;
    }
    return false;
}

/* One job for each target. `alone` is the header to parse by itself, or NULL for the candidate's own file. */
static void add_jobs(ul_selection *to, const ul_candidate *candidate, const char *file, bool is_header, ul_confidence confidence)
{
    const ul_config *config = to->config;
    ul_flags flags;
    ul_flags_convert(&flags, candidate->args, candidate->arg_count, candidate->file, config->target_count > 0, to->diags, to->arena);
    ul_words args = {.items = flags.args, .count = flags.count, .capacity = flags.count};
    if (is_header) {
        ul_words_add(&args, "-x", to->arena);
        ul_words_add(&args, "c-header", to->arena);
    }
    if (to->overlay && to->overlay->vfs) {
        ul_words_add(&args, "-ivfsoverlay", to->arena);
        ul_words_add(&args, to->overlay->vfs, to->arena);
    }
    for (uint32_t i = 0; i < flags.dropped_count; i++) {
        if (!ul_string_map_get(&to->dropped, flags.dropped[i])) {
            ul_string_map_set(&to->dropped, flags.dropped[i], to);
            ul_words_add(&to->dropped_order, flags.dropped[i], to->arena);
        }
    }
    uint32_t targets = config->target_count ? config->target_count : 1;
    for (uint32_t target = 0; target < targets; target++) {
        UL_RESERVE(to->arena, to->jobs, to->job_count, to->job_capacity);
        to->jobs[to->job_count++] = (ul_unit_job){.file = file,
                                                  .directory = candidate->directory,
                                                  .args = args.items,
                                                  .arg_count = args.count,
                                                  .is_header = is_header,
                                                  .triple = config->target_count ? config->targets[target] : NULL,
                                                  .target = target,
                                                  .confidence = confidence,
                                                  .unsaved = to->overlay ? to->overlay->unsaved : NULL,
                                                  .unsaved_count = to->overlay ? to->overlay->unsaved_count : 0,
                                                  .refusals = flags.refusals,
                                                  .refusal_count = flags.refusal_count,
                                                  .reads_bodies = config->reads_bodies,
                                                  .reads_uses = config->reads_uses || ul_select_shows_patches(config),
                                                  .reads_initializers = config->reads_initializers || ul_select_shows_patches(config),
                                                  .keeps_warnings = config->command == UL_COMMAND_FIX,
                                                  .reads_census = config->reads_census && target == 0,
                                                  .names = &config->names};
    }
}

/* A file without flags of its own takes those of the nearest unit; without any unit, those after `--`. */
static void add_alone(ul_selection *to, const char *file, bool is_header, const char *why)
{
    uint32_t count;
    uint32_t *order = ul_candidates_rank(&to->candidates, file, UL_LANGUAGE_C, &count);
    uint32_t nearest = 0;
    while (nearest < count && !to->candidates.items[order[nearest]].is_listed)
        nearest++;
    ul_candidate none = {.file = file, .directory = to->cwd};
    ul_candidate *flags_of = nearest < count ? &to->candidates.items[order[nearest]] : &none;
    ul_candidate_unfold(&to->candidates, flags_of);
    if (nearest < count)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, file, 0, 0, "%s: parsed %swith the flags of %s", why,
                     is_header ? "alone " : "", ul_request_shown(to, flags_of->file));
    add_jobs(to, flags_of, file, is_header, UL_CONFIDENCE_STANDALONE);
}

static void want_headers(ul_selection *to, const ul_words *files, bool is_named, uint32_t *capacity)
{
    for (uint32_t i = 0; i < files->count; i++) {
        uintptr_t known = (uintptr_t)ul_string_map_get(&to->wanted, files->items[i]);
        if (known) {
            to->headers[known - 1].is_named |= is_named;
            continue;
        }
        UL_RESERVE(to->arena, to->headers, to->header_count, *capacity);
        to->headers[to->header_count++] = (ul_wanted_header){.file = files->items[i], .is_named = is_named};
        ul_string_map_set(&to->wanted, files->items[i], (void *)(uintptr_t)to->header_count);
    }
}

static int compare_headers(const void *a, const void *b)
{
    return strcmp(((const ul_wanted_header *)a)->file, ((const ul_wanted_header *)b)->file);
}

static void sort_headers(ul_selection *to)
{
    if (to->header_count)
        qsort(to->headers, to->header_count, sizeof *to->headers, compare_headers);
    for (uint32_t i = 0; i < to->header_count; i++)
        ul_string_map_set(&to->wanted, to->headers[i].file, (void *)(uintptr_t)(i + 1));
}

/* Marks the units of a named source; without an entry it goes alone. */
static void choose_source(ul_request *from, const char *file, bool is_named)
{
    ul_selection *to = from->to;
    bool is_found = false, is_cxx = false;
    for (uint32_t i = 0; ul_candidates_has(&to->candidates, file) && i < to->candidates.count; i++) {
        ul_candidate *candidate = &to->candidates.items[i];
        if (strcmp(candidate->file, file) != 0)
            continue;
        is_found = true;
        is_cxx |= candidate->language != UL_LANGUAGE_C;
        candidate->is_chosen |= candidate->language == UL_LANGUAGE_C;
    }
    if (is_cxx && is_named)
        ul_request_fail(from, file, "C++ is not read", "");
    if (!is_found && to->database) {
        add_alone(to, file, false, ul_arena_printf(to->arena, "not in %s", ul_request_shown(to, to->database)));
    } else if (!is_found) {
        uint32_t added = ul_candidates_add_source(&to->candidates, file, to->cwd); /* items may move */
        to->candidates.items[added].is_chosen = true;
    }
}

static void cover(ul_selection *to, ul_candidate *candidate)
{
    candidate->is_chosen = true;
    ul_candidate_scan(&to->candidates, candidate, &to->wanted);
    for (uint32_t i = 0; i < candidate->header_count; i++)
        to->headers[candidate->headers[i]].is_covered = true;
}

/* The nearest unit in `language` that includes the header, or NULL. */
static ul_candidate *find_includer(ul_selection *to, uint32_t header, ul_language language)
{
    uint32_t count;
    uint32_t *order = ul_candidates_rank(&to->candidates, to->headers[header].file, language, &count);
    for (uint32_t i = 0; i < count; i++) {
        ul_candidate *candidate = &to->candidates.items[order[i]];
        ul_candidate_scan(&to->candidates, candidate, &to->wanted);
        if (ul_candidate_includes(candidate, header))
            return candidate;
    }
    return NULL;
}

/*
 * 1. The units chosen so far cover the headers that they include.
 * 2. With --units all, so does every other unit that includes a wanted header.
 * 3. Each header left, by name, takes the nearest unit that includes it, which may cover later ones.
 * 4. A header that only C++ includes is left out; one that nobody includes is parsed alone.
 */
static void choose_for_headers(ul_request *from)
{
    ul_selection *to = from->to;
    for (uint32_t i = 0; to->header_count && i < to->candidates.count; i++) {
        ul_candidate *candidate = &to->candidates.items[i];
        if (candidate->is_chosen) {
            cover(to, candidate);
        } else if (to->config->units == UL_UNITS_ALL && candidate->language == UL_LANGUAGE_C) {
            ul_candidate_scan(&to->candidates, candidate, &to->wanted);
            if (candidate->header_count)
                cover(to, candidate);
        }
    }
    for (uint32_t i = 0; i < to->header_count; i++) {
        ul_wanted_header *header = &to->headers[i];
        if (header->is_covered)
            continue;
        ul_candidate *includer = find_includer(to, i, UL_LANGUAGE_C);
        if (includer) {
            cover(to, includer);
        } else if (find_includer(to, i, UL_LANGUAGE_CXX)) {
            header->is_skipped = true;
            if (header->is_named)
                ul_request_fail(from, header->file, "only C++ sources include it, and C++ is not read", "");
            else
                from->cxx_units++;
        }
    }
}

static const char *no_unit(ul_selection *to)
{
    return ul_arena_printf(to->arena, "no unit in %s includes it", to->database ? ul_request_shown(to, to->database) : "the run");
}

/* A header that was only found, in a project whose units are known, belongs to another build: its errors would be no one's. */
static bool leave_out(ul_selection *to, const char *header)
{
    ul_words_add(&to->left_out, header, to->arena);
    return true;
}

/* Units that a database lists twice are one. */
static void sort_jobs(ul_selection *to)
{
    uint32_t kept = 0;
    if (to->job_count)
        qsort(to->jobs, to->job_count, sizeof *to->jobs, ul_unit_job_compare);
    for (uint32_t i = 0; i < to->job_count; i++) {
        if (kept == 0 || ul_unit_job_compare(&to->jobs[kept - 1], &to->jobs[i]) != 0)
            to->jobs[kept++] = to->jobs[i];
    }
    to->job_count = kept;
}

/* Jobs of the chosen units and of the headers that go alone, sorted, so that neither the order of paths nor that of the database matters. */
static void add_all_jobs(ul_selection *to)
{
    bool has_flags = to->config->has_flags;
    for (uint32_t i = 0; i < to->candidates.count; i++) {
        ul_candidate *candidate = &to->candidates.items[i];
        if (!candidate->is_chosen)
            continue;
        ul_candidate_unfold(&to->candidates, candidate);
        add_jobs(to, candidate, candidate->file, false, candidate->is_listed || has_flags ? UL_CONFIDENCE_UNIT : UL_CONFIDENCE_STANDALONE);
    }
    for (uint32_t i = 0; i < to->header_count; i++) {
        ul_wanted_header *header = &to->headers[i];
        if (!header->is_covered && !header->is_skipped && to->database && !header->is_named)
            header->is_skipped = leave_out(to, header->file);
        header->is_alone = !header->is_covered && !header->is_skipped;
        if (header->is_alone)
            add_alone(to, header->file, true, no_unit(to));
    }
    sort_jobs(to);
}

/* What was left out or assumed, said once for the whole run. */
static void add_notes(ul_request *from)
{
    ul_selection *to = from->to;
    if (!to->database && !to->config->has_flags && to->job_count)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "no compile_commands.json was found: files are parsed with the compiler's default flags (-p BUILD or -- FLAGS gives others)");
    if (from->cxx_units)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, NULL, 0, 0, "C++ is not read: %u file%s left out", from->cxx_units,
                     from->cxx_units == 1 ? " is" : "s are");
    if (from->unlisted.count)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, NULL, 0, 0, "%u source%s not in %s and left out, the first is %s",
                     from->unlisted.count, from->unlisted.count == 1 ? " is" : "s are", ul_request_shown(to, to->database),
                     ul_request_shown(to, from->unlisted.items[0]));
    if (to->left_out.count)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "no unit in %s includes %u of the headers: left out, the first is %s (name it as PATH to read it alone)",
                     ul_request_shown(to, to->database), to->left_out.count, ul_request_shown(to, to->left_out.items[0]));
    for (uint32_t i = 1; to->config->is_verbose && i < to->left_out.count; i++)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, to->left_out.items[i], 0, 0, "left out: no unit includes it");
    for (uint32_t i = 0; to->config->is_verbose && i < to->dropped_order.count; i++)
        ul_diags_add(to->diags, UL_LEVEL_NOTE, NULL, 0, 0, "flag '%s' is left out: clang does not know it",
                     to->dropped_order.items[i]);
}

/* What comes after them: units for every file, and the jobs. */
static ul_status finish(ul_request *from)
{
    ul_selection *out = from->to;
    const ul_config *config = out->config;
    if (from->has_failed && !config->keeps_going)
        return UL_ERR_INPUT;
    uint32_t capacity = 0;
    want_headers(out, &from->headers, false, &capacity);
    want_headers(out, &from->named_headers, true, &capacity);
    sort_headers(out);
    for (uint32_t i = 0; i < from->sources.count; i++)
        choose_source(from, from->sources.items[i], false);
    for (uint32_t i = 0; i < from->named_sources.count; i++)
        choose_source(from, from->named_sources.items[i], true);
    choose_for_headers(from);
    if (from->has_failed && !config->keeps_going)
        return UL_ERR_INPUT;
    add_all_jobs(out);
    add_notes(from);
    out->filter = ul_request_filter(out);
    return ul_settings_tell(config->settings, out->diags);
}

ul_status ul_select(ul_selection *out, const ul_config *config, ul_diags *diags, ul_arena *arena)
{
    ul_request from = {.to = out};
    ul_status status = ul_request_begin(&from, config, true, diags, arena);
    if (status != UL_OK)
        return status;
    ul_request_take_paths(&from);
    return finish(&from);
}

ul_status ul_select_files(ul_selection *out, const ul_config *config, const ul_overlay *overlay, const char *root, const char *const *files,
                          uint32_t count, ul_diags *diags, ul_arena *arena)
{
    ul_request from = {.to = out};
    ul_status status = ul_request_begin(&from, config, true, diags, arena);
    if (status != UL_OK)
        return status;
    out->root = root;
    out->overlay = overlay;
    ul_include_scan_use(out->candidates.scan, overlay);
    ul_words_add(&out->paths, root, arena);
    for (uint32_t i = 0; i < count; i++) {
        bool is_source = ul_request_is_source(files[i]), is_listed = ul_candidates_has(&out->candidates, files[i]);
        if (ul_select_excludes(out, files[i]))
            continue;
        ul_words_add(!is_source && !is_listed ? &from.headers : out->database && !is_listed ? &from.unlisted : &from.sources, files[i], arena);
    }
    return finish(&from);
}

uint32_t ul_select_unread(ul_selection *selection, const ul_unit_result *results, uint32_t result_count)
{
    uint32_t before = selection->job_count;
    ul_string_map read;
    ul_string_map_init(&read, selection->arena);
    for (uint32_t i = 0; i < result_count; i++) {
        for (uint32_t j = 0; results[i].outcome == UL_UNIT_READ && j < results[i].include_count; j++)
            ul_string_map_set(&read, results[i].includes[j], selection);
    }
    for (uint32_t i = 0; i < selection->header_count; i++) {
        ul_wanted_header *header = &selection->headers[i];
        if (header->is_alone || header->is_skipped || ul_string_map_get(&read, header->file))
            continue;
        if (selection->database && !header->is_named) {
            header->is_skipped = true;
            ul_diags_add(selection->diags, UL_LEVEL_NOTE, header->file, 0, 0, "left out: no unit that was read includes it after all");
            continue;
        }
        header->is_alone = true;
        add_alone(selection, header->file, true, "no unit that was read includes it after all");
    }
    return before;
}
