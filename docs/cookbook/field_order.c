/*
 * Field order: the compiler may not move fields, so holes stay where they were written. `ullage check` finds
 * them and `ullage fix` moves the fields. Before: 40 bytes, 17 of them holes. After: the same fields in 24.
 */
#include <ullage/line.h>

#include "cook.h"

typedef struct before_fix { // ullage: ignore[reorder-saves] -- the example of what it finds
    uint8_t kind;
    uint64_t id;
    uint8_t state;
    uint32_t length;
    uint8_t flags;
    uint64_t offset;
} before_fix;

typedef struct after_fix {
    uint64_t id;
    uint64_t offset;
    uint32_t length;
    uint8_t kind;
    uint8_t state;
    uint8_t flags;
} after_fix;

UL_ASSERT_SIZE(before_fix, 40);
UL_ASSERT_SIZE(after_fix, 24);

enum { COUNT = 4000000 };
static before_fix *wide;
static after_fix *narrow;

static void before(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        sum += wide[i].id + wide[i].flags;
    COOK_USE(sum);
}

static void after(void)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        sum += narrow[i].id + narrow[i].flags;
    COOK_USE(sum);
}

int main(void)
{
    wide = malloc(COUNT * sizeof *wide);
    narrow = malloc(COUNT * sizeof *narrow);
    COOK_CHECK(wide && narrow);
    memset(wide, 1, COUNT * sizeof *wide);
    memset(narrow, 1, COUNT * sizeof *narrow);
    cook_show("a record", sizeof *wide, sizeof *narrow, "bytes");
    cook_show("a record of four million, read once", cook_time(before, COUNT), cook_time(after, COUNT), "ns");
    free(wide);
    free(narrow);
    return 0;
}
