#include "cli/run_units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/settings.h"
#include "layout/parse/workers.h"

static void see_progress(void *context, uint32_t done, uint32_t total, const char *file)
{
    ul_terminal_progress(context, done, total, file);
}

ul_status ul_run_jobs(ul_unit_result *results, const ul_unit_job *jobs, uint32_t count,
                      const ul_selection *selection, ul_terminal *terminal)
{
    const ul_config *config = selection->config;
    ul_workers_options options = {.workers = config->jobs,
                                  .timeout_seconds = config->timeout_seconds,
                                  .memory_bytes = config->memory_bytes,
                                  .filter = &selection->filter,
                                  .progress = terminal ? see_progress : NULL,
                                  .context = terminal};
    ul_status status = ul_workers_run(results, jobs, count, &options, selection->arena);
    if (status != UL_OK)
        ul_diags_add(selection->diags, UL_LEVEL_ERROR, NULL, 0, 0, "cannot start a worker process: %s",
                     strerror(errno));
    return status;
}

/*
 * An unknown triple would fail every unit: an empty unit tells beforehand, and tells how libclang writes the
 * triple.
 */
static ul_status read_targets(ul_run_units *out, ul_selection *selection)
{
    static const char *const args[] = {"-x", "c"};
    const ul_config *config = selection->config;
    ul_unit_job jobs[UL_TARGETS_MAX];
    ul_unit_result results[UL_TARGETS_MAX] = {0};
    for (uint32_t i = 0; i < config->target_count; i++)
        jobs[i] = (ul_unit_job){.file = "/dev/null",
                                .directory = "/",
                                .args = args,
                                .arg_count = 2,
                                .triple = config->targets[i],
                                .target = i};
    ul_status status = ul_run_jobs(results, jobs, config->target_count, selection, NULL);
    for (uint32_t i = 0; i < config->target_count && status == UL_OK; i++) {
        const ul_unit_result *result = &results[i];
        if (result->outcome != UL_UNIT_READ || result->pointer_bytes == 0) {
            ul_diags_add(
                selection->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                "unknown target '%s': libclang wants a triple such as aarch64-linux-gnu or i686-pc-linux-gnu",
                config->targets[i]);
            status = UL_ERR_USAGE;
        } else {
            ul_target_init(&out->targets[i], result->triple, result->pointer_bytes);
        }
    }
    out->target_count = config->target_count;
    return status;
}

const char *ul_run_own_triple(const ul_config *config, ul_arena *arena)
{
    static const char *const args[] = {"-x", "c"};
    const ul_unit_job job = {.file = "/dev/null", .directory = "/", .args = args, .arg_count = 2};
    const ul_file_filter filter = {0};
    const ul_workers_options options = {
        .workers = 1, .timeout_seconds = config->timeout_seconds, .memory_bytes = config->memory_bytes, .filter = &filter};
    ul_unit_result result = {0};
    ul_status status = ul_workers_run(&result, &job, 1, &options, arena);
    return status == UL_OK && result.outcome == UL_UNIT_READ ? result.triple : NULL;
}

/* Without --target there is one, that of the compiler: the first unit that was read says which. */
static void find_target(ul_run_units *out)
{
    for (uint32_t i = 0; i < out->count && out->target_count == 0; i++) {
        const ul_unit_result *result = &out->results[i];
        if (result->outcome == UL_UNIT_READ)
            ul_target_init(&out->targets[out->target_count++], result->triple, result->pointer_bytes);
    }
    if (out->target_count == 0)
        ul_target_init(&out->targets[out->target_count++], "unknown", sizeof(void *));
}

static void add_failure(ul_diags *diags, const ul_unit_job *job, const ul_unit_result *result)
{
    const char *target = job->triple ? job->triple : "";
    ul_diags_add(diags, UL_LEVEL_ERROR, job->file, 0, 0, "the unit was not read%s%s: %s",
                 *target ? " for " : "", target,
                 result->detail && *result->detail ? result->detail : "libclang gives no reason");
}

void ul_run_unit_tell(ul_diags *diags, const ul_unit_job *job, const ul_unit_result *result)
{
    if (result->outcome != UL_UNIT_READ)
        add_failure(diags, job, result);
    for (uint32_t k = 0; k < result->diag_count; k++) {
        const ul_diag *diag = &result->diags[k];
        ul_diags_add(diags, diag->level, diag->file, diag->line, diag->column, "%s", diag->message);
    }
}

