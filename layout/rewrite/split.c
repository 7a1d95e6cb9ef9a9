/*
 *  1. Find the declarations that an order takes apart; split each (declarators.h).
 *  2. Copy the records of all requests, with the new declarations as groups and their places in the split text.
 *  3. Put the split text in order. A request that is refused there must not stay split: without it, again from 1.
 *  4. Make the edits of both steps one list.
 */
#include "layout/rewrite/split.h"

#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/declarators.h"

/* One request on its way. */
typedef struct split_job {
    const ul_rewrite_request *request;
    ul_rewrite_outcome outcome;
    uint32_t *apart; /* groups, ascending */
    ul_split *splits; /* one for each of them */
    uint32_t apart_count;
} split_job;

typedef struct split_list {
    ul_edit *items;
    uint32_t count, capacity;
} split_list;

/* --- Step 1. --- */

/* Lists the groups whose fields do not stand together, in their order, in the order asked for, or of which some begin a line. */
static void find_apart(split_job *job, ul_arena *arena)
{
    const ul_rewrite_request *request = job->request;
    const ul_record *record = request->record;
    bool *is_apart = UL_NEW_ARRAY(arena, bool, record->group_count + 1u);
    for (uint32_t at = 0; at < request->order_count; at++) {
        uint32_t index = request->order[at];
        if (index >= record->field_count || record->fields[index].group >= record->group_count)
            return; /* no order: the next step says so */
        uint32_t group = record->fields[index].group, next = index + 1;
        while (next < record->field_count && record->fields[next].parent != UL_NO_PARENT)
            next++;
        bool has_more = next < record->field_count && record->fields[next].group == group;
        if (has_more && (at + 1 == request->order_count || request->order[at + 1] != next))
            is_apart[group] = true;
    }
    for (uint32_t i = 0; i < request->aligned_count; i++) {
        uint32_t group = record->fields[request->aligned[i]].group;
        if (group < record->group_count && record->groups[group].field_count > 1)
            is_apart[group] = true;
    }
    job->apart = UL_NEW_ARRAY(arena, uint32_t, record->group_count + 1u);
    for (uint32_t i = 0; i < record->group_count; i++) {
        if (is_apart[i])
            job->apart[job->apart_count++] = i;
    }
}

/* Whether the record's declarations stand in the text where it says. */
static bool is_in_text(const ul_source_text *text, const ul_record *record)
{
    for (uint32_t i = 0; i < record->group_count; i++) {
        ul_span span = record->groups[i].span;
        if (span.begin >= span.end || span.end > text->length)
            return false;
    }
    return true;
}

static void split_groups(split_job *job, const ul_source_text *text)
{
    const ul_record *record = job->request->record;
    job->splits = UL_NEW_ARRAY(text->arena, ul_split, job->apart_count + 1u);
    if (!is_in_text(text, record)) {
        job->outcome = (ul_rewrite_outcome){.refusal = UL_REWRITE_STALE_TEXT, .detail = ""};
        return;
    }
    for (uint32_t i = 0; i < job->apart_count; i++) {
        ul_rewrite_refusal refusal = ul_declarators_split(&job->splits[i], text, record, job->apart[i]);
        if (!refusal)
            continue;
        uint32_t token = ul_tokens_at(text->tokens, record->groups[job->apart[i]].span.begin);
        job->outcome = (ul_rewrite_outcome){
            .refusal = refusal, .detail = ul_arena_printf(text->arena, "line %u", text->tokens->items[token].line)};
        return;
    }
}

/* Edits of all jobs that are not refused; a job whose edits overlap another's is refused. */
static void list_edits(split_list *list, split_job *jobs, uint32_t count, ul_arena *arena)
{
    *list = (split_list){0};
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < jobs[i].apart_count && !jobs[i].outcome.refusal; k++) {
            for (uint32_t e = 0; e < list->count; e++) {
                if (list->items[e].span.begin < jobs[i].splits[k].edit.span.end && jobs[i].splits[k].edit.span.begin < list->items[e].span.end)
                    jobs[i].outcome = (ul_rewrite_outcome){.refusal = UL_REWRITE_OVERLAP, .detail = ""};
            }
        }
        for (uint32_t k = 0; k < jobs[i].apart_count && !jobs[i].outcome.refusal; k++) {
            UL_RESERVE(arena, list->items, list->count, list->capacity);
            list->items[list->count++] = jobs[i].splits[k].edit;
        }
    }
    ul_edits_sort(list->items, list->count);
}

/* --- Step 2. --- */

/* Where the byte at `offset`, which no edit replaces, stands after `edits`. */
static uint32_t moved_offset(const split_list *edits, uint32_t offset)
{
    uint32_t moved = offset;
    for (uint32_t i = 0; i < edits->count && edits->items[i].span.end <= offset; i++)
        moved += edits->items[i].length - (edits->items[i].span.end - edits->items[i].span.begin);
    return moved;
}

static ul_span moved_span(const split_list *edits, ul_span span)
{
    return (ul_span){moved_offset(edits, span.begin), moved_offset(edits, span.end)};
}

