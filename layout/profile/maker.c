#include "layout/profile/maker.h"

#include <math.h>
#include <stdlib.h>

#include "ullage/strbuf.h"

/* The table lives in the maker's arena; every function below has the maker in `maker`. */
#define uthash_malloc(size) ul_arena_alloc(maker->arena, (size), alignof(max_align_t))
#define uthash_free(pointer, size) ((void)(pointer))
#define uthash_fatal(message) abort()
#include <stdalign.h>
#include <stddef.h>
#include <uthash.h>

enum { WARNINGS_MAX = 5 };

/* A letter for what it is, the indexes of what it is in, and its own name: "c 3 walk\0t 17". */
typedef struct ul_maker_name {
    const char *key;
    uint32_t index;
    UT_hash_handle hh;
} ul_maker_name;

void ul_maker_init(ul_maker *maker, const char *file, const char *bytes, uint64_t length, ul_diags *diags, ul_arena *arena)
{
    *maker = (ul_maker){.file = file, .text = ul_str_of(bytes, (size_t)length), .diags = diags, .arena = arena};
    maker->profile = UL_NEW(arena, ul_profile);
    maker->profile->meta = (ul_profile_meta){.file = ul_arena_strdup(arena, file), .event = "", .perf_version = ""};
    ul_maker_rewind(maker);
}

void ul_maker_rewind(ul_maker *maker)
{
    maker->rest = maker->text;
    maker->line = 0;
}

bool ul_maker_next(ul_maker *maker, ul_str *line)
{
    if (!ul_str_cut(&maker->rest, '\n', line))
        return false;
    if (ul_str_ends_with(*line, UL_STR("\r")))
        line->length--;
    maker->line++;
    return true;
}

ul_status ul_maker_refuse(const ul_maker *maker, uint32_t line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *words = ul_arena_vprintf(maker->arena, format, args);
    va_end(args);
    ul_diags_add(maker->diags, UL_LEVEL_ERROR, maker->file, line, 0, "%s", words);
    return UL_ERR_INPUT;
}

void ul_maker_warn(ul_maker *maker, uint32_t line, const char *format, ...)
{
    va_list args;
    if (maker->warning_count++ >= WARNINGS_MAX)
        return;
    va_start(args, format);
    const char *words = ul_arena_vprintf(maker->arena, format, args);
    va_end(args);
    ul_diags_add(maker->diags, UL_LEVEL_WARNING, maker->file, line, 0, "%s%s", words,
                 maker->warning_count == WARNINGS_MAX ? "; there may be more like it" : "");
}

/* The length of a well-formed sequence at text[0], or 0. Control characters are none: they have no place in a report. */
static size_t sequence_length(const unsigned char *text, size_t left)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80 ? 1 : (text[0] & 0xe0) == 0xc0 ? 2 : (text[0] & 0xf0) == 0xe0 ? 3 : (text[0] & 0xf8) == 0xf0 ? 4 : 0;
    if (length == 1)
        return text[0] >= ' ' && text[0] != 0x7f;
    if (!length || length > left)
        return 0;
    unsigned value = text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3fu);
    }
    return value >= least[length] && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff) ? length : 0;
}

const char *ul_maker_text(const ul_maker *maker, ul_str text)
{
    char *copy = ul_arena_strndup(maker->arena, text.length ? text.data : "", text.length);
    for (size_t at = 0; at < text.length;) {
        size_t length = sequence_length((const unsigned char *)copy + at, text.length - at);
        if (!length)
            copy[at] = '?';
        at += length ? length : 1;
    }
    return copy;
}

static uint32_t find(const ul_maker *maker, const char *key, size_t length)
{
    const ul_maker_name *name;
    HASH_FIND(hh, maker->names, key, length, name);
    return name ? name->index : UINT32_MAX;
}

static void keep(ul_maker *maker, const char *key, size_t length, uint32_t index)
{
    ul_maker_name *name = UL_NEW(maker->arena, ul_maker_name);
    *name = (ul_maker_name){.key = ul_arena_copy(maker->arena, key, length, 1), .index = index};
    HASH_ADD_KEYPTR(hh, maker->names, name->key, length, name);
}

