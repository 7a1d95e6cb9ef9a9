/*
 * The format, numbers in host order:
 *   "ullage-facts 1\n"  length of the rest (8)  digest of the rest (8)  made_by  then, for the same made_by only:
 *   texts, sorted, each once; sources; records, as bytes, sorted, each once; units: their job, the numbers of their records, their result
 *   without records. Texts, records and made_by have their length before them; everything else names texts and records by number.
 */
#include "layout/model/facts_file.h"

#include <stdlib.h>
#include <string.h>

#include "layout/model/compare.h"
#include "layout/model/wire.h"

#define HEAD UL_FACTS_MAGIC "1\n"
enum { HEAD_BYTES = sizeof HEAD - 1, PREFIX_BYTES = HEAD_BYTES + 16 };

bool ul_facts_is(const void *bytes, uint64_t length)
{
    return length >= sizeof UL_FACTS_MAGIC - 1 && memcmp(bytes, UL_FACTS_MAGIC, sizeof UL_FACTS_MAGIC - 1) == 0;
}

uint64_t ul_facts_digest(const void *bytes, uint64_t length)
{
    uint64_t hash = 14695981039346656037u;
    for (const unsigned char *at = bytes, *end = at + length; at < end; at++)
        hash = (hash ^ *at) * 1099511628211u;
    return hash;
}

const char *ul_facts_model(void)
{
    return
#include "model_digest.inc"
        ;
}

const char *ul_facts_made(const char *made_by, const char *key, ul_arena *arena)
{
    size_t length = strlen(key);
    for (const char *at = made_by; *at; at += strcspn(at, "\n"), at += *at == '\n') {
        if (strncmp(at, key, length) == 0 && at[length] == ':' && at[length + 1] == ' ')
            return ul_arena_strndup(arena, at + length + 2, strcspn(at + length + 2, "\n"));
    }
    return "";
}

/* ---- writing -------------------------------------------------------------------------------------------- */

typedef struct bytes_of {
    const char *at;
    size_t length;
} bytes_of;

typedef struct writer { // ullage: ignore[reorder-saves] -- one a file
    ul_strbuf *out;
    ul_arena *arena;
    const char **texts;
    uint32_t text_count, text_capacity;
    ul_wire_texts table;
    bytes_of *records; /* of all units in turn, then sorted, each once */
    uint32_t record_count;
} writer;

static void put_number(ul_strbuf *out, uint32_t number)
{
    ul_strbuf_add(out, &number, sizeof number);
}

static void put_bytes(ul_strbuf *out, const void *bytes, size_t length)
{
    put_number(out, (uint32_t)length);
    out->has_failed |= length > UINT32_MAX;
    ul_strbuf_add(out, bytes, length);
}

static void see_text(void *context, const char *text)
{
    writer *w = context;
    UL_RESERVE(w->arena, w->texts, w->text_count, w->text_capacity);
    w->texts[w->text_count++] = text;
}

static void collect_texts(writer *w, const ul_facts_set *set)
{
    ul_wire_seen seen = {see_text, w};
    for (uint32_t i = 0; i < set->unit_count; i++) {
        const ul_unit_job *job = &set->units[i].job;
        see_text(w, job->file);
        see_text(w, job->directory);
        for (uint32_t k = 0; k < job->arg_count; k++)
            see_text(w, job->args[k]);
        for (uint32_t k = 0; k < job->refusal_count; k++)
            see_text(w, job->refusals[k].detail);
        ul_wire_see_texts(&set->units[i].result, &seen);
    }
    for (uint32_t i = 0; i < set->source_count; i++)
        see_text(w, set->sources[i].file);
    if (w->text_count)
        qsort(w->texts, w->text_count, sizeof *w->texts, ul_compare_texts);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < w->text_count; i++) {
        if (kept == 0 || strcmp(w->texts[kept - 1], w->texts[i]) != 0)
            w->texts[kept++] = w->texts[i];
    }
    w->table = (ul_wire_texts){w->texts, kept};
}

static void put_text(writer *w, const char *text)
{
    const char *const *found = bsearch(&text, w->table.items, w->table.count, sizeof *w->table.items, ul_compare_texts);
    put_number(w->out, (uint32_t)(found - w->table.items) + 1);
}

static int by_bytes(const void *left, const void *right)
{
    const bytes_of *a = left, *b = right;
    int order = memcmp(a->at, b->at, a->length < b->length ? a->length : b->length);
    return order ? order : (a->length > b->length) - (a->length < b->length);
}

