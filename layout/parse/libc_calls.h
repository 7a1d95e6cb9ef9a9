/*
 * What functions of libc do with the pointers that they are given, from their man pages: which keep none, which return one, which leave an address
 * inside of one where another argument points. Only what a header of the system declares counts: a project may have a send() of its own. What is
 * not listed may keep what it is given (setvbuf, putenv, strtok's state, getpwnam_r, tsearch). For the parse room only.
 */
#ifndef UL_PARSE_LIBC_CALLS_H
#define UL_PARSE_LIBC_CALLS_H

#include "layout/parse/clang.h"

/* What a call does with the argument asked about. */
typedef struct ul_lending {
    bool returns;        /* the result may point into it */
    bool fills;          /* bytes of a file are read into it */
    bool is_token;       /* strtok(): later calls with a null pointer return addresses inside of it */
    int inside_argument; /* an address inside of it comes back through this argument (strtol's end); -1: none */
} ul_lending;

/* Whether `function` is libc's and keeps nothing of the pointer that is its argument there, but for what *out tells. */
bool ul_libc_lends(ul_lending *out, CXCursor function, uint32_t argument);
/* Whether a header of the system, or the compiler, declares it, and no source of the project defines it. */
bool ul_libc_declares(CXCursor function);
/* Whether the function prints what stands behind its `...`: printf and its like of libc, or `__attribute__((format(printf, ...)))`. */
bool ul_libc_prints(CXCursor function);
/* vprintf() and its like, which print what a va_list holds. */
bool ul_libc_prints_list(CXCursor function);
/* Whether the attributes of a declaration, as the compiler has them after macros, have `word`. */
bool ul_attributes_have(CXCursor declaration, const char *word);

#endif
