/*
 * gcc and clang judge what ullage says: every size, alignment and offset of thousands of generated records,
 * as read, and again once every plan is written out. The header after planning has all records in their
 * planned order at once, since a plan counts on the sizes that embedded records will have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout/engine/merge.h"
#include "layout/engine/plans.h"
#include "layout/parse/workers.h"
#include "tests/gen_source.h"
#include "tests/oracle.h"

enum {
    BATCHES = 25,
    BATCH_RECORDS = 220,
    CLANG_BATCH = 24,
    FLOOR_RECORDS = 5000,
    FLOOR_PLANS = 1000,
    FLOOR_BITS = 2000
};
enum {
    ALLOW_ALL = UL_ALLOW_FIRST_MEMBER | UL_ALLOW_MERGE_LINES | UL_ALLOW_MERGE_BITS | UL_ALLOW_MOVE_PADDING | UL_ALLOW_COMMON_PREFIX
};

typedef struct batch {
    gen_source *source;
    const char *header; /* absolute */
    const char *args[4];
    bool is_clang_only;
} batch;

typedef struct run {
    ul_arena arena;
    char directory[64];
    const char *clang;
    batch batches[BATCHES];
    ul_unit_job jobs[BATCHES];
    ul_unit_result results[BATCHES];
    ul_target target;
} run;

/* The records of one batch, planned. */
typedef struct chapter {
    run *run;
    uint32_t batch;
    const char *mark; /* of its files */
    ul_entry *entries;
    uint32_t count;
    oracle_tally tally;
} chapter;

static bool write_file(const char *path, const ul_strbuf *text)
{
    FILE *out = fopen(path, "w");
    if (!out || text->has_failed)
        return false;
    fwrite(text->data, 1, text->length, out);
    return fclose(out) == 0;
}

/* ULLAGE_ORACLE_SEED=N: other records than those of every run, to look further. */
static uint64_t seed_of(uint32_t index)
{
    const char *more = getenv("ULLAGE_ORACLE_SEED");
    return (more ? strtoull(more, NULL, 10) * 1000 : 0) + index + 1;
}

static bool start_batch(run *r, uint32_t index)
{
    batch *b = &r->batches[index];
    b->is_clang_only = index == CLANG_BATCH;
    bool is_c2x = index % 2 || b->is_clang_only;
    gen_options options = {.seed = seed_of(index),
                           .records = BATCH_RECORDS,
                           .profile = index % GEN_PROFILE_COUNT,
                           .is_c2x = is_c2x,
                           .is_clang_only = b->is_clang_only};
    if (b->is_clang_only)
        options.profile = GEN_PROFILE_COUNT - 1;
    b->source = gen_source_new(&options, &r->arena);
    b->header = ul_arena_printf(&r->arena, "%s/b%02u.h", r->directory, index);
    b->args[0] = is_c2x ? "-std=gnu2x" : "-std=gnu17";
    b->args[1] = "-w";
    b->args[2] = "-x";
    b->args[3] = "c-header";
    ul_strbuf text;
    ul_strbuf_init(&text);
    gen_write(&text, b->source, NULL, NULL);
    bool is_written = write_file(b->header, &text);
    ul_strbuf_free(&text);
    r->jobs[index] =
        (ul_unit_job){.file = b->header, .directory = r->directory, .args = b->args, .arg_count = 4};
    return is_written;
}

static int set_up(void **state)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return -1;
    *state = r;
    ul_arena_init(&r->arena, NULL);
    r->clang = oracle_clang();
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-oracle-XXXXXX");
    if (!r->clang || !mkdtemp(r->directory)) {
        printf("%s\n", r->clang ? "no temporary directory" : "no clang to ask: apt-get install clang");
        return -1;
    }
    const char *paths[BATCHES];
    for (uint32_t i = 0; i < BATCHES; i++) {
        if (!start_batch(r, i))
            return -1;
        paths[i] = r->batches[i].header;
    }
    ul_file_filter filter = {.paths = paths, .count = BATCHES};
    ul_workers_options options = {.workers = 2, .timeout_seconds = 60, .filter = &filter};
    if (ul_workers_run(r->results, r->jobs, BATCHES, &options, &r->arena) != UL_OK)
        return -1;
    ul_target_init(&r->target, r->results[0].triple, r->results[0].pointer_bytes);
    r->target.allocator = ul_allocator_find("glibc");
    return 0;
}

static int tear_down(void **state)
{
    run *r = *state;
    oracle_remove(r->directory);
    ul_arena_free(&r->arena);
    free(r);
    return 0;
}

