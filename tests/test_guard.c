/*
 * ullage guard: what it writes compiles with gcc and clang as C and C++, holds the layout against a later field, names that field,
 * and stands where nothing is in its way; what it cannot hold it refuses.
 */
#include "project.h"

static int guard(bench *b, const char *arguments)
{
    return run(b, ul_arena_printf(&b->arena, "guard %s", arguments));
}

static uint32_t count_of(const char *text, const char *part)
{
    uint32_t count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static const char *const compilers[] = {
    "gcc -std=gnu89 -xc", "gcc -std=c11 -Wpedantic -Wall -Wextra -Wundef -Werror -xc", "clang-14 -std=c11 -Weverything -Wno-padded -Wno-unused-macros -Werror -xc",
    "clang-14 -std=c2x -Wpedantic -Werror -xc", "gcc -std=gnu17 -m32 -xc", "clang-14 --target=aarch64-linux-gnu -xc", "clang-14 --target=x86_64-w64-windows-gnu -xc",
};
static const char *const cxx_compilers[] = {"clang-14 -std=c++98 -xc++", "clang-14 -std=c++11 -xc++", "clang-14 -std=c++20 -xc++"};

/* Every compiler takes a unit that is `text`. */
static void assert_compiles(bench *b, const char *text, bool has_cxx)
{
    put(b, "unit.c", text);
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        if (sh(b, ul_arena_printf(&b->arena, "%s -fsyntax-only -I. unit.c", compilers[i])) != 0)
            fail_msg("%s: %s", compilers[i], b->err);
    }
    for (size_t i = 0; has_cxx && i < sizeof cxx_compilers / sizeof *cxx_compilers; i++) {
        if (sh(b, ul_arena_printf(&b->arena, "%s -fsyntax-only -I. unit.c", cxx_compilers[i])) != 0)
            fail_msg("%s: %s", cxx_compilers[i], b->err);
    }
}

/* gcc and clang refuse it, as C and as C++, and say so with these words. */
static void assert_breaks(bench *b, const char *text, const char *words)
{
    static const char *const all[] = {"gcc -std=c99 -xc", "clang-14 -std=c11 -xc", "clang-14 -std=c++17 -xc++"};
    put(b, "unit.c", text);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        assert_int_not_equal(sh(b, ul_arena_printf(&b->arena, "%s -fsyntax-only -I. unit.c", all[i])), 0);
        has(b->err, words);
    }
}

