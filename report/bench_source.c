#include "report/bench_source.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "report_assets.inc"

typedef unsigned long long ull;

uint32_t ul_bench_access_bytes(const ul_bench *bench, uint32_t field)
{
    uint64_t bits = bench->record->fields[field].size_bits;
    uint32_t bytes = bits >= 64 ? 8 : bits >= 32 ? 4 : bits >= 16 ? 2 : 1;
    if (bench->record->fields[field].flags & UL_FIELD_BIT_FIELD)
        return 1;
    for (uint32_t i = 0; i < bench->layout_count; i++) {
        const ul_bench_layout *layout = &bench->layouts[i];
        /* Objects of an array begin at multiples of the size, and a first one on a page. */
        while (bytes > 1 && (layout->offset_bits[field] / 8 % bytes || layout->record->size_bytes % bytes))
            bytes /= 2;
    }
    return bytes;
}

/* Text in a comment: one line that does not end it. */
static void add_comment_text(ul_strbuf *out, const char *text)
{
    for (const char *at = text; *at; at++) {
        ul_strbuf_putc(out, (unsigned char)*at < ' ' || *at == '\\' ? ' ' : *at);
        if ((*at == '*' && at[1] == '/') || (*at == '/' && at[1] == '*'))
            ul_strbuf_putc(out, ' ');
    }
}

/* A layout of a bench: what its records are written from. */
typedef struct source {
    ul_strbuf *out;
    const ul_bench *bench;
    const ul_bench_layout *layout;
    ul_arena *arena;
} source;

/* The field of the record as it is that fields[index] of the layout is: no two with bytes begin at the same bit. */
static uint32_t original_of(const source *of, uint32_t index)
{
    const ul_record *record = of->bench->record;
    const ul_field *field = &of->layout->record->fields[index];
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].parent == UL_NO_PARENT && record->fields[i].size_bits && of->layout->offset_bits[i] == field->offset_bits)
            return i;
    }
    return index;
}

/* A member's name that no macro of a header can have: f_ and what stands in the source. The same in every layout. */
static const char *member_name(const source *of, uint32_t index)
{
    ul_arena *arena = of->arena;
    const char *name = of->layout->record->fields[index].name;
    index = original_of(of, index);
    if (!*name)
        return ul_arena_printf(arena, "anonymous_%u", index);
    for (const char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at) && *at != '_')
            return ul_arena_printf(arena, "field_%u", index);
    }
    return ul_arena_printf(arena, "f_%s", name);
}

/* Members as they are written, with the end of the last. */
typedef struct members {
    ul_strbuf *out;
    uint64_t end_bytes;
    uint32_t record_align;
    uint32_t pad_count;
    bool has_any;
} members;

static void add_bytes(members *to, const char *name, uint64_t offset_bytes, uint64_t size_bytes, uint32_t align_bytes, const char *text)
{
    uint64_t align = align_bytes ? align_bytes : 1, next = (to->end_bytes + align - 1) / align * align;
    if (next != offset_bytes && to->end_bytes < offset_bytes) { /* more than the alignment brings about: a marker, a bit-field */
        char pad[32];
        snprintf(pad, sizeof pad, "hole_%u", to->pad_count++);
        add_bytes(to, pad, to->end_bytes, offset_bytes - to->end_bytes, 1, "");
    }
    if (offset_bytes % align)
        align = 1; /* packed */
    if (!to->has_any)
        align = to->record_align;
    to->has_any = true;
    ul_strbuf_puts(to->out, "    ");
    if (align > 1)
        ul_strbuf_printf(to->out, "_Alignas(%llu) ", (ull)align);
    ul_strbuf_printf(to->out, "unsigned char %s[%llu];", name, (ull)size_bytes);
    if (*text) {
        ul_strbuf_puts(to->out, " /* ");
        add_comment_text(to->out, text);
        ul_strbuf_puts(to->out, " */");
    }
    ul_strbuf_putc(to->out, '\n');
    to->end_bytes = offset_bytes + size_bytes;
}

