/*
 * The compiler oracle: what ullage says of a record, written as C that only compiles when gcc or clang
 * agrees. Sizes, alignments and offsets become _Static_asserts; the places of bit-fields, which no constant
 * expression tells, become a program that sets each to all ones and looks at the bytes. For tests only.
 */
#ifndef UL_TESTS_ORACLE_H
#define UL_TESTS_ORACLE_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "layout/model/report.h"
#include "ullage/strbuf.h"

extern char **environ;

/* What was asked of the compilers; a suite asserts floors on it so that it cannot pass empty. */
typedef struct oracle_tally {
    uint32_t records; /* size and alignment asserted */
    uint32_t
        by_parent;    /* anonymous members: size held against the record around them, fields asserted there */
    uint32_t unnamed; /* no C expression names the record */
    uint32_t untrusted;  /* the reader itself said that the compiler rejected something */
    uint32_t clang_only; /* gcc and clang are known to disagree; only the one that was read is asked */
    uint32_t fields, bit_fields;
    uint32_t failures;
} oracle_tally;

static inline void oracle_add(oracle_tally *sum, const oracle_tally *one)
{
    sum->records += one->records;
    sum->by_parent += one->by_parent;
    sum->unnamed += one->unnamed;
    sum->untrusted += one->untrusted;
    sum->clang_only += one->clang_only;
    sum->fields += one->fields;
    sum->bit_fields += one->bit_fields;
    sum->failures += one->failures;
}

/* The records that a file of assertions is about; names are looked up among them. */
typedef struct oracle_set {
    const ul_record *const *records;
    const bool *is_stale; /* by record: here for its name, its size is out of date; NULL: none is */
    uint32_t count;
    ul_arena *arena;
} oracle_set;

static inline const ul_record *oracle_find(const oracle_set *set, const char *name, const char *file)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (strcmp(set->records[i]->name, name) == 0 && strcmp(set->records[i]->file, file) == 0)
            return set->records[i];
    }
    return NULL;
}

/*
 * From a field of type `type`, spelt "struct <anonymous> *[2]", to an object of the record in it: "[0]" for
 * each extent, then a dereference for each star. NULL for shapes that need more than that.
 */
static inline const char *oracle_reach(const oracle_set *set, const char *object, const char *type)
{
    const char *shape = strrchr(type, '>');
    shape = shape ? shape + 1 : "";
    if (strchr(shape, '('))
        return NULL;
    const char *text = object;
    for (const char *at = shape; *at; at++) {
        if (*at == '[')
            text = ul_arena_printf(set->arena, "%s[0]", text);
    }
    for (const char *at = shape; *at; at++) {
        if (*at == '*')
            text = ul_arena_printf(set->arena, "(*%s)", text);
    }
    return text;
}

/* An lvalue of the record, unevaluated: "(*(struct conn *)0)" or a member of such. NULL when C has no name
 * for it. */
static inline const char *oracle_object(const oracle_set *set, const ul_record *record)
{
    const char *name = record->name, *last = NULL;
    for (const char *at = strstr(name, "::"); at; at = strstr(at + 2, "::"))
        last = at;
    if (!last)
        return strchr(name, '<') ? NULL : ul_arena_printf(set->arena, "(*(%s *)0)", name);
    const ul_record *outer =
        oracle_find(set, ul_arena_strndup(set->arena, name, (size_t)(last - name)), record->file);
    if (!outer)
        return NULL;
    const char *around = oracle_object(set, outer);
    if (!around || (record->flags & UL_RECORD_MEMBER))
        return around; /* an anonymous member's fields are named as the outer record's */
    const char *field = strstr(last, ">.");
    if (!field)
        return NULL;
    for (uint32_t i = 0; i < outer->field_count; i++) {
        const ul_field *f = &outer->fields[i];
        if (f->parent == UL_NO_PARENT && strcmp(f->name, field + 2) == 0)
            return oracle_reach(set, ul_arena_printf(set->arena, "%s.%s", around, f->name), f->type);
    }
    return NULL;
}

