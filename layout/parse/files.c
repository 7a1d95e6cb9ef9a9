#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "layout/parse/reader.h"

/* What a file name amounts to: the same in every unit of a run, and dear to find out, a readlink a component. */
typedef struct known_path {
    const char *name; /* absolute, as libclang has it */
    const char *path; /* resolved */
    bool is_wanted, is_excluded;
    UT_hash_handle hh;
} known_path;

struct ul_path_cache {
    known_path *paths; /* uthash */
    ul_arena arena;
};

ul_path_cache *ul_path_cache_new(void (*oom)(size_t want_bytes))
{
    ul_path_cache *cache = calloc(1, sizeof *cache);
    if (cache)
        ul_arena_init(&cache->arena, oom);
    return cache;
}

void ul_path_cache_free(ul_path_cache *cache)
{
    if (!cache)
        return;
    HASH_CLEAR(hh, cache->paths);
    ul_arena_free(&cache->arena);
    free(cache);
}

static known_path judge_path(const ul_reader *reader, const char *path)
{
    const ul_file_filter *filter = reader->filter;
    ul_file_filter excluded = {.paths = filter->excluded, .count = filter->excluded_count};
    return (known_path){.path = path,
                        .is_wanted = ul_filter_names(filter, path),
                        .is_excluded = ul_filter_names(&excluded, path)};
}

/* The absolute path `name` without `.` and `..`, as text. */
static const char *clean_path(const char *name, ul_arena *arena)
{
    char *clean = ul_arena_strdup(arena, name), *to = clean;
    for (const char *at = name; *at;) {
        size_t length = strcspn(at + 1, "/") + 1; /* "/word" */
        if (length == 3 && strncmp(at, "/..", 3) == 0) {
            while (to > clean && *--to != '/') {
            }
        } else if (length > 1 && !(length == 2 && at[1] == '.')) {
            memmove(to, at, length);
            to += length;
        }
        at += length;
    }
    *to = '\0';
    return to == clean ? "/" : clean;
}

/* Whether the job brings the contents of `path` along. */
static bool is_unsaved(const ul_reader *reader, const char *path)
{
    for (uint32_t i = 0; i < reader->job->unsaved_count; i++) {
        if (strcmp(reader->job->unsaved[i].file, path) == 0)
            return true;
    }
    return false;
}

/* A name that the kernel does not have, of a file in memory, is libclang's own affair and is not kept. */
static known_path path_of(ul_reader *reader, CXFile handle)
{
    const char *name = ul_clang_text(clang_getFileName(handle), reader->arena);
    if (name[0] != '/')
        name = ul_arena_printf(reader->arena, "%s/%s", reader->job->directory, name);
    known_path *known = NULL;
    HASH_FIND_STR(reader->paths->paths, name, known);
    if (known)
        return *known;
    char resolved[PATH_MAX];
    if (!realpath(name, resolved)) {
        const char *clean = clean_path(name, reader->arena);
        if (is_unsaved(reader, clean))
            return judge_path(reader, clean);
        const char *real = ul_clang_text(clang_File_tryGetRealPathName(handle), reader->arena);
        return judge_path(reader, real[0] == '/' ? real : name);
    }
    known = UL_NEW(&reader->paths->arena, known_path);
    *known = judge_path(reader, ul_arena_strdup(&reader->paths->arena, resolved));
    known->name = ul_arena_strdup(&reader->paths->arena, name);
    HASH_ADD_KEYPTR(hh, reader->paths->paths, known->name, strlen(known->name), known);
    return *known;
}

ul_source_file *ul_reader_file(ul_reader *reader, CXFile handle)
{
    ul_source_file *file = NULL;
    if (!handle)
        return NULL;
    HASH_FIND_PTR(reader->files, &handle, file);
    if (file)
        return file;
    file = UL_NEW(reader->arena, ul_source_file);
    file->handle = handle;
    known_path known = path_of(reader, handle);
    file->path = known.path;
    file->is_wanted = known.is_wanted;
    file->is_excluded = known.is_excluded;
    HASH_ADD_PTR(reader->files, handle, file);
    return file;
}

const char *ul_reader_contents(ul_reader *reader, CXFile handle, size_t *length)
{
    ul_source_file *file = ul_reader_file(reader, handle);
    size_t bytes = 0;
    *length = 0;
    if (!file)
        return NULL;
    if (!file->bytes) {
        file->bytes = clang_getFileContents(reader->unit, handle, &bytes);
        file->length = file->bytes ? bytes : 0;
    }
    *length = file->length;
    return file->bytes;
}

const char *ul_reader_word(ul_reader *reader, CXSourceLocation location)
{
    ul_clang_place place = ul_clang_offset_of(location);
    size_t length = 0, end = place.offset;
    const char *bytes = place.file ? ul_reader_contents(reader, place.file, &length) : NULL;
    while (bytes && end < length && (isalnum((unsigned char)bytes[end]) || bytes[end] == '_'))
        end++;
    return end > place.offset ? ul_arena_strndup(reader->arena, bytes + place.offset, end - place.offset) : "";
}

static bool is_word_at(const char *bytes, size_t length, size_t offset, const char *word)
{
    size_t size = strlen(word), end = offset + size;
    return bytes && offset <= length && size <= length - offset && memcmp(bytes + offset, word, size) == 0 &&
           (end == length || !(isalnum((unsigned char)bytes[end]) || bytes[end] == '_'));
}

const char *ul_reader_path(ul_reader *reader, CXCursor cursor)
{
    const ul_source_file *source = ul_reader_file(reader, ul_clang_offset_of(clang_getCursorLocation(cursor)).file);
    return source ? source->path : "<compiler>";
}

const char *ul_reader_place_key(ul_reader *reader, CXCursor declaration)
{
    ul_clang_place place = ul_clang_offset_of(clang_getCursorLocation(declaration));
    const ul_source_file *source = ul_reader_file(reader, place.file);
    size_t length = 0;
    const char *bytes = source ? ul_reader_contents(reader, place.file, &length) : NULL, *path = source ? source->path : "<compiler>";
    CXString spelling = clang_getCursorSpelling(declaration);
    const char *name = clang_getCString(spelling);
    bool is_plain = !name || !*name || is_word_at(bytes, length, place.offset, name);
    const char *key = is_plain ? ul_arena_printf(reader->arena, "%s:%u", path, place.offset)
                               : ul_arena_printf(reader->arena, "%s:%u:%s", path, place.offset, name);
    clang_disposeString(spelling);
    return key;
}

void ul_source_file_load(ul_reader *reader, ul_source_file *file)
{
    if (file->has_tokens)
        return;
    file->has_tokens = true;
    size_t length;
    if (!ul_reader_contents(reader, file->handle, &length))
        file->bytes = "";
    file->has_annotations =
        memmem(file->bytes, length, "ullage:", 7) != NULL || memmem(file->bytes, length, "NOLINT", 6) != NULL;
    ul_tokens_read(&file->tokens, file->bytes, length, reader->arena);
}
