/*
 * What the .ullage.yml files say, for the run and for each file: the nearest file upward decides, those further up stand below it, and
 * the command line wins over all. Files are read when something first asks about a directory, each once. Complaints collect
 * here until ul_settings_tell; with one of level error the run is not to go on. Every function takes NULL for settings: then nothing
 * is configured.
 */
#ifndef UL_CLI_SETTINGS_H
#define UL_CLI_SETTINGS_H

#include "cli/config_file.h"
#include "layout/model/unit.h"
#include "layout/rules/rule.h"

typedef struct ul_settings ul_settings;

/*
 * Reads what holds where the run begins (the first path that exists, else the working directory) and sets in `config` what
 * the command line left open: build, targets, allocator, line_bytes, span_bytes, fail_level; adds to config->names; and sets config->settings. In `arena`.
 */
ul_settings *ul_settings_open(ul_config *config, ul_arena *arena);
/* Hands new complaints over to `diags`. UL_ERR_INPUT when there ever was an error. */
ul_status ul_settings_tell(ul_settings *settings, ul_diags *diags) UL_MUST_USE;

/* Levels and limits for the records of `file` (absolute and resolved, as in ul_record). Borrowed. */
const ul_rule_settings *ul_settings_rules(ul_settings *settings, const char *file, ul_arena *arena);
/* The same for each entry of the report, as ul_rules_run takes them. */
const ul_rule_settings *const *ul_settings_rules_all(ul_settings *settings, const ul_report *report, ul_arena *arena);
/* Whether `file` is a public header: evidence UL_EVIDENCE_PUBLIC_HEADER. *where (may be NULL) is then the pattern's "FILE:LINE". */
bool ul_settings_is_public(ul_settings *settings, const char *file, const char **where);
/* Whether `file` is left out by `include` or `exclude`; *where as above. */
bool ul_settings_leaves_out(ul_settings *settings, const char *file, const char **where);
/* The words of a key with form NAMES that hold for `file`, nearest first; patterns in which * stands for anything (ul_glob_matches). */
ul_words ul_settings_names(ul_settings *settings, const char *file, ul_config_key key, ul_arena *arena);
/* The value of align-macro for `file`, or NULL. */
const char *ul_settings_align_macro(ul_settings *settings, const char *file);

/*
 * For results as they come from the workers: drops records of files that are left out, unless `keeps_all`, and adds the annotations of `types`, as comments
 * would. A type that names a field which the record does not have is an error.
 */
void ul_settings_apply(ul_settings *settings, ul_unit_result *results, uint32_t count, bool keeps_all, ul_arena *arena);

/* The nearest configuration file for things in `directory` (absolute, trailing slash), or NULL; go on with ->above. */
const ul_config_file *ul_settings_files(ul_settings *settings, const char *directory);

#endif
