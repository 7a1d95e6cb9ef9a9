/*
 * The cases of fixtures/: finding them, running the tool on a copy of each below a work tree of its own (so that paths
 * in reports do not depend on where the sources are), and what it printed in canonical form. A case is a folder:
 *
 *   input.h              the story; `// want: rule[, rule]` on each line that must have exactly these findings
 *   expect.json          what `ullage check --format json input.h` prints, without versions
 *   args                 optional: more options, one a line; after a line `--` flags of the compiler (default -std=gnu17)
 *   .ullage.yml          optional: the configuration, with `root: true`
 *   compile_commands.json, *.c, *.h   optional: then the flags come from there
 *   compilers            optional: those that can judge the case, one a line, `none` for none; `#` begins a reason
 *   text.args, expect.txt             optional: one more command line (NAME=value first, for its environment), and what it prints
 *
 * Folders fix_* are for test_fix_golden.c: there `args` are of `ullage fix`, expect.txt is what it prints, and after.h, after.NAME are
 * input.h and NAME afterwards; a file without one stays as it is.
 *
 * A folder whose name ends in .b is a known failure. For test_golden.c, test_fix_golden.c and the headers beside them only.
 */
#ifndef UL_TESTS_GOLDEN_H
#define UL_TESTS_GOLDEN_H

#include <ctype.h>
#include <sys/stat.h>

#include <cjson/cJSON.h>

#include "tests/oracle.h"

enum { GOLDEN_WORDS_MAX = 64, GOLDEN_CASES_MAX = 512, GOLDEN_AT_ONCE = 2 };

typedef struct golden_words {
    const char *items[GOLDEN_WORDS_MAX + 1]; /* NULL after the last */
    uint32_t count;
} golden_words;

typedef struct golden_case {
    const char *name;
    const char *source; /* absolute */
    const char *place;  /* the copy, absolute */
    bool is_known;      /* expected to fail */
    bool has_database;
    bool has_text;
    golden_words options, flags, compilers, text_command;
    oracle_job json_job, text_job;
    int status;
    const char *json, *text, *errors; /* printed; json canonical */
    cJSON *report;                    /* of json, NULL when it cannot be read */
    uint32_t failures;
} golden_case;

typedef struct golden_run {
    ul_arena arena;
    char directory[64];
    bool is_fix; /* the cases of fix: folders fix_*, which are no others' */
    golden_case cases[GOLDEN_CASES_MAX];
    uint32_t count;
} golden_run;

/* A complaint about a case. Of known failures only the number counts. */
static inline void golden_complain(golden_case *c, const char *what)
{
    if (c->failures++ < 10 && !c->is_known)
        printf("%s: %s\n", c->name, what);
}

static inline void golden_add_word(golden_words *words, const char *word)
{
    if (words->count == GOLDEN_WORDS_MAX) {
        printf("golden: more than %d words\n", GOLDEN_WORDS_MAX);
        exit(2);
    }
    words->items[words->count++] = word;
}

/* The bytes of a file with a NUL after them, NULL when there is none. */
static inline const char *golden_read(ul_arena *arena, const char *path)
{
    struct stat facts;
    FILE *in = fopen(path, "r");
    if (!in || fstat(fileno(in), &facts) != 0) {
        if (in)
            fclose(in);
        return NULL;
    }
    char *text = UL_NEW_ARRAY(arena, char, (size_t)facts.st_size + 1);
    size_t length = fread(text, 1, (size_t)facts.st_size, in);
    text[length] = '\0';
    fclose(in);
    return text;
}

static inline bool golden_write(const char *path, const char *text)
{
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    fputs(text, out);
    return fclose(out) == 0;
}

/* Lines of source/`name` that are neither empty nor a comment. False when there is no such file. */
static inline bool golden_lines(golden_words *words, const golden_case *c, const char *name, ul_arena *arena)
{
    const char *text = golden_read(arena, ul_arena_printf(arena, "%s/%s", c->source, name));
    for (const char *at = text; at && *at; at += *at == '\n') {
        size_t length = strcspn(at, "\n");
        if (length && *at != '#')
            golden_add_word(words, ul_arena_strndup(arena, at, length));
        at += length;
    }
    return text != NULL;
}

