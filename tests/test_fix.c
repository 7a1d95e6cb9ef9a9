/* ullage fix and the file system: patches, files in place, what must not be touched, questions, verification. */
#include "tests/fix_bench.h"

static const char wide[] = "struct conn {\n"
                           "    char flag;   /* is it open? */\n"
                           "    double rate; /* per second */\n"
                           "    char other;  /* or not */\n"
                           "};\n";
static const char narrow[] = "struct conn {\n"
                             "    char flag;   /* is it open? */\n"
                             "    char other;  /* or not */\n"
                             "    double rate; /* per second */\n"
                             "};\n";

/* conn.h with two units that include it. */
static void put_project(bench *b)
{
    put(b, "conn.h", wide);
    put(b, "a.c", "#include \"conn.h\"\nint a(struct conn *c) { return c->flag; }\n");
    put(b, "b.c", "#include \"conn.h\"\ndouble b(struct conn *c) { return c->rate; }\n");
    put_database(b, "a.c b.c", "");
}

static void writes_in_place(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(fix(b, "."), 0);
    has(b->out, "conn.h:1: `struct conn`: 24 -> 16 bytes\n");
    has(b->out, "1 record in 1 file changed, 8 bytes saved in one object of each; 0 left as they are\n");
    assert_string_equal(slurp(b, "conn.h"), narrow);
    assert_int_equal(fix(b, "."), 0);
    has(b->out, "0 records in 0 files");
    assert_int_equal(sh(b, "ls -A"), 0);
    lacks(b->out, ".ullage-");
}

static void patches_apply(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(sh(b, "rm -r .git && git init -q . && git add . && mkdir sub"), 0);
    assert_int_equal(sh(b, ul_arena_printf(&b->arena, "cd sub && '%s' fix --diff .. >../p", ULLAGE_BINARY)), 0);
    has(b->err, "1 record in 1 file to change");
    has(slurp(b, "p"), "--- a/conn.h\n+++ b/conn.h\n");
    assert_string_equal(slurp(b, "conn.h"), wide);
    assert_int_equal(sh(b, "git apply -p1 p"), 0);
    assert_string_equal(slurp(b, "conn.h"), narrow);
    assert_int_equal(sh(b, "git apply -p1 -R p && patch -s -p1 <p"), 0);
    assert_string_equal(slurp(b, "conn.h"), narrow);
    put(b, "conn.h", wide);
    assert_int_equal(fix(b, "--format diff --diff . -q"), 0);
    assert_string_equal(b->out, slurp(b, "p"));
    assert_string_equal(b->err, "");
}

static void check_says_whether(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(fix(b, "--check ."), 1);
    has(b->out, "to change");
    assert_string_equal(slurp(b, "conn.h"), wide);
    assert_int_equal(fix(b, "--check --diff . -q"), 1);
    has(b->out, "+++ b/conn.h");
    put(b, "conn.h", narrow);
    assert_int_equal(fix(b, "--check ."), 0);
    assert_int_equal(fix(b, "--check --struct con ."), 2);
    has(b->err, "did you mean 'conn'");
}

static void json_tells_all(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(fix(b, "--check . --format json -o r.json"), 1);
    const char *report = slurp(b, "r.json");
    has(report, "\"fix\":{\"state\":\"changed\",\"size_bytes\":16,\"initializers\":0,\"obstacles\":[],\"notes\":[]}");
    has(report, "\"fix\": {\"files\":[\"conn.h\"],\"changed\":1,\"left\":0,\"saved_bytes\":8,\"written\":false,\"rolled_back\":false,\"diff\":\"--- a/conn.h\\n");
    int status = sh(b, "python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json r.json");
    if (status != 77)
        assert_int_equal(status, 0);
}

