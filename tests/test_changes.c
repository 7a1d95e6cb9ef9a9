/* What the engine says of two states of a record: identity, fields, boundaries, the order of what is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "layout/engine/changes.h"
#include "made_record.h"

enum { RECORDS_MAX = 8, FIELDS_MAX = 32 };

typedef struct side {
    ul_entry entries[RECORDS_MAX];
    uint32_t count;
} side;

typedef struct bench {
    ul_arena arena;
    ul_target target;
    side old, new;
    ul_changes_request request;
    ul_changes changes;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    b->target = made_target();
    b->request = (ul_changes_request){.is_before_whole = true, .is_after_whole = true};
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    bench *b = *state;
    ul_arena_free(&b->arena);
    free(b);
    return 0;
}

/* A record of "name:bytes" words; "name:bytes*type" gives the type another name. All are aligned to their size, 8 at most. */
static ul_record *put(bench *b, side *to, const char *file, const char *name, const char *words)
{
    made_field fields[FIELDS_MAX];
    uint32_t count = 0;
    for (const char *at = words; *(at += strspn(at, " ")) && count < FIELDS_MAX;) {
        size_t length = strcspn(at, " "), colon = strcspn(at, ":");
        char *end;
        uint64_t bytes = strtoull(at + colon + 1, &end, 10);
        const char *type = *end == '*' ? ul_arena_strndup(&b->arena, end + 1, (size_t)(at + length - end - 1))
                                       : ul_arena_printf(&b->arena, "u%llu", (unsigned long long)bytes * 8);
        fields[count++] = (made_field){.name = ul_arena_strndup(&b->arena, at, colon),
                                       .type = type,
                                       .size_bytes = bytes,
                                       .align_bytes = bytes < 8 ? (uint32_t)bytes : 8};
        at += length;
    }
    ul_record *record = made_record(&b->arena, &b->target, name, fields, count);
    record->file = file;
    ul_entry *entry = &to->entries[to->count++];
    *entry = (ul_entry){.record = record};
    ul_facts_of(&entry->facts, record, &b->target, &b->arena);
    return record;
}

static void both(bench *b, const char *name, const char *old, const char *new)
{
    put(b, &b->old, "/w/a.h", name, old);
    put(b, &b->new, "/w/a.h", name, new);
}

static void find(bench *b)
{
    b->request.before = b->old.entries;
    b->request.after = b->new.entries;
    b->request.before_count = b->old.count;
    b->request.after_count = b->new.count;
    b->request.targets = &b->target;
    b->request.target_count = 1;
    if (!b->request.fail_on)
        b->request.fail_on = 1u << UL_EFFECT_SIZE_CLASS | 1u << UL_EFFECT_LINES | 1u << UL_EFFECT_HOT | 1u << UL_EFFECT_GUARD;
    ul_changes_find(&b->changes, &b->request, &b->arena);
}

/* "grew: size-class lines grew | + x @64, ..." */
static const char *told(bench *b, uint32_t index)
{
    assert_true(index < b->changes.count);
    const ul_change *change = &b->changes.items[index];
    const char *text = ul_arena_printf(&b->arena, "%s %s:", ul_change_record(change)->name, ul_change_kind_name(change->kind));
    for (uint32_t i = 0; i < UL_EFFECT_COUNT; i++) {
        if (change->worse & 1u << i)
            text = ul_arena_printf(&b->arena, "%s +%s", text, ul_effect_name((ul_effect)i));
        if (change->better & 1u << i)
            text = ul_arena_printf(&b->arena, "%s -%s", text, ul_effect_name((ul_effect)i));
    }
    for (uint32_t i = 0; i < change->field_count; i++) {
        const ul_field_change *field = &change->fields[i];
        const char *name = field->after != UL_NO_PARENT ? change->after->record->fields[field->after].name
                                                        : change->before->record->fields[field->before].name;
        text = ul_arena_printf(&b->arena, "%s; %s %s", text, ul_field_change_kind_name(field->kind), name);
        if (field->count > 1)
            text = ul_arena_printf(&b->arena, "%s*%u", text, field->count);
        if (field->by_bits)
            text = ul_arena_printf(&b->arena, "%s by %lld", text, (long long)field->by_bits / 8);
    }
    return text;
}

