/* Any bytes as a record of up to 40 fields: its plan is a permutation that keeps groups and walls, has the size that it says, is no
 * larger than the source on any target, and its books close. */
#include <stdlib.h>

#include "layout/engine/facts.h"
#include "layout/engine/plan.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

enum { FIELDS_MAX = 40, TARGETS = 2, BYTES_A_FIELD = 3 };

/* Size and alignment on each target, the flags that go with it. */
static const struct {
    const char *name;
    uint32_t size[TARGETS], align[TARGETS], flags;
} types[] = {
    {"c", {1, 1}, {1, 1}, 0},
    {"s", {2, 2}, {2, 2}, 0},
    {"i", {4, 4}, {4, 4}, 0},
    {"l", {8, 4}, {8, 4}, 0},
    {"ll", {8, 8}, {8, 4}, 0},
    {"ld", {16, 12}, {16, 4}, 0},
    {"text", {13, 13}, {1, 1}, UL_FIELD_ARRAY | UL_FIELD_CHAR_ARRAY},
    {"pad", {4, 4}, {1, 1}, 0},
    {"mark", {0, 0}, {8, 4}, UL_FIELD_ZERO_LENGTH},
    {"in", {12, 12}, {4, 4}, UL_FIELD_RECORD},
    {"lock", {4, 4}, {64, 64}, UL_FIELD_ATTRIBUTED},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A type of the table, a bit-field, or any size with any alignment. */
static ul_field read_field(const uint8_t *from, uint32_t target)
{
    uint32_t type = from[0] % 16, align = 1u << (from[1] % 8);
    ul_field field = {.type = "t", .parent = UL_NO_PARENT};
    if (type < sizeof types / sizeof *types) {
        field.name = types[type].name;
        field.align_bytes = types[type].align[target];
        field.size_bits = types[type].size[target] * 8 * (1u + from[2] % 3);
        field.flags = types[type].flags;
    } else if (type < 14) {
        uint32_t storage = 8u << (from[1] % 4);
        field.name = from[1] & 0xc0 ? "bits" : "";
        field.align_bytes = target && storage > 32 ? 4 : storage / 8;
        field.storage_bits = storage;
        field.size_bits = field.name[0] ? 1 + from[2] % storage : from[2] % (storage + 1);
        field.flags = UL_FIELD_BIT_FIELD;
    } else {
        field.name = "any";
        field.align_bytes = target && align == 8 ? 4 : align;
        field.size_bits = from[2] * 8u;
        field.flags = from[2] ? 0 : UL_FIELD_ZERO_LENGTH;
    }
    return field;
}

/* Three bytes a field; the first says too whether it starts a group and a segment. */
static ul_record *read_record(const uint8_t *data, size_t size, uint32_t index, const ul_target *target, ul_arena *arena)
{
    ul_record *record = UL_NEW(arena, ul_record), *laid_out;
    *record = (ul_record){.name = "struct s", .key = "s", .file = "/s.h", .own_align_bytes = 1, .target = index};
    record->fields = UL_NEW_ARRAY(arena, ul_field, FIELDS_MAX);
    record->groups = UL_NEW_ARRAY(arena, ul_group, FIELDS_MAX);
    for (size_t at = 0; at + BYTES_A_FIELD <= size && record->field_count < FIELDS_MAX; at += BYTES_A_FIELD) {
        uint32_t i = record->field_count++;
        if (i == 0 || data[at] & 0x70) {
            uint32_t segment = i ? record->groups[record->group_count - 1].segment + (data[at] >> 7) : 0;
            record->groups[record->group_count++] = (ul_group){.first_field = i, .segment = segment};
        }
        record->groups[record->group_count - 1].field_count++;
        record->fields[i] = read_field(data + at, index);
        record->fields[i].group = record->group_count - 1;
        record->fields[i].line = i + 1;
    }
    HOLDS(ul_layout_replay(&laid_out, record, target, NULL, 0, NULL, NULL, arena) == UL_OK);
    return laid_out;
}

static void check_plan(const ul_plan *plan, const ul_record *const *records, const ul_target *targets, uint32_t count, ul_arena *arena)
{
    const ul_record *record = records[0];
    HOLDS(plan->order_count == record->field_count && plan->moved_count > 0 && plan->moved_count < record->field_count);
    HOLDS(plan->size_bytes < record->size_bytes && plan->saved_bytes == record->size_bytes - plan->size_bytes);
    HOLDS(plan->lower_bound_bytes <= plan->size_bytes);
    for (uint32_t target = 0; target < count; target++) {
        ul_record *after;
        ul_facts facts;
        /* It refuses what is no permutation. */
        HOLDS(ul_layout_replay(&after, records[target], &targets[target], plan->order, plan->order_count, NULL, NULL, arena) == UL_OK);
        HOLDS(target ? after->size_bytes <= records[target]->size_bytes : after->size_bytes == plan->size_bytes);
        ul_facts_of(&facts, after, &targets[target], arena); /* aborts when its books do not close */
    }
    for (uint32_t i = 1; i < plan->order_count; i++) {
        const ul_field *before = &record->fields[plan->order[i - 1]], *field = &record->fields[plan->order[i]];
        HOLDS(record->groups[before->group].segment <= record->groups[field->group].segment);
        if (plan->order[i] != record->groups[field->group].first_field)
            HOLDS(plan->order[i] == plan->order[i - 1] + 1); /* groups stay whole */
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 + BYTES_A_FIELD)
        return 0;
    ul_arena arena;
    ul_target targets[TARGETS];
    bool is_arm = data[0] & 0x80; /* where unnamed bit-fields align their record */
    ul_target_init(&targets[0], is_arm ? "aarch64-unknown-linux-gnu" : "x86_64-pc-linux-gnu", 8);
    ul_target_init(&targets[1], is_arm ? "armv7-unknown-linux-gnueabihf" : "i386-pc-linux-gnu", 4);
    ul_arena_init(&arena, NULL);
    const ul_record *records[TARGETS];
    for (uint32_t target = 0; target < TARGETS; target++)
        records[target] = read_record(data + 2, size - 2, target, &targets[target], &arena);
    ul_plan_request request = {.records = records,
                               .targets = targets,
                               .target_count = 1 + (data[0] & 1),
                               .allow = data[0] >> 1 & 15,
                               .state_budget = 1 + (uint64_t)data[1] * data[1] / 16};
    ul_plan_result result;
    HOLDS(ul_plan_record(&result, &request, &arena) == UL_OK);
    HOLDS(result.size_bytes <= records[0]->size_bytes && result.lower_bound_bytes <= result.size_bytes);
    HOLDS(result.plan ? result.size_bytes == result.plan->size_bytes : result.size_bytes == records[0]->size_bytes);
    for (uint32_t i = 0; i < result.trade_count; i++)
        HOLDS(result.trades[i].size_bytes + result.trades[i].saved_bytes == result.size_bytes && result.trades[i].detail[0]);
    if (result.plan)
        check_plan(result.plan, records, targets, request.target_count, &arena);
    ul_arena_free(&arena);
    return 0;
}
