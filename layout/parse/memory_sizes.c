#include "layout/parse/memory_sizes.h"

#include <ctype.h>
#include <string.h>

enum { DEEP_MAX = 8, ALIGN_MAX = 65536 };

/* Where the characters stand that `location` was read from, in a macro's definition too. */
static const char *text_at(ul_census_reader *census, CXSourceLocation location, size_t *left)
{
    CXFile file;
    unsigned offset = 0;
    size_t length = 0;
    clang_getSpellingLocation(location, &file, NULL, NULL, &offset);
    const char *bytes = file ? ul_reader_contents(census->reader, file, &length) : NULL;
    *left = bytes && offset < length ? length - offset : 0;
    return *left ? bytes + offset : NULL;
}

static bool starts_with_word(ul_census_reader *census, CXCursor cursor, const char *word)
{
    size_t left, length = strlen(word);
    const char *at = text_at(census, clang_getRangeStart(clang_getCursorExtent(cursor)), &left);
    return at && left > length && memcmp(at, word, length) == 0 && !isalnum((unsigned char)at[length]) && at[length] != '_';
}

static bool is_alignof(ul_census_reader *census, CXCursor cursor)
{
    return starts_with_word(census, cursor, "_Alignof") || starts_with_word(census, cursor, "alignof") || starts_with_word(census, cursor, "__alignof__") ||
           starts_with_word(census, cursor, "__alignof");
}

typedef struct measured {
    ul_census_reader *census;
    CXType type; /* kind Invalid: not seen */
} measured;

static enum CXChildVisitResult see_type(CXCursor cursor, CXCursor parent, CXClientData data)
{
    measured *m = data;
    (void)parent;
    m->type = clang_getCursorType(cursor);
    return CXChildVisit_Break;
}

/* The record that sizeof or _Alignof, a UnaryExpr, is asked of. */
static ul_word operand_record(ul_census_reader *census, CXCursor cursor)
{
    measured m = {census, {.kind = CXType_Invalid}};
    clang_visitChildren(cursor, see_type, &m);
    return m.type.kind == CXType_Invalid || ul_clang_bare_type(m.type).kind != CXType_Record ? 0 : ul_census_record(census, m.type);
}

static CXCursor bare(ul_census_reader *census, CXCursor cursor)
{
    return ul_expression_strip(&census->look, cursor);
}

/* The one character between two operands; 0: more, or none. */
static char operator_of(ul_census_reader *census, CXCursor left, CXCursor right)
{
    size_t left_bytes, right_bytes;
    const char *at = text_at(census, clang_getRangeEnd(clang_getCursorExtent(left)), &left_bytes);
    const char *end = text_at(census, clang_getRangeStart(clang_getCursorExtent(right)), &right_bytes);
    if (!at || !end || end <= at || left_bytes < right_bytes || (size_t)(end - at) != left_bytes - right_bytes)
        return 0;
    while (at < end && isspace((unsigned char)*at))
        at++;
    char found = at < end ? *at++ : '\0';
    while (at < end && isspace((unsigned char)*at))
        at++;
    return at == end ? found : '\0';
}

static ul_word record_in(ul_census_reader *census, CXCursor size, uint32_t deep);

/* The record in `x + c`, where c is at least `least`. */
static ul_word rounded(ul_census_reader *census, CXCursor sum, long long least, uint32_t deep)
{
    CXCursor inner = bare(census, sum);
    long long value = 0, more = 0;
    if (clang_getCursorKind(inner) != CXCursor_BinaryOperator)
        return 0;
    ul_operands sides = ul_operands_of(&census->look, inner);
    char sign = sides.count == 2 ? operator_of(census, sides.items[0], sides.items[1]) : '\0';
    if (sign == '-' && ul_expression_value(sides.items[1], &more)) { /* x + 64 - 1 */
        return rounded(census, sides.items[0], least + more, deep);
    }
    return sign == '+' && ul_expression_value(sides.items[1], &value) && value >= least ? record_in(census, sides.items[0], deep + 1) : 0;
}

/* (x + 63) / 64 * 64, (x + 63) & ~63 */
static ul_word record_rounded(ul_census_reader *census, const ul_operands *sides, char sign, uint32_t deep)
{
    long long factor = 0, divisor = 0;
    CXCursor left = bare(census, sides->items[0]);
    if (!ul_expression_value(sides->items[1], &factor))
        return 0;
    if (sign == '&')
        return factor < 0 && factor >= -ALIGN_MAX ? rounded(census, left, -factor - 1, deep) : 0;
    if (sign != '*' || clang_getCursorKind(left) != CXCursor_BinaryOperator)
        return 0;
    ul_operands parts = ul_operands_of(&census->look, left);
    bool is_division = parts.count == 2 && operator_of(census, parts.items[0], parts.items[1]) == '/';
    return is_division && ul_expression_value(parts.items[1], &divisor) && divisor == factor && factor > 0 ? rounded(census, parts.items[0], factor - 1, deep) : 0;
}

static ul_word record_in(ul_census_reader *census, CXCursor size, uint32_t deep)
{
    CXCursor inner = bare(census, size);
    if (deep > DEEP_MAX)
        return 0;
    if (clang_getCursorKind(inner) == CXCursor_UnaryExpr)
        return starts_with_word(census, inner, "sizeof") ? operand_record(census, inner) : 0;
    if (clang_getCursorKind(inner) != CXCursor_BinaryOperator)
        return 0;
    ul_operands sides = ul_operands_of(&census->look, inner);
    char sign = sides.count == 2 ? operator_of(census, sides.items[0], sides.items[1]) : '\0';
    ul_word record = sign == '*' || sign == '&' ? record_rounded(census, &sides, sign, deep) : 0;
    if (!record && (sign == '*' || sign == '+'))
        record = record_in(census, sides.items[0], deep + 1);
    return record || (sign != '*' && sign != '+') ? record : record_in(census, sides.items[1], deep + 1);
}

bool ul_memory_size_of(ul_memory_size *out, ul_census_reader *census, CXCursor call, const char *name)
{
    static const struct {
        const char *name;
        uint8_t first, last; /* arguments of which one holds the size */
        int8_t align;        /* argument, -1: none */
    } makers[] = {{"malloc", 0, 0, -1},   {"calloc", 0, 1, -1},        {"realloc", 1, 1, -1}, {"reallocarray", 1, 2, -1},
                  {"memalign", 1, 1, 0}, {"aligned_alloc", 1, 1, 0}, {"posix_memalign", 2, 2, 1}};
    *out = (ul_memory_size){0};
    for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
        if (strcmp(makers[i].name, name) != 0)
            continue;
        for (uint32_t k = makers[i].first; k <= makers[i].last && !out->record; k++)
            out->record = record_in(census, clang_Cursor_getArgument(call, k), 0);
        if (makers[i].align < 0)
            return true;
        CXCursor align = bare(census, clang_Cursor_getArgument(call, (unsigned)makers[i].align));
        long long value = 0;
        bool is_own = clang_getCursorKind(align) == CXCursor_UnaryExpr && is_alignof(census, align) && operand_record(census, align) == out->record && out->record;
        out->is_aligned = is_own || (ul_expression_value(align, &value) && value > 0 && value <= ALIGN_MAX && (value & (value - 1)) == 0);
        out->align_bytes = is_own ? 0 : (uint32_t)value;
        return out->is_aligned;
    }
    return false;
}

bool ul_expression_points_to(ul_census_reader *census, CXCursor value, ul_word record, uint32_t depth)
{
    const ul_shape *shape = ul_shape_of(census, clang_getCursorType(bare(census, value)));
    return shape->record == record && shape->depth == depth;
}
