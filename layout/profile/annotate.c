/*
 * perf annotate --data-type: one block for each type, in which a line is a member: numbers, offset, size, then as C has it. Numbers of
 * a member with braces are sums of what is in it, so that
 *  1. a block becomes a tree of members;
 *  2. its leaves become fields; of members that lie over each other (a union repeats its numbers in each) the one with most leaves stands
 *     for all, and of bit-fields in one byte the first.
 * The text of a type is not trusted: for _Atomic it is whatever lay in memory, line ends among it.
 */
#include <math.h>

#include "layout/profile/maker.h"

enum { EVENTS_MAX = 8, DEPTH_MAX = 64, MEMBERS_MAX = 200000 };

typedef struct member {
    ul_str name;
    uint64_t offset_bytes, size_bytes;
    double values[EVENTS_MAX];
    uint32_t depth, end; /* end: index behind the last member inside */
    bool is_bits;
} member;

typedef struct reading {
    ul_maker *maker;
    ul_str name;
    double samples;          /* "(2022 samples)" */
    ul_str events[EVENTS_MAX];
    uint32_t begin;          /* line of "Annotate type" */
    uint32_t event_count;    /* named; 0: one without a name */
    member *members;
    uint32_t count, capacity;
    uint32_t depth;
    uint32_t open[DEPTH_MAX];/* members whose braces are open */
    bool is_open;            /* between the first { and its } */
    bool has_header;
    bool has_samples;        /* numbers are samples; else a percentage or a period: parts of the whole */
} reading;

static uint32_t values_of(const reading *of)
{
    return of->event_count ? of->event_count : 1;
}

/* "Annotate type: 'struct conn' in ./dt (2022 samples):" */
static ul_status begin_type(reading *of, ul_str line)
{
    ul_maker *maker = of->maker;
    uint32_t line_number = maker->line;
    size_t quote = ul_str_find(line, '\''), at;
    ul_str rest = ul_str_slice(line, quote == SIZE_MAX ? line.length : quote + 1, line.length);
    bool has_end = ul_str_has(rest, "' in ", &at);
    uint64_t samples = 0;
    if (of->is_open)
        return ul_maker_refuse(maker, line_number, "the type of line %u is broken off: its last brace is missing", of->begin);
    if (!has_end || at == 0)
        return ul_maker_refuse(maker, line_number, "broken off: no name of a type in quotes");
    *of = (reading){.maker = maker, .begin = line_number, .name = ul_str_slice(rest, 0, at), .members = of->members, .capacity = of->capacity};
    for (size_t open = rest.length; open-- > at;) {
        if (rest.data[open] != '(')
            continue;
        ul_str words = ul_str_slice(rest, open + 1, rest.length);
        ul_str number = ul_word_cut(&words);
        if (!ul_str_starts_with(ul_trim(words), UL_STR("sample")) || !ul_parse_count(&samples, number))
            samples = 0;
        break;
    }
    of->samples = (double)samples;
    return UL_OK;
}

/* " event[0] = cpu-clock" */
static ul_status read_event(reading *of, ul_str line)
{
    size_t equal = ul_str_find(line, '=');
    if (of->event_count == EVENTS_MAX)
        return ul_maker_refuse(of->maker, of->maker->line, "more than %d events in a group", EVENTS_MAX);
    of->events[of->event_count++] = ul_trim(ul_str_slice(line, equal == SIZE_MAX ? line.length : equal + 1, line.length));
    return UL_OK;
}

/* The numbers of a member's line off `rest`. */
static bool cut_numbers(const reading *of, ul_str *rest, member *out)
{
    for (uint32_t i = 0; i < values_of(of); i++) {
        if (!ul_parse_number(&out->values[i], ul_word_cut(rest)))
            return false;
    }
    return ul_parse_count(&out->offset_bytes, ul_word_cut(rest)) && ul_parse_count(&out->size_bytes, ul_word_cut(rest)) &&
           out->offset_bytes < UINT32_MAX && out->size_bytes < UINT32_MAX;
}

/* "uint32_t<TAB>flags;", "struct stats<TAB>st {": the name is behind the last tab. */
static ul_str name_of(ul_str text, bool opens)
{
    ul_str body = ul_str_slice(text, 0, text.length - 1);
    size_t tab = SIZE_MAX;
    if (opens)
        body = ul_trim(body);
    for (size_t i = 0; i < body.length; i++)
        tab = body.data[i] == '\t' ? i : tab;
    if (tab == SIZE_MAX && opens)
        return ul_str_of(NULL, 0); /* "struct<TAB> {", trimmed */
    ul_str name = ul_trim(ul_str_slice(body, tab == SIZE_MAX ? body.length : tab + 1, body.length));
    return name;
}

