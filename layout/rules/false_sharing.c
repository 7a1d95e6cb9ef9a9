/*
 * false-sharing: isolation that was meant and is broken (isolation.c); two fields of a line that different functions change, the two
 * ends of a ring among them; flags, and globals side by side (shared_flags.c).
 */
#include <math.h>
#include <string.h>

#include "layout/rules/isolation.h"
#include "layout/rules/measured.h"
#include "layout/rules/shared_flags.h"

typedef unsigned long long ull;

/* Words for the two ends of what one side fills and the other empties. */
static const char *const ends[][2] = {
    {"head", "tail"}, {"prod", "cons"}, {"producer", "consumer"}, {"read", "write"},    {"rd", "wr"},        {"front", "back"}, {"push", "pop"},
    {"enq", "deq"},   {"get", "put"},   {"enqueue", "dequeue"},   {"reader", "writer"}, {"top", "bottom"},
};

/* Whether `name` has `word` between its ends, underscores and digits. */
static bool has_word(const char *name, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = name; *at; at += strcspn(at, "_0123456789")) {
        at += strspn(at, "_0123456789");
        if (strncasecmp(at, word, length) == 0 && strcspn(at, "_0123456789") == length)
            return true;
    }
    return false;
}

static bool are_ends(const char *a, const char *b)
{
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        if ((has_word(a, ends[i][0]) && has_word(b, ends[i][1])) || (has_word(a, ends[i][1]) && has_word(b, ends[i][0])))
            return true;
    }
    return false;
}

static bool is_scalar(const ul_record *record, uint32_t field)
{
    const ul_field *it = &record->fields[field];
    return it->size_bits && it->size_bits <= 128 && !(it->flags & (UL_FIELD_ARRAY | UL_FIELD_RECORD | UL_FIELD_ANONYMOUS | UL_FIELD_BIT_FIELD));
}

/* Whether start routines reach the writers of one that the writers of the other are not reached from, or many threads run both. */
static uint64_t writer_threads(const ul_sharing *sharing, uint32_t field)
{
    uint64_t threads = 0;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == field && ul_tally_changes(&sharing->tallies[i]))
            threads |= sharing->census->functions[sharing->tallies[i].function].threads;
    }
    return threads;
}

/* Whether the field is changed more often than where a thread begins or ends. */
static bool changes_again(const ul_sharing *sharing, uint32_t field)
{
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (sharing->field_of[i] == field && ul_tally_changes(&sharing->tallies[i]) && !ul_tally_is_plain_once(sharing->census, &sharing->tallies[i]))
            return true;
    }
    return false;
}

/* The one lock that is held at the access, when it is a field of the record too and no pointer; else UL_NO_PARENT. */
static uint32_t own_lock_at(const ul_sharing *sharing, const ul_tally *tally)
{
    const ul_record *record = sharing->record;
    const char *const *words = sharing->census->words;
    uint32_t lock = UL_NO_PARENT;
    size_t key = strlen(record->key);
    for (const char *at = words[tally->locks]; *at;) {
        size_t part = strcspn(at, "|");
        bool is_own = part > key && memcmp(at, record->key, key) == 0 && at[key] == '#';
        bool is_object = tally->base && strlen(words[tally->base]) == part && memcmp(at, words[tally->base], part) == 0; /* the same by its variable */
        uint32_t field = is_own ? ul_record_field_named(record, ul_arena_strndup(sharing->arena, at + key + 1, part - key - 1)) : UL_NO_PARENT;
        if ((!is_object && field == UL_NO_PARENT) || (is_own && lock != UL_NO_PARENT) || (is_own && strchr(record->fields[field].type, '*')))
            return UL_NO_PARENT;
        lock = is_own ? field : lock;
        at += part + (at[part] == '|');
    }
    return lock;
}

/* That at every change of the field, or UL_NO_PARENT. */
static uint32_t own_lock(const ul_sharing *sharing, uint32_t field)
{
    uint32_t lock = UL_NO_PARENT;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        const ul_census_function *function = &sharing->census->functions[tally->function];
        if (sharing->field_of[i] != field || !ul_tally_changes(tally))
            continue;
        uint32_t at = function->locks || function->flags & UL_FUNCTION_LOCKED ? UL_NO_PARENT : own_lock_at(sharing, tally);
        if (at == UL_NO_PARENT || (lock != UL_NO_PARENT && at != lock))
            return UL_NO_PARENT;
        lock = at;
    }
    return lock;
}

/* Whether the change is made under some lock, whichever. */
static bool is_locked(const ul_sharing *sharing, const ul_tally *tally)
{
    const ul_census_function *function = &sharing->census->functions[tally->function];
    return tally->locks || function->locks || function->flags & UL_FUNCTION_LOCKED;
}

