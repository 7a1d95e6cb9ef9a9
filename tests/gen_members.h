/*
 * Members of generated records, one maker a kind: plain fields, arrays, pointers, groups, bit-fields,
 * attributes, macros, markers, walls, embedded and nested records. Each adds text and the names that it
 * declares. Arguments of one call never hold two random choices: C leaves their order open. For gen_source.h
 * only.
 */
#ifndef UL_TESTS_GEN_MEMBERS_H
#define UL_TESTS_GEN_MEMBERS_H

#include <string.h>

#include "tests/gen_words.h"

static inline const char *gen_scalar(gen_source *g)
{
    return g->options.is_clang_only && gen_chance(g, 25) ? GEN_PICK(g, gen_clang_scalars)
                                                         : GEN_PICK(g, gen_scalars);
}

static inline gen_decl *gen_add(gen_source *g, gen_record *record)
{
    UL_RESERVE(g->arena, record->decls, record->decl_count, record->capacity);
    gen_decl *decl = &record->decls[record->decl_count++];
    *decl = (gen_decl){.head = "", .tail = ""};
    return decl;
}

/* A new field name, noted as the next that `decl` declares. */
static inline const char *gen_name(gen_source *g, gen_decl *decl)
{
    static const char *const stems[] = {"a", "count", "flags", "next_item", "x", "len", "state", "id"};
    const char *stem = GEN_PICK(g, stems);
    const char *name = ul_arena_printf(g->arena, "%s%u", stem, g->next_name++);
    decl->names[decl->name_count++] = name;
    return name;
}

/* An attribute for a field's front (with _Alignas) or back; "" most of the time unless `is_wanted`. */
static inline const char *gen_front(gen_source *g)
{
    static const char *const fronts[] = {"_Alignas(16) ",
                                         "_Alignas(32) ",
                                         "_Alignas(long double) ",
                                         "__attribute__((aligned(8))) ",
                                         "__attribute__((unused)) ",
                                         "__extension__ "};
    if (g->options.is_c2x && gen_chance(g, 40))
        return gen_chance(g, 50) ? "[[gnu::aligned(8)]] " : "[[gnu::packed]] ";
    return GEN_PICK(g, fronts);
}

static inline const char *gen_back(gen_source *g)
{
    static const char *const backs[] = {" __attribute__((aligned(2)))",
                                        " __attribute__((aligned(8)))",
                                        " __attribute__((aligned(16)))",
                                        " __attribute__((packed))",
                                        " __packed",
                                        " ____cacheline_aligned",
                                        " __attribute__((packed, aligned(2)))",
                                        " __attribute__((aligned))",
                                        " __attribute__((deprecated(\"old; unused\")))"};
    return GEN_PICK(g, backs);
}

static inline void gen_plain(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    const char *type;
    if (gen_chance(g, 8)) {
        type = GEN_PICK(g, gen_odd_scalars);
        decl->head = ul_arena_printf(g->arena, "%s %s;", type, gen_name(g, decl));
        return;
    }
    type = gen_scalar(g);
    decl->head = ul_arena_printf(g->arena, "%s %s;", type, gen_name(g, decl));
}

static inline void gen_array(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    const char *type = gen_chance(g, 50) ? "char" : gen_scalar(g);
    const char *name = gen_name(g, decl);
    uint32_t first = 1 + gen_below(g, gen_chance(g, 10) ? 70 : 9);
    if (gen_chance(g, 15))
        decl->head = ul_arena_printf(g->arena, "%s %s[%u][%u];", type, name, first, 1 + gen_below(g, 3));
    else
        decl->head =
            ul_arena_printf(g->arena, gen_chance(g, 5) ? "%s %s<:%u:>;" : "%s %s[%u];", type, name, first);
}

static inline void gen_pointer(gen_source *g, gen_record *record)
{
    static const char *const shapes[] = {"void *%s;",
                                         "const char *%s;",
                                         "struct opaque *%s;",
                                         "struct never_defined *%s;",
                                         "int (*%s)(int, ...);",
                                         "void *(*%s[2])(struct opaque *self, char c);",
                                         "int (*%s)[4];",
                                         "struct opaque **restrict %s;",
                                         "void (*const volatile %s)(void);",
                                         "_Atomic(void *) %s;"};
    gen_decl *decl = gen_add(g, record);
    const char *shape = GEN_PICK(g, shapes), *mark = strstr(shape, "%s");
    decl->head =
        ul_arena_printf(g->arena, "%.*s%s%s", (int)(mark - shape), shape, gen_name(g, decl), mark + 2);
}

