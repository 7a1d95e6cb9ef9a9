#include "cli/yaml_tree.h"

#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 16, VALUES_MAX = 50000 };

typedef struct reader {
    yaml_parser_t parser;
    yaml_event_t event; /* that is looked at */
    const char *path;
    const char *bytes;
    size_t length;
    uint32_t count;
    ul_diags *diags;
    ul_arena *arena;
} reader;

static ul_status fail(reader *from, yaml_mark_t mark, const char *message)
{
    ul_diags_add(from->diags, UL_LEVEL_ERROR, from->path, (uint32_t)mark.line + 1, (uint32_t)mark.column + 1, "%s", message);
    return UL_ERR_INPUT;
}

/* Whether a tab stands among the blanks at the beginning of that line: it is why YAML gives up there. */
static bool has_tab_indent(const reader *from, size_t line)
{
    const char *at = from->bytes, *end = from->bytes + from->length;
    for (; line > 0 && at; line--) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at ? at + 1 : NULL;
    }
    for (; at && at < end && (*at == ' ' || *at == '\t'); at++) {
        if (*at == '\t')
            return true;
    }
    return false;
}

/* The complaint of libyaml, cause first. */
static ul_status fail_of_parser(reader *from)
{
    const yaml_parser_t *parser = &from->parser;
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_MEMORY_ERROR) {
        ul_diags_add(from->diags, UL_LEVEL_ERROR, from->path, 0, 0, "out of memory");
        return UL_ERR_NOMEM;
    }
    const char *problem = parser->problem ? parser->problem : "this is not YAML";
    if (parser->error == YAML_READER_ERROR) { /* has an offset, not a line; counted up to it */
        mark = (yaml_mark_t){0};
        for (size_t i = 0; i < parser->problem_offset && i < from->length; i++) {
            mark.column = from->bytes[i] == '\n' ? 0 : mark.column + 1;
            mark.line += from->bytes[i] == '\n';
        }
        return fail(from, mark, ul_arena_printf(from->arena, "this is not text in UTF-8 or UTF-16: %s", problem));
    }
    if (has_tab_indent(from, mark.line))
        return fail(from, mark, "a tab in the indentation: YAML indents with spaces");
    if (parser->context && parser->context_mark.line != mark.line)
        problem = ul_arena_printf(from->arena, "%s, %s from line %zu on", problem, parser->context, parser->context_mark.line + 1);
    else if (parser->context)
        problem = ul_arena_printf(from->arena, "%s, %s", problem, parser->context);
    return fail(from, mark, problem);
}

static ul_status next_event(reader *from)
{
    yaml_event_delete(&from->event);
    return yaml_parser_parse(&from->parser, &from->event) ? UL_OK : fail_of_parser(from);
}

/* Anchors, aliases and tags: nothing that a value of a configuration needs. */
static ul_status check_plain(reader *from)
{
    const yaml_event_t *event = &from->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return fail(from, event->start_mark, "an alias: configuration files have none, write the value out");
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
        if (strlen((const char *)event->data.scalar.value) != event->data.scalar.length)
            return fail(from, event->start_mark, "a NUL in a text");
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor)
        return fail(from, event->start_mark, "an anchor: configuration files have none, write the value out");
    if (tag)
        return fail(from, event->start_mark, "a tag: configuration files have none");
    return UL_OK;
}

static ul_status read_value(reader *from, ul_yaml **out, uint32_t depth);

static ul_status read_key(reader *from, const ul_yaml *map, const ul_yaml **out)
{
    ul_yaml *key;
    if (from->event.type != YAML_SCALAR_EVENT && from->event.type != YAML_ALIAS_EVENT)
        return fail(from, from->event.start_mark, "a list or a map as a key: a key is a word");
    ul_status status = read_value(from, &key, 0);
    if (status != UL_OK)
        return status;
    *out = key;
    for (const ul_yaml *other = map->first; other; other = other->next) {
        if (strcmp(other->key->text, key->text) == 0) {
            ul_diags_add(from->diags, UL_LEVEL_ERROR, from->path, key->line, key->column, "'%s' stands here a second time; the first is on line %u",
                         key->text, other->key->line);
            return UL_ERR_INPUT;
        }
    }
    return UL_OK;
}