/* Writes every record by itself; `mine` has them in the order of the units, w->records sorted. */
static bytes_of *collect_records(writer *w, const ul_facts_set *set, ul_strbuf *room)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->unit_count; i++)
        count += set->units[i].result.record_count;
    bytes_of *mine = UL_NEW_ARRAY(w->arena, bytes_of, count + 1u);
    size_t *starts = UL_NEW_ARRAY(w->arena, size_t, count + 1u);
    count = 0;
    for (uint32_t i = 0; i < set->unit_count; i++) {
        for (uint32_t k = 0; k < set->units[i].result.record_count; k++) {
            ul_wire_write_record_by(room, &set->units[i].result.records[k], &w->table);
            starts[++count] = room->length;
        }
    }
    for (uint32_t i = 0; i < count && !room->has_failed; i++)
        mine[i] = (bytes_of){room->data + starts[i], starts[i + 1] - starts[i]};
    w->records = UL_NEW_ARRAY(w->arena, bytes_of, count + 1u);
    if (room->has_failed)
        return mine;
    memcpy(w->records, mine, count * sizeof *mine);
    qsort(w->records, count, sizeof *w->records, by_bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (w->record_count == 0 || by_bytes(&w->records[w->record_count - 1], &w->records[i]) != 0)
            w->records[w->record_count++] = w->records[i];
    }
    return mine;
}

/* What the run had to do with it is nothing of the unit. */
static ul_unit_result without_run(const ul_unit_result *result)
{
    ul_unit_result copy = *result;
    copy.records = NULL;
    copy.record_count = 0;
    copy.probe_count = 0;
    copy.peak_bytes = 0;
    copy.parse_seconds = copy.read_seconds = copy.probe_seconds = copy.census_seconds = 0;
    return copy;
}

static void put_unit(writer *w, const ul_facts_unit *unit, const bytes_of *records)
{
    const ul_unit_job *job = &unit->job;
    put_text(w, job->file);
    put_text(w, job->directory);
    put_number(w->out, job->arg_count);
    for (uint32_t i = 0; i < job->arg_count; i++)
        put_text(w, job->args[i]);
    put_number(w->out, job->refusal_count);
    for (uint32_t i = 0; i < job->refusal_count; i++) {
        put_number(w->out, job->refusals[i].reason);
        put_text(w, job->refusals[i].detail);
    }
    put_number(w->out, job->target);
    put_number(w->out, job->confidence);
    put_number(w->out, job->is_header);
    put_number(w->out, unit->result.record_count);
    for (uint32_t i = 0; i < unit->result.record_count; i++) {
        const bytes_of *found = bsearch(&records[i], w->records, w->record_count, sizeof *w->records, by_bytes);
        put_number(w->out, (uint32_t)(found - w->records));
    }
    ul_unit_result rest = without_run(&unit->result);
    ul_strbuf bytes;
    ul_strbuf_init(&bytes);
    ul_wire_write_result_by(&bytes, &rest, &w->table);
    put_bytes(w->out, bytes.data, bytes.length);
    w->out->has_failed |= bytes.has_failed;
    ul_strbuf_free(&bytes);
}

static int by_job(const void *left, const void *right)
{
    return ul_unit_job_compare(&(*(const ul_facts_unit *const *)left)->job, &(*(const ul_facts_unit *const *)right)->job);
}

static int by_file(const void *left, const void *right)
{
    return strcmp(((const ul_facts_source *)left)->file, ((const ul_facts_source *)right)->file);
}

/* The units sorted, in a set of their own; sources likewise. */
static ul_facts_set in_order(const ul_facts_set *set, ul_arena *arena)
{
    ul_facts_set sorted = *set;
    const ul_facts_unit **order = UL_NEW_ARRAY(arena, const ul_facts_unit *, set->unit_count + 1u);
    for (uint32_t i = 0; i < set->unit_count; i++)
        order[i] = &set->units[i];
    qsort(order, set->unit_count, sizeof *order, by_job);
    sorted.units = UL_NEW_ARRAY(arena, ul_facts_unit, set->unit_count + 1u);
    for (uint32_t i = 0; i < set->unit_count; i++)
        sorted.units[i] = *order[i];
    sorted.sources = UL_NEW_ARRAY(arena, ul_facts_source, set->source_count + 1u);
    if (set->source_count)
        memcpy(sorted.sources, set->sources, set->source_count * sizeof *set->sources);
    qsort(sorted.sources, set->source_count, sizeof *sorted.sources, by_file);
    return sorted;
}

static void put_body(writer *w, const ul_facts_set *set)
{
    ul_strbuf room;
    ul_strbuf_init(&room);
    put_bytes(w->out, set->made_by, strlen(set->made_by));
    collect_texts(w, set);
    put_number(w->out, w->table.count);
    for (uint32_t i = 0; i < w->table.count; i++)
        put_bytes(w->out, w->table.items[i], strlen(w->table.items[i]));
    put_number(w->out, set->source_count);
    for (uint32_t i = 0; i < set->source_count; i++) {
        put_text(w, set->sources[i].file);
        ul_strbuf_add(w->out, &set->sources[i].digest, sizeof set->sources[i].digest);
    }
    const bytes_of *records = collect_records(w, set, &room);
    put_number(w->out, w->record_count);
    for (uint32_t i = 0; i < w->record_count; i++)
        put_bytes(w->out, w->records[i].at, w->records[i].length);
    put_number(w->out, set->unit_count);
    for (uint32_t i = 0; i < set->unit_count && !room.has_failed; i++) {
        put_unit(w, &set->units[i], records);
        records += set->units[i].result.record_count;
    }
    w->out->has_failed |= room.has_failed;
    ul_strbuf_free(&room);
}

