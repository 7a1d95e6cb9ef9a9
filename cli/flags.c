#include "cli/flags.h"

#include <stdlib.h>
#include <string.h>

typedef enum flag_action {
    KEEP,
    DROP,
    DROP_LISTED,  /* clang does not know it: -v lists it */
    DROP_MACHINE, /* kept unless another target is asked for */
    REFUSE_PACKED,
    REFUSE_MS,
    REFUSE_LAYOUT, /* clang does not have it, and it changes layouts */
    PLAN9,
    STANDARD,
    LANGUAGE,
    XCLANG
} flag_action;

typedef enum flag_arity {
    EXACT,    /* the whole word */
    PREFIX,   /* any word that begins so */
    SEPARATE, /* the whole word, its argument is the next one */
    EITHER    /* the argument is joined, or the next word */
} flag_arity;

typedef struct flag_rule {
    const char *text;
    flag_arity arity;
    flag_action action;
} flag_rule;

/* The first match counts. Compile flags: gcc.gnu.org/onlinedocs/gcc/Option-Summary.html; a flag not here is kept. */
static const flag_rule rules[] = {
    {"-D", EITHER, KEEP},
    {"-U", EITHER, KEEP},
    {"-I", EITHER, KEEP},
    {"-isystem", EITHER, KEEP},
    {"-include", EITHER, KEEP},
    {"-iquote", EITHER, KEEP},
    {"-idirafter", EITHER, KEEP},
    {"-imacros", EITHER, KEEP},
    {"-isysroot", EITHER, KEEP},
    {"-iprefix", EITHER, KEEP},
    {"-iwithprefixbefore", EITHER, KEEP},
    {"-iwithprefix", EITHER, KEEP},
    {"-imultilib", SEPARATE, DROP},
    {"-imultiarch", SEPARATE, DROP},
    {"--sysroot", SEPARATE, KEEP},
    {"-F", EITHER, KEEP},
    {"-x", EITHER, LANGUAGE},
    {"-std=", PREFIX, STANDARD},
    {"--std=", PREFIX, STANDARD},
    {"--std", SEPARATE, STANDARD},
    /* What is made of the unit. */
    {"-c", EXACT, DROP},
    {"-S", EXACT, DROP},
    {"-E", EXACT, DROP},
    {"-P", EXACT, DROP},
    {"-C", EXACT, DROP},
    {"-CC", EXACT, DROP},
    {"-H", EXACT, DROP},
    {"-fsyntax-only", EXACT, DROP},
    {"-v", EXACT, DROP},
    {"-###", EXACT, DROP},
    {"-pipe", EXACT, DROP},
    {"-o", EITHER, DROP},
    {"-MF", EITHER, DROP},
    {"-MT", EITHER, DROP},
    {"-MQ", EITHER, DROP},
    {"-MJ", EITHER, DROP},
    {"-M", PREFIX, DROP},
    {"-dumpbase-ext", SEPARATE, DROP},
    {"-dumpbase", SEPARATE, DROP},
    {"-dumpdir", SEPARATE, DROP},
    {"-dump", PREFIX, DROP},
    {"-aux-info", SEPARATE, DROP},
    {"-save-temps", PREFIX, DROP},
    {"--save-temps", PREFIX, DROP},
    {"-fdump-", PREFIX, DROP},
    {"-fstack-usage", EXACT, DROP},
    {"-specs=", PREFIX, DROP},
    {"--specs=", PREFIX, DROP},
    {"-wrapper", SEPARATE, DROP},
    {"-B", EITHER, DROP},
    {"--param", SEPARATE, DROP},
    {"--param=", PREFIX, DROP},
    {"-fplugin", PREFIX, DROP},
    {"-fpass-plugin=", PREFIX, DROP},
    {"-fprofile-", PREFIX, DROP},
    {"-fprofile-arcs", EXACT, DROP},
    {"-fauto-profile", PREFIX, DROP},
    {"-ftest-coverage", EXACT, DROP},
    {"--coverage", EXACT, DROP},
    {"-coverage", EXACT, DROP},
    {"-flto", PREFIX, DROP},
    {"-ffat-lto-objects", EXACT, DROP},
    {"-fno-fat-lto-objects", EXACT, DROP},
    {"-fno-lto", EXACT, DROP},
    {"-frandom-seed=", PREFIX, DROP},
    {"-fdebug-prefix-map=", PREFIX, DROP},
    {"-ffile-prefix-map=", PREFIX, DROP},
    {"-g", PREFIX, DROP},
    /* How it speaks: parse decides that. */
    {"-fmax-errors=", PREFIX, DROP},
    {"-ferror-limit=", PREFIX, DROP},
    {"-fmessage-length=", PREFIX, DROP},
    {"-fdiagnostics-", PREFIX, DROP},
    {"-fno-diagnostics-", PREFIX, DROP},
    {"-fcolor-diagnostics", EXACT, DROP},
    {"-fno-color-diagnostics", EXACT, DROP},
    {"-fansi-escape-codes", EXACT, DROP},
    {"-ftime-report", PREFIX, DROP},
    {"-ftime-trace", PREFIX, DROP},
    {"-pedantic", PREFIX, DROP},
    {"--serialize-diagnostics", SEPARATE, DROP},
    {"-Wp,-M", PREFIX, DROP},
    {"-Wp,", PREFIX, KEEP},
    {"-Wno-error", PREFIX, DROP},
    {"-Wno-", PREFIX, KEEP},
    {"-W", PREFIX, DROP}, /* -Wall, -Werror; -Wl, and -Wa, too */
    {"-Xpreprocessor", SEPARATE, XCLANG},
    {"-Xclang", SEPARATE, XCLANG},
    {"-Xlinker", SEPARATE, DROP},
    {"-Xassembler", SEPARATE, DROP},
    /* Linking. */
    {"-l", EITHER, DROP},
    {"-L", EITHER, DROP},
    {"-T", EITHER, DROP},
    {"-u", SEPARATE, DROP},
    {"-undef", EXACT, KEEP},
    {"-z", SEPARATE, DROP},
    {"-e", SEPARATE, DROP},
    {"-s", EXACT, DROP},
    {"-r", EXACT, DROP},
    {"-shared", PREFIX, DROP},
    {"-static", PREFIX, DROP},
    {"-rdynamic", EXACT, DROP},
    {"-symbolic", EXACT, DROP},
    {"-pie", EXACT, DROP},
    {"-no-pie", EXACT, DROP},
    {"-nopie", EXACT, DROP},
    {"-nostdlib", EXACT, DROP},
    {"-nodefaultlibs", EXACT, DROP},
    {"-nolibc", EXACT, DROP},
    {"-nostartfiles", EXACT, DROP},
    {"-fuse-ld=", PREFIX, DROP},
    {"-framework", SEPARATE, DROP},
    {"-dynamiclib", EXACT, DROP},
    {"-bundle", EXACT, DROP},
    {"-install_name", SEPARATE, DROP},
    /* Layout. */
    {"-fno-pack-struct", EXACT, REFUSE_PACKED},
    {"-fpack-struct", EXACT, REFUSE_PACKED},
    {"-fpack-struct=", PREFIX, REFUSE_PACKED},
    {"-mno-ms-bitfields", EXACT, REFUSE_MS},
    {"-mms-bitfields", EXACT, REFUSE_MS},
    {"-m128bit-long-double", EXACT, REFUSE_LAYOUT},
    {"-m96bit-long-double", EXACT, REFUSE_LAYOUT},
    {"-mstructure-size-boundary=", PREFIX, REFUSE_LAYOUT},
    {"-malign-natural", EXACT, REFUSE_LAYOUT},
    {"-mno-bit-align", EXACT, REFUSE_LAYOUT},
    {"-mint8", EXACT, REFUSE_LAYOUT},
    {"-fplan9-extensions", EXACT, PLAN9},
    /* The machine. */
    {"-mllvm", SEPARATE, DROP},
    {"-target", SEPARATE, DROP_MACHINE},
    {"--target=", PREFIX, DROP_MACHINE},
    {"-arch", SEPARATE, DROP_MACHINE},
    {"-m", PREFIX, DROP_MACHINE},
};

