/* What the parser refuses, each with its own reason, and layouts for other targets than the host. */
#include "tests/parse_bench.h"

/* Reads `text` as a.c, whatever its diagnostics. */
static const ul_unit_result *read_text(parse_bench *b, const char *text)
{
    parse_put(b, "a.c", text);
    const ul_unit_result *result = parse_read(b, "a.c");
    assert_int_equal(result->outcome, UL_UNIT_READ);
    return result;
}

static void expect_refused(parse_bench *b, const ul_unit_result *result, const char *name, const char *refusals)
{
    assert_string_equal(parse_refusals(b, parse_record(result, name)), refusals);
}

static void unresolved_types(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = read_text(b, "typedef unknown_t base_t;\n"
                                                "typedef base_t middle_t;\n"
                                                "struct chain { char a; middle_t b; };\n"
                                                "struct array { base_t c[3]; };\n"
                                                "struct fine { char a; long b; };\n");
    expect_refused(b, result, "struct chain", "invalid-type (`b`, line 3: `base_t` is not resolved), unit-errors (1 error)");
    expect_refused(b, result, "struct array", "invalid-type (`c`, line 4: `base_t` is not resolved), unit-errors (1 error)");
    expect_refused(b, result, "struct fine", "unit-errors (1 error)");
    assert_int_equal(result->diag_count, 1);
    assert_int_equal(result->diags[0].level, UL_LEVEL_ERROR);
    assert_int_equal(result->diags[0].line, 1);
    assert_string_equal(result->diags[0].message, "unknown type name 'unknown_t'");
}

static void errors_in_records(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = read_text(b, "struct bad {\n"
                                                "    char a;\n"
                                                "    nowhere_t b;\n"
                                                "    long c;\n"
                                                "};\n"
                                                "struct loop { struct loop self; };\n"
                                                "struct outer { char a; struct loop l; };\n"
                                                "struct fine { char a; long b; };\n");
    const ul_record *bad = parse_record(result, "struct bad");
    assert_non_null(strstr(parse_refusals(b, bad), "error-in-record (line 3)"));
    const ul_record *loop = parse_record(result, "struct loop");
    assert_non_null(strstr(parse_refusals(b, loop), "error-in-record (line 6)"));
    assert_true(parse_record(result, "struct outer")->refusal_count > 0);
    expect_refused(b, result, "struct fine", "unit-errors (2 errors)");
    assert_int_equal(result->diag_count, 2);
}

/* Errors inside function bodies bear on no layout outside of them. */
static void errors_in_functions(void **state)
{
    parse_bench *b = *state;
    static const char text[] = "struct fine { char a; long b; };\nint f(void) { return nothing + 1; }\n";
    expect_refused(b, read_text(b, text), "struct fine", "");
    b->reads_bodies = true;
    const ul_unit_result *result = read_text(b, text);
    expect_refused(b, result, "struct fine", "");
    assert_int_equal(result->diag_count, 0);
}

static void missing_includes(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = read_text(b, "#include <not-there.h>\n#include \"nor-this.h\"\nstruct s { char a; long b; };\n");
    expect_refused(b, result, "struct s", "missing-include (`not-there.h`)");
    assert_int_equal(result->diag_count, 2);
    assert_string_equal(result->diags[0].message, "'not-there.h' file not found");
    assert_int_equal(result->diags[1].line, 2);
}

static void refusing_attributes(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = read_text(
        b, "struct packed { char a; long b; } __attribute__((packed));\n"
           "#pragma pack(push, 4)\nstruct pushed { char a; long b; };\n#pragma pack(pop)\n"
           "struct bits { char a; int b : 3 __attribute__((aligned(8))); };\n"
           "struct holds { char a; struct bits inner[2]; };\n"
           "struct around { struct holds h; };\n"
           "struct anonymous { char a; struct { int c : 3 __attribute__((aligned(8))); }; };\n"
           "struct ms { char a; int b : 3; } __attribute__((ms_struct));\n"
           "struct shuffled { char a; void (*b)(void); } __attribute__((randomize_layout));\n"
           "struct ordered { char a; void (*b)(void); } __attribute__((no_randomize_layout));\n"
           "struct swapped { short a; int b; } __attribute__((scalar_storage_order(\"big-endian\")));\n"
           "struct typo { char a; long b; } __packed;\n"
           "struct object { char a; long b; } named;\n");
    expect_refused(b, result, "struct packed", "packed (attribute on the record)");
    expect_refused(b, result, "struct pushed", "pragma-pack ()");
    expect_refused(b, result, "struct bits", "bit-field-aligned (`b`, line 5)");
    expect_refused(b, result, "struct holds", "bit-field-aligned (`inner`, line 6: a bit-field inside it)");
    expect_refused(b, result, "struct around", "bit-field-aligned (`h`, line 7: a bit-field inside it)");
    assert_int_equal(parse_record(result, "struct anonymous")->refusals[0].reason, UL_REFUSE_BIT_FIELD_ALIGNED);
    expect_refused(b, result, "struct ms", "ms-layout (attribute ms_struct)");
    assert_int_equal(parse_record(result, "struct shuffled")->refusals[0].reason, UL_REFUSE_RANDOMIZE_LAYOUT);
    assert_int_equal(parse_record(result, "struct ordered")->refusal_count, 0);
    expect_refused(b, result, "struct swapped", "layout-attribute (scalar_storage_order, line 12)");
    expect_refused(b, result, "struct typo", "layout-attribute (`__packed` is no macro here: it declares a variable, line 13)");
    expect_refused(b, result, "struct object", "");
}

