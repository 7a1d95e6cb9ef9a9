/*
 * ullage.profile/1: what any other tool measured, in our own words (docs/schema/ullage.profile-1.schema.json). Unknown members are passed
 * over, as the schema allows; a value of another kind than the schema has is an error that says where.
 */
#include <cjson/cJSON.h>

#include <math.h>

#include "layout/profile/maker.h"

typedef struct reading {
    ul_maker *maker;
    const char *where; /* "types[2].fields[0]" */
    uint32_t line;     /* of the type that is read */
    bool is_wrong;
} reading;

static void complain(reading *of, const char *member, const char *wanted)
{
    if (!of->is_wrong)
        (void)!ul_maker_refuse(of->maker, of->line, "%s%s%s is not %s", of->where, *of->where && *member ? "." : "", member, wanted);
    of->is_wrong = true;
}

static double number_in(reading *of, const cJSON *object, const char *member, double otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!item || cJSON_IsNull(item))
        return otherwise;
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble) || item->valuedouble < 0) {
        complain(of, member, "a number of 0 or more");
        return otherwise;
    }
    return item->valuedouble;
}

/* A number of bytes; `otherwise` where it is not told. */
static uint64_t bytes_in(reading *of, const cJSON *object, const char *member, uint64_t otherwise)
{
    double number = number_in(of, object, member, -1);
    if (number < 0)
        return otherwise;
    if (number != floor(number) || number > UINT32_MAX)
        complain(of, member, "a whole number of bytes");
    return number <= UINT32_MAX ? (uint64_t)number : otherwise;
}

static ul_str text_in(reading *of, const cJSON *object, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!item || cJSON_IsNull(item))
        return ul_str_of(NULL, 0);
    if (!cJSON_IsString(item))
        complain(of, member, "a text");
    return ul_str_of_cstr(cJSON_GetStringValue(item));
}

static const cJSON *list_in(reading *of, const cJSON *object, const char *member)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    if (item && !cJSON_IsArray(item))
        complain(of, member, "an array");
    return cJSON_IsArray(item) ? item : NULL;
}

/* Whether `item` is an object; it is what `where` is about from now on. */
static bool enter(reading *of, const cJSON *item, const char *outer, const char *list, uint32_t index)
{
    of->where = ul_arena_printf(of->maker->arena, "%s%s%s[%u]", outer, *outer ? "." : "", list, index);
    if (!cJSON_IsObject(item))
        complain(of, "", "an object");
    return cJSON_IsObject(item);
}

static ul_profile_counts counts_in(reading *of, const cJSON *item)
{
    ul_profile_counts counts = {.loads = number_in(of, item, "loads", 0),
                                .stores = number_in(of, item, "stores", 0) + number_in(of, item, "rmw", 0),
                                .latency = number_in(of, item, "latency_sum", 0),
                                .hitm_local = number_in(of, item, "hitm_local", 0),
                                .hitm_remote = number_in(of, item, "hitm_remote", 0)};
    double accesses = counts.loads + counts.stores;
    counts.samples = number_in(of, item, "samples", accesses);
    return counts;
}

static void read_field(reading *of, const cJSON *item, uint32_t type)
{
    ul_maker *maker = of->maker;
    ul_str path = text_in(of, item, "path");
    uint64_t offset = bytes_in(of, item, "offset", UL_NO_OFFSET), size = bytes_in(of, item, "size", 0);
    if (!path.length && offset == UL_NO_OFFSET)
        complain(of, "", "a field: it has neither a path nor an offset");
    ul_profile_counts counts = counts_in(of, item);
    uint32_t field = ul_maker_field(maker, type, path, offset, size);
    ul_profile_counts_add(&maker->profile->types[type].fields[field].counts, &counts);
    ul_profile_counts_add(&maker->profile->types[type].counts, &counts);
}

/* The field of the type with that path, or one that is new. */
static uint32_t field_named(reading *of, uint32_t type, const char *path)
{
    const ul_profile_type *it = &of->maker->profile->types[type];
    for (uint32_t i = 0; i < it->field_count; i++) {
        if (strcmp(it->fields[i].path, path) == 0)
            return i;
    }
    return ul_maker_field(of->maker, type, ul_str_of_cstr(path), UL_NO_OFFSET, 0);
}

static void read_context(reading *of, const cJSON *item, uint32_t type)
{
    ul_maker *maker = of->maker;
    ul_str role = text_in(of, item, "thread_role"), thread = text_in(of, item, "thread");
    uint32_t context = ul_maker_context(maker, type, text_in(of, item, "func"), role.length ? role : thread);
    double count = number_in(of, item, "count", 0);
    const cJSON *fields = cJSON_GetObjectItemCaseSensitive(item, "fields"), *use;
    maker->profile->types[type].contexts[context].count += count;
    maker->profile->types[type].contexts[context].is_role |= role.length > 0;
    if (fields && !cJSON_IsObject(fields))
        complain(of, "fields", "an object of paths");
    if (!cJSON_IsObject(fields))
        return;
    cJSON_ArrayForEach(use, fields)
    {
        if (!cJSON_IsObject(use))
            complain(of, use->string, "an object with r and w");
        ul_profile_counts counts = {.loads = number_in(of, use, "r", 0), .stores = number_in(of, use, "w", 0)};
        counts.samples = number_in(of, use, "samples", counts.loads + counts.stores);
        ul_profile_counts_add(ul_maker_use(maker, type, context, field_named(of, type, ul_maker_text(maker, ul_str_of_cstr(use->string)))), &counts);
    }
}

