/* What the parts of the search share: an arrangement on its way, and where it may go. For layout/engine/use_search.c and use_starts.c only. */
#ifndef UL_ENGINE_USE_SEARCH_STATE_H
#define UL_ENGINE_USE_SEARCH_STATE_H

#include "layout/engine/use_plan.h"

typedef struct ul_use_searching {
    ul_objective *of;
    const ul_units *units;
    const bool *may_begin_line;
    const ul_use_limits *limits;
    bool only_moves;        /* for a while: no line is begun */
    uint32_t left;          /* evaluations */
    uint32_t *begin, *end;  /* by place: of its segment */
    uint32_t *source;
    double coherence_before, coherence_limit, cost_before;
    uint64_t size_before;
    ul_arrangement now, trial, best;
    double now_cost, best_cost;
    bool *is_contended;     /* by unit */
    uint32_t *line_of;      /* by unit: 1 + the last that begins a line in the source, itself or before it; 0: none */
    uint32_t count;
    ul_arena *arena;
} ul_use_searching;

/* Improves `now` as far as it goes, and keeps it as `best` when it is. */
void ul_use_improve(ul_use_searching *s);
/* Affinity less loss of two units; *loss is set. */
double ul_use_pull(const ul_use_searching *s, uint32_t a, uint32_t b, double *loss);

/* Each sets `now` and improves it. Units in falling alignment. */
void ul_use_start_from_alignment(ul_use_searching *s);
/* Clusters of what is used together, what nothing touches between them. */
void ul_use_start_from_spread(ul_use_searching *s);
/* Clusters that begin lines. */
void ul_use_start_from_groups(ul_use_searching *s);
/* The source's order, improved without lines that are begun at first. */
void ul_use_start_from_moves(ul_use_searching *s);
/* The order of `now`, a line begun wherever what follows disturbs something since the last. */
void ul_use_start_from_sweep(ul_use_searching *s);
/* The same with each unit on a line of its own that can be. */
void ul_use_start_from_all(ul_use_searching *s);

#endif
