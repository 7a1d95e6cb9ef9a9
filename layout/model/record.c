#include "layout/model/record.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name, *text;
} refusals[] = {
#define UL_REFUSAL(id, name, text) {name, text},
#include "layout/model/refusals.def"
#undef UL_REFUSAL
};

const char *ul_refusal_name(ul_refusal_reason reason)
{
    return refusals[reason].name;
}

const char *ul_refusal_text(ul_refusal_reason reason)
{
    return refusals[reason].text;
}

const char *ul_confidence_name(ul_confidence confidence)
{
    return confidence == UL_CONFIDENCE_UNIT ? "unit" : "standalone";
}

uint32_t ul_record_field_named(const ul_record *record, const char *name)
{
    for (uint32_t i = 0; *name && i < record->field_count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return i;
    }
    return UL_NO_PARENT;
}

void ul_record_refuse(ul_record *record, ul_arena *arena, ul_refusal_reason reason, const char *detail)
{
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        if (record->refusals[i].reason == reason && strcmp(record->refusals[i].detail, detail) == 0)
            return;
    }
    ul_refusal *grown = UL_NEW_ARRAY(arena, ul_refusal, record->refusal_count + 1u);
    uint32_t at = 0;
    while (at < record->refusal_count && record->refusals[at].reason <= reason)
        at++;
    if (at)
        memcpy(grown, record->refusals, at * sizeof *grown);
    grown[at] = (ul_refusal){reason, ul_arena_strdup(arena, detail)};
    if (at < record->refusal_count)
        memcpy(grown + at + 1, record->refusals + at, (record->refusal_count - at) * sizeof *grown);
    record->refusals = grown;
    record->refusal_count++;
}

const char *ul_field_label(const ul_record *record, uint32_t index, ul_arena *arena)
{
    const ul_field *field = &record->fields[index];
    if (field->name[0])
        return field->name;
    if (field->flags & UL_FIELD_BIT_FIELD)
        return ul_arena_printf(arena, ":%llu", (unsigned long long)field->size_bits);
    unsigned nth = 1, in_all = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *other = &record->fields[i];
        if (other->parent != field->parent || other->name[0] || !(other->flags & UL_FIELD_ANONYMOUS))
            continue;
        in_all++;
        /* By place in the source, so that a reordered copy keeps its names. */
        if (other->line < field->line || (other->line == field->line && other->column < field->column))
            nth++;
    }
    return in_all < 2 ? "<anonymous>" : ul_arena_printf(arena, "<anonymous:%u>", nth);
}

/* Whether `rule` stands in the comma-separated `list`; an empty list names every rule. */
static bool list_names(const char *list, const char *rule)
{
    if (!list[0])
        return true;
    size_t length = strlen(rule);
    for (const char *at = list; *at;) {
        at += strspn(at, " ,");
        size_t word = strcspn(at, " ,");
        if (word == length && strncmp(at, rule, length) == 0)
            return true;
        at += word;
    }
    return false;
}

const ul_annotation *ul_record_silence(const ul_record *record, uint32_t field, const char *rule)
{
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->kind == UL_ANNOTATION_IGNORE &&
            (annotation->field == UL_NO_PARENT || annotation->field == field) &&
            list_names(annotation->argument, rule))
            return annotation;
    }
    return NULL;
}

bool ul_record_ignores(const ul_record *record, uint32_t field, const char *rule)
{
    return ul_record_silence(record, field, rule) != NULL;
}

/* Words by which authors name room that they left on purpose, as they stand between underscores and digits. */
bool ul_field_is_padding(const ul_field *field)
{
    static const char *const words[] = {"pad", "padding", "filler", "reserved", "rsvd", "spare", "unused", "dummy", "guard"};
    for (const char *at = field->name; *at;) {
        at += strspn(at, "_0123456789");
        size_t length = strcspn(at, "_0123456789");
        for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
            if (length == strlen(words[i]) && strncasecmp(at, words[i], length) == 0)
                return true;
        }
        at += length;
    }
    return false;
}
