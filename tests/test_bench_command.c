/*
 * ullage bench: the program that it writes under both compilers, a short run, and everything that can be wrong with the record, the
 * compiler, the program and the options. No test looks at a time.
 */
#include "project.h"

#include "cli/bench_run.h"

/* In the folder, with a directory of its own for what is temporary. */
static int command(bench *b, const char *text)
{
    return sh(b, ul_arena_printf(&b->arena, "mkdir -p tmp && export TMPDIR=\"$PWD/tmp\" && { %s\n}", text));
}

static int ullage(bench *b, const char *arguments)
{
    return command(b, ul_arena_printf(&b->arena, "'%s' bench %s", ULLAGE_BINARY, arguments));
}

/* Nothing is left where programs are compiled and run. */
static void assert_tidy(bench *b)
{
    assert_int_equal(command(b, "ls -A tmp"), 0);
    assert_string_equal(b->out, "");
}

static const char ring[] = "#include <pthread.h>\n#include <stdint.h>\n"
                           "struct ring { _Atomic uint64_t head, tail; char closed; void *items[4]; char open; };\n"
                           "static void ring_add(struct ring *r, void *item) { r->items[r->tail % 4] = item; r->tail = r->tail + 1; }\n"
                           "static void *ring_take(struct ring *r) { void *item = r->items[r->head % 4]; r->head = r->head + 1; return item; }\n"
                           "static void *worker(void *arg) { for (;;) ring_add(arg, ring_take(arg)); }\n"
                           "int start(pthread_t *thread, void *arg) { return pthread_create(thread, 0, worker, arg); }\n";

/* ---- the program ---- */

/* Both compilers take the program at their strictest. */
static void assert_compiles(bench *b, const char *name)
{
    static const char *const compilers[] = {"gcc -std=c11", "clang-14 -std=c11", "clang-14 -std=c2x -fsyntax-only -Wno-missing-prototypes"};
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        if (command(b, ul_arena_printf(&b->arena, "%s -Wall -Wextra -Wpedantic -Werror -O2 -pthread -c %s -o /dev/null", compilers[i], name)) != 0)
            fail_msg("%s: %s", compilers[i], b->err);
    }
}

static void program_compiles(void **state)
{
    bench *b = *state;
    put(b, "ring.c", ring);
    assert_int_equal(ullage(b, "--struct ring --source b.c ring.c"), 0);
    assert_string_equal(b->out, "");
    char *text = slurp(b, "b.c");
    has(text, "_Static_assert(sizeof(struct before) == 64, \"size\");");
    has(text, "_Static_assert(offsetof(struct before, f_tail) == 8, \"offset\");");
    has(text, "_Static_assert(sizeof(struct after) == 56, \"size\");");
    has(text, "_Static_assert(sizeof(struct isolated) == 192, \"size\");");
    has(text, "_Static_assert(offsetof(struct isolated, f_tail) == 128, \"offset\");");
    has(text, "/* update of `head`, as ring_take() ring.c:5 does */");
    has(text, "LAYOUT(isolated, 64, 128)");
    assert_compiles(b, "b.c");
    /* The same on standard output. */
    assert_int_equal(ullage(b, "--struct 'struct ring' --source - ring.c"), 0);
    assert_string_equal(b->out, text);
    assert_tidy(b);
}

