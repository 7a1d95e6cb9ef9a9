/* The JSON report holds what the contract says, and its schema lets nothing else through. */
#include "report_bench.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `python3 script arg...`; its exit status. */
static int run_python(const char *script, const char *first, const char *second)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/usr/bin/python3", "python3", "-c", script, first, second, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static void assert_matches_schema(const char *json)
{
    static const char validate[] = "import sys, json, jsonschema\n"
                                   "s = json.load(open(sys.argv[1]))\n"
                                   "jsonschema.Draft202012Validator.check_schema(s)\n"
                                   "jsonschema.Draft202012Validator(s).validate(json.load(open(sys.argv[2], encoding='utf-8')))\n";
    char path[] = "/tmp/ullage-report-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, json, strlen(json)), (ssize_t)strlen(json));
    close(file);
    int status = run_python(validate, ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json", path);
    unlink(path);
    if (status != 0)
        fail_msg("not valid (status %d):\n%s", status, json);
}

static bool has_jsonschema(void)
{
    if (run_python("import sys\ntry:\n import jsonschema\nexcept ImportError:\n sys.exit(1)\n", "", "") == 0)
        return true;
    print_message("skipped: no python3-jsonschema, so the JSON is not held against its schema\n");
    return false;
}

/* One of everything that the JSON can hold. */
static void fill(test_bench *bench, ul_finding *finding)
{
    static const made_field bits[] = {{"mode", "unsigned", 4, 4, UL_FIELD_BIT_FIELD, 3},
                                      {"", "struct (anonymous)", 8, 4, UL_FIELD_ANONYMOUS | UL_FIELD_RECORD},
                                      {"x", "int", 4, 4, 0, 0, 0, 2},
                                      {"y", "int", 4, 4, 0, 0, 4, 2}};
    static const ul_diag diags[] = {{UL_LEVEL_WARNING, NULL, 0, 0, "bad \xff byte"}};
    static const ul_stats stats = {.parse_seconds = 0.25, .units = 3};
    static const ul_trade trade = {UL_ALLOW_MERGE_BITS, 16, 8, "two runs would join"};
    ul_entry *entry = put_planned(bench);
    entry->trades = &trade;
    entry->trade_count = 1;
    entry = put(bench, "struct huge", bits, COUNT(bits));
    ul_record *record = (ul_record *)entry->record;
    record->size_bytes = UINT64_C(1) << 60;
    record->file = "/elsewhere/\xff.h";
    const ul_record **variants = UL_NEW_ARRAY(&bench->arena, const ul_record *, 1);
    variants[0] = bench->entries[0].record;
    entry->variants = variants;
    entry->variant_count = 1;
    entry->facts.fit = (ul_class_fit){0};
    ul_record_refuse(record, &bench->arena, UL_REFUSE_PACKED, "packed");
    static const ul_finding_place other = {"/w/src/pool.c", "freed here", 21, 5};
    *finding = made_finding(&order_info);
    finding->other = &other;
    bench->report.findings = finding;
    bench->report.finding_count = 1;
    bench->report.saved_bytes = 8;
    bench->report.refused_count = 1;
    bench->report.diags = diags;
    bench->report.diag_count = 1;
    bench->report.stats = &stats;
}

static void test_json_holds_the_contract(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    fill(bench, &finding);
    cJSON *root = cJSON_Parse(render_with(bench, "json", (ul_render_options){0}));
    assert_non_null(root);
    assert_string_equal(cJSON_GetObjectItem(root, "schema")->valuestring, "ullage.report/1");
    cJSON *conn = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "records"), 0);
    cJSON *huge = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "records"), 1);
    assert_string_equal(cJSON_GetObjectItem(conn, "file")->valuestring, "include/made.h");
    cJSON *hole = cJSON_GetArrayItem(cJSON_GetObjectItem(conn, "holes"), 0);
    assert_string_equal(cJSON_GetObjectItem(hole, "after")->valuestring, "flag");
    assert_int_equal(cJSON_GetObjectItem(hole, "offset_bytes")->valueint, 9);
    cJSON *plan = cJSON_GetObjectItem(conn, "plan");
    assert_int_equal(cJSON_GetObjectItem(plan, "size_bytes")->valueint, 24);
    assert_string_equal(cJSON_GetArrayItem(cJSON_GetObjectItem(plan, "order"), 3)->valuestring, "flag");
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(plan, "optimal")));
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(conn, "refused")), 0);
    assert_string_equal(cJSON_GetObjectItem(huge, "size_bytes")->valuestring, "1152921504606846976");
    assert_string_equal(cJSON_GetObjectItem(huge, "file")->valuestring, "/elsewhere/\xEF\xBF\xBD.h");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(huge, "plan")));
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(huge, "size_class")));
    cJSON *inner = cJSON_GetArrayItem(cJSON_GetObjectItem(huge, "fields"), 3);
    assert_string_equal(cJSON_GetObjectItem(inner, "parent")->valuestring, "<anonymous>");
    assert_int_equal(cJSON_GetObjectItem(inner, "offset_bits")->valueint, 64);
    cJSON *found = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "findings"), 0);
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(found, "field")));
    assert_string_equal(cJSON_GetObjectItem(found, "fingerprint")->valuestring, "0000000000000abc");
    cJSON_Delete(root);
}

