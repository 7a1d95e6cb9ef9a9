/* From a job to a result: parses one unit, judges its diagnostics, has its records read. */
#include "layout/parse/bodies.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* Most errors of one unit that are passed on; the number of the others is. */
enum { DIAGS_MAX = 40 };

typedef struct verdict {
    uint32_t errors, missing;
    const char *first_missing;
    ul_clang_place *places; /* of errors, to find the records that hold them */
    uint32_t place_count, place_capacity;
} verdict;

static double seconds_since(const struct timespec *begin)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begin->tv_sec) + (double)(now.tv_nsec - begin->tv_nsec) * 1e-9;
}

static const char *parse_failure(enum CXErrorCode code)
{
    switch (code) {
    case CXError_Crashed:
        return "libclang crashed on it";
    case CXError_InvalidArguments:
        return "libclang rejects the arguments";
    case CXError_ASTReadError:
        return "libclang rejects the file or its flags (an unknown -std, a flag without its value)";
    default:
        return "libclang cannot parse it (an unknown target, or a file that cannot be read)";
    }
}

/* The arguments of the job with ours: `extra` may be NULL-terminated words for a target without headers. */
static void make_args(ul_reader *reader, const char *const *extra)
{
    const ul_unit_job *job = reader->job;
    uint32_t extra_count = 0;
    while (extra && extra[extra_count])
        extra_count++;
    const char **args = UL_NEW_ARRAY(reader->arena, const char *, job->arg_count + extra_count + 8u);
    uint32_t count = 0;
    if (job->keeps_warnings) {
        args[count++] = "-Wall"; /* before the unit's own, so that its -Wno- still hold */
        args[count++] = "-Wextra";
    }
    for (uint32_t i = 0; i < job->arg_count; i++)
        args[count++] = job->args[i];
    args[count++] = ul_arena_printf(reader->arena, "-working-directory=%s", job->directory);
    if (job->triple) {
        args[count++] = "-target";
        args[count++] = job->triple;
    }
    for (uint32_t i = 0; i < extra_count; i++)
        args[count++] = extra[i];
    args[count++] = "-ferror-limit=0";
    if (!job->keeps_warnings) {
        args[count++] = "-Wno-everything";
        args[count++] = "-Wunknown-attributes";
    }
    reader->args = args;
    reader->arg_count = count;
}

static enum CXErrorCode parse(ul_reader *reader, CXTranslationUnit *unit)
{
    enum { VISIT_IMPLICIT_ATTRIBUTES = 0x2000 }; /* shows #pragma pack as an attribute */
    unsigned options = CXTranslationUnit_KeepGoing | VISIT_IMPLICIT_ATTRIBUTES;
    const ul_unit_job *job = reader->job;
    if (!job->reads_bodies && !job->reads_uses && !job->reads_census && !job->keeps_warnings)
        options |= CXTranslationUnit_SkipFunctionBodies;
    struct CXUnsavedFile *unsaved = UL_NEW_ARRAY(reader->arena, struct CXUnsavedFile, job->unsaved_count);
    for (uint32_t i = 0; i < job->unsaved_count; i++)
        unsaved[i] = (struct CXUnsavedFile){job->unsaved[i].file, job->unsaved[i].bytes,
                                            (unsigned long)job->unsaved[i].length};
    return clang_parseTranslationUnit2(reader->index, job->file, reader->args, (int)reader->arg_count, unsaved,
                                       job->unsaved_count, options, unit);
}

static uint32_t count_errors(CXTranslationUnit unit)
{
    uint32_t errors = 0;
    for (unsigned i = 0; i < clang_getNumDiagnostics(unit); i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(unit, i);
        errors += clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error;
        clang_disposeDiagnostic(diagnostic);
    }
    return errors;
}

/*
 * Parses; for a foreign target whose C library is not installed, the host's headers do not fit and the parse
 * is full of errors: the freestanding headers of clang alone serve self-contained headers.
 */
static enum CXErrorCode parse_for_target(ul_reader *reader)
{
    make_args(reader, NULL);
    enum CXErrorCode code = parse(reader, &reader->unit);
    uint32_t errors = code == CXError_Success && reader->job->triple ? count_errors(reader->unit) : 0;
    if (!errors)
        return code;
    const char *const *saved = reader->args;
    uint32_t saved_count = reader->arg_count;
    static const char *const freestanding[] = {"-nostdinc", "-isystem", ULLAGE_RESOURCE_INCLUDE, NULL};
    make_args(reader, freestanding);
    CXTranslationUnit second = NULL;
    if (parse(reader, &second) == CXError_Success && count_errors(second) < errors) {
        clang_disposeTranslationUnit(reader->unit);
        reader->unit = second;
        return CXError_Success;
    }
    clang_disposeTranslationUnit(second);
    reader->args = saved;
    reader->arg_count = saved_count;
    return code;
}

