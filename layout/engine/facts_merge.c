#include "layout/engine/facts_merge.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/wire.h"

/* A unit or a source with the set that it came in. */
typedef struct part_from {
    const void *part;
    const ul_facts_set *set;
} part_from;

bool ul_facts_made_differs(const char **key, const char **left, const char **right, const char *a, const char *b, ul_arena *arena)
{
    const char *texts[] = {a, b};
    for (int i = 0; i < 2; i++) {
        for (const char *at = texts[i]; *at; at += strcspn(at, "\n"), at += *at == '\n') {
            *key = ul_arena_strndup(arena, at, strcspn(at, ":\n"));
            *left = ul_facts_made(a, *key, arena);
            *right = ul_facts_made(b, *key, arena);
            if (strcmp(*left, *right) != 0)
                return true;
        }
    }
    return false;
}

static int by_job(const void *left, const void *right)
{
    const ul_facts_unit *a = ((const part_from *)left)->part, *b = ((const part_from *)right)->part;
    return ul_unit_job_compare(&a->job, &b->job);
}

static int by_file(const void *left, const void *right)
{
    const ul_facts_source *a = ((const part_from *)left)->part, *b = ((const part_from *)right)->part;
    return strcmp(a->file, b->file);
}

/* Whether two sets say the same of one unit. */
static bool is_same_unit(const ul_facts_unit *a, const ul_facts_unit *b)
{
    if (a->job.confidence != b->job.confidence || a->result.record_count != b->result.record_count)
        return false;
    ul_strbuf left, right;
    ul_strbuf_init(&left);
    ul_strbuf_init(&right);
    ul_wire_write_result(&left, &a->result);
    ul_wire_write_result(&right, &b->result);
    bool is_same = left.length == right.length && !left.has_failed && !right.has_failed && memcmp(left.data, right.data, left.length) == 0;
    ul_strbuf_free(&left);
    ul_strbuf_free(&right);
    return is_same;
}

/* Sets that are not made alike say so once each, against the first. */
static void check_made(const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    for (uint32_t i = 1; i < count; i++) {
        const char *key, *left, *right;
        if (ul_facts_made_differs(&key, &left, &right, sets[0].made_by, sets[i].made_by, arena))
            ul_diags_add(diags, UL_LEVEL_ERROR, sets[i].name, 0, 0, "its facts do not go with those of %s: '%s' is '%s' here and '%s' there",
                         sets[0].name, key, right, left);
    }
}

static uint32_t count_of(const ul_facts_set *set, bool wants_units)
{
    return wants_units ? set->unit_count : set->source_count;
}

/* The units or the sources of all sets, like beside like. */
static part_from *sorted_parts(uint32_t *total, const ul_facts_set *sets, uint32_t count, bool wants_units, ul_arena *arena)
{
    uint32_t room = 0;
    *total = 0;
    for (uint32_t i = 0; i < count; i++)
        room += count_of(&sets[i], wants_units);
    part_from *all = UL_NEW_ARRAY(arena, part_from, room + 1u);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < count_of(&sets[i], wants_units); k++)
            all[(*total)++] = (part_from){wants_units ? (const void *)&sets[i].units[k] : &sets[i].sources[k], &sets[i]};
    }
    qsort(all, *total, sizeof *all, wants_units ? by_job : by_file);
    return all;
}

/* "<before><file><after>" is why the set of `part` does not go with that of the part before it. */
static void tell_clash(ul_diags *diags, const part_from *part, const char *before, const char *file, const char *after, ul_arena *arena)
{
    ul_diags_add(diags, UL_LEVEL_ERROR, part->set->name, 0, 0, "its facts do not go with those of %s: %s%s%s; make both anew", part[-1].set->name, before,
                 ul_facts_show_root(".", file, arena), after);
}

static void join_sources(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    uint32_t total;
    const part_from *all = sorted_parts(&total, sets, count, false, arena);
    out->sources = UL_NEW_ARRAY(arena, ul_facts_source, total + 1u);
    for (uint32_t i = 0; i < total; i++) {
        const ul_facts_source *source = all[i].part, *last = i ? all[i - 1].part : NULL;
        if (!last || by_file(&all[i - 1], &all[i]) != 0)
            out->sources[out->source_count++] = *source;
        else if (last->digest != source->digest)
            tell_clash(diags, &all[i], "", source->file, " was another file then", arena);
    }
}

static void join_units(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    uint32_t total;
    const part_from *all = sorted_parts(&total, sets, count, true, arena);
    out->units = UL_NEW_ARRAY(arena, ul_facts_unit, total + 1u);
    for (uint32_t i = 0; i < total; i++) {
        const ul_facts_unit *unit = all[i].part, *last = i ? all[i - 1].part : NULL;
        if (!last || by_job(&all[i - 1], &all[i]) != 0)
            out->units[out->unit_count++] = *unit;
        else if (!is_same_unit(last, unit))
            tell_clash(diags, &all[i], "they say different things of ", unit->job.file, "", arena);
    }
}

ul_status ul_facts_merge(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    uint32_t errors = diags->error_count;
    *out = (ul_facts_set){.name = count ? sets[0].name : "", .made_by = count ? sets[0].made_by : ""};
    check_made(sets, count, diags, arena);
    if (diags->error_count == errors)
        join_sources(out, sets, count, diags, arena);
    if (diags->error_count == errors)
        join_units(out, sets, count, diags, arena);
    return diags->error_count == errors ? UL_OK : UL_ERR_INPUT;
}
