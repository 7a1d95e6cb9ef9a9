/* `ullage diff` on real repositories: which states are compared, what is said of them, what fails, and in which form. */
#include "diff_bench.h"

static void states(void **state)
{
    repo *r = *state;
    begin(r);
    assert_int_equal(diff(r, ""), 0);
    repo_has(r->out, "HEAD -> the work tree: no layout changed, 0 records compared\n");
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    assert_int_equal(diff(r, "--format concise"), 1);
    assert_string_equal(r->out, grew);
    assert_int_equal(diff(r, "--staged --format concise"), 0);
    assert_string_equal(r->out, "");
    repo_do(r, "git add conn.h");
    assert_int_equal(diff(r, "--staged --format concise"), 1);
    assert_string_equal(r->out, grew);
    commit(r);
    assert_int_equal(diff(r, "--format concise"), 0);
    assert_int_equal(diff(r, "HEAD~1 --format concise"), 1);
    assert_string_equal(r->out, grew);
    assert_int_equal(diff(r, "HEAD~1.. --format concise"), 1);
    assert_string_equal(r->out, grew);
    assert_int_equal(diff(r, "HEAD..HEAD~1 --format concise"), 0);
    repo_has(r->out, "note: struct conn shrank: class 72 -> 56, 7 -> 0 B in holes, 64 -> 56 B\n");
    repo_do(r, "git checkout -qb side HEAD~1 && git commit -qm other --allow-empty");
    assert_int_equal(diff(r, "main...side"), 0); /* side did nothing of its own */
    assert_int_equal(diff(r, "side...main --format concise"), 1);
    assert_int_equal(diff(r, "main..side"), 0);
    repo_has(r->out, "1 shrank");
}

static void words_of_a_change(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    diff(r, "");
    assert_string_equal(r->out, "conn.h:2:8: error: struct conn grew: class 56 -> 72, 0 -> 7 B in holes, 56 -> 64 B [size-class]\n"
                                "   `flag` (char) is new at 8\n"
                                "   7 following fields moved by +8\n"
                                "   new hole of 7 B after `flag`\n"
                                "before:   56 B (class 56)  align 8   1 line\n"
                                "L0 ├──────┤├──────┤├──┤├──┤├──────┤├──────┤├──────┤├──────┤\n"
                                "   id      peer    fd  por rx      tx      more    last\n"
                                "after:   64 B (class 72)  align 8   1 line   7 B in 1 hole\n"
                                "L0 ├──────┤│░░░░░░░├──────┤├──┤├──┤├──────┤├──────┤├──────┤├──────┤\n"
                                "   id      f  ~7~  peer    fd  por rx      tx      more    last\n"
                                "\n"
                                "HEAD -> the work tree: 1 record changed (1 grew), 1 compared; 1 fails\n");
}

static void partial_staging(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    repo_do(r, "git add conn.h");
    repo_put(r, "conn.h", conn_with(r, ""));
    assert_int_equal(diff(r, "--format concise"), 0);
    assert_int_equal(diff(r, "--staged --format concise"), 1); /* the index, not what is on disk */
    assert_string_equal(r->out, grew);
    repo_do(r, "rm conn.h");
    assert_int_equal(diff(r, "--staged --format concise"), 1);
    assert_string_equal(r->out, grew);
}

static void what_fails(void **state)
{
    repo *r = *state;
    repo_put(r, "s.h", "struct s { void *p; char a; };\n");
    commit(r);
    repo_put(r, "s.h", "struct s { char a; void *p; };\n");
    assert_int_equal(diff(r, ""), 0);
    repo_has(r->out, "note: struct s reordered: 0 -> 7 B in holes, 16 B as before\n");
    assert_int_equal(diff(r, "--fail-on hole"), 1);
    repo_has(r->out, "[hole]");
    assert_int_equal(diff(r, "--fail-on grew,straddle"), 0);
    assert_int_equal(diff(r, "--fail-on any"), 1);
    repo_put(r, "s.h", "struct s { void *p; char a; void *q, *r; };\n");
    assert_int_equal(diff(r, ""), 1);
    assert_int_equal(diff(r, "--fail-on none"), 0);
    assert_int_equal(diff(r, "--allocator none"), 0);
    assert_int_equal(diff(r, "--line-bytes 16"), 1);
    repo_has(r->out, "1 -> 2 lines");
    assert_int_equal(diff(r, "--fail-on sizeclass"), 2);
    repo_has(r->err, "did you mean 'size-class'?");
}

