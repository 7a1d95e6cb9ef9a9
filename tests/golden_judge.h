/*
 * No golden is confirmed by the tool alone: gcc and clang compile what a case's expect.json says of every record and field, in each unit
 * and for each target that it was read in. Where the report holds an error of the compiler, both must reject the source too. For
 * test_golden.c only.
 */
#ifndef UL_TESTS_GOLDEN_JUDGE_H
#define UL_TESTS_GOLDEN_JUDGE_H

#include "tests/golden.h"

enum { JUDGE_PAIRS_MAX = 32, JUDGE_RECORDS_MAX = 256 };

/* One unit on one target: a file of assertions. */
typedef struct judge_pair {
    const char *unit, *triple;
} judge_pair;

typedef struct judge {
    golden_case *c;
    ul_arena *arena;
    const char *clang;
    const char *native; /* triple that programs can be run for */
    const ul_record *records[JUDGE_RECORDS_MAX];
    const cJSON *items[JUDGE_RECORDS_MAX]; /* what each was made from */
    uint32_t count;
    judge_pair pairs[JUDGE_PAIRS_MAX];
    uint32_t pair_count;
    bool must_fail;
    oracle_tally tally;
} judge;

static inline uint32_t judge_field_flags(const cJSON *item)
{
    const char *name = golden_text(item, "name"), *type = golden_text(item, "type");
    uint32_t flags = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "bit_field")) ? UL_FIELD_BIT_FIELD : 0;
    flags |= name[0] == '<' ? UL_FIELD_ANONYMOUS : 0;
    return flags | (strstr(type, "[]") && golden_number(item, "size_bits") == 0 ? UL_FIELD_FLEXIBLE : 0);
}

static inline void judge_read_fields(judge *j, ul_record *record, const cJSON *list)
{
    const cJSON *item;
    const char **labels = UL_NEW_ARRAY(j->arena, const char *, (size_t)cJSON_GetArraySize(list) + 1);
    record->fields = UL_NEW_ARRAY(j->arena, ul_field, (size_t)cJSON_GetArraySize(list) + 1);
    cJSON_ArrayForEach(item, list)
    {
        uint32_t at = record->field_count++;
        labels[at] = golden_text(item, "name");
        record->fields[at] = (ul_field){
            .name = strchr(":<", labels[at][0]) ? "" : labels[at],
            .type = golden_text(item, "type"),
            .offset_bits = golden_number(item, "offset_bits"),
            .size_bits = golden_number(item, "size_bits"),
            .align_bytes = (uint32_t)golden_number(item, "align_bytes"),
            .flags = judge_field_flags(item),
            .parent = UL_NO_PARENT,
            .line = (uint32_t)golden_number(item, "line"),
        };
        const char *parent = golden_text(item, "parent");
        for (uint32_t i = at; *parent && i-- > 0 && record->fields[at].parent == UL_NO_PARENT;) {
            if (strcmp(labels[i], parent) == 0)
                record->fields[at].parent = i;
        }
    }
}

static inline const ul_record *judge_read_record(judge *j, const cJSON *item)
{
    ul_record *record = UL_NEW(j->arena, ul_record);
    *record = (ul_record){
        .name = golden_text(item, "name"),
        .file = golden_text(item, "file"),
        .unit = golden_text(item, "unit"),
        .size_bytes = golden_number(item, "size_bytes"),
        .align_bytes = (uint32_t)golden_number(item, "align_bytes"),
    };
    const char *last = record->name;
    for (const char *at = strstr(last, "::"); at; at = strstr(at + 2, "::"))
        last = at + 2;
    if (last != record->name && last[0] == '<' && !strstr(last, ">."))
        record->flags |= UL_RECORD_MEMBER;
    judge_read_fields(j, record, cJSON_GetObjectItemCaseSensitive(item, "fields"));
    const cJSON *refusal;
    cJSON_ArrayForEach(refusal, cJSON_GetObjectItemCaseSensitive(item, "refused"))
    {
        for (uint32_t reason = 0; reason < UL_REFUSAL_COUNT; reason++) {
            if (strcmp(ul_refusal_name((ul_refusal_reason)reason), golden_text(refusal, "reason")) == 0)
                ul_record_refuse(record, j->arena, (ul_refusal_reason)reason, "");
        }
    }
    if (oracle_is_refused(record, UL_REFUSE_PRAGMA_PACK))
        record->flags |= UL_RECORD_PRAGMA_PACK;
    return record;
}

