/*
 * What the formats that are JSON share: members that any reader can take, written item by item, so that the memory of a
 * document is that of one item. Text is made valid UTF-8, integers beyond 2^53 travel as strings. For report/ only.
 */
#ifndef UL_REPORT_JSON_ITEM_H
#define UL_REPORT_JSON_ITEM_H

#include <cjson/cJSON.h>

#include "layout/model/report.h"
#include "ullage/strbuf.h"

/* Adds a member; NULL becomes null. */
void ul_json_text(cJSON *object, const char *key, const char *text, ul_arena *arena);
void ul_json_count(cJSON *object, const char *key, uint64_t value);
/* A path, relative to the work tree where it lies below it. */
void ul_json_path(cJSON *object, const char *key, const char *path, const ul_report *report, ul_arena *arena);
/* Writes `item` after `lead` and ends it. */
void ul_json_write(ul_strbuf *out, const char *lead, cJSON *item);

#endif
