/* line-straddle: a field crosses a cache line, and an order of the same size is known where fewer do. */
#include "layout/engine/layout.h"
#include "layout/rules/findings.h"

#include <string.h>

/* A search by moving one declaration is n squared replays of n fields: beyond this it is not tried. */
enum { SEARCH_FIELDS_MAX = 48 };

/* Refusals that leave both the compiler's layout and the freedom of order intact. */
enum { REASONS_HARMLESS = 1u << UL_REFUSE_TARGETS_DIFFER | 1u << UL_REFUSE_NO_COMMON_ORDER | 1u << UL_REFUSE_LAYOUT_VARIES };

static bool crosses(const ul_field *field, uint32_t line_bytes)
{
    uint64_t line_bits = (uint64_t)line_bytes * 8;
    if (field->parent != UL_NO_PARENT || field->size_bits == 0 || field->size_bits > line_bits || field->flags & UL_FIELD_CHAR_ARRAY ||
        ul_field_is_padding(field))
        return false;
    return field->offset_bits / line_bits != (field->offset_bits + field->size_bits - 1) / line_bits;
}

/* What is nearly a line long crosses one wherever it stands: only the others are worth words. */
static bool straddles(const ul_field *field, uint32_t line_bytes)
{
    return field->size_bits <= (uint64_t)line_bytes * 4 && crosses(field, line_bytes);
}

static uint32_t count_straddles(const ul_record *record, uint32_t line_bytes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        count += straddles(&record->fields[i], line_bytes);
    return count;
}

/* Short fields, then all that a line can hold: sorted by the first, then the second. */
static uint64_t cost_of(const ul_record *record, uint32_t line_bytes)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        count += crosses(&record->fields[i], line_bytes);
    return (uint64_t)count_straddles(record, line_bytes) << 32 | count;
}

/* Whether a declaration may be moved without asking the planner: one plain field that nothing else leans on. */
static bool is_movable(const ul_record *record, uint32_t field, bool is_first)
{
    const uint32_t fixed = UL_FIELD_BIT_FIELD | UL_FIELD_ATTRIBUTED | UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH | UL_FIELD_MACRO_MADE;
    const ul_field *it = &record->fields[field];
    /* Padding is where its author wants it. */
    if (ul_field_is_padding(it))
        return false;
    if (it->flags & fixed || it->group >= record->group_count || record->groups[it->group].field_count != 1)
        return false;
    return !(is_first && it->flags & UL_FIELD_RECORD);
}

/* The direct fields with the one at place `from` taken out and put at place `to`. */
static void move_one(uint32_t *out, const uint32_t *direct, uint32_t count, uint32_t from, uint32_t to)
{
    memcpy(out, direct, count * sizeof *out);
    if (from < to)
        memmove(out + from, direct + from + 1, (to - from) * sizeof *out);
    else
        memmove(out + to + 1, direct + to, (from - to) * sizeof *out);
    out[to] = direct[from];
}

typedef struct found {
    uint32_t field;      /* that moves */
    uint32_t after;      /* direct field before it, UL_NO_PARENT for the start */
    uint64_t cost;
    uint32_t count;      /* straddles then */
    bool is_any;
} found;

/*
 * 1. Take each plain declaration, put it at each place that it reaches without passing one that stays, a wall, or a
 *    group's inside;
 * 2. replay the layout;
 * 3. keep the first order of the same size with the fewest straddles.
 */
static found search(const ul_record *record, const ul_target *target, uint32_t straddle_count, ul_arena *arena)
{
    found best = {.count = straddle_count, .cost = cost_of(record, target->line_bytes)};
    const uint32_t crossing = (uint32_t)best.cost; /* of any length: an order must not pay with a longer one */
    uint32_t direct[SEARCH_FIELDS_MAX], order[SEARCH_FIELDS_MAX], count = 0;
    ul_arena scratch;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent != UL_NO_PARENT)
            continue;
        if (count == SEARCH_FIELDS_MAX)
            return best;
        direct[count++] = i;
    }
    ul_arena_init(&scratch, arena->oom);
    for (uint32_t from = 0; from < count; from++) {
        if (!is_movable(record, direct[from], from == 0))
            continue;
        for (int step = -1; step <= 1; step += 2) {
            for (uint32_t to = from + (uint32_t)step; to < count; to += (uint32_t)step) {
                if (!is_movable(record, direct[to], to == 0) ||
                    record->groups[record->fields[direct[to]].group].segment != record->groups[record->fields[direct[from]].group].segment)
                    break;
                ul_record *moved;
                move_one(order, direct, count, from, to);
                if (ul_layout_replay(&moved, record, target, order, count, NULL, NULL, &scratch) == UL_OK &&
                    moved->size_bytes == record->size_bytes && count_straddles(moved, target->line_bytes) < straddle_count &&
                    (uint32_t)cost_of(moved, target->line_bytes) < crossing && cost_of(moved, target->line_bytes) < best.cost)
                    best = (found){.field = direct[from],
                                   .after = to ? order[to - 1] : UL_NO_PARENT,
                                   .cost = cost_of(moved, target->line_bytes),
                                   .count = count_straddles(moved, target->line_bytes),
                                   .is_any = true};
                ul_arena_clear(&scratch);
            }
        }
    }
    ul_arena_free(&scratch);
    return best;
}

