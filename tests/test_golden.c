/*
 * Every case of fixtures/ gives the bytes that its expectations hold, the findings that its source is marked with,
 * a report that the schema allows, and layouts that gcc and clang agree with. `test_golden --bless [CASE...]`, for scripts/bless,
 * writes the expectations instead and shows what changes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout/rules/rule.h"
#include "tests/golden_judge.h"

#define NATIVE_TRIPLE "x86_64-pc-linux-gnu"

enum { CASES_FLOOR = 40, RECORDS_FLOOR = 80, FIELDS_FLOOR = 300, SKIPPED = 77 };

static int set_up(void **state)
{
    golden_run *r = calloc(1, sizeof *r);
    if (!r)
        return -1;
    *state = r;
    ul_arena_init(&r->arena, NULL);
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-golden-XXXXXX");
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    if (!mkdtemp(r->directory) || !golden_find(r, ULLAGE_SOURCE_DIR "/fixtures", NULL)) {
        printf("golden: no cases, or no room for them\n");
        return -1;
    }
    return golden_run_all(r) ? 0 : -1;
}

static void clear(golden_run *r)
{
    for (uint32_t i = 0; i < r->count; i++)
        cJSON_Delete(r->cases[i].report);
    golden_remove_tree(r->directory);
    ul_arena_free(&r->arena);
    free(r);
}

static int tear_down(void **state)
{
    clear(*state);
    return 0;
}

/* Complaints about cases that must pass. */
static uint32_t failures_of(const golden_run *r)
{
    uint32_t failures = 0;
    for (uint32_t i = 0; i < r->count; i++)
        failures += r->cases[i].is_known ? 0 : r->cases[i].failures;
    return failures;
}

/* Shows what to change in `expected` to get `text`. */
static void show_difference(golden_run *r, const golden_case *c, const char *expected, const char *text, const char *kind)
{
    const char *actual = ul_arena_printf(&r->arena, "%s.actual.%s", c->place, kind);
    if (!golden_write(actual, text))
        return;
    const char *const args[] = {"diff", "-u", "-N", "--", expected, actual, NULL};
    const char *log = ul_arena_printf(&r->arena, "%s.diff", c->place);
    oracle_job job = oracle_start(args, log);
    golden_wait(&job);
    const char *lines = golden_read(&r->arena, log);
    printf("%.6000s\n", lines ? lines : "");
}

static void compare(golden_run *r, golden_case *c, const char *kind, const char *text)
{
    const char *path = ul_arena_printf(&r->arena, "%s/expect.%s", c->source, kind);
    const char *expected = golden_read(&r->arena, path);
    if (!expected) {
        golden_complain(c, ul_arena_printf(&r->arena, "no expect.%s: look at the output, then scripts/bless %s", kind, c->name));
        return;
    }
    if (strcmp(expected, text) == 0)
        return;
    golden_complain(c, ul_arena_printf(&r->arena, "not as expect.%s has it", kind));
    if (!c->is_known)
        show_difference(r, c, path, text, kind);
}

/* What the exit status has to be: 2 with an error, 1 with a finding over a note. */
static int status_of(const golden_case *c)
{
    const cJSON *item;
    int status = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(c->report, "findings"))
    {
        if (strcmp(golden_text(item, "level"), "note") != 0)
            status = 1;
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(c->report, "diagnostics"))
    {
        if (strcmp(golden_text(item, "level"), "error") == 0)
            status = 2;
    }
    return status;
}

static void every_case_gives_the_bytes_it_should(void **state)
{
    golden_run *r = *state;
    uint32_t before = failures_of(r);
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        if (!c->report)
            golden_complain(c, ul_arena_printf(&r->arena, "no report: %.400s", c->errors ? c->errors : ""));
        compare(r, c, "json", c->json);
        if (c->has_text)
            compare(r, c, "txt", c->text);
        if (c->report && c->status != status_of(c))
            golden_complain(c, ul_arena_printf(&r->arena, "exits with %d, not %d", c->status, status_of(c)));
    }
    assert_true(r->count >= CASES_FLOOR);
    assert_int_equal(failures_of(r), before);
}

/* Takes the first word off a list of rules; NULL at its end. */
static const char *next_rule(const char **list, ul_arena *arena)
{
    *list += strspn(*list, " ,");
    size_t length = strspn(*list, "abcdefghijklmnopqrstuvwxyz-");
    const char *rule = length ? ul_arena_strndup(arena, *list, length) : NULL;
    *list += length;
    return rule;
}

/* Findings of `rule` on the line; NULL for those of every rule. */
static uint32_t findings_on(const golden_case *c, const char *file, uint32_t line, const char *rule)
{
    const cJSON *item;
    uint32_t count = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(c->report, "findings"))
    {
        count += strcmp(golden_text(item, "file"), file) == 0 && golden_number(item, "line") == line &&
                 (!rule || strcmp(golden_text(item, "rule"), rule) == 0);
    }
    return count;
}

