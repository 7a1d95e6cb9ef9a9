/* Member by member: whether what crossed is what was sent. What a struct gains has to be asked here too. For test_wire.c only. */
#ifndef UL_TESTS_SAME_RESULT_H
#define UL_TESTS_SAME_RESULT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "layout/model/unit.h"

static inline void same_text(const char *got, const char *want)
{
    if (!got || !want)
        assert_ptr_equal(got, want);
    else
        assert_string_equal(got, want);
}

#define SAME(got, want, member) assert_true((got)->member == (want)->member)

static inline void same_field(const ul_field *got, const ul_field *want)
{
    same_text(got->name, want->name);
    same_text(got->type, want->type);
    same_text(got->embedded, want->embedded);
    SAME(got, want, offset_bits);
    SAME(got, want, size_bits);
    SAME(got, want, align_bytes);
    SAME(got, want, storage_bits);
    SAME(got, want, flags);
    SAME(got, want, parent);
    SAME(got, want, group);
    SAME(got, want, line);
    SAME(got, want, column);
    SAME(got, want, value_bits);
    SAME(got, want, embedded_count);
}

static inline void same_parts(const ul_record *got, const ul_record *want)
{
    for (uint32_t i = 0; i < want->field_count; i++)
        same_field(&got->fields[i], &want->fields[i]);
    assert_int_equal(got->groups != NULL, want->groups != NULL); /* no groups and unknown groups differ */
    if (want->group_count)
        assert_memory_equal(got->groups, want->groups, want->group_count * sizeof *want->groups);
    for (uint32_t i = 0; i < want->refusal_count; i++) {
        SAME(got, want, refusals[i].reason);
        same_text(got->refusals[i].detail, want->refusals[i].detail);
    }
    for (uint32_t i = 0; i < want->annotation_count; i++) {
        SAME(got, want, annotations[i].kind);
        SAME(got, want, annotations[i].field);
        SAME(got, want, annotations[i].line);
        same_text(got->annotations[i].argument, want->annotations[i].argument);
        same_text(got->annotations[i].reason, want->annotations[i].reason);
    }
}

static inline void same_record(const ul_record *got, const ul_record *want)
{
    same_text(got->name, want->name);
    same_text(got->key, want->key);
    same_text(got->file, want->file);
    same_text(got->unit, want->unit);
    SAME(got, want, kind);
    SAME(got, want, confidence);
    SAME(got, want, line);
    SAME(got, want, column);
    SAME(got, want, end_line);
    SAME(got, want, flags);
    SAME(got, want, span.begin);
    SAME(got, want, span.end);
    SAME(got, want, body.begin);
    SAME(got, want, body.end);
    SAME(got, want, target);
    SAME(got, want, size_bytes);
    SAME(got, want, align_bytes);
    SAME(got, want, own_align_bytes);
    SAME(got, want, field_count);
    SAME(got, want, group_count);
    SAME(got, want, refusal_count);
    SAME(got, want, annotation_count);
    SAME(got, want, instances);
    same_parts(got, want);
}

static inline void same_evidence(const ul_evidence *got, const ul_evidence *want)
{
    SAME(got, want, kind);
    SAME(got, want, kept_fields);
    same_text(got->record, want->record);
    same_text(got->other, want->other);
    same_text(got->file, want->file);
    SAME(got, want, line);
    SAME(got, want, column);
    same_text(got->function, want->function);
    same_text(got->detail, want->detail);
}

static inline void same_initializer(const ul_initializer *got, const ul_initializer *want)
{
    same_text(got->record, want->record);
    same_text(got->file, want->file);
    same_text(got->macro, want->macro);
    same_text(got->obstacle, want->obstacle);
    SAME(got, want, line);
    SAME(got, want, column);
    SAME(got, want, span.begin);
    SAME(got, want, span.end);
    SAME(got, want, has_braces);
    SAME(got, want, item_count);
    for (uint32_t i = 0; i < want->item_count; i++) {
        SAME(got, want, items[i].span.begin);
        SAME(got, want, items[i].span.end);
        SAME(got, want, items[i].value.begin);
        SAME(got, want, items[i].value.end);
        same_text(got->items[i].field, want->items[i].field);
        SAME(got, want, items[i].is_designated);
        SAME(got, want, items[i].is_elided);
    }
}

static inline void same_uses(const ul_uses *got, const ul_uses *want)
{
    SAME(got, want, evidence_count);
    SAME(got, want, initializer_count);
    for (uint32_t i = 0; i < want->evidence_count; i++)
        same_evidence(&got->evidence[i], &want->evidence[i]);
    for (uint32_t i = 0; i < want->initializer_count; i++)
        same_initializer(&got->initializers[i], &want->initializers[i]);
}

static inline void same_allocation(const ul_allocation *got, const ul_allocation *want)
{
    same_text(got->function, want->function);
    same_text(got->function_key, want->function_key);
    same_text(got->file, want->file);
    same_text(got->callee, want->callee);
    same_text(got->receiver, want->receiver);
    same_text(got->type, want->type);
    same_text(got->record, want->record);
    same_text(got->owner, want->owner);
    same_text(got->field, want->field);
    same_text(got->size, want->size);
    same_text(got->counter, want->counter);
    SAME(got, want, use_count);
    for (uint32_t i = 0; i < want->use_count; i++) {
        same_text(got->uses[i].detail, want->uses[i].detail);
        SAME(got, want, uses[i].kind);
        SAME(got, want, uses[i].line);
        SAME(got, want, uses[i].loop_depth);
        SAME(got, want, uses[i].branch_depth);
    }
    SAME(got, want, verb);
    SAME(got, want, line);
    SAME(got, want, column);
    SAME(got, want, loop_depth);
    SAME(got, want, branch_depth);
    SAME(got, want, flags);
    SAME(got, want, size_bytes);
    SAME(got, want, step);
}

#endif
