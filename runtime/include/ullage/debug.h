/*
 * How misuse of pools and arenas is found and told. Watching is decided when a pool or arena takes its first
 * memory:
 *
 *   compiled with UL_DEBUG, or UL_DEBUG=twin in the environment
 *       each object is a block of malloc's: double put, foreign put, overflow, writes after put or reset, stale
 *       marks and leaks are found, with the places of get and put. What was written is seen when the object is
 *       put, leaves the quarantine, its pool or arena is freed, or the program ends
 *   AddressSanitizer or Valgrind is running, or UL_DEBUG=watch
 *       objects keep their place in slabs and blocks, with red zones; the tool is told what may be touched
 *   otherwise
 *       nothing is watched and the inline paths are on; what a flush notices for free (double and foreign
 * put) is told
 *
 * UL_DEBUG is a list separated by commas: twin, watch, fast (not even under a sanitizer), leaks (report at
 * exit), sample=BYTES (heap profile, see prof.h), quarantine=BYTES (what the twin holds back; 4 MiB), fail=N
 * (the n-th request for memory fails). It is not read in setuid programs.
 *
 * What happens before what: the fault handler runs in the thread that did the wrong thing, before the call
 * returns.
 */
#ifndef ULLAGE_DEBUG_H
#define ULLAGE_DEBUG_H

#include "ullage/base.h"

UL_BEGIN_DECLS

typedef enum ul_fault_kind {
    UL_FAULT_DOUBLE_PUT,    /* the object is free already */
    UL_FAULT_FOREIGN_PUT,   /* no object of this pool */
    UL_FAULT_OVERFLOW,      /* bytes beside the object were written */
    UL_FAULT_USE_AFTER_PUT, /* a free object was written, or memory after a reset of its arena */
    UL_FAULT_LEAK,          /* a pool ended with objects still out */
    UL_FAULT_STALE_MARK     /* an arena was rewound to a mark that an older rewind, a reset or a free had ended */
} ul_fault_kind;

enum { UL_SITE_BYTES = 128 };

typedef struct ul_fault {
    const char *owner;          /* name of the pool or arena, "" without one; of a foreign put whose object it
                                   is, or, where that is not known (size_bytes 0), whose it is not */
    const void *object;         /* where it is known */
    size_t size_bytes;          /* of the object; of a leak, the number of objects */
    /* Each "file:line", "module+offset" or "" when it is not known. Of a mark: where it was taken, and ended. */
    char got_at[UL_SITE_BYTES];
    char put_at[UL_SITE_BYTES]; /* the first put, or the reset */
    char here[UL_SITE_BYTES];   /* the call that noticed */
    ul_fault_kind kind;
} ul_fault;

/* "double put" and so on. */
UL_API const char *ul_fault_name(ul_fault_kind kind);
/* One line of text, cut to `size`; what snprintf returns. */
UL_API int ul_fault_format(char *text, size_t size, const ul_fault *fault);

/* Called for every fault. NULL is the default: a line on stderr, then abort (leaks only print). After a
   handler that returns the call does nothing. It must not use the pool or arena at fault. It is called until the
   program has ended, so what `context` points to must last as long. Set it before threads start. */
UL_API void ul_debug_on_fault(void (*handler)(const ul_fault *fault, void *context), void *context);

/* The n-th request for memory from now on fails, and each n-th after it if `repeats`. 0 ends that. All
 * threads count. */
UL_API void ul_debug_fail_at(uint64_t n, bool repeats);

/* For pools and arenas made from now on, instead of what the environment says: "twin", "watch", "fast" or
   NULL. False: no such mode. Set it before threads start. */
UL_API bool ul_debug_set_mode(const char *mode);

UL_END_DECLS

#endif
