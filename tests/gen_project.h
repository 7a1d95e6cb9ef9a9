/*
 * Seeded C projects for fix: headers of records with comments, declarator groups, macros, conditionals and records inside
 * records; sources that fill objects of them in every way that C has, and print every value of every object by name.
 * What a program of it prints does not depend on the order of fields, so it is the same before and after. For tests only.
 */
#ifndef UL_TESTS_GEN_PROJECT_H
#define UL_TESTS_GEN_PROJECT_H

#include <stdio.h>
#include <string.h>

#include "ullage/arena.h"
#include "ullage/strbuf.h"

enum { PROJECT_HEADERS = 4, PROJECT_SOURCES = 3, PROJECT_FIELDS_MAX = 12 };

typedef enum value_kind { VALUE_INTEGER, VALUE_FLOAT, VALUE_TEXT } value_kind;

/* A type of fields: `%s` in `form` is the declarator. */
typedef struct gen_kind {
    const char *type, *suffix;
    value_kind value;
    unsigned count; /* elements; 0: no array */
    unsigned bits;  /* of a bit-field */
} gen_kind;

static const gen_kind gen_kinds[] = {
    {"char", "", VALUE_INTEGER, 0, 0},        {"char", "", VALUE_INTEGER, 0, 0},       {"signed char", "", VALUE_INTEGER, 0, 0},
    {"short", "", VALUE_INTEGER, 0, 0},       {"int", "", VALUE_INTEGER, 0, 0},        {"unsigned", "", VALUE_INTEGER, 0, 0},
    {"long", "", VALUE_INTEGER, 0, 0},        {"double", "", VALUE_FLOAT, 0, 0},       {"float", "", VALUE_FLOAT, 0, 0},
    {"const char *", "", VALUE_TEXT, 0, 0},   {"enum color", "", VALUE_INTEGER, 0, 0}, {"char", "[3]", VALUE_INTEGER, 3, 0},
    {"short", "[2]", VALUE_INTEGER, 2, 0},    {"double", "[2]", VALUE_FLOAT, 2, 0},    {"unsigned", ":3", VALUE_INTEGER, 0, 3},
    {"unsigned char", ":2", VALUE_INTEGER, 0, 2}, {"u16", "", VALUE_INTEGER, 0, 0},    {"_Bool", "", VALUE_INTEGER, 0, 1},
};

typedef struct gen_field {
    const char *name;
    const gen_kind *kind;
    int record;      /* index of the record by value, or -1 */
    bool is_hidden;  /* inside an anonymous struct or union: named like the others */
} gen_field;

typedef struct gen_made {
    gen_field fields[PROJECT_FIELDS_MAX];
    unsigned field_count;
    const char *name;   /* struct r7, or r7_t */
    bool has_macro_init;
} gen_made;

typedef struct gen_project {
    ul_arena *arena;
    uint64_t random;
    gen_made *records;
    unsigned record_count, capacity;
    unsigned names, objects;
    ul_strbuf headers[PROJECT_HEADERS], sources[PROJECT_SOURCES], prints[PROJECT_SOURCES];
} gen_project;

