/* Evidence that a layout is observed: what is told of small sources, and the nearest source of which nothing is. */
#include "tests/uses_bench.h"

/* "3 struct P memcmp; 4 struct R raw-io:1": line, record, kind, and how many fields must stay unless it is all of them. */
static const char *evidence_of(parse_bench *b, const char *source)
{
    ul_uses uses;
    ul_strbuf text;
    uses_read(b, source, true, &uses);
    ul_strbuf_init(&text);
    ul_strbuf_puts(&text, "");
    for (uint32_t i = 0; i < uses.evidence_count; i++) {
        const ul_evidence *it = &uses.evidence[i];
        assert_true(it->detail && it->detail[0]);
        ul_strbuf_printf(&text, "%s%u %s %s", i ? "; " : "", it->line, uses_name(&b->result, it->record), ul_evidence_name(it->kind));
        if (it->kept_fields != UL_KEEPS_ALL)
            ul_strbuf_printf(&text, ":%u", it->kept_fields);
    }
    const char *copy = ul_arena_strdup(&b->arena, text.data ? text.data : "");
    ul_strbuf_free(&text);
    return copy;
}

#define HEAD                                                                                                                           \
    "typedef unsigned long size_t; typedef long ssize_t;\n"                                                                            \
    "int memcmp(const void *, const void *, size_t); void *memcpy(void *, const void *, size_t); void *memset(void *, int, size_t);\n" \
    "size_t fwrite(const void *, size_t, size_t, void *); ssize_t write(int, const void *, size_t); void *malloc(size_t);\n"           \
    "#define offsetof(t, f) __builtin_offsetof(t, f)\n"                                                                                \
    "struct S { char c; int i; char d; };\n"
#define SAYS(source, expected) assert_string_equal(evidence_of(*state, HEAD source), expected)

static void compared_hashed_transferred(void **state)
{
    SAYS("int f(struct S *a, struct S *b) { return memcmp(a, b, sizeof *a); }\n", "6 struct S memcmp");
    SAYS("int f(struct S *a, struct S *b) { return memcmp(&a->i, &b->i, sizeof a->i); }\n", "");
    SAYS("void f(struct S *a, void *out) { fwrite(a, sizeof *a, 1, out); }\n", "6 struct S raw-io");
    SAYS("void f(struct S a) { write(1, &a, sizeof a); }\n", "6 struct S raw-io");
    SAYS("void f(struct S *a) { write(1, &a->i, sizeof a->i); }\n", "");
    SAYS("unsigned crc32(const void *, size_t);\nunsigned f(struct S *a) { return crc32(a, sizeof *a); }\n", "7 struct S hashed");
    SAYS("int send_all(int, const void *, size_t);\nint f(struct S *a) { return send_all(1, (const char *)a, sizeof *a); }\n", "7 struct S raw-io");
    SAYS("void keep(struct S *);\nvoid f(struct S *a) { keep(a); }\n", "");
}

/* Names that a project gives: these functions need not be told a size, and are what they are called there. */
static void named_functions(void **state)
{
    static const char *const compares[] = {"CtEqual*"}, *const hashes[] = {"mix", "quick_log"}, *const transfers[] = {"postOffice"};
    parse_bench *b = *state;
    const char declared[] = HEAD "int CtEqualAny(const void *, const void *); unsigned mix(const void *); void quick_log(const void *, size_t);\n"
                                 "void postOffice(const void *);\n"
                                 "void f(struct S *a, struct S *b) { CtEqualAny(a, b); mix(a); quick_log(b, sizeof *b); postOffice(a); }\n";
    assert_string_equal(evidence_of(*state, declared), "8 struct S raw-io");
    b->names = (ul_census_names){.compares = compares, .compare_count = 1, .hashes = hashes, .hash_count = 2, .transfers = transfers, .transfer_count = 1};
    assert_string_equal(evidence_of(*state, declared), "8 struct S memcmp; 8 struct S hashed; 8 struct S hashed; 8 struct S raw-io");
    b->names = (ul_census_names){0};
}

static void copies_that_harm_nothing(void **state)
{
    SAYS("void f(struct S *a, struct S *b) { memcpy(a, b, sizeof *a); memset(a, 0, sizeof *a); *a = *b; }\n", "");
    SAYS("void memzero(void *, size_t);\nvoid f(struct S *a) { memzero(a, sizeof *a); }\n", "");
    SAYS("struct S *f(void) { struct S *a = malloc(sizeof *a); return a; }\n", "");
    SAYS("struct S *f(void) { return (struct S *)malloc(sizeof(struct S)); }\n", "");
    SAYS("void f(struct S *a, char *b) { memcpy(b, a, sizeof *a); }\n", "6 struct S raw-io");
}

static void offsets(void **state)
{
    SAYS("unsigned long f(void) { return offsetof(struct S, d) - offsetof(struct S, i); }\n", "6 struct S offset-arithmetic; 6 struct S offset-arithmetic");
    SAYS("int f(struct S *a) { return *(int *)((char *)a + offsetof(struct S, i)); }\n", ""); /* it follows the field */
    SAYS("struct slot { unsigned long at; } t[] = { { offsetof(struct S, i) } };\n", "");
    SAYS("struct O { int n; struct S s; };\nstruct O *f(struct S *s) { return (struct O *)((char *)s - offsetof(struct O, s)); }\n", "");
    SAYS("_Static_assert(offsetof(struct S, i) == 4, \"\");\n", "6 struct S layout-assert");
    SAYS("_Static_assert(sizeof(struct S) == 12, \"\");\n", "6 struct S layout-assert");
    SAYS("_Static_assert(sizeof(struct S) <= 64, \"\");\n", "");
    SAYS("unsigned long f(void) { return sizeof(struct S); }\n", "");
}

