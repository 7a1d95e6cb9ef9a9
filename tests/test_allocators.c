/*
 * The tables of data/allocators/ against the allocators themselves: Debian's libraries under LD_PRELOAD,
 * glibc, musl through musl-gcc, Go's own list, the running kernel's slabs. malloc_probe.c asks. What is not
 * installed here is skipped, and said so.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout/model/target.h"
#include "ullage/arena.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))
#define LIBRARIES "/usr/lib/x86_64-linux-gnu/"
#define MIB (UINT64_C(1) << 20)

typedef struct sizes {
    uint64_t *items;
    uint32_t count, capacity;
} sizes;

typedef struct bench {
    ul_arena arena;
    char folder[32]; /* for what goes in and out of the probe, and musl's own */
} bench;

static int set_up(void **state)
{
    bench *made = calloc(1, sizeof *made);
    ul_arena_init(&made->arena, NULL);
    strcpy(made->folder, "/tmp/ullage-alloc-XXXXXX");
    assert_non_null(mkdtemp(made->folder));
    *state = made;
    return 0;
}

static int tear_down(void **state)
{
    bench *made = *state;
    static const char *const names[] = {"asked", "answered", "probe"};
    for (uint32_t i = 0; i < COUNT(names); i++)
        unlink(ul_arena_printf(&made->arena, "%s/%s", made->folder, names[i]));
    assert_int_equal(rmdir(made->folder), 0);
    ul_arena_free(&made->arena);
    free(made);
    return 0;
}

#define SKIP_BECAUSE(...) (print_message("skipped: " __VA_ARGS__), print_message("\n"), skip())

/* The tables are for pages of 4 KiB and 64 bits. */
static void need_this_machine(void)
{
    if (sizeof(void *) != 8 || sysconf(_SC_PAGESIZE) != 4096)
        SKIP_BECAUSE("the tables are for 64 bits and pages of 4 KiB");
}

