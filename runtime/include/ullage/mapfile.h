/*
 * A whole file as a read-only view, without reading it: mapped where the system can (regular files),
 * otherwise read into memory (pipes, /proc, empty files), behind one interface. For one pass from front to
 * back stream.h is faster and takes less memory (docs/performance.md); a map pays for random access, for many
 * readers, and for views that last.
 *
 * SIGBUS: when another process truncates a mapped file, touching what is gone raises SIGBUS. ul_mapfile_guard
 * turns that into UL_ERR_IO; without it the program ends. What is mapped has no NUL behind it.
 *
 * What happens before what: any number of threads may read; the close comes after the last of them. Bytes that another process writes to a mapped
 * file are seen at no particular moment (mmap(2), MAP_PRIVATE).
 */
#ifndef ULLAGE_MAPFILE_H
#define ULLAGE_MAPFILE_H

#include "ullage/status.h"
#include "ullage/view.h"

UL_BEGIN_DECLS

typedef enum ul_mapfile_use {
    UL_MAPFILE_SEQUENTIAL, /* read ahead, and forget what was read */
    UL_MAPFILE_RANDOM,     /* read nothing ahead */
    UL_MAPFILE_WHOLE       /* all of it will be needed: begin to read now */
} ul_mapfile_use;

typedef struct ul_mapfile {
    ul_bytes bytes; /* the file */
    bool is_mapped; /* otherwise it is a copy */
    int error;      /* errno after UL_ERR_IO */
} ul_mapfile;

/* UL_ERR_IO; UL_ERR_NOMEM; UL_ERR_LIMIT: larger than the address space, or a copy larger than
   `copy_limit_bytes` (0: 1 GiB; a device may never end). After a failure there is nothing to close. */
UL_API UL_MUST_USE ul_status ul_mapfile_open(ul_mapfile *file, const char *path, ul_mapfile_use use,
                                             size_t copy_limit_bytes);
/* The same of an open descriptor, which stays the caller's and may be closed at once. Reads from its position
   when it cannot be mapped. */
UL_API UL_MUST_USE ul_status ul_mapfile_open_fd(ul_mapfile *file, int fd, ul_mapfile_use use,
                                                size_t copy_limit_bytes);
UL_API void ul_mapfile_close(ul_mapfile *file);

UL_INLINE ul_str ul_mapfile_str(const ul_mapfile *file)
{
    return ul_bytes_str(file->bytes);
}

/*
 * run(argument) in this thread; UL_ERR_IO when it touched a part of the file that is no longer there. Then it
 * was left in the middle, as by longjmp: what it had taken (memory, locks) it did not give back. The first
 * guard of a process installs a handler of SIGBUS, which passes on what is not its own to the handler that
 * was there. Guards may nest.
 */
UL_API UL_MUST_USE ul_status ul_mapfile_guard(const ul_mapfile *file, void (*run)(void *argument),
                                              void *argument);

UL_END_DECLS

#endif
