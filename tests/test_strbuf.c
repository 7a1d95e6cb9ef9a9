/* The text buffer: growth, formats longer than what is there, and a failure that stays. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ullage/strbuf.h"

static void test_starts_without_memory(void **state)
{
    (void)state;
    ul_strbuf buf;
    ul_strbuf_init(&buf);
    assert_null(buf.data);
    ul_strbuf_clear(&buf);
    ul_strbuf_add(&buf, NULL, 0);
    assert_string_equal(buf.data, "");
    assert_false(buf.has_failed);
    ul_strbuf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.capacity, 0);
}

static void test_grows_over_every_edge(void **state)
{
    (void)state;
    for (unsigned length = 250; length < 262; length++) {
        ul_strbuf buf;
        ul_strbuf_init(&buf);
        for (unsigned i = 0; i < length; i++)
            ul_strbuf_putc(&buf, (char)('a' + i % 26));
        assert_int_equal(buf.length, length);
        assert_int_equal(strlen(buf.data), length);
        assert_true(buf.capacity > length);
        assert_int_equal(buf.data[length - 1], 'a' + (length - 1) % 26);
        ul_strbuf_free(&buf);
    }
}

static void test_pieces(void **state)
{
    (void)state;
    ul_strbuf buf;
    ul_strbuf_init(&buf);
    ul_strbuf_puts(&buf, "size");
    ul_strbuf_putc(&buf, ' ');
    ul_strbuf_add(&buf, "24\0!", 4); /* bytes, not text */
    ul_strbuf_fill(&buf, '.', 3);
    ul_strbuf_fill(&buf, 'x', 0);
    ul_strbuf_printf(&buf, "%s-%u", "bytes", 7u);
    assert_int_equal(buf.length, 19);
    assert_memory_equal(buf.data, "size 24\0!...bytes-7", 20);
    ul_strbuf_clear(&buf);
    assert_int_equal(buf.length, 0);
    assert_string_equal(buf.data, "");
    ul_strbuf_printf(&buf, "%300s", "end");
    assert_int_equal(buf.length, 300);
    assert_string_equal(buf.data + 297, "end");
    ul_strbuf_printf(&buf, "%5000d", 1); /* longer than any room left */
    assert_int_equal(buf.length, 5300);
    assert_int_equal(strlen(buf.data), 5300);
    assert_false(buf.has_failed);
    ul_strbuf_free(&buf);
}

static void test_a_failure_stays(void **state)
{
    (void)state;
    ul_strbuf buf;
    ul_strbuf_init(&buf);
    ul_strbuf_puts(&buf, "kept");
    ul_strbuf_fill(&buf, 'x', SIZE_MAX / 2);
    assert_true(buf.has_failed);
    ul_strbuf_puts(&buf, "dropped");
    ul_strbuf_printf(&buf, "%d", 1);
    assert_true(buf.has_failed);
    assert_string_equal(buf.data, "kept");
    ul_strbuf_clear(&buf);
    assert_false(buf.has_failed);
    ul_strbuf_puts(&buf, "again");
    assert_string_equal(buf.data, "again");
    ul_strbuf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starts_without_memory),
        cmocka_unit_test(test_grows_over_every_edge),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_a_failure_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
