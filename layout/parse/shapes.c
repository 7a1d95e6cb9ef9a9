#include "layout/parse/shapes.h"

#include "layout/parse/census_reader.h"

static bool is_array(CXType type)
{
    return type.kind == CXType_ConstantArray || type.kind == CXType_IncompleteArray || type.kind == CXType_VariableArray;
}

/* A record without a definition here is known by its tag. */
static ul_word record_of(ul_census_reader *census, CXType bare)
{
    CXCursor declaration = clang_getTypeDeclaration(bare);
    if (!clang_Cursor_isNull(clang_getCursorDefinition(declaration)))
        return ul_census_record(census, bare);
    if (clang_Location_isInSystemHeader(clang_getCursorLocation(declaration)))
        return 0;
    const char *tag = ul_clang_text(clang_getCursorSpelling(declaration), census->reader->arena);
    return ul_census_word_of(census, ul_arena_printf(census->reader->arena, "?%s", tag));
}

static void measure(ul_shape *shape, ul_census_reader *census, CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    shape->holds_function = ul_census_is_function_pointer(ul_clang_element_type(bare));
    uint32_t depth = 0;
    for (;;) {
        if (bare.kind == CXType_Atomic) {
            bare = ul_clang_bare_type(clang_Type_getValueType(bare));
        } else if (is_array(bare)) {
            depth += depth == 0;
            bare = ul_clang_bare_type(clang_getArrayElementType(bare));
        } else if (bare.kind == CXType_Pointer) {
            depth++;
            bare = ul_clang_bare_type(clang_getPointeeType(bare));
            shape->is_const = depth == 1 ? clang_isConstQualifiedType(bare) : shape->is_const;
        } else {
            break;
        }
    }
    shape->is_void_pointer = depth == 1 && bare.kind == CXType_Void;
    shape->is_function_pointer = depth == 1 && (bare.kind == CXType_FunctionProto || bare.kind == CXType_FunctionNoProto);
    shape->is_pointer = depth > 0;
    if (depth == 0 || bare.kind != CXType_Record)
        return;
    shape->record = record_of(census, bare);
    shape->depth = (uint8_t)(!shape->record ? 0 : depth > 2 ? 2 : depth);
}

const ul_shape *ul_shape_of(ul_census_reader *census, CXType type)
{
    ul_shape *shape = &census->shapes->kept[((uintptr_t)type.data[0] >> 4) % UL_SHAPES_KEPT];
    if (shape->type != type.data[0] || !type.data[0]) {
        *shape = (ul_shape){.type = type.data[0]};
        measure(shape, census, type);
    }
    return shape;
}
