/* What a benchmark prints with --raw: a word and its values on each line, `end` on the last. report/assets/bench_cases.c.in writes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench_run.h"

typedef struct reader {
    ul_bench_result *out;
    uint32_t layout_count;
    ul_arena *arena;
} reader;

static bool read_case(reader *from, const char *line)
{
    static const char *const levels[] = {"L1", "L2", "L3", "memory", "-"};
    char kind[16], level[16];
    unsigned long long objects;
    unsigned spacing;
    int end = 0;
    ul_bench_result *out = from->out;
    if (sscanf(line, "case %15s %15s %llu %u%n", kind, level, &objects, &spacing, &end) != 4 || line[end])
        return false;
    ul_bench_case *at;
    UL_RESERVE(from->arena, out->cases, out->case_count, out->case_capacity);
    at = &out->cases[out->case_count];
    *at = (ul_bench_case){.kind = UL_BENCH_KIND_COUNT, .objects = objects, .spacing_ns = spacing};
    for (ul_bench_kind i = 0; i < UL_BENCH_KIND_COUNT; i++) {
        if (strcmp(ul_bench_kind_name(i), kind) == 0)
            at->kind = i;
    }
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(levels[i], level) == 0)
            at->level = levels[i];
    }
    if (at->kind == UL_BENCH_KIND_COUNT || !at->level)
        return false;
    out->case_count++;
    return true;
}

/* The figure of the layout that a line of the current case is about. */
static ul_bench_figure *figure_at(reader *from, unsigned layout)
{
    ul_bench_result *out = from->out;
    return layout < from->layout_count && out->case_count ? &out->cases[out->case_count - 1].figures[layout] : NULL;
}

static bool read_sample(reader *from, const char *line)
{
    unsigned layout;
    double ns;
    int end = 0;
    if (sscanf(line, "sample %u %lf%n", &layout, &ns, &end) != 2 || line[end] || !(ns >= 0 && ns < 1e15))
        return false;
    ul_bench_figure *figure = figure_at(from, layout);
    if (!figure)
        return false;
    UL_RESERVE(from->arena, figure->samples, figure->count, figure->capacity);
    figure->samples[figure->count++] = ns;
    return true;
}

static bool read_discarded(reader *from, const char *line)
{
    unsigned layout, count;
    int end = 0;
    if (sscanf(line, "discarded %u %u%n", &layout, &count, &end) != 2 || line[end])
        return false;
    ul_bench_figure *figure = figure_at(from, layout);
    if (figure)
        figure->discarded = count;
    return figure != NULL;
}

static bool read_machine(reader *from, const char *line)
{
    ul_bench_result *out = from->out;
    unsigned long long caches[3];
    unsigned number;
    int end = 0;
    if (strncmp(line, "cpu ", 4) == 0) {
        out->cpu = line + 4;
        return true;
    }
    if (sscanf(line, "caches %llu %llu %llu%n", &caches[0], &caches[1], &caches[2], &end) == 3 && !line[end]) {
        out->l1_bytes = caches[0];
        out->l2_bytes = caches[1];
        out->l3_bytes = caches[2];
        return true;
    }
    if (sscanf(line, "processors %u%n", &number, &end) == 1 && !line[end]) {
        out->processors = number;
        return true;
    }
    if (sscanf(line, "siblings %u%n", &number, &end) == 1 && !line[end]) {
        out->are_siblings = number;
        return true;
    }
    if (sscanf(line, "pinned %u%n", &number, &end) == 1 && !line[end]) {
        out->is_pinned = number;
        return true;
    }
    if (sscanf(line, "virtual %u%n", &number, &end) == 1 && !line[end]) {
        out->is_virtual = number;
        return true;
    }
    if (sscanf(line, "filter %u%n", &number, &end) == 1 && !line[end]) {
        out->has_filter = number;
        return true;
    }
    return sscanf(line, "cases %u%n", &number, &end) == 1 && !line[end];
}

static bool read_any(reader *from, const char *line)
{
    if (from->out->is_complete)
        return false;
    if (strcmp(line, "end") == 0) {
        from->out->is_complete = true;
        return true;
    }
    return read_sample(from, line) || read_discarded(from, line) || read_case(from, line) || read_machine(from, line);
}

ul_status ul_bench_output_read(ul_bench_result *out, const char *text, size_t length, uint32_t layout_count, const char **why, ul_arena *arena)
{
    reader from = {.out = out, .layout_count = layout_count, .arena = arena};
    *out = (ul_bench_result){.cpu = "", .process_count = 1};
    *why = "";
    for (size_t at = 0; at < length;) {
        const char *end = memchr(text + at, '\n', length - at);
        size_t line_length = end ? (size_t)(end - text) - at : length - at;
        const char *line = ul_arena_strndup(arena, text + at, line_length);
        if (!end || strlen(line) != line_length || !read_any(&from, line)) {
            *why = ul_arena_printf(arena, "it printed '%.60s'", line);
            return UL_ERR_INPUT;
        }
        at += line_length + 1;
    }
    if (out->is_complete && out->case_count)
        return UL_OK;
    *why = out->is_complete ? "it measured nothing" : "its output breaks off";
    return UL_ERR_INPUT;
}

static void join_figure(ul_bench_figure *to, const ul_bench_figure *from, ul_arena *arena)
{
    for (uint32_t i = 0; i < from->count; i++) {
        UL_RESERVE(arena, to->samples, to->count, to->capacity);
        to->samples[to->count++] = from->samples[i];
    }
    to->discarded += from->discarded;
}

bool ul_bench_result_join(ul_bench_result *to, const ul_bench_result *from, uint32_t layout_count, ul_arena *arena)
{
    if (to->case_count != from->case_count)
        return false;
    for (uint32_t i = 0; i < to->case_count; i++) {
        ul_bench_case *at = &to->cases[i];
        const ul_bench_case *other = &from->cases[i];
        if (at->kind != other->kind || strcmp(at->level, other->level) != 0 || at->objects != other->objects || at->spacing_ns != other->spacing_ns)
            return false;
        for (uint32_t k = 0; k < layout_count; k++)
            join_figure(&at->figures[k], &other->figures[k], arena);
    }
    to->is_pinned &= from->is_pinned;
    to->process_count += from->process_count;
    return true;
}
