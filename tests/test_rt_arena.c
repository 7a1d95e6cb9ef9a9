/*
 * The arena beyond test_arena.c: scopes, backings, limits, cleanups, growth, faults that a watched arena
 * finds, and a million random operations against a model that knows every live byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/arena.h"
#include "ullage/scratch.h"

static void test_scopes(void **state)
{
    (void)state;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    char *kept = ul_arena_strdup(&arena, "kept");
    size_t before = ul_arena_used_bytes(&arena);
    for (unsigned round = 0; round < 3; round++) {
        UL_SCOPE(&arena)
        {
            for (unsigned i = 0; i < 2000; i++)
                memset(ul_arena_take(&arena, 100, 8), 'x', 100);
            UL_SCOPE(&arena)
            assert_non_null(ul_arena_alloc(&arena, 5000, 1));
            if (round == 1)
                continue; /* leaves the scope and rewinds */
            assert_true(ul_arena_used_bytes(&arena) >= before + 200000);
        }
        assert_int_equal(ul_arena_used_bytes(&arena), before);
    }
    size_t held = ul_arena_held_bytes(&arena);
    assert_string_equal(kept, "kept");
    assert_true(ul_arena_peak_bytes(&arena) >= 205000);
    assert_true(ul_arena_trim(&arena, 0) < held); /* the block with "kept" stays */
    assert_string_equal(kept, "kept");
    ul_arena_free(&arena);
    assert_int_equal(ul_arena_held_bytes(&arena), 0);
}

/* A mark of an arena that was still empty goes back to that. */
static void test_mark_of_nothing(void **state)
{
    (void)state;
    ul_arena arena = {0};
    ul_mark mark = ul_arena_mark(&arena);
    char *first = ul_arena_alloc(&arena, 64, 16);
    assert_non_null(ul_arena_alloc(&arena, 1 << 20, 16));
    ul_arena_rewind(&arena, mark);
    assert_int_equal(ul_arena_used_bytes(&arena), 0);
    assert_ptr_equal(ul_arena_alloc(&arena, 64, 16), first);
    ul_arena_free(&arena);
}

static void test_reset_keeps_all_blocks(void **state)
{
    (void)state;
    ul_arena arena = {0};
    unsigned char *at[64];
    for (unsigned round = 0; round < 3; round++) {
        size_t held = ul_arena_held_bytes(&arena);
        for (unsigned i = 0; i < 64; i++) {
            unsigned char *object = ul_arena_alloc(&arena, 9000, 8);
            assert_true(rt_is_all(object, 9000, 0));
            memset(object, 7, 9000);
            if (round)
                assert_ptr_equal(object, at[i]); /* the same memory in the same order: warm */
            at[i] = object;
        }
        if (round)
            assert_int_equal(ul_arena_held_bytes(&arena), held);
        ul_arena_reset(&arena);
    }
    ul_arena_clear(&arena);
    size_t one = ul_arena_held_bytes(&arena);
    assert_true(one > 0 && ul_arena_trim(&arena, 0) == one);
    ul_arena_free(&arena);
}

static void test_buffer(void **state)
{
    (void)state;
    static unsigned char buffer[1000];
    ul_arena arena;
    ul_arena_init_buffer(&arena, buffer + 3, sizeof buffer - 3);
    size_t got = 0;
    for (unsigned char *object; (object = ul_arena_take(&arena, 50, 2)) != NULL; got++) {
        assert_true(object >= buffer && object + 50 <= buffer + sizeof buffer);
        memset(object, 1, 50);
    }
    assert_in_range(got, 10, 18); /* the header and, where watched, red zones take the rest */
    ul_arena_reset(&arena);
    assert_non_null(ul_arena_take(&arena, 50, 1));
    ul_arena_free(&arena);
    assert_null(ul_arena_take(&arena, 1, 1)); /* not from the heap, even then */
    ul_arena_init_buffer(&arena, buffer, 8);
    assert_null(ul_arena_take(&arena, 1, 1));
    ul_arena_init_buffer(&arena, NULL, 0);
    assert_null(ul_arena_take(&arena, 0, 1));
}

