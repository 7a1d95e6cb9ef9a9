/*
 * One state of the work tree as differences from what is on disk: contents that stand for files' own, files that are not there
 * in this state, files that are there in this state only. Whoever looks for a file asks here first. Reads nothing itself.
 */
#ifndef UL_CLI_OVERLAY_H
#define UL_CLI_OVERLAY_H

#include "cli/string_map.h"
#include "layout/model/unit.h"

typedef struct ul_overlay_file {
    ul_unsaved contents; /* file: absolute and resolved */
    bool is_absent;      /* not there in this state; contents are empty */
    bool is_new;         /* not on disk */
} ul_overlay_file;

typedef struct ul_overlay {
    ul_string_map files; /* path -> ul_overlay_file */
    ul_unsaved *unsaved; /* of the files that are there, in the order in which they were put */
    uint32_t unsaved_count, unsaved_capacity;
    uint32_t new_count;
    const char *vfs; /* flag for libclang that makes files known that are not on disk, or NULL */
    ul_arena *arena;
} ul_overlay;

void ul_overlay_init(ul_overlay *overlay, ul_arena *arena);
/* Puts bytes[0..length-1] (borrowed, NUL-terminated) in the place of `file`. */
void ul_overlay_put(ul_overlay *overlay, const char *file, const char *bytes, uint64_t length, bool is_new);
/* Says that `file` is not there. */
void ul_overlay_hide(ul_overlay *overlay, const char *file);
/* What is known of `file`, or NULL: it is as on disk. `overlay` may be NULL. */
const ul_overlay_file *ul_overlay_get(const ul_overlay *overlay, const char *file);
/*
 * Makes overlay->vfs when there are new files: memory-backed files that live as long as the process. UL_ERR_IO with errno set when the
 * system has no room for so many.
 */
ul_status ul_overlay_settle(ul_overlay *overlay) UL_MUST_USE;

#endif
