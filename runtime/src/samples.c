#include "ullage/private/samples.h"

#include <stdlib.h>

#if defined(__has_include)
#if __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE 1
#endif
#endif

#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->is_unlisted = true)
#include <uthash.h>

#include "ullage/prof.h"
#include "ullage/private/process.h"

enum { DEPTH_MOST = 32, OWN_FRAMES = 8 };

/* A stack, and what was got with it. */
typedef struct stack {
    void *addresses[DEPTH_MOST]; /* the key; unused ones are NULL */
    uint64_t live_count, live_bytes;
    uint64_t all_count, all_bytes;
    UT_hash_handle hh;
    bool is_unlisted;
} stack;

typedef struct sample {
    const void *object; /* the key */
    const void *owner;
    stack *from;
    size_t size_bytes;
    size_t place;
    UT_hash_handle hh;
    bool is_unlisted;
} sample;

/* All of it under the lock. */
static struct {
    pthread_mutex_t lock;
    stack *stacks;
    sample *live;
    uint64_t chance;
} ul_samples = {.lock = PTHREAD_MUTEX_INITIALIZER, .chance = 88172645463325252u};

void ul_samples_lock(bool is_locked)
{
    if (is_locked)
        pthread_mutex_lock(&ul_samples.lock);
    else
        pthread_mutex_unlock(&ul_samples.lock);
}

uint64_t ul_samples_next(uint64_t every)
{
    pthread_mutex_lock(&ul_samples.lock);
    ul_samples.chance ^= ul_samples.chance << 13;
    ul_samples.chance ^= ul_samples.chance >> 7;
    ul_samples.chance ^= ul_samples.chance << 17;
    uint64_t chance = ul_samples.chance;
    pthread_mutex_unlock(&ul_samples.lock);
    return every / 2 + chance % (every + 1); /* regular steps would beat with the program's own */
}

/* The stack from `caller` on, as a key: what is below it is the library. */
static void capture(void **addresses, const void *caller)
{
    memset(addresses, 0, DEPTH_MOST * sizeof *addresses);
    addresses[0] = (void *)(uintptr_t)caller;
#ifdef HAS_BACKTRACE
    void *all[DEPTH_MOST + OWN_FRAMES];
    int depth = backtrace(all, DEPTH_MOST + OWN_FRAMES), own = 0;
    while (own < depth && all[own] != caller)
        own++;
    for (int i = own; i < depth && i - own < DEPTH_MOST; i++)
        addresses[i - own] = all[i];
#endif
}

static stack *stack_of(void *const *addresses)
{
    stack *found;
    HASH_FIND(hh, ul_samples.stacks, addresses, sizeof found->addresses, found);
    if (found)
        return found;
    found = calloc(1, sizeof *found);
    if (!found)
        return NULL;
    memcpy(found->addresses, addresses, sizeof found->addresses);
    HASH_ADD(hh, ul_samples.stacks, addresses, sizeof found->addresses, found);
    if (found->is_unlisted) {
        free(found);
        return NULL;
    }
    return found;
}

static void end_sample(sample *s)
{
    s->from->live_count--;
    s->from->live_bytes -= s->size_bytes;
    HASH_DELETE(hh, ul_samples.live, s);
    free(s);
}

void ul_samples_add(const void *owner, const void *object, size_t size, size_t place, const void *caller)
{
    void *addresses[DEPTH_MOST];
    capture(addresses, caller);
    sample *made = calloc(1, sizeof *made), *stale;
    if (!made)
        return;
    pthread_mutex_lock(&ul_samples.lock);
    made->from = stack_of(addresses);
    if (made->from) {
        *made = (sample){
            .object = object, .owner = owner, .from = made->from, .size_bytes = size, .place = place};
        HASH_FIND_PTR(ul_samples.live, &object, stale);
        if (stale)
            end_sample(stale);
        HASH_ADD_PTR(ul_samples.live, object, made);
    }
    if (!made->from || made->is_unlisted) {
        free(made);
    } else {
        made->from->live_count++;
        made->from->live_bytes += size;
        made->from->all_count++;
        made->from->all_bytes += size;
    }
    pthread_mutex_unlock(&ul_samples.lock);
}

