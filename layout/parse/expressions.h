/*
 * Looking into expressions without an operator API, which libclang 14 lacks: it tells kinds and types of cursors, the shape tells the rest.
 * Everything is asked of one cursor and what is below it; nothing is kept. For the parse room only.
 */
#ifndef UL_PARSE_EXPRESSIONS_H
#define UL_PARSE_EXPRESSIONS_H

#include "layout/parse/uses.h"

ul_operands ul_operands_of(const ul_use_reader *uses, CXCursor cursor);
/* One of the first UL_OPERANDS_MAX, or the null cursor. */
CXCursor ul_expression_operand(const ul_reader *reader, CXCursor expression, uint32_t index);
/* Below parentheses and what libclang has no name for: implicit casts, atomic builtins; `uncast`: below written casts too. */
CXCursor ul_expression_stripped(const ul_reader *reader, CXCursor expression);
CXCursor ul_expression_uncast(const ul_reader *reader, CXCursor expression);
/* `cursor` without parentheses and conversions, written or not. */
CXCursor ul_expression_strip(const ul_use_reader *uses, CXCursor cursor);
/* The same, and where that is a local void pointer, what it was declared to hold: `void *p = buffer; struct s *s = p;`. */
CXCursor ul_expression_source(const ul_use_reader *uses, CXCursor cursor);
/* The type that a pointer points to or an array holds, below typedefs; kind CXType_Invalid when `type` is neither. */
CXType ul_pointee(CXType type);
/* The record that the value of `cursor`, a stripped expression, points to; NULL: none, or none that is wanted or holds one that is. */
const ul_used_record *ul_pointed_record(ul_use_reader *uses, CXCursor cursor);
/* Any record, wanted or not. */
const ul_used_record *ul_pointed_any(ul_use_reader *uses, CXType type);
bool ul_is_character(CXType bare);
bool ul_is_pointer(CXType bare);
bool ul_is_integer(CXType bare);
/* Whether two types are the same but for qualifiers; any two pointers are. */
bool ul_is_same_type(CXType bare, CXType other);
/* Whether `cursor` is an integer constant, and its value. */
bool ul_expression_value(CXCursor cursor, long long *value);
/* Whether it is `offsetof(...)`; the record that it counts in and the first field that it names. */
bool ul_expression_offsetof(ul_use_reader *uses, CXCursor cursor, const ul_used_record **record, CXCursor *field);
/* Whether it is `&object.field` or an array field on its way to a pointer, not counting the address of a null pointer's. */
bool ul_expression_field_address(ul_use_reader *uses, CXCursor stripped, const ul_used_record **record, CXCursor *field);
/* What is somewhere in an expression: bits of ul_content. `record` (may be NULL) is the one whose sizeof counts. */
enum ul_content { UL_HOLDS_SIZEOF = 1, UL_HOLDS_OFFSETOF = 2, UL_HOLDS_RECORD_POINTER = 4, UL_HOLDS_DIFFERENCE = 8, UL_HOLDS_CALL = 16 };
uint32_t ul_expression_content(ul_use_reader *uses, CXCursor cursor, const ul_used_record *record);
/* As written, for people; "..." when it is long. In the unit's arena. */
const char *ul_expression_text(ul_use_reader *uses, CXCursor cursor);
/* The operator between two operands, as far as the text has one token there: '<', 'L' for `<=`, '>', 'G' for `>=`, '=' for `==`, 'A' for `=`,
 * '+', 'P' for `+=`, '*'; else 0. */
char ul_operator_between(ul_use_reader *uses, CXCursor left, CXCursor right);

#endif
