#include "layout/engine/spread.h"

#include <stdlib.h>

/* Ratios this close to one are no difference: two copies of one program differ by up to 2 % for where their code lies. */
#define SAME_RATIO 1.03

static int by_value(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The sample below which `part` of them lie, between two where it falls there. */
static double quantile(const double *sorted, uint32_t count, double part)
{
    double at = part * (count - 1);
    uint32_t below = (uint32_t)at;
    double beyond = at - below;
    return below + 1 < count ? sorted[below] * (1 - beyond) + sorted[below + 1] * beyond : sorted[below];
}

ul_spread ul_spread_of(double *samples, uint32_t count)
{
    ul_spread spread = {.count = count};
    if (count == 0)
        return spread;
    qsort(samples, count, sizeof *samples, by_value);
    spread.low = quantile(samples, count, 1.0 / 6);
    spread.median = quantile(samples, count, 0.5);
    spread.high = quantile(samples, count, 5.0 / 6);
    return spread;
}

static double ratio_of(double before, double after)
{
    return after > 0 ? before / after : 0;
}

ul_comparison ul_spread_compare(const ul_spread *before, const ul_spread *after)
{
    ul_comparison comparison = {.ratio = ratio_of(before->median, after->median),
                                .low = ratio_of(before->low, after->high),
                                .high = ratio_of(before->high, after->low),
                                .verdict = UL_VERDICT_OVERLAP};
    if (before->count < UL_SPREAD_RUNS_MIN || after->count < UL_SPREAD_RUNS_MIN || before->low <= 0 || after->low <= 0)
        comparison.verdict = UL_VERDICT_TOO_FEW;
    else if (comparison.low >= 1 / SAME_RATIO && comparison.high <= SAME_RATIO)
        comparison.verdict = UL_VERDICT_SAME;
    else if (comparison.low > SAME_RATIO)
        comparison.verdict = UL_VERDICT_FASTER;
    else if (comparison.high < 1 / SAME_RATIO)
        comparison.verdict = UL_VERDICT_SLOWER;
    return comparison;
}

void ul_bench_evaluate(ul_bench_result *result, uint32_t layout_count)
{
    result->run_count = result->discarded_count = result->figure_count = result->unclear_count = 0;
    for (uint32_t i = 0; i < result->case_count; i++) {
        ul_bench_figure *figures = result->cases[i].figures;
        for (uint32_t k = 0; k < layout_count; k++) {
            ul_bench_figure *figure = &figures[k];
            figure->spread = ul_spread_of(figure->samples, figure->count);
            result->run_count += figure->count + figure->discarded;
            result->discarded_count += figure->discarded;
            if (k == 0)
                continue;
            figure->comparison = ul_spread_compare(&figures[0].spread, &figure->spread);
            result->figure_count++;
            result->unclear_count += figure->comparison.verdict <= UL_VERDICT_OVERLAP;
        }
    }
}