static void a_field_in_front_moves_the_rest_as_one(void **state)
{
    bench *b = *state;
    both(b, "struct conn", "id:8 a:8 b:8 c:8 d:8 e:8 f:8", "id:8 flag:1 a:8 b:8 c:8 d:8 e:8 f:8");
    both(b, "struct same", "id:8 a:4", "id:8 a:4");
    find(b);
    assert_int_equal(b->changes.count, 1);
    assert_int_equal(b->changes.compared, 2);
    assert_string_equal(told(b, 0), "struct conn grew: +size-class +hole +grew; added flag; shifted a*6 by 8");
    assert_int_equal(b->changes.items[0].hole_count, 1);
    assert_int_equal(b->changes.items[0].holes[0].size_bits, 7 * 8);
    assert_int_equal(b->changes.fail_count, 1);
    assert_int_equal(b->changes.items[0].abi, UL_ABI_SIZE | UL_ABI_FIELD_ADDED | UL_ABI_FIELD_MOVED);
}

static void what_fits_into_padding_costs_nothing(void **state)
{
    bench *b = *state;
    both(b, "struct s", "p:8 a:1", "p:8 a:1 n:4");
    find(b);
    assert_string_equal(told(b, 0), "struct s changed: +hole; added n");
    assert_int_equal(b->changes.fail_count, 0);
}

static void orders_types_and_names(void **state)
{
    bench *b = *state;
    both(b, "struct a", "x:8 y:8 z:8", "y:8 z:8 x:8");
    both(b, "struct b", "x:8 y:8", "x:8*s64 y:8");
    both(b, "struct c", "x:8 old:4 z:4", "x:8 new:4 z:4");
    both(b, "struct d", "x:4*item y:8", "x:16*item y:8");
    both(b, "struct e", "x:8 gone:8 y:8 z:8", "x:8 y:8 z:8");
    both(b, "struct f", "a:8 b:8", "a:8 b:8 c:1*char d:1*bool");
    find(b);
    assert_int_equal(b->changes.count, 6);
    assert_int_equal(b->changes.fail_count, 0);
    assert_string_equal(told(b, 1), "struct f grew: +grew; added c; added d"); /* both are of class 24 */
    assert_string_equal(told(b, 0), "struct d grew: -hole +grew; resized x; shifted y by 8");
    assert_string_equal(told(b, 2), "struct a reordered:; shifted y*2 by -8; moved x by 16");
    assert_string_equal(told(b, 3), "struct b changed:; retyped x");
    assert_string_equal(told(b, 4), "struct c changed:; renamed new");
    assert_int_equal(b->changes.items[4].abi, 0);
    assert_string_equal(told(b, 5), "struct e shrank: -size-class -grew; removed gone; shifted y*2 by -8");
}

static void lines_and_straddles(void **state)
{
    bench *b = *state;
    both(b, "struct s", "a:8 b:8 c:8 d:8 e:8 f:8 g:8 h:4", "a:8 b:8 c:8 d:8 e:8 f:8 g:8 n:4*u32 h:4 i:4");
    find(b);
    assert_string_equal(told(b, 0), "struct s grew: +lines +grew; added n; shifted h by 4; added i");
    put(b, &b->old, "/w/a.h", "struct w", "a:32 b:24 c:16 d:8");
    put(b, &b->new, "/w/a.h", "struct w", "a:32 b:16 c:16 d:8 n:8");
    find(b);
    const ul_change *change = NULL;
    for (uint32_t i = 0; i < b->changes.count; i++) {
        if (strcmp(ul_change_record(&b->changes.items[i])->name, "struct w") == 0)
            change = &b->changes.items[i];
    }
    assert_non_null(change);
    assert_true(change->better & 1u << UL_EFFECT_STRADDLE);
    assert_false(change->worse & 1u << UL_EFFECT_STRADDLE);
}

