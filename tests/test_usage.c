/* How a record is used, as annotations and markers tell it, and which roles disturb one another. What the census and profiles tell is in fixtures/fix_lines_*. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include <string.h>

#include "layout/engine/usage.h"

enum { FIELDS = 5 };

typedef struct scene {
    ul_arena arena;
    ul_target target;
    ul_field fields[FIELDS];
    ul_annotation annotations[FIELDS];
    ul_record record;
    ul_entry entries[2];
    ul_usage_request request;
} scene;

static int set_up(void **state)
{
    static const char *const names[FIELDS] = {"a", "b", "c", "d", "e"};
    scene *s = calloc(1, sizeof *s);
    if (!s)
        return -1;
    ul_arena_init(&s->arena, NULL);
    ul_target_init(&s->target, "x86_64-pc-linux-gnu", 8);
    for (uint32_t i = 0; i < FIELDS; i++)
        s->fields[i] = (ul_field){.name = names[i], .type = "long", .offset_bits = i * 64, .size_bits = 64, .align_bytes = 8, .parent = UL_NO_PARENT, .group = i};
    s->record = (ul_record){.name = "struct made", .key = "/made.h:0", .file = "/made.h", .fields = s->fields, .field_count = FIELDS, .size_bytes = FIELDS * 8,
                            .align_bytes = 8, .annotations = s->annotations};
    s->entries[0].record = &s->record;
    s->request = (ul_usage_request){.entries = s->entries, .entry_count = 1, .targets = &s->target};
    *state = s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    ul_arena_free(&s->arena);
    free(s);
    return 0;
}

static void annotate(scene *s, ul_annotation_kind kind, const char *argument, uint32_t field)
{
    s->annotations[s->record.annotation_count++] = (ul_annotation){kind, argument, "", field, 1};
}

static const ul_usage *use(scene *s)
{
    return ul_usage_of(&s->request, 0, &s->arena);
}

static void nothing_known_is_no_use(void **state)
{
    scene *s = *state;
    assert_null(use(s));
    annotate(s, UL_ANNOTATION_COLD, "", 0);
    assert_null(use(s)); /* what is cold alone tells of no user */
}

static void groups_are_contexts(void **state)
{
    scene *s = *state;
    annotate(s, UL_ANNOTATION_HOT, "rx", 0);
    annotate(s, UL_ANNOTATION_WRITER, "net", 1);
    annotate(s, UL_ANNOTATION_HOT, "rx", 2);
    annotate(s, UL_ANNOTATION_READMOSTLY, "", 3);
    const ul_usage *usage = use(s);
    assert_non_null(usage);
    assert_int_equal(usage->sources, UL_USAGE_ANNOTATIONS);
    assert_int_equal(usage->context_count, 3);
    assert_string_equal(usage->contexts[0].name, "hot(rx)");
    assert_int_equal(usage->contexts[0].access_count, 2);
    assert_int_equal(usage->contexts[0].accesses[1].field, 2);
    assert_true(usage->contexts[0].accesses[0].reads > 0 && usage->contexts[0].accesses[0].writes <= 0);
    assert_true(usage->contexts[1].accesses[0].writes > 0);
    assert_string_equal(usage->notes[1], "written by: net");
    assert_string_equal(usage->notes[3], "read mostly");
    assert_null(usage->notes[4]);
    assert_int_equal(usage->align_obstacle, UL_ALIGN_FREE);
}

static void markers_are_contexts_and_ask_for_no_alignment(void **state)
{
    scene *s = *state;
    s->fields[1].name = "__cacheline_group_begin__tx";
    s->fields[3].name = "__cacheline_group_end__tx";
    s->fields[1].size_bits = s->fields[3].size_bits = 0;
    const ul_usage *usage = use(s);
    assert_non_null(usage);
    assert_int_equal(usage->context_count, 1);
    assert_int_equal(usage->contexts[0].access_count, 1);
    assert_int_equal(usage->contexts[0].accesses[0].field, 2);
    assert_int_equal(usage->align_obstacle, UL_ALIGN_UNKNOWN);
}

static void who_holds_it_stands_in_the_way(void **state)
{
    scene *s = *state;
    ul_field held = {.name = "inner", .type = "struct made", .size_bits = FIELDS * 64, .align_bytes = 8, .parent = UL_NO_PARENT, .embedded = "/made.h:0", .embedded_count = 1};
    ul_record outer = {.name = "struct outer", .key = "/made.h:9", .file = "/made.h", .fields = &held, .field_count = 1};
    s->entries[1].record = &outer;
    s->request.entry_count = 2;
    annotate(s, UL_ANNOTATION_WRITER, "one", 0);
    const ul_usage *usage = use(s);
    assert_non_null(usage);
    assert_int_equal(usage->align_obstacle, UL_ALIGN_EMBEDDED);
    assert_non_null(strstr(usage->align_detail, "struct outer"));
}

static void roles_race_as_far_as_they_are_known(void **state)
{
    (void)state;
    const ul_usage_role one = {.name = "one"}, two = {.name = "two"}, many = {.name = "many", .is_many = true}, unknown = {.name = "", .is_unknown = true},
                        company = {.name = "threads", .is_unknown = true, .has_company = true}, first = {.name = "one", .has_company = true},
                        second = {.name = "two", .has_company = true};
    assert_true(ul_usage_roles_race(&one, &two));
    assert_false(ul_usage_roles_race(&one, &one));
    assert_true(ul_usage_roles_race(&many, &many));
    assert_true(ul_usage_roles_race(&many, &unknown));
    assert_false(ul_usage_roles_race(&unknown, &one));
    assert_false(ul_usage_roles_race(&unknown, &unknown));
    assert_true(ul_usage_roles_race(&unknown, &company));
    assert_true(ul_usage_roles_race(&company, &unknown));
    assert_false(ul_usage_roles_race(&company, &company));
    assert_true(ul_usage_roles_race(&company, &one));
    assert_true(ul_usage_roles_race(&first, &second));
    assert_false(ul_usage_roles_race(&first, &company)); /* any of them, and so perhaps the same */
    assert_false(ul_usage_roles_race(&first, &one));
    assert_true(ul_usage_roles_race(&first, &two));
    assert_true(ul_usage_roles_race(&first, &unknown));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_known_is_no_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(groups_are_contexts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(markers_are_contexts_and_ask_for_no_alignment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_holds_it_stands_in_the_way, set_up, tear_down),
        cmocka_unit_test(roles_race_as_far_as_they_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