/* The bytes that bit-fields from fields[*at] on share, as one member; *at is then the last of them. */
static void add_bits(members *to, const source *of, uint32_t *at)
{
    const ul_record *record = of->layout->record;
    uint64_t begin = record->fields[*at].offset_bits / 8, end = begin;
    const char *names = "";
    uint32_t last = *at;
    for (uint32_t i = *at; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->parent != UL_NO_PARENT)
            continue;
        if (!(field->flags & UL_FIELD_BIT_FIELD) || field->offset_bits / 8 > end)
            break;
        last = i;
        if (field->size_bits == 0)
            continue;
        end = (field->offset_bits + field->size_bits + 7) / 8;
        names = ul_arena_printf(of->arena, "%s%s%s:%llu", names, *names ? ", " : "", field->name, (ull)field->size_bits);
    }
    if (begin < to->end_bytes)
        begin = to->end_bytes;
    if (end > begin)
        add_bytes(to, ul_arena_printf(of->arena, "bits_%u", original_of(of, *at)), begin, end - begin, 1, names);
    *at = last;
}

static bool is_member(const ul_field *field)
{
    return field->parent == UL_NO_PARENT && field->size_bits > 0;
}

static void add_record(const source *of)
{
    ul_strbuf *out = of->out;
    const ul_bench_layout *layout = of->layout;
    const ul_record *record = layout->record;
    members to = {.out = out, .record_align = record->align_bytes};
    ul_strbuf_printf(out, "\n/* %s */\nstruct %s {\n", layout->text, layout->name);
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (field->flags & UL_FIELD_BIT_FIELD && field->parent == UL_NO_PARENT)
            add_bits(&to, of, &i);
        else if (is_member(field))
            add_bytes(&to, member_name(of, i), field->offset_bits / 8, field->size_bits / 8, field->align_bytes, field->type);
        else if (field->parent == UL_NO_PARENT)
            ul_strbuf_printf(out, "    /* %s: no bytes of its own */\n", *field->name ? field->name : "a marker");
    }
    uint64_t align = record->align_bytes ? record->align_bytes : 1;
    if ((to.end_bytes + align - 1) / align * align != record->size_bytes || !to.has_any)
        add_bytes(&to, "tail", to.end_bytes, record->size_bytes - to.end_bytes, 1, "");
    ul_strbuf_puts(out, "};\n");
    ul_strbuf_printf(out, "_Static_assert(sizeof(struct %s) == %llu, \"size\");\n_Static_assert(_Alignof(struct %s) == %llu, \"alignment\");\n", layout->name,
                     (ull)record->size_bytes, layout->name, (ull)align);
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (is_member(&record->fields[i]) && !(record->fields[i].flags & UL_FIELD_BIT_FIELD))
            ul_strbuf_printf(out, "_Static_assert(offsetof(struct %s, %s) == %llu, \"offset\");\n", layout->name, member_name(of, i),
                             (ull)(record->fields[i].offset_bits / 8));
    }
}

static const char *label_of(const ul_bench *bench, uint32_t field, ul_arena *arena)
{
    return ul_field_label(bench->record, field, arena);
}

/* One line for each field that a scan reads. */
static void add_loads(ul_strbuf *out, const ul_bench *bench, const ul_bench_layout *layout, ul_arena *arena)
{
    for (uint32_t i = 0; i < bench->scanned_count; i++) {
        uint32_t field = bench->scanned[i];
        ul_strbuf_printf(out, "        sum += load_%u(at + %llu); /* ", ul_bench_access_bytes(bench, field) * 8, (ull)(layout->offset_bits[field] / 8));
        add_comment_text(out, label_of(bench, field, arena));
        ul_strbuf_puts(out, " */\n");
    }
}

