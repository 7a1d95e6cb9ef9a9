/*
 * What a macro does, going by the words of its definition: `#define ENTER(q) HA_SPIN_LOCK(QUEUE, &(q)->lock)` takes a lock. Looked for in
 * the text of the unit's files, since libclang tells the outermost macro only, and of that no more than its place.
 */
#include "layout/parse/census_reader.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Behind `#define NAME` in bytes[at..length-1], or NULL. */
static const char *find_definition(const char *bytes, size_t length, const char *name)
{
    size_t name_length = strlen(name);
    const char *end = bytes + length;
    for (const char *at = bytes; (at = memmem(at, (size_t)(end - at), name, name_length)); at++) {
        const char *before = at;
        while (before > bytes && (before[-1] == ' ' || before[-1] == '\t'))
            before--;
        if (before == at || before - bytes < 6 || memcmp(before - 6, "define", 6) != 0)
            continue;
        if (at + name_length < end && !is_word(at[name_length]))
            return at + name_length;
    }
    return NULL;
}

/* A definition, continued lines with it, that takes a lock and does not release it, or the reverse. */
static ul_call_verb verb_of_text(ul_census_reader *census, const char *at, const char *end)
{
    bool takes = false, gives = false;
    while (at < end && (*at != '\n' || at[-1] == '\\')) {
        const char *word = at;
        while (at < end && is_word(*at))
            at++;
        if (at == word) {
            at++;
            continue;
        }
        ul_call_verb verb = *at == '(' ? ul_census_name_verb(census, ul_arena_strndup(census->reader->arena, word, (size_t)(at - word))) : UL_CALL_PLAIN;
        takes |= verb == UL_CALL_LOCK;
        gives |= verb == UL_CALL_UNLOCK;
    }
    return takes == gives ? UL_CALL_PLAIN : takes ? UL_CALL_LOCK : UL_CALL_UNLOCK;
}

ul_call_verb ul_census_macro_verb(ul_census_reader *census, const char *name)
{
    ul_reader *reader = census->reader;
    ul_source_file *file, *next;
    ul_call_verb found = UL_CALL_PLAIN;
    HASH_ITER(hh, reader->files, file, next)
    {
        size_t length = 0;
        const char *bytes = file->handle ? ul_reader_contents(reader, file->handle, &length) : NULL;
        const char *definition = bytes ? find_definition(bytes, length, name) : NULL;
        if (definition && found == UL_CALL_PLAIN)
            found = verb_of_text(census, definition, bytes + length);
    }
    return found;
}

bool ul_census_macro_mentions(ul_census_reader *census, const char *name, const char *word)
{
    ul_reader *reader = census->reader;
    ul_source_file *file, *next;
    HASH_ITER(hh, reader->files, file, next)
    {
        size_t length = 0;
        const char *bytes = file->handle ? ul_reader_contents(reader, file->handle, &length) : NULL;
        const char *at = bytes && *name ? find_definition(bytes, length, name) : NULL, *end = at;
        while (end && end < bytes + length && (*end != '\n' || end[-1] == '\\'))
            end++;
        if (at && memmem(at, (size_t)(end - at), word, strlen(word)))
            return true;
    }
    return false;
}
