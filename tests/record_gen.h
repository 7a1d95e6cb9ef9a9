/*
 * Random records for the planner's suites, made as model data for two targets at once, with their own account of what
 * may move: the suites must not ask the planner for that. Seeded; the same seed gives the same record everywhere.
 */
#ifndef UL_TESTS_RECORD_GEN_H
#define UL_TESTS_RECORD_GEN_H

#include <string.h>

#include "layout/engine/layout.h"

enum { GEN_TARGETS = 2, GEN_ITEMS_MAX = 128, GEN_FIELDS_MAX = 512 };

/* What moves as one, as the generator made it: fields [first, first + count). */
typedef struct gen_item {
    uint32_t first, count;
    uint32_t segment;
    bool is_held;
    bool starts_with_bits, ends_with_bits;
} gen_item;

typedef struct gen_record {
    ul_record records[GEN_TARGETS];
    ul_field fields[GEN_TARGETS][GEN_FIELDS_MAX];
    ul_group groups[GEN_FIELDS_MAX];
    gen_item items[GEN_ITEMS_MAX];
    uint32_t item_count;
    uint64_t random;
    bool has_oddities; /* holds, walls or runs: not every permutation is allowed */
} gen_record;

static const ul_target gen_targets[GEN_TARGETS] = {
    {.triple = "x86_64-pc-linux-gnu", .line_bytes = 64, .pointer_bytes = 8},
    {.triple = "i386-pc-linux-gnu", .line_bytes = 64, .pointer_bytes = 4},
};

