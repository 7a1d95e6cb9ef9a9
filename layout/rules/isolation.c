/*
 * What was meant to have a line of its own, and has not:
 *  1. an alignment macro that is not defined and declares a variable instead;
 *  2. padding for a line that no longer ends where a line does;
 *  3. padding that would do if objects started on a line, which nothing makes them do;
 *  4. malloc for a record with more alignment than malloc gives;
 *  5. a lock or counter aligned to a line that others' fields follow on the same line;
 *  6. a few bytes behind aligned fields that cost a whole line, or spare room that spills into one.
 */
#include "layout/rules/isolation.h"

#include "layout/engine/inlets.h"

#include <string.h>

typedef unsigned long long ull;

static void add(const ul_rule_context *context, uint32_t entry, uint32_t field, ul_level level, const char *message, const char *why, const char *fix)
{
    ul_findings_add(context, &ul_rule_false_sharing,
                    (ul_finding){.level = level, .entry = entry, .field = field, .message = message, .why = why, .fix = fix});
}

/* Whether attributes are called so: __cache_aligned, CACHE_ALIGNED, ____cacheline_aligned_in_smp. What ends in a noun is a variable: cache_aligned_stats. */
static bool is_alignment_name(const char *name)
{
    static const char *const last[] = {"align", "aligned", "alignment", "smp", "mark", "line", "cacheline", "packed", NULL};
    size_t end = strlen(name);
    bool is_upper = true;
    while (end && (name[end - 1] == '_' || (name[end - 1] >= '0' && name[end - 1] <= '9')))
        end--; /* ALIGNED_64 */
    size_t begin = end;
    while (begin && name[begin - 1] != '_' && !(name[begin - 1] >= '0' && name[begin - 1] <= '9'))
        begin--;
    for (const char *c = name; *c; c++)
        is_upper &= !(*c >= 'a' && *c <= 'z');
    for (const char *const *at = last; *at; at++) {
        if (strlen(*at) == end - begin && strncasecmp(name + begin, *at, end - begin) == 0)
            return is_upper || name[0] == '_' || strcasestr(name, "cache") || strcasestr(name, "line");
    }
    return false;
}

/* Whether some function touches a variable of the name: then one was meant. */
static bool is_touched(const ul_rule_context *context, const char *name)
{
    uint32_t count = 0;
    if (context->report->census)
        ul_census_tallies(context->report->census, name, &count);
    return count > 0;
}

static void check_macro(const ul_rule_context *context, uint32_t entry)
{
    const ul_record *record = context->report->entries[entry].record;
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        const char *detail = record->refusals[i].detail;
        if (record->refusals[i].reason != UL_REFUSE_LAYOUT_ATTRIBUTE || !strstr(detail, "is no macro here") || !strcasestr(detail, "align"))
            continue;
        size_t length = strcspn(detail + 1, "`");
        ul_arena *arena = context->findings->arena;
        const char *name = ul_arena_strndup(arena, detail + 1, length);
        if (!is_alignment_name(name) || is_touched(context, name))
            return;
        add(context, entry, UL_NO_PARENT, UL_LEVEL_WARNING,
            ul_arena_printf(arena, "`%s` behind `%s` is not defined here: it declares a variable of that name and aligns nothing", name, record->name),
            "it compiles in silence; objects start anywhere, and neighbours share their lines.",
            ul_arena_printf(arena, "include the header that defines `%s`, and assert the alignment: _Static_assert(_Alignof(...) == 64, \"\").", name));
        return;
    }
}

/* Neighbours among the direct fields of [from, count) that hold data. */
static uint32_t data_field(const ul_record *record, uint32_t from, int step)
{
    for (uint32_t i = from + (uint32_t)step; i < record->field_count; i += (uint32_t)step) {
        const ul_field *field = &record->fields[i];
        if (field->parent == UL_NO_PARENT && field->size_bits && !ul_field_is_padding(field))
            return i;
    }
    return UL_NO_PARENT;
}

static uint64_t end_byte(const ul_field *field)
{
    return (field->offset_bits + field->size_bits + 7) / 8;
}

