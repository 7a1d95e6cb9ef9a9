/*
 * Merging censuses:
 *  1. one table of words, sorted, so that equal texts are equal numbers whatever the units were;
 *  2. each function once, by the place of its definition: the first unit that has it counts;
 *  3. rows move over with their words and functions renumbered, file-scope rows once;
 *  4. an address that goes to a function with a body becomes what that body does with its parameter, three calls deep;
 *  5. sort; then roles (census_roles.c).
 */
#include "layout/engine/census.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "layout/model/compare.h"

enum { CALLS_DEEP = 3 };

typedef struct key_note {
    uint32_t word, index;
    UT_hash_handle hh;
} key_note;

typedef struct merge {
    ul_census *out;
    ul_arena *arena;
    key_note *functions; /* uthash: key -> index */
    uint32_t function_capacity, tally_capacity, call_capacity, mention_capacity, variable_capacity, instance_capacity,
        number_capacity, origin_capacity, inlet_capacity, pass_capacity;
} merge;

static void collect_words(merge *m, const ul_unit_result *results, uint32_t count)
{
    uint32_t total = 1, kept = 0;
    for (uint32_t i = 0; i < count; i++)
        total += results[i].census ? results[i].census->word_count : 0;
    const char **words = UL_NEW_ARRAY(m->arena, const char *, total);
    total = 0;
    words[total++] = "";
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; results[i].census && k < results[i].census->word_count; k++)
            words[total++] = results[i].census->words[k];
    }
    qsort(words, total, sizeof *words, ul_compare_texts);
    for (uint32_t i = 0; i < total; i++) {
        if (kept == 0 || strcmp(words[kept - 1], words[i]) != 0)
            words[kept++] = words[i];
    }
    m->out->words = words;
    m->out->word_count = m->out->sorted_word_count = kept;
}

/* Index in the merged census, or UL_NO_FUNCTION for one that an earlier unit has brought. */
static uint32_t add_function(merge *m, const ul_census_function *function, const uint32_t *words)
{
    uint32_t key = words[function->key];
    key_note *note = NULL;
    HASH_FIND(hh, m->functions, &key, sizeof key, note);
    if (note)
        return UL_NO_FUNCTION;
    ul_census *out = m->out;
    note = UL_NEW(m->arena, key_note);
    *note = (key_note){.word = key, .index = out->function_count};
    HASH_ADD(hh, m->functions, word, sizeof note->word, note);
    UL_RESERVE(m->arena, out->functions, out->function_count, m->function_capacity);
    ul_census_function copy = *function;
    copy.id = words[function->id];
    copy.key = key;
    copy.name = words[function->name];
    copy.file = words[function->file];
    out->functions[out->function_count] = copy;
    return out->function_count++;
}

#define APPEND(m, array, count, capacity, row)                                                               \
    do {                                                                                                     \
        UL_RESERVE((m)->arena, (m)->out->array, (m)->out->count, (m)->capacity);                             \
        (m)->out->array[(m)->out->count++] = (row);                                                          \
    } while (0)

/* Rows get the merged function's number; false for those of one that an earlier unit has brought. */
static bool renumber(uint32_t *function, const uint32_t *functions)
{
    *function = functions[*function];
    return *function != UL_NO_FUNCTION;
}

/* The same of rows that may stand at file scope. */
static bool renumber_any(uint32_t *function, const uint32_t *functions)
{
    return *function == UL_NO_FUNCTION || renumber(function, functions);
}

/* What functions do. */
static void add_function_rows(merge *m, const ul_census *unit, const uint32_t *words, const uint32_t *functions)
{
    for (uint32_t i = 0; i < unit->tally_count; i++) {
        ul_tally row = unit->tallies[i];
        row.object = words[row.object];
        row.field = words[row.field];
        row.locks = words[row.locks];
        row.callee = words[row.callee];
        row.base = words[row.base];
        if (renumber(&row.function, functions))
            APPEND(m, tallies, tally_count, tally_capacity, row);
    }
    for (uint32_t i = 0; i < unit->call_count; i++) {
        ul_census_call row = unit->calls[i];
        row.callee = words[row.callee];
        row.locks = words[row.locks];
        if (renumber(&row.function, functions))
            APPEND(m, calls, call_count, call_capacity, row);
    }
    for (uint32_t i = 0; i < unit->number_count; i++) {
        ul_number row = unit->numbers[i];
        row.callee = words[row.callee];
        if (renumber(&row.function, functions))
            APPEND(m, numbers, number_count, number_capacity, row);
    }
    for (uint32_t i = 0; i < unit->origin_count; i++) {
        ul_origin row = unit->origins[i];
        row.record = words[row.record];
        if (renumber(&row.function, functions))
            APPEND(m, origins, origin_count, origin_capacity, row);
    }
    for (uint32_t i = 0; i < unit->pass_count; i++) {
        ul_pass row = unit->passes[i];
        row.callee = words[row.callee];
        row.base = words[row.base];
        if (renumber(&row.function, functions))
            APPEND(m, passes, pass_count, pass_capacity, row);
    }
}

