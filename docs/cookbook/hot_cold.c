/*
 * Hot and cold: a search reads the key of every record and the rest of one. Before: the rest lies between the
 * keys, so every line that is fetched is mostly cold. After: the cold part stands by itself, one index away.
 */
#include "cook.h"

typedef struct cold {
    char address[96];
    uint64_t created, changed;
} cold;

typedef struct whole {
    uint64_t key;
    cold rest;
} whole;

typedef struct hot {
    uint64_t key;
    uint32_t rest; /* index of the cold part */
} hot;

enum { COUNT = 400000 };
static whole *wholes;
static hot *hots;
static cold *colds;

static void before(void)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (wholes[i].key == COUNT - 1)
            found += wholes[i].rest.created;
    }
    COOK_USE(found);
}

static void after(void)
{
    uint64_t found = 0;
    for (uint32_t i = 0; i < COUNT; i++) {
        if (hots[i].key == COUNT - 1)
            found += colds[hots[i].rest].created;
    }
    COOK_USE(found);
}

int main(void)
{
    wholes = calloc(COUNT, sizeof *wholes);
    hots = calloc(COUNT, sizeof *hots);
    colds = calloc(COUNT, sizeof *colds);
    COOK_CHECK(wholes && hots && colds);
    for (uint32_t i = 0; i < COUNT; i++) {
        wholes[i].key = hots[i].key = i;
        wholes[i].rest.created = colds[i].created = i;
        hots[i].rest = i;
    }
    cook_show("bytes from one key to the next", sizeof *wholes, sizeof *hots, "bytes");
    cook_show("a key of a search", cook_time(before, COUNT), cook_time(after, COUNT), "ns");
    free(wholes);
    free(hots);
    free(colds);
    return 0;
}
