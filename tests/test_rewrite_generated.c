/*
 * Thousands of generated records with comments of all kinds, rewritten as planned and as chance orders: libclang reads the
 * new text and finds the same fields, at the sizes and offsets that the plan told; gcc and clang compile it;
 * every comment that was some field's is still that field's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout/engine/merge.h"
#include "layout/engine/plans.h"
#include "layout/model/lexer.h"
#include "layout/parse/workers.h"
#include "layout/rewrite/rewrite.h"
#include "tests/dressed_source.h"
#include "tests/oracle.h"

enum {
    BATCHES = 12,
    BATCH_RECORDS = 220,
    FLOOR_RECORDS = 2000,
    FLOOR_REWRITTEN = 500,
    FLOOR_SPLIT = 8,
    FLOOR_APART = 200,
    REFUSED_PERCENT_MAX = 12,
    APART_REFUSED_PERCENT_MAX = 16 /* comments between declarators are as often anybody's */
};

typedef struct batch {
    dresser source;
    const char *header, *after; /* absolute paths */
    const char *args[4];
    ul_rewrite rewrite;
    ul_rewrite_request *requests;
    const ul_plan **plans; /* of the requests; NULL for chance orders */
    uint32_t request_count;
} batch;

typedef struct run {
    ul_arena arena;
    char directory[64];
    const char *clang;
    batch batches[BATCHES];
    ul_unit_result results[BATCHES];
    ul_target target;
    uint32_t failures;
} run;

static void complain(run *r, const char *file, const char *name, const char *what)
{
    if (r->failures++ < 20)
        printf("%s: %s: %s\n", file, name, what);
}

static bool write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    size_t written = fwrite(bytes, 1, length, out);
    return fclose(out) == 0 && written == length;
}

static int read_units(run *r, ul_unit_result *results, bool is_after)
{
    ul_unit_job jobs[BATCHES];
    const char *paths[BATCHES];
    for (uint32_t i = 0; i < BATCHES; i++) {
        paths[i] = is_after ? r->batches[i].after : r->batches[i].header;
        jobs[i] = (ul_unit_job){
            .file = paths[i], .directory = r->directory, .args = r->batches[i].args, .arg_count = 4};
    }
    ul_file_filter filter = {.paths = paths, .count = BATCHES};
    ul_workers_options options = {.workers = 2, .timeout_seconds = 60, .filter = &filter};
    return ul_workers_run(results, jobs, BATCHES, &options, &r->arena) == UL_OK ? 0 : -1;
}

/* ULLAGE_ORACLE_SEED=N: other records than those of every run, to look further. */
static uint64_t seed_of(uint32_t index)
{
    const char *more = getenv("ULLAGE_ORACLE_SEED");
    return (more ? strtoull(more, NULL, 10) * 1000 : 0) + 500 + index;
}

static int set_up(void **state)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return -1;
    *state = r;
    ul_arena_init(&r->arena, NULL);
    r->clang = oracle_clang();
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-rewrite-XXXXXX");
    if (!r->clang || !mkdtemp(r->directory))
        return -1;
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        gen_options options = {.seed = seed_of(i),
                               .records = BATCH_RECORDS,
                               .profile = i % GEN_PROFILE_COUNT,
                               .is_c2x = i % 2};
        dress(&b->source, gen_source_new(&options, &r->arena), &r->arena, i % 3 == 1, i % 4 == 3);
        b->header = ul_arena_printf(&r->arena, "%s/b%02u.h", r->directory, i);
        b->args[0] = options.is_c2x ? "-std=gnu2x" : "-std=gnu17";
        b->args[1] = "-w";
        b->args[2] = "-x";
        b->args[3] = "c-header";
        if (!write_bytes(b->header, b->source.out.data, b->source.out.length))
            return -1;
    }
    if (read_units(r, r->results, false))
        return -1;
    ul_target_init(&r->target, r->results[0].triple, r->results[0].pointer_bytes);
    return 0;
}

