/*
 * Seeded C headers full of records of every kind that ullage reads: text out of a number. The generator keeps
 * each declaration's text and the names that it declares, so the same header can be written again with the
 * declarations of any record in another order. It knows nothing of layouts: compilers judge those. For tests
 * only.
 */
#ifndef UL_TESTS_GEN_SOURCE_H
#define UL_TESTS_GEN_SOURCE_H

#include "tests/gen_members.h"
#include "ullage/strbuf.h"

static inline void gen_comment_some(gen_source *g, gen_record *record)
{
    for (uint32_t i = 0; i < record->decl_count; i++) {
        gen_decl *decl = &record->decls[i];
        if (decl->nested)
            gen_comment_some(g, decl->nested);
        if (decl->head[0] == '#' || !gen_chance(g, 15))
            continue;
        const char *comment = GEN_PICK(g, gen_comments);
        if (gen_chance(g, 50) && !decl->nested)
            decl->head = ul_arena_printf(g->arena, "%s %s", decl->head, comment);
        else
            decl->head = ul_arena_printf(g->arena, "%s\n    %s", comment, decl->head);
    }
}

static inline void gen_flexible(gen_source *g, gen_record *record)
{
    static const char *const types[] = {"char", "u64", "struct plain_pair", "void *", "u16"};
    gen_decl *decl = gen_add(g, record);
    const char *type = GEN_PICK(g, types);
    decl->head = ul_arena_printf(g->arena, "%s %s[];", type, gen_name(g, decl));
    record->has_flexible = true;
}

static inline const char *gen_before(gen_source *g)
{
    static const char *const befores[] = {"/* A record; with } in its comment. */\n",
                                          "// ullage: keep-order -- a wire format\n",
                                          "// ullage: instances(1000)\n", "/** doc */\n"};
    const char *before = gen_chance(g, 12) ? GEN_PICK(g, befores) : "";
    if (g->packed_left == 0 && gen_chance(g, g->options.profile == 3 || g->options.profile == 5 ? 4 : 1)) {
        g->packed_left = 1 + gen_below(g, 3);
        return ul_arena_printf(g->arena, "#pragma pack(push, %u)\n%s", 1u << gen_below(g, 4), before);
    }
    return before;
}

/* Head, tail and name of a record at file scope. */
static inline void gen_dress(gen_source *g, gen_record *record, uint32_t number)
{
    static const char *const attributes[] = {" __attribute__((packed))",
                                             " __attribute__((aligned(16)))",
                                             " ____cacheline_aligned",
                                             " __packed",
                                             " __attribute__((packed, aligned(4)))",
                                             " __attribute__((aligned))",
                                             " __attribute__((packed, aligned(2)))"};
    const char *word = record->is_union ? "union" : "struct", *tag = ul_arena_printf(g->arena, "r%u", number);
    const char *attribute = gen_chance(g, g->options.profile == 3 ? 15 : 5) ? GEN_PICK(g, attributes) : "";
    const char *front = "";
    if (gen_chance(g, 40)) {
        front = attribute;
        attribute = "";
    }
    record->type = ul_arena_printf(g->arena, "%s %s", word, tag);
    switch (gen_below(g, 6)) {
    case 0:
        record->head = ul_arena_printf(g->arena, "typedef %s%s {", word, front);
        record->tail = ul_arena_printf(g->arena, "}%s %s_t;", attribute, tag);
        record->type = ul_arena_printf(g->arena, "%s_t", tag);
        break;
    case 1:
        record->head = ul_arena_printf(g->arena, "typedef %s%s {", word, front);
        record->tail = ul_arena_printf(g->arena, "}%s %s_t, *%s_ref;", attribute, tag, tag);
        record->type = ul_arena_printf(g->arena, "%s_t", tag);
        break;
    case 2:
        record->head = ul_arena_printf(g->arena, "typedef %s%s %s {", word, front, tag);
        record->tail = ul_arena_printf(g->arena, "}%s %s_t;", attribute, tag);
        break;
    case 3:
        record->head = ul_arena_printf(g->arena, "%s%s %s\n{", word, front, tag);
        record->tail = ul_arena_printf(g->arena, "}%s *%s_head(void);", attribute, tag);
        break;
    default:
        record->head = ul_arena_printf(g->arena, "%s%s %s {", word, front, tag);
        record->tail = ul_arena_printf(g->arena, "}%s;", attribute);
        break;
    }
}

