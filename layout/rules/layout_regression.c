/* layout-regression: a record became worse than it was in another revision or in the baseline. What was compared, the report brings along. */
#include "layout/rules/findings.h"

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_report *report = context->report;
    const ul_regression *regression = report->regressions ? &report->regressions[index] : NULL;
    if (!regression || !regression->message)
        return;
    ul_findings_add(context, &ul_rule_layout_regression,
                    (ul_finding){
                        .level = UL_LEVEL_ERROR,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = regression->message,
                        .why = regression->why,
                        .fix = regression->fix,
                    });
}

const ul_rule ul_rule_layout_regression = {
    .info =
        {
            .name = "layout-regression",
            .level = UL_LEVEL_ERROR,
            .summary = "a record became worse than it was: a larger size class, more cache lines, a broken assertion",
            .meaning = "Told by `ullage diff` for every change that fails (--fail-on), and by `ullage check --baseline` for a record that crossed "
                       "a boundary since the baseline was written: its objects take more of the heap or lie on more cache lines.",
            .why = "Bytes within a class or a line are free; the next class is paid for every object, and the next line by every access that "
                   "needs it. That is also where maintainers draw it: reviewers of Linux declined 128 saved bytes of KVM's as not worth the upkeep "
                   "unless they cross a boundary that means something, such as the order of an allocation.",
            .example = "#include <stdbool.h>\n"
                       "#include <stdint.h>\n"
                       "\n"
                       "/* before: 56 bytes, class 56 of glibc */\n"
                       "struct conn {\n"
                       "    uint64_t id;\n"
                       "    void *peer[5];\n"
                       "    uint32_t fd, port;\n"
                       "};\n"
                       "\n"
                       "/* after: 64 bytes, class 72 */\n"
                       "struct conn {\n"
                       "    uint64_t id;\n"
                       "    bool is_open;\n"
                       "    void *peer[5];\n"
                       "    uint32_t fd, port;\n"
                       "};\n",
            .silence = "Where the growth is wanted: `git commit --no-verify` or `SKIP=ullage-diff` for one commit, --fail-on for other "
                       "boundaries, `--update-baseline` for a new one. `// ullage: ignore[layout-regression] -- reason` silences the record for good.",
        },
    .check = check,
};
