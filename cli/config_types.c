/* The value of `types`: annotations on records whose source cannot be edited, in the words that comments have. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/config_reader.h"
#include "cli/option_values.h"

typedef struct reading {
    ul_config_reader *from;
    ul_type_settings *type;
} reading;

static void add(reading *r, ul_annotation_kind kind, const ul_yaml *at, const char *argument, const char *reason, const char *field)
{
    ul_type_settings *type = r->type;
    UL_RESERVE(r->from->arena, type->notes, type->note_count, type->capacity);
    type->notes[type->note_count++] = 
        (ul_type_note){.kind = kind, .line = at->line, .column = at->column, .argument = argument, .reason = reason, .field = field};
}

/* `[a, b]` or `a`: an annotation on each field. */
static void read_fields(reading *r, ul_annotation_kind kind, const ul_yaml *value, const char *argument)
{
    if (value->kind == UL_YAML_MAP || value->is_empty) {
        ul_config_complain(r->from, value, "%s here, where '%s' takes names of fields", ul_yaml_kind_name(value), value->key->text);
        return;
    }
    bool is_list = value->kind == UL_YAML_LIST;
    for (const ul_yaml *item = is_list ? value->first : value; item; item = is_list ? item->next : NULL) {
        if (ul_config_is_text(r->from, item, "the name of a field"))
            add(r, kind, item, argument, "", item->text);
    }
}

/* `{group: [a, b], ...}` */
static void read_groups(reading *r, ul_annotation_kind kind, const ul_yaml *value)
{
    if (value->kind != UL_YAML_MAP && kind == UL_ANNOTATION_HOT) {
        read_fields(r, kind, value, "");
        return;
    }
    if (value->kind != UL_YAML_MAP) {
        ul_config_complain(r->from, value, "%s here, where 'writer' takes a map: {thread: [field, ...]}", ul_yaml_kind_name(value));
        return;
    }
    for (const ul_yaml *group = value->first; group; group = group->next) {
        if (!group->key->text[0] || strpbrk(group->key->text, "()[]\n"))
            ul_config_complain(r->from, group->key, "'%s' is no name of a group", group->key->text);
        else
            read_fields(r, kind, group, group->key->text);
    }
}

/* `[rule, ...]`, `rule`, or `{rule: reason, ...}`; for a field, or for the record with NULL. */
static void read_ignore(reading *r, const ul_yaml *value, const char *field)
{
    uint32_t rule_count;
    ul_rules_all(&rule_count);
    if (value->is_empty) {
        ul_config_complain(r->from, value, "nothing here, where 'ignore' takes rules");
        return;
    }
    bool is_one = value->kind == UL_YAML_TEXT;
    for (const ul_yaml *item = is_one ? value : value->first; item; item = is_one ? NULL : item->next) {
        const ul_yaml *rule = value->kind == UL_YAML_MAP ? item->key : item;
        const char *reason = "";
        if (!ul_config_is_text(r->from, rule, "names of rules") || ul_config_find_rule(r->from, rule, rule->text) == rule_count)
            continue;
        if (value->kind == UL_YAML_MAP) {
            if (!ul_config_is_text(r->from, item, "a reason"))
                continue;
            reason = item->text;
        }
        add(r, UL_ANNOTATION_IGNORE, rule, rule->text, reason, field);
    }
}

static void read_keep_order(reading *r, const ul_yaml *value)
{
    if (!ul_config_is_text(r->from, value, "a reason, or true") || strcmp(value->text, "false") == 0)
        return;
    add(r, UL_ANNOTATION_KEEP_ORDER, value->key, "", strcmp(value->text, "true") == 0 ? "" : value->text, NULL);
}

static void read_instances(reading *r, const ul_yaml *value)
{
    if (!ul_config_is_text(r->from, value, "a number"))
        return;
    char *end;
    double number = strtod(value->text, &end);
    bool is_decimal = value->text[strspn(value->text, "0123456789.eE+-")] == '\0'; /* strtod knows inf, nan and 0x too */
    if (*end || end == value->text || !is_decimal || !isfinite(number) || number <= 0)
        ul_config_complain(r->from, value, "'%s' is no number of instances: one over 0, as 1e6 or 20000", value->text);
    else
        add(r, UL_ANNOTATION_INSTANCES, value->key, value->text, "", NULL);
}

