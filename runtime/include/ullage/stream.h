/*
 * Files and pipes piece by piece, in memory that does not grow with them: chunks, lines and records from a
 * stream, a buffered writer, and batches that end by size or by time. One thread each.
 *
 * What happens before what: a view that a stream gave is valid until the next call on that stream. What a
 * writer took is written, in order, by the time _flush returns UL_OK.
 */
#ifndef ULLAGE_STREAM_H
#define ULLAGE_STREAM_H

#include <stdarg.h>

#include "ullage/status.h"
#include "ullage/view.h"

UL_BEGIN_DECLS

enum { UL_STREAM_BUFFER_BYTES = 65536, UL_STREAM_RECORD_BYTES = 1 << 20 };

/* ---- reading --------------------------------------------------------------------------------------------
 */

/* The members are the library's, but for `status` and `error`. */
typedef struct ul_stream {
    char *buffer;
    size_t capacity;
    size_t begin, end;         /* of what is in the buffer and not given out yet */
    size_t record_limit_bytes; /* a longer record is an error: memory stays bounded whatever the input */
    uint64_t offset;           /* of `begin` in the input */
    int fd;
    int error;        /* errno, when status is UL_ERR_IO */
    ul_status status; /* UL_OK at the end of the input too */
    bool owns_fd;
    bool is_at_end;
    bool is_skipping; /* the rest of a record that was too long */
} ul_stream;

/* Reads from `fd`, which stays the caller's. One that does not block ends in UL_ERR_IO and EAGAIN: wait, set
 * `status` to UL_OK, and call again; nothing is lost. `buffer_bytes` 0: 64 KiB; `record_limit_bytes` 0: 1
 * MiB. Takes no memory. */
UL_API void ul_stream_init(ul_stream *stream, int fd, size_t buffer_bytes, size_t record_limit_bytes);
/* Opens a file, with advice to the system that it is read once from front to back. UL_ERR_IO: see `error`. */
UL_API UL_MUST_USE ul_status ul_stream_open(ul_stream *stream, const char *path, size_t buffer_bytes,
                                            size_t record_limit_bytes);
UL_API void ul_stream_close(ul_stream *stream);

/* What comes next, at most a buffer of it. False at the end and on an error; `status` tells which. */
UL_API bool ul_stream_chunk(ul_stream *stream, ul_bytes *chunk);
/* Exactly `size` bytes, at most the record limit. False at the end; with UL_ERR_INPUT when it comes within
 * them. */
UL_API bool ul_stream_exactly(ul_stream *stream, size_t size, ul_bytes *bytes);
/* Up to the next `separator`, which is left out. The last record needs none. False at the end and on an
   error; after UL_ERR_LIMIT (too long) the next call goes on behind that record. */
UL_API bool ul_stream_record(ul_stream *stream, char separator, ul_str *record);
/* A line, without "\n" or "\r\n". */
UL_API bool ul_stream_line(ul_stream *stream, ul_str *line);

/* ---- writing --------------------------------------------------------------------------------------------
 */

typedef struct ul_writer {
    char *buffer;
    size_t capacity;
    size_t length;
    uint64_t written_bytes; /* that the system took */
    int fd;
    int error;
    ul_status status; /* the first failure; nothing is written after it */
} ul_writer;

/* Writes to `fd`, which stays the caller's. `buffer_bytes` 0: 64 KiB. Takes no memory. A pipe without a
   stream raises SIGPIPE unless the program ignores it; then it is UL_ERR_IO. */
UL_API void ul_writer_init(ul_writer *writer, int fd, size_t buffer_bytes);
UL_API void ul_writer_add(ul_writer *writer, const void *bytes, size_t length);
UL_API void ul_writer_printf(ul_writer *writer, const char *format, ...) UL_PRINTF(2, 3);
/* Hands everything to the system; the status of all that was written so far. */
UL_API UL_MUST_USE ul_status ul_writer_flush(ul_writer *writer);
/* Flushes and gives the buffer back; `fd` stays open. */
UL_API UL_MUST_USE ul_status ul_writer_close(ul_writer *writer);

/* ---- batches --------------------------------------------------------------------------------------------
 */

/* Takes `count` items. Anything but UL_OK is what _add, _poll or _flush then returns; the items are gone all
 * the same. It may add to the batch, and must not free it. */
typedef ul_status ul_batch_run(void *items, size_t count, void *context);

typedef struct ul_batch_options {
    size_t item_bytes;
    size_t limit_count; /* runs when so many wait; 0 counts as 1 */
    uint64_t
        limit_nanos; /* or when the oldest has waited so long, seen by _add and _poll; 0: no such limit */
    ul_batch_run *run;
    void *context;
} ul_batch_options;

typedef struct ul_batch {
    ul_batch_options options;
    unsigned char *items;
    size_t count;
    uint64_t began_nanos; /* when the oldest item came */
} ul_batch;

/* Takes no memory. */
UL_API void ul_batch_init(ul_batch *batch, const ul_batch_options *options);
/* Copies *item in; runs the batch when it is due. UL_ERR_NOMEM, or UL_ERR_USAGE without a `run`: it was not
 * taken. */
UL_API UL_MUST_USE ul_status ul_batch_add(ul_batch *batch, const void *item);
/* Runs the batch if its time is over. */
UL_API UL_MUST_USE ul_status ul_batch_poll(ul_batch *batch);
/* Milliseconds until it is, for poll(2): -1 when nothing waits. */
UL_API int ul_batch_wait_ms(const ul_batch *batch);
UL_API UL_MUST_USE ul_status ul_batch_flush(ul_batch *batch);
/* Gives the memory back; items that wait are dropped: _flush first. */
UL_API void ul_batch_free(ul_batch *batch);

UL_END_DECLS

#endif
