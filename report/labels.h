/*
 * The names of all fields of a record at once, as ul_field_label gives them one by one: that one looks at every
 * sibling, which is too slow for a whole record.
 */
#ifndef UL_REPORT_LABELS_H
#define UL_REPORT_LABELS_H

#include "layout/model/record.h"

/* labels[i] is the label of record->fields[i], not yet made safe for output. In `arena`; n log n. */
const char *const *ul_labels_of(const ul_record *record, ul_arena *arena);

#endif
