/*
 * As much of cmocka as the suites of the runtime use, for machines that have none (a cross build). The first failure
 * ends the program.
 */
#ifndef TESTS_RT_CMOCKA_H
#define TESTS_RT_CMOCKA_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*run)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define MINI_TRUE(condition, text)                                                                           \
    ((condition) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, text), exit(1)))
#define assert_true(c) MINI_TRUE(c, #c)
#define assert_false(c) MINI_TRUE(!(c), "!" #c)
#define assert_null(p) MINI_TRUE((p) == NULL, #p " == NULL")
#define assert_non_null(p) MINI_TRUE((p) != NULL, #p " != NULL")
#define assert_int_equal(a, b) MINI_TRUE((uintmax_t)(a) == (uintmax_t)(b), #a " == " #b)
#define assert_ptr_equal(a, b) MINI_TRUE((const void *)(a) == (const void *)(b), #a " == " #b)
#define assert_ptr_not_equal(a, b) MINI_TRUE((const void *)(a) != (const void *)(b), #a " != " #b)
#define assert_in_range(v, low, high)                                                                        \
    MINI_TRUE((uintmax_t)(v) >= (uintmax_t)(low) && (uintmax_t)(v) <= (uintmax_t)(high), #v)
#define assert_string_equal(a, b) MINI_TRUE(strcmp((a), (b)) == 0, #a " is " #b)
#define assert_memory_equal(a, b, size) MINI_TRUE(memcmp((a), (b), (size)) == 0, #a " is " #b)
#define fail_msg(...) (fprintf(stderr, __VA_ARGS__), exit(1))
#define cmocka_unit_test(f) {#f, f, NULL, NULL}
#define cmocka_unit_test_setup_teardown(f, up, down) {#f, f, up, down}
#define cmocka_run_group_tests(tests, up, down) mini_run(tests, sizeof(tests) / sizeof(tests)[0], up, down)

static inline int mini_run(const struct CMUnitTest *tests, size_t count, int (*up)(void **), int (*down)(void **))
{
    void *group = NULL;
    if (up && up(&group) != 0)
        return 1;
    for (size_t i = 0; i < count; i++) {
        void *state = group;
        if (tests[i].setup && tests[i].setup(&state) != 0)
            return 1;
        tests[i].run(&state);
        if (tests[i].teardown && tests[i].teardown(&state) != 0)
            return 1;
    }
    if (down && down(&group) != 0)
        return 1;
    printf("%zu tests passed\n", count);
    return 0;
}

#endif
