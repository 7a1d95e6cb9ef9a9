/*
 * Which locks are held, statement by statement and on the safe side:
 *  1. a call takes or releases a lock from there on;
 *  2. what a branch or a loop takes is forgotten behind it, what it releases is released;
 *  3. a branch that leaves (return, break, continue, goto) does not count for what follows it;
 *  4. what the condition of a loop takes is held behind it: while (test_and_set(lock)) ; and so is what makes it break: if (try(lock)) break;
 *  5. what a variable with a cleanup function guards is released where its block ends;
 *  6. each case of a switch begins with what was held before the switch.
 */
#include "layout/parse/census.h"

void ul_held_reset(ul_held_locks *held)
{
    held->now.count = 0;
    held->branch_count = held->guard_count = 0;
}

static bool is_leaving(enum CXCursorKind kind)
{
    return kind == CXCursor_ReturnStmt || kind == CXCursor_GotoStmt || kind == CXCursor_BreakStmt ||
           kind == CXCursor_ContinueStmt || kind == CXCursor_IndirectGotoStmt;
}

static bool opens_branch(const ul_frame *frame, const ul_frame *parent)
{
    if (frame->kind == CXCursor_ForStmt || frame->kind == CXCursor_WhileStmt || frame->kind == CXCursor_SwitchStmt)
        return true;
    return parent && parent->kind == CXCursor_IfStmt && frame->child > 0;
}

/* A statement that leaves decides for the branch whose last words it is. */
static void mark_end(ul_held_locks *held, const ul_walk *walk)
{
    if (held->branch_count == 0)
        return;
    ul_branch *branch = &held->branches[held->branch_count - 1];
    for (uint32_t up = 0;; up++) {
        const ul_frame *frame = ul_walk_frame(walk, up);
        if (walk->depth - up == branch->depth)
            break;
        if (!frame || (up && frame->kind != CXCursor_CompoundStmt && frame->kind != CXCursor_LabelStmt))
            return;
    }
    branch->ends = true;
}

bool ul_held_enter(ul_held_locks *held, const ul_walk *walk)
{
    bool is_case = false;
    const ul_frame *frame = ul_walk_frame(walk, 0), *parent = ul_walk_frame(walk, 1);
    if (clang_isExpression(frame->kind) && (!parent || parent->kind != CXCursor_IfStmt))
        return false;
    if ((frame->kind == CXCursor_CaseStmt || frame->kind == CXCursor_DefaultStmt) && held->branch_count &&
        held->branches[held->branch_count - 1].is_switch) {
        held->now = held->branches[held->branch_count - 1].before;
        is_case = true;
    }
    if (opens_branch(frame, parent) && held->branch_count < UL_BRANCHES_MAX)
        held->branches[held->branch_count++] =
            (ul_branch){.before = held->now, .depth = walk->depth, .is_switch = frame->kind == CXCursor_SwitchStmt};
    if (is_leaving(frame->kind))
        mark_end(held, walk);
    return is_case;
}

static void intersect(ul_held_set *set, const ul_held_set *with)
{
    uint32_t kept = 0;
    for (uint32_t i = 0, k = 0; i < set->count; i++) {
        while (k < with->count && with->locks[k] < set->locks[i])
            k++;
        if (k < with->count && with->locks[k] == set->locks[i])
            set->locks[kept++] = set->locks[i];
    }
    set->count = kept;
}

/* At the end of a block: what is guarded in it. */
static bool leave_guards(ul_held_locks *held, const ul_walk *walk)
{
    bool has_any = false;
    while (held->guard_count && held->guards[held->guard_count - 1].depth >= walk->depth) {
        ul_held_give(held, held->guards[--held->guard_count].lock);
        has_any = true;
    }
    return has_any;
}

void ul_held_guard(ul_held_locks *held, const ul_walk *walk, ul_word lock)
{
    uint32_t up = 1;
    while (ul_walk_frame(walk, up) && ul_walk_frame(walk, up)->kind != CXCursor_CompoundStmt)
        up++;
    if (held->guard_count < UL_HELD_MAX && up < walk->depth)
        held->guards[held->guard_count++] = (ul_guard){lock, walk->depth - up};
}

bool ul_held_leave(ul_held_locks *held, const ul_walk *walk)
{
    bool has_left = held->guard_count && leave_guards(held, walk);
    if (held->branch_count == 0 || held->branches[held->branch_count - 1].depth != walk->depth)
        return has_left;
    const ul_branch *branch = &held->branches[--held->branch_count];
    if (branch->ends || branch->is_switch)
        held->now = branch->before;
    else
        intersect(&held->now, &branch->before);
    return true;
}

void ul_held_note(ul_held_set *now, ul_word lock)
{
    uint32_t at = 0;
    while (at < now->count && now->locks[at] < lock)
        at++;
    if (now->count == UL_HELD_MAX || (at < now->count && now->locks[at] == lock))
        return;
    for (uint32_t i = now->count++; i > at; i--)
        now->locks[i] = now->locks[i - 1];
    now->locks[at] = lock;
}

bool ul_held_has(const ul_held_set *set, ul_word lock)
{
    for (uint32_t i = 0; i < set->count; i++) {
        if (set->locks[i] == lock)
            return true;
    }
    return false;
}

/* Whether the walk is in the condition of an `if (...) break;` below the frame at `depth`. */
static bool decides_break(const ul_walk *walk, uint32_t depth)
{
    for (uint32_t up = 0; walk->depth - up > depth + 1; up++) {
        const ul_frame *child = ul_walk_frame(walk, up), *parent = ul_walk_frame(walk, up + 1);
        if (parent->kind != CXCursor_IfStmt)
            continue;
        CXCursor then = ul_cursor_child(parent->cursor, 1);
        if (clang_getCursorKind(then) == CXCursor_CompoundStmt && ul_cursor_child_count(then) == 1)
            then = ul_cursor_child(then, 0);
        return child->child == 0 && clang_getCursorKind(then) == CXCursor_BreakStmt;
    }
    return false;
}

/* Whether the walk is in what ends the loop that is the innermost branch. */
static bool is_in_condition(const ul_held_locks *held, const ul_walk *walk)
{
    if (held->branch_count == 0)
        return false;
    uint32_t depth = held->branches[held->branch_count - 1].depth;
    const ul_frame *loop = ul_walk_frame(walk, walk->depth - depth);
    const ul_frame *child = walk->depth > depth ? ul_walk_frame(walk, walk->depth - depth - 1) : NULL;
    if (!loop || !child)
        return false;
    if ((loop->kind == CXCursor_WhileStmt && child->child == 0) || (loop->kind == CXCursor_ForStmt && clang_isExpression(child->kind)))
        return true;
    return (loop->kind == CXCursor_WhileStmt || loop->kind == CXCursor_ForStmt) && decides_break(walk, depth);
}

void ul_held_take(ul_held_locks *held, const ul_walk *walk, ul_word lock)
{
    ul_held_note(&held->now, lock);
    if (is_in_condition(held, walk))
        ul_held_note(&held->branches[held->branch_count - 1].before, lock);
}

void ul_held_give(ul_held_locks *held, ul_word lock)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < held->now.count; i++) {
        if (held->now.locks[i] != lock)
            held->now.locks[kept++] = held->now.locks[i];
    }
    held->now.count = kept;
}
