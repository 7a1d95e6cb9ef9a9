/* `ullage diff` on real repositories: which states are compared, what is said of them, and bad input of every kind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "repo_bench.h"

#define CONN "#include <stdint.h>\nstruct conn {\n    uint64_t id;\n%s    void *peer;\n    uint32_t fd, port;\n    uint64_t rx, tx, more, last;\n};\n"

/* struct conn of 56 bytes, or of 64 with `extra`. */
static const char *conn_with(repo *r, const char *extra)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, CONN "%s", extra, "");
    const char *copy = ul_arena_strdup(&r->arena, text.data);
    ul_strbuf_free(&text);
    return copy;
}

static int diff(repo *r, const char *arguments)
{
    return repo_sh(r, ul_arena_printf(&r->arena, "ullage diff %s", arguments));
}

static void commit(repo *r)
{
    repo_do(r, "git add -A && git commit -qm step --allow-empty");
}

static void begin(repo *r)
{
    repo_put(r, "conn.h", conn_with(r, ""));
    repo_put(r, "conn.c", "#include \"conn.h\"\nint f(struct conn *c) { return (int)c->fd; }\n");
    commit(r);
}

static const char grew[] = "conn.h:2:8: error: struct conn grew: class 56 -> 72, 0 -> 7 B in holes, 56 -> 64 B [size-class]\n";

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

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

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
        TEST(the_abi_view),
        TEST(the_schema),
        TEST(many_files),
        TEST(it_does_not_depend_on_jobs),
    };
    return cmocka_run_group_tests_name("diff", tests, NULL, NULL);
}
