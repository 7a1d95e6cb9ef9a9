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

static const char *use_words(const telling *t, const ul_allocation *of, const ul_pointer_use *use)
{
    const char *what = use->detail;
    switch (use->kind) {
    case UL_USE_RETURNED:
        what = "returned";
        break;
    case UL_USE_STORED:
        what = ul_arena_printf(t->arena, "stored in `%s`", use->detail);
        break;
    case UL_USE_PASSED:
        what = ul_arena_printf(t->arena, "passed to %s", use->detail);
        break;
    case UL_USE_FREED:
    case UL_USE_LENT:
    case UL_USE_FILLED:
        what = ul_arena_printf(t->arena, "%s()", use->detail);
        break;
    default:
        break;
    }
    return ul_arena_printf(t->arena, "%s at %s:%u", what, ul_findings_path(t->context, of->file), use->line);
}

/* "malloc() at a.c:3, memcpy() at a.c:4, free() at a.c:9" */
static const char *path_of(const telling *t)
{
    enum { SHOWN_MAX = 4 };
    const ul_allocation *at = t->at;
    const char *text = ul_arena_printf(t->arena, "%s() at %s:%u", at->callee, ul_findings_path(t->context, at->file), at->line);
    uint32_t shown = 0, lent = 0;
    for (uint32_t i = 0; i < at->use_count; i++) {
        if (at->uses[i].kind == UL_USE_FREED)
            continue;
        lent++;
        if (shown < SHOWN_MAX) {
            text = ul_arena_printf(t->arena, "%s, %s", text, use_words(t, at, &at->uses[i]));
            shown++;
        }
    }
    if (lent > shown)
        text = ul_arena_printf(t->arena, "%s, %u more that keep nothing of it", text, lent - shown);
    for (uint32_t i = at->use_count; i-- > 0;) {
        if (at->uses[i].kind == UL_USE_FREED)
            return ul_arena_printf(t->arena, "%s, %s", text, use_words(t, at, &at->uses[i]));
    }
    return text;
}

/* " Not `out` (returned at a.c:7)." */
static const char *others_of(const telling *t)
{
    enum { SHOWN_MAX = 3 };
    const char *text = "";
    for (uint32_t i = 0; i < t->advice->member_count && i < SHOWN_MAX; i++) {
        const ul_allocation *other = &t->rows->items[t->advice->members[i]];
        for (uint32_t k = 0; k < other->use_count; k++) {
            uint32_t kind = other->uses[k].kind;
            if (kind == UL_USE_RETURNED || kind == UL_USE_STORED || kind == UL_USE_PASSED) {
                text = ul_arena_printf(t->arena, "%s%s`%s` (%s)", text, *text ? ", " : " Not so ", other->receiver, use_words(t, other, &other->uses[k]));
                break;
            }
        }
    }
    return *text ? ul_arena_printf(t->arena, "%s.", text) : "";
}

static const char *scratch_call(const telling *t, const char *type)
{
    if (t->at->verb == UL_MEMORY_COPY)
        return "ul_arena_strdup(scratch.arena, text)";
    const char *word = t->at->verb == UL_MEMORY_CALLOC ? "NEW" : "TAKE";
    return t->at->flags & UL_ALLOCATION_ONE ? ul_arena_printf(t->arena, "UL_%s(scratch.arena, %s)", word, type)
                                            : ul_arena_printf(t->arena, "UL_%s_ARRAY(scratch.arena, %s, n)", word, type);
}

static ul_finding tell_local(const telling *t)
{
    enum { STACK_BYTES_MAX = 1024 };
    const ul_allocation *at = t->at;
    const char *type = at->type[0] ? at->type : "char";
    bool fits = at->size_bytes > 0 && at->size_bytes <= STACK_BYTES_MAX;
    const char *size = at->size_bytes ? ul_arena_printf(t->arena, "%llu bytes", (ull)at->size_bytes) : "memory";
    const char *fix;
    if (fits && at->flags & UL_ALLOCATION_ONE)
        fix = ul_arena_printf(t->arena, "a variable of the function, `%s`, and its address; no header is needed.", type);
    else if (fits)
        fix = "an array of the function; no header is needed.";
    else
        fix = ul_arena_printf(t->arena, "ullage/scratch.h: ul_scratch_begin(NULL), %s, and ul_scratch_end(scratch) where it is freed.", scratch_call(t, type));
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "`%s` does not leave %s(): %s taken with %s() and given back there%s", at->receiver, at->function, size, at->callee,
                                   at->loop_depth ? ", in a loop" : ""),
        .why = ul_arena_printf(t->arena, "%s.%s", path_of(t), others_of(t)),
        .fix = fix,
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
    case UL_ADVICE_LOCAL:
        finding = tell_local(&t);
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
                       "callers tell, and only where what becomes of the pointer is seen to its end. Local: an object that is freed in the function that took it and is "
                       "neither returned, stored, passed to a function that may keep it (one of another unit that is not libc's) nor replaced. Growth: a realloc makes room for a constant number "
                       "of elements more, fewer than 64, each time, and the count grows in the function in no other way. Allocators are known by their "
                       "names and types: malloc, zmalloc, g_malloc, git__free.",
            .why = "malloc and free cost tens of nanoseconds each, more under threads, and spread over memory what is used together; "
                   "an array that grows by one element is moved as often as it has elements. `ullage explain` cannot tell how often the place "
                   "runs: a profile can.",
            .example = "#include <stdlib.h>\n"
                       "#include <string.h>\n"
                       "#include <ullage/scratch.h>\n"
                       "#include <ullage/vec.h>\n"
                       "\n"
                       "struct sample { int value; const char *label; };\n"
                       "\n"
                       "/* Local. Before: int *sorted = malloc(count * sizeof *sorted); ... free(sorted); */\n"
                       "int median(const int *values, size_t count, int (*by_value)(const void *, const void *));\n"
                       "int median(const int *values, size_t count, int (*by_value)(const void *, const void *))\n"
                       "{\n"
                       "    ul_scratch scratch = ul_scratch_begin(NULL);\n"
                       "    int *sorted = UL_TAKE_ARRAY(scratch.arena, int, count), result = 0;\n"
                       "    if (sorted && count) {\n"
                       "        memcpy(sorted, values, count * sizeof *sorted);\n"
                       "        qsort(sorted, count, sizeof *sorted, by_value);\n"
                       "        result = sorted[count / 2];\n"
                       "    }\n"
                       "    ul_scratch_end(scratch);\n"
                       "    return result;\n"
                       "}\n"
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
