/*
 * Streaming with bounded memory: a file that is looked at once need not be in memory as a whole. Before: the
 * whole file in one buffer, then its lines. After: a stream of lines over 64 KiB.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ullage/stream.h>

#include "cook.h"

enum { LINES = 1000000 };
static char path[] = "/tmp/ullage-cook-XXXXXX";
static double before_bytes, after_bytes;

static void make_file(void)
{
    int fd = mkstemp(path);
    ul_writer writer;
    COOK_CHECK(fd >= 0);
    ul_writer_init(&writer, fd, 0);
    for (unsigned i = 0; i < LINES; i++)
        ul_writer_printf(&writer, "line %u of many\n", i);
    COOK_CHECK(ul_writer_close(&writer) == UL_OK);
    close(fd);
}

static void before(void)
{
    struct stat status;
    int fd = open(path, O_RDONLY);
    COOK_CHECK(fd >= 0 && fstat(fd, &status) == 0);
    size_t length = (size_t)status.st_size, got = 0;
    char *all = malloc(length);
    COOK_CHECK(all);
    while (got < length) {
        ssize_t more = read(fd, all + got, length - got);
        COOK_CHECK(more > 0);
        got += (size_t)more;
    }
    close(fd);
    unsigned lines = 0;
    ul_str rest = ul_str_of(all, length), line;
    while (ul_str_cut(&rest, '\n', &line))
        lines += line.length > 0;
    before_bytes = (double)length;
    COOK_CHECK(lines == LINES);
    free(all);
}

static void after(void)
{
    ul_stream stream;
    ul_str line;
    unsigned lines = 0;
    COOK_CHECK(ul_stream_open(&stream, path, 0, 0) == UL_OK);
    while (ul_stream_line(&stream, &line))
        lines += line.length > 0;
    COOK_CHECK(stream.status == UL_OK && lines == LINES);
    after_bytes = (double)stream.capacity;
    ul_stream_close(&stream);
}

int main(void)
{
    make_file();
    double slurped = cook_time(before, LINES), streamed = cook_time(after, LINES);
    cook_show("memory for the file", before_bytes, after_bytes, "bytes");
    cook_show("a line", slurped, streamed, "ns");
    COOK_CHECK(after_bytes <= 65536);
    unlink(path);
    return 0;
}