/* What two threads do comes from the finding: of two fields, of what is only read, of neighbours in an array. */
static void sides_by_finding(void **state)
{
    bench *b = *state;
    put(b, "w.c", "#include <pthread.h>\nstruct work { long done; int a; char x; };\nstatic struct work works[8];\nstruct job { pthread_t t; long n; };\n"
                  "struct pool { long limit, size; _Atomic long used; };\n"
                  "static void *worker(void *arg) { long id = (long)arg; for (;;) works[id].done++; }\n"
                  "static void *run(void *arg) { struct job *j = arg; for (;;) j->n++; }\n"
                  "long get(struct pool *p) { return p->limit + p->size; }\nvoid add(struct pool *p) { __atomic_fetch_add(&p->used, 1, __ATOMIC_RELAXED); }\n"
                  "void start(pthread_t *t, struct job *j) { for (long i = 0; i < 4; i++) { pthread_create(&t[i], 0, worker, (void *)i); pthread_create(&j[i].t, 0, run, &j[i]); } }\n");
    assert_int_equal(ullage(b, "--struct work --source - w.c"), 0);
    has(b->out, "LAYOUT(before, 0, 16) LAYOUT(isolated, 0, 64)");
    has(b->out, "/* update of `done`, as worker() w.c:6 does */");
    assert_int_equal(ullage(b, "--struct job --source - w.c"), 0);
    has(b->out, "LAYOUT(before, 8, 24) LAYOUT(isolated, 8, 72)");
    assert_int_equal(ullage(b, "--struct pool --source - w.c"), 0);
    has(b->out, "enum { MEASURES_A = 0, MEASURES_B = 1 };"); /* the reader waits */
    has(b->out, "/* rmw of `used`, as add() w.c:9 does */");
    has(b->out, "/* read of `limit`, as get() w.c:8 does */");
    has(b->out, "LAYOUT(before, 16, 0) LAYOUT(isolated, 64, 0)");
    /* What the user names wins. */
    if (ullage(b, "--struct pool --fields size --source - w.c") != 0)
        fail_msg("%s", b->err);
    has(b->out, "LAYOUT(before, 8, 32) LAYOUT(isolated, 8, 72)");
}

/* --goal lines: what is laid out for its use is all there is to compare with, unless what contends still meets on a line. */
static void layout_for_use(void **state)
{
    bench *b = *state;
    static const char link[] = "#include <pthread.h>\nstruct link { int socket; long in;\nlong out; };\n"
                               "static void *receive(void *l) { for (;;) ((struct link *)l)->in++; }\nstatic void *transmit(void *l) { for (;;) ((struct link *)l)->out++; }\n"
                               "int start(pthread_t *t, struct link *l) { return pthread_create(t, 0, receive, l) + pthread_create(t + 1, 0, transmit, l); }\n";
    put(b, "known.c", ul_arena_printf(&b->arena, "%sstruct link all;\n", link));
    assert_int_equal(ullage(b, "--struct link --goal lines --source known_bench.c known.c"), 0);
    char *text = slurp(b, "known_bench.c");
    has(text, "/* as ullage lays it out for its use */\nstruct after {");
    has(text, "LAYOUT(after, ");
    lacks(text, "struct isolated");
    assert_compiles(b, "known_bench.c");
    put(b, "unknown.c", link); /* nothing tells where its objects are: no field is aligned */
    assert_int_equal(ullage(b, "--struct link --goal lines --source - unknown.c"), 0);
    has(b->out, "LAYOUT(isolated, 64, 128)");
}

/* A scan reads what a profile saw, before what loops touch. */
static void scan_by_profile(void **state)
{
    bench *b = *state;
    put(b, "p.json", "{\"schema\":\"ullage.profile/1\",\"types\":[{\"type\":\"struct ring\",\"size\":64,\"fields\":["
                     "{\"path\":\"closed\",\"off\":16,\"size\":1,\"loads\":900},{\"path\":\"open\",\"off\":56,\"size\":1,\"loads\":100},{\"path\":\"head\",\"off\":0,\"size\":8,\"loads\":5}]}]}\n");
    put(b, "ring.c", ring);
    assert_int_equal(ullage(b, "--struct ring --profile p.json --source - ring.c"), 0);
    has(b->out, "sum += load_8(at + 16); /* closed */");
    has(b->out, "sum += load_8(at + 56); /* open */");
    lacks(b->out, "/* head */");
    put(b, "p.json", "{");
    assert_int_equal(ullage(b, "--struct ring --profile p.json --source - ring.c"), 2);
    assert_string_equal(b->out, "");
}

