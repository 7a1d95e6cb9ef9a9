#include "cli/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config_reader.h"
#include "cli/file.h"
#include "cli/glob.h"
#include "cli/option_values.h"
#include "cli/paths.h"
#include "cli/suggest.h"

enum { FILE_MAX_BYTES = 1 << 20, POWER_MIN = 16, POWER_MAX = 1024 };

void ul_config_complain(ul_config_reader *from, const ul_yaml *at, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    ul_diags_add(from->diags, UL_LEVEL_ERROR, from->file->path, at->line, at->column, "%s",
                 ul_arena_vprintf(from->arena, format, args));
    va_end(args);
    from->has_failed = true;
}

void ul_config_complain_word(ul_config_reader *from, const ul_yaml *at, const char *noun, const char *word, const ul_words *words)
{
    const char *near = ul_suggest(word, words->items, words->count), *list = "";
    for (uint32_t i = 0; i < words->count && !near; i++)
        list = ul_arena_printf(from->arena, "%s%s%s", list, i ? ", " : "; it is one of: ", words->items[i]);
    ul_config_complain(from, at, "unknown %s '%s'%s%s", noun, word, ul_did_you_mean(near, from->arena), list);
}

bool ul_config_is_text(ul_config_reader *from, const ul_yaml *value, const char *noun)
{
    if (value->kind == UL_YAML_TEXT && !value->is_empty)
        return true;
    ul_config_complain(from, value, "%s here, where '%s' takes %s", ul_yaml_kind_name(value), value->key ? value->key->text : "the list", noun);
    return false;
}

/* Index of `text` among `words`, or their count after a complaint. */
static uint32_t find_word(ul_config_reader *from, const ul_yaml *value, const char *noun, const ul_words *words)
{
    uint32_t at = 0;
    while (at < words->count && strcmp(words->items[at], value->text) != 0)
        at++;
    if (at == words->count)
        ul_config_complain_word(from, value, noun, value->text, words);
    return at;
}

uint32_t ul_config_find_rule(ul_config_reader *from, const ul_yaml *at, const char *name)
{
    ul_words words = {0};
    uint32_t count, found = 0;
    words.items = (const char **)ul_values_words(UL_VALUES_RULES, &count, from->arena);
    words.count = count;
    while (found < count && strcmp(words.items[found], name) != 0)
        found++;
    if (found == count)
        ul_config_complain_word(from, at, "rule", name, &words);
    return found;
}

static bool read_bool(ul_config_reader *from, ul_config_value *out, const ul_yaml *value)
{
    if (!ul_config_is_text(from, value, "true or false"))
        return false;
    out->number = strcmp(value->text, "true") == 0;
    if (out->number || strcmp(value->text, "false") == 0)
        return true;
    ul_config_complain(from, value, "'%s' is neither true nor false, as '%s' takes it", value->text, value->key->text);
    return false;
}

/* A decimal number from `least` to `most`. */
static bool read_number(ul_config_reader *from, ul_config_value *out, const ul_yaml *value, uint64_t least, uint64_t most)
{
    const char *noun = ul_arena_printf(from->arena, "a number from %llu to %llu", (unsigned long long)least, (unsigned long long)most);
    uint64_t number = 0;
    if (!ul_config_is_text(from, value, noun))
        return false;
    const char *at = value->text;
    for (; *at >= '0' && *at <= '9'; at++)
        number = number > most ? number : number * 10 + (uint64_t)(*at - '0');
    out->number = number;
    if (!*at && at > value->text && number >= least && number <= most)
        return true;
    ul_config_complain(from, value, "'%s' is not %s, as '%s' takes it", value->text, noun, value->key->text);
    return false;
}

static bool read_level(ul_config_reader *from, ul_config_value *out, const ul_yaml *value, bool may_be_off)
{
    static const char *const names[] = {"off", "note", "warning", "error"};
    ul_words words = {0};
    for (uint32_t i = may_be_off ? 0 : 1; i < sizeof names / sizeof *names; i++)
        ul_words_add(&words, names[i], from->arena);
    if (!ul_config_is_text(from, value, "a level"))
        return false;
    uint32_t at = find_word(from, value, "level", &words);
    out->number = may_be_off ? at : at + 1u; /* as ul_level has them */
    out->text = value->text;
    return at < words.count;
}

static bool is_name(const char *text, bool may_have_stars)
{
    if (!*text || (*text >= '0' && *text <= '9'))
        return false;
    for (; *text; text++) {
        bool is_letter = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') || *text == '_';
        if (!is_letter && !(*text >= '0' && *text <= '9') && !(may_have_stars && *text == '*'))
            return false;
    }
    return true;
}