/* Sorted: the def file says how it was made. */
static const char *const gcc_flags[] = {
#define UL_GCC_FLAG(text) text,
#include "cli/gcc_flags.def"
#undef UL_GCC_FLAG
};

enum { RULE_COUNT = sizeof rules / sizeof *rules, GCC_FLAG_COUNT = sizeof gcc_flags / sizeof *gcc_flags };

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static const flag_rule *rule_of(const char *arg)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const flag_rule *rule = &rules[i];
        if (rule->text[1] != arg[1] || !begins(arg, rule->text))
            continue;
        bool is_whole = arg[strlen(rule->text)] == '\0';
        if (is_whole || rule->arity == PREFIX || rule->arity == EITHER)
            return rule;
    }
    return NULL;
}

/* Whether the table of gcc's own flags has `arg`, its `no-` and its value left aside. */
static bool is_gcc_only(const char *arg, ul_arena *arena)
{
    if (arg[1] != 'f' && arg[1] != 'm')
        return false;
    if (begins(arg + 2, "no-"))
        arg = ul_arena_printf(arena, "-%c%s", arg[1], arg + 5);
    for (size_t i = 0; i < GCC_FLAG_COUNT; i++) {
        size_t length = strlen(gcc_flags[i]);
        char last = gcc_flags[i][length - 1];
        if (strncmp(arg, gcc_flags[i], length) == 0 && (arg[length] == '\0' || last == '=' || last == '-'))
            return true;
    }
    return false;
}

