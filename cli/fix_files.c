/*
 * 1. Look whether each file is still what was read, and may be replaced.
 * 2. Write the new bytes beside each, sync them, give them mode, owner and attributes. Until here nothing has changed.
 * 3. Look again, rename. What fails now is undone.
 * What a killed run left beside a file carries its process id; the next run that writes there takes it away.
 */
#include "cli/fix_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/file.h"
#include "cli/paths.h"

enum { SIZE_MAX_BYTES = INT32_MAX };

static const char beside_mark[] = ".ullage-";

static bool same_state(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static ul_status read_bytes(const char **bytes, uint64_t *length, const char *path, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_status status = ul_file_read(&text, path, SIZE_MAX_BYTES);
    if (status == UL_OK) {
        *bytes = ul_arena_strndup(arena, text.data ? text.data : "", text.length);
        *length = text.length;
    }
    int error = errno;
    ul_strbuf_free(&text);
    errno = error;
    return status;
}

ul_status ul_fix_file_load(ul_fix_file *out, const char *path, ul_arena *arena)
{
    struct stat after;
    *out = (ul_fix_file){.path = path};
    if (stat(path, &out->info) != 0)
        return UL_ERR_IO;
    ul_status status = read_bytes(&out->old_bytes, &out->old_length, path, arena);
    if (status != UL_OK)
        return status;
    if (stat(path, &after) != 0)
        return UL_ERR_IO;
    return same_state(&out->info, &after) && (uint64_t)after.st_size == out->old_length ? UL_OK : UL_ERR_INPUT;
}

static ul_status fail(ul_diags *diags, const char *path, const char *what, int error)
{
    ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "%s%s%s: no file is changed", what, error ? ": " : "", error ? strerror(error) : "");
    return error ? UL_ERR_IO : UL_ERR_INPUT;
}

static bool holds(const char *path, const char *bytes, uint64_t length, ul_arena *arena)
{
    const char *now;
    uint64_t now_length;
    return read_bytes(&now, &now_length, path, arena) == UL_OK && now_length == length && memcmp(now, bytes, length) == 0;
}

/* Step 1. */
static ul_status check(const ul_fix_file *file, ul_diags *diags, ul_arena *arena)
{
    struct stat now;
    if (stat(file->path, &now) != 0)
        return fail(diags, file->path, "the file cannot be read again", errno);
    if (!same_state(&file->info, &now) || !holds(file->path, file->old_bytes, file->old_length, arena))
        return fail(diags, file->path, "the file has changed since it was read", 0);
    if (!S_ISREG(now.st_mode))
        return fail(diags, file->path, "this is no regular file", 0);
    if (now.st_nlink > 1)
        return fail(diags, file->path, "the file has more than one name (hard links), and a new file would have one", 0);
    if (access(file->path, W_OK) != 0)
        return fail(diags, file->path, "the file cannot be written", errno);
    return UL_OK;
}

/* Takes away "<name>.ullage-<pid>-XXXXXX" of processes that are no more. */
static void sweep(const char *path, ul_arena *arena)
{
    const char *directory = ul_path_directory(path, arena);
    const char *prefix = ul_arena_printf(arena, ".%s%s", ul_path_name(path), beside_mark);
    DIR *stream = opendir(directory);
    for (struct dirent *entry; stream && (entry = readdir(stream)) != NULL;) {
        if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
            continue;
        char *end;
        long process = strtol(entry->d_name + strlen(prefix), &end, 10);
        if (*end == '-' && process > 0 && process < INT32_MAX && kill((pid_t)process, 0) != 0 && errno == ESRCH)
            unlinkat(dirfd(stream), entry->d_name, 0);
    }
    if (stream)
        closedir(stream);
}

/* Access lists and labels travel as extended attributes. What cannot be set is another file system's affair. */
static void copy_attributes(const char *path, int to)
{
    enum { NAMES_MAX = 4096, VALUE_MAX = 65536 };
    char names[NAMES_MAX];
    ssize_t length = listxattr(path, names, sizeof names);
    char *value = length > 0 ? malloc(VALUE_MAX) : NULL;
    for (ssize_t at = 0; value && at < length; at += (ssize_t)strlen(names + at) + 1) {
        ssize_t size = getxattr(path, names + at, value, VALUE_MAX);
        if (size >= 0 && fsetxattr(to, names + at, value, (size_t)size, 0) != 0)
            continue;
    }
    free(value);
}

/* The owner first: changing it takes set-user-id bits away. Without the right to, the group alone, then neither. */
static bool dress(const ul_fix_file *file, int descriptor)
{
    const struct stat *info = &file->info;
    if (fchown(descriptor, info->st_uid, info->st_gid) != 0 && fchown(descriptor, (uid_t)-1, info->st_gid) != 0)
        errno = 0;
    copy_attributes(file->path, descriptor);
    return fchmod(descriptor, info->st_mode & 07777) == 0;
}