/* Flags of another compiler: libclang parses all the same and says so without a position. */
static bool is_flag_noise(const char *text)
{
    return strstr(text, "unknown argument") || strstr(text, "unsupported option") ||
           strstr(text, "unknown warning") || strstr(text, "unsupported argument") ||
           strstr(text, "argument unused");
}

static enum CXChildVisitResult see_body(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_CompoundStmt)
        return CXChildVisit_Continue;
    *(CXSourceRange *)data = clang_getCursorExtent(cursor);
    return CXChildVisit_Break;
}

/* Behind the `{` of a definition: what its head gets wrong is wrong outside it too. */
static bool is_behind_brace(CXCursor function, CXSourceLocation location)
{
    CXSourceRange body = clang_getNullRange();
    clang_visitChildren(function, see_body, &body);
    ul_clang_place begin = ul_clang_place_of(clang_getRangeStart(body)), place = ul_clang_place_of(location);
    return !clang_Range_isNull(body) && (!clang_File_isEqual(begin.file, place.file) || place.offset > begin.offset);
}

static bool is_in_body(CXTranslationUnit unit, CXSourceLocation location)
{
    CXCursor cursor = clang_getCursor(unit, location);
    for (int depth = 0; depth < 512 && !clang_Cursor_isNull(cursor); depth++) {
        enum CXCursorKind kind = clang_getCursorKind(cursor);
        if (kind == CXCursor_FunctionDecl)
            return is_behind_brace(cursor, location);
        if (kind == CXCursor_TranslationUnit || clang_isInvalid(kind))
            return false;
        cursor = clang_getCursorSemanticParent(cursor);
    }
    return false;
}

static const char *const own_headers[] = {"stddef.h", "stdarg.h", "stdbool.h", "stdint.h",
                                          "limits.h", "float.h",  "stdalign.h"};

/* "'x.h' file not found" -> "x.h", or NULL when the text is about something else. */
static const char *missing_header(const char *text, ul_arena *arena)
{
    const char *end = strstr(text, "' file not found");
    if (!end || text[0] != '\'')
        return NULL;
    return ul_arena_strndup(arena, text + 1, (size_t)(end - text - 1));
}

/* "UTF-16 (LE) byte order mark detected in '...', but encoding is not supported" -> "UTF-16 (LE)"; else NULL. */
static const char *foreign_encoding(const char *text, ul_arena *arena)
{
    const char *end = strstr(text, " byte order mark detected");
    return end ? ul_arena_strndup(arena, text, (size_t)(end - text)) : NULL;
}

/* An assertion about a layout that does not hold leaves no doubt about the layout. */
static bool is_failed_assertion(const char *text)
{
    return strncmp(text, "static_assert failed", 20) == 0 || strncmp(text, "static assertion failed", 23) == 0;
}

/* What no file says: the command line does. Its places are in a buffer of clang's, which nobody can look at. */
static const char *flags_words(const char *text, const char *missing, ul_arena *arena)
{
    static const char directory[] = "unable to set working directory: ";
    if (missing)
        return ul_arena_printf(arena, "'%s', which its flags include, is not found", missing);
    if (strncmp(text, directory, sizeof directory - 1) == 0)
        return ul_arena_printf(arena, "the directory that it is compiled in cannot be entered: %s", text + sizeof directory - 1);
    return text;
}

static void judge_error(ul_reader *reader, verdict *v, const char *text, ul_clang_place place,
                        CXSourceLocation location)
{
    ul_source_file *file = ul_reader_file(reader, place.file);
    if (!file && is_flag_noise(text)) {
        ul_diags_add(&reader->diags, UL_LEVEL_NOTE, reader->job->file, 0, 0, "%s", text);
        return;
    }
    if (v->errors && strstr(text, "'<invalid buffer>'"))
        return; /* what clang says next of a file whose encoding it does not read */
    const char *encoding = foreign_encoding(text, reader->arena);
    if (encoding)
        text = ul_arena_printf(reader->arena, "the file is in %s: only UTF-8 and ASCII can be read", encoding);
    bool has_bodies =
        reader->job->reads_bodies || reader->job->reads_uses || reader->job->reads_census || reader->job->keeps_warnings;
    if (has_bodies && file && is_in_body(reader->unit, location))
        return; /* what a function body gets wrong changes no layout outside it */
    if (file && is_failed_assertion(text)) {
        ul_diags_add(&reader->diags, UL_LEVEL_ERROR, file->path, place.line, place.column, "%s", text);
        return;
    }
    const char *missing = missing_header(text, reader->arena);
    if (missing) {
        v->missing++;
        if (!v->first_missing)
            v->first_missing = missing;
    }
    if (++v->errors <= DIAGS_MAX && file)
        ul_diags_add(&reader->diags, UL_LEVEL_ERROR, file->path, place.line, place.column, "%s", text);
    else if (v->errors <= DIAGS_MAX)
        ul_diags_add(&reader->diags, UL_LEVEL_ERROR, reader->job->file, 0, 0, "%s", flags_words(text, missing, reader->arena));
    UL_RESERVE(reader->arena, v->places, v->place_count, v->place_capacity);
    v->places[v->place_count++] = place;
    for (unsigned i = 0; missing && i < sizeof own_headers / sizeof *own_headers; i++) {
        if (strcmp(missing, own_headers[i]) == 0 && !reader->job->triple)
            ul_diags_add(
                &reader->diags, UL_LEVEL_ERROR, NULL, 0, 0,
                "clang's own headers are missing (<%s> is one of them): install libclang-common-%d-dev",
                missing, ULLAGE_LLVM_MAJOR);
    }
}

