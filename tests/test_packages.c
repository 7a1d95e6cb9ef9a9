/*
 * Real input: the records that headers of installed packages define, and all that those include, system
 * headers too. gcc and clang compile assertions of every size, alignment and offset that was read; none may
 * disagree.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "layout/engine/merge.h"
#include "layout/engine/plans.h"
#include "layout/parse/workers.h"
#include "tests/oracle.h"

enum { FLOOR_PACKAGES = 5, FLOOR_RECORDS = 1000, HEADERS_MAX = 8 };

typedef struct package {
    const char *name;
    const char *file;                 /* it is installed when this one is there */
    const char *include;              /* directory to search, or NULL */
    const char *headers[HEADERS_MAX]; /* as #include takes them */
} package;

static const package packages[] = {
    {"libc6-dev",
     "/usr/include/stdio.h",
     NULL,
     {"pthread.h", "signal.h", "netinet/in.h", "sys/stat.h", "sys/socket.h", "netdb.h", "regex.h", "time.h"}},
    {"linux-libc-dev",
     "/usr/include/linux/perf_event.h",
     NULL,
     {"linux/perf_event.h", "linux/ethtool.h", "linux/bpf.h", "linux/tcp.h", "linux/videodev2.h",
      "linux/io_uring.h", "linux/nl80211.h"}},
    {"libcjson-dev", "/usr/include/cjson/cJSON.h", NULL, {"cjson/cJSON.h", "cjson/cJSON_Utils.h"}},
    {"libcmocka-dev",
     "/usr/include/cmocka.h",
     NULL,
     {"stdarg.h", "stddef.h", "stdint.h", "setjmp.h", "cmocka.h"}},
    {"libclang-14-dev",
     "/usr/lib/llvm-14/include/clang-c/Index.h",
     "/usr/lib/llvm-14/include",
     {"clang-c/Index.h", "clang-c/Documentation.h"}},
    {"zlib1g-dev", "/usr/include/zlib.h", NULL, {"zlib.h"}},
    {"uthash-dev", "/usr/include/uthash.h", NULL, {"uthash.h", "utarray.h", "utstring.h", "utringbuffer.h"}},
    {"libxml2-dev",
     "/usr/include/libxml2/libxml/tree.h",
     "/usr/include/libxml2",
     {"libxml/tree.h", "libxml/parser.h", "libxml/xpath.h", "libxml/xmlreader.h"}},
    {"libncurses-dev", "/usr/include/ncurses.h", NULL, {"ncurses.h", "panel.h", "menu.h", "form.h"}},
    {"libssl-dev",
     "/usr/include/openssl/ssl.h",
     NULL,
     {"openssl/ssl.h", "openssl/evp.h", "openssl/sha.h", "openssl/x509v3.h"}},
    {"libexpat1-dev", "/usr/include/expat.h", NULL, {"expat.h"}},
    {"libsqlite3-dev", "/usr/include/sqlite3.h", NULL, {"sqlite3.h", "sqlite3ext.h"}},
    {"libx11-dev",
     "/usr/include/X11/Xlib.h",
     NULL,
     {"X11/Xlib.h", "X11/Xutil.h", "X11/Xproto.h", "X11/XKBlib.h"}},
    {"libpng-dev", "/usr/include/png.h", NULL, {"png.h"}},
    {"libjpeg62-turbo-dev", "/usr/include/jpeglib.h", NULL, {"stdio.h", "jpeglib.h"}},
    {"libgnutls28-dev", "/usr/include/gnutls/gnutls.h", NULL, {"gnutls/gnutls.h", "gnutls/x509.h"}},
    {"libfreetype-dev",
     "/usr/include/freetype2/ft2build.h",
     "/usr/include/freetype2",
     {"ft2build.h", "freetype/freetype.h", "freetype/ftglyph.h", "freetype/tttables.h"}},
    {"liblzma-dev", "/usr/include/lzma.h", NULL, {"lzma.h"}},
    {"libzstd-dev", "/usr/include/zstd.h", NULL, {"zstd.h", "zdict.h"}},
    {"libyaml-dev", "/usr/include/yaml.h", NULL, {"yaml.h"}},
    {"nettle-dev", "/usr/include/nettle/sha2.h", NULL, {"nettle/sha2.h", "nettle/aes.h", "nettle/umac.h"}},
    {"libfontconfig-dev", "/usr/include/fontconfig/fontconfig.h", NULL, {"fontconfig/fontconfig.h"}},
    {"libpython3.11-dev", "/usr/include/python3.11/Python.h", "/usr/include/python3.11", {"Python.h"}},
    {"libpcre2-dev", "/usr/include/pcre2.h", NULL, {"pcre2posix.h"}},
};

