#include "ullage/stream.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "ullage/private/sys.h"

void ul_writer_init(ul_writer *writer, int fd, size_t buffer_bytes)
{
    *writer = (ul_writer){.fd = fd, .capacity = buffer_bytes ? buffer_bytes : UL_STREAM_BUFFER_BYTES};
}

/* All of it, however often the system takes a part only. */
static void write_all(ul_writer *writer, const char *bytes, size_t length)
{
    while (length && writer->status == UL_OK) {
        ssize_t done = write(writer->fd, bytes, length);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0) { /* a device that takes nothing, and says no more, would be asked for ever */
            writer->error = done < 0 ? errno : EIO;
            writer->status = UL_ERR_IO;
            return;
        }
        bytes += done;
        length -= (size_t)done;
        writer->written_bytes += (size_t)done;
    }
}

ul_status ul_writer_flush(ul_writer *writer)
{
    write_all(writer, writer->buffer, writer->length);
    writer->length = 0;
    return writer->status;
}

static bool has_buffer(ul_writer *writer)
{
    if (!writer->buffer && writer->status == UL_OK) {
        writer->buffer = ul_sys_malloc(writer->capacity);
        if (!writer->buffer)
            writer->status = UL_ERR_NOMEM;
    }
    return writer->status == UL_OK;
}

void ul_writer_add(ul_writer *writer, const void *bytes, size_t length)
{
    if (!has_buffer(writer))
        return;
    if (length > writer->capacity - writer->length && ul_writer_flush(writer) != UL_OK)
        return;
    if (length >= writer->capacity) { /* copying it first would gain nothing */
        write_all(writer, bytes, length);
        return;
    }
    if (length)
        memcpy(writer->buffer + writer->length, bytes, length);
    writer->length += length;
}

static void print(ul_writer *writer, const char *format, va_list args)
{
    for (unsigned tries = 0; tries < 2; tries++) {
        va_list again;
        size_t room = writer->capacity - writer->length;
        va_copy(again, args);
        int length = vsnprintf(writer->buffer + writer->length, room, format, again);
        va_end(again);
        if (length >= 0 && (size_t)length < room) {
            writer->length += (size_t)length;
            return;
        }
        if (length < 0 || ul_writer_flush(writer) != UL_OK)
            break;
        if ((size_t)length < writer->capacity)
            continue;
        char *text = ul_sys_malloc((size_t)length + 1); /* longer than the buffer */
        if (text && vsnprintf(text, (size_t)length + 1, format, args) == length)
            write_all(writer, text, (size_t)length);
        else
            writer->status = UL_ERR_NOMEM;
        ul_sys_free(text);
        return;
    }
    if (writer->status == UL_OK)
        writer->status = UL_ERR_INPUT; /* a format that vsnprintf refuses */
}

void ul_writer_printf(ul_writer *writer, const char *format, ...)
{
    va_list args;
    if (!has_buffer(writer))
        return;
    va_start(args, format);
    print(writer, format, args);
    va_end(args);
}

ul_status ul_writer_close(ul_writer *writer)
{
    ul_status status = ul_writer_flush(writer);
    ul_sys_free(writer->buffer);
    writer->buffer = NULL;
    return status;
}

/* ---- batches --------------------------------------------------------------------------------------------
 */

static uint64_t now_nanos(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void ul_batch_init(ul_batch *batch, const ul_batch_options *options)
{
    *batch = (ul_batch){.options = *options};
    if (batch->options.limit_count == 0)
        batch->options.limit_count = 1;
}

/* The items are out of the batch while `run` has them, so that it may add to the batch itself. */
ul_status ul_batch_flush(ul_batch *batch)
{
    size_t count = batch->count;
    unsigned char *items = batch->items;
    if (!count)
        return UL_OK;
    batch->count = 0;
    batch->items = NULL;
    ul_status status = batch->options.run(items, count, batch->options.context);
    if (batch->items)
        ul_sys_free(items);
    else
        batch->items = items;
    return status;
}

static bool is_over(const ul_batch *batch)
{
    return batch->count && batch->options.limit_nanos &&
           now_nanos() - batch->began_nanos >= batch->options.limit_nanos;
}

ul_status ul_batch_poll(ul_batch *batch)
{
    return is_over(batch) ? ul_batch_flush(batch) : UL_OK;
}

ul_status ul_batch_add(ul_batch *batch, const void *item)
{
    const ul_batch_options *options = &batch->options;
    if (!options->run)
        return UL_ERR_USAGE;
    if (!batch->items) {
        size_t bytes;
        if (__builtin_mul_overflow(options->limit_count, options->item_bytes, &bytes))
            return UL_ERR_NOMEM;
        batch->items = ul_sys_malloc(bytes ? bytes : 1);
        if (!batch->items)
            return UL_ERR_NOMEM;
    }
    if (options->item_bytes)
        memcpy(batch->items + batch->count * options->item_bytes, item, options->item_bytes);
    if (batch->count++ == 0 && options->limit_nanos)
        batch->began_nanos = now_nanos();
    return batch->count == options->limit_count ? ul_batch_flush(batch) : ul_batch_poll(batch);
}

int ul_batch_wait_ms(const ul_batch *batch)
{
    if (!batch->count || !batch->options.limit_nanos)
        return -1;
    uint64_t waited = now_nanos() - batch->began_nanos;
    uint64_t left = waited < batch->options.limit_nanos ? batch->options.limit_nanos - waited : 0;
    left = (left + 999999) / 1000000;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

void ul_batch_free(ul_batch *batch)
{
    ul_sys_free(batch->items);
    batch->items = NULL;
    batch->count = 0;
}
