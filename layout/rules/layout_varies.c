/* layout-varies: one definition, several layouts, depending on who includes it. */
#include "layout/rules/findings.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

static const char *unit_name(const ul_rule_context *context, const ul_record *record)
{
    const char *root = context->report->root, *unit = record->unit ? record->unit : record->file;
    size_t length = root ? strlen(root) : 0;
    return length && strncmp(unit, root, length) == 0 ? unit + length : unit;
}

/* Two layouts side by side: the first field whose name, place or size is not the same. */
static const char *first_difference(const ul_record *a, const ul_record *b, ul_arena *arena)
{
    for (uint32_t i = 0; i < a->field_count && i < b->field_count; i++) {
        const ul_field *x = &a->fields[i], *y = &b->fields[i];
        const char *label = ul_field_label(a, i, arena);
        if (strcmp(x->name, y->name) != 0)
            return ul_arena_printf(arena, "`%s` in one stands where `%s` does in the other", label, ul_field_label(b, i, arena));
        if (x->offset_bits != y->offset_bits)
            return ul_arena_printf(arena, "`%s` is at byte %llu or %llu", label, (ull)(x->offset_bits / 8), (ull)(y->offset_bits / 8));
        if (x->size_bits != y->size_bits)
            return ul_arena_printf(arena, "`%s` (%s or %s) takes %llu or %llu bits", label, x->type, y->type, (ull)x->size_bits, (ull)y->size_bits);
    }
    if (a->field_count != b->field_count) {
        const ul_record *longer = a->field_count > b->field_count ? a : b;
        uint32_t extra = a->field_count < b->field_count ? a->field_count : b->field_count;
        return ul_arena_printf(arena, "`%s` is in one only", ul_field_label(longer, extra, arena));
    }
    if (a->align_bytes != b->align_bytes)
        return ul_arena_printf(arena, "its alignment is %u or %u", a->align_bytes, b->align_bytes);
    return "their types differ";
}

static int by_name(const void *left, const void *right)
{
    const ul_field *a = *(const ul_field *const *)left, *b = *(const ul_field *const *)right;
    int order = strcmp(a->name, b->name);
    return order ? order : strcmp(a->type, b->type);
}

static const ul_field **sorted_fields(const ul_record *record, ul_arena *arena)
{
    const ul_field **fields = UL_NEW_ARRAY(arena, const ul_field *, record->field_count + 1u);
    for (uint32_t i = 0; i < record->field_count; i++)
        fields[i] = &record->fields[i];
    qsort(fields, record->field_count, sizeof *fields, by_name);
    return fields;
}

/* A field (name, type and what kind of type that is) that only one of the two has, or NULL. */
static const ul_field *odd_field(const ul_record *a, const ul_record *b, ul_arena *arena)
{
    const uint32_t kinds = UL_FIELD_BIT_FIELD | UL_FIELD_RECORD | UL_FIELD_POINTER | UL_FIELD_ARRAY | UL_FIELD_INTEGER;
    const ul_field **x = sorted_fields(a, arena), **y = sorted_fields(b, arena);
    for (uint32_t i = 0; i < a->field_count || i < b->field_count; i++) {
        if (i == a->field_count)
            return y[i];
        if (i == b->field_count)
            return x[i];
        int order = by_name(&x[i], &y[i]);
        if (order || (x[i]->flags ^ y[i]->flags) & kinds)
            return order <= 0 ? x[i] : y[i];
    }
    return NULL;
}

static void report_units(const ul_rule_context *context, uint32_t index, const ul_record *other, uint32_t count)
{
    const ul_record *record = context->report->entries[index].record;
    ul_arena *arena = context->findings->arena;
    ul_findings_add(context, &ul_rule_layout_varies,
                    (ul_finding){
                        .level = UL_LEVEL_WARNING,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "%u layouts of `%s`: %llu bytes in %s, %llu bytes in %s; %s", count + 1, record->name,
                                                   (ull)record->size_bytes, unit_name(context, record), (ull)other->size_bytes,
                                                   unit_name(context, other), first_difference(record, other, arena)),
                        .why = "units that pass such an object to each other read and write the wrong bytes, and no compiler or linker says so.",
                        .fix = "compile the units with the same macros and flags, or keep what depends on them out of shared headers.",
                    });
}

static void report_targets(const ul_rule_context *context, uint32_t index, const ul_record *other, const ul_field *odd)
{
    const ul_report *report = context->report;
    const ul_record *record = report->entries[index].record;
    ul_arena *arena = context->findings->arena;
    const char *triple = other->target < report->target_count ? report->targets[other->target].triple : "another target";
    bool is_unplanned = ul_findings_refused(record, 1u << UL_REFUSE_TARGETS_DIFFER);
    ul_findings_add(context, &ul_rule_layout_varies,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "other fields for %s: `%s` takes %llu bytes there and %llu here; `%s %s` is not the same",
                                                   triple, record->name, (ull)other->size_bytes, (ull)record->size_bytes, odd->type, odd->name),
                        .why = is_unplanned ? "no one order can be planned for all targets, and data shared between them needs a conversion."
                                            : "data shared between them needs a conversion.",
                        .fix = "plan each target by itself, or give the field one type for all.",
                    });
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record, *first = NULL;
    bool is_target_told = false;
    uint32_t unit_count = 0;
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        const ul_record *variant = entry->variants[i];
        if (variant == record)
            continue;
        if (variant->target == record->target) {
            first = first ? first : variant;
            unit_count++;
            continue;
        }
        const ul_field *odd = is_target_told ? NULL : odd_field(record, variant, context->findings->arena);
        if (odd) {
            report_targets(context, index, variant, odd);
            is_target_told = true;
        }
    }
    if (first)
        report_units(context, index, first, unit_count);
}

const ul_rule ul_rule_layout_varies = {
    .info =
        {
            .name = "layout-varies",
            .level = UL_LEVEL_WARNING,
            .summary = "one record has different layouts in different units, configurations or targets",
            .meaning = "The same definition was read in several units and the compiler gave it different sizes, offsets or types, "
                       "because macros or flags differ. Between targets a difference of sizes is expected and not reported; it is a "
                       "note there when the fields themselves differ. Such a record is not planned.",
            .why = "C requires that a type shared by two units has the same members in the same order (C11 6.2.7); if not, one unit "
                   "reads what another wrote at other offsets, and the behaviour is undefined. Nothing in the usual "
                   "toolchain checks it: each unit is right by itself, and the linker sees no types.",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before: next is at byte 16 in units with -DSTATS, at byte 8 in others */\n"
                       "struct node {\n"
                       "    void *key;\n"
                       "#ifdef STATS\n"
                       "    uint64_t hits;\n"
                       "#endif\n"
                       "    struct node *next;\n"
                       "};\n"
                       "\n"
                       "/* after: one layout for all */\n"
                       "struct node {\n"
                       "    void *key;\n"
                       "    uint64_t hits; /* 0 without STATS */\n"
                       "    struct node *next;\n"
                       "};\n",
            .silence = "Write `// ullage: ignore[layout-varies] -- reason` on the record when its units never meet in one program.",
        },
    .check = check,
};
