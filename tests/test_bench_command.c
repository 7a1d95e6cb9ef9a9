/*
 * ullage bench: statistics by fixed numbers, layouts apart, the program that it writes under both compilers, a short run, and everything that can
 * be wrong with the record, the compiler, the program and the options. No test looks at a time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/bench_run.h"
#include "cli/file.h"
#include "layout/engine/isolate.h"
#include "layout/engine/spread.h"
#include "tests/made_record.h"

typedef struct bench {
    ul_arena arena;
    char folder[32];
    char *out, *err;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    snprintf(b->folder, sizeof b->folder, "/tmp/ullage-test-XXXXXX");
    *state = b;
    return mkdtemp(b->folder) && setenv("NO_COLOR", "1", 1) == 0 && setenv("LC_ALL", "C.UTF-8", 1) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    int status = system(ul_arena_printf(&b->arena, "chmod -R u+w '%s' && rm -r '%s'", b->folder, b->folder));
    ul_arena_free(&b->arena);
    free(b);
    return status;
}

static const char *path_of(bench *b, const char *name)
{
    return ul_arena_printf(&b->arena, "%s/%s", b->folder, name);
}

static void put(bench *b, const char *name, const char *text)
{
    assert_int_equal(ul_file_write(path_of(b, name), text, strlen(text), &b->arena), UL_OK);
}

static char *slurp(bench *b, const char *name)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (ul_file_read(&text, path_of(b, name), UINT32_MAX) != UL_OK)
        fail_msg("%s cannot be read", name);
    char *copy = ul_arena_strndup(&b->arena, text.data ? text.data : "", text.length);
    ul_strbuf_free(&text);
    return copy;
}

static int run(bench *b, const char *command)
{
    int status = system(ul_arena_printf(&b->arena, "mkdir -p '%s/tmp' && cd '%s' && export TMPDIR='%s/tmp' && { %s\n} >.out 2>.err </dev/null", b->folder, b->folder, b->folder, command));
    assert_true(WIFEXITED(status));
    b->out = slurp(b, ".out");
    b->err = slurp(b, ".err");
    if (strstr(b->err, "Sanitizer") || strstr(b->err, "runtime error"))
        fail_msg("%s: %s", command, b->err);
    return WEXITSTATUS(status);
}

static int ullage(bench *b, const char *arguments)
{
    return run(b, ul_arena_printf(&b->arena, "'%s' bench %s", ULLAGE_BINARY, arguments));
}

static void has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %.2000s", part, text);
}

static void lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("'%s' is in: %.2000s", part, text);
}

/* Nothing is left where programs are compiled and run. */
static void assert_tidy(bench *b)
{
    assert_int_equal(run(b, "ls -A tmp"), 0);
    assert_string_equal(b->out, "");
}

static const char ring[] = "#include <pthread.h>\n#include <stdint.h>\n"
                           "struct ring { _Atomic uint64_t head, tail; char closed; void *items[4]; char open; };\n"
                           "static void ring_add(struct ring *r, void *item) { r->items[r->tail % 4] = item; r->tail = r->tail + 1; }\n"
                           "static void *ring_take(struct ring *r) { void *item = r->items[r->head % 4]; r->head = r->head + 1; return item; }\n"
                           "static void *worker(void *arg) { for (;;) ring_add(arg, ring_take(arg)); }\n"
                           "int start(pthread_t *thread, void *arg) { return pthread_create(thread, 0, worker, arg); }\n";

/* ---- statistics ---- */

static void assert_near(double value, double expected)
{
    if (value < expected - 1e-9 || value > expected + 1e-9)
        fail_msg("%.12f is not %.12f", value, expected);
}

static void spread_is_median_and_two_thirds(void **state)
{
    (void)state;
    double nine[] = {9, 1, 8, 2, 7, 3, 6, 4, 5}, four[] = {10, 20, 40, 30}, one[] = {3};
    ul_spread spread = ul_spread_of(nine, 9);
    assert_near(spread.median, 5);
    assert_near(spread.low, 7.0 / 3);
    assert_near(spread.high, 23.0 / 3);
    assert_int_equal(spread.count, 9);
    spread = ul_spread_of(four, 4);
    assert_near(spread.median, 25);
    assert_near(spread.low, 15);
    assert_near(spread.high, 35);
    spread = ul_spread_of(one, 1);
    assert_near(spread.median, 3);
    assert_near(spread.low, 3);
    assert_near(spread.high, 3);
    spread = ul_spread_of(NULL, 0);
    assert_int_equal(spread.count, 0);
    assert_near(spread.median, 0);
}

