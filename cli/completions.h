/*
 * Completion scripts for bash, zsh and fish, made from the option table. Pure: text comes out.
 */
#ifndef UL_CLI_COMPLETIONS_H
#define UL_CLI_COMPLETIONS_H

#include "cli/option_table.h"
#include "ullage/strbuf.h"

/* Appends the script for `shell`, one of the words of UL_VALUES_SHELLS; nothing for another. Check
 * out->has_failed. */
void ul_completions_write(ul_strbuf *out, const char *shell, ul_arena *arena);

#endif