static bool check_item(ul_config_reader *from, const ul_yaml *value, ul_config_form form)
{
    const char *problem = form == UL_CONFIG_GLOBS ? ul_glob_problem(value->text) : NULL;
    if (problem)
        ul_config_complain(from, value, "'%s': %s", value->text, problem);
    else if (form == UL_CONFIG_NAMES && !is_name(value->text, true))
        ul_config_complain(from, value, "'%s' is no name of a function; * is all that may stand in it besides", value->text);
    else if (form == UL_CONFIG_TARGETS && !*value->text)
        ul_config_complain(from, value, "an empty target");
    else
        return true;
    return false;
}

/* A list of texts, or one text. */
static bool read_items(ul_config_reader *from, ul_config_value *out, const ul_yaml *value, ul_config_form form)
{
    uint32_t count = 0, limit = form == UL_CONFIG_TARGETS ? UL_TARGETS_MAX : UINT32_MAX;
    bool is_list = value->kind == UL_YAML_LIST;
    if (value->kind == UL_YAML_MAP || value->is_empty)
        return ul_config_is_text(from, value, "a list");
    for (const ul_yaml *item = is_list ? value->first : value; item; item = is_list ? item->next : NULL)
        count++;
    ul_config_item *items = UL_NEW_ARRAY(from->arena, ul_config_item, count + 1u);
    count = 0;
    for (const ul_yaml *item = is_list ? value->first : value; item; item = is_list ? item->next : NULL) {
        if (count == limit) {
            ul_config_complain(from, item, "more than %u targets; '%s' is one too many", limit, item->text);
            break;
        }
        if (ul_config_is_text(from, item, "a text") && check_item(from, item, form))
            items[count++] = (ul_config_item){item->text, item->line, item->column};
    }
    out->items = items;
    out->item_count = count;
    return true;
}

static bool read_power(ul_config_reader *from, ul_config_value *out, const ul_yaml *value)
{
    if (!read_number(from, out, value, POWER_MIN, POWER_MAX))
        return false;
    if (!(out->number & (out->number - 1)))
        return true;
    ul_config_complain(from, value, "%s is no power of two from %d to %d, as '%s' takes it", value->text, POWER_MIN, POWER_MAX, value->key->text);
    return false;
}

static bool read_allocator(ul_config_reader *from, ul_config_value *out, const ul_yaml *value)
{
    ul_words words = {0};
    if (!ul_config_is_text(from, value, "the name of an allocator"))
        return false;
    words.items = (const char **)ul_values_words(UL_VALUES_ALLOCATORS, &words.count, from->arena);
    uint32_t at = find_word(from, value, "allocator", &words);
    out->number = at;
    out->text = value->text;
    return at < words.count;
}

static void set_place(ul_config_value *out, const ul_yaml *value)
{
    out->line = value->key->line;
    out->column = value->key->column;
}

/* `min-saved: 8` below a rule. */
static void read_limit(ul_config_reader *from, const char *rule, const ul_yaml *value)
{
    ul_words words = {0};
    ul_words_add(&words, "level", from->arena);
    for (int i = 0; i < UL_LIMIT_COUNT; i++) {
        const ul_limit_info *info = ul_limit_info_of((ul_limit)i);
        if (strcmp(info->rule, rule) != 0)
            continue;
        ul_words_add(&words, info->name, from->arena);
        if (strcmp(info->name, value->key->text) != 0)
            continue;
        if (read_number(from, &from->file->limits[i], value, info->least, info->most))
            set_place(&from->file->limits[i], value);
        return;
    }
    ul_config_complain_word(from, value->key, ul_arena_printf(from->arena, "key of the rule %s", rule), value->key->text, &words);
}

static void read_rules(ul_config_reader *from, const ul_yaml *map)
{
    if (map->kind != UL_YAML_MAP) {
        if (!map->is_empty)
            ul_config_complain(from, map, "%s here, where 'rules' takes a map of rules", ul_yaml_kind_name(map));
        return;
    }
    for (const ul_yaml *rule = map->first; rule; rule = rule->next) {
        uint32_t count, at = ul_config_find_rule(from, rule->key, rule->key->text);
        ul_rules_all(&count);
        if (at == count)
            continue;
        if (rule->kind == UL_YAML_TEXT) {
            if (read_level(from, &from->file->levels[at], rule, true))
                set_place(&from->file->levels[at], rule);
            continue;
        }
        if (rule->kind == UL_YAML_LIST)
            ul_config_complain(from, rule, "a list here, where a rule takes a level or a map");
        for (const ul_yaml *value = rule->kind == UL_YAML_MAP ? rule->first : NULL; value; value = value->next) {
            if (strcmp(value->key->text, "level") != 0)
                read_limit(from, rule->key->text, value);
            else if (read_level(from, &from->file->levels[at], value, true))
                set_place(&from->file->levels[at], value);
        }
    }
}