static void a_new_straddle_is_named(void **state)
{
    bench *b = *state;
    both(b, "struct w", "a:32 b:16 c:16 d:8 e:8", "a:32 b:16 e:8 c:16 d:8");
    find(b);
    assert_string_equal(told(b, 0), "struct w reordered: +straddle; moved e by -24; shifted c*2 by 8");
    const ul_change *change = &b->changes.items[0];
    assert_int_equal(change->straddle_count, 1);
    assert_string_equal(change->after->record->fields[change->straddles[0]].name, "c");
}

static ul_annotation *hot_on(bench *b, ul_record *record, const char *group, const uint32_t *fields, uint32_t count)
{
    record->annotations = UL_NEW_ARRAY(&b->arena, ul_annotation, count);
    record->annotation_count = count;
    for (uint32_t i = 0; i < count; i++)
        record->annotations[i] = (ul_annotation){.kind = UL_ANNOTATION_HOT, .argument = group, .reason = "", .field = fields[i]};
    return record->annotations;
}

static void a_hot_group_that_falls_apart(void **state)
{
    bench *b = *state;
    static const uint32_t old_hot[] = {0, 2}, new_hot[] = {0, 3};
    ul_record *old = put(b, &b->old, "/w/a.h", "struct rx", "head:8 x:32 tail:8 y:80");
    ul_record *new = put(b, &b->new, "/w/a.h", "struct rx", "head:8 x:32 z:32 tail:8 y:48");
    hot_on(b, old, "rx", old_hot, 2);
    hot_on(b, new, "rx", new_hot, 2);
    find(b);
    const ul_change *change = &b->changes.items[0];
    assert_true(change->worse & 1u << UL_EFFECT_HOT);
    assert_int_equal(change->hot_count, 1);
    assert_int_equal(change->hot[0].lines_before, 1);
    assert_int_equal(change->hot[0].lines_after, 2);
    assert_int_equal(change->hot[0].field, 3);
    assert_int_equal(b->changes.fail_count, 1);
}

static void identity_is_the_path_and_the_name(void **state)
{
    bench *b = *state;
    static const ul_file_change files[] = {{"/w/old.h", "/w/new.h"}, {"/w/a.h", "/w/a.h"}, {"/w/b.h", "/w/b.h"}, {NULL, "/w/c.h"}};
    put(b, &b->old, "/w/a.h", "struct away", "x:8");
    put(b, &b->old, "/w/a.h", "struct dead", "x:8");
    put(b, &b->old, "/w/old.h", "struct file", "x:8");
    put(b, &b->old, "/w/other.h", "struct unseen", "x:8");
    put(b, &b->new, "/w/b.h", "struct away", "x:8");
    put(b, &b->new, "/w/c.h", "struct born", "x:8");
    put(b, &b->new, "/w/new.h", "struct file", "x:8 y:8");
    b->request.files = files;
    b->request.file_count = 4;
    find(b);
    assert_int_equal(b->changes.count, 4);
    assert_string_equal(told(b, 0), "struct file grew: +grew; added y");
    assert_false(b->changes.items[0].is_moved);
    assert_string_equal(told(b, 1), "struct dead removed:");
    assert_string_equal(told(b, 2), "struct away moved:");
    assert_true(b->changes.items[2].is_moved);
    assert_string_equal(told(b, 3), "struct born added:");
}

static void what_was_not_read_whole_is_unclear(void **state)
{
    bench *b = *state;
    static const ul_file_change files[] = {{"/w/a.h", "/w/a.h"}};
    put(b, &b->old, "/w/a.h", "struct dead", "x:8");
    both(b, "struct s", "x:8", "x:8 y:8");
    ul_record_refuse((ul_record *)b->new.entries[0].record, &b->arena, UL_REFUSE_UNIT_ERRORS, "1 error");
    b->request.files = files;
    b->request.file_count = 1;
    b->request.is_after_whole = false;
    find(b);
    assert_int_equal(b->changes.count, 2);
    assert_string_equal(told(b, 0), "struct dead unclear:");
    assert_int_equal(b->changes.items[1].kind, UL_CHANGE_UNCLEAR);
    assert_int_equal(b->changes.items[1].worse, 0);
    assert_int_equal(b->changes.fail_count, 0);
}

