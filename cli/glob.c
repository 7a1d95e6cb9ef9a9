#include "cli/glob.h"

#include <stddef.h>
#include <string.h>

/* The end of the set that begins at `[`, or NULL when it has none. */
static const char *set_end(const char *set)
{
    const char *at = set + 1;
    at += *at == '!' || *at == '^';
    at += *at == ']'; /* the first is a member */
    for (; *at && *at != '/'; at++) {
        if (*at == ']')
            return at;
    }
    return NULL;
}

static bool set_has(const char *set, const char *end, char byte)
{
    const char *at = set + 1;
    bool is_negated = *at == '!' || *at == '^', is_in = false;
    unsigned char wanted = (unsigned char)byte;
    for (at += is_negated; at < end; at++) {
        unsigned char low = (unsigned char)*at, high = low;
        if (at + 2 < end && at[1] == '-') {
            high = (unsigned char)at[2];
            at += 2;
        }
        is_in |= low <= wanted && wanted <= high;
    }
    return is_in != is_negated && byte != '/';
}

/* Whether the one unit of pattern at `pattern` takes `byte`; *next is what follows it. */
static bool takes(const char *pattern, char byte, const char **next)
{
    const char *end;
    *next = pattern + 1;
    if (!byte)
        return false;
    if (*pattern == '?')
        return byte != '/';
    if (*pattern == '[' && (end = set_end(pattern)) != NULL) {
        *next = end + 1;
        return set_has(pattern, end, byte);
    }
    if (*pattern == '\\' && pattern[1]) {
        *next = pattern + 2;
        return byte == pattern[1];
    }
    return *pattern == byte;
}

/* A place to come back to: the pattern after a star, and how much of the text the star has taken. */
typedef struct star {
    const char *pattern, *text;
} star;

/*
 * Of each kind of star only the last met can still matter: a later one takes whatever an earlier one of its kind would. When a single
 * star is stopped by a slash, the last double one takes more.
 */
bool ul_glob_matches(const char *pattern, const char *text)
{
    star one = {0}, two = {0};
    const char *begin = pattern;
    while (*text || *pattern) {
        const char *next;
        if (*pattern == '*' && pattern[1] == '*') {
            bool is_name = pattern == begin || pattern[-1] == '/';
            pattern += 2;
            if (is_name && *pattern == '/') /* no directory at all is one way to match it */
                pattern++;
            two = (star){pattern, text};
            one = (star){0};
        } else if (*pattern == '*') {
            one = (star){++pattern, text};
        } else if (*pattern && takes(pattern, *text, &next)) {
            pattern = next;
            text++;
        } else if (one.pattern && *one.text && *one.text != '/') {
            pattern = one.pattern;
            text = ++one.text;
        } else if (two.pattern && *two.text) {
            /* After double star and slash only the beginnings of names are tried. */
            bool is_whole = two.pattern[-1] == '/';
            two.text++;
            while (is_whole && *two.text && two.text[-1] != '/')
                two.text++;
            if (is_whole && !*two.text)
                return false;
            pattern = two.pattern;
            text = two.text;
            one = (star){0};
        } else {
            return false;
        }
    }
    return true;
}

/* Whether the pattern matches path[0..n) for an n that ends a name of it: the file or a directory above it. */
static bool matches_beginning(const char *pattern, size_t length, const char *path)
{
    char part[4096], bare[4096];
    if (strlen(path) >= sizeof part || length >= sizeof bare)
        return false;
    memcpy(bare, pattern, length);
    bare[length] = '\0';
    for (size_t i = 1;; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        /* With a slash at its end the pattern names directories only. */
        if ((path[i] == '/' || pattern[length] != '/') && ul_glob_matches(bare, part))
            return true;
        if (path[i] == '\0')
            return false;
    }
}

bool ul_glob_names(const char *pattern, const char *directory, const char *path)
{
    size_t base = strlen(directory);
    if (strncmp(path, directory, base) != 0 || !path[base])
        return false;
    const char *below = path + base;
    bool is_anchored = *pattern == '/' || strncmp(pattern, "./", 2) == 0;
    if (is_anchored)
        pattern += *pattern == '/' ? 1 : 2;
    size_t length = strlen(pattern);
    if (length && pattern[length - 1] == '/')
        length--;
    if (!length)
        return true;
    if (is_anchored || memchr(pattern, '/', length))
        return matches_beginning(pattern, length, below);
    for (const char *at = below; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
        if (matches_beginning(pattern, length, at))
            return true;
    }
    return false;
}

const char *ul_glob_problem(const char *pattern)
{
    if (!*pattern)
        return "an empty pattern names nothing";
    if (*pattern == '!')
        return "patterns that begin with '!' are not known here; list what is meant";
    if (strncmp(pattern, "../", 3) == 0 || strcmp(pattern, "..") == 0 || strstr(pattern, "/../"))
        return "a pattern stays below the directory of its file: '..' is not known here";
    for (const char *at = pattern; *at; at++) {
        if (*at == '[' && !set_end(at))
            return "'[' without ']'";
        if (*at == '\\' && at[1])
            at++;
    }
    return NULL;
}
