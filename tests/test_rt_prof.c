/*
 * Numbers, leak reports, the sampled heap profile and the JSON dump.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/arena.h"
#include "ullage/pool.h"
#include "ullage/prof.h"
#include "ullage/shared_pool.h"

static char *text_of(FILE *file)
{
    static char text[1 << 20];
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

typedef struct owners {
    ul_arena arena;
    ul_pool pool;
    ul_shared_pool *shared;
    void *objects[100];
} owners;

static void open_owners(owners *o, const char *mode)
{
    ul_debug_set_mode(mode);
    ul_arena_init_with(&o->arena, &(ul_arena_options){.name = "request \"1\""});
    ul_pool_init(&o->pool, &(ul_pool_options){.name = "conn", .size_bytes = 100});
    assert_int_equal(ul_shared_pool_new(&o->shared, &(ul_pool_options){.name = "job", .size_bytes = 40}),
                     UL_OK);
    assert_non_null(ul_arena_alloc(&o->arena, 5000, 8));
    for (unsigned i = 0; i < 100; i++)
        assert_non_null(o->objects[i] = i < 70 ? ul_pool_get(&o->pool) : ul_shared_pool_get(o->shared));
}

static void close_owners(owners *o)
{
    for (unsigned i = 0; i < 100; i++) {
        if (i < 70)
            ul_pool_put(&o->pool, o->objects[i]);
        else
            ul_shared_pool_put(o->shared, o->objects[i]);
    }
    ul_arena_free(&o->arena);
    ul_pool_free(&o->pool);
    ul_shared_pool_free(o->shared);
    ul_debug_set_mode(NULL);
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const modes[] = {"fast", "watch", "twin", "sample"};
    for (unsigned mode = 0; mode < 4; mode++) {
        owners o;
        open_owners(&o, modes[mode]);
        ul_prof_entry entries[3];
        assert_int_equal(ul_prof_read(entries, 3), 3);
        assert_int_equal(ul_prof_read(entries, 1), 3); /* how many there are */
        FILE *file = tmpfile();
        assert_int_equal(ul_prof_write_json(file), UL_OK);
        cJSON *json = cJSON_Parse(text_of(file)), *all = cJSON_GetObjectItem(json, "entries");
        assert_int_equal(cJSON_GetArraySize(all), 3);
        static const char *const names[] = {"request \"1\"", "conn", "job"};
        static const double live[] = {0, 70, 30}, bytes[] = {5000, 7000, 1200};
        for (int i = 0; i < 3; i++) {
            cJSON *each = cJSON_GetArrayItem(all, i);
            assert_string_equal(cJSON_GetObjectItem(each, "name")->valuestring, names[i]);
            assert_true(cJSON_GetObjectItem(each, "live_count")->valuedouble == live[i]);
            double live_bytes = cJSON_GetObjectItem(each, "live_bytes")->valuedouble;
            assert_true(live_bytes >= bytes[i] && live_bytes <= bytes[i] + 64); /* watched, a red zone more */
            assert_true(cJSON_GetObjectItem(each, "peak_bytes")->valuedouble >= live_bytes);
        }
        cJSON_Delete(json);
        file = tmpfile();
        assert_int_equal(ul_prof_write_text(file), UL_OK);
        assert_non_null(strstr(text_of(file), "shared pool  job"));
        file = tmpfile();
        assert_int_equal(ul_prof_leaks(file), 100);
        const char *text = text_of(file);
        assert_non_null(strstr(text, "leak: 70 objects, 7000 bytes of 'conn' are out"));
        assert_true((strstr(text, "leak: 70 objects, 7000 bytes of 'conn' got at") != NULL) == (mode == 2));
        for (unsigned i = 0; i < 99; i++) { /* one is left */
            if (i < 70)
                ul_pool_put(&o.pool, o.objects[i]);
            else
                ul_shared_pool_put(o.shared, o.objects[i]);
            o.objects[i] = NULL;
        }
        file = tmpfile();
        assert_int_equal(ul_prof_leaks(file), 1);
        assert_non_null(strstr(text_of(file), "leak: 1 object, 40 bytes of 'job' is out\n"));
        close_owners(&o);
        assert_int_equal(ul_prof_read(entries, 3), 0);
        assert_int_equal(ul_prof_leaks(NULL), 0);
    }
}

/* ---- the heap profile -----------------------------------------------------------------------------------
 */

