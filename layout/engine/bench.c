#include "layout/engine/bench.h"

#include <string.h>

/* Where each field of `record` is in `after`, whose direct fields stand in `order`. */
static const uint64_t *map_offsets(const ul_record *record, const ul_record *after, const uint32_t *order, uint32_t order_count, ul_arena *arena)
{
    uint64_t *offsets = UL_NEW_ARRAY(arena, uint64_t, record->field_count + 1u);
    uint32_t at = 0;
    for (uint32_t i = 0; i < order_count; i++) {
        uint32_t from = order[i];
        const ul_field *member = &after->fields[at];
        for (uint32_t k = from; k < record->field_count && (k == from || record->fields[k].parent != UL_NO_PARENT); k++) {
            const ul_field *placed = &after->fields[at++];
            /* What lies in an anonymous member that shrank may be elsewhere in it: its beginning stands for it. */
            bool is_inside = placed->offset_bits + record->fields[k].size_bits <= member->offset_bits + member->size_bits;
            offsets[k] = is_inside ? placed->offset_bits : member->offset_bits;
        }
    }
    return offsets;
}

static void add_layout(ul_bench *to, const char *name, const char *text, const ul_record *after, const uint32_t *order, uint32_t count, ul_arena *arena)
{
    to->layouts[to->layout_count++] = (ul_bench_layout){name, text, after, map_offsets(to->record, after, order, count, arena)};
}

static void add_before(ul_bench *to, ul_arena *arena)
{
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, to->record->field_count + 1u), count = 0;
    for (uint32_t i = 0; i < to->record->field_count; i++) {
        if (to->record->fields[i].parent == UL_NO_PARENT)
            order[count++] = i;
    }
    add_layout(to, "before", "as it is", to->record, order, count, arena);
}

static bool has_bytes(const ul_field *field)
{
    return field->size_bits > 0 && !(field->flags & (UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH));
}

/* How the fields of a record are used, as far as the census tells. */
typedef struct usage {
    bool *in_walks, *in_loops, *is_hot, *is_sampled; /* by field */
    uint32_t walk_count, loop_count, hot_count, sampled_count;
} usage;

static void mark(bool *marks, uint32_t *count, const ul_record *record, uint32_t field)
{
    if (field == UL_NO_PARENT || marks[field] || !has_bytes(&record->fields[field]))
        return;
    marks[field] = true;
    ++*count;
}

/* Fields with at least a hundredth of what a profile saw of the record. */
static void mark_sampled(usage *found, const ul_entry *entry)
{
    const ul_record_profile *profile = entry->profile;
    double all = 0;
    for (uint32_t i = 0; profile && i < entry->record->field_count; i++)
        all += profile->fields[i].counts.samples;
    for (uint32_t i = 0; all > 0 && i < entry->record->field_count; i++) {
        if (profile->fields[i].counts.samples * 100 >= all)
            mark(found->is_sampled, &found->sampled_count, entry->record, i);
    }
}

static usage usage_of(const ul_bench_request *request, ul_arena *arena)
{
    const ul_record *record = request->entry->record;
    const ul_census *census = request->report->census;
    usage found = {.in_walks = UL_NEW_ARRAY(arena, bool, record->field_count + 1u),
                   .in_loops = UL_NEW_ARRAY(arena, bool, record->field_count + 1u),
                   .is_hot = UL_NEW_ARRAY(arena, bool, record->field_count + 1u),
                   .is_sampled = UL_NEW_ARRAY(arena, bool, record->field_count + 1u)};
    uint32_t count = 0;
    const ul_tally *tallies = census ? ul_census_tallies(census, record->key, &count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        const ul_tally *tally = &tallies[i];
        if (tally->kind == UL_ACCESS_ADDRESS || !tally->loop_depth || !ul_census_is_runtime(census, tally))
            continue;
        uint32_t field = ul_record_field_named(record, census->words[tally->field]);
        mark(found.in_loops, &found.loop_count, record, field);
        if (tally->flags & UL_ACCESS_WALKS)
            mark(found.in_walks, &found.walk_count, record, field);
    }
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->kind == UL_ANNOTATION_HOT && annotation->field != UL_NO_PARENT)
            mark(found.is_hot, &found.hot_count, record, annotation->field);
    }
    mark_sampled(&found, request->entry);
    return found;
}

