/*
 * What the census calls things by: words, declarations and what stands for them in all units. Each is looked up once in a unit
 * and remembered.
 */
#include "layout/parse/inlets.h"

#include <string.h>

struct ul_word_note {
    const char *text;
    ul_word word;
    UT_hash_handle hh;
};

struct ul_verb_note {
    const char *name;
    ul_call_verb verb;
    ul_call_verb macro_verb; /* the same, or what its definition says */
    bool has_macro_verb;
    bool cleans, has_cleans; /* see ul_census_word_cleans(); it was asked: the text of the whole unit is looked through for it */
    UT_hash_handle hh;
};

ul_word ul_census_word_of(ul_census_reader *census, const char *text)
{
    ul_word_note *note = NULL;
    if (!text || !*text)
        return 0;
    HASH_FIND_STR(census->words, text, note);
    if (note)
        return note->word;
    ul_census *out = census->out;
    note = UL_NEW(census->reader->arena, ul_word_note);
    note->text = ul_arena_strdup(census->reader->arena, text);
    UL_RESERVE(census->reader->arena, out->words, out->word_count, census->word_capacity);
    note->word = out->word_count;
    out->words[out->word_count++] = note->text;
    HASH_ADD_KEYPTR(hh, census->words, note->text, strlen(note->text), note);
    return note->word;
}

/* What stands for a function or variable in all units: its name, or the place of its definition when only its unit sees it. */
static ul_word id_of(ul_census_reader *census, CXCursor declaration)
{
    if (clang_getCursorLinkage(declaration) == CXLinkage_External)
        return ul_census_word_of(census, ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena));
    CXCursor definition = clang_getCursorDefinition(declaration);
    return ul_census_word_of(census, ul_reader_place_key(census->reader, clang_Cursor_isNull(definition) ? declaration : definition));
}

/* The record that C names the field of: members of anonymous records are fields of the one around. */
static CXCursor record_of_field(CXCursor field)
{
    CXCursor record = clang_getCursorSemanticParent(field);
    for (int depth = 0; depth < 64 && clang_Cursor_isAnonymousRecordDecl(record); depth++)
        record = clang_getCursorSemanticParent(record);
    return record;
}

static void note_field(ul_census_reader *census, ul_declaration_note *note, CXCursor field)
{
    CXCursor record = record_of_field(field);
    const char *name = ul_clang_text(clang_getCursorSpelling(field), census->reader->arena);
    CXType type = clang_getCursorType(field);
    enum CXCursorKind kind = clang_getCursorKind(record);
    note->is_atomic = ul_clang_element_type(type).kind == CXType_Atomic;
    long long bits = clang_Cursor_getOffsetOfField(field), size = clang_Type_getSizeOf(type);
    note->has_place = bits >= 0 && bits % 8 == 0 && size > 0;
    note->at_bytes = note->has_place ? (uint64_t)bits / 8 : 0;
    note->size_bytes = note->has_place ? (uint64_t)size : 0;
    if ((kind != CXCursor_StructDecl && kind != CXCursor_UnionDecl) || !name[0] || strchr(name, '(') ||
        clang_Location_isInSystemHeader(clang_getCursorLocation(record)))
        return;
    note->object = ul_census_note(census, record)->object;
    note->field = ul_census_word_of(census, name);
    ul_inlets_see_field(census, field, note->object);
}

static void note_variable(ul_census_reader *census, ul_declaration_note *note, CXCursor variable)
{
    bool is_static = clang_getCursorLinkage(variable) == CXLinkage_External || clang_getCursorLinkage(variable) == CXLinkage_Internal ||
                     clang_Cursor_getStorageClass(variable) == CX_SC_Static;
    note->is_atomic = ul_clang_element_type(clang_getCursorType(variable)).kind == CXType_Atomic;
    if (is_static && !clang_Location_isInSystemHeader(clang_getCursorLocation(variable)))
        note->object = id_of(census, variable);
}

/* A parameter counts for what it points to. */
static void note_parameter(ul_census_reader *census, ul_declaration_note *note, CXCursor parameter)
{
    CXCursor function = clang_getCursorSemanticParent(parameter);
    int count = clang_Cursor_getNumArguments(function);
    (void)census;
    if (ul_clang_bare_type(clang_getCursorType(parameter)).kind != CXType_Pointer)
        return;
    for (int i = 0; i < count && i < 255; i++) {
        if (clang_equalCursors(clang_Cursor_getArgument(function, (unsigned)i), parameter)) {
            note->parameter = (uint32_t)i + 1;
            return;
        }
    }
}

static ul_declaration_note *note_of(ul_census_reader *census, CXCursor declaration)
{
    const void *key = declaration.data[0];
    ul_declaration_note **recent = &census->recent[ul_recent_of(key)], *note = *recent;
    if (note && note->declaration == key)
        return note;
    HASH_FIND_PTR(census->declarations, &key, note);
    if (note)
        return *recent = note;
    *recent = note = UL_NEW(census->reader->arena, ul_declaration_note);
    note->declaration = key;
    switch (clang_getCursorKind(declaration)) {
    case CXCursor_FieldDecl:
        note_field(census, note, declaration);
        break;
    case CXCursor_VarDecl:
        note_variable(census, note, declaration);
        break;
    case CXCursor_ParmDecl:
        note_parameter(census, note, declaration);
        break;
    case CXCursor_FunctionDecl:
        note->object = id_of(census, declaration);
        note->is_copy = ul_inlets_is_copy(ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena));
        note->is_system = clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)) || !ul_clang_offset_of(clang_getCursorLocation(declaration)).file;
        note->verb = ul_census_name_verb(census, ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena));
        break;
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
        note->object = ul_census_word_of(census, ul_reader_key(census->reader, declaration));
        break;
    default:
        break;
    }
    HASH_ADD_PTR(census->declarations, declaration, note);
    return note;
}