static inline void judge_add_pair(judge *j, const char *unit, const char *triple)
{
    for (uint32_t i = 0; i < j->pair_count; i++) {
        if (strcmp(j->pairs[i].unit, unit) == 0 && strcmp(j->pairs[i].triple, triple) == 0)
            return;
    }
    if (j->pair_count < JUDGE_PAIRS_MAX)
        j->pairs[j->pair_count++] = (judge_pair){unit, triple};
    else
        golden_complain(j->c, "more units and targets than the judge keeps");
}

static inline void judge_read(judge *j)
{
    const cJSON *report = j->c->report, *item, *variant;
    const char *triple = golden_text(cJSON_GetObjectItemCaseSensitive(report, "target"), "triple");
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(report, "records"))
    {
        if (j->count == JUDGE_RECORDS_MAX)
            break;
        j->items[j->count] = item;
        j->records[j->count++] = judge_read_record(j, item);
        judge_add_pair(j, golden_text(item, "unit"), triple);
        cJSON_ArrayForEach(variant, cJSON_GetObjectItemCaseSensitive(item, "variants"))
        {
            judge_add_pair(j, golden_text(variant, "unit"), golden_text(variant, "triple"));
        }
    }
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(report, "diagnostics"))
    {
        j->must_fail |= strcmp(golden_text(item, "level"), "error") == 0;
    }
}

/* The flags that the unit is compiled with: those of the database less what names files, or those of `args`. */
static inline void judge_add_flags(const judge *j, golden_words *command, const char *unit)
{
    const char *text = golden_read(j->arena, ul_arena_printf(j->arena, "%s/compile_commands.json", j->c->place));
    cJSON *database = text ? cJSON_Parse(text) : NULL, *entry, *word;
    cJSON_ArrayForEach(entry, database)
    {
        bool skips = true; /* the compiler itself */
        if (strcmp(golden_text(entry, "file"), unit) != 0)
            continue;
        cJSON_ArrayForEach(word, cJSON_GetObjectItemCaseSensitive(entry, "arguments"))
        {
            const char *flag = cJSON_GetStringValue(word);
            if (!skips && strcmp(flag, "-c") != 0 && strcmp(flag, "-o") != 0 && strcmp(flag, unit) != 0)
                golden_add_word(command, ul_arena_strdup(j->arena, flag));
            skips = strcmp(flag, "-o") == 0;
        }
    }
    cJSON_Delete(database);
    for (uint32_t i = 0; !text && i < j->c->flags.count; i++)
        golden_add_word(command, j->c->flags.items[i]);
}

/* What the pair says of a record that was reported in full elsewhere: its size and alignment. */
static inline void judge_emit_variants(judge *j, FILE *out, const oracle_set *set, const judge_pair *pair)
{
    for (uint32_t i = 0; i < j->count; i++) {
        const cJSON *variant;
        const char *object = oracle_object(set, j->records[i]);
        cJSON_ArrayForEach(variant, cJSON_GetObjectItemCaseSensitive(j->items[i], "variants"))
        {
            if (!object || (j->records[i]->flags & UL_RECORD_MEMBER) || oracle_is_untrusted(j->records[i]) ||
                strcmp(golden_text(variant, "unit"), pair->unit) != 0 || strcmp(golden_text(variant, "triple"), pair->triple) != 0)
                continue;
            j->tally.records++;
            fprintf(out, "_Static_assert(sizeof(%s) == %llu && _Alignof(__typeof__(%s)) == %llu, \"variant %s\");\n", object,
                    (unsigned long long)golden_number(variant, "size_bytes"), object,
                    (unsigned long long)golden_number(variant, "align_bytes"), j->records[i]->name);
        }
    }
}

