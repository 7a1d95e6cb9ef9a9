/*
 * What one run of the tool was asked to do. Filled by options.c from the command line, const afterwards:
 * everything in cli reads it through one pointer. Plain data, no behaviour; strings live in the run's arena or in argv.
 */
#ifndef UL_CLI_CONFIG_H
#define UL_CLI_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/model/census.h"
#include "layout/model/diag.h"
#include "layout/model/target.h"
#include "report/format.h"

typedef enum ul_command {
    UL_COMMAND_NONE,
#define UL_COMMAND(id, name, arguments, summary, description) UL_COMMAND_##id,
#include "cli/options.def"
    UL_COMMAND_COUNT
} ul_command;

typedef enum ul_color { UL_COLOR_AUTO, UL_COLOR_ALWAYS, UL_COLOR_NEVER } ul_color;

/* Which units a header is read in. */
typedef enum ul_units { UL_UNITS_ONE, UL_UNITS_ALL } ul_units;

/* What makes a plan worth its change. */
typedef enum ul_goal {
    UL_GOAL_SIZE, /* any byte */
    UL_GOAL_LINES, /* a layout for use; where nothing tells of it, fewer cache lines or fewer fields that cross one */
    UL_GOAL_CLASS  /* a smaller class of the allocator, or fewer cache lines */
} ul_goal;

typedef enum ul_initializers_mode { UL_INITIALIZERS_BY_UNIT, UL_INITIALIZERS_DESIGNATE, UL_INITIALIZERS_REORDER, UL_INITIALIZERS_REFUSE } ul_initializers_mode;

typedef struct ul_output {
    const ul_format *format;
    const char *file; /* NULL for standard output */
} ul_output;

typedef struct ul_config { // ullage: ignore[reorder-saves, flags-to-bits] -- one a run, in the order of the help
    ul_command command;
    bool wants_help;    /* for `command`, or in general when it is UL_COMMAND_NONE */
    bool wants_version;
    bool wants_manual;  /* the options as scdoc source, for the build of the manual page */
    const char *const *paths; /* as given, lists expanded; for explain a rule, for completions a shell */
    uint32_t path_count;
    bool has_path_list; /* a list was read: no paths then means none, not the current directory */
    const char *build;          /* -p: a directory or a file, or NULL */
    const char *const *flags;   /* after `--` */
    uint32_t flag_count;
    bool has_flags;             /* `--` was given, with or without flags after it */
    const char *struct_name;    /* NULL for every record */
    const char *targets[UL_TARGETS_MAX];
    uint32_t target_count;      /* 0: the compiler's own */
    uint32_t line_bytes;        /* 0: as the target has it */
    uint32_t span_bytes;        /* that writers are kept apart; 0: a line */
    const ul_allocator_table *allocator;
    const ul_output *outputs;   /* at least one */
    uint32_t output_count;
    const ul_level *levels;     /* by rule index */
    const bool *has_level;      /* by rule index: --rule named it */
    ul_level fail_level;
    uint32_t allow;             /* bits of ul_allow */
    uint32_t allow_evidence;    /* a bit of `1 << ul_evidence_kind` each */
    ul_goal goal;
    ul_initializers_mode initializers;
    const char *const *public_paths; /* as given */
    uint32_t public_count;
    const char *verify_command; /* NULL: none */
    const char *const *bench_fields; /* --fields: one or two */
    uint32_t bench_field_count;
    uint32_t bench_seconds;
    const char *compiler;       /* --cc */
    const char *bench_source;   /* --source: written, nothing is run; or NULL */
    const char *bench_directory;/* --keep, or NULL */
    bool wants_diff;
    bool wants_check;
    bool wants_write;           /* guard: below the records */
    bool guards_all_records, guards_all_offsets;
    bool wants_guard;           /* fix: assertions below what changes */
    bool is_interactive;
    const char *const *excluded;/* as given */
    uint32_t excluded_count;
    ul_census_names names;      /* of locks, threads and setup functions */
    ul_units units;
    ul_color color;
    uint32_t jobs;              /* at least 1 */
    uint32_t timeout_seconds;   /* for a unit; 0 for none */
    uint64_t memory_bytes;      /* address space of a worker; 0 for none */
    uint64_t given[2];          /* what the command line says: ul_option_is_given */
    struct ul_settings *settings; /* of the configuration files; NULL for a command that reads none */
    const char *config_file;    /* --config: read this one only, or NULL */
    const char *shown_path;     /* config --show, or NULL */
    uint32_t fail_on;           /* diff: bits 1 << ul_effect */
    const char *header_filter;  /* --header-filter, or NULL */
    const char *const *profile_files; /* --profile, as given */
    uint32_t profile_count;
    const char *baseline_file;  /* check: --baseline, or NULL */
    const char *const *facts;   /* --facts: files to read instead of sources */
    uint32_t facts_count;
    const char *root;           /* --root: what paths in facts are relative to, or NULL */
    const char *depfile;        /* facts: --depfile, or NULL */
    bool updates_baseline;      /* check: --update-baseline */
    bool allows_stale;          /* check: --allow-stale */
    bool is_staged;             /* diff: the new side is the index */
    bool wants_abi;             /* diff: breaks of binary compatibility are effects */
    bool reads_no_config;       /* --no-config */
    bool wants_all;
    bool wants_system;
    bool wants_stats;
    bool reads_bodies;
    bool reads_census;          /* some rule or report wants it */
    bool reads_uses;            /* some rule or the command wants them */
    bool reads_initializers;    /* the same for those by position */
    bool layout_only;           /* no rule wants function bodies */
    bool shows_census;
    bool shows_all_evidence;
    bool keeps_going;
    bool is_quiet;
    bool is_verbose;
} ul_config;

#endif