static bool ends_member(ul_str line)
{
    ul_str text = ul_trim(line);
    return ul_str_ends_with(text, UL_STR(";")) || ul_str_ends_with(text, UL_STR("{"));
}

/* A line end may stand in the text of a type: what follows up to the end of the member belongs to it. */
static bool join_lines(ul_maker *maker, ul_str *line)
{
    enum { JOINED_MAX = 4 };
    ul_str next;
    for (int i = 0; i < JOINED_MAX && !ends_member(*line); i++) {
        if (!ul_maker_next(maker, &next))
            return false;
        line->length = (size_t)(next.data + next.length - line->data);
    }
    return ends_member(*line);
}

static ul_status add_member(reading *of, ul_str line)
{
    ul_maker *maker = of->maker;
    uint32_t line_number = maker->line;
    member one = {0};
    ul_str rest = line;
    if (!cut_numbers(of, &rest, &one))
        return ul_maker_refuse(maker, line_number, "not a line of a type: %u number%s, an offset and a size are wanted", values_of(of), values_of(of) == 1 ? "" : "s");
    if (!join_lines(maker, &line))
        return ul_maker_refuse(maker, line_number, "the type of line %u is broken off here", of->begin);
    rest = line;
    cut_numbers(of, &rest, &one);
    ul_str text = ul_trim(rest);
    bool opens = ul_str_ends_with(text, UL_STR("{"));
    one.name = name_of(text, opens);
    one.depth = of->depth;
    one.is_bits = !opens && ul_str_find(one.name, ':') != SIZE_MAX;
    if (one.is_bits)
        one.name = ul_str_slice(one.name, 0, ul_str_find(one.name, ':'));
    if (!of->is_open && !opens) /* a type without members: "int<TAB>counter;" */
        one.name = ul_str_of(NULL, 0);
    if (of->count == MEMBERS_MAX || (opens && of->depth + 1 == DEPTH_MAX))
        return ul_maker_refuse(maker, line_number, "too many members, or too deep");
    UL_RESERVE(maker->arena, of->members, of->count, of->capacity);
    one.end = of->count + 1;
    of->members[of->count] = one;
    if (opens)
        of->open[of->depth++] = of->count;
    of->count++;
    of->is_open = of->depth > 0;
    return UL_OK;
}

static uint32_t leaves_in(const reading *of, uint32_t first, uint32_t end)
{
    uint32_t leaves = 0;
    for (uint32_t i = first; i < end; i++)
        leaves += of->members[i].end == i + 1;
    return leaves;
}

/* The member that stands for all that lie over members[first], from there to the end of those; *next is behind them. */
static uint32_t finest(const reading *of, uint32_t first, uint32_t end, uint32_t *next)
{
    const member *it = &of->members[first];
    uint64_t covered = it->offset_bytes + it->size_bytes;
    uint32_t best = first;
    *next = it->end;
    while (*next < end && of->members[*next].offset_bytes < covered && it->size_bytes) {
        const member *other = &of->members[*next];
        if (leaves_in(of, *next, other->end) > leaves_in(of, best, of->members[best].end))
            best = *next;
        covered = other->offset_bytes + other->size_bytes > covered ? other->offset_bytes + other->size_bytes : covered;
        *next = other->end;
    }
    return best;
}

static double samples_at(const reading *of, uint32_t index, uint32_t event)
{
    double value = of->members[index].values[event], all = of->members[0].values[event];
    if (of->has_samples)
        return value;
    double whole = of->samples > 0 ? of->samples : 100;
    double part = all > 0 ? value / all * whole : 0;
    return of->samples > 0 ? round(part) : part; /* percentages are rounded, samples are whole */
}

static void add_leaf(reading *of, uint32_t type, uint32_t index, const char *path)
{
    ul_maker *maker = of->maker;
    const member *leaf = &of->members[index];
    uint32_t field = ul_maker_field(maker, type, ul_str_of_cstr(path), leaf->offset_bytes, leaf->size_bytes);
    ul_str first = of->event_count ? of->events[0] : ul_str_of(NULL, 0);
    for (uint32_t i = 0; i < values_of(of); i++) {
        ul_direction direction = ul_direction_of(of->event_count ? of->events[i] : ul_str_of(NULL, 0));
        if (i && (direction == UL_DIRECTION_NONE || ul_direction_of(first) == UL_DIRECTION_NONE))
            break; /* other events cannot be added up */
        double samples = samples_at(of, index, i);
        ul_counts_sample(&maker->profile->types[type].fields[field].counts, samples, direction);
        ul_counts_sample(&maker->profile->types[type].counts, samples, direction);
    }
}

