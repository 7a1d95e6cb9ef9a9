/*
 * Views, vectors and string builders, on the heap and in an arena; the counters and the lock of line.h.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>

#include "tests/rt_faults.h"
#include "ullage/line.h"
#include "ullage/strbuf.h"
#include "ullage/vec.h"
#include "ullage/view.h"

static void test_views(void **state)
{
    (void)state;
    ul_str text = UL_STR("size=40, align=8"), rest = text, piece;
    assert_int_equal(text.length, 16);
    assert_true(ul_str_starts_with(text, UL_STR("size")));
    assert_false(ul_str_starts_with(UL_STR("si"), UL_STR("size")));
    assert_true(ul_str_ends_with(text, UL_STR("=8")) && ul_str_ends_with(text, UL_STR("")));
    assert_int_equal(ul_str_find(text, '='), 4);
    assert_true(ul_str_find(UL_STR(""), 'x') == SIZE_MAX && ul_str_find((ul_str){0}, 'x') == SIZE_MAX);
    assert_true(ul_str_cut(&rest, ',', &piece) && piece.data == text.data && piece.length == 7);
    assert_true(ul_str_cut(&rest, ',', &piece) && ul_str_is_equal(ul_str_trim(piece), UL_STR("align=8")));
    assert_false(ul_str_cut(&rest, ',', &piece));
    uint64_t number;
    assert_true(ul_str_to_u64(ul_str_slice(text, 5, 7), &number) && number == 40);
    assert_true(ul_str_to_u64(UL_STR("18446744073709551615"), &number) && number == UINT64_MAX);
    assert_false(ul_str_to_u64(UL_STR("18446744073709551616"), &number));
    assert_false(ul_str_to_u64(UL_STR("4x"), &number) || ul_str_to_u64(UL_STR(""), &number));
    assert_int_equal(ul_str_slice(text, 12, 4).length, 0);
    assert_int_equal(ul_str_slice(text, 12, SIZE_MAX).length, 4);
    assert_true(ul_str_compare(UL_STR("ab"), UL_STR("abc")) < 0 &&
                ul_str_compare(UL_STR("b"), UL_STR("abc")) > 0);
    assert_int_equal(ul_str_compare((ul_str){0}, UL_STR("")), 0);
    assert_int_equal(ul_str_bytes(text).data[0], 's');
    char copy[32];
    snprintf(copy, sizeof copy, "[%" UL_STR_FORMAT "]", UL_STR_ARGS(piece));
    assert_int_equal(ul_str_of_cstr(NULL).length, 0);
    ul_arena arena = {0};
    assert_string_equal(ul_str_to_cstr(ul_str_slice(text, 0, 4), &arena), "size");
    assert_string_equal(ul_str_to_cstr((ul_str){0}, &arena), "");
    ul_arena_free(&arena);
}

/* Pieces and separators add up to the text again, whatever it is. */
static void test_cut_is_whole(void **state)
{
    (void)state;
    static const char *const texts[] = {"", ",", "a", "a,", ",a", ",,", "a,,b", "a,b,c"};
    static const unsigned pieces[] = {0, 1, 1, 1, 2, 2, 3, 3};
    for (unsigned i = 0; i < 8; i++) {
        ul_str rest = ul_str_of_cstr(texts[i]), piece;
        size_t length = 0, count = 0;
        for (; ul_str_cut(&rest, ',', &piece); count++)
            length += piece.length + 1;
        bool ends_with_one = i == 1 || i == 3 || i == 5; /* a separator, which ends the last piece */
        assert_int_equal(count, pieces[i]);
        assert_int_equal(length, strlen(texts[i]) + (i != 0 && !ends_with_one));
    }
}

/* ---- vectors --------------------------------------------------------------------------------------------
 */

typedef struct wide {
    uint64_t words[8];
} wide;

static void run_vec(ul_arena *arena, uint32_t steps)
{
    UL_VEC(uint32_t) vec;
    ul_vec_init(&vec, arena);
    uint32_t *model = calloc(5001, sizeof *model);
    size_t count = 0;
    uint64_t chance = rt_seed();
    assert_non_null(model);
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t what = rt_random(&chance) % 100;
        if (what < 60 && count < 5000) {
            model[count++] = step;
            assert_int_equal(ul_vec_push(&vec, step), UL_OK);
        } else if (what < 90 && count) {
            assert_int_equal(ul_vec_pop(&vec), model[--count]);
        } else if (what < 99 && count) {
            size_t at = rt_random(&chance) % count;
            model[at] = model[--count];
            ul_vec_swap_out(&vec, at);
        } else if (rt_random(&chance) % 100 == 0) {
            assert_memory_equal(vec.items ? vec.items : model, model, count * sizeof *model);
            count = 0;
            if (rt_random(&chance) % 2)
                ul_vec_clear(&vec);
            else
                ul_vec_free(&vec);
            if (arena && !vec.items)
                ul_arena_reset(arena);
            assert_int_equal(ul_vec_reserve(&vec, rt_random(&chance) % 100), UL_OK);
        }
        assert_int_equal(vec.count, count);
    }
    ul_vec_free(&vec);
    assert_null(vec.items);
    free(model);
}

