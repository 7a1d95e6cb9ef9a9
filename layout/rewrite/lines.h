/*
 * Physical lines of a text: where they begin and end, and the column that a reader sees. Offsets are bytes.
 * For the rewrite room only.
 */
#ifndef UL_REWRITE_LINES_H
#define UL_REWRITE_LINES_H

#include <stdbool.h>
#include <stdint.h>

/* Offset of the first byte of the line that holds bytes[at]. */
uint32_t ul_line_begin(const char *bytes, uint32_t at);
/* Offset just after the newline at or after `at`; `length` when none follows. */
uint32_t ul_line_end(const char *bytes, uint32_t length, uint32_t at);
/* Column of bytes[at] from 0, tab stops every 8, a UTF-8 sequence counted once. */
uint32_t ul_line_column(const char *bytes, uint32_t at);
/* Offset of the first byte at or after `at` that is no blank; `end` at most. Newlines are not blanks. */
uint32_t ul_line_skip_blanks(const char *bytes, uint32_t at, uint32_t end);
/* Newlines in bytes[from..to-1]. */
uint32_t ul_line_count(const char *bytes, uint32_t from, uint32_t to);
/* Newlines in bytes[from..to-1], blank but for newlines and splices. A spliced one does not count; it sets *is_spliced. */
uint32_t ul_line_newlines(const char *bytes, uint32_t from, uint32_t to, bool *is_spliced);
/* Whether a carriage return in bytes[from..to-1] stands without a newline after it. */
bool ul_line_has_lone_cr(const char *bytes, uint32_t from, uint32_t to);

#endif