static inline void gen_group(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    const char *type = GEN_PICK(g, gen_scalars);
    const char *a = gen_name(g, decl), *b = gen_name(g, decl);
    switch (gen_below(g, 4)) {
    case 0:
        decl->head = ul_arena_printf(g->arena, "%s %s, *%s;", type, a, b);
        break;
    case 1:
        decl->head =
            ul_arena_printf(g->arena, "%s %s, %s[3], /* and ; */ (*%s)(int);", type, a, b, gen_name(g, decl));
        break;
    case 2:
        decl->head = ul_arena_printf(g->arena, "%s *%s,\n        %s;", type, a, b);
        break;
    default:
        decl->head = ul_arena_printf(g->arena, "char %s, %s __attribute__((aligned(4))), %s;", a, b,
                                     gen_name(g, decl));
        break;
    }
}

static inline void gen_bits(gen_source *g, gen_record *record)
{
    static const struct {
        const char *type;
        uint32_t bits;
    } types[] = {{"unsigned", 32},      {"unsigned", 32},   {"unsigned", 32},    {"int", 32},
                 {"unsigned long", 64}, {"long long", 64},  {"u8", 8},           {"signed char", 8},
                 {"u16", 16},           {"_Bool", 1},       {"_Bool", 1},        {"u64", 64},
                 {"enum e_int", 32},    {"enum e_tiny", 8}, {"volatile u32", 32}};
    gen_decl *decl = gen_add(g, record);
    uint32_t at = gen_below(g, sizeof types / sizeof types[0]);
    uint32_t most = gen_chance(g, 60) && types[at].bits > 7 ? 7 : types[at].bits;
    const char *type = types[at].type, *name;
    uint32_t width = 1 + gen_below(g, most);
    bool is_enum = strncmp(type, "enum", 4) == 0; /* gcc wants every enumerator to fit */
    if (is_enum && width < types[at].bits / 2)
        width = types[at].bits / 2;
    switch (gen_below(g, 8)) {
    case 0:
        decl->head = ul_arena_printf(g->arena, "%s : 0;", type);
        break;
    case 1:
        decl->head = ul_arena_printf(g->arena, "%s : %u;", type, width);
        break;
    case 2:
        name = gen_name(g, decl);
        decl->names[decl->name_count++] = "";
        decl->head = ul_arena_printf(g->arena, "%s %s : %u, : 1, %s:1;", is_enum ? "unsigned" : type, name,
                                     width, gen_name(g, decl));
        return;
    case 3:
        decl->head = ul_arena_printf(g->arena, "FLAG(%s);", gen_name(g, decl));
        return;
    default:
        decl->head = ul_arena_printf(g->arena, "%s %s : %u%s;", type, gen_name(g, decl), width,
                                     gen_chance(g, 2)   ? " __attribute__((packed))"
                                     : gen_chance(g, 1) ? " __attribute__((aligned(8)))"
                                                        : "");
        return;
    }
    decl->names[decl->name_count++] = "";
}

static inline void gen_attributed(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    const char *type = GEN_PICK(g, gen_scalars), *name = gen_name(g, decl);
    if (gen_chance(g, 40)) {
        const char *front = gen_front(g);
        if (strncmp(front, "_Alignas", 8) == 0 && strcmp(front, "_Alignas(32) ") != 0)
            type = "u16"; /* _Alignas may not lower an alignment */
        decl->head = ul_arena_printf(g->arena, "%s%s %s;", front, type, name);
    } else {
        decl->head = ul_arena_printf(g->arena, "%s %s%s;", type, name, gen_back(g));
    }
}

static inline void gen_macro(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    const char *a = gen_name(g, decl), *b;
    switch (gen_below(g, 5)) {
    case 0:
        decl->head = ul_arena_printf(g->arena, "NODE(%s);", a);
        break;
    case 1:
        decl->head = ul_arena_printf(g->arena, "PAIR(%s, %s);", a, gen_name(g, decl));
        break;
    case 2: /* the macro has the semicolon: what follows belongs to the same unit */
        decl->head = ul_arena_printf(g->arena, "INT_FIELD(%s)\n    char %s;", a, gen_name(g, decl));
        break;
    case 3:
        b = gen_name(g, decl);
        decl->head = ul_arena_printf(g->arena, "TWO_FIELDS(%s, %s)\n    long %s;", a, b, gen_name(g, decl));
        break;
    default:
        decl->head = ul_arena_printf(g->arena, "BYTES(%s, %u);", a, 1 + gen_below(g, 12));
        break;
    }
}

