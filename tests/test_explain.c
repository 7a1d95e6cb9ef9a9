/*
 * The code that `ullage explain` shows is held to what it says: it compiles as C11 without a warning, the rule speaks of what stands under
 * "before" and not of what stands under "after", and what can run runs clean under the sanitizers, leaks included.
 */
#include "project.h"

#include "layout/rules/rule.h"

typedef struct example {
    const char *rule;
    const char *arguments; /* what `check` must be told besides */
    const char *main;      /* runs the code behind it, NULL where there is nothing to run */
    bool is_other;         /* needs more than a file: has a test of its own */
} example;

#define PATTERNS_MAIN                                                                                                                                      \
    "#include <stdio.h>\n"                                                                                                                             \
    "static int by_value(const void *a, const void *b) { return *(const int *)a - *(const int *)b; }\n"                                                \
    "static int *slow(const char *key) { int *value = malloc(sizeof *value); if (value) *value = atoi(key); return value; }\n"                         \
    "static int *never(const char *key) { (void)key; return NULL; }\n"                                                                                 \
    "#define MUST(condition) do if (!(condition)) { fprintf(stderr, \"%d: %s\\n\", __LINE__, #condition); exit(1); } while (0)\n"                       \
    "int main(int count, char **arguments)\n"                                                                                                          \
    "{\n"                                                                                                                                              \
    "    struct queue queue; struct script script; samples all = {0}; ul_cache *cache; char key[24]; int id;\n"                                        \
    "    MUST(count == 1 && width(2, 5) == 3 && median((int[]){5, 1, 3}, 3, by_value) == 3 && median(NULL, 0, by_value) == 0);\n"                      \
    "    open_queue(&queue); begin_script(&script); MUST(pop(&queue, &id) == -1 && make_cache(&cache) == UL_OK);\n"                                    \
    "    for (int i = 0; i < 20000; i++) {\n"                                                                                                          \
    "        snprintf(key, sizeof key, \"%d\", i);\n"                                                                                                  \
    "        MUST(push(&queue, i) == 0 && add_change(&script, i) == 0 && add(&all, (struct sample){i, NULL}) == UL_OK);\n"                             \
    "        MUST(*value_of(cache, key, slow) == i && *value_of(cache, key, never) == i);\n"                                                           \
    "    }\n"                                                                                                                                          \
    "    MUST(!value_of(cache, \"0\", never) && pop(&queue, &id) == 0 && id == 19999 && all.count == 20000);\n"                                        \
    "    close_queue(&queue); end_script(&script); ul_vec_free(&all); ul_cache_free(cache);\n"                                                                \
    "    MUST(lines_of(arguments[0]) > 0 && lines_of(\"/nobody/has/this\") == -1 && lines_of(\"/\") == -1);\n"                                         \
    "}\n"

static const example examples[] = {
    {"reorder-saves", "", NULL, false},
    {"size-class-waste", "", NULL, false},
    {"line-straddle", "", NULL, false},
    {"flags-to-bits", "", NULL, false},
    {"padding-exposed", "", "int main(void) { struct key a = {1, 2}, b = {1, 3}; return is_same(&a, &b) || !is_same(&a, &a); }\n", false},
    {"layout-varies", "", NULL, true},
    {"false-sharing", "--thread-entry=take --thread-entry=add",
     "int main(void) { struct ring *ring = make(); if (!ring) return 1; ring->head = ring->tail = 0; take(ring); add(ring); free(ring); }\n", false},
    {"mixed-access", "--thread-entry=put --thread-entry=room", "int main(void) { struct pool pool = {2, 3, 1}; put(&pool); return room(&pool, 1) != 6 || pool.used; }\n",
     false},
    {"array-false-sharing", "", "int main(void) { push(15); }\n", false},
    {"hot-cold", "", "int main(void) { struct task task = {.key = 1, .due = 2}; return find(&(struct task *){&task}, 1, 1) != &task || find(&(struct task *){0}, 0, 1); }\n", false},
    {"alloc-pattern", "", PATTERNS_MAIN, false},
    {"unused-annotation", "", NULL, false},
    {"missing-reason", "--config=strict.yml", NULL, false},
    {"layout-regression", "", NULL, true},
};
enum { EXAMPLE_COUNT = sizeof examples / sizeof *examples };

/* What stands before "before" belongs to both parts. An example without these marks is all "after". Returns false for a part that is not there. */
static bool part_of(const char **out, bench *b, const char *rule, const char *mark)
{
    const char *text = ul_rule_find(rule)->info.example;
    const char *before = strstr(text, "/* before"), *after = strstr(text, "/* after");
    bool is_before = strcmp(mark, "before") == 0;
    if (!before)
        *out = text;
    else if (is_before)
        *out = ul_arena_strndup(&b->arena, text, (size_t)(after - text));
    else
        *out = ul_arena_printf(&b->arena, "%.*s%s", (int)(before - text), text, after);
    return before || !is_before;
}

