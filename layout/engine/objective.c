#include "layout/engine/objective.h"

#include <math.h>
#include <string.h>

/* A piece in a context. */
typedef struct use {
    uint32_t context, locks;
    double reads, writes;
} use;

/* A piece where an arrangement puts it. */
typedef struct placed {
    uint64_t begin_bits, end_bits;
    uint32_t piece;
    bool begins_line; /* by the arrangement */
} placed;

struct ul_objective { // ullage: ignore[reorder-saves] -- one a record
    const ul_units *units;
    const ul_usage *usage;
    uint32_t target;
    const ul_piece *pieces; /* of the target */
    uint32_t piece_count;
    use *uses;              /* of piece i: uses[first_use[i]] up to uses[first_use[i + 1]] */
    uint32_t *first_use;
    double *losses;         /* piece_count squared, in ns; symmetric */
    bool *is_contended;     /* by piece: some loss is not 0 */
    bool *is_plain;         /* by piece: nothing that a line at the end of the record would be spent on */
    bool *goes_on;          /* by piece: an array of any length, whose first bytes are right there */
    double *context_cost;   /* by context: ns for a line */
    uint64_t *last_line;    /* by context, while lines are counted */
    placed *placed;         /* in order, those of no size left out */
    uint32_t placed_count;
    uint32_t *heaviest;     /* while moves are counted: by unit, a tree of maxima */
    uint32_t *near;         /* pieces of the line that is looked at */
    uint64_t line_bits, span_bits;
    uint64_t align_bits;    /* of what begins a line: the widest span of all targets, since one text serves them */
    uint64_t step_bits;     /* objects begin at multiples of it */
    double scale;           /* touches and coherence of the source's order */
    double instances;
    uint64_t footprint_before;
};

static bool is_large(const ul_objective *of, uint32_t piece)
{
    return of->pieces[piece].size_bits > of->line_bits;
}

/* --- What does not depend on the arrangement. --- */

static bool is_in_context(const ul_objective *of, uint32_t piece, uint32_t context)
{
    for (uint32_t i = of->first_use[piece]; i < of->first_use[piece + 1]; i++) {
        if (of->uses[i].context == context)
            return true;
    }
    return false;
}

static bool is_at_hand(const ul_objective *of, uint32_t piece, uint32_t context)
{
    for (uint32_t i = of->first_use[piece]; i < of->first_use[piece + 1]; i++) {
        if (of->usage->contexts[of->uses[i].context].owner == of->usage->contexts[context].owner)
            return true;
    }
    return false;
}

/* Direct fields of the record by index, as pieces. */
static void list_uses(ul_objective *of, const ul_record *record, ul_arena *arena)
{
    const ul_usage *usage = of->usage;
    uint32_t count = 0;
    for (uint32_t c = 0; c < usage->context_count; c++)
        count += usage->contexts[c].access_count;
    of->uses = UL_NEW_ARRAY(arena, use, count + 1u);
    of->first_use = UL_NEW_ARRAY(arena, uint32_t, of->piece_count + 1u);
    uint32_t *piece_of = UL_NEW_ARRAY(arena, uint32_t, record->field_count + 1u);
    memset(piece_of, 0xff, (record->field_count + 1u) * sizeof *piece_of);
    for (uint32_t i = 0; i < of->piece_count; i++)
        piece_of[of->units->fields[i]] = i;
    count = 0;
    for (uint32_t piece = 0; piece < of->piece_count; piece++) {
        of->first_use[piece] = count;
        for (uint32_t c = 0; c < usage->context_count; c++) {
            for (uint32_t k = 0; k < usage->contexts[c].access_count; k++) {
                const ul_usage_access *access = &usage->contexts[c].accesses[k];
                if (access->field < record->field_count && piece_of[access->field] == piece)
                    of->uses[count++] = (use){c, access->locks, access->reads, access->writes};
            }
        }
    }
    of->first_use[of->piece_count] = count;
}

/* Sums by role p of who writes `piece`, and q of who touches the other one: what the uses of the one do that some use of the other may meet. */
typedef struct meeting {
    double *writes, *touches; /* [p * role_count + q] */
    double *changes;          /* of touches: those that write */
    bool *meets;              /* by role */
    bool *is_at_hand;         /* by use of the other one: its owner has the line of the first anyway */
} meeting;

