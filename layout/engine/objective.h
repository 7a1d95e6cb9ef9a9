/*
 * What an arrangement of a record's declarations costs those who use it, so that arrangements can be compared. The terms:
 *   touches    sum over contexts c of n_c * (lines that its fields lie on) * m_c
 *   coherence  kappa * sum over pairs of fields on one line of CL(f, g)
 *   size       what larger objects cost, and another class of the allocator; a few last bytes that take a whole line
 *   straddles  fields of at most a line that cross one
 *   moves      fields that change places, and lines that are begun by hand: a diff is read by people
 *   CL(f, g) = L(f, g) + L(g, f), L(f, g) = sum over roles p, q that may run at once (ul_usage_roles_race) of what min(W_p(f) - A_q(f), A_q(g)) exceeds
 *   the larger of min(W_p(g), A_q(g)) and min(A_p(g), W_q(g)), accesses per unit of time: what q fetches either line for anyway is not lost by sharing it.
 *   To p's accesses of g belong those of owners that write f as p, and where p is not known, those of all that race with q. Nothing of a field of more
 *   than a line is fetched anyway: which part is used is not known. Of A of the first minimum only
 *   accesses for owners that do not touch the other field as well: those pay for its line anyway. Of both only accesses that some of the other may
 *   meet: what is done under one lock comes one after the other, and the line goes along with the lock. Of rivals
 *   (usage.h) at least as much as the one that is written less.
 * Where objects stand in arrays, a field also meets those of the next object on its line: which of them a thread uses is not known.
 * Where objects may begin anywhere, every term about lines is the mean over the beginnings. Pure; for the planner of use_plan.h and its tests.
 */
#ifndef UL_ENGINE_OBJECTIVE_H
#define UL_ENGINE_OBJECTIVE_H

#include "layout/engine/units.h"
#include "layout/model/usage.h"

/* One line of a resident object: L1 hit beside L2 hit, about a ns (reference: "1 if sequential or L2-resident"). */
#define UL_TOUCH_RESIDENT_NS 1.0
/* One line of an object that is met once a turn: between a hit in a large last level and memory (20 to 100 ns). A choice at the low end: that code walks is a guess. */
#define UL_TOUCH_WALK_NS 20.0
/*
 * The same where function bodies alone tell, unless they walk over many objects: its lines are then in the cache as far as anybody knows. Choices: without
 * them redis, haproxy and libuv were told to move fields about for a few guessed percent, which nobody would take.
 */
#define UL_TOUCH_GUESSED_NS 0.0
#define UL_MANY_OBJECTS 1000
/* Kappa: a write to a line that another processor has; 50 to 60 ns at every spacing, measured on two processors of a virtual machine. */
#define UL_TRANSFER_NS 57.0
/* The others are parts of what the use costs today (touches + coherence): they weigh the same whatever the unit of time. All of them are choices. */
#define UL_SIZE_PART_PER_MIB 0.01  /* alpha: of all objects together; half an L2 of 2 MiB */
#define UL_CLASS_PART 0.01         /* beta: objects take more of the heap each */
#define UL_TAIL_PART 0.2           /* of a few last bytes that take a line: what `check` warns of, so rather some moves more */
#define UL_STRADDLE_PART 0.001     /* gamma: beside the second line, which touches count */
#define UL_MOVE_PART 0.005         /* delta: of a moved field, and of a line begun by hand */
#define UL_GUESSED_MOVE_PART 0.03  /* delta where function bodies alone tell: their counts are guesses, and what is moved for one has to bring more */
#define UL_USE_LEAST_GAIN 0.01     /* below it a change is not worth while (reference (b), guard rails) */
#define UL_USE_LEAST_GUESSED_GAIN 0.10 /* the same where function bodies alone tell, whose counts are guesses: 10 for a loop. A choice */
#define UL_GUESSED_MOVES_MAX 3 /* fields, where function bodies alone tell and no line is begun: more is for a profile to ask for. A choice */
#define UL_GUESSED_LEFT_PART 0.1   /* of the coherence term that such an order may leave: one that keeps fields apart at some beginnings only is no isolation. A choice */
#define UL_UNKNOWN_INSTANCES 1000.0

/* An order of units, and which of them begin a line: is_aligned[unit]. */
typedef struct ul_arrangement {
    uint32_t *order;
    bool *is_aligned;
} ul_arrangement;

typedef struct ul_objective ul_objective;

/*
 * For the pieces of `units` on `target`, which are those of the direct fields of `record` in source order. Lines are the target's, coherence counts
 * on its span. Lives in `arena`.
 */
ul_objective *ul_objective_new(const ul_units *units, uint32_t target, const ul_record *record, const ul_usage *usage, ul_arena *arena);
/* What `at` costs. *size_bytes (may be NULL) is the size of the record then. */
ul_use_cost ul_objective_cost(ul_objective *of, const ul_arrangement *at, uint64_t *size_bytes);
/* CL of two direct fields, by their places among the direct fields, in ns. */
double ul_objective_loss(const ul_objective *of, uint32_t a, uint32_t b);
/* ns per unit of time that a field is touched for; 0 when nothing touches it. */
double ul_objective_heat(const ul_objective *of, uint32_t piece);
/* How often it is written, per unit of time. */
double ul_objective_writes(const ul_objective *of, uint32_t piece);
/* Gain of having two fields on one line: sum over contexts that touch both. */
double ul_objective_affinity(const ul_objective *of, uint32_t a, uint32_t b);
/* What a unit is aligned to that begins a line: a line or the span, whichever is more, of the target that has most. */
uint64_t ul_objective_align_bits(const ul_objective *of);

#endif