void ul_facts_write(ul_strbuf *out, const ul_facts_set *set, ul_arena *arena)
{
    ul_facts_set sorted = in_order(set, arena);
    ul_strbuf body;
    ul_strbuf_init(&body);
    put_body(&(writer){.out = &body, .arena = arena}, &sorted);
    uint64_t length = body.length, digest = ul_facts_digest(body.data, body.length);
    ul_strbuf_add(out, HEAD, HEAD_BYTES);
    ul_strbuf_add(out, &length, sizeof length);
    ul_strbuf_add(out, &digest, sizeof digest);
    ul_strbuf_add(out, body.data, body.length);
    out->has_failed |= body.has_failed;
    ul_strbuf_free(&body);
}

/* ---- reading -------------------------------------------------------------------------------------------- */

/* After a failure every number is 0 and every run of bytes empty. */
typedef struct reader {
    const unsigned char *at, *end;
    ul_wire_texts texts;
    ul_record *records;
    uint32_t record_count;
    bool has_failed;
    const ul_facts_map *map;
    ul_arena *arena;
} reader;

static const void *take(reader *r, uint64_t length)
{
    const void *at = r->at;
    if (r->has_failed || (uint64_t)(r->end - r->at) < length) {
        r->has_failed = true;
        return NULL;
    }
    r->at += length;
    return at;
}

static uint32_t take_number(reader *r)
{
    uint32_t number = 0;
    const void *at = take(r, sizeof number);
    if (at)
        memcpy(&number, at, sizeof number);
    return number;
}

/* Of things that take at least `least_bytes` each. */
static uint32_t take_count(reader *r, uint32_t least_bytes)
{
    uint32_t count = take_number(r);
    if ((uint64_t)(r->end - r->at) / least_bytes >= count)
        return count;
    r->has_failed = true;
    return 0;
}

static bytes_of take_bytes(reader *r)
{
    uint32_t length = take_number(r);
    const char *at = take(r, length);
    return (bytes_of){at ? at : "", at ? length : 0};
}

/* A number from 0 up to count - 1; anything else fails. */
static uint32_t take_index(reader *r, uint32_t count)
{
    uint32_t index = take_number(r);
    r->has_failed |= index >= count;
    return r->has_failed ? 0 : index;
}

static const char *take_text(reader *r)
{
    uint32_t number = take_number(r);
    r->has_failed |= number == 0 || number > r->texts.count;
    return r->has_failed ? "" : r->texts.items[number - 1];
}

static void read_texts(reader *r)
{
    uint32_t count = take_count(r, 4);
    const char **texts = UL_NEW_ARRAY(r->arena, const char *, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        bytes_of bytes = take_bytes(r);
        r->has_failed |= memchr(bytes.at, '\0', bytes.length) != NULL;
        const char *text = ul_arena_strndup(r->arena, bytes.at, bytes.length);
        texts[i] = r->map ? r->map->map(r->map->context, text, r->arena) : text;
    }
    r->texts = (ul_wire_texts){texts, count};
}

static void read_sources(ul_facts_set *out, reader *r)
{
    out->source_count = take_count(r, 12);
    out->sources = UL_NEW_ARRAY(r->arena, ul_facts_source, out->source_count + 1u);
    for (uint32_t i = 0; i < out->source_count; i++) {
        out->sources[i].file = take_text(r);
        const void *digest = take(r, sizeof out->sources[i].digest);
        if (digest)
            memcpy(&out->sources[i].digest, digest, sizeof out->sources[i].digest);
    }
    if (out->source_count)
        qsort(out->sources, out->source_count, sizeof *out->sources, by_file); /* other texts, another order */
}

static void read_records(reader *r)
{
    r->record_count = take_count(r, 4);
    r->records = UL_NEW_ARRAY(r->arena, ul_record, r->record_count + 1u);
    for (uint32_t i = 0; i < r->record_count && !r->has_failed; i++) {
        bytes_of bytes = take_bytes(r);
        r->has_failed |= ul_wire_read_record_by(&r->records[i], bytes.at, bytes.length, &r->texts, r->arena) != UL_OK;
    }
}