enum { PACKAGES = sizeof packages / sizeof packages[0] };

typedef struct run {
    ul_arena arena;
    char directory[64];
    const char *clang;
    const package *found[PACKAGES];
    const char *files[PACKAGES];
    const char *args[PACKAGES][4];
    ul_unit_job jobs[PACKAGES];
    ul_unit_result results[PACKAGES];
    uint32_t count;
} run;

static bool add_package(run *r, const package *wanted)
{
    uint32_t at = r->count++;
    r->found[at] = wanted;
    r->files[at] = ul_arena_printf(&r->arena, "%s/p%02u.h", r->directory, at);
    FILE *out = fopen(r->files[at], "w");
    if (!out)
        return false;
    for (uint32_t i = 0; i < HEADERS_MAX && wanted->headers[i]; i++)
        fprintf(out, "#if __has_include(<%s>)\n#include <%s>\n#endif\n", wanted->headers[i],
                wanted->headers[i]);
    uint32_t count = 0;
    r->args[at][count++] = "-std=gnu17";
    if (wanted->include)
        r->args[at][count++] = ul_arena_printf(&r->arena, "-I%s", wanted->include);
    r->args[at][count++] = "-x";
    r->args[at][count++] = "c-header";
    r->jobs[at] = (ul_unit_job){
        .file = r->files[at], .directory = r->directory, .args = r->args[at], .arg_count = count};
    return fclose(out) == 0;
}

static int set_up(void **state)
{
    run *r = calloc(1, sizeof *r);
    if (!r)
        return -1;
    *state = r;
    ul_arena_init(&r->arena, NULL);
    r->clang = oracle_clang();
    snprintf(r->directory, sizeof r->directory, "/tmp/ullage-packages-XXXXXX");
    if (!r->clang || !mkdtemp(r->directory))
        return -1;
    for (uint32_t i = 0; i < PACKAGES; i++) {
        if (access(packages[i].file, R_OK) == 0 && !add_package(r, &packages[i]))
            return -1;
    }
    ul_file_filter filter = {.wants_all = true, .wants_system = true};
    ul_workers_options options = {.workers = 2, .timeout_seconds = 60, .filter = &filter};
    return ul_workers_run(r->results, r->jobs, r->count, &options, &r->arena) == UL_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    run *r = *state;
    oracle_remove(r->directory);
    ul_arena_free(&r->arena);
    free(r);
    return 0;
}

