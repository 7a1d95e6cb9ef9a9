#include "cli/settings_show.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/paths.h"
#include "cli/settings.h"

typedef enum origin { FROM_DEFAULT, FROM_FILE, FROM_COMMAND_LINE, FROM_TARGET, FROM_LINE } origin;
typedef enum shape { SHAPE_TEXT, SHAPE_BOOL, SHAPE_NUMBER, SHAPE_LIST } shape;

/* One value as it holds. */
typedef struct row {
    const char *key;
    const char *text;  /* "" for nothing */
    const char *file;  /* of FROM_FILE */
    const ul_config_item *items; /* of SHAPE_LIST */
    uint32_t item_count, line, column;
    origin from;
    shape shape;
} row;

typedef struct rows {
    row *items;
    uint32_t count, capacity;
    const ul_config *config;
    const ul_config_file *nearest;
    const char *path, *cwd; /* that is asked about, resolved */
    const char *triple;     /* of the compiler's own target, NULL when it does not tell */
    bool is_directory;
    ul_arena *arena;
} rows;

static row *add(rows *all, const char *key, shape form, const char *text)
{
    UL_RESERVE(all->arena, all->items, all->count, all->capacity);
    row *added = &all->items[all->count++];
    *added = (row){.key = key, .text = text, .shape = form};
    return added;
}

static void set_place(row *to, const ul_config_file *file, uint32_t line, uint32_t column)
{
    to->from = FROM_FILE;
    to->file = file->path;
    to->line = line;
    to->column = column;
}

static const char *number_text(rows *all, uint64_t number)
{
    return ul_arena_printf(all->arena, "%llu", (unsigned long long)number);
}

/* "a, b" */
static const char *join(rows *all, const ul_config_item *items, uint32_t count)
{
    const char *text = "";
    for (uint32_t i = 0; i < count; i++)
        text = ul_arena_printf(all->arena, "%s%s%s", text, i ? ", " : "", items[i].text);
    return text;
}

/* A value of one file: what stands there, read. */
static void add_value(rows *all, const ul_config_file *file, ul_config_key key)
{
    const ul_config_key_info *info = ul_config_key_info_of(key);
    const ul_config_value *value = &file->values[key];
    row *added;
    switch (info->form) {
    case UL_CONFIG_BOOL:
        added = add(all, info->name, SHAPE_BOOL, value->number ? "true" : "false");
        break;
    case UL_CONFIG_POWER:
        added = add(all, info->name, SHAPE_NUMBER, number_text(all, value->number));
        break;
    case UL_CONFIG_GLOBS:
    case UL_CONFIG_NAMES:
    case UL_CONFIG_TARGETS:
        added = add(all, info->name, SHAPE_LIST, join(all, value->items, value->item_count));
        added->items = value->items;
        added->item_count = value->item_count;
        break;
    default:
        added = add(all, info->name, SHAPE_TEXT, value->text);
        break;
    }
    set_place(added, file, value->line, value->column);
}

static void add_given(rows *all, ul_config_key key)
{
    const ul_config *config = all->config;
    const ul_config_key_info *info = ul_config_key_info_of(key);
    row *added;
    if (key == UL_CONFIG_KEY_TARGETS) {
        ul_config_item *items = UL_NEW_ARRAY(all->arena, ul_config_item, config->target_count + 1u);
        for (uint32_t i = 0; i < config->target_count; i++)
            items[i].text = config->targets[i];
        added = add(all, info->name, SHAPE_LIST, join(all, items, config->target_count));
        added->items = items;
        added->item_count = config->target_count;
    } else if (info->form == UL_CONFIG_POWER) {
        added = add(all, info->name, SHAPE_NUMBER, number_text(all, key == UL_CONFIG_KEY_LINE_BYTES ? config->line_bytes : config->span_bytes));
    } else {
        added = add(all, info->name, SHAPE_TEXT,
                    key == UL_CONFIG_KEY_BUILD       ? config->build
                    : key == UL_CONFIG_KEY_PROFILE   ? config->profile_files[0]
                    : key == UL_CONFIG_KEY_ALLOCATOR ? config->allocator->name
                                                     : ul_level_name(config->fail_level));
    }
    added->from = FROM_COMMAND_LINE;
}

