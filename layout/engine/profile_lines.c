/*
 * Which record lies on a contended cache line. perf c2c knows addresses and code, so that the code has to tell:
 *  1. the functions of each access: by symbol, by file and line, and those that they call (a compiler inlines them);
 *  2. for every record that these touch, and every place of the line in an object that the record's alignment allows: how much of what was
 *     counted falls on fields that the function at hand touches, in the direction that was seen;
 *  3. the best, when it explains at least half and nothing else explains as much; what it does not explain stays unplaced.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/engine/profile_state.h"

typedef unsigned long long ull;

enum { CALLS_DEEP = 2, ACCESSES_MAX = 256 };

/* How sure it is that a function touches a field: by a callee, itself, on that very line. */
enum { SURE_CALLEE = 1, SURE_SELF = 2, SURE_LINE = 4 };

typedef struct search {
    ul_placings *of;
    const ul_census *census;
    const ul_profile_line *line;
    uint32_t count;              /* of accesses looked at */
    uint8_t **functions;         /* by access: how sure each function of the census is the one, 0 for not */
    bool *is_seen;               /* by function: on any access */
} search;

typedef struct answer {
    uint32_t entry;
    uint64_t phase_bytes;        /* of the object, where the line begins */
    double score, explained;
    uint32_t equals;             /* others that explain it as well and mean other fields */
} answer;

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* perf cuts long symbols off, and compilers add ".isra.0", ".part.3", ".cold" to names. */
static bool is_symbol(const char *symbol, const char *name)
{
    enum { CUT_LEAST = 20 }; /* the narrowest column */
    size_t length = strlen(name), given = strlen(symbol);
    if (given < length)
        return given >= CUT_LEAST && strncmp(symbol, name, given) == 0;
    return strncmp(symbol, name, length) == 0 && (!symbol[length] || symbol[length] == '.');
}

/* The function that the line is in: the last that begins at or before it. */
static uint32_t function_around(const ul_census *census, const char *file, uint32_t line)
{
    uint32_t best = UL_NO_FUNCTION;
    for (uint32_t i = 0; i < census->function_count && line; i++) {
        const ul_census_function *function = &census->functions[i];
        if (function->line > line || strcmp(base_of(census->words[function->file]), base_of(file)) != 0)
            continue;
        if (best == UL_NO_FUNCTION || function->line > census->functions[best].line)
            best = i;
    }
    return best;
}

static void mark_callees(const search *s, uint8_t *sure)
{
    const ul_census *census = s->census;
    for (int deep = 0; deep < CALLS_DEEP; deep++) {
        for (uint32_t i = 0; i < census->call_count; i++) {
            const ul_census_call *call = &census->calls[i];
            if (!sure[call->function] || !call->callee)
                continue;
            for (uint32_t f = 0; f < census->function_count; f++) {
                if (census->functions[f].id == call->callee && !sure[f])
                    sure[f] = SURE_CALLEE;
            }
        }
    }
}

static void find_functions(search *s)
{
    const ul_census *census = s->census;
    for (uint32_t a = 0; a < s->count; a++) {
        const ul_profile_access *access = &s->line->accesses[a];
        uint8_t *sure = s->functions[a] = UL_NEW_ARRAY(s->of->arena, uint8_t, census->function_count + 1u);
        uint32_t around = function_around(census, access->file, access->line);
        bool is_known = around != UL_NO_FUNCTION;
        for (uint32_t i = 0; i < census->function_count; i++) {
            if (is_symbol(access->function, census->words[census->functions[i].name])) {
                sure[i] = SURE_SELF;
                is_known = true;
            }
        }
        if (around != UL_NO_FUNCTION)
            sure[around] = SURE_SELF;
        if (is_known)
            mark_callees(s, sure);
        for (uint32_t i = 0; i < census->function_count; i++)
            s->is_seen[i] |= sure[i] != 0;
    }
}

static bool fits_direction(const ul_tally *tally, const ul_profile_counts *counts)
{
    bool changes = tally->kind == UL_ACCESS_WRITE || tally->kind == UL_ACCESS_UPDATE || tally->kind == UL_ACCESS_RMW || tally->kind == UL_ACCESS_LOCK ||
                   tally->kind == UL_ACCESS_UNLOCK;
    bool reads = tally->kind != UL_ACCESS_WRITE && tally->kind != UL_ACCESS_UNLOCK;
    return counts->stores > 0 ? changes : reads;
}

