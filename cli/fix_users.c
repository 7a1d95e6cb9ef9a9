#include "cli/fix_users.h"

#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/git.h"
#include "cli/paths.h"

enum { FILE_LIMIT_BYTES = 1 << 26, MOST_FILES = 1 << 20 };

typedef struct text_file {
    const char *path;
    ul_words includes;             /* as written, with the quote or bracket before it */
    struct text_file **includers;  /* who may mean this file */
    uint32_t includer_count, includer_capacity;
    uint32_t seen_in;              /* number of the last search that met it */
    bool is_covered;               /* a unit that was read has it */
} text_file;

struct ul_fix_users {
    ul_arena *arena;
    const char *root;
    text_file **files;
    uint32_t count, capacity, searches;
    bool has_ignored;
    ul_string_map by_path;  /* path -> text_file */
    ul_string_map by_name;  /* last name -> name_list */
    ul_string_map covered;  /* files of units that were read */
    ul_string_map hiding;   /* file -> the first error that hides code in a unit that has it */
    ul_string_map ignored; /* what git ignores, as paths from the root; asked for when it first matters */
    const ul_unit_job *failed; /* a unit that was not read at all, and that no file below the root stands for */
};

/* Files of one name. */
typedef struct name_list {
    text_file **items;
    uint32_t count, capacity;
} name_list;

static const char *const endings[] = {"h",   "c",   "cc",  "cpp", "cxx", "c++", "hh", "hpp", "hxx", "h++", "inc",
                                      "inl", "ipp", "tcc", "def", "tbl", "m",   "mm", "cu",  "y",   "l",   "i"};

static bool is_source_text(const char *name)
{
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++) {
        if (strcasecmp(dot + 1, endings[i]) == 0)
            return true;
    }
    return false;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    return at;
}

/* `name` of an #include or #import on the line [at, end), or NULL. */
static const char *included_name(const char *at, const char *end, ul_arena *arena)
{
    at = skip_blanks(at, end);
    if (at == end || *at != '#')
        return NULL;
    at = skip_blanks(at + 1, end);
    if (end - at < 6 || (memcmp(at, "includ", 6) != 0 && memcmp(at, "import", 6) != 0))
        return NULL;
    while (at < end && (isalpha((unsigned char)*at) || *at == '_'))
        at++;
    at = skip_blanks(at, end);
    if (at == end || (*at != '"' && *at != '<'))
        return NULL;
    const char *close = memchr(at + 1, *at == '<' ? '>' : '"', (size_t)(end - at - 1));
    if (!close)
        return NULL;
    return close > at + 1 ? ul_arena_strndup(arena, at, (size_t)(close - at)) : NULL;
}

static void read_includes(ul_fix_users *users, text_file *file)
{
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    if (ul_file_read(&bytes, file->path, FILE_LIMIT_BYTES) == UL_OK && bytes.data) {
        const char *end = bytes.data + bytes.length;
        bool has_configure = memmem(bytes.data, bytes.length, "HAVE_CONFIG_H", 13) != NULL;
        for (const char *at = bytes.data; at < end;) {
            const char *line_end = memchr(at, '\n', (size_t)(end - at));
            line_end = line_end ? line_end : end;
            const char *name = included_name(at, line_end, users->arena);
            /* What configure makes, by the convention of autoconf: no file of the tree. */
            if (name && !(has_configure && strcmp(name + 1, "config.h") == 0))
                ul_words_add(&file->includes, name, users->arena);
            at = line_end + 1;
        }
    }
    ul_strbuf_free(&bytes);
}

static void add_file(ul_fix_users *users, const char *path)
{
    if (users->count == MOST_FILES || ul_string_map_get(&users->by_path, path))
        return;
    text_file *file = UL_NEW(users->arena, text_file);
    file->path = ul_string_map_set(&users->by_path, path, file);
    file->is_covered = ul_string_map_get(&users->covered, path) != NULL;
    UL_RESERVE(users->arena, users->files, users->count, users->capacity);
    users->files[users->count++] = file;
    name_list *list = ul_string_map_get(&users->by_name, ul_path_name(path));
    if (!list) {
        list = UL_NEW(users->arena, name_list);
        ul_string_map_set(&users->by_name, ul_path_name(path), list);
    }
    UL_RESERVE(users->arena, list->items, list->count, list->capacity);
    list->items[list->count++] = file;
}