static void test_reserved(void **state)
{
    (void)state;
    ul_arena arena;
    assert_int_equal(ul_arena_init_reserved(&arena, SIZE_MAX), UL_ERR_NOMEM);
    assert_int_equal(ul_arena_init_reserved(&arena, (size_t)64 << 20), UL_OK);
    uint64_t *first = ul_arena_alloc(&arena, 8, 8), *grown = first;
    for (size_t count = 2; count <= (4u << 20); count *= 2) { /* up to 32 MiB, never moved */
        grown = ul_arena_grow(&arena, grown, count / 2, count, 8, 8);
        assert_ptr_equal(grown, first);
        assert_int_equal(grown[count - 1], 0);
        grown[count - 1] = count;
    }
    assert_true(ul_arena_held_bytes(&arena) >= 32u << 20);
    assert_null(ul_arena_alloc(&arena, 40u << 20, 8));
    ul_arena_reset(&arena);
    ul_arena_trim(&arena, 0);
    assert_ptr_equal(ul_arena_alloc(&arena, 1u << 20, 8), first);
    ul_arena_free(&arena);
    assert_null(ul_arena_alloc(&arena, 1, 1));
}

static void test_limit(void **state)
{
    (void)state;
    ul_arena arena;
    ul_arena_init_with(&arena, &(ul_arena_options){.limit_bytes = 300000});
    size_t got = 0;
    while (ul_arena_take(&arena, 1000, 8))
        got++;
    assert_in_range(got, 250, 299); /* blocks shrink to what is left */
    assert_true(ul_arena_held_bytes(&arena) <= 300000);
    assert_null(ul_arena_take(&arena, 300000, 8));
    ul_arena_reset(&arena);
    for (size_t i = 0; i < got; i++)
        assert_non_null(ul_arena_take(&arena, 1000, 8));
    ul_arena_free(&arena);
}

typedef struct order {
    unsigned seen[8];
    unsigned count;
    ul_arena *arena;
} order;

typedef struct order_entry {
    order *to;
    unsigned *value; /* in the arena: must still be readable */
} order_entry;

static void note_order(void *argument)
{
    order_entry *entry = argument;
    entry->to->seen[entry->to->count++] = *entry->value;
}

static void register_order(order *to, unsigned value)
{
    order_entry *entry = UL_NEW(to->arena, order_entry);
    entry->to = to;
    entry->value = UL_NEW(to->arena, unsigned);
    *entry->value = value;
    assert_int_equal(ul_arena_on_release(to->arena, note_order, entry), UL_OK);
}

static void test_cleanups(void **state)
{
    (void)state;
    ul_arena arena = {0};
    order to = {.arena = &arena};
    register_order(&to, 1);
    register_order(&to, 2);
    ul_mark mark = ul_arena_mark(&arena);
    register_order(&to, 3);
    register_order(&to, 4);
    ul_arena_rewind(&arena, mark);
    assert_int_equal(to.count, 2);
    assert_int_equal(to.seen[0], 4);
    assert_int_equal(to.seen[1], 3);
    register_order(&to, 5);
    ul_arena_free(&arena);
    assert_int_equal(to.count, 5);
    assert_int_equal(to.seen[2], 5);
    assert_int_equal(to.seen[3], 2);
    assert_int_equal(to.seen[4], 1);
}

