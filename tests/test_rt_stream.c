/*
 * Readers, writers, batches and mapped files: splits at every place of the buffer, limits, pipes, failures,
 * files that another truncates.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/mapfile.h"
#include "ullage/stream.h"

static char path[] = "/tmp/ullage-rt-stream-XXXXXX";

static int make_file(void **state)
{
    (void)state;
    int fd = mkstemp(path);
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void write_file(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* Random text whose records are known, read with every small buffer. */
static void test_records(void **state)
{
    (void)state;
    enum { RECORDS = 3000, MOST = 50 };
    static char text[RECORDS * (MOST + 1)];
    static size_t lengths[RECORDS];
    uint64_t chance = rt_seed();
    for (unsigned capacity = 1; capacity < 130; capacity += capacity < 16 ? 1 : 37) {
        size_t length = 0;
        for (unsigned i = 0; i < RECORDS; i++) {
            lengths[i] = rt_random(&chance) % MOST;
            memset(text + length, 'a' + (int)(i % 26), lengths[i]);
            length += lengths[i];
            text[length++] = '\n';
        }
        bool has_last = lengths[RECORDS - 1] && capacity % 2;
        write_file(text, length - has_last); /* also without a separator at the end */
        ul_stream stream;
        assert_int_equal(ul_stream_open(&stream, path, capacity, 64), UL_OK);
        ul_str record;
        unsigned seen = 0;
        uint64_t bytes = 0;
        for (; ul_stream_record(&stream, '\n', &record); seen++) {
            assert_int_equal(record.length, lengths[seen]);
            assert_true(record.length == 0 || record.data[record.length - 1] == 'a' + (int)(seen % 26));
            bytes += record.length + 1;
            assert_int_equal(stream.offset, bytes - (has_last && seen == RECORDS - 1));
        }
        assert_int_equal(stream.status, UL_OK);
        assert_int_equal(seen, RECORDS);
        assert_true(stream.capacity <= 256); /* bounded by the record limit, not by the file */
        assert_false(ul_stream_record(&stream, '\n', &record));
        ul_stream_close(&stream);
    }
}

static void test_limits(void **state)
{
    (void)state;
    write_file("short\r\nmuch too long for it\nlast\r", 33);
    ul_stream stream;
    ul_str line;
    assert_int_equal(ul_stream_open(&stream, path, 4, 8), UL_OK);
    assert_true(ul_stream_line(&stream, &line) && ul_str_is_equal(line, UL_STR("short")));
    assert_false(ul_stream_line(&stream, &line));
    assert_int_equal(stream.status, UL_ERR_LIMIT);
    assert_true(ul_stream_line(&stream, &line) &&
                ul_str_is_equal(line, UL_STR("last"))); /* goes on behind it */
    assert_false(ul_stream_line(&stream, &line));
    assert_int_equal(stream.status, UL_OK);
    ul_stream_close(&stream);
    assert_int_equal(ul_stream_open(&stream, "/nowhere/at/all", 0, 0), UL_ERR_IO);
    assert_int_equal(stream.error, ENOENT);
    assert_false(ul_stream_line(&stream, &line));
    ul_stream_close(&stream);
    assert_int_equal(ul_stream_open(&stream, "/tmp", 0, 0),
                     UL_OK); /* a directory opens, and cannot be read */
    assert_false(ul_stream_line(&stream, &line));
    assert_true(stream.status == UL_ERR_IO && stream.error == EISDIR);
    ul_stream_close(&stream);
    ul_debug_fail_at(1, true);
    assert_int_equal(ul_stream_open(&stream, path, 0, 0), UL_OK);
    assert_false(ul_stream_line(&stream, &line));
    assert_int_equal(stream.status, UL_ERR_NOMEM);
    ul_debug_fail_at(0, false);
    ul_stream_close(&stream);
}

