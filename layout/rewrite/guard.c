#include "layout/rewrite/guard.h"

#include <stdlib.h>
#include <string.h>

typedef unsigned long long ull;

enum { LINE_COLUMNS = 100 };

/* Fields that belong together, by annotation or between markers; members by offset. */
typedef struct group {
    const char *label; /* "hot(rx)" */
    bool is_writer;
    uint32_t *fields;
    uint32_t count, capacity;
} group;

typedef struct writing {
    ul_strbuf *out;
    const ul_guard_style *style;
    const ul_record *record;
    const char *name;  /* in messages: without its keyword */
    uint32_t line_bytes;
    group *groups;
    uint32_t group_count, group_capacity;
    bool *is_pinned;   /* by field: its place has been asserted, or will be */
    const char **held; /* conditions so far: each is written once */
    uint32_t held_count, held_capacity;
    ul_arena *arena;
} writing;

/* --- Lines. --- */

/* One assertion; a long one has its words on a line of their own. */
static void hold(writing *w, const char *condition, const char *words)
{
    const ul_guard_style *style = w->style;
    for (uint32_t i = 0; i < w->held_count; i++) {
        if (strcmp(w->held[i], condition) == 0)
            return;
    }
    UL_RESERVE(w->arena, w->held, w->held_count, w->held_capacity);
    w->held[w->held_count++] = condition;
    size_t length = strlen(style->indent) + strlen(condition) + strlen(words) + 18;
    ul_strbuf_printf(w->out, "%sULLAGE_HOLD(%s,", style->indent, condition);
    if (length > LINE_COLUMNS)
        ul_strbuf_printf(w->out, "%s%s            ", style->newline, style->indent);
    else
        ul_strbuf_putc(w->out, ' ');
    ul_strbuf_printf(w->out, "\"%s\");%s", words, style->newline);
}

static uint64_t offset_of(const writing *w, uint32_t field)
{
    return w->record->fields[field].offset_bits / 8;
}

static uint64_t end_of(const writing *w, uint32_t field)
{
    const ul_field *it = &w->record->fields[field];
    return (it->offset_bits + it->size_bits + 7) / 8;
}

static const char *offset_text(writing *w, uint32_t field)
{
    return ul_arena_printf(w->arena, "%s(%s, %s)", w->style->offset_of, w->record->name, w->record->fields[field].name);
}

static const char *size_text(writing *w, uint32_t field)
{
    return ul_arena_printf(w->arena, "sizeof(((%s *)0)->%s)", w->record->name, w->record->fields[field].name);
}

/* Whether C can say where the field is. */
static bool has_offset(const ul_field *field)
{
    return field->name[0] && !(field->flags & UL_FIELD_BIT_FIELD);
}

static bool has_size(const ul_field *field)
{
    return field->size_bits > 0 && !(field->flags & (UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH));
}

/* --- Single fields. --- */

static void pin(writing *w, uint32_t field, const char *about)
{
    if (w->is_pinned[field])
        return;
    w->is_pinned[field] = true;
    hold(w, ul_arena_printf(w->arena, "%s == %llu", offset_text(w, field), (ull)offset_of(w, field)),
         ul_arena_printf(w->arena, "%s.%s moved: was at byte %llu%s", w->name, w->record->fields[field].name, (ull)offset_of(w, field), about));
}

/* Bits have no offset; what stands beside them has. */
static void pin_beside(writing *w, uint32_t field)
{
    const ul_record *record = w->record;
    const char *bits = record->fields[field].name;
    const char *about = ul_arena_printf(w->arena, ", beside the bits of %s", *bits ? bits : "its neighbour");
    for (uint32_t i = field; i-- > 0;) {
        if (record->fields[i].parent == record->fields[field].parent && has_offset(&record->fields[i])) {
            pin(w, i, about);
            break;
        }
    }
    for (uint32_t i = field + 1; i < record->field_count; i++) {
        if (record->fields[i].parent == record->fields[field].parent && has_offset(&record->fields[i])) {
            pin(w, i, about);
            break;
        }
    }
}

static void pin_line(writing *w, uint32_t field)
{
    if (w->is_pinned[field])
        return;
    w->is_pinned[field] = true;
    ull line = offset_of(w, field) / w->line_bytes;
    hold(w, ul_arena_printf(w->arena, "%s / %u == %llu", offset_text(w, field), w->line_bytes, line),
         ul_arena_printf(w->arena, "%s.%s moved off line %llu: was at byte %llu", w->name, w->record->fields[field].name, line, (ull)offset_of(w, field)));
}

/* --- Groups. --- */

