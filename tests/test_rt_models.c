/*
 * Random operations against a reference for the types of the runtime that have no such test in their own suites: streams, writers, batches and
 * scratch arenas, a million steps each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/rt_faults.h"
#include "ullage/scratch.h"
#include "ullage/stream.h"

/* ---- reading -------------------------------------------------------------------------------------------- */

enum { DATA_BYTES = 40000, RECORD_LIMIT = 300 };

/* Bytes with a separator every few, and now and then a long way without. */
static void make_data(unsigned char *data, uint64_t *chance)
{
    for (size_t at = 0; at < DATA_BYTES;) {
        size_t length = rt_random(chance) % (rt_random(chance) % 40 == 0 ? RECORD_LIMIT : 20);
        for (; length > 0 && at < DATA_BYTES - 1; length--)
            data[at++] = (unsigned char)('a' + rt_random(chance) % 26);
        data[at++] = '\n';
    }
}

/* One operation at data[*at]; false when the stream is at its end, where the reference must be too. */
static bool read_some(ul_stream *stream, const unsigned char *data, size_t *at, uint64_t *chance)
{
    ul_str record;
    ul_bytes bytes;
    size_t left = DATA_BYTES - *at;
    switch (rt_random(chance) % 8) {
    case 0:
        if (!ul_stream_chunk(stream, &bytes))
            return false;
        assert_true(bytes.length > 0 && bytes.length <= left);
        assert_memory_equal(bytes.data, data + *at, bytes.length);
        *at += bytes.length;
        return true;
    case 1:
    case 2: {
        size_t size = rt_random(chance) % RECORD_LIMIT;
        if (size == 0 || size > left)
            return true;
        assert_true(ul_stream_exactly(stream, size, &bytes) && bytes.length == size);
        assert_memory_equal(bytes.data, data + *at, size);
        *at += size;
        return true;
    }
    default:
        if (!ul_stream_record(stream, '\n', &record))
            return false;
        assert_true(record.length < left || record.length == left);
        assert_memory_equal(record.data, data + *at, record.length);
        assert_null(memchr(record.data, '\n', record.length));
        *at += record.length;
        if (*at < DATA_BYTES)
            assert_int_equal(data[(*at)++], '\n');
        return true;
    }
}

static void test_stream(void **state)
{
    (void)state;
    static unsigned char data[DATA_BYTES];
    uint64_t chance = rt_seed();
    uint32_t steps = rt_steps(1000000), step = 0;
    int file = memfd_create("model", MFD_CLOEXEC);
    assert_true(file >= 0);
    while (step < steps) {
        make_data(data, &chance);
        assert_int_equal(pwrite(file, data, DATA_BYTES, 0), DATA_BYTES);
        assert_int_equal(lseek(file, 0, SEEK_SET), 0);
        ul_stream stream;
        size_t at = 0;
        ul_stream_init(&stream, file, 1 + rt_random(&chance) % 500, RECORD_LIMIT);
        while (read_some(&stream, data, &at, &chance)) {
            assert_int_equal(stream.offset, at);
            step++;
        }
        assert_int_equal(stream.status, UL_OK);
        assert_int_equal(at, DATA_BYTES);
        ul_stream_close(&stream);
    }
    close(file);
}

/* ---- writing -------------------------------------------------------------------------------------------- */

static void test_writer(void **state)
{
    (void)state;
    enum { ROOM = 1 << 16 };
    static char want[ROOM + 1000], got[ROOM + 1000];
    uint64_t chance = rt_seed();
    int file = memfd_create("model", MFD_CLOEXEC);
    assert_true(file >= 0);
    for (uint32_t step = 0, steps = rt_steps(1000000); step < steps;) {
        ul_writer writer;
        size_t length = 0;
        assert_int_equal(ftruncate(file, 0), 0);
        assert_int_equal(lseek(file, 0, SEEK_SET), 0);
        ul_writer_init(&writer, file, 1 + rt_random(&chance) % 700);
        for (; length < ROOM; step++) {
            uint32_t number = rt_random(&chance);
            if (number % 5 == 0) {
                int width = (int)(number % 97);
                ul_writer_printf(&writer, "%*u", width, number);
                length += (size_t)sprintf(want + length, "%*u", width, number);
            } else if (number % 50 == 1) {
                assert_int_equal(ul_writer_flush(&writer), UL_OK);
                assert_int_equal(writer.written_bytes, length);
            } else {
                size_t size = number % 13 ? number % 60 : number % 900;
                memset(want + length, (int)('a' + number % 26), size);
                ul_writer_add(&writer, want + length, size);
                length += size;
            }
        }
        assert_int_equal(ul_writer_close(&writer), UL_OK);
        assert_int_equal(pread(file, got, sizeof got, 0), length);
        assert_memory_equal(got, want, length);
    }
    close(file);
}

