/*
 * Arenas: what one request allocates dies with it. Before: malloc for each node and a walk that frees them.
 * After: an arena, reset at the end of the request; its blocks stay warm for the next.
 */
#include <ullage/arena.h>

#include "cook.h"

enum { REQUESTS = 200, NODES = 2000 };

typedef struct node {
    struct node *next;
    uint64_t key, value;
    char name[24];
} node;

static void before(void)
{
    for (int request = 0; request < REQUESTS; request++) {
        node *list = NULL;
        for (uint64_t i = 0; i < NODES; i++) {
            node *made = calloc(1, sizeof *made);
            COOK_CHECK(made);
            made->next = list;
            made->key = i;
            list = made;
        }
        COOK_USE(list);
        while (list) {
            node *next = list->next;
            free(list);
            list = next;
        }
    }
}

static ul_arena arena;

static void after(void)
{
    for (int request = 0; request < REQUESTS; request++) {
        node *list = NULL;
        for (uint64_t i = 0; i < NODES; i++) {
            node *made = UL_NEW(&arena, node);
            COOK_CHECK(made);
            made->next = list;
            made->key = i;
            list = made;
        }
        COOK_USE(list);
        ul_arena_reset(&arena);
    }
}

int main(void)
{
    ul_arena_init(&arena, NULL);
    cook_show("a node of a request", cook_time(before, REQUESTS * NODES), cook_time(after, REQUESTS * NODES),
              "ns");
    ul_arena_free(&arena);
    return 0;
}
