/* Which records hold which by value: who holds one directly is noted once for all, who holds it at any depth when somebody asks. */
#include "cli/fix_state.h"

#include <stdlib.h>

#include "layout/model/compare.h"

static void add(const ul_fixing *of, ul_fix_holders *to, uint32_t outer)
{
    UL_RESERVE(of->arena, to->items, to->count, to->capacity);
    to->items[to->count++] = outer;
}

void ul_fix_find_holders(ul_fixing *of)
{
    of->direct_holders = UL_NEW_ARRAY(of->arena, ul_fix_holders, of->count + 1u);
    of->holders = UL_NEW_ARRAY(of->arena, ul_fix_holders *, of->count + 1u);
    of->holder_marks = UL_NEW_ARRAY(of->arena, uint32_t, of->count + 1u);
    for (uint32_t i = 0; i < of->count; i++) {
        const ul_record *record = of->merged[i].record;
        for (uint32_t f = 0; f < record->field_count; f++) {
            uint32_t inner = record->fields[f].embedded ? ul_fix_find(of, record->fields[f].embedded) : UINT32_MAX;
            ul_fix_holders *to = inner == UINT32_MAX ? NULL : &of->direct_holders[inner];
            if (to && (!to->count || to->items[to->count - 1] != i))
                add(of, to, i);
        }
    }
}

const ul_fix_holders *ul_fix_holders_of(const ul_fixing *of, uint32_t inner)
{
    if (of->holders[inner])
        return of->holders[inner];
    uint32_t first = ul_fix_find(of, of->merged[inner].record->key);
    ul_fix_holders *all = of->holders[inner] = UL_NEW(of->arena, ul_fix_holders);
    for (uint32_t next = 0, at = first == UINT32_MAX ? inner : first;;) {
        for (uint32_t i = 0; i < of->direct_holders[at].count; i++) {
            uint32_t outer = of->direct_holders[at].items[i];
            if (of->holder_marks[outer] != inner + 1)
                add(of, all, outer);
            of->holder_marks[outer] = inner + 1;
        }
        if (next == all->count)
            break;
        at = ul_fix_find(of, of->merged[all->items[next++]].record->key);
    }
    if (all->count)
        qsort(all->items, all->count, sizeof *all->items, ul_compare_indexes);
    return all;
}

bool ul_fix_holds(const ul_fixing *of, uint32_t outer, uint32_t inner)
{
    const ul_fix_holders *all = ul_fix_holders_of(of, inner);
    return all->count && bsearch(&outer, all->items, all->count, sizeof *all->items, ul_compare_indexes);
}
