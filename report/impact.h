/*
 * What following a plan changes that an allocator or a cache would notice: one place for the formats that lead with the
 * boundary crossed. For report/ only.
 */
#ifndef UL_REPORT_IMPACT_H
#define UL_REPORT_IMPACT_H

#include "layout/model/report.h"

typedef struct ul_impact {
    ul_class_fit before, after; /* all zero without classes, and for what is never an object of its own */
    uint64_t heap_saved_bytes;  /* an object */
    uint32_t lines_before, lines_after;
    bool is_part;  /* an anonymous member: what it crosses is what the record around it crosses */
    bool crosses;  /* a smaller heap block, or fewer cache lines */
} ul_impact;

/* The entry has a plan. */
ul_impact ul_impact_of(const ul_report *report, const ul_entry *entry);
/* "class 72 -> 56, lines 2 -> 1", with `arrow` between; "" when nothing is crossed. In `arena`. */
const char *ul_impact_words(const ul_impact *impact, const char *arrow, ul_arena *arena);
/* Entries with a plan that moves something and saves bytes of its own, the widest first: those that cross, then by bytes. In `arena`. */
uint32_t *ul_impact_ranking(const ul_report *report, uint32_t *count, ul_arena *arena);
/* The cache line that the record was judged by. */
uint32_t ul_impact_line_bytes(const ul_report *report, const ul_record *record);

#endif
