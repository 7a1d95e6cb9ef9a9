/*
 * 1. Sort the records of both sides by file and name, the old ones under the new names of renamed files, and pair equals.
 * 2. What is left over on both sides under one name moved between headers, when only one of that name did.
 * 3. Judge each pair on every target; the first target with a difference is told, others when they are worse.
 */
#include "layout/engine/changes.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "layout/engine/change_effects.h"
#include "layout/engine/facts.h"

/* A record of one side with what it is found by. */
typedef struct side_record {
    const ul_entry *entry;
    const char *file; /* as the new side calls it */
    const char *name;
    uint32_t nth; /* of its side: the order of records of one name in one file */
    bool is_paired, is_file_changed;
} side_record;

typedef struct finding_changes {
    const ul_changes_request *request;
    ul_changes *out;
    uint32_t capacity;
    ul_arena *arena;
} finding_changes;

static const ul_file_change *file_change_of(const ul_changes_request *request, const char *file, bool is_before)
{
    for (uint32_t i = 0; i < request->file_count; i++) {
        const char *path = is_before ? request->files[i].before : request->files[i].after;
        if (path && strcmp(path, file) == 0)
            return &request->files[i];
    }
    return NULL;
}

static int by_identity(const void *left, const void *right)
{
    const side_record *a = left, *b = right;
    int order = strcmp(a->file, b->file);
    if (order == 0)
        order = strcmp(a->name, b->name);
    return order ? order : (a->nth > b->nth) - (a->nth < b->nth);
}

static int by_name(const void *left, const void *right)
{
    const side_record *a = *(const side_record *const *)left, *b = *(const side_record *const *)right;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->nth > b->nth) - (a->nth < b->nth);
}

/* Records that stand for themselves: what an anonymous member holds is told with the record around it. */
static side_record *sort_side(uint32_t *count, const ul_changes_request *request, bool is_before, ul_arena *arena)
{
    const ul_entry *entries = is_before ? request->before : request->after;
    uint32_t entry_count = is_before ? request->before_count : request->after_count;
    side_record *records = UL_NEW_ARRAY(arena, side_record, entry_count + 1u);
    const ul_file_change *change = NULL;
    *count = 0;
    for (uint32_t i = 0; i < entry_count; i++) {
        const ul_record *record = entries[i].record;
        if (i == 0 || strcmp(record->file, entries[i - 1].record->file) != 0)
            change = file_change_of(request, record->file, is_before);
        if (record->flags & UL_RECORD_MEMBER)
            continue;
        records[*count] = (side_record){.entry = &entries[i],
                                        .file = change && change->before && change->after ? change->after : record->file,
                                        .name = record->name,
                                        .nth = *count,
                                        .is_file_changed = change != NULL};
        ++*count;
    }
    qsort(records, *count, sizeof *records, by_identity);
    return records;
}

static bool is_doubtful(const ul_record *record)
{
    enum {
        DOUBTFUL = 1u << UL_REFUSE_INVALID_RECORD | 1u << UL_REFUSE_INVALID_TYPE | 1u << UL_REFUSE_ERROR_IN_RECORD |
                   1u << UL_REFUSE_MISSING_INCLUDE | 1u << UL_REFUSE_UNIT_ERRORS
    };
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        if (DOUBTFUL & 1u << record->refusals[i].reason)
            return true;
    }
    return false;
}

/* The entry as it is on `target`, NULL when it is not there. */
static const ul_entry *on_target(const finding_changes *f, const ul_entry *entry, uint32_t target)
{
    if (entry->record->target == target)
        return entry;
    for (uint32_t i = 0; i < entry->variant_count; i++) {
        if (entry->variants[i]->target != target)
            continue;
        ul_entry *other = UL_NEW(f->arena, ul_entry);
        other->record = entry->variants[i];
        ul_facts_of(&other->facts, other->record, &f->request->targets[target], f->arena);
        return other;
    }
    return NULL;
}

static bool is_public(const ul_changes_request *request, const ul_entry *entry)
{
    return entry && request->is_public && request->is_public(request->context, entry->record->file);
}

static void add(finding_changes *f, const ul_change *change)
{
    UL_RESERVE(f->arena, f->out->items, f->out->count, f->capacity);
    f->out->items[f->out->count++] = *change;
}

