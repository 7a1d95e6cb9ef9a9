/* Any bytes as compile_commands.json: an error with a line, or entries whose text is whole. */
#include <stdlib.h>
#include <string.h>

#include "cli/compile_db.h"
#include "cli/flags.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    ul_arena arena;
    ul_diags diags;
    ul_compile_db db;
    ul_arena_init(&arena, NULL);
    ul_diags_init(&diags, &arena);
    ul_status status = ul_compile_db_parse(&db, (const char *)bytes, length, "/p/compile_commands.json", &diags, &arena);
    if (status != UL_OK && diags.error_count == 0)
        abort();
    for (uint32_t i = 0; i < db.count; i++) {
        const ul_compile_entry *entry = &db.entries[i];
        ul_flags flags;
        if (entry->directory[0] != '/' || entry->file[0] != '/')
            abort();
        ul_flags_convert(&flags, entry->args.items, entry->args.count, entry->file, i % 2, &diags, &arena);
        for (uint32_t j = 0; j < flags.count; j++) {
            if (strlen(flags.args[j]) > length + 64)
                abort();
        }
    }
    ul_arena_free(&arena);
    return 0;
}
