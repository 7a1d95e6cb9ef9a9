/*
 * Records put in order as a careful maintainer would: what goes along with a field, what stays, and what is refused by name. The text of
 * each case is read without a compiler (text_record.h); generated ones that a compiler reads are in test_rewrite_generated.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "layout/rewrite/rewrite.h"
#include "tests/text_record.h"

typedef struct text_case {
    const char *source; /* the first braces are the record */
    const char *order;  /* of its fields by name */
    const char *want;   /* the new text, or "!refusal line" */
    const char *note;   /* the only one; NULL: none */
} text_case;

/* Direct fields of `record` in the order of the words of `names`. */
static uint32_t *order_of(ul_arena *arena, const ul_record *record, const char *names)
{
    uint32_t *order = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u), count = 0;
    for (const char *at = names; *at;) {
        size_t length = strcspn(at, " ");
        uint32_t found = 0;
        while (found < record->field_count && !(strncmp(record->fields[found].name, at, length) == 0 && record->fields[found].name[length] == '\0'))
            found++;
        if (found == record->field_count || count == record->field_count)
            fail_msg("no field %s", at);
        order[count++] = found;
        at += length + (at[length] == ' ');
    }
    assert_int_equal(count, record->field_count);
    return order;
}

/* What becomes of the case; *note is the only one, or NULL. */
static const char *rewrite(ul_arena *arena, const text_case *is, bool may_split, const char **note)
{
    ul_tokens tokens;
    ul_record record;
    size_t length = strlen(is->source);
    ul_tokens_read(&tokens, is->source, length, arena);
    assert_true(text_record_read(&record, is->source, &tokens, 0, arena));
    ul_rewrite_request request = {&record, order_of(arena, &record, is->order), record.field_count, may_split};
    ul_rewrite out;
    assert_int_equal(ul_rewrite_text(&out, is->source, length, &request, 1, arena), UL_OK);
    const ul_rewrite_outcome *outcome = &out.outcomes[0];
    assert_true(outcome->note_count <= 1);
    *note = outcome->note_count ? outcome->notes[0] : NULL;
    if (!outcome->refusal)
        return out.text;
    assert_true(out.length == length && memcmp(out.text, is->source, length) == 0 && out.edit_count == 0);
    return ul_arena_printf(arena, "!%s %s", ul_rewrite_refusal_name(outcome->refusal), outcome->detail);
}

static void check(const text_case *cases, uint32_t count, bool may_split)
{
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        ul_arena arena;
        ul_arena_init(&arena, NULL);
        const char *note, *got = rewrite(&arena, &cases[i], may_split, &note);
        bool is_note = note && cases[i].note ? strcmp(note, cases[i].note) == 0 : note == cases[i].note;
        if (strcmp(got, cases[i].want) != 0 || !is_note) {
            printf("--- %s: %s--- want\n%s--- got\n%s\n", cases[i].order, cases[i].source, cases[i].want, got);
            printf("note: %s, want %s\n", note ? note : "none", cases[i].note ? cases[i].note : "none");
            wrong++;
        }
        ul_arena_free(&arena);
    }
    assert_int_equal(wrong, 0);
}

#define CHECK(cases) check(cases, sizeof(cases) / sizeof *(cases), false)