static void test_exactly_and_chunks(void **state)
{
    (void)state;
    static unsigned char data[100003];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 7 + i / 251);
    write_file((char *)data, sizeof data);
    ul_stream stream;
    ul_bytes bytes;
    size_t at = 0;
    assert_int_equal(ul_stream_open(&stream, path, 1000, 5000), UL_OK);
    for (size_t size = 0; at + size <= sizeof data; at += size, size = (size * 3 + 1) % 4999) {
        assert_true(ul_stream_exactly(&stream, size, &bytes) && bytes.length == size);
        assert_memory_equal(bytes.data, data + at, size);
    }
    assert_false(ul_stream_exactly(&stream, 4999, &bytes));
    assert_int_equal(stream.status, UL_ERR_INPUT); /* it ends within them */
    ul_stream_close(&stream);
    assert_int_equal(ul_stream_open(&stream, path, 333, 0), UL_OK);
    for (at = 0; ul_stream_chunk(&stream, &bytes); at += bytes.length)
        assert_memory_equal(bytes.data, data + at, bytes.length);
    assert_true(at == sizeof data && stream.status == UL_OK && stream.capacity == 333);
    assert_false(ul_stream_exactly(&stream, 6000000, &bytes));
    assert_int_equal(stream.status, UL_ERR_LIMIT);
    ul_stream_close(&stream);
}

/* A pipe hands out what it likes. */
static void test_pipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        ul_writer writer;
        ul_writer_init(&writer, ends[1], 7);
        for (unsigned i = 0; i < 5000; i++) {
            ul_writer_printf(&writer, "%u", i);
            ul_writer_add(&writer, "\n", 1);
        }
        _exit(ul_writer_close(&writer) == UL_OK ? 0 : 1);
    }
    close(ends[1]);
    ul_stream stream;
    ul_stream_init(&stream, ends[0], 16, 0);
    ul_str line;
    uint64_t number;
    unsigned seen = 0;
    for (; ul_stream_line(&stream, &line); seen++)
        assert_true(ul_str_to_u64(line, &number) && number == seen);
    assert_int_equal(seen, 5000);
    ul_stream_close(&stream);
    close(ends[0]);
    ul_writer writer;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    ul_writer_init(&writer, ends[1], 0);
    ul_writer_add(&writer, "x", 1);
    assert_int_equal(ul_writer_flush(&writer), UL_ERR_IO);
    assert_int_equal(writer.error, EPIPE);
    ul_writer_add(&writer, "x", 1);
    assert_int_equal(ul_writer_close(&writer), UL_ERR_IO); /* the first failure stays */
    close(ends[1]);
}

static void test_writer(void **state)
{
    (void)state;
    int fd = open(path, O_WRONLY | O_TRUNC);
    ul_writer writer;
    ul_writer_init(&writer, fd, 32);
    char expected[4000] = "";
    for (unsigned i = 0; i < 60; i++) {
        ul_writer_printf(&writer, "%0*u|", (int)i + 1, i); /* longer than the buffer, too */
        sprintf(expected + strlen(expected), "%0*u|", (int)i + 1, i);
    }
    static const char large[200] = "large";
    ul_writer_add(&writer, large, sizeof large);
    assert_int_equal(ul_writer_close(&writer), UL_OK);
    close(fd);
    assert_int_equal(writer.written_bytes, strlen(expected) + sizeof large);
    ul_mapfile file;
    assert_int_equal(ul_mapfile_open(&file, path, UL_MAPFILE_WHOLE, 0), UL_OK);
    assert_memory_equal(file.bytes.data, expected, strlen(expected));
    assert_memory_equal(file.bytes.data + strlen(expected), large, sizeof large);
    ul_mapfile_close(&file);
    ul_debug_fail_at(1, true);
    ul_writer_init(&writer, 1, 0);
    ul_writer_printf(&writer, "%d", 1);
    ul_debug_fail_at(0, false);
    assert_int_equal(ul_writer_close(&writer), UL_ERR_NOMEM);
}

