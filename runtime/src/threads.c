#include "ullage/private/threads.h"

#include "ullage/private/process.h"
#include "ullage/private/sys.h"

__thread ul_thread_fronts ul_thread_fronts_;

/* What a thread has no front of is this one: it is empty and full at once, so every call takes the long way.
 */
static const ul_pool_front no_front = {0};

/* One thread's table; in a list, so that the end of a pool finds every front of it. */
typedef struct thread_table {
    ul_listed listed; /* first */
    ul_pool_front **fronts;
    uint32_t count;
} thread_table;

typedef struct shared_entry {
    void *pool;
    pthread_mutex_t *lock;
    void (*end_front)(void *pool, ul_pool_front *front);
    bool has_lost_fronts; /* this process was forked, and other threads had fronts of the pool */
} shared_entry;

/* Under the lock. Fronts end under it too: it comes before any pool's lock. */
static struct {
    pthread_mutex_t lock;
    ul_listed tables;
    ul_listed lost; /* tables of threads that a fork left behind: kept in reach of leak checkers */
    pthread_once_t once;
    pthread_key_t key;   /* its value is the thread_table */
    uint32_t pool_count; /* highest number in use and one */
    bool has_key;
    shared_entry pools[UL_SHARED_POOLS_MOST];
} ul_threads = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

static ul_pool_front *nobody(void)
{
    return (ul_pool_front *)(uintptr_t)&no_front; /* its members are only read: top is never above floor */
}

static void list(ul_listed *to, ul_listed *entry)
{
    entry->previous = to;
    entry->next = to->next;
    if (entry->next)
        entry->next->previous = entry;
    to->next = entry;
}

static void unlist(ul_listed *entry)
{
    entry->previous->next = entry->next;
    if (entry->next)
        entry->next->previous = entry->previous;
}

/* The thread ends: what its fronts hold goes back to their pools. */
static void end_thread(void *value)
{
    thread_table *table = value;
    pthread_mutex_lock(&ul_threads.lock);
    ul_thread_fronts_ = (ul_thread_fronts){0};
    for (uint32_t id = 0; id < table->count; id++) {
        if (table->fronts[id] != nobody())
            ul_threads.pools[id].end_front(ul_threads.pools[id].pool, table->fronts[id]);
    }
    unlist(&table->listed);
    pthread_mutex_unlock(&ul_threads.lock);
    ul_sys_free(table->fronts);
    ul_sys_free(table);
}

void ul_threads_lock(bool is_locked)
{
    if (is_locked)
        pthread_mutex_lock(&ul_threads.lock);
    for (uint32_t id = 0; id < ul_threads.pool_count; id++) {
        if (ul_threads.pools[id].pool && is_locked)
            pthread_mutex_lock(ul_threads.pools[id].lock);
        else if (ul_threads.pools[id].pool)
            pthread_mutex_unlock(ul_threads.pools[id].lock);
    }
    if (!is_locked)
        pthread_mutex_unlock(&ul_threads.lock);
}

/* In the child of a fork: other threads are not in it, and may have been in the midst of their fronts,
   without a lock. So these are left as they are. */
void ul_threads_forget_others(void)
{
    const thread_table *own = ul_threads.has_key ? pthread_getspecific(ul_threads.key) : NULL;
    for (ul_listed *each = ul_threads.tables.next, *next; each; each = next) {
        thread_table *table = (thread_table *)each;
        next = each->next;
        if (table == own)
            continue;
        for (uint32_t id = 0; id < table->count; id++)
            ul_threads.pools[id].has_lost_fronts |= table->fronts[id] != nobody();
        unlist(each);
        list(&ul_threads.lost, each);
    }
}

bool ul_threads_has_lost(uint32_t id)
{
    pthread_mutex_lock(&ul_threads.lock);
    bool has_lost = ul_threads.pools[id].has_lost_fronts;
    pthread_mutex_unlock(&ul_threads.lock);
    return has_lost;
}

static void start(void)
{
    ul_threads.has_key = pthread_key_create(&ul_threads.key, end_thread) == 0;
}

uint32_t ul_threads_add_pool(void *pool, pthread_mutex_t *lock,
                             void (*end_front)(void *pool, ul_pool_front *front))
{
    uint32_t id = 0;
    pthread_once(&ul_threads.once, start);
    pthread_mutex_lock(&ul_threads.lock);
    while (id < ul_threads.pool_count && ul_threads.pools[id].pool)
        id++;
    if (id < UL_SHARED_POOLS_MOST && ul_threads.has_key) {
        ul_threads.pools[id] = (shared_entry){pool, lock, end_front, false};
        ul_threads.pool_count = id == ul_threads.pool_count ? id + 1 : ul_threads.pool_count;
    } else {
        id = UINT32_MAX;
    }
    pthread_mutex_unlock(&ul_threads.lock);
    return id;
}

void ul_threads_remove_pool(uint32_t id)
{
    pthread_mutex_lock(&ul_threads.lock);
    for (ul_listed *each = ul_threads.tables.next; each; each = each->next) {
        thread_table *table = (thread_table *)each;
        if (id >= table->count || table->fronts[id] == nobody())
            continue;
        ul_threads.pools[id].end_front(ul_threads.pools[id].pool, table->fronts[id]);
        table->fronts[id] = nobody();
    }
    ul_threads.pools[id] = (shared_entry){0};
    pthread_mutex_unlock(&ul_threads.lock);
}

ul_pool_front *ul_threads_front(uint32_t id)
{
    const ul_thread_fronts *mine = &ul_thread_fronts_;
    return id < mine->count && mine->fronts[id] != nobody() ? mine->fronts[id] : NULL;
}

static thread_table *own_table(void)
{
    thread_table *table = pthread_getspecific(ul_threads.key);
    if (table)
        return table;
    table = ul_sys_malloc(sizeof *table);
    if (!table)
        return NULL;
    *table = (thread_table){0};
    if (pthread_setspecific(ul_threads.key, table) != 0) {
        ul_sys_free(table);
        return NULL;
    }
    pthread_mutex_lock(&ul_threads.lock);
    list(&ul_threads.tables, &table->listed);
    pthread_mutex_unlock(&ul_threads.lock);
    return table;
}

bool ul_threads_set_front(uint32_t id, ul_pool_front *front)
{
    thread_table *table = own_table();
    if (!table)
        return false;
    if (id >= table->count) {
        uint32_t count = (id + 8) / 8 * 8;
        ul_pool_front **fronts = ul_sys_malloc(count * sizeof(ul_pool_front *));
        if (!fronts)
            return false;
        for (uint32_t i = 0; i < count; i++)
            fronts[i] = i < table->count ? table->fronts[i] : nobody();
        pthread_mutex_lock(&ul_threads.lock);
        ul_pool_front **old = table->fronts;
        table->fronts = fronts;
        table->count = count;
        pthread_mutex_unlock(&ul_threads.lock);
        ul_thread_fronts_ = (ul_thread_fronts){fronts, count};
        ul_sys_free(old);
    }
    pthread_mutex_lock(&ul_threads.lock);
    table->fronts[id] = front;
    pthread_mutex_unlock(&ul_threads.lock);
    return true;
}
