/* Records as the parser reads them: every kind of field, declarations as groups and segments, annotations. */
#include "tests/parse_bench.h"

static void named_records(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(
        b, "struct named { char a; long b; };\n"
           "typedef struct { short s; } typed;\n"
           "typedef struct tagged { int i; } tagged_t;\n"
           "typedef struct { int i; } *pointed;\n"
           "struct { int v; } variable;\n"
           "union either { int i; char c[6]; };\n"
           "struct empty { };\n"
           "struct declared;\n"
           "enum words { one, two };\n");
    assert_string_equal(parse_names(b, result), "struct named, typed, struct tagged, struct <anonymous>.pointed, "
                                                "struct <anonymous>.variable, union either, struct empty");
    parse_expect(b, result, "struct named", "16/8 a@0+8/1i b@64+64/8i");
    parse_expect(b, result, "typed", "2/2 s@0+16/2i");
    parse_expect(b, result, "struct empty", "0/1");
    const ul_record *either = parse_record(result, "union either");
    assert_int_equal(either->kind, UL_RECORD_UNION);
    assert_string_equal(parse_told(b, either), "8/4 i@0+32/4i c@0+48/1Ac");
    const ul_record *named = parse_record(result, "struct named");
    assert_int_equal(named->kind, UL_RECORD_STRUCT);
    assert_string_equal(named->file, parse_path(b, "a.c"));
    assert_string_equal(named->unit, named->file);
    assert_string_equal(named->key, ul_arena_printf(&b->arena, "%s:7", named->file));
    assert_int_equal(named->line, 1);
    assert_int_equal(named->column, 8);
    assert_int_equal(named->end_line, 1);
    assert_int_equal(named->span.begin, 0);
    assert_int_equal(named->span.end, strlen("struct named { char a; long b; }"));
    assert_int_equal(named->body.begin, strlen("struct named {"));
    assert_int_equal(named->body.end, strlen("struct named { char a; long b; "));
    assert_int_equal(named->flags, 0);
    assert_int_equal(parse_record(result, "typed")->flags, 0);
    assert_int_equal(parse_record(result, "struct <anonymous>.pointed")->flags, UL_RECORD_ANONYMOUS);
    assert_string_equal(result->triple, "x86_64-pc-linux-gnu");
    assert_int_equal(result->pointer_bytes, 8);
    assert_int_equal(result->include_count, 1);
}

static void nested_records(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(
        b, "struct conn {\n"
           "    int id;\n"
           "    struct { char *p; } tx;\n"
           "    struct { int n; } rx[2], *last;\n"
           "    struct { char u; long v; };\n"
           "    union { int i; struct { char m; float f; }; };\n"
           "    struct inner { int k; } in;\n"
           "};\n"
           "struct alone { struct { int x; }; };\n");
    assert_string_equal(parse_names(b, result),
                        "struct conn, struct conn::<anonymous>.tx, struct conn::<anonymous>.rx, struct conn::<anonymous:1>, "
                        "struct conn::<anonymous:2>, struct conn::<anonymous:2>::<anonymous>, struct inner, struct alone, "
                        "struct alone::<anonymous>");
    const ul_record *conn = parse_record(result, "struct conn");
    assert_string_equal(parse_told(b, conn),
                        "64/8 id@0+32/4i tx@64+64/8r rx@128+64/4rA last@192+64/8p @256+128/8nr u@256+8/1i<4 v@320+64/8i<4 "
                        "@384+64/4nr i@384+32/4i<7 @384+64/4nr<7 m@384+8/1i<9 f@416+32/4<9 in@448+32/4r");
    assert_string_equal(conn->fields[2].embedded, parse_record(result, "struct conn::<anonymous>.rx")->key);
    assert_int_equal(conn->fields[2].embedded_count, 2);
    assert_null(conn->fields[3].embedded);
    assert_string_equal(conn->fields[12].embedded, parse_record(result, "struct inner")->key);
    assert_string_equal(conn->fields[3].type, "struct <anonymous> *");
    assert_int_equal(parse_record(result, "struct conn::<anonymous:1>")->flags, UL_RECORD_ANONYMOUS | UL_RECORD_MEMBER);
    assert_int_equal(parse_record(result, "struct conn::<anonymous>.tx")->flags, UL_RECORD_ANONYMOUS);
}