static void add_standard(rows *all, ul_config_key key)
{
    const ul_config_key_info *info = ul_config_key_info_of(key);
    bool is_list = info->form == UL_CONFIG_GLOBS || info->form == UL_CONFIG_NAMES || info->form == UL_CONFIG_TARGETS;
    add(all, info->name, info->form == UL_CONFIG_BOOL ? SHAPE_BOOL : is_list ? SHAPE_LIST : SHAPE_TEXT, info->standard);
}

static void add_rules(rows *all)
{
    uint32_t count;
    const ul_rule *const *rules = ul_rules_all(&count);
    const ul_rule_settings *holds = ul_settings_rules(all->config->settings, all->path, all->arena);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = rules[i]->info.name;
        const ul_config_file *from = all->nearest;
        while (from && !from->levels[i].line)
            from = from->above;
        row *level = add(all, ul_arena_printf(all->arena, "rules.%s.level", name), SHAPE_TEXT, ul_level_name(holds->levels[i]));
        if (all->config->has_level[i])
            level->from = FROM_COMMAND_LINE;
        else if (from)
            set_place(level, from, from->levels[i].line, from->levels[i].column);
        for (int k = 0; k < UL_LIMIT_COUNT; k++) {
            const ul_limit_info *info = ul_limit_info_of((ul_limit)k);
            if (strcmp(info->rule, name) != 0)
                continue;
            for (from = all->nearest; from && !from->limits[k].line;)
                from = from->above;
            row *limit = add(all, ul_arena_printf(all->arena, "rules.%s.%s", name, info->name), SHAPE_NUMBER, number_text(all, holds->limits[k]));
            if (from)
                set_place(limit, from, from->limits[k].line, from->limits[k].column);
        }
    }
}

static const char *note_text(rows *all, const ul_type_note *note)
{
    static const char *const words[] = {[UL_ANNOTATION_IGNORE] = "ignore", [UL_ANNOTATION_KEEP_ORDER] = "keep-order", [UL_ANNOTATION_HOT] = "hot",
                                        [UL_ANNOTATION_COLD] = "cold", [UL_ANNOTATION_WRITER] = "writer",
                                        [UL_ANNOTATION_READMOSTLY] = "readmostly", [UL_ANNOTATION_GUARD] = "guard", [UL_ANNOTATION_INSTANCES] = "instances"};
    const char *text = words[note->kind];
    if (*note->argument)
        text = ul_arena_printf(all->arena, note->kind == UL_ANNOTATION_IGNORE ? "%s[%s]" : "%s(%s)", text, note->argument);
    return *note->reason ? ul_arena_printf(all->arena, "%s -- %s", text, note->reason) : text;
}

/* As written, all of them; which of two files' words counts for a record is for it to say. */
static void add_types(rows *all)
{
    for (const ul_config_file *file = all->nearest; file; file = file->above) {
        for (uint32_t i = 0; i < file->type_count; i++) {
            const ul_type_settings *type = &file->types[i];
            for (uint32_t k = 0; k < type->note_count; k++) {
                const ul_type_note *note = &type->notes[k];
                const char *key = ul_arena_printf(all->arena, "types.%s%s%s", type->name, note->field ? "." : "", note->field ? note->field : "");
                set_place(add(all, key, SHAPE_TEXT, note_text(all, note)), file, note->line, note->column);
            }
        }
    }
}

static const row *last_of(const rows *all, ul_config_key key)
{
    const row *found = NULL;
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].key, ul_config_key_info_of(key)->name) == 0)
            found = &all->items[i];
    }
    return found;
}

static uint32_t bytes_of(const row *of)
{
    return (uint32_t)strtoul(of->text, NULL, 10); /* 0 where nobody set it */
}

