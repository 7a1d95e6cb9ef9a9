/*
 * Bit flags: a bool takes a byte for one bit. Before: eight of them beside a 64-bit number. After: one byte
 * of bit-fields in what was padding anyway. Not for fields that different threads write: a bit-field is read,
 * changed and written with its neighbours.
 */
#include <stdbool.h>

#include <ullage/line.h>

#include "cook.h"

typedef struct bools { // ullage: ignore[flags-to-bits] -- the example of what it finds
    uint32_t id;
    bool is_open, is_dirty, is_locked, is_mapped, is_shared, is_private, is_new, is_old;
} bools;

typedef struct bits {
    uint32_t id : 24;
    bool is_open : 1, is_dirty : 1, is_locked : 1, is_mapped : 1, is_shared : 1, is_private : 1, is_new : 1,
        is_old : 1;
} bits;

UL_ASSERT_SIZE(bools, 12);
UL_ASSERT_SIZE(bits, 4);

enum { COUNT = 8000000 };
static bools *wide;
static bits *narrow;

static void before(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        count += wide[i].is_open && !wide[i].is_old;
    COOK_USE(count);
}

static void after(void)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < COUNT; i++)
        count += narrow[i].is_open && !narrow[i].is_old;
    COOK_USE(count);
}

int main(void)
{
    wide = calloc(COUNT, sizeof *wide);
    narrow = calloc(COUNT, sizeof *narrow);
    COOK_CHECK(wide && narrow);
    for (uint32_t i = 0; i < COUNT; i++)
        wide[i].is_open = narrow[i].is_open = i % 3 == 0;
    cook_show("a record", sizeof *wide, sizeof *narrow, "bytes");
    cook_show("a record of eight million, looked at once", cook_time(before, COUNT), cook_time(after, COUNT),
              "ns");
    free(wide);
    free(narrow);
    return 0;
}
