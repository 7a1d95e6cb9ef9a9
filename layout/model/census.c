#include "layout/model/census.h"

#include <string.h>

const char *ul_access_kind_name(uint32_t kind)
{
    static const char *const names[UL_ACCESS_KIND_COUNT] = {
        [UL_ACCESS_READ] = "read",   [UL_ACCESS_WRITE] = "write",   [UL_ACCESS_UPDATE] = "update",  [UL_ACCESS_RMW] = "rmw",
        [UL_ACCESS_LOCK] = "lock",   [UL_ACCESS_UNLOCK] = "unlock", [UL_ACCESS_ADDRESS] = "address"};
    return kind < UL_ACCESS_KIND_COUNT ? names[kind] : "";
}

const char *ul_index_kind_name(uint32_t kind)
{
    static const char *const names[UL_INDEX_KIND_COUNT] = {
        [UL_INDEX_NONE] = "none", [UL_INDEX_OTHER] = "other", [UL_INDEX_PARAMETER] = "parameter", [UL_INDEX_CONSTANT] = "constant", [UL_INDEX_LOOP] = "loop",
        [UL_INDEX_HASH] = "hash", [UL_INDEX_QUEUE] = "queue", [UL_INDEX_ENTRY] = "entry", [UL_INDEX_THREAD] = "thread"};
    return kind < UL_INDEX_KIND_COUNT ? names[kind] : "";
}

const char *ul_role_name(uint32_t role)
{
    static const char *const names[UL_ROLE_COUNT] = {
        [UL_ROLE_RUNTIME] = "runtime", [UL_ROLE_SETUP] = "setup", [UL_ROLE_TEARDOWN] = "teardown", [UL_ROLE_SHOW] = "show"};
    return role < UL_ROLE_COUNT ? names[role] : "";
}

const char *ul_region_name(uint32_t region)
{
    static const char *const names[UL_REGION_COUNT] = {[UL_REGION_DATA] = "data",     [UL_REGION_BSS] = "bss",
                                                       [UL_REGION_THREAD] = "thread", [UL_REGION_STACK] = "stack",
                                                       [UL_REGION_HEAP] = "heap",     [UL_REGION_HANDED] = "handed"};
    return region < UL_REGION_COUNT ? names[region] : "";
}

static bool is_function(const ul_census *census, uint32_t function)
{
    return function < census->function_count || function == UL_NO_FUNCTION;
}

static bool is_tally_sound(const ul_census *census, const ul_tally *tally)
{
    uint32_t words = census->word_count;
    return tally->object < words && tally->field < words && tally->locks < words && tally->callee < words &&
           tally->base < words && tally->base_kind < UL_BASE_KIND_COUNT && tally->function < census->function_count && tally->kind < UL_ACCESS_KIND_COUNT && tally->index < UL_INDEX_KIND_COUNT;
}

static bool are_rows_sound(const ul_census *census)
{
    uint32_t words = census->word_count;
    for (uint32_t i = 0; i < census->function_count; i++) {
        const ul_census_function *it = &census->functions[i];
        if (it->id >= words || it->key >= words || it->name >= words || it->file >= words || it->locks >= words || it->role >= UL_ROLE_COUNT)
            return false;
    }
    for (uint32_t i = 0; i < census->call_count; i++) {
        const ul_census_call *it = &census->calls[i];
        if (it->callee >= words || it->locks >= words || it->function >= census->function_count)
            return false;
    }
    for (uint32_t i = 0; i < census->mention_count; i++) {
        const ul_mention *it = &census->mentions[i];
        if (it->target >= words || it->callee >= words || it->holder >= words || !is_function(census, it->function))
            return false;
    }
    for (uint32_t i = 0; i < census->number_count; i++) {
        const ul_number *it = &census->numbers[i];
        if (it->callee >= words || it->function >= census->function_count)
            return false;
    }
    for (uint32_t i = 0; i < census->origin_count; i++) {
        const ul_origin *it = &census->origins[i];
        if (it->record >= words || it->function >= census->function_count || it->kind >= UL_ORIGIN_KIND_COUNT)
            return false;
    }
    for (uint32_t i = 0; i < census->pass_count; i++) {
        const ul_pass *it = &census->passes[i];
        if (it->callee >= words || it->base >= words || it->function >= census->function_count || it->base_kind >= UL_BASE_KIND_COUNT)
            return false;
    }
    for (uint32_t i = 0; i < census->inlet_count; i++) {
        const ul_inlet *it = &census->inlets[i];
        if (it->sink >= words || it->source >= words || it->text >= words || it->file >= words || it->kind >= UL_INLET_KIND_COUNT)
            return false;
    }
    for (uint32_t i = 0; i < census->variable_count; i++) {
        const ul_variable *it = &census->variables[i];
        if (it->id >= words || it->name >= words || it->file >= words || it->type >= words || it->record >= words ||
            it->ignores >= words || it->ignore_reason >= words)
            return false;
    }
    for (uint32_t i = 0; i < census->instance_count; i++) {
        const ul_instance *it = &census->instances[i];
        if (it->record >= words || it->size >= words || it->callee >= words || it->file >= words ||
            it->region >= UL_REGION_COUNT || !is_function(census, it->function))
            return false;
    }
    return true;
}