static inline bool judge_write(judge *j, const judge_pair *pair, const char *path, bool is_native)
{
    oracle_set set = {.records = j->records, .count = j->count, .arena = j->arena};
    const char *triple = golden_text(cJSON_GetObjectItemCaseSensitive(j->c->report, "target"), "triple");
    bool is_full[JUDGE_RECORDS_MAX] = {false};
    FILE *out = fopen(path, "w");
    if (!out)
        return false;
    fprintf(out, "#include \"%s\"\n%s%s", pair->unit, oracle_prologue, is_native ? oracle_bits_prologue : "");
    oracle_emit_undefs(out, &set);
    for (uint32_t i = 0; i < j->count; i++) {
        if (strcmp(j->records[i]->unit, pair->unit) == 0 && strcmp(triple, pair->triple) == 0)
            is_full[i] = oracle_emit_asserts(out, &set, j->records[i], i, "golden", &j->tally);
    }
    judge_emit_variants(j, out, &set, pair);
    fputs(is_native ? "int main(void)\n{\n" : "", out);
    for (uint32_t i = 0; is_native && i < j->count; i++) {
        if (is_full[i])
            oracle_emit_bits(out, j->records[i], i, "golden", &j->tally);
    }
    fputs(is_native ? "    return oracle_failures != 0;\n}\n" : "", out);
    return fclose(out) == 0;
}

/* gcc has no other targets than the 32-bit one of its own machine. */
static inline bool judge_can(const char *compiler, const char *triple, const char *native)
{
    return strncmp(compiler, "gcc", 3) != 0 || strcmp(triple, native) == 0 || strncmp(triple, "i686-", 5) == 0 || strncmp(triple, "i386-", 5) == 0;
}

static inline bool judge_is_asked(const golden_case *c, const char *compiler)
{
    for (uint32_t i = 0; i < c->compilers.count; i++) {
        if (strncmp(compiler, c->compilers.items[i], strlen(c->compilers.items[i])) == 0)
            return true;
    }
    return c->compilers.count == 0;
}

/* Compiles, and runs where there are bit-fields to look at. */
static inline void judge_ask(judge *j, const judge_pair *pair, const char *path, const char *compiler)
{
    golden_words command = {0};
    bool is_native = strcmp(pair->triple, j->native) == 0, is_run = is_native && j->tally.bit_fields && !j->must_fail;
    const char *program = ul_arena_printf(j->arena, "%s.%s", path, compiler), *log = ul_arena_printf(j->arena, "%s.log", program);
    const char *const head[] = {"env", "-C", j->c->place, compiler, "-w", "-O0"};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        golden_add_word(&command, head[i]);
    judge_add_flags(j, &command, pair->unit);
    if (!is_native) {
        golden_add_word(&command, strncmp(compiler, "gcc", 3) == 0 ? "-m32" : ul_arena_printf(j->arena, "--target=%s", pair->triple));
        golden_add_word(&command, "-ffreestanding");
    }
    golden_add_word(&command, is_run ? "-o" : "-fsyntax-only");
    if (is_run)
        golden_add_word(&command, program);
    golden_add_word(&command, path);
    oracle_job job = oracle_start(command.items, log);
    if (j->must_fail) {
        if (golden_wait(&job) == 0)
            golden_complain(j->c, ul_arena_printf(j->arena, "%s accepts the source, the report says that it has errors", compiler));
        return;
    }
    const char *who = ul_arena_printf(j->arena, "%s: %s", j->c->name, compiler);
    uint32_t errors = is_run ? oracle_finish_and_run(&job, who, program) : oracle_finish(&job, who);
    for (; errors; errors--)
        golden_complain(j->c, ul_arena_printf(j->arena, "%s disagrees for %s, %s", compiler, pair->unit, pair->triple));
}

/* Asks both compilers about a case and adds what was asserted to `tally`. */
static inline void judge_case(golden_case *c, const char *clang, const char *native, oracle_tally *tally, ul_arena *arena)
{
    judge *j = UL_NEW(arena, judge);
    *j = (judge){.c = c, .arena = arena, .clang = clang, .native = native};
    judge_read(j);
    for (uint32_t i = 0; i < j->pair_count; i++) {
        const judge_pair *pair = &j->pairs[i];
        const char *path = ul_arena_printf(arena, "%s/judge-%u.c", c->place, i);
        const char *const compilers[] = {clang, "gcc"};
        if (!judge_write(j, pair, path, strcmp(pair->triple, native) == 0)) {
            golden_complain(c, "the judge cannot write its file");
            return;
        }
        for (uint32_t k = 0; k < 2; k++) {
            if (judge_is_asked(c, compilers[k]) && judge_can(compilers[k], pair->triple, native))
                judge_ask(j, pair, path, compilers[k]);
        }
    }
    for (; j->tally.failures; j->tally.failures--)
        golden_complain(c, "its fields and anonymous members do not agree");
    if (!j->must_fail && (c->compilers.count == 0 || strcmp(c->compilers.items[0], "none") != 0))
        oracle_add(tally, &j->tally);
}

#endif
