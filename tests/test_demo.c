/*
 * The whole life of a change, in a repository made for it: a commit that grows a hot record is stopped by the hook, the JSON and the
 * review comment say why, fix mends it, the commit passes. And the commands that the README has for reviews and refactorings, as they
 * stand there.
 */
#include "repo_bench.h"

static const char header[] = "#ifndef CONN_H\n#define CONN_H\n\n#include <stdbool.h>\n#include <stdint.h>\n\n"
                             "/* One for each client that is connected. */\n"
                             "struct conn { // ullage: instances(1e6)\n"
                             "    uint64_t id;\n"
                             "%s"
                             "    struct conn *next;\n"
                             "    uint32_t fd;\n"
                             "    uint64_t received;\n"
                             "    uint64_t sent;\n"
                             "    void *user;\n"
                             "    uint64_t last_seen;\n"
                             "};\n\n#endif\n";

static void put_header(repo *r, const char *extra)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, header, extra);
    repo_put(r, "include/conn.h", text.data);
    ul_strbuf_free(&text);
}

static const char *readme_block(repo *r, const char *name)
{
    repo_do(r, ul_arena_printf(&r->arena, "sed -n '/^```sh %s$/,/^```$/p' " ULLAGE_SOURCE_DIR "/README.md | sed '1d;$d'", name));
    assert_true(r->out[0]);
    return r->out;
}

static void make_project(repo *r)
{
    put_header(r, "");
    repo_put(r, "src/server.c", "#include \"conn.h\"\n\nvoid accept_client(struct conn *conn, uint32_t fd)\n{\n    conn->fd = fd;\n}\n");
    repo_put(r, "build/compile_commands.json", "[{\"directory\": \"..\", \"file\": \"src/server.c\", \"command\": \"cc -Iinclude -c src/server.c\"}]");
    repo_put(r, ".gitignore", "build/\n");
    repo_put(r, ".git/hooks/pre-commit", readme_block(r, "hook"));
    repo_do(r, "chmod +x .git/hooks/pre-commit && git add -A && git commit -qm 'A server'");
}

static void the_life_of_a_change(void **state)
{
    repo *r = *state;
    make_project(r);
    repo_do(r, "git checkout -qb is-open");
    put_header(r, "    bool is_open;\n");
    assert_int_equal(repo_sh(r, "git commit -am 'Connections know whether they are open'"), 1);
    repo_has(r->err, "include/conn.h:8:8: error: struct conn grew: class 56 -> 72, 4 -> 11 B in holes, 56 -> 64 B [size-class]\n"
                     "   `is_open` (_Bool) is new at 8\n"
                     "   6 following fields moved by +8\n"
                     "   new hole of 7 B after `is_open`\n"
                     "   costs 16 MB with 1000000 alive\n"
                     "   another order takes 56 B (class 56): move `next`, or let `ullage fix` do it\n");
    assert_int_equal(repo_sh(r, "ullage diff --format json"), 1);
    repo_has(r->out, "\"change\":\"grew\",\"fails\":true");
    repo_has(r->out, "\"worse\":[\"size-class\",\"hole\",\"grew\"]");
    repo_has(r->out, "\"smaller_order\":{\"size_bytes\":56,\"moved\":[\"next\"]}");
    assert_int_equal(repo_sh(r, "ullage diff --format markdown"), 1);
    repo_has(r->out, "**`struct conn` grew: class 56 → 72, 4 → 11 B in holes, 56 → 64 B.**");
    repo_has(r->out, "| ✗ | `struct conn` `include/conn.h:8` | grew | 56 → 64 | 64 → 80 | 1 | size-class |");
    repo_do(r, "ullage fix");
    repo_do(r, "git commit -qam 'Connections know whether they are open'");
    repo_do(r, "ullage diff main...HEAD");
    repo_has(r->out, "note: struct conn changed: 4 -> 3 B in holes, 56 B as before");
    repo_has(r->out, "`is_open` (_Bool) is new at 8");
}

static void what_the_readme_has_for_reviews(void **state)
{
    repo *r = *state;
    make_project(r);
    const char *review = readme_block(r, "review");
    repo_do(r, "git checkout -qb topic");
    put_header(r, "    bool is_open;\n");
    repo_do(r, "git commit -qam two --no-verify");
    assert_int_equal(repo_sh(r, review), 1);
    repo_has(repo_slurp(r, repo_path(r, "work/comment.md")), "### ullage: what this change does to structs");
    repo_has(repo_slurp(r, repo_path(r, "work/ullage.json")), "\"failing\":1");
    repo_has(repo_slurp(r, repo_path(r, "work/ullage.sarif")), "layout-regression");
}

static void what_the_readme_has_for_refactorings(void **state)
{
    repo *r = *state;
    make_project(r);
    put_header(r, "    bool is_open;\n");
    const char *refactor = readme_block(r, "refactor");
    assert_non_null(strstr(refactor, "--update-baseline"));
    repo_do(r, ul_arena_printf(&r->arena, "set -e\n%s", refactor));
    repo_has(r->out, "--- a/include/conn.h\n+++ b/include/conn.h\n"); /* of the patch */
    repo_has(r->out, "1 record in 1 file changed");
    repo_has(repo_slurp(r, repo_path(r, "work/.ullage-baseline.json")), "\"record\":\"struct conn\",\"size_bytes\":56,");
    repo_do(r, "ullage check --baseline .ullage-baseline.json");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_life_of_a_change),
        TEST(what_the_readme_has_for_reviews),
        TEST(what_the_readme_has_for_refactorings),
    };
    return cmocka_run_group_tests_name("demo", tests, NULL, NULL);
}
