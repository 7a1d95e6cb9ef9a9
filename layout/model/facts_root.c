/* Where the tree stands, taken out of the texts of a facts file and put back. */
#include "layout/model/facts_file.h"

#include <ctype.h>
#include <string.h>

/* No file and no C has this byte; where one has it all the same it is told apart by what follows. */
enum { MARK = '\x01', ROOT = 'R', ITSELF = '1' };

static bool is_of_path(char byte)
{
    return isalnum((unsigned char)byte) || (byte && strchr("._+~@%-", byte));
}

/* Whether a path begins at `at`: no other directory stands before it, as in "/x" + "/root/a.h"; a flag may: "-I/root/include". */
static bool begins_path(const char *text, const char *at)
{
    while (at > text && is_of_path(at[-1]))
        at--;
    return at == text || at[-1] != '/';
}

const char *ul_facts_hide_root(const void *root, const char *text, ul_arena *arena)
{
    size_t length = strlen(root);
    const char mark[] = {MARK, ROOT}, itself[] = {MARK, ITSELF};
    ul_strbuf out;
    ul_strbuf_init_in(&out, arena);
    const char *done = text;
    for (const char *at = text; *at;) {
        bool is_root = length && strncmp(at, root, length) == 0 && !is_of_path(at[length]) && begins_path(text, at);
        if (!is_root && *at != MARK) {
            at++;
            continue;
        }
        ul_strbuf_add(&out, done, (size_t)(at - done));
        ul_strbuf_add(&out, is_root ? mark : itself, 2);
        at += is_root ? length : 1;
        done = at;
    }
    if (done == text)
        return text;
    ul_strbuf_puts(&out, done);
    return out.data;
}

const char *ul_facts_show_root(const void *root, const char *text, ul_arena *arena)
{
    if (!strchr(text, MARK))
        return text;
    ul_strbuf out;
    ul_strbuf_init_in(&out, arena);
    for (const char *at = text; *at; at++) {
        if (*at == MARK && at[1] == ROOT)
            ul_strbuf_puts(&out, root);
        else
            ul_strbuf_putc(&out, *at);
        at += *at == MARK && at[1];
    }
    return out.data;
}

bool ul_facts_has_root(const char *text)
{
    const char mark[] = {MARK, ROOT, '\0'};
    return strstr(text, mark) != NULL;
}
