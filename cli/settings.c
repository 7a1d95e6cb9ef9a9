#include "cli/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/glob.h"
#include "cli/paths.h"
#include "cli/record_name.h"
#include "cli/string_map.h"

/* What holds for the files of one directory. */
typedef struct place {
    ul_config_file *nearest; /* or NULL */
    const ul_rule_settings *rules; /* NULL until asked for */
} place;

struct ul_settings {
    ul_config *config; /* of the run: what the command line says is in it */
    const ul_config_file *run; /* nearest to where the run begins, or NULL */
    ul_config_file *only;      /* --config: for every directory */
    const ul_level *base_levels; /* standard ones, with the command line's */
    const ul_rule_settings *base;
    ul_string_map places; /* by directory */
    ul_config_file **files; /* all that were read */
    ul_diags diags;
    ul_arena *arena;
    uint32_t file_count, file_capacity, told_count;
    bool is_open; /* what is read from now on is not for the run */
    bool has_failed;
};

static bool is_of_run(const ul_settings *settings, const ul_config_file *file)
{
    const ul_config_file *at = settings->run;
    while (at && at != file)
        at = at->above;
    return at != NULL;
}

/* What counts only where the run begins, and stands in a file that does not count there. */
static void note_unread(ul_settings *settings, const ul_config_file *file)
{
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        const ul_config_value *value = &file->values[i];
        const ul_config_key_info *info = ul_config_key_info_of((ul_config_key)i);
        if (value->line && info->scope == UL_CONFIG_RUN && !is_of_run(settings, file))
            ul_diags_add(&settings->diags, UL_LEVEL_NOTE, file->path, value->line, value->column,
                         "'%s' is one for a whole run: it is taken from where the run begins, not from here", info->name);
    }
}

static ul_config_file *load(ul_settings *settings, const char *path)
{
    bool is_there;
    ul_config_file *file = UL_NEW(settings->arena, ul_config_file);
    ul_status status = ul_config_file_load(file, &is_there, path, &settings->diags, settings->arena);
    settings->has_failed |= status != UL_OK;
    if (!is_there)
        return NULL;
    UL_RESERVE(settings->arena, settings->files, settings->file_count, settings->file_capacity);
    settings->files[settings->file_count++] = file;
    return file;
}

static place *place_of(ul_settings *settings, const char *directory)
{
    place *found = ul_string_map_get(&settings->places, directory);
    if (found)
        return found;
    found = UL_NEW(settings->arena, place);
    ul_string_map_set(&settings->places, directory, found);
    if (settings->config->reads_no_config || settings->only) {
        found->nearest = settings->only;
        return found;
    }
    found->nearest = load(settings, ul_arena_printf(settings->arena, "%s%s", directory, UL_CONFIG_FILE_NAME));
    size_t length = strlen(directory);
    if (length < 2 || (found->nearest && found->nearest->is_root))
        return found;
    const place *above = place_of(settings, ul_path_directory(ul_arena_strndup(settings->arena, directory, length - 1), settings->arena));
    if (!found->nearest)
        *found = *above;
    else
        found->nearest->above = above->nearest;
    if (found->nearest && settings->is_open && found->nearest != above->nearest)
        note_unread(settings, found->nearest);
    return found;
}

static place *place_of_file(ul_settings *settings, const char *file)
{
    return place_of(settings, ul_path_directory(file, settings->arena));
}

const ul_config_file *ul_settings_files(ul_settings *settings, const char *directory)
{
    return settings ? place_of(settings, directory)->nearest : NULL;
}

/* The nearest value of a key from `file` upward, or NULL. */
static const ul_config_value *nearest_value(const ul_config_file *file, ul_config_key key)
{
    for (; file; file = file->above) {
        if (file->values[key].line)
            return &file->values[key];
    }
    return NULL;
}

