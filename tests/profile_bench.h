/*
 * What the suites about profiles share: a file or a text read into a profile, and a profile as text: for each type its fields with their
 * counts, then its contexts. For tests only.
 */
#ifndef UL_TESTS_PROFILE_BENCH_H
#define UL_TESTS_PROFILE_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout/profile/profile_file.h"
#include "ullage/strbuf.h"

#define PROFILES ULLAGE_SOURCE_DIR "/tests/profiles/"

typedef struct profile_bench {
    ul_arena arena;
    ul_diags diags;
    ul_profile *profile;
    ul_status status;
} profile_bench;

static inline int profile_set_up(void **state)
{
    profile_bench *b = calloc(1, sizeof *b);
    if (!b)
        return -1;
    ul_arena_init(&b->arena, NULL);
    *state = b;
    return 0;
}

static inline int profile_tear_down(void **state)
{
    profile_bench *b = *state;
    ul_arena_free(&b->arena);
    free(b);
    return 0;
}

/* In a block of exactly that size: one byte too far is seen by the sanitizers, and nothing may point into it afterwards. */
static inline ul_status profile_parse(profile_bench *b, const char *name, const char *bytes, size_t length)
{
    char *copy = malloc(length ? length : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    ul_diags_init(&b->diags, &b->arena);
    b->profile = NULL;
    b->status = ul_profile_read(&b->profile, name, copy, length, &b->diags, &b->arena);
    free(copy);
    return b->status;
}

static inline const char *profile_file(profile_bench *b, const char *name, size_t *length)
{
    FILE *in = fopen(ul_arena_printf(&b->arena, PROFILES "%s", name), "r");
    assert_non_null(in);
    enum { MOST = 1 << 20 };
    char *text = UL_NEW_ARRAY(&b->arena, char, MOST);
    *length = fread(text, 1, MOST - 1, in);
    fclose(in);
    return text;
}

/* The first diagnostic: "3: error: words", or "". */
static inline const char *profile_words(profile_bench *b)
{
    if (!b->diags.count)
        return "";
    const ul_diag *diag = &b->diags.items[0];
    return ul_arena_printf(&b->arena, "%u: %s: %s", diag->line, ul_level_name(diag->level), diag->message);
}

static inline void profile_put_counts(ul_strbuf *out, const ul_profile_counts *counts)
{
    ul_strbuf_printf(out, " %.6g", counts->samples);
    if (counts->loads > 0 || counts->stores > 0)
        ul_strbuf_printf(out, " r%.6g w%.6g", counts->loads, counts->stores);
    if (counts->hitm_local > 0 || counts->hitm_remote > 0)
        ul_strbuf_printf(out, " hitm %.6g+%.6g", counts->hitm_local, counts->hitm_remote);
    if (counts->latency > 0)
        ul_strbuf_printf(out, " %.6g cycles", counts->latency);
}

/* "struct conn 208: fd@0:4 0, st.hits@80:8 418; walk/5478:fs 418: st.hits 418\n" */
static inline const char *profile_text(profile_bench *b)
{
    ul_strbuf out;
    ul_strbuf_init_in(&out, &b->arena);
    for (uint32_t t = 0; t < b->profile->type_count; t++) {
        const ul_profile_type *type = &b->profile->types[t];
        ul_strbuf_printf(&out, "%s %llu:", type->name, (unsigned long long)type->size_bytes);
        for (uint32_t f = 0; f < type->field_count; f++) {
            const ul_profile_field *field = &type->fields[f];
            ul_strbuf_printf(&out, "%s %s@%lld:%llu", f ? "," : "", field->path, (long long)field->offset_bytes, (unsigned long long)field->size_bytes);
            profile_put_counts(&out, &field->counts);
        }
        for (uint32_t c = 0; c < type->context_count; c++) {
            const ul_profile_context *context = &type->contexts[c];
            ul_strbuf_printf(&out, "; %s/%s %.6g:", context->function, context->thread, context->count);
            for (uint32_t u = 0; u < context->use_count; u++) {
                ul_strbuf_printf(&out, "%s %s", u ? "," : "", type->fields[context->uses[u].field].path);
                profile_put_counts(&out, &context->uses[u].counts);
            }
        }
        ul_strbuf_putc(&out, '\n');
    }
    for (uint32_t l = 0; l < b->profile->line_count; l++) {
        const ul_profile_line *line = &b->profile->lines[l];
        ul_strbuf_printf(&out, "0x%llx:", (unsigned long long)line->address);
        profile_put_counts(&out, &line->counts);
        for (uint32_t a = 0; a < line->access_count; a++) {
            const ul_profile_access *access = &line->accesses[a];
            ul_strbuf_printf(&out, "; +%u %s/%s %s:%u", access->offset_bytes, access->function, access->thread, access->file, access->line);
            profile_put_counts(&out, &access->counts);
        }
        ul_strbuf_putc(&out, '\n');
    }
    return out.data ? out.data : "";
}

#endif