/* A record of everything that is no plain field. */
static void program_of_odd_records(void **state)
{
    bench *b = *state;
    static const struct {
        const char *text, *options;
    } records[] = {
        {"struct s { char a; unsigned b : 3, c : 12; int : 0; unsigned d : 1; char e; double f; char g; };", ""},
        {"struct s { int stdin, errno, linux, assert; char int_; } __attribute__((packed));", "--fields stdin,assert -- -std=c11 -DNOTHING"},
        {"struct s { char a; union { long x; char y[9]; }; struct { char z; long w; }; char b; };", "--fields x,w"},
        {"struct s { char a; _Alignas(64) int b; char c; _Alignas(32) char d[3]; };", "--fields a,c"},
        {"struct s { long a; int n; char c; char tail[]; };", "--fields a,n"},
        {"struct s { int : 5; int a : 3; struct {} mark[0]; int b[0]; char c; long d; char e; };", "--fields c,d"},
        {"struct s { char *a /* star */, b; void (*f)(int, char *(*)[3]); long double g; char h; };", ""},
        {"struct s { _Bool a; long b; _Bool c; unsigned long d : 40; _Bool e; };", ""},
        {"#pragma pack(1)\nstruct s { char a; long b; unsigned c : 7, d : 9; int e; };", "--fields b,e"},
        {"struct s { char a[3]; short b; char c; };", "--fields c"},
        {"typedef struct { char a; _Atomic int $b; char c; } s;", ""},
        {"struct in { char a; long b; char c; }; struct s { char x; struct in y[3]; char z; };", ""},
        {"struct s { long a, b; } __attribute__((aligned(256)));", "--fields a,b"},
        {"struct s { long padding; };", "--fields padding"},
        {"struct s { __int128 a; char b; __int128 c; char d; };", "--fields a,c"},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        put(b, "odd.h", records[i].text);
        if (ullage(b, ul_arena_printf(&b->arena, "--struct s --source odd.c odd.h %s", records[i].options)) != 0)
            fail_msg("%s: %s", records[i].text, b->err);
        assert_compiles(b, "odd.c");
    }
}

/* A program for another machine is written, not run; every byte is an opaque one, so that this compiler takes it as well. */
static void foreign_target(void **state)
{
    bench *b = *state;
    put(b, "odd.h", "struct s { char a; void *p; char b; long long c; char d; };");
    assert_int_equal(ullage(b, "--struct s --target powerpc64-linux-gnu odd.h"), 2);
    has(b->err, "the layout is for powerpc64");
    has(b->err, "--source FILE writes the program");
    assert_tidy(b);
    assert_int_equal(ullage(b, "--struct s --target i386-linux-gnu --fields a,p --source f.c odd.h"), 0);
    has(slurp(b, "f.c"), "_Static_assert(offsetof(struct before, f_p) == 4, \"offset\");");
    assert_compiles(b, "f.c");
}

/* ---- a run ---- */

static void short_run(void **state)
{
    bench *b = *state;
    put(b, "ring.c", ring);
    assert_int_equal(ullage(b, "-q --struct ring --time 2 --format json -o report.json ring.c"), 0);
    assert_string_equal(b->err, "");
    assert_string_equal(b->out, "");
    char *text = slurp(b, "report.json");
    has(text, "\"threads\":{\"because\":\"finding\",\"rule\":\"false-sharing\"");
    has(text, "{\"kind\":\"scan\",\"level\":\"L1\"");
    has(text, "\"kind\":\"random\"");
    has(text, "{\"layout\":\"isolated\"");
    has(text, "\"summary\":{\"processes\":2,");
    assert_tidy(b);
    if (command(b, "python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.bench-1.schema.json report.json") == 77)
        skip();
    assert_string_equal(b->out, "");
}

/* Every line of a table is a case, three numbers or the words that say why not. */
static void short_run_for_people(void **state)
{
    bench *b = *state;
    put(b, "ring.c", ring);
    assert_int_equal(ullage(b, "--struct ring --time 1 --fields head,closed --keep kept ring.c -- -std=gnu17"), 0);
    assert_string_equal(b->err, "");
    has(b->out, "struct ring   ring.c:3\nbefore       64 B    1 line   as it is\nafter        56 B    1 line   the order that ullage plans\n"
                "isolated    192 B    3 lines  each contended field on a line of its own\n");
    has(b->out, "threads  one changes `head` (ring_take() ring.c:5), one changes `closed`\n");
    has(b->out, "\nscan    L1 ");
    has(b->out, "\nrandom  L1 ");
    assert_int_equal(access(path_of(b, "kept/ullage_bench.c"), R_OK), 0);
    /* What is kept can be run without us. */
    assert_int_equal(command(b, "kept/ullage_bench --time 0.01"), 0);
    has(b->out, "struct ring\n");
    has(b->out, "scan, L1, ");
    assert_int_equal(command(b, "kept/ullage_bench --time never"), 2);
    assert_int_equal(command(b, "kept/ullage_bench --fast"), 2);
    assert_int_equal(command(b, "kept/ullage_bench --raw --time 0.01 >/dev/full"), 1);
    assert_tidy(b);
}