static void comments_go_along(void **state)
{
    (void)state;
    static const text_case cases[] = {
        /* Trailing, one line and several. */
        {"struct s {\n\tchar a;\t/* of a */\n\tlong b;\t// of b\n\tchar c;\t/* of c */\n};\n", "b a c",
         "struct s {\n\tlong b;\t// of b\n\tchar a;\t/* of a */\n\tchar c;\t/* of c */\n};\n", NULL},
        {"struct s {\n    char a;  /* of a,\n              * and more */\n    long b;  /* of b */\n};\n", "b a",
         "struct s {\n    long b;  /* of b */\n    char a;  /* of a,\n              * and more */\n};\n", NULL},
        {"struct s {\n    char a;   /* of a */\n              /* and more */\n    long b;   // of b\n              // and more\n};\n", "b a",
         "struct s {\n    long b;   // of b\n              // and more\n    char a;   /* of a */\n              /* and more */\n};\n", NULL},
        {"struct s {\n    char a; ///< of a\n    ///< and more\n    long b;\n};\n", "b a",
         "struct s {\n    long b;\n    char a; ///< of a\n    ///< and more\n};\n", NULL},
        {"struct s {\n    char a;\n    /**< of a */\n    long b;\n    /**< of b */\n};\n", "b a",
         "struct s {\n    long b;\n    /**< of b */\n    char a;\n    /**< of a */\n};\n", NULL},
        /* The last one's is not lost. */
        {"struct s {\n    char a;\n    long b; /* of b */\n}; /* of s */\n", "b a",
         "struct s {\n    long b; /* of b */\n    char a;\n}; /* of s */\n", NULL},
        /* Doc comments before, of every form. */
        {"struct s {\n    /** of a */\n    char a;\n    /// of b\n    long b;\n    //! of c\n    char c;\n};\n", "b a c",
         "struct s {\n    /// of b\n    long b;\n    /** of a */\n    char a;\n    //! of c\n    char c;\n};\n", NULL},
        {"struct s {\n    /* of a */\n    char a;\n\n    /*\n     * of b,\n     * which is long\n     */\n    long b;\n\n    /* of c */\n    char c;\n};\n", "b a c",
         "struct s {\n    /*\n     * of b,\n     * which is long\n     */\n    long b;\n\n    /* of a */\n    char a;\n\n    /* of c */\n    char c;\n};\n", NULL},
        {"struct s {\n    // of a,\n    // in two lines\n    char a;\n    long b;\n    // of c\n    char c;\n};\n", "a c b",
         "struct s {\n    // of a,\n    // in two lines\n    char a;\n    // of c\n    char c;\n\n    long b;\n};\n", NULL},
        /* Before and behind. */
        {"struct s {\n    /* of a */\n    char a; /* of a too */\n    /* of b */\n    long b;\n};\n", "b a",
         "struct s {\n    /* of b */\n    long b;\n    /* of a */\n    char a; /* of a too */\n};\n", NULL},
        /* Comments that name several fields go with them. */
        {"struct s {\n    char x;\n    /* rx and tx: counters */\n    long rx;\n    long tx;\n    char y;\n};\n", "rx tx x y",
         "struct s {\n    /* rx and tx: counters */\n    long rx;\n    long tx;\n\n    char x;\n    char y;\n};\n", NULL},
        {"struct s {\n    char x;\n    /* rx and tx: counters */\n    long rx;\n    long tx;\n    char y;\n};\n", "tx x rx y",
         "struct s {\n    long tx;\n    char x;\n    /* rx and tx: counters */\n    long rx;\n\n    char y;\n};\n", NULL},
        /* Attributes and annotations. */
        {"struct s {\n    char a __attribute__((aligned(8))); // ullage: hot\n    [[deprecated]] long b;\n    _Alignas(16) char c;\n};\n", "b c a",
         "struct s {\n    [[deprecated]] long b;\n    _Alignas(16) char c;\n    char a __attribute__((aligned(8))); // ullage: hot\n};\n", NULL},
        {"struct s {\n    char a;\n    // ullage: hot(rx)\n    long b;\n};\n", "b a",
         "struct s {\n    // ullage: hot(rx)\n    long b;\n\n    char a;\n};\n", NULL},
    };
    CHECK(cases);
}