static void add_functions(ul_strbuf *out, const ul_bench *bench, const ul_bench_layout *layout, ul_arena *arena)
{
    ul_strbuf_printf(out, "\nALIGNED_CODE static uint64_t scan_%s(const unsigned char *objects, size_t begin, size_t end)\n{\n    uint64_t sum = 0;\n", layout->name);
    ul_strbuf_printf(out, "    for (size_t i = begin; i < end; i++) {\n        const unsigned char *at = objects + i * sizeof(struct %s);\n", layout->name);
    add_loads(out, bench, layout, arena);
    ul_strbuf_puts(out, "    }\n    return sum;\n}\n");
    ul_strbuf_printf(out,
                     "\n/* The next object depends on what is read of this one. */\n"
                     "ALIGNED_CODE static uint64_t visit_%s(const unsigned char *objects, size_t count, size_t steps, uint64_t *state)\n{\n    uint64_t x = *state;\n",
                     layout->name);
    ul_strbuf_printf(out,
                     "    for (size_t i = 0; i < steps; i++) {\n        const unsigned char *at = objects + (size_t)((x >> 32) * count >> 32) * sizeof(struct %s);\n"
                     "        uint64_t sum = 0;\n",
                     layout->name);
    add_loads(out, bench, layout, arena);
    ul_strbuf_puts(out, "        x = (x + sum) * 6364136223846793005u + 1442695040888963407u;\n    }\n    *state = x;\n    return x;\n}\n");
}

/* load_8 and so on, as far as they are needed. */
static void add_load_functions(ul_strbuf *out, const ul_bench *bench)
{
    for (uint32_t bytes = 1; bytes <= 8; bytes *= 2) {
        bool is_used = false;
        for (uint32_t i = 0; i < bench->scanned_count; i++)
            is_used |= ul_bench_access_bytes(bench, bench->scanned[i]) == bytes;
        if (is_used)
            ul_strbuf_printf(out, "\nstatic inline uint64_t load_%u(const unsigned char *at)\n{\n    uint%u_t value;\n    memcpy(&value, at, sizeof value);\n    return value;\n}\n",
                             bytes * 8, bytes * 8);
    }
}

/* The statements of one step; its value is what was read. */
static const char *step_text(ul_access_kind kind, uint32_t bits, ul_arena *arena)
{
    switch (kind) {
    case UL_ACCESS_READ:
        return "    (void)turn;\n    return atomic_load_explicit(field, memory_order_relaxed);\n";
    case UL_ACCESS_WRITE:
        return ul_arena_printf(arena, "    atomic_store_explicit(field, (uint%u_t)turn, memory_order_relaxed);\n    return turn;\n", bits);
    case UL_ACCESS_UPDATE:
        return ul_arena_printf(arena, "    (void)turn;\n    uint%u_t value = atomic_load_explicit(field, memory_order_relaxed);\n"
                                      "    atomic_store_explicit(field, (uint%u_t)(value + 1), memory_order_relaxed);\n    return value;\n",
                               bits, bits);
    default:
        return "    (void)turn;\n    return atomic_fetch_add_explicit(field, 1, memory_order_relaxed);\n";
    }
}

static void add_side(ul_strbuf *out, const ul_bench *bench, uint32_t index, ul_arena *arena)
{
    const ul_bench_side *side = &bench->sides[index];
    uint32_t bits = ul_bench_access_bytes(bench, side->field) * 8;
    ul_strbuf_printf(out, "\n/* %s of `", side->kind == UL_ACCESS_LOCK ? "taking" : ul_access_kind_name(side->kind));
    add_comment_text(out, label_of(bench, side->field, arena));
    ul_strbuf_puts(out, "`");
    if (*side->place) {
        ul_strbuf_puts(out, ", as ");
        add_comment_text(out, side->place);
        ul_strbuf_puts(out, " does");
    }
    ul_strbuf_printf(out, " */\nstatic inline uint64_t step_%c(void *at, uint64_t turn)\n{\n    _Atomic uint%u_t *field = at;\n%s}\n",
                     'a' + (int)index, bits, step_text(side->kind, bits, arena));
}

