/*
 * Variables: those with static storage one by one, locals as instances of their records.
 */
#include "layout/parse/inlets.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* Whether the declarator's own attribute asks for a cache line: a number of at least 32, or a word that speaks of lines. */
static enum CXChildVisitResult see_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    ul_census_reader *census = ((void **)data)[0];
    bool *is_on_line = ((void **)data)[1];
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_AlignedAttr)
        return CXChildVisit_Continue;
    CXToken *tokens = NULL;
    unsigned count = 0;
    clang_tokenize(census->reader->unit, clang_getCursorExtent(cursor), &tokens, &count);
    for (unsigned i = 0; i < count; i++) {
        const char *text = ul_clang_text(clang_getTokenSpelling(census->reader->unit, tokens[i]), census->reader->arena);
        unsigned long value = strtoul(text, NULL, 0);
        *is_on_line |= (value >= 32 && value <= 1024) || strcasestr(text, "cache");
    }
    clang_disposeTokens(census->reader->unit, tokens, count);
    return CXChildVisit_Continue;
}

/* `_Alignas(64) int x`: libclang gives the specifier no text of its own. */
static bool says_aligned(ul_census_reader *census, CXCursor variable)
{
    CXSourceRange extent = clang_getCursorExtent(variable);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), name = ul_clang_cursor_place(variable);
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(census->reader, begin.file, &length) : NULL;
    if (!bytes || !clang_File_isEqual(begin.file, name.file) || name.offset > length || begin.offset >= name.offset)
        return false;
    const char *head = ul_arena_strndup(census->reader->arena, bytes + begin.offset, name.offset - begin.offset);
    const char *word = strcasestr(head, "align");
    const char *open = word ? strchr(word, '(') : NULL;
    unsigned long value = open ? strtoul(open + 1, NULL, 0) : 0;
    return word && ((value >= 32 && value <= 1024) || strcasestr(word, "cache"));
}

uint64_t ul_census_element_count(CXType type)
{
    uint64_t count = 1;
    CXType bare = ul_clang_bare_type(type);
    while (ul_census_is_function_pointer(bare) == false && bare.kind == CXType_ConstantArray) {
        long long extent = clang_getArraySize(bare);
        if (extent <= 0 || __builtin_mul_overflow(count, (uint64_t)extent, &count))
            return 0;
        bare = ul_clang_bare_type(clang_getArrayElementType(bare));
    }
    return bare.kind == CXType_IncompleteArray ? 0 : count;
}

static bool is_wanted(ul_census_reader *census, CXCursor cursor)
{
    const ul_source_file *file = ul_reader_file(census->reader, ul_clang_cursor_place(cursor).file);
    return file && (file->is_wanted || (census->reader->filter->wants_all && !file->is_excluded));
}

/* Whether the name stands nowhere in the text of the declaration, where the macro that makes it is called with words of its own. */
static bool is_named_by_macro(ul_census_reader *census, CXCursor variable, const char *name)
{
    ul_clang_place place = ul_clang_cursor_place(variable);
    size_t length = 0, name_length = strlen(name);
    const char *bytes = place.file ? ul_reader_contents(census->reader, place.file, &length) : NULL;
    if (!bytes || place.offset >= length || strcmp(ul_reader_word(census->reader, clang_getCursorLocation(variable)), name) == 0)
        return false;
    size_t stop = place.offset + strcspn(bytes + place.offset, ";{}");
    for (const char *at = bytes + place.offset; (at = memmem(at, (size_t)(bytes + stop - at), name, name_length)); at++) {
        if (!isalnum((unsigned char)at[name_length]) && at[name_length] != '_' && (at == bytes || (!isalnum((unsigned char)at[-1]) && at[-1] != '_')))
            return false;
    }
    return true;
}

