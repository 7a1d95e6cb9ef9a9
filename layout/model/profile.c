#include "layout/model/profile.h"

static const struct {
    const char *name, *text;
} biases[] = {
#define UL_BIAS(id, name, text) {name, text},
#include "layout/model/biases.def"
#undef UL_BIAS
};

const char *ul_profile_source_name(ul_profile_source source)
{
    static const char *const names[UL_PROFILE_SOURCE_COUNT] = {
        [UL_PROFILE_PERF_REPORT] = "perf report",
        [UL_PROFILE_PERF_ANNOTATE] = "perf annotate --data-type",
        [UL_PROFILE_PERF_C2C] = "perf c2c report",
        [UL_PROFILE_NET_CACHELINES] = "net_cachelines table",
        [UL_PROFILE_JSON] = "ullage.profile/1",
    };
    return names[source];
}

const char *ul_profile_bias_name(ul_profile_bias bias)
{
    return biases[bias].name;
}

const char *ul_profile_bias_text(ul_profile_bias bias)
{
    return biases[bias].text;
}

const char *ul_profile_match_name(ul_profile_match match)
{
    static const char *const names[] = {
        [UL_PROFILE_EXACT] = "exact", [UL_PROFILE_REMAPPED] = "remapped", [UL_PROFILE_REFUSED] = "refused"};
    return names[match];
}

void ul_profile_counts_add(ul_profile_counts *sum, const ul_profile_counts *more)
{
    sum->samples += more->samples;
    sum->loads += more->loads;
    sum->stores += more->stores;
    sum->latency += more->latency;
    sum->hitm_local += more->hitm_local;
    sum->hitm_remote += more->hitm_remote;
}
