/* size-class-waste: a few bytes less and the allocator would hand out a much smaller block. */
#include "layout/rules/findings.h"

enum { GAIN_FACTOR = 3, SHED_PART = 16 };

typedef unsigned long long ull;

static bool has_flexible_array(const ul_record *record)
{
    for (uint32_t i = record->field_count; i-- > 0;) {
        if (record->fields[i].flags & UL_FIELD_FLEXIBLE)
            return true;
    }
    return false;
}

/*
 * 1. The size that counts is the planned one: what reordering brings is said by reorder-saves.
 * 2. A record's size is a multiple of its alignment, so it lands at or below the lower class.
 * 3. It must be cheap (few bytes of many) and pay (several times what is shed).
 */
static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    const ul_target *target = ul_findings_target(context, entry);
    ul_arena *arena = context->findings->arena;
    /* What has no name of its own is part of another object; a union is as large as what it must hold. */
    if (record->flags & (UL_RECORD_MEMBER | UL_RECORD_ANONYMOUS) || record->kind == UL_RECORD_UNION || !target->allocator || target->allocator->range_count == 0 ||
        has_flexible_array(record) || ul_findings_refused(record, UL_REASONS_DOUBTFUL | UL_REASONS_PACKED))
        return;
    uint64_t size = entry->plan ? entry->plan->size_bytes : record->size_bytes;
    uint32_t align = record->align_bytes ? record->align_bytes : 1;
    ul_class_fit fit = ul_class_fit_of(target->allocator, size);
    if (size == 0 || fit.is_large || fit.lower_class_bytes == 0)
        return;
    uint64_t goal = fit.lower_class_bytes / align * align;
    uint64_t lower_footprint = ul_class_fit_of(target->allocator, goal).footprint_bytes;
    if (goal == 0 || goal >= size || lower_footprint >= fit.footprint_bytes)
        return;
    uint64_t shed = size - goal, saved = fit.footprint_bytes - lower_footprint;
    uint64_t shed_max = ul_findings_limit(context, UL_LIMIT_CLASS_SHED);
    if (shed_max < size / SHED_PART)
        shed_max = size / SHED_PART;
    if (saved < ul_findings_limit(context, UL_LIMIT_CLASS_SAVED) || saved < shed * GAIN_FACTOR || shed > shed_max)
        return;
    const char *planned = entry->plan ? " even when reordered" : "";
    ul_findings_add(context, &ul_rule_size_class_waste,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "%llu bytes too many: `%s` takes %llu bytes%s, just over the class of %llu; %llu less would save %llu of heap an object",
                                                   (ull)shed, record->name, (ull)size, planned, (ull)fit.lower_class_bytes, (ull)shed, (ull)saved),
                        .why = ul_arena_printf(arena, "%s hands out %llu bytes for it, and %llu for an object of %llu.%s", target->allocator->name,
                                               (ull)fit.footprint_bytes, (ull)lower_footprint, (ull)goal, ul_findings_instances(record, saved, arena)),
                        .fix = ul_arena_printf(arena, "shed %llu byte%s: a narrower integer, an index for a pointer, flags in one byte, or a rarely used field moved elsewhere.",
                                               (ull)shed, shed == 1 ? "" : "s"),
                        .saved_bytes = saved,
                    });
}

const ul_rule ul_rule_size_class_waste = {
    .info =
        {
            .name = "size-class-waste",
            .level = UL_LEVEL_NOTE,
            .summary = "the object sits just above a boundary of the allocator's size classes",
            .meaning = "One object of the record, in its best order, is a few bytes larger than a size class of the allocator "
                       "(--allocator), so that it takes a block of the next one. It fires when the smaller block saves at least 16 bytes "
                       "and three times what must be shed, and when that is at most 8 bytes or a sixteenth of the object. Large objects, "
                       "unions, members of other records, records with a flexible array and packed records are left alone.",
            .why = "An allocator rounds every request up to a class: glibc gives max(32, n + 8 rounded up to 16) bytes, so 40 bytes "
                   "cost 48 and 41 cost 64; kmalloc has nothing between 64 and 96, and jemalloc and mimalloc only four classes "
                   "for each doubling above 128. The classes of glibc and musl lie out of step with the others: 64 to 56 bytes "
                   "saves 16 an object there and nothing elsewhere. So the finding names its allocator.",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before: 44 bytes, under glibc a block of 64 */\n"
                       "struct job {\n"
                       "    uint32_t deps[8];\n"
                       "    uint32_t state;\n"
                       "    uint32_t priority;\n"
                       "    uint32_t owner;\n"
                       "};\n"
                       "\n"
                       "/* after: 40 bytes, a block of 48 */\n"
                       "struct job {\n"
                       "    uint32_t deps[8];\n"
                       "    uint16_t state;\n"
                       "    uint16_t priority;\n"
                       "    uint32_t owner;\n"
                       "};\n",
            .silence = "Write `// ullage: ignore[size-class-waste] -- reason` on the record, or name the allocator that is really used: "
                       "`--allocator none` for pools and arenas.",
        },
    .check = check,
    .judges_alone = true,
};
