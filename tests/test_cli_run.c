/* The binary as users meet it: exit statuses, what goes to which stream, and bad input of every kind, with
 * the rest still reported. */
#include <pty.h>

#include "project.h"
#include "report/format.h"

static const char good[] = "struct good { char a; void *b; char c; };\n";

static void statuses(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    put(b, "fine.h", "struct fine { void *a; int b; };\n");
    assert_int_equal(run(b, "check good.h"), 0); /* a note: no class or line is crossed */
    has(b->out, "[reorder-saves]");
    has(b->err, "note: no compile_commands.json");
    assert_int_equal(run(b, "check good.h --fail-level=note"), 1);
    assert_int_equal(run(b, "check good.h --rule reorder-saves=off --fail-level=note"), 0);
    assert_int_equal(run(b, "show good.h"), 0);
    assert_int_equal(run(b, "check fine.h -q --fail-level note"), 0);
    assert_string_equal(b->err, "");
    assert_string_equal(b->out, "");
    assert_int_equal(run(b, "check nothere.h"), 2);
    has(b->err, "nothere.h: error: cannot read the path: No such file or directory");
    assert_string_equal(b->out, "");
    assert_int_equal(run(b, "explain reorder-saves"), 0);
    assert_int_equal(run(b, "explain --format json line-straddle"), 0);
    has(b->out, "ullage.explain/1");
    assert_int_equal(run(b, ""), 2);
    assert_int_equal(run(b, "--version"), 0);
    has(b->out, "libclang");
}

static void selected_record(void **state)
{
    bench *b = *state;
    put(b, "two.h", "struct one { char a; int b; };\ntypedef struct { long c; } two_t;\n");
    assert_int_equal(run(b, "show two.h --struct one -q"), 0);
    has(b->out, "struct one");
    lacks(b->out, "two_t");
    assert_int_equal(run(b, "show two.h --struct 'struct one' --format concise"), 0);
    assert_int_equal(run(b, "show two.h --struct two_t --format concise"), 0);
    lacks(b->out, "struct one");
    assert_int_equal(run(b, "show two.h --struct onee"), 2);
    has(b->err, "no record 'onee'");
    has(b->err, "did you mean 'one'");
    assert_string_equal(b->out, "");
}

/* A library whose threads are its callers': that nothing is judged is said, and how to name them; not where there is nothing, or nobody asks. */
static void unknown_threads(void **state)
{
    bench *b = *state;
    put(b, "ring.h", "struct ring { _Atomic long head, tail; };\n"
                     "static inline void put(struct ring *r) { r->tail++; }\nstatic inline void take(struct ring *r) { r->head++; }\n");
    put(b, "plain.h", "struct plain { long head, tail; };\nstatic inline void put(struct plain *r) { r->tail++; }\n");
    assert_int_equal(run(b, "check ring.h"), 0);
    has(b->err, "no thread is created in what was read, and none is named: what threads share in `struct ring`");
    has(b->err, "--thread-entry=GLOB, or roles.threads in .ullage.yml");
    lacks(b->out, "[false-sharing]");
    assert_int_equal(run(b, "check ring.h --thread-entry 'put' --thread-entry take"), 0);
    lacks(b->err, "no thread is created");
    has(b->out, "[false-sharing]");
    assert_int_equal(run(b, "check plain.h"), 0);
    lacks(b->err, "no thread is created");
    assert_int_equal(run(b, "check ring.h --rule false-sharing=off --rule mixed-access=off"), 0);
    lacks(b->err, "no thread is created");
    assert_int_equal(run(b, "check ring.h --format json"), 0);
    lacks(b->out, "no thread is created");
}

