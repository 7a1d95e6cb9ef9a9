/*
 * mixed-access: fields that are only read lie on the line of one that is changed atomically. For each line of a record:
 *  1. hot: fields that run-time code changes by atomic steps or takes as locks;
 *  2. still: fields that it reads and never writes; beside a lock also those that it changes under the lock and reads without;
 *  3. readers: functions that read what is still and neither change nor as often read what is hot, or places that read beside a lock that they
 *     do not hold. Without any, nobody waits for the line in vain. What is only touched under the lock may lie beside it.
 */
#include <math.h>
#include <string.h>

#include "layout/rules/measured.h"
#include "layout/rules/sharing.h"

enum { FIELDS_MAX = 64 };

typedef unsigned long long ull;

/* What a suspicion counts for where the object seldom has two threads at once. */
#define PASSING_PART 0.25

typedef struct line_view {
    const ul_sharing *sharing;
    uint32_t line; /* or span, in a widened view */
    uint32_t hot[FIELDS_MAX], still[FIELDS_MAX]; /* fields */
    bool hot_is_lock[FIELDS_MAX];
    bool reads_of_changed; /* a still field is changed under a lock of the line */
    uint32_t hot_count, still_count, reader_count, lock_count;
    double changes, reads;
    uint64_t hot_bytes;
    const ul_tally *writer, *reader;
} line_view;

/* Large fields touch many lines, and which part of them is used is not known. */
static bool is_on(const ul_sharing *sharing, const ul_shared_field *field, uint32_t line)
{
    const ul_field *it = &sharing->record->fields[field->field];
    return field->first_line <= line && line <= field->last_line && it->size_bits &&
           it->size_bits <= (uint64_t)sharing->unit_bytes * 8 && !(it->flags & UL_FIELD_ANONYMOUS);
}

static void find_hot(line_view *view)
{
    const ul_sharing *sharing = view->sharing;
    for (uint32_t i = 0; i < sharing->count && view->hot_count < FIELDS_MAX; i++) {
        const ul_shared_field *field = &sharing->fields[i];
        if (!is_on(sharing, field, view->line) || field->rmws + field->locks <= 0)
            continue;
        view->hot_is_lock[view->hot_count] = field->rmws <= 0;
        view->hot[view->hot_count++] = field->field;
        view->lock_count += field->rmws <= 0;
        view->changes += field->rmws + field->locks;
        view->hot_bytes += (sharing->record->fields[field->field].size_bits + 7) / 8;
        if (ul_sharing_is_heavier(sharing, field->writer, view->writer))
            view->writer = field->writer;
    }
}

static bool is_guarded(const line_view *view, uint32_t field)
{
    for (uint32_t i = 0; i < view->hot_count; i++) {
        if (ul_sharing_all_under(view->sharing, field, view->hot[i]))
            return true;
    }
    return false;
}

/* Changed under one of the line's locks only: readers without it see both the lock and the change take the line. */
static bool is_changed_under_lock(const line_view *view, const ul_shared_field *field)
{
    for (uint32_t i = 0; i < view->hot_count && field->rmws + field->locks <= 0; i++) {
        if (view->hot_is_lock[i] && ul_sharing_changed_under(view->sharing, field->field, view->hot[i]))
            return true;
    }
    return false;
}

static void find_still(line_view *view)
{
    const ul_sharing *sharing = view->sharing;
    for (uint32_t i = 0; i < sharing->count && view->still_count < FIELDS_MAX; i++) {
        const ul_shared_field *field = &sharing->fields[i];
        bool is_still = field->writes + field->rmws + field->locks <= 0;
        if (!is_on(sharing, field, view->line) || field->reads <= 0 || (!is_still && !is_changed_under_lock(view, field)) ||
            ul_field_is_padding(&sharing->record->fields[field->field]) || is_guarded(view, field->field))
            continue;
        view->reads_of_changed |= !is_still;
        view->still[view->still_count++] = field->field;
        view->reads += field->reads;
    }
}

static bool is_one_of(uint32_t field, const uint32_t *fields, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (fields[i] == field)
            return true;
    }
    return false;
}