static void types_of_fields(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(
        b, "typedef float four __attribute__((vector_size(16)));\n"
           "enum flags { none = 0, low = 1, high = 12 };\n"
           "enum sign { minus = -1, plus = 3 };\n"
           "enum tiny : unsigned char { t0, t1 };\n"
           "struct incomplete;\n"
           "struct three { char c[3]; };\n"
           "typedef int function(void);\n"
           "struct kinds {\n"
           "    _Bool flag; enum flags flags; enum sign sign; enum tiny tiny;\n"
           "    _Atomic int counter; _Atomic(struct three) three; volatile unsigned v;\n"
           "    struct incomplete *p; function *f; void (*table[2])(int); char text[5]; int grid[2][3];\n"
           "    float x; struct three some[2][2];\n"
           "};\n"
           "struct wide { char a; __int128 i; char b; long double d; char c; _Complex double z; four v; _Complex float w; };\n"
           "struct marks { int n; char mark[0]; struct { } none; long l; };\n"
           "struct open { int n; short data[]; };\n"
           "struct holds { struct open o; };\n");
    parse_expect(b, result, "struct kinds",
                 "112/8 flag@0+8/1Bi flags@32+32/4ei sign@64+32/4ei tiny@96+8/1ei counter@128+32/4ai three@160+32/4ra "
                 "v@192+32/4vi p@256+64/8p f@320+64/8pf table@384+128/8A text@512+40/1Ac grid@576+192/4A x@768+32/4 "
                 "some@800+96/1rA");
    parse_expect(b, result, "struct wide", "128/16 a@0+8/1i i@128+128/16i b@256+8/1i d@384+128/16 c@512+8/1i z@576+128/8 "
                                           "v@768+128/16 w@896+64/4");
    parse_expect(b, result, "struct marks", "16/8 n@0+32/4i mark@32+0/1zAc none@32+0/1zr l@64+64/8i");
    parse_expect(b, result, "struct open", "4/4 n@0+32/4i data@32+0/2FA");
    parse_expect(b, result, "struct holds", "4/4 o@0+32/4Fr");
    const ul_record *kinds = parse_record(result, "struct kinds");
    assert_int_equal(kinds->fields[0].value_bits, 1);
    assert_int_equal(kinds->fields[1].value_bits, 4); /* up to 12 */
    assert_int_equal(kinds->fields[2].value_bits, 3); /* -1 to 3 */
    assert_int_equal(kinds->fields[3].value_bits, 1);
    assert_int_equal(kinds->fields[4].value_bits, 0);
    assert_null(kinds->fields[5].embedded); /* an atomic copy keeps its own size */
    assert_string_equal(kinds->fields[13].embedded, parse_record(result, "struct three")->key);
    assert_int_equal(kinds->fields[13].embedded_count, 4);
    assert_string_equal(kinds->fields[9].type, "void (*[2])(int)");
}

static void bit_fields(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(b, "struct bits {\n"
                                                  "    unsigned a : 3, b : 30;\n"
                                                  "    unsigned : 2;\n"
                                                  "    _Bool c : 1;\n"
                                                  "    int : 0;\n"
                                                  "    long long d : 40;\n"
                                                  "    char e : 7;\n"
                                                  "    char f;\n"
                                                  "};\n"
                                                  "struct tight { char a; unsigned b : 5; unsigned c : 30; } __attribute__((packed));\n");
    const ul_record *bits = parse_record(result, "struct bits");
    assert_string_equal(parse_told(b, bits), "24/8 a@0+3/4bi b@32+30/4bi @62+2/4bi c@64+1/1bBi @96+0/4bi d@128+40/8bi e@168+7/1bi "
                                             "f@176+8/1i");
    assert_int_equal(bits->fields[0].storage_bits, 32);
    assert_int_equal(bits->fields[3].storage_bits, 8);
    assert_int_equal(bits->fields[5].storage_bits, 64);
    assert_int_equal(bits->fields[7].storage_bits, 0);
    parse_expect(b, result, "struct tight", "6/1 a@0+8/1i b@8+5/1bi c@13+30/1bi");
}

