/*
 * Who may include whom, as architecture.md has it: reads every #include of every source of the house.
 * What the table does not list is a failure, and so is a folder that it does not know.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "layout/model/lexer.h"

#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

typedef enum room {
    RUNTIME,
    MODEL,
    PARSE,
    PROFILE,
    ENGINE,
    RULES,
    REWRITE,
    REPORT,
    CLI,
    /* not ours: */
    LIBC,
    CLANG,
    CJSON,
    UTHASH,
    YAML,
    VALGRIND,
    ROOM_COUNT,
    NOWHERE = ROOM_COUNT
} room;

#define MAY(room) (1u << (room))
enum { BASE = MAY(MODEL) | MAY(RUNTIME) | MAY(LIBC), OURS = MAY(LIBC) - 1 };

/* `folder`: where its files are; `prefix`: how an #include spells it. Every room may include itself. */
static const struct {
    const char *folder, *prefix;
    unsigned may_include;
} rooms[ROOM_COUNT] = {
    [RUNTIME] = {"runtime/", "ullage/",
                 MAY(RUNTIME) | MAY(LIBC) | MAY(UTHASH) | MAY(VALGRIND)}, /* header-only, at build time */
    [MODEL] = {"layout/model/", "layout/model/", BASE},
    [PARSE] = {"layout/parse/", "layout/parse/", BASE | MAY(PARSE) | MAY(CLANG) | MAY(UTHASH)},
    [PROFILE] = {"layout/profile/", "layout/profile/", BASE | MAY(PROFILE) | MAY(CJSON) | MAY(UTHASH)},
    [ENGINE] = {"layout/engine/", "layout/engine/", BASE | MAY(ENGINE) | MAY(UTHASH)},
    [RULES] = {"layout/rules/", "layout/rules/", BASE | MAY(ENGINE) | MAY(RULES)},
    [REWRITE] = {"layout/rewrite/", "layout/rewrite/", BASE | MAY(REWRITE)},
    [REPORT] = {"report/", "report/", BASE | MAY(REPORT) | MAY(CJSON)},
    [CLI] = {"cli/", "cli/", OURS | MAY(LIBC) | MAY(CJSON) | MAY(UTHASH) | MAY(YAML)},
    [CLANG] = {NULL, "clang-c/", 0},
    [CJSON] = {NULL, "cjson/", 0},
    [UTHASH] = {NULL, "uthash.h", 0},
    [YAML] = {NULL, "yaml.h", 0},
    [VALGRIND] = {NULL, "valgrind/", 0},
};

/* C17 and POSIX; the last lines are Linux's own. */
static const char *const libc_headers[] = {
    "assert.h",      "complex.h",    "ctype.h",     "errno.h",       "fenv.h",       "float.h",
    "inttypes.h",    "iso646.h",     "limits.h",    "locale.h",      "math.h",       "setjmp.h",
    "signal.h",      "stdalign.h",   "stdarg.h",    "stdatomic.h",   "stdbool.h",    "stddef.h",
    "stdint.h",      "stdio.h",      "stdlib.h",    "stdnoreturn.h", "string.h",     "tgmath.h",
    "threads.h",     "time.h",       "uchar.h",     "wchar.h",       "wctype.h",     "aio.h",
    "arpa/inet.h",   "dirent.h",     "dlfcn.h",     "fcntl.h",       "fnmatch.h",    "ftw.h",
    "getopt.h",      "glob.h",       "grp.h",       "iconv.h",       "langinfo.h",   "libgen.h",
    "netdb.h",       "netinet/in.h", "poll.h",      "pthread.h",     "pwd.h",        "regex.h",
    "sched.h",       "search.h",     "semaphore.h", "spawn.h",       "strings.h",    "syslog.h",
    "termios.h",     "unistd.h",     "wordexp.h",   "sys/ioctl.h",   "sys/mman.h",   "sys/resource.h",
    "sys/select.h",  "sys/socket.h", "sys/stat.h",  "sys/time.h",    "sys/types.h",  "sys/uio.h",
    "sys/utsname.h", "sys/wait.h",   "malloc.h",    "sys/prctl.h",   "sys/random.h", "sys/syscall.h",
    "execinfo.h",    "sys/xattr.h",  "sys/sysinfo.h",
};

static bool starts_with(const char *text, const char *prefix)
{
    return prefix && strncmp(text, prefix, strlen(prefix)) == 0;
}

static room room_of_file(const char *path)
{
    for (room at = 0; at < ROOM_COUNT; at++) {
        if (starts_with(path, rooms[at].folder))
            return at;
    }
    return NOWHERE;
}

static room room_of_include(const char *name, bool is_quoted)
{
    for (room at = 0; at < ROOM_COUNT; at++) {
        if (starts_with(name, rooms[at].prefix) && is_quoted == (rooms[at].folder != NULL))
            return at;
    }
    if (is_quoted)
        return NOWHERE;
    for (uint32_t i = 0; i < COUNT(libc_headers); i++) {
        if (strcmp(name, libc_headers[i]) == 0)
            return LIBC;
    }
    return NOWHERE;
}

