/* Targets by triple, and how objects fit into the tables of size classes: what any table must hold to. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/model/target.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

static void test_line_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *triple;
        uint32_t line_bytes;
    } lines[] = {
        {"x86_64-pc-linux-gnu", 64},
        {"i386-pc-linux-gnu", 64},
        {"aarch64-unknown-linux-gnu", 64},
        {"arm64-apple-macosx14.0.0", 128},
        {"aarch64-apple-darwin", 128},
        {"arm64-apple-ios17.0", 128},
        {"x86_64-apple-macosx14.0.0", 64},
        {"powerpc64le-unknown-linux", 128},
        {"powerpc64-unknown-linux-gnu", 128},
        {"ppc64le-linux-gnu", 128},
        {"powerpc-unknown-linux-gnu", 32},
        {"s390x-ibm-linux-gnu", 256},
        {"riscv64-unknown-linux-gnu", 64},
        {"mips64el-unknown-linux-gnu", 64},
        {"mips-unknown-linux-gnu", 32},
        {"armv7-unknown-linux-gnueabihf", 64},
        {"armv6-unknown-linux-gnueabi", 32},
        {"m68k-unknown-linux-gnu", 16},
        {"avr", 32},
        {"no-such-machine", 64},
        {"", 64},
    };
    for (uint32_t i = 0; i < COUNT(lines); i++) {
        if (ul_line_bytes_of(lines[i].triple) != lines[i].line_bytes)
            fail_msg("%s: %u, not %u", lines[i].triple, ul_line_bytes_of(lines[i].triple),
                     lines[i].line_bytes);
    }
}

/* docs/cache-lines.md has the table in rows of "| `triple` | line | span |". */
static void test_documented_lines(void **state)
{
    (void)state;
    char row[512];
    uint32_t rows = 0;
    FILE *page = fopen(ULLAGE_SOURCE_DIR "/docs/cache-lines.md", "r");
    assert_non_null(page);
    while (fgets(row, sizeof row, page)) {
        char triple[64];
        unsigned line, span;
        if (sscanf(row, "| `%63[^`]` | %u | %u |", triple, &line, &span) != 3)
            continue;
        rows++;
        if (ul_line_bytes_of(triple) != line || ul_span_bytes_of(triple) != span)
            fail_msg("%s: %u and %u of the page, %u and %u of the tool", triple, line, span, ul_line_bytes_of(triple), ul_span_bytes_of(triple));
    }
    fclose(page);
    assert_true(rows >= 10);
}

static void test_apart(void **state)
{
    (void)state;
    ul_target target;
    ul_target_init(&target, "x86_64-pc-linux-gnu", 8);
    assert_int_equal(ul_target_apart(&target), 64); /* a span that nobody set is a line */
    target.span_bytes = 128;
    assert_int_equal(ul_target_apart(&target), 128);
    target.line_bytes = 256;
    assert_int_equal(ul_target_apart(&target), 256);
}

static void test_layout_rules(void **state)
{
    (void)state;
    static const struct {
        const char *triple;
        bool is_ms_layout, unnamed_bits_align;
    } rules[] = {
        {"x86_64-pc-linux-gnu", false, false},
        {"i386-pc-linux-gnu", false, false},
        {"riscv64-unknown-linux-gnu", false, false},
        {"aarch64-unknown-linux-gnu", false, true},
        {"arm-none-eabi", false, true},
        {"thumbv7m-none-eabi", false, true},
        {"armv7-unknown-linux-gnueabihf", false, true},
        {"arm64-apple-macosx14.0.0", false, false},
        {"aarch64-apple-darwin", false, false},
        {"x86_64-pc-windows-msvc", true, false},
        {"x86_64-w64-mingw32", true, false},
        {"x86_64-w64-windows-gnu", true, false},
        {"aarch64-pc-windows-msvc", true, false},
    };
    for (uint32_t i = 0; i < COUNT(rules); i++) {
        ul_target target;
        memset(&target, 0xff, sizeof target);
        ul_target_init(&target, rules[i].triple, 4);
        if (target.is_ms_layout != rules[i].is_ms_layout ||
            target.unnamed_bits_align != rules[i].unnamed_bits_align)
            fail_msg("%s: ms %d, unnamed bits %d", rules[i].triple, target.is_ms_layout,
                     target.unnamed_bits_align);
        assert_ptr_equal(target.triple, rules[i].triple);
        assert_int_equal(target.pointer_bytes, 4);
        assert_int_equal(target.line_bytes, ul_line_bytes_of(rules[i].triple));
        assert_null(target.allocator);
    }
}