static bool is_public_file(void *context, const char *file)
{
    return strcmp(context, file) == 0;
}

static void abi_counts_for_public_records(void **state)
{
    bench *b = *state;
    static const ul_file_change files[] = {{"/w/a.h", "/w/a.h"}, {"/w/b.h", "/w/b.h"}};
    both(b, "struct api", "x:8 y:8", "y:8 x:8");
    put(b, &b->old, "/w/a.h", "struct gone", "x:8");
    put(b, &b->old, "/w/b.h", "struct inside", "x:8 y:8");
    put(b, &b->new, "/w/b.h", "struct inside", "y:8 x:8");
    b->request.files = files;
    b->request.file_count = 2;
    b->request.is_abi = true;
    b->request.is_public = is_public_file;
    b->request.context = (char[]){"/w/a.h"};
    b->request.fail_on = 1u << UL_EFFECT_ABI;
    find(b);
    assert_int_equal(b->changes.fail_count, 2);
    assert_string_equal(told(b, 0), "struct api reordered: +abi; moved y by -8; shifted x by 8");
    assert_string_equal(told(b, 1), "struct gone removed: +abi");
    assert_string_equal(told(b, 2), "struct inside reordered:; moved y by -8; shifted x by 8");
}

static void guards_find_their_record(void **state)
{
    bench *b = *state;
    static const ul_diag guards[] = {
        {UL_LEVEL_ERROR, "/w/g.c", 3, 1, "static_assert failed due to requirement 'sizeof(struct conn) == 8'"},
        {UL_LEVEL_ERROR, "/w/g.c", 4, 1, "static_assert failed due to requirement 'sizeof(struct conn_pool) == 8'"},
    };
    both(b, "struct conn", "x:8", "x:8 y:8");
    b->request.guards = guards;
    b->request.guard_count = 2;
    find(b);
    assert_string_equal(told(b, 0), "struct conn grew: +guard +grew; added y");
    assert_int_equal(b->changes.items[0].guard_count, 1);
    assert_int_equal(b->changes.guard_count, 2);
    assert_int_equal(b->changes.fail_count, 2);
}

static void worst_comes_first_and_instances_count(void **state)
{
    bench *b = *state;
    both(b, "struct a", "x:8 y:8 z:8", "x:8 y:8 z:8 w:8");
    both(b, "struct b", "x:8 y:8 z:8", "x:8 y:8 z:8 w:8");
    both(b, "struct c", "x:8 y:8 z:8 w:40", "x:8 y:8 z:8 w:48");
    ((ul_record *)b->new.entries[1].record)->instances = 1000;
    find(b);
    assert_string_equal(told(b, 0), "struct b grew: +size-class +grew; added w");
    assert_true(b->changes.items[0].cost_bytes == 16000);
    assert_string_equal(ul_change_record(&b->changes.items[1])->name, "struct a");
    assert_string_equal(ul_change_record(&b->changes.items[2])->name, "struct c");
    assert_true(b->changes.items[2].worse & 1u << UL_EFFECT_LINES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_field_in_front_moves_the_rest_as_one),
        TEST(what_fits_into_padding_costs_nothing),
        TEST(orders_types_and_names),
        TEST(lines_and_straddles),
        TEST(a_new_straddle_is_named),
        TEST(a_hot_group_that_falls_apart),
        TEST(identity_is_the_path_and_the_name),
        TEST(what_was_not_read_whole_is_unclear),
        TEST(abi_counts_for_public_records),
        TEST(guards_find_their_record),
        TEST(worst_comes_first_and_instances_count),
    };
    return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