void ul_source_sample(const ul_source *source, uint64_t *left_bytes, const void *object, size_t size,
                      const void *caller)
{
    uint64_t every = ul_settings_now()->sample_bytes, left = __atomic_load_n(left_bytes, __ATOMIC_RELAXED);
    bool is_due = every && left <= size;
    __atomic_store_n(left_bytes, is_due ? ul_samples_next(every) : left - (every ? size : 0),
                     __ATOMIC_RELAXED);
    if (is_due)
        ul_samples_add(source->owner, object, size, 0, caller);
}

void ul_samples_end_object(const void *object)
{
    sample *s;
    pthread_mutex_lock(&ul_samples.lock);
    HASH_FIND_PTR(ul_samples.live, &object, s);
    if (s)
        end_sample(s);
    pthread_mutex_unlock(&ul_samples.lock);
}

void ul_samples_end_from(const void *owner, size_t place)
{
    pthread_mutex_lock(&ul_samples.lock);
    for (sample *s = ul_samples.live, *next; s; s = next) {
        next = (sample *)s->hh.next;
        if (s->owner == owner && s->place >= place)
            end_sample(s);
    }
    pthread_mutex_unlock(&ul_samples.lock);
}

void ul_samples_write_live(const void *owner, FILE *out)
{
    pthread_mutex_lock(&ul_samples.lock);
    for (const sample *s = ul_samples.live; s; s = (const sample *)s->hh.next) {
        if (s->owner != owner)
            continue;
        char site[UL_SITE_BYTES];
        ul_site_format(site, sizeof site, &(ul_site){NULL, s->from->addresses[0]});
        fprintf(out, "leak: a sample of %zu bytes got at %s\n", s->size_bytes, site);
    }
    pthread_mutex_unlock(&ul_samples.lock);
}

static void write_maps(FILE *out)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    fputs("\nMAPPED_LIBRARIES:\n", out);
    while (maps && fgets(line, sizeof line, maps))
        fputs(line, out);
    if (maps)
        fclose(maps);
}

ul_status ul_prof_write_heap(FILE *out)
{
    stack sum = {.live_count = 0};
    pthread_mutex_lock(&ul_samples.lock);
    for (const stack *s = ul_samples.stacks; s; s = (const stack *)s->hh.next) {
        sum.live_count += s->live_count;
        sum.live_bytes += s->live_bytes;
        sum.all_count += s->all_count;
        sum.all_bytes += s->all_bytes;
    }
    static const char format[] = "%6llu: %8llu [%6llu: %8llu] @";
#define NUMBERS(s)                                                                                           \
    (unsigned long long)(s)->live_count, (unsigned long long)(s)->live_bytes,                                \
        (unsigned long long)(s)->all_count, (unsigned long long)(s)->all_bytes
    uint64_t every = ul_settings_now()->sample_bytes;
    fputs("heap profile: ", out);
    fprintf(out, format, NUMBERS(&sum));
    fprintf(out, " heap_v2/%llu\n", (unsigned long long)(every ? every : 1));
    for (const stack *s = ul_samples.stacks; s; s = (const stack *)s->hh.next) {
        fprintf(out, format, NUMBERS(s));
        for (unsigned i = 0; i < DEPTH_MOST && s->addresses[i]; i++)
            fprintf(out, " 0x%llx", (unsigned long long)(uintptr_t)s->addresses[i]);
        fputc('\n', out);
    }
    pthread_mutex_unlock(&ul_samples.lock);
    write_maps(out);
    return fflush(out) == 0 && !ferror(out) ? UL_OK : UL_ERR_IO;
}

void ul_prof_sample_every(uint64_t bytes)
{
    ul_settings_now();
    ul_process.settings.sample_bytes = bytes;
}
