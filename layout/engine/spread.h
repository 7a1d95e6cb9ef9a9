/*
 * What repeated measurements tell: the median, the middle two thirds around it, and whether two sets of them differ. Parts rather than a
 * deviation: one run in ten that was disturbed unseen (a hypervisor counts no context switch) moves none. Not the middle half: of two copies of
 * one program it calls one in a hundred different. Pure.
 */
#ifndef UL_ENGINE_SPREAD_H
#define UL_ENGINE_SPREAD_H

#include "layout/model/bench.h"

/* Fewer clean runs than this tell nothing. */
enum { UL_SPREAD_RUNS_MIN = 7 };

/* Sorts samples[0..count-1]. All zero when there are none. The ends of the middle two thirds lie between samples as in type 7 of Hyndman and Fan. */
ul_spread ul_spread_of(double *samples, uint32_t count);

/*
 * Before against after. Where the two ranges are within 3 % of each other whichever way, there is no difference; where they overlap, or lie less than
 * 3 % apart, nothing is told.
 */
ul_comparison ul_spread_compare(const ul_spread *before, const ul_spread *after);

/* Fills spread and comparison of every figure of the first `layout_count` layouts, and the sums of the result. */
void ul_bench_evaluate(ul_bench_result *result, uint32_t layout_count);

#endif
