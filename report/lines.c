#include "report/lines.h"

#include <string.h>

void ul_lines_init(ul_lines *lines, const ul_report *report, ul_arena *arena)
{
    *lines = (ul_lines){.report = report, .arena = arena};
}

static void push_start(ul_lines *lines, uint64_t start, uint32_t count)
{
    UL_RESERVE(lines->arena, lines->starts, count, lines->capacity);
    lines->starts[count] = start;
}

static void index_lines(ul_lines *lines)
{
    const ul_source *source = lines->source;
    uint32_t count = 0;
    push_start(lines, 0, count++);
    for (uint64_t at = 0; at < source->length && count < UINT32_MAX / 2;) {
        const char *newline = memchr(source->bytes + at, '\n', source->length - at);
        at = newline ? (uint64_t)(newline - source->bytes) + 1 : source->length;
        push_start(lines, at, count++);
    }
    lines->count = count - 1;
}

bool ul_lines_open(ul_lines *lines, const char *file)
{
    const ul_report *report = lines->report;
    if (lines->source && strcmp(lines->source->file, file) == 0)
        return true;
    for (uint32_t i = 0; i < report->source_count; i++) {
        /* Sources and findings are in much the same order: the search begins where the last one ended. */
        uint32_t at = (lines->last_source + i) % report->source_count;
        if (strcmp(report->sources[at].file, file) == 0) {
            lines->source = &report->sources[at];
            lines->last_source = at;
            index_lines(lines);
            return true;
        }
    }
    return false;
}

const char *ul_lines_at(const ul_lines *lines, uint32_t line, size_t *length)
{
    uint64_t begin = lines->starts[line - 1], end = lines->starts[line];
    const char *bytes = lines->source->bytes;
    while (end > begin && (bytes[end - 1] == '\n' || bytes[end - 1] == '\r'))
        end--;
    *length = (size_t)(end - begin);
    return bytes + begin;
}
