#include "layout/rules/alloc_words.h"

#include <string.h>

typedef unsigned long long ull;

/* What is told about one allocation. */
typedef struct telling {
    const ul_rule_context *context;
    const ul_allocations *rows;
    const ul_advice *advice;
    const ul_allocation *at;
    ul_arena *arena;
} telling;

static ul_finding tell_growth(const telling *t)
{
    const ul_allocation *at = t->at;
    const char *by = at->step == 1 ? "one element" : ul_arena_printf(t->arena, "%llu elements", (ull)at->step);
    const char *type = !at->type[0] ? "T" : strstr(at->type, "<anonymous>") ? "TYPE" : at->type;
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "`%s` grows by %s at a time: %s() in %s() whenever `%s` does", at->receiver[0] ? at->receiver : "an array", by, at->callee,
                                   at->function, at->counter),
        .why = ul_arena_printf(t->arena, "n elements are moved up to n%s times and cost as many calls; with room that doubles it is log2(n) times.",
                               at->step == 1 ? "" : ul_arena_printf(t->arena, "/%llu", (ull)at->step)),
        .fix = ul_arena_printf(t->arena, "ullage/vec.h: `UL_VEC(%s)` with ul_vec_push(), or ul_vec_reserve() where the number is known; by hand, double the room and keep it beside `%s`: "
                                         "whatever else sets or shortens the array sets the room, too.",
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

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* An object with room behind it: no array of its type. */
static bool is_extended(const ul_allocation *at)
{
    return at->verb == UL_MEMORY_MALLOC && at->record && !(at->flags & UL_ALLOCATION_ONE) && strchr(at->size, '+');
}

static const char *scratch_call(const telling *t, const char *type)
{
    const ul_allocation *at = t->at;
    if (at->verb == UL_MEMORY_COPY)
        return ends_in(at->callee, "strndup")  ? "ul_arena_strndup(scratch.arena, text, length)"
               : ends_in(at->callee, "memdup") ? "UL_TAKE_ARRAY(scratch.arena, char, n) and memcpy()"
                                               : "ul_arena_strdup(scratch.arena, text)";
    if (is_extended(at))
        return ul_arena_printf(t->arena, "ul_arena_%s(scratch.arena, %s, UL_ALIGNOF(%s))", at->flags & UL_ALLOCATION_ZERO ? "alloc" : "take", at->size, type);
    const char *word = at->flags & UL_ALLOCATION_ZERO ? "NEW" : "TAKE";
    return at->flags & UL_ALLOCATION_ONE ? ul_arena_printf(t->arena, "UL_%s(scratch.arena, %s)", word, type)
                                         : ul_arena_printf(t->arena, "UL_%s_ARRAY(scratch.arena, %s, n)", word, type);
}

static ul_finding tell_local(const telling *t)
{
    enum { STACK_BYTES_MAX = 1024 };
    const ul_allocation *at = t->at;
    const char *type = !at->type[0] ? "char" : strstr(at->type, "<anonymous>") ? "TYPE" : at->type;
    bool fits = at->size_bytes > 0 && at->size_bytes <= STACK_BYTES_MAX && !t->advice->is_recursive && !is_extended(at);
    const char *size = at->size_bytes ? ul_arena_printf(t->arena, "%llu bytes", (ull)at->size_bytes) : "memory";
    const char *zero = !(at->flags & UL_ALLOCATION_ZERO) ? "" : at->loop_depth ? ", set to zero in each round" : ", set to zero", *fix;
    if (fits && at->flags & UL_ALLOCATION_ONE)
        fix = ul_arena_printf(t->arena, "a variable of the function, `%s`%s, and its address; no header is needed.", type, zero);
    else if (fits)
        fix = ul_arena_printf(t->arena, "an array of the function%s; no header is needed.", zero);
    else
        fix = ul_arena_printf(t->arena,
                              "ullage/scratch.h: ul_scratch_begin(NULL), %s, and ul_scratch_end(scratch) where the last of it is freed: one pair serves all that the function "
                              "takes so, and begin and end nest.",
                              scratch_call(t, type));
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "`%s` does not leave %s(): %s taken with %s() and given back there%s", at->receiver, at->function, size, at->callee,
                                   at->loop_depth ? ", in a loop" : ""),
        .why = ul_arena_printf(t->arena, "%s.%s", path_of(t), others_of(t)),
        .fix = fix,
    };
}

/* "free() in del() at a.c:9" */
static const char *release_words(const telling *t)
{
    const ul_release *it = &t->rows->releases[t->advice->release];
    return ul_arena_printf(t->arena, "%s() in %s() at %s:%u", it->callee, it->function, ul_findings_path(t->context, it->file), it->line);
}

/* The free that the message names, for those who link to it. */
static const ul_finding_place *release_place(const telling *t)
{
    const ul_release *it = &t->rows->releases[t->advice->release];
    ul_finding_place *place = UL_NEW(t->arena, ul_finding_place);
    *place = (ul_finding_place){it->file, ul_arena_printf(t->arena, "%s() gives it back here", it->callee), it->line, it->column};
    return place;
}

/* A struct without a name of its own is named by its place. */
static const char *type_words(const telling *t)
{
    const ul_allocation *at = t->at;
    const char *colon = at->record ? strrchr(at->record, ':') : NULL;
    if (!strstr(at->type, "<anonymous>") || !colon)
        return ul_arena_printf(t->arena, "`%s`", at->type);
    const ul_report *report = t->context->report;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        const ul_record *record = report->entries[i].record;
        if (strcmp(record->key, at->record) == 0)
            return ul_arena_printf(t->arena, "unnamed struct at %s:%u,", ul_findings_path(t->context, record->file), record->line);
    }
    return ul_arena_printf(t->arena, "unnamed struct in %s,", ul_findings_path(t->context, ul_arena_strndup(t->arena, at->record, (size_t)(colon - at->record))));
}

