/*
 * How an object is touched, by the shape of the expressions around it: libclang 14 has no operators to ask for (libclang.md 5).
 *
 *  1. As an lvalue: a member of it or an element of it is followed on; an implicit conversion loads it (read), the left side of an
 *     assignment writes it, of a compound assignment or ++ updates it; `&` goes on as 2. An operand of inline assembly is taken for
 *     an atomic operation, as it nearly always is.
 *  2. As an address: casts are followed, a dereference leads back to 1; an atomic builtin or a call says by its form or name what is
 *     done; any other use lets the address escape.
 *
 * Macros are looked through by the parser; the name of the outermost one says whether an atomic operation takes a lock.
 */
#include <string.h>

#include "layout/parse/census_reader.h"

/* Assembly that asks for a line and touches nothing: prefetcht0 and the like, going by its text. */
static bool is_prefetch(const ul_walk *walk, CXCursor assembly)
{
    CXSourceRange extent = clang_getCursorExtent(assembly);
    ul_clang_place begin = ul_clang_offset_of(clang_getRangeStart(extent)), end = ul_clang_offset_of(clang_getRangeEnd(extent));
    size_t length = 0;
    const char *bytes = begin.file ? ul_reader_contents(walk->reader, begin.file, &length) : NULL;
    return bytes && clang_File_isEqual(begin.file, end.file) && end.offset <= length && begin.offset < end.offset &&
           memmem(bytes + begin.offset, end.offset - begin.offset, "prefetch", 8) != NULL;
}

typedef enum step {
    STEP_ON,      /* the parent stands for the same object */
    STEP_ADDRESS, /* the parent is its address */
    STEP_OBJECT,  /* the parent is the object that the address pointed to */
    STEP_DONE,
    STEP_NOTHING
} step;

typedef struct climb {
    ul_touch *touch;
    const ul_walk *walk;
    ul_census_reader *census;
    const ul_frame *child, *parent;
    uint32_t up;     /* levels of child */
    bool is_element; /* the address is that of an element: arithmetic on it is an index */
} climb;

static bool is_pointer_to(CXType pointer, CXType object)
{
    CXType bare = ul_clang_bare_type(pointer);
    if (bare.kind != CXType_Pointer)
        return false;
    CXType pointee = ul_clang_bare_type(clang_getPointeeType(bare)), target = ul_clang_bare_type(object);
    return clang_equalTypes(pointee, target) || pointee.kind == target.kind;
}

static bool is_array(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    return bare.kind == CXType_ConstantArray || bare.kind == CXType_IncompleteArray || bare.kind == CXType_VariableArray;
}

static step done(climb *c, ul_access_kind kind, uint32_t flags)
{
    c->touch->kind = kind;
    c->touch->flags |= flags;
    return STEP_DONE;
}

/* Whether `cursor` is a literal or an enumerator. */
static bool is_constant(const ul_reader *reader, CXCursor cursor)
{
    CXCursor inner = ul_expression_stripped(reader, cursor);
    enum CXCursorKind kind = clang_getCursorKind(inner);
    if (kind == CXCursor_IntegerLiteral || kind == CXCursor_CharacterLiteral || kind == CXCursor_FloatingLiteral)
        return true;
    return kind == CXCursor_DeclRefExpr && clang_getCursorKind(clang_getCursorReferenced(inner)) == CXCursor_EnumConstantDecl;
}

const char *ul_touch_word(const ul_walk *walk, CXCursor cursor)
{
    return ul_reader_word(walk->reader, clang_getRangeStart(clang_getCursorExtent(cursor)));
}

/* `name`: of what takes it. */
static step done_lock(climb *c, const char *name)
{
    return done(c, UL_ACCESS_LOCK, UL_ACCESS_ATOMIC | (ul_name_shares_lock(name) ? UL_ACCESS_SHARED : 0u));
}

/* The name of the macro decides where it speaks of locks; else `kind` stands. */
static step done_atomic(climb *c, CXCursor cursor, ul_access_kind kind, uint32_t flags)
{
    const char *word = ul_touch_word(c->walk, cursor);
    ul_call_verb verb = ul_census_word_verb(c->census, word);
    if (verb == UL_CALL_LOCK)
        return done_lock(c, word);
    return verb == UL_CALL_UNLOCK ? done(c, UL_ACCESS_UNLOCK, UL_ACCESS_ATOMIC) : done(c, kind, UL_ACCESS_ATOMIC | flags);
}

static step step_member(climb *c)
{
    const ul_declaration_note *field = ul_census_note(c->census, clang_getCursorReferenced(c->parent->cursor));
    c->touch->at_bytes += field->at_bytes;
    c->touch->size_bytes = field->has_place ? field->size_bytes : c->touch->size_bytes;
    c->touch->is_part &= field->has_place;
    return STEP_ON;
}

