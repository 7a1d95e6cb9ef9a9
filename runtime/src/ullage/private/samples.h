/*
 * The sampled heap profile: which stacks got what, of which a sample is live.
 */
#ifndef ULLAGE_PRIVATE_SAMPLES_H
#define ULLAGE_PRIVATE_SAMPLES_H

#include <stdio.h>

#include "ullage/base.h"

/* Bytes until the next sample, about `every`. */
uint64_t ul_samples_next(uint64_t every);
/* Records the stack from `caller`, a return address in the user's code. `place`: where in its arena the
   object is, by bytes handed out before. */
void ul_samples_add(const void *owner, const void *object, size_t size, size_t place, const void *caller);
/* Takes the lock of the samples, or opens it: around a fork. */
void ul_samples_lock(bool is_locked);
/* An object of a pool was put. */
void ul_samples_end_object(const void *object);
/* Everything of an arena from `place` on is gone; 0: all of the owner. */
void ul_samples_end_from(const void *owner, size_t place);
/* The places of the live samples of a pool, one line each. */
void ul_samples_write_live(const void *owner, FILE *out);

#endif
