/*
 * A unit that is compiled with UL_DEBUG: its pools and arenas are watched whatever call starts them, and
 * every report names the line of the caller here, not one of a header or of the library.
 */
#define UL_DEBUG
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/bufpool.h"
#include "ullage/pool.h"
#include "ullage/scratch.h"
#include "ullage/shared_pool.h"
#include "ullage/strbuf.h"
#include "ullage/vec.h"

typedef struct point {
    double x, y;
} point;

UL_POOL_OF(point_pool, point);

/* In a build with a sanitizer units compiled with UL_DEBUG are watched by that instead. */
static bool has_twins(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return false;
#else
    return getenv("UL_DEBUG") == NULL;
#endif
}

/* ---- who starts it --------------------------------------------------------------------------------------
 */

static void test_reserve_starts(void **state)
{
    (void)state;
    if (!has_twins())
        return;
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 24});
    assert_int_equal(ul_pool_reserve(&pool, 10), UL_OK);
    void *object = ul_pool_get(&pool);
    ul_pool_put(&pool, object);
    ul_pool_put(&pool, object);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_DOUBLE_PUT);
    ul_pool_free(&pool);
    point_pool points;
    point_pool_init(&points, NULL);
    assert_int_equal(point_pool_reserve(&points, 10), UL_OK);
    point *p = UL_POOL_GET(&points);
    UL_POOL_PUT(&points, p);
    UL_POOL_PUT(&points, p);
    assert_int_equal(faults.count, 2);
    point_pool_free(&points);
    assert_int_equal(faults.count, 2);
    rt_faults_end();
}

/* Whether writing behind `object` and then resetting its arena is told, as of this file. */
static void check_watched(rt_faults *faults, ul_arena *arena, char *object, size_t size)
{
    unsigned before = faults->count;
    char was = object[size];
    object[size] = (char)(was + 1);
    ul_arena_reset(arena);
    assert_int_equal(faults->count, before + 1);
    assert_int_equal(faults->last.kind, UL_FAULT_OVERFLOW);
    assert_non_null(strstr(faults->last.got_at, "test_rt_debug.c:"));
    assert_non_null(strstr(faults->last.here, "test_rt_debug.c:"));
    ul_arena_free(arena);
}

static void nothing(void *argument)
{
    (void)argument;
}

static void test_others_start(void **state)
{
    (void)state;
    if (!has_twins())
        return;
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_arena arena = UL_ZERO;
    assert_int_equal(ul_arena_on_release(&arena, nothing, NULL), UL_OK);
    check_watched(&faults, &arena, ul_arena_alloc(&arena, 24, 8), 24);
    UL_VEC(uint64_t) numbers;
    ul_vec_init(&numbers, &arena);
    assert_int_equal(ul_vec_push(&numbers, 1), UL_OK);
    check_watched(&faults, &arena, (char *)numbers.items, numbers.capacity * sizeof *numbers.items);
    ul_strbuf text;
    ul_strbuf_init_in(&text, &arena);
    ul_strbuf_puts(&text, "words");
    check_watched(&faults, &arena, text.data, text.capacity);
    char *copy = ul_str_to_cstr(UL_STR("words"), &arena);
    check_watched(&faults, &arena, copy, 6);
    ul_scratch scratch = ul_scratch_begin(NULL);
    copy = ul_arena_strdup(scratch.arena, "words");
    check_watched(&faults, scratch.arena, copy, 6);
    rt_faults_end();
}

/* ---- places ---------------------------------------------------------------------------------------------
 */

/* An address in this program, within the function that made the call (dozens of bytes long; with a sanitizer,
 * hundreds). */
static void check_called_in(const char *site, void (*function)(void))
{
    Dl_info info;
    const char *plus = strrchr(site, '+');
    assert_non_null(plus);
    assert_true(dladdr((void *)(uintptr_t)function, &info) != 0);
    uintptr_t at = (uintptr_t)info.dli_fbase + (uintptr_t)strtoull(plus + 1, NULL, 16);
    assert_in_range(at, (uintptr_t)function, (uintptr_t)function + 1500);
}