static bool read_form(ul_config_reader *from, ul_config_value *out, ul_config_key key, const ul_yaml *value)
{
    ul_config_form form = ul_config_key_info_of(key)->form;
    switch (form) {
    case UL_CONFIG_BOOL:
        return read_bool(from, out, value);
    case UL_CONFIG_PATH:
        if (!ul_config_is_text(from, value, "a path"))
            return false;
        out->text = ul_path_settle(from->file->directory, value->text, from->arena);
        return true;
    case UL_CONFIG_GLOBS:
    case UL_CONFIG_NAMES:
    case UL_CONFIG_TARGETS:
        return read_items(from, out, value, form);
    case UL_CONFIG_MACRO:
        if (!ul_config_is_text(from, value, "the name of a macro"))
            return false;
        out->text = value->text;
        if (!is_name(value->text, false))
            ul_config_complain(from, value, "'%s' is no name of a macro", value->text);
        return is_name(value->text, false);
    case UL_CONFIG_ALLOCATOR:
        return read_allocator(from, out, value);
    case UL_CONFIG_POWER:
        return read_power(from, out, value);
    case UL_CONFIG_LEVEL:
        return read_level(from, out, value, false);
    case UL_CONFIG_RULES:
        read_rules(from, value);
        return true;
    case UL_CONFIG_TYPES:
        ul_config_read_types(from, value);
        return true;
    }
    return false;
}

/* The members of the top, or of a group. */
static void read_keys(ul_config_reader *from, const ul_yaml *map, const char *group)
{
    for (const ul_yaml *value = map->first; value; value = value->next) {
        const char *name = *group ? ul_arena_printf(from->arena, "%s.%s", group, value->key->text) : value->key->text;
        ul_config_key key = strchr(value->key->text, '.') ? UL_CONFIG_KEY_COUNT : ul_config_key_find(name);
        if (key != UL_CONFIG_KEY_COUNT) {
            if (read_form(from, &from->file->values[key], key, value))
                set_place(&from->file->values[key], value);
        } else if (!*group && ul_config_group_find(name, NULL)) {
            if (value->kind == UL_YAML_MAP)
                read_keys(from, value, name);
            else if (!value->is_empty)
                ul_config_complain(from, value, "%s here, where '%s' takes a map", ul_yaml_kind_name(value), name);
        } else {
            ul_words words = {0};
            ul_config_key_words(&words, group, from->arena);
            ul_config_complain_word(from, value->key, *group ? ul_arena_printf(from->arena, "key of '%s'", group) : "key", value->key->text, &words);
        }
    }
}

ul_status ul_config_file_parse(ul_config_file *out, const char *path, const char *bytes, size_t length, ul_diags *diags,
                               ul_arena *arena)
{
    uint32_t rule_count;
    const ul_yaml *root;
    ul_rules_all(&rule_count);
    *out = (ul_config_file){.path = path,
                            .directory = ul_path_directory(path, arena),
                            .levels = UL_NEW_ARRAY(arena, ul_config_value, rule_count),
                            .limits = UL_NEW_ARRAY(arena, ul_config_value, UL_LIMIT_COUNT)};
    ul_config_reader from = {.file = out, .diags = diags, .arena = arena};
    ul_status status = ul_yaml_read(&root, path, bytes, length, diags, arena);
    if (status != UL_OK || !root || root->is_empty)
        return status;
    if (root->kind == UL_YAML_MAP)
        read_keys(&from, root, "");
    else
        ul_config_complain(&from, root, "%s here, where a configuration file has keys and values", ul_yaml_kind_name(root));
    out->is_root = out->values[UL_CONFIG_KEY_ROOT].line && out->values[UL_CONFIG_KEY_ROOT].number;
    return from.has_failed ? UL_ERR_INPUT : UL_OK;
}

ul_status ul_config_file_load(ul_config_file *out, bool *is_there, const char *path, ul_diags *diags, ul_arena *arena)
{
    struct stat info;
    *is_there = false;
    if (stat(path, &info) != 0 && (errno == ENOENT || errno == ENOTDIR) && lstat(path, &info) != 0)
        return UL_OK;
    *is_there = true;
    uint32_t rule_count;
    ul_rules_all(&rule_count);
    ul_strbuf text;
    ul_strbuf_init(&text);
    if (stat(path, &info) == 0 && !S_ISREG(info.st_mode)) {
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "not a file: nothing is configured by it");
    } else if (ul_file_read(&text, path, FILE_MAX_BYTES) == UL_OK) {
        ul_status status = ul_config_file_parse(out, path, text.data ? text.data : "", text.length, diags, arena);
        ul_strbuf_free(&text);
        return status;
    } else {
        ul_diags_add(diags, UL_LEVEL_ERROR, path, 0, 0, "cannot read the configuration: %s",
                     errno == EFBIG ? "it is over 1 MiB" : strerror(errno));
    }
    ul_strbuf_free(&text);
    ul_status status = ul_config_file_parse(out, path, "", 0, diags, arena); /* so that what is asked of it has an answer */
    return status == UL_OK ? UL_ERR_IO : status;
}
