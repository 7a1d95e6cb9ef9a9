#include "ullage/prof.h"

#include <stdlib.h>

#include "ullage/arena.h"
#include "ullage/private/process.h"
#include "ullage/private/samples.h"
#include "ullage/private/twin.h"

static void read_arena(const ul_arena_entry *of, ul_prof_entry *entry)
{
    const ul_arena *arena = of->arena;
    *entry = (ul_prof_entry){.kind = UL_PROF_ARENA, .name = of->name, .is_gone = arena->entry != of};
    if (entry->is_gone)
        return;
    *entry = (ul_prof_entry){
        .kind = UL_PROF_ARENA,
        .name = of->name,
        .live_bytes = ul_arena_used_bytes(arena),
        .peak_bytes = ul_arena_peak_bytes(arena),
        .held_bytes = ul_arena_held_bytes(arena),
        .total_bytes = ul_arena_total_bytes(arena),
    };
}

size_t ul_prof_read(ul_prof_entry *entries, size_t most)
{
    size_t count = 0;
    ul_prof_entry unused;
    pthread_mutex_lock(&ul_process.lock);
    for (ul_listed *each = ul_process.arenas.next; each; each = each->next, count++) {
        read_arena((const ul_arena_entry *)each, count < most ? &entries[count] : &unused);
    }
    for (ul_listed *each = ul_process.pools.next; each; each = each->next, count++) {
        ul_source *source = (ul_source *)each;
        ul_prof_entry *entry = count < most ? &entries[count] : &unused;
        source->read(source, entry);
        entry->name = entry->name ? entry->name : "";
    }
    pthread_mutex_unlock(&ul_process.lock);
    return count;
}

static int by_kind_and_name(const void *a, const void *b)
{
    const ul_prof_entry *left = a, *right = b;
    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->live_bytes > right->live_bytes) - (left->live_bytes < right->live_bytes);
}

/* All entries, sorted; the caller frees them. */
static ul_status read_all(ul_prof_entry **entries, size_t *count)
{
    size_t most = ul_prof_read(NULL, 0) + 16;
    *entries = calloc(most, sizeof **entries);
    if (!*entries)
        return UL_ERR_NOMEM;
    *count = ul_prof_read(*entries, most);
    *count = *count < most ? *count : most;
    qsort(*entries, *count, sizeof **entries, by_kind_and_name);
    return UL_OK;
}

static const char *kind_name(ul_prof_kind kind)
{
    static const char *const names[] = {
        [UL_PROF_ARENA] = "arena", [UL_PROF_POOL] = "pool", [UL_PROF_SHARED_POOL] = "shared pool"};
    return names[kind];
}

static size_t waste_of(const ul_prof_entry *entry)
{
    return entry->held_bytes > entry->live_bytes ? entry->held_bytes - entry->live_bytes : 0;
}

ul_status ul_prof_write_text(FILE *out)
{
    ul_prof_entry *entries;
    size_t count;
    if (read_all(&entries, &count) != UL_OK)
        return UL_ERR_NOMEM;
    fprintf(out, "%-12s %-24s %12s %14s %14s %14s %14s %14s\n", "kind", "name", "live", "live bytes",
            "peak bytes", "total bytes", "held bytes", "waste bytes");
    for (size_t i = 0; i < count; i++) {
        const ul_prof_entry *entry = &entries[i];
        fprintf(out, "%-12s %-24s %12zu %14zu %14zu %14llu %14zu %14zu\n", kind_name(entry->kind),
                entry->name, entry->live_count, entry->live_bytes, entry->peak_bytes,
                (unsigned long long)entry->total_bytes, entry->held_bytes, waste_of(entry));
        if (entry->is_gone)
            fprintf(out, "%-12s went out of scope and was not freed\n", "");
    }
    free(entries);
    return fflush(out) == 0 && !ferror(out) ? UL_OK : UL_ERR_IO;
}

static void write_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at == '"' || *at == '\\')
            fprintf(out, "\\%c", *at);
        else if (*at < 0x20 || *at >= 0x7F) /* names are ASCII; anything else is shown by its bytes */
            fprintf(out, "\\u%04x", *at);
        else
            fputc(*at, out);
    }
    fputc('"', out);
}

ul_status ul_prof_write_json(FILE *out)
{
    ul_prof_entry *entries;
    size_t count;
    if (read_all(&entries, &count) != UL_OK)
        return UL_ERR_NOMEM;
    fputs("{\"schema\": \"ullage.rt/1\", \"entries\": [", out);
    for (size_t i = 0; i < count; i++) {
        const ul_prof_entry *entry = &entries[i];
        fprintf(out, "%s\n  {\"kind\": \"%s\", \"name\": ", i ? "," : "", kind_name(entry->kind));
        write_json_text(out, entry->name);
        fprintf(out,
                ", \"live_count\": %zu, \"live_bytes\": %zu, \"peak_bytes\": %zu, \"total_bytes\": %llu, "
                "\"held_bytes\": %zu, \"waste_bytes\": %zu%s}",
                entry->live_count, entry->live_bytes, entry->peak_bytes,
                (unsigned long long)entry->total_bytes, entry->held_bytes, waste_of(entry),
                entry->is_gone ? ", \"is_gone\": true" : "");
    }
    fputs("\n]}\n", out);
    free(entries);
    return fflush(out) == 0 && !ferror(out) ? UL_OK : UL_ERR_IO;
}

size_t ul_prof_leaks(FILE *out)
{
    size_t leaked = 0;
    pthread_mutex_lock(&ul_process.lock);
    for (ul_listed *each = ul_process.pools.next; each; each = each->next) {
        ul_source *source = (ul_source *)each;
        ul_prof_entry entry;
        source->read(source, &entry);
        leaked += entry.live_count;
        if (!entry.live_count || !out)
            continue;
        fprintf(out, "leak: %s%zu object%s, %zu bytes of '%s' %s out\n", entry.is_gone ? "up to " : "",
                entry.live_count, entry.live_count == 1 ? "" : "s", entry.live_bytes,
                entry.name ? entry.name : "", entry.live_count == 1 ? "is" : "are");
        ul_twin_live(source->owner, out);
        ul_samples_write_live(source->owner, out);
    }
    pthread_mutex_unlock(&ul_process.lock);
    return leaked;
}

static void report_at_exit(void)
{
    ul_prof_leaks(stderr);
}

void ul_prof_leaks_at_exit(void)
{
    ul_settings_now();
    if (!__atomic_exchange_n(&ul_process.has_exit_report, true, __ATOMIC_RELAXED))
        (void)atexit(report_at_exit); /* no room for it: no report */
}
