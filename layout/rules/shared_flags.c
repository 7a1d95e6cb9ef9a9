/*
 * 1. A flag that gets one constant in each turn of a thread's loop, without a look, and that another thread reads: the line goes from the
 *    one to the other though nothing changes. Told only where that store is the one change at run time, no condition leads past it, and
 *    both threads have the same object for sure.
 * 2. Small globals side by side that are counted by different functions, or changed by one thread each.
 */
#include "layout/rules/shared_flags.h"

#include <math.h>
#include <string.h>

#include "layout/engine/objects.h"

enum { CALLS_DEEP = 3, SCALAR_BYTES_MAX = 16 };

/* A field of a record, or a variable, as a flag. */
typedef struct flag {
    const ul_rule_context *context;
    const ul_tally *tallies;
    const uint32_t *field_of; /* NULL for a variable */
    uint32_t tally_count, field;
    const ul_tally *store, *reader; /* the only store; who reads it elsewhere */
    uint64_t writers;               /* threads, as bits */
} flag;

static bool is_of(const flag *it, uint32_t tally)
{
    return it->field_of ? it->field_of[tally] == it->field : ul_census_is_runtime(it->context->report->census, &it->tallies[tally]);
}

/* Whether the function is called in each turn of a loop by a thread, whatever the case. */
static bool is_called_each_turn(const ul_census *census, uint32_t function, uint32_t depth)
{
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        if (call->callee != census->functions[function].id || call->is_conditional || call->function == function || !census->functions[call->function].threads)
            continue;
        if (call->loop_depth || (depth < CALLS_DEEP && is_called_each_turn(census, call->function, depth + 1)))
            return true;
    }
    return false;
}

/* Without a look, of one object, in each turn, and under no lock. */
static bool is_blind(const ul_census *census, const ul_tally *store)
{
    const ul_census_function *function = &census->functions[store->function];
    bool is_one = store->index == UL_INDEX_NONE || store->index == UL_INDEX_CONSTANT;
    return store->flags & UL_ACCESS_UNASKED && !(store->flags & UL_ACCESS_WALKS) && is_one && store->count == 1 && !store->locks && !function->locks &&
           function->threads && (store->loop_depth || is_called_each_turn(census, store->function, 0));
}

/* The only change at run time, what threads do once apart, when it is a blind store of a constant. */
static bool find_store(flag *it)
{
    const ul_census *census = it->context->report->census;
    for (uint32_t i = 0; i < it->tally_count; i++) {
        const ul_tally *tally = &it->tallies[i];
        if (!is_of(it, i) || !ul_tally_changes(tally) || ul_tally_is_once(census, tally))
            continue;
        if (it->store || tally->kind != UL_ACCESS_WRITE || !(tally->flags & UL_ACCESS_CONSTANT) || !is_blind(census, tally))
            return false;
        it->store = tally;
    }
    return it->store != NULL;
}

/* Whether anything else may be done to it: its address goes somewhere, or the function that stores looks at it. */
static bool is_in_doubt(const flag *it)
{
    const ul_census *census = it->context->report->census;
    for (uint32_t i = 0; i < it->tally_count; i++) {
        const ul_tally *tally = &it->tallies[i];
        if (tally->field != it->store->field)
            continue;
        if ((tally->kind == UL_ACCESS_ADDRESS && ul_census_is_runtime(census, tally)) || tally->kind == UL_ACCESS_UNLOCK ||
            (tally->function == it->store->function && tally != it->store && (tally->kind == UL_ACCESS_READ || ul_tally_changes(tally))))
            return true;
    }
    return false;
}

/* Who reads it again and again in a thread that is another one. */
static bool find_reader(flag *it)
{
    const ul_census *census = it->context->report->census;
    it->writers = census->functions[it->store->function].threads;
    bool are_many = ul_threads_are_many(census, it->writers);
    for (uint32_t i = 0; i < it->tally_count; i++) {
        const ul_tally *tally = &it->tallies[i];
        uint64_t threads = census->functions[tally->function].threads;
        bool is_other = threads & ~it->writers || (are_many && threads);
        if (!is_of(it, i) || tally->kind != UL_ACCESS_READ || !is_other || !ul_tally_is_repeated(census, tally))
            continue;
        if (!it->reader || ul_census_weight(tally) > ul_census_weight(it->reader))
            it->reader = tally;
    }
    return it->reader != NULL;
}

static bool is_flag(flag *it)
{
    return find_store(it) && !is_in_doubt(it) && find_reader(it);
}

