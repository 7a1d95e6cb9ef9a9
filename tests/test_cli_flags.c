/* From a compiler's command line to libclang's: what is kept, what is left out, what is refused, and where
 * includes are looked for. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "cli/flags.h"

typedef struct bench {
    ul_arena arena;
    ul_diags diags;
    ul_flags flags;
} bench;

static int set_up(void **state)
{
    bench *b = calloc(1, sizeof *b);
    ul_arena_init(&b->arena, NULL);
    ul_diags_init(&b->diags, &b->arena);
    *state = b;
    return b ? 0 : -1;
}

static int tear_down(void **state)
{
    bench *b = *state;
    ul_arena_free(&b->arena);
    free(b);
    return 0;
}

static void convert_for(bench *b, const char *command, const char *file, bool is_retargeted)
{
    ul_words words = {0};
    assert_true(ul_words_split(&words, command, strlen(command), UL_QUOTING_SHELL, &b->arena));
    ul_flags_convert(&b->flags, words.items, words.count, file, is_retargeted, &b->diags, &b->arena);
}

static const char *joined(bench *b, const char *const *words, uint32_t count)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = ul_arena_printf(&b->arena, "%s%s%s", text, i ? " " : "", words[i]);
    return text;
}

/* What is left of `command` and what -v lists. */
static void expect(bench *b, const char *command, const char *kept, const char *dropped)
{
    convert_for(b, command, "/w/a.c", false);
    assert_string_equal(joined(b, b->flags.args, b->flags.count), kept);
    assert_string_equal(joined(b, b->flags.dropped, b->flags.dropped_count), dropped);
}

static void keeps_what_decides_types(void **state)
{
    bench *b = *state;
    expect(b,
           "gcc -DA=1 -D B -UC -Iinc -I inc2 -isystem /s -iquote q -idirafter d -include x.h -imacros m.h -c "
           "a.c -o a.o",
           "-DA=1 -D B -UC -Iinc -I inc2 -isystem /s -iquote q -idirafter d -include x.h -imacros m.h", "");
    expect(b, "cc -fshort-enums -funsigned-char -fms-extensions -m32 -nostdinc --sysroot=/r -pthread a.c",
           "-fshort-enums -funsigned-char -fms-extensions -m32 -nostdinc --sysroot=/r -pthread", "");
    expect(b, "-std=gnu11 -DX", "-std=gnu11 -DX", ""); /* flags alone, as after `--` */
}

static void leaves_out_what_writes_or_links(void **state)
{
    bench *b = *state;
    expect(b,
           "gcc -c -o x.o -MD -MF x.d -MT t -MQq -MMD -MP -Wall -Wextra -Werror=vla -Wl,-O1 -g3 -lfoo -L lib "
           "-shared -pipe "
           "-save-temps -fplugin=p.so -flto=auto -fprofile-use=x --coverage a.c b.o",
           "", "");
    expect(b, "gcc -Xclang -load -Xclang evil.so -Xclang -fno-pch-timestamp a.c",
           "-Xclang -fno-pch-timestamp", "");
    expect(b, "gcc -DA -- -DB.c", "-DA", "");
}

static void lists_what_only_gcc_knows(void **state)
{
    bench *b = *state;
    expect(b, "gcc -fconserve-stack -fno-allow-store-data-races -DA -fanalyzer a.c", "-DA",
           "-fconserve-stack -fno-allow-store-data-races -fanalyzer");
    expect(b, "gcc -fabi-version=8 a.c", "", "-fabi-version=8");
    expect(b, "gcc -fsome-flag-of-tomorrow a.c", "-fsome-flag-of-tomorrow",
           ""); /* libclang says what it thinks of it */
}

static void compilers_and_wrappers(void **state)
{
    bench *b = *state;
    expect(b, "ccache distcc /usr/bin/arm-none-eabi-gcc -DA a.c", "-DA", "");
    expect(b, "env LC_ALL=C gcc -DA a.c", "-DA", "");
    convert_for(b, "g++ -DA a.c", "/w/a.c", false);
    assert_int_equal(b->flags.language, UL_LANGUAGE_CXX);
    convert_for(b, "cc -x c++ a.c", "/w/a.c", false);
    assert_int_equal(b->flags.language, UL_LANGUAGE_CXX);
    convert_for(b, "cc -std=c++17 a.c", "/w/a.c", false);
    assert_int_equal(b->flags.language, UL_LANGUAGE_CXX);
    convert_for(b, "cc a.S", "/w/a.S", false);
    assert_int_equal(b->flags.language, UL_LANGUAGE_OTHER);
    convert_for(b, "cc -xc odd.cc", "/w/odd.cc", false);
    assert_int_equal(b->flags.language, UL_LANGUAGE_C);
}