/* Step 2 for bytes[0..length-1]. */
static ul_status write_beside(ul_fix_file *file, const char *bytes, uint64_t length, ul_arena *arena)
{
    char *beside = ul_arena_printf(arena, "%s.%s%s%ld-XXXXXX", ul_path_directory(file->path, arena), ul_path_name(file->path), beside_mark,
                                   (long)getpid());
    sweep(file->path, arena);
    int descriptor = mkostemp(beside, O_CLOEXEC);
    if (descriptor < 0)
        return UL_ERR_IO;
    file->beside = beside;
    bool is_written = ul_file_write_all(descriptor, bytes, length) == UL_OK && dress(file, descriptor) && fsync(descriptor) == 0;
    int error = errno;
    if (close(descriptor) != 0 && is_written) {
        is_written = false;
        error = errno;
    }
    errno = error;
    return is_written ? UL_OK : UL_ERR_IO;
}

static void drop_beside(ul_fix_file *file)
{
    if (file->beside)
        unlink(file->beside);
    file->beside = NULL;
}

static ul_status rename_over(ul_fix_file *file)
{
    if (rename(file->beside, file->path) != 0)
        return UL_ERR_IO;
    file->beside = NULL;
    return UL_OK;
}

/* So that the names are on the disk too. A directory that cannot be synced has been renamed in all the same. */
static void sync_directory(const char *path, ul_arena *arena)
{
    int descriptor = open(ul_path_directory(path, arena), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (fsync(descriptor) != 0)
        errno = 0;
    close(descriptor);
}

ul_status ul_fix_files_restore(ul_fix_file *files, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    ul_status status = UL_OK;
    for (uint32_t i = count; i-- > 0;) {
        ul_fix_file *file = &files[i];
        if (!file->is_written)
            continue;
        const char *why = NULL;
        if (!holds(file->path, file->new_bytes, file->new_length, arena))
            why = "somebody else has changed it since";
        else if (write_beside(file, file->old_bytes, file->old_length, arena) != UL_OK || rename_over(file) != UL_OK)
            why = strerror(errno);
        if (why) {
            ul_diags_add(diags, UL_LEVEL_ERROR, file->path, 0, 0, "the file cannot be made what it was: %s", why);
            drop_beside(file);
            status = UL_ERR_IO;
        } else {
            file->is_written = false;
            sync_directory(file->path, arena);
        }
    }
    return status;
}

static ul_status prepare(ul_fix_file *files, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    ul_status status = UL_OK;
    for (uint32_t i = 0; i < count && status == UL_OK; i++) {
        if (files[i].new_bytes)
            status = check(&files[i], diags, arena);
    }
    for (uint32_t i = 0; i < count && status == UL_OK; i++) {
        if (files[i].new_bytes && write_beside(&files[i], files[i].new_bytes, files[i].new_length, arena) != UL_OK)
            status = fail(diags, files[i].path, "the new file cannot be written beside it", errno);
    }
    return status;
}

/* Step 3, for the files that hold definitions or for the others. */
static ul_status rename_all(ul_fix_file *files, uint32_t count, bool holds_definitions, ul_diags *diags, ul_arena *arena)
{
    for (uint32_t i = 0; i < count; i++) {
        ul_fix_file *file = &files[i];
        struct stat now;
        if (!file->beside || file->holds_definitions != holds_definitions)
            continue;
        if (stat(file->path, &now) != 0 || !same_state(&file->info, &now))
            return fail(diags, file->path, "the file has changed since it was read", 0);
        if (rename_over(file) != UL_OK)
            return fail(diags, file->path, "the new file cannot be put in its place", errno);
        file->is_written = true;
        sync_directory(file->path, arena);
    }
    return UL_OK;
}

ul_status ul_fix_files_write(ul_fix_file *files, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    static const int held[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t signals, before;
    sigemptyset(&signals);
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        sigaddset(&signals, held[i]);
    sigprocmask(SIG_BLOCK, &signals, &before);
    ul_status status = prepare(files, count, diags, arena);
    if (status == UL_OK)
        status = rename_all(files, count, false, diags, arena);
    if (status == UL_OK)
        status = rename_all(files, count, true, diags, arena);
    if (status != UL_OK && ul_fix_files_restore(files, count, diags, arena) != UL_OK)
        status = UL_ERR_IO;
    for (uint32_t i = 0; i < count; i++)
        drop_beside(&files[i]);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return status;
}
