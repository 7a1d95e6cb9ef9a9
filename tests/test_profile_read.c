/*
 * Profiles of every format are read for what they say: real output of perf 7.2 (tests/profiles/), texts in the grammar of other versions,
 * and what is broken: a file cut off anywhere is read or refused with its line, never half believed.
 */
#include <sys/wait.h>

#include "tests/profile_bench.h"

/* What perf printed for fs.c and dt.c of that folder. */
typedef struct sample {
    const char *file;
    const char *text; /* all that is read; NULL: of no kind */
    const char *words; /* of the first diagnostic, or its beginning */
} sample;

#define DT "struct conn 208: fd@0:4 0, name@4:64 0, flags@68:4 1357, next@72:8 222, st.hits@80:8 418, st.misses@88:8 0, peer@96:100 0, bytes@200:8 25\n"
#define FS                                                                                                                                 \
    "worker_slot_t 32: ops@0:8 616, pad0@8:8 0, u.err@16:8 25, busy@24:1 3665, prio@25:1 0\n"                                              \
    "struct shared 224: limit@0:8 0, total@8:8 1, lock.__data.__lock@16:4 0, lock.__data.__count@20:4 0, lock.__data.__owner@24:4 0, "       \
    "lock.__data.__nusers@28:4 0, lock.__data.__kind@32:4 0, lock.__data.__spins@36:2 0, lock.__data.__glibc_reserved@38:2 0, "              \
    "lock.__data.__list.__prev@40:8 0, lock.__data.__list.__next@48:8 0, protected_count@56:8 0, name@64:32 0, slots@96:128 0\n"

static const sample samples[] = {
    {"annotate-data-type.txt", DT, ""},
    {"annotate-data-type-nr.txt", DT, ""},
    {"annotate-data-type-period.txt", DT, ""},
    {"annotate-data-type-fs.txt", FS, ""},
    {"annotate-type-stat-fs.txt", FS, ""},
    {"report-type-typeoff-csv.txt",
     "worker_slot_t 0: busy@24:0 2902, u.err@16:0 14, ops@0:0 692; worker/5478:fs 1890: busy 1890, u.err 5, ops 329; "
     "worker/5479:fs 1012: busy 1012, u.err 9, ops 363\nstruct shared 0: total@8:0 1; worker/5479:fs 1: total 1\n",
     ""},
    {"report-type-typeoff.txt", "worker_slot_t 0: busy@24:0 18.39, ops@0:0 3.09, u.err@16:0 0.13\nstruct shared 0: total@8:0 0.01\n", ""},
    {"report-pid-typeoff.txt",
     "worker_slot_t 0: busy@24:0 13.59, ops@0:0 3.24, u.err@16:0 0.06; /5478:fs 8.85: busy 8.85, ops 1.54, u.err 0.02; "
     "/5479:fs 4.74: busy 4.74, ops 1.7, u.err 0.04\nstruct shared 0: total@8:0 0; /5479:fs 0: total 0\n",
     ""},
    {"report-type-typeoff-srcline.txt", "struct conn 0: @68:0 1357, @80:0 418, @72:0 222, @200:0 25; walk/ 1355:  1355,  418,  222,  20; main/ 5:  5,  2\n",
     "2: warning: the name in `struct conn +0x44 (fla` is cut off"},
    {"report-hierarchy.txt", NULL, "0: error: every sample stands here once for each level"},
    {"report-typecln.txt", NULL, "13: error: no column says which field a sample is of"},
    {"annotate-code-with-type.txt", NULL, "0: error: this is annotated code"},
    {"script.txt", NULL, "0: error: no profile of a known kind"},
    {"c2c.txt",
     "0x55d0c0ffee40: 6000 r4000 w2000 hitm 2400+400 1.235e+06 cycles; +0 serve/711:serve serve.c:40 2600 r600 w2000 hitm 600+100 250000 cycles; "
     "+8 watch/712:watch serve.c:52 3400 r3400 w0 hitm 1800+300 985000 cycles\n"
     "0x7f0012340080: 900 r900 w0 hitm 600+100 255000 cycles; +32 memcpy/712:watch :0 900 r900 w0 hitm 600+100 255000 cycles\n",
     ""},
    {"c2c-bare.txt",
     "0xffff888100200040: 1320 r800 w520 hitm 300+100 200800 cycles; +0 gate_check/ gate.c:14 420 r420 w0 hitm 150+60 105300 cycles; "
     "+8 gate_enter/ :0 900 r380 w520 hitm 150+40 95500 cycles\n",
     ""},
    {"c2c-peer.txt",
     "0xaaaa00004000: 1600 r1550 w50 hitm 200+0 119500 cycles; +0 serve/ serve.c:40 1000 r1000 w0 hitm 150+0 79000 cycles; "
     "+8 watch/ serve.c:52 600 r550 w50 hitm 50+0 40500 cycles\n",
     ""},
    {"link_state.rst",
     "struct link_state 0: flags@-1:0 0, tx_seq@-1:0 0, rx_seq@-1:0 0, tx_bytes@-1:0 0, queue@-1:0 0, old_counter@-1:0 0, name@-1:0 0; "
     "/tx 1: flags 0 r1 w0, tx_seq 0 r1 w1, tx_bytes 0 r0 w1, queue 0 r1 w0; /rx 1: flags 0 r1 w0, rx_seq 0 r1 w1, queue 0 r1 w0, old_counter 0 r1 w1\n",
     ""},
    {"link_state_old.rst",
     "struct link_state 0: flags@-1:0 0, tx_seq@-1:0 0, rx_seq@-1:0 0, tx_bytes@-1:0 0, queue@-1:0 0, busy@-1:0 0, name@-1:0 0; "
     "/tx 1: flags 0 r1 w0, tx_seq 0 r1 w1, tx_bytes 0 r0 w1, queue 0 r1 w0; /rx 1: flags 0 r1 w0, rx_seq 0 r1 w1, queue 0 r1 w0, busy 0 r1 w1\n",
     ""},
    {"serve.json",
     "struct serve 128: jobs@0:8 1400 r500 w900, seen@8:8 1100 r100 w1000 hitm 600+40 250000 cycles; serve/server 4e+06: jobs 1400 r500 w900; "
     "watch/712 3e+06: seen 1100 r100 w1000\n",
     ""},
};

