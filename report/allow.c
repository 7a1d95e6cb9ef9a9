#include "report/allow.h"

#include <stddef.h>

#include "layout/model/plan.h"

const char *ul_allow_word(uint32_t allow)
{
    static const struct {
        uint32_t bit;
        const char *word;
    } words[] = {
        {UL_ALLOW_FIRST_MEMBER, "first-member"},
        {UL_ALLOW_MERGE_LINES, "merge-lines"},
        {UL_ALLOW_MERGE_BITS, "merge-bits"},
        {UL_ALLOW_MOVE_PADDING, "move-padding"},
        {UL_ALLOW_COMMON_PREFIX, "common-prefix"},
        {UL_ALLOW_SPLIT_DECLARATORS, "split-declarators"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (allow & words[i].bit)
            return words[i].word;
    }
    return "";
}