/* Files that are no C, or hardly: each is named, and good.h beside it is reported. */
static void unreadable_input(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    const struct {
        const char *name, *text, *words;
    } bad[] = {
        {"missing.h", "#include \"no_such_file.h\"\nstruct m { int a; };\n", "no_such_file.h"},
        {"type.h", "struct t { unknown_t a; char b; };\n", "unknown type name 'unknown_t'"},
        {"syntax.h", "struct s { char a int b; };\n", "syntax.h:1:"},
        {"self.h", "#include \"self.h\"\nstruct q { char a; };\n", "nested too deeply"},
        {"value.h", "struct v { int a; struct v b; };\n", "incomplete type"},
        {"binary.h",
         "\x7f"
         "ELF\x02\x01\x01\xff\xfe\xfd\x80\x81",
         "binary.h"},
        {"utf16.h", "\xff\xfes", "utf16.h"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put(b, bad[i].name, bad[i].text);
        assert_int_equal(run(b, ul_arena_printf(&b->arena, "show %s good.h --format concise", bad[i].name)),
                         2);
        has(b->err, bad[i].words);
        has(b->err, "error:");
        has(b->out, "struct good 24 bytes");
        assert_int_equal(run(b, ul_arena_printf(&b->arena, "check %s good.h --format json -q", bad[i].name)),
                         2);
        has(b->out, "\"level\":\"error\"");
        has(b->out, "struct good");
    }
    put(b, "empty.h", "");
    assert_int_equal(run(b, "check empty.h"), 0);
    assert_int_equal(mkdir(ul_arena_printf(&b->arena, "%s/none", b->folder), 0777), 0);
    assert_int_equal(run(b, "check none"), 2);
    has(b->err, "no C headers or sources");
    if (geteuid() != 0) {
        put(b, "locked.h", good);
        assert_int_equal(chmod(ul_arena_printf(&b->arena, "%s/locked.h", b->folder), 0), 0);
        assert_int_equal(run(b, "check locked.h"), 2);
        has(b->err, "Permission denied");
    }
}

static void keep_going(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    assert_int_equal(run(b, "show nothere.h good.h --format concise"), 2);
    assert_string_equal(b->out, "");
    assert_int_equal(run(b, "show nothere.h good.h --format concise --keep-going"), 2);
    has(b->out, "struct good");
    has(b->err, "nothere.h: error:");
}

static void a_unit_that_takes_for_ever(void **state)
{
    bench *b = *state;
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "#define A0 int\n");
    for (int i = 1; i < 40; i++)
        ul_strbuf_printf(&text, "#define A%d A%d A%d\n", i, i - 1, i - 1);
    ul_strbuf_puts(&text, "A39\n");
    put_bytes(b, "slow.h", text.data, text.length);
    ul_strbuf_free(&text);
    put(b, "good.h", good);
    assert_int_equal(run(b, "show slow.h good.h --timeout 2 --format concise"), 2);
    has(b->err, "slow.h: error: the unit was not read: it took more than 2 s");
    has(b->out, "struct good");
}

static void large_input(void **state)
{
    bench *b = *state;
    enum { LINE = 5000000, FIELDS = 20000, RECORDS = 20000 };
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "int x; /*");
    ul_strbuf_fill(&text, 'y', LINE);
    ul_strbuf_puts(&text, "*/ struct far { char a; int b; };\n");
    put_bytes(b, "line.h", text.data, text.length);
    assert_int_equal(run(b, "check line.h --format json"), 0);
    has(b->out, "struct far");
    ul_strbuf_clear(&text);
    ul_strbuf_puts(&text, "struct wide {\n");
    for (int i = 0; i < FIELDS; i++)
        ul_strbuf_printf(&text, "%s f%d;\n", i % 2 ? "char" : "long", i);
    ul_strbuf_puts(&text, "};\n");
    put_bytes(b, "wide.h", text.data, text.length);
    assert_int_equal(run(b, "check wide.h --format concise"), 1);
    has(b->out, "takes 160000 bytes where 90000 would do");
    ul_strbuf_clear(&text);
    for (int i = 0; i < RECORDS; i++)
        ul_strbuf_printf(&text, "struct r%d { int a; };\n", i);
    put_bytes(b, "many.h", text.data, text.length);
    assert_int_equal(run(b, "check many.h"), 0);
    has(b->out, "20000 records, 0 findings");
    ul_strbuf_free(&text);
}