static int tear_down(void **state)
{
    run *r = *state;
    oracle_remove(r->directory);
    for (uint32_t i = 0; i < BATCHES; i++)
        ul_strbuf_free(&r->batches[i].source.out);
    ul_arena_free(&r->arena);
    free(r);
    return 0;
}

static void add_request(run *r, const ul_record *record, const uint32_t *order, uint32_t count, const ul_plan *plan, bool may_split)
{
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        if (strcmp(b->header, record->file) != 0)
            continue;
        b->requests[b->request_count] = (ul_rewrite_request){record, order, count, may_split};
        b->plans[b->request_count++] = plan;
    }
}

static void start_requests(run *r, uint32_t most)
{
    for (uint32_t i = 0; i < BATCHES; i++) {
        r->batches[i].request_count = 0;
        r->batches[i].requests = UL_NEW_ARRAY(&r->arena, ul_rewrite_request, most);
        r->batches[i].plans = UL_NEW_ARRAY(&r->arena, const ul_plan *, most);
    }
}

/* Rewrites every batch and writes the new headers; tells how many requests were refused. */
static uint32_t rewrite_all(run *r, const char *mark, uint32_t refused_percent_max)
{
    uint32_t refused = 0, done = 0, reasons[UL_REWRITE_REFUSAL_COUNT] = {0};
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        assert_int_equal(ul_rewrite_text(&b->rewrite, b->source.out.data, b->source.out.length, b->requests,
                                         b->request_count, &r->arena),
                         UL_OK);
        for (uint32_t q = 0; q < b->request_count; q++) {
            reasons[b->rewrite.outcomes[q].refusal]++;
            refused += b->rewrite.outcomes[q].refusal != UL_REWRITE_DONE;
            done += b->rewrite.outcomes[q].refusal == UL_REWRITE_DONE;
        }
        b->after = ul_arena_printf(&r->arena, "%s/b%02u_%s.h", r->directory, i, mark);
        assert_true(write_bytes(b->after, b->rewrite.text, b->rewrite.length));
    }
    printf("%s: %u rewritten", mark, done);
    for (uint32_t i = 1; i < UL_REWRITE_REFUSAL_COUNT; i++) {
        if (reasons[i])
            printf(", %u %s", reasons[i], ul_rewrite_refusal_name((ul_rewrite_refusal)i));
    }
    printf("\n");
    assert_true(done >= FLOOR_REWRITTEN);
    assert_int_equal(reasons[UL_REWRITE_INTERNAL_CHECK] + reasons[UL_REWRITE_STALE_TEXT], 0);
    assert_true(refused * 100 <= (refused + done) * refused_percent_max);
    return refused;
}