static uint32_t role_of(const ul_objective *of, const use *it)
{
    return of->usage->contexts[it->context].role;
}

/* Under one lock they come one after the other. */
static bool may_meet(const use *writer, const use *other, bool is_at_hand)
{
    return writer->writes > 0 && other->reads + other->writes > 0 && !ul_usage_locks_exclude(writer->locks, other->locks) && !is_at_hand;
}

/* Whether a context's owner writes `piece` in role p, or it is of that role itself. */
static bool is_of_writer(const ul_objective *of, uint32_t context, uint32_t piece, uint32_t p)
{
    const ul_usage_context *contexts = of->usage->contexts;
    bool is_writer = contexts[context].role == p;
    for (uint32_t i = of->first_use[piece]; i < of->first_use[piece + 1] && !is_writer; i++)
        is_writer = of->uses[i].writes > 0 && role_of(of, &of->uses[i]) == p && contexts[of->uses[i].context].owner == contexts[context].owner;
    return is_writer;
}

/* What q, which touches g so often and changes it so often, fetches g for anyway: who writes f in role p writes g too, or reads what q changes. One that
 * is not known may be any that runs beside q. Which part of a large field is used is not known. */
static double fetched_anyway(const ul_objective *of, uint32_t f, uint32_t g, uint32_t p, uint32_t q, double touches, double changes)
{
    const ul_usage_role *roles = of->usage->roles;
    double writes = 0, own = 0;
    for (uint32_t k = of->first_use[g]; k < of->first_use[g + 1] && !is_large(of, g); k++) {
        const use *it = &of->uses[k];
        bool is_fetched = is_of_writer(of, it->context, f, p) || (roles[p].is_unknown && ul_usage_roles_race(&roles[role_of(of, it)], &roles[q]));
        writes += is_fetched ? it->writes : 0;
        own += is_fetched ? it->reads + it->writes : 0;
    }
    return fmax(fmin(writes, touches), fmin(own, changes));
}

/* How often q touches f itself: at that many writes of p its line is fetched anyway. */
static double fetched_itself(const ul_objective *of, uint32_t f, uint32_t q)
{
    double touches = 0;
    for (uint32_t i = of->first_use[f]; i < of->first_use[f + 1] && !is_large(of, f); i++)
        touches += role_of(of, &of->uses[i]) == q ? of->uses[i].reads + of->uses[i].writes : 0;
    return touches;
}

/* sum over p, q of what min(W_p(f) - A_q(f), A_q(g without f)) exceeds what q fetches g for anyway */
static double lost_by(const ul_objective *of, uint32_t f, uint32_t g, meeting *sums)
{
    const ul_usage *usage = of->usage;
    uint32_t roles = usage->role_count;
    double lost = 0;
    memset(sums->writes, 0, (size_t)roles * roles * sizeof *sums->writes);
    memset(sums->touches, 0, (size_t)roles * roles * sizeof *sums->touches);
    memset(sums->changes, 0, (size_t)roles * roles * sizeof *sums->changes);
    for (uint32_t k = of->first_use[g]; k < of->first_use[g + 1]; k++)
        sums->is_at_hand[k - of->first_use[g]] = is_at_hand(of, f, of->uses[k].context);
    for (uint32_t i = of->first_use[f]; i < of->first_use[f + 1]; i++) {
        memset(sums->meets, 0, roles * sizeof *sums->meets);
        for (uint32_t k = of->first_use[g]; k < of->first_use[g + 1]; k++)
            sums->meets[role_of(of, &of->uses[k])] |= may_meet(&of->uses[i], &of->uses[k], sums->is_at_hand[k - of->first_use[g]]);
        for (uint32_t q = 0; q < roles; q++)
            sums->writes[role_of(of, &of->uses[i]) * roles + q] += sums->meets[q] ? of->uses[i].writes : 0;
    }
    for (uint32_t k = of->first_use[g]; k < of->first_use[g + 1]; k++) {
        memset(sums->meets, 0, roles * sizeof *sums->meets);
        for (uint32_t i = of->first_use[f]; i < of->first_use[f + 1]; i++)
            sums->meets[role_of(of, &of->uses[i])] |= may_meet(&of->uses[i], &of->uses[k], sums->is_at_hand[k - of->first_use[g]]);
        for (uint32_t p = 0; p < roles; p++) {
            sums->touches[p * roles + role_of(of, &of->uses[k])] += sums->meets[p] ? of->uses[k].reads + of->uses[k].writes : 0;
            sums->changes[p * roles + role_of(of, &of->uses[k])] += sums->meets[p] ? of->uses[k].writes : 0;
        }
    }
    for (uint32_t p = 0; p < roles; p++) {
        for (uint32_t q = 0; q < roles; q++) {
            double writes = sums->writes[p * roles + q], touches = sums->touches[p * roles + q];
            double most = writes > 0 ? fmin(writes - fetched_itself(of, f, q), touches) : 0;
            if (most > 0 && ul_usage_roles_race(&usage->roles[p], &usage->roles[q]))
                lost += fmax(0, most - fetched_anyway(of, f, g, p, q, touches, sums->changes[p * roles + q]));
        }
    }
    return lost;
}