static void test_lines_and_resize(void **state)
{
    (void)state;
    ul_arena arena = {0};
    ul_arena_alloc(&arena, 3, 1);
    unsigned char *line = ul_arena_alloc_lines(&arena, 5);
    unsigned char *next = ul_arena_alloc_lines(&arena, UL_LINE_BYTES + 1);
    assert_int_equal((uintptr_t)line % UL_LINE_BYTES, 0);
    assert_int_equal((uintptr_t)next % UL_LINE_BYTES, 0);
    assert_true(next >= line + UL_LINE_BYTES);
    assert_true(rt_is_all(next, 2 * UL_LINE_BYTES, 0));
    assert_null(ul_arena_alloc_lines(&arena, SIZE_MAX));
    char *text = ul_arena_copy(&arena, "0123456789", 10, 1);
    size_t before = ul_arena_used_bytes(&arena);
    assert_ptr_equal(ul_arena_resize(&arena, text, 10, 4, 1), text);
    assert_in_range(ul_arena_used_bytes(&arena), before - 8,
                    before); /* watched, the grain takes it up again */
    char *other = ul_arena_take(&arena, 1, 1);
    assert_ptr_equal(ul_arena_resize(&arena, text, 4, 2, 1), text); /* shrinks anywhere */
    char *moved = ul_arena_resize(&arena, text, 4, 400, 1);
    assert_true(moved != text && moved != other && memcmp(moved, "0123", 4) == 0);
    assert_null(ul_arena_resize(&arena, moved, 400, SIZE_MAX - 8, 1));
    assert_null(ul_arena_resize(&arena, moved, 400, 800, 3));
    assert_memory_equal(moved, "0123", 4);
    ul_arena_free(&arena);
}

static void test_small_counts(void **state)
{
    (void)state;
    ul_arena arena = {0};
    unsigned char *items = NULL;
    uint8_t count = 0, capacity = 0;
    for (unsigned i = 0; i < 64; i++) {
        UL_RESERVE(&arena, items, count, capacity);
        items[count++] = 1;
    }
    UL_RESERVE(&arena, items, count, capacity); /* 64 to 128 does not fit the 7 bits that are safe */
    assert_null(items);
    ul_arena_free(&arena);
}