static point_pool typed;
static point *typed_object;

static __attribute__((noinline)) void get_typed(void)
{
    typed_object = point_pool_get(&typed);
}

static __attribute__((noinline)) void put_typed(void)
{
    point_pool_put(&typed, typed_object);
}

static __attribute__((noinline)) void free_typed(void)
{
    point_pool_free(&typed);
}

static void test_typed_sites(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    point_pool_init(&typed, NULL);
    get_typed();
    put_typed();
    put_typed();
    assert_int_equal(faults.count, 1);
    check_called_in(faults.last.got_at, get_typed);
    check_called_in(faults.last.put_at, put_typed);
    check_called_in(faults.last.here, put_typed);
    assert_string_equal(faults.last.put_at, faults.last.here); /* one call, in put_typed() */
    assert_true(strcmp(faults.last.got_at, faults.last.here) != 0);
    point *p = UL_POOL_GET(&typed);
    const char *got = UL_SITE;
    UL_POOL_PUT(&typed, p);
    UL_POOL_PUT(&typed, p);
    const char *put = UL_SITE;
    assert_int_equal(faults.count, 2);
    assert_int_equal(atoi(strrchr(faults.last.got_at, ':') + 1), atoi(strrchr(got, ':') + 1) - 1);
    assert_int_equal(atoi(strrchr(faults.last.put_at, ':') + 1), atoi(strrchr(put, ':') + 1) - 2);
    assert_int_equal(atoi(strrchr(faults.last.here, ':') + 1), atoi(strrchr(put, ':') + 1) - 1);
    get_typed();
    free_typed(); /* a leak, told where it ended */
    assert_int_equal(faults.last.kind, UL_FAULT_LEAK);
    check_called_in(faults.last.here, free_typed);
    rt_faults_end();
}

/* ---- writes after the end -------------------------------------------------------------------------------
 */

static int line_of(const char *site)
{
    const char *colon = strrchr(site, ':');
    return colon ? atoi(colon + 1) : 0;
}

#if !defined(__SANITIZE_ADDRESS__) /* which ends the program at the write */
static void test_write_after_put(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    ul_pool pool;
    ul_pool_init(&pool, &(ul_pool_options){.name = "points", .size_bytes = 16});
    char *object = ul_pool_get(&pool), *other = ul_pool_get(&pool);
    int first = __LINE__;
    ul_pool_put(&pool, object);
    ul_pool_put(&pool, other);
    object[3] = 1;
    assert_int_equal(faults.count, 0);
    ul_pool_free(&pool); /* nothing left the quarantine; it is told all the same, once */
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_USE_AFTER_PUT);
    assert_string_equal(faults.owner, "points");
    assert_ptr_equal(faults.last.object, object);
    assert_int_equal(line_of(faults.last.got_at), first - 1);
    assert_int_equal(line_of(faults.last.put_at), first + 1);
    assert_int_equal(line_of(faults.last.here), first + 5);
    ul_shared_pool *shared;
    assert_int_equal(ul_shared_pool_new(&shared, &(ul_pool_options){.size_bytes = 16}), UL_OK);
    object = ul_shared_pool_get(shared);
    ul_shared_pool_put(shared, object);
    object[15] = 1;
    ul_shared_pool_free(shared);
    assert_int_equal(faults.count, 2);
    ul_bufpool buffers = UL_ZERO;
    ul_buf buf;
    assert_int_equal(ul_bufpool_get(&buffers, &buf, 100), UL_OK);
    unsigned char *data = buf.data;
    ul_bufpool_put(&buffers, &buf);
    data[0] = 1;
    ul_bufpool_free(&buffers);
    assert_int_equal(faults.count, 3);
    ul_arena arena = UL_ZERO;
    object = ul_arena_alloc(&arena, 16, 8);
    ul_arena_reset(&arena);
    object[0] = 1;
    ul_arena_free(&arena);
    assert_int_equal(faults.count, 4);
    assert_int_equal(faults.last.kind, UL_FAULT_USE_AFTER_PUT);
    rt_faults_end();
}

