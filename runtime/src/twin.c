#include "ullage/private/twin.h"

#include <stdlib.h>

/* Without memory for the table an object goes unwatched: it must not end the program. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->is_unlisted = true)
#include <uthash.h>

#include "ullage/arena.h"
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
    bool is_checked_at_exit;
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

/* Looks at what nobody may have written, and makes it whole again, so that each fault is told once. A
   sanitizer, which has zones of its own, has told already, and may forbid the look. */
static void inspect(const twin *t, finding *found)
{
    unsigned char *object = (unsigned char *)(uintptr_t)t->object, *front = object - t->zone_bytes;
    if (!t->zone_bytes)
        return;
    if (!t->is_live && !is_filled(object, t->size_bytes, DEAD_BYTE)) {
        find(found, UL_FAULT_USE_AFTER_PUT, t);
        memset(object, DEAD_BYTE, t->size_bytes);
    }
    if (!is_filled(front, t->zone_bytes, ZONE_BYTE) ||
        !is_filled(object + t->size_bytes, t->zone_bytes, ZONE_BYTE)) {
        find(found, UL_FAULT_OVERFLOW, t);
        memset(front, ZONE_BYTE, t->zone_bytes);
        memset(object + t->size_bytes, ZONE_BYTE, t->zone_bytes);
    }
}

/* What the quarantine counts: all that it keeps from being freed. */
static size_t held_bytes(const twin *t)
{
    return sizeof *t + (size_t)((const unsigned char *)t->object - t->base) + t->size_bytes + t->zone_bytes;
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

static void check_at_exit(void)
{
    ul_twin_check(NULL, (ul_site){"the end of the program", NULL});
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
    bool is_listed = !found && !t->is_unlisted, is_first = !ul_twins.is_checked_at_exit;
    ul_twins.is_checked_at_exit = true;
    pthread_mutex_unlock(&ul_twins.lock);
    if (is_first)
        (void)atexit(check_at_exit); /* no room for it: no look */
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
    ul_twins.dead_bytes -= held_bytes(t);
    inspect(t, found);
    end_twin(t);
}

static void bury(twin *t, ul_site site, finding *found)
{
    t->put = site;
    inspect(t, found);
    t->is_live = false;
    memset((void *)(uintptr_t)t->object, DEAD_BYTE, t->size_bytes);
    ul_watch_close(t->object, t->size_bytes);
    if (ul_twins.youngest_dead)
        ul_twins.youngest_dead->next_dead = t;
    else
        ul_twins.oldest_dead = t;
    ul_twins.youngest_dead = t;
    ul_twins.dead_bytes += held_bytes(t);
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
    fprintf(out, "leak: %zu object%s, %zu bytes of '%s' got at %s\n", count, count == 1 ? "" : "s", bytes,
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

void ul_twin_check(const void *owner, ul_site here)
{
    enum { MOST = 16 };
    finding found[MOST];
    size_t count;
    do { /* told without the lock: the handler may use other pools */
        count = 0;
        pthread_mutex_lock(&ul_twins.lock);
        for (const twin *t = ul_twins.table; t && count < MOST; t = (const twin *)t->hh.next) {
            found[count].is_found = false;
            if (!owner || t->owner == owner)
                inspect(t, &found[count]);
            count += found[count].is_found;
        }
        pthread_mutex_unlock(&ul_twins.lock);
        for (size_t i = 0; i < count; i++)
            tell(&found[i], here);
    } while (count == MOST);
}

ul_site ul_twin_ended_at(const void *owner, const void *end)
{
    ul_site site = {0};
    pthread_mutex_lock(&ul_twins.lock);
    for (const twin *t = ul_twins.oldest_dead; t; t = t->next_dead) {
        uintptr_t behind = (uintptr_t)t->object + t->size_bytes;
        if (t->owner == owner && (uintptr_t)end - behind < UL_ARENA_GRAIN)
            site = t->put;
    }
    pthread_mutex_unlock(&ul_twins.lock);
    return site;
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
            t->name = "(ended)"; /* the text need not outlive it */
    }
    pthread_mutex_unlock(&ul_twins.lock);
}