static bool has_field(const ul_record *record, const char *name)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Whether the names are the same but for the numbers of anonymous members, which their places decide. */
static bool is_same_name(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (a[0] == ':' && a[1] >= '0' && a[1] <= '9')
            a += 1 + strspn(a + 1, "0123456789");
        while (b[0] == ':' && b[1] >= '0' && b[1] <= '9')
            b += 1 + strspn(b + 1, "0123456789");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* Same name, same names of fields. */
static const ul_record *find_again(const ul_unit_result *result, const ul_record *record)
{
    for (uint32_t i = 0; i < result->record_count; i++) {
        const ul_record *other = &result->records[i];
        bool is_it = is_same_name(other->name, record->name) && other->field_count == record->field_count;
        for (uint32_t f = 0; is_it && f < record->field_count; f++)
            is_it = has_field(other, record->fields[f].name);
        if (is_it)
            return other;
    }
    return NULL;
}

static void check_records(run *r, const batch *b, const ul_unit_result *before, const ul_unit_result *after)
{
    if (after->outcome != UL_UNIT_READ || after->record_count != before->record_count)
        complain(r, b->after, "", "it has other records");
    for (uint32_t i = 0; i < before->record_count; i++) {
        if (!find_again(after, &before->records[i]))
            complain(r, b->after, before->records[i].name, "its fields are gone");
    }
    for (uint32_t i = 0; i < after->diag_count; i++) {
        if (after->diags[i].level == UL_LEVEL_ERROR)
            complain(r, b->after, "", after->diags[i].message);
    }
}

/* --- Comments. --- */

static const ul_token *token_at(const ul_tokens *tokens, uint32_t offset)
{
    return &tokens->items[ul_tokens_at(tokens, offset)];
}

/* Lines that a token's bytes hold newlines for. */
static uint32_t last_line(const ul_token *token, const char *bytes)
{
    uint32_t line = token->line;
    for (uint32_t i = token->begin; i < token->end; i++)
        line += bytes[i] == '\n';
    return line;
}

static bool is_attached(const ul_tokens *tokens, const char *bytes, uint32_t comment, ul_span span, dress_place place)
{
    const ul_token *items = tokens->items;
    uint32_t at = comment;
    if (place == DRESS_ABOVE) {
        while (items[at].kind == UL_TOKEN_COMMENT && items[at + 1].line <= last_line(&items[at], bytes) + 1)
            at++;
        return items[at].begin == span.begin;
    }
    while (place == DRESS_BELOW && at > 0 && items[at - 1].kind == UL_TOKEN_COMMENT &&
           last_line(&items[at - 1], bytes) + 1 >= items[at].line)
        at--;
    while (at > 0 && items[at - 1].kind == UL_TOKEN_COMMENT && items[at - 1].line == items[at].line)
        at--;
    const ul_token *end = &items[ul_tokens_at(tokens, span.end) - 1];
    return items[at].line == end->line && at > 0 && items[at - 1].end >= span.end &&
           items[at - 1].begin < span.end + 1;
}

/* The declaration of the field, in the record around the comment that has it. */
static bool find_declaration(const ul_unit_result *result, uint32_t offset, const char *field, ul_span *span)
{
    for (uint32_t i = 0; i < result->record_count; i++) {
        const ul_record *record = &result->records[i];
        if (offset < record->span.begin || offset >= record->span.end || !record->groups)
            continue;
        for (uint32_t f = 0; f < record->field_count; f++) {
            if (record->fields[f].parent != UL_NO_PARENT || strcmp(record->fields[f].name, field) != 0)
                continue;
            *span = record->groups[record->fields[f].group].span;
            return true;
        }
    }
    return false;
}

/* Every numbered comment stands by its field; returns how many were looked at. */
static uint32_t check_comments(run *r, const batch *b, const char *path, const char *bytes, uint64_t length,
                               const ul_unit_result *result)
{
    ul_tokens tokens;
    ul_tokens_read(&tokens, bytes, length, &r->arena);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < tokens.count; i++) {
        const ul_token *token = &tokens.items[i];
        const char *sharp = token->kind == UL_TOKEN_COMMENT ? memchr(bytes + token->begin, '#', token->end - token->begin) : NULL;
        if (!sharp)
            continue;
        const dress_mark *mark = &b->source.marks[strtoul(sharp + 1, NULL, 10)];
        ul_span span;
        if (!find_declaration(result, token->begin, mark->field, &span))
            continue; /* a body that cannot be cut */
        seen++;
        if (!is_attached(&tokens, bytes, i, span, mark->place))
            complain(r, path, mark->field, ul_arena_printf(&r->arena, "line %u: the comment is another's (line %u)", token->line,
                                                           token_at(&tokens, span.begin)->line));
    }
    return seen;
}

static void compile(run *r, const batch *b)
{
    const char *compilers[2] = {r->clang, "gcc"};
    oracle_job jobs[2];
    for (uint32_t i = 0; i < 2; i++) {
        const char *const args[] = {compilers[i], b->args[0], "-w", "-x", "c", "-fsyntax-only", b->after, NULL};
        jobs[i] = oracle_start(args, ul_arena_printf(&r->arena, "%s.%u.log", b->after, i));
    }
    for (uint32_t i = 0; i < 2; i++) {
        if (oracle_finish(&jobs[i], compilers[i]))
            complain(r, b->after, compilers[i], "does not compile it");
    }
}

/* --- The tests. --- */

