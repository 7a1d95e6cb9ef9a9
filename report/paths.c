#include "report/paths.h"

#include <string.h>

const char *ul_path_below(const char *path, const char *directory)
{
    if (!path || !directory)
        return path;
    size_t length = strlen(directory);
    return length && strncmp(path, directory, length) == 0 && path[length] ? path + length : path;
}

const char *ul_path_shown(const ul_report *report, const char *path)
{
    return ul_path_below(path, report->root ? report->root : report->cwd);
}
