/*
 * What run-time code does to each field of a record, line by line: the common ground of the rules about shared cache lines.
 * Built from the census; accesses before there are threads, at the end and in functions that make the object are left out, since
 * nobody else sees it then. For this room only.
 *
 * A target may name a span of several lines, which some processors fetch together (--span-bytes). What meets on a line is judged first;
 * a widened view shows what meets on a span only. That is information and no more: the effect is not seen everywhere.
 */
#ifndef UL_RULES_SHARING_H
#define UL_RULES_SHARING_H

#include "layout/engine/shared_objects.h"
#include "layout/rules/findings.h"

/* One field, or one variable, as threads use it. Weights are 10 for each loop around a place. */
typedef struct ul_shared_field {
    uint32_t field;       /* of the record */
    uint32_t first_line, last_line; /* that it lies on, from the start of the record; in a widened view its spans */
    bool is_atomic;       /* some access is atomic, or it is volatile */
    double reads, writes, rmws, locks;
    const ul_tally *reader, *writer; /* the heaviest; writer: of any kind of change */
} ul_shared_field;

typedef struct ul_sharing {
    const ul_rule_context *context;
    const ul_entry *entry;
    const ul_record *record;
    const ul_census *census;
    const ul_target *target;
    const ul_tally *tallies;  /* of the record */
    uint32_t tally_count;
    uint32_t *field_of;       /* field of each tally, UL_NO_PARENT for one that does not count */
    ul_shared_field *fields;  /* those that run-time code touches, by place */
    uint32_t count;
    uint32_t unit_bytes;      /* of what fields meet on: a line, in a widened view a span */
    ul_arena *arena;
} ul_sharing;

/* False when there is nothing to judge: no census, a layout in doubt, no access at run time. */
bool ul_sharing_of(ul_sharing *out, const ul_rule_context *context, uint32_t entry);
/* Places the fields on spans instead of lines; false when the target's span is no longer than a line. */
bool ul_sharing_widen(ul_sharing *sharing);
/* Whether the view is widened, and what it shows no more than information. */
bool ul_sharing_is_wide(const ul_sharing *sharing);
/* Whether two fields lie on one line of the target, whatever the view is. */
bool ul_sharing_on_one_line(const ul_sharing *sharing, const ul_shared_field *a, const ul_shared_field *b);
/* Whether threads are known: some are created, or the configuration names where they begin. */
bool ul_sharing_has_threads(const ul_rule_context *context);

/*
 * Whether objects of the record go from one thread to the next: they are taken off a queue or list, and no function that runs with the
 * threads finds one in memory that keeps it. Then one thread at a time has each of them.
 */
bool ul_sharing_is_handed_over(const ul_sharing *sharing);
/* Whether every object of the record is thread-local. */
bool ul_sharing_is_private(const ul_sharing *sharing);
/* Whether the access changes what it touches: a write, an update, an atomic step, a lock taken. */
bool ul_tally_changes(const ul_tally *tally);
/* Whether a thread's number picks what is touched: one by name, or what a start routine gets as its argument. */
bool ul_tally_is_by_thread(const ul_census *census, const ul_tally *tally);
/* A plain store outside loops, in a function that runs once: how a thread begins or ends. */
bool ul_tally_is_once(const ul_census *census, const ul_tally *tally);
/* The same of any plain change. */
bool ul_tally_is_plain_once(const ul_census *census, const ul_tally *tally);
/* Whether the place is come by again and again while a thread runs: in a loop, or in a function that is called in loops. */
bool ul_tally_is_repeated(const ul_census *census, const ul_tally *tally);
/*
 * A plain store outside loops and locks, in a function that no thread is seen to call in a loop: settings, tables that are filled when they are
 * asked for. Says nothing of threads that write while others do, unless something else is done to the array too.
 */
bool ul_tally_is_setting(const ul_census *census, const ul_tally *tally);
/* Whether one of the start routines of `threads` starts several threads. */
bool ul_threads_are_many(const ul_census *census, uint64_t threads);
/* Whether some run-time access of `field` in the function that `tally` is in passes `wants` (a set of 1 << ul_access_kind). */
bool ul_sharing_function_touches(const ul_sharing *sharing, uint32_t field, uint32_t function, uint32_t wants);
/* Functions that touch `field` with one of `wants` at run time. */
uint32_t ul_sharing_functions(const ul_sharing *sharing, uint32_t field, uint32_t wants);
/* Whether every run-time access to `field` is made under `lock`, a field of the record. */
bool ul_sharing_all_under(const ul_sharing *sharing, uint32_t field, uint32_t lock);
/* The same for changes alone. */
bool ul_sharing_changed_under(const ul_sharing *sharing, uint32_t field, uint32_t lock);
/* Whether `lock`, a field of the record, is held at the access. */
bool ul_sharing_holds(const ul_sharing *sharing, const ul_tally *tally, uint32_t lock);
/* Whether no function changes both. */
bool ul_sharing_writers_apart(const ul_sharing *sharing, uint32_t a, uint32_t b);

/* Whether it says more than the other, NULL for none: what runs again and again does, rather than what frees. */
bool ul_sharing_is_heavier(const ul_sharing *sharing, const ul_tally *tally, const ul_tally *than);

/* Whether two sides may have the same object; is_known: whether they do for sure. See layout/engine/shared_objects.h. */
bool ul_sharing_is_one_object(const ul_sharing *sharing, ul_object_side a, ul_object_side b, bool is_known);

enum {
    UL_CHANGES = 1u << UL_ACCESS_WRITE | 1u << UL_ACCESS_UPDATE | 1u << UL_ACCESS_RMW | 1u << UL_ACCESS_LOCK,
    UL_ATOMIC_CHANGES = 1u << UL_ACCESS_RMW | 1u << UL_ACCESS_LOCK,
    UL_READS = 1u << UL_ACCESS_READ
};

/*
 * Whether byte `first` and a later byte `second` of a record can lie on one line: on the lines of a record that starts on one, or, where
 * its alignment is less than a line, for some start that the alignment allows.
 */
bool ul_lines_may_meet(uint64_t first, uint64_t second, uint32_t align_bytes, uint32_t line_bytes);

/* Part of its score that a suspicion about a span keeps. */
#define UL_SPAN_PART 0.05
/* Why one about a span is not more than information. In `arena`. */
const char *ul_span_text(const ul_target *target, ul_arena *arena);
/* "put() a.c:12", below the root. In `arena`. */
const char *ul_place_text(const ul_rule_context *context, const ul_tally *tally, ul_arena *arena);
/* "a.c:12" */
const char *ul_instance_text(const ul_rule_context *context, const ul_instance *instance, ul_arena *arena);
/* "`a`, `b` and 3 more": fields by index, those with marks[i]. */
const char *ul_fields_text(const ul_record *record, const uint32_t *fields, uint32_t count, ul_arena *arena);
/* "an object grows from 100 to 192 bytes (120 to 200 of the heap, glibc), the 1000 that are known by 92000": what a size of `after` costs the record. */
const char *ul_cost_text(const ul_rule_context *context, const ul_record *record, uint64_t after, ul_arena *arena);

#endif
