/* Any bytes as a record: a plan is a permutation that keeps groups and walls, is as small as it says, and smaller than the source. */
#include <stdlib.h>
#include <string.h>

#include "layout/engine/facts.h"
#include "layout/engine/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { FIELDS_MAX = 24, BYTES_A_FIELD = 3 };

/* Three bytes a field: alignment and bits; size; group, wall and what it is. */
static void read_field(ul_record *record, const uint8_t *from, uint32_t at)
{
    static const char *const names[] = {"a", "b", "pad", ""};
    ul_field *field = &record->fields[at];
    bool is_bits = from[0] & 0x10;
    uint32_t align = 1u << (from[0] & (is_bits ? 3 : 7)), storage = align * 8;
    bool joins = at && from[2] & 1;
    *field = (ul_field){.name = is_bits ? names[from[0] >> 6] : names[(from[0] >> 6) % 3],
                        .type = "t",
                        .align_bytes = align,
                        .size_bits = is_bits ? from[1] % (storage + 1) : (uint64_t)from[1] * 8,
                        .storage_bits = is_bits ? storage : 0,
                        .flags = is_bits ? UL_FIELD_BIT_FIELD : (from[2] & 0x30) == 0x30 ? UL_FIELD_RECORD : 0,
                        .parent = UL_NO_PARENT,
                        .line = at + 1};
    if (!is_bits && field->size_bits == 0)
        field->flags |= UL_FIELD_ZERO_LENGTH;
    if (!joins) {
        uint32_t segment = record->group_count ? record->groups[record->group_count - 1].segment + ((from[2] & 6) == 6) : 0;
        record->groups[record->group_count++] = (ul_group){.first_field = at, .segment = segment};
    }
    field->group = record->group_count - 1;
    record->groups[field->group].field_count++;
}

static void check(const ul_record *record, const ul_plan *plan, const ul_target *target, ul_arena *arena)
{
    ul_record *after;
    ul_facts facts;
    uint32_t segment = 0;
    if (ul_layout_replay(&after, record, target, plan->order, plan->order_count, NULL, NULL, arena) != UL_OK)
        abort();
    if (after->size_bytes != plan->size_bytes || plan->size_bytes >= record->size_bytes || plan->lower_bound_bytes > plan->size_bytes ||
        plan->moved_count == 0)
        abort();
    ul_facts_of(&facts, after, target, arena); /* aborts when the books do not close */
    for (uint32_t i = 0; i < after->field_count; i++) {
        const ul_group *group = &record->groups[after->fields[i].group];
        if (group->segment < segment || (i && after->fields[i].group == after->fields[i - 1].group && plan->order[i] != plan->order[i - 1] + 1))
            abort();
        segment = group->segment;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ul_arena arena;
    ul_record record = {.name = "struct r", .key = "r", .file = "/r.h", .own_align_bytes = 1}, *laid_out;
    if (length < 1 + BYTES_A_FIELD)
        return 0;
    ul_target target;
    ul_target_init(&target, bytes[0] & 1 ? "aarch64-linux-gnu" : "x86_64-linux-gnu", 8);
    ul_arena_init(&arena, NULL);
    record.fields = UL_NEW_ARRAY(&arena, ul_field, FIELDS_MAX);
    record.groups = UL_NEW_ARRAY(&arena, ul_group, FIELDS_MAX);
    for (size_t at = 1; at + BYTES_A_FIELD <= length && record.field_count < FIELDS_MAX; at += BYTES_A_FIELD)
        read_field(&record, bytes + at, record.field_count++);
    if (ul_layout_replay(&laid_out, &record, &target, NULL, 0, NULL, NULL, &arena) != UL_OK)
        abort();
    const ul_record *only = laid_out;
    ul_plan_request request = {.records = &only, .targets = &target, .target_count = 1, .allow = bytes[0] >> 4, .state_budget = 2000};
    ul_plan_result result;
    if (ul_plan_record(&result, &request, &arena) != UL_OK)
        abort();
    if (result.plan)
        check(laid_out, result.plan, &target, &arena);
    ul_arena_free(&arena);
    return 0;
}
