/* Random uses of the records of record_gen.h: roles, contexts and what they touch. Seeded by the record's own generator. */
#ifndef UL_TESTS_USAGE_GEN_H
#define UL_TESTS_USAGE_GEN_H

#include "layout/model/usage.h"
#include "tests/record_gen.h"

enum { GEN_CONTEXTS_MAX = 8, GEN_ROLES_MAX = 4, GEN_RIVALS_MAX = 2 };

typedef struct gen_usage {
    ul_usage usage;
    ul_usage_role roles[GEN_ROLES_MAX];
    ul_usage_context contexts[GEN_CONTEXTS_MAX];
    ul_usage_rivals rivals[GEN_RIVALS_MAX];
    ul_usage_access accesses[GEN_CONTEXTS_MAX][GEN_FIELDS_MAX];
} gen_usage;

/* Of two locks: held or not, alone or not. */
static inline uint32_t random_locks(gen_record *gen)
{
    uint32_t locks = 0;
    for (uint32_t lock = 0; lock < 2; lock++)
        locks |= gen_chance(gen, 50) ? ul_usage_lock_bits(lock, gen_chance(gen, 50)) : 0;
    return locks;
}

static inline void gen_use(gen_usage *out, gen_record *gen)
{
    static const double counts[] = {1, 10, 100, 1000};
    memset(out, 0, sizeof *out);
    out->usage = (ul_usage){.contexts = out->contexts, .roles = out->roles, .sources = gen_chance(gen, 30) ? UL_USAGE_CENSUS : UL_USAGE_PROFILE, .align_detail = "", .instances = counts[gen_random(gen, 4)]};
    out->usage.role_count = 1 + gen_random(gen, GEN_ROLES_MAX);
    out->usage.context_count = 1 + gen_random(gen, GEN_CONTEXTS_MAX);
    out->usage.base_step_bytes = gen_chance(gen, 50) ? 16 : 64;
    out->usage.is_array = gen_chance(gen, 30);
    for (uint32_t i = 0; i < out->usage.role_count; i++)
        out->roles[i] = (ul_usage_role){gen_chance(gen, 50) ? "one" : "other", gen_chance(gen, 25), gen_chance(gen, 25), gen_chance(gen, 25)};
    out->usage.rivals = out->rivals;
    out->usage.rival_count = gen_chance(gen, 30) ? gen_random(gen, GEN_RIVALS_MAX + 1) : 0;
    for (uint32_t i = 0; i < out->usage.rival_count; i++)
        out->rivals[i] = (ul_usage_rivals){{gen_random(gen, gen->records[0].field_count), gen_random(gen, gen->records[0].field_count)}};
    for (uint32_t c = 0; c < out->usage.context_count; c++) {
        ul_usage_context *context = &out->contexts[c];
        *context = (ul_usage_context){.name = "context",
                                      .count = counts[gen_random(gen, 4)],
                                      .accesses = out->accesses[c],
                                      .role = gen_random(gen, out->usage.role_count),
                                      .owner = gen_random(gen, GEN_CONTEXTS_MAX),
                                      .walks = gen_chance(gen, 25)};
        for (uint32_t f = 0; f < gen->records[0].field_count; f++) {
            if (gen_chance(gen, 60))
                continue;
            bool writes = gen_chance(gen, 30);
            uint32_t locks = gen_chance(gen, 30) ? random_locks(gen) : 0;
            context->accesses[context->access_count++] = (ul_usage_access){f, locks, writes ? 0 : context->count, writes ? context->count : 0};
        }
    }
}

#endif
