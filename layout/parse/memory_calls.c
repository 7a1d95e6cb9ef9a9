#include "layout/parse/memory_calls.h"

#include <ctype.h>
#include <string.h>

#include "layout/parse/expressions.h"

enum { NAME_BYTES_MAX = 64, PREFIX_MAX = 7 };

static bool is_integer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind >= CXType_UShort && bare.kind <= CXType_LongLong;
}

static bool is_void_pointer(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_Pointer && ul_clang_bare_type(clang_getPointeeType(bare)).kind == CXType_Void;
}

/* The name in lower case; false for one that is too long to be such a function's. */
static bool lower(char *out, CXCursor function)
{
    CXString spelling = clang_getCursorSpelling(function);
    const char *text = clang_getCString(spelling);
    size_t length = text ? strlen(text) : 0;
    for (size_t i = 0; i <= length && length < NAME_BYTES_MAX; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    clang_disposeString(spelling);
    return length > 0 && length < NAME_BYTES_MAX;
}

/* "zfree", "git__free": free with little before it; "list_node_free" takes a list's node apart. */
static bool is_free_name(const char *name)
{
    size_t length = strlen(name);
    if (length < 4 || strcmp(name + length - 4, "free") != 0)
        return false;
    size_t prefix = length - 4;
    while (prefix > 0 && name[prefix - 1] == '_')
        prefix--;
    return prefix <= PREFIX_MAX && !memchr(name, '_', prefix > 0 ? prefix - 1 : 0);
}

static ul_memory_verb taking_verb(const char *name, CXType type, int count)
{
    CXType first = clang_getArgType(type, 0);
    bool copies = strstr(name, "strdup") || strstr(name, "strndup") || strstr(name, "memdup");
    if (copies && ul_is_pointer(ul_clang_bare_type(clang_getResultType(type))) && ul_is_pointer(ul_clang_bare_type(first)))
        return UL_MEMORY_COPY;
    if (!strstr(name, "alloc") || strstr(name, "align") || strstr(name, "alloca") == name || strstr(name, "_alloca") ||
        !is_void_pointer(clang_getResultType(type)))
        return UL_MEMORY_NONE;
    if (strstr(name, "realloc"))
        return count >= 2 && is_void_pointer(first) && is_integer(clang_getArgType(type, 1)) ? UL_MEMORY_REALLOC : UL_MEMORY_NONE;
    if (!is_integer(first))
        return UL_MEMORY_NONE; /* of a pool */
    bool has_two = count >= 2 && is_integer(clang_getArgType(type, 1));
    return strstr(name, "calloc") && has_two ? UL_MEMORY_CALLOC : UL_MEMORY_MALLOC;
}

ul_memory_verb ul_memory_verb_of(CXCursor function)
{
    char name[NAME_BYTES_MAX];
    CXType type = ul_clang_bare_type(clang_getCursorType(function));
    int count = type.kind == CXType_FunctionProto ? clang_getNumArgTypes(type) : 0;
    if (count < 1 || !lower(name, function))
        return UL_MEMORY_NONE;
    if (is_free_name(name))
        return is_void_pointer(clang_getArgType(type, 0)) && clang_getResultType(type).kind == CXType_Void && count <= 3 ? UL_MEMORY_FREE
                                                                                                                     : UL_MEMORY_NONE;
    return taking_verb(name, type, count);
}

int ul_memory_count_argument(CXCursor function, ul_memory_verb verb, int *size)
{
    CXType type = ul_clang_bare_type(clang_getCursorType(function));
    int count = type.kind == CXType_FunctionProto ? clang_getNumArgTypes(type) : 0;
    *size = verb == UL_MEMORY_REALLOC ? 1 : 0;
    if (verb == UL_MEMORY_CALLOC) {
        *size = 1;
        return 0;
    }
    if (verb == UL_MEMORY_REALLOC && count >= 3 && is_integer(clang_getArgType(type, 2))) {
        *size = 2;
        return 1;
    }
    return -1;
}
