/*
 * Generated headers (gen_source.h) written as people write them: doc comments, trailing comments that go on below,
 * section headings, blank lines, several declarations on a line, tabs, CRLF. Each comment with an owner has a number;
 * the list of numbers tells which field it is about, so that a test can ask for it after an edit. For tests only.
 */
#ifndef UL_TESTS_DRESSED_SOURCE_H
#define UL_TESTS_DRESSED_SOURCE_H

#include <stdio.h>

#include "tests/gen_source.h"

typedef enum dress_place { DRESS_ABOVE, DRESS_BEHIND, DRESS_BELOW } dress_place;

typedef struct dress_mark {
    const char *field; /* first field of the declaration */
    dress_place place;
} dress_mark;

typedef struct dresser {
    gen_source *source;
    ul_arena *arena;
    ul_strbuf out;
    dress_mark *marks;
    uint32_t mark_count, mark_capacity;
    bool has_tabs, has_crlf;
} dresser;

static inline uint32_t dress_mark_add(dresser *d, const gen_decl *decl, dress_place place)
{
    UL_RESERVE(d->arena, d->marks, d->mark_count, d->mark_capacity);
    d->marks[d->mark_count] = (dress_mark){decl->names[0], place};
    return d->mark_count++;
}

static inline void dress_indent(dresser *d, uint32_t level)
{
    ul_strbuf_fill(&d->out, d->has_tabs ? '\t' : ' ', d->has_tabs ? level : 4 * level);
}

static inline bool dress_is_owned(const gen_decl *decl)
{
    return decl->name_count > 0 && decl->names[0][0] != '\0';
}

/* Blank lines and comments that are nobody's. */
static inline void dress_between(dresser *d, uint32_t level)
{
    static const char *const headings[] = {"/* --- %u --- */", "/* stats */", "/* part %u: */", "// ---- %u ----",
                                           "/*\n * ===== %u =====\n */", "/* lines of text that are about %u\n * fields. */"};
    if (gen_chance(d->source, 25))
        ul_strbuf_putc(&d->out, '\n');
    if (!gen_chance(d->source, 8))
        return;
    dress_indent(d, level);
    const char *heading = GEN_PICK(d->source, headings), *mark = strstr(heading, "%u");
    if (mark)
        ul_strbuf_printf(&d->out, "%.*s%u%s", (int)(mark - heading), heading, gen_below(d->source, 100), mark + 2);
    else
        ul_strbuf_puts(&d->out, heading);
    ul_strbuf_puts(&d->out, gen_chance(d->source, 25) ? "\n\n" : "\n");
}

/* True when what it wrote may be read as another's when the declaration has one behind it too. */
static inline bool dress_above(dresser *d, const gen_decl *decl, uint32_t level)
{
    static const char *const shapes[] = {"/** documents #%u. */", "/// documents #%u.", "/* this one is #%u. */",
                                         "// and that is #%u, here", "/*\n     * Some lines that are about\n     * #%u.\n     */"};
    if (!dress_is_owned(decl) || !gen_chance(d->source, 15))
        return false;
    dress_indent(d, level);
    bool has_comment = strpbrk(decl->head, "/") != NULL; /* the generator's own */
    const char *shape = shapes[gen_below(d->source, has_comment ? 2 : 5)], *mark = strstr(shape, "%u");
    ul_strbuf_printf(&d->out, "%.*s%u%s\n", (int)(mark - shape), shape, dress_mark_add(d, decl, DRESS_ABOVE), mark + 2);
    return !strstr(shape, "documents");
}

/* A comment behind the declaration, perhaps with more below, in a column further right than any declaration's. */
static inline void dress_behind(dresser *d, const gen_decl *decl)
{
    if (!dress_is_owned(decl) || decl->nested || !gen_chance(d->source, 25))
        return;
    bool is_line = gen_chance(d->source, 40);
    const char *pad = gen_chance(d->source, 50) ? "\t" : " ";
    uint32_t length = (uint32_t)d->out.length, begin = length;
    while (begin > 0 && d->out.data[begin - 1] != '\n')
        begin--;
    uint32_t column = 0;
    for (uint32_t i = begin; i < length; i++)
        column = d->out.data[i] == '\t' ? (column / 8 + 1) * 8 : column + 1;
    column = *pad == '\t' ? (column / 8 + 1) * 8 : column + 1;
    ul_strbuf_printf(&d->out, is_line ? "%s// #%u" : "%s/* #%u */", pad, dress_mark_add(d, decl, DRESS_BEHIND));
    if (!gen_chance(d->source, 20))
        return;
    ul_strbuf_putc(&d->out, '\n');
    ul_strbuf_fill(&d->out, ' ', column);
    ul_strbuf_printf(&d->out, is_line ? "// more on #%u" : "/* more on #%u */", dress_mark_add(d, decl, DRESS_BELOW));
}

static inline bool dress_is_short(const gen_decl *decl)
{
    return decl->head[0] != '#' && !decl->nested && decl->name_count && !strpbrk(decl->head, "\n/");
}

static inline void dress_record(dresser *d, gen_record *record, uint32_t level)
{
    ul_strbuf_printf(&d->out, "%s%s\n", record->before, record->head);
    bool is_open = false;
    for (uint32_t i = 0; i < record->decl_count; i++) {
        const gen_decl *decl = &record->decls[i];
        bool is_told = false;
        bool joins = is_open && dress_is_short(decl) && gen_chance(d->source, 10);
        if (joins) {
            d->out.length--; /* the newline */
            ul_strbuf_putc(&d->out, ' ');
        } else if (decl->head[0] != '#') {
            dress_between(d, level + 1);
            is_told = dress_above(d, decl, level + 1);
            dress_indent(d, level + 1);
        }
        ul_strbuf_puts(&d->out, decl->head);
        if (decl->nested) {
            dress_record(d, decl->nested, level + 1);
            ul_strbuf_puts(&d->out, decl->tail);
        }
        uint32_t marks = d->mark_count;
        const char *line = strrchr(decl->head, '\n');
        if (decl->head[0] != '#' && !is_told && !strstr(line ? line : decl->head, "//") && !strstr(decl->head, "/* two") &&
            !strstr(decl->head, "\\\n"))
            dress_behind(d, decl);
        is_open = dress_is_short(decl) && marks == d->mark_count;
        ul_strbuf_putc(&d->out, '\n');
    }
    if (record->decl_count)
        dress_between(d, level + 1);
    if (level)
        dress_indent(d, level);
    ul_strbuf_puts(&d->out, record->tail);
}

/* The whole header in d->out, and its marks. */
static inline void dress(dresser *d, gen_source *source, ul_arena *arena, bool has_tabs, bool has_crlf)
{
    *d = (dresser){.source = source, .arena = arena, .has_tabs = has_tabs, .has_crlf = has_crlf};
    ul_strbuf_init(&d->out);
    ul_strbuf_puts(&d->out, gen_prologue);
    for (uint32_t i = 0; i < source->count; i++) {
        dress_record(d, source->records[i], 0);
        ul_strbuf_puts(&d->out, "\n\n");
    }
    ul_strbuf_puts(&d->out, "#endif\n");
    if (!has_crlf)
        return;
    ul_strbuf text;
    ul_strbuf_init(&text);
    for (size_t i = 0; i < d->out.length; i++) {
        if (d->out.data[i] == '\n')
            ul_strbuf_putc(&text, '\r');
        ul_strbuf_putc(&text, d->out.data[i]);
    }
    ul_strbuf_free(&d->out);
    d->out = text;
}

#endif
