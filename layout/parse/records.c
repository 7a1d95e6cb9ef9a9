/* Which records a unit defines, and what each is called. */
#include <string.h>

#include "layout/parse/reader.h"

/* Records that stand at one place of the source, in the order they were met: a macro may define several. */
struct ul_key_note {
    char *place; /* "<file>:<offset>" */
    CXCursor *cursors;
    uint32_t count, capacity;
    const char **names; /* of the records at file scope that were taken */
    uint32_t name_count, name_capacity;
    UT_hash_handle hh;
};

static bool is_record(CXCursor cursor)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    return kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl;
}

static ul_key_note *note_at(ul_reader *reader, CXCursor declaration)
{
    ul_clang_place place = ul_clang_cursor_place(declaration);
    const ul_source_file *file = ul_reader_file(reader, place.file);
    char *text = ul_arena_printf(reader->arena, "%s:%u", file ? file->path : "<compiler>", place.offset);
    ul_key_note *note = NULL;
    HASH_FIND_STR(reader->keys, text, note);
    if (!note) {
        note = UL_NEW(reader->arena, ul_key_note);
        note->place = text;
        HASH_ADD_KEYPTR(hh, reader->keys, note->place, strlen(note->place), note);
    }
    return note;
}

const char *ul_reader_key(ul_reader *reader, CXCursor declaration)
{
    ul_key_note *note = note_at(reader, declaration);
    uint32_t nth = 0;
    while (nth < note->count && !clang_equalCursors(note->cursors[nth], declaration))
        nth++;
    if (nth == note->count) {
        UL_RESERVE(reader->arena, note->cursors, note->count, note->capacity);
        note->cursors[note->count++] = declaration;
    }
    return nth == 0 ? note->place : ul_arena_printf(reader->arena, "%s#%u", note->place, nth + 1);
}

void ul_reader_free(ul_reader *reader)
{
    HASH_CLEAR(hh, reader->files);
    HASH_CLEAR(hh, reader->keys);
    HASH_CLEAR(hh, reader->types);
}

/* The word that stands where `cursor` is, unless it is the keyword: the tag, of which clang strips what it rejects. */
static const char *tag_in_text(ul_reader *reader, CXCursor cursor)
{
    ul_clang_place place = ul_clang_cursor_place(cursor);
    ul_source_file *file = ul_reader_file(reader, place.file);
    if (!file)
        return "";
    ul_source_file_load(reader, file);
    uint32_t at = ul_tokens_at(&file->tokens, place.offset);
    const ul_token *token = &file->tokens.items[at];
    if (token->kind != UL_TOKEN_WORD || token->begin != place.offset ||
        ul_token_is_word(token, file->bytes, "struct") || ul_token_is_word(token, file->bytes, "union"))
        return "";
    return ul_arena_strndup(reader->arena, file->bytes + token->begin, token->end - token->begin);
}

/* The tag as written, or "" for an untagged record, whatever this version of libclang spells there. */
static const char *tag_of(ul_reader *reader, CXCursor cursor)
{
    const char *type = ul_clang_text(clang_getTypeSpelling(clang_getCursorType(cursor)), reader->arena);
    const char *space =
        strchr(type, ' '); /* "struct tag"; a typedef's name alone; "struct (unnamed at ...)" */
    bool has_tag = space && !strchr(type, '(');
    if (!has_tag && clang_isInvalidDeclaration(cursor))
        return tag_in_text(reader, cursor);
    return has_tag ? space + 1 : "";
}

/*
 * Whether a record of this name was taken from the same place at file scope: a header that is read twice defines it again, which
 * clang rejects, and there is one record to show.
 */
static bool is_repeated(ul_reader *reader, const ul_found *found)
{
    CXCursor scope = clang_getCursorSemanticParent(found->cursor);
    if (clang_getCursorKind(scope) != CXCursor_TranslationUnit || strstr(found->record.name, " <anonymous>"))
        return false;
    ul_key_note *note = note_at(reader, found->cursor);
    for (uint32_t i = 0; i < note->name_count; i++) {
        if (strcmp(note->names[i], found->record.name) == 0)
            return true;
    }
    UL_RESERVE(reader->arena, note->names, note->name_count, note->name_capacity);
    note->names[note->name_count++] = found->record.name;
    return false;
}

