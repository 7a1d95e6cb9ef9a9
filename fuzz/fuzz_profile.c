/* Any bytes as a profile: no crash, no index out of its array, and what is wrong is said with its line. */
#include <stdlib.h>
#include <string.h>

#include "layout/profile/profile_file.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_type(const ul_profile_type *type, uint32_t lines)
{
    HOLDS(type->name && type->line >= 1 && type->line <= lines);
    for (uint32_t i = 0; i < type->field_count; i++)
        HOLDS(type->fields[i].path);
    for (uint32_t c = 0; c < type->context_count; c++) {
        HOLDS(type->contexts[c].function && type->contexts[c].thread);
        for (uint32_t u = 0; u < type->contexts[c].use_count; u++)
            HOLDS(type->contexts[c].uses[u].field < type->field_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ul_arena arena;
    ul_diags diags;
    ul_profile *profile;
    uint32_t lines = 1;
    ul_arena_init(&arena, NULL);
    ul_diags_init(&diags, &arena);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    char *bytes = malloc(size ? size : 1); /* of the exact size: one byte too far is seen */
    HOLDS(bytes);
    if (size)
        memcpy(bytes, data, size);
    ul_status status = ul_profile_read(&profile, "p", bytes, size, &diags, &arena);
    free(bytes); /* nothing may point into it */
    HOLDS(status == UL_OK || status == UL_ERR_INPUT);
    HOLDS((status != UL_OK) == (diags.error_count > 0));
    for (uint32_t i = 0; i < diags.count; i++)
        HOLDS(diags.items[i].line <= lines && diags.items[i].message[0]);
    for (uint32_t i = 0; status == UL_OK && i < profile->type_count; i++)
        check_type(&profile->types[i], lines);
    ul_arena_free(&arena);
    return 0;
}