/* Whether the function looks at what is hot as often: it waits for that, wherever the others lie (the reader of a seqlock). */
static bool reads_as_often(const ul_sharing *sharing, const ul_tally *tally, uint32_t hot)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *other = &sharing->tallies[i];
        if (sharing->field_of[i] == hot && other->kind == UL_ACCESS_READ && other->function == tally->function && other->loop_depth >= tally->loop_depth)
            return true;
    }
    return false;
}

/* Whether the function has the line anyway. */
static bool touches_hot(const line_view *view, const ul_tally *tally)
{
    for (uint32_t i = 0; i < view->hot_count; i++) {
        bool is_held = view->hot_is_lock[i] && ul_sharing_holds(view->sharing, tally, view->hot[i]);
        if (is_held || (!view->hot_is_lock[i] && ul_sharing_function_touches(view->sharing, view->hot[i], tally->function, UL_CHANGES)))
            return true;
        if (!view->hot_is_lock[i] && reads_as_often(view->sharing, tally, view->hot[i]))
            return true;
    }
    return false;
}

/* Distinct functions that read the still fields and leave the hot ones alone; the heaviest is kept as evidence. */
static void find_readers(line_view *view)
{
    const ul_sharing *sharing = view->sharing;
    bool *seen = UL_NEW_ARRAY(sharing->arena, bool, sharing->census->function_count + 1u);
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        if (sharing->field_of[i] == UL_NO_PARENT || tally->kind != UL_ACCESS_READ ||
            !is_one_of(sharing->field_of[i], view->still, view->still_count) || touches_hot(view, tally))
            continue;
        if (ul_sharing_is_heavier(sharing, tally, view->reader))
            view->reader = tally;
        view->reader_count += !seen[tally->function];
        seen[tally->function] = true;
    }
}

/* Fields that run-time code does not touch: room that costs nothing. */
static const char *cold_text(const ul_sharing *sharing)
{
    uint32_t cold[FIELDS_MAX], count = 0;
    for (uint32_t i = 0; i < sharing->record->field_count && count < FIELDS_MAX; i++) {
        const ul_field *field = &sharing->record->fields[i];
        bool is_touched = false;
        for (uint32_t k = 0; k < sharing->tally_count && !is_touched; k++)
            is_touched = sharing->field_of[k] == i || (sharing->tallies[k].kind == UL_ACCESS_ADDRESS &&
                                                       strcmp(sharing->census->words[sharing->tallies[k].field], field->name) == 0);
        if (!is_touched && field->parent == UL_NO_PARENT && field->size_bits && field->name[0] && !ul_field_is_padding(field))
            cold[count++] = i;
    }
    return count ? ul_arena_printf(sharing->arena, "; what nobody touches at run time can fill its line: %s",
                                   ul_fields_text(sharing->record, cold, count, sharing->arena))
                 : "";
}

static uint64_t round_up(uint64_t bytes, uint64_t to)
{
    return (bytes + to - 1) / to * to;
}

/*
 * Whether objects come and go at run time, from a pool: most such belong to one connection or request, and one thread at a time has
 * them. What is made once with malloc, or is a variable, all threads see.
 */
static bool comes_and_goes(const ul_sharing *sharing)
{
    uint32_t count, heap = 0;
    const ul_instance *instances = ul_census_instances(sharing->census, sharing->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        const ul_instance *it = &instances[i];
        if (it->region == UL_REGION_DATA || it->region == UL_REGION_BSS)
            return false;
        if (it->region != UL_REGION_HEAP)
            continue;
        heap++;
        if (it->flags & UL_INSTANCE_PLAIN_HEAP || it->function == UL_NO_FUNCTION || sharing->census->functions[it->function].role != UL_ROLE_RUNTIME)
            return false;
    }
    return heap > 0;
}

