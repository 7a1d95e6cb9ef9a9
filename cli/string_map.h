/*
 * A hash map from text to a pointer, in an arena: it only grows and is given back with the arena.
 * For the caches of this room; not for keys that an attacker may choose by the million.
 */
#ifndef UL_CLI_STRING_MAP_H
#define UL_CLI_STRING_MAP_H

#include <stdint.h>

#include "ullage/arena.h"

typedef struct ul_string_map {
    ul_arena *arena;
    struct ul_string_slot *slots; /* a uthash table; private */
} ul_string_map;

/* Takes no memory. `arena` must outlive the map. */
void ul_string_map_init(ul_string_map *map, ul_arena *arena);
/* What is stored under `key`, or NULL. */
void *ul_string_map_get(const ul_string_map *map, const char *key);
/* Stores `value` (not NULL) under `key`, which is copied when it is new; returns the map's own copy of the key. */
const char *ul_string_map_set(ul_string_map *map, const char *key, void *value);

#endif
