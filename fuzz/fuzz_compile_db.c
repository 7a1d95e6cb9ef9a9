/* Any bytes as a compilation database: no crash, every entry gives flags, and what is wrong is said with its line. */
#include <stdlib.h>
#include <string.h>

#include "cli/compile_db.h"
#include "cli/flags.h"

#define HOLDS(condition)                                                                                     \
    do {                                                                                                     \
        if (!(condition))                                                                                    \
            abort();                                                                                         \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_entry(const ul_compile_entry *entry, bool is_retargeted, size_t size, ul_diags *diags, ul_arena *arena)
{
    ul_flags flags;
    HOLDS(entry->directory[0] == '/' && entry->file[0] == '/');
    HOLDS(entry->args.count > 0);
    ul_flags_convert(&flags, entry->args.items, entry->args.count, entry->file, is_retargeted, diags, arena);
    for (uint32_t i = 0; i < flags.count; i++)
        HOLDS(strlen(flags.args[i]) <= size + 64);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ul_arena arena;
    ul_diags diags;
    ul_compile_db db;
    uint32_t lines = 1;
    ul_arena_init(&arena, NULL);
    ul_diags_init(&diags, &arena);
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    char *bytes = malloc(size ? size : 1); /* of the exact size: one byte too far is seen */
    HOLDS(bytes);
    if (size)
        memcpy(bytes, data, size);
    ul_status status = ul_compile_db_parse(&db, bytes, size, "/w/compile_commands.json", &diags, &arena);
    free(bytes); /* nothing may point into it */
    HOLDS(status == UL_OK || status == UL_ERR_INPUT);
    HOLDS((status != UL_OK) == (diags.error_count > 0));
    for (uint32_t i = 0; i < diags.count; i++)
        HOLDS(diags.items[i].line <= lines && diags.items[i].message[0]);
    for (uint32_t i = 0; i < db.count; i++)
        check_entry(&db.entries[i], i % 2, size, &diags, &arena);
    ul_arena_free(&arena);
    return 0;
}