/* A number for one target, said by whoever said `by`, or else `otherwise`. */
static void add_for_target(rows *all, const char *key, const char *triple, uint32_t bytes, const row *by, origin otherwise)
{
    row *added = add(all, ul_arena_printf(all->arena, "%s.%s", key, triple), SHAPE_NUMBER, number_text(all, bytes));
    added->from = otherwise;
    if (!by)
        return;
    added->from = by->from;
    added->file = by->file;
    added->line = by->line;
    added->column = by->column;
}

/* What holds for one target: its line, the span, and the span that docs/cache-lines.md has for it. */
static void add_target(rows *all, const char *triple)
{
    const row line = *last_of(all, UL_CONFIG_KEY_LINE_BYTES), span = *last_of(all, UL_CONFIG_KEY_SPAN_BYTES);
    uint32_t line_bytes = bytes_of(&line) ? bytes_of(&line) : ul_line_bytes_of(triple), span_bytes = bytes_of(&span);
    add_for_target(all, "line-bytes", triple, line_bytes, bytes_of(&line) ? &line : NULL, FROM_TARGET);
    if (span_bytes > line_bytes)
        add_for_target(all, "span-bytes", triple, span_bytes, &span, FROM_LINE);
    else
        add_for_target(all, "span-bytes", triple, line_bytes, NULL, FROM_LINE);
    add_for_target(all, "span-to-consider", triple, ul_span_bytes_of(triple), NULL, FROM_TARGET);
}

static void add_targets(rows *all)
{
    const row targets = *last_of(all, UL_CONFIG_KEY_TARGETS);
    for (uint32_t i = 0; i < targets.item_count; i++)
        add_target(all, targets.items[i].text);
    if (targets.item_count == 0 && all->triple)
        add_target(all, all->triple);
}

static void add_key(rows *all, ul_config_key key)
{
    const ul_config_key_info *info = ul_config_key_info_of(key);
    uint32_t before = all->count;
    if (info->option != UL_OPTION_COUNT && ul_option_is_given(all->config, info->option)) {
        add_given(all, key);
        return;
    }
    for (const ul_config_file *file = all->nearest; file; file = file->above) {
        if (!file->values[key].line)
            continue;
        add_value(all, file, key);
        if (info->merge == UL_CONFIG_NEAREST)
            break;
    }
    if (all->count == before)
        add_standard(all, key);
}

static void collect(rows *all, const ul_config *config, const char *triple, ul_arena *arena)
{
    struct stat info;
    *all = (rows){.config = config, .triple = triple, .cwd = ul_path_cwd(arena), .arena = arena};
    const char *path = ul_path_settle(all->cwd, config->shown_path, arena);
    all->is_directory = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
    all->path = all->is_directory && strcmp(path, "/") != 0 ? ul_arena_printf(arena, "%s/", path) : path;
    all->nearest = ul_settings_files(config->settings, ul_path_directory(all->path, arena));
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        if (i == UL_CONFIG_KEY_RULES)
            add_rules(all);
        else if (i == UL_CONFIG_KEY_TYPES)
            add_types(all);
        else
            add_key(all, (ul_config_key)i);
        if (i == UL_CONFIG_KEY_SPAN_BYTES)
            add_targets(all); /* it stands behind the targets and the line */
    }
}

static const char *shown(const rows *all, const char *path)
{
    size_t length = strlen(all->cwd);
    return strncmp(path, all->cwd, length) == 0 && path[length] ? path + length : path;
}

static const char *const origin_words[] = {
    [FROM_DEFAULT] = "default", [FROM_FILE] = "file", [FROM_COMMAND_LINE] = "command line", [FROM_TARGET] = "target", [FROM_LINE] = "one line"};

static const char *origin_text(rows *all, const row *of)
{
    if (of->from == FROM_FILE)
        return ul_arena_printf(all->arena, "%s:%u", shown(all, of->file), of->line);
    return origin_words[of->from];
}

