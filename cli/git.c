#include "cli/git.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/process.h"

enum { ARGS_MAX = 32 };

/* The output of a git command, in the arena, and its exit status; -1 when git cannot be started. */
typedef struct answer {
    char *out, *err;
    size_t length; /* of out */
    int status;
} answer;

static answer ask(const ul_git *git, const char *const *args)
{
    answer got = {.out = ul_arena_strdup(git->arena, ""), .err = ul_arena_strdup(git->arena, ""), .status = -1};
    const char *argv[ARGS_MAX] = {"git", "--no-optional-locks", "-c", "diff.relative=false"};
    ul_strbuf out, err;
    for (int i = 0; args[i] && i < ARGS_MAX - 5; i++)
        argv[i + 4] = args[i];
    ul_strbuf_init(&out);
    ul_strbuf_init(&err);
    int status = 0;
    if (ul_process_run(&out, &err, &status, argv) == UL_OK && !out.has_failed) {
        got.status = status;
        got.length = out.length;
        got.out = ul_arena_strndup(git->arena, out.data ? out.data : "", out.length);
        got.err = ul_arena_strndup(git->arena, err.data ? err.data : "", err.length);
    }
    ul_strbuf_free(&out);
    ul_strbuf_free(&err);
    return got;
}

/* The first line of git's complaint without its "fatal: ". */
static const char *complaint(const ul_git *git, const answer *got)
{
    const char *at = got->err;
    if (strncmp(at, "fatal: ", 7) == 0 || strncmp(at, "error: ", 7) == 0)
        at += 7;
    size_t length = strcspn(at, "\n");
    return length ? ul_arena_strndup(git->arena, at, length) : "it says nothing of it";
}

static ul_status refuse(const ul_git *git, const char *message)
{
    ul_diags_add(git->diags, UL_LEVEL_ERROR, NULL, 0, 0, "%s", message);
    return UL_ERR_INPUT;
}

/* A line of `text`, cut off there; *text moves past it. */
static char *next_line(char **text)
{
    char *line = *text;
    size_t length = strcspn(line, "\n");
    *text = line[length] ? line + length + 1 : line + length;
    line[length] = '\0';
    return line;
}

ul_status ul_git_open(ul_git *out, ul_diags *diags, ul_arena *arena)
{
    static const char *const args[] = {"rev-parse", "--is-bare-repository", "--is-shallow-repository", "--show-toplevel", NULL};
    *out = (ul_git){.diags = diags, .arena = arena};
    answer got = ask(out, args);
    if (got.status < 0)
        return refuse(out, errno == ENOENT ? "git is needed to compare with another state, and it is not installed or not on PATH"
                                           : ul_arena_printf(arena, "cannot run git: %s", strerror(errno)));
    char *text = got.out;
    const char *bare = next_line(&text), *shallow = next_line(&text);
    if (got.status != 0 && strcmp(bare, "true") == 0)
        return refuse(out, "this repository is bare: there is no work tree to compare; run it in a clone, or in a work tree made by `git worktree add`");
    if (got.status != 0 && strstr(got.err, "not a git repository"))
        return refuse(out, "not inside a git work tree: run it in one, or use `ullage check --baseline FILE`, which needs no git");
    if (got.status != 0)
        return refuse(out, ul_arena_printf(arena, "git refuses: %s", complaint(out, &got)));
    out->is_shallow = strcmp(shallow, "true") == 0;
    size_t length = strlen(text); /* the path may hold newlines; one more ends it */
    if (length && text[length - 1] == '\n')
        text[--length] = '\0';
    char *real = realpath(text, NULL);
    out->root = ul_arena_printf(arena, "%s/", real && strcmp(real, "/") != 0 ? real : "");
    free(real);
    return UL_OK;
}

