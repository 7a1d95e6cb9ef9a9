/* Layouts as text: what is compared of them when a file has changed. */
#include <ctype.h>

#include "cli/fix_state.h"

/* Text without what moves when lines do: a number after a colon. */
static void add_settled(ul_strbuf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        ul_strbuf_putc(out, *at);
        while (*at == ':' && isdigit((unsigned char)at[1]))
            at++;
    }
}

const char *ul_fix_settled_text(const char *text, ul_arena *arena)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    add_settled(&out, text);
    const char *kept = ul_arena_strndup(arena, out.data ? out.data : "", out.length);
    ul_strbuf_free(&out);
    return kept;
}

const char *ul_fix_layout_line(const ul_record *record, ul_arena *arena)
{
    ul_strbuf out;
    ul_strbuf_init(&out);
    ul_strbuf_printf(&out, "%s\t", record->file);
    add_settled(&out, record->name);
    ul_strbuf_printf(&out, "\t%u %d %llu %u", record->target, record->kind, (unsigned long long)record->size_bytes, record->align_bytes);
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        ul_strbuf_printf(&out, "\t%s|%llu %llu %u %u|", field->name, (unsigned long long)field->offset_bits,
                         (unsigned long long)field->size_bits, field->align_bytes, field->parent);
        add_settled(&out, field->type);
    }
    if (out.has_failed)
        ul_terminal_out_of_memory(out.length);
    const char *kept = ul_arena_strndup(arena, out.data, out.length);
    ul_strbuf_free(&out);
    return kept;
}