static group *group_named(writing *w, const char *label, bool is_writer)
{
    for (uint32_t i = 0; i < w->group_count; i++) {
        if (strcmp(w->groups[i].label, label) == 0)
            return &w->groups[i];
    }
    UL_RESERVE(w->arena, w->groups, w->group_count, w->group_capacity);
    w->groups[w->group_count] = (group){.label = label, .is_writer = is_writer};
    return &w->groups[w->group_count++];
}

static void add_field(writing *w, group *to, uint32_t field)
{
    for (uint32_t i = 0; i < to->count; i++) {
        if (to->fields[i] == field)
            return;
    }
    UL_RESERVE(w->arena, to->fields, to->count, to->capacity);
    to->fields[to->count++] = field;
}

/* The field, or those of the anonymous member that it is. */
static void add_member(writing *w, group *to, uint32_t field)
{
    const ul_record *record = w->record;
    if (record->fields[field].name[0] || record->fields[field].flags & UL_FIELD_BIT_FIELD) {
        add_field(w, to, field);
        return;
    }
    for (uint32_t i = field + 1; i < record->field_count; i++) {
        if (record->fields[i].parent == field)
            add_member(w, to, i);
    }
}

static const char *group_label(writing *w, const ul_annotation *annotation)
{
    const char *word = annotation->kind == UL_ANNOTATION_HOT ? "hot" : annotation->kind == UL_ANNOTATION_WRITER ? "writer" : "readmostly";
    return *annotation->argument ? ul_arena_printf(w->arena, "%s(%s)", word, annotation->argument) : word;
}

static bool is_group(ul_annotation_kind kind)
{
    return kind == UL_ANNOTATION_HOT || kind == UL_ANNOTATION_WRITER || kind == UL_ANNOTATION_READMOSTLY;
}

/* The name of the group that a marker of __cacheline_group_begin (or _end) makes, or NULL. */
static const char *marked_group(const ul_field *field, const char *word)
{
    size_t length = strlen(word);
    return strncmp(field->name, word, length) == 0 ? field->name + length : NULL;
}

/* By their first field: annotations of a configuration come in its order. */
static void sort_groups(writing *w)
{
    for (uint32_t i = 1; i < w->group_count; i++) {
        group moved = w->groups[i];
        uint32_t at = i;
        for (; at > 0 && moved.count && w->groups[at - 1].count && w->groups[at - 1].fields[0] > moved.fields[0]; at--)
            w->groups[at] = w->groups[at - 1];
        w->groups[at] = moved;
    }
}

static void collect_groups(writing *w)
{
    static const char begin[] = "__cacheline_group_begin__", end[] = "__cacheline_group_end__";
    const ul_record *record = w->record;
    const char *open = NULL;
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (is_group(annotation->kind) && annotation->field < record->field_count)
            add_member(w, group_named(w, group_label(w, annotation), annotation->kind == UL_ANNOTATION_WRITER), annotation->field);
    }
    sort_groups(w);
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent != UL_NO_PARENT)
            continue;
        if (marked_group(&record->fields[i], begin))
            open = marked_group(&record->fields[i], begin);
        else if (marked_group(&record->fields[i], end))
            open = NULL;
        else if (open)
            add_member(w, group_named(w, ul_arena_printf(w->arena, "cacheline group %s", open), false), i);
    }
}

/* Members whose place C can say, by offset; the others are left to what stands beside them. */
static void order_members(writing *w, group *of)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        if (!has_offset(&w->record->fields[of->fields[i]])) {
            pin_beside(w, of->fields[i]);
            continue;
        }
        uint32_t field = of->fields[i], at = kept++;
        for (; at > 0 && offset_of(w, of->fields[at - 1]) > offset_of(w, field); at--)
            of->fields[at] = of->fields[at - 1];
        of->fields[at] = field;
    }
    of->count = kept;
}

/* The member that ends last; fields of a union may overlap. */
static uint32_t last_of(const writing *w, const group *of)
{
    uint32_t last = of->fields[0];
    for (uint32_t i = 1; i < of->count; i++) {
        if (end_of(w, of->fields[i]) >= end_of(w, last))
            last = of->fields[i];
    }
    return last;
}

