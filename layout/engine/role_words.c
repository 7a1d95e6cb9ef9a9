#include "layout/engine/role_words.h"

#include <ctype.h>
#include <string.h>

/* Words that names of rare functions have; each is looked for as a whole word, in lower case. */
static const char *const setup_words[] = {"init",   "setup", "config", "cfg",       "conf",     "parse",   "register",
                                          "prepare", "boot",  "startup", "configure", "bootstrap", "initialize", NULL};
static const char *const teardown_words[] = {"deinit",  "fini",     "destroy",  "free",   "teardown", "cleanup",
                                             "shutdown", "finalize", "unregister", "exit", "term",     NULL};
static const char *const show_words[] = {"show", "dump", "print", "stats", "stat", "debug", "describe", "usage", "help", "info", "report", "cli", NULL};

/* What is done to statistics with each packet or call: stats_add, update_stat, count_hit_stats. */
static const char *const count_words[] = {"update", "add", "sub", "inc", "dec", "incr", "decr", "increment", "decrement", "hit", "bump", "count", "account", "record", NULL};
static const char *const stat_words[] = {"stats", "stat", NULL};

static bool has_word(const char *name, const char *const *words)
{
    char word[16];
    while (*name) {
        while (*name == '_')
            name++;
        uint32_t length = 0;
        const char *begin = name;
        while (*name && *name != '_' && (name == begin || !(isupper((unsigned char)*name) && islower((unsigned char)name[-1])))) {
            if (length < sizeof word - 1)
                word[length++] = (char)tolower((unsigned char)*name);
            name++;
        }
        word[length] = '\0';
        for (const char *const *at = words; length && *at; at++) {
            if (strcmp(word, *at) == 0)
                return true;
        }
    }
    return false;
}

ul_role ul_role_of_name(const char *name, const ul_census_names *names)
{
    if (names && ul_name_matches(name, names->setups, names->setup_count))
        return UL_ROLE_SETUP;
    if (strcmp(name, "main") == 0)
        return UL_ROLE_SETUP;
    if (has_word(name, teardown_words))
        return UL_ROLE_TEARDOWN;
    if (has_word(name, show_words) && !(has_word(name, stat_words) && has_word(name, count_words)))
        return UL_ROLE_SHOW;
    return has_word(name, setup_words) ? UL_ROLE_SETUP : UL_ROLE_RUNTIME;
}

bool ul_role_name_is_locked(const char *name)
{
    static const char *const locked[] = {"locked", "nolock", NULL};
    return has_word(name, locked);
}

bool ul_role_name_starts_thread(const char *name)
{
    static const char *const threads[] = {"thread", "threads", "kthread", "thrd", "lcore", "remote", NULL};
    static const char *const begins[] = {"create", "start", "new", "spawn", "launch", "run", NULL};
    static const char *const others[] = {"key", "cond", "mutex", "attr", "once", "local", "specific", "name", "pool", "hook", NULL};
    return has_word(name, threads) && has_word(name, begins) && !has_word(name, others);
}

bool ul_role_name_joins(const char *name)
{
    static const char *const joins[] = {"join", "joinall", NULL};
    static const char *const threads[] = {"pthread", "thrd", "thread", "threads", "kthread", "worker", "workers", "all", NULL};
    return has_word(name, joins) && has_word(name, threads);
}
