/*
 *  1. Check each list against the text; find how deep it stands in the others.
 *  2. See whether its positional values still set their fields in the new order. If so, nothing is to be done.
 *  3. Else either name every value (below), or let the values change places (exchange.h).
 *  4. Inside out: a named run of values gets braces, and so does each run around it that begins with these (C11 6.7.9p20: a brace
 *     belongs to the outermost object that begins there).
 *  5. Marks at one place stand in the order of their depth; where names would push aligned comments apart, blanks make up for it.
 *  6. The new text is read: with names it has the old tokens where they belong, else as many of each. If not, nothing is edited.
 */
#include "layout/rewrite/initializers.h"

#include <stdlib.h>
#include <string.h>

#include "layout/rewrite/exchange.h"
#include "layout/rewrite/realign.h"

/* One request on its way. */
typedef struct list_job {
    const ul_initializer_request *request;
    const ul_initializer *list;
    uint32_t *members;     /* of items: place of the member that each sets, in the new order; UINT32_MAX: none */
    uint32_t depth;
    bool changes;
    ul_rewrite_outcome outcome;
} list_job;

/* Text that goes in at one place, instead of `removed` bytes from there on. */
typedef struct mark {
    uint32_t at, removed;
    bool is_close;
    uint32_t rank; /* deeper is larger; marks of one place open in its order and close in the opposite one */
    const char *text;
} mark;

typedef struct brace {
    ul_span span;
    uint32_t rank, next; /* next: brace that begins at the same place, + 1 */
} brace;

typedef struct naming {
    const ul_source_text *text;
    mark *marks;
    uint32_t mark_count, mark_capacity;
    brace *braces;
    uint32_t brace_count, brace_capacity;
    uint32_t *brace_at; /* by offset: brace + 1 */
} naming;

/* --- Step 1. --- */

static void refuse(list_job *job, ul_rewrite_refusal refusal, const char *detail)
{
    job->outcome = (ul_rewrite_outcome){.refusal = refusal, .detail = detail};
}

static bool is_on_tokens(const ul_source_text *text, ul_span span)
{
    uint32_t first = ul_tokens_at(text->tokens, span.begin), after = ul_tokens_at(text->tokens, span.end);
    return span.begin < span.end && span.end <= text->length && first < text->tokens->count &&
           text->tokens->items[first].begin == span.begin && after > 0 && text->tokens->items[after - 1].end == span.end;
}

static bool is_in_text(const ul_source_text *text, const ul_initializer *list)
{
    if (!is_on_tokens(text, list->span) || (list->has_braces && text->bytes[list->span.begin] != '{' && text->bytes[list->span.begin] != '<'))
        return false;
    uint32_t at = list->span.begin;
    for (uint32_t i = 0; i < list->item_count; i++) {
        ul_span span = list->items[i].span, value = list->items[i].value;
        if (span.begin < at || span.end > list->span.end || value.begin < span.begin || value.end > span.end ||
            !is_on_tokens(text, span) || !is_on_tokens(text, value))
            return false;
        at = span.end;
    }
    return true;
}

/* Whether a directive stands between the items or begins one: nothing may be put before it on its line. */
static bool has_directive(const ul_source_text *text, const ul_initializer *list)
{
    uint32_t at = 0;
    for (uint32_t i = ul_tokens_at(text->tokens, list->span.begin); i < text->tokens->count && text->tokens->items[i].begin < list->span.end; i++) {
        const ul_token *token = &text->tokens->items[i];
        while (at < list->item_count && list->items[at].span.end <= token->begin)
            at++;
        bool is_inside = at < list->item_count && token->begin > list->items[at].value.begin;
        if (token->kind == UL_TOKEN_DIRECTIVE && !is_inside)
            return true;
    }
    return false;
}

static bool embeds(const ul_record *outer, const char *key)
{
    for (uint32_t i = 0; i < outer->field_count; i++) {
        if (outer->fields[i].embedded && strcmp(outer->fields[i].embedded, key) == 0)
            return true;
    }
    return false;
}