/* The members of a list or a map up to its end, whose event is left to the caller. */
static ul_status read_members(reader *from, ul_yaml *parent, yaml_event_type_t end, uint32_t depth)
{
    const ul_yaml **tail = &parent->first;
    for (;;) {
        const ul_yaml *key = NULL;
        ul_yaml *value;
        ul_status status = next_event(from);
        if (status != UL_OK || from->event.type == end)
            return status;
        if (parent->kind == UL_YAML_MAP) {
            status = read_key(from, parent, &key);
            if (status == UL_OK)
                status = next_event(from);
        }
        if (status == UL_OK)
            status = read_value(from, &value, depth + 1);
        if (status != UL_OK)
            return status;
        value->key = key;
        *tail = value;
        tail = &value->next;
    }
}

/* The value that begins with the event at hand. */
static ul_status read_value(reader *from, ul_yaml **out, uint32_t depth)
{
    yaml_event_t *event = &from->event;
    ul_status status = check_plain(from);
    if (status != UL_OK)
        return status;
    if (depth > DEPTH_MAX || ++from->count > VALUES_MAX)
        return fail(from, event->start_mark, depth > DEPTH_MAX ? "nested deeper than any setting" : "more values than any configuration has");
    ul_yaml *value = UL_NEW(from->arena, ul_yaml);
    *value = (ul_yaml){.line = (uint32_t)event->start_mark.line + 1, .column = (uint32_t)event->start_mark.column + 1, .text = ""};
    *out = value;
    if (event->type == YAML_SCALAR_EVENT) {
        bool is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
        value->text = ul_arena_strndup(from->arena, (const char *)event->data.scalar.value, event->data.scalar.length);
        value->is_empty = is_plain && (!value->text[0] || strcmp(value->text, "~") == 0 || strcmp(value->text, "null") == 0);
        return UL_OK;
    }
    value->kind = event->type == YAML_SEQUENCE_START_EVENT ? UL_YAML_LIST : UL_YAML_MAP;
    return read_members(from, value, value->kind == UL_YAML_LIST ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT, depth);
}

static ul_status read_document(reader *from, const ul_yaml **root)
{
    ul_yaml *value = NULL;
    ul_status status = next_event(from); /* the stream begins */
    if (status == UL_OK)
        status = next_event(from);
    if (status != UL_OK || from->event.type == YAML_STREAM_END_EVENT)
        return status;
    status = next_event(from); /* after the beginning of the document */
    if (status == UL_OK)
        status = read_value(from, &value, 0);
    if (status == UL_OK)
        status = next_event(from); /* the end of the document */
    if (status == UL_OK)
        status = next_event(from);
    if (status == UL_OK && from->event.type != YAML_STREAM_END_EVENT)
        return fail(from, from->event.start_mark, "a second document: a configuration file has one");
    if (status == UL_OK)
        *root = value;
    return status;
}

ul_status ul_yaml_read(const ul_yaml **root, const char *path, const char *bytes, size_t length, ul_diags *diags,
                       ul_arena *arena)
{
    reader from = {.path = path, .bytes = bytes, .length = length, .diags = diags, .arena = arena};
    *root = NULL;
    if (!yaml_parser_initialize(&from.parser)) {
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "out of memory");
        return UL_ERR_NOMEM;
    }
    yaml_parser_set_input_string(&from.parser, (const unsigned char *)bytes, length);
    ul_status status = read_document(&from, root);
    yaml_event_delete(&from.event);
    yaml_parser_delete(&from.parser);
    return status;
}

const char *ul_yaml_kind_name(const ul_yaml *value)
{
    static const char *const names[] = {[UL_YAML_TEXT] = "a text", [UL_YAML_LIST] = "a list", [UL_YAML_MAP] = "a map"};
    return value->is_empty ? "nothing" : names[value->kind];
}