static uint32_t piece_of(const ul_objective *of, uint32_t field)
{
    uint32_t piece = 0;
    while (piece < of->piece_count && of->units->fields[piece] != field)
        piece++;
    return piece;
}

double ul_objective_writes(const ul_objective *of, uint32_t piece)
{
    double writes = 0;
    for (uint32_t i = of->first_use[piece]; i < of->first_use[piece + 1]; i++)
        writes += of->uses[i].writes;
    return writes;
}

static void set_loss(ul_objective *of, uint32_t a, uint32_t b, double lost)
{
    of->losses[(size_t)a * of->piece_count + b] = of->losses[(size_t)b * of->piece_count + a] = lost * UL_TRANSFER_NS;
    of->is_contended[a] |= lost > 0;
    of->is_contended[b] |= lost > 0;
}

/* Rivals lose at least as often as the one that is written less. */
static void add_rivals(ul_objective *of)
{
    for (uint32_t i = 0; i < of->usage->rival_count; i++) {
        uint32_t a = piece_of(of, of->usage->rivals[i].fields[0]), b = piece_of(of, of->usage->rivals[i].fields[1]);
        if (a == of->piece_count || b == of->piece_count || a == b)
            continue;
        double first = ul_objective_writes(of, a), second = ul_objective_writes(of, b), lost = of->losses[(size_t)a * of->piece_count + b] / UL_TRANSFER_NS;
        double least = first < second ? first : second;
        set_loss(of, a, b, lost > least ? lost : least);
    }
}

static void find_losses(ul_objective *of, ul_arena *arena)
{
    uint32_t count = of->piece_count;
    size_t roles = of->usage->role_count + 1u;
    meeting sums = {UL_NEW_ARRAY(arena, double, roles * roles), UL_NEW_ARRAY(arena, double, roles * roles), UL_NEW_ARRAY(arena, double, roles * roles),
                    UL_NEW_ARRAY(arena, bool, roles), UL_NEW_ARRAY(arena, bool, of->usage->context_count + 1u)};
    of->losses = UL_NEW_ARRAY(arena, double, (size_t)count * count + 1u);
    of->is_contended = UL_NEW_ARRAY(arena, bool, count + 1u);
    for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = 0; b < a; b++) {
            if (of->first_use[a] == of->first_use[a + 1] || of->first_use[b] == of->first_use[b + 1])
                continue;
            set_loss(of, a, b, lost_by(of, a, b, &sums) + lost_by(of, b, a, &sums));
        }
    }
    add_rivals(of);
}

static uint64_t footprint_of(const ul_objective *of, uint64_t size_bytes)
{
    const ul_allocator_table *table = of->units->targets[of->target].allocator;
    return table && table->range_count ? ul_class_fit_of(table, size_bytes).footprint_bytes : 0;
}

