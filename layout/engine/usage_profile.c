/*
 * Use as a profile tells it: its contexts, with loads and stores where they are told apart, else every sample as a read of fields that
 * nobody is known to write. Numbers are samples, which compare; where the profile covers a time and counts its contexts, they are per second.
 */
#include <string.h>

#include "layout/engine/usage_state.h"

static void add_uses(ul_usage_making *m, const ul_record_profile *profile, const ul_profile_context *context, double scale)
{
    for (uint32_t i = 0; i < context->use_count; i++) {
        const ul_profile_use *use = &context->uses[i];
        if (use->field >= m->record->field_count || m->is_told[use->field])
            continue;
        const ul_profile_counts *counts = &use->counts;
        const ul_field_profile *field = &profile->fields[use->field];
        bool has_direction = counts->loads > 0 || counts->stores > 0;
        double reads = has_direction ? counts->loads : counts->samples, writes = has_direction ? counts->stores : 0;
        if (!has_direction && field->writes) { /* a table says who writes and not how often */
            writes = field->reads ? counts->samples / 2 : counts->samples;
            reads = counts->samples - writes;
        }
        ul_usage_add_access(m, use->field, reads * scale, writes * scale, 0);
    }
}

void ul_usage_add_profile(ul_usage_making *m)
{
    const ul_record_profile *profile = m->profile;
    double scale = profile->seconds > 0 ? 1 / profile->seconds : 1;
    for (uint32_t i = 0; i < profile->context_count; i++) {
        const ul_profile_context *context = &profile->contexts[i];
        uint32_t role = *context->thread ? ul_usage_role_named(m, context->thread, context->is_role) : ul_usage_role_unknown(m);
        uint32_t owner = m->record->annotation_count + m->record->field_count + i;
        ul_usage_add_context(m, context->function, role, owner, context->count * scale);
        add_uses(m, profile, context, scale);
    }
    m->usage->sources |= UL_USAGE_PROFILE;
}