/* An object that is known to start anywhere; NULL when all that are known are aligned by those who make them. */
static const ul_instance *unaligned_instance(const ul_rule_context *context, const ul_record *record, bool *is_known)
{
    uint32_t count;
    const ul_census *census = context->report->census;
    const ul_instance *instances = census ? ul_census_instances(census, record->key, &count) : NULL;
    *is_known = false;
    for (uint32_t i = 0; instances && i < count; i++) {
        const ul_instance *it = &instances[i];
        if (it->region == UL_REGION_HANDED)
            continue;
        *is_known = true;
        if (it->flags & UL_INSTANCE_ON_LINE)
            continue;
        if (it->region != UL_REGION_HEAP)
            return it; /* a variable: aligned as its type is */
        if (!strcasestr(census->words[it->callee], "align") && !strcasestr(census->words[it->size], "align"))
            return it;
    }
    return NULL;
}

/* Whether the record is a part of others, and each of them begins it on a line. */
static bool is_part_on_line(const ul_rule_context *context, const ul_record *record, uint32_t line)
{
    const ul_report *report = context->report;
    bool is_part = false;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_record *owner = report->entries[i].record;
        for (uint32_t k = 0; k < owner->field_count; k++) {
            const ul_field *field = &owner->fields[k];
            if (!field->embedded || strcmp(field->embedded, record->key) != 0)
                continue;
            is_part = true;
            if (owner->align_bytes % line || field->offset_bits / 8 % line || (field->embedded_count > 1 && record->size_bytes % line))
                return false;
        }
    }
    return is_part;
}

static void check_pad(const ul_rule_context *context, uint32_t entry, uint32_t pad)
{
    const ul_record *record = context->report->entries[entry].record;
    const ul_field *field = &record->fields[pad];
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes;
    ul_arena *arena = context->findings->arena;
    uint32_t before = data_field(record, pad, -1), after = data_field(record, pad, 1);
    if (before == UL_NO_PARENT || end_byte(field) - field->offset_bits / 8 >= line)
        return; /* as long as a line it keeps its neighbours apart wherever they start */
    uint64_t last = end_byte(&record->fields[before]) - 1;
    uint64_t next = after == UL_NO_PARENT ? record->size_bytes : record->fields[after].offset_bits / 8;
    const char *name = ul_field_label(record, pad, arena);
    bool is_drifted = after == UL_NO_PARENT ? record->size_bytes % line && ul_lines_may_meet(last, next, record->align_bytes, line)
                                            : last / line == next / line;
    if (is_drifted) {
        add(context, entry, pad, UL_LEVEL_WARNING,
            ul_arena_printf(arena, "`%s` of `%s` is to fill a cache line and ends at byte %llu, which is no multiple of %u", name, record->name, (ull)next, line),
            after == UL_NO_PARENT ? "in an array the end of one object and the beginning of the next share a line."
                                  : ul_arena_printf(arena, "`%s` and `%s` share a line all the same.", ul_field_label(record, before, arena), ul_field_label(record, after, arena)),
            ul_arena_printf(arena, "let the compiler count: _Alignas(%u) on what comes next, or on the record's first field, instead of an array of bytes; "
                                   "%llu bytes are missing here.", line, (ull)((line - next % line) % line)));
        return;
    }
    bool is_known;
    const ul_instance *instance = unaligned_instance(context, record, &is_known);
    if (after == UL_NO_PARENT || record->align_bytes >= line || (is_known && !instance) ||
        !ul_lines_may_meet(last, next, record->align_bytes, line) || (!instance && is_part_on_line(context, record, line)))
        return;
    add(context, entry, pad, UL_LEVEL_WARNING,
        ul_arena_printf(arena, "`%s` of `%s` keeps `%s` and `%s` on lines of their own only if objects start on a line, and they are aligned to %u bytes",
                        name, record->name, ul_field_label(record, before, arena), ul_field_label(record, after, arena), record->align_bytes),
        instance ? ul_arena_printf(arena, "the one at %s starts at any multiple of %u: both can fall on one line.", ul_instance_text(context, instance, arena), record->align_bytes)
                 : ul_arena_printf(arena, "a start at any multiple of %u is allowed: both can fall on one line.", record->align_bytes),
        ul_arena_printf(arena, "_Alignas(%u) on the first field of each group, and aligned_alloc() for those on the heap; or make the padding a whole line long.", line));
}

