/*
 * The rules: from facts and plans to findings. A rule is one file that defines one ul_rule and a line in rules.def.
 * Rules never print and never change what they read.
 */
#ifndef UL_RULES_RULE_H
#define UL_RULES_RULE_H

#include "layout/model/report.h"

/* The numbers that decide when a rule speaks, as the configuration may set them. One line each in limits.def. */
typedef enum ul_limit {
#define UL_LIMIT(id, rule, name, standard, least, most, help) UL_LIMIT_##id,
#include "layout/rules/limits.def"
#undef UL_LIMIT
    UL_LIMIT_COUNT
} ul_limit;

typedef struct ul_limit_info {
    const char *rule, *name; /* "reorder-saves", "min-saved" */
    const char *help;        /* one clause, no full stop */
    uint64_t standard;       /* where nothing is configured */
    uint64_t least, most;    /* what may be configured */
} ul_limit_info;

/* Static storage. */
const ul_limit_info *ul_limit_info_of(ul_limit limit);

/* What the configuration says about the records of one file. */
typedef struct ul_rule_settings {
    const ul_level *levels; /* by rule index: the most that it may say; OFF silences */
    const uint64_t *limits; /* by ul_limit */
    bool requires_reasons;  /* of what silences findings or keeps an order */
} ul_rule_settings;

typedef struct ul_finding_list {
    ul_finding *items;
    uint32_t count, capacity;
} ul_finding_list;

typedef struct ul_findings {
    ul_arena *arena;
    ul_finding_list heard;
    ul_finding_list silenced; /* by the source */
} ul_findings;

typedef struct ul_rule_context {
    const ul_report *report; /* entries, targets, root */
    ul_findings *findings;
    const ul_rule_settings *settings; /* of the entry that is looked at */
    uint32_t allow;
} ul_rule_context;

typedef struct ul_rule {
    ul_rule_info info;
    /* Looks at one entry and adds what it finds. */
    void (*check)(const ul_rule_context *context, uint32_t entry);
    bool judges_alone; /* looks at nothing but the record and its target: when it is silent in one run, it is in all */
    /* The same for a variable, an entry behind the records; NULL for rules that are about records only. */
    void (*check_object)(const ul_rule_context *context, uint32_t entry);
    bool needs_census; /* it looks at report->census, and is silent without one */
    bool needs_uses;   /* the same for report->uses */
} ul_rule;

/* All rules in order; *count is set. Static storage. */
const ul_rule *const *ul_rules_all(uint32_t *count);
/* The rule named `name`, or NULL. */
const ul_rule *ul_rule_find(const char *name);
/* The index of `rule` among all, for levels[]. */
uint32_t ul_rule_index(const ul_rule *rule);

/*
 * Runs every rule over every entry of `report` (entries filled) and sets report->findings and silenced, sorted by file, line, rule,
 * and report->rules, saved_bytes and refused_count. settings[i] is for entries[i]: findings of a rule with a lower default keep the
 * lower level unless the configuration raised it; OFF silences. In-source ignores are applied here.
 */
void ul_rules_run(ul_report *report, const ul_rule_settings *const *settings, uint32_t allow, ul_arena *arena);

/* Levels and limits as the rules have them, in `arena`. */
ul_rule_settings ul_rule_settings_standard(ul_arena *arena);

#endif