static void look_at(ul_fix_users *users, ul_words *pending, const char *directory, const char *name)
{
    struct stat info;
    const char *path = ul_arena_printf(users->arena, "%s%s", directory, name);
    if (name[0] == '.' || lstat(path, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode)) {
        ul_words_add(pending, ul_arena_printf(users->arena, "%s/", path), users->arena);
    } else if (is_source_text(name)) {
        path = S_ISLNK(info.st_mode) ? ul_path_resolve("/", path, users->arena) : path;
        if (path && stat(path, &info) == 0 && S_ISREG(info.st_mode))
            add_file(users, path);
    }
}

static void walk(ul_fix_users *users, const char *root)
{
    ul_words pending = {0};
    ul_words_add(&pending, root, users->arena);
    for (uint32_t next = 0; next < pending.count; next++) {
        const char *at = pending.items[next];
        if (access(ul_arena_printf(users->arena, "%sCMakeCache.txt", at), F_OK) == 0 && next > 0)
            continue;
        DIR *stream = opendir(at);
        for (struct dirent *entry; stream && (entry = readdir(stream));)
            look_at(users, &pending, at, entry->d_name);
        if (stream)
            closedir(stream);
    }
}

static bool ends_with_path(const char *path, const char *name)
{
    size_t length = strlen(path), tail = strlen(name);
    return length > tail && path[length - tail - 1] == '/' && strcmp(path + length - tail, name) == 0;
}

static void add_edge(ul_fix_users *users, text_file *to, text_file *from)
{
    UL_RESERVE(users->arena, to->includers, to->includer_count, to->includer_capacity);
    to->includers[to->includer_count++] = from;
}

/* What is left of "../x/./y.h" when it may be looked up anywhere: y.h */
static const char *without_ways(const char *name)
{
    const char *last = name;
    for (const char *up = name; (up = strstr(up, "./")) != NULL; up += 2)
        last = up + 2;
    return last;
}

/* A file beside the includer is what a quoted name means; else every file whose path ends in the name may be. */
static void link_files(ul_fix_users *users, text_file *from)
{
    const char *directory = ul_path_directory(from->path, users->arena);
    for (uint32_t i = 0; i < from->includes.count; i++) {
        const char *written = from->includes.items[i] + 1, *name = without_ways(written);
        const char *beside = name == written ? ul_path_join(directory, name, users->arena)
                                             : ul_path_settle(directory, written, users->arena);
        text_file *near = written[-1] == '"' ? ul_string_map_get(&users->by_path, beside) : NULL;
        const name_list *list = ul_string_map_get(&users->by_name, ul_path_name(name));
        if (near) {
            add_edge(users, near, from);
            continue;
        }
        for (uint32_t k = 0; list && k < list->count; k++) {
            if (list->items[k] != from && ends_with_path(list->items[k]->path, name))
                add_edge(users, list->items[k], from);
        }
    }
}

static int compare_files(const void *a, const void *b)
{
    return strcmp((*(text_file *const *)a)->path, (*(text_file *const *)b)->path);
}

/* An error in a function body takes statements out of what was read. */
static const ul_diag *first_error(const ul_unit_result *result)
{
    for (uint32_t i = 0; i < result->remark_count; i++) {
        if (result->remarks[i].level == UL_LEVEL_ERROR)
            return &result->remarks[i];
    }
    return NULL;
}

static void note_units(ul_fix_users *users, const ul_selection *selection, const ul_run_units *units)
{
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_unit_result *result = &units->results[i];
        const ul_diag *error = first_error(result);
        if (result->outcome != UL_UNIT_READ)
            continue;
        ul_string_map_set(&users->covered, selection->jobs[i].file, users);
        for (uint32_t k = 0; k < result->include_count; k++) {
            ul_string_map_set(&users->covered, result->includes[k], users);
            if (error && !ul_string_map_get(&users->hiding, result->includes[k]))
                ul_string_map_set(&users->hiding, result->includes[k], (void *)error);
        }
    }
}