/* Outer lists first; of two over the same values, the one whose record holds the other's. */
static int compare_lists(const void *left, const void *right)
{
    const list_job *x = *(list_job *const *)left, *y = *(list_job *const *)right;
    const ul_initializer *a = x->list, *b = y->list;
    if (a->span.begin != b->span.begin)
        return a->span.begin < b->span.begin ? -1 : 1;
    if (a->span.end != b->span.end)
        return a->span.end > b->span.end ? -1 : 1;
    uint64_t a_bytes = x->request->record->size_bytes, b_bytes = y->request->record->size_bytes;
    if (a_bytes != b_bytes)
        return a_bytes > b_bytes ? -1 : 1;
    return (int)embeds(y->request->record, a->record) - (int)embeds(x->request->record, b->record);
}

/* Sorts the lists that can be worked on and numbers their depths; two of the same place and kind are refused. */
static uint32_t nest(list_job **sorted, list_job *jobs, uint32_t count, ul_arena *arena)
{
    uint32_t used = 0, depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!jobs[i].outcome.refusal && jobs[i].list->item_count)
            sorted[used++] = &jobs[i];
    }
    if (used > 1)
        qsort(sorted, used, sizeof(list_job *), compare_lists);
    list_job **around = UL_NEW_ARRAY(arena, list_job *, used + 1u);
    for (uint32_t i = 0; i < used; i++) {
        while (depth && around[depth - 1]->list->span.end <= sorted[i]->list->span.begin)
            depth--;
        if (i && compare_lists(&sorted[i - 1], &sorted[i]) == 0)
            refuse(sorted[i], UL_REWRITE_INITIALIZER_OBSTACLE, "several records begin with the same values");
        sorted[i]->depth = depth;
        around[depth++] = sorted[i];
    }
    return used;
}

/* --- Step 2. --- */

/* The place of the direct field that is, or holds, the one called `name`. */
static uint32_t member_called(const ul_initializer_request *request, const uint32_t *places, const char *name)
{
    const ul_record *record = request->record;
    for (uint32_t i = 0; name && i < record->field_count; i++) {
        uint32_t at = i;
        if (strcmp(record->fields[i].name, name) != 0)
            continue;
        while (record->fields[at].parent != UL_NO_PARENT)
            at = record->fields[at].parent;
        return places[at];
    }
    return UINT32_MAX;
}

/* Finds what each item sets, in places of the new order that count what a list can set (C11 6.7.9p9: no unnamed bit-fields). */
static void find_members(list_job *job, ul_arena *arena)
{
    const ul_initializer_request *request = job->request;
    const ul_record *record = request->record;
    uint32_t *places = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u), place = 0;
    for (uint32_t i = 0; i < request->order_count; i++) {
        const ul_field *field = request->order[i] < record->field_count ? &record->fields[request->order[i]] : NULL;
        if (field && !(field->flags & UL_FIELD_BIT_FIELD && !field->name[0]))
            places[request->order[i]] = place++;
    }
    job->members = UL_NEW_ARRAY(arena, uint32_t, job->list->item_count + 1u);
    uint32_t at = 0;
    for (uint32_t i = 0; i < job->list->item_count; i++) {
        const ul_initializer_item *item = &job->list->items[i];
        job->members[i] = member_called(request, places, item->field);
        job->changes |= !item->is_designated && job->members[i] != at;
        at = job->members[i] + 1;
    }
}

