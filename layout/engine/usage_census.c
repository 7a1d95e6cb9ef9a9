/*
 * Use as the census tells it. A context is a function at one loop depth, with n_c of 10 for each loop; functions that run before there
 * are threads, at the end or for a look do not count, nor does what makes the object: nobody else sees it then.
 * Who runs it: some of many, for atomic changes and locks taken, which are made for company (they disturb all others; one another only where different
 * start routines alone lead to them: else counters side by side are a choice that only a measurement can judge); the one start routine that it is reached from, where
 * objects are known to be shared; else whoever calls, who may be any of these. In a correct program no two threads at once make plain
 * accesses to one field that one of them changes (C11 5.1.2.4p25): that many threads reach a function with such accesses tells of objects that each has
 * for itself. Without threads, and where objects are handed from one to the next, nobody disturbs anybody.
 */
#include <string.h>

#include "layout/engine/inlets.h"
#include "layout/engine/shared_objects.h"
#include "layout/engine/usage_state.h"

enum { CONTEXTS_MAX = 96 }; /* the heaviest: what runs seldom decides nothing and costs time */

typedef struct census_view { // ullage: ignore[reorder-saves] -- one at a time
    ul_usage_making *m;
    const ul_census *census;
    const ul_tally *tallies;
    ul_usage_locks *locks;
    uint64_t own_starts; /* bit by bit: what the thread has nobody else has */
    uint32_t count;
    uint32_t *field_of; /* by tally: in the record, or UL_NO_PARENT when it does not count */
    bool has_threads;
    bool is_shared; /* an object is known that several threads can see */
} census_view;

static bool makes_object(const census_view *v, uint32_t function)
{
    uint32_t count;
    const ul_instance *instances = ul_census_instances(v->census, v->m->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].function == function && (instances[i].region == UL_REGION_HEAP || instances[i].region == UL_REGION_STACK))
            return true;
    }
    return false;
}

static bool is_atomic_change(const ul_tally *tally)
{
    return tally->kind == UL_ACCESS_RMW || tally->kind == UL_ACCESS_LOCK;
}

static bool is_made_for_company(const ul_tally *tally)
{
    return is_atomic_change(tally) || (tally->kind == UL_ACCESS_WRITE && tally->flags & UL_ACCESS_ATOMIC);
}

/* Whether objects go from thread to thread, one at a time, or each thread has its own: in storage of its own or picked by its number. */
static bool are_apart(const census_view *v)
{
    const char *key = v->m->record->key;
    uint32_t origin_count, instance_count, own = 0;
    const ul_origin *origins = ul_census_origins(v->census, key, &origin_count);
    const ul_instance *instances = ul_census_instances(v->census, key, &instance_count);
    bool is_taken = false;
    for (uint32_t i = 0; i < instance_count; i++)
        own += instances[i].region == UL_REGION_THREAD;
    if (instance_count && own == instance_count)
        return true;
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->field_of[i] != UL_NO_PARENT && (v->tallies[i].index == UL_INDEX_THREAD || v->tallies[i].index == UL_INDEX_ENTRY))
            return true;
    }
    for (uint32_t i = 0; i < origin_count; i++) {
        is_taken |= origins[i].kind == UL_ORIGIN_TAKEN;
        if (origins[i].kind == UL_ORIGIN_LOADED && v->census->functions[origins[i].function].role == UL_ROLE_RUNTIME)
            return false;
    }
    return is_taken;
}

static bool is_shared(const census_view *v)
{
    uint32_t count;
    const ul_instance *instances = ul_census_instances(v->census, v->m->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].region == UL_REGION_DATA || instances[i].region == UL_REGION_BSS || instances[i].region == UL_REGION_HANDED)
            return true;
    }
    return false;
}

static bool counts(const census_view *v, const ul_tally *tally)
{
    if (!ul_census_is_runtime(v->census, tally) || tally->kind == UL_ACCESS_ADDRESS || tally->kind == UL_ACCESS_UNLOCK)
        return false;
    return is_atomic_change(tally) || !makes_object(v, tally->function);
}