/* Runs `argv` with `env` and the two files as stdin and stdout; its exit status, or -1. */
static int run(const char *const *argv, const char *const *env, const char *in, const char *out)
{
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, in, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child;
    int error = posix_spawn(&child, argv[0], &files, NULL, (char **)(uintptr_t)argv, (char **)(uintptr_t)env),
        status;
    posix_spawn_file_actions_destroy(&files);
    if (error)
        return -1;
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What `probe` answers for each of `asked`, with `library` (NULL: none) loaded before libc. */
static const uint64_t *ask(bench *here, const char *probe, const char *library, const char *mode,
                           const sizes *asked)
{
    char *in = ul_arena_printf(&here->arena, "%s/asked", here->folder);
    char *out = ul_arena_printf(&here->arena, "%s/answered", here->folder);
    FILE *file = fopen(in, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(asked->items, sizeof *asked->items, asked->count, file), asked->count);
    assert_int_equal(fclose(file), 0);
    const char *argv[] = {probe, mode, NULL};
    /* Nothing else of the environment: MALLOC_CONF and its like change what an allocator does. */
    const char *env[] = {library ? ul_arena_printf(&here->arena, "LD_PRELOAD=%s", library) : NULL, NULL};
    assert_int_equal(run(argv, env, in, out), 0);
    uint64_t *answers = UL_NEW_ARRAY(&here->arena, uint64_t, asked->count + 1u);
    file = fopen(out, "rb");
    assert_non_null(file);
    assert_int_equal(fread(answers, sizeof *answers, asked->count + 1u, file), asked->count);
    fclose(file);
    return answers;
}

static void add(bench *here, sizes *list, uint64_t size)
{
    UL_RESERVE(&here->arena, list->items, list->count, list->capacity);
    list->items[list->count++] = size;
}

static uint64_t after_class(const ul_allocator_table *table, uint64_t size)
{
    return ul_class_fit_of(table, size).class_bytes + 1;
}

/* Sizes that the table did not choose, and both sides of each of its edges, up to `limit`. */
static sizes sizes_to_ask(bench *here, const ul_allocator_table *table, uint64_t limit)
{
    sizes list = {0};
    for (uint64_t size = 1; size <= 4096; size++)
        add(here, &list, size);
    for (uint64_t size = 4097; size < 131072; size += 61)
        add(here, &list, size);
    for (uint64_t size = 131072; size <= MIB; size += 4093)
        add(here, &list, size);
    for (uint64_t size = after_class(table, 4096); size <= limit; size = after_class(table, size)) {
        add(here, &list, size - 1);
        add(here, &list, size);
    }
    return list;
}

/* One to three sizes of each class of `from` to `to` bytes: its edges, and one between. At most every 16th
 * glibc class. */
static sizes edges(bench *here, const ul_allocator_table *table, uint64_t from, uint64_t to)
{
    sizes list = {0};
    uint32_t stride = table->range_count == 1 ? 16 : 1, nth = 0;
    for (uint64_t size = from; size <= to; size = after_class(table, size)) {
        uint64_t class = ul_class_fit_of(table, size).class_bytes;
        if (class > to || (nth++ % stride && size > 1024))
            continue;
        add(here, &list, size);
        add(here, &list, class);
    }
    return list;
}

enum { MISMATCHES_SHOWN = 5 };

/* `what` names the answers; `of` is the member of a fit that they must equal, `large_extra` more for large
 * objects. */
static void check(const ul_allocator_table *table, const sizes *asked, const uint64_t *answers,
                  const char *what, size_t of, uint64_t large_extra)
{
    unsigned wrong = 0;
    assert_true(asked->count > 0);
    for (uint32_t i = 0; i < asked->count; i++) {
        ul_class_fit fit = ul_class_fit_of(table, asked->items[i]);
        uint64_t want;
        memcpy(&want, (const char *)&fit + of, sizeof want);
        want += fit.is_large ? large_extra : 0;
        if (answers[i] != want && wrong++ < MISMATCHES_SHOWN)
            print_message("%s: %s of %llu bytes is %llu, the table gives %llu\n", table->name, what,
                          (unsigned long long)asked->items[i], (unsigned long long)answers[i],
                          (unsigned long long)want);
    }
    if (wrong)
        fail_msg("%s: %u of %u answers (%s) differ from the table", table->name, wrong, asked->count, what);
}

static const ul_allocator_table *table_of(const char *name)
{
    const ul_allocator_table *table = ul_allocator_find(name);
    assert_non_null(table);
    return table;
}

static void check_usable(bench *here, const char *name, const char *library, uint64_t limit,
                         uint64_t large_extra)
{
    const ul_allocator_table *table = table_of(name);
    sizes asked = sizes_to_ask(here, table, limit);
    check(table, &asked, ask(here, MALLOC_PROBE, library, "usable", &asked), "usable size",
          offsetof(ul_class_fit, class_bytes), large_extra);
}

static void check_stride(bench *here, const char *name, const char *library, const char *mode, uint64_t from,
                         uint64_t to)
{
    const ul_allocator_table *table = table_of(name);
    sizes asked = edges(here, table, from, to);
    check(table, &asked, ask(here, MALLOC_PROBE, library, mode, &asked), "distance of neighbours",
          offsetof(ul_class_fit, footprint_bytes), 0);
}

static void need_library(const char *library)
{
    need_this_machine();
    if (access(library, R_OK) != 0)
        SKIP_BECAUSE("%s is not here", library);
}

static void test_glibc(void **state)
{
    need_this_machine();
#ifdef __GLIBC__
    /* A block mapped on its own lends 8 bytes that no size can use: the next size up is rounded by 16 first.
     */
    check_usable(*state, "glibc", NULL, MIB, 8);
    check_stride(*state, "glibc", NULL, "stride", 1, 131048);
    check_stride(*state, "glibc", NULL, "pages", 131049, 300000);
#else
    SKIP_BECAUSE("this libc is not glibc");
#endif
}

static void test_jemalloc(void **state)
{
    const char *library = LIBRARIES "libjemalloc.so.2";
    need_library(library);
    check_usable(*state, "jemalloc", library, 64 * MIB, 0);
    check_stride(*state, "jemalloc", library, "stride", 1, 14336);
    check_stride(*state, "jemalloc", library, "pages", 14337,
                 MIB); /* these begin at random in their first page */
}

static void test_tcmalloc(void **state)
{
    const char *library = LIBRARIES "libtcmalloc_minimal.so.4";
    need_library(library);
    check_usable(*state, "tcmalloc", library, 4 * MIB, 0);
    check_stride(*state, "tcmalloc", library, "stride", 1, 300000);
}

static void test_mimalloc(void **state)
{
    const char *library = LIBRARIES "libmimalloc.so.2.0";
    need_library(library);
    check_usable(*state, "mimalloc", library, 128 * MIB, 0);
    check_stride(*state, "mimalloc", library, "stride", 1, 300000);
}

/* musl's malloc_usable_size gives back the size asked for; the distance of neighbours is the class and its
 * header. */
static void test_musl(void **state)
{
    bench *here = *state;
    need_this_machine();
    if (access("/usr/bin/musl-gcc", X_OK) != 0)
        SKIP_BECAUSE("/usr/bin/musl-gcc is not here");
    char *probe = ul_arena_printf(&here->arena, "%s/probe", here->folder);
    const char *build[] = {"/usr/bin/musl-gcc",
                           "-O1",
                           "-D_GNU_SOURCE",
                           "-o",
                           probe,
                           ULLAGE_SOURCE_DIR "/tests/malloc_probe.c",
                           NULL};
    const char *env[] = {"PATH=/usr/bin:/bin", NULL};
    assert_int_equal(run(build, env, "/dev/null", "/dev/null"), 0);
    const ul_allocator_table *table = table_of("musl");
    sizes small = edges(here, table, 1, 131051), large = edges(here, table, 131052, 300000);
    check(table, &small, ask(here, probe, NULL, "stride", &small), "distance of neighbours",
          offsetof(ul_class_fit, footprint_bytes), 0);
    check(table, &large, ask(here, probe, NULL, "pages", &large), "distance of neighbours",
          offsetof(ul_class_fit, footprint_bytes), 0);
    const uint64_t *usable = ask(here, probe, NULL, "usable", &small);
    for (uint32_t i = 0; i < small.count; i++)
        assert_int_equal(usable[i], small.items[i]);
}

/* The classes of `table` are exactly `classes`. */
static void check_classes(const ul_allocator_table *table, const uint64_t *classes, uint32_t count)
{
    uint64_t size = 1;
    for (uint32_t i = 0; i < count; i++) {
        ul_class_fit fit = ul_class_fit_of(table, size);
        if (fit.is_large || fit.class_bytes != classes[i] || fit.footprint_bytes != classes[i])
            fail_msg("%s: %llu bytes go to the class of %llu for %llu, the source says %llu", table->name,
                     (unsigned long long)size, (unsigned long long)fit.class_bytes,
                     (unsigned long long)fit.footprint_bytes, (unsigned long long)classes[i]);
        size = classes[i] + 1;
    }
    assert_true(ul_class_fit_of(table, size).is_large);
}

static void check_go_list(bench *here, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = UL_NEW_ARRAY(&here->arena, char, 1 << 20);
    text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    const char *at = strstr(text, "uint16{0, 8,"); /* class_to_size; SizeClassToSize from 1.25 on */
    if (!at)
        fail_msg("%s: no list of size classes in it", path);
    uint64_t classes[128];
    uint32_t count = 0;
    char *end;
    for (at += strlen("uint16{0, "); count < COUNT(classes) && *at >= '0' && *at <= '9';
         at = end + strspn(end, ", "))
        classes[count++] = strtoull(at, &end, 10);
    assert_true(*at == '}' && count > 60);
    check_classes(table_of("go"), classes, count);
    print_message("%s: %u classes\n", path, count);
}

static void test_go(void **state)
{
    static const char *const patterns[] = {
        "/usr/share/go-*/src/runtime/sizeclasses.go",
        "/usr/lib/go*/src/runtime/sizeclasses.go",
        "/usr/local/go/src/runtime/sizeclasses.go",
        "/usr/local/go/src/internal/runtime/gc/sizeclasses.go",
        "/usr/share/go-*/src/internal/runtime/gc/sizeclasses.go",
    };
    glob_t found = {0};
    for (uint32_t i = 0; i < COUNT(patterns); i++)
        glob(patterns[i], i ? GLOB_APPEND : 0, NULL, &found);
    size_t count = found.gl_pathc;
    for (size_t i = 0; i < count; i++)
        check_go_list(*state, found.gl_pathv[i]);
    globfree(&found);
    if (count == 0)
        SKIP_BECAUSE("no source of Go is here");
    assert_int_equal(ul_class_fit_of(table_of("go"), 32769).class_bytes, 40960); /* pages of 8 KiB */
}

static const uint64_t kmalloc_classes[] = {8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096, 8192};

/* kmalloc has one source, the kernel's mm/slab_common.c: kmalloc_info[] below KMALLOC_MAX_CACHE_SIZE of two
 * pages. */
static void test_kmalloc_as_documented(void **state)
{
    (void)state;
    const ul_allocator_table *table = table_of("kmalloc");
    check_classes(table, kmalloc_classes, COUNT(kmalloc_classes));
    static const uint64_t large[][2] = {
        {8193, 16384}, {16384, 16384}, {16385, 32768}, {40000, 65536}, {MIB + 1, 2 * MIB}};
    for (uint32_t i = 0; i < COUNT(large); i++)
        assert_true(ul_class_fit_of(table, large[i][0]).footprint_bytes == large[i][1]);
}

/* Lines "kmalloc-96 ..." and "kmalloc-2k ..."; its copies (kmalloc-cg-, kmalloc-rcl-, dma-kmalloc-) are other
 * caches. */
static void test_kmalloc_of_this_kernel(void **state)
{
    (void)state;
    need_this_machine();
    FILE *file = fopen("/proc/slabinfo", "r");
    if (!file)
        SKIP_BECAUSE("/proc/slabinfo: %s", strerror(errno));
    uint64_t seen = 0;
    char line[512];
    while (fgets(line, sizeof line, file)) {
        unsigned long long size;
        if (strncmp(line, "kmalloc-", 8) != 0 || line[8] < '0' || line[8] > '9' ||
            sscanf(line, "%*s %*u %*u %llu", &size) != 1)
            continue;
        uint32_t at = 0;
        while (at < COUNT(kmalloc_classes) && kmalloc_classes[at] != size)
            at++;
        if (at == COUNT(kmalloc_classes))
            fail_msg("this kernel has a class of %llu bytes", size);
        seen |= UINT64_C(1) << at;
    }
    fclose(file);
    if (!seen)
        SKIP_BECAUSE("/proc/slabinfo shows no kmalloc cache");
    assert_true(seen == (UINT64_C(1) << COUNT(kmalloc_classes)) - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_glibc),
        TEST(test_jemalloc),
        TEST(test_tcmalloc),
        TEST(test_mimalloc),
        TEST(test_musl),
        TEST(test_go),
        TEST(test_kmalloc_as_documented),
        TEST(test_kmalloc_of_this_kernel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
