#include "report/json_item.h"

#include <inttypes.h>
#include <stdio.h>

#include "report/paths.h"
#include "report/utf8.h"

void ul_json_text(cJSON *object, const char *key, const char *text, ul_arena *arena)
{
    if (text)
        cJSON_AddStringToObject(object, key, ul_utf8_clean(text, arena));
    else
        cJSON_AddNullToObject(object, key);
}

/* Readers that keep doubles lose the last digits beyond 2^53. */
void ul_json_count(cJSON *object, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    if (value > UINT64_C(1) << 53)
        cJSON_AddStringToObject(object, key, text);
    else
        cJSON_AddRawToObject(object, key, text);
}

void ul_json_path(cJSON *object, const char *key, const char *path, const ul_report *report, ul_arena *arena)
{
    ul_json_text(object, key, ul_path_below(path, report->root), arena);
}

void ul_json_write(ul_strbuf *out, const char *lead, cJSON *item)
{
    char *text = item ? cJSON_PrintBuffered(item, 2048, 0) : NULL;
    ul_strbuf_puts(out, lead);
    if (text)
        ul_strbuf_puts(out, text);
    else
        out->has_failed = true;
    cJSON_free(text);
    cJSON_Delete(item);
}
