/*
 * An initializer list taken apart: which of its values set which field, by C11 6.7.9p17-p22 on the list as written, and where each stands
 * in the file. initializers.c places values, initializer_text.c finds them in the text. For these two files only.
 */
#ifndef UL_PARSE_INITIALIZERS_H
#define UL_PARSE_INITIALIZERS_H

#include "layout/parse/uses.h"

/* What stands between two commas of the list. */
typedef struct ul_list_child {
    CXCursor cursor;
    CXCursor value;        /* behind the designators */
    CXCursor first_member; /* what the first designator names, when it is `.field` */
    const char *field;     /* its name, or NULL */
    uint32_t steps;        /* designators; 0: by position */
    ul_span span, text;    /* the item, and its value, in the file */
    ul_span inner;         /* what is in the braces of a value of one item, else empty */
} ul_list_child;

/* What sets one field of a struct: children first to last. */
typedef struct ul_list_item {
    const char *field; /* "" for an anonymous member */
    uint32_t first, last;
    bool is_designated, is_elided;
    bool is_unwrapped; /* `field` is the first of an anonymous union's: of a braced value, what is in the braces */
} ul_list_item;

typedef struct ul_list {
    ul_use_reader *uses;
    CXCursor cursor;
    ul_list_child *children;
    uint32_t child_count, child_capacity;
    const char *obstacle;  /* of the whole list, or NULL */
    const char *macro;
    ul_clang_place place;
    const ul_source_file *file;
    ul_span span;          /* braces included */
} ul_list;

/*
 * Finds the list's braces and the text of its children; sets macro or obstacle when it is not written out in one file, value by value.
 * list->place and ->file are filled in any case; false when the list is in no file.
 */
bool ul_list_find_text(ul_list *list);

#endif