/* `of`: "" or " of `struct s`". */
static void report_flag(const flag *it, uint32_t entry, const char *name, const char *of)
{
    ul_arena *arena = it->context->findings->arena;
    const char *store = ul_place_text(it->context, it->store, arena), *reader = ul_place_text(it->context, it->reader, arena);
    ul_findings_add(it->context, &ul_rule_false_sharing,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = entry,
                        .field = it->field,
                        .message = ul_arena_printf(arena, "`%s`%s is set to one value again and again, and another thread reads it: the line goes back and forth though nothing changes",
                                                   name, of),
                        .why = ul_arena_printf(arena, "%s stores a constant without a look, %s reads; no other place changes it while threads run.", store, reader),
                        .fix = "test it before the store: a read of what is there leaves the line where it is.",
                        .score = log1p(ul_census_weight(it->store)) * log1p(ul_census_weight(it->reader)),
                    });
}

/* Whether an initializer at file scope has the variable's address: who stores through that is not told. */
static bool is_taken(const ul_census *census, const ul_variable *variable)
{
    uint32_t count;
    const ul_inlet *rows = ul_census_inlets(census, UL_INLET_TAKEN, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].source == variable->id)
            return true;
    }
    return false;
}

/* Whether a thread stores to a record of the kind as a whole, through a pointer. */
static bool is_stored_whole(const ul_census *census, ul_word key)
{
    uint32_t count;
    const ul_inlet *rows = ul_census_inlets(census, UL_INLET_WHOLE, &count);
    for (uint32_t i = 0; i < count; i++) {
        const ul_census_function *function = rows[i].source == key ? ul_census_function_of(census, rows[i].text) : NULL;
        if (function && function->threads)
            return true;
    }
    return false;
}

/* Whether a thread stores to a variable of the record as a whole, or its address is anywhere: no access to a field tells of that. */
static bool is_changed_whole(const ul_sharing *sharing)
{
    const ul_census *census = sharing->census;
    ul_word key = ul_census_word(census, sharing->record->key);
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *variable = &census->variables[i];
        uint32_t count;
        const ul_tally *tallies = ul_census_tallies(census, census->words[variable->id], &count);
        if (variable->record == key && is_taken(census, variable))
            return true;
        for (uint32_t k = 0; variable->record == key && k < count; k++) {
            bool is_whole = !tallies[k].size_bytes || tallies[k].size_bytes >= sharing->record->size_bytes;
            if (is_whole && census->functions[tallies[k].function].threads && (tallies[k].kind == UL_ACCESS_ADDRESS || ul_tally_changes(&tallies[k])))
                return true;
        }
    }
    return is_stored_whole(census, key);
}

void ul_flags_check(const ul_sharing *sharing, uint32_t entry)
{
    ul_arena *arena = sharing->arena;
    for (uint32_t i = 0; i < sharing->count; i++) {
        const ul_shared_field *field = &sharing->fields[i];
        flag it = {.context = sharing->context, .tallies = sharing->tallies, .field_of = sharing->field_of, .tally_count = sharing->tally_count, .field = field->field};
        if (field->writes <= 0 || field->reads <= 0 || field->rmws > 0 || !is_flag(&it))
            continue;
        ul_object_side writer = {it.writers, field->field, UL_CHANGES}, reader = {sharing->census->functions[it.reader->function].threads, field->field, UL_READS};
        if (ul_sharing_is_one_object(sharing, writer, reader, true) && !is_changed_whole(sharing))
            report_flag(&it, entry, ul_field_label(sharing->record, field->field, arena), ul_arena_printf(arena, " of `%s`", sharing->record->name));
    }
}

/* How a variable is changed at run time. */
typedef struct changes {
    double weight;
    const ul_tally *writer; /* the heaviest */
    uint64_t threads;
    bool is_counted; /* by atomic steps */
} changes;

/* By atomic steps; what else is done to it does not matter. */
static changes counts_of(const ul_census *census, const char *key)
{
    uint32_t count;
    const ul_tally *tallies = ul_census_tallies(census, key, &count);
    changes sum = {.is_counted = true};
    for (uint32_t i = 0; i < count; i++) {
        if (tallies[i].kind != UL_ACCESS_RMW || !ul_census_is_runtime(census, &tallies[i]))
            continue;
        sum.weight += ul_census_weight(&tallies[i]) * tallies[i].count;
        sum.threads |= census->functions[tallies[i].function].threads;
        if (!sum.writer || ul_census_weight(&tallies[i]) > ul_census_weight(sum.writer))
            sum.writer = &tallies[i];
    }
    return sum;
}