/* Where the run begins: the first path that exists, or the working directory. */
static const char *start_of(const ul_config *config, ul_arena *arena)
{
    const char *cwd = ul_path_cwd(arena), *only = config->shown_path;
    const char *const *paths = only ? &only : config->paths;
    for (uint32_t i = 0; i < (only ? 1 : config->path_count); i++) {
        struct stat info;
        const char *path = ul_path_resolve(cwd, paths[i], arena);
        if (!path || stat(path, &info) != 0)
            continue;
        return S_ISDIR(info.st_mode) && strcmp(path, "/") != 0 ? ul_arena_printf(arena, "%s/", path)
                                                               : ul_path_directory(path, arena);
    }
    return cwd;
}

static bool takes_profile(const ul_config *config)
{
    return (1u << config->command & UL_FOR_RECORDS) != 0;
}

/* As --profile would have it. */
static void set_profile(ul_config *config, const char *file, ul_arena *arena)
{
    const char **files = UL_NEW(arena, const char *);
    *files = file;
    config->profile_files = files;
    config->profile_count = 1;
    config->reads_census |= !config->layout_only;
}

static void set_run_values(ul_settings *settings)
{
    ul_config *config = settings->config;
    const ul_config_value *values[UL_CONFIG_KEY_COUNT] = {0};
    for (int i = 0; i < UL_CONFIG_KEY_COUNT; i++) {
        const ul_config_key_info *info = ul_config_key_info_of((ul_config_key)i);
        if (info->scope == UL_CONFIG_RUN && (info->option == UL_OPTION_COUNT || !ul_option_is_given(config, info->option)))
            values[i] = nearest_value(settings->run, (ul_config_key)i);
    }
    if (values[UL_CONFIG_KEY_BUILD] && !config->has_flags)
        config->build = values[UL_CONFIG_KEY_BUILD]->text;
    if (values[UL_CONFIG_KEY_ALLOCATOR])
        config->allocator = ul_allocator_at((uint32_t)values[UL_CONFIG_KEY_ALLOCATOR]->number);
    if (values[UL_CONFIG_KEY_LINE_BYTES])
        config->line_bytes = (uint32_t)values[UL_CONFIG_KEY_LINE_BYTES]->number;
    if (values[UL_CONFIG_KEY_SPAN_BYTES])
        config->span_bytes = (uint32_t)values[UL_CONFIG_KEY_SPAN_BYTES]->number;
    if (values[UL_CONFIG_KEY_PROFILE] && takes_profile(config))
        set_profile(config, values[UL_CONFIG_KEY_PROFILE]->text, settings->arena);
    if (values[UL_CONFIG_KEY_FAIL_LEVEL])
        config->fail_level = (ul_level)values[UL_CONFIG_KEY_FAIL_LEVEL]->number;
    const ul_config_value *targets = values[UL_CONFIG_KEY_TARGETS];
    for (uint32_t i = 0; targets && i < targets->item_count; i++)
        config->targets[i] = targets->items[i].text;
    if (targets)
        config->target_count = targets->item_count;
}

/* What the configuration adds to the names that the command line has. */
static void add_names(ul_settings *settings, const char *const **items, uint32_t *count, ul_config_key key)
{
    ul_words words = {0};
    for (uint32_t i = 0; i < *count; i++)
        ul_words_add(&words, (*items)[i], settings->arena);
    for (const ul_config_file *at = settings->run; at; at = at->above) {
        for (uint32_t i = 0; i < at->values[key].item_count; i++)
            ul_words_add(&words, at->values[key].items[i].text, settings->arena);
    }
    *items = words.items;
    *count = words.count;
}