static inline uint32_t gen_random(gen_record *gen, uint32_t below)
{
    uint64_t z = gen->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static inline bool gen_chance(gen_record *gen, uint32_t percent)
{
    return gen_random(gen, 100) < percent;
}

typedef struct gen_type {
    const char *name;
    uint32_t size[GEN_TARGETS], align[GEN_TARGETS];
} gen_type;

static inline uint32_t gen_add_field(gen_record *gen, const char *name, const gen_type *type, uint64_t count, uint32_t bits, uint32_t flags)
{
    uint32_t at = gen->records[0].field_count;
    for (int target = 0; target < GEN_TARGETS; target++) {
        bool is_bits = flags & UL_FIELD_BIT_FIELD;
        gen->fields[target][at] = (ul_field){
            .name = name,
            .type = type->name,
            .size_bits = is_bits ? bits : type->size[target] * 8 * count,
            .align_bytes = type->align[target],
            .storage_bits = is_bits ? type->size[target] * 8 : 0,
            .flags = flags,
            .parent = UL_NO_PARENT,
            .group = gen->records[0].group_count,
            .line = at + 1,
        };
        gen->records[target].field_count = at + 1;
    }
    return at;
}

static inline void gen_end_group(gen_record *gen, uint32_t first, uint32_t segment)
{
    uint32_t at = gen->records[0].group_count;
    gen->groups[at] = (ul_group){.first_field = first, .field_count = gen->records[0].field_count - first, .segment = segment};
    for (int target = 0; target < GEN_TARGETS; target++)
        gen->records[target].group_count = at + 1;
}

/* A run of bit-fields in one to three declarations, unnamed and zero-width ones among them. */
static inline void gen_add_run(gen_record *gen, uint32_t segment)
{
    static const gen_type types[] = {{"uint8_t", {1, 1}, {1, 1}}, {"uint16_t", {2, 2}, {2, 2}}, {"unsigned", {4, 4}, {4, 4}}, {"uint64_t", {8, 8}, {8, 4}}};
    uint32_t groups = 1 + gen_random(gen, 3);
    for (uint32_t i = 0; i < groups; i++) {
        const gen_type *type = &types[gen_random(gen, 4)];
        uint32_t first = gen->records[0].field_count, bits = 1 + gen_random(gen, type->size[0] * 8);
        if (gen_chance(gen, 10))
            gen_add_field(gen, "", type, 1, 0, UL_FIELD_BIT_FIELD);
        else
            gen_add_field(gen, gen_chance(gen, 85) ? "bits" : "", type, 1, bits, UL_FIELD_BIT_FIELD);
        gen_end_group(gen, first, segment);
    }
}

/* One plain declaration of one or two declarators. */
static inline void gen_add_plain(gen_record *gen, uint32_t segment)
{
    static const gen_type types[] = {
        {"char", {1, 1}, {1, 1}},      {"short", {2, 2}, {2, 2}},       {"int", {4, 4}, {4, 4}},          {"long", {8, 4}, {8, 4}},
        {"void *", {8, 4}, {8, 4}},    {"long long", {8, 8}, {8, 4}},   {"double", {8, 8}, {8, 4}},       {"__int128", {16, 16}, {16, 16}},
        {"long double", {16, 12}, {16, 4}}, {"odd", {3, 3}, {4, 4}},    {"wide", {5, 5}, {8, 8}},         {"aligned", {12, 12}, {16, 16}},
    };
    const gen_type *type = &types[gen_chance(gen, 80) ? gen_random(gen, 7) : gen_random(gen, 12)];
    uint32_t first = gen->records[0].field_count, declarators = gen_chance(gen, 12) ? 2 : 1;
    for (uint32_t i = 0; i < declarators; i++) {
        bool is_pointer = i && gen_chance(gen, 50);
        gen_add_field(gen, "plain", is_pointer ? &types[4] : type, gen_chance(gen, 25) ? 1 + gen_random(gen, 9) : 1, 0, 0);
    }
    gen_end_group(gen, first, segment);
}

/* What an author put where it is: by a name, by an alignment, by being a marker. */
static inline void gen_add_held(gen_record *gen, uint32_t segment)
{
    static const gen_type byte = {"char", {1, 1}, {1, 1}}, line = {"lock", {4, 4}, {64, 64}}, word = {"long", {8, 4}, {8, 4}};
    static const char *const names[] = {"pad", "_pad1", "reserved", "__padding_2"};
    uint32_t first = gen->records[0].field_count;
    switch (gen_random(gen, 3)) {
    case 0:
        gen_add_field(gen, names[gen_random(gen, 4)], &byte, 1 + gen_random(gen, 7), 0, UL_FIELD_ARRAY | UL_FIELD_CHAR_ARRAY);
        break;
    case 1:
        gen_add_field(gen, "lock", &line, 1, 0, UL_FIELD_ATTRIBUTED);
        break;
    default:
        gen_add_field(gen, "mark", &word, 0, 0, UL_FIELD_ZERO_LENGTH);
        break;
    }
    gen_end_group(gen, first, segment);
}

static inline bool gen_is_bits(const gen_record *gen, uint32_t field)
{
    return gen->fields[0][field].flags & UL_FIELD_BIT_FIELD;
}

static inline void gen_add_item(gen_record *gen, uint32_t segment, uint32_t oddity_percent)
{
    gen_item *item = &gen->items[gen->item_count];
    *item = (gen_item){.first = gen->records[0].field_count, .segment = segment};
    bool follows_bits = gen->item_count && item[-1].ends_with_bits && item[-1].segment == segment;
    static const gen_type base = {"struct base", {12, 12}, {4, 4}};
    if (gen->item_count == 0 && gen_chance(gen, oddity_percent)) {
        gen_add_field(gen, "base", &base, 1, 0, UL_FIELD_RECORD);
        gen_end_group(gen, item->first, segment);
        item->is_held = true;
    } else if (gen_chance(gen, oddity_percent)) {
        gen_add_held(gen, segment);
        item->is_held = true;
    } else if (!follows_bits && gen_chance(gen, oddity_percent * 2)) {
        gen_add_run(gen, segment);
    } else {
        gen_add_plain(gen, segment);
    }
    item->count = gen->records[0].field_count - item->first;
    item->starts_with_bits = gen_is_bits(gen, item->first);
    item->ends_with_bits = gen_is_bits(gen, gen->records[0].field_count - 1);
    gen->has_oddities |= item->is_held || item->starts_with_bits;
    gen->item_count++;
}

/* A record of `items` units; `oddity_percent` of them are special. False when the layout cannot be replayed. */
static inline bool gen_make(gen_record *gen, uint64_t seed, uint32_t items, uint32_t oddity_percent, ul_arena *arena)
{
    uint32_t segment = 0;
    memset(gen, 0, sizeof *gen);
    gen->random = seed;
    for (int target = 0; target < GEN_TARGETS; target++) {
        gen->records[target] = (ul_record){.name = "struct made", .key = "made", .file = "/made.h", .own_align_bytes = 1, .target = (uint32_t)target};
        gen->records[target].fields = gen->fields[target];
        gen->records[target].groups = gen->groups;
        if (gen_chance(gen, oddity_percent / 2))
            gen->records[target].own_align_bytes = 32;
    }
    for (uint32_t i = 0; i < items; i++) {
        if (i && gen_chance(gen, oddity_percent)) {
            segment++;
            gen->has_oddities = true;
        }
        gen_add_item(gen, segment, oddity_percent);
    }
    if (gen_chance(gen, oddity_percent)) {
        static const gen_type open = {"char []", {1, 1}, {1, 1}};
        gen_item *item = &gen->items[gen->item_count++];
        *item = (gen_item){.first = gen->records[0].field_count, .count = 1, .segment = segment, .is_held = true};
        gen_add_field(gen, "data", &open, 0, 0, UL_FIELD_FLEXIBLE | UL_FIELD_ARRAY);
        gen_end_group(gen, item->first, segment);
        gen->has_oddities = true;
    }
    for (int target = 0; target < GEN_TARGETS; target++) {
        ul_record *laid_out;
        if (ul_layout_replay(&laid_out, &gen->records[target], &gen_targets[target], NULL, 0, NULL, NULL, arena) != UL_OK)
            return false;
        gen->records[target].size_bytes = laid_out->size_bytes;
        gen->records[target].align_bytes = laid_out->align_bytes;
        memcpy(gen->fields[target], laid_out->fields, laid_out->field_count * sizeof *laid_out->fields);
    }
    return true;
}

#endif