/* On one processor two threads cannot run at once: no figure says anything about them. */
static void one_processor(void **state)
{
    bench *b = *state;
    put(b, "ring.c", ring);
    if (command(b, "taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') true") != 0)
        skip();
    int status = command(b, ul_arena_printf(&b->arena, "taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') '%s' bench --struct ring --time 1 ring.c", ULLAGE_BINARY));
    assert_int_equal(status, 0);
    has(b->out, "one processor: two threads cannot run at once, nothing is said about them");
    lacks(b->out, "ns of work between");
    has(b->out, "\nscan ");
}

/* ---- what can be wrong ---- */

static void assert_refused(bench *b, const char *arguments, const char *words)
{
    if (ullage(b, arguments) != 2)
        fail_msg("%s: taken", arguments);
    has(b->err, words);
    assert_string_equal(b->out, "");
    assert_tidy(b);
}

static void records_that_are_refused(void **state)
{
    bench *b = *state;
    put(b, "a.h", "struct tight { long a, b; };\nunion u { long a; char b; };\nstruct kept { char a; long b; char c; }; // ullage: keep-order -- wire\n"
                  "struct none { };\nstruct open;\nstruct bits { long a; int b : 3; int c : 4; char f[]; };\n");
    put(b, "b.h", "struct tight { int a; };\n");
    put(b, "broken.h", "struct s { int a; nothing b; char c; };\n");
    assert_refused(b, "a.h", "'bench' needs a record to measure: --struct NAME");
    assert_refused(b, "--struct tigth a.h", "no record 'tigth' among the");
    assert_refused(b, "--struct open a.h", "no record 'open' among the");
    assert_refused(b, "--struct tight a.h b.h", "2 records may be meant by 'tight': `struct tight` in a.h:1, `struct tight` in b.h:1; a PATH narrows it down");
    assert_refused(b, "--struct u a.h", "`union u` is not measured: it is a union");
    assert_refused(b, "--struct none a.h", "`struct none` is not measured: it has no bytes");
    assert_refused(b, "--struct tight a.h", "there is nothing to compare `struct tight` with: no order of its fields is better");
    assert_refused(b, "--struct tight a.h", "--fields A,B names two that threads write");
    assert_refused(b, "--struct kept a.h", "(it is not planned: keep-order)");
    put(b, "shared.h", "struct base { char a; long b; char c; };\nstruct derived { char a; long b; char c; long d; };\n");
    assert_refused(b, "--struct base shared.h", "(16 bytes are possible, but a beginning that other records share would be broken: --allow common-prefix)");
    assert_refused(b, "--struct tight --fields a,c a.h", "`struct tight` has no field 'c'");
    assert_refused(b, "--struct bits --fields a,b a.h", "`b` of `struct bits` is a bit-field");
    assert_refused(b, "--struct bits --fields a,f a.h", "`f` of `struct bits` has no bytes of its own");
    assert_refused(b, "--struct tight --fields a,b,a a.h", "'a,b,a' is not a field or two");
    assert_refused(b, "--struct tight --fields , a.h", "',' is not a field or two");
    assert_refused(b, "--struct s broken.h", "error");
    assert_refused(b, "--struct s missing.h", "missing.h");
}

static void options_that_are_refused(void **state)
{
    bench *b = *state;
    put(b, "a.h", "struct s { char a; long b; char c; };\n");
    assert_refused(b, "--struct s --time 0 a.h", "'0' is not a number from 1");
    assert_refused(b, "--struct s --format sarif a.h", "'bench' has no format 'sarif'; it has text and json");
    assert_refused(b, "--struct s --source x.c --keep d a.h", "'--source' contradicts '--keep'");
    assert_refused(b, "--struct s --source x.c -o y a.h", "'--source' contradicts '-o'");
    assert_refused(b, "--struct s --goal class a.h --allocator none", "there is nothing to compare `struct s` with");
    assert_refused(b, "--struct s --source /nowhere/x.c a.h", "cannot write to '/nowhere/x.c'");
    assert_refused(b, "--struct s --keep /nowhere/d a.h", "cannot make the directory '/nowhere/d'");
    assert_int_equal(command(b, ul_arena_printf(&b->arena, "TMPDIR=/nowhere '%s' bench --struct s a.h", ULLAGE_BINARY)), 2);
    has(b->err, "cannot make a directory in '/nowhere'");
    assert_int_equal(command(b, ul_arena_printf(&b->arena, "'%s' show --cc gcc a.h", ULLAGE_BINARY)), 2);
    has(b->err, "'show' does not take the option '--cc'; it is for: bench");
}