/* Assertions about all `entries`, which were read through the header of package `index`. */
static const char *write_questions(run *r, uint32_t index, const ul_entry *entries, uint32_t count,
                                   oracle_tally *tally)
{
    const char *path = ul_arena_printf(&r->arena, "%s/p%02u.c", r->directory, index);
    const ul_record **records = UL_NEW_ARRAY(&r->arena, const ul_record *, count + 1u);
    bool *is_typed = UL_NEW_ARRAY(&r->arena, bool, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        records[i] = entries[i].record;
    oracle_set set = {.records = records, .count = count, .arena = &r->arena};
    FILE *out = fopen(path, "w");
    if (!out)
        return NULL;
    fprintf(out, "#include \"%s\"\n%s%s", r->files[index], oracle_prologue, oracle_bits_prologue);
    oracle_emit_undefs(out, &set);
    for (uint32_t i = 0; i < count; i++)
        is_typed[i] = oracle_emit_asserts(out, &set, records[i], i, r->found[index]->name, tally);
    fputs("int main(void)\n{\n", out);
    for (uint32_t i = 0; i < count; i++) {
        if (is_typed[i])
            oracle_emit_bits(out, records[i], i, r->found[index]->name, tally);
    }
    fputs("    return oracle_failures != 0;\n}\n", out);
    return fclose(out) == 0 ? path : NULL;
}

static void ask(run *r, uint32_t index, const char *path, oracle_tally *tally)
{
    const char *compilers[2] = {r->clang, "gcc"};
    const char *include = r->found[index]->include ? r->args[index][1] : "-w";
    oracle_job jobs[2];
    for (uint32_t i = 0; i < 2; i++) {
        const char *program = ul_arena_printf(&r->arena, "%s.%s", path, compilers[i]);
        const char *const args[] = {compilers[i], "-std=gnu17", "-w", "-O0", include,
                                    "-o",         program,      path, NULL};
        jobs[i] = oracle_start(args, ul_arena_printf(&r->arena, "%s.log", program));
    }
    for (uint32_t i = 0; i < 2; i++)
        tally->failures += oracle_finish_and_run(&jobs[i], compilers[i],
                                                 ul_arena_printf(&r->arena, "%s.%s", path, compilers[i]));
}

static void compilers_agree_with_real_headers(void **state)
{
    run *r = *state;
    oracle_tally sum = {0};
    uint32_t plans = 0, records = 0, refusals[UL_REFUSAL_COUNT] = {0};
    ul_target target;
    assert_true(r->count >= FLOOR_PACKAGES);
    for (uint32_t i = 0; i < r->count; i++) {
        ul_entry *entries = NULL;
        uint32_t count = 0, planned = 0;
        oracle_tally tally = {0};
        if (r->results[i].outcome != UL_UNIT_READ)
            fail_msg("%s: %s", r->found[i]->name, r->results[i].detail);
        ul_target_init(&target, r->results[i].triple, r->results[i].pointer_bytes);
        target.allocator = ul_allocator_find("glibc");
        ul_merge_units(&entries, &count, &r->results[i], 1, &r->arena);
        ul_plan_entries(entries, count, &target, 1, 0, &r->arena);
        for (uint32_t e = 0; e < count; e++) {
            planned += entries[e].plan != NULL;
            for (uint32_t n = 0; n < entries[e].record->refusal_count; n++)
                refusals[entries[e].record->refusals[n].reason]++;
        }
        const char *path = write_questions(r, i, entries, count, &tally);
        assert_non_null(path);
        ask(r, i, path, &tally);
        printf("%-20s %5u records, %4u planned; asserted %u and %u members with %u fields, %u bit-fields; %u "
               "untrusted, %u unnamed, %u failures\n",
               r->found[i]->name, count, planned, tally.records, tally.by_parent, tally.fields,
               tally.bit_fields, tally.untrusted, tally.unnamed, tally.failures);
        assert_true(tally.records > 0);
        plans += planned;
        records += count;
        oracle_add(&sum, &tally);
    }
    printf("%u packages, %u records, %u plans; refused:", r->count, records, plans);
    for (uint32_t i = 0; i < UL_REFUSAL_COUNT; i++) {
        if (refusals[i])
            printf(" %s %u", ul_refusal_name((ul_refusal_reason)i), refusals[i]);
    }
    printf("\n");
    assert_int_equal(sum.failures, 0);
    assert_int_equal(refusals[UL_REFUSE_MODEL_MISMATCH], 0);
    assert_true(sum.records >= FLOOR_RECORDS);
    assert_true(plans > 0);
    assert_true(sum.unnamed <= sum.records / 20);
    assert_true(sum.untrusted <= sum.records / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(compilers_agree_with_real_headers)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
