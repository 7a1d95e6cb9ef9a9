/*
 * Alignments that libclang does not tell. The value of `aligned(N)` and the effect of #pragma pack on a field
 * are not in its API, so one more parse of the unit asks the compiler: a file that exists only in memory
 * includes the unit and defines enumerators of `_Alignof(((struct s *)0)->field)`.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "layout/parse/reader.h"
#include "ullage/strbuf.h"

/* Alignments of one record, remembered by everything that is known of its layout. */
typedef struct probed {
    char *key;
    uint32_t *align_bytes; /* by field; 0: not asked */
    UT_hash_handle hh;
} probed;

struct ul_probe_cache {
    probed *records;
};

typedef struct question {
    uint32_t found, field;
    bool asks_offset; /* else the alignment */
    long long answer; /* bytes; -1: none */
} question;

typedef struct asking {
    ul_reader *reader;
    question *items;
    uint32_t count, capacity;
} asking;

ul_probe_cache *ul_probe_cache_new(void)
{
    return calloc(1, sizeof(ul_probe_cache));
}

void ul_probe_cache_free(ul_probe_cache *cache)
{
    if (!cache)
        return;
    probed *item, *next;
    HASH_ITER(hh, cache->records, item, next)
    {
        HASH_DEL(cache->records, item);
        free(item->key);
        free(item->align_bytes);
        free(item);
    }
    free(cache);
}

static bool asks(const ul_found *found, const ul_field *field)
{
    if (field->flags & UL_FIELD_BIT_FIELD)
        return false;
    return (field->flags & UL_FIELD_ATTRIBUTED) ||
           ((found->record.flags & UL_RECORD_PRAGMA_PACK) && field->align_bytes > 1);
}

static char *cache_key(const ul_found *found)
{
    const ul_record *record = &found->record;
    ul_strbuf key;
    ul_strbuf_init(&key);
    ul_strbuf_printf(&key, "%s %u %llu %u", record->key, record->target,
                     (unsigned long long)record->size_bytes, record->align_bytes);
    for (uint32_t i = 0; i < record->field_count; i++)
        ul_strbuf_printf(&key, " %s:%s:%llu:%llu:%u", record->fields[i].name, record->fields[i].type,
                         (unsigned long long)record->fields[i].offset_bits,
                         (unsigned long long)record->fields[i].size_bits, record->fields[i].align_bytes);
    if (key.has_failed) {
        ul_strbuf_free(&key);
        return NULL;
    }
    return key.data;
}

static bool recall(ul_reader *reader, ul_found *found)
{
    char *key = cache_key(found);
    probed *known = NULL;
    if (key)
        HASH_FIND_STR(reader->probes->records, key, known);
    free(key);
    for (uint32_t i = 0; known && i < found->record.field_count; i++) {
        if (known->align_bytes[i])
            found->record.fields[i].align_bytes = known->align_bytes[i];
    }
    return known != NULL;
}

static void remember(ul_reader *reader, char *key, uint32_t *align_bytes)
{
    probed *item = calloc(1, sizeof *item);
    if (!item || !key) {
        free(item);
        free(key);
        free(align_bytes);
        return;
    }
    item->key = key;
    item->align_bytes = align_bytes;
    HASH_ADD_KEYPTR(hh, reader->probes->records, item->key, strlen(item->key), item);
}

static void refuse(ul_reader *reader, ul_found *found, const ul_field *field)
{
    ul_record_refuse(&found->record, reader->arena, UL_REFUSE_LAYOUT_ATTRIBUTE,
                     ul_arena_printf(reader->arena, "the alignment of `%s` could not be read", field->name));
}

static void add_question(asking *a, uint32_t found, uint32_t field, bool asks_offset)
{
    UL_RESERVE(a->reader->arena, a->items, a->count, a->capacity);
    a->items[a->count++] = (question){found, field, asks_offset, -1};
}