void ul_settings_show(ul_strbuf *out, const ul_config *config, const char *triple, ul_arena *arena)
{
    rows all;
    const char *where = "";
    size_t key_width = 0, text_width = 0;
    collect(&all, config, triple, arena);
    ul_strbuf_printf(out, "%s\n", shown(&all, all.path));
    if (!all.is_directory && ul_settings_leaves_out(config->settings, all.path, &where))
        ul_strbuf_printf(out, "is left out: %s\n", shown(&all, where));
    if (!all.is_directory && ul_settings_is_public(config->settings, all.path, &where))
        ul_strbuf_printf(out, "is a public header: %s\n", shown(&all, where));
    if (!all.nearest)
        ul_strbuf_puts(out, "no configuration file is read\n");
    for (const ul_config_file *file = all.nearest; file; file = file->above)
        ul_strbuf_printf(out, "%s%s\n", file == all.nearest ? "read: " : "then: ", shown(&all, file->path));
    ul_strbuf_putc(out, '\n');
    for (uint32_t i = 0; i < all.count; i++) {
        size_t key = strlen(all.items[i].key), text = strlen(all.items[i].text);
        key_width = key > key_width ? key : key_width;
        text_width = text > text_width && text <= 40 ? text : text_width;
    }
    for (uint32_t i = 0; i < all.count; i++) {
        const row *item = &all.items[i];
        ul_strbuf_printf(out, "%-*s  %-*s  %s\n", (int)key_width, item->key, (int)text_width, *item->text ? item->text : "-", origin_text(&all, item));
    }
}

static cJSON *value_json(const row *item)
{
    if (item->shape == SHAPE_BOOL)
        return cJSON_CreateBool(strcmp(item->text, "true") == 0);
    if (item->shape == SHAPE_NUMBER)
        return cJSON_CreateRaw(item->text);
    if (item->shape == SHAPE_TEXT)
        return *item->text ? cJSON_CreateString(item->text) : cJSON_CreateNull();
    cJSON *list = cJSON_CreateArray();
    for (uint32_t i = 0; i < item->item_count; i++)
        cJSON_AddItemToArray(list, cJSON_CreateString(item->items[i].text));
    return list;
}

static cJSON *row_json(rows *all, const row *item)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "key", item->key);
    cJSON_AddItemToObject(object, "value", value_json(item));
    cJSON_AddStringToObject(object, "from", origin_words[item->from]);
    if (item->from == FROM_FILE) {
        cJSON_AddStringToObject(object, "file", shown(all, item->file));
        cJSON_AddNumberToObject(object, "line", item->line);
        cJSON_AddNumberToObject(object, "column", item->column);
    }
    return object;
}

void ul_settings_show_json(ul_strbuf *out, const ul_config *config, const char *triple, ul_arena *arena)
{
    rows all;
    collect(&all, config, triple, arena);
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "schema", "ullage.config/1");
    cJSON_AddStringToObject(root, "path", shown(&all, all.path));
    cJSON_AddBoolToObject(root, "is_left_out", !all.is_directory && ul_settings_leaves_out(config->settings, all.path, NULL));
    cJSON_AddBoolToObject(root, "is_public", !all.is_directory && ul_settings_is_public(config->settings, all.path, NULL));
    cJSON *files = cJSON_AddArrayToObject(root, "files");
    for (const ul_config_file *file = all.nearest; file; file = file->above)
        cJSON_AddItemToArray(files, cJSON_CreateString(shown(&all, file->path)));
    cJSON *values = cJSON_AddArrayToObject(root, "values");
    for (uint32_t i = 0; i < all.count; i++)
        cJSON_AddItemToArray(values, row_json(&all, &all.items[i]));
    char *text = cJSON_Print(root);
    if (text)
        ul_strbuf_printf(out, "%s\n", text);
    else
        out->has_failed = true;
    cJSON_free(text);
    cJSON_Delete(root);
}
