#include "cli/facts_units.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/paths.h"
#include "layout/engine/facts_merge.h"
#include "layout/parse/workers.h"

/* A facts file may hold a large project; more than this is no file of ours. */
#define FACTS_LIMIT_BYTES (UINT64_C(4) << 30)

const char *ul_facts_build(ul_arena *arena)
{
    return ul_arena_printf(arena, "%s (%s)", ULLAGE_VERSION, ul_facts_model());
}

static const char *join(const char *const *words, uint32_t count, ul_arena *arena)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = ul_arena_printf(arena, "%s%s%s", text, i ? " " : "", words[i]);
    return text;
}

/* The names of threads and setup functions are asked about when the units are put together, not when they are read. */
const char *ul_facts_made_by(const ul_config *config, const char *own_triple, ul_arena *arena)
{
    const ul_census_names *names = &config->names;
    const char *targets = config->target_count ? join(config->targets, config->target_count, arena) : ul_arena_printf(arena, "%s (the compiler's own)", own_triple);
    return ul_arena_printf(arena, "build: %s\nlibclang: %s\ntargets: %s\nbodies: %s\nlocks: %s\nunlocks: %s\ntransfers: %s\nhashes: %s\ncompares: %s\n",
                           ul_facts_build(arena), ul_libclang_version(arena), targets, config->reads_bodies ? "yes" : "no",
                           join(names->locks, names->lock_count, arena), join(names->unlocks, names->unlock_count, arena),
                           join(names->transfers, names->transfer_count, arena), join(names->hashes, names->hash_count, arena),
                           join(names->compares, names->compare_count, arena));
}

bool ul_facts_digest_file(uint64_t *digest, const char *file)
{
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    bool is_read = ul_file_read(&bytes, file, UINT32_MAX) == UL_OK;
    *digest = ul_facts_digest(bytes.data ? bytes.data : "", bytes.length);
    ul_strbuf_free(&bytes);
    return is_read;
}

const char *ul_facts_root(const ul_config *config, const char *cwd, ul_arena *arena)
{
    const char *root = config->root ? ul_path_settle(cwd, config->root, arena) : ul_path_work_tree(cwd, arena);
    size_t length = root ? strlen(root) : 0;
    return length && root[length - 1] == '/' ? ul_arena_strndup(arena, root, length - 1) : length ? root : "";
}

static ul_status read_file(ul_facts_set *out, const char *path, ul_diags *diags, ul_arena *arena)
{
    const char *why;
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    if (ul_file_read(&bytes, path, FACTS_LIMIT_BYTES) != UL_OK) {
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "cannot read the facts: %s", strerror(errno));
        ul_strbuf_free(&bytes);
        return UL_ERR_IO;
    }
    ul_status status = ul_facts_read(out, &why, ul_facts_build(arena), bytes.data ? bytes.data : "", bytes.length, NULL, arena);
    if (status != UL_OK)
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "%s", why);
    out->name = path;
    ul_strbuf_free(&bytes);
    return status;
}

ul_status ul_facts_gather(ul_facts_set *out, const char *const *paths, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    ul_status first_error = UL_OK;
    ul_facts_set *sets = UL_NEW_ARRAY(arena, ul_facts_set, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        ul_status status = read_file(&sets[i], paths[i], diags, arena);
        first_error = first_error == UL_OK ? status : first_error;
    }
    return first_error == UL_OK ? ul_facts_merge(out, sets, count, diags, arena) : first_error;
}

typedef struct taking { // ullage: ignore[reorder-saves] -- one a run
    ul_selection *selection;
    ul_run_units *units;
    const ul_config *config;
    const ul_facts_request *request;
    ul_facts_set set;
    const char *root; /* without a trailing slash, "" for none */
    ul_diags *diags;
    ul_arena *arena;
} taking;

