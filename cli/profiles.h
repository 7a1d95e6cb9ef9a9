/*
 * --profile: the files, read before anything else so that a bad one is told at once, and what became of them once records are known.
 */
#ifndef UL_CLI_PROFILES_H
#define UL_CLI_PROFILES_H

#include "cli/config.h"
#include "layout/model/report.h"

typedef struct ul_profiles {
    const ul_profile **items;
    uint32_t count;
} ul_profiles;

/* Reads config->profile_files, in their order. An error after a diagnostic for each that cannot be read; the others are read. */
ul_status ul_profiles_read(ul_profiles *out, const ul_config *config, const char *cwd, ul_diags *diags, ul_arena *arena) UL_MUST_USE;
/*
 * Places them on the records of `report`, which needs its census for contended lines, and says what could not be placed although the
 * record is there. Nothing without profiles.
 */
void ul_profiles_apply(const ul_profiles *profiles, ul_report *report, ul_diags *diags, ul_arena *arena);

#endif