/* Names of tallies are sorted: each is looked up once. */
static void find_fields(census_view *v)
{
    ul_word last = 0;
    uint32_t field = UL_NO_PARENT;
    v->field_of = UL_NEW_ARRAY(v->m->arena, uint32_t, v->count + 1u);
    for (uint32_t i = 0; i < v->count; i++) {
        if (i == 0 || v->tallies[i].field != last)
            field = ul_record_field_named(v->m->record, v->census->words[v->tallies[i].field]);
        last = v->tallies[i].field;
        v->field_of[i] = field != UL_NO_PARENT && counts(v, &v->tallies[i]) ? field : UL_NO_PARENT;
    }
}

static uint32_t outermost(const ul_record *record, uint32_t field)
{
    while (record->fields[field].parent != UL_NO_PARENT)
        field = record->fields[field].parent;
    return field;
}

/* One function at one depth: what it does for company, or the rest. */
typedef struct spot {
    uint32_t function, depth;
    double weight; /* of all that it does */
    bool walks, is_for_company;
} spot;

static bool is_in_spot(const spot *at, const ul_tally *tally, bool is_for_company)
{
    return at->function == tally->function && at->depth == tally->loop_depth && at->is_for_company == is_for_company;
}

static spot *find_spots(const census_view *v, uint32_t *spot_count)
{
    spot *spots = UL_NEW_ARRAY(v->m->arena, spot, v->count + 1u);
    *spot_count = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        const ul_tally *tally = &v->tallies[i];
        if (v->field_of[i] == UL_NO_PARENT || v->m->is_told[outermost(v->m->record, v->field_of[i])])
            continue;
        uint32_t at = 0;
        bool is_for_company = v->has_threads && is_made_for_company(tally);
        while (at < *spot_count && !is_in_spot(&spots[at], tally, is_for_company))
            at++;
        if (at == *spot_count)
            spots[(*spot_count)++] = (spot){.function = tally->function, .depth = tally->loop_depth, .is_for_company = is_for_company};
        spots[at].weight += ul_census_weight(tally) * tally->count;
        spots[at].walks |= (tally->flags & UL_ACCESS_WALKS) != 0;
    }
    return spots;
}

/* Keeps the heaviest, in the order that they were met. */
static uint32_t keep_heaviest(spot *spots, uint32_t count, ul_arena *arena)
{
    uint32_t kept = 0;
    bool *is_kept = UL_NEW_ARRAY(arena, bool, count + 1u);
    for (uint32_t n = 0; n < CONTEXTS_MAX && n < count; n++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++) {
            if (!is_kept[i] && (best == UINT32_MAX || spots[i].weight > spots[best].weight))
                best = i;
        }
        is_kept[best] = true;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_kept[i])
            spots[kept++] = spots[i];
    }
    return kept;
}

/* The start routine from which alone the function is reached; NULL where there is none such. */
static const ul_census_function *only_start(const ul_census *census, uint32_t function)
{
    uint64_t threads = census->functions[function].threads;
    if (!threads || threads & (threads - 1))
        return NULL;
    uint32_t start = (uint32_t)__builtin_ctzll(threads);
    return start < census->start_count ? &census->functions[census->starts[start]] : NULL;
}

/* Threads that have objects of their own, each made for one of them and handed to it. */
static uint64_t own_starts(const census_view *v)
{
    const ul_object_view view = {.census = v->census, .record = v->m->record, .tallies = v->tallies, .field_of = v->field_of, .tally_count = v->count};
    uint64_t seen = 0, own = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        uint64_t threads = v->census->functions[v->tallies[i].function].threads;
        const ul_census_function *entry = only_start(v->census, v->tallies[i].function);
        if (v->field_of[i] == UL_NO_PARENT || seen & threads || !entry || entry->flags & UL_FUNCTION_MANY) /* of many, one may have what another has */
            continue;
        seen |= threads;
        own |= ul_objects_are_own(&view, threads) ? threads : 0;
    }
    return own;
}