/* A header read by itself may want what all its users include before it: who meets that for the first time wants to know what to do. */
static void note_read_alone(const ul_run_units *units, const ul_selection *selection)
{
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_unit_result *result = &units->results[i];
        const ul_unit_job *job = &selection->jobs[i];
        size_t length = strlen(job->file);
        bool is_header = length > 2 && strcmp(job->file + length - 2, ".h") == 0, lacks_type = false;
        for (uint32_t k = 0; k < result->diag_count; k++)
            lacks_type |= strncmp(result->diags[k].message, "unknown type name ", 18) == 0;
        if (job->confidence != UL_CONFIDENCE_STANDALONE || !is_header || !lacks_type)
            continue;
        ul_diags_add(selection->diags, UL_LEVEL_NOTE, NULL, 0, 0,
                     "a header that is read alone has only what it includes itself: a unit that includes it (-p BUILD), or `-- -include FILE`, brings the rest");
        return;
    }
}

/* Whether two units of one run were laid out for different ABIs, because the flags of one say so. */
static void note_other_targets(ul_run_units *units, const ul_selection *selection)
{
    for (uint32_t i = 0; i < units->count && selection->config->target_count == 0; i++) {
        const ul_unit_result *result = &units->results[i];
        if (result->outcome == UL_UNIT_READ && strcmp(result->triple, units->targets[0].triple) != 0)
            ul_diags_add(
                selection->diags, UL_LEVEL_WARNING, selection->jobs[i].file, 0, 0,
                "its flags choose the target %s, but the report is for %s; --target chooses one for all",
                result->triple, units->targets[0].triple);
    }
}

ul_status ul_run_units_read(ul_run_units *out, ul_selection *selection, ul_terminal *terminal)
{
    *out = (ul_run_units){0};
    const ul_config *config = selection->config;
    ul_status status = config->target_count ? read_targets(out, selection) : UL_OK;
    if (status != UL_OK)
        return status;
    uint32_t first = selection->job_count;
    out->results = UL_NEW_ARRAY(selection->arena, ul_unit_result, first);
    status = ul_run_jobs(out->results, selection->jobs, first, selection, terminal);
    if (status != UL_OK)
        return status;
    ul_select_unread(selection, out->results, first);
    out->count = selection->job_count;
    if (out->count > first) {
        out->results = ul_arena_grow(selection->arena, out->results, first, out->count, sizeof *out->results,
                                     alignof(ul_unit_result));
        status =
            ul_run_jobs(out->results + first, selection->jobs + first, out->count - first, selection, terminal);
    }
    ul_terminal_clear(terminal);
    ul_status settled = ul_run_units_settle(out, selection);
    return status == UL_OK ? settled : status;
}

ul_status ul_run_units_settle(ul_run_units *out, const ul_selection *selection)
{
    const ul_config *config = selection->config;
    find_target(out);
    for (uint32_t i = 0; i < out->count; i++)
        ul_run_unit_tell(selection->diags, &selection->jobs[i], &out->results[i]);
    note_other_targets(out, selection);
    note_read_alone(out, selection);
    for (uint32_t i = 0; i < out->target_count; i++) {
        out->targets[i].allocator = config->allocator;
        if (config->line_bytes)
            out->targets[i].line_bytes = config->line_bytes;
        out->targets[i].span_bytes = config->span_bytes > out->targets[i].line_bytes ? config->span_bytes : out->targets[i].line_bytes;
    }
    ul_settings_apply(config->settings, out->results, out->count, config->command == UL_COMMAND_FIX, selection->arena);
    return ul_settings_tell(config->settings, selection->diags);
}

static int compare_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) : (a != NULL) - (b != NULL);
}

static int compare_diags(const void *left, const void *right)
{
    const ul_diag *a = left, *b = right;
    int order = compare_text(a->file, b->file);
    if (order)
        return order;
    if (a->line != b->line) /* what is about the whole file, line 0, comes last */
        return a->line - 1 < b->line - 1 ? -1 : 1;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    order = strcmp(a->message, b->message);
    return order ? order
                 : (int)b->level - (int)a->level; /* the worst of equals first: it is the one that stays */
}

void ul_diags_settle(ul_diags *diags)
{
    uint32_t kept = 0;
    if (diags->count)
        qsort(diags->items, diags->count, sizeof *diags->items, compare_diags);
    diags->error_count = 0;
    for (uint32_t i = 0; i < diags->count; i++) {
        const ul_diag *diag = &diags->items[i], *last = kept ? &diags->items[kept - 1] : NULL;
        if (last && compare_text(last->file, diag->file) == 0 && last->line == diag->line &&
            last->column == diag->column && strcmp(last->message, diag->message) == 0)
            continue;
        diags->error_count += diag->level == UL_LEVEL_ERROR;
        diags->items[kept++] = *diag;
    }
    diags->count = kept;
}