/* Room for aligning by hand, or a result that is not used as it is. */
static bool may_be_aligned(const ul_census *census, const ul_instance *it)
{
    const char *size = census->words[it->size];
    return !(it->flags & UL_INSTANCE_TYPED) || strcasestr(size, "align") || strchr(size, '+') || strchr(size, '&');
}

static const char *place_text(const ul_rule_context *context, const ul_inlet *at)
{
    return ul_arena_printf(context->findings->arena, "%s:%u", ul_findings_path(context, context->report->census->words[at->file]), at->line);
}

/* malloc()'s memory that reaches the record through a void pointer: `void *v = malloc(n); p = v;`, or a function that returns it. */
static void check_flow(const ul_rule_context *context, uint32_t entry, uint32_t guaranteed)
{
    const ul_record *record = context->report->entries[entry].record;
    const ul_census *census = context->report->census;
    ul_arena *arena = context->findings->arena;
    ul_inlet_heap heap;
    if (!ul_inlets_heap(&heap, census, record->key))
        return;
    const char *callee = census->words[heap.made->text];
    const char *way = heap.made == heap.taken ? "" : ul_arena_printf(arena, "`%s` becomes one at %s, as it is; ", census->words[heap.taken->text], place_text(context, heap.taken));
    add(context, entry, UL_NO_PARENT, UL_LEVEL_ERROR,
        ul_arena_printf(arena, "%s() at %s makes a `%s`%s, which is aligned to %u bytes: %s() promises %u", callee,
                        place_text(context, heap.made), record->name,
                        heap.count > 1 ? ul_arena_printf(arena, " (and so in %u more place%s)", heap.count - 1, heap.count == 2 ? "" : "s") : "", record->align_bytes, callee,
                        guaranteed),
        ul_arena_printf(arena, "%sthe compiler may use instructions that fault on such an address (C11 6.3.2.3p7), and the isolation that the alignment is for is lost.", way),
        ul_arena_printf(arena, "aligned_alloc(_Alignof(%s), n) with n rounded up to a multiple of it; memset for what calloc cleared; free() stays.", record->name));
}

static void check_malloc(const ul_rule_context *context, uint32_t entry)
{
    const ul_entry *at = &context->report->entries[entry];
    const ul_record *record = at->record;
    const ul_target *target = ul_findings_target(context, at);
    const ul_census *census = context->report->census;
    ul_arena *arena = context->findings->arena;
    uint32_t count, guaranteed = 2 * target->pointer_bytes, found = 0;
    if (guaranteed < 16 && target->pointer_bytes >= 4)
        guaranteed = 16; /* i386's max_align_t since gcc 7 */
    const ul_instance *instances = census ? ul_census_instances(census, record->key, &count) : NULL, *first = NULL;
    if (!census || record->align_bytes <= guaranteed || ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].region != UL_REGION_HEAP || !(instances[i].flags & (UL_INSTANCE_PLAIN_HEAP | UL_INSTANCE_WRAPPED)) || may_be_aligned(census, &instances[i]))
            continue;
        bool is_nearer = first && first->flags & UL_INSTANCE_WRAPPED && !(instances[i].flags & UL_INSTANCE_WRAPPED); /* where malloc() itself is called */
        first = first && !is_nearer ? first : &instances[i];
        found++;
    }
    if (!first) {
        check_flow(context, entry, guaranteed);
        return;
    }
    bool is_wrapped = first->flags & UL_INSTANCE_WRAPPED;
    add(context, entry, UL_NO_PARENT, UL_LEVEL_ERROR,
        ul_arena_printf(arena, "%s() at %s%s makes a `%s`, which is aligned to %u bytes: %s%s promises %u", census->words[first->callee],
                        ul_instance_text(context, first, arena), found > 1 ? ul_arena_printf(arena, " and %u more place%s", found - 1, found == 2 ? "" : "s") : "",
                        record->name, record->align_bytes, is_wrapped ? "it returns what malloc() gives, which" : census->words[first->callee], is_wrapped ? "" : "()",
                        guaranteed),
        "the compiler may use instructions that fault on such an address (C11 6.3.2.3p7), and the isolation that the alignment is for is lost.",
        ul_arena_printf(arena, "aligned_alloc(_Alignof(%s), n) with n rounded up to a multiple of %u; memset for what calloc cleared; free() stays.",
                        record->name, record->align_bytes));
}

