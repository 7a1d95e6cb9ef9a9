/*
 * What config_file.c and config_types.c share while they turn a tree of YAML into a ul_config_file. For these two only.
 */
#ifndef UL_CLI_CONFIG_READER_H
#define UL_CLI_CONFIG_READER_H

#include "cli/config_file.h"
#include "cli/yaml_tree.h"

typedef struct ul_config_reader {
    ul_config_file *file;
    ul_diags *diags;
    ul_arena *arena;
    bool has_failed;
} ul_config_reader;

void ul_config_complain(ul_config_reader *from, const ul_yaml *at, const char *format, ...) UL_PRINTF(3, 4);
/* "unknown NOUN 'word'", with the one of `words` that was probably meant, or all of them. */
void ul_config_complain_word(ul_config_reader *from, const ul_yaml *at, const char *noun, const char *word, const ul_words *words);
/* Whether the value is a text; complains that its key takes `noun` when not. */
bool ul_config_is_text(ul_config_reader *from, const ul_yaml *value, const char *noun);
/* Index of a rule, or the count of rules after a complaint. */
uint32_t ul_config_find_rule(ul_config_reader *from, const ul_yaml *at, const char *name);
/* Fills file->types from the value of `types`. */
void ul_config_read_types(ul_config_reader *from, const ul_yaml *value);

#endif