static void test_vec(void **state)
{
    (void)state;
    run_vec(NULL, rt_steps(1000000));
    ul_arena arena = {0};
    run_vec(&arena, rt_steps(1000000));
    UL_VEC(wide) wides = {0};
    for (unsigned i = 0; i < 100; i++) {
        assert_int_equal(ul_vec_push(&wides, ((wide){{i}})), UL_OK);
        assert_int_equal((uintptr_t)wides.items % 64, 0);
    }
    assert_true(wides.items[0].words[0] == 0 && wides.items[99].words[0] == 99);
    assert_int_equal(ul_vec_reserve(&wides, SIZE_MAX / 32), UL_ERR_NOMEM);
    assert_int_equal(ul_vec_reserve(&wides, SIZE_MAX), UL_ERR_NOMEM);
    ul_debug_fail_at(1, true);
    assert_int_equal(ul_vec_reserve(&wides, 100000), UL_ERR_NOMEM);
    ul_debug_fail_at(0, false);
    assert_int_equal(wides.items[99].words[0], 99);
    ul_vec_free(&wides);
    ul_arena_free(&arena);
}

/* ---- string builders ------------------------------------------------------------------------------------
 */

static void run_strbuf(ul_arena *arena, uint32_t steps)
{
    enum { MOST = 20000 };
    static char model[MOST + 600];
    ul_strbuf buf;
    ul_strbuf_init_in(&buf, arena);
    size_t length = 0;
    uint64_t chance = rt_seed();
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t what = rt_random(&chance) % 8, size = rt_random(&chance) % 30;
        char text[32];
        snprintf(text, sizeof text, "%.*s", (int)size, "abcdefghijklmnopqrstuvwxyz0123");
        if (length > MOST) {
            assert_memory_equal(buf.data, model, length);
            if (what % 2)
                ul_strbuf_clear(&buf);
            else
                ul_strbuf_free(&buf);
            if (arena && !buf.data)
                ul_arena_reset(arena);
            length = 0;
        }
        if (what == 0)
            ul_strbuf_putc(&buf, 'x'), model[length++] = 'x';
        else if (what == 1)
            ul_strbuf_fill(&buf, '-', size), memset(model + length, '-', size), length += size;
        else if (what == 2)
            ul_strbuf_printf(&buf, "%u:%s", step, text),
                length += (size_t)sprintf(model + length, "%u:%s", step, text);
        else if (what == 3)
            ul_strbuf_reserve(&buf, size * 10);
        else
            ul_strbuf_add_str(&buf, ul_str_of_cstr(text)), memcpy(model + length, text, size), length += size;
        assert_int_equal(buf.length, length);
        assert_true(!buf.data || buf.data[length] == '\0' || what == 3);
    }
    assert_int_equal(ul_strbuf_str(&buf).length, length);
    assert_false(buf.has_failed);
    ul_strbuf_free(&buf);
}

static void test_strbuf(void **state)
{
    (void)state;
    run_strbuf(NULL, rt_steps(1000000));
    ul_arena arena = {0};
    run_strbuf(&arena, rt_steps(1000000));
    ul_arena_free(&arena);
    ul_strbuf buf;
    ul_strbuf_init(&buf);
    assert_string_equal(ul_strbuf_str(&buf).data, "");
    ul_strbuf_puts(&buf, "kept");
    ul_debug_fail_at(1, true);
    ul_strbuf_fill(&buf, 'x', 1000);
    ul_debug_fail_at(0, false);
    assert_true(buf.has_failed);
    ul_strbuf_puts(&buf, "dropped");
    assert_string_equal(buf.data, "kept");
    ul_strbuf_clear(&buf);
    ul_strbuf_reserve(&buf, SIZE_MAX);
    assert_true(buf.has_failed);
    ul_strbuf_free(&buf);
}

/* ---- lines ----------------------------------------------------------------------------------------------
 */

typedef struct counted {
    ul_sharded_counter sharded;
    ul_line_counter one;
    ul_spin lock;
    uint64_t locked;
} counted;

UL_ASSERT_APART(counted, one, lock);
UL_ASSERT_SIZE(ul_line_counter, UL_LINE_BYTES);

enum { ADDS = 20000, ADDERS = 8 };

static void *add(void *argument)
{
    counted *c = argument;
    for (unsigned i = 0; i < ADDS; i++) {
        ul_sharded_counter_add(&c->sharded, 2);
        ul_line_counter_add(&c->one, 1);
        ul_spin_lock(&c->lock);
        c->locked++;
        ul_spin_unlock(&c->lock);
    }
    return NULL;
}

static void test_lines(void **state)
{
    (void)state;
    static counted c;
    pthread_t threads[ADDERS];
    assert_int_equal((uintptr_t)&c % UL_LINE_BYTES, 0);
    for (unsigned i = 0; i < ADDERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add, &c), 0);
    for (unsigned i = 0; i < ADDERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(ul_sharded_counter_read(&c.sharded), 2 * ADDS * ADDERS);
    assert_int_equal(ul_line_counter_read(&c.one), ADDS * ADDERS);
    assert_int_equal(c.locked, ADDS * ADDERS);
    assert_true(ul_spin_try(&c.lock));
    assert_false(ul_spin_try(&c.lock));
    ul_spin_unlock(&c.lock);
    unsigned used = 0;
    for (unsigned i = 0; i < UL_COUNTER_SHARDS; i++)
        used += c.sharded.shards[i].value != 0;
    assert_true(used > 1); /* threads spread over the shards */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_views),  cmocka_unit_test(test_cut_is_whole), cmocka_unit_test(test_vec),
        cmocka_unit_test(test_strbuf), cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
