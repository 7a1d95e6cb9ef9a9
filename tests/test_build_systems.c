/* The examples of docs/build-systems.md, run as they stand there: what a change has read again, and that the report is that of the sources. */
#include "repo_bench.h"

/* The block of the page that begins with "```kind". */
static const char *block(repo *r, const char *kind)
{
    const char *text = repo_slurp(r, ULLAGE_SOURCE_DIR "/docs/build-systems.md"), *head = ul_arena_printf(&r->arena, "\n```%s\n", kind);
    const char *begin = strstr(text, head), *end = begin ? strstr(begin + 1, "\n```\n") : NULL;
    if (!begin || !end)
        fail_msg("docs/build-systems.md has no block '%s'", kind);
    begin += strlen(head);
    return ul_arena_strndup(&r->arena, begin, (size_t)(end + 1 - begin));
}

static void make_project(repo *r)
{
    repo_put(r, "include/conn.h", "struct conn { char flag; void *peer; char kind; };\n");
    repo_put(r, "src/conn.c", "#include \"conn.h\"\nint kind(struct conn *c) { return c->kind; }\n");
    repo_put(r, "src/main.c", "#include <stddef.h>\nstruct args { short count; char **items; short first; };\nint main(void) { return 0; }\n");
    repo_do(r, "ullage check src include --format sarif -o want.sarif -q -- -Iinclude");
    repo_do(r, "ullage check src include -o want.txt -- -Iinclude");
}

/* Time stamps of files may be as coarse as a second. */
static void change(repo *r, const char *name)
{
    repo_do(r, ul_arena_printf(&r->arena, "touch -d '+2 seconds' %s", name));
}

static void steps(void **state)
{
    repo *r = *state;
    make_project(r);
    repo_do(r, block(r, "sh steps"));
    repo_do(r, "ullage check --facts all.facts src include >got.txt; cmp want.txt got.txt");
    repo_do(r, "mv conn.facts shard-1.facts && mv main.facts shard-2.facts");
    repo_do(r, block(r, "sh shards"));
    repo_do(r, "grep -q 'struct args' layout.json");
}

/* What `tool` builds by the block of its name, in `file`, is `report`; then it has nothing to do, and a changed header has one unit read again. */
static void build(repo *r, const char *tool, const char *file, const char *report, const char *idle, const char *step)
{
    make_project(r);
    repo_put(r, file, block(r, tool));
    repo_do(r, tool);
    repo_do(r, ul_arena_printf(&r->arena, "cmp want%s layout%s", report, report));
    repo_do(r, tool);
    repo_has(r->out, idle);
    change(r, "include/conn.h");
    repo_do(r, tool);
    repo_has(r->out, ul_arena_printf(&r->arena, "%s src/conn.c", step));
    repo_lacks(r->out, ul_arena_printf(&r->arena, "%s src/main.c", step));
}

static void ninja(void **state)
{
    repo *r = *state;
    build(r, "ninja", "build.ninja", ".sarif", "no work to do", "FACTS");
    repo_put(r, "src/main.c", "int main(void) { return missing; }\nstruct broken { missing_t a; };\n");
    change(r, "src/main.c");
    assert_int_equal(repo_sh(r, "ninja"), 1);
    repo_has(r->out, "unknown type name 'missing_t'");
    repo_put(r, "src/main.c", "int main(void) { return 0; }\n");
    change(r, "src/main.c");
    repo_do(r, "rm include/conn.h; echo >src/conn.c; ninja"); /* a header that is gone stops nobody */
}

static void make(void **state)
{
    repo *r = *state;
    build(r, "make", "Makefile", ".txt", "up to date", "ullage facts");
    repo_do(r, "rm include/conn.h; echo >src/conn.c; make");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(steps), TEST(ninja), TEST(make)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