static __attribute__((noinline)) void *get_at_first(ul_pool *pool)
{
    return ul_pool_get(pool);
}

static __attribute__((noinline)) void *get_at_second(ul_pool *pool)
{
    void *object = ul_pool_get(pool);
    __asm__ volatile("" : "+r"(object)); /* no tail call, no folding with the first */
    return object;
}

typedef struct totals {
    unsigned long long live, live_bytes, all, all_bytes, every;
} totals;

static totals read_head(const char *text)
{
    totals t;
    assert_int_equal(sscanf(text, "heap profile: %llu: %llu [%llu: %llu] @ heap_v2/%llu", &t.live,
                            &t.live_bytes, &t.all, &t.all_bytes, &t.every),
                     5);
    return t;
}

static totals write_heap(char **text)
{
    FILE *file = tmpfile();
    assert_int_equal(ul_prof_write_heap(file), UL_OK);
    *text = text_of(file);
    assert_non_null(strstr(*text, "MAPPED_LIBRARIES:"));
    return read_head(*text);
}

static void test_heap_profile(void **state)
{
    (void)state;
    enum { COUNT = 40000, SIZE = 100, EVERY = 4096 };
    static void *objects[COUNT];
    char *text;
    ul_prof_sample_every(EVERY);
    ul_debug_set_mode("sample");
    ul_pool pool;
    ul_arena arena = {0};
    ul_pool_init(&pool, &(ul_pool_options){.name = "conn", .size_bytes = SIZE});
    totals before = write_heap(&text);
    for (unsigned i = 0; i < COUNT; i++)
        objects[i] = i % 4 ? get_at_first(&pool) : get_at_second(&pool);
    totals full = write_heap(&text);
    double samples = (double)(full.live - before.live);
    assert_true(full.every == EVERY);
    assert_true(samples * EVERY > 0.7 * COUNT * SIZE && samples * EVERY < 1.4 * COUNT * SIZE);
    unsigned lines = 0;
    for (const char *at = strchr(text, '\n'); at && at[1] == ' '; at = strchr(at + 1, '\n'))
        lines += strstr(at, "@ 0x") != NULL;
    assert_true(lines >= 2); /* two places, at least */
    for (unsigned i = 0; i < COUNT; i++)
        ul_pool_put(&pool, objects[i]);
    totals empty = write_heap(&text);
    assert_int_equal(empty.live, before.live);
    assert_int_equal(empty.all, full.all);
    ul_mark mark = ul_arena_mark(&arena);
    for (unsigned i = 0; i < COUNT; i++)
        assert_non_null(ul_arena_take(&arena, SIZE, 4));
    full = write_heap(&text);
    samples = (double)(full.live - empty.live);
    assert_true(samples * EVERY > 0.7 * COUNT * SIZE && samples * EVERY < 1.4 * COUNT * SIZE);
    ul_arena_rewind(&arena, mark);
    assert_int_equal(write_heap(&text).live, empty.live);
    ul_arena_free(&arena);
    ul_pool_free(&pool);
    ul_prof_sample_every(0);
    ul_debug_set_mode(NULL);
}

/* UL_DEBUG in the environment of a child: what it prints when it ends. */
static void test_environment(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(ends[1], 2);
        setenv("UL_DEBUG", "leaks,twin,nonsense", 1);
        setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
        execl("/proc/self/exe", "test_rt_prof", "leak", (char *)NULL);
        _exit(9);
    }
    close(ends[1]);
    char text[4096];
    size_t length = 0;
    for (ssize_t got; (got = read(ends[0], text + length, sizeof text - 1 - length)) > 0;)
        length += (size_t)got;
    text[length] = '\0';
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_non_null(strstr(text, "unknown word in UL_DEBUG: 'nonsense'"));
    assert_non_null(strstr(text, "leak: 3 objects, 72 bytes of 'forgotten' got at here.c:7"));
    close(ends[0]);
}

static int leak_and_end(void)
{
    ul_pool pool; /* gone when the report is made, and not freed: that is the leak */
    ul_pool_init(&pool, &(ul_pool_options){.name = "forgotten", .size_bytes = 24});
    for (unsigned i = 0; i < 3; i++) {
        if (!ul_pool_get_at(&pool, "here.c:7"))
            return 1;
    }
    return 0;
}

int main(int count, char **words)
{
    if (count == 2 && strcmp(words[1], "leak") == 0)
        return leak_and_end();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_heap_profile),
        cmocka_unit_test(test_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