/* How surely access `a` touches each field of the record; NULL when it touches none. */
static uint8_t *touches_of(const search *s, const ul_record *record, uint32_t a)
{
    uint32_t count;
    const ul_profile_access *access = &s->line->accesses[a];
    const ul_tally *tallies = ul_census_tallies(s->census, record->key, &count);
    uint8_t *touches = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const ul_tally *tally = &tallies[i];
        uint8_t sure = s->functions[a][tally->function];
        if (!sure || tally->kind == UL_ACCESS_ADDRESS || !fits_direction(tally, &access->counts))
            continue;
        uint32_t field = ul_placing_named(record, s->census->words[tally->field]);
        if (field == UL_NO_PARENT)
            continue;
        if (sure == SURE_SELF && access->line && tally->line == access->line)
            sure = SURE_LINE;
        touches = touches ? touches : UL_NEW_ARRAY(s->of->arena, uint8_t, record->field_count);
        touches[field] = touches[field] > sure ? touches[field] : sure;
    }
    return touches;
}

/* How surely the access is one of the byte: of the surest field that holds it. */
static uint8_t sure_at(const ul_record *record, const uint8_t *touches, uint64_t offset_bytes)
{
    uint8_t sure = 0;
    for (uint32_t i = 0; touches && i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        bool holds = field->offset_bits / 8 <= offset_bytes && offset_bytes < (field->offset_bits + field->size_bits + 7) / 8;
        if (holds && touches[i] > sure)
            sure = touches[i];
    }
    return sure;
}

static double weight_of(const ul_profile_access *access)
{
    double hits = access->counts.hitm_local + access->counts.hitm_remote;
    return hits > 0 ? hits : access->counts.samples * 0.01; /* hits count; the rest only where there are none */
}

/* What a record at a phase explains. Elements of an array follow each other. */
static answer explain(const search *s, uint32_t entry, uint8_t *const *touches, uint64_t phase)
{
    const ul_record *record = s->of->report->entries[entry].record;
    answer it = {.entry = entry, .phase_bytes = phase};
    for (uint32_t a = 0; a < s->count; a++) {
        const ul_profile_access *access = &s->line->accesses[a];
        uint8_t sure = sure_at(record, touches[a], (phase + access->offset_bytes) % record->size_bytes);
        it.score += weight_of(access) * sure;
        it.explained += sure ? weight_of(access) : 0;
    }
    return it;
}

/* Whether two answers give every access the same field of the same record. */
static bool means_the_same(const search *s, const answer *a, const answer *b)
{
    const ul_record *record = s->of->report->entries[a->entry].record;
    if (a->entry != b->entry)
        return false;
    for (uint32_t i = 0; i < s->count; i++) {
        uint64_t offset = s->line->accesses[i].offset_bytes;
        if (ul_placing_direct_at(record, (a->phase_bytes + offset) % record->size_bytes) !=
            ul_placing_direct_at(record, (b->phase_bytes + offset) % record->size_bytes))
            return false;
    }
    return true;
}

static void take(const search *s, answer *best, const answer *it)
{
    if (it->score > best->score)
        *best = *it;
    else if (it->score > 0 && it->score >= best->score && !means_the_same(s, it, best))
        best->equals++;
}

static void try_record(const search *s, uint32_t entry, answer *best)
{
    const ul_record *record = s->of->report->entries[entry].record;
    uint32_t step = record->align_bytes ? record->align_bytes : 1, count;
    const ul_tally *tallies = ul_census_tallies(s->census, record->key, &count);
    bool is_seen = false, has_touches = false;
    for (uint32_t i = 0; i < count && !is_seen; i++)
        is_seen = s->is_seen[tallies[i].function];
    if (!is_seen || !record->size_bytes || record->flags & UL_RECORD_MEMBER)
        return;
    uint8_t **touches = UL_NEW_ARRAY(s->of->arena, uint8_t *, s->count + 1u);
    for (uint32_t a = 0; a < s->count; a++) {
        touches[a] = touches_of(s, record, a);
        has_touches |= touches[a] != NULL;
    }
    /* The line begins at a multiple of its size, and so at one of the alignment. */
    for (uint64_t phase = 0; phase < record->size_bytes && has_touches; phase += step) {
        answer it = explain(s, entry, touches, phase);
        take(s, best, &it);
    }
}

/* Stores and hits by direct field, of this line alone: other objects of the record may lie otherwise on their lines. */
static void find_fight(const search *s, uint32_t entry, const double *stores, const double *hits)
{
    ul_placing *placing = &s->of->items[entry];
    ul_profile_fight it = {.written = UL_NO_PARENT, .missed = UL_NO_PARENT};
    uint32_t count = s->of->report->entries[entry].record->field_count;
    for (uint32_t i = 0; i < count; i++) {
        if (stores[i] > it.stores) {
            it.stores = stores[i];
            it.written = i;
        }
    }
    for (uint32_t i = 0; i < count && it.written != UL_NO_PARENT; i++) {
        if (i != it.written && hits[i] > it.hits) {
            it.hits = hits[i];
            it.missed = i;
        }
    }
    if (it.missed == UL_NO_PARENT)
        return;
    UL_RESERVE(s->of->arena, placing->fights, placing->fight_count, placing->fight_capacity);
    placing->fights[placing->fight_count++] = it;
}

