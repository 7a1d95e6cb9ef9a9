/*
 * The files of one `ullage fix`: as they were read, as they will be, and the way from one to the other. A file is
 * replaced by renaming a complete and synced one over it, so that whoever looks sees the old or the new, whenever the
 * process ends. Knows nothing of C.
 */
#ifndef UL_CLI_FIX_FILES_H
#define UL_CLI_FIX_FILES_H

#include <stdbool.h>
#include <sys/stat.h>

#include "layout/model/diag.h"

typedef struct ul_fix_file { // ullage: ignore[reorder-saves] -- a handful a run
    const char *path;      /* absolute and resolved: what a link leads to */
    const char *old_bytes;
    uint64_t old_length;
    const char *new_bytes; /* NULL while nothing changes */
    uint64_t new_length;
    struct stat info;      /* as it was read */
    bool holds_definitions; /* of records that change: such files are renamed last, see ul_fix_files_write */
    bool is_written;
    const char *beside;    /* the complete file that waits, or NULL */
} ul_fix_file;

/* Reads `path` into `arena`. UL_ERR_IO with errno set; UL_ERR_INPUT when it changed while it was read. */
ul_status ul_fix_file_load(ul_fix_file *out, const char *path, ul_arena *arena) UL_MUST_USE;

/*
 * Writes every file that has new bytes, or none: what can fail is done beside them, then they are renamed, users of records before
 * definitions, since an initializer with designators fits the old order too. Mode, extended attributes and, where allowed, the owner
 * stay. A file that is no longer what was read, is read-only or has other names is an error. Signals wait meanwhile.
 * UL_ERR_IO or UL_ERR_INPUT after an error in `diags`, everything as it was.
 */
ul_status ul_fix_files_write(ul_fix_file *files, uint32_t count, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

/* Puts back what ul_fix_files_write wrote; a file that somebody else has changed since is left and named in `diags`. */
ul_status ul_fix_files_restore(ul_fix_file *files, uint32_t count, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif
