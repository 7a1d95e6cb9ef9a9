/*
 * Static assertions that hold the layout of records: text out of layouts, and where below a record's declaration they
 * stand. The conditions are those of gcc and clang, as C from C89 on and as C++ from C++11 on. Text in, text out: reads no file.
 */
#ifndef UL_REWRITE_GUARD_H
#define UL_REWRITE_GUARD_H

#include "layout/model/lexer.h"
#include "layout/model/record.h"
#include "ullage/strbuf.h"

/* A record on one target. */
typedef struct ul_guarded {
    const ul_record *record;
    const ul_target *target;
    bool holds_all;  /* the offset of every field, not only of those in groups */
    bool is_inner;   /* defined in the body of another: C++ knows it by another name */
} ul_guarded;

typedef struct ul_guard_style {
    const char *newline;
    const char *indent;    /* before each assertion */
    const char *offset_of; /* "offsetof", or "__builtin_offsetof" where <stddef.h> may not be there */
} ul_guard_style;

/* Why a layout cannot be held: one clause, or NULL. Doubt about the layout itself is for the caller to see. */
const char *ul_guard_obstacle(const ul_record *record, const char *bytes, const ul_tokens *tokens, ul_arena *arena);
/* Whether the source asks for it: groups of fields, or `ullage: guard`. */
bool ul_guard_is_asked(const ul_record *record);

/*
 * Appends the assertions for items[0..count-1]; those of one target stand together. Every condition is true of the
 * layouts given. UL_ERR_INPUT when two targets lay a record out otherwise and no macro tells them apart: *detail says which.
 */
ul_status ul_guard_write(ul_strbuf *out, const ul_guarded *items, uint32_t count, const ul_guard_style *style, const char **detail,
                         ul_arena *arena) UL_MUST_USE;

/* How a header of assertions begins. */
#define UL_GUARD_HEADER "/* Holds the layout of records. Made by ullage guard: "
/* The first and the last line of what stands below a record. */
#define UL_GUARD_BEGIN "/* ullage guard: begin */"
#define UL_GUARD_BEGIN_KEPT "/* ullage guard: begin, kept */" /* it stays although nothing in the source asks for it */
#define UL_GUARD_ANY_BEGIN "/* ullage guard: begin"           /* what both begin with */
#define UL_GUARD_END "/* ullage guard: end */"

struct ul_guard_place;
/* What stands between and with both marks at `place`, for items[0..count-1], without a last newline. As ul_guard_write, in `arena`. */
ul_status ul_guard_block(const char **out, const struct ul_guard_place *place, const ul_guarded *items, uint32_t count, const char **detail,
                         ul_arena *arena) UL_MUST_USE;

/*
 * Writes blanks over every guard in bytes[0..length-1], line ends left: everything else stays at its offset. False, and nothing is
 * changed, when there is none.
 */
bool ul_guard_blank(char *bytes, uint64_t length, ul_arena *arena);

typedef struct ul_guard_place {
    ul_span span;         /* of what is there, from its first line's mark to its last line's; empty at the end of a line when there is none */
    const char *obstacle; /* why nothing can stand there, or NULL: one clause */
    const char *newline;  /* as the line before it ends */
    const char *indent;   /* of the declaration, in the arena */
    bool is_kept;         /* the block stays although nothing asks for it */
} ul_guard_place;

/* Where the assertions of `outermost`, a record in no other, stand in bytes[0..length-1]. */
void ul_guard_find(ul_guard_place *out, const ul_record *outermost, const char *bytes, uint32_t length, const ul_tokens *tokens, ul_arena *arena);

#endif