/* The kernel's attribute as a macro: nothing of it is left after expansion with compilers that do not know it. */
static void randomize_by_word(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = read_text(b, "#define __randomize_layout\n#define __no_randomize_layout\n"
                                                "struct front { char a; } __randomize_layout;\n"
                                                "struct __randomize_layout back { char a; };\n"
                                                "struct kept { char a; } __no_randomize_layout;\n"
                                                "struct inside { char randomize_layout; };\n");
    expect_refused(b, result, "struct front", "randomize-layout (line 3)");
    expect_refused(b, result, "struct back", "randomize-layout (line 4)");
    expect_refused(b, result, "struct kept", "");
    expect_refused(b, result, "struct inside", "");
}

/* Refusals that the unit's flags bring hold for every record of it; -fpack-struct is one. */
static void refusals_of_flags(void **state)
{
    parse_bench *b = *state;
    static const ul_refusal refusals[] = {{UL_REFUSE_PACK_STRUCT, "-fpack-struct"}, {UL_REFUSE_LAYOUT_FLAG, "-fzero-link"}};
    b->refusals = refusals;
    b->refusal_count = 2;
    parse_arg(b, "-fpack-struct=1");
    const ul_unit_result *result = read_text(b, "struct s { char a; struct { long b; } c; };\n");
    for (uint32_t i = 0; i < 2; i++) {
        const ul_record *record = &result->records[i];
        assert_int_equal(record->refusal_count, 2);
        assert_int_equal(record->refusals[0].reason, UL_REFUSE_PACK_STRUCT);
        assert_string_equal(record->refusals[0].detail, "-fpack-struct");
        assert_int_equal(record->refusals[1].reason, UL_REFUSE_LAYOUT_FLAG);
    }
    assert_int_equal(parse_record(result, "struct s")->size_bytes, 9);
}

static void bodies_made_elsewhere(void **state)
{
    parse_bench *b = *state;
    parse_put(b, "fields.inc", "int x;\nchar y;\n");
    const ul_unit_result *result = read_text(b, "#define WHOLE(n) struct n { char a; long b; }\n"
                                                "WHOLE(made);\n"
                                                "#define BODY { char a; long b; }\n"
                                                "struct half BODY;\n"
                                                "#define CLOSE char z; }\n"
                                                "struct open { long a; CLOSE;\n"
                                                "struct included {\n    char a;\n#include \"fields.inc\"\n};\n");
    expect_refused(b, result, "struct made", "macro-body ()");
    expect_refused(b, result, "struct half", "macro-body ()");
    expect_refused(b, result, "struct open", "macro-body ()");
    expect_refused(b, result, "struct included", "include-in-body ()");
    for (uint32_t i = 0; i < result->record_count; i++) {
        assert_null(result->records[i].groups);
        assert_int_equal(result->records[i].fields[0].group, UL_NO_GROUP);
        assert_true(result->records[i].end_line >= result->records[i].line);
    }
    parse_expect(b, result, "struct included", "12/4 a@0+8/1i x@32+32/4i y@64+8/1i");
}

static void other_targets(void **state)
{
    parse_bench *b = *state;
    static const char text[] = "struct s { char a; long b; char c; void *d; double e; long double f; };\n"
                               "struct bits { char a; int : 0; char b; };\n";
    static const struct {
        const char *triple, *told, *bits;
        uint32_t pointer_bytes;
    } targets[] = {
        {"x86_64-pc-linux-gnu", "64/16 a@0+8/1i b@64+64/8i c@128+8/1i d@192+64/8p e@256+64/8 f@384+128/16", "5/1", 8},
        {"i386-pc-linux-gnu", "36/4 a@0+8/1i b@32+32/4i c@64+8/1i d@96+32/4p e@128+64/4 f@192+96/4", "5/1", 4},
        {"armv7-unknown-linux-gnueabihf", "32/8 a@0+8/1i b@32+32/4i c@64+8/1i d@96+32/4p e@128+64/8 f@192+64/8", "8/4", 4},
        {"aarch64-unknown-linux-gnu", "64/16 a@0+8/1i b@64+64/8i c@128+8/1i d@192+64/8p e@256+64/8 f@384+128/16", "8/4", 8},
        {"powerpc64le-unknown-linux-gnu", "64/16 a@0+8/1i b@64+64/8i c@128+8/1i d@192+64/8p e@256+64/8 f@384+128/16", "5/1", 8},
        {"powerpc-unknown-linux-gnu", "48/16 a@0+8/1i b@32+32/4i c@64+8/1i d@96+32/4p e@128+64/8 f@256+128/16", "5/1", 4},
        {"x86_64-pc-windows-msvc", "40/8 a@0+8/1i b@32+32/4i c@64+8/1i d@128+64/8p e@192+64/8 f@256+64/8", "2/1", 8},
    };
    for (unsigned i = 0; i < sizeof targets / sizeof *targets; i++) {
        b->triple = targets[i].triple;
        const ul_unit_result *result = read_text(b, text);
        assert_int_equal(result->diag_count, 0);
        assert_int_equal(result->pointer_bytes, targets[i].pointer_bytes);
        assert_string_equal(parse_told(b, parse_record(result, "struct s")), targets[i].told);
        const ul_record *bits = parse_record(result, "struct bits");
        char size[32];
        snprintf(size, sizeof size, "%u/%u", (unsigned)bits->size_bytes, bits->align_bytes);
        assert_string_equal(size, targets[i].bits);
        bool is_windows = strstr(targets[i].triple, "windows");
        assert_string_equal(parse_refusals(b, bits), is_windows ? "ms-layout (it has bit-fields)" : "");
        assert_int_equal(parse_record(result, "struct s")->refusal_count, 0);
    }
}