static uint32_t role_of(const census_view *v, const spot *at)
{
    ul_usage_making *m = v->m;
    const ul_census_function *entry = only_start(v->census, at->function);
    if (v->census->functions[at->function].threads & v->own_starts && entry)
        return ul_usage_role_unknown(m);
    if (at->is_for_company)
        return ul_usage_role_in_company(m, entry ? v->census->words[entry->name] : "");
    if (!v->is_shared || !entry || entry->flags & UL_FUNCTION_MANY)
        return ul_usage_role_unknown(m);
    return ul_usage_role_named(m, v->census->words[entry->name], false);
}

/* Who holds a lock of the record has its line: what it does under it is done by its owner. */
static void add_held_locks(const census_view *v, const ul_tally *tally)
{
    const ul_record *record = v->m->record;
    uint32_t last = UL_NO_PARENT;
    for (uint32_t i = 0; i < v->count; i++) {
        if (v->tallies[i].kind != UL_ACCESS_LOCK || v->field_of[i] == UL_NO_PARENT || v->field_of[i] == last)
            continue;
        last = v->field_of[i];
        if (ul_census_holds(v->census, tally, ul_arena_printf(v->m->arena, "%s#%s", record->key, record->fields[last].name)))
            ul_usage_add_access(v->m, last, 0, 0, UINT32_MAX);
    }
}

static void add_spot(const census_view *v, const spot *at)
{
    ul_usage_making *m = v->m;
    const ul_census *census = v->census;
    const char *name = ul_arena_printf(m->arena, "%s()", census->words[census->functions[at->function].name]);
    ul_usage_context *context = NULL;
    for (uint32_t i = 0; i < v->count; i++) {
        const ul_tally *tally = &v->tallies[i];
        if (v->field_of[i] == UL_NO_PARENT || !is_in_spot(at, tally, v->has_threads && is_made_for_company(tally)) ||
            m->is_told[outermost(m->record, v->field_of[i])])
            continue;
        if (!context) {
            /* Annotations made the contexts before: their owners are none of ours. */
            context = ul_usage_add_context(m, name, role_of(v, at), m->record->annotation_count + m->record->field_count + at->function,
                                           ul_census_weight(tally));
            context->walks = at->walks;
        }
        double weight = ul_census_weight(tally) * tally->count;
        bool is_read = tally->kind == UL_ACCESS_READ;
        ul_usage_add_access(m, v->field_of[i], is_read ? weight : 0, is_read ? 0 : weight, ul_usage_locks_at(v->locks, tally));
        add_held_locks(v, tally);
    }
}

/* Whether the field is changed where a routine leads that starts several threads: plainly they can only do that to objects that each has for itself. */
static bool is_changed_by_many(const census_view *v, uint32_t field)
{
    for (uint32_t i = 0; i < v->count; i++) {
        const ul_census_function *entry = v->field_of[i] == field ? only_start(v->census, v->tallies[i].function) : NULL;
        if (entry && entry->flags & UL_FUNCTION_MANY && v->tallies[i].kind != UL_ACCESS_READ)
            return true;
    }
    return false;
}

/* Whether functions find objects in memory that keeps them, where others find them too. */
static bool is_found(const census_view *v)
{
    uint32_t count;
    const ul_origin *origins = ul_census_origins(v->census, v->m->record->key, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (origins[i].kind == UL_ORIGIN_LOADED && v->census->functions[origins[i].function].role == UL_ROLE_RUNTIME)
            return true;
    }
    return false;
}

/* Whether both are known to have the object: one of the two is changed atomically, or each by one thread that finds it where it is kept. */
static bool have_one_object(const census_view *v, const ul_contention *fight)
{
    bool is_atomic = false, has_many = false;
    for (uint32_t side = 0; side < 2; side++) {
        is_atomic |= v->m->record->fields[fight->fields[side]].flags & UL_FIELD_ATOMIC || fight->kinds[side] == UL_ACCESS_RMW;
        has_many |= is_changed_by_many(v, fight->fields[side]);
    }
    return is_atomic || (!has_many && (v->is_shared || is_found(v)));
}

