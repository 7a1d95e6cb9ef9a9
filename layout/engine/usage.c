#include "layout/engine/usage_state.h"

#include <string.h>

static uint32_t find_role(ul_usage_making *m, ul_usage_role role)
{
    ul_usage *usage = m->usage;
    for (uint32_t i = 0; i < usage->role_count; i++) {
        const ul_usage_role *it = &usage->roles[i];
        if (strcmp(it->name, role.name) == 0 && it->is_many == role.is_many && it->is_unknown == role.is_unknown && it->has_company == role.has_company)
            return i;
    }
    UL_RESERVE(m->arena, usage->roles, usage->role_count, m->role_capacity);
    usage->roles[usage->role_count] = role;
    return usage->role_count++;
}

uint32_t ul_usage_role_named(ul_usage_making *m, const char *name, bool is_many)
{
    return find_role(m, (ul_usage_role){.name = name, .is_many = is_many});
}

uint32_t ul_usage_role_unknown(ul_usage_making *m)
{
    return find_role(m, (ul_usage_role){.name = "", .is_unknown = true});
}

uint32_t ul_usage_role_in_company(ul_usage_making *m, const char *name)
{
    return find_role(m, (ul_usage_role){.name = *name ? name : "threads", .is_unknown = !*name, .has_company = true});
}

ul_usage_context *ul_usage_add_context(ul_usage_making *m, const char *name, uint32_t role, uint32_t owner, double count)
{
    ul_usage *usage = m->usage;
    UL_RESERVE(m->arena, usage->contexts, usage->context_count, m->context_capacity);
    usage->contexts[usage->context_count] = (ul_usage_context){.name = name, .role = role, .owner = owner, .count = count};
    m->access_capacity = 0;
    return &usage->contexts[usage->context_count++];
}

void ul_usage_add_access(ul_usage_making *m, uint32_t field, double reads, double writes, uint32_t locks)
{
    ul_usage_context *to = &m->usage->contexts[m->usage->context_count - 1];
    while (m->record->fields[field].parent != UL_NO_PARENT)
        field = m->record->fields[field].parent;
    for (uint32_t i = 0; i < to->access_count; i++) {
        if (to->accesses[i].field != field)
            continue;
        to->accesses[i].reads += reads;
        to->accesses[i].writes += writes;
        to->accesses[i].locks &= locks;
        return;
    }
    UL_RESERVE(m->arena, to->accesses, to->access_count, m->access_capacity);
    to->accesses[to->access_count++] = (ul_usage_access){field, locks, reads, writes};
}

/* --- Annotations. --- */

static bool is_group(ul_annotation_kind kind)
{
    return kind == UL_ANNOTATION_HOT || kind == UL_ANNOTATION_WRITER || kind == UL_ANNOTATION_READMOSTLY;
}

static const char *name_of(const ul_annotation *annotation, ul_arena *arena)
{
    const char *word = annotation->kind == UL_ANNOTATION_HOT ? "hot" : annotation->kind == UL_ANNOTATION_WRITER ? "writer" : "readmostly";
    return *annotation->argument ? ul_arena_printf(arena, "%s(%s)", word, annotation->argument) : word;
}

static const char *note_of(const ul_annotation *annotation, ul_arena *arena)
{
    const char *argument = annotation->argument;
    if (annotation->kind == UL_ANNOTATION_WRITER)
        return *argument ? ul_arena_printf(arena, "written by: %s", argument) : "written often";
    if (annotation->kind == UL_ANNOTATION_HOT)
        return *argument ? ul_arena_printf(arena, "hot: %s", argument) : "hot";
    return "read mostly";
}