/* `true` for the record, or fields. */
static void read_guard(reading *r, const ul_yaml *value)
{
    bool is_text = value->kind == UL_YAML_TEXT;
    if (is_text && strcmp(value->text, "true") == 0)
        add(r, UL_ANNOTATION_GUARD, value->key, "", "", NULL);
    else if (!is_text || strcmp(value->text, "false") != 0)
        read_fields(r, UL_ANNOTATION_GUARD, value, "");
}

/* `{field: {ignore: ...}}` */
static void read_field_map(reading *r, const ul_yaml *value)
{
    ul_words words = {0};
    ul_words_add(&words, "ignore", r->from->arena);
    if (value->kind != UL_YAML_MAP) {
        ul_config_complain(r->from, value, "%s here, where 'fields' takes a map of fields", ul_yaml_kind_name(value));
        return;
    }
    for (const ul_yaml *field = value->first; field; field = field->next) {
        if (field->kind != UL_YAML_MAP)
            ul_config_complain(r->from, field, "%s here, where a field takes a map: {ignore: [rule, ...]}", ul_yaml_kind_name(field));
        for (const ul_yaml *word = field->kind == UL_YAML_MAP ? field->first : NULL; word; word = word->next) {
            if (strcmp(word->key->text, "ignore") == 0)
                read_ignore(r, word, field->key->text);
            else
                ul_config_complain_word(r->from, word->key, "annotation of a field", word->key->text, &words);
        }
    }
}

static void read_word(reading *r, const ul_yaml *value)
{
    static const char *const names[] = {"instances", "keep-order", "ignore", "hot", "cold", "writer", "readmostly", "guard", "fields"};
    const char *word = value->key->text;
    if (strcmp(word, "instances") == 0) {
        read_instances(r, value);
    } else if (strcmp(word, "keep-order") == 0) {
        read_keep_order(r, value);
    } else if (strcmp(word, "ignore") == 0) {
        read_ignore(r, value, NULL);
    } else if (strcmp(word, "hot") == 0) {
        read_groups(r, UL_ANNOTATION_HOT, value);
    } else if (strcmp(word, "writer") == 0) {
        read_groups(r, UL_ANNOTATION_WRITER, value);
    } else if (strcmp(word, "cold") == 0) {
        read_fields(r, UL_ANNOTATION_COLD, value, "");
    } else if (strcmp(word, "readmostly") == 0) {
        read_fields(r, UL_ANNOTATION_READMOSTLY, value, "");
    } else if (strcmp(word, "guard") == 0) {
        read_guard(r, value);
    } else if (strcmp(word, "fields") == 0) {
        read_field_map(r, value);
    } else {
        ul_words words = {0};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            ul_words_add(&words, names[i], r->from->arena);
        ul_config_complain_word(r->from, value->key, "annotation", word, &words);
    }
}

/* "struct conn", "conn_t", "struct conn::<anonymous>.tx" */
static bool is_record_name(const char *text)
{
    text += strncmp(text, "struct ", 7) == 0 ? 7 : strncmp(text, "union ", 6) == 0 ? 6 : 0;
    size_t length = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");
    return length > 0 && !(*text >= '0' && *text <= '9') && (!text[length] || strncmp(text + length, "::", 2) == 0);
}

void ul_config_read_types(ul_config_reader *from, const ul_yaml *value)
{
    uint32_t capacity = 0;
    if (value->kind != UL_YAML_MAP) {
        if (!value->is_empty)
            ul_config_complain(from, value, "%s here, where 'types' takes a map of records", ul_yaml_kind_name(value));
        return;
    }
    for (const ul_yaml *type = value->first; type; type = type->next) {
        if (!is_record_name(type->key->text)) {
            ul_config_complain(from, type->key, "'%s' is no name of a record: struct TAG, union TAG or a typedef", type->key->text);
            continue;
        }
        if (type->kind != UL_YAML_MAP) {
            ul_config_complain(from, type, "%s here, where a record takes a map of annotations", ul_yaml_kind_name(type));
            continue;
        }
        UL_RESERVE(from->arena, from->file->types, from->file->type_count, capacity);
        from->file->types[from->file->type_count] = (ul_type_settings){.name = type->key->text, .line = type->key->line};
        reading r = {from, &from->file->types[from->file->type_count++]};
        for (const ul_yaml *word = type->first; word; word = word->next)
            read_word(&r, word);
    }
}