static void databases(void **state)
{
    bench *b = *state;
    put(b, "a.c", "#include \"good.h\"\n#ifdef ON\nstruct on { int a; };\n#endif\n");
    put(b, "good.h", good);
    put(b, "compile_commands.json",
        ul_arena_printf(
            &b->arena,
            "[{\"directory\":\"%s\",\"file\":\"a.c\",\"command\":\"gcc -DON -fconserve-stack -c a.c\"}]",
            b->folder));
    assert_int_equal(run(b, "show -v a.c good.h --format json"), 0);
    has(b->out, "struct on");
    has(b->out, "\"confidence\":\"unit\"");
    lacks(b->out, "standalone");
    has(b->err, "compile_commands.json: note: flags are read from here");
    has(b->err, "'-fconserve-stack' is left out");
    assert_int_equal(run(b, "show a.c -q --format concise -- -UON"), 0);
    assert_string_equal(b->out, ""); /* flags after `--` stand for the database */
    /* What the flags ask for is in no line of the file. */
    put(b, "compile_commands.json", "[{\"directory\":\"/nobody/has/this\",\"file\":\"a.c\",\"command\":\"cc -c a.c\"}]");
    assert_int_equal(run(b, ul_arena_printf(&b->arena, "show -p compile_commands.json %s/good.h", b->folder)), 2);
    has(b->err, "good.h: error: the directory that it is compiled in cannot be entered: /nobody/has/this\n");
    assert_int_equal(run(b, "show good.h -- -include missing.h"), 2);
    has(b->err, "good.h: error: 'missing.h', which its flags include, is not found\n");
    put(b, "compile_commands.json", "[{\"directory\":");
    assert_int_equal(run(b, "show a.c"), 2);
    has(b->err, "compile_commands.json:1: error:");
    assert_int_equal(run(b, "show good.h --keep-going --format concise"), 2);
    has(b->out, "struct good");
    assert_int_equal(run(b, "show good.h -p nowhere"), 2);
    has(b->err, "cannot read the build 'nowhere'");
}

static void targets(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    assert_int_equal(run(b, "show good.h --target nonsense"), 2);
    has(b->err, "unknown target 'nonsense'");
    assert_string_equal(b->out, "");
    assert_int_equal(run(b, "show good.h --target x86_64-linux-gnu --target i686-linux-gnu --format concise"),
                     0);
    has(b->out, "struct good 24 bytes");
    assert_int_equal(run(b, "show good.h --target i686-linux-gnu --format concise"), 0);
    has(b->out, "struct good 12 bytes");
    assert_int_equal(run(b, "show good.h --format json --line-bytes 128 --allocator musl"), 0);
    has(b->out, "\"line_bytes\":128");
    has(b->out, "\"musl\"");
}

static void outputs(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    put(b, "old.txt", "old");
    assert_int_equal(run(b, "show good.h >/dev/full"), 2);
    has(b->err, "cannot write to standard output: No space left on device");
    assert_int_equal(run(b, "show good.h >&-"), 2);
    has(b->err, "cannot write to standard output");
    assert_int_equal(run(b, "--help >/dev/full"), 2);
    assert_int_equal(run(b, "completions bash >/dev/full"), 2);
    assert_int_equal(run(b, "show good.h -o nowhere/x.txt"), 2);
    has(b->err, "cannot write to 'nowhere/x.txt'");
    assert_int_equal(run(b, "show good.h -o ."), 2);
    has(b->err, "Is a directory");
    assert_int_equal(run(b, "show nothere.h -o old.txt"), 2);
    assert_string_equal(slurp(b, "old.txt"), "old");
    assert_int_equal(run(b, "show good.h --output json:a.json --output concise:b.txt --output text"), 0);
    has(slurp(b, "a.json"), "ullage.report/1");
    has(slurp(b, "b.txt"), "struct good 24 bytes");
    has(b->out, "1 record");
    assert_int_equal(run(b, "show good.h -o old.txt"), 0);
    assert_string_equal(b->out, "");
    has(slurp(b, "old.txt"), "struct good");
}

/* Findings about variables are about no record of the list: every format has to find them all the same. */
static void variables_in_every_format(void **state)
{
    bench *b = *state;
    uint32_t count;
    const ul_format *const *formats = ul_formats_all(&count);
    const char *input = ULLAGE_SOURCE_DIR "/fixtures/false_sharing_fires_globals/input.h";
    for (uint32_t i = 0; i < count; i++) {
        char command[512];
        snprintf(command, sizeof command, "check %s --fail-level error --format %s -- -std=c11", input, formats[i]->name);
        assert_int_equal(run(b, command), 0);
        if (strcmp(formats[i]->name, "diff") != 0)
            has(b->out, "false-sharing");
    }
    assert_int_equal(run(b, "check --update-baseline --baseline known.json " ULLAGE_SOURCE_DIR "/fixtures/false_sharing_fires_globals/input.h -- -std=c11"), 0);
}

static void a_closed_pipe(void **state)
{
    bench *b = *state;
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (int i = 0; i < 20000; i++)
        ul_strbuf_printf(&text, "struct r%d { char a; int b; };\n", i);
    put_bytes(b, "many.h", text.data, text.length);
    ul_strbuf_free(&text);
    const char *command =
        ul_arena_printf(&b->arena, "cd '%s' && { '%s' show many.h -q; echo $? >.status; } 2>.err | true",
                        b->folder, ULLAGE_BINARY);
    assert_int_equal(system(command), 0);
    assert_string_equal(slurp(b, ".status"), "2\n");
    assert_string_equal(slurp(b, ".err"), "");
}

