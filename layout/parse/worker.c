#include "layout/parse/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "layout/model/wire.h"
#include "layout/parse/census.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif
#ifndef HAS_SANITIZER
#define HAS_SANITIZER 0
#endif

/* Records that this worker has sent before: the tool has them already from an earlier job, so they are not
 * sent again. */
typedef struct sent {
    char *bytes;
    UT_hash_handle hh;
} sent;

bool ul_read_all(int descriptor, void *data, size_t size)
{
    for (char *at = data; size;) {
        ssize_t got = read(descriptor, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

bool ul_write_all(int descriptor, const void *data, size_t size)
{
    for (const char *at = data; size;) {
        ssize_t put = write(descriptor, at, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        at += put;
        size -= (size_t)put;
    }
    return true;
}

static void die_of_memory(size_t want_bytes)
{
    (void)want_bytes;
    _exit(UL_WORKER_EXIT_MEMORY);
}

static void limit(uint64_t memory_bytes)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (memory_bytes && !HAS_SANITIZER) /* a sanitizer reserves terabytes of address space */
        setrlimit(RLIMIT_AS, &(struct rlimit){memory_bytes, memory_bytes});
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}

/* Takes out of `result` what was sent before, and remembers the rest. */
static void drop_sent(ul_unit_result *result, sent **known)
{
    uint32_t kept = 0;
    ul_strbuf bytes;
    for (uint32_t i = 0; i < result->record_count; i++) {
        sent *item = NULL;
        ul_strbuf_init(&bytes);
        ul_wire_write_record(&bytes, &result->records[i]);
        if (bytes.has_failed)
            die_of_memory(0);
        HASH_FIND(hh, *known, bytes.data, bytes.length, item);
        if (item) {
            ul_strbuf_free(&bytes);
            continue;
        }
        item = calloc(1, sizeof *item);
        if (!item)
            die_of_memory(sizeof *item);
        item->bytes = bytes.data; /* kept until the process ends */
        HASH_ADD_KEYPTR(hh, *known, item->bytes, bytes.length, item);
        result->records[kept++] = result->records[i];
    }
    result->record_count = kept;
}

static void forget(sent *known)
{
    sent *item, *next;
    HASH_ITER(hh, known, item, next)
    {
        HASH_DEL(known, item);
        free(item->bytes);
        free(item);
    }
}

void ul_worker_serve(int in, int out, const ul_unit_job *jobs, const ul_workers_options *options)
{
    limit(options->memory_bytes);
    ul_arena arena;
    ul_strbuf message;
    sent *known = NULL;
    ul_arena_init(&arena, die_of_memory);
    ul_strbuf_init(&message);
    CXIndex index = clang_createIndex(0, 0);
    ul_probe_cache *probes = ul_probe_cache_new();
    ul_path_cache *paths = ul_path_cache_new(die_of_memory);
    ul_census_cache *counted = ul_census_cache_new();
    if (!index || !probes || !paths || !counted)
        die_of_memory(0);
    uint64_t job;
    bool is_alive = true;
    while (is_alive && ul_read_all(in, &job, sizeof job)) {
        ul_unit_result result;
        ul_unit_read(&result, index, &jobs[job], options->filter, probes, paths, counted, &arena);
        if (result.outcome == UL_UNIT_CRASHED)
            _exit(UL_WORKER_EXIT_CRASH); /* libclang caught it, but what it held is lost and nothing of it can be trusted */
        drop_sent(&result, &known);
        ul_strbuf_clear(&message);
        ul_wire_write_result(&message, &result);
        if (message.has_failed)
            die_of_memory(message.length);
        ul_result_head head = {.job = job, .length = message.length};
        is_alive = ul_write_all(out, &head, sizeof head) && ul_write_all(out, message.data, message.length);
        ul_arena_clear(&arena);
    }
    forget(known);
    ul_probe_cache_free(probes);
    ul_path_cache_free(paths);
    ul_census_cache_free(counted);
    clang_disposeIndex(index);
    ul_strbuf_free(&message);
    ul_arena_free(&arena);
    if (HAS_SANITIZER)
        exit(0); /* the leak check runs */
    _exit(0);
}