ul_objective *ul_objective_new(const ul_units *units, uint32_t target, const ul_record *record, const ul_usage *usage, ul_arena *arena)
{
    const ul_target *t = &units->targets[target];
    uint64_t align = units->align_bits[target], step = (uint64_t)usage->base_step_bytes * 8;
    ul_objective *of = UL_NEW(arena, ul_objective);
    *of = (ul_objective){.units = units,
                         .usage = usage,
                         .target = target,
                         .pieces = units->pieces + (size_t)target * units->field_count,
                         .piece_count = units->field_count,
                         .line_bits = (uint64_t)t->line_bytes * 8,
                         .span_bits = (uint64_t)(t->span_bytes > t->line_bytes ? t->span_bytes : t->line_bytes) * 8,
                         .step_bits = align > step ? align : step,
                         .instances = usage->instances > 0 ? usage->instances : UL_UNKNOWN_INSTANCES};
    of->align_bits = of->span_bits;
    for (uint32_t i = 0; i < units->target_count; i++) {
        uint64_t line = (uint64_t)units->targets[i].line_bytes * 8, span = (uint64_t)units->targets[i].span_bytes * 8;
        of->align_bits = line > of->align_bits ? line : of->align_bits;
        of->align_bits = span > of->align_bits ? span : of->align_bits;
    }
    list_uses(of, record, arena);
    find_losses(of, arena);
    const uint32_t open_ends = UL_FIELD_FLEXIBLE | UL_FIELD_ZERO_LENGTH; /* `T a[0];` at the end is the same in older code */
    of->goes_on = UL_NEW_ARRAY(arena, bool, of->piece_count + 1u);
    of->is_plain = UL_NEW_ARRAY(arena, bool, of->piece_count + 1u);
    for (uint32_t i = 0; i < of->piece_count; i++) {
        uint32_t flags = record->fields[units->fields[i]].flags;
        of->is_plain[i] = of->pieces[i].size_bits && !(flags & (UL_FIELD_ATTRIBUTED | UL_FIELD_FLEXIBLE | UL_FIELD_RECORD));
        of->goes_on[i] = of->pieces[i].size_bits == 0 && flags & (i + 1 == of->piece_count ? open_ends : UL_FIELD_FLEXIBLE);
    }
    of->context_cost = UL_NEW_ARRAY(arena, double, usage->context_count + 1u);
    of->last_line = UL_NEW_ARRAY(arena, uint64_t, usage->context_count + 1u);
    of->placed = UL_NEW_ARRAY(arena, placed, of->piece_count + 1u);
    of->near = UL_NEW_ARRAY(arena, uint32_t, of->piece_count + 1u);
    of->heaviest = UL_NEW_ARRAY(arena, uint32_t, units->count + 1u);
    for (uint32_t c = 0; c < usage->context_count; c++) {
        bool is_guess = usage->sources == UL_USAGE_CENSUS && !(usage->contexts[c].walks && usage->instances >= UL_MANY_OBJECTS);
        double line_ns = is_guess ? UL_TOUCH_GUESSED_NS : usage->contexts[c].walks ? UL_TOUCH_WALK_NS : UL_TOUCH_RESIDENT_NS;
        of->context_cost[c] = usage->contexts[c].count * line_ns;
    }
    ul_arrangement source = {UL_NEW_ARRAY(arena, uint32_t, units->count + 1u), UL_NEW_ARRAY(arena, bool, units->count + 1u)};
    for (uint32_t i = 0; i < units->count; i++)
        source.order[i] = i;
    uint64_t size;
    ul_use_cost before = ul_objective_cost(of, &source, &size);
    of->scale = before.touches + before.coherence;
    of->footprint_before = footprint_of(of, size);
    return of;
}

/* --- What does. --- */

uint64_t ul_objective_align_bits(const ul_objective *of)
{
    return of->align_bits;
}

/* Places every piece; returns the size of the record in bits. */
static uint64_t place_all(ul_objective *of, const ul_arrangement *at, bool *is_line_aligned)
{
    const ul_units *units = of->units;
    uint64_t end = 0, align = units->align_bits[of->target];
    of->placed_count = 0;
    for (uint32_t i = 0; i < units->count; i++) {
        const ul_move_unit *unit = &units->items[at->order[i]];
        if (at->is_aligned[at->order[i]]) {
            end = (end + of->align_bits - 1) / of->align_bits * of->align_bits;
            align = align > of->align_bits ? align : of->align_bits;
        }
        for (uint32_t k = unit->first_piece; k < unit->first_piece + unit->piece_count; k++) {
            uint64_t begin = ul_units_place_piece(&of->pieces[k], end);
            end = begin + of->pieces[k].size_bits;
            if (end > begin || of->goes_on[k])
                of->placed[of->placed_count++] = (placed){begin, end > begin ? end : begin + 8, k, at->is_aligned[at->order[i]]};
        }
    }
    *is_line_aligned = align >= of->span_bits;
    return (end + align - 1) / align * align;
}

