/* unused-annotation: a comment that silences nothing, or keeps an order that nothing could change. */
#include "layout/engine/objects.h"
#include "layout/rules/sharing.h"

#include <string.h>

/* Everything that the rules would say about the entry if all were on. */
static ul_findings probe(const ul_rule_context *context, uint32_t entry)
{
    ul_findings findings = {.arena = context->findings->arena};
    ul_rule_settings settings = ul_rule_settings_standard(findings.arena);
    ul_rule_context all = *context;
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    settings.limits = context->settings->limits;
    all.findings = &findings;
    all.settings = &settings;
    for (uint32_t i = 0; i < count; i++) {
        void (*check)(const ul_rule_context *, uint32_t) = entry < context->report->entry_count ? rules[i]->check : rules[i]->check_object;
        if (check && !ul_rule_judges_annotations(rules[i]->info.name))
            check(&all, entry);
    }
    return findings;
}

/* Whether the annotation covers what is about `field`: the record, the field or an anonymous member that holds it. */
static bool covers(const ul_record *record, const ul_annotation *annotation, uint32_t field)
{
    while (annotation->field != UL_NO_PARENT && annotation->field != field && field < record->field_count)
        field = record->fields[field].parent;
    return annotation->field == UL_NO_PARENT || annotation->field == field;
}

/*
 * Whether a copy of the annotation silences a finding of `rule` (NULL: of any). One comment is met several times: on each field of a
 * declaration, and on the record of an anonymous member as well as on the member.
 */
static bool silences(const ul_rule_context *context, uint32_t entry, const ul_annotation *comment, const char *rule)
{
    const ul_report *report = context->report;
    const char *file = report->entries[entry].record->file;
    for (uint32_t i = 0; i < ul_report_subjects(report); i++) {
        const ul_record *record = report->entries[i].record;
        ul_findings findings = {0};
        bool is_probed = false;
        if (strcmp(record->file, file) != 0)
            continue;
        for (uint32_t k = 0; k < record->annotation_count; k++) {
            const ul_annotation *copy = &record->annotations[k];
            if (copy->kind != UL_ANNOTATION_IGNORE || copy->line != comment->line || strcmp(copy->argument, comment->argument) != 0)
                continue;
            if (!is_probed)
                findings = probe(context, i);
            is_probed = true;
            for (uint32_t f = 0; f < findings.silenced.count; f++) {
                const ul_finding *finding = &findings.silenced.items[f];
                if (covers(record, copy, finding->field) && (!rule || strcmp(finding->rule->name, rule) == 0))
                    return true;
            }
        }
    }
    return false;
}

/* Takes the next rule off a list; NULL at its end. */
static const char *next_rule(const char **list, ul_arena *arena)
{
    *list += strspn(*list, " \t,");
    size_t length = strcspn(*list, " \t,");
    const char *rule = length ? ul_arena_strndup(arena, *list, length) : NULL;
    *list += length;
    return rule;
}

static void report_on(const ul_rule_context *context, uint32_t entry, const ul_annotation *annotation, const char *message, const char *fix)
{
    ul_arena *arena = context->findings->arena;
    const char *reason = annotation->reason;
    bool has_reason = *reason && strncmp(reason, "NOLINT", 6) != 0;
    ul_findings_add(context, &ul_rule_unused_annotation,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = entry,
                        .field = annotation->field,
                        .line = annotation->line,
                        .column = 1,
                        .message = message,
                        .why = ul_arena_printf(arena, "an annotation without effect hides the next finding that it happens to fit.%s%s%s",
                                               has_reason ? " Its reason was: " : "", has_reason ? reason : "", has_reason ? "." : ""),
                        .fix = fix,
                    });
}

/*
 * Whether this run has seen what decides about the variable: a whole program, or all of the only unit that can touch it, threads
 * included. In a part of a program, silence means nothing.
 */
static bool is_settled(const ul_rule_context *context, uint32_t entry)
{
    const ul_census *census = context->report->census;
    const ul_variable *variable = ul_object_variable(context->report, entry);
    bool has_main = false;
    for (uint32_t i = 0; i < census->function_count && !has_main; i++)
        has_main = strcmp(census->words[census->functions[i].name], "main") == 0;
    return has_main || (variable && variable->flags & UL_VARIABLE_INTERNAL && ul_sharing_has_threads(context));
}