/* What may stand outside of functions. */
static void add_file_rows(merge *m, const ul_census *unit, const uint32_t *words, const uint32_t *functions)
{
    for (uint32_t i = 0; i < unit->mention_count; i++) {
        ul_mention row = unit->mentions[i];
        row.target = words[row.target];
        row.holder = words[row.holder];
        row.callee = words[row.callee];
        if (renumber_any(&row.function, functions))
            APPEND(m, mentions, mention_count, mention_capacity, row);
    }
    for (uint32_t i = 0; i < unit->inlet_count; i++) {
        ul_inlet row = unit->inlets[i];
        row.sink = words[row.sink];
        row.source = words[row.source];
        row.text = words[row.text];
        row.file = words[row.file];
        APPEND(m, inlets, inlet_count, inlet_capacity, row);
    }
    for (uint32_t i = 0; i < unit->variable_count; i++) {
        ul_variable row = unit->variables[i];
        row.id = words[row.id];
        row.name = words[row.name];
        row.file = words[row.file];
        row.type = words[row.type];
        row.record = words[row.record];
        row.ignores = words[row.ignores];
        row.ignore_reason = words[row.ignore_reason];
        APPEND(m, variables, variable_count, variable_capacity, row);
    }
    for (uint32_t i = 0; i < unit->instance_count; i++) {
        ul_instance row = unit->instances[i];
        row.record = words[row.record];
        row.size = words[row.size];
        row.callee = words[row.callee];
        row.file = words[row.file];
        if (renumber_any(&row.function, functions))
            APPEND(m, instances, instance_count, instance_capacity, row);
    }
}

static void add_unit(merge *m, const ul_census *unit)
{
    uint32_t *words = UL_NEW_ARRAY(m->arena, uint32_t, unit->word_count);
    uint32_t *functions = UL_NEW_ARRAY(m->arena, uint32_t, unit->function_count);
    for (uint32_t i = 0; i < unit->word_count; i++)
        words[i] = ul_census_word(m->out, unit->words[i]);
    for (uint32_t i = 0; i < unit->function_count; i++)
        functions[i] = add_function(m, &unit->functions[i], words);
    add_function_rows(m, unit, words, functions);
    add_file_rows(m, unit, words, functions);
    m->out->unit_count++;
}

void ul_function_index_build(ul_function_index *index, const ul_census *census, ul_arena *arena)
{
    /* A counting sort by id keeps the order of functions of one id. */
    uint32_t *starts = UL_NEW_ARRAY(arena, uint32_t, census->word_count + 1u);
    for (uint32_t i = 0; i < census->function_count; i++)
        starts[census->functions[i].id + 1u]++;
    for (uint32_t i = 1; i <= census->word_count; i++)
        starts[i] += starts[i - 1];
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, census->function_count + 1u), *fill = UL_NEW_ARRAY(arena, uint32_t, census->word_count + 1u);
    memcpy(fill, starts, (census->word_count + 1u) * sizeof *fill);
    for (uint32_t i = 0; i < census->function_count; i++)
        order[fill[census->functions[i].id]++] = i;
    *index = (ul_function_index){.order = order, .starts = starts, .census = census};
}

const uint32_t *ul_function_index_find(const ul_function_index *index, ul_word id, uint32_t *count)
{
    *count = index->starts[id + 1u] - index->starts[id];
    return index->order + index->starts[id];
}

/* What functions do with what their parameters point to: bits of kinds, by function and parameter. */
typedef struct summaries {
    uint32_t *first; /* of functions, into `order`; one more at the end */
    uint32_t *order; /* tallies of parameters, by function */
    const merge *m;
    const ul_function_index *index;
} summaries;

static void summarize(summaries *s, const merge *m, const ul_function_index *index)
{
    const ul_census *census = m->out;
    *s = (summaries){.m = m, .index = index};
    s->first = UL_NEW_ARRAY(m->arena, uint32_t, census->function_count + 1u);
    for (uint32_t i = 0; i < census->tally_count; i++)
        s->first[census->tallies[i].function + 1u] += census->tallies[i].object == 0;
    for (uint32_t i = 0; i < census->function_count; i++)
        s->first[i + 1u] += s->first[i];
    s->order = UL_NEW_ARRAY(m->arena, uint32_t, s->first[census->function_count] + 1u);
    uint32_t *fill = UL_NEW_ARRAY(m->arena, uint32_t, census->function_count + 1u);
    memcpy(fill, s->first, (census->function_count + 1u) * sizeof *fill);
    for (uint32_t i = 0; i < census->tally_count; i++) {
        if (census->tallies[i].object == 0)
            s->order[fill[census->tallies[i].function]++] = i;
    }
}