static void sections_stay(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    /* --- input --- */\n    char a;\n    long b;\n    char c;\n\n    /* --- output --- */\n    long d;\n    char e;\n};\n", "b a c e d",
         "struct s {\n    /* --- input --- */\n    long b;\n    char a;\n    char c;\n\n    /* --- output --- */\n    char e;\n    long d;\n};\n", NULL},
        {"struct s {\n    /* --- input --- */\n    char a;\n\n    /* --- output --- */\n    long d;\n    char e;\n};\n", "d a e",
         "struct s {\n    /* --- input --- */\n\n    /* --- output --- */\n    long d;\n    char a;\n    char e;\n};\n", "section `/* --- input --- */` has no field left"},
        {"struct s {\n    /* Input: */\n    char a;\n    long b;\n\n    /* Output: */\n    long d;\n    char e;\n};\n", "b d a e",
         "struct s {\n    /* Input: */\n    long b;\n\n    /* Output: */\n    long d;\n    char a;\n    char e;\n};\n", NULL},
        {"struct s {\n    /* input */\n\n    char a;\n    long b;\n\n    /* output */\n\n    long d;\n    char e;\n};\n", "b a d e",
         "struct s {\n    /* input */\n\n    long b;\n    char a;\n\n    /* output */\n\n    long d;\n    char e;\n};\n", NULL},
        {"struct s {\n    /** @{ */\n    char a;\n    long b;\n    /** @} */\n    char e;\n};\n", "b a e",
         "struct s {\n    /** @{ */\n    long b;\n    char a;\n    /** @} */\n    char e;\n};\n", NULL},
        {"struct s {\n    /* counters, all of them */\n    long a; /* x */\n    char b; /* y */\n    long c; /* z */\n\n    char d;\n};\n", "a c b d",
         "struct s {\n    /* counters, all of them */\n    long a; /* x */\n    long c; /* z */\n    char b; /* y */\n\n    char d;\n};\n", NULL},
    };
    CHECK(cases);
}

/* What a comment says of the layout may be true no longer. */
static void layout_comments_are_told(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char a;\n    /* 7 bytes hole here */\n\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    char a;\n    /* 7 bytes hole here */\n\n    char c;\n    long b;\n};\n",
         "line 3: a comment speaks of `hole`: see whether it is still true"},
        {"struct s {\n    char a; /* whole */\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    char a; /* whole */\n    char c;\n    long b;\n};\n", NULL},
        {"struct s {\n    char a; /* hole */\n    long b;\n};\n", "a b", "struct s {\n    char a; /* hole */\n    long b;\n};\n", NULL},
    };
    CHECK(cases);
}

static void blank_lines(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char a;\n\n    long b;\n\n    char c;\n};\n", "b a c",
         "struct s {\n    long b;\n\n    char a;\n\n    char c;\n};\n", NULL},
        {"struct s {\n    char a;\n    long b;\n\n    char c;\n    int d;\n};\n", "a c b d",
         "struct s {\n    char a;\n\n    char c;\n    long b;\n    int d;\n};\n", NULL},
        {"struct s {\n\n    char a;\n    long b;\n\n};\n", "b a",
         "struct s {\n\n    long b;\n    char a;\n\n};\n", NULL},
        {"struct s {\n    char a;\n\n    /* of b */\n    long b;\n\n    char c;\n    int d;\n};\n", "a c b d",
         "struct s {\n    char a;\n    char c;\n\n    /* of b */\n    long b;\n\n    int d;\n};\n", NULL},
        {"struct s {\n    char a;\n\n\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    char a;\n\n\n    char c;\n    long b;\n};\n", NULL},
    };
    CHECK(cases);
}

