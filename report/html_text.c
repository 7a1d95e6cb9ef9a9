#include "report/html_text.h"

#include <string.h>

#include "report/utf8.h"

void ul_html_add(ul_strbuf *out, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        uint32_t point;
        size_t bytes = ul_utf8_decode(&point, text + at, length - at);
        /* Noncharacters and the C1 block are parse errors; bidirectional controls could make code read as other code (CVE-2021-42574). */
        bool is_bidi = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
        bool is_bad = (point < ' ' && point != '\t' && point != '\n') || (point >= 0x7F && point < 0xA0) || (point & 0xFFFE) == 0xFFFE ||
                      (point >= 0xFDD0 && point <= 0xFDEF) || (bytes == 1 && point == UL_UTF8_REPLACEMENT) || is_bidi;
        const char *entity = point == '&' ? "&amp;" : point == '<' ? "&lt;" : point == '>' ? "&gt;" : point == '"' ? "&quot;" : point == '\'' ? "&#39;" : NULL;
        if (is_bad)
            ul_strbuf_puts(out, "\xEF\xBF\xBD");
        else if (entity)
            ul_strbuf_puts(out, entity);
        else
            ul_strbuf_add(out, text + at, bytes);
        at += bytes;
    }
}

void ul_html_text(ul_strbuf *out, const char *text)
{
    ul_html_add(out, text, strlen(text));
}