static void hold_group(writing *w, group *of)
{
    if (of->count == 0)
        return;
    uint32_t first = of->fields[0], last = last_of(w, of);
    hold(w, ul_arena_printf(w->arena, "%s == %llu", offset_text(w, first), (ull)offset_of(w, first)),
         ul_arena_printf(w->arena, "%s.%s moved from byte %llu, where %s began", w->name, w->record->fields[first].name, (ull)offset_of(w, first), of->label));
    for (uint32_t i = 1; i < of->count; i++)
        pin_line(w, of->fields[i]);
    if (!has_size(&w->record->fields[last]))
        return;
    hold(w, ul_arena_printf(w->arena, "%s + %s == %llu", offset_text(w, last), size_text(w, last), (ull)end_of(w, last)),
         ul_arena_printf(w->arena, "%s.%s no longer ends at byte %llu of line %llu, where %s ended", w->name, w->record->fields[last].name,
                         (ull)end_of(w, last), (ull)((end_of(w, last) - 1) / w->line_bytes), of->label));
}

/* What one thread writes stays off the lines of the group that follows it, where it is off them. */
static void hold_apart(writing *w)
{
    for (uint32_t i = 0; i < w->group_count; i++) {
        const group *a = &w->groups[i], *nearest = NULL;
        if (a->count == 0)
            continue;
        uint32_t last = last_of(w, a);
        for (uint32_t k = 0; k < w->group_count; k++) {
            const group *b = &w->groups[k];
            if (k == i || b->count == 0 || !(a->is_writer || b->is_writer) || offset_of(w, b->fields[0]) < end_of(w, last))
                continue;
            if (!nearest || offset_of(w, b->fields[0]) < offset_of(w, nearest->fields[0]))
                nearest = b;
        }
        if (!nearest || !has_size(&w->record->fields[last]) ||
            offset_of(w, nearest->fields[0]) / w->line_bytes <= (end_of(w, last) - 1) / w->line_bytes)
            continue;
        uint32_t first = nearest->fields[0];
        hold(w, ul_arena_printf(w->arena, "(%s + %s - 1) / %u%s%s            < %s / %u", offset_text(w, last), size_text(w, last), w->line_bytes,
                                w->style->newline, w->style->indent, offset_text(w, first), w->line_bytes),
             ul_arena_printf(w->arena, "%s.%s of %s shares a line with %s.%s of %s", w->name, w->record->fields[first].name, nearest->label, w->name,
                             w->record->fields[last].name, a->label));
    }
}

/* The first field of each line: what moves them moves everything behind. */
static void hold_lines(writing *w)
{
    uint64_t line = 0;
    for (uint32_t i = 0; i < w->record->field_count; i++) {
        const ul_field *field = &w->record->fields[i];
        if (field->parent != UL_NO_PARENT || !has_offset(field) || offset_of(w, i) / w->line_bytes <= line)
            continue;
        line = offset_of(w, i) / w->line_bytes;
        pin_line(w, i);
    }
}

static bool is_told(const ul_record *record, uint32_t field)
{
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        if (record->annotations[i].kind == UL_ANNOTATION_GUARD && record->annotations[i].field == field)
            return true;
    }
    return false;
}

bool ul_guard_is_asked(const ul_record *record)
{
    for (uint32_t i = 0; i < record->annotation_count; i++) {
        const ul_annotation *annotation = &record->annotations[i];
        if (annotation->kind == UL_ANNOTATION_GUARD || (is_group(annotation->kind) && annotation->field != UL_NO_PARENT))
            return true;
    }
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && marked_group(&record->fields[i], "__cacheline_group_begin__"))
            return true;
    }
    return false;
}

static const char *bare_name(const char *name)
{
    return strncmp(name, "struct ", 7) == 0 ? name + 7 : strncmp(name, "union ", 6) == 0 ? name + 6 : name;
}

/* The assertions of one record. */
static void write_record(ul_strbuf *out, const ul_guarded *item, const ul_guard_style *style, ul_arena *arena)
{
    const ul_record *record = item->record;
    writing w = {.out = out, .style = style, .record = record, .name = bare_name(record->name), .line_bytes = item->target->line_bytes,
                 .is_pinned = UL_NEW_ARRAY(arena, bool, record->field_count + 1u), .arena = arena};
    bool holds_all = (item->holds_all || is_told(record, UL_NO_PARENT)) && record->kind == UL_RECORD_STRUCT;
    hold(&w, ul_arena_printf(arena, "sizeof(%s) == %llu", record->name, (ull)record->size_bytes),
         ul_arena_printf(arena, "%s is no longer %llu bytes", w.name, (ull)record->size_bytes));
    hold(&w, ul_arena_printf(arena, "__alignof__(%s) == %u", record->name, record->align_bytes),
         ul_arena_printf(arena, "%s is no longer aligned to %u bytes", w.name, record->align_bytes));
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (!(holds_all || is_told(record, i)))
            continue;
        if (has_offset(&record->fields[i]))
            pin(&w, i, "");
        else if (record->fields[i].flags & UL_FIELD_BIT_FIELD)
            pin_beside(&w, i);
    }
    collect_groups(&w);
    for (uint32_t i = 0; i < w.group_count; i++) {
        order_members(&w, &w.groups[i]);
        if (w.groups[i].count)
            w.is_pinned[w.groups[i].fields[0]] = true; /* to the byte: its line says no more */
    }
    for (uint32_t i = 0; i < w.group_count; i++)
        hold_group(&w, &w.groups[i]);
    hold_apart(&w);
    if (w.group_count == 0 && !holds_all && record->kind == UL_RECORD_STRUCT)
        hold_lines(&w);
}

