/*
 * The hooks as users meet them: git's own, Debian's pre-commit with a repository behind file:// and with a local one, commits of a part, of
 * everything that is tracked, from a linked work tree, of more files than one call takes. Without pre-commit its tests are skipped.
 */
#include "repo_bench.h"

#define WIDE "#include <stdint.h>\nstruct conn {\n    uint64_t id;\n%s    void *peer;\n    uint32_t fd, port;\n    uint64_t rx, tx, more, last;\n};\n"
#define CONN(extra) ul_arena_printf(&r->arena, WIDE, extra)

static void need_pre_commit(repo *r)
{
    if (repo_sh(r, "command -v pre-commit && command -v python3") != 0)
        skip();
}

/* A repository that holds our manifest and a tag, as users name it in their configuration. */
static void make_hooks_repository(repo *r)
{
    repo_do(r, "git init -q -b main ../hooks && cp " ULLAGE_SOURCE_DIR "/.pre-commit-hooks.yaml ../hooks/ && cd ../hooks && "
               "git add -A && git commit -qm hooks && git tag v1.0");
}

static void configure(repo *r, const char *hooks)
{
    repo_put(r, ".pre-commit-config.yaml", ul_arena_printf(&r->arena, "repos:\n- repo: file://%s/hooks\n  rev: v1.0\n  hooks:\n%s", r->folder, hooks));
    repo_put(r, "conn.h", CONN(""));
    repo_do(r, "git add -A && git commit -qm one && pre-commit install");
}

/* A repository of one commit with `hooks`; skips where there is no pre-commit. */
static void begin(repo *r, const char *hooks)
{
    need_pre_commit(r);
    make_hooks_repository(r);
    configure(r, hooks);
}

static void the_manifest_is_one(void **state)
{
    repo *r = *state;
    need_pre_commit(r);
    repo_do(r, "pre-commit validate-manifest " ULLAGE_SOURCE_DIR "/.pre-commit-hooks.yaml");
}

static void a_commit_that_grows_a_record_is_stopped(void **state)
{
    repo *r = *state;
    begin(r, "  - id: ullage-diff\n");
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    repo_do(r, "git add conn.h");
    assert_int_equal(repo_sh(r, "git commit -m two"), 1);
    repo_has(r->err, "Failed\n- hook id: ullage-diff\n- exit code: 1\n");
    repo_has(r->err, "error: struct conn grew: class 56 -> 72, 0 -> 7 B in holes, 56 -> 64 B [size-class]");
    assert_int_equal(repo_sh(r, "git reset -q && git commit -am two"), 1); /* GIT_INDEX_FILE is another then */
    repo_has(r->err, "struct conn grew");
    repo_do(r, "SKIP=ullage-diff git commit -qam wanted");
    repo_put(r, "README", "nothing of C\n");
    repo_do(r, "git add README && git commit -m three");
    repo_has(r->err, "(no files to check)Skipped");
}

static void a_commit_of_a_part(void **state)
{
    repo *r = *state;
    begin(r, "  - id: ullage-diff\n  - id: ullage-check\n");
    /* Staged: a wider type that fits. On disk besides: a field that does not. */
    repo_put(r, "conn.h", CONN("    long extra_name; /* staged */\n"));
    repo_do(r, "sed -i 's/ last;/ other;/; /staged/d' conn.h && git add conn.h");
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    repo_do(r, "git commit -m part");
    repo_has(r->err, "Passed");
    assert_int_equal(repo_sh(r, "git diff --quiet"), 1); /* what was not staged is there still */
    repo_do(r, "git show HEAD:conn.h | grep -q other");
    assert_int_equal(repo_sh(r, "git commit -am rest"), 1);
    repo_has(r->err, "struct conn grew");
}

static void a_linked_work_tree(void **state)
{
    repo *r = *state;
    begin(r, "  - id: ullage-diff\n");
    repo_do(r, "git worktree add -q ../work/linked -b linked");
    r->in = "linked/";
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    assert_int_equal(repo_sh(r, "git commit -am two"), 1);
    repo_has(r->err, "conn.h:2:8: error: struct conn grew: class 56 -> 72");
    repo_put(r, "conn.h", CONN(""));
    repo_do(r, "git commit -q --allow-empty -m same");
    r->in = "";
}