/* The host's headers do not fit every target: clang's own serve where they suffice. */
static void headers_of_other_targets(void **state)
{
    parse_bench *b = *state;
    b->triple = "armv7-unknown-linux-gnueabihf";
    const ul_unit_result *result = read_text(b, "#include <stdint.h>\n#include <stddef.h>\n"
                                                "struct s { uint8_t a; size_t b; uint64_t c; intptr_t d; };\n");
    assert_int_equal(result->diag_count, 0);
    parse_expect(b, result, "struct s", "24/8 a@0+8/1i b@32+32/4i c@64+64/8i d@128+32/4i");
    result = read_text(b, "#include <pthread.h>\nstruct s { char a; pthread_mutex_t m; };\n");
    const ul_record *s = parse_record(result, "struct s");
    assert_true(s->refusal_count > 0 || result->diag_count == 0); /* where arm's headers are installed all is well */
}

static void windows_attributes(void **state)
{
    parse_bench *b = *state;
    b->triple = "x86_64-pc-windows-gnu";
    const ul_unit_result *result = read_text(b, "struct s { char a; int b __attribute__((aligned(16))); };\nstruct t { char a; int b; };\n");
    expect_refused(b, result, "struct s", "ms-layout (it has attributes)");
    expect_refused(b, result, "struct t", "");
}

static void unreadable_units(void **state)
{
    parse_bench *b = *state;
    const ul_unit_result *result = parse_read(b, "not-there.c");
    assert_int_equal(result->outcome, UL_UNIT_UNREADABLE);
    assert_true(strlen(result->detail) > 0);
    assert_int_equal(result->record_count, 0);
    parse_put(b, "a.c", "struct s { int a; };\n");
    b->triple = "no-such-machine";
    result = parse_read(b, "a.c");
    assert_int_equal(result->outcome, UL_UNIT_UNREADABLE);
    assert_non_null(strstr(result->detail, "unknown target"));
    b->triple = NULL;
    parse_put_bytes(b, "b.c", "\177ELF\2\1\1\0\0\0\0\0\0\0\0\0int x;\n", 24);
    result = parse_read(b, "b.c");
    assert_int_equal(result->outcome, UL_UNIT_UNREADABLE);
    assert_string_equal(result->detail, "it is no text");
    parse_put_bytes(b, "b.c", "struct s { int a; }; /* one \0 */ struct t { long b; long c; };\n", 64); /* libclang passes over it */
    assert_int_equal(parse_read(b, "b.c")->record_count, 2);
    parse_arg(b, "-std=c1066");
    result = parse_read(b, "a.c");
    assert_int_equal(result->outcome, UL_UNIT_UNREADABLE);
    assert_non_null(strstr(result->detail, "-std"));
    b->arg_count = 0;
    assert_int_equal(parse_read(b, "a.c")->outcome, UL_UNIT_READ);
}

/* A flag that clang does not know is a note, not an error of the unit. */
static void unknown_flags(void **state)
{
    parse_bench *b = *state;
    parse_arg(b, "-fno-such-flag-anywhere");
    const ul_unit_result *result = read_text(b, "struct s { int a; };\n");
    expect_refused(b, result, "struct s", "");
    assert_int_equal(result->diag_count, 1);
    assert_int_equal(result->diags[0].level, UL_LEVEL_NOTE);
    assert_non_null(strstr(result->diags[0].message, "-fno-such-flag-anywhere"));
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, parse_set_up, parse_tear_down)
    const struct CMUnitTest tests[] = {
        CASE(unresolved_types),  CASE(errors_in_records), CASE(errors_in_functions),      CASE(missing_includes), CASE(refusing_attributes),
        CASE(randomize_by_word), CASE(refusals_of_flags), CASE(bodies_made_elsewhere),    CASE(other_targets),    CASE(windows_attributes),
        CASE(unreadable_units),  CASE(unknown_flags),     CASE(headers_of_other_targets),
    };
    return cmocka_run_group_tests_name("parse_refusals", tests, NULL, NULL);
}