/* Whether a field behind it is aligned to a line too: what stands between them is a group that was given an end. */
static bool is_closed(const ul_record *record, uint32_t from, uint32_t line)
{
    for (uint32_t i = from + 1; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && record->fields[i].flags & UL_FIELD_ATTRIBUTED && record->fields[i].align_bytes >= line)
            return true;
    }
    return false;
}

/*
 * The heaviest change of a field that an object in use sees: a step from its last value, an atomic store, a lock. A plain store may be
 * how an object is filled in that an allocator of the project's own has just made. NULL when there is none.
 */
static const ul_tally *live_change(const ul_sharing *sharing, uint32_t field)
{
    const ul_tally *found = NULL;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        bool is_live = tally->kind != UL_ACCESS_WRITE || tally->flags & UL_ACCESS_ATOMIC;
        if (sharing->field_of[i] == field && ul_tally_changes(tally) && is_live && ul_sharing_is_heavier(sharing, tally, found))
            found = tally;
    }
    return found;
}

/* A lock or counter that was given a line, and what other functions change behind it on that line. */
static void check_half(const ul_sharing *sharing, const ul_shared_field *owner, uint32_t entry)
{
    const ul_record *record = sharing->record;
    const ul_field *field = &record->fields[owner->field];
    uint32_t line = sharing->target->line_bytes;
    ul_arena *arena = sharing->arena;
    if (!(field->flags & UL_FIELD_ATTRIBUTED) || field->align_bytes < line || owner->rmws + owner->locks <= 0 || owner->first_line != owner->last_line ||
        !field->size_bits || is_closed(record, owner->field, line)) /* a marker is no counter */
        return;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const ul_shared_field *other = &sharing->fields[i];
        if (other->field <= owner->field || other->first_line != owner->first_line || other->writes + other->rmws <= 0)
            continue;
        const ul_tally *change = live_change(sharing, other->field);
        if (!change ||
            ul_sharing_all_under(sharing, other->field, owner->field) || !ul_sharing_writers_apart(sharing, owner->field, other->field))
            continue;
        add(sharing->context, entry, owner->field, UL_LEVEL_WARNING,
            ul_arena_printf(arena, "`%s` of `%s` is aligned to a line, but `%s` follows on the same line and others write it",
                            ul_field_label(record, owner->field, arena), record->name, ul_field_label(record, other->field, arena)),
            ul_arena_printf(arena, "%s changes the one, %s the other.", ul_place_text(sharing->context, owner->writer, arena),
                            ul_place_text(sharing->context, change, arena)),
            ul_arena_printf(arena, "_Alignas(%u) on `%s` too, or move it in front of `%s`.", line, ul_field_label(record, other->field, arena),
                            ul_field_label(record, owner->field, arena)));
        return;
    }
}

/* Whether one hole takes `bytes` that are aligned to `align`. */
static bool has_room(const ul_entry *entry, uint64_t bytes, uint32_t align)
{
    for (uint32_t i = 0; i < entry->facts.hole_count; i++) {
        const ul_hole *hole = &entry->facts.holes[i];
        uint64_t begin = (hole->offset_bits / 8 + align - 1) / (align ? align : 1) * (align ? align : 1);
        if (begin + bytes <= (hole->offset_bits + hole->size_bits) / 8)
            return true;
    }
    return false;
}

