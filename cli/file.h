/*
 * Whole files in, whole files out. Reading keeps bytes as they are; writing goes through a file beside the target that is renamed
 * into place, so that a failure leaves what was there.
 */
#ifndef UL_CLI_FILE_H
#define UL_CLI_FILE_H

#include <stdint.h>
#include <stdio.h>

#include "layout/model/diag.h"
#include "ullage/strbuf.h"

/* Adds the bytes of the file at `path` to `out`. UL_ERR_IO with errno set; EFBIG when there are more than `limit_bytes`. */
ul_status ul_file_read(ul_strbuf *out, const char *path, uint64_t limit_bytes) UL_MUST_USE;
/* The same from an open stream. */
ul_status ul_file_read_stream(ul_strbuf *out, FILE *stream, uint64_t limit_bytes) UL_MUST_USE;
/*
 * Makes bytes[0..length-1] the contents of `path`. What is not a regular file (a device, a pipe) is written to directly; a symbolic
 * link keeps pointing where it did. UL_ERR_IO with errno set, and the file as it was.
 */
ul_status ul_file_write(const char *path, const char *bytes, size_t length, ul_arena *arena) UL_MUST_USE;
/* Writes everything to `descriptor`. UL_ERR_IO with errno set. */
ul_status ul_file_write_all(int descriptor, const char *bytes, size_t length) UL_MUST_USE;

#endif
