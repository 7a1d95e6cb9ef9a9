/*
 * Two states of the source, record by record, to what became of each. Pure: the result depends on the request alone and
 * borrows its entries. Whose files changed, were renamed or are public the caller knows.
 */
#ifndef UL_ENGINE_CHANGES_H
#define UL_ENGINE_CHANGES_H

#include "layout/model/change.h"

/* A file that differs between the sides. Absolute and resolved; one of both may be NULL: new, or deleted. */
typedef struct ul_file_change {
    const char *before, *after;
} ul_file_change;

typedef struct ul_changes_request { // ullage: ignore[reorder-saves] -- one a run
    const ul_entry *before, *after; /* sorted by file, as ul_merge_units gives them; facts filled in */
    uint32_t before_count, after_count;
    const ul_target *targets;
    uint32_t target_count;
    const ul_file_change *files;
    uint32_t file_count;
    bool is_before_whole, is_after_whole; /* every unit of the side was read without errors */
    const ul_diag *guards; /* of the new side: assertions that fail there and did not before */
    uint32_t guard_count;
    uint32_t fail_on; /* bits 1 << ul_effect */
    bool is_abi;
    /* Whether the records of `file` are public: NULL for none. */
    bool (*is_public)(void *context, const char *file);
    void *context;
} ul_changes_request;

/*
 * Compares. A record counts as added or removed only where its file changed: what an unchanged file lost sight of
 * was merely not read. Items, and whatever they point to, live in `arena`; names of the sides are left to the caller.
 */
void ul_changes_find(ul_changes *out, const ul_changes_request *request, ul_arena *arena);

/* The fields part alone: what became of the fields of `before` in `after`. *count is set. */
const ul_field_change *ul_field_changes_of(uint32_t *count, const ul_record *before, const ul_record *after, ul_arena *arena);
/*
 * The field of `after` that is fields[i] of `before`, or UL_NO_PARENT: by name, or renamed in its place. The table lives in `arena`.
 */
const uint32_t *ul_field_matches(const ul_record *before, const ul_record *after, ul_arena *arena);

#endif