/* Whether the facts are for what is asked: of targets, when the command line or configuration names some. */
static bool is_for_this_run(const taking *of)
{
    const char *targets = ul_facts_made(of->set.made_by, "targets", of->arena), *key, *theirs, *ours;
    const char *here = ul_facts_made_by(of->config, "", of->arena);
    while (ul_facts_made_differs(&key, &theirs, &ours, of->set.made_by, here, of->arena)) {
        if (strcmp(key, "targets") != 0 || of->config->target_count) {
            ul_diags_add(of->diags, UL_LEVEL_ERROR, of->set.name, 0, 0, "its facts are not for this run: '%s' is '%s' there and '%s' here", key, theirs, ours);
            return false;
        }
        const char *at = strstr(here, "targets: ");
        here = ul_arena_printf(of->arena, "%.*stargets: %s%s", (int)(at - here), here, targets, at + strcspn(at, "\n"));
    }
    return true;
}

static bool is_there(const char *root, const char *file, ul_arena *arena)
{
    return access(ul_facts_show_root(root, file, arena), F_OK) == 0;
}

/* Sets of->root where texts are relative to one: the first of the likely ones below which a file of the facts is. */
static bool find_root(taking *of)
{
    const char *tree = of->selection->root ? ul_arena_strndup(of->arena, of->selection->root, strlen(of->selection->root) - 1) : "";
    const char *roots[] = {ul_facts_root(of->config, of->selection->cwd, of->arena), of->config->root ? "" : tree};
    uint32_t relative = 0;
    for (uint32_t i = 0; i < of->set.source_count; i++) {
        const char *file = of->set.sources[i].file;
        relative += ul_facts_has_root(file);
        for (size_t k = 0; ul_facts_has_root(file) && k < sizeof roots / sizeof *roots; k++) {
            if (*roots[k] && is_there(roots[k], file, of->arena)) {
                of->root = roots[k];
                return true;
            }
        }
    }
    of->root = of->request->is_past ? roots[*roots[0] ? 0 : 1] : ""; /* then its files may all be gone */
    if (relative == 0 || *of->root)
        return true;
    ul_diags_add(of->diags, UL_LEVEL_ERROR, of->set.name, 0, 0,
                 "none of its %u files is below %s: run in the work tree that it was made in, or say --root DIR", relative,
                 *roots[0] ? roots[0] : "the current directory, which is in no work tree");
    return false;
}

/* The set again, with the names of files as they are here. */
static ul_status put_root(taking *of)
{
    const char *why;
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    ul_facts_write(&bytes, &of->set, of->arena);
    const char *name = of->set.name;
    ul_facts_map map = {ul_facts_show_root, of->root};
    ul_status status = bytes.has_failed ? UL_ERR_NOMEM : ul_facts_read(&of->set, &why, ul_facts_build(of->arena), bytes.data, bytes.length, &map, of->arena);
    of->set.name = name;
    ul_strbuf_free(&bytes);
    return status;
}

/* Facts of a file that has changed are facts of nothing that is there. What is not there is not looked at by anybody either. */
static ul_status check_sources(const taking *of)
{
    uint32_t errors = of->diags->error_count;
    size_t length = strlen(of->root);
    for (uint32_t i = 0; i < of->set.source_count; i++) {
        const ul_facts_source *source = &of->set.sources[i];
        bool is_below = length && strncmp(source->file, of->root, length) == 0 && source->file[length] == '/';
        uint64_t digest;
        if ((!is_below && !ul_filter_names(&of->selection->filter, source->file)) || !ul_facts_digest_file(&digest, source->file))
            continue;
        if (digest != source->digest)
            ul_diags_add(of->diags, UL_LEVEL_ERROR, source->file, 0, 0, "it has changed since its facts were made: make them anew");
    }
    return of->diags->error_count == errors || of->config->keeps_going ? UL_OK : UL_ERR_INPUT;
}

static int by_job(const void *left, const void *right)
{
    return ul_unit_job_compare(&((const ul_facts_unit *)left)->job, &((const ul_facts_unit *)right)->job);
}

