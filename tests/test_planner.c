/* The planner against brute force: every allowed permutation of small records, and simple orders of large ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#include "layout/engine/plan.h"
#include "tests/record_gen.h"

static void die(size_t bytes)
{
    fail_msg("out of memory for %zu bytes", bytes);
    abort();
}

/* Brute force over the items of one generated record. Its layout rules are written out again here. */
typedef struct brute {
    const gen_record *gen;
    uint32_t targets;
    bool joins_bits;
    uint32_t order[GEN_ITEMS_MAX];
    bool is_used[GEN_ITEMS_MAX];
    uint64_t best_bytes;
    uint32_t best_moves, best_straddles;
    bool is_second_pass;
} brute;

static uint64_t up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

static uint64_t lay(const gen_record *gen, uint32_t target, const gen_item *item, uint64_t at, uint32_t *straddles)
{
    for (uint32_t i = item->first; i < item->first + item->count; i++) {
        const ul_field *field = &gen->fields[target][i];
        uint64_t align = (uint64_t)field->align_bytes * 8;
        if (!(field->flags & UL_FIELD_BIT_FIELD) || field->size_bits == 0)
            at = up(at, align);
        else if (!(align == 8 && field->storage_bits > 8) && at % align + field->size_bits > field->storage_bits)
            at = up(at, align);
        if (field->size_bits && field->size_bits <= 512)
            *straddles += at / 512 != (at + field->size_bits - 1) / 512;
        at += field->size_bits;
    }
    return at;
}

/* Fields outside the heaviest increasing subsequence, by the quadratic recurrence. */
static uint32_t moves_in(const gen_record *gen, const uint32_t *order, uint32_t count)
{
    uint32_t chain[GEN_ITEMS_MAX], heaviest = 0, fields = 0;
    for (uint32_t i = 0; i < count; i++) {
        chain[i] = 0;
        for (uint32_t j = 0; j < i; j++) {
            if (order[j] < order[i] && chain[j] > chain[i])
                chain[i] = chain[j];
        }
        chain[i] += gen->items[order[i]].count;
        heaviest = chain[i] > heaviest ? chain[i] : heaviest;
        fields += gen->items[order[i]].count;
    }
    return fields - heaviest;
}

/* Whether `item` may come now: nothing that must stay before it is still to come, and bit-fields stay apart. */
static bool may_come(const brute *b, uint32_t placed, uint32_t item)
{
    const gen_item *items = b->gen->items;
    for (uint32_t other = 0; other < item; other++) {
        if (b->is_used[other])
            continue;
        for (uint32_t i = other; i <= item; i++) {
            if (items[i].is_held || items[i].segment != items[item].segment)
                return false;
        }
    }
    if (placed == 0 || b->joins_bits)
        return true;
    uint32_t before = b->order[placed - 1];
    return !(items[before].ends_with_bits && items[item].starts_with_bits) || item == before + 1;
}

static void finish(brute *b, const uint64_t *at, uint32_t straddles)
{
    uint64_t bytes[GEN_TARGETS];
    for (uint32_t target = 0; target < b->targets; target++) {
        const ul_record *record = &b->gen->records[target];
        bytes[target] = up(at[target], (uint64_t)record->align_bytes * 8) / 8;
        if (bytes[target] > record->size_bytes)
            return;
    }
    if (!b->is_second_pass) {
        b->best_bytes = bytes[0] < b->best_bytes ? bytes[0] : b->best_bytes;
        return;
    }
    uint32_t moves = bytes[0] == b->best_bytes ? moves_in(b->gen, b->order, b->gen->item_count) : UINT32_MAX;
    if (moves < b->best_moves || (moves == b->best_moves && straddles < b->best_straddles)) {
        b->best_moves = moves;
        b->best_straddles = straddles;
    }
}

