/*
 * Locks of the function being read: which are held where (held_locks.c), and what a function leaves held, or releases, for those who
 * call it: `queue_enter(q)` that takes q->lock, `grab(&q->lock)` that takes what it is given.
 */
#include "layout/parse/census_reader.h"

#include <stdlib.h>
#include <string.h>

enum { LOCKER_LINES_MAX = 16 }; /* a function that is longer does more than to take or release */

/* The names of the locks that are held, joined. */
void ul_census_refresh_held(ul_census_reader *census)
{
    const ul_held_set *now = &census->held.now;
    const char *text = "";
    for (uint32_t i = 0; i < now->count; i++)
        text = ul_arena_printf(census->reader->arena, "%s%s%s", text, i ? "|" : "", census->out->words[now->locks[i]]);
    census->held_word = ul_census_word_of(census, text);
}

static void take(ul_census_reader *census, const ul_walk *walk, ul_word lock)
{
    ul_held_take(&census->held, walk, lock);
    ul_held_note(&census->taken, lock);
}

static void give(ul_census_reader *census, ul_word lock)
{
    ul_held_give(&census->held, lock);
    if (!ul_held_has(&census->taken, lock))
        ul_held_note(&census->given, lock); /* a caller took it */
}

/* The lock that is taken or released goes by its field, or by the variable. */
void ul_census_change_locks(ul_census_reader *census, const ul_walk *walk, const ul_tally *tally)
{
    const char *const *words = census->out->words;
    ul_word lock = tally->object;
    if (!tally->object) { /* what a parameter points to has no name here: callers know it */
        census->current->shares_lock |= (tally->flags & UL_ACCESS_SHARED) != 0;
        if (tally->kind == UL_ACCESS_LOCK)
            census->current->locked_parameter = tally->parameter + 1u;
        else
            census->current->unlocked_parameter = tally->parameter + 1u;
        return;
    }
    if (tally->field)
        lock = ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s#%s", words[tally->object], words[tally->field]));
    if (tally->kind == UL_ACCESS_LOCK)
        take(census, walk, lock);
    else
        give(census, lock);
    ul_census_refresh_held(census);
}

/* lock_pool(pool): some lock of what the argument points to; without a field it stands for any. */
void ul_census_see_object_lock(ul_census_reader *census, const ul_walk *walk, CXCursor call, ul_call_verb verb)
{
    int count = clang_Cursor_getNumArguments(call);
    if (count < 1)
        return;
    CXCursor argument = ul_cursor_stripped(clang_Cursor_getArgument(call, 0));
    if (clang_getCursorKind(argument) == CXCursor_UnaryOperator || clang_getCursorKind(argument) == CXCursor_MemberRefExpr)
        return; /* &p->lock: counted as an access of the field */
    ul_word record = ul_census_pointee(census, clang_getCursorType(argument));
    if (!record)
        return;
    ul_word lock = ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s#", census->out->words[record]));
    if (verb == UL_CALL_LOCK)
        take(census, walk, lock);
    else
        give(census, lock);
    ul_census_refresh_held(census);
}

static char *text_of(const ul_census_reader *census, const ul_held_set *set)
{
    const char *text = "";
    for (uint32_t i = 0; i < set->count; i++)
        text = ul_arena_printf(census->reader->arena, "%s%s%s", text, i ? "|" : "", census->out->words[set->locks[i]]);
    char *copy = strdup(text);
    if (!copy)
        census->reader->arena->oom(strlen(text) + 1);
    return copy;
}

static uint32_t line_count(CXCursor function)
{
    CXSourceRange extent = clang_getCursorExtent(function);
    uint32_t first = ul_clang_place_of(clang_getRangeStart(extent)).line, last = ul_clang_place_of(clang_getRangeEnd(extent)).line;
    return last - first + 1;
}

void ul_census_end_locks(ul_census_reader *census, CXCursor function)
{
    ul_known_function *known = census->current;
    bool is_locker = census->held.now.count || census->given.count || known->locked_parameter || known->unlocked_parameter;
    if (!is_locker)
        return;
    if (line_count(function) > LOCKER_LINES_MAX) {
        known->locked_parameter = known->unlocked_parameter = 0;
        return;
    }
    if (known->locked_parameter && known->unlocked_parameter) /* taken for a while */
        known->locked_parameter = known->unlocked_parameter = 0;
    if (census->held.now.count)
        known->takes = text_of(census, &census->held.now);
    if (census->given.count)
        known->gives = text_of(census, &census->given);
    known->is_locker = known->takes || known->gives || known->locked_parameter || known->unlocked_parameter;
    census->cache->locker_count += known->is_locker;
}

void ul_census_begin_locks(ul_census_reader *census)
{
    ul_held_reset(&census->held);
    census->taken.count = census->given.count = 0;
    census->held_word = 0;
}

/* The function that `call` names, when its body is known, was read before, and takes or releases locks. */
static const ul_known_function *locker_of(ul_census_reader *census, CXCursor call)
{
    if (census->cache->locker_count == 0)
        return NULL;
    CXCursor callee = clang_getCursorReferenced(call);
    if (callee.kind != CXCursor_FunctionDecl)
        return NULL;
    const ul_known_function *known = ul_census_known(census, callee);
    return known && known->is_locker ? known : NULL;
}

bool ul_census_locks_argument(ul_access_kind *kind, bool *is_shared, ul_census_reader *census, CXCursor call, uint32_t argument)
{
    const ul_known_function *known = locker_of(census, call);
    if (!known || (known->locked_parameter != argument + 1 && known->unlocked_parameter != argument + 1))
        return false;
    *kind = known->locked_parameter == argument + 1 ? UL_ACCESS_LOCK : UL_ACCESS_UNLOCK;
    *is_shared = *kind == UL_ACCESS_LOCK && known->shares_lock;
    return true;
}

void ul_census_see_locker(ul_census_reader *census, const ul_walk *walk, CXCursor call)
{
    const ul_known_function *known = locker_of(census, call);
    ul_arena *arena = census->reader->arena;
    if (!known || (!known->takes && !known->gives))
        return;
    for (const char *at = known->gives; at && *at; at += strcspn(at, "|"), at += *at == '|')
        give(census, ul_census_word_of(census, ul_arena_strndup(arena, at, strcspn(at, "|"))));
    for (const char *at = known->takes; at && *at; at += strcspn(at, "|"), at += *at == '|')
        take(census, walk, ul_census_word_of(census, ul_arena_strndup(arena, at, strcspn(at, "|"))));
    ul_census_refresh_held(census);
}
