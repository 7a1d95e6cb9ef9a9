/*
 * A declaration of several declarators written as one declaration each: `int a, *b;` becomes `int a;` and `int *b;`. Comments
 * stay with the declarator that they stand by; a declaration where that is not clear, or that defines a type or comes
 * out of a macro, is refused. For the rewrite room only.
 */
#ifndef UL_REWRITE_DECLARATORS_H
#define UL_REWRITE_DECLARATORS_H

#include "layout/rewrite/chunks.h"
#include "layout/rewrite/rewrite.h"

/* What stands for one declaration's bytes. */
typedef struct ul_split {
    ul_edit edit;
    ul_span *spans; /* of the new declarations, from the start of the edit's text */
    uint32_t count;
} ul_split;

/* Fills `out` for group `group` of `record`, of several fields. Texts are in the text's arena. */
ul_rewrite_refusal ul_declarators_split(ul_split *out, const ul_source_text *text, const ul_record *record, uint32_t group);

#endif