static void one_refusal(bench *b, const char *command, ul_refusal_reason reason, const char *detail)
{
    convert_for(b, command, "/w/a.c", false);
    assert_int_equal(b->flags.refusal_count, 1);
    assert_int_equal(b->flags.refusals[0].reason, reason);
    assert_string_equal(b->flags.refusals[0].detail, detail);
}

static void refuses_layout_flags(void **state)
{
    bench *b = *state;
    one_refusal(b, "gcc -fpack-struct a.c", UL_REFUSE_PACK_STRUCT, "-fpack-struct");
    one_refusal(b, "gcc -fpack-struct=2 a.c", UL_REFUSE_PACK_STRUCT, "-fpack-struct=2");
    one_refusal(b, "gcc -mms-bitfields a.c", UL_REFUSE_MS_LAYOUT, "-mms-bitfields");
    one_refusal(b, "gcc -m96bit-long-double a.c", UL_REFUSE_LAYOUT_FLAG, "-m96bit-long-double");
    one_refusal(b, "gcc -fplan9-extensions a.c", UL_REFUSE_LAYOUT_FLAG, "-fplan9-extensions");
    convert_for(b, "gcc -fpack-struct -fno-pack-struct a.c", "/w/a.c", false);
    assert_int_equal(b->flags.refusal_count, 0);
    convert_for(b, "gcc -mno-ms-bitfields -O2 a.c", "/w/a.c", false);
    assert_int_equal(b->flags.refusal_count, 0);
}

static void another_target_replaces_the_machine(void **state)
{
    bench *b = *state;
    static const char command[] = "gcc -m32 -march=armv7-a -target x --target=y -DA a.c";
    convert_for(b, command, "/w/a.c", true);
    assert_string_equal(joined(b, b->flags.args, b->flags.count), "-DA");
    convert_for(b, command, "/w/a.c", false);
    assert_string_equal(joined(b, b->flags.args, b->flags.count),
                        "-m32 -march=armv7-a -target x --target=y -DA");
}

static void standards_of_today(void **state)
{
    bench *b = *state;
    expect(b, "gcc -std=gnu23 a.c", "-std=gnu2x", "");
    expect(b, "gcc --std c23 a.c", "-std=c2x", "");
    expect(b, "gcc --std=c99 a.c", "-std=c99", "");
}

static void a_flag_without_its_argument(void **state)
{
    bench *b = *state;
    expect(b, "gcc -DA -I", "-DA", "");
    assert_int_equal(b->diags.count, 1);
    assert_int_equal(b->diags.items[0].level, UL_LEVEL_WARNING);
    assert_string_equal(b->diags.items[0].file, "/w/a.c");
    assert_non_null(strstr(b->diags.items[0].message, "'-I'"));
    ul_flags_convert(&b->flags, NULL, 0, NULL, false, &b->diags, &b->arena);
    assert_int_equal(b->flags.count, 0);
}

static void include_directories(void **state)
{
    bench *b = *state;
    ul_words words = {0};
    ul_include_dirs dirs;
    static const char flags[] =
        "-idirafter last -isystem sys -I a -Ib -iquote q -include f.h -D -Inot -o -Ineither";
    assert_true(ul_words_split(&words, flags, sizeof flags - 1, UL_QUOTING_SHELL, &b->arena));
    ul_flags_include_dirs(&dirs, words.items, words.count, &b->arena);
    assert_string_equal(joined(b, dirs.angle.items, dirs.angle.count), "a b sys last");
    assert_string_equal(joined(b, dirs.quote.items, dirs.quote.count), "q");
    assert_string_equal(joined(b, dirs.forced.items, dirs.forced.count), "f.h");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(keeps_what_decides_types),  TEST(leaves_out_what_writes_or_links),
        TEST(lists_what_only_gcc_knows), TEST(compilers_and_wrappers),
        TEST(refuses_layout_flags),      TEST(another_target_replaces_the_machine),
        TEST(standards_of_today),        TEST(a_flag_without_its_argument),
        TEST(include_directories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
