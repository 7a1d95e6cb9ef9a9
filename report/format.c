#include "report/format.h"

#include <string.h>

#define UL_FORMAT(id) extern const ul_format ul_format_##id;
#include "report/formats.def"
#undef UL_FORMAT

static const ul_format *const formats[] = {
#define UL_FORMAT(id) &ul_format_##id,
#include "report/formats.def"
#undef UL_FORMAT
};

const ul_format *const *ul_formats_all(uint32_t *count)
{
    *count = sizeof formats / sizeof *formats;
    return formats;
}

const ul_format *ul_format_find(const char *name)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i]->name, name) == 0)
            return formats[i];
    }
    return NULL;
}