static void judge(list_job *job, const ul_source_text *text)
{
    const ul_initializer *list = job->list;
    if (list->item_count && !list->macro && !is_in_text(text, list)) {
        refuse(job, UL_REWRITE_STALE_TEXT, "");
        return;
    }
    if (list->item_count && !list->macro && has_directive(text, list)) {
        refuse(job, UL_REWRITE_INITIALIZER_OBSTACLE, "a preprocessor directive stands between its values");
        return;
    }
    if (!job->request->order)
        return;
    if (list->macro) {
        refuse(job, UL_REWRITE_INITIALIZER_MACRO, ul_arena_printf(text->arena, "macro `%s`", list->macro));
        return;
    }
    if (list->item_count)
        find_members(job, text->arena);
    bool is_unknown = list->item_count == 0;
    for (uint32_t i = 0; i < list->item_count; i++)
        is_unknown |= job->members[i] == UINT32_MAX;
    if ((job->changes || is_unknown) && (list->obstacle || is_unknown))
        refuse(job, UL_REWRITE_INITIALIZER_OBSTACLE, list->obstacle ? list->obstacle : "it sets something that has no name");
}

/* --- Steps 3 to 5: names. --- */

static void add_mark(naming *n, mark added)
{
    UL_RESERVE(n->text->arena, n->marks, n->mark_count, n->mark_capacity);
    n->marks[n->mark_count++] = added;
}

/* A run that is a struct's value and a list of its own has one pair: both give it the same rank. */
static void add_brace(naming *n, ul_span span, uint32_t rank)
{
    for (uint32_t i = n->brace_at[span.begin]; i; i = n->braces[i - 1].next) {
        if (n->braces[i - 1].span.end == span.end && n->braces[i - 1].rank == rank)
            return;
    }
    UL_RESERVE(n->text->arena, n->braces, n->brace_count, n->brace_capacity);
    n->braces[n->brace_count++] = (brace){span, rank, n->brace_at[span.begin]};
    n->brace_at[span.begin] = n->brace_count;
}

/* Names a value. What stands around the part that a name sets, braces of an anonymous union, goes. */
static bool name_item(naming *n, const ul_initializer_item *item, uint32_t rank)
{
    ul_span before = {item->span.begin, item->value.begin}, after = {item->value.end, item->span.end};
    const ul_tokens *tokens = n->text->tokens;
    for (uint32_t i = ul_tokens_at(tokens, item->span.begin); i < tokens->count && tokens->items[i].begin < item->span.end; i++) {
        const ul_token *token = &tokens->items[i];
        bool is_around = token->begin < item->value.begin || token->begin >= item->value.end;
        if (is_around && (token->kind != UL_TOKEN_PUNCT || !strchr("{},", token->punct)))
            return false;
    }
    add_mark(n, (mark){before.begin, before.end - before.begin, false, rank, ul_arena_printf(n->text->arena, ".%s = ", item->field)});
    if (after.end > after.begin)
        add_mark(n, (mark){after.begin, after.end - after.begin, true, rank, ""});
    return true;
}

static bool is_array(const ul_record *record, const char *name)
{
    for (uint32_t i = 0; name && i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return record->fields[i].flags & UL_FIELD_ARRAY;
    }
    return false;
}

enum { RANKS = 3 }; /* a depth's own brace, its names, the braces of its arrays */

static void name_list(naming *n, list_job *job)
{
    const ul_initializer *list = job->list;
    uint32_t marks_before = n->mark_count;
    for (uint32_t i = 0; i < list->item_count && job->changes; i++) {
        if (list->items[i].is_designated || name_item(n, &list->items[i], RANKS * job->depth + 1))
            continue;
        n->mark_count = marks_before;
        job->changes = false;
        refuse(job, UL_REWRITE_INITIALIZER_OBSTACLE, "a comment stands in the braces around a value of an anonymous union");
    }
    for (uint32_t i = 0; i < list->item_count; i++) {
        const ul_initializer_item *item = &list->items[i];
        if (item->is_elided && (job->changes || n->brace_at[item->value.begin]))
            add_brace(n, item->value, is_array(job->request->record, item->field) ? RANKS * job->depth + 2 : RANKS * (job->depth + 1));
    }
    if (!list->has_braces && (job->changes || n->brace_at[list->span.begin]))
        add_brace(n, list->span, RANKS * job->depth);
}

static int compare_marks(const void *left, const void *right)
{
    const mark *a = left, *b = right;
    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    if (a->is_close != b->is_close)
        return a->is_close ? -1 : 1;
    int order = (a->rank > b->rank) - (a->rank < b->rank);
    return a->is_close ? -order : order;
}