static step step_element(climb *c, uint32_t index_child)
{
    uint32_t parameter;
    ul_index_kind kind = ul_touch_index(&parameter, c->walk, c->census, ul_expression_operand(c->walk->reader, c->parent->cursor, index_child));
    if (c->touch->index == UL_INDEX_NONE || kind > c->touch->index) {
        c->touch->index = kind;
        c->touch->index_parameter = parameter;
    }
    c->touch->is_part = false;
    return STEP_OBJECT;
}

static step step_object(climb *c)
{
    CXType type = ul_walk_type(c->walk, c->up), parent_type = ul_walk_type(c->walk, c->up + 1);
    bool is_left = c->parent->child_count == 1; /* the child being visited is its first */
    switch (c->parent->kind) {
    case CXCursor_ParenExpr:
        return STEP_ON;
    case CXCursor_MemberRefExpr:
        return step_member(c);
    case CXCursor_UnexposedExpr:
        if (!is_array(type))
            return done(c, UL_ACCESS_READ, 0);
        c->is_element = true;
        return STEP_ADDRESS;
    case CXCursor_BinaryOperator:
        if (!is_left)
            return STEP_NOTHING;
        return done(c, UL_ACCESS_WRITE, is_constant(c->walk->reader, ul_expression_operand(c->walk->reader, c->parent->cursor, 1)) ? UL_ACCESS_CONSTANT : 0);
    case CXCursor_CompoundAssignOperator:
        return is_left ? done(c, UL_ACCESS_UPDATE, 0) : STEP_NOTHING;
    case CXCursor_UnaryOperator:
        if (is_pointer_to(parent_type, type) && !clang_equalTypes(ul_clang_bare_type(parent_type), ul_clang_bare_type(type)))
            return STEP_ADDRESS;
        return done(c, UL_ACCESS_UPDATE, 0);
    case CXCursor_GCCAsmStmt:
        return is_prefetch(c->walk, c->parent->cursor) ? STEP_NOTHING : done_atomic(c, c->parent->cursor, UL_ACCESS_RMW, 0);
    default:
        return STEP_NOTHING; /* sizeof, typeof, (void)x */
    }
}

/* An atomic builtin: (pointer, order[, value...]). Source: clang's AtomicExpr, whose children the C API shows in that order. */
static step step_builtin(climb *c)
{
    uint32_t count = ul_cursor_child_count(c->parent->cursor);
    CXCursor builtin = c->parent->cursor;
    if (c->child->child != 0)
        return done(c, UL_ACCESS_UPDATE, 0); /* the expected value of a compare-exchange */
    if (clang_getCursorType(builtin).kind == CXType_Void) {
        const char *word = ul_touch_word(c->walk, builtin);
        bool is_load = ul_name_has_word(word, "load") || ul_name_has_word(word, "read");
        bool is_zero, is_number = !is_load && count > 2 && ul_cursor_is_number(ul_expression_operand(c->walk->reader, builtin, 2), &is_zero);
        return done_atomic(c, builtin, is_load ? UL_ACCESS_READ : UL_ACCESS_WRITE, is_number ? UL_ACCESS_CONSTANT : 0u);
    }
    if (count > 2 && ul_census_spins(c->walk, c->parent))
        return done_lock(c, "");
    return done_atomic(c, builtin, count <= 2 ? UL_ACCESS_READ : UL_ACCESS_RMW, 0);
}

/* cas(&flag, 1, 0), test_and_set(&flag): what is stored is a constant, whatever is found. */
static bool swaps_constants(CXCursor call, const ul_walk *walk)
{
    static const char *const swaps[] = {"cas", "cmpxchg", "cmpset", "compare", "exchange", "xchg", "swap", "test", NULL};
    const char *name = ul_clang_text(clang_getCursorSpelling(call), walk->reader->arena);
    int count = clang_Cursor_getNumArguments(call);
    bool is_swap = false;
    for (size_t i = 0; swaps[i]; i++)
        is_swap |= ul_name_has_word(name, swaps[i]);
    for (int i = 1; i < count && is_swap; i++)
        is_swap = is_constant(walk->reader, clang_Cursor_getArgument(call, (unsigned)i));
    return is_swap;
}

/* store(&flag, 1), release(&lock): the last argument but an order of memory. */
static bool stores_constant(CXCursor call)
{
    bool is_zero;
    int count = clang_Cursor_getNumArguments(call);
    return count == 1 || (count > 1 && ul_cursor_is_number(clang_Cursor_getArgument(call, 1), &is_zero));
}

static bool is_const_parameter(CXCursor call, uint32_t argument)
{
    CXType type = ul_clang_bare_type(clang_getCursorType(clang_getCursorReferenced(call)));
    CXType parameter = ul_clang_bare_type(clang_getArgType(type, argument));
    return parameter.kind == CXType_Pointer && clang_isConstQualifiedType(clang_getPointeeType(parameter));
}

