#include "layout/model/unit.h"

#include <string.h>

#include "layout/model/compare.h"

/* Whether `file` is `path` or, when that ends in '/', lies below it. */
static bool covers(const char *path, const char *file)
{
    size_t length = strlen(path);
    return strcmp(path, file) == 0 || (length && path[length - 1] == '/' && strncmp(path, file, length) == 0);
}

bool ul_filter_names(const ul_file_filter *filter, const char *file)
{
    for (uint32_t i = 0; i < filter->excluded_count; i++) {
        if (covers(filter->excluded[i], file))
            return false;
    }
    for (uint32_t i = 0; i < filter->count; i++) {
        if (covers(filter->paths[i], file))
            return true;
    }
    return false;
}

int ul_unit_job_compare(const void *left, const void *right)
{
    const ul_unit_job *a = left, *b = right;
    int order = ul_compare_numbers(a->is_header, b->is_header);
    if (order == 0)
        order = strcmp(a->file, b->file);
    if (order == 0)
        order = strcmp(a->directory, b->directory);
    for (uint32_t i = 0; order == 0 && i < a->arg_count && i < b->arg_count; i++)
        order = strcmp(a->args[i], b->args[i]);
    if (order == 0)
        order = ul_compare_numbers(a->arg_count, b->arg_count);
    if (order == 0)
        order = ul_compare_numbers(a->refusal_count, b->refusal_count);
    for (uint32_t i = 0; order == 0 && i < a->refusal_count; i++) {
        order = ul_compare_numbers(a->refusals[i].reason, b->refusals[i].reason);
        if (order == 0)
            order = strcmp(a->refusals[i].detail, b->refusals[i].detail);
    }
    return order ? order : ul_compare_numbers(a->target, b->target);
}
