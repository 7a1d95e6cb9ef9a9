/* `ullage facts` and `merge`, and what check and show make of them: the same reports as from the sources, byte for byte, however the units were
 * grouped; one file written and no other; and what is foreign, stale or mixed refused. */
#include "repo_bench.h"

enum { FILES_MAX = 128 };

/* Two small units of a project that share a header, with threads, a cast, a lock and an annotation that stands on nothing. */
static const char conn_h[] = "#include <stdint.h>\n"
                             "struct conn {\n"
                             "    uint8_t flag;\n"
                             "    void *peer;\n"
                             "    uint8_t kind; // ullage: writer(rx)\n"
                             "};\n"
                             "// ullage: keep-order -- on nothing\n"
                             "#ifdef WIDE\n"
                             "typedef long number;\n"
                             "#else\n"
                             "typedef int number;\n"
                             "#endif\n"
                             "struct wide { char a; number b; char c; };\n";
static const char a_c[] = "#include \"conn.h\"\n#include <string.h>\nstruct conn one = {1, 0, 2};\n"
                          "int same(struct conn *a, struct conn *b) { return memcmp(a, b, sizeof *a); }\n";
static const char b_c[] = "#include \"conn.h\"\nstatic struct conn many[8];\nvoid set(int i) { many[i].kind = 1; }\n";

static void make_project(repo *r)
{
    repo_put(r, "src/conn.h", conn_h);
    repo_put(r, "src/a.c", a_c);
    repo_put(r, "src/b.c", b_c);
}

static void make_facts(repo *r)
{
    make_project(r);
    repo_do(r, "ullage facts src/a.c -o a.facts --");
    repo_do(r, "ullage facts src/b.c -o b.facts -- -DWIDE");
    repo_do(r, "ullage merge a.facts b.facts -o all.facts");
}

/* Nothing but OUT is written, and OUT only when all went well. */
static void one_file(void **state)
{
    repo *r = *state;
    make_project(r);
    repo_do(r, "ls -A . src >../before; ullage facts src/a.c -o a.facts --; ls -A . src | grep -v '^a.facts$' >../after; cmp ../before ../after; test -s a.facts");
    repo_put(r, "src/bad.c", "struct bad { missing_t a; };\n");
    assert_int_equal(repo_sh(r, "ullage facts src/bad.c -o bad.facts --"), 2);
    repo_has(r->err, "bad.c:1:14: error: unknown type name 'missing_t'");
    assert_int_equal(repo_sh(r, "test -e bad.facts"), 1);
    assert_int_equal(repo_sh(r, "ullage facts src/bad.c -o a.facts --; test -s a.facts && ullage show --facts a.facts -q"), 0);
    repo_has(r->out, "struct conn");
    assert_int_equal(repo_sh(r, "ullage facts src/bad.c -o bad.facts --keep-going --"), 2);
    assert_int_equal(repo_sh(r, "ullage check --facts bad.facts"), 2); /* as it is from the source */
    repo_has(r->err, "unknown type name 'missing_t'");
    assert_int_equal(repo_sh(r, "ullage facts src/a.c -o src/conn.h --"), 2);
    repo_has(r->err, "src/conn.h: error: the unit reads it: it is not written over");
    assert_int_equal(repo_sh(r, "ullage facts src/a.c -o x --depfile ./src/../src/a.c --"), 2);
    assert_string_equal(repo_slurp(r, repo_path(r, "work/src/conn.h")), conn_h);
    assert_string_equal(repo_slurp(r, repo_path(r, "work/src/a.c")), a_c);
    assert_int_equal(repo_sh(r, "ullage facts src/a.c -o nowhere/x --"), 2);
    repo_has(r->err, "cannot write to 'nowhere/x': No such file or directory");
    repo_do(r, "test ! -e x; ls -A src");
    assert_string_equal(r->out, "a.c\nb.c\nbad.c\nconn.h\n");
}