static void alignments(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(
        b, "#define LINE 64\n"
           "struct own { char a; _Alignas(16) char b; int c __attribute__((aligned(LINE))); long d __attribute__((packed)); };\n"
           "typedef int wide_int __attribute__((aligned(32)));\n"
           "struct by_type { char a; wide_int w; };\n"
           "struct lined { int n; } __attribute__((aligned(LINE)));\n"
           "struct member { char a; struct { char b; } x __attribute__((aligned(8))); };\n"
           "struct small { char a; long b; } __attribute__((packed));\n"
           "#pragma pack(push, 2)\n"
           "struct pushed { char a; long b; int c; char d; };\n"
           "#pragma pack(pop)\n"
           "struct popped { char a; long b; };\n");
    const ul_record *own = parse_record(result, "struct own");
    assert_string_equal(parse_told(b, own), "128/64 a@0+8/1i b@128+8/16ti c@512+32/64ti d@544+64/1ti");
    assert_int_equal(own->flags, UL_RECORD_HAS_ATTRIBUTES);
    assert_int_equal(own->own_align_bytes, 1);
    parse_expect(b, result, "struct by_type", "64/32 a@0+8/1i w@256+32/32i");
    const ul_record *lined = parse_record(result, "struct lined");
    assert_string_equal(parse_told(b, lined), "64/64 n@0+32/4i");
    assert_int_equal(lined->own_align_bytes, 64);
    assert_int_equal(lined->flags, UL_RECORD_ALIGNED | UL_RECORD_HAS_ATTRIBUTES);
    parse_expect(b, result, "struct member", "16/8 a@0+8/1i x@64+8/8rt");
    parse_expect(b, result, "struct small", "9/1 a@0+8/1i b@8+64/1i");
    parse_expect(b, result, "struct pushed", "16/2 a@0+8/1i b@16+64/2i c@80+32/2i d@112+8/1i");
    assert_int_equal(parse_record(result, "struct pushed")->flags, UL_RECORD_PRAGMA_PACK | UL_RECORD_HAS_ATTRIBUTES);
    parse_expect(b, result, "struct popped", "16/8 a@0+8/1i b@64+64/8i");
    assert_true(result->probe_count == 1);
}

/* Clang overstates the alignment of fields under #pragma pack when something else widens the record. */
static void alignments_under_pragma_pack(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(
        b, "#pragma pack(push, 2)\n"
           "typedef struct { char c[6]; union __attribute__((aligned(16))) { long double x; }; } t;\n"
           "struct odd { char c[3]; int i; } __attribute__((aligned(16)));\n"
           "#pragma pack(1)\n"
           "struct r { void *p; _Alignas(long double) short a; } __attribute__((packed, aligned(2)));\n");
    static const char *const names[] = {"t", "struct odd", "struct r"};
    for (unsigned i = 0; i < 3; i++) {
        const ul_record *record = parse_record(result, names[i]);
        for (uint32_t j = 0; j < record->field_count; j++) {
            const ul_field *field = &record->fields[j];
            assert_true(field->align_bytes >= 1 && field->align_bytes <= record->align_bytes);
            if (field->parent == UL_NO_PARENT)
                assert_int_equal(field->offset_bits / 8 % field->align_bytes, 0);
        }
    }
    parse_expect(b, result, "t", "22/2 c@0+48/1Ac @48+128/2nr x@48+128/2<1");
}

static void bit_precise_integers(void **state)
{
    parse_bench *b = *state;
    parse_arg(b, "-std=c2x");
    const ul_unit_result *result = parse_clean(b, "#include <stdalign.h>\n"
                                                  "struct s { char a; _BitInt(17) b; unsigned _BitInt(65) c; char d; };\n"
                                                  "struct t { alignas(16) char a; _Bool b; };\n");
    parse_expect(b, result, "struct s", "32/8 a@0+8/1i b@32+32/4 c@64+128/8 d@192+8/1i");
    parse_expect(b, result, "struct t", "16/16 a@0+8/16ti b@8+8/1Bi");
}

