#include "report/change_json.h"

#include <math.h>
#include <stdio.h>

#include "report/change_words.h"
#include "report/json_item.h"
#include "report/labels.h"
#include "report/paths.h"
#include "report/utf8.h"

/* A whole number that may be negative and beyond 2^53: then a string, like every large one. */
static void add_signed(cJSON *object, const char *key, double value)
{
    char text[64];
    snprintf(text, sizeof text, "%.0f", value);
    if (fabs(value) > 9007199254740992.0)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddRawToObject(object, key, text);
}

static void add_effects(cJSON *object, const char *key, uint32_t effects)
{
    cJSON *list = cJSON_AddArrayToObject(object, key);
    for (int i = 0; i < UL_EFFECT_COUNT; i++) {
        if (effects & 1u << i)
            cJSON_AddItemToArray(list, cJSON_CreateString(ul_effect_name((ul_effect)i)));
    }
}

/* The numbers of a record on one side. */
static void add_side(cJSON *item, const char *key, const ul_report *report, const ul_entry *entry, ul_arena *arena)
{
    if (!entry) {
        cJSON_AddNullToObject(item, key);
        return;
    }
    const ul_record *record = entry->record;
    const ul_facts *facts = &entry->facts;
    cJSON *side = cJSON_AddObjectToObject(item, key);
    ul_json_path(side, "file", record->file, report, arena);
    ul_json_count(side, "line", record->line);
    ul_json_count(side, "size_bytes", record->size_bytes);
    ul_json_count(side, "align_bytes", record->align_bytes);
    ul_json_count(side, "lines", facts->line_count);
    ul_json_count(side, "straddles", facts->straddle_count);
    ul_json_count(side, "hole_bytes", facts->hole_bytes);
    ul_json_count(side, "bit_hole_bits", facts->bit_hole_bits);
    ul_json_count(side, "tail_padding_bytes", facts->tail_padding_bytes);
    if (facts->fit.class_bytes && !facts->fit.is_large)
        ul_json_count(side, "class_bytes", facts->fit.class_bytes);
    else
        cJSON_AddNullToObject(side, "class_bytes");
    ul_json_count(side, "footprint_bytes", facts->fit.footprint_bytes);
    ul_json_text(side, "unit", record->unit ? ul_path_below(record->unit, report->root) : NULL, arena);
    cJSON_AddStringToObject(side, "confidence", ul_confidence_name(record->confidence));
}

static cJSON *field_item(const ul_change *change, const ul_field_change *field, ul_arena *arena)
{
    const ul_record *before = change->before->record, *after = change->after->record;
    const ul_field *old = field->before == UL_NO_PARENT ? NULL : &before->fields[field->before];
    const ul_field *new = field->after == UL_NO_PARENT ? NULL : &after->fields[field->after];
    cJSON *item = cJSON_CreateObject();
    cJSON_AddStringToObject(item, "change", ul_field_change_kind_name(field->kind));
    ul_json_text(item, "name", ul_field_label(new ? after : before, new ? field->after : field->before, arena), arena);
    ul_json_text(item, "old_name", field->kind == UL_FIELD_CHANGE_RENAMED ? old->name : NULL, arena);
    ul_json_text(item, "type", new ? new->type : old->type, arena);
    ul_json_text(item, "old_type", old ? old->type : NULL, arena);
    if (new)
        ul_json_count(item, "offset_bits", new->offset_bits);
    else
        cJSON_AddNullToObject(item, "offset_bits");
    if (old)
        ul_json_count(item, "old_offset_bits", old->offset_bits);
    else
        cJSON_AddNullToObject(item, "old_offset_bits");
    ul_json_count(item, "size_bits", new ? new->size_bits : old->size_bits);
    ul_json_count(item, "count", field->count);
    add_signed(item, "by_bits", (double)field->by_bits);
    ul_json_text(item, "message", ul_change_field_words(change, field, arena), arena);
    return item;
}

static void add_lists(cJSON *item, const ul_change *change, ul_arena *arena)
{
    bool is_compared = change->before && change->after && change->kind != UL_CHANGE_UNCLEAR;
    cJSON *fields = cJSON_AddArrayToObject(item, "fields");
    for (uint32_t i = 0; is_compared && i < change->field_count; i++)
        cJSON_AddItemToArray(fields, field_item(change, &change->fields[i], arena));
    cJSON *holes = cJSON_AddArrayToObject(item, "new_holes");
    for (uint32_t i = 0; i < change->hole_count; i++) {
        const ul_hole *hole = &change->holes[i];
        cJSON *entry = cJSON_CreateObject();
        ul_json_text(entry, "after", hole->after == UL_NO_PARENT ? NULL : ul_field_label(change->after->record, hole->after, arena), arena);
        ul_json_count(entry, "offset_bytes", hole->offset_bits / 8);
        ul_json_count(entry, "size_bytes", hole->size_bits / 8);
        cJSON_AddItemToArray(holes, entry);
    }
    cJSON *straddles = cJSON_AddArrayToObject(item, "new_straddles");
    for (uint32_t i = 0; i < change->straddle_count; i++)
        cJSON_AddItemToArray(straddles, cJSON_CreateString(ul_utf8_clean(ul_field_label(change->after->record, change->straddles[i], arena), arena)));
    cJSON *hot = cJSON_AddArrayToObject(item, "hot_groups");
    for (uint32_t i = 0; i < change->hot_count; i++) {
        const ul_hot_change *group = &change->hot[i];
        cJSON *entry = cJSON_CreateObject();
        ul_json_text(entry, "group", group->group, arena);
        ul_json_count(entry, "lines", group->lines_after);
        ul_json_count(entry, "old_lines", group->lines_before);
        ul_json_text(entry, "off_line", group->field == UL_NO_PARENT ? NULL : ul_field_label(change->after->record, group->field, arena), arena);
        cJSON_AddItemToArray(hot, entry);
    }
}

