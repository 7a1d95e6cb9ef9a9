/* The codec of results: every member crosses, every shortened message is refused, damaged ones never crash.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/model/wire.h"
#include "tests/same_result.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

/* No two members alike and none of them zero: a member that is left out or swapped shows. */
static ul_field fields[] = {
    {"id", "uint64_t", 101, 102, 103, 104, 105, UL_NO_PARENT, 107, 108, 109, 110, UINT64_C(1) << 40,
     "/a.h:9", UINT64_C(111) << 40},
    {"", "struct (anonymous)", 201, 202, 203, 204, 205, 0, UL_NO_GROUP, 208, 209, 210, 211, NULL, 212},
};
static ul_group groups[] = {{1, 2, 3, {4, 5}}, {6, 7, 8, {9, 10}}};
static ul_refusal refusals[] = {{UL_REFUSE_PACKED, "line 3"}, {UL_REFUSE_TOO_LARGE, ""}};
static ul_annotation annotations[] = {{UL_ANNOTATION_WRITER, "rx", "measured", 1, 44},
                                      {UL_ANNOTATION_IGNORE, "", "", UL_NO_PARENT, 45}};
static ul_record records[] = {
    {"struct a",
     "/a.h:1",
     "/a.h",
     "/a.c",
     UL_RECORD_UNION,
     UL_CONFIDENCE_STANDALONE,
     11,
     12,
     13,
     14,
     {15, 16},
     {17, 18},
     19,
     UINT64_C(20) << 32,
     21,
     22,
     fields,
     groups,
     refusals,
     annotations,
     COUNT(fields),
     COUNT(groups),
     COUNT(refusals),
     COUNT(annotations),
     1.5e9},
    {.name = "struct empty", .key = "/a.h:2", .file = "/a.h", .unit = "/a.c", .groups = groups},
    {.name = "struct uncut", .key = "/a.h:3", .file = "/a.h", .unit = "/a.c"},
};
static const char *includes[] = {"/a.c", "/a.h", ""};
static ul_diag diags[] = {{UL_LEVEL_WARNING, "/a.c", 31, 32, "declared inside"},
                          {UL_LEVEL_NOTE, NULL, 0, 0, "the run"}};
static ul_evidence evidence[] = {
    {UL_EVIDENCE_PREFIX_CAST, 51, "/a.h:1", "/b.h:2", "/a.c", 52, 53, "f", "a cast"},
    {UL_EVIDENCE_LAYOUT_ASSERT, UL_KEEPS_ALL, "/a.h:3", NULL, "/a.h", 54, 55, "", ""},
};
static ul_initializer_item items[] = {{{61, 62}, {63, 64}, "id", true, false}, {{65, 66}, {67, 68}, NULL, false, true}};
static ul_initializer initializers[] = {
    {"/a.h:1", "/a.c", NULL, "a directive", 71, 72, {73, 74}, items, COUNT(items), true},
    {"/a.h:2", "/b.c", "INIT", NULL, 75, 76, {77, 78}, NULL, 0, false},
};
static ul_diag remarks[] = {{UL_LEVEL_ERROR, "/b.c", 33, 34, "unused variable"}};
static const char *words[] = {"", "/a.h:1", "tail", "/a.c:9"};
static ul_census_function functions[] = {{1, 2, 3, 1, 71, 72, UL_ROLE_SHOW, 2, 73}};
static ul_tally tallies[] = {{1, 2, 3, 2, 0, 74, 75, 76, 77, UL_ACCESS_RMW, UL_INDEX_HASH, 3, 5, 6, 7, UL_BASE_OWN, 1, 3}};
static ul_census_call calls[] = {{3, 2, 0, 78, 79, 1, 1}};
static ul_mention mentions[] = {{3, 1, 2, 80, 81, UL_NO_FUNCTION, 82, 83}};
static ul_number numbers[] = {{3, 95, 0, 96}};
static ul_origin origins[] = {{2, 0, 98, UL_ORIGIN_TAKEN}};
static ul_pass passes[] = {{3, 2, 0, 133, UL_BASE_VARIABLE, 4, {0, 0}}};
static ul_inlet inlets[] = {{1, 2, 3, 1, 131, UL_INLET_ALIGNED, 132}};
static ul_variable variables[] = {{1, 2, 3, 1, 2, 84, 85, 86, 87, 88, 2, 3, 97, 0, 89, 90, 91}};
static ul_instance instances[] = {{1, 2, 3, 1, 0, 92, UL_REGION_HEAP, 93, 94}};
static ul_census census = {.words = words,
                           .functions = functions,
                           .tallies = tallies,
                           .calls = calls,
                           .mentions = mentions,
                           .numbers = numbers,
                           .origins = origins,
                           .passes = passes,
                           .pass_count = 1,
                           .inlets = inlets,
                           .inlet_count = 1,
                           .number_count = 1,
                           .origin_count = 1,
                           .variables = variables,
                           .instances = instances,
                           .word_count = COUNT(words),
                           .function_count = 1,
                           .tally_count = 1,
                           .call_count = 1,
                           .mention_count = 1,
                           .variable_count = 1,
                           .instance_count = 1};
