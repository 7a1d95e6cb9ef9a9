#include "ullage/private/twin.h"

#include <stdlib.h>

/* Without memory for the table an object goes unwatched: it must not end the program. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->is_unlisted = true)
#include <uthash.h>

#include "ullage/private/process.h"
#include "ullage/private/sys.h"
#include "ullage/private/watch.h"

enum { ZONE_BYTE = 0xFA, DEAD_BYTE = 0xDB, ZONE_BYTES = 32 };

typedef struct twin {
    const void *object; /* the key */
    unsigned char *base;
    const void *owner;
    const char *name;
    struct twin *next_dead; /* younger one in quarantine */
    size_t size_bytes;
    size_t zone_bytes; /* on both sides; 0 where a sanitizer has its own */
    ul_site got, put;
    UT_hash_handle hh;
    bool is_live;
    bool is_unlisted;
} twin;

/* All of it under the lock. */
static struct {
    pthread_mutex_t lock;
    twin *table;
    twin *oldest_dead, *youngest_dead;
    size_t dead_bytes;
} ul_twins = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* What a fault looks like, kept until the lock is open: the handler may use pools. */
typedef struct finding {
    const char *name;
    const void *object;
    size_t size_bytes;
    ul_site got, put;
    ul_fault_kind kind;
    bool is_found;
} finding;

static void find(finding *found, ul_fault_kind kind, const twin *about)
{
    if (!found->is_found)
        *found = (finding){about->name, about->object, about->size_bytes, about->got, about->put, kind, true};
}

static void tell(const finding *found, ul_site here)
{
    if (found->is_found)
        ul_process_fault(found->kind, found->name, found->object, found->size_bytes, &found->got, &found->put,
                         &here);
}

static bool is_filled(const unsigned char *bytes, size_t size, unsigned char with)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != with)
            return false;
    }
    return true;
}

static bool is_zone_whole(const twin *t)
{
    return is_filled((const unsigned char *)t->object - t->zone_bytes, t->zone_bytes, ZONE_BYTE) &&
           is_filled((const unsigned char *)t->object + t->size_bytes, t->zone_bytes, ZONE_BYTE);
}

/* ---- get ------------------------------------------------------------------------------------------------
 */

static bool allocate(twin *t, size_t size, size_t align)
{
    t->zone_bytes = ul_watch_has_asan() || ul_watch_has_valgrind() ? 0 : ZONE_BYTES;
    size_t front = t->zone_bytes ? (t->zone_bytes + align - 1) / align * align : 0;
    if (size > SIZE_MAX / 4 || align > SIZE_MAX / 4)
        return false;
    size_t whole = front + size + t->zone_bytes;
    t->base = ul_sys_aligned(align, whole ? whole : 1);
    if (!t->base)
        return false;
    if (t->zone_bytes)
        memset(t->base, ZONE_BYTE, whole);
    t->object = t->base + front;
    t->size_bytes = size;
    return true;
}

void *ul_twin_take(size_t size, size_t align, const void *owner, const char *name, ul_site site)
{
    twin *t = calloc(1, sizeof *t), *found;
    if (!t || !allocate(t, size, align)) {
        free(t);
        return NULL;
    }
    t->owner = owner;
    t->name = name;
    t->got = site;
    t->is_live = true;
    pthread_mutex_lock(&ul_twins.lock);
    HASH_FIND_PTR(ul_twins.table, &t->object, found);
    if (!found)
        HASH_ADD_PTR(ul_twins.table, object, t);
    bool is_listed = !found && !t->is_unlisted;
    pthread_mutex_unlock(&ul_twins.lock);
    void *object = (void *)(uintptr_t)t->object;
    if (!is_listed) {
        ul_sys_free(t->base);
        free(t);
        return NULL;
    }
    return object;
}

/* ---- put ------------------------------------------------------------------------------------------------
 */

static void end_twin(twin *t)
{
    HASH_DELETE(hh, ul_twins.table, t);
    if (!t->is_live)
        ul_watch_open(t->object, t->size_bytes);
    ul_sys_free(t->base);
    free(t);
}

/* The oldest of the quarantine, after a look at whether someone wrote to it. */
static void end_oldest(finding *found)
{
    twin *t = ul_twins.oldest_dead;
    ul_twins.oldest_dead = t->next_dead;
    if (!t->next_dead)
        ul_twins.youngest_dead = NULL;
    ul_twins.dead_bytes -= t->size_bytes;
    if (t->zone_bytes && !is_filled((const unsigned char *)t->object, t->size_bytes, DEAD_BYTE))
        find(found, UL_FAULT_USE_AFTER_PUT, t);
    else if (!is_zone_whole(t))
        find(found, UL_FAULT_OVERFLOW, t);
    end_twin(t);
}