static void report_line(const line_view *view, uint32_t entry)
{
    const ul_sharing *sharing = view->sharing;
    const ul_record *record = sharing->record;
    const ul_rule_context *context = sharing->context;
    ul_arena *arena = sharing->arena;
    uint32_t unit = sharing->unit_bytes, apart = ul_target_apart(sharing->target);
    uint64_t rest = record->size_bytes > view->hot_bytes ? record->size_bytes - view->hot_bytes : 0;
    uint64_t after = round_up(rest, apart) + round_up(view->hot_bytes, apart);
    bool is_wide = ul_sharing_is_wide(sharing);
    bool is_lock = view->lock_count == view->hot_count, is_one = view->hot_count == 1;
    ul_contention *contention = UL_NEW(arena, ul_contention);
    const char *hot = ul_fields_text(record, view->hot, view->hot_count, arena);
    const char *base = record->align_bytes % unit ? ul_arena_printf(arena, ", if an object starts on a %s", is_wide ? "multiple of it" : "line") : "";
    *contention = (ul_contention){.fields = {sharing->field_of[view->writer - sharing->tallies], sharing->field_of[view->reader - sharing->tallies]},
                                  .kinds = {(ul_access_kind)view->writer->kind, UL_ACCESS_READ},
                                  .places = {ul_place_text(context, view->writer, arena), ul_place_text(context, view->reader, arena)},
                                  .with_first = memcpy(UL_NEW_ARRAY(arena, uint32_t, view->hot_count), view->hot, view->hot_count * sizeof *view->hot),
                                  .with_first_count = view->hot_count};
    ul_measured_add(
        context, &ul_rule_mixed_access, (ul_contested){.fields = {view->hot, view->still}, .counts = {view->hot_count, view->still_count}},
        (ul_finding){
            .level = UL_LEVEL_NOTE,
            .entry = entry,
            .field = view->hot[0],
            .is_information = is_wide,
            .message = ul_arena_printf(arena, "%s of `%s` %s beside %s, which %s: bytes %llu to %llu, one %s%s", hot, record->name,
                                       is_lock ? (is_one ? "is taken as a lock" : "are taken as locks")
                                               : (is_one ? "is changed atomically" : "are changed atomically"),
                                       ul_fields_text(record, view->still, view->still_count, arena), is_lock && view->reads_of_changed ? "others read without it" : view->still_count == 1 ? "is only read" : "are only read",
                                       (ull)view->line * unit, (ull)(view->line + 1) * unit < record->size_bytes ? (ull)(view->line + 1) * unit - 1 : (ull)record->size_bytes - 1,
                                       is_wide ? ul_arena_printf(arena, "span of %u", unit) : "cache line", base),
            .why = ul_arena_printf(arena, "%s takes the line from every processor that reads the others, as %s does%s; %s",
                                   ul_place_text(context, view->writer, arena), ul_place_text(context, view->reader, arena),
                                   view->reader_count == 1 ? ""
                                                           : ul_arena_printf(arena, " and %u more function%s", view->reader_count - 1,
                                                                             view->reader_count == 2 ? "" : "s"),
                                   is_wide ? ul_span_text(sharing->target, arena)
                                           : "a write to a contended line costs about 57 ns where it was measured: 6 % more for an operation of 1 us, twice the "
                                             "time for one of 60 ns."),
            .fix = ul_arena_printf(arena, "give %s a line of %s own: _Alignas(%u) on the first, at the end or before what else changes; %s%s.", hot,
                                   is_one ? "its" : "their", apart, ul_cost_text(context, record, after, arena),
                                   cold_text(sharing)),
            .score = log1p(view->changes) * log1p(view->reads) * log1p(view->reader_count) * (comes_and_goes(sharing) ? PASSING_PART : 1) * (is_wide ? UL_SPAN_PART : 1),
            .contention = contention,
        });
}

/* Whether something was said. */
static bool check_line(const ul_sharing *sharing, uint32_t line, uint32_t entry)
{
    line_view view = {.sharing = sharing, .line = line};
    find_hot(&view);
    if (view.hot_count)
        find_still(&view);
    if (view.still_count)
        find_readers(&view);
    if (view.reader_count)
        report_line(&view, entry);
    return view.reader_count > 0;
}

/* Each line that has a field which changes atomically; told[i]: something was said of line i. */
static void check_lines(const ul_sharing *sharing, uint64_t lines, bool *told, uint32_t entry)
{
    uint32_t last = UINT32_MAX;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const ul_shared_field *field = &sharing->fields[i];
        if (field->rmws + field->locks <= 0 || field->first_line >= lines || field->first_line == last)
            continue;
        last = field->first_line;
        told[last] = check_line(sharing, last, entry);
    }
}

