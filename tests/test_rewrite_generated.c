/*
 * Thousands of generated records with comments of all kinds, rewritten as planned and as chance orders: libclang reads the
 * new text and finds the same fields, at the sizes and offsets that the plan told; gcc and clang compile it;
 * every comment that was some field's is still that field's.
 */
#include "tests/rewritten_headers.h"

/* Whether the text is what the checks take it for: before any edit all of them hold. */
static void the_marks_are_right_before(void **state)
{
    run *r = *state;
    uint32_t comments = 0, records = 0;
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        records += r->results[i].record_count;
        comments += check_comments(r, b, b->header, b->source.out.data, b->source.out.length, &r->results[i]);
    }
    printf("%u records, %u comments with an owner\n", records, comments);
    assert_int_equal(r->failures, 0);
    assert_true(records >= FLOOR_RECORDS && comments >= FLOOR_RECORDS);
}

/* Whether an embedded record, at any depth, kept its order because its text was refused: sizes told count on it. */
static bool embeds_refused(const batch *b, const ul_unit_result *result, const ul_record *record)
{
    for (uint32_t f = 0; f < record->field_count; f++) {
        const char *key = record->fields[f].embedded;
        for (uint32_t q = 0; key && q < b->request_count; q++) {
            if (b->rewrite.outcomes[q].refusal && strcmp(b->requests[q].record->key, key) == 0)
                return true;
        }
        for (uint32_t i = 0; key && i < result->record_count; i++) {
            if (strcmp(result->records[i].key, key) == 0 && embeds_refused(b, result, &result->records[i]))
                return true;
        }
    }
    return false;
}

/* The rewritten records have the sizes and offsets of their plans; returns how many were held against them. */
static uint32_t check_plans(run *r, const batch *b, const ul_unit_result *before, const ul_unit_result *after)
{
    uint32_t checked = 0;
    for (uint32_t q = 0; q < b->request_count; q++) {
        const ul_plan *plan = b->plans[q];
        if (b->rewrite.outcomes[q].refusal || embeds_refused(b, before, b->requests[q].record))
            continue;
        const ul_record *now = find_again(after, b->requests[q].record);
        checked++;
        bool is_right = now && now->size_bytes == plan->size_bytes;
        for (uint32_t f = 0; is_right && f < now->field_count; f++) {
            const ul_field *want = &plan->after->fields[f], *have = &now->fields[f];
            is_right = strcmp(want->name, have->name) == 0 && want->offset_bits == have->offset_bits;
        }
        if (!is_right)
            complain(r, b->after, b->requests[q].record->name, "is not laid out as planned");
    }
    return checked;
}

/* Whether the plan takes a declaration apart. */
static bool splits_some(const ul_record *record, const ul_plan *plan)
{
    for (uint32_t i = 0; i < plan->order_count; i++) {
        uint32_t group = record->fields[plan->order[i]].group, at = i;
        while (at + 1 < plan->order_count && record->fields[plan->order[at + 1]].group == group)
            at++;
        for (uint32_t k = at + 1; k < plan->order_count; k++) {
            if (record->fields[plan->order[k]].group == group)
                return true;
        }
    }
    return false;
}

/* Plans under `allow`, written and read again; how many declarations come apart. */
static uint32_t check_planned(run *r, uint32_t allow, const char *mark)
{
    ul_entry *entries = NULL;
    uint32_t count = 0, checked = 0, splits = 0;
    r->failures = 0;
    ul_merge_units(&entries, &count, r->results, BATCHES, &r->arena);
    ul_plan_entries(entries, count, &r->target, 1, allow, &r->arena);
    start_requests(r, count);
    for (uint32_t i = 0; i < count; i++) {
        if (entries[i].plan)
            add_request(r, entries[i].record, entries[i].plan->order, entries[i].plan->order_count, entries[i].plan, allow != 0);
        splits += entries[i].plan && splits_some(entries[i].record, entries[i].plan);
    }
    rewrite_all(r, mark, REFUSED_PERCENT_MAX);
    ul_unit_result after[BATCHES];
    assert_int_equal(read_units(r, after, true), 0);
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        check_records(r, b, &r->results[i], &after[i]);
        checked += check_plans(r, b, &r->results[i], &after[i]);
        check_comments(r, b, b->after, b->rewrite.text, b->rewrite.length, &after[i]);
        compile(r, b);
    }
    printf("%u laid out as planned, declarations come apart in %u\n", checked, splits);
    assert_int_equal(r->failures, 0);
    assert_true(checked >= FLOOR_REWRITTEN);
    return splits;
}