/* Whether the file at `path` (below the root) may say #include of `name`. */
static bool may_include(const char *path, const char *name, bool is_quoted)
{
    if (is_quoted && (strcmp(name, "allocator_tables.inc") == 0 || strcmp(name, "model_digest.inc") == 0))
        return room_of_file(path) == MODEL; /* made at build time, for target.c */
    if (is_quoted && starts_with(name, "ullage/private/"))
        return starts_with(path, "runtime/src/"); /* not even an installed header of the runtime */
    if (is_quoted && strcmp(name, "report_assets.inc") == 0)
        return room_of_file(path) == REPORT; /* the same, for html.c */
    room from = room_of_file(path), to = room_of_include(name, is_quoted);
    return from != NOWHERE && to != NOWHERE && (rooms[from].may_include & MAY(to));
}

/* The name in an #include, copied to `name`: '"' or '<', 0 for another directive, '?' when it is no name. */
static char read_include(const char *directive, size_t length, char name[256])
{
    const char *at = directive, *end = directive + length;
    at += *at == '%' ? 2 : 1; /* %: is # */
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    if ((size_t)(end - at) < strlen("include") || strncmp(at, "include", strlen("include")) != 0)
        return 0;
    at += strlen("include");
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    const char *close = at < end && (*at == '"' || *at == '<')
                            ? memchr(at + 1, *at == '"' ? '"' : '>', (size_t)(end - at) - 1)
                            : NULL;
    if (!close || close - at > 255)
        return '?';
    memcpy(name, at + 1, (size_t)(close - at) - 1);
    name[close - at - 1] = '\0';
    return *at;
}

static unsigned all_wrong, files_seen[ROOM_COUNT + 1],
    includes_seen[ROOM_COUNT]; /* nftw has no place for them */

/* Whether a quoted name is a file of ours; the compiler would look beside the includer first. */
static bool is_there(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s%s", ULLAGE_SOURCE_DIR,
             starts_with(name, "ullage/private/") ? "runtime/src/"
             : starts_with(name, "ullage/")       ? "runtime/include/"
                                                  : "",
             name);
    return access(path, R_OK) == 0 || strcmp(name, "allocator_tables.inc") == 0 ||
           strcmp(name, "model_digest.inc") == 0 || strcmp(name, "report_assets.inc") == 0;
}

/* How many of its #includes are wrong, named in the output when `is_loud`. */
static unsigned check_text(const char *path, const char *text, size_t length, bool is_loud)
{
    unsigned wrong = 0;
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_tokens tokens;
    ul_tokens_read(&tokens, text, length, &arena);
    for (uint32_t i = 0; i < tokens.count; i++) {
        const ul_token *token = &tokens.items[i];
        char name[256] = "a macro";
        char kind = token->kind == UL_TOKEN_DIRECTIVE
                        ? read_include(text + token->begin, token->end - token->begin, name)
                        : 0;
        if (!kind)
            continue;
        bool is_allowed = kind != '?' && may_include(path, name, kind == '"');
        room to = room_of_include(name, kind == '"');
        if (is_loud && to != NOWHERE)
            includes_seen[to]++;
        if (is_allowed && (kind == '<' || is_there(name)))
            continue;
        if (is_loud)
            print_message("%s:%u: may not include %s\n", path, token->line, name);
        wrong++;
    }
    ul_arena_free(&arena);
    return wrong;
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    const char *dot = strrchr(path + walk->base, '.');
    if (type != FTW_F || !dot ||
        (strcmp(dot, ".c") != 0 && strcmp(dot, ".h") != 0 && strcmp(dot, ".def") != 0))
        return type == FTW_DNR;
    const char *below = path + strlen(ULLAGE_SOURCE_DIR) + 1;
    room from = room_of_file(below);
    files_seen[from]++;
    if (from == NOWHERE) {
        print_message("%s: in no room of the table\n", below);
        all_wrong++;
        return 0;
    }
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char text[1 << 20];
    size_t length = fread(text, 1, sizeof text, file);
    assert_true(length < sizeof text);
    fclose(file);
    all_wrong += check_text(below, text, length, true);
    return 0;
}

static void test_the_house(void **state)
{
    (void)state;
    static const char *const folders[] = {"runtime", "layout", "report", "cli"};
    for (uint32_t i = 0; i < COUNT(folders); i++) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", ULLAGE_SOURCE_DIR, folders[i]);
        assert_int_equal(nftw(path, visit, 16, FTW_PHYS), 0);
    }
    if (all_wrong)
        fail_msg("%u violations of the table in architecture.md", all_wrong);
    static const room busy[] = {RUNTIME, MODEL, PARSE, ENGINE, RULES, REPORT, CLI};
    for (uint32_t i = 0; i < COUNT(busy); i++) {
        assert_true(files_seen[busy[i]] >= 2); /* the walk saw them */
        assert_true(includes_seen[busy[i]] >= 1);
    }
    assert_true(includes_seen[LIBC] >= 50 && includes_seen[CLANG] >= 1 && includes_seen[CJSON] >= 1);
}

