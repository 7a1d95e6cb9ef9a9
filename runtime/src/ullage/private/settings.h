/*
 * How this process watches its objects: read once from the environment (UL_DEBUG), changed by debug.h. The
 * only state of the library that is not inside an object of its user stands in process.c.
 */
#ifndef ULLAGE_PRIVATE_SETTINGS_H
#define ULLAGE_PRIVATE_SETTINGS_H

#include "ullage/base.h"

/* Who watches the objects of an arena or a pool; 0 is "not decided yet". */
typedef enum ul_mode {
    UL_MODE_UNSET,
    UL_MODE_FAST,    /* nobody: the inline path is on */
    UL_MODE_SAMPLED, /* the heap profile: every call goes through the library, some are recorded */
    UL_MODE_WATCHED, /* every call goes through the library, which tells ASan or Valgrind */
    UL_MODE_TWIN     /* each object is a block of malloc's with red zones, sites and a quarantine */
} ul_mode;

typedef struct ul_settings {
    uint64_t sample_bytes; /* a sample of the heap profile every so many bytes; 0: off */
    uint64_t quarantine_bytes;
    ul_mode mode;
    bool reports_leaks; /* at exit */
} ul_settings;

/* As they are now; the first call reads the environment. */
const ul_settings *ul_settings_now(void);
/* The mode of a new arena or pool; `site` non-NULL: its owner was compiled with UL_DEBUG. */
ul_mode ul_settings_mode(const char *site);

/* Where a call came from: text when the caller was compiled with UL_DEBUG, otherwise its address. */
typedef struct ul_site {
    const char *text;
    const void *address;
} ul_site;

/* A text that is empty says no more than that the caller was compiled so (UL_SITE_OF_CALL_). */
#define UL_SITE_HERE(given) ((ul_site){(given) && *(given) ? (given) : NULL, __builtin_return_address(0)})

#endif
