#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "layout/parse/reader.h"

/* Absolute and resolved name of `handle`: libclang's, or the kernel's when it has none. */
static const char *path_of(ul_reader *reader, CXFile handle)
{
    const char *name = ul_clang_text(clang_getFileName(handle), reader->arena);
    const char *joined =
        name[0] == '/' ? name : ul_arena_printf(reader->arena, "%s/%s", reader->job->directory, name);
    char resolved[PATH_MAX];
    if (realpath(joined, resolved))
        return ul_arena_strdup(reader->arena, resolved);
    const char *real = ul_clang_text(clang_File_tryGetRealPathName(handle), reader->arena);
    return real[0] == '/' ? real : joined;
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
    file->path = path_of(reader, handle);
    file->is_wanted = ul_filter_names(reader->filter, file->path);
    ul_file_filter excluded = {.paths = reader->filter->excluded, .count = reader->filter->excluded_count};
    file->is_excluded = ul_filter_names(&excluded, file->path);
    HASH_ADD_PTR(reader->files, handle, file);
    return file;
}

void ul_source_file_load(ul_reader *reader, ul_source_file *file)
{
    if (file->has_tokens)
        return;
    file->has_tokens = true;
    size_t length = 0;
    file->bytes = clang_getFileContents(reader->unit, file->handle, &length);
    if (!file->bytes) {
        file->bytes = "";
        length = 0;
    }
    file->length = length;
    file->has_annotations =
        memmem(file->bytes, length, "ullage:", 7) != NULL || memmem(file->bytes, length, "NOLINT", 6) != NULL;
    ul_tokens_read(&file->tokens, file->bytes, length, reader->arena);
}
