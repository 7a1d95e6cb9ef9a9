/* flags-to-bits: several bools or small enums that would fit in the bits of a byte or two. */
#include "layout/engine/layout.h"
#include "layout/rules/findings.h"

enum { VALUE_BITS_MAX = 8, PLACES_MAX = 32, NAMES_MAX = 6 };

typedef unsigned long long ull;

/* A plain bool or small enum of the record itself whose address and width nothing is known to depend on. */
static bool is_flag(const ul_field *field)
{
    const uint32_t other = UL_FIELD_BIT_FIELD | UL_FIELD_ATTRIBUTED | UL_FIELD_ATOMIC | UL_FIELD_VOLATILE | UL_FIELD_ARRAY |
                           UL_FIELD_POINTER | UL_FIELD_RECORD | UL_FIELD_MACRO_MADE | UL_FIELD_ANONYMOUS;
    return field->parent == UL_NO_PARENT && field->flags & (UL_FIELD_BOOL | UL_FIELD_ENUM) && !(field->flags & other) &&
           field->value_bits >= 1 && field->value_bits <= VALUE_BITS_MAX && field->value_bits < field->size_bits;
}

static uint32_t count_flags(const ul_record *record)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        count += is_flag(&record->fields[i]);
    return count;
}

/* The record with its flags as bit-fields of their own types; offsets are not yet those of the compiler. */
static ul_record *with_bits(const ul_record *record, ul_arena *arena)
{
    ul_record *copy = UL_NEW(arena, ul_record);
    *copy = *record;
    copy->fields = UL_NEW_ARRAY(arena, ul_field, record->field_count);
    for (uint32_t i = 0; i < record->field_count; i++) {
        ul_field *field = &copy->fields[i];
        *field = record->fields[i];
        if (!is_flag(&record->fields[i]))
            continue;
        field->flags |= UL_FIELD_BIT_FIELD;
        field->storage_bits = (uint32_t)field->size_bits;
        field->size_bits = field->value_bits;
    }
    return copy;
}

/* The flags side by side, where the `place`-th of them stands. */
static void gather(uint32_t *order, const ul_record *record, uint32_t place)
{
    uint32_t at = 0, nth = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent != UL_NO_PARENT)
            continue;
        if (!is_flag(&record->fields[i])) {
            order[at++] = i;
        } else if (nth++ == place) {
            for (uint32_t k = 0; k < record->field_count; k++) {
                if (is_flag(&record->fields[k]))
                    order[at++] = k;
            }
        }
    }
}

/*
 * Smallest size with the flags gathered at the place of any one of them, all else in its (planned) order. An upper
 * bound: what it promises can be had.
 */
static uint64_t size_with_bits(const ul_record *record, const ul_target *target, uint32_t flag_count, ul_arena *scratch)
{
    uint64_t best = record->size_bytes;
    uint32_t direct_count = 0;
    ul_record *bits = with_bits(record, scratch), *laid_out;
    uint32_t *order = UL_NEW_ARRAY(scratch, uint32_t, record->field_count);
    for (uint32_t i = 0; i < record->field_count; i++)
        direct_count += record->fields[i].parent == UL_NO_PARENT;
    for (uint32_t place = 0; place < flag_count && place < PLACES_MAX; place++) {
        gather(order, record, place);
        if (ul_layout_replay(&laid_out, bits, target, order, direct_count, NULL, NULL, scratch) == UL_OK && laid_out->size_bytes < best)
            best = laid_out->size_bytes;
    }
    return best;
}