static void bytes_stay(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\r\n\tchar a; /* of a */\r\n\tlong b;\r\n};\r\n", "b a",
         "struct s {\r\n\tlong b;\r\n\tchar a; /* of a */\r\n};\r\n", NULL},
        {"\xef\xbb\xbfstruct s {\n    char a;\n    long b;\n};", "b a",
         "\xef\xbb\xbf" "struct s {\n    long b;\n    char a;\n};", NULL},
        {"struct s {\n  char   a;  \n\t long\tb;\t \n};\n", "b a",
         "struct s {\n\t long\tb;\t \n  char   a;  \n};\n", NULL},
        {"struct s { char a; long b; }", "b a",
         "struct s { long b; char a; }", NULL},
        {"struct s { /* of a */ char a; /* of b */ long b; };\n", "b a",
         "struct s { /* of b */ long b; /* of a */ char a; };\n", NULL},
        {"struct s { char a; /* of a */ long b; /* of b */ };\n", "b a",
         "struct s { long b; /* of b */ char a; /* of a */ };\n", NULL},
        {"struct s { char a;\n           long b; };\n", "b a",
         "struct s { long b;\n           char a; };\n", NULL},
        {"struct s\n{ char a;\n  long b;\n  char c; };\n", "b a c",
         "struct s\n{ long b;\n  char a;\n  char c; };\n", NULL},
        {"struct s {\n    char a; long b;\n    char c;\n};\n", "c a b",
         "struct s {\n    char c;\n    char a; long b;\n};\n", NULL},
        {"struct s {\n    char a; long b;\n    char c;\n};\n", "b a c",
         "struct s {\n    long b; char a;\n    char c;\n};\n", NULL},
        {"struct s {\n    char a; long b;\n    char c; int d;\n};\n", "b d a c",
         "struct s {\n    long b;\n    int d;\n    char a;\n    char c;\n};\n", NULL},
        {"struct s {\n    char a;; long b;;\n    char c;\n};\n", "c a b",
         "struct s {\n    char c;\n    char a;; long b;;\n};\n", NULL},
        {"struct s {\n    char a\n        [3];\n    long\n        b;\n};\n", "b a",
         "struct s {\n    long\n        b;\n    char a\n        [3];\n};\n", NULL},
        {"struct s {\n    char a;\n    struct {\n        int x; /* of x */\n        int y;\n    } b; /* of b */\n    char c;\n};\n", "b a c",
         "struct s {\n    struct {\n        int x; /* of x */\n        int y;\n    } b; /* of b */\n    char a;\n    char c;\n};\n", NULL},
        {"struct s {\n    char a;\n    union {\n        int x; /* of x */\n    }; /* of the union */\n    char c;\n};\n", "a c union",
         "struct s {\n    char a;\n    char c;\n    union {\n        int x; /* of x */\n    }; /* of the union */\n};\n", NULL},
    };
    CHECK(cases);
}

static void declarations_move_whole(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char x;\n    int a, *b, c[3];\n    char y;\n};\n", "x y a b c",
         "struct s {\n    char x;\n    char y;\n    int a, *b, c[3];\n};\n", NULL},
        {"struct s {\n    char x;\n    int a,  /* of a */\n        *b; /* of b */\n    char y;\n};\n", "x y a b",
         "struct s {\n    char x;\n    char y;\n    int a,  /* of a */\n        *b; /* of b */\n};\n", NULL},
        {"struct s {\n    int a, *b;\n    char y;\n};\n", "a y b",
         "!bad-order ", NULL},
        {"struct s {\n    char x;\n    LIST_ENTRY(s) link;\n    DECLARE_BITMAP(bits, 64);\n    __be32 addr;\n    char y;\n};\n", "x y link DECLARE_BITMAP addr",
         "struct s {\n    char x;\n    char y;\n    LIST_ENTRY(s) link;\n    DECLARE_BITMAP(bits, 64);\n    __be32 addr;\n};\n", NULL},
        {"struct s {\n    char x;\n    int (*cb)(void *, int), (*tab[3])(void);\n    char name[16];\n};\n", "name cb tab x",
         "struct s {\n    char name[16];\n    int (*cb)(void *, int), (*tab[3])(void);\n    char x;\n};\n", NULL},
        {"struct s {\n    char a : 3;\n    unsigned b : 4;\n    long c;\n};\n", "c a b",
         "struct s {\n    long c;\n    char a : 3;\n    unsigned b : 4;\n};\n", NULL},
        {"struct s {\n    char n;\n    long rest;\n    char data[];\n};\n", "rest n data",
         "struct s {\n    long rest;\n    char n;\n    char data[];\n};\n", NULL},
        {"/* struct s { long not_a; char this_one; }; */\nstruct s {\n    char a; /* struct s { */\n    long b;\n};\n", "b a",
         "/* struct s { long not_a; char this_one; }; */\nstruct s {\n    long b;\n    char a; /* struct s { */\n};\n", NULL},
        {"struct s {\n    char a; // goes on \\\n    with this\n    long b;\n};\n", "b a",
         "struct s {\n    long b;\n    char a; // goes on \\\n    with this\n};\n", NULL},
    };
    CHECK(cases);
}

