#include "layout/model/target.h"

#include <stddef.h>
#include <string.h>

#include "allocator_tables.inc" /* made from data/allocators/ by cmake/EmbedAllocators.cmake */

static const ul_allocator_table no_allocator = {.name = "none", .title = "no allocator"};

enum { TABLE_COUNT = sizeof allocator_tables / sizeof *allocator_tables };

const ul_allocator_table *ul_allocator_at(uint32_t index)
{
    if (index < TABLE_COUNT)
        return &allocator_tables[index];
    return index == TABLE_COUNT ? &no_allocator : NULL;
}

const ul_allocator_table *ul_allocator_find(const char *name)
{
    const ul_allocator_table *table;
    for (uint32_t i = 0; (table = ul_allocator_at(i)) != NULL; i++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

static uint64_t round_up(uint64_t value, uint64_t granule)
{
    return granule ? (value + granule - 1) / granule * granule : value;
}

/* A large object: pages of its own. */
static void fit_large(ul_class_fit *fit, const ul_allocator_table *table, uint64_t size_bytes)
{
    uint64_t pages = round_up(size_bytes + table->large_header_bytes, table->large_granule_bytes);
    if (table->large_is_power_of_two) {
        uint64_t power = table->large_granule_bytes;
        while (power < pages)
            power *= 2;
        pages = power;
    }
    fit->is_large = true;
    fit->class_bytes = pages - table->large_header_bytes;
    fit->footprint_bytes = pages + table->large_extra_bytes;
    uint64_t last = table->ranges[table->range_count - 1].to_bytes;
    uint64_t step = table->large_is_power_of_two ? pages / 2 : table->large_granule_bytes;
    uint64_t lower = fit->class_bytes > step ? fit->class_bytes - step : 0;
    fit->lower_class_bytes = lower > last ? lower : last;
}

ul_class_fit ul_class_fit_of(const ul_allocator_table *table, uint64_t size_bytes)
{
    ul_class_fit fit = {0};
    if (!table || table->range_count == 0)
        return fit;
    uint64_t size = size_bytes ? size_bytes : 1, lower = 0;
    for (uint32_t i = 0; i < table->range_count; i++) {
        const ul_class_range *range = &table->ranges[i];
        if (size <= range->to_bytes) {
            uint64_t above = size > range->from_bytes ? size - range->from_bytes : 0;
            fit.class_bytes = range->from_bytes + round_up(above, range->step_bytes);
            fit.footprint_bytes = fit.class_bytes + table->header_bytes + range->extra_bytes;
            fit.lower_class_bytes =
                fit.class_bytes > range->from_bytes ? fit.class_bytes - range->step_bytes : lower;
            break;
        }
        lower = range->to_bytes;
    }
    if (!fit.class_bytes)
        fit_large(&fit, table, size);
    fit.slack_bytes = fit.class_bytes - size_bytes;
    fit.bytes_to_lower = fit.lower_class_bytes ? size - fit.lower_class_bytes : 0;
    return fit;
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool is_apple(const char *triple)
{
    return strstr(triple, "apple") || strstr(triple, "darwin") || strstr(triple, "macos") ||
           strstr(triple, "ios");
}

typedef struct line_row {
    const char *arch; /* that the triple begins with */
    uint32_t line_bytes, span_bytes;
} line_row;

static line_row line_row_of(const char *triple)
{
    static const line_row rows[] = {
        {"powerpc64", 128, 128}, {"ppc64", 128, 128}, {"s390x", 256, 256}, {"powerpc", 32, 32}, {"ppc", 32, 32},   {"m68k", 16, 16},
        {"sparc", 32, 64},       {"mips64", 64, 128}, {"mips", 32, 128},   {"avr", 32, 32},     {"msp430", 32, 32}, {"armv4", 32, 32},
        {"armv5", 32, 32},       {"armv6", 32, 32},   {"x86_64", 64, 128}, {"amd64", 64, 128},  {"aarch64", 64, 128}, {"arm64", 64, 128},
    };
    if ((starts_with(triple, "arm64") || starts_with(triple, "aarch64")) && is_apple(triple))
        return (line_row){triple, 128, 128};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (starts_with(triple, rows[i].arch))
            return rows[i];
    }
    return (line_row){triple, 64, 64};
}

uint32_t ul_line_bytes_of(const char *triple)
{
    return line_row_of(triple).line_bytes;
}

uint32_t ul_span_bytes_of(const char *triple)
{
    return line_row_of(triple).span_bytes;
}

void ul_target_init(ul_target *target, const char *triple, uint32_t pointer_bytes)
{
    bool is_arm =
        starts_with(triple, "arm") || starts_with(triple, "thumb") || starts_with(triple, "aarch64");
    *target = (ul_target){
        .triple = triple,
        .line_bytes = ul_line_bytes_of(triple),
        .pointer_bytes = pointer_bytes,
        .is_ms_layout = strstr(triple, "windows") || strstr(triple, "mingw"),
    };
    target->unnamed_bits_align = is_arm && !is_apple(triple) && !target->is_ms_layout;
}