static const char *put_part(bench *b, const char *rule, const char *mark)
{
    const char *text, *name = ul_arena_printf(&b->arena, "%s-%s.c", rule, mark);
    if (!part_of(&text, b, rule, mark))
        return NULL;
    put(b, name, text);
    return name;
}

static void every_rule_has_one(void **state)
{
    (void)state;
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    assert_int_equal(count, EXAMPLE_COUNT);
    for (uint32_t i = 0; i < count; i++) {
        const char *text = rules[i]->info.example;
        assert_string_equal(rules[i]->info.name, examples[i].rule);
        assert_int_equal(strstr(text, "/* before") != NULL, strstr(text, "/* after") != NULL);
        for (; *text; text += strcspn(text, "\n") + 1)
            assert_true(strcspn(text, "\n") <= 78); /* with its indent in 80 columns */
    }
}

static void compiles(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < EXAMPLE_COUNT; i++) {
        (void)put_part(b, examples[i].rule, "before");
        assert_non_null(put_part(b, examples[i].rule, "after"));
    }
    static const char *const compilers[] = {"gcc", "clang"};
    for (uint32_t i = 0; i < 2; i++) {
        if (sh(b, ul_arena_printf(&b->arena, "%s -std=c11 -Wall -Wextra -Wpedantic -Werror -I'%s/runtime/include' -fsyntax-only *.c", compilers[i], ULLAGE_SOURCE_DIR)))
            fail_msg("%s", b->err);
    }
}

static void fires_before_and_not_after(void **state)
{
    bench *b = *state;
    put(b, "strict.yml", "require-reasons: true\n");
    for (uint32_t i = 0; i < EXAMPLE_COUNT; i++) {
        for (int is_after = 0; is_after < 2 && !examples[i].is_other; is_after++) {
            const char *name = put_part(b, examples[i].rule, is_after ? "after" : "before"), *mark = ul_arena_printf(&b->arena, "[%s]", examples[i].rule);
            if (!name)
                continue;
            assert_true(run(b, ul_arena_printf(&b->arena, "check --format concise %s %s -- -std=c11 -I'%s/runtime/include'", examples[i].arguments, name, ULLAGE_SOURCE_DIR)) < 2);
            (is_after ? lacks : has)(b->out, mark);
        }
    }
}

static void layouts_that_vary(void **state)
{
    bench *b = *state;
    put(b, "a.c", "#include \"node.h\"\n");
    put(b, "b.c", "#include \"node.h\"\n");
    put(b, "compile_commands.json",
        ul_arena_printf(&b->arena, "[{\"directory\": \"%s\", \"file\": \"a.c\", \"command\": \"cc -DSTATS -c a.c\"},\n {\"directory\": \"%s\", \"file\": \"b.c\", \"command\": \"cc -c b.c\"}]\n",
                        b->folder, b->folder));
    for (int is_after = 0; is_after < 2; is_after++) {
        const char *text;
        assert_true(part_of(&text, b, "layout-varies", is_after ? "after" : "before"));
        put(b, "node.h", text);
        assert_int_equal(run(b, "check --units all --format concise node.h"), !is_after);
        (is_after ? lacks : has)(b->out, "[layout-varies]");
    }
}

/* Here "after" is what the rule speaks of. */
static void layouts_that_got_worse(void **state)
{
    bench *b = *state;
    const char *text;
    assert_true(part_of(&text, b, "layout-regression", "before"));
    put(b, "conn.h", text);
    assert_int_equal(run(b, "check --baseline base.json --update-baseline conn.h"), 0);
    assert_int_equal(run(b, "check --baseline base.json --format concise conn.h"), 0);
    lacks(b->out, "[layout-regression]");
    assert_true(part_of(&text, b, "layout-regression", "after"));
    put(b, "conn.h", text);
    assert_int_equal(run(b, "check --baseline base.json --format concise conn.h"), 1);
    has(b->out, "[layout-regression]");
}

static void runs_clean(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < EXAMPLE_COUNT; i++) {
        for (int is_after = 0; is_after < 2 && examples[i].main; is_after++) {
            const char *text;
            if (!part_of(&text, b, examples[i].rule, is_after ? "after" : "before"))
                continue;
            put(b, "main.c", ul_arena_printf(&b->arena, "%s\n%s", text, examples[i].main));
            const char *command = ul_arena_printf(&b->arena, "cc -std=c11 -g -fsanitize=address,undefined -fno-sanitize-recover=all -I'%s/runtime/include' main.c %s -lpthread -o main && ./main",
                                                  ULLAGE_SOURCE_DIR, strstr(text, "<ullage/") ? "'" ULLAGE_RUNTIME "'" : "");
            if (sh(b, command))
                fail_msg("%s: %s", examples[i].rule, b->err);
        }
    }
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_rule_has_one), TEST(compiles), TEST(fires_before_and_not_after), TEST(layouts_that_vary), TEST(layouts_that_got_worse), TEST(runs_clean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
