#include "layout/model/unit.h"

#include <string.h>

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