static void set_names(ul_settings *settings)
{
    ul_census_names *names = &settings->config->names;
    add_names(settings, &names->locks, &names->lock_count, UL_CONFIG_KEY_LOCKS_ACQUIRE);
    add_names(settings, &names->unlocks, &names->unlock_count, UL_CONFIG_KEY_LOCKS_RELEASE);
    add_names(settings, &names->threads, &names->thread_count, UL_CONFIG_KEY_ROLES_THREADS);
    add_names(settings, &names->setups, &names->setup_count, UL_CONFIG_KEY_ROLES_INIT);
    add_names(settings, &names->transfers, &names->transfer_count, UL_CONFIG_KEY_FUNCTIONS_RAW_IO);
    add_names(settings, &names->hashes, &names->hash_count, UL_CONFIG_KEY_FUNCTIONS_HASH);
    add_names(settings, &names->compares, &names->compare_count, UL_CONFIG_KEY_FUNCTIONS_COMPARE);
    add_names(settings, &names->setups, &names->setup_count, UL_CONFIG_KEY_ROLES_TEARDOWN); /* one thread alone runs, then as before */
}

static void open_only(ul_settings *settings)
{
    const char *given = settings->config->config_file;
    const char *path = ul_path_resolve(ul_path_cwd(settings->arena), given, settings->arena);
    settings->only = path ? load(settings, path) : NULL;
    if (settings->only)
        return;
    ul_diags_add(&settings->diags, UL_LEVEL_ERROR, given, 0, 0, "cannot read the configuration: %s", strerror(path ? ENOENT : errno));
    settings->has_failed = true;
}

ul_settings *ul_settings_open(ul_config *config, ul_arena *arena)
{
    ul_settings *settings = UL_NEW(arena, ul_settings);
    ul_rule_settings *base = UL_NEW(arena, ul_rule_settings);
    *base = ul_rule_settings_standard(arena);
    base->levels = config->levels;
    *settings = (ul_settings){.config = config, .base_levels = config->levels, .base = base, .arena = arena};
    ul_diags_init(&settings->diags, arena);
    ul_string_map_init(&settings->places, arena);
    config->settings = settings;
    if (config->config_file)
        open_only(settings);
    settings->run = place_of(settings, start_of(config, arena))->nearest;
    settings->is_open = true;
    set_run_values(settings);
    set_names(settings);
    return settings;
}

ul_status ul_settings_tell(ul_settings *settings, ul_diags *diags)
{
    if (!settings)
        return UL_OK;
    for (; settings->told_count < settings->diags.count; settings->told_count++) {
        const ul_diag *diag = &settings->diags.items[settings->told_count];
        ul_diags_add(diags, diag->level, diag->file, diag->line, diag->column, "%s", diag->message);
    }
    return settings->has_failed ? UL_ERR_INPUT : UL_OK;
}

const ul_rule_settings *ul_settings_rules(ul_settings *settings, const char *file, ul_arena *arena)
{
    if (!settings) {
        ul_rule_settings *standard = UL_NEW(arena, ul_rule_settings);
        *standard = ul_rule_settings_standard(arena);
        return standard;
    }
    place *at = place_of_file(settings, file);
    if (at->rules)
        return at->rules;
    if (!at->nearest)
        return at->rules = settings->base;
    uint32_t rule_count;
    ul_rules_all(&rule_count);
    ul_level *levels = UL_NEW_ARRAY(settings->arena, ul_level, rule_count);
    uint64_t *limits = UL_NEW_ARRAY(settings->arena, uint64_t, UL_LIMIT_COUNT);
    memcpy(levels, settings->base_levels, rule_count * sizeof *levels);
    memcpy(limits, settings->base->limits, UL_LIMIT_COUNT * sizeof *limits);
    for (uint32_t i = 0; i < rule_count; i++) {
        const ul_config_file *from = at->nearest;
        while (from && !from->levels[i].line)
            from = from->above;
        if (from && !settings->config->has_level[i])
            levels[i] = (ul_level)from->levels[i].number;
    }
    for (uint32_t i = 0; i < UL_LIMIT_COUNT; i++) {
        const ul_config_file *from = at->nearest;
        while (from && !from->limits[i].line)
            from = from->above;
        if (from)
            limits[i] = from->limits[i].number;
    }
    const ul_config_value *reasons = nearest_value(at->nearest, UL_CONFIG_KEY_REQUIRE_REASONS);
    ul_rule_settings *rules = UL_NEW(settings->arena, ul_rule_settings);
    *rules = (ul_rule_settings){levels, limits, reasons && reasons->number};
    at->rules = rules;
    return rules;
}

