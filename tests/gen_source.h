/*
 * Seeded C headers full of records of every kind that ullage reads: text out of a number. The generator keeps each
 * declaration's text and the names that it declares, so the same header can be written again with the declarations of any record
 * in another order. It knows nothing of layouts: compilers judge those. For tests only.
 */
#ifndef UL_TESTS_GEN_SOURCE_H
#define UL_TESTS_GEN_SOURCE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "ullage/arena.h"
#include "ullage/strbuf.h"

enum { GEN_NAMES_MAX = 6 };

typedef struct gen_record gen_record;

/* What stands between two semicolons, or (without names) a directive, an assertion, a type alone: a wall. */
typedef struct gen_decl {
    const char *head;   /* all of the text, or what comes before a nested record */
    gen_record *nested; /* may be NULL */
    const char *tail;   /* after the nested record's closing brace */
    const char *names[GEN_NAMES_MAX]; /* direct fields; "" for anonymous members and unnamed bits */
    uint32_t name_count;
} gen_decl;

struct gen_record {
    const char *before; /* lines that come before it */
    const char *head;   /* up to and with `{` */
    gen_decl *decls;
    uint32_t decl_count, capacity;
    const char *tail; /* from `}` on; for nested records "}" */
    const char *type; /* as C names it; NULL when it cannot be named */
    uint32_t line;    /* of `struct` in the header, source order */
    uint32_t depth;   /* of embedding */
    bool is_union, has_flexible;
};

typedef struct gen_options {
    uint64_t seed;
    uint32_t records;
    uint32_t profile;   /* below GEN_PROFILE_COUNT: what is frequent */
    bool is_clang_only; /* with _BitInt, enums of fixed type, wide vectors */
    bool is_c2x;        /* with [[gnu::...]] attributes */
} gen_options;

typedef struct gen_source {
    gen_options options;
    uint64_t state;
    gen_record **records; /* at file scope */
    uint32_t count, capacity;
    uint32_t next_name, next_tag;
    uint32_t packed_left; /* records until the region of #pragma pack ends */
    ul_arena *arena;
} gen_source;