/* "f 3 1a4 st.hits": kind, two numbers, one or two names. */
static ul_str key_of(const ul_maker *maker, char kind, uint32_t in, uint64_t number, ul_str name, ul_str second)
{
    ul_strbuf key;
    ul_strbuf_init_in(&key, maker->arena);
    ul_strbuf_printf(&key, "%c %x %llx ", kind, in, (unsigned long long)number);
    ul_strbuf_add(&key, name.length ? name.data : "", name.length);
    ul_strbuf_putc(&key, '\0');
    ul_strbuf_add(&key, second.length ? second.data : "", second.length);
    return ul_strbuf_str(&key);
}

/*
 * An array of the model has a count and no capacity: it has room for the next power of two. The element at array[count] is there and
 * zero afterwards; the caller counts.
 */
#define RESERVE_ONE(maker, array, count)                                                                                                   \
    do {                                                                                                                                   \
        uint32_t capacity_ = (count) < 8 ? ((count) ? 8 : 0) : (count) & ((count) - 1) ? UINT32_MAX : (count);                             \
        UL_RESERVE((maker)->arena, (array), (count), capacity_);                                                                           \
    } while (0)

uint32_t ul_maker_type(ul_maker *maker, ul_str name, uint64_t size_bytes)
{
    ul_profile *profile = maker->profile;
    ul_str key = key_of(maker, 't', 0, size_bytes, name, ul_str_of(NULL, 0));
    uint32_t index = find(maker, key.data, key.length);
    if (index != UINT32_MAX)
        return index;
    RESERVE_ONE(maker, profile->types, profile->type_count);
    index = profile->type_count++;
    profile->types[index] = (ul_profile_type){.name = ul_maker_text(maker, name), .size_bytes = size_bytes, .line = maker->line};
    keep(maker, key.data, key.length, index);
    return index;
}

uint32_t ul_maker_field(ul_maker *maker, uint32_t type, ul_str path, uint64_t offset_bytes, uint64_t size_bytes)
{
    ul_profile_type *of = &maker->profile->types[type];
    ul_str key = key_of(maker, 'f', type, offset_bytes, path, ul_str_of(NULL, 0));
    uint32_t index = find(maker, key.data, key.length);
    if (index != UINT32_MAX)
        return index;
    RESERVE_ONE(maker, of->fields, of->field_count);
    index = of->field_count++;
    of->fields[index] = (ul_profile_field){.path = ul_maker_text(maker, path), .offset_bytes = offset_bytes, .size_bytes = size_bytes};
    keep(maker, key.data, key.length, index);
    return index;
}

uint32_t ul_maker_context(ul_maker *maker, uint32_t type, ul_str function, ul_str thread)
{
    ul_profile_type *of = &maker->profile->types[type];
    ul_str key = key_of(maker, 'c', type, 0, function, thread);
    uint32_t index = find(maker, key.data, key.length);
    if (index != UINT32_MAX)
        return index;
    RESERVE_ONE(maker, of->contexts, of->context_count);
    index = of->context_count++;
    of->contexts[index] = (ul_profile_context){.function = ul_maker_text(maker, function), .thread = ul_maker_text(maker, thread)};
    keep(maker, key.data, key.length, index);
    return index;
}

uint32_t ul_maker_thread(ul_maker *maker, ul_str name)
{
    ul_profile *profile = maker->profile;
    ul_str key = key_of(maker, 'p', 0, 0, name, ul_str_of(NULL, 0));
    uint32_t index = find(maker, key.data, key.length);
    if (index != UINT32_MAX)
        return index;
    RESERVE_ONE(maker, profile->threads, profile->thread_count);
    index = profile->thread_count++;
    profile->threads[index] = (ul_profile_thread){.name = ul_maker_text(maker, name)};
    keep(maker, key.data, key.length, index);
    return index;
}

