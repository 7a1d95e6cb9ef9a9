#include "cli/facts.h"

#include <stdlib.h>
#include <string.h>

#include "cli/facts_units.h"
#include "cli/file.h"
#include "cli/paths.h"
#include "cli/settings.h"

enum { EXIT_CLEAN, EXIT_ERRORS = 2 };

typedef struct making { // ullage: ignore[reorder-saves] -- one a run
    const ul_config *config;
    ul_terminal *terminal;
    ul_arena *arena;
    ul_diags diags;
    ul_selection selection;
    ul_facts_set set;
} making;

/* A header that a unit includes is read there; alone it is one only where nothing includes it. */
static ul_status check_unit(making *of)
{
    const char *file = ul_path_settle(of->selection.cwd, of->config->paths[0], of->arena);
    for (uint32_t i = 0; i < of->selection.job_count; i++) {
        if (strcmp(of->selection.jobs[i].file, file) == 0)
            continue;
        size_t length = strlen(file);
        bool is_directory = strncmp(of->selection.jobs[i].file, file, length) == 0 && of->selection.jobs[i].file[length] == '/';
        ul_diags_add(&of->diags, UL_LEVEL_ERROR, of->config->paths[0], 0, 0, "it is no unit of its own: %s %s, make the facts of that",
                     of->selection.jobs[i].file, is_directory ? "is one in it" : "includes it");
        return UL_ERR_INPUT;
    }
    return UL_OK;
}

/*
 * Each unit by itself: what a worker has sent before it does not send again, and what one file holds must not depend on
 * that.
 */
static ul_status read_units(making *of)
{
    of->set.unit_count = of->selection.job_count;
    of->set.units = UL_NEW_ARRAY(of->arena, ul_facts_unit, of->set.unit_count + 1u);
    ul_status status = UL_OK;
    for (uint32_t i = 0; i < of->set.unit_count && status == UL_OK; i++) {
        of->set.units[i].job = of->selection.jobs[i];
        status = ul_run_jobs(&of->set.units[i].result, &of->selection.jobs[i], 1, &of->selection, NULL);
    }
    return status;
}

/* What choosing the unit had to say of it, such as whose flags it took, belongs to its facts: the run that reports will choose none. */
static void keep_choice(making *of, uint32_t said)
{
    for (uint32_t i = 0; i < of->set.unit_count; i++) {
        ul_unit_result *result = &of->set.units[i].result;
        ul_diag *diags = UL_NEW_ARRAY(of->arena, ul_diag, result->diag_count + said + 1u);
        uint32_t count = 0;
        for (uint32_t k = 0; k < said; k++) {
            if (of->diags.items[k].level >= UL_LEVEL_NOTE)
                diags[count++] = of->diags.items[k];
        }
        for (uint32_t k = 0; k < result->diag_count; k++)
            diags[count++] = result->diags[k];
        result->diags = diags;
        result->diag_count = count;
    }
}

static void tell_units(making *of)
{
    for (uint32_t i = 0; i < of->set.unit_count; i++)
        ul_run_unit_tell(&of->diags, &of->selection.jobs[i], &of->set.units[i].result);
}

/* A slip of the command line must not cost a source. */
static ul_status check_outputs(making *of)
{
    const char *names[] = {of->config->outputs[0].file, of->config->depfile};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
        const char *path = names[k] ? ul_path_settle(of->selection.cwd, names[k], of->arena) : "";
        for (uint32_t i = 0; i < of->set.source_count; i++) {
            if (strcmp(of->set.sources[i].file, path) != 0)
                continue;
            ul_diags_add(&of->diags, UL_LEVEL_ERROR, names[k], 0, 0, "the unit reads it: it is not written over");
            return UL_ERR_USAGE;
        }
    }
    return UL_OK;
}

static void add_sources(making *of)
{
    ul_string_map known;
    uint32_t capacity = 0;
    ul_string_map_init(&known, of->arena);
    for (uint32_t i = 0; i < of->set.unit_count; i++) {
        const ul_unit_result *result = &of->set.units[i].result;
        for (uint32_t k = 0; k < result->include_count; k++) {
            ul_facts_source source = {.file = result->includes[k]};
            if (ul_string_map_get(&known, source.file) || !ul_facts_digest_file(&source.digest, source.file))
                continue;
            ul_string_map_set(&known, source.file, of);
            UL_RESERVE(of->arena, of->set.sources, of->set.source_count, capacity);
            of->set.sources[of->set.source_count++] = source;
        }
    }
}

/* An empty unit tells what the compiler's own target is. */
static ul_status say_made_by(making *of)
{
    static const char *const args[] = {"-x", "c"};
    ul_unit_job job = {.file = "/dev/null", .directory = "/", .args = args, .arg_count = 2};
    ul_unit_result result = {.triple = ""};
    ul_status status = ul_run_jobs(&result, &job, 1, &of->selection, NULL);
    of->set.made_by = ul_facts_made_by(of->config, result.triple ? result.triple : "", of->arena);
    return status;
}