ul_words ul_git_ignored(const char *directory, ul_arena *arena)
{
    const char *const args[] = {"-C", directory, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", NULL};
    ul_git git = {.arena = arena};
    ul_words all = {0};
    answer got = ask(&git, args);
    for (const char *at = got.out; got.status == 0 && at < got.out + got.length; at += strlen(at) + 1)
        ul_words_add(&all, at, arena);
    return all;
}

/* The one word that a command prints, or NULL. */
static const char *ask_word(const ul_git *git, const char *const *args)
{
    answer got = ask(git, args);
    char *text = got.out;
    const char *line = next_line(&text);
    return got.status == 0 && *line ? line : NULL;
}

const char *ul_git_tree(const ul_git *git, const char *revision)
{
    const char *args[] = {"rev-parse", "--verify", "--quiet", "--end-of-options",
                          ul_arena_printf(git->arena, "%s^{tree}", revision), NULL};
    const char *word = *revision ? ask_word(git, args) : NULL;
    /* Before git 2.30 the option itself was printed. */
    return word && strcmp(word, "--end-of-options") == 0 ? NULL : word;
}

const char *ul_git_merge_base(const ul_git *git, const char *a, const char *b)
{
    const char *args[] = {"merge-base", "--", a, b, NULL};
    return ask_word(git, args);
}

const char *ul_git_empty_tree(const ul_git *git)
{
    static const char *const args[] = {"hash-object", "-t", "tree", "/dev/null", NULL};
    return ask_word(git, args);
}

const char *ul_git_cure(const ul_git *git)
{
    return git->is_shallow ? "; this clone is shallow: fetch the history with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0` for "
                             "actions/checkout, in GitLab CI with `GIT_DEPTH: \"0\"`"
                           : "; `git fetch` it, or look at its spelling";
}

static bool is_zero(const char *name)
{
    return name[strspn(name, "0")] == '\0';
}

/* ":100644 100644 <name> <name> R086" as it stands in `head`; false when it is none. */
static bool read_head(ul_git_change *item, char *head)
{
    char *words[5];
    if (*head != ':')
        return false;
    head++;
    for (int i = 0; i < 5; i++) {
        words[i] = head;
        head += strcspn(head, " ");
        if (i < 4 && !*head)
            return false;
        if (*head)
            *head++ = '\0';
    }
    *item = (ul_git_change){.before_mode = (uint32_t)strtoul(words[0], NULL, 8),
                            .after_mode = (uint32_t)strtoul(words[1], NULL, 8),
                            .before_blob = is_zero(words[2]) ? NULL : words[2],
                            .after_blob = is_zero(words[3]) ? NULL : words[3],
                            .status = words[4][0]};
    return true;
}

/* The output of --raw -z: heads and paths, a NUL behind each. */
static bool read_changes(ul_git_changes *out, const ul_git *git, char *text, size_t length)
{
    char *end = text + length;
    while (text < end) {
        ul_git_change item;
        char *head = text;
        text += strlen(text) + 1;
        if (text >= end || !read_head(&item, head))
            return false;
        item.before_path = item.after_path = text;
        text += strlen(text) + 1;
        if (item.status == 'R' || item.status == 'C') {
            if (text >= end)
                return false;
            item.after_path = text;
            text += strlen(text) + 1;
        }
        UL_RESERVE(git->arena, out->items, out->count, out->capacity);
        out->items[out->count++] = item;
    }
    return true;
}

ul_status ul_git_diff(ul_git_changes *out, const ul_git *git, const char *before, const char *after, bool is_staged, bool has_renames)
{
    const char *args[ARGS_MAX] = {"diff", "--raw", "-z", "--no-abbrev", "--no-ext-diff", "--ignore-submodules=dirty"};
    int count = 6;
    args[count++] = has_renames ? "--find-renames" : "--no-renames";
    if (is_staged && !after)
        args[count++] = "--cached";
    if (before)
        args[count++] = before;
    if (after)
        args[count++] = after;
    args[count++] = "--";
    *out = (ul_git_changes){0};
    answer got = ask(git, args);
    if (got.status != 0)
        return refuse(git, ul_arena_printf(git->arena, "git cannot compare: %s", complaint(git, &got)));
    if (!read_changes(out, git, got.out, got.length))
        return refuse(git, "git's answer cannot be read: is GIT_EXTERNAL_DIFF or an alias in the way?");
    return UL_OK;
}

struct ul_git_objects {
    ul_process process;
    const ul_git *git;
};

ul_git_objects *ul_git_objects_open(const ul_git *git, bool is_check)
{
    const char *argv[] = {"git", "cat-file", is_check ? "--batch-check" : "--batch", NULL};
    ul_git_objects *objects = UL_NEW(git->arena, ul_git_objects);
    objects->git = git;
    if (ul_process_start(&objects->process, argv) == UL_OK)
        return objects;
    ul_diags_add(git->diags, UL_LEVEL_ERROR, NULL, 0, 0, "cannot run git cat-file: %s", strerror(errno));
    return NULL;
}

/* Asks for one object: "<name> <type> <size>", or that it is missing. */
static ul_status ask_object(ul_git_objects *objects, const char *object, uint64_t *length)
{
    char head[4096];
    ul_process *process = &objects->process;
    if (strchr(object, '\n'))
        return UL_ERR_INPUT;
    if (fprintf(process->to, "%s\n", object) < 0 || fflush(process->to) != 0 || !fgets(head, sizeof head, process->from))
        return UL_ERR_IO;
    bool is_whole = strchr(head, '\n') != NULL;
    for (int byte = 0; !is_whole && byte != '\n' && byte != EOF;) /* a long name that is missing is said in full */
        byte = fgetc(process->from);
    char *space = is_whole ? strrchr(head, ' ') : NULL;
    if (!space || space[1] < '0' || space[1] > '9')
        return UL_ERR_INPUT;
    *length = strtoull(space + 1, NULL, 10);
    return UL_OK;
}

ul_status ul_git_objects_read(ul_git_objects *objects, const char *object, uint64_t limit_bytes, const char **bytes, uint64_t *length)
{
    ul_process *process = &objects->process;
    ul_status status = ask_object(objects, object, length);
    if (status != UL_OK)
        return status;
    if (*length > limit_bytes) {
        for (uint64_t i = 0; i <= *length; i++) {
            if (fgetc(process->from) == EOF)
                return UL_ERR_IO;
        }
        return UL_ERR_LIMIT;
    }
    char *room = ul_arena_alloc(objects->git->arena, *length + 1, 1);
    if (fread(room, 1, *length, process->from) != *length || fgetc(process->from) != '\n')
        return UL_ERR_IO;
    *bytes = room;
    return UL_OK;
}

bool ul_git_objects_have(ul_git_objects *objects, const char *object)
{
    uint64_t length;
    return ask_object(objects, object, &length) == UL_OK;
}

void ul_git_objects_close(ul_git_objects *objects)
{
    if (objects)
        ul_process_end(&objects->process);
}
