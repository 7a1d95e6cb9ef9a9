#include "layout/engine/allocation_judging.h"

#include "layout/engine/allocators.h"
#include "layout/engine/repeated.h"
#include "layout/model/compare.h"

#include <stdlib.h>
#include <string.h>

static int compare_places(const char *file, uint32_t line, uint32_t column, const char *other_file, uint32_t other_line, uint32_t other_column)
{
    int order = strcmp(file, other_file);
    if (order == 0)
        order = ul_compare_numbers(line, other_line);
    return order ? order : ul_compare_numbers(column, other_column);
}

/* A macro may make several calls at one place. */
static int compare_allocations(const void *left, const void *right)
{
    const ul_allocation *a = left, *b = right;
    int order = compare_places(a->file, a->line, a->column, b->file, b->line, b->column);
    if (order == 0)
        order = strcmp(a->callee, b->callee);
    if (order == 0)
        order = strcmp(a->receiver, b->receiver);
    return order ? order : strcmp(a->size, b->size);
}

static int compare_releases(const void *left, const void *right)
{
    const ul_release *a = left, *b = right;
    int order = compare_places(a->file, a->line, a->column, b->file, b->line, b->column);
    if (order == 0)
        order = strcmp(a->callee, b->callee);
    return order ? order : strcmp(a->given, b->given);
}

static int compare_comments(const void *left, const void *right)
{
    const ul_body_comment *a = left, *b = right;
    int order = compare_places(a->file, a->line, a->about_line, b->file, b->line, b->about_line);
    return order ? order : strcmp(a->rules, b->rules);
}

static int compare_passages(const void *left, const void *right)
{
    const ul_passage *a = left, *b = right;
    int order = strcmp(a->record, b->record);
    if (order == 0)
        order = ul_compare_numbers(a->kind, b->kind);
    if (order == 0)
        order = strcmp(a->callee, b->callee);
    return order;
}

/* Sorts `count` items and takes out those that others equal; how many are left. Of equals the first stays: the order of jobs decides. */
static uint32_t settle(void *items, uint32_t count, size_t size, int (*compare)(const void *, const void *), ul_arena *arena)
{
    uint32_t kept = 0;
    unsigned char *bytes = items, *sorted = UL_NEW_ARRAY(arena, unsigned char, (size_t)count * size);
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, count + 1u), *merged = UL_NEW_ARRAY(arena, uint32_t, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    for (uint32_t width = 1; width < count; width *= 2) { /* merge sort: stable, as qsort need not be */
        for (uint32_t from = 0; from < count; from += 2 * width) {
            uint32_t middle = from + width < count ? from + width : count, end = from + 2 * width < count ? from + 2 * width : count;
            for (uint32_t a = from, b = middle, at = from; at < end; at++) {
                bool takes_a = a < middle && (b == end || compare(bytes + order[a] * size, bytes + order[b] * size) <= 0);
                merged[at] = takes_a ? order[a++] : order[b++];
            }
        }
        uint32_t *swap = order;
        order = merged;
        merged = swap;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || compare(sorted + (kept - 1) * size, bytes + order[i] * size) != 0)
            memcpy(sorted + kept++ * size, bytes + order[i] * size, size);
    }
    if (kept)
        memcpy(bytes, sorted, kept * size);
    return kept;
}

void ul_allocations_merge(ul_allocations *out, const ul_unit_result *results, uint32_t count, ul_arena *arena)
{
    ul_allocations all = {.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        all.count += results[i].allocations.count;
        all.release_count += results[i].allocations.release_count;
        all.comment_count += results[i].allocations.comment_count;
        all.passage_count += results[i].allocations.passage_count;
    }
    all.items = UL_NEW_ARRAY(arena, ul_allocation, all.count + 1u);
    all.releases = UL_NEW_ARRAY(arena, ul_release, all.release_count + 1u);
    all.comments = UL_NEW_ARRAY(arena, ul_body_comment, all.comment_count + 1u);
    all.passages = UL_NEW_ARRAY(arena, ul_passage, all.passage_count + 1u);
    all.count = all.release_count = all.comment_count = all.passage_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const ul_allocations *from = &results[i].allocations;
        for (uint32_t k = 0; k < from->count; k++)
            all.items[all.count++] = from->items[k];
        for (uint32_t k = 0; k < from->release_count; k++)
            all.releases[all.release_count++] = from->releases[k];
        for (uint32_t k = 0; k < from->comment_count; k++)
            all.comments[all.comment_count++] = from->comments[k];
        for (uint32_t k = 0; k < from->passage_count; k++)
            all.passages[all.passage_count++] = from->passages[k];
    }
    all.count = settle(all.items, all.count, sizeof *all.items, compare_allocations, arena);
    all.release_count = settle(all.releases, all.release_count, sizeof *all.releases, compare_releases, arena);
    all.comment_count = settle(all.comments, all.comment_count, sizeof *all.comments, compare_comments, arena);
    all.passage_count = settle(all.passages, all.passage_count, sizeof *all.passages, compare_passages, arena);
    ul_allocators_prove(&all, arena);
    *out = all;
}

