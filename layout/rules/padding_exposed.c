/* padding-exposed: bytes between fields are compared, hashed, written or handed on, and nobody sets them. */
#include "layout/rules/findings.h"

enum { PLACES_MAX = 3 };

typedef unsigned long long ull;

/* "4 bytes in holes, 3 bits between bit-fields and 7 bytes at the end"; NULL when there is no padding. */
static const char *padding_text(const ul_facts *facts, ul_arena *arena)
{
    const char *parts[3];
    uint32_t count = 0;
    if (facts->hole_bytes)
        parts[count++] = ul_arena_printf(arena, "%llu byte%s in holes", (ull)facts->hole_bytes, facts->hole_bytes == 1 ? "" : "s");
    if (facts->bit_hole_bits)
        parts[count++] = ul_arena_printf(arena, "%llu bit%s beside bit-fields", (ull)facts->bit_hole_bits, facts->bit_hole_bits == 1 ? "" : "s");
    if (facts->tail_padding_bytes)
        parts[count++] = ul_arena_printf(arena, "%llu byte%s at the end", (ull)facts->tail_padding_bytes, facts->tail_padding_bytes == 1 ? "" : "s");
    if (count == 0)
        return NULL;
    const char *text = parts[0];
    for (uint32_t i = 1; i < count; i++)
        text = ul_arena_printf(arena, "%s%s%s", text, i + 1 == count ? " and " : ", ", parts[i]);
    return text;
}

static const char *verb_of(ul_evidence_kind kind)
{
    return kind == UL_EVIDENCE_COMPARED ? "compared" : kind == UL_EVIDENCE_HASHED ? "hashed" : "written out";
}

/* "`memcmp(a)` compares its bytes at src/a.c:12 in `same`" */
static const char *place_text(const ul_rule_context *context, const ul_evidence *evidence)
{
    const char *inside = evidence->function[0] ? ul_arena_printf(context->findings->arena, " in `%s`", evidence->function) : "";
    return ul_arena_printf(context->findings->arena, "%s (%s:%u%s)", evidence->detail, ul_findings_path(context, evidence->file), evidence->line, inside);
}

/* The worst that is done: a comparison goes wrong by itself, bytes that are written out need a reader. */
static const ul_evidence *worst_of(const ul_record_uses *uses)
{
    const ul_evidence *worst = NULL;
    for (uint32_t i = 0; i < uses->evidence_count; i++) {
        const ul_evidence *it = &uses->evidence[i];
        if (ul_evidence_exposes_padding(it->kind) && (!worst || it->kind < worst->kind))
            worst = it;
    }
    return worst;
}

static void check(const ul_rule_context *context, uint32_t index)
{
    const ul_entry *entry = &context->report->entries[index];
    const ul_record *record = entry->record;
    ul_arena *arena = context->findings->arena;
    if (!context->report->uses || record->kind == UL_RECORD_UNION || ul_findings_refused(record, UL_REASONS_DOUBTFUL))
        return;
    ul_record_uses uses = ul_uses_of(context->report->uses, record->key);
    const ul_evidence *worst = worst_of(&uses);
    const char *padding = padding_text(&entry->facts, arena);
    if (!worst || !padding)
        return;
    const char *places = place_text(context, worst);
    uint32_t told = 1, others = 0;
    for (uint32_t i = 0; i < uses.evidence_count; i++) {
        const ul_evidence *it = &uses.evidence[i];
        if (it == worst || !ul_evidence_exposes_padding(it->kind))
            continue;
        if (told < PLACES_MAX) {
            places = ul_arena_printf(arena, "%s; %s", places, place_text(context, it));
            told++;
        } else {
            others++;
        }
    }
    if (others)
        places = ul_arena_printf(arena, "%s; and %u more", places, others);
    bool is_judged = worst->kind == UL_EVIDENCE_COMPARED || worst->kind == UL_EVIDENCE_HASHED;
    ul_findings_add(context, &ul_rule_padding_exposed,
                    (ul_finding){
                        .level = is_judged ? UL_LEVEL_WARNING : UL_LEVEL_NOTE,
                        .entry = index,
                        .field = UL_NO_PARENT,
                        .message = ul_arena_printf(arena, "padding of `%s` is %s: %s; %s", record->name, verb_of(worst->kind), padding, places),
                        .why = is_judged ? "padding takes any value when a field is stored (C11 6.2.6.1p6): equal objects may differ in it."
                                         : "padding holds what was in memory before, which then leaves the program or makes equal outputs differ.",
                        .fix = is_judged ? "compare or hash field by field, or set the whole object to zero before its fields and give the padding names."
                                         : "write field by field, or set the whole object to zero before its fields and give the padding names.",
                    });
}

const ul_rule ul_rule_padding_exposed = {
    .info =
        {
            .name = "padding-exposed",
            .level = UL_LEVEL_WARNING,
            .summary = "padding bytes are compared, hashed, written or handed on",
            .meaning = "Code takes the whole record as bytes, and some of these bytes belong to no field. It is a warning where they are compared "
                       "or hashed and a note where they are written to a file, a socket or a device or copied to characters. What a "
                       "function does is told by its name, by the type that it takes the pointer as and by whether it is told the size. Whether "
                       "the object was set to zero before is not looked at.",
            .why = "Padding takes unspecified values whenever a member is stored (C11 6.2.6.1p6): memcmp and hashes of equal objects may "
                   "differ, caches miss, builds are not reproducible, and what the memory held before, a key or a pointer, leaves the program.",
            .example = "#include <stdbool.h>\n"
                       "#include <stdint.h>\n"
                       "#include <string.h>\n"
                       "\n"
                       "struct key { uint16_t port; uint32_t address; }; /* 2 bytes of padding */\n"
                       "\n"
                       "/* before: looks at them */\n"
                       "bool is_same(const struct key *a, const struct key *b)\n"
                       "{\n"
                       "    return memcmp(a, b, sizeof *a) == 0;\n"
                       "}\n"
                       "\n"
                       "/* after: does not */\n"
                       "bool is_same(const struct key *a, const struct key *b)\n"
                       "{\n"
                       "    return a->port == b->port && a->address == b->address;\n"
                       "}\n",
            .silence = "Write `// ullage: ignore[padding-exposed] -- zeroed by key_init` on the record.",
        },
    .check = check,
    .needs_uses = true,
};