static void test_the_table_bites(void **state)
{
    (void)state;
    static const struct {
        const char *path, *name;
        bool is_quoted, is_allowed;
    } cases[] = {
        {"layout/parse/a.c", "clang-c/Index.h", false, true},
        {"layout/engine/a.c", "clang-c/Index.h", false, false},
        {"cli/a.c", "clang-c/Index.h", false, false},
        {"layout/rewrite/a.c", "clang-c/Index.h", false, false},
        {"report/a.c", "cjson/cJSON.h", false, true},
        {"cli/a.c", "cjson/cJSON.h", false, true},
        {"layout/parse/a.c", "cjson/cJSON.h", false, false},
        {"runtime/src/a.c", "cjson/cJSON.h", false, false},
        {"runtime/src/a.c", "ullage/arena.h", true, true},
        {"runtime/src/a.c", "layout/model/diag.h", true, false},
        {"runtime/src/a.c", "ullage/private/sys.h", true, true},
        {"runtime/include/ullage/a.h", "ullage/private/sys.h", true, false},
        {"layout/model/a.h", "ullage/private/sys.h", true, false},
        {"layout/model/a.h", "ullage/arena.h", true, true},
        {"layout/model/a.h", "layout/engine/facts.h", true, false},
        {"layout/engine/a.c", "layout/parse/reader.h", true, false},
        {"layout/parse/a.c", "layout/engine/plan.h", true, false},
        {"layout/rules/a.c", "layout/engine/plan.h", true, true},
        {"layout/engine/a.c", "layout/rules/rule.h", true, false},
        {"layout/rewrite/a.c", "layout/engine/plan.h", true, false},
        {"layout/rewrite/a.c", "layout/model/plan.h", true, true},
        {"report/a.c", "layout/engine/facts.h", true, false},
        {"report/a.c", "layout/rules/rule.h", true, false},
        {"report/a.c", "cli/config.h", true, false},
        {"layout/rules/a.c", "report/format.h", true, false},
        {"cli/a.c", "layout/parse/workers.h", true, true},
        {"cli/a.c", "report/format.h", true, true},
        {"cli/a.c", "uthash.h", false, true},
        {"cli/a.c", "yaml.h", false, true},
        {"layout/rules/a.c", "yaml.h", false, false},
        {"report/a.c", "yaml.h", false, false},
        {"layout/parse/a.c", "uthash.h", false, true},
        {"layout/rules/a.c", "uthash.h", false, false},
        {"report/a.c", "curl/curl.h", false, false},
        {"report/a.c", "string.h", false, true},
        {"report/a.c", "report/format.h", false, false},
        {"report/a.c", "format.h", true, false},
        {"report/a.c", "../cli/config.h", true, false},
        {"layout/a.c", "string.h", false, false},
        {"layout/model/target.c", "allocator_tables.inc", true, true},
        {"layout/model/facts_file.c", "model_digest.inc", true, true},
        {"cli/a.c", "model_digest.inc", true, false},
        {"report/a.c", "allocator_tables.inc", true, false},
        {"report/html.c", "report_assets.inc", true, true},
        {"cli/a.c", "report_assets.inc", true, false},
        {"runtime/src/a.c", "allocator_tables.inc", true, false},
    };
    for (uint32_t i = 0; i < COUNT(cases); i++) {
        if (may_include(cases[i].path, cases[i].name, cases[i].is_quoted) != cases[i].is_allowed)
            fail_msg("%s including %s is %s", cases[i].path, cases[i].name,
                     cases[i].is_allowed ? "refused" : "let through");
    }
}

static void test_spellings(void **state)
{
    (void)state;
    static const char clean[] =
        "/*\n#include <uthash.h>\n*/ // #include <uthash.h>\n#define A <uthash.h>\n#include <string.h>\n";
    assert_int_equal(check_text("report/a.c", clean, sizeof clean - 1, false), 0);
    static const char *const dirty[] = {
        "#include <uthash.h>",
        "  #  include\t<uthash.h>",
        "#if 0\n#include <uthash.h>\n#endif",
        "/* x */ #include <uthash.h>",
        "%:include <uthash.h>",
        "#include \"report/no_such_file.h\"",
        "#include MACRO",
        "#include <string.h>\n#include \"uthash.h\"",
        "#include<uthash.h>",
        "#include_next <string.h>",
    };
    for (uint32_t i = 0; i < COUNT(dirty); i++)
        assert_int_equal(check_text("report/a.c", dirty[i], strlen(dirty[i]), false), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table_bites),
        cmocka_unit_test(test_spellings),
        cmocka_unit_test(test_the_house),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