static ul_pointer_use pointer_uses[] = {{"memcpy", UL_USE_LENT, 101, 102, 103}, {"", UL_USE_FREED, 104, 105, 106}};
static ul_allocation allocations[] = {
    {"f", "/a.c:9", "/a.c", "malloc", "p", "struct a", "/a.h:1", "/a.h:2", "next", "sizeof *p", "n", pointer_uses, COUNT(pointer_uses), UL_MEMORY_REALLOC, 107, 108, 109,
     110, UL_ALLOCATION_STEPS | UL_ALLOCATION_WANTED, 111, 112},
    {"g", "/a.c:10", "/a.c", "strdup", "", "", NULL, NULL, NULL, "", NULL, NULL, 0, UL_MEMORY_COPY, 113, 114, 115, 116, 0, 117, 118}};
static ul_release releases[] = {{"f", "/a.c:9", "/a.c", "free", "p->next", "/a.h:1", "/a.h:2", "next", "close(p->fd)", 119, 120, 121, 1, UL_WALK_PARAMETER, 125}};
static ul_body_comment comments[] = {{"/a.c", "alloc-pattern", "rare", 122, 123, 124}};
static ul_passage passages[] = {{"/a.h:1", "keep", "/a.c", 124, UL_PASSAGE_CONVERTED}};
static const ul_unit_result result = {
    .allocations = {allocations, releases, comments, passages, COUNT(allocations), COUNT(releases), COUNT(comments), COUNT(passages)},
    .census = &census,
    .census_seconds = 0.125,
    .outcome = UL_UNIT_TIMED_OUT,
    .probe_count = 42,
    .detail = "10 s",
    .triple = "x86_64-pc-linux-gnu",
    .records = records,
    .includes = includes,
    .diags = diags,
    .uses = {evidence, initializers, COUNT(evidence), COUNT(initializers)},
    .remarks = remarks,
    .record_count = COUNT(records),
    .include_count = COUNT(includes),
    .diag_count = COUNT(diags),
    .remark_count = COUNT(remarks),
    .pointer_bytes = 41,
    .parse_seconds = 0.25,
    .read_seconds = 0.5,
    .probe_seconds = 0.75,
    .peak_bytes = UINT64_C(43) << 33,
};

static int set_up(void **state)
{
    ul_strbuf *message = calloc(1, sizeof *message);
    ul_strbuf_init(message);
    ul_wire_write_result(message, &result);
    assert_false(message->has_failed);
    *state = message;
    return 0;
}

static int tear_down(void **state)
{
    ul_strbuf_free(*state);
    free(*state);
    return 0;
}

/* Reads a copy of the exact length, so that a sanitizer sees a read past its end. */
static ul_status read_copy(ul_unit_result *out, const void *bytes, size_t length, ul_arena *arena)
{
    void *copy = malloc(length ? length : 1);
    memcpy(copy, bytes, length);
    ul_status status = ul_wire_read_result(out, copy, length, arena);
    free(copy); /* what was read must not point into it */
    return status;
}

static void same_census(const ul_census *got)
{
    assert_non_null(got);
    SAME(got, &census, word_count);
    for (uint32_t i = 0; i < census.word_count; i++)
        same_text(got->words[i], census.words[i]);
    assert_memory_equal(got->functions, functions, sizeof functions);
    assert_memory_equal(got->tallies, tallies, sizeof tallies);
    assert_memory_equal(got->calls, calls, sizeof calls);
    assert_memory_equal(got->mentions, mentions, sizeof mentions);
    assert_memory_equal(got->numbers, numbers, sizeof numbers);
    assert_memory_equal(got->origins, origins, sizeof origins);
    SAME(got, &census, pass_count);
    assert_memory_equal(got->passes, passes, sizeof passes);
    SAME(got, &census, inlet_count);
    assert_memory_equal(got->inlets, inlets, sizeof inlets);
    assert_memory_equal(got->variables, variables, sizeof variables);
    assert_memory_equal(got->instances, instances, sizeof instances);
}

