#include "layout/model/allocation.h"

const char *ul_memory_verb_name(uint32_t verb)
{
    static const char *const names[] = {"none", "malloc", "calloc", "realloc", "copy", "free"};
    _Static_assert(sizeof names / sizeof *names == UL_MEMORY_VERB_COUNT, "one name each");
    return verb < UL_MEMORY_VERB_COUNT ? names[verb] : "?";
}

const char *ul_pointer_use_name(uint32_t kind)
{
    static const char *const names[] = {"lent", "filled", "freed", "resized", "returned", "stored", "passed", "replaced", "unclear"};
    _Static_assert(sizeof names / sizeof *names == UL_USE_KIND_COUNT, "one name each");
    return kind < UL_USE_KIND_COUNT ? names[kind] : "?";
}

const char *ul_advice_pattern_name(uint32_t pattern)
{
    static const char *const names[] = {"local", "pool", "arena", "growth", "cache", "stream"};
    _Static_assert(sizeof names / sizeof *names == UL_ADVICE_PATTERN_COUNT, "one name each");
    return pattern < UL_ADVICE_PATTERN_COUNT ? names[pattern] : "?";
}
