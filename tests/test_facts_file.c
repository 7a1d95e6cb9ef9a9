/* The file of facts: what goes in comes out, equal sets are equal bytes in any order, the root of the tree is in none of them, and no
 * damage passes or crashes. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/model/facts_file.h"
#include "tests/use_facts.h"

enum { UNITS = 4, PREFIX_BYTES = 31, BUILD_BYTES = 4 };

static const char made_by[] = "build: this\ntargets: x86_64-pc-linux-gnu\n";
static ul_field fields[] = {
    {.name = "id", .type = "int", .size_bits = 32, .align_bytes = 4, .parent = UL_NO_PARENT, .group = 0, .line = 2},
    {.name = "next", .type = "struct a *", .offset_bits = 64, .size_bits = 64, .align_bytes = 8, .parent = UL_NO_PARENT, .group = 1, .line = 3},
};
static ul_group groups[] = {{0, 1, 0, {11, 18}}, {1, 1, 0, {19, 30}}};
static ul_refusal refusals[] = {{UL_REFUSE_PACKED, "line 3"}};
static ul_annotation annotations[] = {{UL_ANNOTATION_WRITER, "rx", "measured", 1, 3}};
static const char *words[] = {"", "/tree/a.h:9", "next", "/tree/unit.c:40", "f", "/tree/unit.c"};
static ul_census_function functions[] = {{4, 3, 4, 5, 7, 0, UL_ROLE_RUNTIME, 0, 0}};
static ul_tally tallies[] = {{1, 2, 0, 0, 0, 8, 1, 0, 8, UL_ACCESS_WRITE, UL_INDEX_NONE, 1, 0, 0, 0}};
static ul_census census = {.words = words, .functions = functions, .tallies = tallies, .word_count = 6, .function_count = 1, .tally_count = 1};
static ul_evidence evidence[] = {{UL_EVIDENCE_PREFIX_CAST, 1, "/tree/a.h:9", NULL, "/tree/unit.c", 12, 3, "f", "a cast"}};
static ul_diag diags[] = {{UL_LEVEL_WARNING, "/tree/a.h", 5, 1, "this annotation stands on no record or field"}};

typedef struct bench {
    ul_arena arena;
    ul_facts_unit units[UNITS];
    ul_facts_source sources[UNITS + 1];
    ul_facts_set set;
    ul_strbuf bytes;
} bench;

/* Unit `i` of a tree at `root`: a record that all share, and one of its own. */
static ul_facts_unit make_unit(bench *b, const char *root, uint32_t i)
{
    ul_record *records = UL_NEW_ARRAY(&b->arena, ul_record, 2);
    const char *file = ul_arena_printf(&b->arena, "%s/unit%u.c", root, i);
    for (uint32_t k = 0; k < 2; k++) {
        records[k] = (ul_record){.name = k ? "struct own" : "struct a", .key = ul_arena_printf(&b->arena, "%s:9", k ? file : ul_arena_printf(&b->arena, "%s/a.h", root)),
                                 .file = k ? file : ul_arena_printf(&b->arena, "%s/a.h", root), .unit = file, .line = 1, .column = 1, .end_line = 4,
                                 .span = {9, 31}, .body = {10, 31}, .size_bytes = 16, .align_bytes = 8, .own_align_bytes = 1, .fields = fields,
                                 .groups = groups, .refusals = refusals, .annotations = annotations, .field_count = 2, .group_count = 2,
                                 .refusal_count = k, .annotation_count = 1, .instances = 5};
    }
    const char **args = UL_NEW_ARRAY(&b->arena, const char *, 1), **includes = UL_NEW_ARRAY(&b->arena, const char *, 1);
    args[0] = ul_arena_printf(&b->arena, "-I%s/include", root);
    includes[0] = file;
    return (ul_facts_unit){
        .job = {.file = file, .directory = root, .args = args, .arg_count = 1, .confidence = UL_CONFIDENCE_STANDALONE},
        .result = {.detail = "", .triple = "x86_64-pc-linux-gnu", .records = records, .includes = includes, .census = &census, .diags = diags,
                   .uses = {.evidence = evidence, .evidence_count = 1}, .record_count = 2, .include_count = 1, .diag_count = 1, .pointer_bytes = 8,
                   .parse_seconds = 0.25 + i, .peak_bytes = 4096 + i, .probe_count = i}};
}

