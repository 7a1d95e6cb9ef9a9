/*
 * Mapped files: a few places of a large file, in any order. Before: read into memory as a whole. After: a map
 * with advice for random access; only pages that are touched are read. A file that someone truncates
 * meanwhile raises SIGBUS, which ul_mapfile_guard turns into a status. For one pass from front to back, see
 * streaming.c.
 */
#include <fcntl.h>
#include <unistd.h>

#include <ullage/mapfile.h>

#include "cook.h"

enum { SIZE = 64 << 20, LOOKS = 200 };
static char path[] = "/tmp/ullage-cook-XXXXXX";

static uint64_t look(const unsigned char *bytes)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < LOOKS; i++)
        sum += bytes[i * 2654435761u % SIZE];
    return sum;
}

static void before(void)
{
    unsigned char *all = malloc(SIZE);
    int fd = open(path, O_RDONLY);
    COOK_CHECK(all && fd >= 0);
    for (size_t got = 0; got < SIZE;) {
        ssize_t more = read(fd, all + got, SIZE - got);
        COOK_CHECK(more > 0);
        got += (size_t)more;
    }
    close(fd);
    COOK_CHECK(look(all) == LOOKS * 7);
    free(all);
}

static void look_at_map(void *argument)
{
    const ul_mapfile *file = argument;
    COOK_CHECK(look(file->bytes.data) == LOOKS * 7);
}

static void after(void)
{
    ul_mapfile file;
    COOK_CHECK(ul_mapfile_open(&file, path, UL_MAPFILE_RANDOM, 0) == UL_OK);
    COOK_CHECK(ul_mapfile_guard(&file, look_at_map, &file) == UL_OK);
    ul_mapfile_close(&file);
}

static void touch_all(void *argument)
{
    const ul_mapfile *file = argument;
    for (size_t i = 0; i < file->bytes.length; i += 4096)
        (void)*(const volatile unsigned char *)&file->bytes.data[i];
}

int main(void)
{
    int fd = mkstemp(path);
    static char block[1 << 20];
    memset(block, 7, sizeof block);
    for (unsigned i = 0; i < SIZE / sizeof block; i++)
        COOK_CHECK(write(fd, block, sizeof block) == (ssize_t)sizeof block);
    cook_show("200 looks into 64 MiB", cook_time(before, 1) / 1e6, cook_time(after, 1) / 1e6, "ms");
    ul_mapfile file;
    COOK_CHECK(ul_mapfile_open(&file, path, UL_MAPFILE_RANDOM, 0) == UL_OK);
    COOK_CHECK(ftruncate(fd, 4096) == 0); /* as another process might */
    COOK_CHECK(ul_mapfile_guard(&file, touch_all, &file) == UL_ERR_IO);
    puts("truncated while it was mapped: before SIGBUS ends the program, after UL_ERR_IO");
    ul_mapfile_close(&file);
    close(fd);
    unlink(path);
    return 0;
}
