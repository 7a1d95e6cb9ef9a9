/*
 * What the planner moves: a record's declarations as units, cut into segments that may not exchange places. A declaration group
 * is one unit, a run of bit-fields is one, whatever is pinned is a segment of its own. Pure; for the planner only.
 */
#ifndef UL_ENGINE_UNITS_H
#define UL_ENGINE_UNITS_H

#include "layout/engine/plan.h"

/* A direct field as the layout rules see it. */
typedef struct ul_piece {
    uint64_t size_bits;
    uint64_t align_bits;
    uint64_t storage_bits; /* bit-fields, else 0 */
    bool is_bits;
    bool may_cross; /* a bit-field that may cross the boundaries of its type */
} ul_piece;

typedef struct ul_move_unit {
    uint32_t first_field; /* index into ul_units.fields */
    uint32_t field_count; /* what a move of it costs */
    uint32_t first_piece, piece_count;
    uint32_t segment;
    uint32_t form;  /* units of one form have the same pieces on every target */
    uint32_t kind;  /* units of one kind leave the same padding wherever they stand; coarser than form */
    bool starts_with_bits, ends_with_bits;
    uint64_t least_bits[UL_TARGETS_MAX]; /* no place makes it take less */
} ul_move_unit;

typedef struct ul_units { // ullage: ignore[reorder-saves] -- one at a time
    ul_move_unit *items; /* in source order */
    uint32_t count;
    uint32_t *fields;    /* direct fields of the record, unit by unit */
    uint32_t field_count;
    ul_piece *pieces;    /* piece i on target t: pieces[t * field_count + i] */
    uint32_t form_count, kind_count;
    uint32_t segment_count;
    const ul_target *targets;
    uint32_t target_count;
    uint64_t align_bits[UL_TARGETS_MAX]; /* of the whole record */
    /* Widest alignment of any piece, and at least the record's: an unnamed bit-field may align more than the record does. */
    uint64_t modulus_bits[UL_TARGETS_MAX];
    bool passes_lines;   /* of the request, and no word lets others onto lines that were begun */
    bool may_join_bits;  /* runs of bit-fields may become neighbours */
    uint32_t held_by;    /* bits of ul_allow that would free something here */
} ul_units;

/* Cuts the request's record into units under `allow`. UL_ERR_INPUT when the records do not have the same fields. */
ul_status ul_units_build(ul_units *out, const ul_plan_request *request, uint32_t allow, ul_arena *arena) UL_MUST_USE;
/*
 * The same units with sizes cut down to what matters for padding: units of one kind are then of one form. Line straddles mean
 * nothing in it; `cut_bits` is by how much each target's record is smaller.
 */
void ul_units_reduce(ul_units *out, uint64_t *cut_bits, const ul_units *units, ul_arena *arena);
/* Whether the piece at `place` has a line's alignment on some target. */
bool ul_units_begins_line(const ul_units *units, uint32_t place);
/* Where a piece begins that is placed at or behind `at_bits`. */
uint64_t ul_units_place_piece(const ul_piece *piece, uint64_t at_bits);
/* Where `unit` ends on `target` when it is placed at `at_bits`: it grows with at_bits. */
uint64_t ul_units_place(const ul_units *units, uint32_t unit, uint32_t target, uint64_t at_bits);
/* The same, counting in *straddles the pieces of at most a line that cross one. */
uint64_t ul_units_place_counting(const ul_units *units, uint32_t unit, uint32_t target, uint64_t at_bits, uint32_t *straddles);
/* Size in bits of a record on `target` whose last field ends at `end_bits`. */
uint64_t ul_units_size(const ul_units *units, uint32_t target, uint64_t end_bits);
/* Widest alignment in bits of the units [begin, end) on `target`: padding among them depends on nothing coarser. */
uint64_t ul_units_widest(const ul_units *units, uint32_t begin, uint32_t end, uint32_t target);
/*
 * How many units of `unit`'s kind together take a multiple of widest[t] on every target, 0 when their size is no multiple of their
 * alignment. That many, moved next to another of the kind, change no padding there and leave none behind: so all but
 * ul_units_apart(k, period) of k units can stand together, and no smaller size is lost.
 */
uint64_t ul_units_period(const ul_units *units, uint32_t unit, const uint64_t *widest);
uint32_t ul_units_apart(uint32_t count, uint64_t period);
/* Whether `next` may stand right behind `before`: other runs of bit-fields than the source has may not become neighbours. */
bool ul_units_may_follow(const ul_units *units, uint32_t before, uint32_t next);
/* Sizes in bits of the whole order of units on every target. */
void ul_units_measure(const ul_units *units, const uint32_t *order, uint64_t *size_bits);

#endif
