#include "ullage/private/process.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "ullage/private/samples.h"
#include "ullage/private/sys.h"
#include "ullage/private/threads.h"
#include "ullage/private/twin.h"
#include "ullage/private/watch.h"

ul_process_state ul_process = {.lock = PTHREAD_MUTEX_INITIALIZER, .once = PTHREAD_ONCE_INIT};

/* ---- settings -------------------------------------------------------------------------------------------
 */

static uint64_t number_after(const char *word, const char *name)
{
    return strtoull(word + strlen(name), NULL, 10);
}

static bool is_word(const char *word, size_t length, const char *name)
{
    size_t name_length = strlen(name);
    if (name_length && name[name_length - 1] == '=')
        return length > name_length && strncmp(word, name, name_length) == 0;
    return length == name_length && strncmp(word, name, length) == 0;
}

static void read_word(ul_settings *settings, const char *word, size_t length)
{
    if (is_word(word, length, "twin"))
        settings->mode = UL_MODE_TWIN;
    else if (is_word(word, length, "watch"))
        settings->mode = UL_MODE_WATCHED;
    else if (is_word(word, length, "fast"))
        settings->mode = UL_MODE_FAST;
    else if (is_word(word, length, "leaks"))
        settings->reports_leaks = true;
    else if (is_word(word, length, "sample="))
        settings->sample_bytes = number_after(word, "sample=");
    else if (is_word(word, length, "quarantine="))
        settings->quarantine_bytes = number_after(word, "quarantine=");
    else if (is_word(word, length, "fail="))
        ul_sys_fail_at(number_after(word, "fail="), false);
    else
        fprintf(stderr, "ullage_rt: unknown word in UL_DEBUG: '%.*s'\n", (int)length, word);
}

/* The order of the library's locks: this one, that of the threads' tables, each pool's, the twins', the
 * samples'. */
static void before_fork(void)
{
    pthread_mutex_lock(&ul_process.lock);
    ul_threads_lock(true);
    ul_twin_lock(true);
    ul_samples_lock(true);
}

static void after_fork(void)
{
    ul_samples_lock(false);
    ul_twin_lock(false);
    ul_threads_lock(false);
    pthread_mutex_unlock(&ul_process.lock);
}

static void after_fork_in_child(void)
{
    ul_threads_forget_others();
    after_fork();
}

static void report_leaks(void)
{
    ul_prof_leaks(stderr);
}

static void read_settings(void)
{
    (void)pthread_atfork(before_fork, after_fork,
                         after_fork_in_child); /* without memory a child might wait for ever */
    ul_settings *settings = &ul_process.settings;
    settings->quarantine_bytes = 4u << 20;
    if (ul_watch_has_asan() || ul_watch_has_valgrind())
        settings->mode = UL_MODE_WATCHED;
#ifdef __GLIBC__
    const char *text = secure_getenv("UL_DEBUG");
#else
    const char *text = getenv("UL_DEBUG");
#endif
    while (text && *text) {
        size_t length = strcspn(text, ",");
        if (length)
            read_word(settings, text, length);
        text += length + (text[length] == ',');
    }
    if (settings->reports_leaks)
        (void)atexit(report_leaks); /* no room for it: no report */
}

const ul_settings *ul_settings_now(void)
{
    pthread_once(&ul_process.once, read_settings);
    return &ul_process.settings;
}

ul_mode ul_settings_mode(const char *site)
{
    const ul_settings *settings = ul_settings_now();
    if (ul_process.is_mode_forced)
        return ul_process.forced_mode;
    if (settings->mode)
        return settings->mode;
    if (site)
        return UL_MODE_TWIN;
    /* A leak report needs numbers of pools that may be gone: the library must have seen every call. */
    return settings->sample_bytes || settings->reports_leaks ? UL_MODE_SAMPLED : UL_MODE_FAST;
}

bool ul_debug_set_mode(const char *mode)
{
    static const char *const names[] = {[UL_MODE_FAST] = "fast",
                                        [UL_MODE_SAMPLED] = "sample",
                                        [UL_MODE_WATCHED] = "watch",
                                        [UL_MODE_TWIN] = "twin"};
    ul_process.is_mode_forced = mode != NULL;
    for (unsigned i = UL_MODE_FAST; mode && i <= UL_MODE_TWIN; i++) {
        if (strcmp(mode, names[i]) == 0) {
            ul_process.forced_mode = (ul_mode)i;
            return true;
        }
    }
    ul_process.is_mode_forced = false;
    return mode == NULL;
}

void ul_debug_fail_at(uint64_t n, bool repeats)
{
    ul_settings_now();
    ul_sys_fail_at(n, repeats);
}

/* ---- lists ----------------------------------------------------------------------------------------------
 */

void ul_process_list(ul_listed *list, ul_listed *entry)
{
    pthread_mutex_lock(&ul_process.lock);
    entry->next = list->next;
    entry->previous = list;
    if (list->next)
        list->next->previous = entry;
    list->next = entry;
    pthread_mutex_unlock(&ul_process.lock);
}