/* splitmix64, public domain (Vigna). */
static inline uint64_t gen_next(gen_source *g)
{
    uint64_t z = (g->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t gen_below(gen_source *g, uint32_t limit)
{
    return (uint32_t)(gen_next(g) % limit);
}

static inline bool gen_chance(gen_source *g, uint32_t percent)
{
    return gen_below(g, 100) < percent;
}

#define GEN_PICK(g, table) ((table)[gen_below((g), sizeof(table) / sizeof((table)[0]))])

static const char gen_prologue[] =
    "#ifndef GENERATED_H\n#define GENERATED_H\n"
    "typedef unsigned char u8;\ntypedef unsigned short u16;\ntypedef unsigned int u32;\ntypedef unsigned long long u64;\n"
    "struct opaque;\ntypedef struct opaque *opaque_ref;\ntypedef int (*callback)(void *, int);\n"
    "enum e_int { E_INT_A, E_INT_B = 300 };\nenum e_signed { E_SIGNED_A = -1, E_SIGNED_B = 5 };\n"
    "enum __attribute__((packed)) e_tiny { E_TINY_A, E_TINY_B = 3 };\nenum e_long { E_LONG_A = 1L << 40 };\n"
    "typedef int v4si __attribute__((vector_size(16)));\ntypedef u8 v8qi __attribute__((vector_size(8)));\n"
    "typedef double v2df __attribute__((vector_size(16)));\n"
    "typedef int wide_int __attribute__((aligned(16)));\ntypedef long long low_long __attribute__((aligned(4)));\n"
    "struct three { char c[3]; };\n"
    "struct plain_pair { int a; char b; };\ntypedef struct plain_pair wide_pair __attribute__((aligned(32)));\n"
    "#define CONFIG_ON 1\n"
    "#define ____cacheline_aligned __attribute__((__aligned__(64)))\n"
    "#define __packed __attribute__((__packed__))\n"
    "#define __cacheline_group_begin(group) u8 __cacheline_group_begin__##group[0]\n"
    "#define __cacheline_group_end(group) u8 __cacheline_group_end__##group[0]\n"
    "#define NODE(name) struct { void *next, *prev; } name\n"
    "#define INT_FIELD(name) int name;\n"
    "#define PAIR(a, b) char a; long b\n"
    "#define TWO_FIELDS(a, b) short a; u8 b;\n"
    "#define BYTES(name, n) u8 name[n]\n"
    "#define FLAG(name) unsigned name : 1\n"
    "#define MAKE_RECORD(tag) struct tag { char a; double b; char c; }\n";

static const char gen_clang_prologue[] =
    "typedef int v8si __attribute__((vector_size(32)));\nenum e_fixed : unsigned char { E_FIXED_A };\n"
    "enum e_fixed_long : long { E_FIXED_LONG_A };\n";

static const char *const gen_scalars[] = {
    "char", "char", "signed char", "unsigned char", "u8", "short", "u16", "int", "int", "unsigned", "u32", "long", "unsigned long",
    "long long", "u64", "float", "double", "long double", "_Bool", "_Bool", "__int128", "unsigned __int128", "float _Complex",
    "double _Complex", "long double _Complex", "enum e_int", "enum e_signed", "enum e_tiny", "enum e_long", "_Atomic int",
    "_Atomic char", "_Atomic(long)", "_Atomic _Bool", "volatile int", "volatile u8", "const short", "v4si", "v8qi", "v2df", "opaque_ref", "callback"};
/* Arrays of these are errors: their size is no multiple of their alignment. */
static const char *const gen_odd_scalars[] = {"wide_int", "low_long", "wide_pair", "struct three", "_Atomic(struct plain_pair)"};
static const char *const gen_clang_scalars[] = {"_BitInt(7)", "unsigned _BitInt(17)", "_BitInt(33)", "_BitInt(65)", "unsigned _BitInt(128)",
                                                "enum e_fixed", "enum e_fixed_long", "v8si", "_Atomic enum e_fixed"};
static const char *const gen_comments[] = {
    "/* a comment; with } and { */", "// to the end; of } the line", "/* \"quoted */", "// 'odd", "/**< documented */", "/* two\n     * lines; */",
    "// goes on \\\n    int not_a_field;"};

static inline const char *gen_scalar(gen_source *g)
{
    return g->options.is_clang_only && gen_chance(g, 25) ? GEN_PICK(g, gen_clang_scalars) : GEN_PICK(g, gen_scalars);
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
    static const char *const fronts[] = {"_Alignas(16) ", "_Alignas(32) ", "_Alignas(long double) ", "__attribute__((aligned(8))) ",
                                         "__attribute__((unused)) ", "__extension__ "};
    if (g->options.is_c2x && gen_chance(g, 40))
        return gen_chance(g, 50) ? "[[gnu::aligned(8)]] " : "[[gnu::packed]] ";
    return GEN_PICK(g, fronts);
}

static inline const char *gen_back(gen_source *g)
{
    static const char *const backs[] = {" __attribute__((aligned(2)))",  " __attribute__((aligned(8)))", " __attribute__((aligned(16)))",
                                        " __attribute__((packed))", " __packed", " ____cacheline_aligned", " __attribute__((packed, aligned(2)))",
                                        " __attribute__((aligned))", " __attribute__((deprecated(\"old; unused\")))"};
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
        decl->head = ul_arena_printf(g->arena, gen_chance(g, 5) ? "%s %s<:%u:>;" : "%s %s[%u];", type, name, first);
}

static inline void gen_pointer(gen_source *g, gen_record *record)
{
    static const char *const shapes[] = {"void *%s;", "const char *%s;", "struct opaque *%s;", "struct never_defined *%s;", "int (*%s)(int, ...);",
                                         "void *(*%s[2])(struct opaque *self, char c);", "int (*%s)[4];", "struct opaque **restrict %s;",
                                         "void (*const volatile %s)(void);", "_Atomic(void *) %s;"};
    gen_decl *decl = gen_add(g, record);
    const char *shape = GEN_PICK(g, shapes), *mark = strstr(shape, "%s");
    decl->head = ul_arena_printf(g->arena, "%.*s%s%s", (int)(mark - shape), shape, gen_name(g, decl), mark + 2);
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
        decl->head = ul_arena_printf(g->arena, "%s %s, %s[3], /* and ; */ (*%s)(int);", type, a, b, gen_name(g, decl));
        break;
    case 2:
        decl->head = ul_arena_printf(g->arena, "%s *%s,\n        %s;", type, a, b);
        break;
    default:
        decl->head = ul_arena_printf(g->arena, "char %s, %s __attribute__((aligned(4))), %s;", a, b, gen_name(g, decl));
        break;
    }
}

static inline void gen_bits(gen_source *g, gen_record *record)
{
    static const struct {
        const char *type;
        uint32_t bits;
    } types[] = {{"unsigned", 32}, {"unsigned", 32}, {"unsigned", 32}, {"int", 32}, {"unsigned long", 64}, {"long long", 64}, {"u8", 8}, {"signed char", 8},
                 {"u16", 16}, {"_Bool", 1}, {"_Bool", 1}, {"u64", 64}, {"enum e_int", 32}, {"enum e_tiny", 8}, {"volatile u32", 32}};
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
        decl->head = ul_arena_printf(g->arena, "%s %s : %u, : 1, %s:1;", is_enum ? "unsigned" : type, name, width, gen_name(g, decl));
        return;
    case 3:
        decl->head = ul_arena_printf(g->arena, "FLAG(%s);", gen_name(g, decl));
        return;
    default:
        decl->head = ul_arena_printf(g->arena, "%s %s : %u%s;", type, gen_name(g, decl), width,
                                     gen_chance(g, 2) ? " __attribute__((packed))" : gen_chance(g, 1) ? " __attribute__((aligned(8)))" : "");
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
        decl->head = ul_arena_printf(g->arena, "int %s\n#if CONFIG_ON\n        [3]\n#endif\n    ;", gen_name(g, decl));
        break;
    }
    }
}

