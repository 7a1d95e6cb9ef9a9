#include "layout/model/diag.h"

#include <string.h>

static const char *const level_names[] = {"off", "note", "warning", "error"};

void ul_diags_init(ul_diags *diags, ul_arena *arena)
{
    *diags = (ul_diags){.arena = arena};
}

void ul_diags_add(ul_diags *diags, ul_level level, const char *file, uint32_t line, uint32_t column, const char *format, ...)
{
    UL_RESERVE(diags->arena, diags->items, diags->count, diags->capacity);
    va_list args;
    va_start(args, format);
    diags->items[diags->count++] = (ul_diag){
        .level = level,
        .file = file ? ul_arena_strdup(diags->arena, file) : NULL,
        .line = line,
        .column = column,
        .message = ul_arena_vprintf(diags->arena, format, args),
    };
    va_end(args);
    if (level == UL_LEVEL_ERROR)
        diags->error_count++;
}

const char *ul_level_name(ul_level level)
{
    return level_names[level];
}

ul_status ul_level_parse(ul_level *out, const char *text)
{
    for (unsigned i = 0; i < sizeof level_names / sizeof *level_names; i++) {
        if (strcmp(text, level_names[i]) == 0) {
            *out = (ul_level)i;
            return UL_OK;
        }
    }
    return UL_ERR_USAGE;
}
