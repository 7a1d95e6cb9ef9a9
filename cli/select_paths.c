/* From what the user named to files: the work tree around them, what is excluded, headers and sources. Chooses no unit. */
#include "cli/select_state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/paths.h"
#include "cli/response.h"
#include "cli/settings.h"
#include "layout/model/facts_file.h"

const char *ul_request_shown(const ul_selection *to, const char *path)
{
    size_t length = strlen(to->cwd);
    return strncmp(path, to->cwd, length) == 0 && path[length] ? path + length : path;
}

bool ul_select_excludes(const ul_selection *to, const char *file)
{
    for (uint32_t i = 0; i < to->excluded.count; i++) {
        size_t length = strlen(to->excluded.items[i]);
        if (strncmp(file, to->excluded.items[i], length) == 0 &&
            (file[length] == '\0' || to->excluded.items[i][length - 1] == '/'))
            return true;
    }
    return ul_settings_leaves_out(to->config->settings, file, NULL);
}

void ul_request_fail(ul_request *from, const char *file, const char *message, const char *detail)
{
    ul_diags_add(from->to->diags, UL_LEVEL_ERROR, file, 0, 0, "%s%s", message, detail);
    from->has_failed = true;
}

/* A link may lead out of the directory: its target is wanted all the same. */
static void add_linked(ul_selection *to, const ul_walk *walk, const char *directory)
{
    size_t length = strlen(directory);
    for (uint32_t pass = 0; pass < 2; pass++) {
        const ul_words *files = pass ? &walk->sources : &walk->headers;
        for (uint32_t i = 0; i < files->count; i++) {
            if (strncmp(files->items[i], directory, length) != 0)
                ul_words_add(&to->paths, files->items[i], to->arena);
        }
    }
}

/* Sources below `directory`: units of the database, or, when there is none, what the walk found. */
static void take_directory(ul_request *from, const char *path, const char *given)
{
    ul_selection *to = from->to;
    ul_walk walk;
    const char *directory = strcmp(path, "/") == 0 ? path : ul_arena_printf(to->arena, "%s/", path);
    ul_walk_read(&walk, directory, to->diags, to->arena);
    ul_words_add(&to->paths, directory, to->arena);
    for (uint32_t i = 0; i < walk.excluded.count; i++)
        ul_words_add(&to->excluded, walk.excluded.items[i], to->arena);
    bool has_any = false;
    for (uint32_t i = 0; i < walk.headers.count; i++) {
        has_any = true;
        if (!ul_select_excludes(to, walk.headers.items[i]))
            ul_words_add(&from->headers, walk.headers.items[i], to->arena);
    }
    for (uint32_t i = 0; i < walk.sources.count; i++) {
        has_any = true;
        if (ul_select_excludes(to, walk.sources.items[i]))
            continue;
        bool is_listed = ul_candidates_has(&to->candidates, walk.sources.items[i]);
        ul_words_add(to->database && !is_listed ? &from->unlisted : &from->sources, walk.sources.items[i], to->arena);
    }
    size_t length = strlen(directory);
    for (uint32_t i = 0; i < to->candidates.count; i++) {
        ul_candidate *candidate = &to->candidates.items[i];
        if (!candidate->is_listed || strncmp(candidate->file, directory, length) != 0 || ul_select_excludes(to, candidate->file))
            continue;
        has_any = true;
        if (candidate->language == UL_LANGUAGE_C)
            candidate->is_chosen = true;
        else if (candidate->language == UL_LANGUAGE_CXX)
            from->cxx_units++;
    }
    if (!has_any)
        ul_request_fail(from, ul_arena_strdup(to->arena, given), "no C headers or sources in this directory", "");
    add_linked(to, &walk, directory);
}

bool ul_request_is_source(const char *path)
{
    size_t length = strlen(path);
    return length > 2 && path[length - 2] == '.' && (path[length - 1] == 'c' || path[length - 1] == 'i');
}

static bool is_facts(const char *path)
{
    char head[sizeof UL_FACTS_MAGIC - 1];
    FILE *stream = fopen(path, "rb");
    bool is_whole = stream && fread(head, 1, sizeof head, stream) == sizeof head;
    if (stream)
        fclose(stream);
    return is_whole && ul_facts_is(head, sizeof head);
}

static void take_file(ul_request *from, const char *path, const char *given)
{
    ul_selection *to = from->to;
    bool is_listed = ul_candidates_has(&to->candidates, path);
    if (access(path, R_OK) != 0) {
        ul_request_fail(from, given, "cannot read the file: ", strerror(errno));
        return;
    }
    if (is_facts(path)) {
        ul_request_fail(from, given, "these are facts, not a source: --facts reads them", "");
        return;
    }
    if (!is_listed && ul_language_of(path) != UL_LANGUAGE_C) {
        ul_request_fail(from, given, ul_language_of(path) == UL_LANGUAGE_CXX ? "C++ is not read" : "this is not C, by its name", "");
        return;
    }
    ul_words_add(&to->paths, path, to->arena);
    if (is_listed || ul_request_is_source(path))
        ul_words_add(&from->named_sources, path, to->arena);
    else
        ul_words_add(&from->named_headers, path, to->arena);
}