static void fix_writes_and_the_next_commit_passes(void **state)
{
    repo *r = *state;
    need_pre_commit(r);
    make_hooks_repository(r);
    repo_put(r, "conn.c", "#include \"conn.h\"\n");
    repo_put(r, "compile_commands.json", "[{\"directory\": \".\", \"file\": \"conn.c\", \"command\": \"cc -c conn.c\"}]");
    configure(r, "  - id: ullage-fix\n  - id: ullage-diff\n");
    repo_put(r, "conn.h", "#include <stdint.h>\nstruct conn {\n    uint64_t id;\n    char a;\n    void *peer;\n    uint32_t fd;\n    char b;\n"
                          "    uint64_t rx, tx, more;\n};\n");
    assert_int_equal(repo_sh(r, "git commit -am two"), 1);
    repo_has(r->err, "files were modified by this hook");
    repo_do(r, "git commit -am two");
    repo_has(r->err, "Passed");
    repo_lacks(r->err, "Failed");
    repo_has(repo_slurp(r, repo_path(r, "work/conn.h")), "char b;\n    char a;");
}

/* Names so long that pre-commit's command lines take them in several calls. */
static void several_hundred_files(void **state)
{
    repo *r = *state;
    enum { FILES = 600, NAME = 230 };
    need_pre_commit(r);
    char long_name[NAME + 1];
    memset(long_name, 'x', NAME);
    long_name[NAME] = '\0';
    repo_put(r, ".pre-commit-config.yaml",
             "repos:\n- repo: local\n  hooks:\n  - id: check\n    name: check\n    language: system\n    types: [c]\n    require_serial: true\n"
             "    entry: sh -c 'echo call >> ../calls; exec ullage check -q --format concise \"$@\"' --\n");
    for (int i = 0; i < FILES; i++)
        repo_put(r, ul_arena_printf(&r->arena, "%s%d.h", long_name, i), ul_arena_printf(&r->arena, "struct s%d { int a%d; };\n", i, i));
    repo_put(r, "bad.h", "struct bad { char a; void *b; char c; void *d; char e; void *f; };\n");
    repo_do(r, "git add -A && git commit -qm one");
    assert_int_equal(repo_sh(r, "pre-commit run --all-files"), 1);
    repo_has(r->out, "bad.h:1:8: warning: ");
    repo_lacks(r->out, "struct s");
    repo_do(r, "test $(wc -l < ../calls) -gt 1");
}

/* The lines that the README has for .git/hooks/pre-commit. */
static void the_hook_of_three_lines(void **state)
{
    repo *r = *state;
    repo_put(r, "conn.h", CONN(""));
    repo_do(r, "git add -A && git commit -qm one && "
               "sed -n '/^```sh hook$/,/^```$/p' " ULLAGE_SOURCE_DIR "/README.md | sed '1d;$d' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit && "
               "test $(wc -l < .git/hooks/pre-commit) -eq 3");
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    assert_int_equal(repo_sh(r, "git commit -am two"), 1);
    repo_has(r->err, "struct conn grew: class 56 -> 72");
    repo_do(r, "git add conn.h");
    repo_put(r, "conn.h", CONN(""));
    assert_int_equal(repo_sh(r, "git commit -m two"), 1); /* what is staged counts */
    repo_do(r, "git commit -qam back --allow-empty");
}