/* One run in ten may be anything. */
static void spread_stands_outliers(void **state)
{
    (void)state;
    double samples[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 4000};
    ul_spread spread = ul_spread_of(samples, 10);
    assert_near(spread.median, 10);
    assert_near(spread.low, 10);
    assert_near(spread.high, 10);
}

static ul_verdict verdict_of(ul_spread before, ul_spread after)
{
    return ul_spread_compare(&before, &after).verdict;
}

static void verdicts(void **state)
{
    (void)state;
    ul_spread slow = {.median = 120, .low = 115, .high = 130, .count = 21}, quick = {.median = 60, .low = 58, .high = 63, .count = 21};
    ul_comparison comparison = ul_spread_compare(&slow, &quick);
    assert_int_equal(comparison.verdict, UL_VERDICT_FASTER);
    assert_near(comparison.ratio, 2);
    assert_near(comparison.low, 115.0 / 63);
    assert_near(comparison.high, 130.0 / 58);
    assert_int_equal(verdict_of(quick, slow), UL_VERDICT_SLOWER);
    /* The ranges touch: nothing is told, however far apart the medians are. */
    ul_spread wide = {.median = 60, .low = 40, .high = 118, .count = 21};
    assert_int_equal(verdict_of(slow, wide), UL_VERDICT_OVERLAP);
    assert_int_equal(verdict_of(wide, slow), UL_VERDICT_OVERLAP);
    /* So do ranges that are all but together: code that lies elsewhere makes as much. */
    ul_spread close = {.median = 112, .low = 111, .high = 113, .count = 21};
    assert_int_equal(verdict_of(slow, close), UL_VERDICT_OVERLAP);
    assert_int_equal(verdict_of(close, slow), UL_VERDICT_OVERLAP);
    /* Alike, and surely so; a difference of 1 % that is certain is none either; alike but wide is not known to be. */
    ul_spread even = {.median = 100, .low = 99, .high = 101, .count = 21}, near = {.median = 101.5, .low = 101.2, .high = 101.8, .count = 21};
    ul_spread loose = {.median = 100, .low = 90, .high = 110, .count = 21};
    assert_int_equal(verdict_of(even, even), UL_VERDICT_SAME);
    assert_int_equal(verdict_of(even, near), UL_VERDICT_SAME);
    assert_int_equal(verdict_of(even, loose), UL_VERDICT_OVERLAP);
    /* Six clean runs are too few, of either. */
    quick.count = UL_SPREAD_RUNS_MIN - 1;
    assert_int_equal(verdict_of(slow, quick), UL_VERDICT_TOO_FEW);
    assert_int_equal(verdict_of(quick, slow), UL_VERDICT_TOO_FEW);
    quick.count = UL_SPREAD_RUNS_MIN;
    assert_int_equal(verdict_of(slow, quick), UL_VERDICT_FASTER);
    assert_int_equal(verdict_of((ul_spread){0}, (ul_spread){0}), UL_VERDICT_TOO_FEW);
    /* A clock that did not move. */
    assert_int_equal(verdict_of((ul_spread){.count = 21}, slow), UL_VERDICT_TOO_FEW);
}

static void result_is_summed_up(void **state)
{
    (void)state;
    double before[] = {10, 10, 10, 10, 10, 10, 10}, after[] = {5, 5, 5, 5, 5, 5, 5}, few[] = {5};
    ul_bench_case cases[2] = {{.figures = {{.samples = before, .count = 7, .discarded = 3}, {.samples = after, .count = 7}}},
                              {.figures = {{.samples = before, .count = 7}, {.samples = few, .count = 1, .discarded = 9}}}};
    ul_bench_result result = {.cases = cases, .case_count = 2};
    ul_bench_evaluate(&result, 2);
    assert_int_equal(result.run_count, 34);
    assert_int_equal(result.discarded_count, 12);
    assert_int_equal(result.figure_count, 2);
    assert_int_equal(result.unclear_count, 1);
    assert_int_equal(cases[0].figures[1].comparison.verdict, UL_VERDICT_FASTER);
    assert_int_equal(cases[1].figures[1].comparison.verdict, UL_VERDICT_TOO_FEW);
}

/* ---- fields apart ---- */

static const made_field fields[] = {{"lock", "int", 4, 4, 0, 0, 0, 0}, {"name", "char *", 8, 8, UL_FIELD_POINTER, 0, 0, 0}, {"head", "long", 8, 8, 0, 0, 0, 0},
                                    {"bits", "int", 4, 4, UL_FIELD_BIT_FIELD, 3, 0, 0}, {"tail", "long", 8, 8, 0, 0, 0, 0}, {"rest", "char []", 0, 1, UL_FIELD_FLEXIBLE, 0, 0, 0}};

