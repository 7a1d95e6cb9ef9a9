#ifndef DEMO_LINK_H
#define DEMO_LINK_H

#include <stdint.h>

/* One thread receives, another sends; each counts what went through its hands. */
struct link {
    const char *name;
    int socket;
    uint64_t received; /* the receiver's */
    uint64_t sent;     /* the sender's */
};

#endif
