#include "report/explain.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "report/ink.h"

static bool is_known(const ul_rule_info *const *rules, uint32_t count, const char *name)
{
    bool is_found = name == NULL;
    for (uint32_t i = 0; i < count && !is_found; i++)
        is_found = strcmp(rules[i]->name, name) == 0;
    return is_found;
}

/* Paragraphs, kept apart by blank lines, wrapped. */
static void draw_prose(ul_ink *ink, const char *heading, const char *text)
{
    ul_strbuf_putc(ink->out, '\n');
    ul_ink_style(ink, UL_STYLE_STRONG);
    ul_ink_text(ink, heading);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
    ul_strbuf_puts(ink->out, "  ");
    ul_ink_wrap(ink, text, 2, 2);
}

/* Line by line, as it stands and whole: code that is cut is of no use to anybody. */
static void draw_example(ul_ink *ink, const char *text)
{
    ul_strbuf_putc(ink->out, '\n');
    ul_ink_style(ink, UL_STYLE_STRONG);
    ul_ink_text(ink, "Example");
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_putc(ink->out, '\n');
    while (*text) {
        size_t length = strcspn(text, "\n");
        if (length) {
            ul_strbuf_puts(ink->out, "  ");
            ul_ink_cut(ink, text, length, UINT32_MAX);
        }
        ul_strbuf_putc(ink->out, '\n');
        text += length + (text[length] == '\n');
    }
}

static void draw_rule(ul_ink *ink, const ul_rule_info *rule)
{
    ul_ink_style(ink, UL_STYLE_STRONG);
    ul_ink_text(ink, rule->name);
    ul_ink_style(ink, UL_STYLE_PLAIN);
    ul_strbuf_printf(ink->out, " (%s unless a finding earns less)\n  ", ul_level_name(rule->level));
    ul_ink_wrap(ink, rule->summary, 2, 2);
    draw_prose(ink, "Meaning", rule->meaning);
    draw_prose(ink, "Why it matters", rule->why);
    draw_example(ink, rule->example);
    draw_prose(ink, "To silence it", rule->silence);
}

ul_status ul_explain_render(ul_strbuf *out, const ul_rule_info *const *rules, uint32_t count, const char *name,
                            const ul_render_options *options)
{
    ul_ink ink;
    if (!is_known(rules, count, name))
        return UL_ERR_USAGE;
    ul_ink_init(&ink, out, options);
    size_t widest = 0;
    for (uint32_t i = 0; i < count; i++)
        widest = strlen(rules[i]->name) > widest ? strlen(rules[i]->name) : widest;
    for (uint32_t i = 0; i < count; i++) {
        if (name && strcmp(rules[i]->name, name) == 0)
            draw_rule(&ink, rules[i]);
        if (name)
            continue;
        ul_strbuf_printf(out, "%-*s  %-7s  ", (int)widest, rules[i]->name, ul_level_name(rules[i]->level));
        ul_ink_wrap(&ink, rules[i]->summary, (uint32_t)widest + 11, (uint32_t)widest + 11);
    }
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}

ul_status ul_explain_render_json(ul_strbuf *out, const ul_rule_info *const *rules, uint32_t count, const char *name)
{
    if (!is_known(rules, count, name))
        return UL_ERR_USAGE;
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "schema", "ullage.explain/1");
    cJSON *list = cJSON_AddArrayToObject(document, "rules");
    for (uint32_t i = 0; i < count; i++) {
        if (name && strcmp(rules[i]->name, name) != 0)
            continue;
        cJSON *item = cJSON_CreateObject();
        cJSON_AddStringToObject(item, "name", rules[i]->name);
        cJSON_AddStringToObject(item, "level", ul_level_name(rules[i]->level));
        cJSON_AddStringToObject(item, "summary", rules[i]->summary);
        cJSON_AddStringToObject(item, "meaning", rules[i]->meaning);
        cJSON_AddStringToObject(item, "why", rules[i]->why);
        cJSON_AddStringToObject(item, "example", rules[i]->example);
        cJSON_AddStringToObject(item, "silence", rules[i]->silence);
        cJSON_AddItemToArray(list, item);
    }
    char *text = cJSON_Print(document);
    cJSON_Delete(document);
    if (!text)
        return UL_ERR_NOMEM;
    ul_strbuf_puts(out, text);
    ul_strbuf_putc(out, '\n');
    cJSON_free(text);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}
