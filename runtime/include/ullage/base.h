/*
 * What every header of the runtime begins with: linkage, hints to the compiler, the place of a call.
 * The headers compile as C11 and as C++17 (gcc and clang, GNU attributes).
 *
 * Define UL_DEBUG for a unit to have every pool and arena that it makes watch its objects, and every call
 * name its file and line in reports. Units with and without it may be linked together.
 */
#ifndef ULLAGE_BASE_H
#define ULLAGE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
#define UL_BEGIN_DECLS extern "C" {
#define UL_END_DECLS }
#define UL_ALIGNOF(type) alignof(type)
#define UL_STATIC_ASSERT(condition, text) static_assert(condition, text)
#define UL_LIKE_(pointer) (decltype(pointer))
#else
#include <stdalign.h>
#define UL_BEGIN_DECLS
#define UL_END_DECLS
#define UL_ALIGNOF(type) _Alignof(type)
#define UL_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#define UL_LIKE_(pointer)
#endif

#define UL_API __attribute__((visibility("default")))
#define UL_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UL_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define UL_COLD __attribute__((cold, noinline))
/* Inlined although it is not small by the compiler's count: the arguments are constants at most calls. */
#define UL_INLINE static inline __attribute__((always_inline, unused))

/* Makes any object of these headers all zero: `UL_VEC(int) numbers = UL_ZERO;`. C11 forbids {}, and C++ compilers warn of {0}. */
#ifdef __cplusplus
#define UL_ZERO {}
#else
#define UL_ZERO {0}
#endif

/* "file:line" of a call under UL_DEBUG; otherwise NULL, and reports show the address of the call. */
#define UL_JOIN_OF_(a, b) a##b
#define UL_JOIN_(a, b) UL_JOIN_OF_(a, b)
#define UL_TEXT_OF_(token) #token
#define UL_TEXT_(token) UL_TEXT_OF_(token)
#ifdef UL_DEBUG
#define UL_SITE __FILE__ ":" UL_TEXT_(__LINE__)
#else
#define UL_SITE ((const char *)0)
#endif

/* In an inline function, whose line says nothing: under UL_DEBUG an empty text, and reports show the address of the call
   into the library, which lies in the caller. UL_STAY_ keeps it there: nothing before it becomes a jump. */
#ifdef UL_DEBUG
#define UL_SITE_OF_CALL_ ""
#define UL_STAY_() __asm__ volatile("")
#else
#define UL_SITE_OF_CALL_ ((const char *)0)
#define UL_STAY_() ((void)0)
#endif

/* A place in a list of the library; empty when both are NULL. */
typedef struct ul_listed {
    struct ul_listed *next, *previous;
} ul_listed;

#endif