ul_profile_counts *ul_maker_use(ul_maker *maker, uint32_t type, uint32_t context, uint32_t field)
{
    ul_profile_context *of = &maker->profile->types[type].contexts[context];
    for (uint32_t i = 0; i < of->use_count; i++) {
        if (of->uses[i].field == field)
            return &of->uses[i].counts;
    }
    RESERVE_ONE(maker, of->uses, of->use_count);
    of->uses[of->use_count++] = (ul_profile_use){.field = field};
    return &of->uses[of->use_count - 1].counts;
}

ul_profile_line *ul_maker_contended(ul_maker *maker, uint64_t address)
{
    ul_profile *profile = maker->profile;
    RESERVE_ONE(maker, profile->lines, profile->line_count);
    profile->lines[profile->line_count] = (ul_profile_line){.address = address, .line = maker->line};
    return &profile->lines[profile->line_count++];
}

ul_profile_access *ul_maker_access(ul_maker *maker, ul_profile_line *line)
{
    RESERVE_ONE(maker, line->accesses, line->access_count);
    line->accesses[line->access_count] = (ul_profile_access){.function = "", .thread = "", .file = ""};
    return &line->accesses[line->access_count++];
}

/* Whether `event`, without its modifiers, has `part` in it. */
static bool event_has(ul_str event, const char *part)
{
    return ul_str_has(event, part, NULL);
}

ul_direction ul_direction_of(ul_str event)
{
    if (event_has(event, "mem-loads") || event_has(event, "load"))
        return UL_DIRECTION_LOAD;
    return event_has(event, "store") ? UL_DIRECTION_STORE : UL_DIRECTION_NONE;
}

void ul_counts_sample(ul_profile_counts *counts, double samples, ul_direction direction)
{
    counts->samples += samples;
    counts->loads += direction == UL_DIRECTION_LOAD ? samples : 0;
    counts->stores += direction == UL_DIRECTION_STORE ? samples : 0;
}

/* perf-record(1): a modifier with p asks for no skid. */
static bool is_precise(ul_str event)
{
    size_t at;
    return (ul_str_has(event, ":", &at) && ul_str_has(ul_str_slice(event, at, event.length), "p", NULL)) ||
           (ul_str_has(event, "/", &at) && ul_str_ends_with(event, UL_STR("P")));
}

void ul_maker_set_event(ul_maker *maker, ul_str event)
{
    ul_profile_meta *meta = &maker->profile->meta;
    ul_direction direction = ul_direction_of(event);
    bool is_clock = event_has(event, "clock");
    meta->event = ul_maker_text(maker, event);
    meta->is_time = direction == UL_DIRECTION_NONE && (is_clock || event_has(event, "cycles"));
    meta->biases |= 1u << UL_BIAS_FIRST_TOUCH;
    if (direction == UL_DIRECTION_NONE)
        meta->biases |= 1u << UL_BIAS_NO_DIRECTION | (is_clock || !is_precise(event) ? 1u << UL_BIAS_SKID : 0);
    if (direction == UL_DIRECTION_STORE)
        meta->biases |= 1u << UL_BIAS_STORES_HAVE_NO_LATENCY;
    if (event_has(event, "ldlat"))
        meta->biases |= 1u << UL_BIAS_LATENCY_FILTER;
}

static double count_of(const ul_profile_counts *counts)
{
    double accesses = counts->loads + counts->stores;
    return counts->samples > accesses ? counts->samples : accesses;
}

void ul_maker_count_contexts(ul_maker *maker)
{
    ul_profile *profile = maker->profile;
    for (uint32_t t = 0; t < profile->type_count; t++) {
        for (uint32_t c = 0; c < profile->types[t].context_count; c++) {
            ul_profile_context *context = &profile->types[t].contexts[c];
            double most = 0;
            for (uint32_t u = 0; u < context->use_count; u++)
                most = fmax(most, count_of(&context->uses[u].counts));
            if (context->count <= 0)
                context->count = most;
        }
    }
}
