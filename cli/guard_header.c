/* The assertions as a header of their own, which includes those that define the records. */
#include <ctype.h>
#include <string.h>

#include "cli/guard_state.h"
#include "cli/paths.h"

static bool is_source(const char *path)
{
    size_t length = strlen(path);
    return length > 2 && strcmp(path + length - 2, ".c") == 0;
}

/* The way from the directory of `from` to the file `to`, both absolute. */
static const char *relative(const char *from, const char *to, ul_arena *arena)
{
    size_t common = 0;
    const char *up = "";
    for (size_t i = 0; from[i] && from[i] == to[i]; i++) {
        if (from[i] == '/')
            common = i + 1;
    }
    for (const char *at = from + common; (at = strchr(at, '/')) != NULL; at++)
        up = ul_arena_printf(arena, "%s../", up);
    return ul_arena_printf(arena, "%s%s", up, to + common);
}

/* "CONN_GUARD_H" for the file as seen from the root. */
static const char *include_guard(const ul_guarding *of, const char *path)
{
    const char *base = of->selection.root ? of->selection.root : of->selection.cwd;
    size_t length = strlen(base);
    const char *below = strncmp(path, base, length) == 0 ? path + length : ul_path_name(path);
    char *name = ul_arena_printf(of->arena, "%s%s", strncmp(below, "ullage", 6) == 0 ? "" : "ULLAGE_", below);
    for (char *at = name; *at; at++)
        *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
    return name;
}

static void write_text(ul_strbuf *out, const ul_guarding *of, const char *path, const char *assertions)
{
    const char *name = include_guard(of, path);
    ul_strbuf_printf(out, UL_GUARD_HEADER "change the records, then make it again. */\n#ifndef %s\n#define %s\n\n"
                          "#include <stddef.h>\n\n", name, name);
    for (uint32_t i = 0; i < of->file_count; i++) {
        bool has_any = false;
        for (uint32_t k = of->files[i].first; k < of->files[i].first + of->files[i].count; k++)
            has_any |= of->is_held[k];
        if (has_any)
            ul_strbuf_printf(out, "#include \"%s\"\n", relative(path, of->files[i].file.path, of->arena));
    }
    ul_strbuf_printf(out, "\n%s\n#endif\n", assertions);
}

/* Parses the header by itself, in memory, with the flags of a unit that has one of the records: what fails is worth saying. */
static void try_alone(ul_guarding *of, const char *path, const ul_strbuf *text)
{
    const ul_unit_job *model = of->selection.job_count ? &of->selection.jobs[0] : NULL;
    if (!model)
        return;
    ul_unsaved unsaved = {.file = path, .bytes = text->data, .length = text->length};
    ul_unit_job job = *model;
    ul_unit_result result = {0};
    const char **args = UL_NEW_ARRAY(of->arena, const char *, model->arg_count + 2u);
    if (model->arg_count)
        memcpy(args, model->args, model->arg_count * sizeof *args);
    args[model->arg_count] = "-x";
    args[model->arg_count + 1] = "c-header";
    job.file = path;
    job.args = args;
    job.arg_count = model->arg_count + 2u;
    job.unsaved = &unsaved;
    job.unsaved_count = 1;
    job.reads_bodies = false;
    if (ul_run_jobs(&result, &job, 1, &of->selection, NULL) != UL_OK)
        return;
    for (uint32_t i = 0; i < result.diag_count; i++) {
        const ul_diag *diag = &result.diags[i];
        if (diag->level != UL_LEVEL_ERROR)
            continue;
        ul_diags_add(&of->diags, UL_LEVEL_WARNING, diag->file, diag->line, diag->column,
                     "the header of assertions does not compile by itself: %s; include what it needs before it", diag->message);
        return;
    }
}

ul_status ul_guard_make_header(ul_strbuf *out, ul_guarding *of, const char *path)
{
    static const ul_guard_style style = {"\n", "", "offsetof"};
    ul_guarded *items = ul_guard_new_items(of);
    uint32_t count = 0;
    const char *detail = "";
    for (uint32_t i = 0; i < of->entry_count; i++) {
        const ul_record *record = of->entries[i].record;
        if (of->is_held[i] && is_source(record->file)) {
            ul_diags_add(&of->diags, UL_LEVEL_WARNING, record->file, record->line, record->column,
                         "`%s` is not in the header: it is defined in a source; --write holds it there", record->name);
            of->is_held[i] = false;
        }
        if (of->is_held[i])
            count = ul_guard_add_items(of, items, count, i);
    }
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_status status = ul_guard_write(&text, items, count, &style, &detail, of->arena);
    if (status == UL_ERR_INPUT)
        ul_diags_add(&of->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", detail);
    else if (status != UL_OK)
        ul_terminal_out_of_memory(text.length);
    else
        write_text(out, of, path, text.data);
    ul_strbuf_free(&text);
    if (out->has_failed)
        ul_terminal_out_of_memory(out->length);
    if (status == UL_OK && count)
        try_alone(of, path, out);
    return status;
}