/* Everything that the compiler said, in bodies too: what a proof compares. */
static void keep_remark(ul_diags *remarks, ul_reader *reader, enum CXDiagnosticSeverity severity, const char *text,
                        ul_clang_place place)
{
    ul_source_file *file = ul_reader_file(reader, place.file);
    ul_level level = severity >= CXDiagnostic_Error     ? UL_LEVEL_ERROR
                     : severity == CXDiagnostic_Warning ? UL_LEVEL_WARNING
                                                        : UL_LEVEL_NOTE;
    if (file || !is_flag_noise(text))
        ul_diags_add(remarks, level, file ? file->path : NULL, place.line, place.column, "%s", text);
}

static verdict read_diagnostics(ul_reader *reader)
{
    verdict v = {0};
    ul_diags remarks;
    ul_diags_init(&remarks, reader->arena);
    unsigned count = clang_getNumDiagnostics(reader->unit);
    for (unsigned i = 0; i < count; i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(reader->unit, i);
        enum CXDiagnosticSeverity severity = clang_getDiagnosticSeverity(diagnostic);
        if (severity >= CXDiagnostic_Error || reader->job->keeps_warnings) {
            CXSourceLocation location = clang_getDiagnosticLocation(diagnostic);
            const char *text = ul_clang_text(clang_getDiagnosticSpelling(diagnostic), reader->arena);
            if (reader->job->keeps_warnings)
                keep_remark(&remarks, reader, severity, text, ul_clang_place_of(location));
            if (severity >= CXDiagnostic_Error)
                judge_error(reader, &v, text, ul_clang_place_of(location), location);
        }
        clang_disposeDiagnostic(diagnostic);
    }
    reader->result->remarks = remarks.items;
    reader->result->remark_count = remarks.count;
    if (v.errors > DIAGS_MAX)
        ul_diags_add(&reader->diags, UL_LEVEL_ERROR, reader->job->file, 0, 0, "%u more errors in this unit",
                     v.errors - DIAGS_MAX);
    return v;
}

static bool holds(const ul_found *found, ul_clang_place place)
{
    const ul_record *record = &found->record;
    return place.file && clang_File_isEqual(place.file, found->file->handle) &&
           place.offset >= record->span.begin &&
           (place.offset <= record->span.end || place.line == record->end_line);
}

static void refuse_by_errors(ul_reader *reader, ul_found *found, const verdict *v)
{
    ul_record *record = &found->record;
    bool is_inside = false;
    for (uint32_t i = 0; i < v->place_count; i++) {
        if (holds(found, v->places[i])) {
            is_inside = true;
            ul_record_refuse(record, reader->arena, UL_REFUSE_ERROR_IN_RECORD,
                             ul_arena_printf(reader->arena, "line %u", v->places[i].line));
            break;
        }
    }
    if (v->missing)
        ul_record_refuse(record, reader->arena, UL_REFUSE_MISSING_INCLUDE,
                         ul_arena_printf(reader->arena, "`%s`", v->first_missing));
    else if (v->errors && !is_inside)
        ul_record_refuse(record, reader->arena, UL_REFUSE_UNIT_ERRORS,
                         ul_arena_printf(reader->arena, "%u error%s", v->errors, v->errors == 1 ? "" : "s"));
}

typedef struct include_list {
    ul_reader *reader;
    uint32_t capacity;
} include_list;

static void see_include(CXFile handle, CXSourceLocation *stack, unsigned depth, CXClientData data)
{
    include_list *list = data;
    ul_unit_result *result = list->reader->result;
    (void)stack;
    (void)depth;
    UL_RESERVE(list->reader->arena, result->includes, result->include_count, list->capacity);
    result->includes[result->include_count++] = ul_reader_file(list->reader, handle)->path;
}

