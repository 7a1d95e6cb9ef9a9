/*
 * Pools and reuse with reset: objects that are expensive to set up come back set up. Before: each user
 * allocates, fills in and frees. After: `make` runs once a slot, `reset` clears what the last user left, in
 * put; get is a few instructions.
 */
#include <ullage/pool.h>

#include "cook.h"

enum { ROUNDS = 200000, TABLE = 64, BUSY = 32 };

typedef struct parser {
    uint16_t table[TABLE]; /* the same for every parser: expensive to make, never changed */
    char token[64];
    size_t token_length;
} parser;

static void make_table(parser *p)
{
    for (unsigned i = 0; i < TABLE; i++)
        p->table[i] = (uint16_t)(i * i * 40503u >> 3);
}

static void before(void)
{
    parser *busy[BUSY] = {0};
    for (unsigned i = 0; i < ROUNDS; i++) {
        free(busy[i % BUSY]);
        parser *p = malloc(sizeof *p);
        COOK_CHECK(p);
        make_table(p);
        p->token_length = 0;
        busy[i % BUSY] = p;
        COOK_USE(p);
    }
    for (unsigned i = 0; i < BUSY; i++)
        free(busy[i]);
}

static bool make(void *object, void *context)
{
    unsigned *made = context;
    ++*made;
    make_table(object);
    ((parser *)object)->token_length = 0;
    return true;
}

static void reset(void *object, void *context)
{
    (void)context;
    ((parser *)object)->token_length = 0;
}

UL_POOL_OF(parser_pool, parser);
static parser_pool pool;

static void after(void)
{
    parser *busy[BUSY] = {0};
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (busy[i % BUSY])
            parser_pool_put(&pool, busy[i % BUSY]);
        parser *p = parser_pool_get(&pool);
        COOK_CHECK(p && p->token_length == 0);
        p->token_length = 5;
        busy[i % BUSY] = p;
        COOK_USE(p);
    }
    for (unsigned i = 0; i < BUSY; i++)
        parser_pool_put(&pool, busy[i]);
}

int main(void)
{
    unsigned made = 0;
    parser_pool_init(&pool, &(ul_pool_options){.make = make, .reset = reset, .context = &made});
    cook_show("a parser's life", cook_time(before, ROUNDS), cook_time(after, ROUNDS), "ns");
    cook_show("parsers made", 5.0 * ROUNDS, made, "parsers");
    COOK_CHECK(made <= 5.0 * ROUNDS);
    parser_pool_free(&pool);
    return 0;
}