static void bury(twin *t, ul_site site, finding *found)
{
    t->is_live = false;
    t->put = site;
    if (!is_zone_whole(t)) {
        find(found, UL_FAULT_OVERFLOW, t);
        memset((unsigned char *)(uintptr_t)t->object - t->zone_bytes, ZONE_BYTE, t->zone_bytes);
        memset((unsigned char *)(uintptr_t)t->object + t->size_bytes, ZONE_BYTE, t->zone_bytes);
    }
    memset((void *)(uintptr_t)t->object, DEAD_BYTE, t->size_bytes);
    ul_watch_close(t->object, t->size_bytes);
    if (ul_twins.youngest_dead)
        ul_twins.youngest_dead->next_dead = t;
    else
        ul_twins.oldest_dead = t;
    ul_twins.youngest_dead = t;
    ul_twins.dead_bytes += t->size_bytes;
    while (ul_twins.dead_bytes > ul_settings_now()->quarantine_bytes)
        end_oldest(found);
}

bool ul_twin_give(void *object, const void *owner, const char *name, ul_site site)
{
    twin *t;
    finding found = {0};
    const twin unknown = {.object = object, .name = name};
    pthread_mutex_lock(&ul_twins.lock);
    const void *key = object;
    HASH_FIND_PTR(ul_twins.table, &key, t);
    bool is_ours = t && t->is_live && t->owner == owner;
    if (is_ours)
        bury(t, site, &found);
    else
        find(&found, t && !t->is_live ? UL_FAULT_DOUBLE_PUT : UL_FAULT_FOREIGN_PUT, t ? t : &unknown);
    pthread_mutex_unlock(&ul_twins.lock);
    tell(&found, site);
    return is_ours;
}

bool ul_twin_is_live(const void *object, const void *owner)
{
    twin *t;
    pthread_mutex_lock(&ul_twins.lock);
    HASH_FIND_PTR(ul_twins.table, &object, t);
    bool is_live = t && t->is_live && t->owner == owner;
    pthread_mutex_unlock(&ul_twins.lock);
    return is_live;
}

/* ---- reports --------------------------------------------------------------------------------------------
 */

static bool is_same_site(const ul_site *a, const ul_site *b)
{
    return a->address == b->address &&
           (a->text == b->text || (a->text && b->text && strcmp(a->text, b->text) == 0));
}

/* Shows the objects of `from`'s owner that were got where `from` was, unless an earlier entry already did. */
static void show_site(const twin *from, FILE *out)
{
    size_t count = 0, bytes = 0;
    for (const twin *t = ul_twins.table; t; t = (const twin *)t->hh.next) {
        if (!t->is_live || t->owner != from->owner || !is_same_site(&t->got, &from->got))
            continue;
        if (count == 0 && t != from)
            return;
        count++;
        bytes += t->size_bytes;
    }
    char site[UL_SITE_BYTES];
    ul_site_format(site, sizeof site, &from->got);
    fprintf(out, "leak: %zu objects, %zu bytes of '%s' got at %s\n", count, bytes,
            from->name ? from->name : "", site);
}

size_t ul_twin_live(const void *owner, FILE *out)
{
    size_t live = 0;
    pthread_mutex_lock(&ul_twins.lock);
    for (const twin *t = ul_twins.table; t; t = (const twin *)t->hh.next) {
        if (!t->is_live || (owner && t->owner != owner))
            continue;
        live++;
        if (out)
            show_site(t, out);
    }
    pthread_mutex_unlock(&ul_twins.lock);
    return live;
}

void ul_twin_lock(bool is_locked)
{
    if (is_locked)
        pthread_mutex_lock(&ul_twins.lock);
    else
        pthread_mutex_unlock(&ul_twins.lock);
}

void ul_twin_forget(const void *owner)
{
    pthread_mutex_lock(&ul_twins.lock);
    for (twin *t = ul_twins.table, *next; t; t = next) {
        next = (twin *)t->hh.next;
        if (t->owner == owner && t->is_live)
            end_twin(t);
        else if (t->owner == owner)
            t->name = "(an ended pool)";
    }
    pthread_mutex_unlock(&ul_twins.lock);
}