static void report_on(const ul_rule_context *context, uint32_t index, uint32_t before, uint32_t after, const char *fix)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    uint32_t line_bytes = ul_findings_target(context, entry)->line_bytes, field = 0;
    if (before - after < ul_findings_limit(context, UL_LIMIT_STRADDLE_AVOIDED))
        return;
    ul_arena *arena = context->findings->arena;
    while (!straddles(&record->fields[field], line_bytes))
        field++;
    uint64_t first = record->fields[field].offset_bits / 8;
    uint64_t last = (record->fields[field].offset_bits + record->fields[field].size_bits - 1) / 8;
    const char *others = before == 1 ? "" : ul_arena_printf(arena, " and %u more field%s", before - 1, before == 2 ? "" : "s");
    ul_findings_add(context, &ul_rule_line_straddle,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = index,
                        .field = field,
                        .message = ul_arena_printf(arena, "`%s`%s of `%s` cross%s a cache line (bytes %llu to %llu, line of %u); another order of the same size has %s",
                                                   ul_field_label(record, field, arena), others, record->name, before == 1 ? "es" : "",
                                                   (unsigned long long)first, (unsigned long long)last, line_bytes,
                                                   after ? ul_arena_printf(arena, "only %u such", after) : "none such"),
                        .why = "reading it may touch two lines instead of one, when the object starts on a line.",
                        .fix = fix,
                    });
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    const ul_target *target = ul_findings_target(context, entry);
    ul_arena *arena = context->findings->arena;
    if (record->kind != UL_RECORD_STRUCT || record->flags & UL_RECORD_MEMBER || record->size_bytes <= target->line_bytes ||
        ul_findings_refused(record, ~(uint32_t)REASONS_HARMLESS))
        return;
    uint32_t before = count_straddles(record, target->line_bytes);
    if (before == 0)
        return;
    if (entry->plan) {
        uint32_t after = count_straddles(entry->plan->after, target->line_bytes);
        if (after < before && entry->plan->moved_count)
            report_on(context, index, before, after, "the order that reorder-saves gives removes it.");
        return;
    }
    found best = {.count = before};
    if (record->groups)
        best = search(record, target, before, arena);
    if (!best.is_any)
        return;
    const char *label = ul_field_label(record, best.field, arena);
    report_on(context, index, before, best.count,
              best.after == UL_NO_PARENT ? ul_arena_printf(arena, "put `%s` first.", label)
                                         : ul_arena_printf(arena, "put `%s` after `%s`.", label, ul_field_label(record, best.after, arena)));
}

const ul_rule ul_rule_line_straddle = {
    .info =
        {
            .name = "line-straddle",
            .level = UL_LEVEL_NOTE,
            .summary = "a field crosses a cache line though an order exists where it does not",
            .meaning = "In a record larger than a cache line, a field of at most half a line begins on one line and ends on the next, and "
                       "an order of the same fields that is no larger has fewer such fields. Arrays of characters are not "
                       "counted: they are rarely read as one; nor are members named padding, reserved or spare. Lines are counted from the start of the record.",
            .why = "A field that lies on two lines costs two misses instead of one when it is cold, and a locked operation across "
                   "a line is far slower than within one. The maintainers of Linux networking counted lines touched on the fast path "
                   "(tcp_sock: 12 where 8 would do) and regrouped their records for v6.8 by that count. Whether an object starts on "
                   "a line is the allocator's doing: malloc of 64 bytes touches 1.75 lines on average under glibc and 1.0 under "
                   "jemalloc, as measured; types aligned to a line and arrays of whole lines are where this finding is exact.",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before: pair is in bytes 60 to 67 */\n"
                       "struct peer {\n"
                       "    uint32_t seen[15];\n"
                       "    struct { uint32_t a, b; } pair;\n"
                       "    uint32_t last;\n"
                       "};\n"
                       "\n"
                       "/* after: pair is in bytes 64 to 71 */\n"
                       "struct peer {\n"
                       "    uint32_t seen[15];\n"
                       "    uint32_t last;\n"
                       "    struct { uint32_t a, b; } pair;\n"
                       "};\n",
            .silence = "Write `// ullage: ignore[line-straddle] -- reason` on the field or the record. `--line-bytes` sets another line.",
        },
    .check = check,
    .judges_alone = true,
};
