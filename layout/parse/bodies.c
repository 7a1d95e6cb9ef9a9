/* Everyone who looks into function bodies: one walk over the unit for all of them. A new observer has its place in begin() and end(). */
#include "layout/parse/bodies.h"

#include "layout/parse/allocations.h"
#include "layout/parse/census.h"
#include "layout/parse/passages.h"
#include "layout/parse/uses.h"

typedef struct bodies {
    ul_use_reader *uses;       /* NULL where the job does not ask for it, as below */
    ul_census_reader *census;
    ul_allocation_reader *allocations;
    ul_passage_reader *passages;
    ul_observer observers[UL_OBSERVERS_MAX];
    uint32_t count;
} bodies;

static void begin(bodies *b, ul_reader *reader, ul_census_cache *counted)
{
    const ul_unit_job *job = reader->job;
    if (job->reads_uses) {
        b->uses = ul_use_reader_begin(reader);
        b->observers[b->count++] = ul_use_observer(b->uses);
    }
    if (job->reads_census) {
        b->census = ul_census_reader_begin(reader, counted);
        b->observers[b->count++] = ul_census_observer(b->census);
        b->allocations = ul_allocation_reader_begin(reader);
        b->observers[b->count++] = ul_allocation_observer(b->allocations);
        b->passages = ul_passage_reader_begin(reader, b->allocations);
        b->observers[b->count++] = ul_passage_observer(b->passages);
    }
}

static void end(bodies *b)
{
    if (b->uses)
        ul_use_reader_end(b->uses);
    if (b->census)
        ul_census_reader_end(b->census);
    if (b->allocations)
        ul_allocation_reader_end(b->allocations);
    if (b->passages)
        ul_passage_reader_end(b->passages);
}

void ul_reader_bodies(ul_reader *reader, ul_census_cache *counted)
{
    bodies b = {.count = 0};
    begin(&b, reader, counted);
    if (b.count == 0)
        return;
    ul_walk_unit(reader, b.observers, b.count);
    end(&b);
}