static void unclear(ul_change *change, const char *detail)
{
    change->kind = UL_CHANGE_UNCLEAR;
    change->detail = detail;
    change->worse = change->better = change->abi = 0;
    change->cost_bytes = 0;
}

static void compare_pair(finding_changes *f, side_record *old, side_record *new)
{
    const ul_changes_request *request = f->request;
    uint32_t told = 0;
    bool has_told = false;
    old->is_paired = new->is_paired = true;
    f->out->compared++;
    for (uint32_t target = 0; target < request->target_count; target++) {
        ul_change change = {.before = on_target(f, old->entry, target),
                            .after = on_target(f, new->entry, target),
                            .is_moved = strcmp(old->file, new->file) != 0,
                            .detail = ""};
        if (!change.before || !change.after)
            continue;
        change.is_public = is_public(request, change.before) || is_public(request, change.after);
        if (!ul_change_judge(&change, &request->targets[target], request->is_abi, f->arena))
            continue;
        if (is_doubtful(change.before->record) || is_doubtful(change.after->record))
            unclear(&change, is_doubtful(change.before->record) ? "the old side was read with errors" : "the new side was read with errors");
        if (has_told && !(change.worse & ~told))
            continue;
        told |= change.worse;
        has_told = true;
        add(f, &change);
    }
}

/* Only on one side. Where the file did not change, or the other side was not read whole, that says little. */
static void add_single(finding_changes *f, const side_record *single, bool is_before)
{
    const ul_changes_request *request = f->request;
    bool is_other_whole = is_before ? request->is_after_whole : request->is_before_whole;
    if (single->is_paired || !single->is_file_changed)
        return;
    ul_change change = {.before = is_before ? single->entry : NULL,
                        .after = is_before ? NULL : single->entry,
                        .kind = is_before ? UL_CHANGE_REMOVED : UL_CHANGE_ADDED,
                        .is_public = is_public(request, single->entry),
                        .abi = is_before ? UL_ABI_REMOVED : 0,
                        .detail = ""};
    if (is_before && request->is_abi && change.is_public)
        change.worse = 1u << UL_EFFECT_ABI;
    if (!is_other_whole)
        unclear(&change, is_before ? "the new side was not read whole" : "the old side was not read whole");
    add(f, &change);
}

static side_record **left_over(uint32_t *count, side_record *records, uint32_t record_count, ul_arena *arena)
{
    side_record **left = UL_NEW_ARRAY(arena, side_record *, record_count + 1u);
    *count = 0;
    for (uint32_t i = 0; i < record_count; i++) {
        if (!records[i].is_paired)
            left[(*count)++] = &records[i];
    }
    if (*count)
        qsort(left, *count, sizeof *left, by_name);
    return left;
}

static uint32_t run_of(side_record *const *records, uint32_t count, uint32_t from)
{
    uint32_t to = from;
    while (to < count && strcmp(records[to]->name, records[from]->name) == 0)
        to++;
    return to - from;
}

/* A move shows in a file that lost the record and one that got it; names that several files share are not guessed at. */
static void pair_moved(finding_changes *f, side_record *old, uint32_t old_count, side_record *new, uint32_t new_count)
{
    uint32_t a_count, b_count;
    side_record **a = left_over(&a_count, old, old_count, f->arena), **b = left_over(&b_count, new, new_count, f->arena);
    for (uint32_t i = 0, j = 0; i < a_count && j < b_count;) {
        int order = strcmp(a[i]->name, b[j]->name);
        uint32_t a_run = order <= 0 ? run_of(a, a_count, i) : 0, b_run = order >= 0 ? run_of(b, b_count, j) : 0;
        if (order == 0 && a_run == 1 && b_run == 1 && (a[i]->is_file_changed || b[j]->is_file_changed))
            compare_pair(f, a[i], b[j]);
        i += a_run;
        j += b_run;
    }
}

static void pair(finding_changes *f)
{
    uint32_t old_count, new_count;
    side_record *old = sort_side(&old_count, f->request, true, f->arena);
    side_record *new = sort_side(&new_count, f->request, false, f->arena);
    for (uint32_t i = 0, j = 0; i < old_count && j < new_count;) {
        int order = strcmp(old[i].file, new[j].file);
        order = order ? order : strcmp(old[i].name, new[j].name);
        if (order == 0)
            compare_pair(f, &old[i], &new[j]);
        i += order <= 0;
        j += order >= 0;
    }
    pair_moved(f, old, old_count, new, new_count);
    for (uint32_t i = 0; i < old_count; i++)
        add_single(f, &old[i], true);
    for (uint32_t i = 0; i < new_count; i++)
        add_single(f, &new[i], false);
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_';
}

