#include "cli/profiles.h"

#include <errno.h>
#include <string.h>

#include "cli/file.h"
#include "cli/paths.h"
#include "layout/engine/profiles.h"
#include "layout/profile/profile_file.h"

#define LIMIT_BYTES (UINT64_C(1) << 30)

static ul_status read_one(ul_profile **out, const char *name, const char *cwd, ul_diags *diags, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    const char *path = ul_path_settle(cwd, name, arena);
    ul_status status = ul_file_read(&text, path, LIMIT_BYTES);
    if (status == UL_OK)
        status = ul_profile_read(out, path, text.data ? text.data : "", text.length, diags, arena);
    else
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "cannot read the profile: %s", strerror(errno));
    ul_strbuf_free(&text);
    return status;
}

ul_status ul_profiles_read(ul_profiles *out, const ul_config *config, const char *cwd, ul_diags *diags, ul_arena *arena)
{
    ul_status first_error = UL_OK;
    *out = (ul_profiles){.items = UL_NEW_ARRAY(arena, const ul_profile *, config->profile_count + 1u)};
    for (uint32_t i = 0; i < config->profile_count; i++) {
        ul_profile *profile;
        ul_status status = read_one(&profile, config->profile_files[i], cwd, diags, arena);
        if (status == UL_OK)
            out->items[out->count++] = profile;
        else if (first_error == UL_OK)
            first_error = status;
    }
    return first_error;
}

/* Types of other code are no news, and the report lists them with -v; a record that is here and does not get its numbers is. */
static void tell(const ul_profile_summary *summary, ul_diags *diags)
{
    for (uint32_t i = 0; i < summary->placement_count; i++) {
        const ul_profile_placement *placement = &summary->placements[i];
        if (placement->match == UL_PROFILE_REFUSED && !placement->is_foreign)
            ul_diags_add(diags, UL_LEVEL_WARNING, summary->meta.file, placement->line, 0, "`%s` is not placed: %s",
                         placement->name, placement->detail);
        else if (placement->match == UL_PROFILE_REMAPPED)
            ul_diags_add(diags, UL_LEVEL_WARNING, summary->meta.file, placement->line, 0, "`%s`: %s", placement->name, placement->detail);
    }
}

void ul_profiles_apply(const ul_profiles *profiles, ul_report *report, ul_diags *diags, ul_arena *arena)
{
    if (!profiles->count)
        return;
    ul_profiles_place(report, profiles->items, profiles->count, arena);
    for (uint32_t i = 0; i < report->profile_count; i++) {
        const ul_profile_summary *summary = &report->profiles[i];
        bool is_lost = summary->record_count == 0;
        tell(summary, diags);
        if (is_lost)
            ul_diags_add(diags, UL_LEVEL_WARNING, summary->meta.file, 0, 0, "nothing of the profile is about a record that was read: show -v lists its types");
    }
}
