#include "cli/tidy_compat.h"

#include <string.h>

/* What becomes of an option of clang-tidy. */
typedef enum fate {
    DROP,        /* about its checks, its configuration, its output */
    DROP_VALUE,  /* the same, with a value in the next word when there is no `=` */
    FLAG_BEFORE, /* of the compiler, in front of the others */
    FLAG_AFTER,
    HEADER_FILTER,
    FAIL,        /* warnings are errors */
    QUIET,
    COLOR,
    SYSTEM,
    OVERLAY,
    REFUSE /* would change files */
} fate;

/* From `clang-tidy --help`, LLVM 14 to 19. */
static const struct {
    const char *name;
    fate fate;
} options[] = {
    {"allow-enabling-analyzer-alpha-checkers", DROP},
    {"allow-no-checks", DROP},
    {"checks", DROP_VALUE},
    {"config", DROP_VALUE},
    {"config-file", DROP_VALUE},
    {"enable-check-profile", DROP},
    {"enable-module-headers-parsing", DROP},
    {"exclude-header-filter", DROP_VALUE},
    {"export-fixes", DROP_VALUE},
    {"extra-arg", FLAG_AFTER},
    {"extra-arg-before", FLAG_BEFORE},
    {"fix", REFUSE},
    {"fix-errors", REFUSE},
    {"fix-notes", REFUSE},
    {"format-style", DROP_VALUE},
    {"header-filter", HEADER_FILTER},
    {"line-filter", DROP_VALUE},
    {"load", DROP_VALUE},
    {"quiet", QUIET},
    {"store-check-profile", DROP_VALUE},
    {"system-headers", SYSTEM},
    {"use-color", COLOR},
    {"vfsoverlay", OVERLAY},
    {"warnings-as-errors", FAIL},
};

enum { OPTION_COUNT = sizeof options / sizeof *options };

typedef struct translation {
    ul_words words, before, flags, after; /* `flags`: what stands after -- */
    bool fails_on_warnings, has_fail_level, has_flags, wants_all;
    ul_diags *diags;
    ul_arena *arena;
} translation;

bool ul_tidy_compat_is(int argc, const char *const *argv)
{
    return argc > 1 && strcmp(argv[1], "tidy-compat") == 0;
}

/* The option that `word` names, with one dash or two; *value is what follows `=`, or NULL. */
static int find_option(const char *word, const char **value)
{
    if (word[0] != '-' || !word[1])
        return -1;
    const char *name = word + 1 + (word[1] == '-');
    size_t length = strcspn(name, "=");
    *value = name[length] ? name + length + 1 : NULL;
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (strlen(options[i].name) == length && strncmp(options[i].name, name, length) == 0)
            return i;
    }
    return -1;
}

static bool takes_value(fate what)
{
    return what == DROP_VALUE || what == FLAG_BEFORE || what == FLAG_AFTER || what == HEADER_FILTER || what == OVERLAY || what == FAIL;
}

static ul_status take(translation *t, int option, const char *value)
{
    switch (options[option].fate) {
    case FLAG_BEFORE:
        if (strncmp(value, "--driver-mode", 13) != 0) /* CMake's, for clang-tidy to know how to read the compiler's flags */
            ul_words_add(&t->before, value, t->arena);
        break;
    case FLAG_AFTER:
        ul_words_add(&t->after, value, t->arena);
        break;
    case HEADER_FILTER:
        ul_words_add(&t->words, ul_arena_printf(t->arena, "--header-filter=%s", value), t->arena);
        t->wants_all = true;
        break;
    case FAIL:
        t->fails_on_warnings |= *value != '\0';
        break;
    case QUIET: /* as it is anyway */
        break;
    case COLOR:
        ul_words_add(&t->words, value && strcmp(value, "false") == 0 ? "--color=never" : "--color=always", t->arena);
        break;
    case SYSTEM:
        ul_words_add(&t->words, "--system", t->arena);
        t->wants_all = true;
        break;
    case OVERLAY:
        ul_words_add(&t->after, "-ivfsoverlay", t->arena);
        ul_words_add(&t->after, value, t->arena);
        break;
    case REFUSE:
        ul_diags_add(t->diags, UL_LEVEL_ERROR, NULL, 0, 0, "tidy-compat changes no file: '--%s' is what `ullage fix` is for", options[option].name);
        return UL_ERR_USAGE;
    default:
        break;
    }
    return UL_OK;
}

static ul_status take_words(translation *t, int argc, const char *const *argv)
{
    for (int i = 2; i < argc; i++) {
        const char *value = NULL;
        if (strcmp(argv[i], "--") == 0) {
            t->has_flags = true;
            for (i++; i < argc; i++)
                ul_words_add(&t->flags, argv[i], t->arena);
            break;
        }
        int option = find_option(argv[i], &value);
        t->has_fail_level |= strncmp(argv[i], "--fail-level", 12) == 0;
        if (option < 0) {
            ul_words_add(&t->words, argv[i], t->arena);
            continue;
        }
        if (takes_value(options[option].fate) && !value) {
            if (i + 1 == argc) {
                ul_diags_add(t->diags, UL_LEVEL_ERROR, NULL, 0, 0, "option '%s' needs a value", argv[i]);
                return UL_ERR_USAGE;
            }
            value = argv[++i];
        }
        ul_status status = take(t, option, value);
        if (status != UL_OK)
            return status;
    }
    return UL_OK;
}

static void add_all(translation *t, ul_words *out, const ul_words *words)
{
    for (uint32_t i = 0; i < words->count; i++)
        ul_words_add(out, words->items[i], t->arena);
}

/* The compiler stays in front: it says in which language to read. */
static void add_flags(translation *t, ul_words *out)
{
    uint32_t first = t->flags.count && t->flags.items[0][0] != '-';
    if (!t->has_flags && !t->before.count && !t->after.count)
        return;
    ul_words_add(out, "--", t->arena);
    if (first)
        ul_words_add(out, t->flags.items[0], t->arena);
    add_all(t, out, &t->before);
    for (uint32_t i = first; i < t->flags.count; i++)
        ul_words_add(out, t->flags.items[i], t->arena);
    add_all(t, out, &t->after);
}

ul_status ul_tidy_compat_translate(ul_words *out, int argc, const char *const *argv, ul_diags *diags, ul_arena *arena)
{
    translation t = {.diags = diags, .arena = arena};
    *out = (ul_words){0};
    ul_status status = take_words(&t, argc, argv);
    if (status != UL_OK)
        return status;
    ul_words_add(out, argv[0], arena);
    ul_words_add(out, "check", arena);
    ul_words_add(out, "--format=concise", arena);
    ul_words_add(out, "-q", arena);
    if (!t.has_fail_level)
        ul_words_add(out, t.fails_on_warnings ? "--fail-level=warning" : "--fail-level=error", arena);
    if (t.wants_all)
        ul_words_add(out, "--all", arena);
    add_all(&t, out, &t.words);
    add_flags(&t, out);
    return UL_OK;
}
