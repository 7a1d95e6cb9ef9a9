/* missing-reason: an annotation that silences or forbids, without saying why, where the project asks for reasons. */
#include "layout/rules/findings.h"

#include <string.h>

/* Bare NOLINT is for other tools too, and theirs to judge. */
static bool is_bare_nolint(const ul_annotation *annotation)
{
    return !*annotation->argument && strcmp(annotation->reason, "NOLINT") == 0;
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_record *record = context->report->entries[index].record;
    ul_arena *arena = context->findings->arena;
    for (uint32_t i = 0; context->settings->requires_reasons && i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        bool is_nolint = strncmp(annotation->reason, "NOLINT", 6) == 0;
        bool is_ignore = annotation->kind == UL_ANNOTATION_IGNORE;
        if (!is_ignore && annotation->kind != UL_ANNOTATION_KEEP_ORDER)
            continue;
        if ((*annotation->reason && !is_nolint) || is_bare_nolint(annotation) || annotation->line == 0 ||
            !ul_findings_first_sight(context, index, i))
            continue;
        const char *words = is_ignore && *annotation->argument ? ul_arena_printf(arena, "ignore[%s]", annotation->argument)
                            : is_ignore                        ? "ignore"
                                                               : "keep-order";
        ul_findings_add(context, &ul_rule_missing_reason,
                        (ul_finding){
                            .level = UL_LEVEL_WARNING,
                            .entry = index,
                            .field = annotation->field,
                            .line = annotation->line,
                            .column = 1,
                            .message = ul_arena_printf(arena, "`%s` on `%s` gives no reason", is_nolint ? "NOLINT" : words, record->name),
                            .why = "whoever comes across it cannot tell whether it still holds.",
                            .fix = ul_arena_printf(arena, "write `// ullage: %s -- why`.", words),
                        });
    }
}

const ul_rule ul_rule_missing_reason = {
    .info =
        {
            .name = "missing-reason",
            .level = UL_LEVEL_WARNING,
            .summary = "an annotation gives no reason where the configuration asks for one",
            .meaning = "The configuration says `require-reasons: true`, and an `ignore`, a `NOLINT(ullage-...)` or a `keep-order` stands in the "
                       "source without a reason after `--`. Without that key the rule is silent. NOLINT has no place for a reason: "
                       "`ullage: ignore[...]` has.",
            .why = "An exception outlives the memory of whoever made it. With its reason beside it, it can be taken back when the reason has gone.",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before */\n"
                       "// ullage: keep-order\n"
                       "struct hello {\n"
                       "    uint8_t version;\n"
                       "    uint32_t length;\n"
                       "};\n"
                       "\n"
                       "/* after */\n"
                       "// ullage: keep-order -- wire format\n"
                       "struct hello {\n"
                       "    uint8_t version;\n"
                       "    uint32_t length;\n"
                       "};\n",
            .silence = "Write the reason, or set `require-reasons: false`, or `rules: {missing-reason: off}`, in a .ullage.yml nearer to the file.",
        },
    .check = check,
    .check_object = check,
};