/* Options before `--`, flags of the compiler after it. */
static inline void golden_read_args(golden_case *c, ul_arena *arena)
{
    golden_words lines = {0};
    bool is_flag = false;
    golden_lines(&lines, c, "args", arena);
    for (uint32_t i = 0; i < lines.count; i++) {
        if (strcmp(lines.items[i], "--") == 0)
            is_flag = true;
        else
            golden_add_word(is_flag ? &c->flags : &c->options, lines.items[i]);
    }
    if (!is_flag)
        golden_add_word(&c->flags, "-std=gnu17");
}

static inline bool golden_copy(golden_case *c, ul_arena *arena)
{
    DIR *directory = opendir(c->source);
    bool is_copied = directory && mkdir(c->place, 0700) == 0 && mkdir(ul_arena_printf(arena, "%s/.git", c->place), 0700) == 0;
    for (struct dirent *file; is_copied && (file = readdir(directory));) {
        bool is_hidden = file->d_name[0] == '.' && strcmp(file->d_name, ".ullage.yml") != 0;
        if (is_hidden || strncmp(file->d_name, "expect.", 7) == 0 || strncmp(file->d_name, "after.", 6) == 0)
            continue;
        const char *text = golden_read(arena, ul_arena_printf(arena, "%s/%s", c->source, file->d_name));
        is_copied = text && golden_write(ul_arena_printf(arena, "%s/%s", c->place, file->d_name), text);
        c->has_database |= strcmp(file->d_name, "compile_commands.json") == 0;
    }
    if (directory)
        closedir(directory);
    return is_copied;
}

static inline int golden_by_name(const void *left, const void *right)
{
    return strcmp(((const golden_case *)left)->name, ((const golden_case *)right)->name);
}

/* Finds every folder of `fixtures` that holds an input.h; those in `only` when that is not empty. */
static inline bool golden_find(golden_run *r, const char *fixtures, char *const *only)
{
    DIR *directory = opendir(fixtures);
    for (struct dirent *folder; directory && (folder = readdir(directory));) {
        bool is_asked = !only || !*only;
        for (char *const *name = only; name && *name; name++)
            is_asked |= strcmp(*name, folder->d_name) == 0;
        const char *source = ul_arena_printf(&r->arena, "%s/%s", fixtures, folder->d_name);
        is_asked &= r->is_fix == (strncmp(folder->d_name, "fix_", 4) == 0);
        if (folder->d_name[0] == '.' || !is_asked || access(ul_arena_printf(&r->arena, "%s/input.h", source), R_OK) != 0)
            continue;
        if (r->count == GOLDEN_CASES_MAX)
            return false;
        size_t length = strlen(folder->d_name);
        golden_case *c = &r->cases[r->count++];
        c->name = ul_arena_strdup(&r->arena, folder->d_name);
        c->source = source;
        c->place = ul_arena_printf(&r->arena, "%s/%s", r->directory, c->name);
        c->is_known = length > 2 && strcmp(c->name + length - 2, ".b") == 0;
    }
    if (directory)
        closedir(directory);
    qsort(r->cases, r->count, sizeof *r->cases, golden_by_name);
    return r->count > 0;
}

/* `env -C place ...`: results go to `log`, words beside them to `log`.err. */
static inline oracle_job golden_start(const golden_case *c, const golden_words *command, const char *log, ul_arena *arena)
{
    const char *args[2 * GOLDEN_WORDS_MAX] = {
        "sh", "-c", ul_arena_printf(arena, "errors=$1; shift; exec \"$@\" 2>\"$errors\""), "sh", ul_arena_printf(arena, "%s.err", log),
        "env", "-C", c->place};
    uint32_t count = 8;
    for (uint32_t i = 0; i < command->count; i++)
        args[count++] = command->items[i];
    args[count] = NULL;
    return oracle_start(args, log);
}

