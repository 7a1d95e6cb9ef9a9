/* alloc-pattern: memory that a pool, an arena, a reserve, a bounded cache, a stream or the stack would serve better (engine/allocations.c). */
#include "layout/engine/objects.h"
#include "layout/rules/alloc_words.h"

static void check_records(const ul_rule_context *context, uint32_t entry)
{
    (void)context;
    (void)entry; /* it has nothing to say about records */
}

static void check_object(const ul_rule_context *context, uint32_t entry)
{
    const ul_advice *advice = ul_object_advice(context->report, entry);
    if (!advice)
        return;
    ul_finding finding = ul_alloc_words(context, advice);
    finding.level = UL_LEVEL_NOTE;
    finding.entry = entry;
    finding.field = UL_NO_PARENT;
    ul_findings_add(context, &ul_rule_alloc_pattern, finding);
}

const ul_rule ul_rule_alloc_pattern = {
    .info =
        {
            .name = "alloc-pattern",
            .level = UL_LEVEL_NOTE,
            .summary = "an allocation that a pool, an arena, a reserve or the stack would serve better",
            .meaning = "Read from function bodies, and only where what becomes of the pointer is seen to its end; of functions that run again and again while the "
                       "program works, as far as their names and callers tell. Local: an object is freed in the function that took it, and is "
                       "neither returned, stored, replaced nor passed to a function that may keep it: one of another unit that is not libc's; where it is small, in a loop or in a function "
                       "that loops call, one of several, or freed on several ways out. Pool: "
                       "nodes of one type, each taken by itself, are freed one by one. Arena: nodes are only ever freed in loops over all of them; or an "
                       "object and what three or more of its fields point to are taken in one function and freed together wherever it is freed. Growth: a "
                       "realloc makes room for a constant number of elements more, fewer than 64, each time, and the count grows in the function in no other "
                       "way. Cache: what calls itself a cache takes entries that nothing ever frees. Stream: a buffer as large as a file is filled with one read, gone "
                       "through in one loop and freed. Allocators are known by their names and types: malloc, zmalloc, g_malloc, git__free.",
            .why = "malloc and free cost tens of nanoseconds each, more under threads, and spread over memory what is used together; "
                   "an array that grows by one element is moved as often as it has elements. `ullage explain` cannot tell how often the place "
                   "runs: a profile can.",
            .example = "#include <stdlib.h>\n"
                       "#include <string.h>\n"
                       "#include <ullage/arena.h>\n"
                       "#include <ullage/cache.h>\n"
                       "#include <ullage/pool.h>\n"
                       "#include <ullage/scratch.h>\n"
                       "#include <ullage/stream.h>\n"
                       "#include <ullage/vec.h>\n"
                       "\n"
                       "/* Local, small. Before: struct range *r = malloc(sizeof *r); ... free(r); */\n"
                       "struct range { long from, to; };\n"
                       "long width(long from, long to);\n"
                       "long width(long from, long to)\n"
                       "{\n"
                       "    struct range r = {from, to};\n"
                       "    return r.to - r.from;\n"
                       "}\n"
                       "\n"
                       "/* Local, of any size. Before: int *sorted = malloc(count * sizeof *sorted); ... free(sorted); */\n"
                       "int median(const int *values, size_t count, int (*by_value)(const void *, const void *));\n"
                       "int median(const int *values, size_t count, int (*by_value)(const void *, const void *))\n"
                       "{\n"
                       "    ul_scratch scratch = ul_scratch_begin(NULL);\n"
                       "    int *sorted = UL_TAKE_ARRAY(scratch.arena, int, count), result = 0;\n"
                       "    if (sorted && count) {\n"
                       "        memcpy(sorted, values, count * sizeof *sorted);\n"
                       "        qsort(sorted, count, sizeof *sorted, by_value);\n"
                       "        result = sorted[count / 2];\n"
                       "    }\n"
                       "    ul_scratch_end(scratch);\n"
                       "    return result;\n"
                       "}\n"
                       "\n"
                       "/* Pool. Before: struct job *job = malloc(sizeof *job); in push(), free(job) in pop() */\n"
                       "struct job { struct job *next; int id; };\n"
                       "UL_POOL_OF(job_pool, struct job);\n"
                       "struct queue { job_pool jobs; struct job *first; }; /* job_pool_init(&queue->jobs, NULL) once */\n"
                       "int push(struct queue *queue, int id);\n"
                       "int push(struct queue *queue, int id)\n"
                       "{\n"
                       "    struct job *job = job_pool_get(&queue->jobs);\n"
                       "    if (!job)\n"
                       "        return -1;\n"
                       "    job->id = id;\n"
                       "    job->next = queue->first;\n"
                       "    queue->first = job;\n"
                       "    return 0;\n"
                       "}\n"
                       "int pop(struct queue *queue);\n"
                       "int pop(struct queue *queue)\n"
                       "{\n"
                       "    struct job *job = queue->first;\n"
                       "    int id = job->id;\n"
                       "    queue->first = job->next;\n"
                       "    job_pool_put(&queue->jobs, job);\n"
                       "    return id;\n"
                       "}\n"
                       "\n"
                       "/* Arena. Before: malloc() for each change, and a loop that frees them; so too an object with its arrays */\n"
                       "struct change { struct change *next; long at; };\n"
                       "struct script { ul_arena arena; struct change *changes; };\n"
                       "int add_change(struct script *script, long at);\n"
                       "int add_change(struct script *script, long at)\n"
                       "{\n"
                       "    struct change *change = UL_NEW(&script->arena, struct change);\n"
                       "    if (!change)\n"
                       "        return -1;\n"
                       "    change->at = at;\n"
                       "    change->next = script->changes;\n"
                       "    script->changes = change;\n"
                       "    return 0;\n"
                       "}\n"
                       "void drop_changes(struct script *script);\n"
                       "void drop_changes(struct script *script)\n"
                       "{\n"
                       "    script->changes = NULL;\n"
                       "    ul_arena_reset(&script->arena);\n"
                       "}\n"
                       "\n"
                       "/* Growth. Before: all = realloc(all, sizeof *all * (count + 1)); all[count++] = one; */\n"
                       "struct sample { int value; const char *label; };\n"
                       "typedef UL_VEC(struct sample) samples;\n"
                       "ul_status add(samples *all, struct sample one);\n"
                       "ul_status add(samples *all, struct sample one)\n"
                       "{\n"
                       "    return ul_vec_push(all, one);\n"
                       "}\n"
                       "\n"
                       "/* Cache. Before: a table that takes an entry for whatever it is asked, and gives none back */\n"
                       "ul_status make_cache(ul_cache **cache);\n"
                       "ul_status make_cache(ul_cache **cache)\n"
                       "{\n"
                       "    ul_cache_options options = {.limit_entries = 10000, .drop = NULL};\n"
                       "    return ul_cache_new(cache, &options);\n"
                       "}\n"
                       "const int *value_of(ul_cache *cache, const char *key, int *(*slow)(const char *key));\n"
                       "const int *value_of(ul_cache *cache, const char *key, int *(*slow)(const char *key))\n"
                       "{\n"
                       "    int *value = ul_cache_get(cache, key, strlen(key));\n"
                       "    if (!value && (value = slow(key)) && ul_cache_put(cache, key, strlen(key), value, sizeof *value) != UL_OK)\n"
                       "        value = NULL; /* it is still the caller's */\n"
                       "    return value;\n"
                       "}\n"
                       "\n"
                       "/* Stream. Before: malloc(st_size), fread() of all of it, a loop over the bytes, free() */\n"
                       "long lines_of(const char *path);\n"
                       "long lines_of(const char *path)\n"
                       "{\n"
                       "    ul_stream in;\n"
                       "    ul_str line;\n"
                       "    long lines = 0;\n"
                       "    if (ul_stream_open(&in, path, 0, 0) != UL_OK)\n"
                       "        return -1;\n"
                       "    while (ul_stream_line(&in, &line))\n"
                       "        lines++;\n"
                       "    ul_stream_close(&in);\n"
                       "    return lines;\n"
                       "}\n",
            .silence = "Write `// ullage: ignore[alloc-pattern] -- reason` on the line of the allocation or above it, or `--rule alloc-pattern=off`.",
        },
    .check = check_records,
    .check_object = check_object,
    .needs_census = true,
};