const ul_declaration_note *ul_census_note(ul_census_reader *census, CXCursor declaration)
{
    return note_of(census, declaration);
}

ul_word ul_census_field_path(ul_census_reader *census, CXCursor field)
{
    ul_declaration_note *note = clang_getCursorKind(field) == CXCursor_FieldDecl ? note_of(census, field) : NULL;
    if (!note || !note->object)
        return 0;
    const char *const *words = census->out->words;
    if (!note->path)
        note->path = ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s#%s", words[note->object], words[note->field]));
    return note->path;
}

void ul_census_note_locker(ul_census_reader *census, CXCursor function, const ul_known_function *locker, bool is_final)
{
    ul_declaration_note *note = NULL;
    const void *key = function.data[0];
    HASH_FIND_PTR(census->declarations, &key, note);
    if (!note)
        return;
    note->is_peeked = is_final;
    note->locker = locker;
}

/* Key of the record that `type` points to, or is; 0 for none, or one of the system's. */
ul_word ul_census_record(ul_census_reader *census, CXType type)
{
    CXType bare = ul_clang_element_type(type);
    if (bare.kind != CXType_Record)
        return 0;
    CXCursor declaration = clang_getTypeDeclaration(bare);
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)))
        return 0;
    CXCursor definition = clang_getCursorDefinition(declaration);
    return ul_census_note(census, clang_Cursor_isNull(definition) ? declaration : definition)->object;
}

ul_word ul_census_pointee(ul_census_reader *census, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Pointer ? ul_census_record(census, clang_getPointeeType(bare)) : 0;
}

uint32_t ul_census_parameter(ul_census_reader *census, CXCursor parameter)
{
    return clang_getCursorKind(parameter) == CXCursor_ParmDecl ? ul_census_note(census, parameter)->parameter : 0;
}

static ul_call_verb known_verb(ul_census_reader *census, const char *name)
{
    ul_known_verb *known = NULL;
    HASH_FIND_STR(census->cache->verbs, name, known);
    if (known)
        return known->verb;
    known = calloc(1, sizeof *known);
    if (!known || !(known->name = strdup(name)))
        census->reader->arena->oom(sizeof *known);
    known->verb = ul_call_verb_of(name, census->reader->job->names);
    HASH_ADD_KEYPTR(hh, census->cache->verbs, known->name, strlen(known->name), known);
    return known->verb;
}

static ul_verb_note *verb_note(ul_census_reader *census, const char *name)
{
    ul_verb_note *note = NULL;
    HASH_FIND_STR(census->verbs, name, note);
    if (note)
        return note;
    note = UL_NEW(census->reader->arena, ul_verb_note);
    note->name = ul_arena_strdup(census->reader->arena, name);
    note->verb = known_verb(census, note->name);
    HASH_ADD_KEYPTR(hh, census->verbs, note->name, strlen(note->name), note);
    return note;
}

ul_call_verb ul_census_name_verb(ul_census_reader *census, const char *name)
{
    return verb_note(census, name)->verb;
}

ul_call_verb ul_census_word_verb(ul_census_reader *census, const char *name)
{
    ul_verb_note *note = verb_note(census, name);
    if (!note->has_macro_verb) {
        note->macro_verb = note->verb == UL_CALL_PLAIN && *name ? ul_census_macro_verb(census, name) : note->verb;
        note->has_macro_verb = true;
    }
    return note->macro_verb;
}

bool ul_census_word_cleans(ul_census_reader *census, const char *name)
{
    ul_verb_note *note = verb_note(census, name);
    if (!note->has_cleans)
        note->cleans = strstr(name, "cleanup") || ul_census_macro_mentions(census, name, "cleanup");
    note->has_cleans = true;
    return note->cleans;
}

ul_call_verb ul_census_verb(ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? ul_census_note(census, callee)->verb : UL_CALL_PLAIN;
}

ul_word ul_census_callee(ul_census_reader *census, CXCursor call)
{
    CXCursor callee = clang_getCursorReferenced(call);
    return clang_getCursorKind(callee) == CXCursor_FunctionDecl ? ul_census_note(census, callee)->object : 0;
}

void ul_census_names_clear(ul_census_reader *census)
{
    HASH_CLEAR(hh, census->words);
    HASH_CLEAR(hh, census->declarations);
    HASH_CLEAR(hh, census->verbs);
}

const ul_known_function *ul_census_known(ul_census_reader *census, CXCursor function)
{
    CXCursor definition = clang_getCursorDefinition(function);
    ul_known_function *known = NULL;
    if (clang_Cursor_isNull(definition))
        return NULL;
    const char *key = ul_reader_place_key(census->reader, definition);
    HASH_FIND_STR(census->cache->functions, key, known);
    return known;
}
