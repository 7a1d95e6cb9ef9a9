#include "layout/parse/clang.h"

#include <string.h>

const char *ul_clang_text(CXString string, ul_arena *arena)
{
    const char *text = clang_getCString(string);
    const char *copy = ul_arena_strdup(arena, text ? text : "");
    clang_disposeString(string);
    return copy;
}

ul_clang_place ul_clang_place_of(CXSourceLocation location)
{
    ul_clang_place place = {0};
    unsigned line = 0, column = 0, offset = 0;
    clang_getFileLocation(location, &place.file, &line, &column, &offset);
    place.line = line;
    place.column = column;
    place.offset = offset;
    return place;
}

ul_clang_place ul_clang_offset_of(CXSourceLocation location)
{
    ul_clang_place place = {0};
    unsigned offset = 0;
    clang_getFileLocation(location, &place.file, NULL, NULL, &offset);
    place.offset = offset;
    return place;
}

ul_clang_place ul_clang_cursor_place(CXCursor cursor)
{
    return ul_clang_place_of(clang_getCursorLocation(cursor));
}

CXType ul_clang_bare_type(CXType type)
{
    return clang_getCanonicalType(type);
}

static bool is_array(CXType type)
{
    return type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray ||
           type.kind == CXType_VariableArray || type.kind == CXType_DependentSizedArray;
}

CXType ul_clang_element_type(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    while (is_array(bare))
        bare = ul_clang_bare_type(clang_getArrayElementType(bare));
    return bare;
}

const char *ul_clang_type_text(CXType type, ul_arena *arena)
{
    const char *text = ul_clang_text(clang_getTypeSpelling(type), arena);
    const char *open = strstr(text, "(unnamed");
    if (!open)
        open = strstr(text, "(anonymous");
    const char *close =
        open ? strrchr(open, ':') : NULL; /* "... at path:line:column)": the path may hold any byte */
    close = close ? strchr(close, ')') : NULL;
    if (!close)
        return text;
    CXType element = ul_clang_element_type(type);
    while (element.kind == CXType_Pointer)
        element = ul_clang_element_type(clang_getPointeeType(element));
    enum CXCursorKind kind = clang_getCursorKind(clang_getTypeDeclaration(element));
    const char *word = kind == CXCursor_UnionDecl ? "union" : kind == CXCursor_EnumDecl ? "enum" : "struct";
    const char *qualifiers = clang_isConstQualifiedType(type) ? "const " : "";
    return ul_arena_printf(arena, "%s%s <anonymous>%s", qualifiers, word, close + 1);
}

bool ul_clang_type_is_invalid(CXType type, ul_arena *arena, const char **name)
{
    for (int depth = 0; depth < 256; depth++) {
        CXCursor declaration = clang_getTypeDeclaration(type);
        enum CXCursorKind kind = clang_getCursorKind(declaration);
        if (kind == CXCursor_TypedefDecl || kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl) {
            if (clang_isInvalidDeclaration(declaration)) {
                *name = ul_clang_text(clang_getCursorSpelling(declaration), arena);
                return true;
            }
        }
        CXType below = {.kind = CXType_Invalid};
        if (type.kind == CXType_Elaborated)
            below = clang_Type_getNamedType(type);
        else if (kind == CXCursor_TypedefDecl)
            below = clang_getTypedefDeclUnderlyingType(declaration);
        else if (type.kind == CXType_Atomic)
            below = clang_Type_getValueType(type);
        else if (is_array(type) || type.kind == CXType_Complex || type.kind == CXType_Vector)
            below = clang_getElementType(type);
        if (below.kind == CXType_Invalid)
            return false;
        type = below;
    }
    return false;
}
