#include "layout/model/change.h"

static const struct {
    const char *word, *text;
} effects[] = {
#define UL_EFFECT(id, word, text) {word, text},
#include "layout/model/effects.def"
#undef UL_EFFECT
};

const char *ul_effect_name(ul_effect effect)
{
    return effects[effect].word;
}

const char *ul_effect_text(ul_effect effect)
{
    return effects[effect].text;
}

const char *ul_change_kind_name(ul_change_kind kind)
{
    static const char *const names[] = {"added",     "removed", "grew",  "shrank",
                                        "reordered", "changed", "moved", "unclear"};
    return names[kind];
}

const char *ul_field_change_kind_name(ul_field_change_kind kind)
{
    static const char *const names[] = {"added", "removed", "renamed", "retyped", "resized", "moved", "shifted"};
    return names[kind];
}

const char *ul_abi_break_text(uint32_t bit)
{
    switch (bit) {
    case UL_ABI_REMOVED:
        return "removed";
    case UL_ABI_SIZE:
        return "another size";
    case UL_ABI_ALIGN:
        return "another alignment";
    case UL_ABI_FIELD_REMOVED:
        return "a field is gone";
    case UL_ABI_FIELD_MOVED:
        return "a field has another offset";
    case UL_ABI_FIELD_TYPE:
        return "a field has another type";
    case UL_ABI_FIELD_ADDED:
        return "a field is new";
    case UL_ABI_KIND:
        return "struct and union exchanged";
    default:
        return "";
    }
}

bool ul_change_fails(const ul_changes *changes, const ul_change *change)
{
    bool is_accepted = change->after && ul_record_ignores(change->after->record, UL_NO_PARENT, "layout-regression");
    return (change->worse & changes->fail_on) && !is_accepted;
}

const ul_record *ul_change_record(const ul_change *change)
{
    return change->after ? change->after->record : change->before->record;
}