static void make_set(bench *b, const char *root)
{
    for (uint32_t i = 0; i < UNITS; i++) {
        b->units[i] = make_unit(b, root, i);
        b->sources[i] = (ul_facts_source){b->units[i].job.file, i};
    }
    b->sources[UNITS] = (ul_facts_source){ul_arena_printf(&b->arena, "%s/a.h", root), 77};
    b->set = (ul_facts_set){"set", made_by, b->units, b->sources, UNITS, UNITS + 1};
}

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    ul_strbuf_init(&b->bytes);
    make_set(b, "/tree");
    ul_facts_write(&b->bytes, &b->set, &b->arena);
    *state = b;
    return b->bytes.has_failed ? -1 : 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    ul_strbuf_free(&b->bytes);
    ul_arena_free(&b->arena);
    free(b);
    return 0;
}

/* Reads a copy of the exact length, so that a sanitizer sees a read past its end. */
static ul_status read_copy(ul_facts_set *out, const char **why, const void *bytes, size_t length, const ul_facts_map *map, ul_arena *arena)
{
    void *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    ul_status status = ul_facts_read(out, why, "this", copy, length, map, arena);
    free(copy);
    return status;
}

static void same_bytes(const ul_strbuf *want, const ul_facts_set *set, ul_arena *arena)
{
    ul_strbuf got;
    ul_strbuf_init(&got);
    ul_facts_write(&got, set, arena);
    assert_int_equal(got.length, want->length);
    assert_memory_equal(got.data, want->data, want->length);
    ul_strbuf_free(&got);
}

static void comes_back(void **state)
{
    bench *b = *state;
    const char *why;
    ul_facts_set got;
    assert_int_equal(read_copy(&got, &why, b->bytes.data, b->bytes.length, NULL, &b->arena), UL_OK);
    assert_int_equal(got.unit_count, UNITS);
    assert_string_equal(got.made_by, made_by);
    const ul_facts_unit *unit = &got.units[2];
    assert_string_equal(unit->job.file, "/tree/unit2.c");
    assert_string_equal(unit->job.directory, "/tree");
    assert_string_equal(unit->job.args[0], "-I/tree/include");
    assert_int_equal(unit->job.confidence, UL_CONFIDENCE_STANDALONE);
    assert_string_equal(unit->result.records[1].unit, "/tree/unit2.c");
    assert_string_equal(unit->result.records[1].fields[1].type, "struct a *");
    assert_string_equal(unit->result.records[1].refusals[0].detail, "line 3");
    assert_string_equal(unit->result.uses.evidence[0].detail, "a cast");
    assert_null(unit->result.uses.evidence[0].other);
    assert_string_equal(unit->result.census->words[2], "next");
    assert_true(unit->result.parse_seconds == 0.0 && unit->result.peak_bytes == 0 && unit->result.probe_count == 0);
    assert_int_equal(got.sources[0].digest, 77); /* sorted: a.h comes first */
    same_bytes(&b->bytes, &got, &b->arena);
}

static void order_does_not_matter(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < UNITS / 2; i++) {
        ul_facts_unit unit = b->units[i];
        b->units[i] = b->units[UNITS - 1 - i];
        b->units[UNITS - 1 - i] = unit;
        ul_facts_source source = b->sources[i];
        b->sources[i] = b->sources[UNITS - i];
        b->sources[UNITS - i] = source;
    }
    b->units[0].result.parse_seconds = 99; /* nor does what the run took */
    same_bytes(&b->bytes, &b->set, &b->arena);
}

/* A record that all units share is stored once. */
static void shares(void **state)
{
    bench *b = *state;
    const char *why;
    ul_facts_set got;
    assert_int_equal(read_copy(&got, &why, b->bytes.data, b->bytes.length, NULL, &b->arena), UL_OK);
    assert_ptr_equal(got.units[0].result.records[0].fields, got.units[3].result.records[0].fields);
}