static inline uint32_t project_below(gen_project *p, uint32_t below)
{
    uint64_t z = p->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static inline bool project_chance(gen_project *p, uint32_t percent)
{
    return project_below(p, 100) < percent;
}

static inline gen_field *project_add(gen_project *p, gen_made *made)
{
    gen_field *field = &made->fields[made->field_count++];
    *field = (gen_field){.name = ul_arena_printf(p->arena, "f%u", p->names++), .record = -1};
    return field;
}

static inline void project_comment(gen_project *p, ul_strbuf *out, const char *name)
{
    switch (project_below(p, 6)) {
    case 0:
        ul_strbuf_printf(out, " /* about %s */\n", name);
        break;
    case 1:
        ul_strbuf_printf(out, " // about %s\n", name);
        break;
    case 2:
        ul_strbuf_printf(out, "    /* about %s,\n                 on two lines */\n", name);
        break;
    default:
        ul_strbuf_puts(out, "\n");
    }
}

static inline void project_above(gen_project *p, ul_strbuf *out, const char *name)
{
    switch (project_below(p, 14)) {
    case 0:
        ul_strbuf_printf(out, "    /** doc of %s */\n", name);
        break;
    case 1:
        ul_strbuf_printf(out, "\n    /* The part with %s: */\n", name);
        break;
    case 2:
        ul_strbuf_puts(out, "\n");
        break;
    default:
        break;
    }
}

/* One declaration; adds its fields. */
static inline void project_declare(gen_project *p, ul_strbuf *out, gen_made *made)
{
    gen_field *field = project_add(p, made);
    project_above(p, out, field->name);
    if (p->record_count > 3 && project_chance(p, 12)) {
        field->record = (int)project_below(p, p->record_count);
        ul_strbuf_printf(out, "    %s %s;", p->records[field->record].name, field->name);
        project_comment(p, out, field->name);
        return;
    }
    field->kind = &gen_kinds[project_below(p, sizeof gen_kinds / sizeof *gen_kinds)];
    const gen_kind *kind = field->kind;
    if (!*kind->suffix && project_chance(p, 8)) {
        ul_strbuf_printf(out, "    FIELD(%s, %s)", kind->type, field->name);
    } else if (!*kind->suffix && kind->value == VALUE_INTEGER && project_chance(p, 15) && made->field_count < PROJECT_FIELDS_MAX) {
        gen_field *second = project_add(p, made);
        second->kind = kind;
        ul_strbuf_printf(out, "    %s %s, %s;", kind->type, field->name, second->name);
    } else {
        ul_strbuf_printf(out, "    %s%s%s%s;", kind->type, kind->value == VALUE_TEXT ? "" : " ", field->name, kind->suffix);
    }
    project_comment(p, out, field->name);
}

static inline void project_anonymous(gen_project *p, ul_strbuf *out, gen_made *made)
{
    ul_strbuf_puts(out, "    struct {\n");
    for (unsigned i = 0; i < 3 && made->field_count < PROJECT_FIELDS_MAX; i++) {
        gen_field *field = project_add(p, made);
        field->kind = &gen_kinds[project_below(p, 8)];
        field->is_hidden = true;
        ul_strbuf_printf(out, "        %s %s;\n", field->kind->type, field->name);
    }
    ul_strbuf_puts(out, "    };\n");
}

static inline void project_record(gen_project *p)
{
    ul_strbuf *out = &p->headers[p->record_count * PROJECT_HEADERS / p->capacity];
    gen_made *made = &p->records[p->record_count];
    bool is_typedef = project_chance(p, 30), has_wall = false;
    unsigned count = 2 + project_below(p, PROJECT_FIELDS_MAX - 4), number = p->record_count;
    made->name = ul_arena_printf(p->arena, is_typedef ? "r%u_t" : "struct r%u", number);
    ul_strbuf_printf(out, "%s%s {\n", is_typedef ? "typedef struct" : made->name, "");
    while (made->field_count < count) {
        if (project_chance(p, 3) && made->field_count + 3 < count)
            project_anonymous(p, out, made);
        else
            project_declare(p, out, made);
        if (!has_wall && project_chance(p, 4) && made->field_count + 1 < count) {
            has_wall = true;
            ul_strbuf_puts(out, "#if FEATURE\n");
            project_declare(p, out, made);
            ul_strbuf_puts(out, "#endif\n");
        }
    }
    ul_strbuf_printf(out, "}%s%s;\n\n", is_typedef ? " " : "", is_typedef ? made->name : "");
    p->record_count++;
}

/* --- Values. --- */

static inline void project_scalar(gen_project *p, ul_strbuf *out, const gen_kind *kind)
{
    uint32_t value = 1 + project_below(p, kind->bits ? (1u << kind->bits) - 1 : 100);
    if (kind->value == VALUE_TEXT)
        ul_strbuf_printf(out, "\"t%u\"", value);
    else if (kind->value == VALUE_FLOAT)
        ul_strbuf_printf(out, "%u.5", value);
    else if (!kind->bits && project_chance(p, 10))
        ul_strbuf_printf(out, "VALUE(%u)", value);
    else
        ul_strbuf_printf(out, "%u", value);
}

static inline void project_list(gen_project *p, ul_strbuf *out, const gen_made *made, int depth);

/* What stands for a field in a list; without braces of its own when `is_elided`. */
static inline void project_value(gen_project *p, ul_strbuf *out, const gen_field *field, int depth, bool is_elided)
{
    if (field->record >= 0) {
        const gen_made *inner = &p->records[field->record];
        if (!is_elided) {
            project_list(p, out, inner, depth + 1);
            return;
        }
        for (unsigned i = 0; i < inner->field_count; i++) {
            ul_strbuf_puts(out, i ? ", " : "");
            project_value(p, out, &inner->fields[i], depth + 1, true);
        }
        return;
    }
    unsigned count = field->kind->count ? field->kind->count : 1;
    bool has_braces = field->kind->count && !is_elided;
    ul_strbuf_puts(out, has_braces ? "{" : "");
    for (unsigned i = 0; i < count; i++) {
        ul_strbuf_puts(out, i ? ", " : "");
        project_scalar(p, out, field->kind);
    }
    ul_strbuf_puts(out, has_braces ? "}" : "");
}

static inline void project_separator(gen_project *p, ul_strbuf *out, unsigned i)
{
    if (i == 0)
        return;
    ul_strbuf_puts(out, project_chance(p, 15) ? ",\n        " : project_chance(p, 5) ? ", /* and */ " : ", ");
}

/* Fields of an anonymous struct one by one: its braces may be left out, and are. */
static inline void project_positional(gen_project *p, ul_strbuf *out, const gen_made *made, int depth, unsigned count)
{
    bool is_elided = depth < 3 && project_chance(p, 12);
    for (unsigned i = 0; i < count; i++) {
        project_separator(p, out, i);
        project_value(p, out, &made->fields[i], depth, is_elided);
    }
}

static inline void project_designated(gen_project *p, ul_strbuf *out, const gen_made *made, int depth)
{
    unsigned written = 0;
    for (unsigned i = 0; i < made->field_count; i++) {
        const gen_field *field = &made->fields[(i * 7 + 3) % made->field_count];
        if (made->field_count % 7 == 0)
            field = &made->fields[made->field_count - 1 - i];
        if (project_chance(p, 20))
            continue;
        project_separator(p, out, written++);
        if (field->record >= 0 && project_chance(p, 30) && p->records[field->record].fields[0].record < 0 &&
            !p->records[field->record].fields[0].kind->count) {
            const gen_field *inner = &p->records[field->record].fields[0];
            ul_strbuf_printf(out, ".%s.%s = ", field->name, inner->name);
            project_scalar(p, out, inner->kind);
            continue;
        }
        ul_strbuf_printf(out, ".%s = ", field->name);
        project_value(p, out, field, depth, false);
    }
    if (written == 0)
        ul_strbuf_puts(out, "0");
}

/* A designator, then values that go on behind it. */
static inline void project_mixed(gen_project *p, ul_strbuf *out, const gen_made *made, int depth)
{
    unsigned from = project_below(p, made->field_count);
    while (made->fields[from].is_hidden && from)
        from--;
    for (unsigned i = from; i < made->field_count; i++) {
        project_separator(p, out, i - from);
        if (i == from)
            ul_strbuf_printf(out, ".%s = ", made->fields[i].name);
        project_value(p, out, &made->fields[i], depth, false);
    }
}

static inline void project_list(gen_project *p, ul_strbuf *out, const gen_made *made, int depth)
{
    ul_strbuf_puts(out, "{ ");
    uint32_t way = project_below(p, 12);
    if (way < 5)
        project_positional(p, out, made, depth, made->field_count);
    else if (way < 7)
        project_positional(p, out, made, depth, 1 + project_below(p, made->field_count));
    else if (way < 10)
        project_designated(p, out, made, depth);
    else if (way < 11)
        project_mixed(p, out, made, depth);
    else
        ul_strbuf_puts(out, "0");
    ul_strbuf_puts(out, project_chance(p, 10) ? ", }" : " }");
}

/* --- Objects and what prints them. --- */

static inline void project_print(gen_project *p, ul_strbuf *out, const char *path, const gen_made *made)
{
    for (unsigned i = 0; i < made->field_count; i++) {
        const gen_field *field = &made->fields[i];
        const char *at = ul_arena_printf(p->arena, "%s.%s", path, field->name);
        if (field->record >= 0) {
            project_print(p, out, at, &p->records[field->record]);
            continue;
        }
        for (unsigned k = 0; k < (field->kind->count ? field->kind->count : 1); k++) {
            const char *one = field->kind->count ? ul_arena_printf(p->arena, "%s[%u]", at, k) : at;
            static const char *const calls[] = {"    say_integer(\"%s\", (long)%s);\n", "    say_float(\"%s\", %s);\n",
                                                "    say_text(\"%s\", %s);\n"};
            const char *call = calls[field->kind->value], *mark = strstr(call, "%s");
            const char *rest = strstr(mark + 2, "%s");
            ul_strbuf_printf(out, "%.*s%s%.*s%s%s", (int)(mark - call), call, one, (int)(rest - mark - 2), mark + 2, one, rest + 2);
        }
    }
}

static inline void project_object(gen_project *p, unsigned index)
{
    gen_made *made = &p->records[index];
    unsigned source = project_below(p, PROJECT_SOURCES), number = p->objects++;
    ul_strbuf *out = &p->sources[source], *print = &p->prints[source];
    const char *name = ul_arena_printf(p->arena, "o%u", number);
    switch (project_below(p, 10)) {
    case 0: /* an array */
        ul_strbuf_printf(out, "static %s %s[] = {\n    ", made->name, name);
        project_list(p, out, made, 0);
        ul_strbuf_puts(out, ",\n    ");
        project_list(p, out, made, 0);
        ul_strbuf_puts(out, ",\n};\n");
        project_print(p, print, ul_arena_printf(p->arena, "%s[0]", name), made);
        project_print(p, print, ul_arena_printf(p->arena, "%s[1]", name), made);
        return;
    case 1: /* a compound literal and a local one */
        ul_strbuf_printf(print, "    {\n        %s *%s = &(%s)", made->name, name, made->name);
        project_list(p, print, made, 0);
        ul_strbuf_puts(print, ";\n");
        project_print(p, print, ul_arena_printf(p->arena, "(*%s)", name), made);
        ul_strbuf_puts(print, "    }\n");
        return;
    case 2:
        if (project_chance(p, 25)) {
            ul_strbuf_printf(out, "#define INIT%u { 0 }\n#define START%u { ", number, number);
            project_scalar(p, out, &gen_kinds[0]);
            ul_strbuf_printf(out, " }\n");
            if (made->fields[0].record < 0 && made->fields[0].kind->value != VALUE_TEXT && !made->fields[0].kind->count) {
                ul_strbuf_printf(out, "static %s %s = START%u;\n", made->name, name, number);
                project_print(p, print, name, made);
            }
            return;
        }
        break;
    default:
        break;
    }
    ul_strbuf_printf(out, "static %s%s %s = ", project_chance(p, 30) ? "const " : "", made->name, name);
    project_list(p, out, made, 0);
    ul_strbuf_puts(out, ";\n");
    project_print(p, print, name, made);
}

static inline bool project_write(const char *folder, const char *name, const char *before, const ul_strbuf *text, const char *after)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "w");
    if (!out || text->has_failed)
        return false;
    fprintf(out, "%s%s%s", before, text->data ? text->data : "", after);
    return fclose(out) == 0;
}