static void test_tables_by_name(void **state)
{
    (void)state;
    static const char *const promised[] = {"glibc",    "musl", "jemalloc", "tcmalloc",
                                           "mimalloc", "go",   "kmalloc",  "none"};
    uint32_t count = 0;
    for (const ul_allocator_table *table; (table = ul_allocator_at(count)) != NULL; count++) {
        assert_ptr_equal(ul_allocator_find(table->name), table);
        assert_true(strlen(table->title) > strlen(table->name));
    }
    assert_int_equal(count, COUNT(promised));
    for (uint32_t i = 0; i < COUNT(promised); i++)
        assert_non_null(ul_allocator_find(promised[i]));
    assert_string_equal(ul_allocator_at(count - 1)->name, "none");
    assert_null(ul_allocator_at(count));
    assert_null(ul_allocator_at(UINT32_MAX));
    assert_null(ul_allocator_find(""));
    assert_null(ul_allocator_find("Glibc"));
}

static void test_without_an_allocator(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 64, UINT64_C(1) << 60};
    for (uint32_t i = 0; i < COUNT(sizes); i++) {
        static const ul_class_fit nothing = {0};
        ul_class_fit fits[] = {ul_class_fit_of(NULL, sizes[i]),
                               ul_class_fit_of(ul_allocator_find("none"), sizes[i])};
        for (uint32_t k = 0; k < 2; k++) {
            assert_int_equal(fits[k].class_bytes, nothing.class_bytes);
            assert_int_equal(fits[k].footprint_bytes, 0);
            assert_int_equal(fits[k].slack_bytes, 0);
            assert_int_equal(fits[k].lower_class_bytes, 0);
            assert_int_equal(fits[k].bytes_to_lower, 0);
            assert_false(fits[k].is_large);
        }
    }
}

/* What every fit owes, whatever the table. */
static void check_fit(const ul_allocator_table *table, uint64_t size)
{
    ul_class_fit fit = ul_class_fit_of(table, size);
    uint64_t asked = size ? size : 1;
    assert_true(fit.class_bytes >= asked);
    assert_true(fit.footprint_bytes >= fit.class_bytes);
    assert_true(fit.slack_bytes == fit.class_bytes - size);
    assert_true(fit.lower_class_bytes < asked);
    assert_true(fit.bytes_to_lower == (fit.lower_class_bytes ? asked - fit.lower_class_bytes : 0));
    if (fit.lower_class_bytes) {
        ul_class_fit lower = ul_class_fit_of(table, fit.lower_class_bytes);
        assert_true(lower.class_bytes == fit.lower_class_bytes);
        assert_true(lower.footprint_bytes < fit.footprint_bytes);
    }
}

static void test_tables_ascend_and_map_to_themselves(void **state)
{
    (void)state;
    for (uint32_t i = 0; ul_allocator_at(i)->range_count; i++) {
        const ul_allocator_table *table = ul_allocator_at(i);
        uint64_t previous = 0, previous_footprint = 0;
        for (uint32_t r = 0; r < table->range_count; r++) {
            const ul_class_range *range = &table->ranges[r];
            assert_true(range->step_bytes > 0 &&
                        (range->to_bytes - range->from_bytes) % range->step_bytes == 0);
            assert_true(range->from_bytes > previous && range->to_bytes >= range->from_bytes);
            for (uint64_t class = range->from_bytes; class <= range->to_bytes; class += range->step_bytes) {
                ul_class_fit fit = ul_class_fit_of(table, class);
                assert_true(fit.class_bytes == class && fit.slack_bytes == 0 && !fit.is_large);
                assert_true(fit.lower_class_bytes == previous);
                assert_true(fit.footprint_bytes == class + table->header_bytes + range->extra_bytes);
                assert_true(fit.footprint_bytes > previous_footprint);
                assert_true(ul_class_fit_of(table, previous + 1).class_bytes == class);
                previous = class;
                previous_footprint = fit.footprint_bytes;
            }
        }
        assert_true(ul_class_fit_of(table, previous + 1).is_large);
    }
}