static void same_allocations(const ul_allocations *got)
{
    assert_int_equal(got->count, COUNT(allocations));
    assert_int_equal(got->release_count, COUNT(releases));
    assert_int_equal(got->comment_count, COUNT(comments));
    assert_int_equal(got->passage_count, COUNT(passages));
    same_text(got->releases->also, releases->also);
    assert_int_equal(got->releases->begin, releases->begin);
    assert_int_equal(got->releases->condition, releases->condition);
    same_text(got->passages->record, passages->record);
    same_text(got->passages->callee, passages->callee);
    same_text(got->passages->file, passages->file);
    assert_int_equal(got->passages->line, passages->line);
    assert_int_equal(got->passages->kind, passages->kind);
    for (uint32_t i = 0; i < got->count; i++)
        same_allocation(&got->items[i], &allocations[i]);
    same_text(got->releases->function, releases->function);
    same_text(got->releases->function_key, releases->function_key);
    same_text(got->releases->file, releases->file);
    same_text(got->releases->callee, releases->callee);
    same_text(got->releases->given, releases->given);
    same_text(got->releases->record, releases->record);
    same_text(got->releases->owner, releases->owner);
    same_text(got->releases->field, releases->field);
    SAME(got->releases, releases, line);
    SAME(got->releases, releases, column);
    SAME(got->releases, releases, loop_depth);
    SAME(got->releases, releases, is_walk);
    same_text(got->comments->file, comments->file);
    same_text(got->comments->rules, comments->rules);
    same_text(got->comments->reason, comments->reason);
    SAME(got->comments, comments, line);
    SAME(got->comments, comments, about_line);
}

static void test_every_member_crosses(void **state)
{
    const ul_strbuf *message = *state;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_unit_result got;
    assert_int_equal(read_copy(&got, message->data, message->length, &arena), UL_OK);
    same_text(got.detail, result.detail);
    same_text(got.triple, result.triple);
    SAME(&got, &result, outcome);
    SAME(&got, &result, pointer_bytes);
    SAME(&got, &result, record_count);
    SAME(&got, &result, include_count);
    SAME(&got, &result, diag_count);
    SAME(&got, &result, remark_count);
    SAME(&got, &result, remarks[0].level);
    SAME(&got, &result, remarks[0].column);
    same_text(got.remarks[0].message, result.remarks[0].message);
    SAME(&got, &result, parse_seconds);
    SAME(&got, &result, read_seconds);
    SAME(&got, &result, probe_seconds);
    SAME(&got, &result, probe_count);
    SAME(&got, &result, peak_bytes);
    for (uint32_t i = 0; i < result.record_count; i++)
        same_record(&got.records[i], &result.records[i]);
    for (uint32_t i = 0; i < result.include_count; i++)
        same_text(got.includes[i], result.includes[i]);
    for (uint32_t i = 0; i < result.diag_count; i++) {
        SAME(&got, &result, diags[i].level);
        SAME(&got, &result, diags[i].line);
        SAME(&got, &result, diags[i].column);
        same_text(got.diags[i].file, result.diags[i].file);
        same_text(got.diags[i].message, result.diags[i].message);
    }
    SAME(&got, &result, census_seconds);
    same_uses(&got.uses, &result.uses);
    same_census(got.census);
    same_allocations(&got.allocations);
    ul_arena_free(&arena);
}

/* A member that is added to a structure must be added here and in the codec: its size changes. */
_Static_assert(sizeof(void *) != 8 ||
                   (sizeof(ul_field) == 88 && sizeof(ul_group) == 20 && sizeof(ul_refusal) == 16 &&
                    sizeof(ul_annotation) == 32 && sizeof(ul_record) == 152 && sizeof(ul_diag) == 32 &&
                    sizeof(ul_unit_result) == 200 && sizeof(ul_evidence) == 56 && sizeof(ul_initializer_item) == 32 &&
                    sizeof(ul_initializer) == 64 &&
                    sizeof(ul_census_function) == 40 && sizeof(ul_tally) == 48 && sizeof(ul_census_call) == 20 &&
                    sizeof(ul_mention) == 32 && sizeof(ul_number) == 16 && sizeof(ul_origin) == 16 && sizeof(ul_inlet) == 28 && sizeof(ul_pass) == 20 && sizeof(ul_variable) == 80 && sizeof(ul_instance) == 40 &&
                    sizeof(ul_pointer_use) == 24 && sizeof(ul_allocation) == 144 && sizeof(ul_release) == 96 && sizeof(ul_body_comment) == 40 && sizeof(ul_passage) == 32),
               "a structure of the model changed: let the codec and this suite follow");