static void usage(void **state)
{
    repo *r = *state;
    static const struct {
        const char *arguments, *message;
    } cases[] = {
        {"facts -o x", "'facts' takes one file, and 0 are given"},
        {"facts src/a.c src/b.c -o x", "'facts' takes one file, and 2 are given"},
        {"facts src/a.c", "'facts' needs the file to write: -o OUT"},
        {"merge -o x", "'merge' needs the files to put together"},
        {"merge a.facts", "'merge' needs the file to write: -o OUT"},
        {"check --facts a.facts -- -DX", "option '--facts' contradicts '--'"},
        {"check --facts a.facts -p build", "option '--facts' contradicts '--build'"},
        {"check --root . src", "option '--root' goes with '--facts'"},
        {"fix --facts a.facts", "'fix' does not take the option '--facts'"},
        {"facts src -o x --", "it is no unit of its own: "},
        {"facts src/nothere.c -o x --", "src/nothere.c: error: cannot read the path"},
        {"merge nothere -o x", "nothere: error: cannot read the facts: No such file"},
        {"merge src/a.c src/conn.h -o x", "src/conn.h: error: it is no facts file"},
        {"check all.facts", "all.facts: error: these are facts, not a source: --facts reads them"},
        {"check --facts src/a.c", "src/a.c: error: it is no facts file"},
    };
    make_facts(r);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, "ullage %s", cases[i].arguments)), 2);
        repo_has(r->err, cases[i].message);
        assert_string_equal(r->out, "");
        assert_int_equal(repo_sh(r, "test -e x"), 1);
    }
}

static void reports(void **state)
{
    repo *r = *state;
    make_facts(r);
    assert_int_equal(repo_sh(r, "ullage check src --facts all.facts"), 1);
    repo_has(r->err, "src/conn.h:7:1: warning: this annotation stands on no record");
    repo_has(r->out, "layout-varies");
    repo_has(r->out, "padding-exposed");
    repo_do(r, "ullage check src --facts a.facts --facts b.facts >two; ullage check src --facts all.facts >one; cmp one two");
    repo_do(r, "cd src && ullage check --facts ../all.facts >../here; cd .. && grep -q layout-varies here");
    repo_do(r, "ullage show --facts all.facts --struct conn src/conn.h");
    repo_has(r->out, "struct conn");
    assert_int_equal(repo_sh(r, "mkdir other && ullage check other --facts all.facts"), 0);
    repo_has(r->err, "none of its records is in PATH");
    repo_do(r, "ullage check src --facts all.facts --format json | grep -q stdint.h && exit 1; ullage show src --all --system --facts all.facts | grep -q 'struct __'");
}

static void stale_and_mixed(void **state)
{
    repo *r = *state;
    make_facts(r);
    repo_put(r, "src/conn.h", "struct conn { int a; };\n");
    assert_int_equal(repo_sh(r, "ullage check src --facts all.facts"), 2);
    repo_has(r->err, "src/conn.h: error: it has changed since its facts were made: make them anew");
    assert_string_equal(r->out, "");
    assert_int_equal(repo_sh(r, "ullage check src --facts all.facts --keep-going"), 2);
    repo_has(r->out, "struct conn");
    repo_do(r, "ullage facts src/b.c -o b.facts -- -DWIDE");
    assert_int_equal(repo_sh(r, "ullage merge a.facts b.facts -o all.facts"), 2);
    repo_has(r->err, "b.facts: error: its facts do not go with those of a.facts: ./src/conn.h was another file then; make both anew");
    repo_do(r, "ullage facts src/b.c -o arm.facts --target aarch64-linux-gnu --");
    assert_int_equal(repo_sh(r, "ullage merge b.facts arm.facts -o x"), 2);
    repo_has(r->err, "'targets' is 'aarch64-linux-gnu' here and ");
    assert_int_equal(repo_sh(r, "ullage check src --facts arm.facts --target i686-pc-linux-gnu"), 2);
    repo_has(r->err, "'targets' is 'aarch64-linux-gnu' there and 'i686-pc-linux-gnu' here");
    repo_do(r, "ullage check src --facts arm.facts --format json");
    repo_has(r->out, "\"triple\":\"aarch64-unknown-linux-gnu\"");
    assert_int_equal(repo_sh(r, "ullage facts src/b.c -o x --bodies -- && ullage merge b.facts x -o y"), 2);
    repo_has(r->err, "'bodies' is 'yes' here and 'no' there");
    repo_do(r, "head -c 200 b.facts >cut.facts");
    assert_int_equal(repo_sh(r, "ullage check src --facts cut.facts"), 2);
    repo_has(r->err, "cut.facts: error: it is cut short");
}

