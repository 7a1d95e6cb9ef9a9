/*
 * From the flags of a C compiler to those that libclang is given: what names files, links, writes or plugs in is left out, what
 * only gcc knows too, and a flag that changes layouts in a way that is not modelled becomes a refusal. Opens no file.
 */
#ifndef UL_CLI_FLAGS_H
#define UL_CLI_FLAGS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/words.h"
#include "layout/model/diag.h"
#include "layout/model/record.h"

typedef enum ul_language {
    UL_LANGUAGE_C,
    UL_LANGUAGE_CXX,
    UL_LANGUAGE_OTHER /* assembler, Fortran, ... */
} ul_language;

typedef struct ul_flags {
    const char **args; /* for libclang; relative paths stay relative to the unit's directory */
    const ul_refusal *refusals;
    const char **dropped; /* flags that clang does not know, as they were written */
    uint32_t count, refusal_count, dropped_count;
    ul_language language;
} ul_flags;

/*
 * Converts a command line, with or without the compiler (and ccache, distcc and the like) in front. `file` is the main file,
 * NULL when unknown; its ending decides the language where no flag does. With `is_retargeted` what picks a machine (-m..., -target)
 * is left out too: --target replaces it. Flags that lack their argument are dropped with a diagnostic on `file`.
 * Results live in `arena` and borrow the text of `args`.
 */
void ul_flags_convert(ul_flags *out, const char *const *args, uint32_t count, const char *file, bool is_retargeted,
                      ul_diags *diags, ul_arena *arena);

/* Where #include looks, in order, as the flags have it. */
typedef struct ul_include_dirs {
    ul_words quote; /* -iquote: for "..." only */
    ul_words angle; /* -I, then -isystem, then -idirafter */
    ul_words forced;/* -include and -imacros: files read first */
} ul_include_dirs;

/* Collects the include flags of a command line; borrows its text. */
void ul_flags_include_dirs(ul_include_dirs *out, const char *const *args, uint32_t count, ul_arena *arena);

/* The language that the ending of `path` stands for: C for .c, .h and what is not known. */
ul_language ul_language_of(const char *path);

#endif