static void read_type(reading *of, const cJSON *item)
{
    const char *outer = of->where;
    const cJSON *list, *one;
    uint32_t index = 0;
    ul_str name = text_in(of, item, "type");
    if (!name.length) {
        complain(of, "type", "the name of a type");
        return;
    }
    of->maker->line = of->line;
    uint32_t type = ul_maker_type(of->maker, name, bytes_in(of, item, "size", 0));
    list = list_in(of, item, "fields");
    cJSON_ArrayForEach(one, list)
    {
        if (enter(of, one, outer, "fields", index++))
            read_field(of, one, type);
    }
    of->where = outer;
    list = list_in(of, item, "contexts");
    index = 0;
    cJSON_ArrayForEach(one, list)
    {
        if (enter(of, one, outer, "contexts", index++))
            read_context(of, one, type);
    }
}

static void read_meta(reading *of, const cJSON *root)
{
    static const struct {
        const char *word;
        uint32_t biases;
    } sources[] = {{"static", 1u << UL_BIAS_BY_HAND}, {"manual", 1u << UL_BIAS_BY_HAND}, {"c2c", 1u << UL_BIAS_STORES_HAVE_NO_LATENCY}};
    const cJSON *meta = cJSON_GetObjectItemCaseSensitive(root, "meta");
    ul_profile_meta *out = &of->maker->profile->meta;
    of->where = "meta";
    out->source = UL_PROFILE_JSON;
    if (meta && !cJSON_IsObject(meta))
        complain(of, "", "an object");
    ul_str event = text_in(of, meta, "event"), source = text_in(of, meta, "source");
    if (event.length)
        ul_maker_set_event(of->maker, event);
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (ul_str_is_equal(source, ul_str_of_cstr(sources[i].word)))
            out->biases |= sources[i].biases;
    }
    out->perf_version = ul_maker_text(of->maker, text_in(of, meta, "perf_version"));
    out->period = number_in(of, meta, "period", 0);
    out->seconds = number_in(of, meta, "seconds", 0);
    out->samples = number_in(of, meta, "samples", 0);
    double resolved = number_in(of, meta, "resolved_pct", 0);
    if (resolved > 100)
        complain(of, "resolved_pct", "a percentage");
    out->resolved_share = resolved / 100;
}

/* What contexts have and fields have not is theirs too; the samples of each thread are those of its contexts, which are all that is told. */
static void add_up(ul_maker *maker)
{
    ul_profile *profile = maker->profile;
    for (uint32_t t = 0; t < profile->type_count; t++) {
        ul_profile_type *type = &profile->types[t];
        bool has_counts = type->counts.samples > 0;
        for (uint32_t c = 0; c < type->context_count; c++) {
            for (uint32_t u = 0; u < type->contexts[c].use_count && !has_counts; u++) {
                const ul_profile_use *use = &type->contexts[c].uses[u];
                ul_profile_counts_add(&type->fields[use->field].counts, &use->counts);
                ul_profile_counts_add(&type->counts, &use->counts);
            }
        }
        profile->meta.typed_samples += type->counts.samples;
    }
    if (profile->meta.samples > 0 && profile->meta.samples < profile->meta.typed_samples * (1 - 1e-9))
        ul_maker_warn(maker, 1, "meta.samples is %.15g, and the types have %.15g of them: so many are taken for all", profile->meta.samples, profile->meta.typed_samples);
    if (profile->meta.samples < profile->meta.typed_samples)
        profile->meta.samples = profile->meta.typed_samples;
    ul_maker_count_contexts(maker);
}

/* Where the nth type begins: `"type"` stands once in each. */
static uint32_t next_type_line(ul_maker *maker)
{
    ul_str line;
    while (ul_maker_next(maker, &line)) {
        if (ul_str_has(line, "\"type\"", NULL))
            return maker->line;
    }
    return 0;
}

static uint32_t line_at(ul_str text, const char *at)
{
    uint32_t line = 1;
    for (size_t i = 0; i < text.length && text.data + i < at; i++)
        line += text.data[i] == '\n';
    return line;
}

static void read_root(reading *of, const cJSON *root)
{
    const cJSON *types, *item;
    uint32_t index = 0;
    ul_maker places = *of->maker;
    of->line = 1;
    of->where = "";
    if (!ul_str_is_equal(text_in(of, root, "schema"), UL_STR("ullage.profile/1"))) {
        complain(of, "schema", "\"ullage.profile/1\": another schema, or no profile at all");
        return;
    }
    read_meta(of, root);
    of->where = "";
    types = list_in(of, root, "types");
    if (!cJSON_GetArraySize(types))
        complain(of, "types", "an array with a type in it");
    cJSON_ArrayForEach(item, types)
    {
        of->line = next_type_line(&places);
        if (enter(of, item, "", "types", index++))
            read_type(of, item);
    }
}

ul_status ul_import_json(ul_maker *maker)
{
    reading of = {.maker = maker, .where = ""};
    const char *end = NULL, *text = ul_arena_strndup(maker->arena, maker->text.data, maker->text.length);
    cJSON *root = cJSON_ParseWithLengthOpts(text, maker->text.length + 1, &end, 1);
    const char *kind = !root ? NULL : cJSON_IsArray(root) ? "a list" : cJSON_IsString(root) ? "a text" : cJSON_IsNumber(root) ? "a number" : "a word";
    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        if (kind)
            return ul_maker_refuse(maker, 1, "%s, where an object is asked: {\"schema\": \"ullage.profile/1\", \"types\": [...]}", kind);
        return ul_maker_refuse(maker, end ? line_at(ul_str_of(text, maker->text.length), end) : 1, "not JSON: it cannot be read from here on");
    }
    read_root(&of, root);
    cJSON_Delete(root);
    if (of.is_wrong)
        return UL_ERR_INPUT;
    add_up(maker);
    return UL_OK;
}
