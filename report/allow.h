/*
 * The words of `--allow`, as reports write them. One place, so that text and documents agree.
 */
#ifndef UL_REPORT_ALLOW_H
#define UL_REPORT_ALLOW_H

#include <stdint.h>

/* "merge-lines" for UL_ALLOW_MERGE_LINES; "" for no bit of ul_allow. Static storage. */
const char *ul_allow_word(uint32_t allow);

#endif