static inline bool oracle_is_refused(const ul_record *record, ul_refusal_reason reason)
{
    for (uint32_t i = 0; i < record->refusal_count; i++) {
        if (record->refusals[i].reason == reason)
            return true;
    }
    return false;
}

/* The reader said itself that the compiler rejected what it shows. */
static inline bool oracle_is_untrusted(const ul_record *record)
{
    return oracle_is_refused(record, UL_REFUSE_INVALID_RECORD) ||
           oracle_is_refused(record, UL_REFUSE_INVALID_TYPE) ||
           oracle_is_refused(record, UL_REFUSE_ERROR_IN_RECORD);
}

/*
 * gcc lays these out in another way than clang (bit-fields with an alignment of their own, ms_struct), or
 * does not have them: clang's own headers.
 */
static inline bool oracle_is_clang_only(const ul_record *record)
{
    return strstr(record->file, "/clang/") || oracle_is_refused(record, UL_REFUSE_BIT_FIELD_ALIGNED) ||
           oracle_is_refused(record, UL_REFUSE_MS_LAYOUT);
}

static inline bool oracle_can_name(const ul_field *field)
{
    return field->name[0] != '\0';
}

/* Size and alignment of the record that `record` is around fields[index], from the anonymous member's own
 * entry. */
static inline void oracle_check_member(const oracle_set *set, const ul_record *record, uint32_t index,
                                       oracle_tally *tally)
{
    const char *label = ul_field_label(record, index, set->arena);
    const ul_record *member =
        oracle_find(set, ul_arena_printf(set->arena, "%s::%s", record->name, label), record->file);
    if (!member || record->fields[index].parent != UL_NO_PARENT)
        return;
    for (uint32_t i = 0; set->is_stale && i < set->count; i++) {
        if (set->records[i] == member && set->is_stale[i])
            return;
    }
    tally->by_parent++;
    if (member->size_bytes * 8 != record->fields[index].size_bits) {
        printf("%s: %llu bytes on its own, %llu bits as a member\n", member->name,
               (unsigned long long)member->size_bytes, (unsigned long long)record->fields[index].size_bits);
        tally->failures++;
    }
}

/*
 * Under #pragma pack gcc and clang say different things of `_Alignof` a field, though they put it at the same
 * place: clang does not cap by the pragma where the record has an alignment of its own. What is reported lies
 * between the two.
 */
static inline void oracle_emit_field(FILE *out, const ul_record *record, const ul_field *field, uint32_t id,
                                     const char *what)
{
    unsigned long long offset = field->offset_bits / 8, size = field->size_bits / 8;
    fprintf(out, "_Static_assert(__builtin_offsetof(t%u, %s) == %llu", id, field->name, offset);
    fprintf(out,
            (record->flags & UL_RECORD_PRAGMA_PACK) ? " && ORACLE_PACK_ALIGN(((t%u *)0)->%s, %u)"
                                                    : " && _Alignof(((t%u *)0)->%s) == %u",
            id, field->name, field->align_bytes);
    if (!(field->flags & UL_FIELD_FLEXIBLE))
        fprintf(out, " && sizeof(((t%u *)0)->%s) == %llu", id, field->name, size);
    fprintf(out, ", \"%s %s: %s %s at %llu size %llu align %u\");\n", what, record->name, field->type,
            field->name, offset, size, field->align_bytes);
}

/* Takes away the macros that a header has under the names of fields, as libc and libxml2 do. */
static inline void oracle_emit_undefs(FILE *out, const oracle_set *set)
{
    for (uint32_t i = 0; i < set->count; i++) {
        for (uint32_t f = 0; f < set->records[i]->field_count; f++) {
            const char *name = set->records[i]->fields[f].name;
            if (name[0] && strcmp(name, "defined") != 0)
                fprintf(out, "#undef %s\n", name);
        }
    }
}