/* Whether the braces around `at` have blanks on their inner sides: new ones look like them. */
static bool has_wide_braces(const ul_source_text *text, uint32_t at)
{
    uint32_t depth = 0;
    for (uint32_t i = ul_tokens_at(text->tokens, at); i > 0; i--) {
        const ul_token *token = &text->tokens->items[i - 1];
        if (token->kind != UL_TOKEN_PUNCT || (token->punct != '{' && token->punct != '}'))
            continue;
        if (token->punct == '{' && depth-- == 0)
            return token->end < text->length && strchr(" \t\r\n", text->bytes[token->end]);
        depth += token->punct == '}';
    }
    return false;
}

static ul_status write_marks(ul_initializer_edits *out, naming *n)
{
    ul_arena *arena = n->text->arena;
    for (uint32_t i = 0; i < n->brace_count; i++) {
        bool is_wide = has_wide_braces(n->text, n->braces[i].span.begin);
        add_mark(n, (mark){n->braces[i].span.begin, 0, false, n->braces[i].rank, is_wide ? "{ " : "{"});
        add_mark(n, (mark){n->braces[i].span.end, 0, true, n->braces[i].rank, is_wide ? " }" : "}"});
    }
    if (n->mark_count > 1)
        qsort(n->marks, n->mark_count, sizeof *n->marks, compare_marks);
    out->edits = UL_NEW_ARRAY(arena, ul_edit, n->mark_count + 1u);
    for (uint32_t i = 0, next; i < n->mark_count; i = next) {
        const char *text = n->marks[i].text;
        uint32_t removed = n->marks[i].removed;
        for (next = i + 1; next < n->mark_count && n->marks[next].at == n->marks[i].at; next++) {
            text = ul_arena_printf(arena, "%s%s", text, n->marks[next].text);
            removed = n->marks[next].removed > removed ? n->marks[next].removed : removed;
        }
        out->edits[out->edit_count++] = (ul_edit){{n->marks[i].at, n->marks[i].at + removed}, text, (uint32_t)strlen(text)};
    }
    return ul_realign_comments(&out->edits, &out->edit_count, n->text);
}

static ul_status name_lists(ul_initializer_edits *out, const ul_source_text *text, list_job **sorted, uint32_t count)
{
    naming n = {.text = text, .brace_at = UL_NEW_ARRAY(text->arena, uint32_t, (uint64_t)text->length + 1)};
    if (!n.brace_at)
        return UL_ERR_NOMEM;
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < count; i++)
        deepest = sorted[i]->depth > deepest ? sorted[i]->depth : deepest;
    for (uint32_t depth = deepest + 1; depth-- > 0;) {
        for (uint32_t i = 0; i < count; i++) {
            if (sorted[i]->depth == depth && !sorted[i]->outcome.refusal)
                name_list(&n, sorted[i]);
        }
    }
    return write_marks(out, &n);
}

/* --- Step 3: values that change places. --- */

static ul_status exchange_lists(ul_initializer_edits *out, const ul_source_text *text, list_job **sorted, uint32_t count)
{
    ul_recuts recuts = {0};
    for (uint32_t i = 0; i < count; i++) {
        list_job *job = sorted[i];
        if (job->outcome.refusal || !job->changes)
            continue;
        ul_rewrite_refusal refusal = ul_exchange_values(&recuts, text, job->list, job->members);
        if (refusal)
            refuse(job, refusal, ul_arena_printf(text->arena, "line %u", job->list->line));
    }
    ul_recuts_sort(&recuts);
    return ul_recuts_edits(&out->edits, &out->edit_count, text->bytes, &recuts, text->arena);
}

/* --- Step 6. --- */

static bool is_one_of(const ul_token *token, const char *puncts)
{
    return token->kind == UL_TOKEN_PUNCT && token->punct && strchr(puncts, token->punct);
}