static void add_sides(ul_strbuf *out, const ul_bench *bench, ul_arena *arena)
{
    bool reads_a = bench->has_sides && bench->sides[0].kind == UL_ACCESS_READ, reads_b = bench->has_sides && bench->sides[1].kind == UL_ACCESS_READ;
    for (uint32_t i = 0; i < UL_BENCH_SIDES && bench->has_sides; i++)
        add_side(out, bench, i, arena);
    ul_strbuf_printf(out, "\n#define HAS_SIDES %d\n", bench->has_sides);
    if (bench->has_sides) /* where one only reads, it is the one that waits */
        ul_strbuf_printf(out, "enum { MEASURES_A = %d, MEASURES_B = %d };\n", !reads_b, !reads_a);
}

static void add_table(ul_strbuf *out, const ul_bench *bench)
{
    ul_strbuf_puts(out, "#define LAYOUTS");
    for (uint32_t i = 0; i < bench->layout_count; i++) {
        const ul_bench_layout *layout = &bench->layouts[i];
        ul_strbuf_printf(out, " LAYOUT(%s", layout->name);
        for (uint32_t k = 0; k < UL_BENCH_SIDES; k++) {
            const ul_bench_side *side = &bench->sides[k];
            uint64_t at = bench->has_sides ? side->object * layout->record->size_bytes + layout->offset_bits[side->field] / 8 : 0;
            ul_strbuf_printf(out, ", %llu", (ull)at);
        }
        ul_strbuf_putc(out, ')');
    }
    ul_strbuf_puts(out, "\n\n");
}

static void add_head(ul_strbuf *out, const ul_bench *bench)
{
    ul_strbuf_puts(out, "/* Layouts of `");
    add_comment_text(out, bench->record->name);
    ul_strbuf_puts(out, "` against each other. Made by ullage bench.\n * Build it with: cc -std=c11 -O2 -falign-loops=64 -pthread FILE\n * (a small loop that crosses a line of code takes a third longer, whatever the layout) */\n#ifndef _GNU_SOURCE\n#define _GNU_SOURCE\n#endif\n\n");
    static const char *const headers[] = {"pthread.h", "sched.h", "stdatomic.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "string.h", "sys/mman.h", "sys/resource.h", "time.h", "unistd.h"};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        ul_strbuf_printf(out, "#include <%s>\n", headers[i]);
    ul_strbuf_puts(out, "\n#ifdef __GNUC__\n#define ALIGNED_CODE __attribute__((aligned(64), noinline))\n#else\n#define ALIGNED_CODE\n#endif\n");
    ul_strbuf_puts(out, "\n#define RECORD_NAME \"");
    for (const char *at = bench->record->name; *at; at++)
        ul_strbuf_putc(out, *at == '"' || *at == '\\' || (unsigned char)*at < ' ' ? '?' : *at);
    ul_strbuf_puts(out, "\"\n");
}

ul_status ul_bench_source_write(ul_strbuf *out, const ul_bench *bench, ul_arena *arena)
{
    add_head(out, bench);
    for (uint32_t i = 0; i < bench->layout_count; i++)
        add_record(&(source){out, bench, &bench->layouts[i], arena});
    add_load_functions(out, bench);
    for (uint32_t i = 0; i < bench->layout_count; i++)
        add_functions(out, bench, &bench->layouts[i], arena);
    add_sides(out, bench, arena);
    add_table(out, bench);
    ul_strbuf_add(out, bench_machine_c_in, sizeof bench_machine_c_in);
    ul_strbuf_puts(out, "\n");
    ul_strbuf_add(out, bench_cases_c_in, sizeof bench_cases_c_in);
    return out->has_failed ? UL_ERR_NOMEM : UL_OK;
}