/* Whether the text is what the checks take it for: before any edit all of them hold. */
static void the_marks_are_right_before(void **state)
{
    run *r = *state;
    uint32_t comments = 0, records = 0;
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        records += r->results[i].record_count;
        comments += check_comments(r, b, b->header, b->source.out.data, b->source.out.length, &r->results[i]);
    }
    printf("%u records, %u comments with an owner\n", records, comments);
    assert_int_equal(r->failures, 0);
    assert_true(records >= FLOOR_RECORDS && comments >= FLOOR_RECORDS);
}

/* Whether an embedded record, at any depth, kept its order because its text was refused: sizes told count on it. */
static bool embeds_refused(const batch *b, const ul_unit_result *result, const ul_record *record)
{
    for (uint32_t f = 0; f < record->field_count; f++) {
        const char *key = record->fields[f].embedded;
        for (uint32_t q = 0; key && q < b->request_count; q++) {
            if (b->rewrite.outcomes[q].refusal && strcmp(b->requests[q].record->key, key) == 0)
                return true;
        }
        for (uint32_t i = 0; key && i < result->record_count; i++) {
            if (strcmp(result->records[i].key, key) == 0 && embeds_refused(b, result, &result->records[i]))
                return true;
        }
    }
    return false;
}

/* The rewritten records have the sizes and offsets of their plans; returns how many were held against them. */
static uint32_t check_plans(run *r, const batch *b, const ul_unit_result *before, const ul_unit_result *after)
{
    uint32_t checked = 0;
    for (uint32_t q = 0; q < b->request_count; q++) {
        const ul_plan *plan = b->plans[q];
        if (b->rewrite.outcomes[q].refusal || embeds_refused(b, before, b->requests[q].record))
            continue;
        const ul_record *now = find_again(after, b->requests[q].record);
        checked++;
        bool is_right = now && now->size_bytes == plan->size_bytes;
        for (uint32_t f = 0; is_right && f < now->field_count; f++) {
            const ul_field *want = &plan->after->fields[f], *have = &now->fields[f];
            is_right = strcmp(want->name, have->name) == 0 && want->offset_bits == have->offset_bits;
        }
        if (!is_right)
            complain(r, b->after, b->requests[q].record->name, "is not laid out as planned");
    }
    return checked;
}

/* Whether the plan takes a declaration apart. */
static bool splits_some(const ul_record *record, const ul_plan *plan)
{
    for (uint32_t i = 0; i < plan->order_count; i++) {
        uint32_t group = record->fields[plan->order[i]].group, at = i;
        while (at + 1 < plan->order_count && record->fields[plan->order[at + 1]].group == group)
            at++;
        for (uint32_t k = at + 1; k < plan->order_count; k++) {
            if (record->fields[plan->order[k]].group == group)
                return true;
        }
    }
    return false;
}

/* Plans under `allow`, written and read again; how many declarations come apart. */
static uint32_t check_planned(run *r, uint32_t allow, const char *mark)
{
    ul_entry *entries = NULL;
    uint32_t count = 0, checked = 0, splits = 0;
    r->failures = 0;
    ul_merge_units(&entries, &count, r->results, BATCHES, &r->arena);
    ul_plan_entries(entries, count, &r->target, 1, allow, &r->arena);
    start_requests(r, count);
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].plan)
            add_request(r, entries[i].record, entries[i].plan->order, entries[i].plan->order_count, entries[i].plan, allow != 0);
        splits += entries[i].plan && splits_some(entries[i].record, entries[i].plan);
    }
    rewrite_all(r, mark, REFUSED_PERCENT_MAX);
    ul_unit_result after[BATCHES];
    assert_int_equal(read_units(r, after, true), 0);
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        check_records(r, b, &r->results[i], &after[i]);
        checked += check_plans(r, b, &r->results[i], &after[i]);
        check_comments(r, b, b->after, b->rewrite.text, b->rewrite.length, &after[i]);
        compile(r, b);
    }
    printf("%u laid out as planned, declarations come apart in %u\n", checked, splits);
    assert_int_equal(r->failures, 0);
    assert_true(checked >= FLOOR_REWRITTEN);
    return splits;
}

static void plans_come_out_as_told(void **state)
{
    assert_int_equal(check_planned(*state, 0, "planned"), 0);
}

