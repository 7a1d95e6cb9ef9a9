/*
 * Bytes that claim to be text: decoding UTF-8, the columns that it takes on a terminal, and a clean copy for
 * documents. Strict: overlong forms, surrogates and values over U+10FFFF are invalid, a byte at a time.
 * For report/ only; nothing here knows the locale.
 */
#ifndef UL_REPORT_UTF8_H
#define UL_REPORT_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "ullage/arena.h"

enum { UL_UTF8_REPLACEMENT = 0xFFFD };

/* Reads one code point of text[0..length-1], length > 0, and returns its bytes. Invalid: U+FFFD and 1. */
size_t ul_utf8_decode(uint32_t *point, const char *text, size_t length);
/* Columns of a code point: 0 for combining marks, 2 for East Asian wide ones and emoji, else 1. */
uint32_t ul_utf8_width(uint32_t point);
/* `text` itself when it is valid, else a copy in `arena` with each invalid byte as U+FFFD. */
const char *ul_utf8_clean(const char *text, ul_arena *arena);

#endif
