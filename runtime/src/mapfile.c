#include "ullage/mapfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ullage/private/sys.h"

#define DEFAULT_COPY_LIMIT ((size_t)1 << 30)
enum { FIRST_COPY_BYTES = 65536 };

static ul_status io_error(ul_mapfile *file)
{
    file->error = errno;
    return UL_ERR_IO;
}

/* Pipes, /proc, terminals: what says it is empty or has no size. */
static ul_status copy_all(ul_mapfile *file, int fd, size_t limit)
{
    size_t length = 0, capacity = FIRST_COPY_BYTES;
    unsigned char *data = ul_sys_malloc(capacity);
    while (data) {
        ssize_t got = read(fd, data + length, capacity - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            file->bytes = ul_bytes_of(data, length);
            if (got == 0)
                return UL_OK;
            int error = errno;
            ul_mapfile_close(file);
            file->error = error;
            return UL_ERR_IO;
        }
        length += (size_t)got;
        if (length > limit)
            break;
        if (length == capacity) {
            unsigned char *grown = ul_sys_realloc(data, capacity * 2);
            if (!grown)
                break;
            data = grown;
            capacity *= 2;
        }
    }
    ul_status status = data && length > limit ? UL_ERR_LIMIT : UL_ERR_NOMEM;
    ul_sys_free(data);
    return status;
}

static void advise(const ul_mapfile *file, ul_mapfile_use use)
{
    static const int advice[] = {[UL_MAPFILE_SEQUENTIAL] = MADV_SEQUENTIAL,
                                 [UL_MAPFILE_RANDOM] = MADV_RANDOM,
                                 [UL_MAPFILE_WHOLE] = MADV_WILLNEED};
    void *pages = (void *)(uintptr_t)file->bytes.data;
    if ((unsigned)use < sizeof advice / sizeof advice[0])
        (void)madvise(pages, file->bytes.length, advice[use]); /* only advice */
}

ul_status ul_mapfile_open_fd(ul_mapfile *file, int fd, ul_mapfile_use use, size_t copy_limit_bytes)
{
    struct stat status;
    *file = (ul_mapfile){0};
    if (fstat(fd, &status) != 0)
        return io_error(file);
    if (S_ISREG(status.st_mode) && status.st_size > 0) {
        if ((uintmax_t)status.st_size > SIZE_MAX / 2)
            return UL_ERR_LIMIT;
        size_t length = (size_t)status.st_size;
        void *pages = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
        if (pages != MAP_FAILED) {
            *file = (ul_mapfile){.bytes = ul_bytes_of(pages, length), .is_mapped = true};
            advise(file, use);
            return UL_OK;
        }
    }
    return copy_all(file, fd, copy_limit_bytes ? copy_limit_bytes : DEFAULT_COPY_LIMIT);
}

ul_status ul_mapfile_open(ul_mapfile *file, const char *path, ul_mapfile_use use, size_t copy_limit_bytes)
{
    *file = (ul_mapfile){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return io_error(file);
    ul_status status = ul_mapfile_open_fd(file, fd, use, copy_limit_bytes);
    close(fd);
    return status;
}

void ul_mapfile_close(ul_mapfile *file)
{
    void *data = (void *)(uintptr_t)file->bytes.data;
    if (file->is_mapped)
        munmap(data, file->bytes.length);
    else
        ul_sys_free(data);
    *file = (ul_mapfile){0};
}

/* ---- SIGBUS ---------------------------------------------------------------------------------------------
 */

/* The innermost guard of this thread. The handler can find it in no other way. */
typedef struct guard {
    struct guard *outer;
    uintptr_t from, to;
    sigjmp_buf out;
} guard;

static __thread guard *ul_mapfile_guards;

static struct {
    pthread_once_t once;
    struct sigaction before; /* who handled SIGBUS until then */
} ul_mapfile_signals = {.once = PTHREAD_ONCE_INIT};

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    uintptr_t address = (uintptr_t)info->si_addr;
    for (guard *g = ul_mapfile_guards; g; g = g->outer) {
        if (address >= g->from && address < g->to) {
            ul_mapfile_guards = g->outer;
            siglongjmp(g->out, 1);
        }
    }
    const struct sigaction *before = &ul_mapfile_signals.before;
    if (before->sa_flags & SA_SIGINFO) {
        before->sa_sigaction(number, info, context);
    } else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN) {
        before->sa_handler(number);
    } else { /* as if there were no handler: the access is repeated and ends the program */
        struct sigaction none = {.sa_handler = SIG_DFL};
        sigaction(SIGBUS, &none, NULL);
    }
}

static void install(void)
{
    struct sigaction ours = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
    sigemptyset(&ours.sa_mask);
    sigaction(SIGBUS, &ours, &ul_mapfile_signals.before);
}

ul_status ul_mapfile_guard(const ul_mapfile *file, void (*run)(void *argument), void *argument)
{
    uintptr_t from = (uintptr_t)file->bytes.data, page = ul_sys_page_bytes();
    guard g = {
        .outer = ul_mapfile_guards, .from = from, .to = (from + file->bytes.length + page - 1) / page * page};
    pthread_once(&ul_mapfile_signals.once, install);
    if (sigsetjmp(g.out, 1) != 0)
        return UL_ERR_IO;
    ul_mapfile_guards = &g;
    run(argument);
    ul_mapfile_guards = g.outer;
    return UL_OK;
}