/* --- Targets. --- */

/* What the compiler's macros say of a target; two that the same words fit are one to the reader of the text. */
static const char *condition_of(const ul_target *target, ul_arena *arena)
{
    bool is_windows = strstr(target->triple, "windows") || strstr(target->triple, "mingw") || strstr(target->triple, "msvc");
    const char *triple = target->triple;
    bool is_i386 = triple[0] == 'i' && triple[1] >= '3' && triple[1] <= '7' && strncmp(triple + 2, "86", 2) == 0;
    uint32_t long_bytes = is_windows ? 4 : target->pointer_bytes;
    const char *more = target->pointer_bytes != 4 ? "" : is_i386 ? " && defined __i386__" : " && !defined __i386__"; /* it aligns 8 bytes to 4 */
    return ul_arena_printf(arena, "__SIZEOF_POINTER__ == %u && __SIZEOF_LONG__ == %u%s", target->pointer_bytes, long_bytes, more);
}

static const char *text_of(const ul_guarded *item, const ul_guard_style *style, ul_arena *arena)
{
    ul_strbuf text;
    ul_strbuf_init(&text);
    write_record(&text, item, style, arena);
    const char *copy = text.has_failed ? NULL : ul_arena_strndup(arena, text.data, text.length);
    ul_strbuf_free(&text);
    return copy;
}

/* A record's text under its target's condition. */
typedef struct section {
    const char *condition, *text;
    const ul_guarded *item;
    bool is_done;
} section;

/*
 * 1. Each item becomes text; the same record under the same condition must be the same text.
 * 2. Conditions in the order of their first item, each with the texts of all its items.
 */
ul_status ul_guard_write(ul_strbuf *out, const ul_guarded *items, uint32_t count, const ul_guard_style *style, const char **detail, ul_arena *arena)
{
    const char *newline = style->newline;
    section *sections = UL_NEW_ARRAY(arena, section, count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        sections[i] = (section){condition_of(items[i].target, arena), text_of(&items[i], style, arena), &items[i], false};
        if (!sections[i].text)
            return UL_ERR_NOMEM;
        for (uint32_t k = 0; k < i; k++) {
            if (strcmp(items[k].record->key, items[i].record->key) != 0 || strcmp(sections[k].condition, sections[i].condition) != 0)
                continue;
            if (strcmp(sections[k].text, sections[i].text) != 0) {
                *detail = ul_arena_printf(arena, "`%s` is laid out otherwise for %s than for %s, and %s holds for both", items[i].record->name,
                                          items[i].target->triple, items[k].target->triple, sections[i].condition);
                return UL_ERR_INPUT;
            }
            sections[i].is_done = true;
        }
    }
    ul_strbuf_printf(out, "#ifndef __cplusplus%s#define ULLAGE_HOLD __extension__ _Static_assert%s#elif __cplusplus >= 201103L%s", newline, newline, newline);
    ul_strbuf_printf(out, "#define ULLAGE_HOLD static_assert%s#endif%s", newline, newline);
    for (uint32_t i = 0; i < count; i++) {
        if (sections[i].is_done)
            continue;
        ul_strbuf_printf(out, "#if defined ULLAGE_HOLD && %s%s", sections[i].condition, newline);
        for (uint32_t k = i; k < count; k++) {
            if (sections[k].is_done || strcmp(sections[k].condition, sections[i].condition) != 0)
                continue;
            bool is_inner = sections[k].item->is_inner;
            ul_strbuf_printf(out, "%s%s%s%s%s", is_inner ? "#ifndef __cplusplus" : "", is_inner ? newline : "", sections[k].text,
                             is_inner ? "#endif" : "", is_inner ? newline : "");
            sections[k].is_done = true;
        }
        ul_strbuf_printf(out, "#endif%s", newline);
    }
    ul_strbuf_printf(out, "#undef ULLAGE_HOLD%s", newline);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}