/* Fills `folder` with a project of `count` records. */
static inline bool project_make(gen_project *p, const char *folder, unsigned count, uint64_t seed, ul_arena *arena)
{
    static const char base[] = "#ifndef BASE_H\n#define BASE_H\n#define FEATURE 1\n#define VALUE(x) (x)\n#define FIELD(type, name) type name;\n"
                               "typedef unsigned short u16;\nenum color { RED, GREEN, BLUE = 200 };\n"
                               "void say_integer(const char *, long);\nvoid say_float(const char *, double);\n"
                               "void say_text(const char *, const char *);\n#endif\n";
    bool is_written = true;
    *p = (gen_project){.arena = arena, .random = seed, .capacity = count};
    p->records = UL_NEW_ARRAY(arena, gen_made, count);
    while (p->record_count < count)
        project_record(p);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned k = 1 + project_below(p, 3); k > 0; k--)
            project_object(p, i);
    }
    is_written &= project_write(folder, "base.h", base, &(ul_strbuf){0}, "");
    for (unsigned i = 0; i < PROJECT_HEADERS; i++) {
        const char *before = i ? ul_arena_printf(arena, "#ifndef H%u_H\n#define H%u_H\n#include \"h%u.h\"\n\n", i, i, i - 1)
                               : "#ifndef H0_H\n#define H0_H\n#include \"base.h\"\n\n";
        is_written &= project_write(folder, ul_arena_printf(arena, "h%u.h", i), before, &p->headers[i], "#endif\n");
    }
    for (unsigned i = 0; i < PROJECT_SOURCES; i++) {
        ul_strbuf *text = &p->sources[i];
        ul_strbuf_printf(text, "\nvoid print%u(void)\n{\n%s}\n", i, p->prints[i].data ? p->prints[i].data : "");
        is_written &= project_write(folder, ul_arena_printf(arena, "s%u.c", i), "#include \"h3.h\"\n\n", text, "");
    }
    for (unsigned i = 0; i < PROJECT_HEADERS; i++)
        ul_strbuf_free(&p->headers[i]);
    for (unsigned i = 0; i < PROJECT_SOURCES; i++) {
        ul_strbuf_free(&p->sources[i]);
        ul_strbuf_free(&p->prints[i]);
    }
    return is_written;
}

#endif