/* Spans of several lines: where nothing is wrong with the lines themselves. */
static void check_spans(ul_sharing *sharing, uint64_t lines, const bool *told, uint32_t entry)
{
    if (!ul_sharing_widen(sharing))
        return;
    uint32_t part = sharing->unit_bytes / sharing->target->line_bytes, last = UINT32_MAX;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const ul_shared_field *field = &sharing->fields[i];
        bool is_told = false;
        if (field->rmws + field->locks <= 0 || field->first_line == last)
            continue;
        last = field->first_line;
        for (uint64_t line = (uint64_t)last * part; line < ((uint64_t)last + 1) * part && line < lines; line++)
            is_told |= told[line];
        if (!is_told)
            check_line(sharing, last, entry);
    }
}

/* A flag that is mostly read, and set to the same value again and again without a look. */
static void check_store(const ul_sharing *sharing, const ul_shared_field *field, uint32_t entry)
{
    enum { READERS_MIN = 2 };
    uint32_t readers = ul_sharing_functions(sharing, field->field, UL_READS);
    ul_arena *arena = sharing->arena;
    if (!field->is_atomic || field->rmws + field->locks > 0 || readers < READERS_MIN)
        return;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        if (sharing->field_of[i] != field->field || tally->kind != UL_ACCESS_WRITE || !(tally->flags & UL_ACCESS_CONSTANT) || !tally->loop_depth ||
            tally->flags & UL_ACCESS_WALKS || /* each object once */
            ul_sharing_function_touches(sharing, field->field, tally->function, UL_READS))
            continue;
        ul_measured_add(sharing->context, &ul_rule_mixed_access, (ul_contested){.fields = {&field->field}, .counts = {1}},
                        (ul_finding){
                            .level = UL_LEVEL_NOTE,
                            .entry = entry,
                            .field = field->field,
                            .message = ul_arena_printf(arena, "`%s` of `%s` is set to a constant in a loop without a look at it, and read by %u functions",
                                                       ul_field_label(sharing->record, field->field, arena), sharing->record->name, readers),
                            .why = ul_arena_printf(arena, "a store takes the line from its readers even when it changes nothing: %s, read by %s.",
                                                   ul_place_text(sharing->context, tally, arena), ul_place_text(sharing->context, field->reader, arena)),
                            .fix = "test before you store: `if (x != value) x = value;`.",
                            .score = log1p(field->writes) * log1p(field->reads) * log1p(readers) / 2,
                        });
        return;
    }
}

/* A lock that goes by another name: who fails to take it comes again. */
static bool is_lock_like(const ul_sharing *sharing, const ul_tally *tally, uint32_t field)
{
    return strcasestr(sharing->record->fields[field].name, "lock") != NULL ||
           strcasestr(sharing->census->words[sharing->census->functions[tally->function].name], "lock") != NULL;
}

/* A flag that is swapped for a constant without a look, on a line that others read: each try takes the line, the vain ones too. */
static void check_swap(const ul_sharing *sharing, const ul_shared_field *field, uint32_t entry)
{
    ul_arena *arena = sharing->arena;
    const ul_shared_field *reader = NULL;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const ul_shared_field *other = &sharing->fields[i];
        if (other->field != field->field && other->first_line == field->first_line && other->reads > 0 && (!reader || other->reads > reader->reads))
            reader = other;
    }
    for (uint32_t i = 0; reader && i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        if (sharing->field_of[i] != field->field || tally->kind != UL_ACCESS_RMW || !(tally->flags & UL_ACCESS_CONSTANT) ||
            (!tally->loop_depth && sharing->census->functions[tally->function].flags & UL_FUNCTION_ONCE) || is_lock_like(sharing, tally, field->field) ||
            ul_sharing_function_touches(sharing, field->field, tally->function, UL_READS))
            continue;
        ul_measured_add(sharing->context, &ul_rule_mixed_access, (ul_contested){.fields = {&field->field, &reader->field}, .counts = {1, 1}},
                        (ul_finding){
                            .level = UL_LEVEL_NOTE,
                            .entry = entry,
                            .field = field->field,
                            .message = ul_arena_printf(arena, "`%s` of `%s` is exchanged for a constant without a look at it, on the line of `%s`, which others read",
                                                       ul_field_label(sharing->record, field->field, arena), sharing->record->name,
                                                       ul_field_label(sharing->record, reader->field, arena)),
                            .why = ul_arena_printf(arena, "%s takes the line even when the exchange fails; %s reads the other field.",
                                                   ul_place_text(sharing->context, tally, arena), ul_place_text(sharing->context, reader->reader, arena)),
                            .fix = "look first: `if (load(&x) == old && exchange(&x, old, new))`.",
                            .score = log1p(field->rmws) * log1p(reader->reads) / 2,
                        });
        return;
    }
}

