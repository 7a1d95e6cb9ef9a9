/*
 * What the parts of `ullage fix` share: the records with what is to become of each, the files, who uses them. A record
 * that may not change is kept, with an obstacle that says why, and everything is planned anew without it, since those
 * that hold it by value count on its size. For the files cli/fix*.c only.
 */
#ifndef UL_CLI_FIX_STATE_H
#define UL_CLI_FIX_STATE_H

#include "cli/fix_files.h"
#include "cli/fix_users.h"
#include "cli/line_findings.h"
#include "layout/model/lexer.h"
#include "layout/model/report.h"
#include "layout/model/use.h"
#include "layout/rewrite/initializers.h"
#include "layout/rewrite/rewrite.h"

typedef enum ul_fix_reason {
#define UL_FIX_REASON(id, name, text) UL_FIX_##id,
#include "cli/fix_reasons.def"
#undef UL_FIX_REASON
    UL_FIX_REASON_COUNT
} ul_fix_reason;

/* Indexes of the records that hold one by value, sorted. fix_holders.c */
typedef struct ul_fix_holders {
    uint32_t *items;
    uint32_t count, capacity;
} ul_fix_holders;

/* What is to become of entries[i]. */
typedef struct ul_fix_item {
    const ul_plan *wanted; /* its first: what could be had; NULL while it had none */
    const ul_usage *usage; /* with --goal lines: what is known of its use, or NULL */
    ul_finding_list said;  /* with --goal lines: what is found about its lines as it is */
    ul_fix fix;
    bool is_candidate;     /* asked for */
    bool is_kept;
    bool is_held;          /* kept for a while: by fix_proof.c, by fix_ask.c */
    bool is_accepted;      /* the answer was yes */
} ul_fix_item;

typedef struct ul_fixing { // ullage: ignore[reorder-saves] -- one a run
    const ul_config *config;
    ul_terminal *terminal;
    ul_selection *selection;
    const ul_run_units *units;
    ul_diags *diags;
    ul_arena *arena;
    const char *root;        /* of the work tree, else the working directory; with a trailing slash */
    const ul_entry *merged;  /* as read */
    ul_entry *entries;       /* as planned last */
    ul_fix_item *items;
    uint32_t count;
    ul_string_map by_key;    /* record key -> index + 1 */
    ul_fix_holders *direct_holders; /* by index */
    ul_fix_holders **holders; /* the same at any depth; NULL until asked */
    uint32_t *holder_marks;  /* of the last question */
    ul_words public_paths;   /* absolute; directories end in a slash */
    ul_fix_users *users;
    ul_uses uses;            /* of all units, each thing once */
    const ul_census *census; /* merged; NULL when nobody wants it */
    ul_fix_file *files;
    uint32_t file_count, file_capacity;
    char answer;             /* the last one; 'a' and 'q' hold for all that follow */
    bool only_looks;         /* for ul_fix_look: users outside the run and the goal do not count */
} ul_fixing;

/* Keeps entries[index] as it is. `detail` and `file` are borrowed. */
void ul_fix_keep(ul_fixing *of, uint32_t index, ul_fix_reason reason, const char *file, uint32_t line, const char *detail);
void ul_fix_keep_for(ul_fixing *of, uint32_t index, const ul_fix_obstacle *obstacle);
/* What the rewriter's refusal amounts to; its detail may name a better line than `line`. */
ul_fix_obstacle ul_fix_refused(const ul_rewrite_outcome *outcome, const char *file, uint32_t line);
/* Index of the entry of a key, or UINT32_MAX. */
uint32_t ul_fix_find(const ul_fixing *of, const char *key);
/* Once by_key is filled. */
void ul_fix_find_holders(ul_fixing *of);
/* Who holds entries[inner] by value, at any depth. */
const ul_fix_holders *ul_fix_holders_of(const ul_fixing *of, uint32_t inner);
/* Whether entries[outer] holds entries[inner] by value, at any depth. */
bool ul_fix_holds(const ul_fixing *of, uint32_t outer, uint32_t inner);
/* The file, read when first asked for; NULL when it cannot be read. */
ul_fix_file *ul_fix_file_of(ul_fixing *of, const char *path);

