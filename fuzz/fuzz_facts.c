/*
 * Facts files: bytes from anywhere, with a checksum that is made to fit, are refused or can be merged and written again.
 * The seed is the body of what `ullage facts` writes, without the line "build": of the model as it was when it was made.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/use_facts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { HEAD_BYTES = 15 };
    ul_arena arena;
    ul_arena_init(&arena, NULL);
    ul_strbuf bytes, again;
    ul_strbuf_init(&bytes);
    ul_strbuf_init(&again);
    uint64_t length = size, digest = ul_facts_digest(data, size);
    ul_strbuf_add(&bytes, UL_FACTS_MAGIC "1\n", HEAD_BYTES);
    ul_strbuf_add(&bytes, &length, sizeof length);
    ul_strbuf_add(&bytes, &digest, sizeof digest);
    ul_strbuf_add(&bytes, data, size);
    const char *why;
    ul_facts_set set, merged;
    ul_diags diags;
    ul_diags_init(&diags, &arena);
    if (ul_facts_read(&set, &why, "", bytes.data, bytes.length, NULL, &arena) == UL_OK &&
        ul_facts_merge(&merged, (ul_facts_set[]){set, set}, 2, &diags, &arena) == UL_OK) {
        ul_facts_write(&again, &merged, &arena);
        use_facts(&merged, "/tmp/", &arena);
    }
    ul_strbuf_free(&bytes);
    ul_strbuf_free(&again);
    ul_arena_free(&arena);
    return 0;
}