static void permute(brute *b, uint32_t placed, const uint64_t *at, uint32_t straddles)
{
    if (placed == b->gen->item_count) {
        finish(b, at, straddles);
        return;
    }
    if (b->is_second_pass && at[0] > b->best_bytes * 8)
        return;
    for (uint32_t item = 0; item < b->gen->item_count; item++) {
        uint64_t next[GEN_TARGETS];
        uint32_t crossed[GEN_TARGETS] = {straddles, 0};
        if (b->is_used[item] || !may_come(b, placed, item))
            continue;
        for (uint32_t target = 0; target < b->targets; target++)
            next[target] = lay(b->gen, target, &b->gen->items[item], at[target], &crossed[target]);
        b->is_used[item] = true;
        b->order[placed] = item;
        permute(b, placed + 1, next, crossed[0]);
        b->is_used[item] = false;
    }
}

static void search(brute *b)
{
    const uint64_t start[GEN_TARGETS] = {0};
    b->best_bytes = UINT64_MAX;
    b->is_second_pass = false;
    permute(b, 0, start, 0);
    b->is_second_pass = true;
    b->best_moves = b->best_straddles = UINT32_MAX;
    permute(b, 0, start, 0);
}

/* The plan's own account, checked against the replay and against the rules of what may move. */
static void check_plan(const gen_record *gen, uint32_t targets, const ul_plan *plan, ul_arena *arena)
{
    uint32_t items[GEN_ITEMS_MAX], count = 0, fields = gen->records[0].field_count, kept = 0;
    bool *is_moved = UL_NEW_ARRAY(arena, bool, fields);
    assert_int_equal(plan->order_count, fields);
    for (uint32_t i = 0; i < fields; i += gen->items[items[count++]].count) {
        uint32_t item = 0;
        while (item < gen->item_count && gen->items[item].first != plan->order[i])
            item++;
        assert_true(item < gen->item_count); /* units stay whole */
        items[count] = item;
        for (uint32_t j = 0; j < gen->items[item].count; j++)
            assert_int_equal(plan->order[i + j], gen->items[item].first + j);
    }
    assert_int_equal(count, gen->item_count);
    for (uint32_t target = 0; target < targets; target++) {
        ul_record *after;
        assert_int_equal(ul_layout_replay(&after, &gen->records[target], &gen_targets[target], plan->order, fields, NULL, NULL, arena), UL_OK);
        assert_true(after->size_bytes <= gen->records[target].size_bytes);
        if (target == 0)
            assert_int_equal(after->size_bytes, plan->size_bytes);
    }
    assert_int_equal(plan->saved_bytes, gen->records[0].size_bytes - plan->size_bytes);
    assert_true(plan->saved_bytes > 0 && plan->moved_count > 0);
    assert_true(plan->lower_bound_bytes <= plan->size_bytes);
    assert_int_equal(plan->moved_count, moves_in(gen, items, count));
    for (uint32_t i = 0; i < plan->moved_count; i++)
        is_moved[plan->moved[i]] = true;
    for (uint32_t i = 0; i < fields; i++) {
        if (is_moved[plan->order[i]])
            continue;
        assert_true(kept == 0 || plan->order[i] > kept - 1); /* what is not moved keeps its order */
        kept = plan->order[i] + 1;
    }
}

static void compare(const gen_record *gen, uint32_t targets, uint32_t allow, ul_arena *arena, uint32_t *plans)
{
    const ul_record *records[GEN_TARGETS] = {&gen->records[0], &gen->records[1]};
    ul_plan_request request = {.records = records, .targets = gen_targets, .target_count = targets, .allow = allow};
    ul_plan_result result;
    brute b = {.gen = gen, .targets = targets, .joins_bits = allow & UL_ALLOW_MERGE_BITS};
    search(&b);
    assert_int_equal(ul_plan_record(&result, &request, arena), UL_OK);
    assert_true(result.is_optimal);
    assert_int_equal(result.size_bytes, b.best_bytes);
    assert_true(result.lower_bound_bytes <= result.size_bytes);
    if (!result.plan) {
        assert_int_equal(b.best_bytes, gen->records[0].size_bytes);
        return;
    }
    ++*plans;
    check_plan(gen, targets, result.plan, arena);
    assert_true(result.plan->is_optimal && result.plan->is_fewest_moves);
    assert_int_equal(result.plan->moved_count, b.best_moves);
    assert_int_equal(result.plan->straddles_after, b.best_straddles);
}