/* Kinds of access, a bit each, that function `id` makes through its parameter; loops inside add to *depth. */
static uint32_t kinds_of(const summaries *s, ul_word id, uint32_t parameter, uint32_t deep, uint32_t *depth, uint32_t *flags)
{
    const ul_census *census = s->m->out;
    uint32_t count, kinds = 0;
    const uint32_t *functions = ul_function_index_find(s->index, id, &count);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = s->first[functions[i]]; k < s->first[functions[i] + 1u]; k++) {
            const ul_tally *tally = &census->tallies[s->order[k]];
            if (tally->parameter != parameter)
                continue;
            if (tally->kind != UL_ACCESS_ADDRESS) {
                kinds |= 1u << tally->kind;
                *depth = tally->loop_depth > *depth ? tally->loop_depth : *depth;
                *flags |= tally->flags & UL_ACCESS_ATOMIC;
            } else if (deep > 1) {
                kinds |= kinds_of(s, tally->callee, tally->argument, deep - 1, depth, flags);
            }
        }
    }
    return kinds;
}

/* Addresses that went to known functions, as what those do; parameters' own rows have done their service. */
static void resolve_addresses(merge *m, const ul_function_index *index)
{
    summaries s;
    ul_census *out = m->out;
    summarize(&s, m, index);
    uint32_t count = out->tally_count, capacity = 0, kept = 0;
    ul_tally *rows = NULL;
    for (uint32_t i = 0; i < count; i++) {
        ul_tally row = out->tallies[i];
        if (row.object == 0)
            continue;
        uint32_t depth = 0, flags = 0;
        uint32_t kinds = row.kind == UL_ACCESS_ADDRESS && row.callee ? kinds_of(&s, row.callee, row.argument, CALLS_DEEP, &depth, &flags) : 0;
        if (!kinds) {
            if (row.kind == UL_ACCESS_ADDRESS && row.flags & UL_ACCESS_CONST_POINTER)
                row.kind = UL_ACCESS_READ;
            kinds = 1u << row.kind;
        }
        row.flags = (uint8_t)(row.flags | flags);
        row.loop_depth = (uint8_t)(row.loop_depth + depth < 7 ? row.loop_depth + depth : 7);
        for (uint8_t kind = 0; kind < UL_ACCESS_KIND_COUNT; kind++) {
            if (!(kinds & 1u << kind))
                continue;
            UL_RESERVE(m->arena, rows, kept, capacity);
            row.kind = kind;
            rows[kept++] = row;
        }
    }
    out->tallies = rows;
    out->tally_count = kept;
}