/* ---- batches --------------------------------------------------------------------------------------------
 */

typedef struct sums {
    uint64_t sum;
    size_t largest, runs;
} sums;

static ul_status sum_up(void *items, size_t count, void *context)
{
    sums *s = context;
    s->largest = count > s->largest ? count : s->largest;
    s->runs++;
    for (size_t i = 0; i < count; i++)
        s->sum += ((uint64_t *)items)[i];
    return s->runs == 4 ? UL_ERR_IO : UL_OK;
}

/* A callback may fill the batch again: what it was given stays its own meanwhile. */
static ul_status add_again(void *items, size_t count, void *context)
{
    ul_batch *batch = context;
    static unsigned runs;
    assert_int_equal(count, 2);
    uint64_t first = ((uint64_t *)items)[0], other = 99;
    if (++runs > 3)
        return UL_OK;
    assert_int_equal(ul_batch_add(batch, &other), UL_OK);
    assert_int_equal(((uint64_t *)items)[0], first);
    return UL_OK;
}

static void test_batch_callbacks(void **state)
{
    (void)state;
    ul_batch batch;
    uint64_t item = 7;
    ul_batch_init(&batch, &(ul_batch_options){.item_bytes = 8, .limit_count = 2});
    assert_int_equal(ul_batch_add(&batch, &item), UL_ERR_USAGE); /* nobody would take it */
    assert_int_equal(ul_batch_add(&batch, &item), UL_ERR_USAGE);
    assert_int_equal(ul_batch_flush(&batch), UL_OK);
    assert_int_equal(ul_batch_poll(&batch), UL_OK);
    ul_batch_free(&batch);
    ul_batch_init(
        &batch, &(ul_batch_options){.item_bytes = 8, .limit_count = 2, .run = add_again, .context = &batch});
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(ul_batch_add(&batch, &item), UL_OK);
    assert_int_equal(batch.count, 1); /* what the third run added */
    ul_batch_free(&batch);
    ul_batch_init(&batch, &(ul_batch_options){.run = sum_up, .context = NULL});
    batch.options.limit_count = 5;
    assert_int_equal(ul_batch_add(&batch, NULL), UL_OK); /* items of no bytes */
    ul_batch_free(&batch);
}

static void test_batch(void **state)
{
    (void)state;
    sums s = {0};
    ul_batch batch;
    ul_batch_init(&batch,
                  &(ul_batch_options){.item_bytes = 8, .limit_count = 100, .run = sum_up, .context = &s});
    assert_int_equal(ul_batch_wait_ms(&batch), -1);
    for (uint64_t i = 1; i <= 350; i++)
        assert_int_equal(ul_batch_add(&batch, &i), UL_OK);
    assert_true(s.runs == 3 && s.largest == 100);
    assert_int_equal(ul_batch_flush(&batch), UL_ERR_IO); /* what run said */
    assert_int_equal(ul_batch_flush(&batch), UL_OK);     /* nothing waits */
    assert_true(s.sum == 350 * 351 / 2 && s.runs == 4);
    ul_batch_free(&batch);
    ul_batch_init(
        &batch,
        &(ul_batch_options){
            .item_bytes = 8, .limit_count = 100, .limit_nanos = 2000000, .run = sum_up, .context = &s});
    uint64_t item = 5;
    assert_int_equal(ul_batch_add(&batch, &item), UL_OK);
    assert_in_range(ul_batch_wait_ms(&batch), 0, 2);
    nanosleep(&(struct timespec){.tv_nsec = 3000000}, NULL);
    assert_int_equal(ul_batch_wait_ms(&batch), 0);
    assert_int_equal(ul_batch_poll(&batch), UL_OK);
    assert_int_equal(s.runs, 5);
    ul_batch_free(&batch);
    ul_batch_init(&batch, &(ul_batch_options){.item_bytes = SIZE_MAX / 2, .limit_count = 9, .run = sum_up});
    assert_int_equal(ul_batch_add(&batch, &item), UL_ERR_NOMEM);
    ul_batch_free(&batch);
}

