/* `ullage diff` and what trees hold: odd names, line ends, links, submodules, conflicts, generated headers, histories that lack something. */
#include "diff_bench.h"

static void names_of_files(void **state)
{
    repo *r = *state;
    static const char *const names[] = {"with space.h", "-dash.h", "new\nline.h", "latin\xe9.h", "quote\"s.h", "a'b.h", "sub dir/x.h", "tab\t.h"};
    begin(r);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = ul_arena_printf(&r->arena, "%s/work/%s", r->folder, names[i]);
        mkdir(ul_arena_printf(&r->arena, "%s/work/sub dir", r->folder), 0777);
        const char *text = ul_arena_printf(&r->arena, "struct s%d { void *p; };\n", (int)i);
        assert_int_equal(ul_file_write(path, text, strlen(text), &r->arena), UL_OK);
    }
    commit(r);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *path = ul_arena_printf(&r->arena, "%s/work/%s", r->folder, names[i]);
        const char *text = ul_arena_printf(&r->arena, "struct s%d { void *p, *q, *r, *s; };\n", (int)i);
        assert_int_equal(ul_file_write(path, text, strlen(text), &r->arena), UL_OK);
    }
    assert_int_equal(diff(r, "--format json"), 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        repo_has(r->out, ul_arena_printf(&r->arena, "\"name\":\"struct s%d\"", (int)i));
    repo_has(r->out, "\"failing\":8");
    repo_has(r->out, "\"file\":\"new\\nline.h\"");
    repo_has(r->out, "\"file\":\"latin\xef\xbf\xbd.h\"");
    commit(r);
    assert_int_equal(diff(r, "HEAD~1..HEAD --format concise"), 1);
    repo_do(r, "git rm -q ./-dash.h 'with space.h' && git commit -qm gone");
    assert_int_equal(diff(r, "HEAD~1 ./-dash.h --format concise"), 0);
    repo_has(r->out, "-dash.h:1:8: note: struct s1 removed");
    repo_lacks(r->out, "struct s0");
}

static void line_ends(void **state)
{
    repo *r = *state;
    repo_do(r, "git config core.autocrlf false");
    begin(r);
    repo_do(r, "sed -i 's/$/\\r/' conn.h");
    assert_int_equal(diff(r, "--format concise"), 0);
    assert_string_equal(r->out, "");
    commit(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    assert_int_equal(diff(r, "--format concise"), 1);
    assert_string_equal(r->out, grew);
    repo_do(r, "printf '*.h text eol=crlf\\n' > .gitattributes");
    commit(r);
    repo_do(r, "rm conn.h && git checkout conn.h && grep -q $'\\r' conn.h || test -n \"$(grep -c \"$(printf '\\r')\" conn.h)\"");
    assert_int_equal(diff(r, "HEAD~1..HEAD --format concise"), 1);
    assert_string_equal(r->out, grew);
}

static void one_side_does_not_parse(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "conn.h", "struct conn { char a int b; };\n");
    assert_int_equal(diff(r, "--format concise"), 2);
    repo_has(r->err, "conn.h:1:21: error: expected ';'");
    repo_lacks(r->out, "grew");
    commit(r);
    repo_put(r, "conn.h", conn_with(r, ""));
    assert_int_equal(diff(r, "--format concise"), 2);
    repo_has(r->err, "conn.h:1:21: error: HEAD: expected ';'");
    repo_has(r->out, "struct conn cannot be compared: the old side was read with errors");
    repo_put(r, "conn.h", "#include \"nothere.h\"\nstruct conn { int a; };\n");
    commit(r);
    assert_int_equal(diff(r, "HEAD~1..HEAD --format json"), 2);
    repo_has(r->err, "HEAD: 'nothere.h' file not found");
    repo_has(r->out, "\"level\":\"error\"");
}

static void conflicts(void **state)
{
    repo *r = *state;
    begin(r);
    repo_do(r, "git checkout -qb side");
    repo_put(r, "conn.h", conn_with(r, "    char a;\n"));
    commit(r);
    repo_do(r, "git checkout -q main");
    repo_put(r, "conn.h", conn_with(r, "    int b;\n"));
    commit(r);
    repo_sh(r, "git merge -q side");
    assert_int_equal(diff(r, ""), 2);
    repo_has(r->err, "conn.h:4:1: error: version control conflict marker in file");
    assert_int_equal(diff(r, "--staged"), 2);
    repo_has(r->err, "conn.h: error: a merge left it with conflicts: resolve them and `git add` it first");
    repo_do(r, "git add conn.h"); /* with its markers */
    assert_int_equal(diff(r, "--staged"), 2);
    repo_has(r->err, "the index: version control conflict marker in file");
}

