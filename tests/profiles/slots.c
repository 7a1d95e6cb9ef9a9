/* Two threads, each with an element of one array: what profile_real.sh records. Without locked instructions: perf 6.12 dies of them. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

struct slot {
    uint64_t done, failed;
    uint32_t state;
    uint32_t spare;
};

static struct slot slots[4];

static void *worker(void *arg)
{
    struct slot *slot = arg;
    for (uint64_t i = 0; i < 60000000; i++) {
        slot->done++;
        slot->failed += i & 3;
        slot->state = (uint32_t)slot->failed & 1;
        __asm__ volatile("" ::: "memory"); /* every turn writes */
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, worker, &slots[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    printf("%llu\n", (unsigned long long)(slots[0].done + slots[1].failed));
    return 0;
}
