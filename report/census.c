#include "report/census.h"

#include <string.h>

#include "report/paths.h"

enum { INDENT = 3, WHERE_MAX = 3, NAME_COLUMNS = 20 };

typedef unsigned long long ull;

/* Places in code, by what they do to one field; those outside run time apart. */
typedef struct sums {
    uint64_t kinds[UL_ACCESS_KIND_COUNT];
    uint64_t elsewhere;
} sums;

static sums sum(const ul_census *census, const ul_tally *tallies, uint32_t count)
{
    sums all = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (ul_census_is_runtime(census, &tallies[i]))
            all.kinds[tallies[i].kind] += tallies[i].count;
        else
            all.elsewhere += tallies[i].count;
    }
    return all;
}

/* Tallies of one field from tallies[begin] on. */
static uint32_t end_of_field(const ul_tally *tallies, uint32_t begin, uint32_t count)
{
    uint32_t end = begin;
    while (end < count && tallies[end].field == tallies[begin].field)
        end++;
    return end;
}

static const char *place_of(const ul_report *report, const ul_tally *tally, ul_arena *arena)
{
    const ul_census *census = report->census;
    const ul_census_function *function = &census->functions[tally->function];
    return ul_arena_printf(arena, "%s() %s:%u", census->words[function->name],
                           ul_path_below(census->words[function->file], report->cwd), tally->line);
}

/* A variable that only its unit or its function sees, which the census knows by the place of its declaration: "m a.c:4"; others by their names. */
static const char *variable_text(const ul_report *report, const char *id, const char *base, ul_arena *arena)
{
    const ul_census *census = report->census;
    ul_word word = strchr(id, ':') ? ul_census_word(census, id) : 0;
    for (uint32_t i = 0; word && i < census->variable_count; i++) {
        const ul_variable *it = &census->variables[i];
        if (it->id == word)
            return ul_arena_printf(arena, "%s %s:%u", census->words[it->name], ul_path_below(census->words[it->file], base), it->line);
    }
    return strchr(id, ':') ? "a lock without a name" : id;
}

/* "lock" of a record, without the place that makes it unique; a variable. Paths are told below `base`. */
static const char *lock_text(const ul_report *report, const char *locks, const char *base, ul_arena *arena)
{
    const char *text = "";
    for (const char *at = locks; *at;) {
        size_t part = strcspn(at, "|");
        const char *hash = memchr(at, '#', part);
        const char *name = ul_arena_strndup(arena, hash ? hash + 1 : at, (size_t)(at + part - (hash ? hash + 1 : at)));
        name = !*name ? "any" : hash ? name : variable_text(report, name, base, arena);
        text = ul_arena_printf(arena, "%s%s%s", text, *text ? ", " : "", name);
        at += part + (at[part] == '|');
    }
    return text;
}

static const char *access_words(const ul_report *report, const ul_tally *tally, ul_arena *arena)
{
    const ul_census *census = report->census;
    const ul_census_function *function = &census->functions[tally->function];
    const char *words = ul_arena_printf(arena, "%s%s %s", tally->flags & UL_ACCESS_ATOMIC && tally->kind < UL_ACCESS_RMW ? "atomic " : "",
                                        ul_access_kind_name(tally->kind), place_of(report, tally, arena));
    if (tally->count > 1)
        words = ul_arena_printf(arena, "%s, %u times", words, tally->count);
    if (tally->loop_depth)
        words = ul_arena_printf(arena, "%s, in %u loop%s", words, tally->loop_depth, tally->loop_depth == 1 ? "" : "s");
    if (tally->index > UL_INDEX_OTHER)
        words = ul_arena_printf(arena, "%s, index %s", words, ul_index_kind_name(tally->index));
    if (tally->locks || function->locks)
        words = ul_arena_printf(arena, "%s, under %s%s%s", words, lock_text(report, census->words[tally->locks], report->cwd, arena),
                                tally->locks && function->locks ? ", " : "", lock_text(report, census->words[function->locks], report->cwd, arena));
    if (function->role != UL_ROLE_RUNTIME)
        words = ul_arena_printf(arena, "%s, %s", words, ul_role_name(function->role));
    return words;
}