static void read_job(ul_unit_job *job, reader *r)
{
    *job = (ul_unit_job){.file = take_text(r), .directory = take_text(r), .arg_count = take_count(r, 4)};
    const char **args = UL_NEW_ARRAY(r->arena, const char *, job->arg_count + 1u);
    for (uint32_t i = 0; i < job->arg_count; i++)
        args[i] = take_text(r);
    job->args = args;
    job->refusal_count = take_count(r, 8);
    ul_refusal *refusals = UL_NEW_ARRAY(r->arena, ul_refusal, job->refusal_count + 1u);
    for (uint32_t i = 0; i < job->refusal_count; i++)
        refusals[i] = (ul_refusal){(ul_refusal_reason)take_index(r, UL_REFUSAL_COUNT), take_text(r)};
    job->refusals = refusals;
    job->target = take_index(r, UL_TARGETS_MAX);
    job->confidence = (ul_confidence)take_index(r, UL_CONFIDENCE_STANDALONE + 1u);
    job->is_header = take_index(r, 2) != 0;
}

static void read_unit(ul_facts_unit *unit, reader *r)
{
    read_job(&unit->job, r);
    uint32_t count = take_count(r, 4);
    ul_record *records = UL_NEW_ARRAY(r->arena, ul_record, count + 1u);
    for (uint32_t i = 0; i < count && !r->has_failed; i++) {
        uint32_t index = take_index(r, r->record_count);
        if (!r->has_failed)
            records[i] = r->records[index];
        records[i].unit = unit->job.file;
    }
    bytes_of bytes = take_bytes(r);
    ul_unit_result *result = &unit->result;
    r->has_failed |= ul_wire_read_result_by(result, bytes.at, bytes.length, &r->texts, r->arena) != UL_OK || result->record_count;
    result->records = records;
    result->record_count = count;
    r->has_failed = r->has_failed || !ul_unit_result_is_sound(result);
}

static ul_status read_body(ul_facts_set *out, reader *r)
{
    read_texts(r);
    read_sources(out, r);
    read_records(r);
    out->unit_count = take_count(r, 4);
    out->units = UL_NEW_ARRAY(r->arena, ul_facts_unit, out->unit_count + 1u);
    for (uint32_t i = 0; i < out->unit_count && !r->has_failed; i++)
        read_unit(&out->units[i], r);
    return r->has_failed || r->at != r->end ? UL_ERR_INPUT : UL_OK;
}

/* What is wrong with the bytes as a file, or NULL. */
static const char *check_prefix(const char *bytes, uint64_t length, ul_arena *arena)
{
    if (!ul_facts_is(bytes, length))
        return length < sizeof UL_FACTS_MAGIC - 1 ? "it is too short to be a facts file" : "it is no facts file";
    if (length < HEAD_BYTES || memcmp(bytes, HEAD, HEAD_BYTES) != 0) {
        const char *format = bytes + sizeof UL_FACTS_MAGIC - 1;
        size_t digits = strspn(ul_arena_strndup(arena, format, (size_t)(length < HEAD_BYTES + 8u ? length - (sizeof UL_FACTS_MAGIC - 1) : 9)), "0123456789");
        return digits ? ul_arena_printf(arena, "its format is %.*s, and this ullage reads format %d", (int)digits, format, UL_FACTS_FORMAT)
                      : "its head is damaged or cut short";
    }
    uint64_t rest, digest;
    if (length < PREFIX_BYTES)
        return "it is cut short";
    memcpy(&rest, bytes + HEAD_BYTES, sizeof rest);
    memcpy(&digest, bytes + HEAD_BYTES + sizeof rest, sizeof digest);
    if (rest != length - PREFIX_BYTES)
        return rest > length - PREFIX_BYTES ? "it is cut short" : "more bytes follow than belong to it";
    return ul_facts_digest(bytes + PREFIX_BYTES, rest) == digest ? NULL : "it is damaged: its checksum is another";
}

ul_status ul_facts_read(ul_facts_set *out, const char **why, const char *build, const void *bytes, uint64_t length, const ul_facts_map *map,
                        ul_arena *arena)
{
    *out = (ul_facts_set){.made_by = ""};
    *why = check_prefix(bytes, length, arena);
    if (*why)
        return UL_ERR_INPUT;
    reader r = {.at = (const unsigned char *)bytes + PREFIX_BYTES, .end = (const unsigned char *)bytes + length, .map = map, .arena = arena};
    bytes_of made_by = take_bytes(&r);
    out->made_by = ul_arena_strndup(arena, made_by.at, made_by.length);
    const char *other = ul_facts_made(out->made_by, "build", arena);
    *why = "it is damaged";
    if (r.has_failed)
        return UL_ERR_INPUT;
    if (strcmp(other, build) != 0) {
        *why = ul_arena_printf(arena, "it was made by ullage %s, and this is %s: make it anew", other, build);
        return UL_ERR_INPUT;
    }
    return read_body(out, &r);
}
