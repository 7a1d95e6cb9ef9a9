#include "report/markdown_text.h"

#include <string.h>

#include "report/utf8.h"

static size_t longest_run(const char *text, size_t length)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < length; i++) {
        run = text[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

/* Valid UTF-8 without control characters; newlines too unless `has_lines`. */
static void add_clean(ul_strbuf *out, const char *text, size_t length, bool has_lines, bool is_cell)
{
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        bool is_kept = has_lines && (point == '\n' || point == '\t');
        bool is_bidi = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
        if (point == '|' && is_cell)
            ul_strbuf_puts(out, "\\|");
        else if ((bytes == 1 && point == UL_UTF8_REPLACEMENT) || is_bidi)
            ul_strbuf_puts(out, "\xEF\xBF\xBD");
        else if ((point < ' ' && !is_kept) || point == 0x7F)
            ul_strbuf_puts(out, point == '\r' && has_lines ? "" : " ");
        else
            ul_strbuf_add(out, text + at, bytes);
        at += bytes;
    }
}

static void add_code(ul_strbuf *out, const char *text, size_t length)
{
    size_t run = longest_run(text, length);
    bool is_padded = length == 0 || text[0] == '`' || text[length - 1] == '`';
    ul_strbuf_fill(out, '`', run + 1);
    ul_strbuf_puts(out, is_padded ? " " : "");
    add_clean(out, text, length, false, true);
    ul_strbuf_puts(out, is_padded ? " " : "");
    ul_strbuf_fill(out, '`', run + 1);
}

void ul_markdown_code(ul_strbuf *out, const char *text)
{
    add_code(out, text, strlen(text));
}

void ul_markdown_prose(ul_strbuf *out, const char *text)
{
    while (*text) {
        const char *end = *text == '`' ? strchr(text + 1, '`') : NULL;
        if (end && end > text + 1) {
            add_code(out, text + 1, (size_t)(end - text) - 1);
            text = end + 1;
            continue;
        }
        /* A backslash stands before what could be Markdown; & and @ have entities, so that they name nothing. */
        if (*text == '&' || *text == '<' || *text == '@')
            ul_strbuf_puts(out, *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : "&#64;");
        else if (strchr("\\`*_[]>|~#$", *text))
            ul_strbuf_printf(out, "\\%c", *text);
        else {
            size_t plain = strcspn(text, "&<@\\`*_[]>|~#$");
            add_clean(out, text, plain, false, false);
            text += plain;
            continue;
        }
        text++;
    }
}

void ul_markdown_fence(ul_strbuf *out, const char *language, const char *text, size_t length)
{
    size_t run = longest_run(text, length);
    run = run < 3 ? 3 : run + 1;
    ul_strbuf_fill(out, '`', run);
    ul_strbuf_printf(out, "%s\n", language);
    add_clean(out, text, length, true, false);
    if (length && text[length - 1] != '\n')
        ul_strbuf_putc(out, '\n');
    ul_strbuf_fill(out, '`', run);
    ul_strbuf_putc(out, '\n');
}