static inline void gen_record_add(gen_source *g, uint32_t number)
{
    gen_record *record = UL_NEW(g->arena, gen_record);
    g->next_name = 0;
    record->before = gen_before(g);
    record->is_union = gen_chance(g, 8);
    gen_dress(g, record, number);
    if (gen_chance(g, 1)) { /* a macro makes all of it */
        record->head = ul_arena_printf(g->arena, "MAKE_RECORD(r%u)", number);
        record->type = ul_arena_printf(g->arena, "struct r%u", number);
        record->tail = ";";
    } else {
        gen_body(g, record, 0, gen_chance(g, 10) ? 24 : 9);
        if (!record->is_union && gen_chance(g, 6))
            gen_flexible(g, record);
        gen_comment_some(g, record);
    }
    if (g->packed_left && --g->packed_left == 0)
        record->tail = ul_arena_printf(g->arena, "%s\n#pragma pack(pop)", record->tail);
    UL_RESERVE(g->arena, g->records, g->count, g->capacity);
    g->records[g->count++] = record;
}

/* A header's worth of records; the same options give the same text. */
static inline gen_source *gen_source_new(const gen_options *options, ul_arena *arena)
{
    gen_source *g = UL_NEW(arena, gen_source);
    *g = (gen_source){.options = *options, .state = options->seed, .arena = arena};
    for (uint32_t i = 0; i < options->records; i++)
        gen_record_add(g, i);
    if (g->packed_left)
        g->records[g->count - 1]->tail =
            ul_arena_printf(arena, "%s\n#pragma pack(pop)", g->records[g->count - 1]->tail);
    return g;
}

/* The new order of `record`'s declarations, all decl_count indexes; NULL for the order of the source. */
typedef const uint32_t *gen_order_fn(void *context, const gen_record *record);

typedef struct gen_writer {
    ul_strbuf *out;
    uint32_t line;
    gen_order_fn *order; /* NULL: source order, and each record's line is noted */
    void *context;
} gen_writer;

static inline void gen_puts(gen_writer *w, const char *text)
{
    ul_strbuf_puts(w->out, text);
    for (; *text; text++)
        w->line += *text == '\n';
}

static inline void gen_write_record(gen_writer *w, gen_record *record)
{
    gen_puts(w, record->before);
    if (!w->order)
        record->line = w->line;
    gen_puts(w, record->head);
    gen_puts(w, "\n");
    const uint32_t *order = w->order ? w->order(w->context, record) : NULL;
    for (uint32_t i = 0; i < record->decl_count; i++) {
        const gen_decl *decl = &record->decls[order ? order[i] : i];
        gen_puts(w, decl->head[0] == '#' ? "" : "    ");
        gen_puts(w, decl->head);
        if (decl->nested) {
            gen_write_record(w, decl->nested);
            gen_puts(w, decl->tail);
        }
        gen_puts(w, "\n");
    }
    gen_puts(w, record->tail);
}

/* The whole header. */
static inline void gen_write(ul_strbuf *out, const gen_source *g, gen_order_fn *order, void *context)
{
    gen_writer w = {.out = out, .line = 1, .order = order, .context = context};
    gen_puts(&w, gen_prologue);
    if (g->options.is_clang_only)
        gen_puts(&w, gen_clang_prologue);
    for (uint32_t i = 0; i < g->count; i++) {
        gen_write_record(&w, g->records[i]);
        gen_puts(&w, "\n\n");
    }
    gen_puts(&w, "#endif\n");
}

#endif
