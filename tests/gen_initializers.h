/*
 * Generated programs full of initializers: positional, nested, without inner braces, partial, with some designators, with comments and
 * macros as values. Each program prints every field of every variable by name, so its output says what each value set. For tests only.
 */
#ifndef UL_TESTS_GEN_INITIALIZERS_H
#define UL_TESTS_GEN_INITIALIZERS_H

#include "tests/gen_words.h"
#include "ullage/strbuf.h"

enum { INIT_STRUCTS = 14, INIT_FIELDS_MAX = 6, INIT_VARIABLES = 60 };

typedef enum init_kind {
    INIT_INT,
    INIT_CHAR,
    INIT_LONG,
    INIT_DOUBLE,
    INIT_BITS,
    INIT_WORD,    /* const char * */
    INIT_CHOICE,  /* an anonymous union, its first field an int */
    INIT_TEXT,    /* char [4] */
    INIT_NUMBERS, /* int [2] */
    INIT_INNER,   /* another struct */
    INIT_INNERS,  /* two of them */
    INIT_KINDS
} init_kind;

typedef struct init_struct {
    init_kind kinds[INIT_FIELDS_MAX];
    uint32_t inner[INIT_FIELDS_MAX];
    uint32_t count;
} init_struct;

typedef struct init_gen {
    gen_source random;
    init_struct structs[INIT_STRUCTS];
    ul_strbuf out;
    uint32_t next_value;
    bool has_comments;
    bool is_plain; /* every brace, every value, one a line where there are comments */
} init_gen;

static inline void init_define(init_gen *g, uint32_t index)
{
    init_struct *s = &g->structs[index];
    ul_strbuf *out = &g->out;
    s->count = 2 + gen_below(&g->random, INIT_FIELDS_MAX - 1);
    ul_strbuf_printf(out, "struct s%u {\n", index);
    for (uint32_t i = 0; i < s->count; i++) {
        s->kinds[i] = (init_kind)gen_below(&g->random, index < 3 ? INIT_INNER : INIT_KINDS);
        s->inner[i] = index ? gen_below(&g->random, index) : 0;
        switch (s->kinds[i]) {
        case INIT_INT: ul_strbuf_printf(out, "    int f%u;\n", i); break;
        case INIT_CHAR: ul_strbuf_printf(out, "    char f%u;\n", i); break;
        case INIT_LONG: ul_strbuf_printf(out, "    long f%u;\n", i); break;
        case INIT_DOUBLE: ul_strbuf_printf(out, "    double f%u;\n", i); break;
        case INIT_BITS: ul_strbuf_printf(out, "    unsigned f%u : 7;\n", i); break;
        case INIT_WORD: ul_strbuf_printf(out, "    const char *f%u;\n", i); break;
        case INIT_CHOICE: ul_strbuf_printf(out, "    union {\n        int f%u;\n        float g%u;\n    };\n", i, i); break;
        case INIT_TEXT: ul_strbuf_printf(out, "    char f%u[4];\n", i); break;
        case INIT_NUMBERS: ul_strbuf_printf(out, "    int f%u[2];\n", i); break;
        case INIT_INNER: ul_strbuf_printf(out, "    struct s%u f%u;\n", s->inner[i], i); break;
        default: ul_strbuf_printf(out, "    struct s%u f%u[2];\n", s->inner[i], i); break;
        }
    }
    ul_strbuf_puts(out, "};\n");
}

