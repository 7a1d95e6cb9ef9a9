/* Numbers and words of a line; locale plays no part. */
#include "layout/profile/maker.h"

#include <math.h>
#include <stdlib.h>

enum { NUMBER_MAX = 40 };

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

ul_str ul_trim(ul_str text)
{
    while (text.length && is_blank(text.data[0]))
        text = ul_str_slice(text, 1, text.length);
    while (text.length && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

ul_str ul_word_cut(ul_str *rest)
{
    ul_str text = ul_trim(*rest);
    size_t length = 0;
    while (length < text.length && !is_blank(text.data[length]))
        length++;
    *rest = ul_str_slice(text, length, text.length);
    return ul_str_slice(text, 0, length);
}

static int digit_of(char byte, unsigned base)
{
    int value = is_digit(byte) ? byte - '0' : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : 99;
    return value < (int)base ? value : -1;
}

bool ul_parse_count(uint64_t *out, ul_str text)
{
    text = ul_trim(text);
    unsigned base = 10;
    uint64_t value = 0;
    if (ul_str_starts_with(text, UL_STR("0x"))) {
        base = 16;
        text = ul_str_slice(text, 2, text.length);
    }
    if (!text.length)
        return false;
    for (size_t i = 0; i < text.length; i++) {
        int digit = digit_of(text.data[i], base);
        if (digit < 0 || __builtin_mul_overflow(value, base, &value) || __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *out = value;
    return true;
}

bool ul_parse_number(double *out, ul_str text)
{
    text = ul_trim(text);
    double value = 0, unit = 1;
    size_t i = 0, digits = 0;
    if (text.length > NUMBER_MAX)
        return false;
    for (; i < text.length && is_digit(text.data[i]); i++, digits++)
        value = value * 10 + (text.data[i] - '0');
    if (i < text.length && text.data[i] == '.') {
        for (i++; i < text.length && is_digit(text.data[i]); i++, digits++) {
            unit *= 10;
            value = value * 10 + (text.data[i] - '0');
        }
    }
    *out = value / unit;
    return digits && i == text.length && isfinite(*out);
}

bool ul_parse_percent(double *out, ul_str text)
{
    text = ul_trim(text);
    if (!ul_str_ends_with(text, UL_STR("%")))
        return false;
    return ul_parse_number(out, ul_str_slice(text, 0, text.length - 1));
}

bool ul_str_has(ul_str text, const char *part, size_t *at)
{
    ul_str wanted = ul_str_of_cstr(part);
    for (size_t i = 0; i + wanted.length <= text.length; i++) {
        if (ul_str_starts_with(ul_str_slice(text, i, text.length), wanted)) {
            if (at)
                *at = i;
            return true;
        }
    }
    return false;
}