/* Each rule that the marks of a line name has a finding there, and there are no others. Returns how many findings that is. */
static uint32_t check_line(golden_run *r, golden_case *c, const char *file, uint32_t line, const char *text)
{
    const char *mark = strstr(text, "want: "), *rule;
    uint32_t wanted = 0;
    if (!mark)
        return 0;
    for (const char *list = mark + 6; (rule = next_rule(&list, &r->arena)) != NULL; wanted++) {
        if (findings_on(c, file, line, rule) != 1)
            golden_complain(c, ul_arena_printf(&r->arena, "%s:%u: %u findings of %s, one is wanted", file, line,
                                               findings_on(c, file, line, rule), rule));
    }
    if (findings_on(c, file, line, NULL) != wanted)
        golden_complain(c, ul_arena_printf(&r->arena, "%s:%u: %u findings, %u are wanted", file, line, findings_on(c, file, line, NULL), wanted));
    return findings_on(c, file, line, NULL);
}

static uint32_t check_file(golden_run *r, golden_case *c, const char *file)
{
    const char *text = golden_read(&r->arena, ul_arena_printf(&r->arena, "%s/%s", c->source, file));
    uint32_t line = 1, seen = 0;
    for (const char *at = text; at && *at; line++) {
        size_t length = strcspn(at, "\n");
        seen += check_line(r, c, file, line, ul_arena_strndup(&r->arena, at, length));
        at += length + (at[length] == '\n');
    }
    return seen;
}

static void every_finding_is_marked_and_every_mark_is_found(void **state)
{
    golden_run *r = *state;
    uint32_t before = failures_of(r);
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        DIR *directory = opendir(c->source);
        uint32_t seen = 0, all = (uint32_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(c->report, "findings"));
        for (struct dirent *file; directory && (file = readdir(directory));) {
            size_t length = strlen(file->d_name);
            if (length > 2 && file->d_name[length - 2] == '.' && strchr("ch", file->d_name[length - 1]))
                seen += check_file(r, c, file->d_name);
        }
        if (directory)
            closedir(directory);
        if (seen != all)
            golden_complain(c, ul_arena_printf(&r->arena, "%u of %u findings stand on lines without a mark", all - seen, all));
    }
    assert_int_equal(failures_of(r), before);
}

static void every_report_is_one_that_the_schema_allows(void **state)
{
    golden_run *r = *state;
    uint32_t before = failures_of(r);
    const char *args[GOLDEN_CASES_MAX + 4] = {"/usr/bin/python3", ULLAGE_SOURCE_DIR "/tests/validate.py",
                                              ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json"};
    for (uint32_t i = 0; i < r->count; i++)
        args[3 + i] = r->cases[i].json_job.log;
    oracle_job job = oracle_start(args, ul_arena_printf(&r->arena, "%s/schema.log", r->directory));
    int status = golden_wait(&job);
    if (status == SKIPPED) {
        printf("golden: SKIPPED, the schema is not held against the reports: apt-get install python3-jsonschema\n");
        skip();
    }
    const char *log = golden_read(&r->arena, job.log);
    if (status != 0)
        printf("%s", log);
    for (uint32_t i = 0; i < r->count; i++) {
        if (log && strstr(log, ul_arena_printf(&r->arena, "%s: ", r->cases[i].json_job.log)))
            golden_complain(&r->cases[i], "not what the schema allows");
    }
    assert_true(status == 0 || status == 1);
    assert_int_equal(failures_of(r), before);
}

static void gcc_and_clang_agree_with_every_layout(void **state)
{
    golden_run *r = *state;
    oracle_tally tally = {0};
    uint32_t before = failures_of(r);
#ifndef __x86_64__
    printf("golden: SKIPPED, the cases are laid out for x86-64\n");
    skip();
#endif
    const char *clang = oracle_clang();
    if (!clang)
        printf("golden: no clang to ask: apt-get install clang\n");
    assert_non_null(clang);
    for (uint32_t i = 0; i < r->count; i++) {
        if (r->cases[i].report && !r->cases[i].is_known)
            judge_case(&r->cases[i], clang, NATIVE_TRIPLE, &tally, &r->arena);
    }
    printf("golden: %u cases, %u records, %u fields and %u bit-fields judged by gcc and %s\n", r->count, tally.records, tally.fields,
           tally.bit_fields, clang);
    assert_int_equal(failures_of(r), before);
    assert_true(tally.records >= RECORDS_FLOOR && tally.fields >= FIELDS_FLOOR && tally.bit_fields > 0);
}

/* Whether a case named after the rule (`_` for `-`) and then `suffix` fires it, or does not. */
static bool has_case(const golden_run *r, const char *rule, const char *suffix, bool fires)
{
    char prefix[64];
    snprintf(prefix, sizeof prefix, "%s%s", rule, suffix);
    for (char *at = prefix; *at; at++)
        *at = *at == '-' ? '_' : *at;
    for (uint32_t i = 0; i < r->count; i++) {
        const golden_case *c = &r->cases[i];
        char quoted[64];
        snprintf(quoted, sizeof quoted, "{\"rule\":\"%s\"", rule);
        if (!c->is_known && strncmp(c->name, prefix, strlen(prefix)) == 0 && fires == (strstr(c->json, quoted) != NULL))
            return true;
    }
    return false;
}

static void every_rule_fires_beside_a_neighbour_where_it_is_quiet(void **state)
{
    const golden_run *r = *state;
    uint32_t count, failures = 0;
    const ul_rule *const *rules = ul_rules_all(&count);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = rules[i]->info.name;
        if (has_case(r, name, "_fires", true) && has_case(r, name, "_quiet", false))
            continue;
        printf("golden: %s lacks a case `..._fires` or one `..._quiet`\n", name);
        failures++;
    }
    assert_int_equal(failures, 0);
}