/* What `check` reports as fought over is apart here too, unless each thread has its own objects, or may have. */
static void add_rivals(const census_view *v)
{
    ul_usage_making *m = v->m;
    const ul_usage_request *request = m->request;
    ul_usage_rivals *rivals = UL_NEW_ARRAY(m->arena, ul_usage_rivals, request->finding_count + 1u);
    for (uint32_t i = 0; i < request->finding_count; i++) {
        const ul_contention *fight = request->findings[i].contention;
        if (!fight || fight->are_neighbours || strcmp(request->findings[i].rule->name, "false-sharing") != 0)
            continue;
        uint32_t a = outermost(m->record, fight->fields[0]), b = outermost(m->record, fight->fields[1]);
        if (a == b || (m->is_told[a] && m->is_told[b]))
            continue;
        if (v->has_threads && have_one_object(v, fight))
            rivals[m->usage->rival_count++] = (ul_usage_rivals){{a, b}};
        else if (v->has_threads)
            m->usage->rival_doubt = "plain changes do not tell that the threads have one object";
        else
            m->usage->rival_doubt = "one thread at a time has an object, or each has its own";
    }
    m->usage->rivals = rivals;
}

/* What a note says of a field, which goes into the source and so has to be seen there: the one thread that writes it; else that atomic
 * operations change it, or that it is written at all; that it is only read. */
static void note_field(const census_view *v, uint32_t field)
{
    ul_usage_making *m = v->m;
    const char *writer = NULL;
    bool is_read = false, has_more = false, is_atomic = false;
    for (uint32_t i = 0; i < m->usage->context_count; i++) {
        const ul_usage_context *context = &m->usage->contexts[i];
        for (uint32_t k = 0; k < context->access_count; k++) {
            if (context->accesses[k].field != field)
                continue;
            const char *name = m->usage->roles[context->role].name;
            is_read |= context->accesses[k].reads > 0;
            has_more |= context->accesses[k].writes > 0 && writer && strcmp(writer, name) != 0;
            is_atomic |= context->accesses[k].writes > 0 && m->usage->roles[context->role].has_company;
            writer = context->accesses[k].writes > 0 ? name : writer;
        }
    }
    if (!writer)
        m->notes[field] = is_read ? "read mostly" : NULL;
    else
        m->notes[field] = is_atomic ? "changed atomically" : has_more || !*writer ? "written often" : ul_arena_printf(m->arena, "written by: %s", writer);
}

void ul_usage_add_census(ul_usage_making *m)
{
    ul_usage_locks locks;
    census_view v = {.m = m, .census = m->request->census, .locks = &locks};
    uint32_t spot_count;
    if (!v.census)
        return;
    v.has_threads = v.census->thread_creations || v.census->start_count;
    v.tallies = ul_census_tallies(v.census, m->record->key, &v.count);
    if (!v.count)
        return;
    ul_usage_locks_init(&locks, m->request, m->record, m->arena);
    find_fields(&v);
    v.has_threads = v.has_threads && !are_apart(&v);
    v.is_shared = v.has_threads && is_shared(&v);
    v.own_starts = v.has_threads ? own_starts(&v) : 0;
    spot *spots = find_spots(&v, &spot_count);
    spot_count = keep_heaviest(spots, spot_count, m->arena);
    for (uint32_t i = 0; i < spot_count; i++)
        add_spot(&v, &spots[i]);
    add_rivals(&v);
    for (uint32_t i = 0; i < m->record->field_count && v.has_threads; i++) {
        if (!m->is_told[i] && m->record->fields[i].parent == UL_NO_PARENT)
            note_field(&v, i);
    }
    if (spot_count)
        m->usage->sources |= UL_USAGE_CENSUS;
}

/* --- Objects. --- */

static bool is_aligned_by(const ul_census *census, const ul_instance *it)
{
    return it->flags & UL_INSTANCE_ON_LINE || (it->region == UL_REGION_HEAP && (strcasestr(census->words[it->callee], "align") || strcasestr(census->words[it->size], "align")));
}