/* The same tree elsewhere: its facts are the same bytes and are read there. */
static void relocated(void **state)
{
    repo *r = *state;
    make_facts(r);
    repo_do(r, "mkdir -p ../moved && cp -r .git src ../moved/ && cd ../moved && ullage facts src/a.c -o a.facts -- && cmp a.facts ../work/a.facts && "
               "cp ../work/all.facts . && ullage check src --facts all.facts --rule layout-varies=note --rule padding-exposed=note");
    repo_has(r->out, "src/conn.h:");
    assert_int_equal(repo_sh(r, "cd / && ullage check \"$OLDPWD/src\" --facts \"$OLDPWD/all.facts\" -q"), 1); /* the tree of PATH */
    assert_int_equal(repo_sh(r, "mkdir -p ../none && cd ../none && ullage check --facts ../work/all.facts"), 2);
    repo_has(r->err, "none of its ");
    repo_has(r->err, "run in the work tree that it was made in, or say --root DIR");
    repo_do(r, "cd / && ullage show \"$OLDPWD/src\" --facts \"$OLDPWD/all.facts\" --root \"$OLDPWD\"");
    repo_do(r, "mkdir ../bare && cp -r src ../bare && cd ../bare && ullage facts src/a.c -o a.facts --root . -- && cmp a.facts ../work/a.facts");
}

/* A source that the configuration leaves out has facts all the same: none. A rule of a build need not know. */
static void left_out(void **state)
{
    repo *r = *state;
    make_project(r);
    repo_put(r, ".ullage.yml", "exclude: [src/a.c]\n");
    repo_do(r, "ullage facts src/a.c -o a.facts --depfile a.d -- && cat a.d");
    repo_has(r->err, "left out by the configuration");
    assert_string_equal(r->out, "a.facts: \\\n .ullage.yml\n");
    repo_do(r, "ullage facts src/b.c -o b.facts -- && ullage merge a.facts b.facts -o all.facts && cmp b.facts all.facts && ullage check --facts a.facts");
    repo_lacks(r->out, "struct");
}

static void depfile(void **state)
{
    repo *r = *state;
    make_project(r);
    repo_put(r, "src/odd name.c", "#include \"conn.h\"\n");
    repo_put(r, ".ullage.yml", "rules:\n  flags-to-bits: off\n");
    repo_do(r, "ullage facts 'src/odd name.c' -o odd.facts --depfile odd.d -- && cat odd.d");
    repo_has(r->out, "odd.facts: \\\n src/odd\\ name.c \\\n src/conn.h \\\n");
    repo_has(r->out, " .ullage.yml\n");
    repo_has(r->out, "\nsrc/conn.h:\n");
    repo_put(r, "Makefile", "odd.facts:\n\t@echo anew\n-include odd.d\n");
    repo_do(r, "make -s");
    assert_string_equal(r->out, "");
    repo_do(r, "touch -d '+1 hour' src/conn.h && make -s");
    assert_string_equal(r->out, "anew\n");
}

/* A database may list a source several times: with other flags it is another unit, with the same it is one. */
static void listed_twice(void **state)
{
    repo *r = *state;
    make_project(r);
    const char *entry = "{\"directory\": \"%s/work\", \"file\": \"src/%s\", \"arguments\": [\"cc\", \"-c\", %s\"src/%s\"]}";
    const char *wide = ul_arena_printf(&r->arena, entry, r->folder, "a.c", "\"-DWIDE\", ", "a.c"), *plain = ul_arena_printf(&r->arena, entry, r->folder, "a.c", "", "a.c"),
               *other = ul_arena_printf(&r->arena, entry, r->folder, "b.c", "", "b.c");
    repo_put(r, "compile_commands.json", ul_arena_printf(&r->arena, "[%s,\n%s,\n%s,\n%s]\n", wide, other, plain, wide));
    repo_do(r, "ullage facts src/a.c -o a.facts && ullage facts src/b.c -o b.facts && ullage merge b.facts a.facts -o all.facts");
    assert_int_equal(repo_sh(r, "ullage check src --format json >want"), 1);
    assert_int_equal(repo_sh(r, "ullage check src --format json --facts all.facts >got"), 1);
    repo_do(r, "cmp want got && grep -q layout-varies got");
    repo_put(r, "compile_commands.json", ul_arena_printf(&r->arena, "[%s,\n%s,\n%s]\n", plain, wide, other)); /* the order means nothing */
    repo_do(r, "ullage facts src/a.c -o again.facts && cmp a.facts again.facts && ullage check src --format json >again; cmp want again");
}