static void check(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    if (!ul_sharing_has_threads(context) || !ul_sharing_of(&sharing, context, entry) || ul_sharing_is_private(&sharing) ||
        ul_sharing_is_handed_over(&sharing))
        return;
    uint64_t lines = (sharing.record->size_bytes + sharing.target->line_bytes - 1) / sharing.target->line_bytes;
    bool *told = UL_NEW_ARRAY(sharing.arena, bool, lines + 1);
    for (uint32_t i = 0; i < sharing.count; i++) {
        check_store(&sharing, &sharing.fields[i], entry);
        check_swap(&sharing, &sharing.fields[i], entry);
    }
    check_lines(&sharing, lines, told, entry);
    check_spans(&sharing, lines, told, entry);
}

const ul_rule ul_rule_mixed_access = {
    .info =
        {
            .name = "mixed-access",
            .level = UL_LEVEL_NOTE,
            .summary = "fields that are only read share a cache line with one that threads change",
            .meaning = "On one cache line of a record lie a field that run-time code changes by atomic operations or takes as a lock, "
                       "and fields that it only reads, or changes under that lock and reads without it, in functions that do not change "
                       "the first. Function bodies of all units that were read tell who does what (show --census); setup, teardown and "
                       "show functions do not count, nor does what lies under the lock itself. Also: an atomic flag that several "
                       "functions read and one sets to a constant in a loop, or exchanges for a constant beside what others read, "
                       "without a look at it first. It says nothing where no thread is ever created and none is named (--thread-entry), "
                       "nor of objects that are thread-local or go from one thread to the next. The ten places with the most evidence "
                       "are shown, --all-evidence shows the others. A warning where a profile bears it out (--profile).",
            .why = "Each change takes the line from all other processors, whose next read of the quiet fields waits for it: 50 to 60 ns on the "
                   "machine where it was measured, whatever the distance between writes. HAProxy gained a factor of 2.3 in its pools by "
                   "moving three counters off the line of the pool's limits. Whether the code is hot the source does not say: measure before and after.",
            .example = "/* before: whoever looks at the limit waits for whoever counts */\n"
                       "struct pool {\n"
                       "    unsigned limit, size;\n"
                       "    _Atomic unsigned used;\n"
                       "};\n"
                       "void put(struct pool *pool) { pool->used--; }\n"
                       "unsigned room(const struct pool *pools, unsigned count)\n"
                       "{\n"
                       "    unsigned sum = 0;\n"
                       "    for (unsigned i = 0; i < count; i++)\n"
                       "        sum += pools[i].limit * pools[i].size;\n"
                       "    return sum;\n"
                       "}\n"
                       "\n"
                       "/* after: the counter has a line of its own */\n"
                       "struct pool {\n"
                       "    unsigned limit, size;\n"
                       "    _Alignas(64) _Atomic unsigned used;\n"
                       "};\n"
                       "void put(struct pool *pool) { pool->used--; }\n"
                       "unsigned room(const struct pool *pools, unsigned count)\n"
                       "{\n"
                       "    unsigned sum = 0;\n"
                       "    for (unsigned i = 0; i < count; i++)\n"
                       "        sum += pools[i].limit * pools[i].size;\n"
                       "    return sum;\n"
                       "}\n",
            .silence = "Write `// ullage: ignore[mixed-access] -- reason` on the field or the record. `--rule mixed-access=off` turns it off; "
                       "`--setup-name` names functions that run before there are threads.",
        },
    .check = check,
    .needs_census = true,
};