enum { SAMPLE_COUNT = sizeof samples / sizeof *samples };

static void every_sample_is_read(void **state)
{
    profile_bench *b = *state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t length;
        const char *bytes = profile_file(b, samples[i].file, &length);
        ul_status status = profile_parse(b, samples[i].file, bytes, length);
        const char *words = profile_words(b);
        if (strncmp(words, samples[i].words, strlen(samples[i].words)) != 0 || (!*samples[i].words && *words))
            fail_msg("%s: \"%s\", not \"%s\"", samples[i].file, words, samples[i].words);
        assert_int_equal(status, samples[i].text ? UL_OK : UL_ERR_INPUT);
        if (samples[i].text && strcmp(profile_text(b), samples[i].text) != 0)
            fail_msg("%s is read as\n%s, not as\n%s", samples[i].file, profile_text(b), samples[i].text);
    }
}

static void is_sound(profile_bench *b, const char *file, size_t cut, uint32_t lines)
{
    assert_true(b->status == UL_OK || b->status == UL_ERR_INPUT);
    if ((b->status != UL_OK) != (b->diags.error_count > 0))
        fail_msg("%s cut at %zu: status %d with %u errors", file, cut, (int)b->status, b->diags.error_count);
    for (uint32_t i = 0; i < b->diags.count; i++)
        assert_true(b->diags.items[i].line <= lines && b->diags.items[i].message[0]);
    for (uint32_t t = 0; b->status == UL_OK && t < b->profile->type_count; t++) {
        const ul_profile_type *type = &b->profile->types[t];
        assert_true(type->line >= 1 && type->line <= lines);
        for (uint32_t c = 0; c < type->context_count; c++) {
            for (uint32_t u = 0; u < type->contexts[c].use_count; u++)
                assert_true(type->contexts[c].uses[u].field < type->field_count);
        }
    }
}

static uint32_t lines_of(const char *bytes, size_t length)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < length; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* Every prefix of every sample; what is read of it holds nothing that the whole has not, and no more of anything. */
static void truncated_files_are_refused_or_read(void **state)
{
    profile_bench *b = *state;
    uint32_t refused = 0, read = 0;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t length;
        const char *bytes = profile_file(b, samples[i].file, &length);
        for (size_t cut = 0; cut < length; cut++) {
            ul_mark mark = ul_arena_mark(&b->arena);
            profile_parse(b, samples[i].file, bytes, cut);
            is_sound(b, samples[i].file, cut, lines_of(bytes, cut));
            refused += b->status != UL_OK;
            read += b->status == UL_OK;
            ul_arena_rewind(&b->arena, mark);
        }
    }
    assert_true(refused > 1000 && read > 100);
}