/* The first functions of a field, those that change it before those that read it: "changed by a() f.c:3; read by b() f.c:9". */
static const char *where_text(const ul_report *report, const ul_tally *tallies, uint32_t count, ul_arena *arena)
{
    static const char *const leads[] = {"changed by ", "read by "};
    const char *text = "";
    uint32_t named = 0, others = 0, last = UL_NO_FUNCTION;
    for (uint32_t pass = 0; pass < 2; pass++) {
        const char *lead = ul_arena_printf(arena, "%s%s", *text ? "; " : "", leads[pass]);
        for (uint32_t i = 0; i < count; i++) {
            bool changes = tallies[i].kind != UL_ACCESS_READ && tallies[i].kind != UL_ACCESS_ADDRESS;
            if (changes != (pass == 0) || !ul_census_is_runtime(report->census, &tallies[i]) || tallies[i].function == last)
                continue;
            last = tallies[i].function;
            others += named >= WHERE_MAX;
            if (named >= WHERE_MAX)
                continue;
            named++;
            text = ul_arena_printf(arena, "%s%s%s", text, lead, place_of(report, &tallies[i], arena));
            lead = ", ";
        }
        last = UL_NO_FUNCTION;
    }
    return others ? ul_arena_printf(arena, "%s and %u more", text, others) : text;
}

static void draw_number(ul_ink *ink, uint64_t number)
{
    if (number)
        ul_strbuf_printf(ink->out, " %5llu", (ull)number);
    else
        ul_strbuf_puts(ink->out, "     .");
}

static void draw_field(ul_ink *ink, const ul_report *report, const ul_tally *tallies, uint32_t count, bool is_verbose, ul_arena *arena)
{
    const ul_census *census = report->census;
    sums all = sum(census, tallies, count);
    const char *name = census->words[tallies[0].field];
    ul_strbuf_fill(ink->out, ' ', INDENT);
    uint32_t width = ul_ink_fit(ink, name, strlen(name), NAME_COLUMNS);
    ul_strbuf_fill(ink->out, ' ', width < NAME_COLUMNS ? NAME_COLUMNS - width : 0);
    draw_number(ink, all.kinds[UL_ACCESS_READ]);
    draw_number(ink, all.kinds[UL_ACCESS_WRITE] + all.kinds[UL_ACCESS_UPDATE]);
    draw_number(ink, all.kinds[UL_ACCESS_RMW]);
    draw_number(ink, all.kinds[UL_ACCESS_LOCK]);
    draw_number(ink, all.kinds[UL_ACCESS_ADDRESS]);
    draw_number(ink, all.elsewhere);
    ul_strbuf_putc(ink->out, '\n');
    if (!is_verbose) {
        const char *where = where_text(report, tallies, count, arena);
        if (*where) {
            ul_strbuf_fill(ink->out, ' ', INDENT + 2);
            ul_ink_wrap(ink, where, INDENT + 2, INDENT + 4);
        }
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        ul_strbuf_fill(ink->out, ' ', INDENT + 2);
        ul_ink_wrap(ink, access_words(report, &tallies[i], arena), INDENT + 2, INDENT + 4);
    }
}

/* What people call the function of that id: one that a unit keeps for itself has its place for an id. */
static const char *function_name(const ul_census *census, ul_word id)
{
    const ul_census_function *function = ul_census_function_of(census, id);
    return census->words[function ? function->name : id];
}

static const char *instance_words(const ul_report *report, const ul_instance *instance, ul_arena *arena)
{
    const ul_census *census = report->census;
    const char *words = ul_arena_printf(arena, "%s %s:%u", ul_region_name(instance->region),
                                        ul_path_below(census->words[instance->file], report->cwd), instance->line);
    if (instance->region == UL_REGION_HEAP)
        words = ul_arena_printf(arena, "%s %s(%s)", words, census->words[instance->callee], census->words[instance->size]);
    else if (instance->size)
        words = ul_arena_printf(arena, "%s `%s`", words, census->words[instance->size]);
    if (instance->region == UL_REGION_HANDED)
        words = ul_arena_printf(arena, "%s to %s()%s", words, function_name(census, instance->callee),
                                instance->flags & UL_INSTANCE_ELEMENT ? ", an element of an array" : "");
    return instance->count > 1 ? ul_arena_printf(arena, "%s, %llu of them", words, (ull)instance->count) : words;
}

void ul_census_draw(ul_ink *ink, const ul_report *report, const ul_record *record, bool is_verbose, ul_arena *arena)
{
    uint32_t count, instance_count;
    const ul_tally *tallies = ul_census_tallies(report->census, record->key, &count);
    const ul_instance *instances = ul_census_instances(report->census, record->key, &instance_count);
    if (count) {
        ul_strbuf_fill(ink->out, ' ', INDENT);
        ul_strbuf_printf(ink->out, "%-*s %5s %5s %5s %5s %5s %5s\n", NAME_COLUMNS, "census", "read", "write", "rmw", "lock", "addr", "setup");
    }
    for (uint32_t i = 0, end; i < count; i = end) {
        end = end_of_field(tallies, i, count);
        draw_field(ink, report, tallies + i, end - i, is_verbose, arena);
    }
    const char *last = "";
    for (uint32_t i = 0; i < instance_count; i++) {
        const char *words = ul_arena_printf(arena, "object: %s", instance_words(report, &instances[i], arena));
        if (strcmp(words, last) == 0)
            continue; /* two on one line */
        last = words;
        ul_strbuf_fill(ink->out, ' ', INDENT);
        ul_ink_wrap(ink, words, INDENT, INDENT + 2);
    }
}