/*
 * Whether one lock is held at every change of both, or may be: then they are changed one after the other anyway. A lock that is held at every
 * change of the one says nothing of another thread that changes the other without it.
 */
static bool is_serialized(const ul_sharing *sharing, uint32_t a, uint32_t b)
{
    uint32_t first = own_lock(sharing, a), second = own_lock(sharing, b);
    if (first != UL_NO_PARENT && second != UL_NO_PARENT && first != second)
        return false;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        bool is_of_pair = sharing->field_of[i] == a || sharing->field_of[i] == b;
        if (is_of_pair && ul_tally_changes(&sharing->tallies[i]) && !is_locked(sharing, &sharing->tallies[i]))
            return false;
    }
    return true; /* every change of them is under some lock, and nothing tells that it is not one */
}

static double score_of(const ul_sharing *sharing, const ul_shared_field *a, const ul_shared_field *b, bool is_ring)
{
    double first = log1p(a->writes + a->rmws), second = log1p(b->writes + b->rmws);
    uint32_t functions = ul_sharing_functions(sharing, a->field, UL_CHANGES) + ul_sharing_functions(sharing, b->field, UL_CHANGES);
    return (first < second ? first : second) * (first + second) * log1p(functions) * (is_ring ? 2 : 1);
}

/* Padding for lines stands next to the two, on both sides, and not between them: they were to have a line each. */
static bool is_between_pads(const ul_sharing *sharing, uint32_t a, uint32_t b)
{
    const ul_record *record = sharing->record;
    return a > 0 && b == a + 1 && b + 1 < record->field_count && record->fields[a - 1].flags & UL_FIELD_LINE_PAD && record->fields[b + 1].flags & UL_FIELD_LINE_PAD;
}

static bool is_suspect(const ul_sharing *sharing, const ul_shared_field *a, const ul_shared_field *b, bool *is_ring)
{
    const ul_record *record = sharing->record;
    if (a->first_line != b->first_line || a->first_line != a->last_line || b->first_line != b->last_line ||
        (ul_sharing_is_wide(sharing) && ul_sharing_on_one_line(sharing, a, b)) || a->writes + a->rmws <= 0 ||
        b->writes + b->rmws <= 0 || !is_scalar(record, a->field) || !is_scalar(record, b->field))
        return false;
    if (!ul_sharing_writers_apart(sharing, a->field, b->field) || is_serialized(sharing, a->field, b->field))
        return false;
    *is_ring = are_ends(record->fields[a->field].name, record->fields[b->field].name);
    uint64_t first = writer_threads(sharing, a->field), second = writer_threads(sharing, b->field);
    bool is_apart = first && second && first != second && (first & (first - 1)) == 0 && (second & (second - 1)) == 0;
    bool is_plain = !a->is_atomic && !b->is_atomic, are_many = ul_threads_are_many(sharing->census, first | second);
    if (first && second && !ul_sharing_is_one_object(sharing, (ul_object_side){first, a->field, UL_CHANGES}, (ul_object_side){second, b->field, UL_CHANGES}, is_plain && are_many))
        return false; /* plain changes by many: each may have an object of its own */
    if (!changes_again(sharing, a->field) || !changes_again(sharing, b->field))
        return false;
    if (a->rmws > 0 && b->rmws > 0 && is_between_pads(sharing, a->field, b->field))
        return true;
    if (*is_ring)
        return a->is_atomic || b->is_atomic || is_apart;
    return is_apart; /* two threads, each its own field */
}

static void report_pair(const ul_sharing *sharing, const ul_shared_field *a, const ul_shared_field *b, bool is_ring, uint32_t entry)
{
    const ul_record *record = sharing->record;
    uint32_t line = ul_target_apart(sharing->target);
    bool is_wide = ul_sharing_is_wide(sharing);
    ul_arena *arena = sharing->arena;
    const char *first = ul_field_label(record, a->field, arena), *second = ul_field_label(record, b->field, arena);
    uint64_t after = (record->size_bytes + line - 1) / line * line + line;
    ul_contention *contention = UL_NEW(arena, ul_contention);
    *contention = (ul_contention){.fields = {a->field, b->field},
                                  .kinds = {(ul_access_kind)a->writer->kind, (ul_access_kind)b->writer->kind},
                                  .places = {ul_place_text(sharing->context, a->writer, arena), ul_place_text(sharing->context, b->writer, arena)}};
    ul_measured_add(sharing->context, &ul_rule_false_sharing, (ul_contested){.fields = {&a->field, &b->field}, .counts = {1, 1}},
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = entry,
                        .field = a->field,
                        .is_information = is_wide,
                        .message = ul_arena_printf(arena, "`%s` and `%s` of `%s` are changed by different %s and lie on one %s%s", first, second, record->name,
                                                   is_ring                                              ? "sides"
                                                   : is_between_pads(sharing, a->field, b->field) ? "functions"
                                                                                                  : "threads",
                                                   is_wide ? ul_arena_printf(arena, "span of %u bytes", line) : "cache line",
                                                   record->align_bytes % sharing->unit_bytes ? ", if an object starts on one" : ""),
                        .why = ul_arena_printf(arena, "%s changes the one, %s the other; %s", ul_place_text(sharing->context, a->writer, arena),
                                               ul_place_text(sharing->context, b->writer, arena),
                                               is_wide ? ul_span_text(sharing->target, arena) : "each waits for the line, about 57 ns a time where it was measured."),
                        .fix = ul_arena_printf(arena, "_Alignas(%u) on `%s` and on `%s`, with what each side alone uses behind it; %s.", line, first, second,
                                               ul_cost_text(sharing->context, record, after, arena)),
                        .score = score_of(sharing, a, b, is_ring) * (is_wide ? UL_SPAN_PART : 1),
                        .contention = contention,
                    });
}