static inline void gen_marker(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    switch (gen_below(g, 4)) {
    case 0:
        decl->head = ul_arena_printf(g->arena, "char %s[0];", gen_name(g, decl));
        break;
    case 1:
        decl->head = ul_arena_printf(g->arena, "long %s[0];", gen_name(g, decl));
        break;
    case 2:
        decl->head = ul_arena_printf(g->arena, "u8 %s[0] ____cacheline_aligned;", gen_name(g, decl));
        break;
    default: {
        uint32_t number = g->next_name++;
        decl->head = ul_arena_printf(g->arena, "__cacheline_group_begin(g%u);", number);
        decl->names[decl->name_count++] = ul_arena_printf(g->arena, "__cacheline_group_begin__g%u", number);
        gen_plain(g, record);
        decl = gen_add(g, record);
        decl->head = ul_arena_printf(g->arena, "__cacheline_group_end(g%u);", number);
        decl->names[decl->name_count++] = ul_arena_printf(g->arena, "__cacheline_group_end__g%u", number);
        break;
    }
    }
}

/* Directives and assertions around and between fields, and a directive inside a declaration. */
static inline void gen_wall(gen_source *g, gen_record *record)
{
    switch (gen_below(g, 4)) {
    case 0:
        gen_add(g, record)->head = "_Static_assert(sizeof(int) == 4, \"a wall; here\");";
        break;
    case 1: {
        gen_add(g, record)->head = "#if CONFIG_ON";
        gen_plain(g, record);
        if (gen_chance(g, 50))
            gen_plain(g, record);
        gen_add(g, record)->head = gen_chance(g, 50) ? "#endif" : "#else\n    int not_here; // }\n#endif";
        break;
    }
    case 2:
        gen_add(g, record)->head = "#ifdef CONFIG_OFF\n    long not_here;\n#endif /* CONFIG_OFF */";
        break;
    default: {
        gen_decl *decl = gen_add(g, record);
        decl->head =
            ul_arena_printf(g->arena, "int %s\n#if CONFIG_ON\n        [3]\n#endif\n    ;", gen_name(g, decl));
        break;
    }
    }
}

/* Enumerators or a tag that a later declaration needs. */
static inline void gen_needed(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    uint32_t number = g->next_tag++;
    decl->head =
        ul_arena_printf(g->arena, "enum { NEED%u_A, NEED%u_B = 5 } %s;", number, number, gen_name(g, decl));
    if (gen_chance(g, 50))
        gen_plain(g, record);
    decl = gen_add(g, record);
    decl->head = ul_arena_printf(g->arena, "u8 %s[NEED%u_B];", gen_name(g, decl), number);
}

static inline void gen_embed(gen_source *g, gen_record *record)
{
    const gen_record *other = NULL;
    for (uint32_t tries = 0; tries < 8 && g->count; tries++) {
        other = g->records[gen_below(g, g->count)];
        if (other->type && other->depth < 3 && !other->has_flexible)
            break;
        other = NULL;
    }
    if (!other) {
        gen_plain(g, record);
        return;
    }
    gen_decl *decl = gen_add(g, record);
    if (other->depth + 1 > record->depth)
        record->depth = other->depth + 1;
    const char *name = gen_name(g, decl);
    if (gen_chance(g, 25))
        decl->head = ul_arena_printf(g->arena, "%s %s[%u];", other->type, name, 1 + gen_below(g, 3));
    else if (gen_chance(g, 15))
        decl->head = ul_arena_printf(g->arena, "%s %s, *%s;", other->type, name, gen_name(g, decl));
    else
        decl->head = ul_arena_printf(g->arena, "%s %s;", other->type, name);
}

static inline void gen_body(gen_source *g, gen_record *record, uint32_t level, uint32_t most);