static void read_target(ul_reader *reader)
{
    CXTargetInfo target = clang_getTranslationUnitTargetInfo(reader->unit);
    reader->result->triple = ul_clang_text(clang_TargetInfo_getTriple(target), reader->arena);
    int bits = clang_TargetInfo_getPointerWidth(target);
    reader->result->pointer_bytes = bits > 0 ? (uint32_t)bits / 8 : 0;
    clang_TargetInfo_dispose(target);
    reader->is_ms_layout = strstr(reader->result->triple, "windows") != NULL;
}

static void read_records(ul_reader *reader, const verdict *v)
{
    ul_reader_collect(reader);
    for (uint32_t i = 0; i < reader->found_count; i++) {
        ul_found *found = reader->found[i];
        ul_reader_body(reader, found);
        ul_reader_annotations(reader, found);
        for (uint32_t r = 0; r < reader->job->refusal_count; r++)
            ul_record_refuse(&found->record, reader->arena, reader->job->refusals[r].reason,
                             reader->job->refusals[r].detail);
        refuse_by_errors(reader, found, v);
    }
    ul_reader_stray_annotations(reader);
    ul_reader_probe(reader);
}

/* An alignment of the record's own shows as one that no field asks for. */
static void settle_own_align(ul_record *record)
{
    uint32_t most = 1;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const ul_field *field = &record->fields[i];
        bool counts = !(field->flags & UL_FIELD_BIT_FIELD) || field->name[0];
        if (field->parent == UL_NO_PARENT && counts && field->align_bytes > most)
            most = field->align_bytes;
    }
    if ((record->flags & UL_RECORD_ALIGNED) && record->align_bytes > most)
        record->own_align_bytes = record->align_bytes;
}

static void hand_over(ul_reader *reader)
{
    ul_unit_result *result = reader->result;
    result->records = UL_NEW_ARRAY(reader->arena, ul_record, reader->found_count);
    result->record_count = reader->found_count;
    for (uint32_t i = 0; i < reader->found_count; i++) {
        settle_own_align(&reader->found[i]->record);
        result->records[i] = reader->found[i]->record;
    }
    result->diags = reader->diags.items;
    result->diag_count = reader->diags.count;
}

/*
 * Whether the head of the file says that it is no text: more control characters than any text has. libclang complains of each, at length; of NUL
 * it does not, and text in UTF-16 is full of that.
 */
static bool is_binary(const ul_unit_job *job)
{
    enum { HEAD_BYTES = 4096, CONTROLS_OF = 20 };
    unsigned char head[HEAD_BYTES];
    size_t controls = 0, characters = 0;
    for (uint32_t i = 0; i < job->unsaved_count; i++) {
        if (strcmp(job->unsaved[i].file, job->file) == 0)
            return false;
    }
    FILE *file = fopen(job->file, "rbe");
    size_t count = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        (void)fclose(file);
    for (size_t i = 0; i < count; i++) {
        characters += head[i] != '\0';
        controls += head[i] && head[i] < ' ' && (head[i] < '\b' || head[i] > '\r') && head[i] != 033;
    }
    return controls * CONTROLS_OF > characters;
}

void ul_unit_read(ul_unit_result *result, CXIndex index, const ul_unit_job *job, const ul_file_filter *filter,
                  ul_probe_cache *probes, ul_path_cache *paths, ul_census_cache *counted, ul_arena *arena)
{
    struct timespec begin;
    ul_reader reader = {.index = index,
                        .job = job,
                        .filter = filter,
                        .arena = arena,
                        .result = result,
                        .probes = probes,
                        .paths = paths};
    *result = (ul_unit_result){.detail = "", .triple = ""};
    ul_diags_init(&reader.diags, arena);
    if (is_binary(job)) {
        result->outcome = UL_UNIT_UNREADABLE;
        result->detail = "it is no text";
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    enum CXErrorCode code = parse_for_target(&reader);
    result->parse_seconds = seconds_since(&begin);
    if (code != CXError_Success) {
        result->outcome = code == CXError_Crashed ? UL_UNIT_CRASHED : UL_UNIT_UNREADABLE;
        result->detail = parse_failure(code);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &begin);
    read_target(&reader);
    clang_getInclusions(reader.unit, see_include, &(include_list){.reader = &reader});
    verdict v = read_diagnostics(&reader);
    read_records(&reader, &v);
    ul_reader_bodies(&reader, counted);
    hand_over(&reader);
    result->read_seconds = seconds_since(&begin) - result->probe_seconds;
    clang_disposeTranslationUnit(reader.unit);
    ul_reader_free(&reader);
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        result->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
}