/* Lines that contexts touch when the object begins at `base`. Of a large field only its first is counted: which part is used is not known. */
static double count_touches(ul_objective *of, uint64_t base)
{
    double sum = 0;
    memset(of->last_line, 0xff, of->usage->context_count * sizeof *of->last_line);
    for (uint32_t i = 0; i < of->placed_count; i++) {
        const placed *it = &of->placed[i];
        if (of->first_use[it->piece] == of->first_use[it->piece + 1])
            continue;
        uint64_t first = (base + it->begin_bits) / of->line_bits;
        uint64_t last = is_large(of, it->piece) ? first : (base + it->end_bits - 1) / of->line_bits;
        for (uint32_t u = of->first_use[it->piece]; u < of->first_use[it->piece + 1]; u++) {
            uint64_t *before = &of->last_line[of->uses[u].context];
            if (*before != UINT64_MAX && last <= *before)
                continue;
            sum += of->context_cost[of->uses[u].context] * (double)(last - (*before != UINT64_MAX && first <= *before ? *before : first - 1));
            *before = last;
        }
    }
    return sum;
}

/* Losses of pairs of one of the last pieces, which are near[], and one of the next object of an array, which begins at `next`. */
static double count_next_losses(const ul_objective *of, uint64_t base, uint64_t next, uint32_t near_count)
{
    double sum = 0;
    for (uint32_t i = 0; i < of->placed_count && near_count; i++) {
        const placed *it = &of->placed[i];
        uint64_t first = (next + it->begin_bits) / of->span_bits, last = 0;
        for (uint32_t k = 0; k < near_count; k++) {
            const placed *other = &of->placed[of->near[k]];
            uint64_t end = (base + other->end_bits - 1) / of->span_bits;
            sum += end >= first ? of->losses[(size_t)it->piece * of->piece_count + other->piece] : 0;
            last = end > last ? end : last;
        }
        if (last < first)
            break;
    }
    return sum;
}

/* Losses of all pairs that share a span when the object of `size` bits begins at `base`. */
static double count_losses(ul_objective *of, uint64_t base, uint64_t size)
{
    double sum = 0;
    uint32_t near_count = 0;
    for (uint32_t i = 0; i < of->placed_count; i++) {
        const placed *it = &of->placed[i];
        if (!of->is_contended[it->piece])
            continue;
        uint64_t first = (base + it->begin_bits) / of->span_bits;
        uint32_t kept = 0;
        for (uint32_t k = 0; k < near_count; k++) {
            const placed *other = &of->placed[of->near[k]];
            if ((base + other->end_bits - 1) / of->span_bits < first)
                continue;
            sum += of->losses[(size_t)it->piece * of->piece_count + other->piece];
            of->near[kept++] = of->near[k];
        }
        of->near[kept++] = i;
        near_count = kept;
    }
    if (of->usage->is_array)
        sum += count_next_losses(of, base, base + size, near_count);
    return sum;
}

static double count_straddles(const ul_objective *of, uint64_t base)
{
    double sum = 0;
    for (uint32_t i = 0; i < of->placed_count; i++) {
        const placed *it = &of->placed[i];
        sum += !is_large(of, it->piece) && (base + it->begin_bits) / of->line_bits != (base + it->end_bits - 1) / of->line_bits;
    }
    return sum;
}