void ul_process_unlist(ul_listed *entry)
{
    pthread_mutex_lock(&ul_process.lock);
    if (entry->previous) {
        entry->previous->next = entry->next;
        if (entry->next)
            entry->next->previous = entry->previous;
        *entry = (ul_listed){0};
    }
    pthread_mutex_unlock(&ul_process.lock);
}

void ul_process_list_arena(ul_arena *arena)
{
    ul_arena_entry *entry = ul_sys_malloc(sizeof *entry);
    if (!entry)
        return;
    *entry = (ul_arena_entry){.arena = arena, .name = arena->name};
    arena->entry = entry;
    ul_process_list(&ul_process.arenas, &entry->listed);
}

void ul_process_unlist_arena(ul_arena *arena)
{
    if (!arena->entry)
        return;
    ul_process_unlist(&arena->entry->listed);
    ul_sys_free(arena->entry);
    arena->entry = NULL;
}

/* ---- faults ---------------------------------------------------------------------------------------------
 */

void ul_site_format(char *text, size_t size, const ul_site *site)
{
    Dl_info info;
    text[0] = '\0';
    if (!site)
        return;
    if (site->text) {
        snprintf(text, size, "%s", site->text);
    } else if (site->address && dladdr(site->address, &info) && info.dli_fname) {
        const char *slash = strrchr(info.dli_fname, '/'); /* less 1: in the call, not behind it */
        snprintf(text, size, "%s+0x%zx", slash ? slash + 1 : info.dli_fname,
                 (size_t)((uintptr_t)site->address - (uintptr_t)info.dli_fbase - 1));
    } else if (site->address) {
        snprintf(text, size, "%p", site->address);
    }
}

const char *ul_fault_name(ul_fault_kind kind)
{
    static const char *const names[] = {
        [UL_FAULT_DOUBLE_PUT] = "double put",
        [UL_FAULT_FOREIGN_PUT] = "foreign put",
        [UL_FAULT_OVERFLOW] = "overflow",
        [UL_FAULT_USE_AFTER_PUT] = "use after put",
        [UL_FAULT_LEAK] = "leak",
        [UL_FAULT_STALE_MARK] = "stale mark",
    };
    return (unsigned)kind < sizeof names / sizeof names[0] ? names[kind] : "fault";
}

int ul_fault_format(char *text, size_t size, const ul_fault *fault)
{
    if (fault->kind == UL_FAULT_LEAK)
        return snprintf(text, size, "leak: %zu object%s of '%s' %s never put; it ended at %s",
                        fault->size_bytes, fault->size_bytes == 1 ? "" : "s", fault->owner,
                        fault->size_bytes == 1 ? "was" : "were", fault->here[0] ? fault->here : "?");
    if (fault->kind == UL_FAULT_STALE_MARK)
        return snprintf(text, size, "stale mark of arena '%s': taken at %s, ended at %s, rewound to at %s",
                        fault->owner, fault->got_at[0] ? fault->got_at : "?",
                        fault->put_at[0] ? fault->put_at : "?", fault->here[0] ? fault->here : "?");
    if (fault->kind == UL_FAULT_FOREIGN_PUT && fault->size_bytes == 0)
        return snprintf(text, size, "foreign put: %p is no object of '%s'; noticed at %s", fault->object,
                        fault->owner, fault->here[0] ? fault->here : "?");
    return snprintf(text, size, "%s: object %p of '%s', %zu bytes; got at %s, put at %s, noticed at %s",
                    ul_fault_name(fault->kind), fault->object, fault->owner, fault->size_bytes,
                    fault->got_at[0] ? fault->got_at : "?", fault->put_at[0] ? fault->put_at : "?",
                    fault->here[0] ? fault->here : "?");
}

void ul_process_fault(ul_fault_kind kind, const char *owner, const void *object, size_t size,
                      const ul_site *got, const ul_site *put, const ul_site *here)
{
    ul_fault fault = {.owner = owner ? owner : "", .object = object, .size_bytes = size, .kind = kind};
    ul_site_format(fault.got_at, sizeof fault.got_at, got);
    ul_site_format(fault.put_at, sizeof fault.put_at, put);
    ul_site_format(fault.here, sizeof fault.here, here);
    if (ul_process.on_fault) {
        ul_process.on_fault(&fault, ul_process.fault_context);
        return;
    }
    char text[4 * UL_SITE_BYTES];
    ul_fault_format(text, sizeof text, &fault);
    fprintf(stderr, "ullage_rt: %s\n", text);
    if (kind != UL_FAULT_LEAK)
        abort();
}

void ul_debug_on_fault(void (*handler)(const ul_fault *fault, void *context), void *context)
{
    ul_process.fault_context = context;
    ul_process.on_fault = handler;
}
