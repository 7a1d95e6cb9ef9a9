/*
 * How a unit's result crosses the pipe from a worker process, and how it lies in a facts file (facts_file.h): one flat run of bytes, in
 * host order, for the same build of the tool only. Reading trusts no length: a message cut short or with lengths that do not fit is
 * refused. Numbers that name kinds are not looked at.
 */
#ifndef UL_MODEL_WIRE_H
#define UL_MODEL_WIRE_H

#include "layout/model/unit.h"
#include "ullage/strbuf.h"

/* Appends `result` to `out`; check out->has_failed. */
void ul_wire_write_result(ul_strbuf *out, const ul_unit_result *result);
/* Reads a result that fills bytes[0..length-1] exactly, into `arena`. UL_ERR_INPUT when it does not. */
ul_status ul_wire_read_result(ul_unit_result *result, const void *bytes, uint64_t length,
                              ul_arena *arena) UL_MUST_USE;
/* Texts that a message names by their place instead of holding them. Sorted by strcmp, each once. */
typedef struct ul_wire_texts {
    const char *const *items;
    uint32_t count;
} ul_wire_texts;

typedef struct ul_wire_seen {
    void (*see)(void *context, const char *text);
    void *context;
} ul_wire_seen;

/* Calls seen->see for every text of `result`, records included, repetitions too. */
void ul_wire_see_texts(const ul_unit_result *result, const ul_wire_seen *seen);
/* As their namesakes, with every text among `texts`; what is read borrows them. */
void ul_wire_write_result_by(ul_strbuf *out, const ul_unit_result *result, const ul_wire_texts *texts);
void ul_wire_write_record_by(ul_strbuf *out, const ul_record *record, const ul_wire_texts *texts);
ul_status ul_wire_read_result_by(ul_unit_result *result, const void *bytes, uint64_t length, const ul_wire_texts *texts,
                                 ul_arena *arena) UL_MUST_USE;
ul_status ul_wire_read_record_by(ul_record *record, const void *bytes, uint64_t length, const ul_wire_texts *texts,
                                 ul_arena *arena) UL_MUST_USE;
/* Appends `record` without the unit that it was read in: equal bytes are equal records. */
void ul_wire_write_record(ul_strbuf *out, const ul_record *record);
/* Likewise. */
void ul_wire_write_evidence(ul_strbuf *out, const ul_evidence *evidence);
void ul_wire_write_initializer(ul_strbuf *out, const ul_initializer *initializer);

#endif