static void macro_made_fields(void **state)
{
    parse_bench *b = *state;
    static const char text[] = "#define PAIR int x, y;\n"
                               "#define NAMED(n) long n\n"
                               "#define TAIL char z;\n"
                               "struct s { char a; PAIR NAMED(l); PAIR_END };\n";
    parse_arg(b, "-DPAIR_END=short e;");
    const ul_unit_result *result = parse_clean(b, text);
    const ul_record *record = parse_record(result, "struct s");
    assert_string_equal(parse_told(b, record), "32/8 a@0+8/1i x@32+32/4im y@64+32/4im l@128+64/8i e@192+16/2im");
    assert_string_equal(parse_groups(b, record, text), "0+1:char a; | 1+3:PAIR NAMED(l); || 4+1:PAIR_END");
    assert_int_equal(record->refusal_count, 0);
}

static void declaration_groups(void **state)
{
    parse_bench *b = *state;
    static const char text[] = "struct s {\n"
                               "    int a, *b, c[2]; /* one */\n"
                               "    struct { int in; char ner; } d;\n"
                               "    unsigned e : 3, : 0;\n"
                               "    struct { int f; };\n"
                               "    int (*g)(int x, struct { int in; } *y);\n"
                               "    char h[sizeof(struct { int i; char j; })];\n"
                               "};\n"
                               "struct none { };\n";
    const ul_unit_result *result = parse_read((parse_put(b, "a.c", text), b), "a.c");
    const ul_record *record = parse_record(result, "struct s");
    assert_string_equal(parse_groups(b, record, text),
                        "0+3:int a, *b, c[2]; | 3+1:struct { int in; char ner; } d; | 4+2:unsigned e : 3, : 0; | 6+1:struct { int f; }; | "
                        "8+1:int (*g)(int x, struct { int in; } *y); | 9+1:char h[sizeof(struct { int i; char j; })];");
    assert_int_equal(record->fields[7].group, UL_NO_GROUP);
    const ul_record *none = parse_record(result, "struct none");
    assert_non_null(none->groups);
    assert_int_equal(none->group_count, 0);
}

static void walls(void **state)
{
    parse_bench *b = *state;
    static const char text[] = "struct s {\n"
                               "    char a;\n"
                               "#if 1\n"
                               "    long b;\n"
                               "    char c;\n"
                               "#else\n"
                               "    int never;\n"
                               "#endif\n"
                               "    char d;\n"
                               "    _Static_assert(1, \"; here\");\n"
                               "    long e;\n"
                               "    enum { SIZE = 4 };\n"
                               "    char f[SIZE];\n"
                               "};\n"
                               "struct later { long a; struct x { int i; } b; struct x c; enum { N = 2 } d; char e[N]; char f; };\n"
                               "struct dressed { char a; union __attribute__((aligned(16))) u { long l; } b; union u c; };\n"
                               "struct unshared { char a; struct y { int i; } b; char c; };\n"
                               "struct last { char a; long b; char c };\n";
    const ul_unit_result *result = parse_read((parse_put(b, "a.c", text), b), "a.c");
    assert_string_equal(parse_groups(b, parse_record(result, "struct s"), text),
                        "0+1:char a; || 1+1:long b; | 2+1:char c; || 3+1:char d; || 4+1:long e; || 5+1:char f[SIZE];");
    assert_string_equal(parse_groups(b, parse_record(result, "struct later"), text),
                        "0+1:long a; || 1+1:struct x { int i; } b; || 2+1:struct x c; || 3+1:enum { N = 2 } d; || 4+1:char e[N]; | 5+1:char f;");
    assert_string_equal(parse_groups(b, parse_record(result, "struct dressed"), text),
                        "0+1:char a; || 1+1:union __attribute__((aligned(16))) u { long l; } b; || 2+1:union u c;");
    assert_string_equal(parse_groups(b, parse_record(result, "struct unshared"), text),
                        "0+1:char a; | 1+1:struct y { int i; } b; | 2+1:char c;");
    assert_string_equal(parse_groups(b, parse_record(result, "struct last"), text), "0+1:char a; | 1+1:long b; || 2+1:char c");
}