/* The first and the last with bytes; of padding where there is nothing else. False when there is none. */
static bool mark_ends(bool *marks, const ul_record *record, bool takes_padding)
{
    uint32_t first = UL_NO_PARENT, last = UL_NO_PARENT;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT || !has_bytes(field) || (!takes_padding && ul_field_is_padding(field)))
            continue;
        first = first == UL_NO_PARENT ? i : first;
        last = i;
    }
    if (first != UL_NO_PARENT)
        marks[first] = marks[last] = true;
    return first != UL_NO_PARENT;
}

/* What the source says is hot, else what a profile saw, else what loops over objects touch, else what loops touch, else the first and the last. */
static void choose_scanned(ul_bench *to, const ul_bench_request *request, ul_arena *arena)
{
    const ul_record *record = to->record;
    usage found = usage_of(request, arena);
    const bool *marks = found.is_hot;
    to->scanned_by = UL_BENCH_BY_COMMENT;
    if (!found.hot_count && found.sampled_count) {
        marks = found.is_sampled;
        to->scanned_by = UL_BENCH_BY_PROFILE;
    } else if (!found.hot_count && found.walk_count) {
        marks = found.in_walks;
        to->scanned_by = UL_BENCH_BY_WALKS;
    } else if (!found.hot_count && found.loop_count) {
        marks = found.in_loops;
        to->scanned_by = UL_BENCH_BY_LOOPS;
    } else if (!found.hot_count) {
        if (!mark_ends(found.is_hot, record, false))
            mark_ends(found.is_hot, record, true);
        to->scanned_by = UL_BENCH_BY_ENDS;
    }
    uint32_t *scanned = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u);
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (marks[i])
            scanned[to->scanned_count++] = i;
    }
    to->scanned = scanned;
}

/* What run-time code does to a field, the heaviest first: an atomic step, a change, a look. */
static void describe_side(ul_bench_side *side, const ul_bench_request *request, ul_arena *arena)
{
    static const uint32_t ranks[UL_ACCESS_KIND_COUNT] = {[UL_ACCESS_READ] = 1, [UL_ACCESS_WRITE] = 2, [UL_ACCESS_UPDATE] = 3, [UL_ACCESS_LOCK] = 4, [UL_ACCESS_RMW] = 5};
    const ul_field *field = &request->entry->record->fields[side->field];
    const ul_report *report = request->report;
    const ul_census *census = report->census;
    uint32_t count = 0, best = 0;
    const ul_tally *tallies = census ? ul_census_tallies(census, request->entry->record->key, &count) : NULL;
    side->kind = field->flags & UL_FIELD_ATOMIC ? UL_ACCESS_RMW : UL_ACCESS_UPDATE;
    side->place = "";
    for (uint32_t i = 0; i < count; i++) {
        const ul_tally *tally = &tallies[i];
        if (ranks[tally->kind] <= best || !ul_census_is_runtime(census, tally) || strcmp(census->words[tally->field], field->name) != 0)
            continue;
        const ul_census_function *function = &census->functions[tally->function];
        const char *file = census->words[function->file];
        const char *base = report->root ? report->root : report->cwd;
        size_t below = strncmp(file, base, strlen(base)) == 0 ? strlen(base) : 0;
        best = ranks[tally->kind];
        side->kind = (ul_access_kind)tally->kind;
        side->place = ul_arena_printf(arena, "%s() %s:%u", census->words[function->name], file + below, tally->line);
    }
}

/* A store by a function that reads the field too takes the line to read it. */
static bool is_read_where_written(const ul_bench_request *request, uint32_t field)
{
    const ul_record *record = request->entry->record;
    const ul_census *census = request->report->census;
    uint32_t count = 0;
    const ul_tally *tallies = census ? ul_census_tallies(census, record->key, &count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].kind != UL_ACCESS_WRITE || strcmp(census->words[tallies[i].field], record->fields[field].name) != 0)
            continue;
        for (uint32_t k = 0; k < count; k++) {
            if (tallies[k].kind == UL_ACCESS_READ && tallies[k].field == tallies[i].field && tallies[k].function == tallies[i].function &&
                ul_census_is_runtime(census, &tallies[k]))
                return true;
        }
    }
    return false;
}