/* What is not asked for is not there, as if it had not been read. */
static void fill(taking *of)
{
    const ul_config *config = of->config;
    uint32_t count = of->set.unit_count;
    ul_selection *selection = of->selection;
    of->units->results = UL_NEW_ARRAY(of->arena, ul_unit_result, count + 1u);
    selection->jobs = UL_NEW_ARRAY(of->arena, ul_unit_job, count + 1u);
    selection->job_count = of->units->count = count;
    if (count)
        qsort(of->set.units, count, sizeof *of->set.units, by_job); /* the names are others now, and so is their order */
    for (uint32_t i = 0; i < count; i++) {
        ul_unit_result *result = &of->units->results[i];
        selection->jobs[i] = of->set.units[i].job;
        *result = of->set.units[i].result;
        if (!config->reads_census) {
            result->census = NULL;
            result->allocations = (ul_allocations){0};
        }
        if (!config->reads_uses && !ul_select_shows_patches(config))
            result->uses = (ul_uses){0};
        ul_unit_result_narrow(result, &selection->filter, of->arena);
    }
}

/* Facts for several targets, or another than the compiler's, are a run for those. */
static void take_targets(taking *of)
{
    const char *targets = ul_facts_made(of->set.made_by, "targets", of->arena);
    ul_run_units *units = of->units;
    if (strstr(targets, "(the compiler's own)"))
        return;
    ul_config *config = UL_NEW(of->arena, ul_config);
    *config = *of->config;
    config->target_count = 0;
    for (const char *at = targets; *at && config->target_count < UL_TARGETS_MAX; at += strcspn(at, " "), at += *at == ' ')
        config->targets[config->target_count++] = ul_arena_strndup(of->arena, at, strcspn(at, " "));
    of->selection->config = config;
    units->target_count = config->target_count;
    for (uint32_t i = 0; i < units->target_count; i++)
        ul_target_init(&units->targets[i], config->targets[i], sizeof(void *));
    for (uint32_t i = units->count; i-- > 0;) {
        uint32_t target = of->selection->jobs[i].target;
        if (units->results[i].outcome == UL_UNIT_READ && target < units->target_count)
            ul_target_init(&units->targets[target], units->results[i].triple, units->results[i].pointer_bytes);
    }
}

static void note_nothing(const taking *of)
{
    uint32_t records = 0;
    for (uint32_t i = 0; i < of->units->count; i++)
        records += of->units->results[i].record_count;
    if (records == 0 && of->units->count)
        ul_diags_add(of->diags, UL_LEVEL_NOTE, of->set.name, 0, 0, "none of its records is in %s", of->config->path_count ? "PATH" : "the current directory");
}

/*
 * 1. The files as they are stored, put together: whose they are and what for.
 * 2. Their names of files become those of this tree, and the files are held against what was read.
 * 3. What is not asked for goes; the rest is as workers would have handed it over.
 */
ul_status ul_facts_units_read(ul_selection *selection, ul_run_units *units, ul_facts_set *set, const ul_facts_request *request, const ul_config *config,
                              ul_diags *diags, ul_arena *arena)
{
    taking of = {.selection = selection, .units = units, .config = config, .request = request, .diags = diags, .arena = arena};
    *units = (ul_run_units){0};
    ul_status status = ul_select_places(selection, config, diags, arena);
    if (status == UL_OK)
        status = ul_facts_gather(&of.set, request->files, request->file_count, diags, arena);
    if (status == UL_OK && (!is_for_this_run(&of) || !find_root(&of)))
        status = UL_ERR_INPUT;
    if (status == UL_OK)
        status = put_root(&of);
    if (status == UL_OK && !request->is_past)
        status = check_sources(&of);
    if (status != UL_OK)
        return status;
    *set = of.set;
    fill(&of);
    take_targets(&of);
    note_nothing(&of);
    return ul_run_units_settle(units, selection);
}
