/*
 * What the generator of C headers is made of: its types, its own seeded random numbers, and the words that it
 * builds declarations from. For gen_members.h and gen_source.h only.
 */
#ifndef UL_TESTS_GEN_WORDS_H
#define UL_TESTS_GEN_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "ullage/arena.h"

enum { GEN_NAMES_MAX = 6 };

typedef struct gen_record gen_record;

/* What stands between two semicolons, or (without names) a directive, an assertion, a type alone: a wall. */
typedef struct gen_decl {
    const char *head;                 /* all of the text, or what comes before a nested record */
    gen_record *nested;               /* may be NULL */
    const char *tail;                 /* after the nested record's closing brace */
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
    "typedef unsigned char u8;\ntypedef unsigned short u16;\ntypedef unsigned int u32;\ntypedef unsigned "
    "long long u64;\n"
    "struct opaque;\ntypedef struct opaque *opaque_ref;\ntypedef int (*callback)(void *, int);\n"
    "enum e_int { E_INT_A, E_INT_B = 300 };\nenum e_signed { E_SIGNED_A = -1, E_SIGNED_B = 5 };\n"
    "enum __attribute__((packed)) e_tiny { E_TINY_A, E_TINY_B = 3 };\nenum e_long { E_LONG_A = 1L << 40 };\n"
    "typedef int v4si __attribute__((vector_size(16)));\ntypedef u8 v8qi __attribute__((vector_size(8)));\n"
    "typedef double v2df __attribute__((vector_size(16)));\n"
    "typedef int wide_int __attribute__((aligned(16)));\ntypedef long long low_long "
    "__attribute__((aligned(4)));\n"
    "struct three { char c[3]; };\n"
    "struct plain_pair { int a; char b; };\ntypedef struct plain_pair wide_pair "
    "__attribute__((aligned(32)));\n"
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

static const char *const gen_scalars[] = {"char",
                                          "char",
                                          "signed char",
                                          "unsigned char",
                                          "u8",
                                          "short",
                                          "u16",
                                          "int",
                                          "int",
                                          "unsigned",
                                          "u32",
                                          "long",
                                          "unsigned long",
                                          "long long",
                                          "u64",
                                          "float",
                                          "double",
                                          "long double",
                                          "_Bool",
                                          "_Bool",
                                          "__int128",
                                          "unsigned __int128",
                                          "float _Complex",
                                          "double _Complex",
                                          "long double _Complex",
                                          "enum e_int",
                                          "enum e_signed",
                                          "enum e_tiny",
                                          "enum e_long",
                                          "_Atomic int",
                                          "_Atomic char",
                                          "_Atomic(long)",
                                          "_Atomic _Bool",
                                          "volatile int",
                                          "volatile u8",
                                          "const short",
                                          "v4si",
                                          "v8qi",
                                          "v2df",
                                          "opaque_ref",
                                          "callback"};
/* Arrays of these are errors: their size is no multiple of their alignment. */
static const char *const gen_odd_scalars[] = {"wide_int", "low_long", "wide_pair", "struct three",
                                              "_Atomic(struct plain_pair)"};
static const char *const gen_clang_scalars[] = {
    "_BitInt(7)",   "unsigned _BitInt(17)", "_BitInt(33)", "_BitInt(65)",         "unsigned _BitInt(128)",
    "enum e_fixed", "enum e_fixed_long",    "v8si",        "_Atomic enum e_fixed"};
static const char *const gen_comments[] = {"/* a comment; with } and { */",
                                           "// to the end; of } the line",
                                           "/* \"quoted */",
                                           "// 'odd",
                                           "/**< documented */",
                                           "/* two\n     * lines; */",
                                           "// goes on \\\n    int not_a_field;"};

#endif