static bool changes(const ul_census *census, const ul_tally *tally)
{
    return tally->kind != UL_ACCESS_READ && tally->kind != UL_ACCESS_ADDRESS && tally->kind != UL_ACCESS_UNLOCK && ul_census_is_runtime(census, tally);
}

/* Whether the function changes an element of the variable by the number of its thread. */
static bool is_by_thread(const ul_census *census, const char *variable, uint32_t function)
{
    uint32_t count;
    const ul_tally *tallies = ul_census_tallies(census, variable, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].function == function && (tallies[i].index == UL_INDEX_THREAD || tallies[i].index == UL_INDEX_ENTRY) && changes(census, &tallies[i]))
            return true;
    }
    return false;
}

/* The field that threads change most where each has its own element of the array `variable`; UL_NO_PARENT when there is none. */
static uint32_t field_by_thread(const ul_bench_request *request, const char *variable)
{
    const ul_record *record = request->entry->record;
    const ul_census *census = request->report->census;
    uint32_t count = 0, best = UL_NO_PARENT;
    double heaviest = 0;
    const ul_tally *tallies = census ? ul_census_tallies(census, record->key, &count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t field = ul_record_field_named(record, census->words[tallies[i].field]);
        double weight = ul_census_weight(&tallies[i]) * tallies[i].count;
        if (!changes(census, &tallies[i]) || field == UL_NO_PARENT || record->fields[field].flags & UL_FIELD_BIT_FIELD || weight <= heaviest ||
            !is_by_thread(census, variable, tallies[i].function))
            continue;
        heaviest = weight;
        best = field;
    }
    return best;
}

/* Of two fields that code was only seen to read the user says that threads write them. */
static void settle_named(ul_bench *to)
{
    if (to->sides[0].kind != UL_ACCESS_READ || to->sides[1].kind != UL_ACCESS_READ)
        return;
    for (uint32_t i = 0; i < UL_BENCH_SIDES; i++) {
        to->sides[i].kind = UL_ACCESS_UPDATE;
        to->sides[i].place = "";
    }
}

static void set_neighbours(ul_bench *to, const ul_bench_request *request, uint32_t field, ul_arena *arena)
{
    for (uint32_t i = 0; i < UL_BENCH_SIDES; i++) {
        to->sides[i] = (ul_bench_side){.field = field, .object = i};
        describe_side(&to->sides[i], request, arena);
    }
    to->has_sides = true;
}

static void choose_named(ul_bench *to, const ul_bench_request *request, ul_arena *arena)
{
    if (request->named_count == 1)
        set_neighbours(to, request, request->named[0], arena);
    for (uint32_t i = 0; i < UL_BENCH_SIDES && request->named_count > 1; i++) {
        to->sides[i] = (ul_bench_side){.field = request->named[i]};
        describe_side(&to->sides[i], request, arena);
    }
    settle_named(to);
    to->has_sides = true;
}

/* What the user named, else what a finding is about. */
static void choose_sides(ul_bench *to, const ul_bench_request *request, ul_arena *arena)
{
    const ul_contention *contention = request->finding ? request->finding->contention : NULL;
    uint32_t own = request->finding && !contention ? field_by_thread(request, request->report->entries[request->finding->entry].record->key) : UL_NO_PARENT;
    to->sides_by = request->named_count ? UL_BENCH_BY_NAME : UL_BENCH_BY_FINDING;
    if (request->named_count)
        choose_named(to, request, arena);
    else if (own != UL_NO_PARENT)
        set_neighbours(to, request, own, arena);
    for (uint32_t i = 0; i < UL_BENCH_SIDES && contention && !request->named_count; i++) {
        to->sides[i] = (ul_bench_side){
            .field = contention->fields[i], .object = contention->are_neighbours ? i : 0, .kind = contention->kinds[i], .place = contention->places[i]};
        to->has_sides = true;
    }
    for (uint32_t i = 0; i < UL_BENCH_SIDES && to->has_sides; i++) {
        if (to->sides[i].kind == UL_ACCESS_WRITE && is_read_where_written(request, to->sides[i].field))
            to->sides[i].kind = UL_ACCESS_UPDATE;
    }
    to->finding = !request->named_count && to->has_sides ? request->finding->rule->name : NULL;
}

