/* SIGKILL at any moment while 200 files are rewritten: each is the old one or the new one, whole, and the next run finishes. */
#include "tests/fix_bench.h"

#include <signal.h>

enum { FILES = 200, KILLS = 40 };

static const char *record_text(bench *b, int i, bool is_new)
{
    return is_new ? ul_arena_printf(&b->arena, "struct r%d { char a%d; char c%d; double b%d; };\n", i, i, i, i)
                  : ul_arena_printf(&b->arena, "struct r%d { char a%d; double b%d; char c%d; };\n", i, i, i, i);
}

static void put_files(bench *b)
{
    ul_strbuf unit;
    ul_strbuf_init(&unit);
    for (int i = 0; i < FILES; i++) {
        put(b, ul_arena_printf(&b->arena, "r%d.h", i), record_text(b, i, false));
        ul_strbuf_printf(&unit, "#include \"r%d.h\"\nstruct r%d v%d;\n", i, i, i);
    }
    put(b, "all.c", unit.data);
    ul_strbuf_free(&unit);
}

static bool is_beside(bench *b)
{
    return system(ul_arena_printf(&b->arena, "ls -A '%s' | grep -q '[.]ullage-'", b->folder)) == 0;
}

/* Whether the first file that is renamed has another inode than `old`. */
static bool is_renamed(bench *b, ino_t old)
{
    struct stat info;
    return stat(path_of(b, "r0.h"), &info) == 0 && info.st_ino != old;
}

/*
 * Starts fix and kills it `delay_us` after its first file is beside its place, or after the first one is in its place; whether it was
 * still running.
 */
static bool run_and_kill(bench *b, bool waits_for_rename, useconds_t delay_us)
{
    struct stat before;
    assert_int_equal(stat(path_of(b, "r0.h"), &before), 0);
    pid_t child = fork();
    if (child == 0) {
        if (chdir(b->folder) == 0 && freopen("/dev/null", "w", stdout) && freopen("/dev/null", "w", stderr))
            execl(ULLAGE_BINARY, "ullage", "fix", "-q", "-j1", ".", (char *)NULL);
        _exit(127);
    }
    int status;
    for (int i = 0; i < 200000 && !(waits_for_rename ? is_renamed(b, before.st_ino) : is_beside(b)); i++) {
        if (waitpid(child, &status, WNOHANG) != 0)
            return false;
        usleep(waits_for_rename ? 50 : 1000);
    }
    usleep(delay_us);
    kill(child, SIGKILL);
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status);
}

static int count_new(bench *b)
{
    int count = 0;
    for (int i = 0; i < FILES; i++) {
        const char *now = slurp(b, ul_arena_printf(&b->arena, "r%d.h", i));
        bool is_new = strcmp(now, record_text(b, i, true)) == 0;
        if (!is_new && strcmp(now, record_text(b, i, false)) != 0)
            fail_msg("r%d.h is neither old nor new: %s", i, now);
        count += is_new;
    }
    return count;
}

static void every_file_is_whole(void **state)
{
    bench *b = *state;
    int killed = 0, between = 0;
    put_files(b);
    put_database(b, "all.c", "\"-std=gnu17\"");
    for (int i = 0; i < KILLS; i++) {
        if (count_new(b) == FILES)
            put_files(b);
        bool waits_for_rename = i % 2;
        if (waits_for_rename)
            put_files(b);
        killed += run_and_kill(b, waits_for_rename, (useconds_t)(waits_for_rename ? i * 100 % 3000 : i * 1700 % 60000));
        int now = count_new(b);
        between += now > 0 && now < FILES;
    }
    assert_int_equal(fix(b, "."), 0);
    assert_int_equal(count_new(b), FILES);
    printf("fix: killed %d times, %d times with some files new and some old\n", killed, between);
    assert_true(killed > 0 && between > 0);
    put_files(b);
    assert_int_equal(fix(b, "."), 0);
    assert_int_equal(sh(b, "ls -A | grep -c '[.]ullage-'"), 1); /* grep counts none: what was left has been swept */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_file_is_whole, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
