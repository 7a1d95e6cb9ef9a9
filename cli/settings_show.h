/*
 * `ullage config --show PATH`: every value that holds there, and who said so: the default, a configuration file with its line, the
 * command line, or the target. As text for people and as JSON (schema ullage.config/1).
 */
#ifndef UL_CLI_SETTINGS_SHOW_H
#define UL_CLI_SETTINGS_SHOW_H

#include "cli/config.h"
#include "ullage/strbuf.h"

/* Appends to `out`; check out->has_failed. `config` has its settings open and its shown_path set; `triple` is the compiler's own target, or NULL. */
void ul_settings_show(ul_strbuf *out, const ul_config *config, const char *triple, ul_arena *arena);
void ul_settings_show_json(ul_strbuf *out, const ul_config *config, const char *triple, ul_arena *arena);

#endif