ul_fix_users *ul_fix_users_new(const char *root, const ul_selection *selection, const ul_run_units *units, ul_arena *arena)
{
    ul_fix_users *users = UL_NEW(arena, ul_fix_users);
    users->arena = arena;
    users->root = root;
    ul_string_map *const maps[] = {&users->by_path, &users->by_name, &users->covered, &users->hiding, &users->ignored};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        ul_string_map_init(maps[i], arena);
    note_units(users, selection, units);
    walk(users, root);
    for (uint32_t i = 0; i < units->count && !users->failed; i++) {
        if (units->results[i].outcome != UL_UNIT_READ && !ul_string_map_get(&users->by_path, selection->jobs[i].file))
            users->failed = &selection->jobs[i];
    }
    if (users->count)
        qsort(users->files, users->count, sizeof *users->files, compare_files);
    for (uint32_t i = 0; i < users->count; i++)
        read_includes(users, users->files[i]);
    for (uint32_t i = 0; i < users->count; i++)
        link_files(users, users->files[i]);
    return users;
}

/* Whether git ignores the file, or a folder that it lies in: what a build puts there is made again, or is somebody else's. */
static bool is_ignored(ul_fix_users *users, const char *path)
{
    size_t root = strlen(users->root);
    if (strncmp(path, users->root, root) != 0)
        return false;
    if (!users->has_ignored) {
        ul_words all = ul_git_ignored(users->root, users->arena);
        for (uint32_t i = 0; i < all.count; i++)
            ul_string_map_set(&users->ignored, all.items[i], users);
        users->has_ignored = true;
    }
    for (const char *at = strchr(path + root, '/'); at; at = strchr(at + 1, '/')) {
        if (ul_string_map_get(&users->ignored, ul_arena_strndup(users->arena, path + root, (size_t)(at + 1 - path) - root)))
            return true;
    }
    return ul_string_map_get(&users->ignored, path + root) != NULL;
}

/* The first file by name that reaches `target` through includes and is in no unit that was read. */
static const text_file *find_uncovered(ul_fix_users *users, text_file *target)
{
    text_file **reached = NULL;
    const text_file *found = NULL;
    uint32_t count = 0, capacity = 0;
    target->seen_in = ++users->searches;
    UL_RESERVE(users->arena, reached, count, capacity);
    reached[count++] = target;
    for (uint32_t next = 0; next < count; next++) {
        const text_file *file = reached[next];
        if (!file->is_covered && file != target && (!found || strcmp(file->path, found->path) < 0) && !is_ignored(users, file->path))
            found = file;
        for (uint32_t i = 0; i < file->includer_count; i++) {
            if (file->includers[i]->seen_in == users->searches)
                continue;
            file->includers[i]->seen_in = users->searches;
            UL_RESERVE(users->arena, reached, count, capacity);
            reached[count++] = file->includers[i];
        }
    }
    return found;
}

bool ul_fix_users_unseen(ul_unseen_user *out, ul_fix_users *users, const char *file)
{
    const ul_diag *error = ul_string_map_get(&users->hiding, file);
    if (users->failed) {
        *out = (ul_unseen_user){users->failed->file, 0, "the unit could not be read"};
        return true;
    }
    if (error) {
        *out = (ul_unseen_user){error->file, error->line,
                                ul_arena_printf(users->arena, "an error hides code: %s", error->message)};
        return true;
    }
    text_file *target = ul_string_map_get(&users->by_path, file);
    if (!target) {
        *out = (ul_unseen_user){NULL, 0, ul_arena_printf(users->arena, "its users were looked for below %s, where it is not", users->root)};
        return true;
    }
    const text_file *user = find_uncovered(users, target);
    if (user)
        *out = (ul_unseen_user){user->path, 0, "it includes the file and is in no unit that was read"};
    return user != NULL;
}