static void complain(chapter *c, const char *name, const char *what)
{
    if (c->tally.failures++ < 20)
        printf("%s: %s: %s\n", c->run->batches[c->batch].header, name, what);
}

/* The entry of a generated record: heads stand on lines of their own. */
static const ul_entry *entry_of(const chapter *c, const gen_record *record)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->entries[i].record->line == record->line)
            return &c->entries[i];
    }
    return NULL;
}

/* The reader found the fields that the generator wrote, in order. */
static void check_fields(chapter *c, const gen_record *record)
{
    const ul_entry *entry = entry_of(c, record);
    if (!entry) {
        complain(c, record->head, "not read");
        return;
    }
    const ul_record *read = entry->record;
    uint32_t at = 0;
    for (uint32_t i = 0; i < record->decl_count; i++) {
        const gen_decl *decl = &record->decls[i];
        for (uint32_t n = 0; n < decl->name_count; n++, at++) {
            while (at < read->field_count && read->fields[at].parent != UL_NO_PARENT)
                at++;
            if (at == read->field_count || strcmp(read->fields[at].name, decl->names[n]) != 0) {
                complain(
                    c, read->name,
                    ul_arena_printf(&c->run->arena, "field `%s` is missing or misplaced", decl->names[n]));
                return;
            }
        }
        if (decl->nested)
            check_fields(c, decl->nested);
    }
    while (at < read->field_count && read->fields[at].parent != UL_NO_PARENT)
        at++;
    if (record->decl_count && at != read->field_count)
        complain(c, read->name, "a field too many");
}

/* For each field of the entry's record, its declaration; anonymous members' fields get UINT32_MAX. */
static uint32_t *declarations_of(chapter *c, const gen_record *record, const ul_record *read)
{
    uint32_t *decls = UL_NEW_ARRAY(&c->run->arena, uint32_t, read->field_count + 1u);
    uint32_t decl = 0, taken = 0;
    for (uint32_t i = 0; i < read->field_count; i++) {
        decls[i] = UINT32_MAX;
        if (read->fields[i].parent != UL_NO_PARENT)
            continue;
        while (decl < record->decl_count && taken == record->decls[decl].name_count) {
            decl++;
            taken = 0;
        }
        taken++;
        decls[i] = decl;
    }
    return decls;
}

/* Whether plan->order[at..] holds all fields of their declaration, in order. */
static bool is_whole(const ul_plan *plan, const uint32_t *decls, uint32_t at, uint32_t names)
{
    for (uint32_t n = 1; n < names; n++) {
        if (at + n >= plan->order_count || decls[plan->order[at + n]] != decls[plan->order[at]] ||
            plan->order[at + n] < plan->order[at + n - 1])
            return false;
    }
    return true;
}

/*
 * The declarations of `record` in its plan's order, or NULL when it has none. A plan that splits a
 * declaration or takes one across a wall is a failure. Walls keep their indexes, since between them nothing
 * comes or goes.
 */
static const uint32_t *planned_order(void *context, const gen_record *record)
{
    chapter *c = context;
    const ul_entry *entry = entry_of(c, record);
    const ul_plan *plan = entry ? entry->plan : NULL;
    if (!plan)
        return NULL;
    uint32_t *decls = declarations_of(c, record, entry->record);
    uint32_t *order = UL_NEW_ARRAY(&c->run->arena, uint32_t, record->decl_count + 1u);
    uint32_t *segments = UL_NEW_ARRAY(&c->run->arena, uint32_t, record->decl_count + 1u);
    for (uint32_t i = 0; i < record->decl_count; i++)
        segments[i + 1] = segments[i] + (record->decls[i].name_count == 0);
    uint32_t to = 0;
    for (uint32_t i = 0; i < plan->order_count; to++) {
        uint32_t decl = decls[plan->order[i]], names = record->decls[decl].name_count;
        for (; to < record->decl_count && record->decls[to].name_count == 0; to++)
            order[to] = to;
        if (to == record->decl_count || segments[decl] != segments[to] || !is_whole(plan, decls, i, names)) {
            complain(c, entry->record->name, "the plan splits a declaration or crosses a wall");
            return NULL;
        }
        order[to] = decl;
        i += names;
    }
    for (; to < record->decl_count; to++)
        order[to] = to;
    return order;
}

