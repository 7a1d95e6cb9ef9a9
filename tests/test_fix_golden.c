/*
 * Every case fixtures/fix_*: `ullage fix` makes of its files what the case holds, says what expect.txt says, and gcc and clang agree
 * with every layout afterwards. `test_fix_golden --bless [CASE...]`, for scripts/bless, writes the expectations instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/golden_judge.h"

enum { CASES_FLOOR = 14 };

/* A shell command in the case's copy; standard output goes to `log`. */
static int run_in(golden_run *r, const golden_case *c, const golden_words *command, const char *log)
{
    oracle_job job = golden_start(c, command, log, &r->arena);
    return golden_wait(&job);
}

static void start_words(golden_words *command, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        golden_add_word(command, words[i]);
}

/* Fix, then a report of what the files hold now, for the judge. */
static void run_case(golden_run *r, golden_case *c)
{
    ul_arena *arena = &r->arena;
    static const char *const fix[] = {ULLAGE_BINARY, "fix"}, *const check[] = {ULLAGE_BINARY, "check", "--format", "json", "--units", "all"};
    golden_words fixing = {0}, checking = {0};
    start_words(&fixing, fix, 2);
    start_words(&checking, check, 6);
    for (uint32_t i = 0; i < c->options.count; i++)
        golden_add_word(&fixing, c->options.items[i]);
    golden_add_word(&fixing, ".");
    golden_add_word(&checking, ".");
    for (uint32_t i = 0; !c->has_database && i <= c->flags.count; i++) {
        golden_add_word(&fixing, i ? c->flags.items[i - 1] : "--");
        golden_add_word(&checking, i ? c->flags.items[i - 1] : "--");
    }
    const char *said = ul_arena_printf(arena, "%s.said", c->place), *json = ul_arena_printf(arena, "%s.json", c->place);
    c->status = run_in(r, c, &fixing, said);
    c->text = golden_read(arena, said);
    c->errors = golden_read(arena, ul_arena_printf(arena, "%s.err", said));
    run_in(r, c, &checking, json);
    c->report = cJSON_Parse(golden_canonical(golden_read(arena, json), arena));
}

