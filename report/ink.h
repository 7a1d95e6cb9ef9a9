/*
 * How the text formats write: a buffer with a style in force, text made safe for a terminal (control bytes
 * escaped, invalid UTF-8 replaced, ASCII where nothing else is understood), cut or wrapped by columns.
 * Style never carries meaning alone. For report/ only.
 */
#ifndef UL_REPORT_INK_H
#define UL_REPORT_INK_H

#include <stdint.h>

#include "report/format.h"

typedef enum ul_style {
    UL_STYLE_PLAIN,
    UL_STYLE_STRONG,
    UL_STYLE_FAINT,
    UL_STYLE_HOLE,
    UL_STYLE_MOVED,
    UL_STYLE_NOTE,
    UL_STYLE_WARNING,
    UL_STYLE_ERROR
} ul_style;

typedef struct ul_ink {
    ul_strbuf *out;
    bool is_color;
    bool is_utf8;
    bool is_screen;   /* as ul_render_options */
    uint32_t columns; /* of the terminal, 40 to 100 */
    ul_style style;   /* in force */
} ul_ink;

void ul_ink_init(ul_ink *ink, ul_strbuf *out, const ul_render_options *options);
/* Changes the style from here on. A line must end in UL_STYLE_PLAIN. */
void ul_ink_style(ul_ink *ink, ul_style style);
/* The style of a level's word. */
ul_style ul_ink_level(ul_level level);
/* Writes `text` made safe; returns its columns. */
uint32_t ul_ink_text(ul_ink *ink, const char *text);
/* As _text, for text[0..length-1] and at most `columns` of it; what is longer ends in a mark where there is room. */
uint32_t ul_ink_cut(ul_ink *ink, const char *text, size_t length, uint32_t columns);
/* As _cut on a screen, whole elsewhere: for names, types and code, which somebody may want to read out of a file or a pipe. */
uint32_t ul_ink_fit(ul_ink *ink, const char *text, size_t length, uint32_t columns);
/* Columns that _text would take. */
uint32_t ul_ink_width(const ul_ink *ink, const char *text);
/* `text` word by word in lines of ink->columns, the first from column `at`, the others from `indent`; ends the line. */
void ul_ink_wrap(ul_ink *ink, const char *text, uint32_t at, uint32_t indent);

#endif
