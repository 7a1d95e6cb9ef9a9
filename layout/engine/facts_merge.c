#include "layout/engine/facts_merge.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/wire.h"

/* A unit or a source with the set that it came in. */
typedef struct unit_from {
    const ul_facts_unit *unit;
    const ul_facts_set *set;
} unit_from;

typedef struct source_from {
    const ul_facts_source *source;
    const ul_facts_set *set;
} source_from;

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
    return ul_unit_job_compare(&((const unit_from *)left)->unit->job, &((const unit_from *)right)->unit->job);
}

static int by_file(const void *left, const void *right)
{
    return strcmp(((const source_from *)left)->source->file, ((const source_from *)right)->source->file);
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

static void join_sources(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += sets[i].source_count;
    source_from *all = UL_NEW_ARRAY(arena, source_from, total + 1u);
    out->sources = UL_NEW_ARRAY(arena, ul_facts_source, total + 1u);
    total = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < sets[i].source_count; k++)
            all[total++] = (source_from){&sets[i].sources[k], &sets[i]};
    }
    qsort(all, total, sizeof *all, by_file);
    for (uint32_t i = 0; i < total; i++) {
        const source_from *last = i ? &all[i - 1] : NULL;
        if (!last || by_file(last, &all[i]) != 0)
            out->sources[out->source_count++] = *all[i].source;
        else if (last->source->digest != all[i].source->digest)
            ul_diags_add(diags, UL_LEVEL_ERROR, all[i].set->name, 0, 0, "its facts do not go with those of %s: %s was another file then; make both anew",
                         last->set->name, ul_facts_show_root(".", all[i].source->file, arena));
    }
}

static void join_units(ul_facts_set *out, const ul_facts_set *sets, uint32_t count, ul_diags *diags, ul_arena *arena)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += sets[i].unit_count;
    unit_from *all = UL_NEW_ARRAY(arena, unit_from, total + 1u);
    out->units = UL_NEW_ARRAY(arena, ul_facts_unit, total + 1u);
    total = 0;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < sets[i].unit_count; k++)
            all[total++] = (unit_from){&sets[i].units[k], &sets[i]};
    }
    qsort(all, total, sizeof *all, by_job);
    for (uint32_t i = 0; i < total; i++) {
        const unit_from *last = i ? &all[i - 1] : NULL;
        if (!last || by_job(last, &all[i]) != 0)
            out->units[out->unit_count++] = *all[i].unit;
        else if (!is_same_unit(last->unit, all[i].unit))
            ul_diags_add(diags, UL_LEVEL_ERROR, all[i].set->name, 0, 0, "its facts do not go with those of %s: they say different things of %s; make both anew",
                         last->set->name, ul_facts_show_root(".", all[i].unit->job.file, arena));
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
