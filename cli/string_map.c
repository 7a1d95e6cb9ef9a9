#include "cli/string_map.h"

#include <string.h>

void ul_string_map_init(ul_string_map *map, ul_arena *arena)
{
    *map = (ul_string_map){.arena = arena};
}

/* FNV-1a 64, with a final mix since only the low bits are used. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char *at = (const unsigned char *)key; *at; at++)
        hash = (hash ^ *at) * 0x100000001b3u;
    return hash ^ (hash >> 32);
}

/* The slot of `key`, or the free one where it would go. The map has a free slot. */
static ul_string_slot *find(const ul_string_map *map, const char *key, uint64_t hash)
{
    uint32_t mask = map->capacity - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (map->slots[at].key && (map->slots[at].hash != hash || strcmp(map->slots[at].key, key) != 0))
        at = (at + 1) & mask;
    return &map->slots[at];
}

void *ul_string_map_get(const ul_string_map *map, const char *key)
{
    return map->capacity ? find(map, key, hash_of(key))->value : NULL;
}

static void grow(ul_string_map *map)
{
    ul_string_map wider = {.arena = map->arena, .capacity = map->capacity ? map->capacity * 2 : 64};
    wider.slots = UL_NEW_ARRAY(map->arena, ul_string_slot, wider.capacity);
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].key)
            *find(&wider, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    }
    wider.count = map->count;
    *map = wider;
}

const char *ul_string_map_set(ul_string_map *map, const char *key, void *value)
{
    if (map->count >= map->capacity / 4 * 3)
        grow(map);
    uint64_t hash = hash_of(key);
    ul_string_slot *slot = find(map, key, hash);
    if (!slot->key) {
        slot->key = ul_arena_strdup(map->arena, key);
        slot->hash = hash;
        map->count++;
    }
    slot->value = value;
    return slot->key;
}
