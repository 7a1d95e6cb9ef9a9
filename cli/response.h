/*
 * Replaces @FILE among the words of a command line by the words in FILE, as gcc does. The only part of reading flags that
 * opens files.
 */
#ifndef UL_CLI_RESPONSE_H
#define UL_CLI_RESPONSE_H

#include "cli/words.h"
#include "layout/model/diag.h"

/*
 * Appends args[0..count-1] to `out`, each @FILE (below `directory`) replaced by its words, nested ones too. A file that cannot be read, or
 * that includes itself, is a warning on `subject` and its word is left out.
 */
void ul_response_expand(ul_words *out, const char *const *args, uint32_t count, const char *directory, const char *subject,
                        ul_diags *diags, ul_arena *arena);

#endif