/* Bytes changed in the middle: deterministic, one byte at a time. */
static void garbled_files_are_refused_or_read(void **state)
{
    static const char bytes_of_garbage[] = {'\0', '\n', '\t', '%', '{', ';', '9', '-', (char)0xff, '\'', ':', '='};
    profile_bench *b = *state;
    for (size_t i = 0; i < SAMPLE_COUNT; i++) {
        size_t length;
        const char *bytes = profile_file(b, samples[i].file, &length);
        char *copy = malloc(length + 1);
        assert_non_null(copy);
        for (size_t at = i % 3; at < length; at += 3) {
            ul_mark mark = ul_arena_mark(&b->arena);
            memcpy(copy, bytes, length);
            copy[at] = bytes_of_garbage[(at * 7 + i) % sizeof bytes_of_garbage];
            profile_parse(b, samples[i].file, copy, length);
            is_sound(b, samples[i].file, at, lines_of(copy, length));
            ul_arena_rewind(&b->arena, mark);
        }
        free(copy);
    }
}

typedef struct text_case {
    const char *text;
    const char *want; /* the profile, or the first diagnostic */
} text_case;

static void expect_texts(profile_bench *b, const text_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ul_status status = profile_parse(b, "p.txt", cases[i].text, strlen(cases[i].text));
        const char *got = status == UL_OK && !b->diags.count ? profile_text(b) : profile_words(b);
        if (strncmp(got, cases[i].want, strlen(cases[i].want)) != 0 || (status == UL_OK && !b->diags.count && strcmp(got, cases[i].want) != 0))
            fail_msg("%s\nis read as\n%s\nnot as\n%s", cases[i].text, got, cases[i].want);
    }
}

#define EXPECT(cases) expect_texts(*state, (cases), sizeof(cases) / sizeof *(cases))
#define BAR "============================================================================\n"

static void annotate_of_other_versions(void **state)
{
    static const text_case cases[] = {
        /* 6.8: decimal, names of columns in small letters, several events */
        {"Annotate type: 'struct page' in [kernel.kallsyms] (480 samples):\n event[0] = cpu/mem-loads,ldlat=30/P\n event[1] = cpu/mem-stores/P\n" BAR
         "            samples     offset       size  field\n        440         40          0         64  struct page\t {\n"
         "        400         30          0          8      long unsigned int\tflags;\n"
         "         40         10          8         40      union\t {\n         40         10          8         40          struct\t {\n"
         "         30          8          8         16              union\t {\n         30          8          8         16                  struct list_head\tlru {\n"
         "         30          8          8          8                      struct list_head*\tnext;\n          0          0         16          8                      struct list_head*\tprev;\n"
         "                                                  };\n                                              };\n"
         "         10          2         24          8              struct address_space*\tmapping;\n                                          };\n"
         "                                      };\n                                  };\n",
         "struct page 64: flags@0:8 430 r400 w30, lru.next@8:8 38 r30 w8, lru.prev@16:8 0, mapping@24:8 12 r10 w2\n"},
        /* a type without members */
        {"Annotate type: 'int' in ./a (3 samples):\n" BAR " Percent     offset       size  field\n  100.00          0        0x4  int\t;\n", "int 4: @0:4 3\n"},
        {"Annotate type: 'struct a' in ./a (3 samples):\n" BAR " Percent     offset       size  field\n  100.00          0        0x4  struct a\t {\n", "4: error: the type of line 1 is broken off"},
        {"Annotate type: 'struct a' in ./a (3 samples):\n" BAR " Percent     offset       size  field\n  100.00          0        0x4  struct a\t {\n  x\n", "5: error: not a line of a type"},
        {"Annotate type: 'struct a' in ./a (3 samples):\n" BAR " Percent     offset       size  field\n", "3: error: the type of line 1 is broken off"},
        {"Annotate type: 'struct a\n", "1: error: broken off: no name of a type"},
        {"Annotate data type stats:\ntotal 3, ok 0 (0.0%), bad 3 (100.0%)\nAnnotate type: 'nothing\n", "3: error: broken off"},
    };
    EXPECT(cases);
}