/* What stands beside the findings: baselines and what is silenced need no sources either. */
static void baseline(void **state)
{
    repo *r = *state;
    make_facts(r);
    repo_do(r, "ullage check src --facts all.facts --update-baseline -q && ullage check src --facts all.facts --baseline .ullage-baseline.json -q");
    assert_string_equal(r->out, "");
    repo_put(r, ".ullage.yml", "rules:\n  layout-varies: off\n  padding-exposed: off\n");
    repo_do(r, "ullage check src --facts all.facts"); /* read when reporting */
    repo_lacks(r->out, "padding-exposed");
    repo_put(r, ".ullage.yml", "locks:\n  acquire: [my_lock]\n");
    assert_int_equal(repo_sh(r, "ullage check src --facts all.facts"), 2);
    repo_has(r->err, "its facts are not for this run: 'locks' is '' there and 'my_lock' here");
}

/* Two states by their facts: what `diff` says of revisions, but with the flags of each. */
static void differences(void **state)
{
    repo *r = *state;
    make_facts(r);
    repo_do(r, "cp all.facts old.facts && git add src && git commit -qm one");
    assert_int_equal(repo_sh(r, "ullage diff --facts old.facts --facts all.facts"), 0);
    repo_has(r->out, "no layout changed, 2 records compared");
    repo_put(r, "src/conn.h", ul_arena_printf(&r->arena, "%s\nstruct fresh { int a; };\n", conn_h));
    repo_do(r, "sed -i 's/void .peer;/void *peer, *next, *last;/' src/conn.h && ullage facts src/a.c -o a.facts -- && ullage facts src/b.c -o b.facts -- -DWIDE && "
               "ullage merge a.facts b.facts -o new.facts");
    assert_int_equal(repo_sh(r, "ullage diff --facts old.facts --facts new.facts"), 1);
    repo_has(r->out, "struct conn grew");
    repo_has(r->out, "struct fresh");
    repo_has(r->out, "old.facts -> new.facts: ");
    repo_put(r, "compile_commands.json", "[{\"directory\": \".\", \"file\": \"src/a.c\", \"arguments\": [\"cc\", \"-c\", \"src/a.c\"]}]\n");
    assert_int_equal(repo_sh(r, "ullage diff HEAD --format json -q >git.json"), 1);
    assert_int_equal(repo_sh(r, "ullage diff --facts old.facts --facts new.facts --format json -q >facts.json"), 1);
    repo_do(r, "python3 -c 'import json\n"
               "of = lambda name: [c for c in json.load(open(name))[\"changes\"] if \"conn\" in json.dumps(c)]\n"
               "assert of(\"git.json\") == of(\"facts.json\") != []'");
    assert_int_equal(repo_sh(r, "ullage diff --facts new.facts --facts old.facts include src/b.c"), 0); /* PATH restricts it */
    assert_int_equal(repo_sh(r, "ullage diff --facts old.facts"), 2);
    repo_has(r->err, "'diff' compares two facts files: --facts OLD --facts NEW");
    assert_int_equal(repo_sh(r, "ullage diff --facts old.facts --facts new.facts --staged"), 2);
    repo_do(r, "ullage facts src/a.c -o arm.facts --target aarch64-linux-gnu --");
    assert_int_equal(repo_sh(r, "ullage diff --facts a.facts --facts arm.facts"), 2);
    repo_has(r->err, "it cannot be compared with a.facts: 'targets' is ");
}

/* ---- a real project: our own -------------------------------------------------------------------------------- */

