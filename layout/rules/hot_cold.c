/*
 * hot-cold: fields that loops use together, kept apart by what run time does not touch.
 *  1. hot: fields that run-time code touches in loops; cold: fields that it does not touch at all;
 *  2. a function that walks over objects and touches several hot fields of each touches as many lines as they lie on;
 *  3. it fires when those fit on fewer lines, and a line or more of cold fields lies between them;
 *  4. a split is proposed where many objects are walked in a loop and at least half of each is cold.
 */
#include <stdlib.h>
#include <string.h>

#include "layout/rules/measured.h"
#include "layout/rules/sharing.h"

enum { HOT_MAX = 64, HOT_MIN = 2 };

typedef unsigned long long ull;

typedef struct heat {
    const ul_sharing *sharing;
    uint32_t hot[HOT_MAX];
    uint32_t hot_count;
    uint64_t hot_bytes, cold_bytes;
    bool *is_cold;         /* by field: between the first and the last hot one */
    const ul_tally *user; /* of most hot fields, in a loop */
} heat;

static bool is_touched(const ul_sharing *sharing, uint32_t field)
{
    const char *name = sharing->record->fields[field].name;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        if (strcmp(sharing->census->words[sharing->tallies[i].field], name) == 0 &&
            (sharing->field_of[i] != UL_NO_PARENT || sharing->tallies[i].kind == UL_ACCESS_ADDRESS))
            return true;
    }
    return false;
}

/* Fields that `function` touches in its loops, small enough to be moved. */
static uint32_t fields_in_loops(const ul_sharing *sharing, uint32_t function, uint32_t *fields)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        uint32_t field = sharing->field_of[i];
        const ul_tally *tally = &sharing->tallies[i];
        if (field == UL_NO_PARENT || tally->function != function || !(tally->flags & UL_ACCESS_WALKS) || (count && fields[count - 1] == field))
            continue;
        const ul_field *it = &sharing->record->fields[field];
        if (it->parent == UL_NO_PARENT && it->size_bits <= (uint64_t)sharing->target->line_bytes * 2 && count < HOT_MAX)
            fields[count++] = field;
    }
    return count;
}

static uint32_t lines_of(const ul_sharing *sharing, const uint32_t *fields, uint32_t count)
{
    bool *lines = UL_NEW_ARRAY(sharing->arena, bool, sharing->record->size_bytes / sharing->target->line_bytes + 2u);
    uint32_t touched = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t line = sharing->record->fields[fields[i]].offset_bits / 8 / sharing->target->line_bytes;
        touched += !lines[line];
        lines[line] = true;
    }
    return touched;
}

static uint64_t bytes_of(const ul_sharing *sharing, const uint32_t *fields, uint32_t count)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += (sharing->record->fields[fields[i]].size_bits + 7) / 8;
    return bytes;
}

/* The function whose loops touch most lines more than its fields need. */
static uint32_t find_user(heat *h)
{
    const ul_sharing *sharing = h->sharing;
    uint32_t line = sharing->target->line_bytes, most = 0;
    bool *seen = UL_NEW_ARRAY(sharing->arena, bool, sharing->census->function_count + 1u);
    for (uint32_t i = 0; i < sharing->tally_count; i++) {
        const ul_tally *tally = &sharing->tallies[i];
        uint32_t fields[HOT_MAX];
        if (sharing->field_of[i] == UL_NO_PARENT || !(tally->flags & UL_ACCESS_WALKS) || seen[tally->function])
            continue;
        seen[tally->function] = true;
        uint32_t count = fields_in_loops(sharing, tally->function, fields);
        uint32_t touched = lines_of(sharing, fields, count);
        uint32_t needed = (uint32_t)((bytes_of(sharing, fields, count) + line - 1) / line);
        if (count < HOT_MIN || touched <= needed || touched - needed <= most)
            continue;
        most = touched - needed;
        h->user = tally;
        h->hot_count = count;
        memcpy(h->hot, fields, sizeof fields);
    }
    return most;
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Cold bytes between the first and the last hot field. */
static void measure(heat *h)
{
    const ul_sharing *sharing = h->sharing;
    uint64_t first = UINT64_MAX, last = 0;
    qsort(h->hot, h->hot_count, sizeof *h->hot, by_number);
    for (uint32_t i = 0; i < h->hot_count; i++) {
        uint64_t at = sharing->record->fields[h->hot[i]].offset_bits;
        first = at < first ? at : first;
        last = at > last ? at : last;
    }
    h->hot_bytes = bytes_of(sharing, h->hot, h->hot_count);
    h->is_cold = UL_NEW_ARRAY(sharing->arena, bool, sharing->record->field_count + 1u);
    for (uint32_t i = 0; i < sharing->record->field_count; i++) {
        const ul_field *field = &sharing->record->fields[i];
        if (field->parent == UL_NO_PARENT && field->offset_bits > first && field->offset_bits < last && !is_touched(sharing, i)) {
            h->cold_bytes += field->size_bits / 8;
            h->is_cold[i] = true;
        }
    }
}

/* Many of them side by side, walked in loops: what a cache line brings of a neighbour is then worth something. */
static const ul_tally *walker(const ul_sharing *sharing, uint64_t *objects)
{
    enum { MANY = 1000 };
    uint32_t count;
    const ul_instance *instances = ul_census_instances(sharing->census, sharing->record->key, &count);
    *objects = sharing->record->instances > 0 ? (uint64_t)sharing->record->instances : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (instances[i].flags & UL_INSTANCE_ARRAY && instances[i].count > *objects)
            *objects = instances[i].count;
    }
    for (uint32_t i = 0; i < sharing->tally_count && *objects >= MANY; i++) {
        if (sharing->field_of[i] != UL_NO_PARENT && sharing->tallies[i].flags & UL_ACCESS_WALKS)
            return &sharing->tallies[i];
    }
    return NULL;
}