/* Endings that gcc takes for a language other than C. */
ul_language ul_language_of(const char *path)
{
    static const char *const cxx[] = {".cc",  ".cpp", ".cxx", ".c++", ".cp", ".C",   ".CPP", ".cppm", ".ixx",
                                      ".hh",  ".hpp", ".hxx", ".h++", ".hp", ".H",   ".HPP", ".tcc",  ".ii",
                                      ".mm",  ".M",   ".cu",  ".ipp"};
    static const char *const other[] = {".s", ".S", ".sx", ".asm", ".f", ".F", ".f90", ".F90", ".for", ".go",
                                        ".d", ".rs", ".m", ".mi",  ".o", ".a", ".adb", ".ads", ".cl",  ".py"};
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < sizeof cxx / sizeof *cxx; i++) {
        if (strcmp(dot, cxx[i]) == 0)
            return UL_LANGUAGE_CXX;
    }
    for (size_t i = 0; dot && i < sizeof other / sizeof *other; i++) {
        if (strcmp(dot, other[i]) == 0)
            return UL_LANGUAGE_OTHER;
    }
    return UL_LANGUAGE_C;
}

typedef struct conversion {
    ul_words args, dropped;
    ul_refusal *refusals;
    uint32_t refusal_count, refusal_capacity;
    const char *packed, *ms; /* the flag in force, or NULL */
    ul_language language;
    bool is_retargeted;
    bool drops_next_xclang;
    ul_arena *arena;
} conversion;

static void refuse(conversion *to, ul_refusal_reason reason, const char *flag)
{
    UL_RESERVE(to->arena, to->refusals, to->refusal_count, to->refusal_capacity);
    to->refusals[to->refusal_count++] = (ul_refusal){reason, flag};
}

static void keep(conversion *to, const char *flag, const char *argument)
{
    ul_words_add(&to->args, flag, to->arena);
    if (argument)
        ul_words_add(&to->args, argument, to->arena);
}

/* C23 has its working name in libclang 14 to 17; a C++ standard decides the language. */
static void keep_standard(conversion *to, const char *standard)
{
    static const char *const c23[] = {"c23", "c2x", "iso9899:2024", "c2y"};
    static const char *const gnu23[] = {"gnu23", "gnu2x", "gnu2y"};
    if (strstr(standard, "++")) {
        to->language = UL_LANGUAGE_CXX;
        return;
    }
    for (size_t i = 0; i < sizeof c23 / sizeof *c23; i++) {
        if (strcmp(standard, c23[i]) == 0)
            standard = "c2x";
    }
    for (size_t i = 0; i < sizeof gnu23 / sizeof *gnu23; i++) {
        if (strcmp(standard, gnu23[i]) == 0)
            standard = "gnu2x";
    }
    keep(to, ul_arena_printf(to->arena, "-std=%s", standard), NULL);
}

static void keep_language(conversion *to, const char *language)
{
    if (strcmp(language, "c") == 0 || strcmp(language, "c-header") == 0 || strcmp(language, "cpp-output") == 0) {
        to->language = UL_LANGUAGE_C;
        keep(to, "-x", language);
    } else if (strcmp(language, "none") != 0) {
        to->language = begins(language, "c++") ? UL_LANGUAGE_CXX : UL_LANGUAGE_OTHER;
    }
}

/* -Xclang and -Xpreprocessor hand one word through; `-load x` and its like come as two of them. */
static void keep_handed_through(conversion *to, const char *flag, const char *word)
{
    static const char *const plugins[] = {"-load", "-plugin", "-add-plugin"};
    bool drops = to->drops_next_xclang || begins(word, "-plugin-arg") || begins(word, "-M");
    bool drops_next = !to->drops_next_xclang && begins(word, "-plugin-arg");
    for (size_t i = 0; i < sizeof plugins / sizeof *plugins; i++) {
        if (!to->drops_next_xclang && strcmp(word, plugins[i]) == 0)
            drops = drops_next = true;
    }
    to->drops_next_xclang = drops_next;
    if (!drops)
        keep(to, flag, word);
}

