/*
 * Locks of the function being read: which are held where (held_locks.c), and what a function leaves held, or releases, for those who
 * call it: `queue_enter(q)` that takes q->lock, `grab(&q->lock)` that takes what it is given.
 */
#include "layout/parse/census_reader.h"

#include <stdlib.h>
#include <string.h>

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

static ul_word lock_of(ul_census_reader *census, const ul_tally *tally)
{
    const char *const *words = census->out->words;
    return tally->field ? ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s#%s", words[tally->object], words[tally->field])) : tally->object;
}

/* Whether the address goes to what releases a lock that is one by its use: sem_post(&s), drop(&l) that stores 0. */
static bool clears_argument(ul_census_reader *census, const ul_touch *touch)
{
    if (clang_Cursor_isNull(touch->callee))
        return false;
    if (ul_census_verb(census, touch->callee) == UL_CALL_POST)
        return true;
    const ul_known_function *known = ul_census_locker(census, touch->callee);
    return known && known->cleared_parameter == touch->argument + 1;
}

void ul_census_see_release(ul_census_reader *census, ul_tally *tally, const ul_touch *touch)
{
    if (tally->kind == UL_ACCESS_ADDRESS && !clears_argument(census, touch))
        return;
    if (!tally->object) {
        census->current->cleared_parameter = tally->parameter + 1u;
        return;
    }
    bool may_be_held = census->held.now.count > 0;
    if (!may_be_held && tally->kind == UL_ACCESS_WRITE && !(tally->flags & UL_ACCESS_ATOMIC))
        return; /* a store as any other */
    ul_word lock = lock_of(census, tally);
    if (ul_held_has(&census->held.now, lock)) {
        tally->kind = UL_ACCESS_UNLOCK;
        tally->flags &= (uint8_t) ~(uint32_t)UL_ACCESS_CONSTANT;
    } else {
        ul_held_note(&census->cleared, lock);
    }
}

/* The lock that is taken or released goes by its field, or by the variable. */
void ul_census_change_locks(ul_census_reader *census, const ul_walk *walk, const ul_tally *tally)
{
    ul_word lock;
    if (!tally->object) { /* what a parameter points to has no name here: callers know it */
        census->current->shares_lock |= (tally->flags & UL_ACCESS_SHARED) != 0;
        if (tally->kind == UL_ACCESS_LOCK)
            census->current->locked_parameter = tally->parameter + 1u;
        else
            census->current->unlocked_parameter = tally->parameter + 1u;
        return;
    }
    lock = lock_of(census, tally);
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
    CXCursor argument = ul_expression_stripped(census->reader, clang_Cursor_getArgument(call, 0));
    CXType type = ul_clang_bare_type(clang_getCursorType(argument));
    enum CXCursorKind kind = clang_getCursorKind(argument);
    if (kind == CXCursor_UnaryOperator || (kind == CXCursor_MemberRefExpr && type.kind != CXType_Pointer))
        return; /* &p->lock: counted as an access of the field */
    ul_word record = kind == CXCursor_MemberRefExpr ? 0 : ul_census_pointee(census, type), lock;
    ul_lock_name name;
    if (record)
        lock = ul_census_word_of(census, ul_arena_printf(census->reader->arena, "%s#", census->out->words[record]));
    else if (type.kind == CXType_Pointer && ul_census_lock_name(&name, census, argument) && name.word)
        lock = name.word; /* what p->lock points to, or a variable */
    else
        return;
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

void ul_census_end_locks(ul_census_reader *census, CXCursor function)
{
    ul_known_function *known = census->current;
    bool is_locker = census->held.now.count || census->given.count || census->cleared.count || known->locked_parameter || known->unlocked_parameter ||
                     known->cleared_parameter;
    if (!is_locker)
        return;
    if (ul_census_line_count(function) > UL_LOCKER_LINES_MAX) {
        known->locked_parameter = known->unlocked_parameter = known->cleared_parameter = 0;
        return;
    }
    if (known->locked_parameter && known->unlocked_parameter) /* taken for a while */
        known->locked_parameter = known->unlocked_parameter = 0;
    if (census->held.now.count)
        known->takes = text_of(census, &census->held.now);
    if (census->given.count)
        known->gives = text_of(census, &census->given);
    if (census->cleared.count)
        known->clears = text_of(census, &census->cleared);
    known->is_locker = known->clears || known->cleared_parameter || known->takes || known->gives || known->locked_parameter || known->unlocked_parameter;
    census->cache->locker_count += known->is_locker;
}

void ul_census_begin_locks(ul_census_reader *census)
{
    ul_held_reset(&census->held);
    census->taken.count = census->given.count = census->cleared.count = 0;
    census->held_word = 0;
}

bool ul_census_locks_argument(ul_access_kind *kind, bool *is_shared, ul_census_reader *census, CXCursor call, uint32_t argument)
{
    const ul_known_function *known = ul_census_locker(census, call);
    if (!known || (known->locked_parameter != argument + 1 && known->unlocked_parameter != argument + 1))
        return false;
    *kind = known->locked_parameter == argument + 1 ? UL_ACCESS_LOCK : UL_ACCESS_UNLOCK;
    *is_shared = *kind == UL_ACCESS_LOCK && known->shares_lock;
    return true;
}

void ul_census_see_locker(ul_census_reader *census, const ul_walk *walk, CXCursor call)
{
    const ul_known_function *known = ul_census_locker(census, call);
    ul_arena *arena = census->reader->arena;
    if (!known || (!known->takes && !known->gives && !known->clears))
        return;
    for (const char *at = known->clears; at && *at && census->held.now.count; at += strcspn(at, "|"), at += *at == '|') {
        ul_word lock = ul_census_word_of(census, ul_arena_strndup(arena, at, strcspn(at, "|")));
        if (ul_held_has(&census->held.now, lock))
            give(census, lock);
    }
    for (const char *at = known->gives; at && *at; at += strcspn(at, "|"), at += *at == '|')
        give(census, ul_census_word_of(census, ul_arena_strndup(arena, at, strcspn(at, "|"))));
    for (const char *at = known->takes; at && *at; at += strcspn(at, "|"), at += *at == '|')
        take(census, walk, ul_census_word_of(census, ul_arena_strndup(arena, at, strcspn(at, "|"))));
    ul_census_refresh_held(census);
}

void ul_census_enter_guard(ul_census_reader *census)
{
    census->before_guard = census->held.now;
}

void ul_census_see_guard(ul_census_reader *census, const ul_walk *walk)
{
    CXCursor variable = ul_walk_frame(walk, 0)->cursor, value = clang_Cursor_getVarDeclInitializer(variable);
    ul_lock_name name;
    if (clang_Cursor_isNull(value) || !ul_census_has_cleanup(census, variable))
        return;
    if (ul_census_lock_name(&name, census, value) && name.word)
        ul_held_guard(&census->held, walk, name.word); /* taken later */
    for (uint32_t i = 0; i < census->held.now.count; i++) {
        if (!ul_held_has(&census->before_guard, census->held.now.locks[i]))
            ul_held_guard(&census->held, walk, census->held.now.locks[i]);
    }
}
