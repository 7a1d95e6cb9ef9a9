/*
 * How long variables hold a pointer. Where the call that takes memory stands in a loop, each round takes another object: unless only one variable
 * ever has it, each that does has to be new in each round, or be set there before it is looked at.
 */
#include "layout/parse/pointer_follow.h"

#include <string.h>

#include "layout/parse/libc_calls.h"

static const ul_node *node_of(const ul_follow *f, uint32_t node)
{
    return &f->tree->nodes[node];
}

static bool is_within(const ul_follow *f, uint32_t node, uint32_t outer)
{
    return node >= outer && node < node_of(f, outer)->end;
}

/* Whether `reference` is the left side of a plain assignment that does not look at the variable. */
static bool is_fresh(const ul_follow *f, uint32_t reference, CXCursor variable)
{
    uint32_t assignment;
    if (ul_tree_change(&assignment, f->tree, reference) != UL_CHANGE_SET)
        return false;
    for (uint32_t i = reference + 1; i < node_of(f, assignment)->end; i++) {
        if (node_of(f, i)->kind == CXCursor_DeclRefExpr && clang_equalCursors(ul_tree_declaration(f->tree, i), variable))
            return false;
    }
    return true;
}

/* Whether what a variable holds when a round of the loop begins is never looked at. */
static bool is_new_in_each_round(const ul_follow *f, CXCursor variable, uint32_t loop, uint32_t body)
{
    bool is_set = false;
    for (uint32_t i = 1; i < f->tree->count; i++) {
        if (node_of(f, i)->kind == CXCursor_VarDecl && clang_equalCursors(node_of(f, i)->cursor, variable) && is_within(f, i, body))
            return true;
        if (node_of(f, i)->kind != CXCursor_DeclRefExpr || !clang_equalCursors(ul_tree_declaration(f->tree, i), variable))
            continue;
        if (!is_within(f, i, body))
            return false;
        if (!is_set && !(is_fresh(f, i, variable) && ul_tree_is_unconditional(f->tree, i, loop)))
            return false;
        is_set = true;
    }
    return is_set;
}

bool ul_follow_is_single(const ul_follow *f)
{
    if (f->variable_count == 1)
        return true;
    if (ul_tree_is_jumped_over(f->tree, f->source))
        return false;
    uint32_t loop = ul_tree_loop(f->tree, f->source);
    if (loop == UL_NO_NODE)
        return true;
    uint32_t body = ul_tree_loop_body(f->tree, loop);
    if (body == UL_NO_NODE || !is_within(f, f->source, body))
        return false;
    for (uint32_t i = 0; i < f->variable_count; i++) {
        if (!is_new_in_each_round(f, f->variables[i], loop, body))
            return false;
    }
    return true;
}

typedef struct named_search {
    const char *name;
    CXCursor found;
} named_search;

static enum CXChildVisitResult see_function(CXCursor cursor, CXCursor parent, CXClientData data)
{
    named_search *search = data;
    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl || !clang_isCursorDefinition(cursor))
        return CXChildVisit_Continue;
    CXString spelling = clang_getCursorSpelling(cursor);
    const char *name = clang_getCString(spelling);
    bool is_it = name && strcmp(name, search->name) == 0;
    clang_disposeString(spelling);
    if (is_it)
        search->found = cursor;
    return is_it ? CXChildVisit_Break : CXChildVisit_Continue;
}

/* "freep" of `cleanup(freep)`, in the unit's arena; NULL for none. */
static const char *cleanup_name(const ul_follow *f, CXCursor variable)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(variable);
    const char *text = ul_clang_text(clang_getCursorPrettyPrinted(variable, policy), f->tree->uses->reader->arena), *from = strstr(text, "cleanup(");
    clang_PrintingPolicy_dispose(policy);
    if (!from)
        return NULL;
    from += strlen("cleanup(");
    return ul_arena_printf(f->tree->uses->reader->arena, "%.*s", (int)strcspn(from, ")"), from);
}

const char *ul_follow_cleanup(bool *has, const ul_follow *f, CXCursor variable)
{
    *has = ul_attributes_have(variable, "cleanup(");
    const char *name = *has ? cleanup_name(f, variable) : NULL;
    named_search search = {.name = name, .found = clang_getNullCursor()};
    if (!name)
        return NULL;
    clang_visitChildren(clang_getTranslationUnitCursor(f->tree->uses->reader->unit), see_function, &search);
    return !clang_Cursor_isNull(search.found) && ul_allocation_is_cleaner(f->reader, search.found) ? name : NULL;
}
