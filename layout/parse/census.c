/*
 * The census of a unit: an observer of the walk, and what it remembers from unit to unit. At each reference to a field, a variable or a
 * pointer parameter, touch.c says what is done; calls, functions named without a call and places where records come to be are kept
 * for the merge, which knows all units.
 */
#include "layout/parse/census_reader.h"

#include "layout/parse/inlets.h"

#include <stdlib.h>
#include <string.h>

ul_census_cache *ul_census_cache_new(void)
{
    return calloc(1, sizeof(ul_census_cache));
}

void ul_census_cache_free(ul_census_cache *cache)
{
    ul_known_function *item, *next;
    ul_known_verb *verb, *next_verb;
    if (!cache)
        return;
    HASH_ITER(hh, cache->verbs, verb, next_verb)
    {
        HASH_DEL(cache->verbs, verb);
        free(verb->name);
        free(verb);
    }
    HASH_ITER(hh, cache->functions, item, next)
    {
        HASH_DEL(cache->functions, item);
        free(item->key);
        free(item->takes);
        free(item->gives);
        free(item->clears);
        free(item);
    }
    free(cache);
}

/* `(int argc, char **argv, ...)` */
static bool is_command(CXCursor function)
{
    if (clang_Cursor_getNumArguments(function) < 2)
        return false;
    CXString spelling = clang_getCursorSpelling(clang_Cursor_getArgument(function, 1));
    const char *name = clang_getCString(spelling);
    bool is_argv = name && strcmp(name, "argv") == 0;
    clang_disposeString(spelling);
    return is_argv && clang_getCursorType(clang_Cursor_getArgument(function, 0)).kind == CXType_Int;
}

/* A function's definition begins: false when this worker has counted it before. */
static bool begin_function(ul_census_reader *census, CXCursor function)
{
    ul_census *out = census->out;
    const char *file = ul_reader_path(census->reader, function), *key = ul_reader_place_key(census->reader, function);
    ul_known_function *known = NULL;
    if (clang_getCursorLinkage(function) == CXLinkage_Invalid)
        return false;
    HASH_FIND_STR(census->cache->functions, key, known);
    if (known)
        return false;
    known = calloc(1, sizeof *known);
    if (!known || !(known->key = strdup(key)))
        census->reader->arena->oom(sizeof *known);
    HASH_ADD_KEYPTR(hh, census->cache->functions, known->key, strlen(known->key), known);
    census->current = known;
    UL_RESERVE(census->reader->arena, out->functions, out->function_count, census->function_capacity);
    census->function = out->function_count++;
    out->functions[census->function] = (ul_census_function){
        .id = ul_census_note(census, function)->object,
        .key = ul_census_word_of(census, key),
        .name = ul_census_word_of(census, ul_clang_text(clang_getCursorSpelling(function), census->reader->arena)),
        .file = ul_census_word_of(census, file),
        .line = ul_clang_cursor_place(function).line,
        .flags = (clang_getCursorLinkage(function) == CXLinkage_Internal ? UL_FUNCTION_INTERNAL : 0u) |
                 (is_command(function) ? UL_FUNCTION_COMMAND : 0u),
    };
    census->is_main = strcmp(out->words[out->functions[census->function].name], "main") == 0;
    ul_census_tallies_clear(census);
    ul_census_begin_locks(census);
    ul_origins_reset(&census->origins, out->words[out->functions[census->function].name]);
    return true;
}

static bool enter(void *context, ul_walk *walk)
{
    ul_census_reader *census = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    if (frame->is_function && census->function == UL_NO_FUNCTION)
        return begin_function(census, frame->cursor);
    if (census->function != UL_NO_FUNCTION && ul_held_enter(&census->held, walk))
        ul_census_refresh_held(census);
    switch (frame->kind) {
    case CXCursor_StructDecl:
    case CXCursor_UnionDecl:
    case CXCursor_EnumDecl:
    case CXCursor_TypedefDecl:
        return walk->depth > 1; /* they touch nothing */
    case CXCursor_UnaryOperator:
    case CXCursor_ArraySubscriptExpr:
        if (frame->child == 0 && walk->depth > 1 && ul_walk_frame(walk, 1)->kind == CXCursor_BinaryOperator)
            ul_inlets_see_store(census, walk);
        break;
    case CXCursor_UnaryExpr:
        return false; /* nor does sizeof: assert() has its condition there a second time */
    case CXCursor_MemberRefExpr:
        if (census->function != UL_NO_FUNCTION)
            ul_census_see_member(census, walk);
        break;
    case CXCursor_DeclRefExpr:
        ul_census_see_reference(census, walk);
        break;
    case CXCursor_CallExpr:
        ul_census_see_call(census, walk);
        break;
    case CXCursor_VarDecl:
        ul_census_enter_guard(census);
        ul_census_see_variable(census, walk);
        break;
    case CXCursor_ReturnStmt:
        if (census->function != UL_NO_FUNCTION)
            ul_census_see_return(census, walk);
        break;
    default:
        if (frame->kind >= CXCursor_OMPParallelDirective && frame->kind <= CXCursor_LastStmt && census->function != UL_NO_FUNCTION)
            ul_census_see_parallel(census, walk);
        break;
    }
    return true;
}

static void see_inlets(ul_census_reader *census, const ul_walk *walk, enum CXCursorKind kind)
{
    switch (kind) {
    case CXCursor_UnexposedExpr:
    case CXCursor_CStyleCastExpr:
        ul_inlets_see_cast(census, walk);
        break;
    case CXCursor_CallExpr:
        ul_inlets_see_call(census, walk);
        break;
    case CXCursor_ReturnStmt:
        ul_inlets_see_return(census, walk);
        break;
    case CXCursor_AsmStmt:
        ul_inlets_see_assembly(census, walk);
        break;
    default:
        break;
    }
}

static void leave(void *context, ul_walk *walk)
{
    ul_census_reader *census = context;
    const ul_frame *frame = ul_walk_frame(walk, 0);
    see_inlets(census, walk, frame->kind);
    if (frame->kind == CXCursor_VarDecl && census->function != UL_NO_FUNCTION)
        ul_census_see_guard(census, walk);
    if (census->function != UL_NO_FUNCTION && ul_held_leave(&census->held, walk))
        ul_census_refresh_held(census);
    if (frame->kind != CXCursor_FunctionDecl || walk->depth != 1 || census->function == UL_NO_FUNCTION)
        return;
    ul_census_end_locks(census, frame->cursor);
    ul_origins_tell(&census->origins, census, ul_census_add_origin);
    census->function = UL_NO_FUNCTION;
}

ul_census_reader *ul_census_reader_begin(ul_reader *reader, ul_census_cache *cache)
{
    ul_census_reader *census = UL_NEW(reader->arena, ul_census_reader);
    census->reader = reader;
    census->cache = cache;
    census->out = UL_NEW(reader->arena, ul_census);
    census->function = UL_NO_FUNCTION;
    census->look.reader = reader;
    census->shapes = UL_NEW(reader->arena, ul_shapes);
    UL_RESERVE(reader->arena, census->out->words, census->out->word_count, census->word_capacity);
    census->out->words[census->out->word_count++] = "";
    return census;
}

ul_observer ul_census_observer(ul_census_reader *census)
{
    return (ul_observer){.enter = enter, .leave = leave, .context = census, .seconds = &census->reader->result->census_seconds};
}

void ul_census_reader_end(ul_census_reader *census)
{
    ul_census_names_clear(census);
    ul_census_tallies_clear(census);
    ul_loops_clear(&census->loops);
    ul_origins_reset(&census->origins, "");
    census->reader->result->census = census->out;
}