static void add_abi(cJSON *item, const ul_change *change)
{
    cJSON *abi = cJSON_AddObjectToObject(item, "abi");
    cJSON_AddBoolToObject(abi, "public", change->is_public);
    cJSON *breaks = cJSON_AddArrayToObject(abi, "breaks");
    for (uint32_t bit = 1; bit <= UL_ABI_KIND; bit <<= 1) {
        if (change->abi & bit)
            cJSON_AddItemToArray(breaks, cJSON_CreateString(ul_abi_break_text(bit)));
    }
}

static cJSON *change_item(const ul_report *report, const ul_change *change, ul_arena *arena)
{
    const ul_record *record = ul_change_record(change);
    const ul_changes *changes = report->changes;
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "name", record->name, arena);
    cJSON_AddStringToObject(item, "kind", record->kind == UL_RECORD_UNION ? "union" : "struct");
    ul_json_path(item, "file", record->file, report, arena);
    ul_json_count(item, "line", record->line);
    ul_json_text(item, "triple", record->target < report->target_count ? report->targets[record->target].triple : NULL, arena);
    cJSON_AddStringToObject(item, "change", ul_change_kind_name(change->kind));
    cJSON_AddBoolToObject(item, "fails", ul_change_fails(changes, change));
    cJSON_AddBoolToObject(item, "moved", change->is_moved);
    add_effects(item, "worse", change->worse);
    add_effects(item, "better", change->better);
    ul_json_text(item, "message", ul_change_headline(change, report, arena), arena);
    add_side(item, "before", report, change->before, arena);
    add_side(item, "after", report, change->after, arena);
    add_lists(item, change, arena);
    add_abi(item, change);
    add_signed(item, "cost_bytes", change->cost_bytes);
    uint32_t count;
    const char *const *remarks = ul_change_remarks(&count, change, report, arena);
    cJSON *list = cJSON_AddArrayToObject(item, "remarks");
    for (uint32_t i = 0; i < count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(ul_utf8_clean(remarks[i], arena)));
    const ul_plan *plan = change->after ? change->after->plan : NULL;
    if (plan && plan->moved_count && change->kind != UL_CHANGE_UNCLEAR) {
        const char *const *labels = ul_labels_of(change->after->record, arena);
        cJSON *better = cJSON_AddObjectToObject(item, "smaller_order");
        ul_json_count(better, "size_bytes", plan->size_bytes);
        cJSON *moved = cJSON_AddArrayToObject(better, "moved");
        for (uint32_t i = 0; i < plan->moved_count; i++)
            cJSON_AddItemToArray(moved, cJSON_CreateString(ul_utf8_clean(labels[plan->moved[i]], arena)));
    } else {
        cJSON_AddNullToObject(item, "smaller_order");
    }
    return item;
}

static cJSON *guard_item(const ul_report *report, const ul_diag *guard, ul_arena *arena)
{
    cJSON *item = cJSON_CreateObject();
    ul_json_path(item, "file", guard->file, report, arena);
    ul_json_count(item, "line", guard->line);
    ul_json_count(item, "column", guard->column);
    ul_json_text(item, "message", guard->message, arena);
    return item;
}

void ul_changes_write_json(ul_strbuf *out, const ul_report *report, ul_arena *arena)
{
    const ul_changes *changes = report->changes;
    cJSON *names = cJSON_CreateObject(), *fail_on = cJSON_CreateObject(), *summary = cJSON_CreateObject();
    ul_json_text(names, "before", changes->before_name, arena);
    ul_json_text(names, "after", changes->after_name, arena);
    add_effects(fail_on, "effects", changes->fail_on);
    cJSON_AddBoolToObject(fail_on, "abi", changes->is_abi);
    ul_json_write(out, ",\n\"sides\": ", names);
    ul_json_write(out, ",\n\"fail_on\": ", fail_on);
    ul_strbuf_puts(out, ",\n\"changes\": [");
    for (uint32_t i = 0; i < changes->count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", change_item(report, &changes->items[i], arena));
    ul_strbuf_puts(out, changes->count ? "\n],\n\"guards\": [" : "],\n\"guards\": [");
    for (uint32_t i = 0; i < changes->guard_count; i++)
        ul_json_write(out, i ? ",\n  " : "\n  ", guard_item(report, &changes->guards[i], arena));
    ul_strbuf_puts(out, changes->guard_count ? "\n]" : "]");
    ul_json_count(summary, "compared", changes->compared);
    ul_json_count(summary, "changed", changes->count);
    ul_json_count(summary, "failing", changes->fail_count);
    ul_json_text(summary, "message", ul_changes_summary(changes, arena), arena);
    ul_json_write(out, ",\n\"summary\": ", summary);
}