/* Members from `first` to `end`, below `path`. Depth is bounded by DEPTH_MAX. */
static void add_leaves(reading *of, uint32_t type, uint32_t first, uint32_t end, const char *path)
{
    for (uint32_t i = first, next; i < end; i = next) {
        uint32_t best = finest(of, i, end, &next);
        const member *it = &of->members[best];
        const char *name = ul_arena_printf(of->maker->arena, "%s%s%.*s", path, *path && it->name.length ? "." : "", (int)it->name.length, it->name.length ? it->name.data : "");
        if (it->end == best + 1)
            add_leaf(of, type, best, name);
        else
            add_leaves(of, type, best + 1, it->end, name);
    }
}

static void finish_type(reading *of)
{
    ul_maker *maker = of->maker;
    uint32_t line = maker->line;
    maker->line = of->begin; /* where the type is, for messages about it */
    uint32_t type = ul_maker_type(maker, of->name, of->members[0].size_bytes);
    maker->line = line;
    if (of->members[0].end > 1)
        add_leaves(of, type, 1, of->members[0].end, "");
    else
        add_leaf(of, type, 0, "");
    maker->profile->types[type].is_complete = true;
    if (of->event_count && !maker->profile->meta.event[0])
        ul_maker_set_event(maker, of->events[0]);
    maker->profile->meta.typed_samples += of->samples;
    maker->profile->meta.is_share |= of->samples <= 0 && !of->has_samples;
}

/* "};" */
static ul_status close_member(reading *of)
{
    if (of->depth == 0)
        return ul_maker_refuse(of->maker, of->maker->line, "a brace closes that was never opened");
    of->members[of->open[--of->depth]].end = of->count;
    of->is_open = of->depth > 0;
    if (!of->is_open) {
        finish_type(of);
        of->has_header = false;
    }
    return UL_OK;
}

/* "total 16, ok 4 (25.0%), bad 12 (75.0%)": of instructions. */
static void read_stat(reading *of, ul_str text)
{
    uint64_t total, ok;
    size_t at;
    ul_str rest = ul_str_slice(text, 6, text.length), number = rest;
    if (!ul_str_has(rest, ", ok ", &at))
        return;
    number = ul_str_slice(rest, 0, at);
    rest = ul_str_slice(rest, at + 5, rest.length);
    if (ul_parse_count(&total, number) && ul_parse_count(&ok, ul_word_cut(&rest)) && total >= ok && total)
        of->maker->profile->meta.resolved_share = (double)ok / (double)total;
}

static bool is_header(ul_str text)
{
    ul_str rest = text;
    ul_str word = ul_word_cut(&rest);
    bool is_unit = ul_str_is_equal(word, UL_STR("Percent")) || ul_str_is_equal(word, UL_STR("Samples")) || ul_str_is_equal(word, UL_STR("samples")) ||
                   ul_str_is_equal(word, UL_STR("Period"));
    return is_unit && ul_str_has(rest, "offset", NULL) && ul_str_has(rest, "size", NULL);
}

static ul_status read_line(reading *of, ul_str line)
{
    ul_str text = ul_trim(line);
    if (ul_str_starts_with(text, UL_STR("Annotate type:")))
        return begin_type(of, text);
    if (ul_str_starts_with(text, UL_STR("total ")) && !of->is_open)
        read_stat(of, text);
    if (!of->begin || !text.length)
        return UL_OK;
    if (is_header(text) && !of->is_open) {
        of->has_samples = text.data[0] == 'S' || text.data[0] == 's';
        of->has_header = true;
        return UL_OK;
    }
    if (!of->is_open && !of->has_header)
        return ul_str_starts_with(text, UL_STR("event[")) ? read_event(of, text) : UL_OK;
    if (ul_str_is_equal(text, UL_STR("};")))
        return close_member(of);
    ul_status status = add_member(of, line);
    if (status == UL_OK && !of->is_open && of->count == 1) {
        finish_type(of);
        of->has_header = false;
    }
    return status;
}

ul_status ul_import_annotate(ul_maker *maker)
{
    reading of = {.maker = maker};
    ul_str line;
    ul_status status = UL_OK;
    ul_profile_meta *meta = &maker->profile->meta;
    while (status == UL_OK && ul_maker_next(maker, &line))
        status = read_line(&of, line);
    if (status != UL_OK)
        return status;
    if (of.is_open || of.has_header || (of.begin && !of.count))
        return ul_maker_refuse(maker, maker->line, "the type of line %u is broken off at the end of the file", of.begin);
    if (!maker->profile->type_count)
        return ul_maker_refuse(maker, 0, "no type in this output of perf annotate --data-type: no sample could be told one");
    if (!meta->event[0])
        ul_maker_set_event(maker, ul_str_of(NULL, 0));
    meta->source = UL_PROFILE_PERF_ANNOTATE;
    meta->biases |= 1u << UL_BIAS_SHARED_BYTES;
    return UL_OK;
}