/* More at once than are looked at in one go; each is told, and none twice. */
static void test_many_writes(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, "twin");
    ul_pool pool;
    char *objects[100];
    ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 16});
    for (unsigned i = 0; i < 100; i++)
        objects[i] = ul_pool_get(&pool);
    for (unsigned i = 0; i < 90; i++)
        ul_pool_put(&pool, objects[i]);
    for (unsigned i = 0; i < 100; i++)
        objects[i][i < 50 ? 15 : 16] = 1; /* 50 after the put, 40 beside what was put, 10 beside what lives */
    ul_pool_free(&pool);
    assert_int_equal(faults.count, 100 + 1); /* and the leak */
    rt_faults_end();
}

static void end_child(const ul_fault *fault, void *context)
{
    (void)context;
    _exit(fault->kind == UL_FAULT_USE_AFTER_PUT && strstr(fault->put_at, "test_rt_debug.c:") ? 42 : 1);
}

static void test_write_told_at_exit(void **state)
{
    (void)state;
    for (unsigned writes = 0; writes < 2; writes++) {
        pid_t child = fork();
        if (child == 0) {
            ul_debug_on_fault(end_child, NULL);
            ul_debug_set_mode("twin");
            static ul_pool pool;
            ul_pool_init(&pool, &(ul_pool_options){.size_bytes = 16});
            char *object = ul_pool_get(&pool);
            ul_pool_put(&pool, object);
            object[3] = (char)(writes ? 1 : object[3]);
            exit(0);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), writes ? 42 : 0);
    }
}
#endif

/* ---- stale marks ----------------------------------------------------------------------------------------
 */

static void test_stale_marks(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "sample", "watch", "twin"};
    for (unsigned mode = 0; mode < 4; mode++) {
        rt_faults faults;
        rt_faults_begin(&faults, modes[mode]);
        ul_arena arena, other = UL_ZERO;
        ul_arena_init_with(&arena, &(ul_arena_options){.name = "marked"});
        ul_arena_alloc(&arena, 40, 8);
        ul_mark older = ul_arena_mark(&arena);
        int first = __LINE__ - 1;
        char *object = ul_arena_alloc(&arena, 40, 8);
        ul_mark younger = ul_arena_mark(&arena);
        ul_arena_alloc(&arena, 40, 8);
        ul_arena_rewind(&arena, younger); /* twice is well */
        ul_arena_rewind(&arena, younger);
        object[39] = 1;
        ul_arena_rewind(&arena, older);
        int ended = __LINE__ - 1;
        assert_int_equal(faults.count, 0);
        ul_arena_rewind(&arena, younger);
        assert_int_equal(faults.count, 1);
        assert_int_equal(faults.last.kind, UL_FAULT_STALE_MARK);
        assert_string_equal(faults.owner, "marked");
        assert_int_equal(line_of(faults.last.got_at), first + 3);
        assert_int_equal(line_of(faults.last.here), ended + 3);
        assert_int_equal(line_of(faults.last.put_at), mode == 3 ? ended : 0);
        ul_arena_alloc(&other, 8, 8);
        ul_arena_rewind(&other, older); /* of another arena */
        assert_int_equal(faults.count, 2);
        ul_arena_rewind(&arena, older); /* still there */
        assert_int_equal(faults.count, 2);
        ul_arena_reset(&arena);
        ul_arena_rewind(&arena, older);
        assert_int_equal(faults.count, 3);
        ul_arena_alloc(&arena, 40, 8);
        older = ul_arena_mark(&arena);
        ul_arena_free(&arena);
        ul_arena_rewind(&arena, older);
        assert_int_equal(faults.count, 4);
        ul_arena_alloc(&arena, 400, 8);
        if (mode ==
            3) { /* elsewhere the new block may lie where the old one was, and then the mark is good again */
            ul_arena_rewind(&arena, older);
            assert_int_equal(faults.count, 5);
        }
        ul_arena_free(&arena);
        ul_arena_free(&other);
        rt_faults_end();
    }
}