static void split_plans_come_out_as_told(void **state)
{
    assert_true(check_planned(*state, UL_ALLOW_SPLIT_DECLARATORS, "split") >= FLOOR_SPLIT);
}

/* Declarations of each segment in a random order; a flexible array stays last. */
static uint32_t *chance_order(run *r, gen_source *chance, const ul_record *record)
{
    uint32_t count = record->group_count, at = 0;
    uint32_t *groups = UL_NEW_ARRAY(&r->arena, uint32_t, count + 1u);
    uint32_t *order = UL_NEW_ARRAY(&r->arena, uint32_t, record->field_count + 1u);
    for (uint32_t i = 0; i < count; i++)
        groups[i] = i;
    for (uint32_t i = count; i-- > 1;) {
        uint32_t other = gen_below(chance, i + 1);
        bool is_bound = (record->fields[record->field_count - 1].flags & UL_FIELD_FLEXIBLE) && i == count - 1;
        if (is_bound || record->groups[other].segment != record->groups[i].segment || gen_chance(chance, 40))
            continue;
        uint32_t held = groups[i];
        groups[i] = groups[other];
        groups[other] = held;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t f = 0; f < record->field_count; f++) {
            if (record->fields[f].parent == UL_NO_PARENT && record->fields[f].group == groups[i])
                order[at++] = f;
        }
    }
    return order;
}

/* Puts one declarator of a group somewhere else in its segment; false when the record has none that could be. */
static bool take_apart(gen_source *chance, const ul_record *record, uint32_t *order, uint32_t count)
{
    uint32_t from = 0, to = gen_below(chance, count);
    while (from < count && !(record->fields[order[from]].flags & UL_FIELD_SEPARABLE && gen_chance(chance, 60)))
        from++;
    if (from == count || record->fields[order[to]].flags & UL_FIELD_FLEXIBLE ||
        record->groups[record->fields[order[to]].group].segment != record->groups[record->fields[order[from]].group].segment)
        return false;
    uint32_t held = order[from];
    for (; from < to; from++)
        order[from] = order[from + 1];
    for (; from > to; from--)
        order[from] = order[from - 1];
    order[to] = held;
    return true;
}

static void follow_chance(run *r, bool splits)
{
    gen_source chance = {.state = seed_of(BATCHES) + splits};
    uint32_t comments = 0, most = 0, apart = 0;
    r->failures = 0;
    for (uint32_t i = 0; i < BATCHES; i++)
        most += r->results[i].record_count;
    start_requests(r, most);
    for (uint32_t i = 0; i < BATCHES; i++) {
        for (uint32_t k = 0; k < r->results[i].record_count; k++) {
            const ul_record *record = &r->results[i].records[k];
            uint32_t direct = 0;
            for (uint32_t f = 0; f < record->field_count; f++)
                direct += record->fields[f].parent == UL_NO_PARENT;
            if (!record->groups || record->group_count < 2)
                continue;
            uint32_t *order = chance_order(r, &chance, record);
            apart += splits && take_apart(&chance, record, order, direct);
            add_request(r, record, order, direct, NULL, splits);
        }
    }
    rewrite_all(r, splits ? "apart" : "chance", splits ? APART_REFUSED_PERCENT_MAX : REFUSED_PERCENT_MAX);
    ul_unit_result after[BATCHES];
    assert_int_equal(read_units(r, after, true), 0);
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        check_records(r, b, &r->results[i], &after[i]);
        comments += check_comments(r, b, b->after, b->rewrite.text, b->rewrite.length, &after[i]);
    }
    assert_int_equal(r->failures, 0);
    assert_true(comments >= FLOOR_RECORDS && (!splits || apart >= FLOOR_APART));
}

static void comments_follow_any_order(void **state)
{
    follow_chance(*state, false);
}

static void comments_follow_declarators(void **state)
{
    follow_chance(*state, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_marks_are_right_before),
        cmocka_unit_test(plans_come_out_as_told),
        cmocka_unit_test(split_plans_come_out_as_told),
        cmocka_unit_test(comments_follow_any_order),
        cmocka_unit_test(comments_follow_declarators),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