static void add_variable(ul_census_reader *census, CXCursor cursor, bool is_static_local)
{
    ul_census *out = census->out;
    ul_arena *arena = census->reader->arena;
    CXType type = clang_getCursorType(cursor), element = ul_clang_element_type(type);
    long long size = clang_Type_getSizeOf(type), element_size = clang_Type_getSizeOf(element);
    bool is_on_line = false;
    const char *file, *name = ul_clang_text(clang_getCursorSpelling(cursor), arena);
    file = ul_reader_path(census->reader, cursor);
    clang_visitChildren(cursor, see_attribute, (void *[]){census, &is_on_line});
    is_on_line = is_on_line || says_aligned(census, cursor);
    bool is_array = ul_clang_bare_type(type).kind == CXType_ConstantArray;
    bool is_const = clang_isConstQualifiedType(ul_clang_bare_type(type)) || clang_isConstQualifiedType(element);
    bool is_initialized = !clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(cursor));
    ul_clang_place place = ul_clang_cursor_place(cursor);
    const char *reason = "";
    uint32_t ignore_line = 0;
    const char *ignores = ul_reader_variable_ignores(&reason, &ignore_line, census->reader, cursor);
    UL_RESERVE(arena, out->variables, out->variable_count, census->variable_capacity);
    out->variables[out->variable_count] = (ul_variable){
        .id = ul_census_note(census, cursor)->object,
        .name = ul_census_word_of(census, name),
        .file = ul_census_word_of(census, file),
        .type = ul_census_word_of(census, ul_clang_type_text(type, arena)),
        .record = ul_census_record(census, type),
        .line = place.line,
        .column = place.column,
        .flags = (is_const ? UL_VARIABLE_CONST : 0u) | (is_array ? UL_VARIABLE_ARRAY : 0u) |
                 (clang_getCursorTLSKind(cursor) != CXTLS_None ? UL_VARIABLE_THREAD_LOCAL : 0u) |
                 (is_initialized ? UL_VARIABLE_INITIALIZED : 0u) | (is_on_line ? UL_VARIABLE_ON_LINE : 0u) |
                 (is_named_by_macro(census, cursor, name) ? UL_VARIABLE_MACRO_NAMED : 0u) |
                 (is_wanted(census, cursor) ? UL_VARIABLE_WANTED : 0u) | (element.kind == CXType_Pointer ? UL_VARIABLE_POINTER : 0u) | (element.kind == CXType_Atomic ? UL_VARIABLE_ATOMIC : 0u) |
                 (is_static_local || clang_getCursorLinkage(cursor) == CXLinkage_Internal ? UL_VARIABLE_INTERNAL : 0u),
        .align_bytes = clang_Type_getAlignOf(type) > 0 ? (uint32_t)clang_Type_getAlignOf(type) : 1,
        .place = out->variable_count,
        .ignores = ul_census_word_of(census, ignores),
        .ignore_reason = ul_census_word_of(census, reason),
        .ignore_line = ignore_line,
        .size_bytes = size > 0 ? (uint64_t)size : 0,
        .element_bytes = element_size > 0 ? (uint64_t)element_size : 0,
        .count = ul_census_element_count(type),
    };
    out->variable_count++;
}

void ul_census_see_variable(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor cursor = ul_walk_frame(walk, 0)->cursor;
    enum CX_StorageClass storage = clang_Cursor_getStorageClass(cursor);
    bool is_local = census->function != UL_NO_FUNCTION;
    bool is_static_local = is_local && storage == CX_SC_Static;
    CXType type = clang_getCursorType(cursor);
    if (storage == CX_SC_Extern || clang_Location_isInSystemHeader(clang_getCursorLocation(cursor)))
        return;
    ul_inlets_see_variable(census, cursor);
    if (!is_local || is_static_local) {
        add_variable(census, cursor, is_static_local);
        return;
    }
    CXCursor value = clang_Cursor_getVarDeclInitializer(cursor);
    if (ul_clang_bare_type(type).kind == CXType_Pointer && !clang_Cursor_isNull(value))
        ul_origins_assign(&census->origins, walk, census, cursor, value, ul_census_pointee(census, type));
    ul_word record = ul_census_record(census, type);
    if (!record)
        return;
    bool is_array = ul_clang_bare_type(type).kind == CXType_ConstantArray || ul_clang_bare_type(type).kind == CXType_VariableArray;
    const char *file;
    file = ul_reader_path(census->reader, cursor);
    ul_census_add_instance(census, (ul_instance){.record = record,
                                       .size = ul_census_word_of(census, ul_clang_text(clang_getCursorSpelling(cursor), census->reader->arena)),
                                       .file = ul_census_word_of(census, file),
                                       .line = ul_census_line(walk),
                                       .region = UL_REGION_STACK,
                                       .count = ul_census_element_count(type),
                                       .flags = is_array ? UL_INSTANCE_ARRAY : 0});
}
