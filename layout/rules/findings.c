#include "layout/rules/findings.h"

#include <string.h>

static uint64_t hash_text(uint64_t hash, const char *text)
{
    /* FNV-1a; the NUL counts, so that "ab","c" is not "a","bc". */
    do {
        hash ^= (unsigned char)*text;
        hash *= UINT64_C(0x100000001b3);
    } while (*text++);
    return hash;
}

uint64_t ul_fingerprint_of(const char *rule, const char *root, const char *file, const char *record, const char *field)
{
    size_t length = root ? strlen(root) : 0;
    if (length && strncmp(file, root, length) == 0)
        file += length;
    uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), rule);
    return hash_text(hash_text(hash_text(hash, file), record), field);
}

bool ul_rule_judges_annotations(const char *rule)
{
    return strcmp(rule, ul_rule_unused_annotation.info.name) == 0 || strcmp(rule, ul_rule_missing_reason.info.name) == 0;
}

/* What is said about annotations only an annotation silences that names the rule: one for all rules would hide itself. */
static const ul_annotation *silence_on(const ul_record *record, uint32_t field, const char *rule)
{
    ul_record rest = *record;
    const ul_annotation *silence = ul_record_silence(&rest, field, rule);
    while (silence && !*silence->argument && ul_rule_judges_annotations(rule)) {
        rest.annotation_count -= (uint32_t)(silence + 1 - rest.annotations);
        rest.annotations += silence + 1 - rest.annotations;
        silence = ul_record_silence(&rest, field, rule);
    }
    return silence;
}

/* What tells the record, the field, or an anonymous member that holds it to be quiet about the rule; NULL for nothing. */
static const ul_annotation *silence_of(const ul_record *record, uint32_t field, const char *rule)
{
    const ul_annotation *silence = silence_on(record, field, rule);
    while (!silence && field < record->field_count && record->fields[field].parent != UL_NO_PARENT) {
        field = record->fields[field].parent;
        silence = silence_on(record, field, rule);
    }
    return silence;
}

static void keep(ul_finding_list *list, ul_arena *arena, const ul_finding *finding)
{
    UL_RESERVE(arena, list->items, list->count, list->capacity);
    list->items[list->count++] = *finding;
}

void ul_findings_add(const ul_rule_context *context, const ul_rule *rule, ul_finding finding)
{
    ul_findings *findings = context->findings;
    const ul_record *record = context->report->entries[finding.entry].record;
    ul_level most = context->settings->levels[ul_rule_index(rule)];
    if (most == UL_LEVEL_OFF)
        return;
    const ul_annotation *silence = silence_of(record, finding.field, rule->info.name);
    bool has_field = finding.field < record->field_count;
    finding.rule = &rule->info;
    if (most != rule->info.level)
        finding.level = most;
    else if (finding.level > most)
        finding.level = most;
    if (finding.is_measured && most == rule->info.level && finding.level < UL_LEVEL_ERROR)
        finding.level++;
    if (finding.is_information && finding.level > UL_LEVEL_NOTE)
        finding.level = UL_LEVEL_NOTE;
    if (finding.line == 0) {
        finding.line = has_field ? record->fields[finding.field].line : record->line;
        finding.column = has_field ? record->fields[finding.field].column : record->column;
    }
    if (!finding.fix)
        finding.fix = "";
    if (!finding.why)
        finding.why = "";
    finding.fingerprint = ul_fingerprint_of(rule->info.name, context->report->root, record->file, record->name,
                                            has_field ? ul_field_label(record, finding.field, findings->arena) : "");
    finding.silence = silence ? silence->reason : NULL;
    keep(silence ? &findings->silenced : &findings->heard, findings->arena, &finding);
}

const char *ul_findings_instances(const ul_record *record, uint64_t saved_bytes, ul_arena *arena)
{
    if (record->instances <= 0 || saved_bytes == 0)
        return "";
    double bytes = record->instances * (double)saved_bytes;
    const char *unit = "bytes";
    if (bytes >= 1e9) {
        bytes /= 1e9;
        unit = "GB";
    } else if (bytes >= 1e6) {
        bytes /= 1e6;
        unit = "MB";
    } else if (bytes >= 1e3) {
        bytes /= 1e3;
        unit = "kB";
    }
    return ul_arena_printf(arena, " With %.12g of them alive that is %.4g %s.", record->instances, bytes, unit);
}

/* Whether record->annotations[0..count-1] has a copy of the comment. */
static bool has_copy(const ul_record *record, uint32_t count, const ul_annotation *comment)
{
    for (uint32_t i = 0; i < count; i++) {
        const ul_annotation *other = &record->annotations[i];
        if (other->line == comment->line && other->kind == comment->kind && strcmp(other->argument, comment->argument) == 0)
            return true;
    }
    return false;
}

/* Entries are sorted by file and place: the record around a member stands before it. */
bool ul_findings_first_sight(const ul_rule_context *context, uint32_t entry, uint32_t index)
{
    const ul_entry *entries = context->report->entries;
    const ul_record *record = entries[entry].record;
    const char *inner = strstr(record->name, "::");
    bool is_inner = inner != NULL, is_outer_there = false;
    if (has_copy(record, index, &record->annotations[index]))
        return false;
    for (uint32_t i = entry; i-- > 0 && strcmp(entries[i].record->file, record->file) == 0;) {
        if (has_copy(entries[i].record, entries[i].record->annotation_count, &record->annotations[index]))
            return false;
        size_t length = is_inner ? (size_t)(inner - record->name) : 0;
        is_outer_there |= is_inner && strncmp(entries[i].record->name, record->name, length) == 0 && !entries[i].record->name[length];
    }
    return !is_inner || is_outer_there;
}

uint64_t ul_findings_limit(const ul_rule_context *context, ul_limit limit)
{
    return context->settings->limits[limit];
}

const ul_target *ul_findings_target(const ul_rule_context *context, const ul_entry *entry)
{
    const ul_report *report = context->report;
    return &report->targets[entry->record->target < report->target_count ? entry->record->target : 0];
}

bool ul_findings_refused(const ul_record *record, uint32_t reasons)
{
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        if (reasons & 1u << record->refusals[i].reason)
            return true;
    }
    return false;
}

const char *ul_findings_path(const ul_rule_context *context, const char *file)
{
    const char *root = context->report->root ? context->report->root : context->report->cwd;
    size_t length = root ? strlen(root) : 0;
    return length && strncmp(file, root, length) == 0 ? file + length : file;
}
