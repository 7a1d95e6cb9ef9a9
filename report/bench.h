/*
 * What a benchmark measured, as text and as JSON (docs/schema/ullage.bench-1.schema.json).
 */
#ifndef UL_REPORT_BENCH_H
#define UL_REPORT_BENCH_H

#include "layout/model/bench.h"
#include "report/format.h"

/* `report` is for paths and versions. UL_ERR_NOMEM when `out` could not grow. */
ul_status ul_bench_render_text(ul_strbuf *out, const ul_bench *bench, const ul_bench_result *result, const ul_report *report,
                               const ul_render_options *options, ul_arena *arena) UL_MUST_USE;
ul_status ul_bench_render_json(ul_strbuf *out, const ul_bench *bench, const ul_bench_result *result, const ul_report *report, ul_arena *arena) UL_MUST_USE;

#endif
