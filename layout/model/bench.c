#include "layout/model/bench.h"

const char *ul_verdict_name(ul_verdict verdict)
{
    static const char *const names[UL_VERDICT_COUNT] = {"too-few-runs", "cannot-tell", "same", "faster", "slower"};
    return names[verdict];
}

const char *ul_bench_kind_name(ul_bench_kind kind)
{
    static const char *const names[UL_BENCH_KIND_COUNT] = {"scan", "random", "threads"};
    return names[kind];
}

const char *ul_bench_reason_name(ul_bench_reason reason)
{
    static const char *const names[] = {"walks", "loops", "comment", "profile", "ends", "finding", "named"};
    return names[reason];
}