/* Whether `text` speaks of the record: its name without `struct` or `union` stands there as a word. */
static bool names_record(const char *text, const ul_record *record)
{
    const char *space = strchr(record->name, ' ');
    const char *name = space ? space + 1 : record->name;
    size_t length = strlen(name);
    for (const char *at = text; length && (at = strstr(at, name)) != NULL; at++) {
        if ((at == text || !is_word_byte(at[-1])) && !is_word_byte(at[length]))
            return true;
    }
    return false;
}

/* Gives each assertion to the changes that it names; returns how many are left to themselves. */
static uint32_t assign_guards(finding_changes *f)
{
    const ul_changes_request *request = f->request;
    uint32_t loose = 0;
    for (uint32_t g = 0; g < request->guard_count; g++) {
        bool is_assigned = false;
        for (uint32_t i = 0; i < f->out->count; i++) {
            ul_change *change = &f->out->items[i];
            if (!change->after || change->kind == UL_CHANGE_UNCLEAR || !names_record(request->guards[g].message, change->after->record))
                continue;
            const ul_diag **guards = UL_NEW_ARRAY(f->arena, const ul_diag *, change->guard_count + 1u);
            if (change->guard_count)
                memcpy(guards, change->guards, change->guard_count * sizeof *guards);
            guards[change->guard_count++] = &request->guards[g];
            change->guards = guards;
            change->worse |= 1u << UL_EFFECT_GUARD;
            is_assigned = true;
        }
        loose += !is_assigned;
    }
    return loose;
}

static uint32_t worst_of(uint32_t effects)
{
    uint32_t effect = 0;
    while (effect < UL_EFFECT_COUNT && !(effects & 1u << effect))
        effect++;
    return effect;
}

typedef struct ranked {
    ul_change change;
    bool fails;
    uint32_t added; /* last resort */
} ranked;

static int by_rank(const void *left, const void *right)
{
    const ranked *a = left, *b = right;
    if (a->fails != b->fails)
        return a->fails ? -1 : 1;
    uint32_t a_worst = worst_of(a->change.worse), b_worst = worst_of(b->change.worse);
    if (a_worst != b_worst)
        return a_worst < b_worst ? -1 : 1;
    if (a->change.cost_bytes != b->change.cost_bytes)
        return a->change.cost_bytes > b->change.cost_bytes ? -1 : 1;
    const ul_record *a_record = ul_change_record(&a->change), *b_record = ul_change_record(&b->change);
    int order = strcmp(a_record->file, b_record->file);
    if (order == 0 && a_record->line != b_record->line)
        order = a_record->line < b_record->line ? -1 : 1;
    if (order == 0)
        order = strcmp(a_record->name, b_record->name);
    return order ? order : (a->added > b->added) - (a->added < b->added);
}

static void rank(finding_changes *f)
{
    ul_changes *out = f->out;
    ranked *items = UL_NEW_ARRAY(f->arena, ranked, out->count + 1u);
    for (uint32_t i = 0; i < out->count; i++)
        items[i] = (ranked){out->items[i], ul_change_fails(out, &out->items[i]), i};
    qsort(items, out->count, sizeof *items, by_rank);
    for (uint32_t i = 0; i < out->count; i++) {
        out->items[i] = items[i].change;
        out->fail_count += ul_change_fails(out, &out->items[i]);
    }
}

void ul_changes_find(ul_changes *out, const ul_changes_request *request, ul_arena *arena)
{
    finding_changes f = {.request = request, .out = out, .arena = arena};
    *out = (ul_changes){.before_name = "",
                        .after_name = "",
                        .fail_on = request->fail_on,
                        .guards = request->guards,
                        .guard_count = request->guard_count,
                        .is_abi = request->is_abi};
    pair(&f);
    uint32_t loose = assign_guards(&f);
    rank(&f);
    if (request->fail_on & 1u << UL_EFFECT_GUARD)
        out->fail_count += loose;
}