static void test_other_place_is_in_json(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    fill(bench, &finding);
    cJSON *root = cJSON_Parse(render_with(bench, "json", (ul_render_options){0}));
    cJSON *other = cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(root, "findings"), 0), "other_place");
    assert_non_null(other);
    assert_string_equal(cJSON_GetObjectItem(other, "file")->valuestring, "src/pool.c");
    assert_int_equal(cJSON_GetObjectItem(other, "line")->valueint, 21);
    assert_int_equal(cJSON_GetObjectItem(other, "column")->valueint, 5);
    assert_string_equal(cJSON_GetObjectItem(other, "message")->valuestring, "freed here");
    cJSON_Delete(root);
    finding.other = NULL;
    root = cJSON_Parse(render_with(bench, "json", (ul_render_options){0}));
    assert_null(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(root, "findings"), 0), "other_place"));
    cJSON_Delete(root);
}

/* How many related locations of the only SARIF result have the message; *line and *uri are of the last. */
static int count_related(int *line, char uri[64], const char *sarif, const char *message)
{
    int count = 0;
    cJSON *root = cJSON_Parse(sarif), *item;
    cJSON *run = cJSON_GetArrayItem(cJSON_GetObjectItem(root, "runs"), 0), *result = cJSON_GetArrayItem(cJSON_GetObjectItem(run, "results"), 0);
    assert_non_null(result);
    cJSON_ArrayForEach(item, cJSON_GetObjectItem(result, "relatedLocations"))
    {
        cJSON *place = cJSON_GetObjectItem(item, "physicalLocation");
        if (strcmp(cJSON_GetObjectItem(cJSON_GetObjectItem(item, "message"), "text")->valuestring, message) != 0)
            continue;
        count++;
        *line = cJSON_GetObjectItem(cJSON_GetObjectItem(place, "region"), "startLine")->valueint;
        snprintf(uri, 64, "%s", cJSON_GetObjectItem(cJSON_GetObjectItem(place, "artifactLocation"), "uri")->valuestring);
    }
    cJSON_Delete(root);
    return count;
}

static void test_other_place_is_related_in_sarif(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    int line = 0;
    char uri[64] = "";
    fill(bench, &finding);
    assert_int_equal(count_related(&line, uri, render_with(bench, "sarif", (ul_render_options){0}), "freed here"), 1);
    assert_int_equal(line, 21);
    assert_string_equal(uri, "src/pool.c");
    finding.other = NULL;
    assert_int_equal(count_related(&line, uri, render_with(bench, "sarif", (ul_render_options){0}), "freed here"), 0);
}

static void test_json_matches_its_schema(void **state)
{
    test_bench *bench = *state;
    ul_finding finding;
    if (!has_jsonschema())
        skip();
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
    fill(bench, &finding);
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
    bench->report.target_count = 0;
    bench->report.entry_count = 0;
    bench->report.finding_count = 0;
    assert_matches_schema(render_with(bench, "json", (ul_render_options){0}));
}

static void test_schema_is_strict(void **state)
{
    (void)state;
    if (!has_jsonschema())
        skip();
    static const char walk[] = "import sys, json\n"
                               "def walk(node, path):\n"
                               "    if isinstance(node, dict):\n"
                               "        if node.get('type') == 'object':\n"
                               "            assert node.get('additionalProperties') is False, path\n"
                               "            for name, p in node['properties'].items():\n"
                               "                assert p.get('description'), path + '/' + name\n"
                               "        for key, value in node.items():\n"
                               "            walk(value, path + '/' + key)\n"
                               "    elif isinstance(node, list):\n"
                               "        for value in node:\n"
                               "            walk(value, path)\n"
                               "walk(json.load(open(sys.argv[1])), '')\n";
    assert_int_equal(run_python(walk, ULLAGE_SOURCE_DIR "/docs/schema/ullage.report-1.schema.json", ""), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, report_set_up, report_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_json_holds_the_contract),
        TEST(test_other_place_is_in_json),
        TEST(test_other_place_is_related_in_sarif),
        TEST(test_json_matches_its_schema),
        TEST(test_schema_is_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