/* What a plan says of itself. */
static void check_plan(chapter *c, const ul_entry *entry)
{
    const ul_plan *plan = entry->plan;
    const ul_record *record = entry->record;
    uint32_t direct = 0;
    for (uint32_t i = 0; i < record->field_count; i++)
        direct += record->fields[i].parent == UL_NO_PARENT;
    if (record->kind == UL_RECORD_UNION || record->refusal_count)
        complain(c, record->name, "planned in spite of a refusal");
    if (plan->order_count != direct || plan->after->field_count != record->field_count)
        complain(c, record->name, "the plan loses fields");
    if (plan->size_bytes != plan->after->size_bytes ||
        plan->size_bytes + plan->saved_bytes != record->size_bytes || plan->saved_bytes == 0 ||
        plan->lower_bound_bytes > plan->size_bytes)
        complain(c, record->name, "the plan's sizes do not add up");
    if (plan->is_optimal && plan->order_count && plan->moved_count >= plan->order_count)
        complain(c, record->name, "everything moves");
}

/* The assertions and the bit-field program for `header`; `is_after`: what the plans say, else what was read.
 */
static bool write_questions(chapter *c, const char *header, const char *path, bool is_after)
{
    const ul_record **records = UL_NEW_ARRAY(&c->run->arena, const ul_record *, c->count + 1u);
    bool *is_typed = UL_NEW_ARRAY(&c->run->arena, bool, c->count + 1u);
    bool *is_stale = UL_NEW_ARRAY(&c->run->arena, bool, c->count + 1u);
    for (uint32_t i = 0; i < c->count; i++) {
        is_stale[i] = is_after && !c->entries[i].plan;
        records[i] = is_after && c->entries[i].plan ? c->entries[i].plan->after : c->entries[i].record;
    }
    oracle_set set = {.records = records, .is_stale = is_stale, .count = c->count, .arena = &c->run->arena};
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    fprintf(out, "#include \"%s\"\n%s%s", header, oracle_prologue, oracle_bits_prologue);
    for (uint32_t i = 0; i < c->count; i++) {
        if (!is_after || c->entries[i].plan)
            is_typed[i] =
                oracle_emit_asserts(out, &set, records[i], i, is_after ? "planned" : "read", &c->tally);
    }
    fputs("int main(void)\n{\n", out);
    for (uint32_t i = 0; i < c->count; i++) {
        if (is_typed[i])
            oracle_emit_bits(out, records[i], i, is_after ? "planned" : "read", &c->tally);
    }
    fputs("    return oracle_failures != 0;\n}\n", out);
    return fclose(out) == 0;
}

/* Both compilers at the same time: the assertions, then the program that looks at bit-fields. */
static void ask(chapter *c, const char *path)
{
    run *r = c->run;
    const batch *b = &r->batches[c->batch];
    const char *compilers[2] = {r->clang, "gcc"};
    uint32_t count = b->is_clang_only ? 1 : 2;
    oracle_job jobs[2];
    const char *programs[2];
    for (uint32_t i = 0; i < count; i++) {
        programs[i] = ul_arena_printf(&r->arena, "%s.%s", path, compilers[i]);
        const char *const args[] = {compilers[i], b->args[0],  "-w", "-O0", "-ferror-limit=0",
                                    "-o",         programs[i], path, NULL};
        const char *const gcc_args[] = {compilers[i], b->args[0], "-w", "-O0", "-o", programs[i], path, NULL};
        jobs[i] = oracle_start(i == 0 ? args : gcc_args, ul_arena_printf(&r->arena, "%s.log", programs[i]));
    }
    for (uint32_t i = 0; i < count; i++)
        c->tally.failures += oracle_finish_and_run(&jobs[i], compilers[i], programs[i]);
}

/* The entries of batch `index`: a run of `entries`, which are sorted by file. */
static chapter chapter_of(run *r, ul_entry *entries, uint32_t count, uint32_t index, const char *mark)
{
    chapter c = {.run = r, .batch = index, .mark = mark};
    uint32_t first = 0;
    while (first < count && strcmp(entries[first].record->file, r->batches[index].header) != 0)
        first++;
    while (first + c.count < count &&
           strcmp(entries[first + c.count].record->file, r->batches[index].header) == 0)
        c.count++;
    c.entries = entries + first;
    return c;
}

static void every_generated_record_is_read(void **state)
{
    run *r = *state;
    ul_entry *entries = NULL;
    uint32_t count = 0, failures = 0;
    ul_merge_units(&entries, &count, r->results, BATCHES, &r->arena);
    for (uint32_t i = 0; i < BATCHES; i++) {
        assert_int_equal(r->results[i].outcome, UL_UNIT_READ);
        for (uint32_t d = 0; d < r->results[i].diag_count; d++)
            failures += r->results[i].diags[d].level == UL_LEVEL_ERROR;
        chapter c = chapter_of(r, entries, count, i, "");
        for (uint32_t g = 0; g < r->batches[i].source->count; g++)
            check_fields(&c, r->batches[i].source->records[g]);
        failures += c.tally.failures;
    }
    assert_int_equal(failures, 0);
}

