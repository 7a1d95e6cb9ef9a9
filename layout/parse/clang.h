/*
 * Small helpers over libclang's C API that every file of this room needs: strings, files, positions.
 * Only layout/parse includes <clang-c/...>, and only through this header.
 */
#ifndef UL_PARSE_CLANG_H
#define UL_PARSE_CLANG_H

#include <clang-c/Index.h>

#include "layout/model/unit.h"

/* Copies `string` into `arena` and disposes it. Never NULL. */
const char *ul_clang_text(CXString string, ul_arena *arena);

/* Where something stands in the file that its characters were read from: a macro's result at its expansion,
 * its arguments where written. */
typedef struct ul_clang_place {
    CXFile file; /* NULL: nowhere */
    uint32_t line, column, offset;
} ul_clang_place;

ul_clang_place ul_clang_place_of(CXSourceLocation location);
ul_clang_place ul_clang_cursor_place(CXCursor cursor);
/* File and offset alone: lines have to be counted. */
ul_clang_place ul_clang_offset_of(CXSourceLocation location);


/* The type below typedefs, elaboration and attributes; qualifiers stay. */
CXType ul_clang_bare_type(CXType type);
/* Below arrays too. */
CXType ul_clang_element_type(CXType type);
/* `type` as spelt, the same for every version of libclang: unnamed records as "struct <anonymous>". In
 * `arena`. */
const char *ul_clang_type_text(CXType type, ul_arena *arena);
/* Whether `type`'s spelling rests on a typedef or record that the compiler rejected; *name says which, in
 * `arena`. */
bool ul_clang_type_is_invalid(CXType type, ul_arena *arena, const char **name);

#endif