/* Plans every record with what is kept so far; keeps what records need that cannot be laid out anew. */
void ul_fix_plan(ul_fixing *of);
/* Plans and texts that fit together, without what is kept. */
void ul_fix_redo(ul_fixing *of);
/* Keeps what has a plan and must stay: by evidence, by unseen users, by what its file is. Whether there was any. fix_refuse.c */
bool ul_fix_refuse(ul_fixing *of);
/* Whether its head says that a program writes it. */
bool ul_fix_is_generated(const ul_fix_file *file);
/* Keeps entries[index] when an initializer of it may not be changed. fix_initializers.c */
void ul_fix_weigh_initializers(ul_fixing *of, uint32_t index);
/* Whether values change places in this file, or get designators. */
bool ul_fix_reorders(const ul_fixing *of, const char *path);
/* Reads the files of the initializers of what changes. */
void ul_fix_load_initializer_files(ul_fixing *of);
/* The edits of all initializers in `file`. False when one was refused: what depends on it is kept now. */
bool ul_fix_edit_initializers(ul_fixing *of, const ul_fix_file *file, ul_initializer_edits *edits);
/* Makes the new bytes of every file out of the plans. False when a text could not be rewritten: its records are kept now. fix_texts.c */
bool ul_fix_write_texts(ul_fixing *of);
/*
 * Has the compiler confirm the new bytes; keeps what it does not, until the rest is confirmed. UL_ERR_IO after a
 * diagnostic when no unit can be parsed. fix_proof.c
 */
ul_status ul_fix_prove(ul_fixing *of) UL_MUST_USE;
/*
 * An initializer by position of the record `key_after`, as the new texts have it, that sets fields otherwise than any did that the record
 * `key` had before; NULL when there is none. fix_values.c
 */
const ul_initializer *ul_fix_other_values(ul_fixing *of, const char *key, const ul_uses *after, const char *key_after);
/* Asks about each record that would change and has not been asked about; keeps those that are declined. Whether it asked. fix_ask.c */
bool ul_fix_ask(ul_fixing *of);
/* Runs the command of --verify-command in the root. Whether it ended with 0; what went wrong is an error. fix_verify.c */
bool ul_fix_verify(const ul_fixing *of);
/* With --goal lines: sets usage of every candidate that something is known of. fix_use.c */
void ul_fix_find_usages(ul_fixing *of);
/* What is found about the lines of a record, with that census. fix_findings.c */
ul_finding_list ul_fix_findings_of(const ul_fixing *of, const ul_entry *entry, const ul_census *census);
/* Keeps entries[index] when more is found about `after`, the same record as the new texts have it; census: with them. Whether it is kept. */
bool ul_fix_keep_worse(ul_fixing *of, uint32_t index, const ul_entry *after, const ul_census *census);
/* Text without what moves when lines do: a number after a colon. fix_layout_lines.c */
const char *ul_fix_settled_text(const char *text, ul_arena *arena);
/* One line that holds all that a layout is: equal lines, equal layouts. */
const char *ul_fix_layout_line(const ul_record *record, ul_arena *arena);
/* Says of records with a usage what came of it, once all is settled: notes for those that change, reasons for the others. */
void ul_fix_explain_use(ul_fixing *of);
/* How a declaration of the record's file is told to begin a line; NULL when the file cannot be read. */
const ul_align_style *ul_fix_align_style(ul_fixing *of, const ul_record *record);
/* Whether the line of the file is in assertions that `ullage guard` wrote and that are up to date: those are no obstacle. fix_guard.c */
bool ul_fix_is_own_guard(ul_fixing *of, const char *path, uint32_t line);
/* The edits that bring such assertions up to the planned layouts, and with --guard add some. In the arena. */
void ul_fix_edit_guards(ul_fixing *of, const ul_fix_file *file, ul_edit **edits, uint32_t *count);
/* Reads the files of records that change with those inside them. */
void ul_fix_load_guarded_files(ul_fixing *of);
/* The unified diff of all files, in the arena; "" when nothing changes. */
const char *ul_fix_diff(const ul_fixing *of);

#endif
