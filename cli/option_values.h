/*
 * From the text of options' arguments to the fields of a ul_config: numbers in their ranges, words of lists,
 * the reports that are asked for. Called by options.c, in the order of the command line: of two that
 * contradict each other the later counts.
 */
#ifndef UL_CLI_OPTION_VALUES_H
#define UL_CLI_OPTION_VALUES_H

#include "cli/option_table.h"

typedef struct ul_option_values {
    ul_config *config;
    ul_level *levels; /* config->levels, to be written */
    bool *has_level;  /* config->has_level */
    ul_words excluded, public_paths, profiles, facts;
    ul_words locks, unlocks, threads, setups;
    ul_output *outputs; /* of --output */
    uint32_t output_count, output_capacity;
    const ul_format *format; /* of --format, or NULL */
    const char *file;        /* of -o, or NULL */
    ul_diags *diags;
    ul_arena *arena;
} ul_option_values;

/* `config` has its defaults; its levels are copied. */
void ul_option_values_init(ul_option_values *values, ul_config *config, ul_diags *diags, ul_arena *arena);
/* Takes one option; `text` is NULL where it has no argument. UL_ERR_USAGE after a diagnostic. */
ul_status ul_option_values_set(ul_option_values *values, ul_option option, const char *text) UL_MUST_USE;
/* Sets what depends on several options. UL_ERR_USAGE after a diagnostic. */
ul_status ul_option_values_end(ul_option_values *values) UL_MUST_USE;

/* Takes the fields of --fields. UL_ERR_USAGE after a diagnostic. */
ul_status ul_option_fields_set(ul_option_values *values, const char *text) UL_MUST_USE;

/* "a, b or c". In `arena`. */
const char *ul_words_text(const char *const *words, uint32_t count, ul_arena *arena);
/* *index is the place of `text` among ul_values_words(kind). UL_ERR_USAGE after a diagnostic that calls it a
 * `noun`. */
ul_status ul_word_parse(uint32_t *index, ul_values kind, const char *noun, const char *text, ul_diags *diags,
                        ul_arena *arena) UL_MUST_USE;
/* "; did you mean 'near'?", or "" for NULL. */
const char *ul_did_you_mean(const char *near, ul_arena *arena);

#endif