static inline void init_printer(init_gen *g, uint32_t index)
{
    const init_struct *s = &g->structs[index];
    ul_strbuf *out = &g->out;
    ul_strbuf_printf(out, "static void print_s%u(const struct s%u *x)\n{\n    printf(\"{\");\n", index, index);
    for (uint32_t i = 0; i < s->count; i++) {
        switch (s->kinds[i]) {
        case INIT_LONG: ul_strbuf_printf(out, "    printf(\" %%ld\", x->f%u);\n", i); break;
        case INIT_DOUBLE: ul_strbuf_printf(out, "    printf(\" %%g\", x->f%u);\n", i); break;
        case INIT_WORD: ul_strbuf_printf(out, "    printf(\" %%s\", x->f%u ? x->f%u : \"-\");\n", i, i); break;
        case INIT_TEXT: ul_strbuf_printf(out, "    printf(\" %%.4s\", x->f%u);\n", i); break;
        case INIT_NUMBERS: ul_strbuf_printf(out, "    printf(\" %%d,%%d\", x->f%u[0], x->f%u[1]);\n", i, i); break;
        case INIT_INNER: ul_strbuf_printf(out, "    print_s%u(&x->f%u);\n", s->inner[i], i); break;
        case INIT_INNERS:
            ul_strbuf_printf(out, "    print_s%u(&x->f%u[0]);\n    print_s%u(&x->f%u[1]);\n", s->inner[i], i, s->inner[i], i);
            break;
        default: ul_strbuf_printf(out, "    printf(\" %%d\", (int)x->f%u);\n", i); break;
        }
    }
    ul_strbuf_puts(out, "    printf(\" }\");\n}\n");
}

/* Between two values: a comma, and what people put behind one. */
static inline void init_comma(init_gen *g)
{
    static const char *const forms[] = {", ", ", ", ",", ",\n        "};
    static const char *const commented[] = {", /* next */ ", ", // that was it\n        ", ",\n        /* of the next */\n        "};
    if (g->is_plain) {
        ul_strbuf_puts(&g->out, g->has_comments ? ", // one\n        " : ", ");
        return;
    }
    ul_strbuf_puts(&g->out, g->has_comments && gen_chance(&g->random, 25) ? GEN_PICK(&g->random, commented) : GEN_PICK(&g->random, forms));
}

static inline void init_open(init_gen *g)
{
    ul_strbuf_puts(&g->out, g->is_plain && g->has_comments ? "{\n        " : "{ ");
}

static inline void init_close(init_gen *g)
{
    ul_strbuf_puts(&g->out, g->is_plain && g->has_comments ? " // last\n    }" : " }");
}

static inline void init_scalar(init_gen *g, init_kind kind)
{
    uint32_t value = 1 + g->next_value++ % 63;
    if (kind == INIT_WORD) {
        ul_strbuf_printf(&g->out, "\"w%u\"", value);
        return;
    }
    switch (gen_below(&g->random, g->is_plain ? 40 : 8)) {
    case 0: ul_strbuf_printf(&g->out, "V(%u, 0)", value); break;
    case 1: ul_strbuf_printf(&g->out, "(1 ? %u : 0)", value); break;
    case 2: ul_strbuf_puts(&g->out, "SEVEN"); break;
    default: ul_strbuf_printf(&g->out, "%u", value); break;
    }
}

/*
 * How much may be left out: `is_last` says that nothing follows in the list, `is_bare` that no brace may come first, for
 * it would belong to what is around.
 */
static inline void init_fields(init_gen *g, uint32_t index, bool has_braces, bool is_last, bool is_bare);

/* `count` values of one kind or struct. */
static inline void init_run(init_gen *g, init_kind kind, uint32_t inner, uint32_t count, bool is_last, bool is_bare)
{
    bool is_struct = kind == INIT_INNERS;
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            init_comma(g);
        bool ends = is_last && i + 1 == count, has_braces = is_struct && !(is_bare && i == 0) && (g->is_plain || gen_chance(&g->random, 60));
        if (!is_struct) {
            init_scalar(g, INIT_INT);
            continue;
        }
        if (has_braces)
            init_open(g);
        init_fields(g, inner, has_braces, has_braces || ends, !has_braces);
        if (has_braces)
            init_close(g);
    }
}

