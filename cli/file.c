#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

ul_status ul_file_read_stream(ul_strbuf *out, FILE *stream, uint64_t limit_bytes)
{
    char chunk[1 << 16];
    uint64_t total = 0;
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, stream)) > 0) {
        total += got;
        if (total > limit_bytes) {
            errno = EFBIG;
            return UL_ERR_IO;
        }
        ul_strbuf_add(out, chunk, got);
        if (out->has_failed) {
            errno = ENOMEM;
            return UL_ERR_IO;
        }
    }
    return ferror(stream) ? UL_ERR_IO : UL_OK;
}

ul_status ul_file_read(ul_strbuf *out, const char *path, uint64_t limit_bytes)
{
    /* Non-blocking so that a named pipe without a writer cannot hold the run up. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0)
        return UL_ERR_IO;
    FILE *stream = fdopen(descriptor, "rb");
    if (!stream) {
        close(descriptor);
        return UL_ERR_IO;
    }
    ul_status status = ul_file_read_stream(out, stream, limit_bytes);
    int error = errno;
    fclose(stream);
    errno = error;
    return status;
}

ul_status ul_file_write_all(int descriptor, const char *bytes, size_t length)
{
    while (length) {
        ssize_t wrote = write(descriptor, bytes, length);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return UL_ERR_IO;
        bytes += wrote;
        length -= (size_t)wrote;
    }
    return UL_OK;
}

static ul_status write_and_close(int descriptor, const char *bytes, size_t length)
{
    ul_status status = ul_file_write_all(descriptor, bytes, length);
    int error = errno;
    if (close(descriptor) != 0 && status == UL_OK)
        return UL_ERR_IO;
    errno = error;
    return status;
}

/* Writes beside `path` with the permissions in `mode`, then renames. */
static ul_status replace(const char *path, mode_t mode, const char *bytes, size_t length, ul_arena *arena)
{
    char *beside = ul_arena_printf(arena, "%s.XXXXXX", path);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return UL_ERR_IO;
    ul_status status = fchmod(descriptor, mode) == 0 ? UL_OK : UL_ERR_IO;
    int error = errno;
    if (status != UL_OK)
        close(descriptor);
    else {
        status = write_and_close(descriptor, bytes, length);
        error = errno;
    }
    if (status == UL_OK && rename(beside, path) != 0) {
        status = UL_ERR_IO;
        error = errno;
    }
    if (status != UL_OK)
        unlink(beside);
    errno = error;
    return status;
}

ul_status ul_file_write(const char *path, const char *bytes, size_t length, ul_arena *arena)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno != ENOENT)
            return UL_ERR_IO;
        mode_t mask = umask(0);
        umask(mask);
        return replace(path, 0666 & ~mask, bytes, length, arena);
    }
    if (S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return UL_ERR_IO;
    }
    if (!S_ISREG(info.st_mode)) {
        int descriptor = open(path, O_WRONLY | O_CLOEXEC);
        return descriptor < 0 ? UL_ERR_IO : write_and_close(descriptor, bytes, length);
    }
    char *target = realpath(path, NULL);
    if (!target)
        return UL_ERR_IO;
    ul_status status = replace(target, info.st_mode & 07777, bytes, length, arena);
    int error = errno;
    free(target);
    errno = error;
    return status;
}