/* Elements keep their alignment wherever the array comes to lie, over max_align_t too. */
static void test_grown_on_lines(void **state)
{
    (void)state;
    typedef struct on_line {
        UL_LINE int value;
    } on_line;
    ul_arena arena = {0};
    on_line *items = NULL;
    uint32_t count = 0, capacity = 0;
    for (int i = 0; i < 100; i++) {
        assert_non_null(ul_arena_take(&arena, 1, 1)); /* never the newest: each growth is a new place */
        UL_RESERVE(&arena, items, count, capacity);
        assert_true((uintptr_t)items % UL_LINE_BYTES == 0);
        items[count++].value = i;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(items[i].value, i);
    ul_arena_free(&arena);
}

/* ---- scratch --------------------------------------------------------------------------------------------
 */

/* Answers in the caller's arena, whichever that is, and works in scratch. */
static char *twice(ul_arena *out, const char *text, unsigned depth)
{
    ul_scratch scratch = ul_scratch_begin(out);
    assert_ptr_not_equal(scratch.arena, out);
    char *work = ul_arena_printf(scratch.arena, "%s%s", text, text);
    char *answer = depth ? twice(scratch.arena, work, depth - 1) : work;
    answer = ul_arena_strdup(out, answer);
    ul_scratch_end(scratch);
    return answer;
}

static void *use_scratch(void *argument)
{
    ul_scratch outer = ul_scratch_begin(NULL);
    char *text = twice(outer.arena, "ab", 5);
    *(bool *)argument = strlen(text) == 128 && text[127] == 'b';
    ul_scratch_end(outer);
    return outer.arena;
}

static void test_scratch(void **state)
{
    (void)state;
    ul_arena own = {0};
    assert_int_equal(strlen(twice(&own, "xyz", 6)), 3 << 7);
    ul_arena_free(&own);
    ul_scratch first = ul_scratch_begin(NULL), second = ul_scratch_begin(first.arena);
    const ul_arena *both[] = {second.arena, first.arena};
    ul_scratch third = ul_scratch_begin_avoiding(both, 2);
    assert_true(first.arena != second.arena && third.arena != first.arena && third.arena != second.arena);
    assert_non_null(ul_arena_alloc(third.arena, 8 << 20, 8));
    ul_scratch_end(third);
    assert_true(ul_arena_held_bytes(third.arena) <= 1 << 20); /* what was large goes back */
    ul_scratch_end(second);
    ul_scratch_end(first);
    bool is_right = false;
    pthread_t thread;
    void *its_arena;
    assert_int_equal(pthread_create(&thread, NULL, use_scratch, &is_right), 0);
    assert_int_equal(pthread_join(thread, &its_arena), 0); /* LeakSanitizer sees that its blocks went */
    assert_true(is_right && its_arena != first.arena);
}

/* ---- what the twin finds --------------------------------------------------------------------------------
 */

static void test_twin_finds(void **state)
{
    (void)state;
#if !defined(__SANITIZE_ADDRESS__)
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    ul_arena arena;
    ul_arena_init_with(&arena, &(ul_arena_options){.name = "requests"});
    char *object = ul_arena_alloc_at(&arena, 10, 1, "make.c:1");
    object[10] = 'x'; /* one too many */
    ul_arena_reset_at(&arena, "loop.c:2");
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_OVERFLOW);
    assert_string_equal(faults.owner, "requests");
    assert_string_equal(faults.last.got_at, "make.c:1");
    object = ul_arena_alloc_at(&arena, 100, 8, "make.c:3");
    ul_arena_reset_at(&arena, "loop.c:4");
    object[50] = 'y';                                     /* after the reset */
    assert_non_null(ul_arena_alloc(&arena, 5u << 20, 1)); /* larger than the quarantine: */
    ul_arena_reset_at(&arena, "loop.c:5");                /* everything leaves it */
    assert_int_equal(faults.count, 2);
    assert_int_equal(faults.last.kind, UL_FAULT_USE_AFTER_PUT);
    assert_string_equal(faults.last.got_at, "make.c:3");
    assert_string_equal(faults.last.put_at, "loop.c:4");
    ul_arena_free(&arena);
    rt_faults_end();
#endif
}

/* ---- model ----------------------------------------------------------------------------------------------
 */

enum { MODEL_OBJECTS = 400, MODEL_MARKS = 12 };

typedef struct model_object {
    unsigned char *bytes;
    size_t size;
    unsigned char with;
} model_object;

typedef struct model {
    model_object objects[MODEL_OBJECTS];
    struct {
        ul_mark mark;
        unsigned count;
    } marks[MODEL_MARKS];
    ul_arena arena;
    uint64_t chance;
    unsigned count, mark_count;
} model;

static void model_add(model *m)
{
    size_t align = (size_t)1 << rt_random(&m->chance) % 8;
    size_t size = rt_random(&m->chance) % (rt_random(&m->chance) % 64 == 0 ? 40000 : 200);
    unsigned char *bytes = ul_arena_alloc(&m->arena, size, align);
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % align, 0);
    assert_true(rt_is_all(bytes, size, 0));
    model_object *object = &m->objects[m->count++];
    *object = (model_object){bytes, size, (unsigned char)rt_random(&m->chance)};
    memset(bytes, object->with, size);
}

static void model_resize(model *m)
{
    model_object *object =
        &m->objects[rt_random(&m->chance) % 2 ? m->count - 1 : rt_random(&m->chance) % m->count];
    size_t size = rt_random(&m->chance) % 300;
    if (m->mark_count && m->marks[m->mark_count - 1].count > (size_t)(object - m->objects))
        return; /* older than the mark: a rewind would bring its old size back */
    unsigned char *bytes = ul_arena_resize(&m->arena, object->bytes, object->size, size, 1);
    assert_non_null(bytes);
    assert_true(rt_is_all(bytes, size < object->size ? size : object->size, object->with));
    object->bytes = bytes;
    object->size = size;
    memset(bytes, object->with, size);
}

