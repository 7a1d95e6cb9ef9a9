/* Which records are nodes of lists and trees: those with a field that leads to another of their kind. */
#include "layout/parse/allocation_reader.h"
#include "layout/parse/call_names.h"

#include <string.h>

typedef struct self_search {
    CXCursor record, inner; /* inner: the field whose record is looked through, or the null cursor */
    bool is_found;
} self_search;

/* `next`, `left`, `prev_ptr`: a pointer of another name may lead to an owner, or to one of a few. */
static bool is_link_name(CXCursor field)
{
    static const char *const words[] = {"next", "prev", "nxt", "prv", "left", "right", "link", "sibling", "child", "down", "up", "chain", "tail", "rest", "forw", "back", NULL};
    CXString spelling = clang_getCursorSpelling(field);
    const char *name = clang_getCString(spelling);
    bool is_link = false;
    for (const char *const *word = words; *word && name && !is_link; word++)
        is_link = ul_name_has_word(name, *word) || (strlen(*word) > 3 && strcasestr(name, *word) != NULL);
    clang_disposeString(spelling);
    return is_link;
}

static enum CXVisitorResult see_link(CXCursor field, CXClientData data)
{
    self_search *search = data;
    CXType pointee = ul_pointee(clang_getCursorType(field)), element = ul_clang_element_type(clang_getCursorType(field));
    if (element.kind == CXType_Record && clang_Cursor_isNull(search->inner)) { /* TAILQ_ENTRY(node) is a record of two links */
        search->inner = field;
        clang_Type_visitFields(element, see_link, search);
        search->inner = clang_getNullCursor();
    }
    CXCursor target = clang_getCursorDefinition(clang_getTypeDeclaration(pointee));
    search->is_found |= pointee.kind == CXType_Record && clang_equalCursors(target, search->record) && is_link_name(field);
    return search->is_found ? CXVisit_Break : CXVisit_Continue;
}

static bool has_link(CXType type)
{
    CXType bare = ul_clang_bare_type(type);
    self_search search = {.record = clang_getCursorDefinition(clang_getTypeDeclaration(bare)), .inner = clang_getNullCursor()};
    if (bare.kind == CXType_Record && !clang_Cursor_isNull(search.record))
        clang_Type_visitFields(bare, see_link, &search);
    return search.is_found;
}

static const node_note *note_of(ul_allocation_reader *allocations, CXType type)
{
    const void *key = type.data[0];
    node_note *note = NULL;
    HASH_FIND_PTR(allocations->nodes, &key, note);
    if (!note) {
        note = UL_NEW(allocations->uses.reader->arena, node_note);
        CXType bare = ul_clang_bare_type(type);
        *note = (node_note){.type = key, .is_node = has_link(type)};
        note->points_to_node = bare.kind == CXType_Pointer && note_of(allocations, clang_getPointeeType(bare))->is_node;
        HASH_ADD_PTR(allocations->nodes, type, note);
    }
    return note;
}

bool ul_is_node(ul_allocation_reader *allocations, CXType type)
{
    return note_of(allocations, type)->is_node;
}

bool ul_is_node_pointer(ul_allocation_reader *allocations, CXType type)
{
    return note_of(allocations, type)->points_to_node;
}