static void mode_and_link_stay(void **state)
{
    bench *b = *state;
    struct stat info;
    put_project(b);
    assert_int_equal(sh(b, "mkdir real && mv conn.h real/ && ln -s real/conn.h conn.h && chmod 0750 real/conn.h"), 0);
    assert_int_equal(fix(b, "conn.h"), 0);
    assert_int_equal(lstat(path_of(b, "conn.h"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(path_of(b, "real/conn.h"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0750);
    assert_string_equal(slurp(b, "real/conn.h"), narrow);
}

static void one_header_by_two_paths(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(sh(b, "mkdir x && ln -s ../conn.h x/conn2.h && rm b.c"), 0);
    put(b, "b.c", "#include \"x/conn2.h\"\ndouble b(struct conn *c) { return c->rate; }\n");
    assert_int_equal(fix(b, ". -v"), 0);
    has(b->out, "1 record in 1 file changed");
    assert_string_equal(slurp(b, "conn.h"), narrow);
}

static void line_ends_stay(void **state)
{
    bench *b = *state;
    put_project(b);
    put(b, "conn.h", "\xef\xbb\xbfstruct conn {\r\n\tchar flag;\t// a\r\n\tdouble rate;\t// b\r\n\tchar other;\t// c\r\n};");
    assert_int_equal(fix(b, "."), 0);
    assert_string_equal(slurp(b, "conn.h"), "\xef\xbb\xbfstruct conn {\r\n\tchar flag;\t// a\r\n\tchar other;\t// c\r\n\tdouble rate;\t// b\r\n};");
}

static void hard_links_are_left(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(sh(b, "ln conn.h again.txt"), 0);
    assert_int_equal(fix(b, "."), 2);
    has(b->err, "conn.h: error: the file has more than one name (hard links)");
    assert_string_equal(slurp(b, "conn.h"), wide);
}

/* As root every directory is writable: the test is then of no use. */
static void a_directory_that_cannot_be_written(void **state)
{
    bench *b = *state;
    put_project(b);
    if (geteuid() == 0) {
        if (sh(b, "mkdir ro && chattr +i ro 2>/dev/null && chattr -i ro") != 0)
            skip();
        assert_int_equal(sh(b, "mv conn.h ro/ && sed -i 's|conn.h|ro/conn.h|' a.c b.c && chattr +i ro"), 0);
    } else {
        assert_int_equal(sh(b, "mkdir ro && mv conn.h ro/ && sed -i 's|conn.h|ro/conn.h|' a.c b.c && chmod a-w ro"), 0);
    }
    int status = fix(b, ".");
    const char *errors = b->err;
    sh(b, "chattr -i ro 2>/dev/null; chmod u+w ro");
    assert_int_equal(status, 2);
    has(errors, "ro/conn.h: error: the new file cannot be written beside it");
    has(errors, "no file is changed");
    assert_string_equal(slurp(b, "ro/conn.h"), wide);
}

/* The limit on the size of files stands for a disk that is full. */
static void no_room_for_the_new_file(void **state)
{
    bench *b = *state;
    put_project(b);
    char *padding = UL_NEW_ARRAY(&b->arena, char, 300000);
    memset(padding, ' ', 299999);
    put(b, "conn.h", ul_arena_printf(&b->arena, "%s/*%s*/\n", wide, padding));
    const char *before = slurp(b, "conn.h");
    sh(b, ul_arena_printf(&b->arena, "trap '' XFSZ; ulimit -f 200; '%s' fix -q .", ULLAGE_BINARY));
    assert_int_equal(b->status, 2);
    has(b->err, "conn.h: error: the new file cannot be written beside it: File too large: no file is changed");
    assert_string_equal(slurp(b, "conn.h"), before);
    assert_int_equal(sh(b, "ls -A"), 0);
    lacks(b->out, ".ullage-");
}

/* The question comes after the files were read: whoever answers may have changed one meanwhile. */
static void a_file_that_changed_meanwhile(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(sh(b, ul_arena_printf(&b->arena,
                                           "mkfifo answers; { sleep 2; echo '/* new */' >>conn.h; echo y; } >answers & "
                                           "'%s' fix -i . <answers",
                                           ULLAGE_BINARY)),
                     2);
    has(b->err, "conn.h: error: the file has changed since it was read: no file is changed");
    has(slurp(b, "conn.h"), wide);
    has(slurp(b, "conn.h"), "/* new */");
}

static void put_two(bench *b)
{
    put(b, "two.c", "struct in { char a; double b; char c; };\n"
                    "struct out { char d; struct in e; char f; };\n"
                    "struct out all;\n");
    put_database(b, "two.c", "");
}

static void answers_decide(void **state)
{
    bench *b = *state;
    put_two(b);
    assert_int_equal(fix(b, "-i . <<X\nperhaps\ny\nn\nX"), 0);
    has(b->err, "Change `struct in`? y: yes, n: no, a: this and all that follow, q: none of those that follow: ");
    has(b->err, "after:   16 B");
    has(b->err, "+struct in { char a; char c; double b; };");
    has(b->out, "`struct in`: 24 -> 16 bytes");
    has(b->out, "`struct out` stays as it is: 40 bytes, could be 24");
    has(b->out, "declined: the answer was no");
    has(slurp(b, "two.c"), "struct in { char a; char c; double b; };\nstruct out { char d; struct in e; char f; };");
    put_two(b);
    assert_int_equal(fix(b, "-i . <<X\nn\ny\nX"), 0);
    has(b->out, "`struct out`: 40 -> 32 bytes");
    has(slurp(b, "two.c"), "struct in { char a; double b; char c; };\nstruct out { char d; char f; struct in e; };");
    put_two(b);
    assert_int_equal(fix(b, "-i . <<X\na\nX"), 0);
    has(b->out, "2 records in 1 file changed");
    put_two(b);
    assert_int_equal(fix(b, "-i . <<X\nq\nX"), 0);
    has(b->out, "0 records in 0 files");
    put_two(b);
    assert_int_equal(fix(b, "-i . </dev/null"), 0);
    has(b->out, "0 records in 0 files");
}

static void only_one_record(void **state)
{
    bench *b = *state;
    put_two(b);
    assert_int_equal(fix(b, "--struct out ."), 0);
    has(b->out, "`struct out`: 40 -> 32 bytes");
    has(slurp(b, "two.c"), "struct in { char a; double b; char c; };\nstruct out { char d; char f; struct in e; };");
}

static void goals(void **state)
{
    bench *b = *state;
    put(b, "two.c", "struct near { char a; double b; char c; } n;\n"                    /* 24 to 16: glibc's class stays */
                    "struct far { char p; long q; char r; long s; char t; } f;\n"); /* 40 to 24 */
    put_database(b, "two.c", "");
    assert_int_equal(fix(b, "--goal class --diff ."), 0);
    has(b->err, "`struct near` stays as it is");
    has(b->err, "goal: the saving is not of the kind that --goal asks for");
    has(b->err, "`struct far`: 40 -> 24 bytes");
    assert_int_equal(fix(b, "--goal size --check . -q"), 1);
    has(b->out, "`struct near`: 24 -> 16 bytes");
    assert_int_equal(fix(b, "--goal speed ."), 2);
    put(b, "two.c", "struct far { char p; long q; char r; long s; char t; } f;\n"                   /* one line before and after */
                    "struct wide { char c[24]; char p; long q; char r; long s; char t; long u; } w;\n"); /* 80 to 64: two lines to one */
    assert_int_equal(fix(b, "--goal lines --diff ."), 0);
    has(b->err, "`struct far` stays as it is");
    has(b->err, "`struct wide`: 72 -> 56 bytes");
}

static void verified_or_put_back(void **state)
{
    bench *b = *state;
    put_project(b);
    assert_int_equal(fix(b, "--verify-command 'grep -q nothing conn.h' ."), 2);
    has(b->err, "'grep -q nothing conn.h' ends with status 1: every file is what it was");
    has(b->out, "1 record in 1 file changed and put back");
    assert_string_equal(slurp(b, "conn.h"), wide);
    assert_int_equal(fix(b, "--verify-command 'cc -c a.c b.c && echo fine' ."), 0);
    has(b->err, "fine");
    lacks(b->out, "fine");
    assert_string_equal(slurp(b, "conn.h"), narrow);
    assert_int_equal(fix(b, "--verify-command true --diff ."), 2);
    has(b->err, "has nothing to verify");
}

/* While the command runs somebody ends the tool, or changes the file. */
static void put_back_when_ended(void **state)
{
    bench *b = *state;
    put_project(b);
    sh(b, ul_arena_printf(&b->arena, "'%s' fix --verify-command 'echo >began; sleep 60' . & p=$!; "
                                     "while [ ! -e began ]; do sleep 0.05; done; kill -TERM $p; wait $p",
                          ULLAGE_BINARY));
    assert_int_equal(b->status, 2);
    has(b->err, "interrupted while verifying (Terminated): every file is what it was");
    assert_string_equal(slurp(b, "conn.h"), wide);
    assert_int_equal(fix(b, "--verify-command 'echo // mine >>conn.h; false' ."), 2);
    has(b->err, "conn.h: error: the file cannot be made what it was: somebody else has changed it since");
    has(slurp(b, "conn.h"), "// mine");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_in_place, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(patches_apply, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(check_says_whether, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(json_tells_all, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(mode_and_link_stay, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(one_header_by_two_paths, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(line_ends_stay, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(hard_links_are_left, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_written, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(no_room_for_the_new_file, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_changed_meanwhile, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(answers_decide, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(only_one_record, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(goals, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(verified_or_put_back, fix_set_up, bench_tear_down),
        cmocka_unit_test_setup_teardown(put_back_when_ended, fix_set_up, bench_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