static void test_scratch_out_of_order(void **state)
{
    (void)state;
    rt_faults faults;
    rt_faults_begin(&faults, NULL);
    ul_scratch base = ul_scratch_begin(NULL);
    ul_arena_alloc(base.arena, 8, 8);
    ul_scratch outer = ul_scratch_begin(NULL);
    ul_arena_alloc(outer.arena, 100, 8);
    ul_scratch inner = ul_scratch_begin(NULL);
    int begun = __LINE__ - 1;
    ul_arena_alloc(inner.arena, 100, 8);
    ul_scratch_end(outer);
    assert_int_equal(faults.count, 0);
    ul_scratch_end(inner);
    assert_int_equal(faults.count, 1);
    assert_int_equal(faults.last.kind, UL_FAULT_STALE_MARK);
    assert_int_equal(line_of(faults.last.got_at), begun);
    ul_scratch_end(base);
    assert_int_equal(faults.count, 1);
    rt_faults_end();
}

static unsigned cleaned;

static void count_cleanup(void *argument)
{
    (void)argument;
    cleaned++;
}

/* Marks of any age, in any order, with cleanups among them: told or not, no byte outside the arena is
   touched, each cleanup runs once, and what is handed out is nobody else's. */
static void run_any_order(const char *mode, bool has_buffer, uint32_t steps)
{
    enum { MARKS = 16 };
    rt_faults faults;
    rt_faults_begin(&faults, mode);
    static _Alignas(16) unsigned char buffer[40000];
    ul_mark marks[MARKS] = {{0}};
    uint64_t chance = rt_seed();
    unsigned registered = 0;
    ul_arena arena = UL_ZERO;
    if (has_buffer)
        ul_arena_init_buffer(&arena, buffer, sizeof buffer);
    cleaned = 0;
    for (uint32_t step = 0; step < steps; step++) {
        uint32_t what = rt_random(&chance) % 100;
        if (what < 60) {
            size_t size = rt_random(&chance) % (what < 3 ? 30000 : 200);
            char *object = ul_arena_take(&arena, size, 8);
            if (object)
                memset(object, (int)step, size);
        } else if (what < 65) {
            registered += ul_arena_on_release(&arena, count_cleanup, NULL) == UL_OK;
        } else if (what < 80) {
            marks[rt_random(&chance) % MARKS] = ul_arena_mark(&arena);
        } else if (what < 98) {
            ul_arena_rewind(&arena, marks[rt_random(&chance) % MARKS]);
        } else if (rt_random(&chance) % 8 || has_buffer) {
            ul_arena_reset(&arena);
        } else if (rt_random(&chance) % 2) {
            ul_arena_clear(&arena);
        } else {
            ul_arena_free(&arena);
        }
    }
    ul_arena_free(&arena);
    assert_int_equal(cleaned, registered);
    rt_faults_end();
}

static void test_any_order(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "sample", "watch", "twin"};
    for (unsigned mode = 0; mode < 4; mode++) {
        run_any_order(modes[mode], false, rt_steps(100000));
        run_any_order(modes[mode], true, rt_steps(100000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserve_starts),
        cmocka_unit_test(test_others_start),
        cmocka_unit_test(test_typed_sites),
#if !defined(__SANITIZE_ADDRESS__)
        cmocka_unit_test(test_write_after_put),
        cmocka_unit_test(test_many_writes),
        cmocka_unit_test(test_write_told_at_exit),
#endif
        cmocka_unit_test(test_stale_marks),
        cmocka_unit_test(test_scratch_out_of_order),
        cmocka_unit_test(test_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