/* A few last bytes behind whole lines: the alignment makes them cost a line. */
static void check_tail(const ul_rule_context *context, uint32_t entry)
{
    enum { LINES_MAX = 100 }; /* of a larger record it is less than one in a hundred */
    const ul_entry *at = &context->report->entries[entry];
    const ul_record *record = at->record;
    uint32_t line = ul_findings_target(context, at)->line_bytes;
    uint32_t tail = data_field(record, record->field_count, -1);
    ul_arena *arena = context->findings->arena;
    if (record->align_bytes < line || tail == UL_NO_PARENT || record->size_bytes < 2 * (uint64_t)line ||
        record->size_bytes > (uint64_t)LINES_MAX * line || record->flags & (UL_RECORD_MEMBER | UL_RECORD_ANONYMOUS))
        return;
    uint64_t start = record->size_bytes - line, end = end_byte(&record->fields[tail]), first = end;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        if (field->offset_bits / 8 >= start && (!field->size_bits || field->align_bytes >= line))
            return; /* the line was asked for: a marker begins it */
        if (end_byte(field) <= start)
            continue;
        if (field->flags & (UL_FIELD_ATTRIBUTED | UL_FIELD_FLEXIBLE | UL_FIELD_RECORD) || field->offset_bits / 8 < start)
            return; /* likewise, or the tail is the end of something larger */
        first = field->offset_bits / 8 < first ? field->offset_bits / 8 : first;
    }
    uint64_t used = end - start;
    if (used > line / 8 || !has_room(at, used, record->fields[tail].align_bytes))
        return;
    add(context, entry, tail, UL_LEVEL_WARNING,
        ul_arena_printf(arena, "the last %llu byte%s of `%s` take%s a whole line: it is aligned to %u, and would be %llu bytes without them", (ull)used,
                        used == 1 ? "" : "s", record->name, used == 1 ? "s" : "", record->align_bytes, (ull)start),
        ul_arena_printf(arena, "%llu bytes in every object, while %llu lie empty in holes before.", (ull)line, (ull)at->facts.hole_bytes),
        ul_arena_printf(arena, "move `%s` into a hole: after padding, before an aligned field.", ul_field_label(record, tail, arena)));
}

/* Spare fields at the end of an aligned record that reach a little into a line of their own: they were to fill up the last one. */
static void check_spare(const ul_rule_context *context, uint32_t entry)
{
    const ul_entry *at = &context->report->entries[entry];
    const ul_record *record = at->record;
    uint32_t line = ul_findings_target(context, at)->line_bytes, last = UL_NO_PARENT;
    ul_arena *arena = context->findings->arena;
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && record->fields[i].size_bits)
            last = i;
    }
    if (last == UL_NO_PARENT || record->align_bytes < line || record->flags & (UL_RECORD_MEMBER | UL_RECORD_ANONYMOUS) || record->size_bytes < 2 * (uint64_t)line)
        return;
    const ul_field *spare = &record->fields[last];
    uint64_t end = end_byte(spare), over = end % line, bytes = end - spare->offset_bits / 8;
    if (!ul_field_is_padding(spare) || spare->align_bytes >= line || !over || over > line / 4 || over >= bytes)
        return;
    add(context, entry, last, UL_LEVEL_WARNING,
        ul_arena_printf(arena, "`%s` of `%s` ends %llu byte%s after a cache line: the record, aligned to %u, takes %llu bytes where %llu would do",
                        ul_field_label(record, last, arena), record->name, (ull)over, over == 1 ? "" : "s", record->align_bytes, (ull)record->size_bytes,
                        (ull)(record->size_bytes - line)),
        "spare room costs nothing up to the end of a line, and a whole line beyond it.",
        ul_arena_printf(arena, "make it %llu bytes shorter.", (ull)over));
}

void ul_isolation_check(const ul_rule_context *context, uint32_t entry)
{
    const ul_record *record = context->report->entries[entry].record;
    ul_sharing sharing;
    if (record->kind != UL_RECORD_STRUCT || record->flags & UL_RECORD_SYSTEM)
        return;
    check_macro(context, entry);
    if (ul_findings_refused(record, UL_REASONS_DOUBTFUL | UL_REASONS_PACKED))
        return;
    check_malloc(context, entry);
    check_tail(context, entry);
    check_spare(context, entry);
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].flags & UL_FIELD_LINE_PAD)
            check_pad(context, entry, i);
    }
    if (!ul_sharing_of(&sharing, context, entry))
        return;
    for (uint32_t i = 0; i < sharing.count; i++)
        check_half(&sharing, &sharing.fields[i], entry);
}