/* Facts of the sources of two rooms, of each by itself; returns how many. */
static uint32_t read_rooms(repo *r, const char **names)
{
    char *bin = ul_arena_strdup(&r->arena, ULLAGE_BINARY);
    *strrchr(bin, '/') = '\0';
    repo_do(r, ul_arena_printf(&r->arena, "n=0; for f in '%s'/layout/model/*.c '%s'/layout/rules/*.c; do n=$((n+1)); ullage facts $f -p '%s' -o $n.facts || exit 1; done; echo $n",
                               ULLAGE_SOURCE_DIR, ULLAGE_SOURCE_DIR, bin));
    uint32_t count = (uint32_t)atoi(r->out);
    assert_in_range(count, 20, FILES_MAX);
    for (uint32_t i = 0; i < count; i++)
        names[i] = ul_arena_printf(&r->arena, "%u.facts", i + 1);
    return count;
}

static uint32_t draw(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random % below);
}

/* Merges names[] in groups of random sizes and order, some of them twice, then the groups, until one is left. */
static const char *merge_at_random(repo *r, const char *const *names, uint32_t count, uint64_t *random)
{
    const char *left[FILES_MAX + 8];
    uint32_t made = 0;
    memcpy(left, names, count * sizeof *names);
    uint32_t name_count = count;
    for (uint32_t extra = draw(random, 4); extra > 0; extra--)
        left[count++] = names[draw(random, name_count)];
    while (count > 1) {
        const char *command = "ullage merge";
        for (uint32_t take = 2 + draw(random, 12); take > 0 && count > 0; take--) {
            uint32_t at = draw(random, count);
            command = ul_arena_printf(&r->arena, "%s %s", command, left[at]);
            left[at] = left[--count];
        }
        const char *name = ul_arena_printf(&r->arena, "group%u_%u.facts", draw(random, UINT32_MAX), made++);
        repo_do(r, ul_arena_printf(&r->arena, "%s -o %s", command, name));
        left[count++] = name;
    }
    return left[0];
}

static void any_split_and_order(void **state)
{
    repo *r = *state;
    const char *names[FILES_MAX];
    uint64_t random = 88172645463325252u;
    uint32_t count = read_rooms(r, names);
    repo_do(r, "ullage merge [0-9]*.facts -o all.facts");
    for (int i = 0; i < 12; i++)
        repo_do(r, ul_arena_printf(&r->arena, "cmp all.facts %s", merge_at_random(r, names, count, &random)));
    repo_do(r, "ullage merge all.facts -o again.facts && cmp all.facts again.facts");
    repo_do(r, "printf '%s\\n' [0-9]*.facts >list && ullage merge @list -o listed.facts && cmp all.facts listed.facts");
}

static void same_reports(void **state)
{
    repo *r = *state;
    const char *names[FILES_MAX];
    static const char *const runs[] = {"check --format json", "check --format text", "check --format sarif", "check --format html", "check --format markdown",
                                       "check --format gitlab --rule false-sharing=error --all-evidence", "check --layout-only --format json --all",
                                       "check --all --system --format json -j1", "show --format json", "show --census --all", "check --format json --allow merge-bits",
                                       "check --exclude %s/layout/model --format json"};
    read_rooms(r, names);
    repo_do(r, "ullage merge [0-9]*.facts -o all.facts");
    char *bin = ul_arena_strdup(&r->arena, ULLAGE_BINARY);
    *strrchr(bin, '/') = '\0';
    const char *rooms = ul_arena_printf(&r->arena, "'%s/layout/model' '%s/layout/rules'", ULLAGE_SOURCE_DIR, ULLAGE_SOURCE_DIR);
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) {
        const char *run = strstr(runs[i], "%s") ? ul_arena_printf(&r->arena, "check --exclude '%s/layout/model' --format json", ULLAGE_SOURCE_DIR) : runs[i];
        repo_do(r, ul_arena_printf(&r->arena, "ullage %s %s -p '%s' >want; a=$?; ullage %s %s --facts all.facts >got; [ $? = $a ] && cmp want got && test -s want",
                                   run, rooms, bin, run, rooms));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(one_file),  TEST(usage),   TEST(reports),             TEST(stale_and_mixed),
                                       TEST(relocated), TEST(depfile), TEST(left_out), TEST(listed_twice), TEST(baseline), TEST(differences), TEST(any_split_and_order), TEST(same_reports)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
