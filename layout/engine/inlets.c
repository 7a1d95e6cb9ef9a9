#include "layout/engine/inlets.h"

#include <string.h>

enum { PLACES_MAX = 256 };

typedef struct judging {
    const ul_inlet_request *request;
    const ul_census *census;
    ul_word key, tag; /* of the record; what stands for it where a unit has no definition */
    ul_word places[PLACES_MAX]; /* looked into, or being */
    uint32_t place_count;
    ul_inlet_doubt *doubt;
    ul_arena *arena;
} judging;

static const char *quote(const judging *j, ul_word word)
{
    return j->census->words[word];
}

static bool tell(judging *j, const ul_inlet *at, const char *detail)
{
    *j->doubt = (ul_inlet_doubt){.detail = detail, .file = quote(j, at->file), .line = at->line};
    return true;
}

static bool is_defined(const ul_census *census, ul_word id)
{
    for (uint32_t i = 0; i < census->variable_count; i++) {
        if (census->variables[i].id == id)
            return true;
    }
    return false;
}

static const ul_record *record_of(const ul_inlet_request *request, const char *key)
{
    for (uint32_t i = 0; i < request->entry_count; i++) {
        if (strcmp(request->entries[i].record->key, key) == 0)
            return request->entries[i].record;
    }
    return NULL;
}

static bool holds(const ul_inlet_request *request, const ul_record *outer, const char *key, uint32_t deep)
{
    for (uint32_t i = 0; i < outer->field_count && deep; i++) {
        const char *inner = outer->fields[i].embedded;
        const ul_record *record = inner && strcmp(inner, key) != 0 ? record_of(request, inner) : NULL;
        if (inner && (strcmp(inner, key) == 0 || (record && holds(request, record, key, deep - 1))))
            return true;
    }
    return false;
}

/* Whether the record of that key lies in a union: its fields can be written as other members there. */
static bool is_in_union(const ul_inlet_request *request, const char *key)
{
    enum { DEEP_MAX = 16 };
    uint32_t count;
    const ul_inlet *members = ul_census_inlets(request->census, UL_INLET_UNIONS, &count);
    for (uint32_t i = 0; i < count; i++) {
        const char *held = request->census->words[members[i].source];
        const ul_record *record = record_of(request, held);
        if (strcmp(held, key) == 0 || (record && holds(request, record, key, DEEP_MAX)))
            return true;
    }
    for (uint32_t i = 0; i < request->entry_count; i++) {
        const ul_record *record = request->entries[i].record;
        if (record->kind == UL_RECORD_UNION && (strcmp(record->key, key) == 0 || holds(request, record, key, DEEP_MAX)))
            return true;
    }
    return false;
}

static bool doubt_heap(judging *j, const ul_inlet *it)
{
    const ul_inlet_request *r = j->request;
    const char *name = quote(j, it->text);
    bool is_measured = it->source && (it->source == j->key || it->source == j->tag);
    uint32_t aligned = it->kind == UL_INLET_HEAP ? r->promised_bytes : it->align_bytes ? it->align_bytes : UINT32_MAX;
    if (aligned < r->align_bytes) {
        tell(j, it, it->kind == UL_INLET_HEAP ? ul_arena_printf(j->arena, "%s() makes one", name)
                                              : ul_arena_printf(j->arena, "%s() makes one that is aligned to %u", name, aligned));
        j->doubt->is_plain_heap = it->kind == UL_INLET_HEAP;
        return true;
    }
    j->doubt->has_memory |= is_measured;
    return !is_measured && tell(j, it, ul_arena_printf(j->arena, "%s() makes one of a size that is not seen to be its own", name));
}

static bool doubt_place(judging *j, const ul_inlet *from);

