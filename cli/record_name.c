#include "cli/record_name.h"

#include <string.h>

#include "cli/option_values.h"
#include "cli/suggest.h"
#include "cli/words.h"

static const char *bare(const char *name)
{
    if (strncmp(name, "struct ", 7) == 0)
        return name + 7;
    return strncmp(name, "union ", 6) == 0 ? name + 6 : name;
}

bool ul_record_name_matches(const char *name, const char *given)
{
    return strcmp(name, given) == 0 || strcmp(bare(name), given) == 0;
}

ul_status ul_record_name_select(ul_report *report, const char *given, ul_diags *diags, ul_arena *arena)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < report->entry_count; i++) {
        if (ul_record_name_matches(report->entries[i].record->name, given))
            report->entries[kept++] = report->entries[i];
    }
    if (kept) {
        report->entry_count = kept;
        return UL_OK;
    }
    ul_words names = {0};
    for (uint32_t i = 0; i < report->entry_count; i++)
        ul_words_add(&names, bare(report->entries[i].record->name), arena);
    const char *near = ul_suggest(bare(given), names.items, names.count);
    ul_diags_add(diags, UL_LEVEL_ERROR, NULL, 0, 0, "no record '%s' among the %u that were read%s", given,
                 report->entry_count, ul_did_you_mean(near, arena));
    return UL_ERR_USAGE;
}