static char *replaced(bench *b, const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    if (!at)
        fail_msg("'%s' is not in: %.2000s", old, text);
    return ul_arena_printf(&b->arena, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static const char conn[] = "struct conn {\n"
                           "    unsigned state;                 // ullage: hot(rx)\n"
                           "    unsigned flags;                 // ullage: hot(rx)\n"
                           "    void *queue;                    // ullage: hot(rx)\n"
                           "    char name[48];\n"
                           "    unsigned long long bytes_in;    // ullage: writer(net)\n"
                           "    char pad[56];\n"
                           "    unsigned long long bytes_out;   // ullage: writer(io)\n"
                           "};\n";

/* The careless field: the build breaks, and the words name what it moved. */
static void later_field(void **state)
{
    bench *b = *state;
    put(b, "conn.h", conn);
    assert_int_equal(guard(b, "conn.h --write"), 0);
    has(b->out, "conn.h: 1 guard written");
    const char *held = slurp(b, "conn.h");
    assert_true(strncmp(held, conn, sizeof conn - 1) == 0); /* nothing above it changes */
    assert_compiles(b, "#include \"conn.h\"\nint unit(void);\n", true);
    put(b, "conn.h", replaced(b, held, "    char name[48];", "    char is_new;\n    char name[48];"));
    assert_breaks(b, "#include \"conn.h\"\n", "conn.bytes_in moved from byte 64, where writer(net) began");
    assert_breaks(b, "#include \"conn.h\"\n", "conn is no longer 136 bytes");
    put(b, "conn.h", replaced(b, held, "    unsigned flags; ", "    char is_new[64];\n    unsigned flags; "));
    assert_breaks(b, "#include \"conn.h\"\n", "conn.flags moved off line 0: was at byte 4");
    put(b, "conn.h", replaced(b, held, "char pad[56];", "char pad[40];"));
    assert_breaks(b, "#include \"conn.h\"\n", "conn.bytes_out moved from byte 128, where writer(io) began");
    assert_breaks(b, "#include \"conn.h\"\n", "conn.bytes_out of writer(io) shares a line with conn.bytes_in of writer(net)");
    put(b, "conn.h", replaced(b, held, "void *queue; ", "void *queue[1][2]; "));
    assert_breaks(b, "#include \"conn.h\"\n", "conn.queue no longer ends at byte 16 of line 0, where hot(rx) ended");
    put(b, "conn.h", replaced(b, held, "struct conn {", "struct __attribute__((aligned(16))) conn {"));
    assert_breaks(b, "#include \"conn.h\"\n", "conn is no longer aligned to 8 bytes");
    put(b, "conn.h", replaced(b, held, "char name[48];", "char name[40], more[8];")); /* moves nothing that is held */
    assert_compiles(b, "#include \"conn.h\"\nint unit(void);\n", true);
}

/* Missing, fresh, stale, and written again; the second time nothing changes. */
static void below(void **state)
{
    bench *b = *state;
    put(b, "conn.h", conn);
    assert_int_equal(guard(b, "conn.h --check"), 1);
    has(b->err, "conn.h:1:8: warning: the guard of `struct conn` is missing");
    has(b->out, "--- a/");
    has(b->out, "\n+ULLAGE_HOLD(sizeof(struct conn) == 136, \"conn is no longer 136 bytes\");\n");
    assert_string_equal(slurp(b, "conn.h"), conn);
    assert_int_equal(guard(b, "conn.h --write"), 0);
    const char *held = slurp(b, "conn.h");
    assert_int_equal(guard(b, "conn.h --check"), 0);
    assert_string_equal(b->out, "");
    assert_int_equal(guard(b, "conn.h --write"), 0);
    assert_string_equal(b->out, "");
    assert_string_equal(slurp(b, "conn.h"), held);

    /* What no longer holds does not get in the way of what will. */
    put(b, "conn.h", replaced(b, held, "    void *queue; ", "    char is_new;\n    void *queue; "));
    assert_int_equal(guard(b, "conn.h --check"), 1);
    has(b->err, "conn.h:1:8: warning: the guard of `struct conn` is stale");
    has(b->out, "-ULLAGE_HOLD(sizeof(struct conn) == 136");
    has(b->out, "+ULLAGE_HOLD(sizeof(struct conn) == 144");
    assert_int_equal(guard(b, "conn.h --write -q"), 0);
    assert_string_equal(b->out, "");
    assert_compiles(b, "#include \"conn.h\"\nint unit(void);\n", true);
    assert_int_equal(count_of(slurp(b, "conn.h"), "guard: begin"), 1);

    /* Nothing asks for it any more. */
    put(b, "conn.h", replaced(b, held, conn, "struct conn {\n    int a;\n};\n"));
    assert_int_equal(guard(b, "conn.h --check"), 1);
    has(b->err, "the guard of `struct conn` is one too many");
    assert_int_equal(guard(b, "conn.h --write"), 0);
    assert_string_equal(slurp(b, "conn.h"), "struct conn {\n    int a;\n};\n");
    assert_int_equal(guard(b, "conn.h"), 0);
    has(b->err, "no record asks to be held");
    assert_string_equal(b->out, "");
}

/* The bytes around a guard stay what they are; where it stands decides its line ends and its indentation. */
static void text_around(void **state)
{
    bench *b = *state;
    static const struct {
        const char *before, *after; /* of the record's line; GUARD is for what is written */
    } cases[] = {
        {"struct s { int a; }; // ullage: guard\nint x;\n", "struct s { int a; }; // ullage: guard\nGUARD\nint x;\n"},
        {"struct s { int a; }; // ullage: guard", "struct s { int a; }; // ullage: guard\nGUARD"},
        {"struct s { int a; }; /* ullage: guard\n  goes on */\n\nint x;\n", "struct s { int a; }; /* ullage: guard\n  goes on */\nGUARD\n\nint x;\n"},
        {"// ullage: guard\nstruct s {\n    int a;\n}\n  v\n  ;\nint x;\n", "// ullage: guard\nstruct s {\n    int a;\n}\n  v\n  ;\nGUARD\nint x;\n"},
        {"#if 1\nstruct s { int a; }; // ullage: guard\n#else\nstruct t { int a; };\n#endif\n",
         "#if 1\nstruct s { int a; }; // ullage: guard\nGUARD\n#else\nstruct t { int a; };\n#endif\n"},
        {"struct s { int a; } __attribute__((packed)) v = {(1)}, w; // ullage: guard\n", "struct s { int a; } __attribute__((packed)) v = {(1)}, w; // ullage: guard\nGUARD\n"},
        {"\tstruct s { int a; }; // ullage: guard\n", "\tstruct s { int a; }; // ullage: guard\n\tGUARD\n"},
        {"struct s { int a; }; // ullage: guard\r\nint x;\r\n", "struct s { int a; }; // ullage: guard\r\nGUARD\r\nint x;\r\n"},
        {"\xef\xbb\xbfstruct s { int a; }; // ullage: guard\n", "\xef\xbb\xbfstruct s { int a; }; // ullage: guard\nGUARD\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(b, "s.h", cases[i].before);
        if (guard(b, "s.h --write") != 0)
            fail_msg("case %zu: %s", i, b->err);
        const char *text = slurp(b, "s.h"), *mark = strstr(cases[i].after, "GUARD");
        const char *begin = strstr(text, "/* ullage guard: begin */"), *end = strstr(text, "/* ullage guard: end */");
        assert_non_null(begin);
        assert_non_null(end);
        if (strncmp(text, cases[i].after, (size_t)(mark - cases[i].after)) != 0 || begin - text != mark - cases[i].after ||
            strcmp(end + strlen("/* ullage guard: end */"), mark + strlen("GUARD")) != 0)
            fail_msg("case %zu: %s", i, text);
        bool is_crlf = strstr(text, "\r\n") != NULL;
        for (const char *at = text; is_crlf && (at = strchr(at, '\n')) != NULL; at++)
            assert_int_equal(at[-1], '\r');
        assert_int_equal(guard(b, "s.h --check"), 0);
        assert_int_equal(guard(b, "s.h --write"), 0);
        assert_string_equal(slurp(b, "s.h"), text);
        put(b, "s.h", replaced(b, text, "ullage: guard", "nothing")); /* and away again, to the byte */
        assert_int_equal(guard(b, "s.h --write"), 0);
        assert_string_equal(slurp(b, "s.h"), replaced(b, cases[i].before, "ullage: guard", "nothing"));
    }
}

/* Records of every kind, with every field. */
static void kinds(void **state)
{
    bench *b = *state;
    put(b, "k.h",
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
        "typedef struct {\n    unsigned short kind;\n    unsigned length;\n} named_t;\n"
        "struct bits {\n    char a;\n    unsigned b : 3, c : 4;\n    unsigned : 0;\n    char d;\n};\n"
        "struct outer {\n    struct inner { char x; int y; } one;\n    struct { int p; struct { char q; }; };\n    union { int u; char v[8]; };\n    int z;\n};\n"
        "union both { int a; double b; };\n"
        "struct tail { int count; char data[]; };\n"
        "struct wide { char room[100]; int after; };\n"
        "struct empty_end { int a; __extension__ char none[0]; };\n"
        "#ifdef __cplusplus\n}\n#endif\n");
    if (guard(b, "k.h --all-records --all-offsets --write") != 0)
        fail_msg("%s", b->err);
    const char *text = slurp(b, "k.h");
    assert_compiles(b, "#include \"k.h\"\nint unit(void);\n", true);
    has(text, "ULLAGE_HOLD(sizeof(named_t) == 8, \"named_t is no longer 8 bytes\");");
    has(text, "__builtin_offsetof(struct bits, a) == 0");
    has(text, "__builtin_offsetof(struct bits, d) == 4");
    lacks(text, "(struct bits, b)");
    has(text, "__builtin_offsetof(struct inner, y) == 4"); /* below the record around it, and not for C++ */
    has(text, "#ifndef __cplusplus\nULLAGE_HOLD(sizeof(struct inner)");
    has(text, "__builtin_offsetof(struct outer, q) == 12");
    has(text, "__builtin_offsetof(struct outer, v) == 16");
    lacks(text, "<anonymous>");
    has(text, "ULLAGE_HOLD(sizeof(union both) == 8");
    has(text, "__builtin_offsetof(struct tail, data) == 4");
    assert_breaks(b, "#define count count; int more\n#include \"k.h\"\n", "tail.data moved: was at byte 4");
    assert_int_equal(count_of(text, "guard: begin"), 7);
    assert_int_equal(guard(b, "k.h --all-records --check"), 1); /* fewer are asked for now */
    assert_int_equal(guard(b, "k.h --all-records --write"), 0);
    text = slurp(b, "k.h");
    has(text, "__builtin_offsetof(struct wide, after) / 64 == 1,\n            \"wide.after moved off line 1: was at byte 100\");");
    lacks(text, "struct tail, data");
    assert_compiles(b, "#include \"k.h\"\nint unit(void);\n", true);
    assert_int_equal(guard(b, "k.h --struct tail --all-offsets --write"), 0); /* the others are let alone */
    assert_int_equal(count_of(slurp(b, "k.h"), "guard: begin"), 7);
    has(slurp(b, "k.h"), "struct tail, data");
}

/* What groups hold: bits by their neighbours, members of anonymous structs, markers, a single field. */
static void groups(void **state)
{
    bench *b = *state;
    put(b, "g.h",
        "struct g {\n    int first;\n    unsigned bit : 1; // ullage: hot(a)\n    int second;\n"
        "    struct {\n        int in;\n        char *out;\n    }; // ullage: readmostly\n"
        "    char __cacheline_group_begin__tx[0];\n    int third;\n    int fourth;\n    char __cacheline_group_end__tx[0];\n"
        "    int fifth; // ullage: guard\n    char last[]; // ullage: hot(z)\n};\n");
    assert_int_equal(guard(b, "g.h"), 0);
    has(b->out, "ULLAGE_HOLD(offsetof(struct g, first) == 0, \"g.first moved: was at byte 0, beside the bits of bit\");");
    has(b->out, "\"g.second moved: was at byte 8, beside the bits of bit\"");
    has(b->out, "offsetof(struct g, in) == 16");
    has(b->out, "\"g.out no longer ends at byte 32 of line 0, where readmostly ended\"");
    has(b->out, "\"g.third moved from byte 32, where cacheline group tx began\"");
    has(b->out, "\"g.fourth no longer ends at byte 40");
    has(b->out, "\"g.fifth moved: was at byte 40\"");
    has(b->out, "\"g.last moved from byte 44, where hot(z) began\"");
    lacks(b->out, "sizeof(((struct g *)0)->last)");
    put(b, "held.h", b->out);
    assert_int_equal(sh(b, "gcc -fsyntax-only -xc held.h && clang-14 -fsyntax-only -xc held.h && clang-14 -std=c++14 -fsyntax-only -xc++ held.h"), 0);
}

/* Nothing is held that another build would contradict, and nothing stands where it would be in the way. */
static void refusals(void **state)
{
    bench *b = *state;
    static const struct {
        const char *text, *words;
    } cases[] = {
        {"struct s { // ullage: guard\n    int a;\n#ifdef MORE\n    int b;\n#endif\n};\n", "s.h:1:8: error: `struct s` is not held: its fields depend on a condition of the preprocessor, line 3"},
        {"struct s { int a; }; /* ullage: guard */ struct t {\n    int b;\n};\n", "no guard can stand below `struct s`: other code stands on the line"},
        {"struct s { // ullage: guard\n    int a;\n}\n#ifdef X\nv\n#else\nw\n;\nint y\n#endif\n;\n", "a condition of the preprocessor cuts through its declaration"},
        {"#define FIELDS int a; int b;\nstruct s { // ullage: guard\n    FIELDS\n};\n#define R struct m { int a; }\nR;\n", NULL},
        {"struct s { int a; }; // ullage: guard\n/* ullage guard: begin */\nint x;\n", "the guard that begins on line 2 does not end"},
        {"struct s { int a; }; // ullage: guard \\\n goes on\nint x;\n", NULL},
        {"#include \"nothere.h\"\nstruct s { int a; }; // ullage: guard\n", "`struct s` is not held: a header was not found"},
        {"struct s { struct { int a; } b; // ullage: guard\n};\n", NULL}, /* on the member, which is a field of s too */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put(b, "s.h", cases[i].text);
        int status = guard(b, "s.h --write");
        if (cases[i].words) {
            assert_int_equal(status, 2);
            has(b->err, cases[i].words);
            assert_string_equal(slurp(b, "s.h"), cases[i].text);
        }
    }
    put(b, "s.h", "struct s { struct { int a; } b; };\n");
    assert_int_equal(guard(b, "s.h --struct 'struct s::<anonymous>.b'"), 2);
    has(b->err, "it has no name of its own");
    assert_int_equal(guard(b, "s.h --struct nothere"), 2);
    assert_int_equal(guard(b, "s.h --all-records"), 0);
    lacks(b->err, "no name of its own");
    assert_int_equal(guard(b, "s.h --write --check"), 2);
    assert_int_equal(guard(b, "s.h --write -o x.h"), 2);
    assert_int_equal(guard(b, "nothere.h"), 2);
}

/* Two units that lay a record out in two ways: neither is held. */
static void units_that_differ(void **state)
{
    bench *b = *state;
    put(b, "s.h", "struct s { // ullage: guard\n    ITEM a;\n};\n");
    put(b, "a.c", "#define ITEM int\n#include \"s.h\"\n");
    put(b, "b.c", "#define ITEM char\n#include \"s.h\"\n");
    put_database(b, "a.c b.c", "");
    assert_int_equal(guard(b, "s.h --write"), 2);
    has(b->err, "`struct s` is not held: units give it different layouts");
}

/* A header by itself: where it is decides how it includes; what is there already is compared. */
static void header(void **state)
{
    bench *b = *state;
    put(b, "include/net/conn.h", conn);
    put(b, "include/frame.h", "struct frame { short a; int b; }; // ullage: guard\n");
    put(b, "src/local.c", "struct local { int a; }; // ullage: guard\n");
    assert_int_equal(sh(b, "mkdir gen"), 0);
    assert_int_equal(guard(b, "include -o gen/hold.h --check"), 1);
    has(b->err, "gen/hold.h: warning: the header of assertions is missing");
    assert_int_equal(guard(b, "include -o gen/hold.h"), 0);
    assert_string_equal(b->out, "");
    const char *text = slurp(b, "gen/hold.h");
    has(text, "#include \"../include/frame.h\"\n#include \"../include/net/conn.h\"\n");
    has(text, "#include <stddef.h>\n");
    has(text, "#endif\n");
    assert_int_equal(sh(b, "for c in 'gcc -xc' 'clang-14 -xc' 'clang-14 -std=c++11 -xc++'; do $c -fsyntax-only gen/hold.h || exit 1; done"), 0);
    assert_int_equal(guard(b, "include -o gen/hold.h --check"), 0);
    assert_int_equal(sh(b, "touch -d '2001-01-01' gen/hold.h"), 0);
    assert_int_equal(guard(b, "include -o gen/hold.h"), 0);
    assert_int_equal(sh(b, "test gen/hold.h -ot include/frame.h"), 0); /* not written again: nothing is built anew */
    put(b, "include/frame.h", "struct frame { short a; char more; int b; }; // ullage: guard\n");
    assert_int_equal(guard(b, "include -o gen/hold.h --check"), 1);
    has(b->err, "is stale");
    has(b->out, "+ULLAGE_HOLD(offsetof(struct frame, more)");
    assert_int_equal(guard(b, "src include"), 0);
    has(b->err, "src/local.c:1:8: warning: `struct local` is not in the header: it is defined in a source; --write holds it there");
    assert_int_equal(guard(b, "src --write"), 0);
    assert_int_equal(sh(b, "gcc -c src/local.c -o /dev/null && clang-14 -c src/local.c -o /dev/null"), 0);
    assert_int_equal(guard(b, "include -o nowhere/hold.h"), 2);

    put(b, "needs.h", "struct needs { word a; }; // ullage: guard\n");
    put(b, "unit.c", "typedef int word;\n#include \"needs.h\"\n");
    put(b, "compile_commands.json",
        ul_arena_printf(&b->arena, "[{\"directory\": \"%s\", \"file\": \"unit.c\", \"arguments\": [\"cc\", \"-c\", \"unit.c\"]}]", b->folder));
    assert_int_equal(guard(b, "needs.h"), 0);
    has(b->err, "the header of assertions does not compile by itself: unknown type name 'word'; include what it needs before it");
}

/* What holds on one target is not asked of another. */
static void targets(void **state)
{
    bench *b = *state;
    put(b, "t.h", "struct t { // ullage: guard\n    char a;\n    long long b;\n    long c;\n    void *d;\n};\n");
    assert_int_equal(guard(b, "t.h --target x86_64-linux-gnu --target i386-linux-gnu --target arm-linux-gnueabihf --write"), 0);
    const char *text = slurp(b, "t.h");
    has(text, "__SIZEOF_POINTER__ == 8 && __SIZEOF_LONG__ == 8\n");
    has(text, "__SIZEOF_POINTER__ == 4 && __SIZEOF_LONG__ == 4 && defined __i386__\n");
    has(text, "__SIZEOF_POINTER__ == 4 && __SIZEOF_LONG__ == 4 && !defined __i386__\n");
    assert_int_equal(count_of(text, "guard: begin"), 1);
    has(text, "sizeof(struct t) == 20");
    assert_compiles(b, "#include \"t.h\"\nint unit(void);\n", true);
    assert_int_equal(sh(b, "clang-14 --target=arm-linux-gnueabihf -fsyntax-only unit.c"), 0);
    put(b, "more.c", "#define a a; char e[8]\n#include \"t.h\"\n");
    assert_int_not_equal(sh(b, "clang-14 --target=i386-linux-gnu -fsyntax-only more.c"), 0);
    has(b->err, "t.b moved: was at byte 4");
    assert_int_not_equal(sh(b, "clang-14 --target=arm-linux-gnueabihf -fsyntax-only more.c"), 0);
    has(b->err, "t.b moved: was at byte 8");
    assert_int_equal(sh(b, "clang-14 --target=x86_64-w64-windows-gnu -fsyntax-only more.c"), 0); /* nobody said */
    put(b, "t.h", "struct t { // ullage: guard\n    long long a __attribute__((aligned(4)));\n    long double b;\n};\n");
    assert_int_equal(guard(b, "t.h --target x86_64-linux-gnu --target aarch64-linux-gnu --write"), 0); /* the same on both */
    assert_int_equal(count_of(slurp(b, "t.h"), "#if defined ULLAGE_HOLD"), 1);
    put(b, "t.h", "struct t { // ullage: guard\n    char a;\n    int : 0;\n    char b;\n};\n"); /* AAPCS64 aligns it */
    assert_int_equal(guard(b, "t.h --target x86_64-linux-gnu --target aarch64-linux-gnu --write"), 2); /* no words tell them apart */
    has(b->err, "holds for both");
}

/* Where the source cannot be edited, the configuration asks. */
static void configured(void **state)
{
    bench *b = *state;
    put(b, "s.h", "struct s { int a; int b; };\nstruct u { int c; int d; };\nstruct w { int e; };\n");
    put(b, ".ullage.yml", "root: true\nline-bytes: 128\ntypes:\n  struct s: {guard: true}\n  struct u: {writer: {io: [d]}, guard: c}\n");
    assert_int_equal(guard(b, "s.h"), 0);
    has(b->out, "\"s.b moved: was at byte 4\"");
    has(b->out, "\"u.c moved: was at byte 0\"");
    has(b->out, "\"u.d moved from byte 4, where writer(io) began\"");
    lacks(b->out, "struct w");
    put(b, ".ullage.yml", "root: true\nexclude: [s.h]\n");
    assert_int_equal(guard(b, "s.h --all-records"), 0);
    assert_string_equal(b->out, "");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, bench_set_up, bench_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(later_field),
        TEST(below),
        TEST(text_around),
        TEST(kinds),
        TEST(groups),
        TEST(refusals),
        TEST(units_that_differ),
        TEST(header),
        TEST(targets),
        TEST(configured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