static void compare_many(uint64_t seed, uint32_t records, uint32_t targets, uint32_t oddity_percent, uint32_t allow)
{
    gen_record *gen = malloc(sizeof *gen);
    uint32_t plans = 0;
    ul_arena arena;
    assert_non_null(gen);
    ul_arena_init(&arena, die);
    for (uint32_t i = 0; i < records; i++) {
        assert_true(gen_make(gen, seed + i, 2 + i % 6, oddity_percent, &arena)); /* and a flexible array: up to 8 */
        compare(gen, targets, allow, &arena, &plans);
        ul_arena_clear(&arena);
    }
    print_message("%u records, %u plans\n", records, plans);
    assert_true(plans > records / 10);
    ul_arena_free(&arena);
    free(gen);
}

static void plain_records(void **state)
{
    (void)state;
    compare_many(1, 1000, 1, 0, 0);
}

static void eight_units(void **state)
{
    (void)state;
    gen_record *gen = malloc(sizeof *gen);
    uint32_t plans = 0;
    ul_arena arena;
    assert_non_null(gen);
    ul_arena_init(&arena, die);
    for (uint32_t i = 0; i < 120; i++) {
        assert_true(gen_make(gen, 7000 + i, 8, i % 3 == 0 ? 0 : 6, &arena));
        if (gen->item_count <= 8)
            compare(gen, 1, 0, &arena, &plans);
        ul_arena_clear(&arena);
    }
    assert_true(plans > 60);
    ul_arena_free(&arena);
    free(gen);
}

static void odd_records(void **state)
{
    (void)state;
    compare_many(100000, 1500, 1, 10, 0);
}

static void joined_bit_fields(void **state)
{
    (void)state;
    compare_many(200000, 600, 1, 12, UL_ALLOW_MERGE_BITS);
}

static void two_targets(void **state)
{
    (void)state;
    compare_many(300000, 1000, 2, 6, 0);
}

/* Larger records: never worse than the source or than sorting by alignment, and honest about what is proven. */
static void large_records(void **state)
{
    (void)state;
    gen_record *gen = malloc(sizeof *gen);
    ul_arena arena;
    uint32_t proven = 0, sorted_beaten = 0;
    assert_non_null(gen);
    ul_arena_init(&arena, die);
    for (uint32_t i = 0; i < 160; i++) {
        assert_true(gen_make(gen, 900000 + i, 9 + i % 52, i % 2 ? 0 : 5, &arena));
        const ul_record *record = &gen->records[0];
        ul_plan_request request = {.records = &record, .targets = gen_targets, .target_count = 1};
        ul_plan_result result;
        assert_int_equal(ul_plan_record(&result, &request, &arena), UL_OK);
        assert_true(result.size_bytes <= record->size_bytes);
        if (result.plan)
            check_plan(gen, 1, result.plan, &arena);
        proven += result.is_optimal;
        if (!gen->has_oddities) {
            uint64_t at = 0;
            uint32_t unused = 0;
            for (uint32_t align = 64; align; align /= 2) {
                for (uint32_t item = 0; item < gen->item_count; item++) {
                    uint32_t widest = 0;
                    for (uint32_t j = 0; j < gen->items[item].count; j++) {
                        uint32_t own = gen->fields[0][gen->items[item].first + j].align_bytes;
                        widest = own > widest ? own : widest;
                    }
                    if (widest == align)
                        at = lay(gen, 0, &gen->items[item], at, &unused);
                }
            }
            uint64_t sorted_bytes = up(at, (uint64_t)record->align_bytes * 8) / 8;
            assert_true(result.size_bytes <= sorted_bytes);
            sorted_beaten += result.size_bytes < sorted_bytes;
        }
        ul_arena_clear(&arena);
    }
    print_message("%u of 160 proven, %u smaller than sorted\n", proven, sorted_beaten);
    assert_true(proven > 130);
    assert_true(sorted_beaten > 0);
    ul_arena_free(&arena);
    free(gen);
}