/* Gives every field of group `group` that is split a group of its own. */
static void add_split_groups(ul_record *copy, const split_job *job, const ul_split *split, uint32_t group, const split_list *edits)
{
    const ul_record *record = job->request->record;
    uint32_t begin = moved_offset(edits, split->edit.span.begin), at = 0;
    for (uint32_t i = 0; i < record->field_count && at < split->count; i++) {
        if (record->fields[i].parent != UL_NO_PARENT || record->fields[i].group != group)
            continue;
        ul_span span = {begin + split->spans[at].begin, begin + split->spans[at].end};
        copy->fields[i].group = copy->group_count;
        copy->groups[copy->group_count++] = (ul_group){i, 1, record->groups[group].segment, span};
        at++;
    }
}

static const ul_record *copy_record(const split_job *job, const split_list *edits, ul_arena *arena)
{
    const ul_record *record = job->request->record;
    ul_record *copy = UL_NEW(arena, ul_record);
    *copy = *record;
    copy->body = moved_span(edits, record->body);
    copy->span = moved_span(edits, record->span);
    copy->group_count = 0;
    copy->fields = UL_NEW_ARRAY(arena, ul_field, record->field_count + 1u);
    if (record->field_count)
        memcpy(copy->fields, record->fields, record->field_count * sizeof *copy->fields);
    if (record->groups)
        copy->groups = UL_NEW_ARRAY(arena, ul_group, record->group_count + record->field_count + 1u);
    for (uint32_t i = 0, apart = 0; i < record->group_count; i++) {
        if (apart < job->apart_count && job->apart[apart] == i) {
            add_split_groups(copy, job, &job->splits[apart++], i, edits);
            continue;
        }
        ul_group *group = &copy->groups[copy->group_count];
        *group = record->groups[i];
        group->span = moved_span(edits, group->span);
        for (uint32_t f = 0; f < record->field_count; f++) {
            if (record->fields[f].parent == UL_NO_PARENT && record->fields[f].group == i)
                copy->fields[f].group = copy->group_count;
        }
        copy->group_count++;
    }
    return copy;
}

/* --- Steps 3 and 4. --- */

/* One round: splits, puts in order. *again tells that a request fell out which others were written with. */
static ul_status run_round(ul_rewrite *out, const ul_source_text *text, split_job *jobs, uint32_t count, bool *again)
{
    split_list edits;
    ul_arena *arena = text->arena;
    list_edits(&edits, jobs, count, arena);
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    ul_edits_apply(&buffer, text->bytes, text->length, edits.items, edits.count);
    const char *bytes = buffer.has_failed ? NULL : ul_arena_strndup(arena, buffer.data ? buffer.data : "", buffer.length);
    uint64_t length = buffer.length;
    ul_strbuf_free(&buffer);
    if (!bytes)
        return UL_ERR_NOMEM;
    ul_rewrite_request *requests = UL_NEW_ARRAY(arena, ul_rewrite_request, count + 1u);
    uint32_t *job_of = UL_NEW_ARRAY(arena, uint32_t, count + 1u), request_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (jobs[i].outcome.refusal)
            continue;
        requests[request_count] = *jobs[i].request;
        requests[request_count].record = copy_record(&jobs[i], &edits, arena);
        job_of[request_count++] = i;
    }
    ul_rewrite ordered;
    ul_status status = ul_rewrite_in_order(&ordered, bytes, length, requests, request_count, arena);
    if (status != UL_OK)
        return status;
    *again = false;
    for (uint32_t i = 0; i < request_count; i++) {
        jobs[job_of[i]].outcome = ordered.outcomes[i];
        *again |= ordered.outcomes[i].refusal && jobs[job_of[i]].apart_count;
    }
    *out = ordered;
    return ul_edits_compose(&out->edits, &out->edit_count, bytes, edits.items, edits.count, ordered.edits, ordered.edit_count, arena);
}

static bool is_any_apart(const split_job *jobs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (jobs[i].apart_count)
            return true;
    }
    return false;
}

ul_status ul_rewrite_split(ul_rewrite *out, const char *bytes, uint64_t length, const ul_rewrite_request *requests, uint32_t count,
                           ul_arena *arena)
{
    *out = (ul_rewrite){0};
    if (length > INT32_MAX / 2)
        return UL_ERR_LIMIT;
    split_job *jobs = UL_NEW_ARRAY(arena, split_job, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        jobs[i] = (split_job){.request = &requests[i], .outcome = {.detail = ""}};
        if (requests[i].may_split)
            find_apart(&jobs[i], arena);
    }
    if (!is_any_apart(jobs, count))
        return ul_rewrite_in_order(out, bytes, length, requests, count, arena);
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    ul_source_text text = {bytes, (uint32_t)length, &tokens, arena};
    for (uint32_t i = 0; i < count; i++)
        split_groups(&jobs[i], &text);
    for (bool again = true; again;) {
        ul_status status = run_round(out, &text, jobs, count, &again);
        if (status != UL_OK)
            return status;
    }
    out->outcomes = UL_NEW_ARRAY(arena, ul_rewrite_outcome, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        out->outcomes[i] = jobs[i].outcome;
    return UL_OK;
}