/* Whether the record is in a file whose records were asked for. */
static bool is_asked(ul_reader *reader, CXCursor cursor, ul_source_file **file, bool *is_system)
{
    CXSourceLocation location = clang_getCursorLocation(cursor);
    *file = ul_reader_file(reader, ul_clang_place_of(location).file);
    if (!*file)
        return false;
    *is_system = clang_Location_isInSystemHeader(location) != 0;
    if ((*file)->is_wanted)
        return true;
    return reader->filter->wants_all && !(*file)->is_excluded &&
           (!*is_system || reader->filter->wants_system);
}

typedef struct naming {
    const char *name;   /* of an untagged record */
    const char *access; /* NULL: none */
    uint32_t flags;     /* UL_RECORD_MEMBER */
} naming;

/* "[0]" for each dimension of `type`, "->" or "." at the end: from an object of that type to a field of its
 * record. */
static const char *reach(ul_reader *reader, const char *object, CXType type)
{
    const char *text = object;
    for (CXType bare = ul_clang_bare_type(type);;) {
        if (bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray ||
            bare.kind == CXType_VariableArray) {
            text = ul_arena_printf(reader->arena, "%s[0]", text);
            bare = ul_clang_bare_type(clang_getArrayElementType(bare));
        } else if (bare.kind == CXType_Pointer) {
            text = ul_arena_printf(reader->arena, "(*%s)", text);
            bare = ul_clang_bare_type(clang_getPointeeType(bare));
        } else {
            return ul_arena_printf(reader->arena, "%s.", text);
        }
    }
}

/* The record declared by `type` below arrays and pointers, or a null cursor. */
static CXCursor record_below(CXType type)
{
    CXType bare = ul_clang_element_type(type);
    while (bare.kind == CXType_Pointer)
        bare = ul_clang_element_type(clang_getPointeeType(bare));
    return bare.kind == CXType_Record ? clang_getTypeDeclaration(bare) : clang_getNullCursor();
}

static void add_record(ul_reader *reader, CXCursor cursor, naming given);

typedef struct children {
    CXCursor *items;
    uint32_t count, capacity;
    ul_arena *arena;
} children;

static enum CXChildVisitResult keep_record(CXCursor cursor, CXCursor parent, CXClientData data)
{
    children *list = data;
    (void)parent;
    if (is_record(cursor) && clang_isCursorDefinition(cursor)) {
        UL_RESERVE(list->arena, list->items, list->count, list->capacity);
        list->items[list->count++] = cursor;
    }
    return CXChildVisit_Continue;
}

/* How the record `nested`, defined in the body of `outer`, is called there. */
static naming name_nested(ul_reader *reader, const ul_found *outer, CXCursor nested)
{
    const char *scope = outer->record.name;
    for (uint32_t i = 0; i < outer->record.field_count; i++) {
        const ul_field *field = &outer->record.fields[i];
        CXType type = clang_getCursorType(outer->cursors[i]);
        if (field->parent != UL_NO_PARENT || !clang_equalCursors(record_below(type), nested))
            continue;
        if (field->flags & UL_FIELD_ANONYMOUS) {
            const char *label = ul_field_label(&outer->record, i, reader->arena);
            return (naming){ul_arena_printf(reader->arena, "%s::%s", scope, label), outer->access,
                            UL_RECORD_MEMBER};
        }
        const char *object =
            outer->access ? ul_arena_printf(reader->arena, "%s%s", outer->access, field->name) : NULL;
        return (naming){ul_arena_printf(reader->arena, "%s::<anonymous>.%s", scope, field->name),
                        object ? reach(reader, object, type) : NULL, 0};
    }
    return (naming){ul_arena_printf(reader->arena, "%s::<anonymous>", scope), NULL, 0};
}

static void name_record(ul_reader *reader, ul_found *found, naming given)
{
    const char *tag = tag_of(reader, found->cursor);
    const char *word = found->record.kind == UL_RECORD_UNION ? "union" : "struct";
    if (tag[0]) {
        found->record.name = ul_arena_printf(reader->arena, "%s %s", word, tag);
        bool is_local =
            clang_getCursorKind(clang_getCursorSemanticParent(found->cursor)) == CXCursor_FunctionDecl;
        found->access = is_local ? NULL : ul_arena_printf(reader->arena, "((%s %s*)0)->", word, tag);
        return;
    }
    found->record.name = given.name ? given.name : ul_arena_printf(reader->arena, "%s <anonymous>", word);
    found->access = given.access;
    found->record.flags |= UL_RECORD_ANONYMOUS | given.flags;
}