/* A record of `count` fields whose sizes are sizes[index_of(i)], laid out; *sum is set. */
static const ul_record *make_long(const uint32_t *sizes, uint32_t (*index_of)(uint32_t), uint32_t count, uint64_t *sum, ul_arena *arena)
{
    ul_record *record = UL_NEW(arena, ul_record), *laid_out;
    *record = (ul_record){.name = "struct long", .key = "long", .file = "/long.h", .own_align_bytes = 1};
    record->fields = UL_NEW_ARRAY(arena, ul_field, count);
    record->groups = UL_NEW_ARRAY(arena, ul_group, count);
    record->field_count = record->group_count = count;
    *sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = sizes[index_of(i)], align = size & (~size + 1); /* 12 bytes are three words, 41 are characters */
        record->fields[i] = (ul_field){
            .name = "f", .type = "t", .size_bits = size * 8, .align_bytes = align, .parent = UL_NO_PARENT, .group = i};
        record->groups[i] = (ul_group){.first_field = i, .field_count = 1};
        *sum += size;
    }
    assert_int_equal(ul_layout_replay(&laid_out, record, &gen_targets[0], NULL, 0, NULL, NULL, arena), UL_OK);
    return laid_out;
}

static uint32_t lone_words(uint32_t i)
{
    return i % 10 == 9 ? 1 : i % 97 == 50 ? 2 : 0;
}

/*
 * Hundreds of fields with a hole at every tenth, as long-lived server structs have them: an exact search for the fewest moves does not end
 * there, and the plan must still be one that a reviewer reads. A move closes two holes at the most.
 */
static void many_holes(void **state)
{
    (void)state;
    enum { COUNT = 430 };
    static const uint32_t sizes[] = {8, 4, 41};
    ul_arena arena;
    uint64_t sum;
    ul_arena_init(&arena, die);
    const ul_record *record = make_long(sizes, lone_words, COUNT, &sum, &arena);
    ul_plan_request request = {.records = &record, .targets = gen_targets, .target_count = 1};
    ul_plan_result result;
    assert_int_equal(ul_plan_record(&result, &request, &arena), UL_OK);
    assert_non_null(result.plan);
    assert_int_equal(result.plan->size_bytes, up(sum, 8));
    assert_true(result.plan->moved_count <= COUNT / 10 / 2 + 6);
    ul_arena_free(&arena);
}

static uint32_t scattered(uint32_t i)
{
    return i * 7919u % 7;
}

/* Ten thousand fields: far beyond an exact search for moves, and said so. */
static void huge_record(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 8, 4, 2, 8, 1, 12};
    ul_arena arena;
    uint64_t sum;
    ul_arena_init(&arena, die);
    const ul_record *record = make_long(sizes, scattered, 10000, &sum, &arena);
    ul_plan_request request = {.records = &record, .targets = gen_targets, .target_count = 1};
    ul_plan_result result;
    assert_int_equal(ul_plan_record(&result, &request, &arena), UL_OK);
    assert_non_null(result.plan);
    assert_int_equal(result.plan->size_bytes, up(sum, 8));
    assert_true(result.plan->is_optimal);
    assert_false(result.plan->is_fewest_moves);
    ul_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_records),     cmocka_unit_test(eight_units), cmocka_unit_test(odd_records),
        cmocka_unit_test(joined_bit_fields), cmocka_unit_test(two_targets), cmocka_unit_test(large_records),
        cmocka_unit_test(many_holes),        cmocka_unit_test(huge_record),
    };
    return cmocka_run_group_tests_name("planner", tests, NULL, NULL);
}