/* A compiler that writes what a shell script says instead. */
static void put_compiler(bench *b, const char *script)
{
    put(b, "mycc", ul_arena_printf(&b->arena, "#!/bin/sh\nwhile [ \"$1\" != -o ]; do shift; done\ncat >\"$2\" <<'end'\n#!/bin/sh\n%s\nend\nchmod +x \"$2\"\n", script));
    assert_int_equal(chmod(path_of(b, "mycc"), 0755), 0);
}

static void programs_that_fail(void **state)
{
    bench *b = *state;
    put(b, "a.h", "struct s { char a; long b; char c; };\n");
    assert_refused(b, "--struct s --cc no-such-compiler a.h", "the compiler 'no-such-compiler' cannot be run: No such file or directory (--cc names another)");
    assert_refused(b, "--struct s --cc 'cc --no-such-flag' a.h", "the compiler 'cc --no-such-flag' ended with status 1");
    assert_refused(b, "--struct s --cc 'cc -DSCAN=1' a.h", "error");
    assert_refused(b, "--struct s --cc ' ' a.h", "' ' is no command");
    assert_refused(b, "--struct s --cc true a.h", "the benchmark cannot be run: No such file or directory");
    put_compiler(b, "kill -9 $$");
    assert_refused(b, "--struct s --cc ./mycc a.h", "the benchmark was ended by signal 9");
    put_compiler(b, "echo out of luck >&2; exit 3");
    assert_refused(b, "--struct s --cc ./mycc a.h", "the benchmark ended with status 3: out of luck");
    put_compiler(b, "echo 'case scan L1 10 0'; echo 'sample 0 1.5'");
    assert_refused(b, "--struct s --cc ./mycc a.h", "what the benchmark printed cannot be read: its output breaks off");
    put_compiler(b, "echo hello");
    assert_refused(b, "--struct s --cc ./mycc a.h", "what the benchmark printed cannot be read: it printed 'hello'");
    /* A report that was there stays. */
    put(b, "report.txt", "old\n");
    assert_refused(b, "--struct s --cc ./mycc -o report.txt a.h", "cannot be read");
    assert_string_equal(slurp(b, "report.txt"), "old\n");
}

/* Whoever ends us ends what we run, and nothing is left. */
static void signals(void **state)
{
    bench *b = *state;
    put(b, "a.h", "struct s { char a; long b; char c; };\n");
    put_compiler(b, "echo $$ >\"$PIDFILE\"; exec sleep 60");
    static const char *const names[] = {"INT", "TERM", "HUP"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        int status = command(b, ul_arena_printf(&b->arena,
                                            "export PIDFILE=$PWD/pid; rm -f pid; python3 -c 'import os, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
                                            "os.execv(\"%s\", [\"ullage\", \"bench\", \"--struct\", \"s\", \"--cc\", \"./mycc\", \"a.h\"])' &\n"
                                            "while [ ! -s pid ]; do sleep 0.05; done; kill -%s $!; wait $!; echo \"status $?\"; kill -0 $(cat pid) 2>/dev/null && echo alive; true",
                                            ULLAGE_BINARY, names[i]));
        assert_int_equal(status, 0);
        assert_string_equal(b->out, "status 2\n");
        has(b->err, "interrupted while the benchmark ran");
        assert_tidy(b);
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(program_compiles),
        TEST(sides_by_finding),
        TEST(layout_for_use),
        TEST(scan_by_profile),
        TEST(program_of_odd_records),
        TEST(foreign_target),
        TEST(short_run),
        TEST(short_run_for_people),
        TEST(one_processor),
        TEST(records_that_are_refused),
        TEST(options_that_are_refused),
        TEST(programs_that_fail),
        TEST(signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
