/*
 * What was read of some units, as one file: `ullage facts` writes it, `merge` puts several together, `check` and `show` read it. Built on
 * wire.h, so a file is for the build of the tool that made it: whatever else it is, reading says so and gives nothing. Equal sets
 * are equal bytes: units, records and texts are sorted, each is there once, and nothing of the run (time, memory, jobs) is kept.
 */
#ifndef UL_MODEL_FACTS_FILE_H
#define UL_MODEL_FACTS_FILE_H

#include "layout/model/unit.h"
#include "ullage/strbuf.h"

/* A unit with what was read from it. Of `job` only what ul_unit_job_compare looks at, and `confidence`, is kept. */
typedef struct ul_facts_unit {
    ul_unit_job job;
    ul_unit_result result;
} ul_facts_unit;

/* A file that some unit read, and what was in it. */
typedef struct ul_facts_source {
    const char *file;
    uint64_t digest; /* ul_facts_digest of its bytes */
} ul_facts_source;

typedef struct ul_facts_set {
    const char *name;    /* of the file, for messages; not in it */
    const char *made_by; /* what it depends on besides the sources: lines "key: value" */
    ul_facts_unit *units;
    ul_facts_source *sources; /* sorted by file */
    uint32_t unit_count, source_count;
} ul_facts_set;

/* Rewrites a text of a set; what it returns lives in `arena` or is `text`. */
typedef struct ul_facts_map {
    const char *(*map)(const void *context, const char *text, ul_arena *arena);
    const void *context;
} ul_facts_map;

/* The first bytes of every facts file, without the number of the format and the newline. */
#define UL_FACTS_MAGIC "ullage-facts "
/* Raised when what stands before the texts changes; made_by tells about the rest. */
enum { UL_FACTS_FORMAT = 1 };

/* Appends the file of `set`, whose units and sources may be in any order; check out->has_failed. */
void ul_facts_write(ul_strbuf *out, const ul_facts_set *set, ul_arena *arena);
/*
 * Reads bytes[0..length-1], every text through `map` (NULL: as it is), into `arena`; the bytes need not outlive the call. UL_ERR_INPUT with *why, a
 * clause for people, when they are no facts file, of another format, cut short or damaged. Whose facts it is, the caller tells by out->made_by;
 * of a file of another build, whose line "build" is not `build`, nothing else is read: that is UL_ERR_INPUT too.
 */
ul_status ul_facts_read(ul_facts_set *out, const char **why, const char *build, const void *bytes, uint64_t length, const ul_facts_map *map,
                        ul_arena *arena) UL_MUST_USE;
/* Names what the format depends on in the tool, its model and its reading of sources, as 16 digits. */
const char *ul_facts_model(void);
/* Whether bytes[0..length-1] begin as a facts file does, of any format. */
bool ul_facts_is(const void *bytes, uint64_t length);
/* FNV-1a, 64 bits: tells changed files apart, is no proof against forgery. */
uint64_t ul_facts_digest(const void *bytes, uint64_t length);
/* The value of the line of `made_by` that begins with "key: ", or "". In `arena`. */
const char *ul_facts_made(const char *made_by, const char *key, ul_arena *arena);

/*
 * Texts name files below `root` (absolute, no trailing slash) by a mark in its place, so that they are the same wherever the tree stands: hide puts the
 * mark there, show takes it away. What has no mark is shown as it is.
 */
const char *ul_facts_hide_root(const void *root, const char *text, ul_arena *arena);
const char *ul_facts_show_root(const void *root, const char *text, ul_arena *arena);
/* Whether the text has the mark in it. */
bool ul_facts_has_root(const char *text);

#endif