static void check_pairs(const ul_sharing *sharing, uint32_t entry)
{
    for (uint32_t i = 0; i < sharing->count; i++) {
        for (uint32_t k = i + 1; k < sharing->count; k++) {
            bool is_ring = false;
            if (!is_suspect(sharing, &sharing->fields[i], &sharing->fields[k], &is_ring))
                continue;
            report_pair(sharing, &sharing->fields[i], &sharing->fields[k], is_ring, entry);
            break; /* one is enough for this field */
        }
    }
}

static void check(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    ul_isolation_check(context, entry);
    if (!ul_sharing_has_threads(context) || !ul_sharing_of(&sharing, context, entry) || ul_sharing_is_private(&sharing) ||
        ul_sharing_is_handed_over(&sharing))
        return;
    ul_flags_check(&sharing, entry);
    check_pairs(&sharing, entry);
    if (ul_sharing_widen(&sharing))
        check_pairs(&sharing, entry);
}

const ul_rule ul_rule_false_sharing = {
    .info =
        {
            .name = "false-sharing",
            .level = UL_LEVEL_ERROR,
            .summary = "fields that threads change share a cache line, or isolation that was meant is broken",
            .meaning = "warning: an alignment macro that is not defined and declares a variable; padding for a line that ends elsewhere, or "
                       "that only helps objects that start on a line while nothing makes them; a lock or counter aligned to a line that others' "
                       "fields follow on; a few last bytes that cost a whole line. error: malloc, calloc or realloc of a record that is aligned to "
                       "more than they promise. note, ranked, ten shown (--all-evidence): the two ends of a ring, or fields that different threads "
                       "change, on one line; small globals side by side that different functions count or that one thread each changes; a flag "
                       "that one thread sets to one value in each turn without a look and another one reads. Notes need threads in the units that were read, or --thread-entry. With "
                       "--profile: a warning where notes are borne out, and for lines that perf c2c has seen fought over and nothing in the source "
                       "tells of.",
            .why = "Two processors that write different bytes of one line take it from each other each time: 50 to 60 ns a write on the machine where it was "
                   "measured, so twice the time for an operation of 60 ns and 6 % for one of 1 us. What is aligned and allocated "
                   "without its alignment is undefined behaviour besides (C11 6.3.2.3p7).",
            .example = "#include <stdlib.h>\n"
                       "\n"
                       "/* before: one thread takes, another adds, both on one line */\n"
                       "struct ring {\n"
                       "    _Atomic unsigned head;\n"
                       "    _Atomic unsigned tail;\n"
                       "    int items[256];\n"
                       "};\n"
                       "struct ring *make(void) { return malloc(sizeof(struct ring)); }\n"
                       "void take(struct ring *ring) { ring->head++; }\n"
                       "void add(struct ring *ring) { ring->tail++; }\n"
                       "\n"
                       "/* after: a line for each, and a block that begins on one */\n"
                       "struct ring {\n"
                       "    _Alignas(64) _Atomic unsigned head;\n"
                       "    _Alignas(64) _Atomic unsigned tail;\n"
                       "    _Alignas(64) int items[256];\n"
                       "};\n"
                       "struct ring *make(void) { return aligned_alloc(64, sizeof(struct ring)); }\n"
                       "void take(struct ring *ring) { ring->head++; }\n"
                       "void add(struct ring *ring) { ring->tail++; }\n",
            .silence = "Write `// ullage: ignore[false-sharing] -- reason` on the field, the record or the variable. `--line-bytes` sets another line; "
                       "`--span-bytes 128` adds, as information, what meets on two lines that some processors fetch together.",
        },
    .check = check,
    .check_object = ul_flags_check_object,
    .needs_census = true,
};
