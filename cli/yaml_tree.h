/*
 * YAML as a tree of values with their places, for the configuration: maps, lists and texts of one document. What a configuration
 * has no use for is an error: anchors and aliases (so that nothing can grow), tags, several documents, deep nesting.
 * Meaning is given to the texts elsewhere. UTF-8, or UTF-16 with a byte order mark; a mark is no part of the text.
 */
#ifndef UL_CLI_YAML_TREE_H
#define UL_CLI_YAML_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "layout/model/diag.h"

typedef enum ul_yaml_kind { UL_YAML_TEXT, UL_YAML_LIST, UL_YAML_MAP } ul_yaml_kind;

typedef struct ul_yaml ul_yaml;
struct ul_yaml {
    ul_yaml_kind kind;
    uint32_t line, column; /* 1-based; of a member of a map: where its value begins */
    bool is_empty;         /* nothing is written there: `key:` */
    const char *text;      /* UL_YAML_TEXT: in UTF-8, without NULs inside; else "" */
    const ul_yaml *key;    /* of a member of a map, else NULL; always a text */
    const ul_yaml *first;  /* child */
    const ul_yaml *next;   /* sibling */
};

/*
 * Reads bytes[0..length-1]; `path` is for messages. *root is NULL for a document without contents. UL_ERR_INPUT after a diagnostic with
 * line and column. Keys that stand twice in a map are errors too.
 */
ul_status ul_yaml_read(const ul_yaml **root, const char *path, const char *bytes, size_t length, ul_diags *diags,
                       ul_arena *arena) UL_MUST_USE;
/* "a text", "a list", "a map" or "nothing": for messages. */
const char *ul_yaml_kind_name(const ul_yaml *value);

#endif