static void test_every_size_fits(void **state)
{
    (void)state;
    for (uint32_t i = 0; ul_allocator_at(i)->range_count; i++) {
        const ul_allocator_table *table = ul_allocator_at(i);
        for (uint64_t size = 0; size <= 5000; size++)
            check_fit(table, size);
        for (uint64_t size = 5000; size < UINT64_C(1) << 60; size += size / 7)
            check_fit(table, size);
        uint64_t last = table->ranges[table->range_count - 1].to_bytes;
        for (uint64_t size = last - 3; size <= last + 20000; size++)
            check_fit(table, size);
    }
}

static const ul_class_range small_ranges[] = {{8, 8, 1, 0}, {16, 48, 16, 0}, {80, 112, 32, 4}};
static const ul_allocator_table paged = {.name = "paged",
                                         .ranges = small_ranges,
                                         .range_count = 3,
                                         .header_bytes = 2,
                                         .large_header_bytes = 16,
                                         .large_granule_bytes = 4096,
                                         .large_extra_bytes = 100};
static const ul_class_range page_ranges[] = {{64, 4096, 64, 0}};
static const ul_allocator_table doubled = {.name = "doubled",
                                           .ranges = page_ranges,
                                           .range_count = 1,
                                           .large_granule_bytes = 4096,
                                           .large_is_power_of_two = true};

static void test_fit_by_hand(void **state)
{
    (void)state;
    static const struct {
        const ul_allocator_table *table;
        uint64_t size;
        ul_class_fit want;
    } fits[] = {
        {&paged, 0, {8, 10, 8, 0, 0, false}},
        {&paged, 1, {8, 10, 7, 0, 0, false}},
        {&paged, 8, {8, 10, 0, 0, 0, false}},
        {&paged, 9, {16, 18, 7, 8, 1, false}},
        {&paged, 16, {16, 18, 0, 8, 8, false}},
        {&paged, 17, {32, 34, 15, 16, 1, false}},
        {&paged, 48, {48, 50, 0, 32, 16, false}},
        {&paged, 49, {80, 86, 31, 48, 1, false}},
        {&paged, 81, {112, 118, 31, 80, 1, false}},
        {&paged, 112, {112, 118, 0, 80, 32, false}},
        {&paged, 113, {4080, 4196, 3967, 112, 1, true}},
        {&paged, 4080, {4080, 4196, 0, 112, 3968, true}},
        {&paged, 4081, {8176, 8292, 4095, 4080, 1, true}},
        {&doubled, 4096, {4096, 4096, 0, 4032, 64, false}},
        {&doubled, 4097, {8192, 8192, 4095, 4096, 1, true}},
        {&doubled, 8192, {8192, 8192, 0, 4096, 4096, true}},
        {&doubled, 8193, {16384, 16384, 8191, 8192, 1, true}},
        {&doubled, 20000, {32768, 32768, 12768, 16384, 3616, true}},
    };
    for (uint32_t i = 0; i < COUNT(fits); i++) {
        ul_class_fit got = ul_class_fit_of(fits[i].table, fits[i].size), want = fits[i].want;
        if (got.class_bytes != want.class_bytes || got.footprint_bytes != want.footprint_bytes ||
            got.slack_bytes != want.slack_bytes || got.lower_class_bytes != want.lower_class_bytes ||
            got.bytes_to_lower != want.bytes_to_lower || got.is_large != want.is_large)
            fail_msg(
                "%s, %llu bytes: class %llu, footprint %llu, slack %llu, lower %llu, to it %llu, large %d",
                fits[i].table->name, (unsigned long long)fits[i].size, (unsigned long long)got.class_bytes,
                (unsigned long long)got.footprint_bytes, (unsigned long long)got.slack_bytes,
                (unsigned long long)got.lower_class_bytes, (unsigned long long)got.bytes_to_lower,
                got.is_large);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line_bytes),
        cmocka_unit_test(test_documented_lines),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_layout_rules),
        cmocka_unit_test(test_tables_by_name),
        cmocka_unit_test(test_without_an_allocator),
        cmocka_unit_test(test_tables_ascend_and_map_to_themselves),
        cmocka_unit_test(test_every_size_fits),
        cmocka_unit_test(test_fit_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