static void root_is_hidden(void **state)
{
    bench *b = *state;
    static const struct {
        const char *text, *root;
        bool is_hidden;
    } cases[] = {{"/tree/a.h", "/tree", true},          {"/tree", "/tree", true},          {"-I/tree/include", "/tree", true},
                 {"/tree/a.h:9#lock|/tree/b.h:1#", "/tree", true}, {"struct (unnamed at /tree/a.h:1:2)", "/tree", true},
                 {"/other/tree/a.h", "/tree", false},    {"/trees/a.h", "/tree", false},    {"/tree2", "/tree", false},
                 {"int", "/tree", false},                {"", "/tree", false},              {"/tree/a.h", "", false},
                 {"a\001R/b", "/tree", false},           {"\001\001R1", "/tree", false},    {"-DX=\"/tree\"", "/tree", true},
                 {"/a:/tree/b", "/tree", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *stored = ul_facts_hide_root(cases[i].root, cases[i].text, &b->arena);
        if (ul_facts_has_root(stored) != cases[i].is_hidden)
            fail_msg("'%s': %d", cases[i].text, cases[i].is_hidden);
        if (cases[i].is_hidden)
            assert_null(strstr(stored, cases[i].root));
        assert_string_equal(ul_facts_show_root(cases[i].root, stored, &b->arena), cases[i].text);
    }
    assert_string_equal(ul_facts_show_root("/else where", ul_facts_hide_root("/tree", "/tree/a.h", &b->arena), &b->arena), "/else where/a.h");
}

/* Two checkouts of one tree have the same facts. */
static void stands_anywhere(void **state)
{
    bench *b = *state;
    ul_strbuf stored[2];
    for (int i = 0; i < 2; i++) {
        static const char *const roots[] = {"/tree", "/home/somebody/tree"};
        ul_strbuf here;
        ul_facts_set got;
        const char *why;
        ul_facts_map hide = {ul_facts_hide_root, roots[i]};
        make_set(b, roots[i]);
        for (uint32_t k = 0; k < UNITS; k++) {
            b->units[k].result.census = NULL; /* the table of this file is of /tree */
            b->units[k].result.uses.evidence_count = b->units[k].result.diag_count = 0;
        }
        ul_strbuf_init(&here);
        ul_strbuf_init(&stored[i]);
        ul_facts_write(&here, &b->set, &b->arena);
        assert_int_equal(read_copy(&got, &why, here.data, here.length, &hide, &b->arena), UL_OK);
        ul_facts_write(&stored[i], &got, &b->arena);
        assert_null(memmem(stored[i].data, stored[i].length, roots[i], strlen(roots[i])));
        ul_strbuf_free(&here);
    }
    assert_int_equal(stored[0].length, stored[1].length);
    assert_memory_equal(stored[0].data, stored[1].data, stored[0].length);
    ul_strbuf_free(&stored[0]);
    ul_strbuf_free(&stored[1]);
}

static void refused(bench *b, const void *bytes, size_t length, const char *part)
{
    const char *why = NULL;
    ul_facts_set got;
    assert_int_equal(read_copy(&got, &why, bytes, length, NULL, &b->arena), UL_ERR_INPUT);
    assert_non_null(why);
    if (!strstr(why, part))
        fail_msg("'%s' is not in '%s'", part, why);
}

static char *copy_of(bench *b)
{
    char *copy = ul_arena_alloc(&b->arena, b->bytes.length, 1);
    memcpy(copy, b->bytes.data, b->bytes.length);
    return copy;
}

static void says_what_is_wrong(void **state)
{
    bench *b = *state;
    size_t length = b->bytes.length;
    char *copy = copy_of(b);
    refused(b, "", 0, "too short");
    refused(b, "int main(void) { return 0; }\n", 29, "it is no facts file");
    refused(b, copy, length - 1, "cut short");
    refused(b, copy, 20, "cut short");
    memcpy(copy + strlen(UL_FACTS_MAGIC), "0", 1);
    refused(b, copy, length, "its format is 0, and this ullage reads format 1");
    memcpy(copy + strlen(UL_FACTS_MAGIC), "12\n", 3);
    refused(b, copy, length, "its format is 12, and");
    copy = copy_of(b);
    copy[length / 2] ^= 1;
    refused(b, copy, length, "checksum");
    b->set.made_by = "build: that\n";
    ul_strbuf other;
    ul_strbuf_init(&other);
    ul_facts_write(&other, &b->set, &b->arena);
    refused(b, other.data, other.length, "it was made by ullage that, and this is this: make it anew");
    ul_strbuf_add(&other, "x", 1);
    refused(b, other.data, other.length, "more bytes follow");
    ul_strbuf_free(&other);
}

static void no_damage_passes(void **state)
{
    bench *b = *state;
    ul_arena scratch;
    ul_facts_set got;
    const char *why;
    ul_arena_init(&scratch, NULL);
    for (size_t length = 0; length < b->bytes.length; length++) {
        assert_int_equal(read_copy(&got, &why, b->bytes.data, length, NULL, &scratch), UL_ERR_INPUT);
        ul_arena_clear(&scratch);
    }
    char *copy = copy_of(b);
    for (size_t bit = 0; bit < b->bytes.length * 8; bit++) {
        copy[bit / 8] ^= (char)(1 << bit % 8);
        assert_int_equal(read_copy(&got, &why, copy, b->bytes.length, NULL, &scratch), UL_ERR_INPUT);
        copy[bit / 8] ^= (char)(1 << bit % 8);
        ul_arena_clear(&scratch);
    }
    ul_arena_free(&scratch);
}

/* Damage with a checksum that fits: somebody's own work. It is refused, or it is as good as any. */
static void forged_files(void **state)
{
    bench *b = *state;
    ul_arena scratch;
    uint64_t random = 88172645463325252u;
    uint32_t refused_count = 0, rounds = 20000;
    ul_arena_init(&scratch, NULL);
    for (uint32_t i = 0; i < rounds; i++) {
        ul_facts_set got;
        const char *why;
        char *copy = ul_arena_alloc(&scratch, b->bytes.length, 1);
        memcpy(copy, b->bytes.data, b->bytes.length);
        for (uint32_t k = 0; k <= i % 4; k++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            size_t at = PREFIX_BYTES + BUILD_BYTES + random % (b->bytes.length - PREFIX_BYTES - BUILD_BYTES);
            copy[at] = (random >> 40) % 3 ? (char)(random >> 32) : (random >> 41) % 2 ? 0 : (char)0xff;
        }
        uint64_t digest = ul_facts_digest(copy + PREFIX_BYTES, b->bytes.length - PREFIX_BYTES);
        memcpy(copy + PREFIX_BYTES - sizeof digest, &digest, sizeof digest);
        if (read_copy(&got, &why, copy, b->bytes.length, NULL, &scratch) == UL_OK)
            use_facts(&got, "/tree/", &scratch);
        else
            refused_count++;
        ul_arena_clear(&scratch);
    }
    assert_true(refused_count > rounds / 10 && refused_count < rounds);
    ul_arena_free(&scratch);
}

static void merging(void **state)
{
    bench *b = *state;
    ul_facts_set parts[4], one, two, all, twice;
    ul_diags sink;
    ul_diags_init(&sink, &b->arena);
    for (uint32_t i = 0; i < 4; i++)
        parts[i] = (ul_facts_set){"part", made_by, &b->units[i], &b->sources[i], 1, i == 3 ? 2 : 1};
    assert_int_equal(ul_facts_merge(&one, (ul_facts_set[]){parts[3], parts[0]}, 2, &sink, &b->arena), UL_OK);
    assert_int_equal(ul_facts_merge(&two, (ul_facts_set[]){parts[2], parts[1], parts[2]}, 3, &sink, &b->arena), UL_OK);
    assert_int_equal(ul_facts_merge(&all, (ul_facts_set[]){two, one}, 2, &sink, &b->arena), UL_OK);
    same_bytes(&b->bytes, &all, &b->arena);
    assert_int_equal(ul_facts_merge(&twice, (ul_facts_set[]){all, two, all}, 3, &sink, &b->arena), UL_OK);
    same_bytes(&b->bytes, &twice, &b->arena);
    assert_int_equal(ul_facts_merge(&all, parts, 0, &sink, &b->arena), UL_OK);
    assert_int_equal(all.unit_count, 0);
    assert_int_equal(sink.count, 0);
}

static void mixing(void **state)
{
    bench *b = *state;
    ul_facts_set all;
    ul_facts_set left = {"left", made_by, b->units, b->sources, 1, 1}, right = {"right", "build: this\ntargets: aarch64-linux-gnu\n", b->units, b->sources, 1, 1};
    ul_diags sink;
    ul_diags_init(&sink, &b->arena);
    assert_int_equal(ul_facts_merge(&all, (ul_facts_set[]){left, right}, 2, &sink, &b->arena), UL_ERR_INPUT);
    assert_string_equal(sink.items[0].message,
                        "its facts do not go with those of left: 'targets' is 'aarch64-linux-gnu' here and 'x86_64-pc-linux-gnu' there");
    ul_facts_unit changed = make_unit(b, "/tree", 0);
    changed.result.records[1].size_bytes = 24;
    right = (ul_facts_set){"right", made_by, &changed, NULL, 1, 0};
    assert_int_equal(ul_facts_merge(&all, (ul_facts_set[]){left, right}, 2, &sink, &b->arena), UL_ERR_INPUT);
    assert_non_null(strstr(sink.items[1].message, "they say different things of /tree/unit0.c"));
    ul_facts_source other = {b->sources[0].file, 1234};
    right = (ul_facts_set){"right", made_by, NULL, &other, 0, 1};
    assert_int_equal(ul_facts_merge(&all, (ul_facts_set[]){right, left}, 2, &sink, &b->arena), UL_ERR_INPUT);
    assert_non_null(strstr(sink.items[2].message, "/tree/unit0.c was another file then"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(comes_back),       TEST(order_does_not_matter), TEST(shares),          TEST(root_is_hidden),
                                       TEST(stands_anywhere),  TEST(says_what_is_wrong),    TEST(no_damage_passes), TEST(forged_files),
                                       TEST(merging),          TEST(mixing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