/* Each annotation as "field:kind(argument)reason@line". */
static const char *annotations_of(parse_bench *b, const ul_record *record)
{
    static const char *const kinds[] = {"ignore", "keep-order", "hot", "cold", "writer", "readmostly", "instances", "guard", "unknown"};
    const char *text = "";
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *at = &record->annotations[i];
        text = ul_arena_printf(&b->arena, "%s%s%s:%s(%s)%s@%u", text, i ? " " : "",
                               at->field == UL_NO_PARENT ? "" : record->fields[at->field].name, kinds[at->kind], at->argument,
                               at->reason, at->line);
    }
    return text;
}

static void annotations(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_clean(b, "// ullage: ignore[reorder-saves, line-straddle] -- known\n"
                                                  "struct s {\n"
                                                  "    int a; // ullage: hot(rx) writer(io)\n"
                                                  "    /* ullage: cold */\n"
                                                  "    int b, c;\n"
                                                  "    // ullage: readmostly -- set once\n"
                                                  "    int d;\n"
                                                  "    int e; // NOLINT(ullage-flags-to-bits, other-rule)\n"
                                                  "    int f; // NOLINT(other-rule)\n"
                                                  "    // NOLINTNEXTLINE\n"
                                                  "    int g;\n"
                                                  "}; // ullage: instances(1e6)\n"
                                                  "struct t { // ullage: keep-order -- wire format\n"
                                                  "    int a;\n"
                                                  "};\n"
                                                  "struct u { int a; }; // NOLINT\n"
                                                  "typedef struct {\n    int a;\n} /* ullage: cold */ v; /* ullage: hot */\n");
    const ul_record *s = parse_record(result, "struct s");
    assert_string_equal(annotations_of(b, s),
                        ":ignore(reorder-saves, line-straddle)known@1 a:hot(rx)@3 a:writer(io)@3 b:cold()@4 c:cold()@4 "
                        "d:readmostly()set once@6 e:ignore(flags-to-bits)NOLINT@8 g:ignore()NOLINT@10 :instances(1e6)@12");
    assert_true(s->instances == 1e6);
    assert_int_equal(s->refusal_count, 0);
    assert_true(ul_record_ignores(s, UL_NO_PARENT, "line-straddle"));
    assert_false(ul_record_ignores(s, 0, "flags-to-bits"));
    const ul_record *t = parse_record(result, "struct t");
    assert_string_equal(annotations_of(b, t), ":keep-order()wire format@13");
    assert_string_equal(parse_refusals(b, t), "keep-order (line 13: wire format)");
    assert_string_equal(annotations_of(b, parse_record(result, "struct u")), ":ignore()NOLINT@16 a:ignore()NOLINT@16");
    assert_string_equal(annotations_of(b, parse_record(result, "v")), ":cold()@19 :hot()@19");
}

static void odd_annotations(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "a.c", "// ullage: hott(rx)\n"
                        "struct s { int a; };\n"
                        "\n"
                        "int n; // ullage: cold\n"
                        "struct t { int a; };\n"
                        "char *text = \"ullage: cold\";\n");
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_int_equal(result->diag_count, 2);
    assert_int_equal(result->diags[0].level, UL_LEVEL_WARNING);
    assert_int_equal(result->diags[0].line, 1);
    assert_non_null(strstr(result->diags[0].message, "unknown annotation `hott`"));
    assert_int_equal(result->diags[1].line, 4);
    assert_string_equal(result->diags[1].message, "this annotation stands on no record, field or variable");
    assert_string_equal(annotations_of(b, parse_record(result, "struct s")), ":unknown(hott)@1");
    assert_int_equal(parse_record(result, "struct t")->annotation_count, 0);
}