static void plans_come_out_as_told(void **state)
{
    assert_int_equal(check_planned(*state, 0, "planned"), 0);
}

static void split_plans_come_out_as_told(void **state)
{
    assert_true(check_planned(*state, UL_ALLOW_SPLIT_DECLARATORS, "split") >= FLOOR_SPLIT);
}

/* Declarations of each segment in a random order; a flexible array stays last. */
static uint32_t *chance_order(run *r, gen_source *chance, const ul_record *record)
{
    uint32_t count = record->group_count, at = 0;
    uint32_t *groups = UL_NEW_ARRAY(&r->arena, uint32_t, count + 1u);
    uint32_t *order = UL_NEW_ARRAY(&r->arena, uint32_t, record->field_count + 1u);
    for (uint32_t i = 0; i < count; i++)
        groups[i] = i;
    for (uint32_t i = count; i-- > 1;) {
        uint32_t other = gen_below(chance, i + 1);
        bool is_bound = (record->fields[record->field_count - 1].flags & UL_FIELD_FLEXIBLE) && i == count - 1;
        if (is_bound || record->groups[other].segment != record->groups[i].segment || gen_chance(chance, 40))
            continue;
        uint32_t held = groups[i];
        groups[i] = groups[other];
        groups[other] = held;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t f = 0; f < record->field_count; f++) {
            if (record->fields[f].parent == UL_NO_PARENT && record->fields[f].group == groups[i])
                order[at++] = f;
        }
    }
    return order;
}

/* Puts one declarator of a group somewhere else in its segment; false when the record has none that could be. */
static bool take_apart(gen_source *chance, const ul_record *record, uint32_t *order, uint32_t count)
{
    uint32_t from = 0, to = gen_below(chance, count);
    while (from < count && !(record->fields[order[from]].flags & UL_FIELD_SEPARABLE && gen_chance(chance, 60)))
        from++;
    if (from == count || record->fields[order[to]].flags & UL_FIELD_FLEXIBLE ||
        record->groups[record->fields[order[to]].group].segment != record->groups[record->fields[order[from]].group].segment)
        return false;
    uint32_t held = order[from];
    for (; from < to; from++)
        order[from] = order[from + 1];
    for (; from > to; from--)
        order[from] = order[from - 1];
    order[to] = held;
    return true;
}

static void follow_chance(run *r, bool splits)
{
    gen_source chance = {.state = seed_of(BATCHES) + splits};
    uint32_t comments = 0, most = 0, apart = 0;
    r->failures = 0;
    for (uint32_t i = 0; i < BATCHES; i++)
        most += r->results[i].record_count;
    start_requests(r, most);
    for (uint32_t i = 0; i < BATCHES; i++) {
        for (uint32_t k = 0; k < r->results[i].record_count; k++) {
            const ul_record *record = &r->results[i].records[k];
            uint32_t direct = 0;
            for (uint32_t f = 0; f < record->field_count; f++)
                direct += record->fields[f].parent == UL_NO_PARENT;
            if (!record->groups || record->group_count < 2)
                continue;
            uint32_t *order = chance_order(r, &chance, record);
            apart += splits && take_apart(&chance, record, order, direct);
            add_request(r, record, order, direct, NULL, splits);
        }
    }
    rewrite_all(r, splits ? "apart" : "chance", splits ? APART_REFUSED_PERCENT_MAX : REFUSED_PERCENT_MAX);
    ul_unit_result after[BATCHES];
    assert_int_equal(read_units(r, after, true), 0);
    for (uint32_t i = 0; i < BATCHES; i++) {
        batch *b = &r->batches[i];
        check_records(r, b, &r->results[i], &after[i]);
        comments += check_comments(r, b, b->after, b->rewrite.text, b->rewrite.length, &after[i]);
    }
    assert_int_equal(r->failures, 0);
    assert_true(comments >= FLOOR_RECORDS && (!splits || apart >= FLOOR_APART));
}

static void comments_follow_any_order(void **state)
{
    follow_chance(*state, false);
}

static void comments_follow_declarators(void **state)
{
    follow_chance(*state, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_marks_are_right_before),
        cmocka_unit_test(plans_come_out_as_told),
        cmocka_unit_test(split_plans_come_out_as_told),
        cmocka_unit_test(comments_follow_any_order),
        cmocka_unit_test(comments_follow_declarators),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
