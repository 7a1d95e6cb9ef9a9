#include "layout/rewrite/lines.h"

#include <string.h>

enum { TAB_COLUMNS = 8 };

uint32_t ul_line_begin(const char *bytes, uint32_t at)
{
    while (at > 0 && bytes[at - 1] != '\n')
        at--;
    return at;
}

uint32_t ul_line_end(const char *bytes, uint32_t length, uint32_t at)
{
    const char *newline = at < length ? memchr(bytes + at, '\n', length - at) : NULL;
    return newline ? (uint32_t)(newline - bytes) + 1 : length;
}

uint32_t ul_line_column(const char *bytes, uint32_t at)
{
    uint32_t column = 0;
    for (uint32_t i = ul_line_begin(bytes, at); i < at; i++) {
        if (bytes[i] == '\t')
            column += TAB_COLUMNS - column % TAB_COLUMNS;
        else if (((unsigned char)bytes[i] & 0xc0) != 0x80)
            column++;
    }
    return column;
}

uint32_t ul_line_skip_blanks(const char *bytes, uint32_t at, uint32_t end)
{
    while (at < end && (bytes[at] == ' ' || bytes[at] == '\t' || bytes[at] == '\r' || bytes[at] == '\f' ||
                        bytes[at] == '\v' || bytes[at] == '\0'))
        at++;
    return at;
}

uint32_t ul_line_count(const char *bytes, uint32_t from, uint32_t to)
{
    uint32_t lines = 0;
    for (uint32_t i = from; i < to; i++)
        lines += bytes[i] == '\n';
    return lines;
}

uint32_t ul_line_newlines(const char *bytes, uint32_t from, uint32_t to, bool *is_spliced)
{
    uint32_t count = 0;
    bool is_after_backslash = false;
    for (uint32_t i = from; i < to; i++) {
        if (bytes[i] == '\\') {
            is_after_backslash = true;
            *is_spliced = true;
        } else if (bytes[i] == '\n') {
            count += !is_after_backslash;
            is_after_backslash = false;
        }
    }
    return count;
}

bool ul_line_has_lone_cr(const char *bytes, uint32_t from, uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        if (bytes[i] == '\r' && (i + 1 == to || bytes[i + 1] != '\n'))
            return true;
    }
    return false;
}
