#include "report/ink.h"

#include <stdio.h>
#include <string.h>

#include "report/utf8.h"

void ul_ink_init(ul_ink *ink, ul_strbuf *out, const ul_render_options *options)
{
    uint32_t columns = options->columns ? options->columns : 80;
    *ink = (ul_ink){
        .out = out,
        .is_color = options->is_color,
        .is_utf8 = options->is_utf8,
        .is_screen = options->is_screen,
        .columns = columns < 40 ? 40 : columns > 100 ? 100 : columns,
        .style = UL_STYLE_PLAIN,
    };
}

void ul_ink_style(ul_ink *ink, ul_style style)
{
    static const char *const codes[] = {"0", "1", "2", "31", "32", "36", "33", "1;31"};
    if (ink->is_color && style != ink->style)
        ul_strbuf_printf(ink->out, "\033[%s%sm", ink->style && style ? "0;" : "", codes[style]);
    ink->style = style;
}

ul_style ul_ink_level(ul_level level)
{
    return level == UL_LEVEL_ERROR ? UL_STYLE_ERROR : level == UL_LEVEL_WARNING ? UL_STYLE_WARNING : UL_STYLE_NOTE;
}

/* What is written for one code point: bytes in piece[], returns its columns. */
static uint32_t piece_of(const ul_ink *ink, char piece[8], uint32_t point, const char *bytes, size_t length)
{
    if (point < 0x20 || (point >= 0x7F && point < 0xA0))
        return (uint32_t)snprintf(piece, 8, "\\x%02x", (unsigned)point);
    if (point < 0x7F) {
        piece[0] = (char)point;
        piece[1] = '\0';
        return 1;
    }
    if (!ink->is_utf8) {
        memcpy(piece, "?", 2);
        return 1;
    }
    if (point == UL_UTF8_REPLACEMENT) {
        memcpy(piece, "\xEF\xBF\xBD", 4);
        return 1;
    }
    /* Marks that turn the direction of text could hide what a diagnostic says. */
    if ((point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069)) {
        memcpy(piece, "?", 2);
        return 1;
    }
    memcpy(piece, bytes, length);
    piece[length] = '\0';
    return ul_utf8_width(point);
}

/* Writes code points while they fit in `columns`; returns the columns used, *end is how far it came. */
static uint32_t write_some(const ul_ink *ink, ul_strbuf *out, const char *text, size_t length, uint32_t columns, size_t *end)
{
    uint32_t used = 0;
    size_t at = 0;
    while (at < length) {
        uint32_t point;
        char piece[8];
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        uint32_t width = piece_of(ink, piece, point, text + at, bytes);
        if (width > columns - used)
            break;
        if (out)
            ul_strbuf_puts(out, piece);
        used += width;
        at += bytes;
    }
    *end = at;
    return used;
}

uint32_t ul_ink_text(ul_ink *ink, const char *text)
{
    size_t end;
    return write_some(ink, ink->out, text, strlen(text), UINT32_MAX, &end);
}

uint32_t ul_ink_width(const ul_ink *ink, const char *text)
{
    size_t end;
    return write_some(ink, NULL, text, strlen(text), UINT32_MAX, &end);
}

uint32_t ul_ink_cut(ul_ink *ink, const char *text, size_t length, uint32_t columns)
{
    size_t end;
    write_some(ink, NULL, text, length, columns, &end);
    if (end == length)
        return write_some(ink, ink->out, text, length, columns, &end);
    if (columns < 4)
        return write_some(ink, ink->out, text, length, columns, &end);
    uint32_t used = write_some(ink, ink->out, text, length, columns - 1, &end);
    ul_strbuf_puts(ink->out, ink->is_utf8 ? "\xE2\x80\xA6" : ".");
    return used + 1;
}

uint32_t ul_ink_fit(ul_ink *ink, const char *text, size_t length, uint32_t columns)
{
    return ul_ink_cut(ink, text, length, ink->is_screen ? columns : UINT32_MAX);
}

/* Bytes up to the next place where a line may end: a blank, but not one inside short `quotes` or between an option and its value. */
static size_t word_length(const char *text)
{
    enum { QUOTE_MAX = 56 };
    size_t length = strcspn(text, " \n"), quotes = 0;
    for (size_t i = 0; i < length; i++)
        quotes += text[i] == '`';
    if (length > 2 && text[0] == '-' && text[1] == '-' && text[length] == ' ')
        return length + 1 + strcspn(text + length + 1, " \n");
    if (quotes % 2 == 0)
        return length;
    size_t close = length + strcspn(text + length, "`\n");
    if (text[close] != '`' || close > QUOTE_MAX)
        return length;
    return close + strcspn(text + close, " \n");
}

void ul_ink_wrap(ul_ink *ink, const char *text, uint32_t at, uint32_t indent)
{
    bool is_first = true;
    for (;;) {
        text += strspn(text, " \n");
        if (!*text)
            break;
        size_t length = word_length(text), end;
        uint32_t width = write_some(ink, NULL, text, length, UINT32_MAX, &end);
        if (!is_first && at + 1 + width > ink->columns) {
            ul_strbuf_putc(ink->out, '\n');
            ul_strbuf_fill(ink->out, ' ', indent);
            at = indent;
        } else if (!is_first) {
            ul_strbuf_putc(ink->out, ' ');
            at++;
        }
        at += write_some(ink, ink->out, text, length, UINT32_MAX, &end);
        text += length;
        is_first = false;
    }
    ul_strbuf_putc(ink->out, '\n');
}
