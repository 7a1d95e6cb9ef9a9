/*
 * Whether a buffer that is as large as a file is filled from it and then gone through once, from front to back, so that a stream would do: proved
 * by naming all that is done with the buffer, anything else is no. For the parse room only.
 */
#ifndef UL_PARSE_FILE_SCANS_H
#define UL_PARSE_FILE_SCANS_H

#include "layout/parse/allocations.h"

/* `variable` is given the buffer by the call `source` and holds nothing else; what else takes its value has been followed (pointer_uses.h). */
bool ul_file_is_scanned(ul_allocation_reader *reader, const ul_function_tree *tree, CXCursor variable, uint32_t source);

#endif