static void what_git_lacks(void **state)
{
    repo *r = *state;
    begin(r);
    repo_put(r, "conn.h", conn_with(r, "    char flag;\n"));
    commit(r);
    assert_int_equal(diff(r, "v1.0"), 2);
    repo_has(r->err, "error: 'v1.0' is neither a revision nor a path here nor a file that changed; `git fetch` it, or look at its spelling");
    assert_int_equal(diff(r, "noword"), 2);
    repo_has(r->err, "'noword' is neither a revision nor a path here");
    assert_int_equal(diff(r, "HEAD nofile.h"), 2);
    repo_has(r->err, "'nofile.h' is neither a path here nor a file that changed");
    assert_int_equal(diff(r, "v1..HEAD"), 2);
    repo_has(r->err, "there is no revision 'v1' here");
    assert_int_equal(diff(r, "HEAD~1..HEAD --staged"), 2);
    repo_has(r->err, "'--staged' compares with the index");
    assert_int_equal(diff(r, "HEAD /etc"), 2);
    repo_has(r->err, "'/etc' is outside of the work tree");
    repo_do(r, "git branch conn.h");
    assert_int_equal(diff(r, "conn.h"), 2);
    repo_has(r->err, "'conn.h' is a revision and a path: write ./conn.h for the path, or conn.h^{} for the revision");
    assert_int_equal(diff(r, "./conn.h"), 0);
    assert_int_equal(diff(r, "'conn.h^{}'"), 0);
    repo_do(r, "git clone -q --depth 1 \"file://$PWD\" ../shallow && git clone -q --bare . ../bare.git");
    repo_do(r, "cd ../shallow && ! ullage diff HEAD~1 2>../said");
    repo_has(repo_slurp(r, repo_path(r, "said")), "this clone is shallow: fetch the history with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`");
    repo_do(r, "cd ../bare.git && { ullage diff HEAD~1 2>../said; test $? = 2; }");
    repo_has(repo_slurp(r, repo_path(r, "said")), "this repository is bare");
    repo_do(r, "cd .. && { ullage diff 2>said; test $? = 2; }");
    repo_has(repo_slurp(r, repo_path(r, "said")), "not inside a git work tree: run it in one, or use `ullage check --baseline FILE`");
    repo_do(r, "mkdir ../bin && ln -s \"$(command -v ullage)\" ../bin/ullage && { PATH=$PWD/../bin ullage diff 2>../said; test $? = 2; }");
    repo_has(repo_slurp(r, repo_path(r, "said")), "git is needed to compare with another state, and it is not installed or not on PATH");
    assert_int_equal(repo_sh(r, "GIT_DIR=/nowhere ullage diff"), 2);
    repo_has(r->err, "not inside a git work tree");
}

static void before_the_first_commit(void **state)
{
    repo *r = *state;
    repo_put(r, "conn.h", conn_with(r, ""));
    assert_int_equal(diff(r, "--staged"), 0);
    repo_do(r, "git add conn.h");
    assert_int_equal(diff(r, "--staged --format concise"), 0);
    assert_string_equal(r->out, "conn.h:2:8: note: struct conn added: 56 B (class 56), 1 line\n");
}

static void links_and_submodules(void **state)
{
    repo *r = *state;
    begin(r);
    repo_do(r, "git init -q -b main ../lib && cd ../lib && echo 'struct l { int a; };' > l.h && git add l.h && git commit -qm l");
    repo_do(r, "git -c protocol.file.allow=always submodule --quiet add ../lib lib && ln -s conn.h link.h");
    commit(r);
    repo_do(r, "cd lib && echo 'struct l { int a, b; };' > l.h && git commit -qam l2");
    repo_do(r, "ln -sf conn.c link.h");
    assert_int_equal(diff(r, ""), 0);
    repo_has(r->err, "lib: note: a submodule that changed: its files are read as they are on disk, on both sides; run `ullage diff` inside it");
    repo_has(r->err, "link.h: note: a symbolic link that changed");
    r->in = "lib";
    assert_int_equal(diff(r, "HEAD~1 --format concise"), 0);
    repo_has(r->out, "l.h:1:8: note: struct l grew: 4 -> 8 B");
    r->in = "";
    repo_do(r, "rm link.h && cp conn.h link.h");
    assert_int_equal(diff(r, ""), 0);
}