static int by_object(const void *left, const void *right)
{
    const ul_tally *a = left, *b = right;
    const uint32_t keys[][2] = {{a->object, b->object}, {a->field, b->field}, {a->function, b->function}, {a->kind, b->kind},
                                {a->loop_depth, b->loop_depth}, {a->line, b->line}, {a->locks, b->locks}, {a->at_bytes, b->at_bytes},
                                {a->size_bytes, b->size_bytes}, {a->index, b->index}, {a->flags, b->flags}, {a->callee, b->callee},
                                {a->argument, b->argument}, {a->parameter, b->parameter}, {a->base_kind, b->base_kind}, {a->base, b->base},
                                {a->base_parameter, b->base_parameter}, {a->count, b->count}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_record(const void *left, const void *right)
{
    const ul_instance *a = left, *b = right;
    const uint32_t keys[][2] = {{a->record, b->record}, {a->file, b->file}, {a->line, b->line}, {a->region, b->region}, {a->size, b->size},
                                {a->callee, b->callee}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_callee(const void *left, const void *right)
{
    const ul_number *a = left, *b = right;
    const uint32_t keys[][2] = {{a->callee, b->callee}, {a->argument, b->argument}, {a->function, b->function}, {a->index, b->index}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_origin(const void *left, const void *right)
{
    const ul_origin *a = left, *b = right;
    const uint32_t keys[][2] = {{a->record, b->record}, {a->function, b->function}, {a->kind, b->kind}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_passing(const void *left, const void *right)
{
    const ul_pass *a = left, *b = right;
    const uint32_t keys[][2] = {{a->callee, b->callee}, {a->argument, b->argument}, {a->function, b->function}, {a->base_kind, b->base_kind},
                                {a->base, b->base}, {a->base_parameter, b->base_parameter}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_sink(const void *left, const void *right)
{
    const ul_inlet *a = left, *b = right;
    const uint32_t keys[][2] = {{a->sink, b->sink}, {a->file, b->file}, {a->line, b->line}, {a->kind, b->kind}, {a->source, b->source},
                                {a->text, b->text}, {a->align_bytes, b->align_bytes}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

/* Each once: functions of headers are read in several units. */
static void sort_inlets(ul_census *out)
{
    uint32_t kept = 0;
    if (out->inlet_count)
        qsort(out->inlets, out->inlet_count, sizeof *out->inlets, by_sink);
    for (uint32_t i = 0; i < out->inlet_count; i++) {
        if (kept == 0 || by_sink(&out->inlets[kept - 1], &out->inlets[i]) != 0)
            out->inlets[kept++] = out->inlets[i];
    }
    out->inlet_count = kept;
}

static int by_file(const void *left, const void *right)
{
    const ul_variable *a = left, *b = right;
    const uint32_t keys[][2] = {{a->file, b->file}, {a->line, b->line}, {a->column, b->column}, {a->id, b->id}, {a->place, b->place}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

static int by_mention(const void *left, const void *right)
{
    const ul_mention *a = left, *b = right;
    const uint32_t keys[][2] = {{a->target, b->target}, {a->function, b->function}, {a->line, b->line}, {a->callee, b->callee},
                                {a->holder, b->holder}, {a->parameter, b->parameter}, {a->argument, b->argument}};
    return ul_compare_keys(keys, sizeof keys / sizeof *keys);
}

/* Variables have static storage: each is an instance of its record too. */
static void add_variable_instances(merge *m)
{
    for (uint32_t i = 0; i < m->out->variable_count; i++) {
        const ul_variable *it = &m->out->variables[i];
        uint32_t region = it->flags & UL_VARIABLE_THREAD_LOCAL  ? UL_REGION_THREAD
                          : it->flags & UL_VARIABLE_INITIALIZED ? UL_REGION_DATA
                                                                : UL_REGION_BSS;
        ul_instance row = {.record = it->record,
                           .size = it->name,
                           .file = it->file,
                           .function = UL_NO_FUNCTION,
                           .line = it->line,
                           .region = region,
                           .flags = (it->flags & UL_VARIABLE_ARRAY ? UL_INSTANCE_ARRAY : 0u) |
                                    (it->flags & UL_VARIABLE_ON_LINE ? UL_INSTANCE_ON_LINE : 0u),
                           .count = it->count};
        if (it->record && !(it->flags & UL_VARIABLE_POINTER))
            APPEND(m, instances, instance_count, instance_capacity, row);
    }
}

static void sort_rows(merge *m)
{
    ul_census *out = m->out;
    uint32_t kept = 0;
    if (out->variable_count)
        qsort(out->variables, out->variable_count, sizeof *out->variables, by_file);
    for (uint32_t i = 0; i < out->variable_count; i++) {
        const ul_variable *it = &out->variables[i], *last = kept ? &out->variables[kept - 1] : NULL;
        if (!last || last->file != it->file || last->line != it->line || last->column != it->column || last->id != it->id)
            out->variables[kept++] = *it;
    }
    out->variable_count = kept;
    add_variable_instances(m);
    if (out->tally_count)
        qsort(out->tallies, out->tally_count, sizeof *out->tallies, by_object);
    if (out->instance_count)
        qsort(out->instances, out->instance_count, sizeof *out->instances, by_record);
    if (out->mention_count)
        qsort(out->mentions, out->mention_count, sizeof *out->mentions, by_mention);
    if (out->number_count)
        qsort(out->numbers, out->number_count, sizeof *out->numbers, by_callee);
    if (out->origin_count)
        qsort(out->origins, out->origin_count, sizeof *out->origins, by_origin);
    sort_inlets(out);
    if (out->pass_count)
        qsort(out->passes, out->pass_count, sizeof *out->passes, by_passing);
    kept = 0;
    for (uint32_t i = 0; i < out->mention_count; i++) {
        if (kept == 0 || by_mention(&out->mentions[kept - 1], &out->mentions[i]) != 0)
            out->mentions[kept++] = out->mentions[i];
    }
    out->mention_count = kept;
}

void ul_census_merge(ul_census **out, const ul_unit_result *results, uint32_t count, const ul_census_names *names, ul_arena *arena)
{
    bool has_any = false;
    ul_function_index index;
    merge m = {.out = UL_NEW(arena, ul_census), .arena = arena};
    for (uint32_t i = 0; i < count; i++)
        has_any |= results[i].census != NULL;
    *out = has_any ? m.out : NULL;
    if (!has_any)
        return;
    collect_words(&m, results, count);
    for (uint32_t i = 0; i < count; i++) {
        if (results[i].census)
            add_unit(&m, results[i].census);
    }
    HASH_CLEAR(hh, m.functions);
    ul_function_index_build(&index, m.out, arena);
    resolve_addresses(&m, &index);
    sort_rows(&m);
    ul_census_find_roles(m.out, names, arena);
}
