#include "layout/rewrite/comments.h"

#include <string.h>

enum { RULE_LENGTH = 3, TITLE_WORDS = 2 };

static bool starts(const char *bytes, ul_span span, const char *text)
{
    size_t length = strlen(text);
    return span.end - span.begin >= length && memcmp(bytes + span.begin, text, length) == 0;
}

static bool holds(const char *bytes, ul_span span, const char *text)
{
    return memmem(bytes + span.begin, span.end - span.begin, text, strlen(text)) != NULL;
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || (unsigned char)byte >= 0x80;
}

/* Without delimiters and the blanks and stars beside them. */
static ul_span inner(const char *bytes, ul_span span)
{
    ul_span in = {span.begin + 2, span.end};
    if (bytes[span.begin + 1] == '*' && in.end >= in.begin + 2)
        in.end -= 2;
    if (in.end > in.begin && (bytes[in.begin] == '!' || bytes[in.begin] == '*' || bytes[in.begin] == '/'))
        in.begin++;
    while (in.begin < in.end && strchr(" \t\r\n", bytes[in.begin]))
        in.begin++;
    while (in.end > in.begin && strchr(" \t\r\n", bytes[in.end - 1]))
        in.end--;
    return in;
}

bool ul_comment_is_line(const char *bytes, ul_span span)
{
    return starts(bytes, span, "//");
}

bool ul_comment_is_back(const char *bytes, ul_span span)
{
    return starts(bytes, span, "///<") || starts(bytes, span, "//!<") || starts(bytes, span, "/**<") ||
           starts(bytes, span, "/*!<");
}

static bool opens_group(const char *bytes, ul_span span)
{
    static const char *const words[] = {"@{", "\\{", "@name", "\\name", "@defgroup", "\\defgroup"};
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (holds(bytes, span, words[i]))
            return true;
    }
    return false;
}

bool ul_comment_is_closer(const char *bytes, ul_span span)
{
    return holds(bytes, span, "@}") || holds(bytes, span, "\\}") || holds(bytes, span, "clang-format o") ||
           holds(bytes, span, "*INDENT-O");
}

bool ul_comment_is_doc(const char *bytes, ul_span span)
{
    if (ul_comment_is_back(bytes, span) || ul_comment_is_closer(bytes, span) || opens_group(bytes, span) ||
        starts(bytes, span, "/***") || starts(bytes, span, "////") || starts(bytes, span, "/**/"))
        return false;
    return starts(bytes, span, "/**") || starts(bytes, span, "///") || starts(bytes, span, "/*!") ||
           starts(bytes, span, "//!");
}

bool ul_comment_is_heading(const char *bytes, ul_span span)
{
    if (ul_comment_is_closer(bytes, span))
        return false;
    if (opens_group(bytes, span))
        return true;
    uint32_t same = 0;
    for (uint32_t i = span.begin + 1; i < span.end; i++) {
        bool is_rule = strchr("-=*#~_+", bytes[i]) && bytes[i];
        same = is_rule && (same == 0 || bytes[i] == bytes[i - 1]) ? same + 1 : is_rule;
        if (same > RULE_LENGTH)
            return true;
        if (same == RULE_LENGTH && bytes[i] != '*' && bytes[i] != '_')
            return true;
    }
    ul_span in = inner(bytes, span);
    return in.end > in.begin && bytes[in.end - 1] == ':' && !memchr(bytes + in.begin, '\n', in.end - in.begin);
}

bool ul_comment_is_title(const char *bytes, ul_span span)
{
    ul_span in = inner(bytes, span);
    uint32_t words = 0;
    for (uint32_t i = in.begin; i < in.end; i++) {
        if (bytes[i] == '\n' || bytes[i] == ';' || bytes[i] == '=')
            return false;
        words += is_word_byte(bytes[i]) && (i == in.begin || !is_word_byte(bytes[i - 1]));
    }
    return words > 0 && words <= TITLE_WORDS && bytes[in.end - 1] != '.';
}

bool ul_comment_mentions(const char *bytes, ul_span span, const char *word)
{
    size_t length = strlen(word);
    if (length == 0)
        return false;
    for (uint32_t at = span.begin; at + length <= span.end; at++) {
        if (memcmp(bytes + at, word, length) == 0 && !is_word_byte(bytes[at - 1]) &&
            (at + length == span.end || !is_word_byte(bytes[at + length])))
            return true;
    }
    return false;
}
