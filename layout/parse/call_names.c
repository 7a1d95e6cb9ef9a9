#include "layout/parse/call_names.h"

#include <ctype.h>
#include <string.h>

enum { WORDS_MAX = 12, WORD_LENGTH_MAX = 15 };

typedef struct split {
    char words[WORDS_MAX][WORD_LENGTH_MAX + 1]; /* lower case */
    uint32_t count;
} split;

/* "HA_SPIN_LOCK" -> ha spin lock, "mutexLock" -> mutex lock; digits stay with what they follow. */
static void cut(split *out, const char *name)
{
    out->count = 0;
    while (*name && out->count < WORDS_MAX) {
        while (*name == '_')
            name++;
        if (!*name)
            return;
        char *word = out->words[out->count++];
        uint32_t length = 0;
        do {
            if (length < WORD_LENGTH_MAX)
                word[length++] = (char)tolower((unsigned char)*name);
            name++;
        } while (*name && *name != '_' && !(isupper((unsigned char)*name) && islower((unsigned char)name[-1])));
        word[length] = '\0';
    }
}

static bool has(const split *name, const char *word)
{
    for (uint32_t i = 0; i < name->count; i++) {
        if (strcmp(name->words[i], word) == 0)
            return true;
    }
    return false;
}

static bool has_any(const split *name, const char *const *words)
{
    for (; *words; words++) {
        if (has(name, *words))
            return true;
    }
    return false;
}

bool ul_name_has_word(const char *name, const char *word)
{
    split words;
    cut(&words, name);
    return has(&words, word);
}

bool ul_name_shares_lock(const char *name)
{
    static const char *const shares[] = {"rdlock", "tryrdlock", "timedrdlock", "rlock", "tryrlock", "read", "reader", "rd", "shared", "sem", "semaphore", NULL};
    split words;
    cut(&words, name);
    if (words.count >= 2 && strcmp(words.words[0], "pl") == 0)
        return !has(&words, "w") && !has(&words, "x"); /* progressive locks: pl_take_r(), pl_take_s() */
    return has_any(&words, shares);
}

bool ul_name_is_thread_number(const char *name)
{
    static const char *const whole[] = {"tid", "lcore", "cpu", "threadid", "coreid", "cpuid", "lcoreid", NULL};
    static const char *const owners[] = {"thread", "worker", "core", "lcore", "cpu", "thr", NULL};
    static const char *const numbers[] = {"id", "idx", "index", "num", "no", "nr", NULL};
    split words;
    cut(&words, name);
    if (has_any(&words, whole) && words.count <= 2)
        return true;
    return has_any(&words, owners) && has_any(&words, numbers) && words.count <= 4;
}

bool ul_name_is_queue_number(const char *name)
{
    static const char *const whole[] = {"qid", "qidx", "queueid", "txqid", "rxqid", NULL};
    static const char *const owners[] = {"queue", "ring", "shard", "stripe", "lane", "q", "txq", "rxq", NULL};
    static const char *const numbers[] = {"id", "idx", "index", "num", "no", "nr", NULL};
    split words;
    cut(&words, name);
    if (has_any(&words, whole) && words.count <= 2)
        return true;
    return has_any(&words, owners) && has_any(&words, numbers) && words.count <= 4;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(name, *names) == 0)
            return true;
    }
    return false;
}

/* What has a lock in its name and neither takes nor releases one. */
static const char *const not_locking[] = {"init",   "destroy", "free",  "new",    "alloc", "create", "delete",  "is",     "assert",
                                          "locked", "debug",   "class", "held",   "owner", "stat",   "stats",   "flock",  "file",
                                          "dump",   "show",    "name",  "timeout", "size",  "count",  "version", "attr",   "setup",
                                          "unregister", "register", "label", "dep", "nest", "need", "wait", "info", NULL};

