/*
 * Reading what was measured: the bytes of one file, of any of the formats below, into a ul_profile. What it is is told from its contents.
 * This room knows text and numbers; which record a type is, the engine finds (engine/profile.h).
 *
 *   perf report      -s type,typeoff with any of pid, tid, comm, sym, typecln, srcline: columns, or -t with a separator, with -q or without
 *   perf annotate    --data-type --stdio, of perf 6.8 (decimal) and later (hexadecimal); -n, --show-total-period, --group, --type-stat
 *   perf c2c report  --stdio, whatever columns its own header names
 *   net_cachelines   the kernel's Documentation/networking/net_cachelines/ *.rst, ruled tables (6.13 on) and those of before
 *   JSON             ullage.profile/1, docs/schema/
 */
#ifndef UL_PROFILE_PROFILE_FILE_H
#define UL_PROFILE_PROFILE_FILE_H

#include "layout/model/diag.h"
#include "layout/model/profile.h"
#include "ullage/arena.h"

/*
 * Reads bytes[0..length-1], the contents of `file`, into `arena`; nothing points into `bytes` afterwards. UL_ERR_INPUT after an error
 * with the line in `diags`: empty, of no known format, or broken off or garbled where it says. What is odd and does no harm is a warning.
 */
ul_status ul_profile_read(ul_profile **out, const char *file, const char *bytes, uint64_t length, ul_diags *diags, ul_arena *arena) UL_MUST_USE;

#endif
