/*
 * What a type is as a way to a record: how many pointers away that is. Asked of nearly every expression, so remembered by type. For the
 * census of this room only.
 */
#ifndef UL_PARSE_SHAPES_H
#define UL_PARSE_SHAPES_H

#include "layout/parse/census.h"

enum { UL_SHAPES_KEPT = 1024 };

typedef struct ul_shape {
    const void *type;  /* libclang's, NULL: none */
    ul_word record;    /* key; "?<tag>" where the unit has no definition; 0: none, or one of the system's */
    uint8_t depth;     /* 1: points to the record, or arrays of it; 2: to pointers to it, at any depth. Arrays count as what they decay to */
    bool is_pointer;
    bool is_void_pointer;
    bool is_function_pointer;
    bool holds_function; /* a pointer to a function, or an array of them */
    bool is_const;     /* what it points to may not be written */
} ul_shape;

typedef struct ul_shapes {
    ul_shape kept[UL_SHAPES_KEPT];
} ul_shapes;

/* Holds until the next call. */
const ul_shape *ul_shape_of(ul_census_reader *census, CXType type);

#endif