static void apply(conversion *to, flag_action action, const char *flag, const char *argument, const char *value)
{
    switch (action) {
    case KEEP:
        keep(to, flag, argument);
        break;
    case DROP:
        break;
    case DROP_LISTED:
        ul_words_add(&to->dropped, flag, to->arena);
        break;
    case DROP_MACHINE:
        if (!to->is_retargeted)
            keep(to, flag, argument);
        break;
    case REFUSE_PACKED:
        to->packed = begins(flag, "-fno-") ? NULL : flag;
        keep(to, flag, NULL);
        break;
    case REFUSE_MS:
        to->ms = begins(flag, "-mno-") ? NULL : flag;
        keep(to, flag, NULL);
        break;
    case REFUSE_LAYOUT:
        ul_words_add(&to->dropped, flag, to->arena);
        refuse(to, UL_REFUSE_LAYOUT_FLAG, flag);
        break;
    case PLAN9:
        ul_words_add(&to->dropped, flag, to->arena);
        refuse(to, UL_REFUSE_LAYOUT_FLAG, flag);
        keep(to, "-fms-extensions", NULL);
        break;
    case STANDARD:
        keep_standard(to, value);
        break;
    case LANGUAGE:
        keep_language(to, value);
        break;
    case XCLANG:
        keep_handed_through(to, flag, value);
        break;
    }
}

/* Whether the word at args[i] starts the argument that `rule` wants from the next word. */
static bool takes_next(const flag_rule *rule, const char *flag)
{
    return rule && (rule->arity == SEPARATE || (rule->arity == EITHER && flag[strlen(rule->text)] == '\0'));
}

/* What precedes the first flag: a compiler, after ccache or distcc and, with env, variables. */
static uint32_t skip_compiler(conversion *to, const char *const *args, uint32_t count)
{
    uint32_t i = 0;
    for (; i < count && args[i][0] != '-'; i++) {
        size_t length = strlen(args[i]);
        if (length > 2 && strcmp(args[i] + length - 2, "++") == 0)
            to->language = UL_LANGUAGE_CXX;
    }
    return i;
}

void ul_flags_convert(ul_flags *out, const char *const *args, uint32_t count, const char *file, bool is_retargeted,
                      ul_diags *diags, ul_arena *arena)
{
    conversion to = {.arena = arena, .is_retargeted = is_retargeted};
    to.language = file ? ul_language_of(file) : UL_LANGUAGE_C;
    for (uint32_t i = skip_compiler(&to, args, count); i < count; i++) {
        const char *flag = args[i];
        if (flag[0] != '-' || flag[1] == '\0')
            continue; /* a source, an object file, a library */
        if (strcmp(flag, "--") == 0)
            break; /* only files follow */
        const flag_rule *rule = rule_of(flag);
        if (takes_next(rule, flag)) {
            if (i + 1 == count) {
                ul_diags_add(diags, UL_LEVEL_WARNING, file, 0, 0, "flag '%s' lacks its argument and is left out", flag);
                break;
            }
            i++;
            apply(&to, rule->action, flag, args[i], args[i]);
        } else if ((!rule || rule->action == DROP_MACHINE) && is_gcc_only(flag, arena)) {
            apply(&to, DROP_LISTED, flag, NULL, flag);
        } else {
            apply(&to, rule ? rule->action : KEEP, flag, NULL, rule ? flag + strlen(rule->text) : flag);
        }
    }
    if (to.packed)
        refuse(&to, UL_REFUSE_PACK_STRUCT, to.packed);
    if (to.ms)
        refuse(&to, UL_REFUSE_MS_LAYOUT, to.ms);
    *out = (ul_flags){.args = to.args.items,
                      .count = to.args.count,
                      .refusals = to.refusals,
                      .refusal_count = to.refusal_count,
                      .dropped = to.dropped.items,
                      .dropped_count = to.dropped.count,
                      .language = to.language};
}

void ul_flags_include_dirs(ul_include_dirs *out, const char *const *args, uint32_t count, ul_arena *arena)
{
    static const char *const names[] = {"-I", "-isystem", "-idirafter", "-iquote", "-include", "-imacros"};
    ul_words found[sizeof names / sizeof *names] = {{0}};
    for (uint32_t i = 0; i < count; i++) {
        const char *flag = args[i];
        if (flag[0] != '-' || (flag[1] != 'I' && flag[1] != 'i')) {
            if (takes_next(flag[0] == '-' ? rule_of(flag) : NULL, flag))
                i++;
            continue;
        }
        for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
            if (!begins(flag, names[n]))
                continue;
            const char *joined = flag + strlen(names[n]);
            if (*joined)
                ul_words_add(&found[n], joined, arena);
            else if (i + 1 < count)
                ul_words_add(&found[n], args[++i], arena);
            break;
        }
    }
    *out = (ul_include_dirs){.quote = found[3]};
    for (size_t n = 0; n < 3; n++) {
        for (uint32_t i = 0; i < found[n].count; i++)
            ul_words_add(&out->angle, found[n].items[i], arena);
    }
    for (size_t n = 4; n < 6; n++) {
        for (uint32_t i = 0; i < found[n].count; i++)
            ul_words_add(&out->forced, found[n].items[i], arena);
    }
}
