/* Expressions about a thread that is created and waited for: what census_turns.c follows statements with. For these two files only. */
#ifndef UL_PARSE_TURNS_H
#define UL_PARSE_TURNS_H

#include "layout/parse/census_reader.h"

enum { UL_TURN_DEEP = 8 };

/* What a condition about a creation tells. */
typedef enum ul_turn_news {
    UL_NEWS_NONE,
    UL_NEWS_FAILED, /* it holds only where no thread was created */
    UL_NEWS_MADE    /* it holds wherever one was */
} ul_turn_news;

typedef struct ul_turn {
    ul_census_reader *census;
    CXCursor create, result; /* the call; the local that has what it gave, or the null cursor */
    const char *waiting;     /* name of the function that waits */
    uint32_t depth;
    bool may_exit;           /* the program may end before the wait: what is called then runs beside the thread */
} ul_turn;

typedef struct ul_turn_parts {
    CXCursor items[4];
    uint32_t count;
} ul_turn_parts;

ul_turn_parts ul_turn_children(CXCursor cursor);
/* Of what libclang gives in visits of their own, data[0] differs. */
bool ul_turn_is_same(CXCursor a, CXCursor b);
/* The local variable that `expression` names, or the null cursor. */
CXCursor ul_turn_local(CXCursor expression);
const char *ul_turn_name(const ul_turn *t, CXCursor call);
/* `local = value` */
bool ul_turn_is_kept(const ul_turn *t, const ul_turn_parts *sides, CXCursor *local);
ul_turn_news ul_turn_told_by(ul_turn *t, CXCursor condition);
/* Whether the first thing that an expression does is to wait: what stands around it are numbers, and a local that gets the result. */
bool ul_turn_waits_first(ul_turn *t, CXCursor expression);
/* Whether the value is what the creation gave; where a local gets it, that has it from then on. */
bool ul_turn_is_result(ul_turn *t, CXCursor expression);

#endif