/* ---- mapped files ---------------------------------------------------------------------------------------
 */

static void test_mapfile_kinds(void **state)
{
    (void)state;
    ul_mapfile file;
    write_file("", 0);
    assert_int_equal(ul_mapfile_open(&file, path, UL_MAPFILE_RANDOM, 0), UL_OK);
    assert_true(file.bytes.length == 0 && !file.is_mapped);
    ul_mapfile_close(&file);
    write_file("twelve bytes", 12);
    for (unsigned use = 0; use < 3; use++) {
        assert_int_equal(ul_mapfile_open(&file, path, (ul_mapfile_use)use, 0), UL_OK);
        assert_true(file.is_mapped && ul_str_is_equal(ul_mapfile_str(&file), UL_STR("twelve bytes")));
        ul_mapfile_close(&file);
    }
    assert_int_equal(ul_mapfile_open(&file, "/proc/self/status", UL_MAPFILE_WHOLE, 0), UL_OK);
    assert_true(!file.is_mapped && ul_str_starts_with(ul_mapfile_str(&file), UL_STR("Name:")));
    ul_mapfile_close(&file);
    assert_int_equal(ul_mapfile_open(&file, "/dev/zero", UL_MAPFILE_WHOLE, 200000),
                     UL_ERR_LIMIT); /* never ends */
    assert_int_equal(ul_mapfile_open(&file, "/nowhere", UL_MAPFILE_WHOLE, 0), UL_ERR_IO);
    assert_int_equal(file.error, ENOENT);
    assert_int_equal(ul_mapfile_open(&file, "/tmp", UL_MAPFILE_WHOLE, 0), UL_ERR_IO);
    assert_int_equal(file.error, EISDIR);
    ul_mapfile_close(&file);
    for (unsigned n = 1; n < 5; n++) {
        ul_debug_fail_at(n, false);
        ul_status status = ul_mapfile_open(&file, "/dev/zero", UL_MAPFILE_WHOLE, 200000);
        ul_debug_fail_at(0, false);
        assert_int_equal(status, n < 4 ? UL_ERR_NOMEM : UL_ERR_LIMIT);
    }
}

typedef struct touched {
    const ul_mapfile *file;
    size_t upto, sum;
    bool is_inner_lost;
} touched;

static void touch(void *argument)
{
    touched *t = argument;
    for (size_t i = 0; i < t->upto; i++)
        t->sum += t->file->bytes.data[i];
}

static void touch_within(void *argument)
{
    touched *t = argument;
    t->is_inner_lost = ul_mapfile_guard(t->file, touch, t) == UL_ERR_IO;
}

static void test_truncated(void **state)
{
    (void)state;
    static char text[5 * 4096];
    memset(text, 1, sizeof text);
    write_file(text, sizeof text);
    ul_mapfile file;
    assert_int_equal(ul_mapfile_open(&file, path, UL_MAPFILE_RANDOM, 0), UL_OK);
    touched t = {.file = &file, .upto = sizeof text};
    assert_int_equal(ul_mapfile_guard(&file, touch, &t), UL_OK);
    assert_int_equal(t.sum, sizeof text);
    assert_int_equal(truncate(path, 4096), 0);
    for (unsigned i = 0; i < 3; i++)
        assert_int_equal(ul_mapfile_guard(&file, touch, &t), UL_ERR_IO); /* and again: the handler stays */
    t.upto = 4096;
    assert_int_equal(ul_mapfile_guard(&file, touch, &t), UL_OK); /* what is left can be read */
    t.upto = sizeof text;
    assert_int_equal(ul_mapfile_guard(&file, touch_within, &t), UL_OK);
    assert_true(t.is_inner_lost);
    ul_mapfile_close(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_exactly_and_chunks),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_batch_callbacks),
        cmocka_unit_test(test_mapfile_kinds),
        cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