/* How far the proof goes: who reads it knows what is in the run. */
static const char *scope_words(const telling *t)
{
    uint32_t count = t->context->report->census->unit_count;
    return ul_arena_printf(t->arena, "In the %u unit%s of this run no pointer to one goes out of sight: none becomes another type, none goes to a function that was not read.", count,
                           count == 1 ? "" : "s");
}

static ul_finding tell_pool(const telling *t)
{
    const ul_allocation *at = t->at;
    const char *zero = at->flags & UL_ALLOCATION_ZERO ? " A pool does not set to zero what it hands out again: memset() it, or give the pool a `reset`." : "";
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "%s objects of %llu bytes come from %s() and go one by one while the program works: %s", type_words(t), (ull)at->size_bytes,
                                   at->callee, release_words(t)),
        .why = ul_arena_printf(t->arena, "a pool hands a free object out in a few instructions, keeps nodes of one type together, and needs no header for each. %s", scope_words(t)),
        .fix = ul_arena_printf(t->arena, "ullage/pool.h: UL_POOL_OF(NAME, %s), NAME_get() for every allocation and NAME_put() for every free of one; ullage/shared_pool.h where several "
                                         "threads do both.%s",
                               strstr(at->type, "<anonymous>") ? "TYPE" : at->type, zero),
        .other = release_place(t),
    };
}

static const char *member_words(const telling *t)
{
    const char *text = "";
    for (uint32_t i = 0; i < t->advice->member_count; i++) {
        const ul_allocation *it = &t->rows->items[t->advice->members[i]];
        text = ul_arena_printf(t->arena, "%s%s`%s`", text, i == 0 ? "" : i + 1 == t->advice->member_count ? " and " : ", ", it->field);
    }
    return text;
}

/* What becomes of the loop that frees. */
static const char *loop_words(const telling *t)
{
    const char *also = t->rows->releases[t->advice->release].also;
    return *also ? ul_arena_printf(t->arena, "the loop stays for %s and loses only its %s(), and ul_arena_free() or ul_arena_reset() comes behind it", also,
                                   t->rows->releases[t->advice->release].callee)
                 : "ul_arena_free() or ul_arena_reset() in place of the loop";
}

static ul_finding tell_arena(const telling *t)
{
    const ul_allocation *at = t->at;
    const char *type = strstr(at->type, "<anonymous>") ? "TYPE" : at->type;
    if (t->advice->member_count)
        return (ul_finding){
            .message = ul_arena_printf(t->arena, "%s and what its %s point to are taken together in %s() and freed together: %s", type_words(t), member_words(t), at->function,
                                       release_words(t)),
            .why = ul_arena_printf(t->arena, "%u calls to take and as many to free, where one of each would do; no path of errors has to know how far it came. %s",
                                   t->advice->member_count + 1, scope_words(t)),
            .fix = "ullage/arena.h: an arena for each, ul_arena_init_with() with first_block_bytes near their sum, UL_NEW() and UL_NEW_ARRAY() (set to zero), and ul_arena_free() wherever "
                   "they are freed now, on paths of errors too.",
            .other = release_place(t),
        };
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "%s objects are taken one by one with %s() and only freed all at once: %s", type_words(t), at->callee, release_words(t)),
        .why = ul_arena_printf(t->arena, "in an arena they lie side by side, cost a few instructions each, and go with one call. %s", scope_words(t)),
        .fix = ul_arena_printf(t->arena, "ullage/arena.h: an arena beside each list, UL_NEW(&arena, %s) for each node (set to zero), %s; a free() of what was just taken, on a path of "
                                         "errors, goes too.",
                               type, loop_words(t)),
        .other = release_place(t),
    };
}

static ul_finding tell_cache(const telling *t)
{
    const ul_allocation *at = t->at;
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "%s() adds a %s of %llu bytes whenever it finds none, and nothing ever frees one: the cache has no bound", at->function, type_words(t),
                                   (ull)at->size_bytes),
        .why = "a program that runs for long keeps what it was asked for once; a bound and the least recently used entry to go keep what pays.",
        .fix = "ullage/cache.h: ul_cache_new() with limit_entries or limit_bytes, ul_cache_get() and ul_cache_put().",
    };
}

static ul_finding tell_stream(const telling *t)
{
    const ul_allocation *at = t->at;
    return (ul_finding){
        .message = ul_arena_printf(t->arena, "%s() reads a whole file into `%s`, goes through it once and frees it: memory grows with the file", at->function, at->receiver),
        .why = ul_arena_printf(t->arena, "%s. Pieces of 64 KiB do, and the first is at work while the disk reads the next.", path_of(t)),
        .fix = "ullage/stream.h: ul_stream_open() or ul_stream_init(), then ul_stream_line(), ul_stream_record() or ul_stream_chunk(); ullage/mapfile.h where all of it has to be "
               "there at once.",
    };
}

ul_finding ul_alloc_words(const ul_rule_context *context, const ul_advice *advice)
{
    const ul_allocations *rows = context->report->allocations;
    telling t = {context, rows, advice, &rows->items[advice->allocation], context->findings->arena};
    switch (advice->pattern) {
    case UL_ADVICE_LOCAL:
        return tell_local(&t);
    case UL_ADVICE_POOL:
        return tell_pool(&t);
    case UL_ADVICE_ARENA:
        return tell_arena(&t);
    case UL_ADVICE_CACHE:
        return tell_cache(&t);
    case UL_ADVICE_STREAM:
        return tell_stream(&t);
    default:
        return tell_growth(&t);
    }
}