static void what_the_source_accepts(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    repo_do(r, "sed -i 's|^struct conn|// ullage: ignore[layout-regression] -- room for the flag\\n&|' conn.h");
    assert_int_equal(diff(r, "--format concise"), 0);
    repo_has(r->out, "note: struct conn grew: class 56 -> 72");
}

static void embedded_records_and_guards(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", "struct a { int x; };\n_Static_assert(sizeof(struct a) == 4, \"wire\");\n");
    repo_put(r, "b.h", "#include \"a.h\"\nstruct b { struct a a; int y; };\n");
    repo_put(r, "b.c", "#include \"b.h\"\n");
    repo_put(r, "compile_commands.json", "[{\"directory\": \".\", \"file\": \"b.c\", \"command\": \"cc -c b.c\"}]");
    commit(r);
    repo_put(r, "a.h", "struct a { int x, z; };\n_Static_assert(sizeof(struct a) == 4, \"wire\");\n");
    assert_int_equal(diff(r, "--format concise"), 1);
    repo_has(r->out, "a.h:1:8: error: struct a grew: breaks a static assertion, 4 -> 8 B [guard]\n");
    repo_has(r->out, "b.h:2:8: note: struct b grew: 8 -> 12 B\n");
    commit(r);
    repo_put(r, "a.h", "struct a { int x, z; };\n_Static_assert(sizeof(struct a) == 8, \"wire\");\n");
    assert_int_equal(diff(r, "--format concise"), 0); /* what mends the assertion passes */
    repo_put(r, "a.h", "struct a { int z, x; };\n_Static_assert(sizeof(struct a) == 4, \"wire\");\n");
    assert_int_equal(diff(r, "--format concise"), 0);
    repo_has(r->err, "as it did before");
}

static void renamed_deleted_moved(void **state)
{
    repo *r = *state;
    repo_put(r, "include/old.h", conn_with(r, ""));
    repo_put(r, "include/gone.h", "struct gone { int a; };\n");
    repo_put(r, "include/part.h", "struct stays { int a; };\nstruct moves { int b; };\n");
    repo_put(r, "src/main.c", "#include \"old.h\"\n#include \"../include/gone.h\"\n#include \"part.h\"\n");
    repo_put(r, "compile_commands.json", "[{\"directory\": \"src\", \"file\": \"main.c\", \"command\": \"cc -I ../include -c main.c\"}]");
    commit(r);
    repo_do(r, "git mv include/old.h include/new.h && git rm -q include/gone.h");
    repo_put(r, "include/new.h", conn_with(r, "    char flag;\n"));
    repo_put(r, "include/part.h", "struct stays { int a; };\n");
    repo_put(r, "include/other.h", "struct moves { int b; };\n");
    repo_put(r, "src/main.c", "#include \"new.h\"\n#include \"part.h\"\n#include \"other.h\"\n");
    commit(r);
    const char *const both[] = {"HEAD~1", "HEAD~1..HEAD"};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(diff(r, ul_arena_printf(&r->arena, "%s --format concise", both[i])), 1);
        assert_string_equal(r->out, "include/new.h:2:8: error: struct conn grew: class 56 -> 72, 0 -> 7 B in holes, 56 -> 64 B [size-class]\n"
                                    "include/gone.h:1:8: note: struct gone removed: was 4 B (class 24), 1 line\n"
                                    "include/other.h:1:8: note: struct moves moved: 4 B as before, was in include/part.h\n");
        assert_string_equal(r->err, "");
    }
    /* The other way round the old side's files are those of today, and the new side's are gone from disk. */
    assert_int_equal(diff(r, "HEAD..HEAD~1 --format concise"), 0);
    repo_has(r->out, "include/old.h:2:8: note: struct conn shrank");
    repo_has(r->out, "include/gone.h:1:8: note: struct gone added");
    assert_string_equal(r->err, "");
    assert_int_equal(diff(r, "HEAD~1 include/gone.h --format concise"), 0);
    assert_string_equal(r->out, "include/gone.h:1:8: note: struct gone removed: was 4 B (class 24), 1 line\n");
    assert_int_equal(diff(r, "HEAD~1 include/old.h --format concise"), 1);
    repo_has(r->out, "include/new.h:2:8: error: struct conn grew");
    repo_lacks(r->out, "moves");
}