static void generated_headers(void **state)
{
    repo *r = *state;
    repo_put(r, ".gitignore", "build/\n");
    repo_put(r, "a.h", "#include \"config.h\"\nstruct a { char x[CONFIG]; };\n");
    repo_put(r, "a.c", "#include \"a.h\"\n");
    repo_put(r, "build/config.h", "#define CONFIG 8\n");
    repo_put(r, "build/compile_commands.json", "[{\"directory\": \"..\", \"file\": \"a.c\", \"command\": \"cc -Ibuild -c a.c\"}]");
    commit(r);
    repo_put(r, "a.h", "#include \"config.h\"\nstruct a { char x[CONFIG + 1]; };\n");
    assert_int_equal(diff(r, "--format concise"), 0);
    repo_has(r->out, "struct a grew: 8 -> 9 B");
    repo_has(r->err, "build/config.h: note: read as the build made it: git does not have it, so both sides read what is on disk now");
}

/* A header that is new on disk and shadows another: the old side cannot be had without it. */
static void a_file_too_many(void **state)
{
    repo *r = *state;
    repo_put(r, "second/x.h", "struct x { int a; };\n");
    repo_put(r, "m.c", "#include \"x.h\"\n");
    repo_put(r, "compile_commands.json", "[{\"directory\": \".\", \"file\": \"m.c\", \"command\": \"cc -Ifirst -Isecond -c m.c\"}]");
    commit(r);
    repo_put(r, "first/x.h", "struct x { int a, b; };\n");
    repo_do(r, "git add -A");
    repo_put(r, "m.c", "#include \"x.h\"\nstruct m { struct x x; };\n");
    assert_int_equal(diff(r, ""), 2);
    repo_has(r->err, "first/x.h: error: HEAD: it is on disk and not in HEAD, but a unit of that side includes it");
}

/* What is included may have any name; what git does not hand over as C is not passed off as the old state. */
static void an_include_of_another_name(void **state)
{
    repo *r = *state;
    repo_put(r, "a.h", "struct a {\n#include \"fields.txt\"\n};\n");
    repo_put(r, "fields.txt", "int x;\n");
    repo_put(r, "b.def", "int y;\n");
    repo_put(r, "b.h", "struct b {\n#include \"b.def\"\n};\n");
    commit(r);
    repo_put(r, "b.h", "/* said */ struct b {\n#include \"b.def\"\n};\n");
    repo_put(r, "b.def", "long y;\n");
    assert_int_equal(diff(r, "--format concise ./b.h"), 0);
    repo_has(r->out, "struct b grew: align 4 -> 8, 4 -> 8 B");
    repo_put(r, "a.h", "/* said */ struct a {\n#include \"fields.txt\"\n};\n");
    repo_put(r, "fields.txt", "long x[9];\n");
    assert_int_equal(diff(r, "--format concise ./a.h"), 2);
    repo_has(r->err, "fields.txt: error: HEAD: it changed, but by its name it is no C, and what is on disk was read");
}

static void many_files(void **state)
{
    repo *r = *state;
    enum { FILES = 400 };
    for (int i = 0; i < FILES; i++)
        repo_put(r, ul_arena_printf(&r->arena, "h%d.h", i), ul_arena_printf(&r->arena, "struct s%d { void *p; };\n", i));
    ul_strbuf all;
    ul_strbuf_init(&all);
    for (int i = 0; i < FILES; i++)
        ul_strbuf_printf(&all, "#include \"h%d.h\"\n", i);
    repo_put(r, "all.c", all.data);
    ul_strbuf_free(&all);
    repo_put(r, "compile_commands.json", "[{\"directory\": \".\", \"file\": \"all.c\", \"command\": \"cc -c all.c\"}]");
    commit(r);
    repo_do(r, "sed -i 's/void .p;/void *p, *q, *r, *s;/' h*.h && for i in $(seq 1 50); do git rm -qf h$i.h; done; sed -i '2,51d' all.c");
    assert_int_equal(diff(r, "--format concise"), 1);
    repo_has(r->out, "struct s399 grew: class 24 -> 40, 8 -> 32 B [size-class]");
    repo_has(r->out, "struct s50 removed");
    assert_string_equal(r->err, "");
    commit(r);
    assert_int_equal(diff(r, "HEAD~1..HEAD"), 1);
    repo_has(r->out, "400 records changed (50 removed, 350 grew), 350 compared; 350 fail");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_of_files),
        TEST(line_ends),
        TEST(one_side_does_not_parse),
        TEST(conflicts),
        TEST(what_git_lacks),
        TEST(before_the_first_commit),
        TEST(links_and_submodules),
        TEST(generated_headers),
        TEST(a_file_too_many),
        TEST(an_include_of_another_name),
        TEST(many_files),
    };
    return cmocka_run_group_tests_name("diff_trees", tests, NULL, NULL);
}