uint32_t ul_judging_function(const ul_judging *j, const ul_row_ids *row)
{
    return j->index->census_function[row->function];
}

bool ul_judging_is_busy(const ul_judging *j, const ul_row_ids *row, uint32_t loop_depth)
{
    uint32_t function = ul_judging_function(j, row);
    if (function == UL_NO_FUNCTION)
        return false;
    uint32_t role = j->census->functions[function].role;
    return role != UL_ROLE_SETUP && role != UL_ROLE_TEARDOWN && (loop_depth > 0 || j->repeated[function] > 0);
}

void ul_judging_advise(ul_judging *j, ul_advice advice)
{
    UL_RESERVE(j->arena, j->out, j->count, j->capacity);
    advice.entry = UINT32_MAX;
    j->out[j->count++] = advice;
}

static bool judge_growth(ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    if (!(it->flags & UL_ALLOCATION_STEPS))
        return false;
    ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_GROWTH, .allocation = index, .release = UINT32_MAX});
    return true;
}

static uint32_t kinds_of(const ul_allocation *it)
{
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < it->use_count; i++)
        kinds |= 1u << it->uses[i].kind;
    return kinds;
}

enum { LOCAL_BYTES_MAX = 1 << 20, SMALL_BYTES_MAX = 1024 }; /* larger than the first are worth a call; up to the second the stack has room */

enum {
    LEAVES = 1u << UL_USE_RETURNED | 1u << UL_USE_STORED | 1u << UL_USE_PASSED,
    BLURS = 1u << UL_USE_REPLACED | 1u << UL_USE_UNCLEAR | 1u << UL_USE_RESIZED
};

/* Whether the pointer of a function's allocation is freed there and goes nowhere else. */
static bool stays(const ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    uint32_t kinds = kinds_of(it), wanted = UL_ALLOCATION_LOCAL | UL_ALLOCATION_HEAP, function = ul_judging_function(j, &j->index->items[index]);
    if ((it->flags & wanted) != wanted || it->flags & UL_ALLOCATION_RETYPED || !(kinds & 1u << UL_USE_FREED) || kinds & (LEAVES | BLURS))
        return false;
    bool is_token_elsewhere = j->tokens.has_another || j->tokens.one != function;
    for (uint32_t i = 0; i < it->use_count && is_token_elsewhere; i++) {
        if (it->uses[i].kind == UL_USE_LENT && strcmp(it->uses[i].detail, "strtok") == 0)
            return false; /* another may go on with this text */
    }
    return true;
}

/* Made once for each function: one with many locals asks for it as often. */
static const ul_function_note *note_of(const ul_judging *j, uint32_t index)
{
    uint32_t function = j->index->items[index].function, total;
    ul_function_note *note = &j->notes[function];
    if (note->is_made)
        return note;
    const uint32_t *rows = ul_rows_under(j->index, &j->index->items_by_function, function, &total);
    uint32_t *leaving = UL_NEW_ARRAY(j->arena, uint32_t, total);
    *note = (ul_function_note){.leaving = leaving, .is_made = true};
    for (uint32_t i = 0; i < total; i++) {
        const ul_allocation *it = &j->rows->items[rows[i]];
        if (it->flags & UL_ALLOCATION_LOCAL && kinds_of(it) & LEAVES)
            leaving[note->leaving_count++] = rows[i];
        note->stay_count += stays(j, rows[i]);
    }
    if (note->leaving_count)
        qsort(leaving, note->leaving_count, sizeof *leaving, ul_compare_indexes);
    return note;
}

/*
 * Whether there is something to gain: it is small, taken in a loop or in a function that a loop calls, one of several, or freed on several ways
 * out. One array of any size, once in a while, costs little beside what is done with it.
 */
static bool is_worth_it(const ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    uint32_t function = ul_judging_function(j, &j->index->items[index]), frees = 0;
    if (it->loop_depth || (it->size_bytes && it->size_bytes <= SMALL_BYTES_MAX) || (function != UL_NO_FUNCTION && j->repeated[function] == 1))
        return true;
    for (uint32_t i = 0; i < it->use_count; i++)
        frees += it->uses[i].kind == UL_USE_FREED;
    return frees > 1 || note_of(j, index)->stay_count > 1;
}