static const char *names_of(const ul_record *record, uint32_t flag_count, ul_arena *arena)
{
    const char *words = "";
    uint32_t named = 0;
    for (uint32_t i = 0; i < record->field_count && named < NAMES_MAX; i++) {
        if (!is_flag(&record->fields[i]))
            continue;
        words = ul_arena_printf(arena, "%s%s`%s`", words, named ? ", " : "", record->fields[i].name);
        named++;
    }
    return flag_count > named ? ul_arena_printf(arena, "%s and %u more", words, flag_count - named) : words;
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    const ul_target *target = ul_findings_target(context, entry);
    ul_arena *arena = context->findings->arena, scratch;
    if (record->kind != UL_RECORD_STRUCT || record->refusal_count || target->is_ms_layout)
        return;
    uint32_t flag_count = count_flags(record);
    if (flag_count < ul_findings_limit(context, UL_LIMIT_BITS_FLAGS))
        return;
    const ul_record *base = entry->plan ? entry->plan->after : record;
    ul_arena_init(&scratch, arena->oom);
    uint64_t size = size_with_bits(base, target, flag_count, &scratch);
    ul_arena_free(&scratch);
    if (size >= base->size_bytes)
        return;
    uint64_t bits = 0, bytes = 0, saved = base->size_bytes - size;
    if (saved < ul_findings_limit(context, UL_LIMIT_BITS_SAVED))
        return;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (is_flag(&record->fields[i])) {
            bits += record->fields[i].value_bits;
            bytes += record->fields[i].size_bits / 8;
        }
    }
    ul_findings_add(context, &ul_rule_flags_to_bits,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "%u flags of `%s` take %llu bytes for %llu bits: as bit-fields they would bring it from %llu to %llu bytes%s",
                                                   flag_count, record->name, (ull)bytes, (ull)bits, (ull)base->size_bytes, (ull)size,
                                                   entry->plan ? ", after reordering" : ""),
                        .why = ul_arena_printf(arena, "%llu bytes less in every object.%s Bit-fields side by side are one memory location: writers in different threads need a lock.",
                                               (ull)saved, ul_findings_instances(record, saved, arena)),
                        .fix = ul_arena_printf(arena, "declare %s side by side as bit-fields (`bool name : 1;` and the like), or as bits of one integer, where nothing takes their address.",
                                               names_of(record, flag_count, arena)),
                        .saved_bytes = saved,
                    });
}

const ul_rule ul_rule_flags_to_bits = {
    .info =
        {
            .name = "flags-to-bits",
            .level = UL_LEVEL_NOTE,
            .summary = "several bool or small enum fields could be bit-fields or one narrower type",
            .meaning = "A record has at least three plain bool fields, or enums whose enumerators fit in 8 bits, and declaring them side "
                       "by side as bit-fields makes it smaller than its best order as it is. Atomic and volatile fields, arrays, fields "
                       "with an alignment of their own and fields made by macros are not counted; records that cannot be planned and "
                       "targets with Microsoft's bit-fields are left alone.",
            .why = "A bool takes 8 bits for 1, an enum 32 for a few, in every object. It is a note, never more, because it is a "
                   "trade: adjacent bit-fields are one memory location (C11 3.14), so two threads that write two of them race where "
                   "two bools did not, a write becomes read, mask, write, and the address of a bit-field cannot be taken.",
            .example = "#include <stdbool.h>\n"
                       "#include <stdint.h>\n"
                       "\n"
                       "enum mode { MODE_READ, MODE_WRITE, MODE_BOTH };\n"
                       "\n"
                       "/* before: 12 bytes */\n"
                       "struct view {\n"
                       "    uint32_t id;\n"
                       "    bool open;\n"
                       "    bool dirty;\n"
                       "    bool hidden;\n"
                       "    enum mode mode;\n"
                       "};\n"
                       "\n"
                       "/* after: 8 bytes */\n"
                       "struct view {\n"
                       "    uint32_t id;\n"
                       "    bool open : 1;\n"
                       "    bool dirty : 1;\n"
                       "    bool hidden : 1;\n"
                       "    enum mode mode : 2;\n"
                       "};\n",
            .silence = "Write `// ullage: ignore[flags-to-bits] -- reason` on the record, for one where threads write the flags without a "
                       "lock or their addresses are passed around.",
        },
    .check = check,
    .judges_alone = true,
};
