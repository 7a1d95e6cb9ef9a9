/*
 * Which files a unit includes, told from the text alone: #include lines are followed through the unit's include directories, conditions
 * are not judged and macros not expanded. Good enough to choose a unit for a header before anything is parsed; what was really
 * included, parse tells. Each file is read once, each directory asked once for a name.
 */
#ifndef UL_CLI_INCLUDE_SCAN_H
#define UL_CLI_INCLUDE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/flags.h"
#include "cli/overlay.h"
#include "ullage/arena.h"

typedef struct ul_include_scan ul_include_scan;

/* Everything lives in `arena`. */
ul_include_scan *ul_include_scan_new(ul_arena *arena);
/* From here on files are those of `overlay` (borrowed) where it has an opinion; NULL for what is on disk. Before the first unit. */
void ul_include_scan_use(ul_include_scan *scan, const ul_overlay *overlay);

/*
 * The files that `file` (absolute) includes, directly or not, itself first: absolute, resolved, each once. `args` are the unit's flags
 * and `directory` is where relative ones are looked up. A file that cannot be read includes nothing.
 */
ul_words ul_include_scan_unit(ul_include_scan *scan, const char *file, const char *directory, const char *const *args,
                              uint32_t arg_count);

#endif