/* It is freed here and goes nowhere else: whatever the order of statements, nothing of it is left when the function returns. */
static bool judge_local(ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    if (!stays(j, index) || it->size_bytes > LOCAL_BYTES_MAX || !is_worth_it(j, index) || j->switches_stacks)
        return false;
    const ul_function_note *note = note_of(j, index);
    ul_advice advice = {.pattern = UL_ADVICE_LOCAL, .allocation = index, .release = UINT32_MAX, .members = note->leaving, .member_count = note->leaving_count};
    uint32_t function = ul_judging_function(j, &j->index->items[index]);
    advice.is_recursive = function == UL_NO_FUNCTION || j->is_recursive[function];
    ul_judging_advise(j, advice);
    return true;
}

/* A buffer as large as a file, filled, gone through once, freed: what is in it need not be in memory all at once. */
static bool judge_stream(ul_judging *j, uint32_t index)
{
    const ul_allocation *it = &j->rows->items[index];
    if (!(it->flags & UL_ALLOCATION_FORWARD) || !stays(j, index))
        return false;
    ul_judging_advise(j, (ul_advice){.pattern = UL_ADVICE_STREAM, .allocation = index, .release = UINT32_MAX});
    return true;
}

static int by_allocation(const void *left, const void *right)
{
    const ul_advice *a = left, *b = right;
    int order = ul_compare_numbers(a->allocation, b->allocation);
    return order ? order : ul_compare_numbers(a->pattern, b->pattern);
}

/* Who calls what while the program works. */
static const ul_busy_callers *busy_callers(const ul_census *census, const uint32_t *repeated, ul_arena *arena)
{
    ul_busy_callers *callers = UL_NEW_ARRAY(arena, ul_busy_callers, census->word_count + 1u);
    for (uint32_t i = 0; i < census->word_count; i++)
        callers[i].one = UL_NO_FUNCTION;
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        ul_busy_callers *of = &callers[call->callee];
        if (census->functions[call->function].role != UL_ROLE_RUNTIME || !repeated[call->function])
            continue;
        of->has_another |= of->one != UL_NO_FUNCTION && of->one != call->function;
        of->one = call->function;
    }
    return callers;
}

static ul_busy_callers callers_of(const ul_census *census, const char *name)
{
    ul_busy_callers callers = {.one = UL_NO_FUNCTION};
    ul_word id = ul_census_word(census, name);
    for (uint32_t i = 0; id && i < census->call_count; i++) {
        const ul_census_call *call = &census->calls[i];
        if (call->callee != id)
            continue;
        callers.has_another |= callers.one != UL_NO_FUNCTION && callers.one != call->function;
        callers.one = call->function;
    }
    return callers;
}

static bool has_main(const ul_census *census)
{
    ul_word name = ul_census_word(census, "main");
    for (uint32_t i = 0; name && i < census->function_count; i++) {
        if (census->functions[i].name == name)
            return true;
    }
    return false;
}

uint32_t ul_allocations_judge(ul_advice **out, uint64_t *looked, const ul_allocations *allocations, const ul_census *census, ul_arena *arena)
{
    ul_judging j = {.rows = allocations, .census = census, .arena = arena};
    j.index = ul_allocation_index_build(allocations, census, arena);
    ul_function_index_build(&j.functions, census, arena);
    j.repeated = ul_functions_repeated(census, arena);
    j.callers = busy_callers(census, j.repeated, arena);
    j.notes = UL_NEW_ARRAY(arena, ul_function_note, j.index->number_count);
    j.is_judged = UL_NEW_ARRAY(arena, bool, j.index->number_count);
    j.is_recursive = ul_functions_recursive(census, arena);
    j.tokens = callers_of(census, "strtok");
    j.switches_stacks = ul_functions_switch_stacks(census);
    j.has_main = has_main(census);
    for (uint32_t i = 0; i < allocations->count; i++) {
        const ul_allocation *it = &allocations->items[i];
        if (it->flags & UL_ALLOCATION_WANTED && ul_judging_is_busy(&j, &j.index->items[i], it->loop_depth))
            (void)(judge_growth(&j, i) || judge_stream(&j, i) || judge_local(&j, i) || ul_judge_cache(&j, i));
        if (!(it->flags & UL_ALLOCATION_HEAP))
            continue;
        ul_judge_nodes(&j, i);
        ul_judge_owner(&j, i);
    }
    if (j.count)
        qsort(j.out, j.count, sizeof *j.out, by_allocation);
    if (looked)
        *looked = j.index->looked;
    *out = j.out;
    return j.count;
}