static void columns_of_perf_report(void **state)
{
    static const text_case cases[] = {
        /* loads and stores are two events; the period is the larger number */
        {"# Samples: 2K of event 'cpu/mem-loads,ldlat=30/P'\n# Overhead;Period;Samples;Data Type;Data Type Offset\n60.00%;600000;6;struct a;struct a +0 (x)\n"
         "40.00%;400000;4;struct a;struct a +0x8 (y[2].z)\n# Samples: 10  of event 'cpu/mem-stores/P'\n100.00%;50;10;struct a;struct a +0x8 (y[2].z)\n",
         "struct a 0: x@0:0 6 r6 w0, y[2].z@8:0 14 r4 w10\n"},
        {"60.00%,3000,6,struct a +0 (x)\n40.00%,2000,4,struct a +0x8 (no field)\n", "struct a 0: x@0:0 6, @8:0 4\n"},
        {"  60.00%  struct a  struct a +0 (x)  [.] f\n  40.00%  (stack operation)  (stack operation) +0 (no field)  [k] g\n", "struct a 0: x@0:0 60; f/ 60: x 60\n"},
        {"60.00%|struct a +0 (x)\n40.00%\n", "2: error: the row is broken off: 1 of 2 columns"},
        {"60.00%,6,struct a +0 (x)\n40.00%,four,struct a +0 (x)\n", "2: error: the row is broken off"},
        {"60.00%,6,struct a +0 (x)\nperf: segmentation fault\n", "2: error: not a row of perf report"},
        {"# Samples: 1K of event 'cycles'\n60.00%,6,struct a +0 (x)\n# Samples: 1K of event 'page-faults'\n10.00%,1,struct a +0 (x)\n", "3: warning: samples of 'page-faults' are not read"},
        {"60.00%,6,(unknown),(unknown)\n", "1: error: no sample has a type"},
        {"60.00%,struct a,struct a +0 (x)\n40.00%,struct a,struct a +0x\n", "2: error: `struct a +0x` is cut off"},
        {"60.00%,struct a,struct a +0 (x)\n40.00%,struct a,struct a +0x1\n", "2: error: `struct a +0x1` is cut off"},
        {"60.00%,struct a,struct a +0 (x)\n40.00%,struct a,struct\n", "2: error: `struct` is cut off"},
        {"60.00%,struct a,struct a +0 (x)\n40.00%,(unknown),(unknown) +0 (no fiel\n", "struct a 0: x@0:0 60\n"},
        {"# Overhead  Data Type\n", "0: error: no row of numbers"},
    };
    EXPECT(cases);
}

static void tables_of_the_kernel(void **state)
{
#define RULES "==== ==== ================== ================== ====\n"
#define NAMES "Type Name fastpath_tx_access fastpath_rx_access note\n"
    static const text_case cases[] = {
        {"a struct use\n" RULES NAMES RULES "u32  x    read_mostly                           f\n" RULES "words about it\n", "struct a 0: x@-1:0 0; /tx 1: x 0 r1 w0\n"},
        {"a struct use\n" RULES NAMES RULES "u32  x    read_often                            f\n" RULES, "5: error: 'read_often' is no access"},
        {"a struct use\n" RULES NAMES RULES "u32  x    read_mostly                           f\n", "5: error: the table is broken off"},
        {"a struct use\n" RULES NAMES RULES RULES, "3: error: the table has no row"},
        {"a enum use\n" RULES NAMES RULES "u32  x    read_mostly                           f\n" RULES, "3: error: this table is about an enum"},
        {"a struct use\n" RULES NAMES RULES "u32\n" RULES, "5: error: broken off: a row has a type and a name"},
    };
    EXPECT(cases);
}

static void json_that_is_none_of_ours(void **state)
{
#define HEAD "{\"schema\":\"ullage.profile/1\","
    static const text_case cases[] = {
        {"{\n\"schema\": \n", "3: error: not JSON"},
        {"{\"schema\":\"ullage.profile/2\"}", "1: error: schema is not \"ullage.profile/1\""},
        {"{}", "1: error: schema is not"},
        {"[]", "1: error: a list, where an object is asked: {\"schema\""},
        {HEAD "\"meta\":{\"samples\":3},\"types\":[{\"type\":\"struct a\",\"fields\":[{\"path\":\"x\",\"samples\":7}]}]}",
         "1: warning: meta.samples is 3, and the types have 7 of them: so many are taken for all"},
        {HEAD "\"types\":[]}", "1: error: types is not an array with a type in it"},
        {HEAD "\n\"types\":[\n{\"type\":\"struct a\",\"fields\":[{\"samples\":1}]}]}", "3: error: types[0].fields[0] is not a field"},
        {HEAD "\n\"types\":[{\"type\":\"struct a\",\"size\":1.5}]}", "2: error: types[0].size is not a whole number of bytes"},
        {HEAD "\n\"types\":[{\"type\":\"struct a\"},\n{\"type\":\"struct b\",\"fields\":[{\"path\":\"x\",\"samples\":-1}]}]}", "3: error: types[1].fields[0].samples is not a number"},
        {HEAD "\n\"types\":[{\"type\":\"struct a\",\"contexts\":[{\"func\":\"f\",\"fields\":{\"x\":3}}]}]}", "2: error: types[0].contexts[0].x is not an object"},
        {HEAD "\"meta\":{\"resolved_pct\":101},\"types\":[{\"type\":\"struct a\"}]}", "1: error: meta.resolved_pct is not a percentage"},
        {HEAD "\"types\":[{\"type\":\"struct a\",\"contexts\":[{\"func\":\"f\",\"fields\":{\"x\":{\"r\":3,\"w\":1}}}]}]}", "struct a 0: x@-1:0 4 r3 w1; f/ 4: x 4 r3 w1\n"},
    };
    EXPECT(cases);
}

