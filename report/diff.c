/* The format diff: every planned record in one patch for `git apply -p1`, made by cli. What is not in it, stderr says. */
#include "report/format.h"

extern const ul_format ul_format_diff;

static ul_status render(ul_strbuf *out, const ul_report *report, const ul_render_options *options, ul_arena *arena)
{
    (void)options;
    (void)arena;
    if (!report->diff)
        return UL_ERR_NOMEM;
    ul_strbuf_add(out, report->diff, report->diff_length);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

const ul_format ul_format_diff = {
    .name = "diff",
    .summary = "one patch of every planned record, for git apply -p1",
    .views = 1u << UL_VIEW_CHECK | 1u << UL_VIEW_FIX,
    .wants = UL_WANTS_DIFF,
    .render = render,
};