static void walls_stay(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char a;\n    long b;\n#if X\n    char c;\n    long d;\n#else\n    int e;\n#endif\n    char f;\n    long g;\n};\n", "b a d c e g f",
         "struct s {\n    long b;\n    char a;\n#if X\n    long d;\n    char c;\n#else\n    int e;\n#endif\n    long g;\n    char f;\n};\n", NULL},
        {"struct s {\n    char a;\n    long b;\n#if X\n    char c;\n#endif\n    long g;\n};\n", "c b a g",
         "!bad-order ", NULL},
        {"struct s {\n    char a;\n    _Static_assert(1, \";\");\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    char a;\n    _Static_assert(1, \";\");\n    char c;\n    long b;\n};\n", NULL},
        {"struct s {\n    char a\n#if X\n    [3]\n#endif\n    ;\n    long b;\n};\n", "b a",
         "struct s {\n    long b;\n    char a\n#if X\n    [3]\n#endif\n    ;\n};\n", NULL},
        {"struct s {\n    char a\n#if X\n    ;\n    long b;\n#else\n    ;\n#endif\n    char c;\n};\n", "c a b",
         "!bad-order ", NULL},
        {"struct s {\n    char a;\n#define S_A 1\n    long b;\n    /* flags of c */\n#define S_B 2\n    char c;\n};\n", "b a c",
         "!bad-order ", NULL},
        {"struct s {\n    char a; /* of a */ _Static_assert(1, \"\"); /* who */ long b; char c;\n};\n", "a c b",
         "!two-on-a-line-with-shared-comment line 2", NULL},
    };
    CHECK(cases);
}

static void unclear_comments(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char a; long b; /* whose? */\n    char c;\n};\n", "c b a",
         "!two-on-a-line-with-shared-comment line 2", NULL},
        {"struct s {\n    char a; long b; /* whose? */\n    char c;\n};\n", "c a b",
         "struct s {\n    char c;\n    char a; long b; /* whose? */\n};\n", NULL},
        {"struct s {\n    /* one or all? */\n    char a;\n    long b;\n    char c;\n};\n", "b a c",
         "struct s {\n    long b;\n\n    /* one or all? */\n    char a;\n    char c;\n};\n", NULL},
        {"struct s {\n    /* one or all? */\n    char a;\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    /* one or all? */\n    char a;\n    char c;\n    long b;\n};\n", NULL},
        {"struct s {\n    /* one or all? */\n    char a;\n    long b;\n    char c;\n};\n", "b c a",
         "struct s {\n    long b;\n    char c;\n\n    /* one or all? */\n    char a;\n};\n", NULL},
        {"struct s {\n    char a;\n    /* above or below? */\n\n    long b;\n    char c;\n};\n", "b a c",
         "struct s {\n    long b;\n    char a;\n    /* above or below? */\n\n    char c;\n};\n", NULL},
        {"struct s {\n    char a;\n    /* above or below? */\n\n    long b;\n    char c;\n};\n", "a c b",
         "struct s {\n    char a;\n    /* above or below? */\n\n    char c;\n    long b;\n};\n", NULL},
        {"struct s {\n    char a;\n    long b;\n    /* more may come */\n};\n", "b a",
         "struct s {\n    long b;\n    /* more may come */\n\n    char a;\n};\n", NULL},
        {"struct s {\n    char a;\n      /* neither column */\n    long b;\n    char c;\n};\n", "b a c",
         "!comment-owner line 2", NULL},
        {"struct s { /* of s or of a? */\n    char a;\n    long b;\n};\n", "b a",
         "struct s { /* of s or of a? */\n    long b;\n    char a;\n};\n", NULL},
        {"struct s {\n    char a;\n    long b; } /* of s */ x;\n", "b a",
         "struct s {\n    long b;\n    char a; } /* of s */ x;\n", NULL},
        {"struct s {\n    char a;\r    long b;\n};\n", "b a",
         "!lone-carriage-return ", NULL},
    };
    CHECK(cases);
}

