/*
 * Zero-copy views: the words of a text need no memory of their own while the text is there. Before: a copy of
 * each field with strndup. After: ul_str, a pointer and a length into the text.
 */
#include <ullage/view.h>

#include "cook.h"

enum { LINES = 20000, FIELDS = 6 };
static const char line[] = "2026-07-24,eu-west,worker-7,warning,12,the disk is filling";

static void before(void)
{
    size_t sum = 0;
    for (unsigned i = 0; i < LINES; i++) {
        const char *from = line;
        for (unsigned field = 0; field < FIELDS; field++) {
            size_t length = strcspn(from, ",");
            char *copy = strndup(from, length);
            COOK_CHECK(copy);
            sum += strlen(copy);
            free(copy);
            from += length + 1;
        }
    }
    COOK_USE(sum);
    COOK_CHECK(sum == (sizeof line - FIELDS) * LINES);
}

static void after(void)
{
    size_t sum = 0;
    for (unsigned i = 0; i < LINES; i++) {
        ul_str rest = UL_STR("2026-07-24,eu-west,worker-7,warning,12,the disk is filling"), field;
        COOK_USE(rest.data);
        while (ul_str_cut(&rest, ',', &field))
            sum += field.length;
    }
    COOK_USE(sum);
    COOK_CHECK(sum == (sizeof line - FIELDS) * LINES);
}

int main(void)
{
    cook_show("a field", cook_time(before, LINES * FIELDS), cook_time(after, LINES * FIELDS), "ns");
    cook_show("allocations for a line", FIELDS, 0, "allocations");
    return 0;
}