static void the_action(void **state)
{
    repo *r = *state;
    if (repo_sh(r, "python3 -c 'import yaml'") != 0)
        skip();
    repo_put(r, "conn.h", CONN(""));
    repo_do(r, "git add -A && git commit -qm one && git checkout -qb topic");
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    repo_do(r, "git commit -qam two");
    /* Its own script, as a runner would start it. */
    repo_put(r, "../step.py", "import sys, yaml\nsteps = yaml.safe_load(open(sys.argv[1]))['runs']['steps']\nprint(steps[-1]['run'])\n");
    repo_do(r, "python3 ../step.py " ULLAGE_SOURCE_DIR "/action.yml > ../step.sh && mkdir ../temp");
    const char *run = "RUNNER_TEMP=$PWD/../temp GITHUB_STEP_SUMMARY=$PWD/../summary GITHUB_OUTPUT=$PWD/../output ULLAGE=ullage BASE=%s BUILD= "
                      "FAIL_ON=size-class ARGS='-q --color never' bash ../step.sh";
    assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, run, "main")), 1);
    repo_has(r->out, "::error file=conn.h,line=2");
    repo_has(repo_slurp(r, repo_path(r, "summary")), "### ullage: what this change does to structs");
    repo_has(repo_slurp(r, repo_path(r, "output")), "status=1\n");
    repo_has(repo_slurp(r, repo_path(r, "temp/ullage.json")), "\"schema\": \"ullage.diff/1\"");
    repo_has(repo_slurp(r, repo_path(r, "temp/ullage.sarif")), "layout-regression");
    assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, run, "topic")), 0);
    /* The first push of a branch has nothing before it. */
    assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, run, "0000000000000000000000000000000000000000")), 1);
    assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, run, "")), 1);
    repo_has(r->out, "::error file=conn.h,line=2");
    repo_do(r, "git checkout -q --orphan first && git commit -qm first");
    assert_int_equal(repo_sh(r, ul_arena_printf(&r->arena, run, "")), 2);
    repo_has(r->out, "::error::ullage: there is no commit to compare with");
    const char *schema = ULLAGE_SOURCE_DIR "/../shared/schemas/schemastore.github-action.json";
    if (access(schema, R_OK) != 0)
        return; /* not ours to carry along; where it is, it decides */
    repo_put(r, "../validate.py", "import json, sys, yaml, jsonschema\nschema = json.load(open(sys.argv[1]))\n"
                                  "jsonschema.validators.validator_for(schema)(schema).validate(yaml.safe_load(open(sys.argv[2])))\n");
    repo_do(r, ul_arena_printf(&r->arena, "python3 ../validate.py %s " ULLAGE_SOURCE_DIR "/action.yml", schema));
}

/* The job that the README has for GitLab, as its runner would start it: a clone, and the target branch by its remote name. */
static void the_gitlab_job(void **state)
{
    repo *r = *state;
    if (repo_sh(r, "python3 -c 'import yaml'") != 0)
        skip();
    repo_put(r, "conn.h", CONN(""));
    repo_do(r, "git add -A && git commit -qm one && git checkout -qb topic");
    repo_put(r, "conn.h", CONN("    char flag;\n"));
    repo_do(r, "git commit -qam two && git clone -q . ../clone");
    repo_put(r, "../job.py", "import re, sys, yaml\ntext = open(sys.argv[1]).read()\n"
                             "job = yaml.safe_load(re.search(r'```yaml\\n(ullage:.*?)```', text, re.S).group(1))['ullage']\n"
                             "assert job['artifacts']['reports']['codequality'] in job['script'][0]\nprint(*job['script'], sep='\\n')\n");
    repo_do(r, "python3 ../job.py " ULLAGE_SOURCE_DIR "/README.md > ../job.sh");
    assert_int_equal(repo_sh(r, "cd ../clone && CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main bash -e ../job.sh"), 1);
    repo_has(r->out, "struct conn grew");
    repo_has(repo_slurp(r, repo_path(r, "clone/gl-code-quality-report.json")), "\"check_name\"");
    assert_int_equal(repo_sh(r, "cd ../clone && CI_MERGE_REQUEST_TARGET_BRANCH_NAME=topic bash -e ../job.sh"), 0);
    assert_string_equal(repo_slurp(r, repo_path(r, "clone/gl-code-quality-report.json")), "[]\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, repo_set_up, repo_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_manifest_is_one),
        TEST(a_commit_that_grows_a_record_is_stopped),
        TEST(a_commit_of_a_part),
        TEST(a_linked_work_tree),
        TEST(fix_writes_and_the_next_commit_passes),
        TEST(several_hundred_files),
        TEST(the_hook_of_three_lines),
        TEST(the_action),
        TEST(the_gitlab_job),
    };
    return cmocka_run_group_tests_name("hooks", tests, NULL, NULL);
}