static void test_empty_result(void **state)
{
    (void)state;
    static const ul_unit_result empty = {.outcome = UL_UNIT_CRASHED, .detail = "signal 11"};
    ul_strbuf message;
    ul_strbuf_init(&message);
    ul_wire_write_result(&message, &empty);
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_unit_result got;
    assert_int_equal(read_copy(&got, message.data, message.length, &arena), UL_OK);
    assert_int_equal(got.outcome, UL_UNIT_CRASHED);
    assert_string_equal(got.detail, "signal 11");
    assert_null(got.triple);
    assert_int_equal(got.record_count + got.include_count + got.diag_count + got.uses.evidence_count, 0);
    ul_arena_free(&arena);
    ul_strbuf_free(&message);
}

static void test_every_length_but_its_own_is_refused(void **state)
{
    ul_strbuf *message = *state;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_unit_result got;
    for (size_t length = 0; length < message->length; length++) {
        assert_int_equal(read_copy(&got, message->data, length, &arena), UL_ERR_INPUT);
        ul_arena_clear(&arena);
    }
    ul_strbuf_putc(message, '\0');
    assert_int_equal(read_copy(&got, message->data, message->length, &arena), UL_ERR_INPUT);
    ul_arena_free(&arena);
}

static void read_damaged(const ul_strbuf *message, ul_arena *arena, unsigned *refused)
{
    ul_unit_result got;
    if (read_copy(&got, message->data, message->length, arena) == UL_OK) {
        ul_strbuf again; /* what is accepted is whole: all of it can be walked */
        ul_strbuf_init(&again);
        ul_wire_write_result(&again, &got);
        assert_false(again.has_failed);
        ul_strbuf_free(&again);
    } else {
        ++*refused;
    }
    assert_true(ul_arena_used_bytes(arena) <= 1000 * message->length); /* a wrong count must not take memory */
    ul_arena_clear(arena);
}

static void test_flipped_bytes_never_crash(void **state)
{
    ul_strbuf *message = *state;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    unsigned refused = 0;
    static const unsigned char masks[] = {0x01, 0x02, 0x10, 0x40, 0x80, 0xff};
    for (size_t at = 0; at < message->length; at++) {
        for (unsigned i = 0; i < COUNT(masks); i++) {
            message->data[at] = (char)(message->data[at] ^ masks[i]);
            read_damaged(message, &arena, &refused);
            message->data[at] = (char)(message->data[at] ^ masks[i]);
        }
    }
    for (size_t at = 0; at + 4 <= message->length; at++) { /* the largest length and the largest count */
        char kept[4];
        memcpy(kept, message->data + at, sizeof kept);
        memcpy(message->data + at, "\xff\xff\xff\xff", sizeof kept);
        read_damaged(message, &arena, &refused);
        memcpy(message->data + at, "\xfe\xff\xff\xff", sizeof kept);
        read_damaged(message, &arena, &refused);
        memcpy(message->data + at, kept, sizeof kept);
    }
    assert_true(refused > message->length);
    ul_arena_free(&arena);
}

static bool equal_on_the_wire(const ul_record *left, const ul_record *right)
{
    ul_strbuf a, b;
    ul_strbuf_init(&a);
    ul_strbuf_init(&b);
    ul_wire_write_record(&a, left);
    ul_wire_write_record(&b, right);
    bool is_equal = a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
    ul_strbuf_free(&a);
    ul_strbuf_free(&b);
    return is_equal;
}

static void test_record_without_its_unit(void **state)
{
    (void)state;
    ul_record other = records[0];
    other.unit = "/b.c";
    assert_true(equal_on_the_wire(&records[0], &other));
    ul_field changed[COUNT(fields)];
    memcpy(changed, fields, sizeof changed);
    other.fields = changed;
    assert_true(equal_on_the_wire(&records[0], &other));
    changed[1].offset_bits++;
    assert_false(equal_on_the_wire(&records[0], &other));
    changed[1].offset_bits--;
    other.size_bytes++;
    assert_false(equal_on_the_wire(&records[0], &other));
    assert_false(equal_on_the_wire(&records[1], &records[2]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_member_crosses),
        TEST(test_empty_result),
        TEST(test_every_length_but_its_own_is_refused),
        TEST(test_flipped_bytes_never_crash),
        TEST(test_record_without_its_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
