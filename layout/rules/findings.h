/*
 * What every rule needs to say something: adding a finding under the configured level, the source's own silences,
 * and the fingerprint. Also declares every rule of rules.def. For this room only.
 */
#ifndef UL_RULES_FINDINGS_H
#define UL_RULES_FINDINGS_H

#include "layout/rules/rule.h"

#define UL_RULE(id) extern const ul_rule ul_rule_##id;
#include "layout/rules/rules.def"
#undef UL_RULE

/*
 * Adds `finding`, whose level is what the rule thinks it has earned; rule, fingerprint and the final level are
 * filled in here, line and column too when line is 0 (the field's, or the record's). Nothing is added when the rule
 * is off or the record or field ignores it. A configured level other than the rule's default wins exactly.
 */
void ul_findings_add(const ul_rule_context *context, const ul_rule *rule, ul_finding finding);

/* Whether the rule speaks about annotations, not about a layout. */
bool ul_rule_judges_annotations(const char *rule);

/* FNV-1a, 64 bits, of the four with a NUL between; `file` below `root` (may be NULL). Stable when lines move. */
uint64_t ul_fingerprint_of(const char *rule, const char *root, const char *file, const char *record, const char *field);

/* " With 1e+06 of them alive that is 8.0 MB." where the source says how many there are, else "". In `arena`. */
const char *ul_findings_instances(const ul_record *record, uint64_t saved_bytes, ul_arena *arena);

/*
 * Whether annotations[index] of the entry is the first sight of its comment: one comment stands on every field of its declaration, and
 * on the record of an anonymous member as well as on the member. False too when the record around such a member is not in the report.
 */
bool ul_findings_first_sight(const ul_rule_context *context, uint32_t entry, uint32_t index);

/* What the configuration has for `limit` where this entry is. */
uint64_t ul_findings_limit(const ul_rule_context *context, ul_limit limit);

/* The target that `entry` was laid out for; never NULL while the report has targets. */
const ul_target *ul_findings_target(const ul_rule_context *context, const ul_entry *entry);

/* `file` below the work tree root where it is there, else as it is. Borrowed. */
const char *ul_findings_path(const ul_rule_context *context, const char *file);

/* Whether the record is refused for one of `reasons`, a set of bits 1 << ul_refusal_reason. */
bool ul_findings_refused(const ul_record *record, uint32_t reasons);

/* Reasons after which even the record's size is in doubt. */
enum {
    UL_REASONS_DOUBTFUL = 1u << UL_REFUSE_INVALID_RECORD | 1u << UL_REFUSE_INVALID_TYPE | 1u << UL_REFUSE_ERROR_IN_RECORD |
                          1u << UL_REFUSE_MISSING_INCLUDE | 1u << UL_REFUSE_UNIT_ERRORS,
    UL_REASONS_PACKED = 1u << UL_REFUSE_PACKED | 1u << UL_REFUSE_PRAGMA_PACK | 1u << UL_REFUSE_PACK_STRUCT
};
_Static_assert(UL_REFUSAL_COUNT <= 31, "reasons are bits of a word");

#endif