/* Whether what comes in there may be an object that is not known. */
static bool doubt_inlet(judging *j, const ul_inlet *it)
{
    const char *text = quote(j, it->text);
    switch ((ul_inlet_kind)it->kind) {
    case UL_INLET_PLACE:
        return doubt_place(j, it);
    case UL_INLET_RECORD:
        return it->source != j->key && it->source != j->tag && tell(j, it, "a pointer to another record is taken for one");
    case UL_INLET_CALL:
        return !ul_census_function_of(j->census, it->source) && tell(j, it, ul_arena_printf(j->arena, "`%s()` may give one, and no unit read has its body", text));
    case UL_INLET_EXTERN:
        return !is_defined(j->census, it->source) && tell(j, it, ul_arena_printf(j->arena, "no unit read defines `%s`", text));
    case UL_INLET_FIELD:
        return is_in_union(j->request, quote(j, it->source)) && tell(j, it, ul_arena_printf(j->arena, "`%s` lies in a union: anything may be taken for one", text));
    case UL_INLET_HEAP:
    case UL_INLET_ALIGNED:
        return doubt_heap(j, it);
    case UL_INLET_UNKNOWN:
    case UL_INLET_KIND_COUNT:
        break;
    }
    return tell(j, it, ul_arena_printf(j->arena, "`%s` is taken for one", text));
}

/* All that the place ever holds counts, whatever the order of statements. */
static bool doubt_place(judging *j, const ul_inlet *from)
{
    uint32_t count;
    const ul_inlet *inlets = ul_census_inlets(j->census, quote(j, from->source), &count);
    for (uint32_t i = 0; i < j->place_count; i++) {
        if (j->places[i] == from->source)
            return false;
    }
    if (count == 0 || j->place_count == PLACES_MAX)
        return tell(j, from, ul_arena_printf(j->arena, "`%s` is taken for one, and no unit read shows what it is", quote(j, from->text)));
    j->places[j->place_count++] = from->source;
    for (uint32_t i = 0; i < count; i++) {
        if (doubt_inlet(j, &inlets[i]))
            return true;
    }
    return false;
}

/* "struct s" -> the word "?s", which stands for it where it is only declared. */
static const char *tag_of(const ul_record *record, ul_arena *arena)
{
    const char *blank = strchr(record->name, ' ');
    return blank ? ul_arena_printf(arena, "?%s", blank + 1) : "";
}

bool ul_inlets_doubt(ul_inlet_doubt *out, const ul_inlet_request *request, ul_arena *arena)
{
    const char *names[] = {request->record->key, tag_of(request->record, arena)};
    judging j = {.request = request, .census = request->census, .doubt = out, .arena = arena};
    j.key = ul_census_word(j.census, names[0]);
    j.tag = *names[1] ? ul_census_word(j.census, names[1]) : 0;
    *out = (ul_inlet_doubt){.detail = ""};
    for (int n = 0; n < 2; n++) {
        uint32_t count;
        const ul_inlet *inlets = ul_census_inlets(j.census, names[n], &count);
        for (uint32_t i = 0; i < count; i++) {
            if (doubt_inlet(&j, &inlets[i]))
                return true;
        }
    }
    return false;
}

enum { HEAP_DEEP_MAX = 8 };

/* Whether all that flows into the place is memory from malloc(); *made is the first. */
static bool is_heap(const ul_inlet **made, const ul_census *census, ul_word place, uint32_t deep)
{
    uint32_t count;
    const ul_inlet *inlets = ul_census_inlets(census, census->words[place], &count);
    for (uint32_t i = 0; i < count; i++) {
        if (inlets[i].kind == UL_INLET_HEAP)
            *made = *made ? *made : &inlets[i];
        else if (inlets[i].kind != UL_INLET_PLACE || deep == 0 || !is_heap(made, census, inlets[i].source, deep - 1))
            return false;
    }
    return count > 0 && *made;
}

/* What rounds an address up makes a pointer out of a number, of bytes, or of what a builtin gives. */
static bool may_adjust(const ul_census *census, const ul_inlet *it)
{
    return it->kind == UL_INLET_UNKNOWN || (it->kind == UL_INLET_CALL && !ul_census_function_of(census, it->source));
}

bool ul_inlets_heap(ul_inlet_heap *out, const ul_census *census, const char *key)
{
    uint32_t count;
    const ul_inlet *inlets = ul_census_inlets(census, key, &count);
    *out = (ul_inlet_heap){.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        const ul_inlet *made = inlets[i].kind == UL_INLET_HEAP ? &inlets[i] : NULL;
        if (may_adjust(census, &inlets[i]))
            return false;
        if (!made && (inlets[i].kind != UL_INLET_PLACE || !is_heap(&made, census, inlets[i].source, HEAP_DEEP_MAX)))
            continue;
        if (!out->count++) {
            out->made = made;
            out->taken = &inlets[i];
        }
    }
    return out->made != NULL;
}
