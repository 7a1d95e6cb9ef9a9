#include "report/utf8.h"

#include <stdbool.h>
#include <string.h>

size_t ul_utf8_decode(uint32_t *point, const char *text, size_t length)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)text[0];
    size_t bytes = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
    if (bytes == 1) {
        *point = lead;
        return 1;
    }
    *point = UL_UTF8_REPLACEMENT;
    if (bytes == 0 || bytes > length)
        return 1;
    uint32_t value = lead & (0x7Fu >> bytes);
    for (size_t i = 1; i < bytes; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (next & 0x3Fu);
    }
    if (value < smallest[bytes] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return 1;
    *point = value;
    return bytes;
}

uint32_t ul_utf8_width(uint32_t point)
{
    /* Enough for identifiers and comments: the blocks of Unicode 15, East Asian Width W and F. */
    static const struct {
        uint32_t first, last, width;
    } blocks[] = {
        {0x0300, 0x036F, 0},   {0x1AB0, 0x1AFF, 0},   {0x1DC0, 0x1DFF, 0},   {0x200B, 0x200F, 0},
        {0x20D0, 0x20FF, 0},   {0xFE00, 0xFE0F, 0},   {0xFE20, 0xFE2F, 0},   {0x1100, 0x115F, 2},
        {0x2E80, 0x303E, 2},   {0x3041, 0xA4CF, 2},   {0xAC00, 0xD7A3, 2},   {0xF900, 0xFAFF, 2},
        {0xFE30, 0xFE6F, 2},   {0xFF00, 0xFF60, 2},   {0xFFE0, 0xFFE6, 2},   {0x1F300, 0x1F64F, 2},
        {0x1F900, 0x1F9FF, 2}, {0x20000, 0x3FFFD, 2},
    };
    if (point < 0x300)
        return 1;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        if (point >= blocks[i].first && point <= blocks[i].last)
            return blocks[i].width;
    }
    return 1;
}

/* Bytes before the first invalid one. */
static size_t valid_length(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        uint32_t point;
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        if (bytes == 1 && point == UL_UTF8_REPLACEMENT)
            break;
        at += bytes;
    }
    return at;
}

const char *ul_utf8_clean(const char *text, ul_arena *arena)
{
    size_t length = strlen(text);
    size_t valid = valid_length(text, length);
    if (valid == length)
        return text;
    char *clean = UL_NEW_ARRAY(arena, char, valid + (length - valid) * 3 + 1);
    size_t to = 0;
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        bool is_invalid = bytes == 1 && point == UL_UTF8_REPLACEMENT;
        memcpy(clean + to, is_invalid ? "\xEF\xBF\xBD" : text + at, is_invalid ? 3 : bytes);
        to += is_invalid ? 3 : bytes;
        at += bytes;
    }
    return clean;
}
