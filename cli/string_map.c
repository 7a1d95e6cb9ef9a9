#include "cli/string_map.h"

#include <stdlib.h>
#include <string.h>

/* The table itself lives in the map's arena too; every function below has the map in `map`. */
#define uthash_malloc(size) ul_arena_alloc(map->arena, (size), alignof(max_align_t))
#define uthash_free(pointer, size) ((void)(pointer))
#define uthash_fatal(message) abort()
#include <uthash.h>

typedef struct ul_string_slot {
    const char *key;
    void *value;
    UT_hash_handle hh;
} ul_string_slot;

void ul_string_map_init(ul_string_map *map, ul_arena *arena)
{
    *map = (ul_string_map){.arena = arena};
}

void *ul_string_map_get(const ul_string_map *map, const char *key)
{
    const ul_string_slot *slot;
    HASH_FIND_STR(map->slots, key, slot);
    return slot ? slot->value : NULL;
}

const char *ul_string_map_set(ul_string_map *map, const char *key, void *value)
{
    ul_string_slot *slot;
    HASH_FIND_STR(map->slots, key, slot);
    if (!slot) {
        slot = UL_NEW(map->arena, ul_string_slot);
        slot->key = ul_arena_strdup(map->arena, key);
        HASH_ADD_KEYPTR(hh, map->slots, slot->key, strlen(slot->key), slot);
    }
    slot->value = value;
    return slot->key;
}
