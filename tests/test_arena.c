/* The arena: alignment, zeroing, growth in place and elsewhere, reuse, and what happens without memory. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ullage/arena.h"

static int set_up(void **state)
{
    static ul_arena arena;
    ul_arena_init(&arena, NULL);
    *state = &arena;
    return 0;
}

static int tear_down(void **state)
{
    ul_arena_free(*state);
    return 0;
}

static void test_every_alignment(void **state)
{
    for (size_t align = 1; align <= 4096; align *= 2) {
        assert_non_null(ul_arena_alloc(*state, 1, 1)); /* puts the next one off */
        unsigned char *object = ul_arena_alloc(*state, 3, align);
        assert_int_equal((uintptr_t)object % align, 0);
    }
    assert_null(ul_arena_alloc(*state, 8, 0));
    assert_null(ul_arena_alloc(*state, 8, 24));
}

static void test_objects_are_zeroed_and_apart(void **state)
{
    enum { COUNT = 3000 };
    static unsigned char *objects[COUNT];
    for (unsigned i = 0; i < COUNT; i++) { /* 9 MB: crosses many blocks */
        size_t size = 1 + i * 2u;
        objects[i] = ul_arena_alloc(*state, size, 1u << (i % 5));
        for (size_t byte = 0; byte < size; byte++)
            assert_int_equal(objects[i][byte], 0);
        memset(objects[i], (int)(i % 251) + 1, size);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(objects[i][0], i % 251 + 1);
        assert_int_equal(objects[i][i * 2u], i % 251 + 1);
    }
}

static void test_clear_keeps_one_block(void **state)
{
    ul_arena *arena = *state;
    char *first = ul_arena_alloc(arena, 100, 16);
    memset(first, 'x', 100);
    ul_arena_clear(arena);
    assert_int_equal(ul_arena_used_bytes(arena), 0);
    char *again = ul_arena_alloc(arena, 100, 16);
    assert_ptr_equal(again, first);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(again[i], 0);
    assert_true(ul_arena_used_bytes(arena) >= 100 && ul_arena_used_bytes(arena) < 200);
    ul_arena_free(arena);
    assert_int_equal(ul_arena_held_bytes(arena), 0);
    assert_int_equal(ul_arena_used_bytes(arena), 0);
    assert_non_null(ul_arena_alloc(arena, 0, 1));
}

static void test_grow(void **state)
{
    uint32_t *array = ul_arena_grow(*state, NULL, 0, 4, sizeof *array, alignof(uint32_t));
    for (uint32_t i = 0; i < 4; i++)
        array[i] = i + 1;
    uint32_t *same = ul_arena_grow(*state, array, 4, 8, sizeof *array, alignof(uint32_t));
    assert_ptr_equal(same, array); /* it was the newest */
    assert_int_equal(same[7], 0);
    uint32_t *newer = UL_NEW(*state, uint32_t);
    *newer = 99;
    uint32_t *moved = ul_arena_grow(*state, same, 8, 64, sizeof *array, alignof(uint32_t));
    assert_ptr_not_equal(moved, same);
    for (uint32_t i = 0; i < 64; i++)
        assert_int_equal(moved[i], i < 4 ? i + 1 : 0);
    assert_int_equal(*newer, 99);
    assert_int_equal(same[3], 4);
}

static void test_reserve(void **state)
{
    uint16_t *items = NULL;
    uint32_t count = 0, capacity = 0;
    for (uint32_t i = 0; i < 5000; i++) {
        UL_RESERVE((ul_arena *)*state, items, count, capacity);
        items[count++] = (uint16_t)i;
    }
    assert_true(capacity >= 5000);
    for (uint32_t i = 0; i < 5000; i++)
        assert_int_equal(items[i], i);
}

static void test_text(void **state)
{
    assert_string_equal(ul_arena_strdup(*state, "hole"), "hole");
    assert_string_equal(ul_arena_strndup(*state, "hole and tail", 4), "hole");
    assert_string_equal(ul_arena_strndup(*state, "", 0), "");
    assert_string_equal(ul_arena_printf(*state, "%s:%d", "a.h", 12), "a.h:12");
    char *wide = ul_arena_printf(*state, "%50000d", 7);
    assert_int_equal(strlen(wide), 50000);
    assert_int_equal(wide[49999], '7');
}

/* Under AddressSanitizer malloc is to return NULL for what cannot be had, as it does elsewhere. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static size_t wanted_bytes;
static jmp_buf no_memory;

static void out_of_memory(size_t want_bytes)
{
    wanted_bytes = want_bytes;
    longjmp(no_memory, 1);
}

static void test_no_memory(void **state)
{
    assert_null(ul_arena_alloc(*state, SIZE_MAX, 1));
    assert_null(ul_arena_alloc(*state, SIZE_MAX - 64, 64));
    assert_null(ul_arena_calloc(*state, SIZE_MAX / 8 + 2, 8, 8)); /* the product wraps to 8 */
    assert_null(ul_arena_grow(*state, NULL, 0, SIZE_MAX / 4 + 2, 4, 4));
    assert_null(ul_arena_strndup(*state, "", SIZE_MAX));
    ul_arena hooked;
    ul_arena_init(&hooked, out_of_memory);
    volatile int is_told = setjmp(no_memory);
    if (!is_told) {
        ul_arena_alloc(&hooked, SIZE_MAX / 2, 8);
        fail_msg("the hook was not called");
    }
    assert_true(wanted_bytes == SIZE_MAX / 2);
    assert_non_null(ul_arena_alloc(&hooked, 8, 8));
    ul_arena_free(&hooked);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_alignment),
        TEST(test_objects_are_zeroed_and_apart),
        TEST(test_clear_keeps_one_block),
        TEST(test_grow),
        TEST(test_reserve),
        TEST(test_text),
        TEST(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
