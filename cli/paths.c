#include "cli/paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/file.h"

enum { LIST_LIMIT_BYTES = 1 << 28 };

const char *ul_path_cwd(ul_arena *arena)
{
    char *cwd = getcwd(NULL, 0);
    const char *slashed = cwd && strcmp(cwd, "/") != 0 ? ul_arena_printf(arena, "%s/", cwd) : "/";
    free(cwd);
    return slashed;
}

const char *ul_path_join(const char *base, const char *path, ul_arena *arena)
{
    char *joined = path[0] == '/' ? ul_arena_strdup(arena, path) : ul_arena_printf(arena, "%s/%s", base, path);
    char *to = joined;
    for (const char *at = joined; *at;) {
        if (at[0] == '/' && at[1] == '/')
            at++;
        else if (at[0] == '/' && at[1] == '.' && (at[2] == '/' || at[2] == '\0'))
            at += 2;
        else
            *to++ = *at++;
    }
    if (to == joined)
        *to++ = '/';
    *to = '\0';
    return joined;
}

const char *ul_path_resolve(const char *base, const char *path, ul_arena *arena)
{
    char *real = realpath(ul_path_join(base, path, arena), NULL);
    const char *copy = real ? ul_arena_strdup(arena, real) : NULL;
    int error = errno;
    free(real);
    errno = error;
    return copy;
}

const char *ul_path_settle(const char *base, const char *path, ul_arena *arena)
{
    const char *real = ul_path_resolve(base, path, arena);
    if (real)
        return real;
    char *text = ul_arena_strdup(arena, ul_path_join(base, path, arena));
    for (char *up; (up = strstr(text, "/..")) && (up[3] == '/' || up[3] == '\0');) {
        char *from = up;
        while (from > text && *--from != '/') {
        }
        memmove(from, up + 3, strlen(up + 3) + 1);
    }
    return text[0] ? text : "/";
}

const char *ul_path_directory(const char *path, ul_arena *arena)
{
    const char *slash = strrchr(path, '/');
    return slash ? ul_arena_strndup(arena, path, (size_t)(slash - path) + 1) : "/";
}

const char *ul_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *ul_path_work_tree(const char *directory, ul_arena *arena)
{
    char *at = ul_arena_strdup(arena, directory);
    size_t length = strlen(at);
    while (length > 1 && at[length - 1] == '/')
        at[--length] = '\0';
    for (;;) {
        const char *marker = ul_arena_printf(arena, "%s/.git", strcmp(at, "/") == 0 ? "" : at);
        if (access(marker, F_OK) == 0)
            return strcmp(at, "/") == 0 ? "/" : ul_arena_printf(arena, "%s/", at);
        char *slash = strrchr(at, '/');
        if (!slash || at[1] == '\0')
            return NULL;
        slash[slash == at] = '\0';
    }
}

static uint32_t count_slashes(const char *text)
{
    uint32_t count = 0;
    for (; *text; text++)
        count += *text == '/';
    return count;
}

uint32_t ul_path_distance(const char *a, const char *b)
{
    size_t common = 0;
    for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
        if (a[i] == '/')
            common = i + 1;
    }
    return count_slashes(a + common) + count_slashes(b + common);
}

static size_t stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - name) : strlen(name);
}

bool ul_path_same_stem(const char *a, const char *b)
{
    const char *a_name = ul_path_name(a), *b_name = ul_path_name(b);
    size_t length = stem_length(a_name);
    return length == stem_length(b_name) && strncmp(a_name, b_name, length) == 0;
}

static int compare_words(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorts and drops the second of equals: two links may lead to one file. */
static void sort_words(ul_words *words)
{
    if (!words->count)
        return;
    qsort(words->items, words->count, sizeof *words->items, compare_words);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < words->count; i++) {
        if (strcmp(words->items[i], words->items[kept - 1]) != 0)
            words->items[kept++] = words->items[i];
    }
    words->count = kept;
}

/* One name in `directory`: a directory to visit goes to `pending`, a file of interest to `out`. */
static void look_at(ul_walk *out, ul_words *pending, const char *directory, const char *name, ul_arena *arena)
{
    struct stat info;
    const char *path = ul_arena_printf(arena, "%s%s", directory, name);
    if (lstat(path, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode)) {
        if (name[0] != '.')
            ul_words_add(pending, ul_arena_printf(arena, "%s/", path), arena);
        return;
    }
    size_t length = strlen(name);
    if (length < 3 || name[length - 2] != '.' || (name[length - 1] != 'h' && name[length - 1] != 'c'))
        return;
    if (S_ISLNK(info.st_mode)) {
        path = ul_path_resolve("/", path, arena);
        if (!path || stat(path, &info) != 0)
            return;
    }
    if (S_ISREG(info.st_mode))
        ul_words_add(name[length - 1] == 'h' ? &out->headers : &out->sources, path, arena);
}

void ul_walk_read(ul_walk *out, const char *directory, ul_diags *diags, ul_arena *arena)
{
    *out = (ul_walk){0};
    ul_words pending = {0};
    ul_words_add(&pending, directory, arena);
    for (uint32_t next = 0; next < pending.count; next++) {
        const char *at = pending.items[next];
        if (next > 0 && access(ul_arena_printf(arena, "%sCMakeCache.txt", at), F_OK) == 0) {
            ul_words_add(&out->excluded, at, arena);
            continue;
        }
        DIR *stream = opendir(at);
        if (!stream) {
            ul_diags_add(diags, UL_LEVEL_WARNING, at, 0, 0, "cannot read the directory: %s", strerror(errno));
            continue;
        }
        for (struct dirent *entry; (entry = readdir(stream));) {
            if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                look_at(out, &pending, at, entry->d_name, arena);
        }
        closedir(stream);
    }
    sort_words(&out->headers);
    sort_words(&out->sources);
    sort_words(&out->excluded);
}

ul_status ul_paths_read_list(ul_words *out, const char *list, bool has_nul, ul_diags *diags, ul_arena *arena)
{
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    bool is_stdin = strcmp(list, "-") == 0;
    ul_status status = is_stdin ? ul_file_read_stream(&bytes, stdin, LIST_LIMIT_BYTES)
                                : ul_file_read(&bytes, list, LIST_LIMIT_BYTES);
    if (status != UL_OK)
        ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "cannot read the list of files '%s': %s",
                     is_stdin ? "standard input" : list, strerror(errno));
    for (size_t i = 0; status == UL_OK && i < bytes.length;) {
        const char *line = bytes.data + i;
        const char *end = memchr(line, has_nul ? '\0' : '\n', bytes.length - i);
        size_t length = end ? (size_t)(end - line) : bytes.length - i;
        i += length + 1;
        if (!has_nul && length && line[length - 1] == '\r')
            length--;
        if (memchr(line, '\0', length)) {
            ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "the list of files '%s' has a NUL in it; with -0 names end in one", list);
            status = UL_ERR_INPUT;
        } else if (length) {
            ul_words_add(out, ul_arena_strndup(arena, line, length), arena);
        }
    }
    ul_strbuf_free(&bytes);
    return status;
}