/* The set as it is stored: the same wherever the tree stands. */
static ul_status encode(ul_strbuf *out, making *of)
{
    const char *why;
    ul_facts_set stored;
    ul_facts_map map = {ul_facts_hide_root, ul_facts_root(of->config, of->selection.cwd, of->arena)};
    ul_strbuf here;
    ul_strbuf_init(&here);
    ul_facts_write(&here, &of->set, of->arena);
    ul_status status = here.has_failed ? UL_ERR_NOMEM : ul_facts_read(&stored, &why, ul_facts_build(of->arena), here.data, here.length, &map, of->arena);
    ul_strbuf_free(&here);
    if (status == UL_OK)
        ul_facts_write(out, &stored, of->arena);
    return out->has_failed ? UL_ERR_NOMEM : status;
}

static ul_status write_out(making *of, ul_strbuf *bytes)
{
    return ul_terminal_write(of->terminal, of->config->outputs[0].file, bytes->data, bytes->length, of->arena);
}

/* A name as a rule of make has it: spaces, # and $ are told apart from syntax; below the working directory it is relative. */
static void put_name(ul_strbuf *out, const char *name, const char *cwd)
{
    size_t length = strlen(cwd);
    if (strncmp(name, cwd, length) == 0 && name[length])
        name += length;
    for (; *name; name++) {
        if (*name == ' ' || *name == '#' || *name == '\\')
            ul_strbuf_putc(out, '\\');
        if (*name == '$')
            ul_strbuf_putc(out, '$');
        ul_strbuf_putc(out, *name);
    }
}

/* OUT: every file that was read, and the configuration; then a rule without recipe for each, so that one that is deleted stops nobody. */
static ul_status write_depfile(making *of)
{
    ul_strbuf text;
    const char *cwd = of->selection.cwd, *file_read = ul_path_settle(cwd, of->config->paths[0], of->arena);
    ul_strbuf_init(&text);
    put_name(&text, of->config->outputs[0].file, cwd);
    ul_strbuf_putc(&text, ':');
    for (uint32_t i = 0; i < of->set.source_count; i++) {
        ul_strbuf_puts(&text, " \\\n ");
        put_name(&text, of->set.sources[i].file, cwd);
    }
    for (const ul_config_file *file = ul_settings_files(of->config->settings, ul_path_directory(file_read, of->arena)); file; file = file->above) {
        ul_strbuf_puts(&text, " \\\n ");
        put_name(&text, file->path, cwd);
    }
    ul_strbuf_putc(&text, '\n');
    for (uint32_t i = 0; i < of->set.source_count; i++) {
        put_name(&text, of->set.sources[i].file, cwd);
        ul_strbuf_puts(&text, ":\n");
    }
    if (text.has_failed)
        ul_terminal_out_of_memory(text.length);
    ul_status status = ul_terminal_write(of->terminal, of->config->depfile, text.data, text.length, of->arena);
    ul_strbuf_free(&text);
    return status;
}

static ul_status make(making *of, ul_strbuf *bytes)
{
    ul_status status = ul_select(&of->selection, of->config, &of->diags, of->arena);
    uint32_t said = of->diags.count;
    if (status == UL_OK)
        status = check_unit(of);
    if (status == UL_OK)
        status = read_units(of);
    if (status == UL_OK)
        status = say_made_by(of);
    if (status != UL_OK)
        return status;
    keep_choice(of, said);
    tell_units(of);
    if (of->diags.error_count && !of->config->keeps_going)
        return UL_ERR_INPUT;
    add_sources(of);
    status = check_outputs(of);
    if (status == UL_OK)
        status = encode(bytes, of);
    if (status == UL_ERR_NOMEM)
        ul_terminal_out_of_memory(bytes->length);
    return status;
}

static void tell(making *of)
{
    ul_diags_settle(&of->diags);
    ul_terminal_tell(of->terminal, of->diags.items, of->diags.count, of->config->is_quiet ? UL_LEVEL_ERROR : UL_LEVEL_NOTE, ul_path_cwd(of->arena),
                     of->arena);
}

int ul_facts_run(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    making of = {.config = config, .terminal = terminal, .arena = arena};
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    ul_diags_init(&of.diags, arena);
    ul_status status = make(&of, &bytes);
    tell(&of);
    if (status == UL_OK && config->depfile)
        status = write_depfile(&of);
    if (status == UL_OK)
        status = write_out(&of, &bytes);
    ul_strbuf_free(&bytes);
    return status == UL_OK && of.diags.error_count == 0 ? EXIT_CLEAN : EXIT_ERRORS;
}

int ul_facts_run_merge(const ul_config *config, ul_terminal *terminal, ul_arena *arena)
{
    making of = {.config = config, .terminal = terminal, .arena = arena};
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    ul_diags_init(&of.diags, arena);
    ul_status status = ul_facts_gather(&of.set, config->paths, config->path_count, &of.diags, arena);
    tell(&of);
    if (status == UL_OK) {
        ul_facts_write(&bytes, &of.set, arena);
        if (bytes.has_failed)
            ul_terminal_out_of_memory(bytes.length);
        status = write_out(&of, &bytes);
    }
    ul_strbuf_free(&bytes);
    return status == UL_OK ? EXIT_CLEAN : EXIT_ERRORS;
}