/* Goes before the assertions. */
static const char oracle_prologue[] =
    "#ifdef __clang__\n#define ORACLE_PACK_ALIGN(field, bytes) (_Alignof(field) >= (bytes))\n"
    "#else\n#define ORACLE_PACK_ALIGN(field, bytes) (_Alignof(field) <= (bytes))\n#endif\n";

/*
 * Writes the assertions about `record` to `out`: C that goes after an #include of its definition. `id` makes
 * its names unique in the file, `what` goes into each message. Records that cannot be asserted are counted,
 * not dropped. Returns whether the type t<id> was defined.
 */
static inline bool oracle_emit_asserts(FILE *out, const oracle_set *set, const ul_record *record, uint32_t id,
                                       const char *what, oracle_tally *tally)
{
    if (oracle_is_untrusted(record)) {
        tally->untrusted++;
        return false;
    }
    for (uint32_t i = 0; i < record->field_count; i++) {
        if (record->fields[i].flags & UL_FIELD_ANONYMOUS)
            oracle_check_member(set, record, i, tally);
    }
    if (record->flags & UL_RECORD_MEMBER)
        return false;
    const char *object = oracle_object(set, record);
    if (!object) {
        tally->unnamed++;
        return false;
    }
    bool is_clang_only = oracle_is_clang_only(record);
    tally->records++;
    tally->clang_only += is_clang_only;
    unsigned long long size = record->size_bytes;
    fprintf(out, "%stypedef __typeof__(%s) t%u;\n", is_clang_only ? "#ifdef __clang__\n" : "", object, id);
    /* Only a typedef with an alignment of its own has a size that is no multiple of it: then the record
     * itself has no name. */
    fprintf(out,
            "_Static_assert(sizeof(t%u) == %llu && (_Alignof(t%u) == %u || (%d && sizeof(t%u) %% "
            "_Alignof(t%u))), ",
            id, size, id, record->align_bytes, strchr(record->name, ' ') == NULL, id, id);
    fprintf(out, "\"%s %s: size %llu align %u\");\n", what, record->name, size, record->align_bytes);
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if ((field->flags & UL_FIELD_BIT_FIELD) || !oracle_can_name(field))
            continue;
        tally->fields++;
        oracle_emit_field(out, record, field, id, what);
        if (field->parent == UL_NO_PARENT && field->offset_bits / 8 % field->align_bytes != 0) {
            printf("%s: `%s` at %llu is said to be aligned to %u\n", record->name, field->name,
                   (unsigned long long)field->offset_bits / 8, field->align_bytes);
            tally->failures++;
        }
    }
    fputs(is_clang_only ? "#endif\n" : "", out);
    return true;
}

/* Goes before the calls that oracle_emit_bits() writes. */
static const char oracle_bits_prologue[] =
    "int printf(const char *, ...);\nvoid *memset(void *, int, __SIZE_TYPE__);\n"
    "static _Alignas(4096) unsigned char oracle_object[1 << 20];\nstatic int oracle_failures;\n"
    "static void oracle_look(__SIZE_TYPE__ size, unsigned long long at, unsigned width, const char "
    "*what)\n{\n"
    "    for (unsigned long long i = 0; i < size * 8; i++) {\n"
    "        int is_set = oracle_object[i / 8] >> i % 8 & 1;\n"
    "        if (is_set != (i >= at && i < at + width)) {\n"
    "            oracle_failures++;\n"
    "            printf(\"error: %s: said to be at bit %llu, %u wide; bit %llu is %d\\n\", what, at, width, "
    "i, is_set);\n"
    "            return;\n        }\n    }\n}\n"
    "#define ORACLE_BITS(type, field, at, width, what) \\\n"
    "    do { memset(oracle_object, 0, sizeof(type)); ((type *)oracle_object)->field = -1; "
    "oracle_look(sizeof(type), at, width, what); } while (0)\n";

