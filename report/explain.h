/*
 * What `ullage explain` prints: the rules in their own words. Called by cli with the rules' infos; this room
 * knows no rule by name.
 */
#ifndef UL_REPORT_EXPLAIN_H
#define UL_REPORT_EXPLAIN_H

#include "report/format.h"

/*
 * Appends the rule `name` in full, or a line for each rule when `name` is NULL. UL_ERR_USAGE, with nothing
 * written, when no rule has that name.
 */
ul_status ul_explain_render(ul_strbuf *out, const ul_rule_info *const *rules, uint32_t count, const char *name,
                            const ul_render_options *options) UL_MUST_USE;
/* The same as {"schema": "ullage.explain/1", "rules": [...]}: all of them, or the one named. */
ul_status ul_explain_render_json(ul_strbuf *out, const ul_rule_info *const *rules, uint32_t count,
                                 const char *name) UL_MUST_USE;

#endif
