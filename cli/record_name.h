/*
 * --struct: which records a name stands for.
 */
#ifndef UL_CLI_RECORD_NAME_H
#define UL_CLI_RECORD_NAME_H

#include "layout/model/report.h"

/*
 * Whether `given` is the record named `name`: as reports have it ("struct conn"), without its keyword
 * ("conn"), or a typedef's name.
 */
bool ul_record_name_matches(const char *name, const char *given);
/* Keeps the entries that `given` names. UL_ERR_USAGE after a diagnostic when there is none. */
ul_status ul_record_name_select(ul_report *report, const char *given, ul_diags *diags,
                                ul_arena *arena) UL_MUST_USE;

#endif