static void casts(void **state)
{
    SAYS("struct B { int k; void *next; };\nstruct D { struct B b; int x; };\nstruct D *f(struct B *b) { return (struct D *)b; }\n",
         "8 struct D first-member-cast:1");
    SAYS("struct B { int k; void *next; };\nstruct D { struct B b; int x; };\nstruct B *f(struct D *d) { return &d->b; }\n", "");
    SAYS("struct X { char c; int i; long l; };\nstruct X *f(struct S *s) { return (struct X *)s; }\n",
         "7 struct S prefix-cast:2; 7 struct X prefix-cast:2");
    SAYS("struct X { long l; int i; };\nstruct X *f(struct S *s) { return (void *)s; }\n", "7 struct S record-cast; 7 struct X record-cast");
    SAYS("void *f(struct S *s) { return s; }\n", "");
    SAYS("struct X { long l; int i; };\nstruct X **f(struct S **s) { return (struct X **)s; }\n", "7 struct S record-cast; 7 struct X record-cast");
}

static void unions_and_assembly(void **state)
{
    SAYS("struct X { char c; int i; long l; };\nunion U { struct S s; struct X x; };\n", "7 struct S union-prefix:2; 7 struct X union-prefix:2");
    SAYS("struct X { long l; void *p; };\nunion U { struct S s; struct X x; };\n", "");
    SAYS("union U { struct S s; unsigned char raw[12]; };\n", "6 struct S union-bytes");
    SAYS("void f(struct S *s) { __asm__(\"incl 4(%0)\" : : \"r\"(s)); }\n", "6 struct S inline-asm");
    SAYS("void f(struct S *s) { s->i++; __asm__ volatile(\"\" : : : \"memory\"); }\n", "");
}

static void spans_of_fields(void **state)
{
    SAYS("void f(struct S *s) { memset(&s->i, 0, sizeof *s - offsetof(struct S, i)); }\n", "6 struct S field-span; 6 struct S offset-arithmetic");
    SAYS("void f(struct S *s) { memset(&s->i, 0, 8); }\n", "6 struct S field-span");
    SAYS("void f(struct S *s) { memset(&s->i, 0, sizeof s->i); }\n", "");
    SAYS("int snprintf(char *, size_t, const char *, ...);\nstruct N { char n[9]; int i; };\n"
         "int f(struct N *s, char *t) { return snprintf(t, 64, \"%s\", s->n); }\n", "");
    SAYS("struct N { char n[9]; int i; };\nvoid f(struct N *s, char *t, char *e) { memcpy(s->n, t, e - t); }\n", "");
    SAYS("struct N { char n[9]; int i; long l; };\nvoid f(struct N *s) { memset(s->n, 0, (char *)&s->l - (char *)s->n); }\n",
         "7 struct N field-span; 7 struct N field-span");
    SAYS("long f(struct S *s) { return &s->d - &s->c; }\n", "6 struct S field-span");
    SAYS("int f(struct S *s) { return (&s->i)[1]; }\n", "6 struct S field-span");
}

/* What a variable or `...` hides at first sight. */
static void on_the_way(void **state)
{
    SAYS("int ioctl(int, unsigned long, ...);\nint f(struct S *s) { return ioctl(1, 2, s); }\n", "7 struct S raw-io");
    SAYS("int printf(const char *, ...);\nint f(struct S *s) { return printf(\"%p\", s); }\n", "");
    SAYS("int f(char *b) { void *p = b; struct S *s = p; return s->i; }\n", "6 struct S record-cast");
    SAYS("struct X { long l; int i; };\nint f(struct X *x) { void *p = x; struct S *s = p; return s->i; }\n",
         "7 struct S record-cast; 7 struct X record-cast");
    SAYS("int f(void) { void *p = malloc(sizeof(struct S)); struct S *s = p; return s->i; }\n", "");
    SAYS("int f(void *b) { void *p = b; struct S *s = p; return s->i; }\n", "");
    SAYS("void f(struct S *s) { for (char *p = &s->c; p < &s->d; p++) *p = 0; }\n", "6 struct S field-span");
    SAYS("int f(struct S *s, int *p) { return p == &s->i; }\n", "");
    SAYS("long f(struct S *s) { return (char *)&s->d - (char *)s; }\n", "6 struct S field-span");
    SAYS("int f(struct S *s) { return *(int *)((unsigned long)s + 4); }\n", "6 struct S record-cast");
    SAYS("unsigned long f(struct S *s) { return (unsigned long)s & 7; }\n", "");
}

/* What is observed of a record is observed of those in it. */
static void records_inside(void **state)
{
    SAYS("struct O { int n; struct S s; };\nvoid f(struct O *o) { write(1, o, sizeof *o); }\n", "7 struct S raw-io; 7 struct O raw-io");
    SAYS("struct O { int n; struct S *s; };\nvoid f(struct O *o) { write(1, o, sizeof *o); }\n", "7 struct O raw-io");
}

/* In a macro, in a header's inline function, in a conditional expression, in a return. */
static void wherever_it_stands(void **state)
{
    SAYS("#define SAME(a, b) (memcmp(a, b, sizeof *(a)) == 0)\nint f(struct S *a, struct S *b) { return a == b ? 1 : SAME(a, b); }\n",
         "7 struct S memcmp");
    SAYS("static inline int same(const struct S *a, const struct S *b) { return !memcmp(a, b, sizeof(struct S)); }\n", "6 struct S memcmp");
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, parse_set_up, parse_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(compared_hashed_transferred), CASE(named_functions), CASE(copies_that_harm_nothing), CASE(offsets), CASE(casts),
        CASE(unions_and_assembly), CASE(spans_of_fields), CASE(on_the_way), CASE(records_inside), CASE(wherever_it_stands),
    };
    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