static void model_check(const model *m)
{
    for (unsigned i = 0; i < m->count; i++)
        assert_true(rt_is_all(m->objects[i].bytes, m->objects[i].size, m->objects[i].with));
}

static void model_back(model *m)
{
    if (m->mark_count) {
        m->mark_count = rt_random(&m->chance) % m->mark_count;
        ul_arena_rewind(&m->arena, m->marks[m->mark_count].mark);
        m->count = m->marks[m->mark_count].count;
        return;
    }
    unsigned how = rt_random(&m->chance) % 8;
    if (how == 0)
        ul_arena_free(&m->arena);
    else if (how < 3)
        ul_arena_clear(&m->arena);
    else
        ul_arena_reset(&m->arena);
    m->count = 0;
    assert_int_equal(ul_arena_used_bytes(&m->arena), 0);
}

static void run_model(const char *mode, uint32_t steps)
{
    static model m;
    memset(&m, 0, sizeof m);
    m.chance = rt_seed();
    ul_debug_set_mode(mode);
    ul_arena_init(&m.arena, NULL);
    for (uint32_t step = 0; step < steps; step++) {
        unsigned what = rt_random(&m.chance) % 64;
        if (what == 0 || m.count == MODEL_OBJECTS) {
            model_check(&m);
            model_back(&m);
        } else if (what == 1 && m.mark_count < MODEL_MARKS) {
            m.marks[m.mark_count].mark = ul_arena_mark(&m.arena);
            m.marks[m.mark_count++].count = m.count;
        } else if (what == 2) {
            ul_arena_trim(&m.arena, rt_random(&m.chance) % 200000);
        } else if (what < 12 && m.count) {
            model_resize(&m);
        } else {
            model_add(&m);
        }
    }
    model_check(&m);
    ul_arena_free(&m.arena);
    assert_int_equal(ul_arena_held_bytes(&m.arena), 0);
    ul_debug_set_mode(NULL);
}

static void test_model(void **state)
{
    (void)state;
    run_model("fast", rt_steps(1000000));
    run_model(NULL, rt_steps(1000000)); /* watched under ASan */
    run_model("watch", rt_steps(100000));
    run_model("twin", rt_steps(100000));
}

/* Each request for memory of a little program fails once; it must survive with what it had. */
static void test_every_failure(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "watch", "twin"};
    for (unsigned mode = 0; mode < 3; mode++) {
        ul_debug_set_mode(modes[mode]);
        for (unsigned n = 1; n <= 60; n++) {
            ul_arena arena = {0};
            unsigned char *objects[40], failures = 0;
            ul_debug_fail_at(n, false);
            for (unsigned i = 0; i < 40; i++) {
                objects[i] = ul_arena_alloc(&arena, 3000 + i * 1000, 16);
                if (objects[i])
                    memset(objects[i], (int)i + 1, 3000 + i * 1000);
                failures += objects[i] == NULL;
            }
            ul_debug_fail_at(0, false);
            assert_true(failures <= 1);
            for (unsigned i = 0; i < 40; i++)
                assert_true(!objects[i] || rt_is_all(objects[i], 3000 + i * 1000, (unsigned char)(i + 1)));
            ul_arena_free(&arena);
        }
    }
    ul_debug_set_mode(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_mark_of_nothing),
        cmocka_unit_test(test_reset_keeps_all_blocks),
        cmocka_unit_test(test_buffer),
        cmocka_unit_test(test_reserved),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_cleanups),
        cmocka_unit_test(test_lines_and_resize),
        cmocka_unit_test(test_small_counts),
        cmocka_unit_test(test_grown_on_lines),
        cmocka_unit_test(test_scratch),
        cmocka_unit_test(test_twin_finds),
        cmocka_unit_test(test_model),
        cmocka_unit_test(test_every_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
