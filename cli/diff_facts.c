/* Two facts files as the sides of `ullage diff`: each was read with the flags of its time, and git has no part in it. */
#include <string.h>

#include "cli/diff_sides.h"
#include "cli/facts_units.h"
#include "layout/engine/facts_merge.h"
#include "layout/engine/merge.h"

static void add_file(ul_diff_sides *sides, const char *before, const char *after)
{
    UL_RESERVE(sides->arena, sides->files, sides->file_count, sides->file_capacity);
    sides->files[sides->file_count++] = (ul_file_change){before, after};
}

/* The files whose contents differ, or that one side alone has read. Both lists are sorted. */
static void find_files(ul_diff_sides *sides, const ul_facts_set *before, const ul_facts_set *after)
{
    for (uint32_t i = 0, k = 0; i < before->source_count || k < after->source_count;) {
        const ul_facts_source *old = i < before->source_count ? &before->sources[i] : NULL, *new = k < after->source_count ? &after->sources[k] : NULL;
        int order = !old ? 1 : !new ? -1 : strcmp(old->file, new->file);
        if (order != 0 || old->digest != new->digest)
            add_file(sides, order <= 0 ? old->file : NULL, order >= 0 ? new->file : NULL);
        i += order <= 0;
        k += order >= 0;
    }
}

/* Neither side need be what is on disk. */
static ul_status read_side(ul_diff_sides *sides, ul_diff_side *side, ul_facts_set *set, const char *file)
{
    ul_facts_request request = {.files = &file, .file_count = 1, .is_past = true};
    side->name = file;
    ul_diags_init(&side->diags, sides->arena);
    ul_overlay_init(&side->overlay, sides->arena);
    ul_status status = ul_facts_units_read(&side->selection, &side->units, set, &request, sides->config, &side->diags, sides->arena);
    side->is_whole = status == UL_OK && side->diags.error_count == 0;
    if (status == UL_OK)
        ul_merge_units(&side->entries, &side->entry_count, side->units.results, side->units.count, sides->arena);
    return status;
}

static ul_status check_made(const ul_diff_sides *sides, const ul_facts_set *before, const ul_facts_set *after)
{
    const char *key, *left, *right;
    if (!ul_facts_made_differs(&key, &left, &right, before->made_by, after->made_by, sides->arena))
        return UL_OK;
    ul_diags_add(sides->diags, UL_LEVEL_ERROR, sides->after.name, 0, 0, "it cannot be compared with %s: '%s' is '%s' here and '%s' there", sides->before.name, key,
                 right, left);
    return UL_ERR_INPUT;
}

ul_status ul_diff_sides_read_facts(ul_diff_sides *out, const ul_config *config, ul_diags *diags, ul_arena *arena)
{
    ul_facts_set before, after;
    *out = (ul_diff_sides){.config = config, .diags = diags, .arena = arena};
    ul_string_map_init(&out->others, arena);
    for (uint32_t i = 0; i < config->path_count; i++)
        ul_words_add(&out->paths, ul_diff_sides_settle(out, config->paths[i]), arena);
    for (uint32_t i = 0; i < config->public_count; i++)
        ul_words_add(&out->publics, ul_diff_sides_settle(out, config->public_paths[i]), arena);
    ul_status status = read_side(out, &out->before, &before, config->facts[0]);
    if (status == UL_OK)
        status = read_side(out, &out->after, &after, config->facts[1]);
    if (status == UL_OK)
        status = check_made(out, &before, &after);
    if (status == UL_OK)
        find_files(out, &before, &after);
    return status;
}