/* Gives the record what its fields explain, access by access; returns how much was placed. */
static double place(const search *s, const answer *best)
{
    ul_placings *of = s->of;
    const ul_record *record = of->report->entries[best->entry].record;
    double placed = 0, *stores = UL_NEW_ARRAY(of->arena, double, record->field_count + 1u), *hits = UL_NEW_ARRAY(of->arena, double, record->field_count + 1u);
    ul_placing_touch(of, best->entry);
    for (uint32_t a = 0; a < s->count; a++) {
        const ul_profile_access *access = &s->line->accesses[a];
        uint64_t offset = (best->phase_bytes + access->offset_bytes) % record->size_bytes;
        if (!sure_at(record, touches_of(s, record, a), offset) || !ul_placing_add_at(of, best->entry, offset, &access->counts, UL_PLACING_LINE))
            continue;
        ul_profile_context like = {.function = access->function, .thread = access->thread};
        ul_profile_context *context = ul_placing_context(of, best->entry, &like);
        context->count += access->counts.samples;
        uint32_t field = ul_placing_direct_at(record, offset);
        ul_profile_counts_add(ul_placing_use(of, context, field), &access->counts);
        stores[field] += access->counts.stores;
        hits[field] += access->counts.hitm_local + access->counts.hitm_remote;
        placed += access->counts.samples;
    }
    find_fight(s, best->entry, stores, hits);
    return placed;
}

static ul_profile_placement settle(const search *s, const answer *best, double all)
{
    ul_arena *arena = s->of->arena;
    ul_profile_placement out = {.name = ul_arena_printf(arena, "cache line 0x%llx", (ull)s->line->address),
                                .samples = s->line->counts.samples,
                                .line = s->line->line,
                                .match = UL_PROFILE_REFUSED};
    if (best->score <= 0) {
        out.detail = ul_arena_printf(arena, "no function of the source that was read is seen on it, or none that touches a record: %s() first", s->line->accesses[0].function);
        out.is_foreign = true;
    } else if (best->equals) {
        out.detail = ul_arena_printf(arena, "%u other place%s as well as `%s`", best->equals, best->equals == 1 ? " fits" : "s fit", s->of->report->entries[best->entry].record->name);
    } else if (best->explained * 2 < all) {
        out.detail = ul_arena_printf(arena, "`%s` explains %.0f %% of it, too little to be sure", s->of->report->entries[best->entry].record->name, best->explained * 100 / all);
    } else {
        out.match = UL_PROFILE_EXACT;
        out.record = s->of->report->entries[best->entry].record->name;
        out.placed_samples = place(s, best);
        out.detail = ul_arena_printf(arena, "by the code: it begins %llu bytes into an object", (ull)best->phase_bytes);
    }
    return out;
}

static void place_line(ul_placings *of, const ul_profile_line *line)
{
    const ul_census *census = of->report->census;
    uint32_t count = line->access_count < ACCESSES_MAX ? line->access_count : ACCESSES_MAX;
    search s = {.of = of, .census = census, .line = line, .count = count};
    answer best = {0};
    double all = 0;
    s.functions = UL_NEW_ARRAY(of->arena, uint8_t *, count + 1u);
    s.is_seen = UL_NEW_ARRAY(of->arena, bool, census->function_count + 1u);
    find_functions(&s);
    for (uint32_t a = 0; a < count; a++)
        all += weight_of(&line->accesses[a]);
    for (uint32_t i = 0; i < of->report->entry_count; i++)
        try_record(&s, i, &best);
    ul_placing_tell(of, settle(&s, &best, all));
}

void ul_profile_place_lines(ul_placings *of)
{
    for (uint32_t i = 0; i < of->profile->line_count; i++) {
        const ul_profile_line *line = &of->profile->lines[i];
        if (of->report->census && of->report->census->function_count) {
            place_line(of, line);
            continue;
        }
        ul_placing_tell(of, (ul_profile_placement){.name = ul_arena_printf(of->arena, "cache line 0x%llx", (ull)line->address),
                                                   .detail = "no function body was read: which code touches what is not known",
                                                   .samples = line->counts.samples,
                                                   .line = line->line,
                                                   .match = UL_PROFILE_REFUSED});
    }
}