void ul_census_draw_legend(ul_ink *ink)
{
    ul_strbuf_puts(ink->out, "census: ");
    ul_ink_wrap(ink, "places in function bodies that touch a field at run time: rmw changes it by one atomic step, lock takes it as a lock, addr takes "
                     "its address; setup counts places in functions that set up, tear down or show. An object: where one comes to be, or is handed on.", 8, 8);
}

static void add_locks(cJSON *item, const ul_report *report, const char *locks, ul_arena *arena)
{
    cJSON *list = cJSON_GetObjectItem(item, "locks");
    for (const char *at = locks; *at;) {
        size_t part = strcspn(at, "|");
        cJSON *lock = cJSON_CreateString(lock_text(report, ul_arena_strndup(arena, at, part), report->root, arena));
        cJSON_AddItemToArray(list, lock);
        at += part + (at[part] == '|');
    }
}

static cJSON *access_item(const ul_report *report, const ul_tally *tally, ul_arena *arena)
{
    const ul_census *census = report->census;
    const ul_census_function *function = &census->functions[tally->function];
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "kind", ul_access_kind_name(tally->kind), arena);
    cJSON_AddBoolToObject(item, "atomic", (tally->flags & UL_ACCESS_ATOMIC) != 0);
    ul_json_text(item, "function", census->words[function->name], arena);
    ul_json_text(item, "role", ul_role_name(function->role), arena);
    cJSON_AddBoolToObject(item, "threaded", (function->flags & UL_FUNCTION_THREADED) != 0);
    ul_json_path(item, "file", census->words[function->file], report, arena);
    ul_json_count(item, "line", tally->line);
    ul_json_count(item, "count", tally->count);
    ul_json_count(item, "loop_depth", tally->loop_depth);
    ul_json_text(item, "index", ul_index_kind_name(tally->index), arena);
    cJSON_AddArrayToObject(item, "locks");
    add_locks(item, report, census->words[tally->locks], arena);
    add_locks(item, report, census->words[function->locks], arena);
    return item;
}

static cJSON *instance_item(const ul_report *report, const ul_instance *instance, ul_arena *arena)
{
    const ul_census *census = report->census;
    cJSON *item = cJSON_CreateObject();
    ul_json_text(item, "region", ul_region_name(instance->region), arena);
    ul_json_path(item, "file", census->words[instance->file], report, arena);
    ul_json_count(item, "line", instance->line);
    ul_json_text(item, "name", census->words[instance->region == UL_REGION_HEAP ? instance->callee : instance->size], arena);
    ul_json_text(item, "size", instance->region == UL_REGION_HEAP ? census->words[instance->size] : "", arena);
    ul_json_count(item, "count", instance->count);
    cJSON_AddBoolToObject(item, "array", (instance->flags & UL_INSTANCE_ARRAY) != 0);
    return item;
}

void ul_census_add(cJSON *item, const ul_report *report, const ul_record *record, ul_arena *arena)
{
    uint32_t count, instance_count;
    const ul_tally *tallies = ul_census_tallies(report->census, record->key, &count);
    const ul_instance *instances = ul_census_instances(report->census, record->key, &instance_count);
    cJSON *census = cJSON_AddObjectToObject(item, "census");
    cJSON *fields = cJSON_AddArrayToObject(census, "fields");
    for (uint32_t i = 0, end; i < count; i = end) {
        end = end_of_field(tallies, i, count);
        cJSON *field = cJSON_CreateObject();
        ul_json_text(field, "name", report->census->words[tallies[i].field], arena);
        cJSON *accesses = cJSON_AddArrayToObject(field, "accesses");
        for (uint32_t k = i; k < end; k++)
            cJSON_AddItemToArray(accesses, access_item(report, &tallies[k], arena));
        cJSON_AddItemToArray(fields, field);
    }
    cJSON *list = cJSON_AddArrayToObject(census, "instances");
    for (uint32_t i = 0; i < instance_count; i++)
        cJSON_AddItemToArray(list, instance_item(report, &instances[i], arena));
}