/* A group is one context: hot(x) reads as x, writer(t) writes as t, readmostly is read by many. */
static void add_group(ul_usage_making *m, uint32_t first)
{
    const ul_record *record = m->record;
    const ul_annotation *group = &record->annotations[first];
    bool writes = group->kind == UL_ANNOTATION_WRITER, is_many = group->kind == UL_ANNOTATION_READMOSTLY;
    uint32_t role = ul_usage_role_named(m, is_many ? "readers" : group->argument, is_many);
    ul_usage_add_context(m, name_of(group, m->arena), role, m->usage->context_count, UL_ANNOTATED_COUNT);
    for (uint32_t i = first; i < record->annotation_count; i++) {
        const ul_annotation *other = &record->annotations[i];
        if (other->kind != group->kind || other->field >= record->field_count || strcmp(other->argument, group->argument) != 0)
            continue;
        ul_usage_add_access(m, other->field, writes ? 0 : UL_ANNOTATED_COUNT, writes ? UL_ANNOTATED_COUNT : 0, 0);
        m->is_told[other->field] = true;
        if (!m->notes[other->field] || writes) /* who writes says most */
            m->notes[other->field] = note_of(group, m->arena);
    }
}

static void add_annotations(ul_usage_making *m)
{
    const ul_record *record = m->record;
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *it = &record->annotations[i];
        bool is_first = is_group(it->kind) && it->field < record->field_count;
        if (it->kind == UL_ANNOTATION_COLD && it->field < record->field_count) {
            m->is_told[it->field] = true;
            m->usage->sources |= UL_USAGE_ANNOTATIONS;
        }
        for (uint32_t k = 0; k < i && is_first; k++) {
            const ul_annotation *before = &record->annotations[k];
            is_first = before->kind != it->kind || before->field >= record->field_count || strcmp(before->argument, it->argument) != 0;
        }
        if (!is_first)
            continue;
        add_group(m, i);
        m->usage->sources |= UL_USAGE_ANNOTATIONS;
    }
}

/* What stands between __cacheline_group_begin and _end of one name is used together. */
static void add_markers(ul_usage_making *m)
{
    static const char begin[] = "__cacheline_group_begin__", end[] = "__cacheline_group_end__";
    const ul_record *record = m->record;
    bool is_open = false;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        if (strncmp(field->name, begin, sizeof begin - 1) == 0) {
            const char *name = ul_arena_printf(m->arena, "cacheline group %s", field->name + sizeof begin - 1);
            ul_usage_add_context(m, name, ul_usage_role_unknown(m), m->usage->context_count, UL_ANNOTATED_COUNT);
            m->usage->sources |= UL_USAGE_MARKERS;
            is_open = true;
        } else if (strncmp(field->name, end, sizeof end - 1) == 0) {
            is_open = false;
        } else if (is_open && !m->is_told[i]) {
            ul_usage_add_access(m, i, UL_ANNOTATED_COUNT, 0, 0);
        }
    }
}

/* Contexts that touch nothing tell nothing. */
static void drop_empty(ul_usage *usage)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < usage->context_count; i++) {
        if (usage->contexts[i].access_count)
            usage->contexts[kept++] = usage->contexts[i];
    }
    usage->context_count = kept;
}

const ul_usage *ul_usage_of(const ul_usage_request *request, uint32_t index, ul_arena *arena)
{
    const ul_record *record = request->entries[index].record;
    ul_usage_making m = {.request = request, .record = record, .profile = request->entries[index].profile, .usage = UL_NEW(arena, ul_usage), .arena = arena};
    if (record->kind != UL_RECORD_STRUCT || record->flags & (UL_RECORD_MEMBER | UL_RECORD_SYSTEM) || !record->field_count)
        return NULL;
    *m.usage = (ul_usage){.align_detail = "", .instances = record->instances};
    m.notes = UL_NEW_ARRAY(arena, const char *, record->field_count);
    m.is_told = UL_NEW_ARRAY(arena, bool, record->field_count);
    add_annotations(&m);
    add_markers(&m);
    if (m.profile && m.profile->context_count)
        ul_usage_add_profile(&m);
    else
        ul_usage_add_census(&m);
    drop_empty(m.usage);
    m.usage->notes = m.notes;
    if (!m.usage->context_count)
        return NULL;
    ul_usage_find_objects(&m);
    return m.usage;
}