void ul_request_take_paths(ul_request *from)
{
    ul_selection *to = from->to;
    static const char *const here[] = {"."};
    const char *const *paths = to->config->path_count ? to->config->paths : here;
    uint32_t count = to->config->path_count ? to->config->path_count : 1;
    for (uint32_t i = 0; i < count; i++) {
        struct stat info;
        const char *path = ul_path_resolve(to->cwd, paths[i], to->arena);
        if (!path || stat(path, &info) != 0) {
            ul_request_fail(from, paths[i], "cannot read the path: ", strerror(errno));
        } else if (S_ISDIR(info.st_mode)) {
            take_directory(from, path, paths[i]);
        } else if (!S_ISREG(info.st_mode)) {
            ul_request_fail(from, paths[i], "neither a file nor a directory", "");
        } else if (ul_select_excludes(to, path)) {
            const char *where;
            if (ul_settings_leaves_out(to->config->settings, path, &where))
                ul_diags_add(to->diags, UL_LEVEL_NOTE, paths[i], 0, 0, "left out by the configuration, %s", ul_request_shown(to, where));
            else if (to->config->is_verbose)
                ul_diags_add(to->diags, UL_LEVEL_NOTE, path, 0, 0, "left out by --exclude");
        } else {
            take_file(from, path, paths[i]);
        }
    }
}

/* Where the search for a database and a work tree starts: the first path that exists, or where we stand. */
static const char *start_of(ul_selection *to)
{
    for (uint32_t i = 0; i < to->config->path_count; i++) {
        struct stat info;
        const char *path = ul_path_resolve(to->cwd, to->config->paths[i], to->arena);
        if (!path || stat(path, &info) != 0)
            continue;
        if (!S_ISDIR(info.st_mode))
            return ul_path_directory(path, to->arena);
        return strcmp(path, "/") == 0 ? path : ul_arena_printf(to->arena, "%s/", path);
    }
    return to->cwd;
}

static ul_status read_database(ul_selection *to, const char *start)
{
    const ul_config *config = to->config;
    if (config->has_flags && !config->build)
        return UL_OK;
    const char *path = NULL;
    ul_status status = ul_compile_db_locate(&path, config->build, to->cwd, start, config->is_verbose, to->diags, to->arena);
    if (status != UL_OK || !path)
        return status;
    ul_compile_db *db = UL_NEW(to->arena, ul_compile_db);
    status = ul_compile_db_load(db, path, to->diags, to->arena);
    to->database = path;
    ul_candidates_add_db(&to->candidates, db);
    return status;
}

/* What comes before the paths: the work tree, extra flags, what is excluded, the database. */
ul_status ul_request_begin(ul_request *from, const ul_config *config, bool reads_database, ul_diags *diags, ul_arena *arena)
{
    ul_selection *out = from->to;
    *out = (ul_selection){.config = config, .diags = diags, .arena = arena};
    out->cwd = ul_path_cwd(arena);
    const char *start = start_of(out);
    out->root = ul_path_work_tree(start, arena);
    ul_string_map_init(&out->wanted, arena);
    ul_string_map_init(&out->dropped, arena);
    ul_words extra = {0};
    ul_response_expand(&extra, config->flags, config->flag_count, out->cwd, NULL, diags, arena);
    ul_candidates_init(&out->candidates, extra.items, extra.count, diags, arena);
    for (uint32_t i = 0; i < config->excluded_count; i++) {
        struct stat info;
        const char *path = ul_path_settle(out->cwd, config->excluded[i], arena);
        bool is_directory = stat(path, &info) == 0 && S_ISDIR(info.st_mode) && strcmp(path, "/") != 0;
        ul_words_add(&out->excluded, is_directory ? ul_arena_printf(arena, "%s/", path) : path, arena);
    }
    ul_status status = reads_database ? read_database(out, start) : UL_OK;
    return status == UL_ERR_USAGE || !config->keeps_going ? status : UL_OK;
}


ul_file_filter ul_request_filter(const ul_selection *to)
{
    static const char *const everything[] = {"/"};
    const ul_config *config = to->config;
    bool is_fix = config->command == UL_COMMAND_FIX;
    if (config->command == UL_COMMAND_FACTS)
        return (ul_file_filter){.paths = everything, .count = 1};
    return (ul_file_filter){.paths = to->paths.items,
                            .count = to->paths.count,
                            .wants_all = config->wants_all || is_fix,
                            .wants_system = config->wants_system,
                            .excluded = to->excluded.items,
                            .excluded_count = is_fix ? 0 : to->excluded.count};
}

/* What is there decides whether `path` is a directory; what is not there may be either. */
static void take_place(ul_selection *to, const char *path)
{
    struct stat info;
    bool is_there = stat(path, &info) == 0, is_root = strcmp(path, "/") == 0;
    const char *directory = is_root ? path : ul_arena_printf(to->arena, "%s/", path);
    if (!is_there || !S_ISDIR(info.st_mode))
        ul_words_add(&to->paths, path, to->arena);
    if (is_there && !S_ISDIR(info.st_mode))
        return;
    ul_words_add(&to->paths, directory, to->arena);
    ul_walk walk = {0};
    if (is_there)
        ul_walk_read(&walk, directory, to->diags, to->arena);
    for (uint32_t i = 0; i < walk.excluded.count; i++)
        ul_words_add(&to->excluded, walk.excluded.items[i], to->arena);
    add_linked(to, &walk, directory);
}

ul_status ul_select_places(ul_selection *out, const ul_config *config, ul_diags *diags, ul_arena *arena)
{
    static const char *const here[] = {"."};
    ul_request from = {.to = out};
    ul_status status = ul_request_begin(&from, config, false, diags, arena);
    bool is_diff = config->command == UL_COMMAND_DIFF; /* PATH says there what is told, not what is compared */
    if (status == UL_OK && is_diff)
        take_place(out, ul_path_settle("/", out->root ? out->root : out->cwd, arena));
    for (uint32_t i = 0; status == UL_OK && i < (config->path_count || is_diff ? config->path_count : 1); i++)
        take_place(out, ul_path_settle(out->cwd, config->path_count ? config->paths[i] : here[i], arena));
    out->filter = ul_request_filter(out);
    return status == UL_OK ? ul_settings_tell(config->settings, diags) : status;
}