static inline void gen_nested(gen_source *g, gen_record *record, uint32_t level)
{
    gen_record *inner = UL_NEW(g->arena, gen_record);
    uint32_t at = record->decl_count;
    gen_add(g, record);
    inner->before = "";
    inner->is_union = gen_chance(g, 45);
    inner->tail = "}";
    const char *word = inner->is_union ? "union" : "struct";
    const char *attribute = gen_chance(g, 90)   ? ""
                            : gen_chance(g, 50) ? " __packed"
                                                : " __attribute__((aligned(16)))";
    inner->head = ul_arena_printf(g->arena, "%s%s {", word, attribute);
    gen_decl decl = {.head = "", .nested = inner, .tail = ";"};
    uint32_t shape = gen_below(g, 10);
    if (shape < 5) {
        decl.names[decl.name_count++] = "";
    } else if (shape < 9) {
        static const char *const tails[] = {" %s;",  " %s;",       " %s[2];",
                                            " *%s;", " %s[2][2];", " %s __attribute__((aligned(8)));"};
        const char *tail = GEN_PICK(g, tails), *mark = strstr(tail, "%s");
        decl.tail =
            ul_arena_printf(g->arena, "%.*s%s%s", (int)(mark - tail), tail, gen_name(g, &decl), mark + 2);
    } else {
        const char *tag = ul_arena_printf(g->arena, "inner%u", g->next_tag++);
        inner->head = ul_arena_printf(g->arena, "%s%s %s {", word, attribute, tag);
        const char *name = gen_name(g, &decl);
        decl.tail = ul_arena_printf(g->arena, " %s, *%s;", name, gen_name(g, &decl));
    }
    gen_body(g, inner, level + 1, 4);
    if (inner->depth > record->depth)
        record->depth = inner->depth;
    record->decls[at] = decl;
    if (shape == 9 && gen_chance(g, 50)) {
        gen_decl *later = gen_add(g, record);
        const char *tag = strstr(inner->head, "inner");
        later->head = ul_arena_printf(g->arena, "%s %.*s %s;", word, (int)(strchr(tag, ' ') - tag), tag,
                                      gen_name(g, later));
    }
}

enum {
    GEN_PLAIN,
    GEN_ARRAY,
    GEN_POINTER,
    GEN_GROUP,
    GEN_BITS,
    GEN_ATTRIBUTED,
    GEN_MACRO,
    GEN_MARKER,
    GEN_WALL,
    GEN_NEEDED,
    GEN_EMBED,
    GEN_NESTED,
    GEN_KIND_COUNT
};
enum { GEN_PROFILE_COUNT = 6 };

static const uint8_t gen_weights[GEN_PROFILE_COUNT][GEN_KIND_COUNT] = {
    {50, 15, 15, 8, 0, 0, 3, 1, 1, 1, 4, 2}, /* ordinary */
    {25, 5, 5, 3, 50, 1, 2, 1, 1, 0, 3, 4},  /* bit-fields */
    {30, 6, 8, 4, 6, 1, 2, 1, 1, 1, 8, 32},  /* nested and anonymous */
    {40, 8, 8, 3, 6, 25, 2, 4, 1, 1, 4, 4},  /* attributes */
    {30, 8, 8, 4, 6, 1, 4, 1, 1, 1, 32, 4},  /* embedding */
    {25, 8, 8, 6, 10, 8, 8, 4, 6, 3, 8, 6},  /* all */
};

static inline void gen_member(gen_source *g, gen_record *record, uint32_t level)
{
    const uint8_t *weights = gen_weights[g->options.profile];
    uint32_t sum = 0, kind = 0;
    for (uint32_t i = 0; i < GEN_KIND_COUNT; i++)
        sum += weights[i];
    for (uint32_t at = gen_below(g, sum); at >= weights[kind]; kind++)
        at -= weights[kind];
    if (kind == GEN_NESTED && level < 3) {
        gen_nested(g, record, level);
        return;
    }
    static void (*const makers[])(gen_source *, gen_record *) = {
        gen_plain, gen_array,  gen_pointer, gen_group,  gen_bits,  gen_attributed,
        gen_macro, gen_marker, gen_wall,    gen_needed, gen_embed, gen_plain};
    makers[kind](g, record);
}

/* One to `most` members, at least one with a name that is no bit-field. */
static inline void gen_body(gen_source *g, gen_record *record, uint32_t level, uint32_t most)
{
    uint32_t count = 1 + gen_below(g, most);
    uint32_t certain = gen_below(g, count);
    for (uint32_t i = 0; i < count; i++) {
        if (i == certain)
            gen_plain(g, record);
        else
            gen_member(g, record, level);
    }
}

#endif