static void the_abi_view(void **state)
{
    repo *r = *state;
    repo_put(r, "include/api.h", "struct api { int a; int b; };\n");
    repo_put(r, "src/inner.h", "struct inner { int a; int b; };\n");
    commit(r);
    repo_put(r, "include/api.h", "struct api { int b; int a; };\n");
    repo_put(r, "src/inner.h", "struct inner { int b; int a; };\n");
    assert_int_equal(diff(r, "--format concise"), 0);
    assert_int_equal(diff(r, "--abi --public include"), 1);
    repo_has(r->out, "include/api.h:1:8: error: struct api reordered: breaks old binaries, 8 B as before [abi]");
    repo_has(r->out, "old binaries break: a field has another offset");
    repo_has(r->out, "src/inner.h:1:8: note: struct inner reordered: 8 B as before");
    repo_put(r, ".ullage.yml", "public: [include/]\n");
    assert_int_equal(diff(r, "--abi --format concise"), 1);
    repo_has(r->out, "[abi]");
}

static void the_schema(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "more.h", "struct old { int a : 3; int b; };\nunion u { int a; char b[9]; };\n"
                          "struct hot { long head; // ullage: hot(rx)\n char x[48]; long tail; // ullage: hot(rx)\n};\n"
                          "// ullage: instances(1e6)\nstruct many { long a, b, c; };\n");
    commit(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    repo_put(r, "more.h", "struct new_one { int a; };\nunion u { int a; char b[9]; long c[2]; };\n"
                          "struct hot { long head; // ullage: hot(rx)\n char x[48]; void *y; long tail; // ullage: hot(rx)\n};\n"
                          "// ullage: instances(1e6)\nstruct many { long a, b, c; char *d; };\n"
                          "_Static_assert(sizeof(struct many) == 24, \"fixed\");\n");
    assert_int_equal(diff(r, "--format json -o ../report.json"), 1);
    const char *command = "python3 " ULLAGE_SOURCE_DIR "/tests/validate.py " ULLAGE_SOURCE_DIR "/docs/schema/ullage.diff-1.schema.json ../report.json";
    if (repo_sh(r, command) == 77)
        skip();
    assert_string_equal(r->out, "");
    assert_int_equal(r->status, 0);
    const char *text = repo_slurp(r, repo_path(r, "report.json"));
    repo_has(text, "\"hot_groups\":[{\"group\":\"rx\",\"lines\":2,\"old_lines\":1,\"off_line\":\"tail\"}]");
    repo_has(text, "\"cost_bytes\":16000000");
    repo_has(text, "costs 16 MB with 1000000 alive");
    assert_int_equal(diff(r, "--format diff"), 2);
    repo_has(r->err, "the format 'diff' is for the findings of 'check'; 'diff' takes text, concise");
    /* Formats that have findings say what fails as such. */
    assert_int_equal(diff(r, "--format github"), 1);
    repo_has(r->out, "file=conn.h,line=2");
    repo_has(r->out, "`struct conn` grew: class 56 -> 72");
    assert_int_equal(diff(r, "--format gitlab"), 1);
    repo_has(r->out, "\"check_name\":\"layout-regression\"");
    assert_int_equal(diff(r, "--format sarif"), 1);
    repo_has(r->out, "\"ruleId\":\"layout-regression\"");
    assert_int_equal(diff(r, "--format rdjson"), 1);
    repo_has(r->out, "grew: class 56 -> 72");
}

static void it_does_not_depend_on_jobs(void **state)
{
    repo *r = *state;
    for (int i = 0; i < 12; i++) {
        repo_put(r, ul_arena_printf(&r->arena, "h%d.h", i), ul_arena_printf(&r->arena, "struct s%d { void *p; };\n", i));
        repo_put(r, ul_arena_printf(&r->arena, "c%d.c", i), ul_arena_printf(&r->arena, "#include \"h%d.h\"\n", i));
    }
    commit(r);
    repo_do(r, "sed -i 's/void .p;/char c; void *p; char d;/' h*.h");
    assert_int_equal(diff(r, "--format json -j1"), 0);
    const char *one = r->out;
    assert_int_equal(diff(r, "--format json -j7"), 0);
    assert_string_equal(one, r->out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(states),
        TEST(words_of_a_change),
        TEST(partial_staging),
        TEST(what_fails),
        TEST(what_the_source_accepts),
        TEST(embedded_records_and_guards),
        TEST(renamed_deleted_moved),
        TEST(the_abi_view),
        TEST(the_schema),
        TEST(it_does_not_depend_on_jobs),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