static void declarators_are_split(void **state)
{
    (void)state;
    static const text_case cases[] = {
        {"struct s {\n    char x;\n    int a, *b, c[3], (*d)(int a);\n    char y;\n};\n", "b x y a c d",
         "struct s {\n    int *b;\n    char x;\n    char y;\n    int a;\n    int c[3];\n    int (*d)(int a);\n};\n", NULL},
        {"struct s {\n\tunsigned long\ta,\t/* of a */\n\t\t\t*b,\t/* of b */\n\t\t\tc;\t/* of c */\n\tchar x;\n};\n", "a c x b",
         "struct s {\n\tunsigned long\ta;\t/* of a */\n\tunsigned long\tc;\t/* of c */\n\tchar x;\n\tunsigned long\t*b;\t/* of b */\n};\n", NULL},
        {"struct s {\n    int a, /* of a */ b; /* of b */\n    char x;\n};\n", "a x b",
         "struct s {\n    int a; /* of a */\n    char x;\n    int b; /* of b */\n};\n", NULL},
        {"struct s {\n    /* of a */ int a, /* of b */ b;\n    char x;\n};\n", "a x b",
         "struct s {\n    /* of a */ int a;\n    char x;\n    /* of b */ int b;\n};\n", NULL},
        {"struct s {\n    /* both */\n    int a, b;\n    char x;\n};\n", "a x b",
         "struct s {\n    /* both */\n    int a;\n    char x;\n    int b;\n};\n", NULL},
        {"struct s {\n    int a, b; /* both */\n    char x;\n};\n", "a x b",
         "!two-on-a-line-with-shared-comment line 2", NULL},
        {"struct s {\n    int a, /* who */ b;\n    char x;\n};\n", "a x b",
         "!two-on-a-line-with-shared-comment line 2", NULL},
        {"struct s { int a, b; char x, y; };\n", "a x b y",
         "struct s { int a; char x; int b; char y; };\n", NULL},
        {"struct s {\r\n  char a, b;\r\n  int x;\r\n};\r\n", "a x b",
         "struct s {\r\n  char a;\r\n  int x;\r\n  char b;\r\n};\r\n", NULL},
        {"struct s {\n    const struct a a, *const b;\n    char x;\n};\n", "b x a",
         "struct s {\n    const struct a *const b;\n    char x;\n    const struct a a;\n};\n", NULL},
        {"struct s {\n    unsigned a : 3, b : 4;\n    char x;\n};\n", "a x b",
         "struct s {\n    unsigned a : 3;\n    char x;\n    unsigned b : 4;\n};\n", NULL},
        {"struct s {\n    __attribute__((aligned(8))) int aa, b __attribute__((packed));\n    char x;\n};\n", "aa x b",
         "struct s {\n    __attribute__((aligned(8))) int aa;\n    char x;\n    __attribute__((aligned(8))) int b __attribute__((packed));\n};\n", NULL},
        {"struct s {\n    struct { int i; } a, b;\n    char x;\n};\n", "a x b",
         "!split-definition line 2", NULL},
        {"struct s {\n    enum { A, B } a, b;\n    char x;\n};\n", "a x b",
         "!split-definition line 2", NULL},
        {"struct s {\n    int a\n#if X\n    , b;\n#endif\n    char x;\n};\n", "a x b",
         "!directive-inside line 2", NULL},
        {"struct s {\n    int a, b;\n    int c, d;\n    char x;\n};\n", "a x b c d",
         "struct s {\n    int a;\n    char x;\n    int b;\n    int c, d;\n};\n", NULL},
        {"struct s {\n    int a, b;\n    char x;\n};\n", "x a b",
         "struct s {\n    char x;\n    int a, b;\n};\n", NULL},
        {"struct s {\n    int a,\n        /* of b */\n        b;\n    char x;\n};\n", "a x b",
         "!comment-owner line 2", NULL},
    };
    check(cases, sizeof cases / sizeof *cases, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_go_along), cmocka_unit_test(sections_stay),           cmocka_unit_test(blank_lines),
        cmocka_unit_test(layout_comments_are_told),
        cmocka_unit_test(bytes_stay),        cmocka_unit_test(declarations_move_whole), cmocka_unit_test(walls_stay),
        cmocka_unit_test(unclear_comments),  cmocka_unit_test(declarators_are_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