static bool run_all(golden_run *r, char *const *only)
{
    ul_arena_init(&r->arena, NULL);
    r->is_fix = true;
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-golden-XXXXXX");
    setenv("LC_ALL", "C", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLUMNS");
    if (!mkdtemp(r->directory) || !golden_find(r, ULLAGE_SOURCE_DIR "/fixtures", only))
        return false;
    for (uint32_t i = 0; i < r->count; i++) {
        golden_read_args(&r->cases[i], &r->arena);
        golden_lines(&r->cases[i].compilers, &r->cases[i], "compilers", &r->arena);
        if (!golden_copy(&r->cases[i], &r->arena))
            return false;
        run_case(r, &r->cases[i]);
    }
    return true;
}

static int set_up(void **state)
{
    golden_run *r = calloc(1, sizeof *r);
    *state = r;
    return r && run_all(r, NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
    golden_run *r = *state;
    for (uint32_t i = 0; i < r->count; i++)
        cJSON_Delete(r->cases[i].report);
    golden_remove_tree(r->directory);
    ul_arena_free(&r->arena);
    free(r);
    return 0;
}

static bool is_source(const char *name)
{
    size_t length = strlen(name);
    return length > 2 && name[length - 2] == '.' && strchr("ch", name[length - 1]) && strncmp(name, "after.", 6) != 0;
}

/* Where the case keeps what becomes of `name`. */
static const char *after_path(golden_run *r, const golden_case *c, const char *name)
{
    return strcmp(name, "input.h") == 0 ? ul_arena_printf(&r->arena, "%s/after.h", c->source)
                                        : ul_arena_printf(&r->arena, "%s/after.%s", c->source, name);
}

/* Calls `see` with each source of the case: its name, as it was, as it is now. */
static void each_source(golden_run *r, golden_case *c, void (*see)(golden_run *, golden_case *, const char *, const char *, const char *))
{
    DIR *directory = opendir(c->source);
    for (struct dirent *file; directory && (file = readdir(directory));) {
        if (is_source(file->d_name))
            see(r, c, file->d_name, golden_read(&r->arena, ul_arena_printf(&r->arena, "%s/%s", c->source, file->d_name)),
                golden_read(&r->arena, ul_arena_printf(&r->arena, "%s/%s", c->place, file->d_name)));
    }
    if (directory)
        closedir(directory);
}

static void show_difference(golden_run *r, const char *expected, const char *actual)
{
    const char *path = ul_arena_printf(&r->arena, "%s/actual", r->directory), *log = ul_arena_printf(&r->arena, "%s/diff", r->directory);
    const char *const args[] = {"diff", "-u", "-N", "--", expected, path, NULL};
    if (!golden_write(path, actual))
        return;
    oracle_job job = oracle_start(args, log);
    golden_wait(&job);
    const char *lines = golden_read(&r->arena, log);
    printf("%.6000s\n", lines ? lines : "");
}

static void compare_source(golden_run *r, golden_case *c, const char *name, const char *before, const char *now)
{
    const char *path = after_path(r, c, name), *after = golden_read(&r->arena, path);
    if (strcmp(after ? after : before, now) == 0)
        return;
    golden_complain(c, ul_arena_printf(&r->arena, "%s is not what it should be: look, then scripts/bless %s", name, c->name));
    show_difference(r, after ? path : ul_arena_printf(&r->arena, "%s/%s", c->source, name), now);
}

static void every_case_becomes_what_it_should(void **state)
{
    golden_run *r = *state;
    uint32_t failures = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        const char *path = ul_arena_printf(&r->arena, "%s/expect.txt", c->source), *said = golden_read(&r->arena, path);
        if (c->status != 0)
            golden_complain(c, ul_arena_printf(&r->arena, "fix ends with %d: %.600s", c->status, c->errors));
        each_source(r, c, compare_source);
        if (!said || strcmp(said, c->text) != 0) {
            golden_complain(c, "says otherwise than expect.txt");
            show_difference(r, path, c->text);
        }
        failures += c->is_known ? 0 : c->failures;
    }
    assert_true(r->count >= CASES_FLOOR);
    assert_int_equal(failures, 0);
}

static void gcc_and_clang_agree_afterwards(void **state)
{
    golden_run *r = *state;
    oracle_tally tally = {0};
    uint32_t failures = 0;
    const char *clang = oracle_clang();
    assert_non_null(clang);
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        uint32_t before = c->failures;
        if (!c->report)
            golden_complain(c, "no report afterwards");
        else if (!c->is_known)
            judge_case(c, clang, "x86_64-pc-linux-gnu", &tally, &r->arena);
        failures += c->failures - before;
    }
    printf("fix: %u cases, %u records, %u fields judged by gcc and %s\n", r->count, tally.records, tally.fields, clang);
    assert_int_equal(failures, 0);
}

static void bless_source(golden_run *r, golden_case *c, const char *name, const char *before, const char *now)
{
    const char *path = after_path(r, c, name), *after = golden_read(&r->arena, path);
    if (strcmp(before, now) == 0) {
        if (after)
            remove(path);
        return;
    }
    if (after && strcmp(after, now) == 0)
        return;
    show_difference(r, after ? path : ul_arena_printf(&r->arena, "%s/%s", c->source, name), now);
    golden_write(path, now);
}

static int bless(char *const *only)
{
    golden_run *r = calloc(1, sizeof *r);
    void *state = r;
    if (getenv("CI") || !r || !run_all(r, only)) {
        printf("bless: no such case, or CI is set\n");
        return 2;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        const char *path = ul_arena_printf(&r->arena, "%s/expect.txt", c->source), *said = golden_read(&r->arena, path);
        each_source(r, c, bless_source);
        if (said && strcmp(said, c->text) == 0)
            continue;
        show_difference(r, path, c->text);
        golden_write(path, c->text);
    }
    return tear_down(&state);
}

int main(int count, char **words)
{
    if (count > 1 && strcmp(words[1], "--bless") == 0)
        return bless(words + 2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_becomes_what_it_should),
        cmocka_unit_test(gcc_and_clang_agree_afterwards),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