static void collect_questions(asking *a)
{
    for (uint32_t f = 0; f < a->reader->found_count; f++) {
        ul_found *found = a->reader->found[f];
        if (!found->needs_probe || (!found->is_huge && recall(a->reader, found)))
            continue;
        for (uint32_t i = 0; i < found->record.field_count; i++) {
            const ul_field *field = &found->record.fields[i];
            if (field->offset_bits == UL_OFFSET_UNKNOWN)
                add_question(a, f, i, true);
            if (!asks(found, field))
                continue;
            if ((field->flags & UL_FIELD_ANONYMOUS) && !(field->flags & UL_FIELD_ATTRIBUTED))
                continue; /* it has no name to ask for: its own alignment is that of its fields */
            if (!found->access || field->name[0] == '\0') {
                refuse(a->reader, found, field);
                continue;
            }
            add_question(a, f, i, false);
        }
    }
}

static enum CXChildVisitResult read_answer(CXCursor cursor, CXCursor parent, CXClientData data)
{
    asking *a = data;
    (void)parent;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    if (kind == CXCursor_EnumDecl)
        return CXChildVisit_Recurse;
    if (kind != CXCursor_EnumConstantDecl)
        return CXChildVisit_Continue;
    CXString spelling = clang_getCursorSpelling(cursor);
    const char *name = clang_getCString(spelling);
    if (name && strncmp(name, "ul_probe_", 9) == 0) {
        unsigned long index = strtoul(name + 9, NULL, 10);
        long long value = clang_getEnumConstantDeclValue(cursor);
        if (index < a->count && value >= 0)
            a->items[index].answer = value;
    }
    clang_disposeString(spelling);
    return CXChildVisit_Continue;
}

/* An enumerator that the compiler rejected has a value all the same: its line is in the diagnostics. */
static void drop_rejected(asking *a, CXTranslationUnit unit, CXFile main_file)
{
    for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
        ul_clang_place place = ul_clang_place_of(clang_getDiagnosticLocation(diagnostic));
        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error && place.file && main_file &&
            clang_File_isEqual(place.file, main_file) && place.line >= 3 && place.line - 3 < a->count)
            a->items[place.line - 3].answer = -1;
        clang_disposeDiagnostic(diagnostic);
    }
}

/* The unit is asked as it was read: with the contents that stand for files on disk. */
static struct CXUnsavedFile *list_files(const ul_reader *reader, const char *path, const ul_strbuf *text)
{
    const ul_unit_job *job = reader->job;
    struct CXUnsavedFile *files = UL_NEW_ARRAY(reader->arena, struct CXUnsavedFile, job->unsaved_count + 1u);
    for (uint32_t i = 0; i < job->unsaved_count; i++)
        files[i] = (struct CXUnsavedFile){.Filename = job->unsaved[i].file, .Contents = job->unsaved[i].bytes, .Length = job->unsaved[i].length};
    files[job->unsaved_count] = (struct CXUnsavedFile){.Filename = path, .Contents = text->data, .Length = text->length};
    return files;
}

static void ask(asking *a)
{
    ul_reader *reader = a->reader;
    ul_strbuf text;
    ul_strbuf_init(&text);
    ul_strbuf_printf(&text, "#include \"%s\"\nenum {\n", reader->job->file);
    for (uint32_t i = 0; i < a->count; i++) {
        const ul_found *found = reader->found[a->items[i].found];
        const char *name = found->record.fields[a->items[i].field].name;
        if (a->items[i].asks_offset)
            ul_strbuf_printf(&text, "ul_probe_%u = (long long)&%s%s,\n", i, found->access, name);
        else
            ul_strbuf_printf(&text, "ul_probe_%u = _Alignof(%s%s),\n", i, found->access, name);
    }
    ul_strbuf_puts(&text, "};\n");
    const char *path = ul_arena_printf(reader->arena, "%s/ullage-probe.c", reader->job->directory);
    CXTranslationUnit unit = NULL;
    if (!text.has_failed &&
        clang_parseTranslationUnit2(reader->index, path, reader->args, (int)reader->arg_count, list_files(reader, path, &text),
                                    reader->job->unsaved_count + 1u,
                                    CXTranslationUnit_KeepGoing | CXTranslationUnit_SkipFunctionBodies,
                                    &unit) == CXError_Success) {
        clang_visitChildren(clang_getTranslationUnitCursor(unit), read_answer, a);
        drop_rejected(a, unit, clang_getFile(unit, path));
    }
    clang_disposeTranslationUnit(unit);
    ul_strbuf_free(&text);
}

