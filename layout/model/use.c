#include "layout/model/use.h"

#include <stddef.h>
#include <string.h>

typedef struct evidence_words {
    const char *name, *text;
    bool exposes_padding;
} evidence_words;

static const evidence_words words[UL_EVIDENCE_COUNT] = {
#define UL_EVIDENCE(id, name, exposes_padding, text) [UL_EVIDENCE_##id] = {name, text, exposes_padding},
#include "layout/model/evidence.def"
#undef UL_EVIDENCE
};

const char *ul_evidence_name(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT ? words[kind].name : "";
}

const char *ul_evidence_text(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT ? words[kind].text : "";
}

bool ul_evidence_exposes_padding(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT && words[kind].exposes_padding;
}

/* Index of the first of `count` items of `size` bytes, sorted by the key each holds at `key_at`, whose key is not before `key`. */
static uint32_t first_of(const void *items, uint32_t count, size_t size, size_t key_at, const char *key)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const char *const *text = (const void *)((const char *)items + middle * size + key_at);
        if (strcmp(*text, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ul_record_uses ul_uses_of(const ul_uses *uses, const char *key)
{
    ul_record_uses of = {0};
    uint32_t at = first_of(uses->evidence, uses->evidence_count, sizeof *uses->evidence, offsetof(ul_evidence, record), key);
    if (at < uses->evidence_count)
        of.evidence = &uses->evidence[at];
    while (at < uses->evidence_count && strcmp(uses->evidence[at].record, key) == 0) {
        of.evidence_count++;
        at++;
    }
    at = first_of(uses->initializers, uses->initializer_count, sizeof *uses->initializers, offsetof(ul_initializer, record), key);
    if (at < uses->initializer_count)
        of.initializers = &uses->initializers[at];
    while (at < uses->initializer_count && strcmp(uses->initializers[at].record, key) == 0) {
        of.initializer_count++;
        at++;
    }
    return of;
}