/* ---- batches -------------------------------------------------------------------------------------------- */

typedef struct batch_model {
    uint32_t next;  /* the item that comes next: they arrive in order, each once */
    uint32_t runs;
    uint32_t most;  /* in one run */
    uint64_t chance;
} batch_model;

static ul_status take_items(void *items, size_t count, void *context)
{
    batch_model *m = context;
    assert_true(count > 0);
    m->most = count > m->most ? (uint32_t)count : m->most;
    m->runs++;
    for (size_t i = 0; i < count; i++)
        assert_int_equal(((uint32_t *)items)[i], m->next++);
    return UL_OK;
}

static void test_batch(void **state)
{
    (void)state;
    batch_model m = {.chance = rt_seed()};
    for (uint32_t step = 0, steps = rt_steps(1000000); step < steps;) {
        ul_batch batch;
        size_t limit = rt_random(&m.chance) % 40; /* 0 counts as 1 */
        m.next = m.runs = m.most = 0;
        ul_batch_init(&batch, &(ul_batch_options){.item_bytes = sizeof(uint32_t), .limit_count = limit, .run = take_items, .context = &m});
        uint32_t added = 0;
        for (uint32_t i = 0; i < 2000; i++, step++) {
            uint32_t what = rt_random(&m.chance) % 100;
            if (what == 0)
                assert_int_equal(ul_batch_flush(&batch), UL_OK);
            else if (what == 1)
                assert_int_equal(ul_batch_poll(&batch), UL_OK);
            else
                assert_int_equal(ul_batch_add(&batch, &(uint32_t){added++}), UL_OK);
            assert_int_equal(m.next + batch.count, added);
        }
        assert_int_equal(ul_batch_flush(&batch), UL_OK);
        assert_int_equal(m.next, added);
        assert_true(m.most <= (limit ? limit : 1) && m.runs >= added / (limit ? limit : 1));
        ul_batch_free(&batch);
    }
}

/* ---- scratch -------------------------------------------------------------------------------------------- */

typedef struct scratch_model {
    uint64_t chance;
    uint32_t steps;
} scratch_model;

/* A function that fills its caller's arena and works in scratch, calling others: what each holds stays its own. */
static void nest(scratch_model *m, ul_arena *out, unsigned depth)
{
    ul_scratch scratch = ul_scratch_begin(out);
    size_t mine_bytes = rt_random(&m->chance) % 3000, theirs_bytes = rt_random(&m->chance) % 200;
    unsigned char with = (unsigned char)(depth + 1);
    assert_ptr_not_equal(scratch.arena, out);
    unsigned char *mine = ul_arena_take(scratch.arena, mine_bytes, 1), *theirs = ul_arena_take(out, theirs_bytes, 1);
    memset(mine, with, mine_bytes);
    memset(theirs, 0x80 | with, theirs_bytes);
    m->steps++;
    for (uint32_t calls = rt_random(&m->chance) % 3; calls > 0 && depth < 12; calls--)
        nest(m, rt_random(&m->chance) % 2 ? scratch.arena : out, depth + 1);
    assert_true(rt_is_all(mine, mine_bytes, with) && rt_is_all(theirs, theirs_bytes, 0x80 | with));
    ul_scratch_end(scratch);
    assert_true(rt_is_all(theirs, theirs_bytes, 0x80 | with));
}

static void test_scratch(void **state)
{
    (void)state;
    scratch_model m = {.chance = rt_seed()};
    ul_arena out = {0};
    for (uint32_t steps = rt_steps(1000000); m.steps < steps;) {
        nest(&m, &out, 0);
        ul_arena_reset(&out);
    }
    ul_arena_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