static void compilers_agree_with_every_layout_read(void **state)
{
    run *r = *state;
    ul_entry *entries = NULL;
    uint32_t count = 0;
    ul_merge_units(&entries, &count, r->results, BATCHES, &r->arena);
    oracle_tally sum = {0};
    for (uint32_t i = 0; i < BATCHES; i++) {
        chapter c = chapter_of(r, entries, count, i, "");
        const char *path = ul_arena_printf(&r->arena, "%s/b%02u_read.c", r->directory, i);
        assert_true(write_questions(&c, r->batches[i].header, path, false));
        ask(&c, path);
        oracle_add(&sum, &c.tally);
    }
    printf("read: %u records and %u anonymous members, %u fields, %u bit-fields; %u for clang alone, %u "
           "unnamed, %u failures\n",
           sum.records, sum.by_parent, sum.fields, sum.bit_fields, sum.clang_only, sum.unnamed, sum.failures);
    assert_int_equal(sum.failures, 0);
    assert_int_equal(sum.untrusted, 0);
    assert_true(sum.records >= FLOOR_RECORDS);
    assert_true(sum.bit_fields >= FLOOR_BITS);
    assert_true(sum.unnamed <= sum.records / 100);
}

/* Plans every batch with `allow`, writes the headers as planned, and asks. */
static void judge_plans(run *r, uint32_t allow, const char *mark, uint32_t batches, uint32_t floor)
{
    ul_entry *entries = NULL;
    uint32_t count = 0, plans = 0, refused = 0, optimal = 0, mismatches = 0;
    uint64_t saved = 0;
    ul_merge_units(&entries, &count, r->results, BATCHES, &r->arena);
    ul_plan_entries(entries, count, &r->target, 1, allow, &r->arena);
    oracle_tally sum = {0};
    for (uint32_t i = 0; i < batches; i++) {
        chapter c = chapter_of(r, entries, count, i, mark);
        for (uint32_t e = 0; e < c.count; e++) {
            const ul_plan *plan = c.entries[e].plan;
            const ul_record *record = c.entries[e].record;
            refused += record->refusal_count > 0;
            if (record->refusal_count && record->refusals[0].reason == UL_REFUSE_MODEL_MISMATCH) {
                mismatches++;
                if (getenv("ULLAGE_KEEP"))
                    printf("%s:%u: %s: %s\n", record->file, record->line, record->name,
                           record->refusals[0].detail);
            }
            if (!plan)
                continue;
            plans++;
            optimal += plan->is_optimal;
            saved += plan->saved_bytes;
            check_plan(&c, &c.entries[e]);
        }
        ul_strbuf text;
        ul_strbuf_init(&text);
        gen_write(&text, r->batches[i].source, planned_order, &c);
        const char *header = ul_arena_printf(&r->arena, "%s/b%02u_%s.h", r->directory, i, mark);
        bool is_written = write_file(header, &text);
        ul_strbuf_free(&text);
        const char *path = ul_arena_printf(&r->arena, "%s/b%02u_%s.c", r->directory, i, mark);
        assert_true(is_written && write_questions(&c, header, path, true));
        ask(&c, path);
        oracle_add(&sum, &c.tally);
    }
    printf("%s: %u plans (%u proven optimal) save %llu bytes, %u refused (%u by the model alone); asserted "
           "%u records, %u fields, %u "
           "bit-fields; %u failures\n",
           mark, plans, optimal, (unsigned long long)saved, refused, mismatches, sum.records, sum.fields,
           sum.bit_fields, sum.failures);
    assert_int_equal(sum.failures, 0);
    assert_true(plans >= floor);
    assert_int_equal(mismatches, 0);
    assert_true(sum.records >= floor * 9 / 10);
}

static void compilers_agree_with_every_plan(void **state)
{
    judge_plans(*state, 0, "planned", BATCHES, FLOOR_PLANS);
}

static void compilers_agree_with_every_plan_when_all_is_allowed(void **state)
{
    judge_plans(*state, ALLOW_ALL, "allowed", BATCHES / 2, FLOOR_PLANS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_generated_record_is_read),
        cmocka_unit_test(compilers_agree_with_every_layout_read),
        cmocka_unit_test(compilers_agree_with_every_plan),
        cmocka_unit_test(compilers_agree_with_every_plan_when_all_is_allowed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