static bool is_change(const ul_bench_side *side)
{
    return side->kind != UL_ACCESS_READ;
}

/* Fields that are changed get lines of their own; one that is only read may lie where it does. */
static ul_status add_isolated(ul_bench *to, const ul_bench_request *request, const char **why, ul_arena *arena)
{
    const ul_contention *contention = request->named_count || !request->finding ? NULL : request->finding->contention;
    uint32_t with_count = contention ? contention->with_first_count : 0, count = 0;
    ul_isolated *fields = UL_NEW_ARRAY(arena, ul_isolated, with_count + UL_BENCH_SIDES);
    bool are_neighbours = to->sides[0].object != to->sides[1].object;
    for (uint32_t i = 0; i < UL_BENCH_SIDES && !are_neighbours; i++) {
        if (!is_change(&to->sides[i]))
            continue;
        fields[count++] = (ul_isolated){to->sides[i].field, i};
        for (uint32_t k = 0; k < with_count && i == 0; k++)
            fields[count++] = (ul_isolated){contention->with_first[k], i};
    }
    ul_record *after;
    const uint32_t *order;
    if (ul_isolate(&after, &order, to->record, to->target, fields, count, arena) != UL_OK) {
        *why = "a bit-field, or an array at the end, has no cache line of its own";
        return UL_ERR_INPUT;
    }
    uint32_t direct = 0;
    for (uint32_t i = 0; i < to->record->field_count; i++)
        direct += to->record->fields[i].parent == UL_NO_PARENT;
    const char *text = are_neighbours                               ? "objects on lines of their own"
                       : is_change(&to->sides[0]) && is_change(&to->sides[1]) ? "each contended field on a line of its own"
                                                                              : "what is changed on a line of its own";
    add_layout(to, "isolated", text, after, order, direct, arena);
    return UL_OK;
}

/* Whether what the two sides touch never meets on one line of a layout: nothing else is to be compared with. */
static bool are_apart(const ul_bench *of, const ul_bench_layout *layout)
{
    uint64_t begin[UL_BENCH_SIDES], end[UL_BENCH_SIDES], apart = ul_target_apart(of->target);
    for (uint32_t i = 0; i < UL_BENCH_SIDES; i++) {
        const ul_bench_side *side = &of->sides[i];
        begin[i] = side->object * layout->record->size_bytes + layout->offset_bits[side->field] / 8;
        end[i] = begin[i] + (of->record->fields[side->field].size_bits + 7) / 8 - 1;
    }
    return layout->record->align_bytes % apart == 0 && layout != of->layouts && (end[0] / apart < begin[1] / apart || end[1] / apart < begin[0] / apart);
}

ul_status ul_bench_make(ul_bench *out, const ul_bench_request *request, const char **why, ul_arena *arena)
{
    const ul_record *record = request->entry->record;
    const ul_plan *plan = request->plan;
    *out = (ul_bench){.record = record, .target = &request->report->targets[record->target]};
    *why = "";
    add_before(out, arena);
    if (plan)
        add_layout(out, "after", plan->use ? "as ullage lays it out for its use" : "the order that ullage plans", plan->after, plan->order, plan->order_count, arena);
    choose_sides(out, request, arena);
    if (out->has_sides && !are_apart(out, &out->layouts[out->layout_count - 1])) {
        ul_status status = add_isolated(out, request, why, arena);
        if (status != UL_OK)
            return status;
    }
    choose_scanned(out, request, arena);
    if (out->layout_count > 1)
        return UL_OK;
    *why = "no order of its fields is better, and no finding says that threads contend for any";
    return UL_ERR_INPUT;
}