static inline void init_value(init_gen *g, const init_struct *s, uint32_t field, bool is_named, bool is_last, bool is_bare)
{
    init_kind kind = s->kinds[field];
    if (kind < INIT_CHOICE) {
        init_scalar(g, kind);
        return;
    }
    if (kind == INIT_TEXT) {
        ul_strbuf_printf(&g->out, "\"t%u\"", 1 + g->next_value++ % 63);
        return;
    }
    if (kind == INIT_CHOICE) {
        bool has_braces = !is_bare && !is_named && gen_chance(&g->random, 40);
        ul_strbuf_puts(&g->out, has_braces ? "{ " : "");
        init_scalar(g, INIT_INT);
        ul_strbuf_puts(&g->out, has_braces ? " }" : "");
        return;
    }
    bool has_braces = !is_bare && (is_named || g->is_plain || gen_chance(&g->random, 65));
    if (has_braces)
        init_open(g);
    bool may_stop = has_braces || is_last;
    if (kind == INIT_INNER)
        init_fields(g, s->inner[field], has_braces, may_stop, !has_braces);
    else
        init_run(g, kind, s->inner[field], may_stop && !g->is_plain && gen_chance(&g->random, 30) ? 1 : 2, may_stop, !has_braces);
    if (has_braces)
        init_close(g);
}

static inline void init_fields(init_gen *g, uint32_t index, bool has_braces, bool is_last, bool is_bare)
{
    const init_struct *s = &g->structs[index];
    uint32_t count = is_last && gen_chance(&g->random, g->is_plain ? 3 : 30) ? 1 + gen_below(&g->random, s->count) : s->count;
    for (uint32_t i = 0; i < count; i++) {
        if (i)
            init_comma(g);
        bool is_named = has_braces && gen_chance(&g->random, g->is_plain ? 2 : 12);
        if (is_named)
            ul_strbuf_printf(&g->out, ".f%u = ", i);
        init_value(g, s, i, is_named, is_last && i + 1 == count, is_bare && i == 0);
    }
    if (has_braces && gen_chance(&g->random, 15))
        ul_strbuf_putc(&g->out, ',');
}

/* A whole program in g->out; the same seed gives the same one. */
static inline void init_program(init_gen *g, uint64_t seed, bool has_comments, bool is_plain, ul_arena *arena)
{
    *g = (init_gen){.random = {.state = seed, .arena = arena}, .has_comments = has_comments, .is_plain = is_plain};
    ul_strbuf *out = &g->out;
    ul_strbuf_init(out);
    ul_strbuf_puts(out, "#include <stdio.h>\n#define V(x, y) ((x) + (y))\n#define SEVEN 7\n");
    uint32_t of[INIT_VARIABLES];
    for (uint32_t i = 0; i < INIT_STRUCTS; i++)
        init_define(g, i);
    for (uint32_t i = 0; i < INIT_VARIABLES; i++) {
        of[i] = gen_below(&g->random, INIT_STRUCTS);
        bool is_literal = gen_chance(&g->random, 10), is_row = !is_literal && gen_chance(&g->random, 20);
        ul_strbuf_printf(out, is_literal ? "static struct s%u *v%u = &(struct s%u){\n    " : "static struct s%u v%u[] = {\n    ", of[i], i, of[i]);
        if (is_literal)
            init_fields(g, of[i], true, true, false);
        else
            init_run(g, INIT_INNERS, of[i], is_row ? 3 : 1, true, false);
        ul_strbuf_puts(out, "\n};\n");
    }
    for (uint32_t i = 0; i < INIT_STRUCTS; i++)
        init_printer(g, i);
    ul_strbuf_puts(out, "int main(void)\n{\n");
    for (uint32_t i = 0; i < INIT_VARIABLES; i++)
        ul_strbuf_printf(out, "    print_s%u(v%u);\n    putchar('\\n');\n", of[i], i);
    ul_strbuf_puts(out, "}\n");
}

#endif