static void add_record(ul_reader *reader, CXCursor cursor, naming given)
{
    ul_source_file *file;
    bool is_system = false;
    bool is_wanted = is_asked(reader, cursor, &file, &is_system);
    if (!file)
        return;
    ul_clang_place place = ul_clang_cursor_place(cursor);
    ul_found *found = UL_NEW(reader->arena, ul_found);
    found->cursor = cursor;
    found->file = file;
    found->record = (ul_record){
        .key = ul_reader_key(reader, cursor),
        .file = file->path,
        .unit = reader->job->file,
        .kind = clang_getCursorKind(cursor) == CXCursor_UnionDecl ? UL_RECORD_UNION : UL_RECORD_STRUCT,
        .confidence = reader->job->confidence,
        .line = place.line,
        .column = place.column,
        .target = reader->job->target,
        .flags = is_system ? UL_RECORD_SYSTEM : 0,
        .own_align_bytes = 1,
    };
    if (!is_wanted)
        return;
    name_record(reader, found, given);
    if (given.name && !(given.flags & UL_RECORD_MEMBER) && !strchr(given.name, '<'))
        found->record.flags &= ~(uint32_t)UL_RECORD_ANONYMOUS; /* a typedef names it */
    if (is_repeated(reader, found))
        return;
    UL_RESERVE(reader->arena, reader->found, reader->found_count, reader->found_capacity);
    reader->found[reader->found_count++] = found;
    ul_reader_fields(reader, found);

    children nested = {.arena = reader->arena};
    clang_visitChildren(cursor, keep_record, &nested);
    for (uint32_t i = 0; i < nested.count; i++)
        add_record(reader, nested.items[i], name_nested(reader, found, nested.items[i]));
}

/* An untagged record at file scope that waits for the declarator which names it. */
typedef struct scan {
    ul_reader *reader;
    CXCursor untagged;
    bool has_untagged;
} scan;

static void settle(scan *s, naming given)
{
    if (s->has_untagged) {
        s->has_untagged = false;
        add_record(s->reader, s->untagged, given);
    }
}

static enum CXChildVisitResult find_local(CXCursor cursor, CXCursor parent, CXClientData data)
{
    scan *s = data;
    (void)parent;
    if (is_record(cursor) && clang_isCursorDefinition(cursor)) {
        add_record(s->reader, cursor, (naming){0});
        return CXChildVisit_Continue;
    }
    return CXChildVisit_Recurse;
}

static void name_by_declarator(scan *s, CXCursor cursor, CXType type, bool is_typedef)
{
    ul_reader *reader = s->reader;
    CXCursor record = record_below(type);
    if (s->has_untagged && clang_equalCursors(record, s->untagged)) {
        const char *name = ul_clang_text(clang_getCursorSpelling(cursor), reader->arena);
        const char *word = clang_getCursorKind(record) == CXCursor_UnionDecl ? "union" : "struct";
        bool is_direct = ul_clang_bare_type(type).kind == CXType_Record;
        const char *object = is_typedef ? ul_arena_printf(reader->arena, "(*(%s*)0)", name) : name;
        naming given = {
            .name = is_typedef && is_direct ? name
                                            : ul_arena_printf(reader->arena, "%s <anonymous>.%s", word, name),
            .access = reach(reader, object, type),
        };
        settle(s, given);
    }
    if (!is_typedef && !clang_Cursor_isNull(record))
        ul_reader_check_stray(reader, cursor, record);
}

static enum CXChildVisitResult visit_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    scan *s = data;
    (void)parent;
    switch (clang_getCursorKind(cursor)) {
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
        settle(s, (naming){0});
        if (!clang_isCursorDefinition(cursor))
            break;
        if (tag_of(s->reader, cursor)[0]) {
            add_record(s->reader, cursor, (naming){0});
        } else {
            s->untagged = cursor;
            s->has_untagged = true;
        }
        break;
    case CXCursor_TypedefDecl:
        name_by_declarator(s, cursor, clang_getTypedefDeclUnderlyingType(cursor), true);
        break;
    case CXCursor_VarDecl:
        name_by_declarator(s, cursor, clang_getCursorType(cursor), false);
        break;
    case CXCursor_FunctionDecl:
        if (s->reader->job->reads_bodies)
            clang_visitChildren(cursor, find_local, s);
        break;
    default:
        break;
    }
    return CXChildVisit_Continue;
}

void ul_reader_collect(ul_reader *reader)
{
    scan s = {.reader = reader};
    clang_visitChildren(clang_getTranslationUnitCursor(reader->unit), visit_top, &s);
    settle(&s, (naming){0});
}