static void what_is_no_profile(void **state)
{
    static const text_case cases[] = {
        {"", "0: error: the profile is empty"},
        {"\n \n", "0: error: the profile is empty"},
        {"PERFILE2 and so on", "0: error: this is the recording itself"},
        {"hello\n", "0: error: no profile of a known kind"},
        {"  Trace Event Information\n Total records : 3\n", "2: error: broken off before the table"},
        {"Shared Cache Line Distribution Pareto\n 0 1 2 3 4\n", "2: error: the head of a cache line is broken off"},
        {"Shared Cache Line Distribution Pareto\n 0 1 2 3 4 0x40\n", "2: error: broken off: the last cache line has no row"},
        {"Shared Cache Line Distribution Pareto\n 0 1 2 3 4 0x40\n 1.0% 2.0%\n", "3: error: a row of the table"},
        {"Shared Cache Line Distribution Pareto\n 1.0% 1.0% 1.0% 1.0% 0x0 0 1 0x4000 1 2 3 4 5 [.] f o s 0\n", "2: error: a row before the first cache line"},
        {"Shared Cache Line Distribution Pareto\n", "0: error: no contended cache line"},
    };
    EXPECT(cases);
}

static void events_say_what_numbers_are_worth(void **state)
{
    profile_bench *b = *state;
    static const struct {
        const char *event;
        bool is_time;
        uint32_t has, has_not;
    } cases[] = {
        {"cpu-clock", true, 1u << UL_BIAS_SKID | 1u << UL_BIAS_NO_DIRECTION, 1u << UL_BIAS_LATENCY_FILTER},
        {"cycles:pp", true, 1u << UL_BIAS_NO_DIRECTION, 1u << UL_BIAS_SKID},
        {"cpu/mem-loads,ldlat=30/P", false, 1u << UL_BIAS_LATENCY_FILTER, 1u << UL_BIAS_NO_DIRECTION | 1u << UL_BIAS_SKID},
        {"cpu/mem-stores/P", false, 1u << UL_BIAS_STORES_HAVE_NO_LATENCY, 1u << UL_BIAS_NO_DIRECTION},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = ul_arena_printf(&b->arena, "# Samples: 6  of event '%s'\n60.00%%,6,struct a +0 (x)\n", cases[i].event);
        assert_int_equal(profile_parse(b, "p.txt", text, strlen(text)), UL_OK);
        assert_string_equal(b->profile->meta.event, cases[i].event);
        assert_int_equal(b->profile->meta.is_time, cases[i].is_time);
        assert_int_equal(b->profile->meta.biases & cases[i].has, cases[i].has);
        assert_int_equal(b->profile->meta.biases & cases[i].has_not, 0);
    }
}

/* What an uninitialised text of a type holds: control characters, half a character, a line end. */
static void garbage_in_types_is_passed_over(void **state)
{
    static const text_case cases[] = {
        {"Annotate type: 'struct a' in ./a (10 samples):\n" BAR " Percent     offset       size  field\n  100.00          0       0x10  struct a\t {\n"
         "   40.00          0        0x8      \xff\xfe(\x01\tops;\n   60.00        0x8        0x8      \x80\n\x90 5\tcount;\n                                };\n",
         "struct a 16: ops@0:8 4, count@8:8 6\n"},
    };
    EXPECT(cases);
}

/* What is read is what the schema allows. */
static void the_schema(void **state)
{
    enum { SKIPPED = 77 };
    (void)state;
    int status = system("python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.profile-1.schema.json " PROFILES "serve.json " ULLAGE_SOURCE_DIR
                        "/fixtures/profile_remapped/old.json");
    if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
        skip();
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, profile_set_up, profile_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_sample_is_read),         TEST(truncated_files_are_refused_or_read), TEST(garbled_files_are_refused_or_read),
        TEST(annotate_of_other_versions),   TEST(columns_of_perf_report),              TEST(tables_of_the_kernel),
        TEST(json_that_is_none_of_ours),    TEST(what_is_no_profile),                  TEST(events_say_what_numbers_are_worth),
        TEST(garbage_in_types_is_passed_over), TEST(the_schema),
    };
    return cmocka_run_group_tests_name("profile_read", tests, NULL, NULL);
}