bool ul_census_is_sound(const ul_census *census)
{
    for (uint32_t i = 0; i < census->word_count; i++) {
        if (!census->words[i])
            return false;
    }
    for (uint32_t i = 0; i < census->tally_count; i++) {
        if (!is_tally_sound(census, &census->tallies[i]))
            return false;
    }
    return census->word_count > 0 && are_rows_sound(census);
}

/* `*` in the pattern stands for any run of characters; the rest for itself. */
static bool matches(const char *name, const char *pattern)
{
    const char *star = NULL, *retry = NULL;
    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            retry = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star) {
            pattern = star + 1;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool ul_name_matches(const char *name, const char *const *patterns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (matches(name, patterns[i]))
            return true;
    }
    return false;
}

ul_word ul_census_word(const ul_census *census, const char *text)
{
    uint32_t low = 0, high = census->sorted_word_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = strcmp(census->words[middle], text);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

/* Rows that are sorted by a word of theirs, which is `offset` bytes into each. */
typedef struct row_table {
    const void *rows;
    size_t row_bytes, offset;
    uint32_t count;
} row_table;

static ul_word word_at(const row_table *table, uint32_t index)
{
    ul_word word;
    memcpy(&word, (const unsigned char *)table->rows + index * table->row_bytes + table->offset, sizeof word);
    return word;
}

/* Index of the first of the rows that have `key`; *count says how many there are. */
static uint32_t find_run(uint32_t *count, const row_table *table, ul_word key)
{
    uint32_t low = 0, high = table->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (word_at(table, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (key && low + *count < table->count && word_at(table, low + *count) == key)
        ++*count;
    return low;
}

const ul_tally *ul_census_tallies(const ul_census *census, const char *key, uint32_t *count)
{
    const row_table table = {census->tallies, sizeof *census->tallies, offsetof(ul_tally, object), census->tally_count};
    return census->tallies + find_run(count, &table, ul_census_word(census, key));
}

const ul_instance *ul_census_instances(const ul_census *census, const char *key, uint32_t *count)
{
    const row_table table = {census->instances, sizeof *census->instances, offsetof(ul_instance, record), census->instance_count};
    return census->instances + find_run(count, &table, ul_census_word(census, key));
}

const ul_origin *ul_census_origins(const ul_census *census, const char *key, uint32_t *count)
{
    const row_table table = {census->origins, sizeof *census->origins, offsetof(ul_origin, record), census->origin_count};
    return census->origins + find_run(count, &table, ul_census_word(census, key));
}

const ul_pass *ul_census_passes(const ul_census *census, ul_word id, uint32_t *count)
{
    const row_table table = {census->passes, sizeof *census->passes, offsetof(ul_pass, callee), census->pass_count};
    return census->passes + find_run(count, &table, id);
}

const ul_inlet *ul_census_inlets(const ul_census *census, const char *key, uint32_t *count)
{
    const row_table table = {census->inlets, sizeof *census->inlets, offsetof(ul_inlet, sink), census->inlet_count};
    return census->inlets + find_run(count, &table, ul_census_word(census, key));
}

uint64_t ul_census_objects(const ul_census *census, const char *key)
{
    uint32_t count;
    uint64_t objects = 0;
    const ul_instance *instances = ul_census_instances(census, key, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t more = instances[i].count ? instances[i].count : instances[i].region != UL_REGION_HEAP;
        if (instances[i].region != UL_REGION_HANDED && __builtin_add_overflow(objects, more, &objects))
            return UINT64_MAX;
    }
    return objects;
}

const ul_census_function *ul_census_function_of(const ul_census *census, ul_word id)
{
    for (uint32_t i = 0; i < census->function_count; i++) {
        if (census->functions[i].id == id)
            return &census->functions[i];
    }
    return NULL;
}

double ul_census_weight(const ul_tally *tally)
{
    static const double weights[] = {1, 10, 100, 1000};
    return weights[tally->loop_depth < 3 ? tally->loop_depth : 3];
}

bool ul_locks_hold(const char *locks, const char *lock, size_t length)
{
    bool is_any = length && lock[length - 1] == '#';
    for (const char *at = locks; *at;) {
        size_t part = strcspn(at, "|");
        if (part == length && memcmp(at, lock, length) == 0)
            return true;
        if ((is_any && part > length && memcmp(at, lock, length) == 0) || (part && at[part - 1] == '#' && part < length && memcmp(at, lock, part) == 0))
            return true; /* any lock of the record, on either side */
        at += part + (at[part] == '|');
    }
    return false;
}

bool ul_census_is_runtime(const ul_census *census, const ul_tally *tally)
{
    const ul_census_function *function = &census->functions[tally->function];
    if (function->role == UL_ROLE_RUNTIME)
        return true;
    if (tally->function == census->main_function && tally->line > census->main_from_line && tally->line < census->main_until_line)
        return true;
    /* Who still counts atomically while it frees has company. */
    return function->role == UL_ROLE_TEARDOWN && (tally->kind == UL_ACCESS_RMW || tally->kind == UL_ACCESS_LOCK);
}

bool ul_census_holds(const ul_census *census, const ul_tally *tally, const char *lock)
{
    size_t length = strlen(lock);
    if (census->functions[tally->function].flags & UL_FUNCTION_LOCKED)
        return true;
    return ul_locks_hold(census->words[tally->locks], lock, length) || ul_locks_hold(census->words[census->functions[tally->function].locks], lock, length);
}
