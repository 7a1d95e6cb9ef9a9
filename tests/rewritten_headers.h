/*
 * Generated headers, read, rewritten and read again: what every suite about them asks of the new text. libclang finds the same fields,
 * gcc and clang compile it, every comment that was some field's is still that field's. For test_rewrite_generated.c only.
 */
#ifndef UL_TESTS_REWRITTEN_HEADERS_H
#define UL_TESTS_REWRITTEN_HEADERS_H

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

static inline void complain(run *r, const char *file, const char *name, const char *what)
{
    if (r->failures++ < 20)
        printf("%s: %s: %s\n", file, name, what);
}

static inline bool write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        return false;
    size_t written = fwrite(bytes, 1, length, out);
    return fclose(out) == 0 && written == length;
}

static inline int read_units(run *r, ul_unit_result *results, bool is_after)
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
static inline uint64_t seed_of(uint32_t index)
{
    const char *more = getenv("ULLAGE_ORACLE_SEED");
    return (more ? strtoull(more, NULL, 10) * 1000 : 0) + 500 + index;
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    run *r = *state;
    oracle_remove(r->directory);
    for (uint32_t i = 0; i < BATCHES; i++)
        ul_strbuf_free(&r->batches[i].source.out);
    ul_arena_free(&r->arena);
    free(r);
    return 0;
}

static inline void add_request(run *r, const ul_record *record, const uint32_t *order, uint32_t count, const ul_plan *plan, bool may_split)
{
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        if (strcmp(b->header, record->file) != 0)
            continue;
        b->requests[b->request_count] = (ul_rewrite_request){record, order, count, may_split};
        b->plans[b->request_count++] = plan;
    }
}

static inline void start_requests(run *r, uint32_t most)
{
    for (uint32_t i = 0; i < BATCHES; i++) {
        r->batches[i].request_count = 0;
        r->batches[i].requests = UL_NEW_ARRAY(&r->arena, ul_rewrite_request, most);
        r->batches[i].plans = UL_NEW_ARRAY(&r->arena, const ul_plan *, most);
    }
}

/* Rewrites every batch and writes the new headers; tells how many requests were refused. */
static inline uint32_t rewrite_all(run *r, const char *mark, uint32_t refused_percent_max)
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

static inline bool has_field(const ul_record *record, const char *name)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return true;
    }
    return false;
}

/* Whether the names are the same but for the numbers of anonymous members, which their places decide. */
static inline bool is_same_name(const char *a, const char *b)
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
static inline const ul_record *find_again(const ul_unit_result *result, const ul_record *record)
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

static inline void check_records(run *r, const batch *b, const ul_unit_result *before, const ul_unit_result *after)
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

static inline const ul_token *token_at(const ul_tokens *tokens, uint32_t offset)
{
    return &tokens->items[ul_tokens_at(tokens, offset)];
}

/* Lines that a token's bytes hold newlines for. */
static inline uint32_t last_line(const ul_token *token, const char *bytes)
{
    uint32_t line = token->line;
    for (uint32_t i = token->begin; i < token->end; i++)
        line += bytes[i] == '\n';
    return line;
}

static inline bool is_attached(const ul_tokens *tokens, const char *bytes, uint32_t comment, ul_span span, dress_place place)
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
static inline bool find_declaration(const ul_unit_result *result, uint32_t offset, const char *field, ul_span *span)
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
static inline uint32_t check_comments(run *r, const batch *b, const char *path, const char *bytes, uint64_t length,
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

static inline void compile(run *r, const batch *b)
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

#endif