static void note_obstacle(ul_usage_making *m, ul_align_obstacle obstacle, const char *detail, const char *file, uint32_t line)
{
    if (m->usage->align_obstacle != UL_ALIGN_FREE)
        return;
    m->usage->align_obstacle = obstacle;
    m->usage->align_detail = detail;
    m->usage->align_file = file;
    m->usage->align_line = line;
}

static void find_holder(ul_usage_making *m)
{
    for (uint32_t i = 0; i < m->request->entry_count; i++) {
        const ul_record *outer = m->request->entries[i].record;
        for (uint32_t k = 0; k < outer->field_count; k++) {
            if (outer->fields[k].embedded && strcmp(outer->fields[k].embedded, m->record->key) == 0)
                note_obstacle(m, UL_ALIGN_EMBEDDED, ul_arena_printf(m->arena, "`%s` holds it by value", outer->name), outer->file, outer->line);
        }
    }
}

/* Objects that nobody counted: where one may come from. Whether some are known by it: posix_memalign() gives one by way of a void pointer. */
static bool find_doubt(ul_usage_making *m, uint32_t align_bytes, uint32_t promised)
{
    ul_inlet_doubt doubt;
    const ul_inlet_request request = {.entries = m->request->entries,
                                      .entry_count = m->request->entry_count,
                                      .census = m->request->census,
                                      .record = m->record,
                                      .align_bytes = align_bytes,
                                      .promised_bytes = promised};
    if (!m->request->census)
        return false;
    if (!ul_inlets_doubt(&doubt, &request, m->arena))
        return doubt.has_memory;
    note_obstacle(m, doubt.is_plain_heap ? UL_ALIGN_PLAIN_HEAP : UL_ALIGN_UNSEEN, doubt.detail, doubt.file, doubt.line);
    return false;
}

void ul_usage_find_objects(ul_usage_making *m)
{
    ul_usage *usage = m->usage;
    const ul_census *census = m->request->census;
    const ul_target *target = &m->request->targets[m->record->target];
    uint32_t count = 0, known = 0, uncounted = 0, span = target->span_bytes > target->line_bytes ? target->span_bytes : target->line_bytes;
    const ul_instance *instances = census ? ul_census_instances(census, m->record->key, &count) : NULL;
    uint64_t objects = 0;
    bool are_aligned = true;
    uint32_t promised = target->pointer_bytes >= 4 ? 16 : 2 * target->pointer_bytes; /* by malloc; compilers give it to variables of that size too */
    find_holder(m);
    for (uint32_t i = 0; i < count; i++) {
        const ul_instance *it = &instances[i];
        if (it->region == UL_REGION_HANDED)
            continue;
        known++;
        bool is_heap = it->region == UL_REGION_HEAP, is_aligned = is_aligned_by(census, it);
        uncounted += is_heap && !it->count;
        objects += it->count ? it->count : 1;
        are_aligned &= is_aligned;
        usage->is_array |= (it->flags & UL_INSTANCE_ARRAY) != 0;
        if (is_heap && !is_aligned && m->record->align_bytes < span)
            note_obstacle(m, it->flags & UL_INSTANCE_PLAIN_HEAP ? UL_ALIGN_PLAIN_HEAP : UL_ALIGN_OTHER_HEAP,
                          ul_arena_printf(m->arena, "%s() makes one", census->words[it->callee]), census->words[it->file], it->line);
    }
    bool has_memory = find_doubt(m, m->record->align_bytes < span ? span : 0, promised);
    if (!known && !has_memory && !(usage->sources & UL_USAGE_ANNOTATIONS) && m->record->align_bytes < span)
        note_obstacle(m, UL_ALIGN_UNKNOWN, "no unit tells where its objects are", NULL, 0);
    if (!(usage->instances > 0) && known && !uncounted)
        usage->instances = (double)objects;
    usage->knows_objects = known > 0 || has_memory;
    usage->base_step_bytes = known && are_aligned && usage->align_obstacle != UL_ALIGN_UNSEEN ? span : promised;
}