const ul_rule_settings *const *ul_settings_rules_all(ul_settings *settings, const ul_report *report, ul_arena *arena)
{
    const ul_rule_settings **all = UL_NEW_ARRAY(arena, const ul_rule_settings *, report->entry_count + report->object_count + 1u);
    for (uint32_t i = 0; i < report->entry_count + report->object_count; i++)
        all[i] = settings || i == 0 ? ul_settings_rules(settings, report->entries[i].record->file, arena) : all[0];
    return all;
}

/* Whether a pattern of `key` in `file` names `path`. */
static bool names(ul_settings *settings, const ul_config_file *file, ul_config_key key, const char *path, const char **where)
{
    const ul_config_value *value = &file->values[key];
    for (uint32_t i = 0; i < value->item_count; i++) {
        if (!ul_glob_names(value->items[i].text, file->directory, path))
            continue;
        if (where)
            *where = ul_arena_printf(settings->arena, "%s:%u", file->path, value->items[i].line);
        return true;
    }
    return false;
}

bool ul_settings_is_public(ul_settings *settings, const char *file, const char **where)
{
    for (const ul_config_file *at = settings ? place_of_file(settings, file)->nearest : NULL; at; at = at->above) {
        if (names(settings, at, UL_CONFIG_KEY_PUBLIC, file, where))
            return true;
    }
    return false;
}

bool ul_settings_leaves_out(ul_settings *settings, const char *file, const char **where)
{
    const ul_config_file *nearest = settings ? place_of_file(settings, file)->nearest : NULL, *includer = NULL;
    for (const ul_config_file *at = nearest; at; at = at->above) {
        if (names(settings, at, UL_CONFIG_KEY_EXCLUDE, file, where))
            return true;
        if (!includer && at->values[UL_CONFIG_KEY_INCLUDE].line)
            includer = at;
    }
    if (!includer || names(settings, includer, UL_CONFIG_KEY_INCLUDE, file, NULL))
        return false;
    if (where)
        *where = ul_arena_printf(settings->arena, "%s:%u", includer->path, includer->values[UL_CONFIG_KEY_INCLUDE].line);
    return true;
}

ul_words ul_settings_names(ul_settings *settings, const char *file, ul_config_key key, ul_arena *arena)
{
    ul_words words = {0};
    for (const ul_config_file *at = settings ? place_of_file(settings, file)->nearest : NULL; at; at = at->above) {
        for (uint32_t i = 0; i < at->values[key].item_count; i++)
            ul_words_add(&words, at->values[key].items[i].text, arena);
    }
    return words;
}

const char *ul_settings_align_macro(ul_settings *settings, const char *file)
{
    const ul_config_value *value =
        settings ? nearest_value(place_of_file(settings, file)->nearest, UL_CONFIG_KEY_ALIGN_MACRO) : NULL;
    return value ? value->text : NULL;
}

typedef struct annotating {
    const ul_config_file *file;
    ul_record *record;
    ul_arena *arena;
    uint32_t capacity;
    uint32_t done; /* words that a nearer file, or the source, has said: bits 1 << ul_annotation_kind, of fields some more */
} annotating;

enum { FIELDS_SHIFT = 16 };

static uint32_t word_of(const ul_type_note *note)
{
    return 1u << (note->kind + (note->field && note->kind == UL_ANNOTATION_IGNORE ? FIELDS_SHIFT : 0));
}

