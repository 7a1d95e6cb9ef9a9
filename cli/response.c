#include "cli/response.h"

#include <errno.h>
#include <string.h>

#include "cli/file.h"
#include "cli/paths.h"

enum { DEEPEST_NESTING = 16, MOST_FILES = 1000, MOST_WORDS = 1 << 20, FILE_LIMIT_BYTES = 1 << 26 };

typedef struct expansion {
    ul_words *out;
    const char *directory, *subject;
    uint32_t *files; /* opened so far: a file that names itself many times must not take for ever */
    ul_diags *diags;
    ul_arena *arena;
} expansion;

static void expand(const expansion *into, const char *const *args, uint32_t count, uint32_t depth);

static void expand_file(const expansion *into, const char *name, uint32_t depth)
{
    if (*into->files >= MOST_FILES)
        return;
    if (depth == DEEPEST_NESTING || ++*into->files == MOST_FILES) {
        ul_diags_add(into->diags, UL_LEVEL_WARNING, into->subject, 0, 0,
                     "response files are nested too deep at '@%s': it is left out", name);
        *into->files = MOST_FILES;
        return;
    }
    ul_strbuf bytes;
    ul_words words = {0};
    ul_strbuf_init(&bytes);
    if (ul_file_read(&bytes, ul_path_join(into->directory, name, into->arena), FILE_LIMIT_BYTES) != UL_OK) {
        ul_diags_add(into->diags, UL_LEVEL_WARNING, into->subject, 0, 0, "cannot read the response file '%s': %s", name,
                     strerror(errno));
    } else if (bytes.length) {
        ul_words_split(&words, bytes.data, bytes.length, UL_QUOTING_RESPONSE, into->arena);
    }
    ul_strbuf_free(&bytes);
    expand(into, words.items, words.count, depth + 1);
}

static void expand(const expansion *into, const char *const *args, uint32_t count, uint32_t depth)
{
    for (uint32_t i = 0; i < count && into->out->count < MOST_WORDS; i++) {
        if (args[i][0] == '@' && args[i][1])
            expand_file(into, args[i] + 1, depth);
        else
            ul_words_add(into->out, args[i], into->arena);
    }
}

void ul_response_expand(ul_words *out, const char *const *args, uint32_t count, const char *directory, const char *subject,
                        ul_diags *diags, ul_arena *arena)
{
    uint32_t files = 0;
    expansion into = {out, directory, subject, &files, diags, arena};
    expand(&into, args, count, 0);
}