/* Offsets that stay unknown would be wrong offsets: such a record is shown without its fields, and refused.
 */
static void forget_unknown_offsets(ul_found *found)
{
    for (uint32_t i = 0; i < found->record.field_count; i++) {
        if (found->record.fields[i].offset_bits == UL_OFFSET_UNKNOWN) {
            found->record.field_count = 0;
            found->record.groups = NULL;
            found->record.group_count = 0;
            return;
        }
    }
}

/* Under #pragma pack clang tells more than it asked for; of a field without attributes the type never asks for more. */
static uint32_t clip(const ul_found *found, const ul_field *field, uint32_t align)
{
    bool is_plain = (found->record.flags & UL_RECORD_PRAGMA_PACK) && !(field->flags & UL_FIELD_ATTRIBUTED);
    return is_plain && align > field->align_bytes ? field->align_bytes : align;
}

/* What a field's offset or its record, under #pragma pack or -fpack-struct, does not keep to was not required, whatever clang tells. */
static void settle_packed(ul_record *record)
{
    for (uint32_t i = 0; i < record->field_count; i++) {
        ul_field *field = &record->fields[i];
        bool is_direct = field->parent == UL_NO_PARENT && field->offset_bits != UL_OFFSET_UNKNOWN;
        if (field->flags & UL_FIELD_BIT_FIELD)
            continue;
        while (field->align_bytes > record->align_bytes ||
               (is_direct && field->align_bytes > 1 && field->offset_bits / 8 % field->align_bytes))
            field->align_bytes /= 2;
    }
}

/* Hands the answers of questions first..last-1, all about one record, to the record and to the cache. */
static void answer(asking *a, uint32_t first, uint32_t last)
{
    ul_found *found = a->reader->found[a->items[first].found];
    char *key = cache_key(found);
    uint32_t *align_bytes = calloc(found->record.field_count, sizeof *align_bytes);
    bool is_complete = align_bytes != NULL;
    for (uint32_t i = first; i < last; i++) {
        const question *asked = &a->items[i];
        ul_field *field = &found->record.fields[asked->field];
        if (asked->answer < 0 || (!asked->asks_offset && (asked->answer == 0 || asked->answer > 1 << 29))) {
            refuse(a->reader, found, field);
            is_complete = false;
        } else if (asked->asks_offset) {
            field->offset_bits = (uint64_t)asked->answer * 8;
        } else {
            field->align_bytes = clip(found, field, (uint32_t)asked->answer);
            if (align_bytes)
                align_bytes[asked->field] = field->align_bytes;
        }
    }
    if (found->is_huge)
        forget_unknown_offsets(found);
    if (is_complete && !found->is_huge) {
        remember(a->reader, key, align_bytes);
    } else {
        free(key);
        free(align_bytes);
    }
}

static void ask_all(asking *a)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    ask(a);
    for (uint32_t first = 0; first < a->count;) {
        uint32_t last = first;
        while (last < a->count && a->items[last].found == a->items[first].found)
            last++;
        answer(a, first, last);
        first = last;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    a->reader->result->probe_count++;
    a->reader->result->probe_seconds +=
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) * 1e-9;
}

void ul_reader_probe(ul_reader *reader)
{
    asking a = {.reader = reader};
    collect_questions(&a);
    if (a.count)
        ask_all(&a);
    bool packs_all = false;
    for (uint32_t i = 0; i < reader->job->refusal_count; i++)
        packs_all |= reader->job->refusals[i].reason == UL_REFUSE_PACK_STRUCT;
    for (uint32_t i = 0; i < reader->found_count; i++) {
        if (packs_all || reader->found[i]->record.flags & UL_RECORD_PRAGMA_PACK)
            settle_packed(&reader->found[i]->record);
    }
}