static void fields_stand_apart(void **state)
{
    bench *b = *state;
    ul_target target = made_target();
    ul_record *record = made_record(&b->arena, &target, "struct q", fields, 5), *after;
    const uint32_t *order;
    const ul_isolated both[] = {{2, 0}, {4, 1}}, together[] = {{2, 0}, {4, 0}};
    assert_int_equal(ul_isolate(&after, &order, record, &target, both, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 192);
    assert_int_equal(after->align_bytes, 64);
    assert_string_equal(after->fields[3].name, "head");
    assert_int_equal(after->fields[3].offset_bits, 64 * 8);
    assert_int_equal(after->fields[4].offset_bits, 128 * 8);
    assert_int_equal(order[3], 2);
    /* The record itself is as it was. */
    assert_int_equal(record->fields[2].align_bytes, 8);
    assert_int_equal(ul_isolate(&after, &order, record, &target, together, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 128);
    assert_int_equal(after->fields[4].offset_bits, 72 * 8);
    /* The span counts, where it is more than a line. */
    target.span_bytes = 128;
    assert_int_equal(ul_isolate(&after, &order, record, &target, both, 2, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 384);
    /* Neighbours: the size becomes a multiple. */
    assert_int_equal(ul_isolate(&after, &order, record, &target, NULL, 0, &b->arena), UL_OK);
    assert_int_equal(after->size_bytes, 128);
    assert_int_equal(after->fields[2].offset_bits, record->fields[2].offset_bits);
}

static void fields_that_cannot(void **state)
{
    bench *b = *state;
    ul_target target = made_target();
    ul_record *record = made_record(&b->arena, &target, "struct q", fields, 6), *after;
    const uint32_t *order;
    const ul_isolated bits = {3, 0}, last = {5, 0}, head = {2, 0};
    assert_int_equal(ul_isolate(&after, &order, record, &target, &bits, 1, &b->arena), UL_ERR_INPUT);
    assert_int_equal(ul_isolate(&after, &order, record, &target, &last, 1, &b->arena), UL_ERR_INPUT);
    /* What may be longer stays last: the others begin on the next line. */
    assert_int_equal(ul_isolate(&after, &order, record, &target, &head, 1, &b->arena), UL_OK);
    assert_string_equal(after->fields[0].name, "head");
    assert_string_equal(after->fields[1].name, "lock");
    assert_int_equal(after->fields[1].offset_bits, 64 * 8);
    assert_string_equal(after->fields[5].name, "rest");
}

/* ---- what a benchmark prints ---- */

static ul_status read_output(bench *b, ul_bench_result *result, const char *text, const char **why)
{
    return ul_bench_output_read(result, text, strlen(text), 2, why, &b->arena);
}

static void output_is_read(void **state)
{
    bench *b = *state;
    ul_bench_result result;
    const char *why;
    assert_int_equal(read_output(b, &result,
                                 "cpu A Processor: 3 GHz\nprocessors 8\ncaches 32768 1048576 0\nsiblings 0\npinned 1\nvirtual 1\nfilter 1\ncases 2\n"
                                 "case scan L1 170 0\nsample 0 0.5\nsample 1 0.25\nsample 0 0.75\ndiscarded 0 2\ndiscarded 1 0\n"
                                 "case threads - 2 60\nsample 1 61.5\ndiscarded 0 0\ndiscarded 1 4\nend\n",
                                 &why),
                     UL_OK);
    assert_string_equal(result.cpu, "A Processor: 3 GHz");
    assert_int_equal(result.processors, 8);
    assert_int_equal(result.l2_bytes, 1048576);
    assert_int_equal(result.l3_bytes, 0);
    assert_true(result.is_pinned && result.is_virtual && result.has_filter && !result.are_siblings);
    assert_int_equal(result.case_count, 2);
    assert_string_equal(result.cases[0].level, "L1");
    assert_int_equal(result.cases[0].objects, 170);
    assert_int_equal(result.cases[0].figures[0].count, 2);
    assert_int_equal(result.cases[0].figures[0].discarded, 2);
    assert_near(result.cases[0].figures[1].samples[0], 0.25);
    assert_int_equal(result.cases[1].kind, UL_BENCH_THREADS);
    assert_int_equal(result.cases[1].spacing_ns, 60);
    assert_int_equal(result.cases[1].figures[1].discarded, 4);
}

/* Samples of several processes are one set; other cases are another benchmark. */
static void results_are_joined(void **state)
{
    bench *b = *state;
    ul_bench_result one, two, other;
    const char *why;
    assert_int_equal(read_output(b, &one, "case scan L1 170 0\nsample 0 1\nsample 1 3\ndiscarded 0 2\nend\n", &why), UL_OK);
    assert_int_equal(read_output(b, &two, "case scan L1 170 0\nsample 0 2\nsample 0 4\ndiscarded 0 1\nend\n", &why), UL_OK);
    assert_int_equal(read_output(b, &other, "case scan L1 171 0\nsample 0 2\nend\n", &why), UL_OK);
    assert_false(ul_bench_result_join(&one, &other, 2, &b->arena));
    assert_true(ul_bench_result_join(&one, &two, 2, &b->arena));
    ul_bench_evaluate(&one, 2);
    assert_int_equal(one.cases[0].figures[0].count, 3);
    assert_near(one.cases[0].figures[0].spread.median, 2);
    assert_int_equal(one.cases[0].figures[1].count, 1);
    assert_int_equal(one.discarded_count, 3);
    assert_int_equal(one.process_count, 2);
    assert_false(ul_bench_result_join(&one, &(ul_bench_result){0}, 2, &b->arena));
}

static void output_that_is_none(void **state)
{
    bench *b = *state;
    static const char *const texts[] = {
        "", "end\n", "case scan L1 1 0\n", "case scan L1 1 0\nsample 0 1", "case scan L1 1 0\nsample 0 1\n", "hello\nend\n", "case scan L9 1 0\nend\n",
        "case walk L1 1 0\nend\n", "case scan L1 1 0\nsample 2 1\nend\n", "case scan L1 1 0\nsample 0 nan\nend\n", "case scan L1 1 0\nsample 0 -1\nend\n",
        "sample 0 1\nend\n", "case scan L1 1 0\nsample 0 1 x\nend\n", "case scan L1 1 0\nend\nend\n", "case scan L1 1 0\ndiscarded 7 1\nend\n",
    };
    ul_bench_result result;
    const char *why;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (read_output(b, &result, texts[i], &why) != UL_ERR_INPUT || !*why)
            fail_msg("taken: %s", texts[i]);
    }
    static const char zero[] = "case scan L1 1 0\nsample 0 1\0\nend\n";
    assert_int_equal(ul_bench_output_read(&result, zero, sizeof zero - 1, 2, &why, &b->arena), UL_ERR_INPUT);
}

/* ---- the program ---- */

/* Both compilers take the program at their strictest. */
static void assert_compiles(bench *b, const char *name)
{
    static const char *const compilers[] = {"gcc -std=c11", "clang-14 -std=c11", "clang-14 -std=c2x -fsyntax-only -Wno-missing-prototypes"};
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        if (run(b, ul_arena_printf(&b->arena, "%s -Wall -Wextra -Wpedantic -Werror -O2 -pthread -c %s -o /dev/null", compilers[i], name)) != 0)
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
    if (run(b, "python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.bench-1.schema.json report.json") == 77)
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
    assert_int_equal(run(b, "kept/ullage_bench --time 0.01"), 0);
    has(b->out, "struct ring\n");
    has(b->out, "scan, L1, ");
    assert_int_equal(run(b, "kept/ullage_bench --time never"), 2);
    assert_int_equal(run(b, "kept/ullage_bench --fast"), 2);
    assert_int_equal(run(b, "kept/ullage_bench --raw --time 0.01 >/dev/full"), 1);
    assert_tidy(b);
}

/* On one processor two threads cannot run at once: no figure says anything about them. */
static void one_processor(void **state)
{
    bench *b = *state;
    put(b, "ring.c", ring);
    if (run(b, "taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') true") != 0)
        skip();
    int status = run(b, ul_arena_printf(&b->arena, "taskset -c $(taskset -cp $$ | sed 's/.*: //; s/[-,].*//') '%s' bench --struct ring --time 1 ring.c", ULLAGE_BINARY));
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
    assert_int_equal(run(b, ul_arena_printf(&b->arena, "TMPDIR=/nowhere '%s' bench --struct s a.h", ULLAGE_BINARY)), 2);
    has(b->err, "cannot make a directory in '/nowhere'");
    assert_int_equal(run(b, ul_arena_printf(&b->arena, "'%s' show --cc gcc a.h", ULLAGE_BINARY)), 2);
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
        int status = run(b, ul_arena_printf(&b->arena,
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spread_is_median_and_two_thirds),
        cmocka_unit_test(spread_stands_outliers),
        cmocka_unit_test(verdicts),
        cmocka_unit_test(result_is_summed_up),
        cmocka_unit_test_setup_teardown(fields_stand_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fields_that_cannot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(output_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(results_are_joined, set_up, tear_down),
        cmocka_unit_test_setup_teardown(output_that_is_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(program_compiles, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sides_by_finding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(layout_for_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(scan_by_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(program_of_odd_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_target, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_run, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_run_for_people, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_processor, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_that_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_that_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(programs_that_fail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(signals, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