/* By stores and plain steps of one start routine, again and again, under no lock. Weight 0: anything else. */
static changes stores_of(const ul_census *census, const ul_variable *variable)
{
    uint32_t count;
    const ul_tally *tallies = ul_census_tallies(census, census->words[variable->id], &count);
    changes sum = {.weight = 0};
    if (variable->size_bytes > SCALAR_BYTES_MAX || variable->record)
        return sum;
    for (uint32_t i = 0; i < count; i++) {
        const ul_tally *tally = &tallies[i];
        const ul_census_function *function = &census->functions[tally->function];
        if (!ul_census_is_runtime(census, tally) || tally->kind == UL_ACCESS_READ || ul_tally_is_plain_once(census, tally))
            continue;
        if (!ul_tally_changes(tally) || tally->locks || function->locks || !function->threads)
            return (changes){.weight = 0};
        sum.weight += ul_census_weight(tally) * tally->count;
        sum.threads |= function->threads;
        if (!sum.writer || ul_census_weight(tally) > ul_census_weight(sum.writer))
            sum.writer = tally;
    }
    return sum.threads & (sum.threads - 1) ? (changes){.weight = 0} : sum;
}

static changes changes_of(const ul_census *census, const ul_variable *variable)
{
    changes counted = counts_of(census, census->words[variable->id]);
    return counted.weight > 0 ? counted : stores_of(census, variable);
}

static bool are_changed_together(const ul_census *census, const char *a, const char *b)
{
    uint32_t a_count, b_count;
    const ul_tally *first = ul_census_tallies(census, a, &a_count), *second = ul_census_tallies(census, b, &b_count);
    for (uint32_t i = 0; i < a_count; i++) {
        for (uint32_t k = 0; k < b_count && ul_tally_changes(&first[i]); k++) {
            if (first[i].function == second[k].function && ul_tally_changes(&second[k]))
                return true;
        }
    }
    return false;
}

/* Counters of different functions; or what one thread changes beside what another one does. */
static bool are_rivals(const changes *one, const changes *other)
{
    if (one->weight <= 0 || other->weight <= 0)
        return false;
    if (one->is_counted && other->is_counted)
        return true;
    return (one->threads & (one->threads - 1)) == 0 && (other->threads & (other->threads - 1)) == 0 && one->threads && other->threads && one->threads != other->threads;
}

static bool is_small(const ul_variable *variable, uint32_t line)
{
    return variable->size_bytes <= line / 2 &&
           !(variable->flags & (UL_VARIABLE_ARRAY | UL_VARIABLE_ON_LINE | UL_VARIABLE_CONST | UL_VARIABLE_THREAD_LOCAL | UL_VARIABLE_MACRO_NAMED));
}

/* The next definition of the unit, when it is small too: the linker will probably put them side by side. */
static void check_neighbour(const ul_rule_context *context, uint32_t entry, const ul_variable *one, uint32_t line)
{
    const ul_census *census = context->report->census;
    ul_arena *arena = context->findings->arena;
    const char *name = context->report->entries[entry].record->name;
    changes first = changes_of(census, one);
    for (uint32_t i = 0; first.weight > 0 && i < census->variable_count; i++) {
        const ul_variable *other = &census->variables[i];
        if (other->file != one->file || other->place != one->place + 1 || !is_small(other, line) || (other->flags ^ one->flags) & UL_VARIABLE_INITIALIZED)
            continue;
        changes second = changes_of(census, other);
        if (!are_rivals(&first, &second) || are_changed_together(census, census->words[one->id], census->words[other->id]))
            continue;
        ul_findings_add(context, &ul_rule_false_sharing,
                        (ul_finding){
                            .level = UL_LEVEL_NOTE,
                            .entry = entry,
                            .field = UL_NO_PARENT,
                            .message = ul_arena_printf(arena, "`%s` and `%s` are %s and defined side by side: the linker will put them on one cache line", name,
                                                       census->words[other->name],
                                                       first.is_counted && second.is_counted ? "counted by different functions" : "changed by different threads"),
                            .why = ul_arena_printf(arena, "%s changes the one, %s the other. The link map has the addresses; -fdata-sections may part them.",
                                                   ul_place_text(context, first.writer, arena), ul_place_text(context, second.writer, arena)),
                            .fix = ul_arena_printf(arena, "_Alignas(%u) on each, or both in a record whose fields are aligned to lines.", line),
                            .score = log1p(first.weight) * log1p(second.weight),
                        });
        return;
    }
}

void ul_flags_check_object(const ul_rule_context *context, uint32_t entry)
{
    const ul_report *report = context->report;
    const ul_variable *one = ul_object_variable(report, entry);
    uint32_t line = ul_findings_target(context, &report->entries[entry])->line_bytes;
    if (!one || !ul_variable_is_shared(report->census, one) || !ul_sharing_has_threads(context))
        return;
    if (is_small(one, line))
        check_neighbour(context, entry, one, line);
    flag it = {.context = context, .field = UL_NO_PARENT};
    it.tallies = ul_census_tallies(report->census, report->census->words[one->id], &it.tally_count);
    if (!one->record && !(one->flags & (UL_VARIABLE_ARRAY | UL_VARIABLE_MACRO_NAMED)) && !is_taken(report->census, one) && is_flag(&it))
        report_flag(&it, entry, report->entries[entry].record->name, "");
}