/* Whether the rule's silence about the entry in this run says that there is nothing to find. */
static bool is_judge(const ul_rule_context *context, uint32_t entry, const ul_rule *rule)
{
    if (entry < context->report->entry_count)
        return rule->judges_alone;
    return !rule->check_object || is_settled(context, entry);
}

static void check_ignore(const ul_rule_context *context, uint32_t entry, const ul_annotation *annotation)
{
    ul_arena *arena = context->findings->arena;
    const char *list = annotation->argument, *unused = "", *rule;
    uint32_t named = 0, idle = 0;
    if (!*list) {
        /* NOLINT without a list is for every tool that reads it. */
        bool is_ours = strcmp(annotation->reason, "NOLINT") != 0 && (entry < context->report->entry_count || is_settled(context, entry));
        if (is_ours && !silences(context, entry, annotation, NULL))
            report_on(context, entry, annotation, "this annotation silences nothing: there is no finding here in this run", "take it away.");
        return;
    }
    while ((rule = next_rule(&list, arena)) != NULL) {
        const ul_rule *known = ul_rule_find(rule);
        named++;
        if (known && (ul_rule_judges_annotations(rule) || !is_judge(context, entry, known) || silences(context, entry, annotation, rule)))
            continue;
        unused = ul_arena_printf(arena, "%s%s`%s`%s", unused, idle ? ", " : "", rule, known ? "" : " (no such rule)");
        idle++;
    }
    if (!idle)
        return;
    bool is_all = idle == named;
    report_on(context, entry, annotation,
              ul_arena_printf(arena, "%s silences nothing here: no finding of %s in this run", is_all ? "this annotation" : "a part of this annotation", unused),
              is_all ? "take it away." : ul_arena_printf(arena, "take %s off its list.", unused));
}

/* Whether there could be another order at all, whatever the fields become. */
static const char *nothing_to_keep(const ul_record *record, ul_arena *arena)
{
    if (record->kind == UL_RECORD_UNION)
        return ul_arena_printf(arena, "`%s` is a union: it has no order to keep", record->name);
    if (record->groups && record->group_count == 1)
        return ul_arena_printf(arena, "`%s` has one declaration: there is no other order of it", record->name);
    return NULL;
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_record *record = context->report->entries[index].record;
    if (ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return;
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->line == 0 || !ul_findings_first_sight(context, index, i))
            continue;
        if (annotation->kind == UL_ANNOTATION_IGNORE)
            check_ignore(context, index, annotation);
        const char *idle = annotation->kind == UL_ANNOTATION_KEEP_ORDER ? nothing_to_keep(record, context->findings->arena) : NULL;
        if (idle)
            report_on(context, index, annotation, idle, "take the annotation away.");
    }
}

const ul_rule ul_rule_unused_annotation = {
    .info =
        {
            .name = "unused-annotation",
            .level = UL_LEVEL_NOTE,
            .summary = "an annotation silences no finding, or keeps an order that could not be another",
            .meaning = "`ignore[...]` or `NOLINT(ullage-...)` stands where no finding of the rules that it names is in this run, with every "
                       "rule on, or names a rule that does not exist. `NOLINT` without a list is left alone: other tools read it too. "
                       "So are rules whose findings depend on other units, targets or function bodies, which this run may not have "
                       "read, and records that were not understood. `keep-order` is unused on a union and on a record of one declaration "
                       "only: on any other it holds the order against fields to come, also where today's is the best. "
                       "Of variables it speaks when the run has read the whole program (a main()), or, for static ones, all of their unit and the threads "
                       "that it starts. Annotations of .ullage.yml are not judged.",
            .why = "What once silenced a finding stays when the finding has gone, and silences the next one that nobody has "
                   "looked at. A misspelt rule silences nothing from the start.",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before: the order is the best already, there is nothing to ignore */\n"
                       "// ullage: ignore[reorder-saves] -- mirrored in conn.py\n"
                       "struct job {\n"
                       "    uint64_t id;\n"
                       "    uint32_t state;\n"
                       "};\n"
                       "\n"
                       "/* after */\n"
                       "struct job {\n"
                       "    uint64_t id;\n"
                       "    uint32_t state;\n"
                       "};\n",
            .silence = "Add unused-annotation to its list, `// ullage: ignore[reorder-saves, unused-annotation] -- reason`, where only another "
                       "build needs it.",
        },
    .check = check,
    .check_object = check,
};
