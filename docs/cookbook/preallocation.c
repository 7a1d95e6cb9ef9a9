/*
 * Pre-allocation: what is known beforehand is not learnt by copying. It pays for the many small arrays and
 * texts of a program, less for one large array, which the system grows by remapping. Before: push into an
 * empty vector, and snprintf with strcat. After: ul_vec_reserve, and a string builder that knows its length.
 */
#include <ullage/strbuf.h>
#include <ullage/vec.h>

#include "cook.h"

enum { VECTORS = 20000, ITEMS = 40, TEXTS = 2000, WORDS = 100 };

static void fill(size_t reserve)
{
    for (unsigned i = 0; i < VECTORS; i++) {
        UL_VEC(int) vec = {0};
        COOK_CHECK(ul_vec_reserve(&vec, reserve) == UL_OK);
        for (int item = 0; item < ITEMS; item++)
            COOK_CHECK(ul_vec_push(&vec, item) == UL_OK);
        COOK_USE(vec.items);
        ul_vec_free(&vec);
    }
}

static void before(void)
{
    fill(0);
}

static void after(void)
{
    fill(ITEMS);
}

static void before_text(void)
{
    static char text[WORDS * 8];
    for (unsigned i = 0; i < TEXTS; i++) {
        text[0] = '\0';
        for (unsigned word = 0; word < WORDS; word++)
            strcat(text, "ullage "); /* finds the end again and again */
        COOK_USE(text[0]);
    }
}

static void after_text(void)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_reserve(&text, WORDS * 8);
    for (unsigned i = 0; i < TEXTS; i++) {
        ul_strbuf_clear(&text);
        for (unsigned word = 0; word < WORDS; word++)
            ul_strbuf_puts(&text, "ullage ");
        COOK_USE(text.data);
    }
    COOK_CHECK(!text.has_failed && text.length == WORDS * 7);
    ul_strbuf_free(&text);
}

int main(void)
{
    cook_show("an item of a small vector", cook_time(before, VECTORS * ITEMS),
              cook_time(after, VECTORS * ITEMS), "ns");
    cook_show("a word of a text", cook_time(before_text, TEXTS * WORDS), cook_time(after_text, TEXTS * WORDS),
              "ns");
    return 0;
}