static const char *tag_of(const ul_record *record)
{
    const char *space = strrchr(record->name, ' ');
    return space ? space + 1 : record->name;
}

/* "struct s_hot { T a; U b; struct s_cold *cold; };" */
static const char *split_text(const heat *h, uint64_t objects)
{
    const ul_sharing *sharing = h->sharing;
    const ul_record *record = sharing->record;
    ul_arena *arena = sharing->arena;
    const char *tag = tag_of(record), *fields = "";
    for (uint32_t i = 0; i < h->hot_count; i++) {
        const ul_field *field = &record->fields[h->hot[i]];
        size_t stem = strcspn(field->type, "[");
        while (stem && field->type[stem - 1] == ' ')
            stem--;
        fields = ul_arena_printf(arena, "%s%.*s%s%s%s; ", fields, (int)stem, field->type, field->type[stem ? stem - 1 : 0] == '*' ? "" : " ", field->name,
                                 field->type + strcspn(field->type, "["));
    }
    return ul_arena_printf(arena, " Or split it, with %llu of them walked in loops: `struct %s_hot { %s};` in one array and the rest as `struct %s_cold` in another at the "
                                  "same index, with `static inline struct %s_cold *%s_cold(size_t i) { return &%s_colds[i]; }`: a walk reads %llu bytes an object instead of %llu.",
                           (ull)objects, tag, fields, tag, tag, tag, tag, (ull)h->hot_bytes, (ull)record->size_bytes);
}

static void check(const ul_rule_context *context, uint32_t entry)
{
    ul_sharing sharing;
    const ul_record *record = context->report->entries[entry].record;
    uint32_t line = ul_findings_target(context, &context->report->entries[entry])->line_bytes;
    if (record->size_bytes <= line || !ul_sharing_of(&sharing, context, entry) || ul_findings_refused(record, UL_REASONS_PACKED | 1u << UL_REFUSE_KEEP_ORDER))
        return;
    heat h = {.sharing = &sharing};
    if (!find_user(&h))
        return;
    measure(&h);
    if (h.cold_bytes < line)
        return;
    uint64_t objects;
    ul_arena *arena = sharing.arena;
    uint32_t touched = lines_of(&sharing, h.hot, h.hot_count), needed = (uint32_t)((h.hot_bytes + line - 1) / line);
    const ul_tally *walk = walker(&sharing, &objects);
    bool pays = walk && h.hot_bytes * 2 <= record->size_bytes;
    ul_measured_add_hot(context, &ul_rule_hot_cold, h.hot, h.hot_count, h.is_cold,
                    (ul_finding){
                        .level = UL_LEVEL_NOTE,
                        .entry = entry,
                        .field = h.hot[0],
                        .message = ul_arena_printf(arena, "%s of `%s` are used together in a walk over objects and lie on %u cache lines; %u would do: %llu bytes that run time does not touch lie between them",
                                                   ul_fields_text(record, h.hot, h.hot_count, arena), record->name, touched, needed, (ull)h.cold_bytes),
                        .why = ul_arena_printf(arena, "%s; %u line%s more for each object than %s needed, 1.25 to 1.6 times the time for scattered objects where it was measured.",
                                               ul_place_text(context, h.user, arena), touched - needed, touched - needed == 1 ? "" : "s", touched - needed == 1 ? "is" : "are"),
                        .fix = ul_arena_printf(arena, "declare them side by side, what is not touched behind them.%s", pays ? split_text(&h, objects) : ""),
                    });
}

const ul_rule ul_rule_hot_cold = {
    .info =
        {
            .name = "hot-cold",
            .level = UL_LEVEL_NOTE,
            .summary = "a large cold part lies between fields that loops use together",
            .meaning = "A run-time function walks over objects in a loop and touches fields of each that lie on more cache lines than they need, and at least a "
                       "line of fields that no run-time code touches lies between them (show --census). It names the group. A split into a hot and a cold record is "
                       "proposed only where a thousand or more are alive (an array of so many, or `// ullage: instances(N)`), loops walk them, and the hot "
                       "part is at most half of the record. A warning where a profile bears it out (--profile).",
            .why = "Two hot fields of 8 bytes in a record of 200, grouped on one line: 1.25 to 1.6 times as fast; split off, twice to ten times for a walk over "
                   "many (measured, 1000 to a million objects). Sorting by heat alone can make things worse: fields that threads change stay apart (mixed-access).",
            .example = "#include <stdint.h>\n"
                       "\n"
                       "/* before: key and due lie on two lines, with the name between them */\n"
                       "struct task { uint64_t key; char name[120]; uint64_t due; };\n"
                       "const struct task *find(struct task *const *tasks, int count, uint64_t key)\n"
                       "{\n"
                       "    for (int i = 0; i < count; i++) {\n"
                       "        if (tasks[i]->key == key && tasks[i]->due)\n"
                       "            return tasks[i];\n"
                       "    }\n"
                       "    return 0;\n"
                       "}\n"
                       "\n"
                       "/* after: on one */\n"
                       "struct task { uint64_t key; uint64_t due; char name[120]; };\n"
                       "const struct task *find(struct task *const *tasks, int count, uint64_t key)\n"
                       "{\n"
                       "    for (int i = 0; i < count; i++) {\n"
                       "        if (tasks[i]->key == key && tasks[i]->due)\n"
                       "            return tasks[i];\n"
                       "    }\n"
                       "    return 0;\n"
                       "}\n",
            .silence = "Write `// ullage: ignore[hot-cold] -- reason` on the record.",
        },
    .check = check,
    .needs_census = true,
};
