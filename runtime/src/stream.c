#include "ullage/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ullage/private/sys.h"

void ul_stream_init(ul_stream *stream, int fd, size_t buffer_bytes, size_t record_limit_bytes)
{
    *stream = (ul_stream){
        .fd = fd,
        .capacity = buffer_bytes ? buffer_bytes : UL_STREAM_BUFFER_BYTES,
        .record_limit_bytes = record_limit_bytes ? record_limit_bytes : UL_STREAM_RECORD_BYTES,
    };
}

ul_status ul_stream_open(ul_stream *stream, const char *path, size_t buffer_bytes, size_t record_limit_bytes)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ul_stream_init(stream, fd, buffer_bytes, record_limit_bytes);
    if (fd < 0) {
        stream->error = errno;
        return stream->status = UL_ERR_IO;
    }
    stream->owns_fd = true;
#ifdef POSIX_FADV_SEQUENTIAL
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a pipe refuses, and loses nothing */
#endif
    return UL_OK;
}

void ul_stream_close(ul_stream *stream)
{
    if (stream->owns_fd)
        close(stream->fd);
    ul_sys_free(stream->buffer);
    *stream = (ul_stream){.fd = -1, .is_at_end = true};
}

static bool fail(ul_stream *stream, ul_status status)
{
    stream->status = status;
    return false;
}

/* A buffer of at least `capacity` bytes, with what is in it at the front. */
static bool make_room(ul_stream *stream, size_t capacity)
{
    if (stream->begin) {
        memmove(stream->buffer, stream->buffer + stream->begin, stream->end - stream->begin);
        stream->end -= stream->begin;
        stream->begin = 0;
    }
    if (stream->buffer && capacity <= stream->capacity)
        return true;
    capacity = capacity > stream->capacity ? capacity : stream->capacity;
    char *grown = ul_sys_realloc(stream->buffer, capacity);
    if (!grown)
        return fail(stream, UL_ERR_NOMEM);
    stream->buffer = grown;
    stream->capacity = capacity;
    return true;
}

/* Reads behind `end`; false at the end of the input and on an error. */
static bool read_more(ul_stream *stream)
{
    while (!stream->is_at_end) {
        ssize_t got = read(stream->fd, stream->buffer + stream->end, stream->capacity - stream->end);
        if (got > 0) {
            stream->end += (size_t)got;
            return true;
        }
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            stream->error = errno;
            return fail(stream, UL_ERR_IO);
        }
        stream->is_at_end = true;
    }
    return false;
}

static void consume(ul_stream *stream, size_t length)
{
    stream->begin += length;
    stream->offset += length;
}

bool ul_stream_chunk(ul_stream *stream, ul_bytes *chunk)
{
    if (stream->status != UL_OK)
        return false;
    if (stream->begin == stream->end) {
        stream->begin = stream->end = 0;
        if (!make_room(stream, 0) || !read_more(stream))
            return false;
    }
    *chunk = ul_bytes_of(stream->buffer + stream->begin, stream->end - stream->begin);
    consume(stream, chunk->length);
    return true;
}

bool ul_stream_exactly(ul_stream *stream, size_t size, ul_bytes *bytes)
{
    if (stream->status != UL_OK)
        return false;
    if (size > stream->record_limit_bytes)
        return fail(stream, UL_ERR_LIMIT);
    while (!stream->buffer || stream->end - stream->begin < size) {
        if ((!stream->buffer || size > stream->capacity - stream->begin) && !make_room(stream, size))
            return false;
        if (!read_more(stream)) {
            if (stream->end - stream->begin == size)
                break; /* nothing of nothing */
            if (stream->status == UL_OK && stream->end != stream->begin)
                return fail(stream, UL_ERR_INPUT);
            return false;
        }
    }
    *bytes = ul_bytes_of(stream->buffer + stream->begin, size);
    consume(stream, size);
    return true;
}

/* Drops what is left of a record that was too long. */
static bool skip_record(ul_stream *stream, char separator)
{
    while (stream->is_skipping) {
        size_t left = stream->end - stream->begin;
        const char *found = left ? memchr(stream->buffer + stream->begin, separator, left) : NULL;
        consume(stream, found ? (size_t)(found - stream->buffer) + 1 - stream->begin : left);
        stream->is_skipping = !found;
        if (!found) {
            stream->begin = stream->end = 0;
            if (!read_more(stream))
                return false;
        }
    }
    return true;
}

bool ul_stream_record(ul_stream *stream, char separator, ul_str *record)
{
    if (stream->status == UL_ERR_LIMIT)
        stream->status = UL_OK;
    if (stream->status != UL_OK || (!stream->buffer && !make_room(stream, 0)) ||
        !skip_record(stream, separator))
        return false;
    for (size_t seen = 0;;) {
        size_t left = stream->end - stream->begin;
        const char *start = stream->buffer + stream->begin;
        const char *found = left > seen ? memchr(start + seen, separator, left - seen) : NULL;
        size_t length = found ? (size_t)(found - start) : left;
        if (length > stream->record_limit_bytes) {
            stream->is_skipping = true;
            return fail(stream, UL_ERR_LIMIT);
        }
        if (found || (stream->is_at_end && left)) {
            *record = ul_str_of(start, length);
            consume(stream, length + (found != NULL));
            return true;
        }
        seen = left;
        if (stream->end == stream->capacity && !make_room(stream, stream->begin ? 0 : stream->capacity * 2))
            return false;
        if (!read_more(stream) && (stream->status != UL_OK || stream->end == stream->begin))
            return false;
    }
}

bool ul_stream_line(ul_stream *stream, ul_str *line)
{
    if (!ul_stream_record(stream, '\n', line))
        return false;
    if (line->length && line->data[line->length - 1] == '\r')
        line->length--;
    return true;
}
