/*
 * `struct s {...} __packed;` where __packed is not defined: C takes the word for a variable's name and compiles in silence. It is one when
 * its name is like an attribute's and nothing shows that a variable was meant: no storage class, value, pointer, array or second declarator, and no
 * other word of the unit that names it.
 */
#include <string.h>

#include "layout/parse/reader.h"

enum { GAP_MAX = 200 }; /* bytes between a record and the declarator that belongs to it */

static bool sounds_like_attribute(const char *name)
{
    return strncmp(name, "__", 2) == 0 || strcasestr(name, "packed") || strcasestr(name, "aligned");
}

/* `struct s {...} name;`: what follows the name ends the declaration. */
static bool is_bare(ul_reader *reader, CXCursor variable, const char *name)
{
    ul_clang_place place = ul_clang_cursor_place(variable);
    ul_source_file *file = ul_reader_file(reader, place.file);
    if (clang_Cursor_getStorageClass(variable) != CX_SC_None || clang_getCursorType(variable).kind == CXType_Pointer ||
        ul_clang_bare_type(clang_getCursorType(variable)).kind != CXType_Record || !clang_Cursor_isNull(clang_Cursor_getVarDeclInitializer(variable)) || !file)
        return false;
    ul_source_file_load(reader, file);
    uint32_t at = ul_tokens_at(&file->tokens, place.offset);
    if (at >= file->tokens.count || !ul_token_is_word(&file->tokens.items[at], file->bytes, name))
        return false; /* a macro wrote it */
    do
        at++;
    while (at < file->tokens.count && file->tokens.items[at].kind == UL_TOKEN_COMMENT);
    return at < file->tokens.count && ul_token_is_punct(&file->tokens.items[at], ';');
}

/* Whether a word of the file is the variable: an attribute stands behind a brace or in a directive. */
static bool names_variable(ul_reader *reader, ul_source_file *file, const char *name, uint32_t own_offset)
{
    size_t length = 0;
    const char *bytes = file->handle ? clang_getFileContents(reader->unit, file->handle, &length) : NULL;
    if (!bytes || !memmem(bytes, length, name, strlen(name)))
        return false;
    ul_source_file_load(reader, file);
    const ul_token *last = NULL;
    for (uint32_t i = 0; i < file->tokens.count; i++) {
        const ul_token *token = &file->tokens.items[i];
        if (ul_token_is_word(token, file->bytes, name) && token->begin != own_offset && last && !ul_token_is_punct(last, '}'))
            return true;
        if (token->kind != UL_TOKEN_COMMENT)
            last = token;
    }
    return false;
}

static bool is_named_elsewhere(ul_reader *reader, CXCursor variable, const char *name)
{
    ul_clang_place place = ul_clang_cursor_place(variable);
    CXString main_name = clang_getTranslationUnitSpelling(reader->unit);
    ul_reader_file(reader, clang_getFile(reader->unit, clang_getCString(main_name)));
    clang_disposeString(main_name);
    ul_source_file *file, *next;
    HASH_ITER(hh, reader->files, file, next)
    {
        if (names_variable(reader, file, name, clang_File_isEqual(file->handle, place.file) ? place.offset : UINT32_MAX))
            return true;
    }
    return false;
}

void ul_reader_check_stray(ul_reader *reader, CXCursor variable, CXCursor record)
{
    const char *name = ul_clang_text(clang_getCursorSpelling(variable), reader->arena);
    uint32_t end = ul_clang_place_of(clang_getRangeEnd(clang_getCursorExtent(record))).offset;
    uint32_t begin = ul_clang_cursor_place(variable).offset;
    if (!sounds_like_attribute(name) || begin < end || begin - end > GAP_MAX || !is_bare(reader, variable, name) || is_named_elsewhere(reader, variable, name))
        return;
    for (uint32_t i = reader->found_count; i-- > 0;) { /* the record is the last one found then */
        if (clang_equalCursors(reader->found[i]->cursor, record)) {
            const char *detail =
                ul_arena_printf(reader->arena, "`%s` is no macro here: it declares a variable, line %u", name,
                                ul_clang_cursor_place(variable).line);
            ul_record_refuse(&reader->found[i]->record, reader->arena, UL_REFUSE_LAYOUT_ATTRIBUTE, detail);
            return;
        }
    }
}