static void an_empty_list_is_nothing(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    put(b, "list", "");
    assert_int_equal(run(b, "check @list --fail-level note"), 0);
    has(b->out, "0 records");
    has(b->err, "nothing to do");
    assert_int_equal(run(b, "show --files-from - --format concise <<'END'\ngood.h\nEND"), 0);
    has(b->out, "struct good");
}

/* The same bytes on both streams for any number of workers, and for any order of the paths. */
static void same_for_any_jobs(void **state)
{
    bench *b = *state;
    char *out = NULL, *err = NULL;
    for (int i = 0; i < 12; i++)
        put(b, ul_arena_printf(&b->arena, "f%d.c", i),
            ul_arena_printf(&b->arena, "#include \"good.h\"\nstruct s%d { char a; long b; char c; };\n%s", i,
                            i % 3 ? "" : "#include \"gone.h\"\n"));
    put(b, "good.h", good);
    const char *const ways[] = {"-j1 .", "-j2 .", "-j7 .", "-j3 good.h f9.c .", "-j2 f9.c f3.c . good.h"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        assert_int_equal(run(b, ul_arena_printf(&b->arena, "check --format json %s", ways[i])), 2);
        has(b->err, "gone.h");
        if (i) {
            assert_string_equal(b->out, out);
            assert_string_equal(b->err, err);
        }
        out = b->out;
        err = b->err;
    }
}

static void stats(void **state)
{
    bench *b = *state;
    put(b, "good.h", good);
    assert_int_equal(run(b, "show good.h --stats"), 0);
    has(b->out, "where the time goes");
    assert_int_equal(run(b, "show good.h --stats --format json"), 0);
    has(b->out, "\"stats\"");
    assert_int_equal(run(b, "show good.h --format json"), 0);
    lacks(b->out, "\"stats\"");
}

/* On a terminal: progress that is gone at the end, and colour unless NO_COLOR or a dumb TERM forbids it. */
static char *on_terminal(bench *b, const char *term)
{
    int descriptor;
    pid_t child = forkpty(&descriptor, NULL, NULL, &(struct winsize){.ws_row = 24, .ws_col = 80});
    assert_true(child >= 0);
    if (child == 0) {
        if (chdir(b->folder) == 0 && unsetenv("NO_COLOR") == 0 && setenv("TERM", term, 1) == 0)
            execl(ULLAGE_BINARY, ULLAGE_BINARY, "show", "-v", "a.c", "b.c", "-j1", (char *)NULL);
        _exit(127);
    }
    ul_strbuf text;
    char chunk[4096];
    ssize_t got;
    ul_strbuf_init(&text);
    while ((got = read(descriptor, chunk, sizeof chunk)) > 0)
        ul_strbuf_add(&text, chunk, (size_t)got);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(descriptor);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    char *copy = ul_arena_strndup(&b->arena, text.data, text.length);
    ul_strbuf_free(&text);
    return copy;
}

static void terminals(void **state)
{
    bench *b = *state;
    put(b, "a.c", good);
    put(b, "b.c", "struct other { const volatile unsigned long long *longer_than_its_column; };\n");
    char *text = on_terminal(b, "xterm");
    lacks(text, "const volatile unsigned long long *");
    assert_int_equal(run(b, "show -v a.c b.c"), 0);
    has(b->out, "const volatile unsigned long long *  longer_than_its_column\n");
    has(text, "\r[1/2] a.c\033[K");
    has(text, "[2/2] b.c\033[K\r\033[K");
    has(text, "\033[1m");
    text = on_terminal(b, "dumb");
    lacks(text, "\033[");
    lacks(text, "[1/2]");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(statuses),
        TEST(selected_record), TEST(unknown_threads),
        TEST(unreadable_input),
        TEST(keep_going),
        TEST(a_unit_that_takes_for_ever),
        TEST(large_input),
        TEST(databases),
        TEST(targets),
        TEST(outputs),
        TEST(variables_in_every_format), TEST(a_closed_pipe),
        TEST(an_empty_list_is_nothing),
        TEST(same_for_any_jobs),
        TEST(stats),
        TEST(terminals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