static ul_call_verb lock_verb(const split *words)
{
    static const char *const takes[] = {"lock",  "trylock", "rdlock",     "wrlock",  "tryrdlock", "trywrlock", "sklock",
                                        "rlock", "wlock",   "timedlock",  "tryrlock", "trywlock",  "lck", NULL};
    static const char *const gives[] = {"unlock", "rdunlock", "wrunlock", "skunlock", "runlock", "wunlock", "unlck", NULL};
    static const char *const locks[] = {"mutex", "spin", "spinlock", "rwlock", "mtx", "sem", "semaphore", NULL};
    static const char *const enters[] = {"acquire", "enter", "take", NULL};
    static const char *const leaves[] = {"release", "leave", "drop", "exit", NULL};
    if (has_any(words, not_locking))
        return UL_CALL_PLAIN;
    if (has_any(words, gives))
        return UL_CALL_UNLOCK;
    if (has_any(words, takes))
        return UL_CALL_LOCK;
    if (words->count >= 2 && strcmp(words->words[0], "pl") == 0) /* progressive locks: pl_take_s(), pl_drop_w() */
        return has(words, "take") || has(words, "try") ? UL_CALL_LOCK : has(words, "drop") ? UL_CALL_UNLOCK : UL_CALL_PLAIN;
    if (has_any(words, locks) && has_any(words, enters))
        return UL_CALL_LOCK;
    return has_any(words, locks) && has_any(words, leaves) ? UL_CALL_UNLOCK : UL_CALL_PLAIN;
}

static ul_call_verb atomic_verb(const split *words)
{
    static const char *const changes[] = {"add",  "sub",      "inc",  "dec", "and",      "or",     "xor",     "cas",  "xadd",
                                          "xchg", "exchange", "swap", "faa", "fas",      "cmpxchg", "compare", "test", "bts",
                                          "btr",  "btc",      "neg",  "not", "fetchadd", "incr",   "decr",    NULL};
    static const char *const stores[] = {"store", "set", "init", "clear", "put", "write", "reset", NULL};
    static const char *const loads[] = {"load", "read", "get", "fetch", NULL};
    if (has_any(words, changes))
        return UL_CALL_ATOMIC_RMW;
    if (has_any(words, stores))
        return UL_CALL_ATOMIC_WRITE;
    return has_any(words, loads) ? UL_CALL_ATOMIC_READ : UL_CALL_ATOMIC_RMW;
}

static bool is_atomic(const split *words, const char *name)
{
    for (uint32_t i = 0; i < words->count; i++) {
        if (strncmp(words->words[i], "atomic", 6) == 0 || strncmp(words->words[i], "interlocked", 11) == 0)
            return true;
    }
    return strncmp(name, "ck_pr_", 6) == 0 || strncmp(name, "__sync_", 7) == 0;
}

ul_call_verb ul_call_verb_of(const char *name, const ul_census_names *names)
{
    static const char *const plain_heap[] = {"malloc", "calloc", "realloc", "reallocarray", NULL};
    static const char *const threads[] = {"pthread_create", "thrd_create", NULL};
    static const char *const waits[] = {"sem_wait", "sem_timedwait", "sem_clockwait", NULL};
    split words;
    if (names && ul_name_matches(name, names->unlocks, names->unlock_count))
        return UL_CALL_UNLOCK;
    if (names && ul_name_matches(name, names->locks, names->lock_count))
        return UL_CALL_LOCK;
    if (is_one_of(name, plain_heap))
        return UL_CALL_ALLOCATE;
    if (is_one_of(name, threads))
        return UL_CALL_START_THREAD;
    if (is_one_of(name, waits))
        return UL_CALL_WAIT;
    if (strcmp(name, "sem_post") == 0)
        return UL_CALL_POST;
    cut(&words, name);
    if (strncmp(name, "__sync_lock_release", 19) == 0)
        return UL_CALL_ATOMIC_WRITE;
    if (is_atomic(&words, name))
        return strcmp(name, "__sync_synchronize") == 0 ? UL_CALL_PLAIN : atomic_verb(&words);
    ul_call_verb verb = lock_verb(&words);
    if (verb != UL_CALL_PLAIN)
        return verb;
    for (uint32_t i = 0; i < words.count; i++) {
        if (strstr(words.words[i], "alloc") && strcmp(words.words[i], "dealloc") != 0)
            return UL_CALL_ALLOCATE_ELSE;
    }
    return strcmp(name, "posix_memalign") == 0 || strcmp(name, "memalign") == 0 ? UL_CALL_ALLOCATE_ELSE : UL_CALL_PLAIN;
}