/* The calls that hold the named bit-fields of `record`, whose type is t<id>, against a running program. */
static inline void oracle_emit_bits(FILE *out, const ul_record *record, uint32_t id, const char *what,
                                    oracle_tally *tally)
{
    if (record->size_bytes > 1 << 20)
        return;
    bool is_clang_only = oracle_is_clang_only(record);
    fputs(is_clang_only ? "#ifdef __clang__\n" : "", out);
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        if (!(field->flags & UL_FIELD_BIT_FIELD) || !oracle_can_name(field))
            continue;
        tally->bit_fields++;
        fprintf(out, "    ORACLE_BITS(t%u, %s, %llu, %llu, \"%s %s.%s\");\n", id, field->name,
                (unsigned long long)field->offset_bits, (unsigned long long)field->size_bits, what,
                record->name, field->name);
    }
    fputs(is_clang_only ? "#endif\n" : "", out);
}

/* The compilers to ask; NULL when one is not installed. */
static inline const char *oracle_clang(void)
{
    static const char *const names[] = {"clang",    "clang-19", "clang-18", "clang-17",
                                        "clang-16", "clang-15", "clang-14"};
    const char *path = getenv("PATH");
    for (size_t i = 0; path && i < sizeof names / sizeof names[0]; i++) {
        for (const char *at = path; *at;) {
            size_t length = strcspn(at, ":");
            char file[4096];
            snprintf(file, sizeof file, "%.*s/%s", (int)length, at, names[i]);
            if (access(file, X_OK) == 0)
                return names[i];
            at += length + (at[length] == ':');
        }
    }
    return NULL;
}

/* A command under way, its output in a file. */
typedef struct oracle_job {
    pid_t process;
    const char *log; /* borrowed */
} oracle_job;

/* Starts `args` (NULL at the end) with stdout and stderr in `log`; process is -1 when it cannot be started.
 */
static inline oracle_job oracle_start(const char *const *args, const char *log)
{
    oracle_job job = {.process = -1, .log = log};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    if (posix_spawnp(&job.process, args[0], &actions, NULL, (char *const *)(uintptr_t)args, environ) != 0)
        job.process = -1;
    posix_spawn_file_actions_destroy(&actions);
    return job;
}

/* Prints up to `most` lines of the log that hold an error; how many there are. */
static inline uint32_t oracle_errors(const char *log, const char *who, uint32_t most)
{
    uint32_t count = 0;
    char line[8192];
    FILE *in = fopen(log, "r");
    while (in && fgets(line, sizeof line, in)) {
        if (!strstr(line, "error"))
            continue;
        if (count++ < most)
            printf("%s: %s%s", who, line, strchr(line, '\n') ? "" : "\n");
    }
    if (in)
        fclose(in);
    return count;
}

/* Waits for the command; 0 when it succeeded, else the number of errors in its log, at least 1, the first
 * ones printed. */
static inline uint32_t oracle_finish(const oracle_job *job, const char *who)
{
    int status = -1;
    if (job->process > 0) {
        while (waitpid(job->process, &status, 0) < 0 && errno == EINTR)
            ;
    }
    if (status == 0)
        return 0;
    uint32_t errors = oracle_errors(job->log, who, 8);
    if (errors == 0)
        printf("%s: failed with status %d, see %s\n", who, status, job->log);
    return errors ? errors : 1;
}

/* Waits for the compiler and then runs what it made; 0 when all is well, else the number of errors. */
static inline uint32_t oracle_finish_and_run(oracle_job *job, const char *who, const char *program)
{
    const char *const args[] = {program, NULL};
    uint32_t errors = oracle_finish(job, who);
    if (errors)
        return errors;
    *job = oracle_start(args, job->log);
    return oracle_finish(job, who);
}

/* Takes a directory of plain files away, unless ULLAGE_KEEP is set. */
static inline void oracle_remove(const char *path)
{
    DIR *directory = getenv("ULLAGE_KEEP") ? NULL : opendir(path);
    for (struct dirent *file; directory && (file = readdir(directory));) {
        if (file->d_name[0] != '.')
            unlinkat(dirfd(directory), file->d_name, 0);
    }
    if (directory) {
        closedir(directory);
        rmdir(path);
    }
}

#endif
