/* Any bytes as a configuration file: no crash, no more memory than the file is worth, and what is wrong is said with its line. */
#include <stdlib.h>
#include <string.h>

#include "cli/config_file.h"
#include "cli/glob.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

enum { ARENA_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_values(const ul_config_file *file)
{
    for (int key = 0; key < UL_CONFIG_KEY_COUNT; key++) {
        const ul_config_value *value = &file->values[key];
        for (uint32_t i = 0; i < value->item_count; i++) {
            HOLDS(value->items[i].text && value->items[i].line);
            ul_glob_names(value->items[i].text, "/w/", "/w/a/b/c.h");
        }
        if (value->line && ul_config_key_info_of((ul_config_key)key)->form == UL_CONFIG_ALLOCATOR)
            HOLDS(ul_allocator_at((uint32_t)value->number) != NULL);
    }
    for (uint32_t i = 0; i < file->type_count; i++) {
        for (uint32_t k = 0; k < file->types[i].note_count; k++)
            HOLDS(file->types[i].notes[k].argument && file->types[i].notes[k].reason && file->types[i].notes[k].line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ul_arena arena;
    ul_diags diags;
    ul_config_file file;
    ul_arena_init(&arena, NULL);
    ul_diags_init(&diags, &arena);
    char *bytes = malloc(size ? size : 1); /* of the exact size: one byte too far is seen */
    HOLDS(bytes);
    if (size)
        memcpy(bytes, data, size);
    ul_status status = ul_config_file_parse(&file, "/w/.ullage.yml", bytes, size, &diags, &arena);
    free(bytes); /* nothing may point into it */
    HOLDS(status == UL_OK || status == UL_ERR_INPUT);
    HOLDS((status != UL_OK) == (diags.error_count > 0));
    for (uint32_t i = 0; i < diags.count; i++)
        HOLDS(diags.items[i].line && diags.items[i].message[0]);
    check_values(&file);
    HOLDS(arena.held_bytes < ARENA_MAX);
    ul_arena_free(&arena);
    return 0;
}
