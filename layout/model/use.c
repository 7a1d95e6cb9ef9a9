#include "layout/model/use.h"

typedef struct evidence_words {
    const char *name, *text;
    bool exposes_padding;
} evidence_words;

static const evidence_words words[UL_EVIDENCE_COUNT] = {
#define UL_EVIDENCE(id, name, exposes_padding, text) [UL_EVIDENCE_##id] = {name, text, exposes_padding},
#include "layout/model/evidence.def"
#undef UL_EVIDENCE
};

const char *ul_evidence_name(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT ? words[kind].name : "";
}

const char *ul_evidence_text(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT ? words[kind].text : "";
}

bool ul_evidence_exposes_padding(ul_evidence_kind kind)
{
    return kind < UL_EVIDENCE_COUNT && words[kind].exposes_padding;
}
