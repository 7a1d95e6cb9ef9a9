/*
 * Cache lines: their size by target, types that keep to a line of their own, counters that threads
 * do not share, and a short lock. Header only.
 *
 * What happens before what: counters are relaxed, they order nothing. Everything that a thread did before
 * ul_spin_unlock happens before whatever the next owner does after ul_spin_lock.
 */
#ifndef ULLAGE_LINE_H
#define ULLAGE_LINE_H

#include <sched.h>

#include "ullage/base.h"

/*
 * Bytes that two cores hand each other. Override with -DUL_LINE_BYTES=N, the same in every unit: it enters
 * layouts. Not the compiler's __GCC_DESTRUCTIVE_SIZE, which is 256 on generic arm64 and changes with -mtune.
 */
#ifndef UL_LINE_BYTES
#if (defined(__APPLE__) && defined(__aarch64__)) || defined(__powerpc64__)
#define UL_LINE_BYTES 128
#elif defined(__s390x__)
#define UL_LINE_BYTES 256
#elif defined(__arm__) && !defined(__ARM_ARCH_7A__) && !defined(__ARM_ARCH_8A__)
#define UL_LINE_BYTES 32
#else
#define UL_LINE_BYTES 64
#endif
#endif
UL_STATIC_ASSERT((UL_LINE_BYTES & (UL_LINE_BYTES - 1)) == 0 && UL_LINE_BYTES >= 16,
                 "a line is a power of two");

/* On a type or a member: begins a line. A type that begins a line fills whole lines, so its neighbours do
 * too. */
#define UL_LINE __attribute__((aligned(UL_LINE_BYTES)))

/* Layout that a reader relies on, held by the compiler. */
#define UL_LINE_OF(type, member) (offsetof(type, member) / UL_LINE_BYTES)
#define UL_ASSERT_SIZE(type, bytes) UL_STATIC_ASSERT(sizeof(type) == (bytes), "the size of " #type " changed")
#define UL_ASSERT_SAME_LINE(type, a, b)                                                                      \
    UL_STATIC_ASSERT(UL_LINE_OF(type, a) == UL_LINE_OF(type, b), #type ": " #a " and " #b " left one line")
#define UL_ASSERT_APART(type, a, b)                                                                          \
    UL_STATIC_ASSERT(UL_LINE_OF(type, a) != UL_LINE_OF(type, b), #type ": " #a " and " #b " share a line")

/* ---- counters ----------------------------------------------------------------------------------------- */

/* One counter on a line of its own: for many readers, or one writer beside other data. */
typedef struct UL_LINE
    ul_line_counter { // ullage: ignore[size-class-waste] -- the rest of the line is the point
    uint64_t value;
} ul_line_counter;

UL_INLINE void ul_line_counter_add(ul_line_counter *counter, uint64_t amount)
{
    __atomic_fetch_add(&counter->value, amount, __ATOMIC_RELAXED);
}

UL_INLINE uint64_t ul_line_counter_read(const ul_line_counter *counter)
{
    return __atomic_load_n(&counter->value, __ATOMIC_RELAXED);
}

/* One counter for many writers: threads are spread over the shards by their stacks. Two may meet on one,
   which costs time and no count. */
enum { UL_COUNTER_SHARDS = 16 };
typedef struct ul_sharded_counter {
    ul_line_counter shards[UL_COUNTER_SHARDS];
} ul_sharded_counter;

/* Which shard this thread writes: the thread's own stack tells threads apart well enough, and costs no state.
 */
UL_INLINE uint32_t ul_counter_shard_(void)
{
    /* Stacks lie at least 64 KiB apart; the multiplication spreads their addresses over the shards. */
    uint64_t stack = (uint64_t)(uintptr_t)__builtin_frame_address(0) >> 16;
    return (uint32_t)((stack * UINT64_C(0x9E3779B97F4A7C15)) >> 60);
}

/* Adds `amount`, which may be "negative" modulo 2^64. Any thread, any time. */
UL_INLINE void ul_sharded_counter_add(ul_sharded_counter *counter, uint64_t amount)
{
    ul_line_counter_add(&counter->shards[ul_counter_shard_() % UL_COUNTER_SHARDS], amount);
}

/* The sum of the shards: exact once writers stopped, otherwise some value that the counter had or will soon
 * have. */
UL_INLINE uint64_t ul_sharded_counter_read(const ul_sharded_counter *counter)
{
    uint64_t sum = 0;
    for (uint32_t shard = 0; shard < UL_COUNTER_SHARDS; shard++)
        sum += ul_line_counter_read(&counter->shards[shard]);
    return sum;
}

/* ---- a short lock ---------------------------------------------------------------------------------------
 */

/* Spins for about a microsecond, then gives the processor away. For a few instructions; zero is unlocked. */
typedef struct UL_LINE ul_spin { // ullage: ignore[size-class-waste] -- the rest of the line is the point
    uint32_t is_locked;
} ul_spin;

UL_INLINE void ul_spin_pause_(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    __asm__ volatile("yield" ::: "memory");
#endif
}

UL_INLINE bool ul_spin_try(ul_spin *lock)
{
    return __atomic_load_n(&lock->is_locked, __ATOMIC_RELAXED) == 0 &&
           __atomic_exchange_n(&lock->is_locked, 1, __ATOMIC_ACQUIRE) == 0;
}

UL_INLINE void ul_spin_lock(ul_spin *lock)
{
    for (uint32_t tries = 0; !ul_spin_try(lock); tries++) {
        if (tries < 64)
            ul_spin_pause_();
        else
            sched_yield();
    }
}

UL_INLINE void ul_spin_unlock(ul_spin *lock)
{
    __atomic_store_n(&lock->is_locked, 0, __ATOMIC_RELEASE);
}

#endif