static step step_call(climb *c)
{
    CXCursor call = c->parent->cursor;
    if (c->child->child == 0)
        return STEP_NOTHING; /* called through */
    switch (ul_census_verb(c->census, call)) {
    case UL_CALL_LOCK:
        return done_lock(c, ul_clang_text(clang_getCursorSpelling(call), c->walk->reader->arena));
    case UL_CALL_UNLOCK:
        return done(c, UL_ACCESS_UNLOCK, UL_ACCESS_ATOMIC);
    case UL_CALL_ATOMIC_READ:
        return done(c, UL_ACCESS_READ, UL_ACCESS_ATOMIC);
    case UL_CALL_ATOMIC_WRITE:
        return done(c, UL_ACCESS_WRITE, UL_ACCESS_ATOMIC | (stores_constant(call) ? UL_ACCESS_CONSTANT : 0u));
    case UL_CALL_WAIT:
        if (!ul_census_posts_too(c->census, c->walk, call))
            break;
        return done(c, UL_ACCESS_LOCK, UL_ACCESS_ATOMIC | UL_ACCESS_SHARED);
    case UL_CALL_POST: /* an unlock where it is held: count_touch() */
        break;
    case UL_CALL_ATOMIC_RMW:
        if (c->child->child != 1)
            return done(c, UL_ACCESS_READ, 0);
        if (ul_census_spins(c->walk, c->parent))
            return done_lock(c, "");
        done_atomic(c, call, UL_ACCESS_RMW, 0);
        c->touch->flags |= c->touch->kind == UL_ACCESS_RMW && swaps_constants(call, c->walk) ? UL_ACCESS_CONSTANT : 0u;
        return STEP_DONE;
    default:
        break;
    }
    const char *word = ul_touch_word(c->walk, call);
    ul_call_verb verb = ul_census_name_verb(c->census, word);
    if (verb == UL_CALL_LOCK || verb == UL_CALL_UNLOCK) /* a macro that says so, around a function that does not */
        return verb == UL_CALL_LOCK ? done_lock(c, word) : done(c, UL_ACCESS_UNLOCK, UL_ACCESS_ATOMIC);
    ul_access_kind kind;
    bool is_shared = false;
    if (ul_census_locks_argument(&kind, &is_shared, c->census, call, c->child->child - 1))
        return done(c, kind, UL_ACCESS_ATOMIC | (is_shared ? UL_ACCESS_SHARED : 0u));
    c->touch->callee = call;
    c->touch->argument = c->child->child - 1;
    return done(c, UL_ACCESS_ADDRESS, is_const_parameter(call, c->touch->argument) ? UL_ACCESS_CONST_POINTER : 0);
}

static step step_address(climb *c)
{
    CXType type = ul_walk_type(c->walk, c->up), parent_type = ul_walk_type(c->walk, c->up + 1);
    switch (c->parent->kind) {
    case CXCursor_ParenExpr:
    case CXCursor_CStyleCastExpr:
        return STEP_ON;
    case CXCursor_UnexposedExpr:
        return ul_cursor_child_count(c->parent->cursor) == 1 ? STEP_ON : step_builtin(c);
    case CXCursor_UnaryOperator:
        return is_pointer_to(type, parent_type) ? STEP_OBJECT : STEP_NOTHING;
    case CXCursor_MemberRefExpr:
        step_member(c);
        return STEP_OBJECT;
    case CXCursor_ArraySubscriptExpr:
        return c->child->child == 0 ? step_element(c, 1) : STEP_NOTHING;
    case CXCursor_BinaryOperator:
        if (c->child->child == 0 && ul_clang_bare_type(parent_type).kind == CXType_Pointer) {
            step_element(c, 1);
            return STEP_ON;
        }
        return ul_clang_bare_type(parent_type).kind == CXType_Pointer ? done(c, UL_ACCESS_ADDRESS, 0) : STEP_NOTHING;
    case CXCursor_CallExpr:
        return step_call(c);
    case CXCursor_GCCAsmStmt:
        return is_prefetch(c->walk, c->parent->cursor) ? STEP_NOTHING : done_atomic(c, c->parent->cursor, UL_ACCESS_RMW, 0);
    case CXCursor_VarDecl:
    case CXCursor_ReturnStmt:
    case CXCursor_InitListExpr:
    case CXCursor_ConditionalOperator:
        return done(c, UL_ACCESS_ADDRESS, 0);
    default:
        return STEP_NOTHING; /* compared, tested, not used */
    }
}

bool ul_touch_follow(ul_touch *out, const ul_walk *walk, bool is_address, ul_census_reader *census)
{
    *out = (ul_touch){.is_part = true, .callee = clang_getNullCursor()};
    climb c = {.touch = out, .walk = walk, .census = census};
    for (uint32_t up = 0;; up++) {
        c.up = up;
        c.child = ul_walk_frame(walk, up);
        c.parent = ul_walk_frame(walk, up + 1);
        if (!c.parent)
            return false;
        switch (is_address ? step_address(&c) : step_object(&c)) {
        case STEP_ON:
            break;
        case STEP_ADDRESS:
            is_address = true;
            break;
        case STEP_OBJECT:
            is_address = false;
            break;
        case STEP_DONE:
            return true;
        default:
            return false;
        }
    }
}
