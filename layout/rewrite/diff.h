/*
 * The difference of two texts as a unified diff that `git apply -p1` and `patch -p1` take: whole lines with the ends that
 * they have, three lines of context. The smallest one, unless the texts are so far apart that finding it would
 * take long. Knows nothing of C.
 */
#ifndef UL_REWRITE_DIFF_H
#define UL_REWRITE_DIFF_H

#include <stdint.h>

#include "ullage/arena.h"
#include "ullage/strbuf.h"

typedef struct ul_diff_text {
    const char *bytes;
    uint64_t length;
    uint32_t lines_before; /* of its file, where the bytes are whole lines out of it; else 0 */
} ul_diff_text;

/*
 * Appends the diff of `path` (relative, as it stands below the root that the patch is for) to `out`; nothing when the
 * texts are equal. Parts of a file have to begin and end with lines that are equal, three of them where the file has as many. Scratch memory comes from `arena`. UL_ERR_LIMIT: over 2^31 lines. UL_ERR_NOMEM.
 */
ul_status ul_diff_unified(ul_strbuf *out, const char *path, ul_diff_text before, ul_diff_text after,
                          ul_arena *arena) UL_MUST_USE;

#endif