/* Fields outside the heaviest run of units that keeps the source's order; heaviest[] is a Fenwick tree of maxima over unit numbers. */
static uint32_t count_moves(ul_objective *of, const uint32_t *order)
{
    const ul_units *units = of->units;
    uint32_t fields = 0, most = 0;
    memset(of->heaviest, 0, (units->count + 1u) * sizeof *of->heaviest);
    for (uint32_t i = 0; i < units->count; i++) {
        uint32_t weight = 0;
        for (uint32_t at = order[i]; at > 0; at -= at & -at)
            weight = of->heaviest[at] > weight ? of->heaviest[at] : weight;
        weight += units->items[order[i]].field_count;
        for (uint32_t at = order[i] + 1; at <= units->count; at += at & -at)
            of->heaviest[at] = weight > of->heaviest[at] ? weight : of->heaviest[at];
        fields += units->items[order[i]].field_count;
        most = weight > most ? weight : most;
    }
    return fields - most;
}

/* Whether a few last bytes of a record of whole lines take one more that nobody asked for: rules/isolation.c says so. */
static bool has_tail(const ul_objective *of, uint64_t size_bits, bool is_line_aligned)
{
    uint64_t start = size_bits - of->line_bits, end = start;
    if (!is_line_aligned || size_bits < 2 * of->line_bits)
        return false;
    for (uint32_t i = of->placed_count; i-- > 0 && of->placed[i].end_bits > start;) {
        const placed *it = &of->placed[i];
        if (it->begin_bits < start || it->begins_line || !of->is_plain[it->piece] || of->pieces[it->piece].align_bits >= of->line_bits)
            return false;
        end = it->end_bits > end ? it->end_bits : end;
    }
    return end > start && end - start <= of->line_bits / 8;
}

/* Objects begin at multiples of it within a span; in arrays, where their size puts them. */
static uint64_t step_of(const ul_objective *of, uint64_t size_bits, bool is_line_aligned)
{
    uint64_t step = of->step_bits, align = of->units->align_bits[of->target];
    if (is_line_aligned)
        return of->span_bits;
    if (of->usage->is_array && (size_bits & -size_bits) < step)
        step = (size_bits & -size_bits) > align ? size_bits & -size_bits : align;
    return step > of->span_bits ? of->span_bits : step;
}

ul_use_cost ul_objective_cost(ul_objective *of, const ul_arrangement *at, uint64_t *size_bytes)
{
    ul_use_cost cost = {0};
    bool is_line_aligned;
    uint64_t size = place_all(of, at, &is_line_aligned) / 8, widest = of->span_bits;
    uint64_t step = step_of(of, size * 8, is_line_aligned);
    uint32_t bases = 0, aligned = 0;
    for (uint64_t base = 0; base < widest; base += step, bases++) {
        cost.touches += count_touches(of, base);
        cost.coherence += count_losses(of, base, size * 8);
        cost.straddles += count_straddles(of, base);
    }
    for (uint32_t i = 0; i < of->units->count; i++)
        aligned += at->is_aligned[i];
    cost.touches /= bases;
    cost.coherence /= bases;
    cost.straddles *= UL_STRADDLE_PART * of->scale / bases;
    cost.size = UL_SIZE_PART_PER_MIB * of->scale * (double)size * of->instances / (1024.0 * 1024.0);
    if (of->footprint_before && footprint_of(of, size) > of->footprint_before)
        cost.size += UL_CLASS_PART * of->scale;
    if (has_tail(of, size * 8, is_line_aligned))
        cost.size += UL_TAIL_PART * of->scale;
    double move_part = of->usage->sources == UL_USAGE_CENSUS ? UL_GUESSED_MOVE_PART : UL_MOVE_PART;
    cost.moves = move_part * of->scale * (count_moves(of, at->order) + aligned);
    if (size_bytes)
        *size_bytes = size;
    return cost;
}

double ul_objective_loss(const ul_objective *of, uint32_t a, uint32_t b)
{
    return of->losses[(size_t)a * of->piece_count + b];
}

double ul_objective_heat(const ul_objective *of, uint32_t piece)
{
    double heat = 0;
    for (uint32_t i = of->first_use[piece]; i < of->first_use[piece + 1]; i++)
        heat += of->context_cost[of->uses[i].context];
    return heat;
}

double ul_objective_affinity(const ul_objective *of, uint32_t a, uint32_t b)
{
    double affinity = 0;
    for (uint32_t i = of->first_use[a]; i < of->first_use[a + 1]; i++) {
        if (is_in_context(of, b, of->uses[i].context))
            affinity += of->context_cost[of->uses[i].context];
    }
    return affinity;
}
