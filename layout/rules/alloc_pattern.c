/* alloc-pattern: memory that a pool, an arena, a reserve, a bounded cache, a stream or the stack would serve better (engine/allocations.c). */
#include "layout/engine/objects.h"
#include "layout/rules/findings.h"

typedef unsigned long long ull;

/* What is told about one allocation. */
typedef struct telling {
    const ul_rule_context *context;
    const ul_allocations *rows;
    const ul_advice *advice;
    const ul_allocation *at;
    ul_arena *arena;
} telling;

static void check_records(const ul_rule_context *context, uint32_t entry)
{
    (void)context;
    (void)entry; /* it has nothing to say about records */
}

static ul_finding tell_growth(const telling *t)
{
    const ul_allocation *at = t->at;
    const char *by = at->step == 1 ? "one element" : ul_arena_printf(t->arena, "%llu elements", (ull)at->step);
    const char *type = at->type[0] ? at->type : "T";
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "`%s` grows by %s at a time: %s() in %s() whenever `%s` does", at->receiver[0] ? at->receiver : "an array", by, at->callee,
                                   at->function, at->counter),
        .why = ul_arena_printf(t->arena, "n elements are moved up to n%s times and cost as many calls; with room that doubles it is log2(n) times.",
                               at->step == 1 ? "" : ul_arena_printf(t->arena, "/%llu", (ull)at->step)),
        .fix = ul_arena_printf(t->arena, "ullage/vec.h: `UL_VEC(%s)` with ul_vec_push(), or ul_vec_reserve() where the number is known; by hand, double the room and keep it beside `%s`.",
                               type, at->counter),
    };
}

static void check_object(const ul_rule_context *context, uint32_t entry)
{
    const ul_report *report = context->report;
    const ul_advice *advice = ul_object_advice(report, entry);
    if (!advice)
        return;
    telling t = {context, report->allocations, advice, &report->allocations->items[advice->allocation], context->findings->arena};
    ul_finding finding;
    switch (advice->pattern) {
    case UL_ADVICE_GROWTH:
        finding = tell_growth(&t);
        break;
    default:
        return;
    }
    finding.level = UL_LEVEL_NOTE;
    finding.entry = entry;
    finding.field = UL_NO_PARENT;
    ul_findings_add(context, &ul_rule_alloc_pattern, finding);
}

const ul_rule ul_rule_alloc_pattern = {
    .info =
        {
            .name = "alloc-pattern",
            .level = UL_LEVEL_NOTE,
            .summary = "an allocation that a pool, an arena, a reserve or the stack would serve better",
            .meaning = "Read from function bodies, of functions that run neither at the start nor at the end of the program as far as their names and "
                       "callers tell, and only where what becomes of the pointer is seen to its end. Growth: a realloc makes room for a constant number "
                       "of elements more, fewer than 64, each time, and the count grows in the function in no other way. Allocators are known by their "
                       "names and types: malloc, zmalloc, g_malloc, git__free.",
            .why = "malloc and free cost tens of nanoseconds each, more under threads, and spread over memory what is used together; "
                   "an array that grows by one element is moved as often as it has elements. `ullage explain` cannot tell how often the place "
                   "runs: a profile can.",
            .example = "#include <ullage/vec.h>\n"
                       "\n"
                       "struct sample { int value; const char *label; };\n"
                       "\n"
                       "/* Growth. Before: samples = realloc(samples, sizeof *samples * (count + 1)); samples[count++] = one; */\n"
                       "typedef UL_VEC(struct sample) samples;\n"
                       "\n"
                       "ul_status add(samples *all, struct sample one);\n"
                       "ul_status add(samples *all, struct sample one)\n"
                       "{\n"
                       "    return ul_vec_push(all, one);\n"
                       "}\n",
            .silence = "Write `// ullage: ignore[alloc-pattern] -- reason` on the line of the allocation or above it, or `--rule alloc-pattern=off`.",
        },
    .check = check_records,
    .check_object = check_object,
    .needs_census = true,
};