static void every_refusal_appears(void **state)
{
    const golden_run *r = *state;
    uint32_t failures = 0;
    for (uint32_t reason = 0; reason < UL_REFUSAL_COUNT; reason++) {
        /* Ways out for what no source is known to reach: that is what they are there to say. */
        if (reason == UL_REFUSE_UNREADABLE_BODY || reason == UL_REFUSE_MODEL_MISMATCH)
            continue;
        char quoted[64];
        bool is_seen = false;
        snprintf(quoted, sizeof quoted, "{\"reason\":\"%s\"", ul_refusal_name((ul_refusal_reason)reason));
        for (uint32_t i = 0; i < r->count; i++)
            is_seen |= strstr(r->cases[i].json, quoted) != NULL;
        if (!is_seen)
            printf("golden: no case is refused for %s\n", ul_refusal_name((ul_refusal_reason)reason));
        failures += !is_seen;
    }
    assert_int_equal(failures, 0);
}

static void known_failures_still_fail(void **state)
{
    const golden_run *r = *state;
    uint32_t passing = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const golden_case *c = &r->cases[i];
        if (!c->is_known)
            continue;
        printf("golden: KNOWN %s\n", c->name);
        if (c->failures == 0)
            printf("golden: %s passes now: take .b off its name\n", c->name);
        passing += c->failures == 0;
    }
    assert_int_equal(passing, 0);
}

static void bless_refuses_where_nobody_looks(void **state)
{
    golden_run *r = *state;
    const char *const args[] = {"env", "CI=1", ULLAGE_SOURCE_DIR "/scripts/bless", NULL};
    oracle_job job = oracle_start(args, ul_arena_printf(&r->arena, "%s/bless.log", r->directory));
    assert_int_equal(golden_wait(&job), 2);
}

static void bless_one(golden_run *r, const golden_case *c, const char *kind, const char *text)
{
    const char *path = ul_arena_printf(&r->arena, "%s/expect.%s", c->source, kind);
    const char *before = golden_read(&r->arena, path);
    if (before && strcmp(before, text) == 0)
        return;
    show_difference(r, c, path, text, kind);
    if (!golden_write(path, text))
        printf("%s: cannot be written\n", path);
}

/* Writes the expectations of every case that is not a known failure; those of the named cases when there are any. */
static int bless(char *const *only)
{
    golden_run *r = calloc(1, sizeof *r);
    int status = 1;
    if (!r)
        return status;
    ul_arena_init(&r->arena, NULL);
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-golden-XXXXXX");
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    if (mkdtemp(r->directory) && golden_find(r, ULLAGE_SOURCE_DIR "/fixtures", only) && golden_run_all(r)) {
        status = 0;
        for (uint32_t i = 0; i < r->count; i++) {
            golden_case *c = &r->cases[i];
            if (!c->report)
                printf("%s: no report: %s\n", c->name, c->errors ? c->errors : "");
            status |= !c->report;
            if (c->report && !c->is_known)
                bless_one(r, c, "json", c->json);
            if (c->has_text && c->text && !c->is_known)
                bless_one(r, c, "txt", c->text);
        }
    } else {
        printf("bless: no such case\n");
    }
    clear(r);
    return status;
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "--bless") == 0)
        return bless(words + 2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gives_the_bytes_it_should),
        cmocka_unit_test(every_finding_is_marked_and_every_mark_is_found),
        cmocka_unit_test(every_report_is_one_that_the_schema_allows),
        cmocka_unit_test(gcc_and_clang_agree_with_every_layout),
        cmocka_unit_test(every_rule_fires_beside_a_neighbour_where_it_is_quiet),
        cmocka_unit_test(every_refusal_appears),
        cmocka_unit_test(known_failures_still_fail),
        cmocka_unit_test(bless_refuses_where_nobody_looks),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
