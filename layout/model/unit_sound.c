/* Whether a result that came from outside may be looked at: kinds and indexes within bounds, texts there that must be. */
#include "layout/model/unit.h"

static bool are_fields_sound(const ul_record *record)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        bool has_parent = field->parent != UL_NO_PARENT, has_group = field->group != UL_NO_GROUP;
        if (!field->name || !field->type || (has_parent && field->parent >= i) || (has_group && field->group >= record->group_count) ||
            field->offset_bits > UINT64_MAX / 4 || field->size_bits > UINT64_MAX / 4)
            return false;
    }
    return true;
}

static bool is_record_sound(const ul_record *record)
{
    if (!record->name || !record->key || !record->file || !record->unit || record->kind > UL_RECORD_UNION ||
        record->confidence > UL_CONFIDENCE_STANDALONE || record->target >= UL_TARGETS_MAX || record->span.begin > record->span.end ||
        record->body.begin > record->body.end || record->size_bytes > UINT64_MAX / 32 || !are_fields_sound(record))
        return false;
    for (uint32_t i = 0; i < record->group_count; i++) {
        const ul_group *group = &record->groups[i];
        if (group->first_field > record->field_count || group->field_count > record->field_count - group->first_field ||
            group->span.begin > group->span.end)
            return false;
    }
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        if (record->refusals[i].reason >= UL_REFUSAL_COUNT || !record->refusals[i].detail)
            return false;
    }
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->kind > UL_ANNOTATION_UNKNOWN || !annotation->argument || !annotation->reason ||
            (annotation->field != UL_NO_PARENT && annotation->field >= record->field_count))
            return false;
    }
    return true;
}

static bool are_uses_sound(const ul_uses *uses)
{
    for (uint32_t i = 0; i < uses->evidence_count; i++) {
        const ul_evidence *evidence = &uses->evidence[i];
        if (evidence->kind >= UL_EVIDENCE_COUNT || !evidence->record || !evidence->file || !evidence->function || !evidence->detail)
            return false;
    }
    for (uint32_t i = 0; i < uses->initializer_count; i++) {
        const ul_initializer *initializer = &uses->initializers[i];
        if (!initializer->record || !initializer->file || initializer->span.begin > initializer->span.end)
            return false;
    }
    return true;
}

static bool are_diags_sound(const ul_diag *diags, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (diags[i].level > UL_LEVEL_ERROR || !diags[i].message)
            return false;
    }
    return true;
}

bool ul_unit_result_is_sound(const ul_unit_result *result)
{
    if (result->outcome > UL_UNIT_OUT_OF_MEMORY || !result->detail || !result->triple)
        return false;
    for (uint32_t i = 0; i < result->record_count; i++) {
        if (!is_record_sound(&result->records[i]))
            return false;
    }
    for (uint32_t i = 0; i < result->include_count; i++) {
        if (!result->includes[i])
            return false;
    }
    return are_uses_sound(&result->uses) && are_diags_sound(result->diags, result->diag_count) &&
           are_diags_sound(result->remarks, result->remark_count) && (!result->census || ul_census_is_sound(result->census));
}