static void add_note(annotating *a, ul_type_note *note)
{
    ul_record *record = a->record;
    uint32_t field = UL_NO_PARENT;
    note->was_looked_for |= note->field != NULL;
    for (uint32_t i = 0; note->field && i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && strcmp(record->fields[i].name, note->field) == 0)
            field = i;
    }
    if (note->field && field == UL_NO_PARENT)
        return;
    note->was_found = true;
    if (!a->capacity) { /* what the worker sent has no room behind it */
        ul_annotation *grown = UL_NEW_ARRAY(a->arena, ul_annotation, record->annotation_count + 8u);
        if (record->annotation_count)
            memcpy(grown, record->annotations, record->annotation_count * sizeof *grown);
        record->annotations = grown;
        a->capacity = record->annotation_count + 8u;
    }
    UL_RESERVE(a->arena, record->annotations, record->annotation_count, a->capacity);
    record->annotations[record->annotation_count++] = (ul_annotation){note->kind, note->argument, note->reason, field, 0};
    if (note->kind == UL_ANNOTATION_INSTANCES)
        record->instances = strtod(note->argument, NULL);
    if (note->kind == UL_ANNOTATION_KEEP_ORDER)
        ul_record_refuse(record, a->arena, UL_REFUSE_KEEP_ORDER,
                         ul_arena_printf(a->arena, "%s line %u%s%s", UL_CONFIG_FILE_NAME, note->line, *note->reason ? ": " : "", note->reason));
}

/* The notes of one file on the record; words that a nearer file has are left. */
static void add_notes(annotating *a)
{
    uint32_t words = 0;
    for (uint32_t i = 0; i < a->file->type_count; i++) {
        ul_type_settings *type = &a->file->types[i];
        if (!ul_record_name_matches(a->record->name, type->name))
            continue;
        for (uint32_t k = 0; k < type->note_count; k++) {
            words |= word_of(&type->notes[k]);
            if (!(a->done & word_of(&type->notes[k])))
                add_note(a, &type->notes[k]);
        }
    }
    a->done |= words;
}

static void annotate(ul_settings *settings, ul_record *record, ul_arena *arena)
{
    annotating a = {.record = record, .arena = arena};
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        if (record->annotations[i].kind == UL_ANNOTATION_INSTANCES && record->annotations[i].field == UL_NO_PARENT)
            a.done |= 1u << UL_ANNOTATION_INSTANCES; /* there is one number, and the source is nearer */
    }
    for (a.file = place_of_file(settings, record->file)->nearest; a.file; a.file = a.file->above)
        add_notes(&a);
}

/* Fields that `types` names and no record of that name has. */
static void complain_of_fields(ul_settings *settings)
{
    for (uint32_t i = 0; i < settings->file_count; i++) {
        const ul_config_file *file = settings->files[i];
        for (uint32_t t = 0; t < file->type_count; t++) {
            for (uint32_t n = 0; n < file->types[t].note_count; n++) {
                ul_type_note *note = &file->types[t].notes[n];
                if (!note->was_looked_for || note->was_found)
                    continue;
                ul_diags_add(&settings->diags, UL_LEVEL_ERROR, file->path, note->line, note->column,
                             "'%s' has no field '%s' of its own; the fields of an anonymous member belong to '%s::<anonymous>'",
                             file->types[t].name, note->field, file->types[t].name);
                note->was_found = true; /* said once */
                settings->has_failed = true;
            }
        }
    }
}

void ul_settings_apply(ul_settings *settings, ul_unit_result *results, uint32_t count, bool keeps_all, ul_arena *arena)
{
    for (uint32_t i = 0; settings && i < count; i++) {
        ul_unit_result *result = &results[i];
        uint32_t kept = 0;
        for (uint32_t k = 0; k < result->record_count; k++) {
            ul_record *record = &result->records[k];
            if (!keeps_all && ul_settings_leaves_out(settings, record->file, NULL))
                continue;
            annotate(settings, record, arena);
            result->records[kept++] = *record;
        }
        result->record_count = kept;
    }
    if (settings)
        complain_of_fields(settings);
}