/* Enumerators or a tag that a later declaration needs. */
static inline void gen_needed(gen_source *g, gen_record *record)
{
    gen_decl *decl = gen_add(g, record);
    uint32_t number = g->next_tag++;
    decl->head = ul_arena_printf(g->arena, "enum { NEED%u_A, NEED%u_B = 5 } %s;", number, number, gen_name(g, decl));
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
    const char *attribute = gen_chance(g, 90) ? "" : gen_chance(g, 50) ? " __packed" : " __attribute__((aligned(16)))";
    inner->head = ul_arena_printf(g->arena, "%s%s {", word, attribute);
    gen_decl decl = {.head = "", .nested = inner, .tail = ";"};
    uint32_t shape = gen_below(g, 10);
    if (shape < 5) {
        decl.names[decl.name_count++] = "";
    } else if (shape < 9) {
        static const char *const tails[] = {" %s;", " %s;", " %s[2];", " *%s;", " %s[2][2];", " %s __attribute__((aligned(8)));"};
        const char *tail = GEN_PICK(g, tails), *mark = strstr(tail, "%s");
        decl.tail = ul_arena_printf(g->arena, "%.*s%s%s", (int)(mark - tail), tail, gen_name(g, &decl), mark + 2);
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
        later->head = ul_arena_printf(g->arena, "%s %.*s %s;", word, (int)(strchr(tag, ' ') - tag), tag, gen_name(g, later));
    }
}

enum { GEN_PLAIN, GEN_ARRAY, GEN_POINTER, GEN_GROUP, GEN_BITS, GEN_ATTRIBUTED, GEN_MACRO, GEN_MARKER, GEN_WALL, GEN_NEEDED, GEN_EMBED, GEN_NESTED, GEN_KIND_COUNT };
enum { GEN_PROFILE_COUNT = 6 };

static const uint8_t gen_weights[GEN_PROFILE_COUNT][GEN_KIND_COUNT] = {
    {50, 15, 15, 8, 0, 0, 3, 1, 1, 1, 4, 2},    /* ordinary */
    {25, 5, 5, 3, 50, 1, 2, 1, 1, 0, 3, 4},     /* bit-fields */
    {30, 6, 8, 4, 6, 1, 2, 1, 1, 1, 8, 32},     /* nested and anonymous */
    {40, 8, 8, 3, 6, 25, 2, 4, 1, 1, 4, 4},     /* attributes */
    {30, 8, 8, 4, 6, 1, 4, 1, 1, 1, 32, 4},     /* embedding */
    {25, 8, 8, 6, 10, 8, 8, 4, 6, 3, 8, 6},     /* all */
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
    static void (*const makers[])(gen_source *, gen_record *) = {gen_plain, gen_array, gen_pointer, gen_group, gen_bits, gen_attributed,
                                                                 gen_macro, gen_marker, gen_wall, gen_needed, gen_embed, gen_plain};
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
    static const char *const befores[] = {"/* A record; with } in its comment. */\n", "// ullage: keep-order -- a wire format\n", "// ullage: instances(1000)\n",
                                          "/** doc */\n"};
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
    static const char *const attributes[] = {" __attribute__((packed))", " __attribute__((aligned(16)))", " ____cacheline_aligned", " __packed",
                                             " __attribute__((packed, aligned(4)))", " __attribute__((aligned))", " __attribute__((packed, aligned(2)))"};
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
        g->records[g->count - 1]->tail = ul_arena_printf(arena, "%s\n#pragma pack(pop)", g->records[g->count - 1]->tail);
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