static inline int golden_wait(const oracle_job *job)
{
    int status = -1;
    if (job->process <= 0)
        return -1;
    while (waitpid(job->process, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void golden_start_case(golden_run *r, golden_case *c)
{
    ul_arena *arena = &r->arena;
    golden_words command = {0};
    const char *const head[] = {ULLAGE_BINARY, "check", "--format", "json"};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        golden_add_word(&command, head[i]);
    for (uint32_t i = 0; i < c->options.count; i++)
        golden_add_word(&command, c->options.items[i]);
    golden_add_word(&command, "input.h");
    if (!c->has_database)
        golden_add_word(&command, "--");
    for (uint32_t i = 0; !c->has_database && i < c->flags.count; i++)
        golden_add_word(&command, c->flags.items[i]);
    c->json_job = golden_start(c, &command, ul_arena_printf(arena, "%s.json", c->place), arena);
    golden_words lines = {0}, text = {0};
    c->has_text = golden_lines(&lines, c, "text.args", arena);
    uint32_t at = 0;
    for (; at < lines.count && isupper((unsigned char)lines.items[at][0]); at++)
        golden_add_word(&text, lines.items[at]);
    golden_add_word(&text, ULLAGE_BINARY);
    for (; at < lines.count; at++)
        golden_add_word(&text, lines.items[at]);
    if (c->has_text)
        c->text_job = golden_start(c, &text, ul_arena_printf(arena, "%s.txt", c->place), arena);
}

/* The report without what differs from one libclang to another. */
static inline const char *golden_canonical(const char *json, ul_arena *arena)
{
    const char *tool = strstr(json, "\n\"tool\": {");
    if (!tool)
        return json;
    const char *rest = tool + 1 + strcspn(tool + 1, "\n");
    return ul_arena_printf(arena, "%.*s\n\"tool\": {\"name\":\"ullage\",\"version\":\"\",\"libclang\":\"\"},%s", (int)(tool - json), json, rest);
}

/* The text without what stands between `from` and `to`. */
static inline const char *golden_without(const char *text, const char *from, const char *to, ul_arena *arena)
{
    const char *begin = text ? strstr(text, from) : NULL, *end = begin ? strstr(begin, to) : NULL;
    return end ? ul_arena_printf(arena, "%.*s%s", (int)(begin - text + (ptrdiff_t)strlen(from)), text, end) : text;
}

/* SARIF without the words of its rules and without versions, HTML without style and script: a case is about results. */
static inline const char *golden_canonical_text(const char *text, ul_arena *arena)
{
    if (text && strncmp(text, "<!doctype html>", 15) == 0)
        return golden_without(golden_without(text, "<style>\n", "</style>", arena), "<script>\n", "</script>", arena);
    const char *rules = text ? strstr(text, "\n\"tool\": {\"driver\"") : NULL, *rest = rules ? strstr(rules, "\n]}},") : NULL;
    if (!rest)
        return text;
    return ul_arena_printf(arena, "%.*s\n\"tool\": {\"driver\": {\"name\": \"ullage\", \"rules\": [%s", (int)(rules - text), text, rest);
}

static inline void golden_finish_case(golden_run *r, golden_case *c)
{
    ul_arena *arena = &r->arena;
    c->status = golden_wait(&c->json_job);
    const char *json = golden_read(arena, c->json_job.log);
    c->json = golden_canonical(json ? json : "", arena);
    c->report = cJSON_Parse(c->json);
    c->errors = golden_read(arena, ul_arena_printf(arena, "%s.err", c->json_job.log));
    if (!c->has_text)
        return;
    golden_wait(&c->text_job);
    c->text = golden_canonical_text(golden_read(arena, c->text_job.log), arena);
}

/* Runs the tool on every case, a few at a time. */
static inline bool golden_run_all(golden_run *r)
{
    uint32_t finished = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        golden_case *c = &r->cases[i];
        golden_read_args(c, &r->arena);
        golden_lines(&c->compilers, c, "compilers", &r->arena);
        if (!golden_copy(c, &r->arena)) {
            printf("%s: cannot be copied to %s\n", c->name, c->place);
            return false;
        }
        if (i >= GOLDEN_AT_ONCE)
            golden_finish_case(r, &r->cases[finished++]);
        golden_start_case(r, c);
    }
    while (finished < r->count)
        golden_finish_case(r, &r->cases[finished++]);
    return true;
}

/* A member of a JSON object as text, "" when it is absent or no text. */
static inline const char *golden_text(const cJSON *object, const char *key)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

/* A number; those beyond 2^53 travel as text. */
static inline uint64_t golden_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsString(item) ? strtoull(item->valuestring, NULL, 10) : cJSON_IsNumber(item) ? (uint64_t)item->valuedouble : 0;
}

static inline void golden_remove_tree(const char *path)
{
    const char *const args[] = {"rm", "-rf", "--", path, NULL};
    if (getenv("ULLAGE_KEEP"))
        return;
    oracle_job job = oracle_start(args, "/dev/null");
    golden_wait(&job);
}

#endif