/* Records that function bodies define are read when that is asked for; a comment on one is no stray one otherwise. */
static void annotations_in_bodies(void **state)
{
    parse_bench *b = *state;
    for (int pass = 0; pass < 3; pass++) {
        b->reads_census = pass > 0;
        b->reads_bodies = pass > 1;
        parse_put(b, "a.c", "struct top { int a; };\nvoid f(void);\nvoid f(void)\n{\n    // ullage: keep-order -- the card's\n"
                            "    struct s { char a; // ullage: hot\n    } x = {0};\n    (void)x;\n}\n// ullage: cold\nint n;\n");
        const ul_unit_result *result = parse_read(b, "a.c");
        assert_int_equal(result->diag_count, 1);
        assert_int_equal(result->diags[0].line, 10);
    }
}

static void wanted_files(void **state)
{
    parse_bench *b = *state;
    assert_int_equal(system(ul_arena_printf(&b->arena, "mkdir '%s/in' '%s/sys'", b->folder, b->folder)), 0);
    parse_put(b, "in/in.h", "struct in { char a; struct out *o; };\n");
    parse_put(b, "out.h", "struct out { char a; int b; };\n");
    parse_put(b, "sys/sys.h", "struct sys { char a; int b; };\n");
    parse_put(b, "a.c", "#include \"in/in.h\"\n#include \"out.h\"\n#include <sys.h>\n"
                        "struct here { struct out o; struct sys s; };\nint f(void) { struct local { char c; } l; return sizeof l; }\n");
    parse_arg(b, "-isystem");
    parse_arg(b, "sys"); /* below the working directory */
    const char *in = parse_path(b, "in/"), *here = parse_path(b, "a.c"), *both[] = {in, here};
    b->filter = (ul_file_filter){.paths = &in, .count = 1};
    assert_string_equal(parse_names(b, parse_read(b, "a.c")), "struct in");
    b->filter = (ul_file_filter){.paths = both, .count = 2};
    assert_string_equal(parse_names(b, parse_read(b, "a.c")), "struct in, struct here");
    b->filter.wants_all = true;
    assert_string_equal(parse_names(b, parse_read(b, "a.c")), "struct in, struct out, struct here");
    b->filter.wants_system = true;
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_string_equal(parse_names(b, result), "struct in, struct out, struct sys, struct here");
    assert_int_equal(parse_record(result, "struct sys")->flags, UL_RECORD_SYSTEM);
    assert_int_equal(result->include_count, 4);
    assert_string_equal(result->includes[0], here);
    b->filter.excluded = &in;
    b->filter.excluded_count = 1;
    assert_string_equal(parse_names(b, parse_read(b, "a.c")), "struct out, struct sys, struct here");
    b->reads_bodies = true;
    assert_string_equal(parse_names(b, parse_read(b, "a.c")), "struct out, struct sys, struct here, struct local");
}

/* A header that is read twice with other macros defines other records at one place. */
static void templates(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "list.h", "struct NAME { char a; TYPE value; };\n");
    const ul_unit_result *result = parse_clean(b, "#define NAME ints\n#define TYPE int\n#include \"list.h\"\n#undef NAME\n#undef TYPE\n"
                                                  "#define NAME longs\n#define TYPE long\n#include \"list.h\"\n"
                                                  "#define TWO struct one { char a; }; struct two { int b; };\nTWO\n");
    parse_expect(b, result, "struct ints", "8/4 a@0+8/1i value@32+32/4i");
    parse_expect(b, result, "struct longs", "16/8 a@0+8/1i value@64+64/8i");
    parse_expect(b, result, "struct one", "1/1 a@0+8/1i");
    parse_expect(b, result, "struct two", "4/4 b@0+32/4i");
    assert_int_equal(result->record_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t j = 0; j < i; j++)
            assert_string_not_equal(result->records[i].key, result->records[j].key);
    }
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, parse_set_up, parse_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(named_records), CASE(nested_records), CASE(types_of_fields),      CASE(bit_fields),        CASE(alignments),
        CASE(walls),         CASE(annotations),    CASE(bit_precise_integers), CASE(macro_made_fields), CASE(declaration_groups),
        CASE(templates),     CASE(wanted_files),   CASE(odd_annotations),      CASE(annotations_in_bodies), CASE(alignments_under_pragma_pack),
    };
    return cmocka_run_group_tests_name("parse", tests, NULL, NULL);
}