/* Whether each token of the old text stands where the edits put it, but for braces and commas that they take out. */
static bool has_names_only(const ul_initializer_edits *edits, const ul_source_text *text, const ul_tokens *tokens)
{
    uint32_t edit = 0;
    int64_t shift = 0;
    for (uint32_t i = 0; i < text->tokens->count; i++) {
        const ul_token *old = &text->tokens->items[i];
        while (edit < edits->edit_count && edits->edits[edit].span.end <= old->begin) {
            shift += (int64_t)edits->edits[edit].length - (edits->edits[edit].span.end - edits->edits[edit].span.begin);
            edit++;
        }
        if (edit < edits->edit_count && edits->edits[edit].span.begin < old->end) {
            if (!is_one_of(old, "{},"))
                return false;
            continue;
        }
        uint32_t begin = (uint32_t)(old->begin + shift);
        const ul_token *now = &tokens->items[ul_tokens_at(tokens, begin)];
        if (now->begin != begin || now->kind != old->kind || now->end - now->begin != old->end - old->begin)
            return false;
    }
    return true;
}

/* A sum over tokens, commas aside, that does not depend on their order. */
static uint64_t sum_tokens(const char *bytes, const ul_tokens *tokens)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < tokens->count; i++) {
        uint64_t hash = 14695981039346656037u ^ tokens->items[i].kind; /* FNV-1a */
        for (uint32_t at = tokens->items[i].begin; at < tokens->items[i].end; at++)
            hash = (hash ^ (unsigned char)bytes[at]) * 1099511628211u;
        sum += is_one_of(&tokens->items[i], ",") ? 0 : hash * (hash >> 7 | 1);
    }
    return sum;
}

/* Takes the edits back, and what they were for, when the new text does not have the old one's tokens. */
static ul_status check_tokens(ul_initializer_edits *out, const ul_source_text *text, list_job *jobs, uint32_t count, bool reorders)
{
    ul_strbuf buffer;
    ul_strbuf_init(&buffer);
    ul_edits_apply(&buffer, text->bytes, text->length, out->edits, out->edit_count);
    if (buffer.has_failed) {
        ul_strbuf_free(&buffer);
        return UL_ERR_NOMEM;
    }
    ul_tokens tokens;
    const char *bytes = buffer.data ? buffer.data : "";
    ul_tokens_read(&tokens, bytes, buffer.length, text->arena);
    bool is_right = reorders ? sum_tokens(bytes, &tokens) == sum_tokens(text->bytes, text->tokens) : has_names_only(out, text, &tokens);
    ul_strbuf_free(&buffer);
    if (is_right)
        return UL_OK;
    out->edit_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (jobs[i].changes && !jobs[i].outcome.refusal)
            refuse(&jobs[i], UL_REWRITE_INTERNAL_CHECK, "");
    }
    return UL_OK;
}

ul_status ul_initializers_rewrite(ul_initializer_edits *out, const char *bytes, uint64_t length, const ul_initializer_request *requests,
                                  uint32_t count, bool reorders, ul_arena *arena)
{
    *out = (ul_initializer_edits){0};
    if (length > INT32_MAX / 2)
        return UL_ERR_LIMIT;
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, arena);
    ul_source_text text = {bytes, (uint32_t)length, &tokens, arena};
    list_job *jobs = UL_NEW_ARRAY(arena, list_job, count + 1u), **sorted = UL_NEW_ARRAY(arena, list_job *, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        jobs[i] = (list_job){.request = &requests[i], .list = requests[i].initializer, .outcome = {.detail = ""}};
        judge(&jobs[i], &text);
    }
    uint32_t used = nest(sorted, jobs, count, arena);
    ul_status status = reorders ? exchange_lists(out, &text, sorted, used) : name_lists(out, &text, sorted, used);
    if (status == UL_OK && out->edit_count)
        status = check_tokens(out, &text, jobs, count, reorders);
    out->outcomes = UL_NEW_ARRAY(arena, ul_rewrite_outcome, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        out->outcomes[i] = jobs[i].outcome;
    return status;
}
