#include "link.h"

#include <pthread.h>
#include <unistd.h>

static struct link uplink = { .name = "uplink", .socket = STDIN_FILENO };

static void *receive(void *argument)
{
    struct link *link = argument;
    char bytes[512];
    for (ssize_t length; (length = read(link->socket, bytes, sizeof bytes)) > 0;)
        link->received += (uint64_t)length;
    return NULL;
}

static void *transmit(void *argument)
{
    struct link *link = argument;
    for (ssize_t length; (length = write(link->socket, "ping", 4)) > 0;)
        link->sent += (uint64_t)length;
    return NULL;
}

int main(void)
{
    pthread_t receiver, sender;
    if (pthread_create(&receiver, NULL, receive, &uplink) != 0 || pthread_create(&sender, NULL, transmit, &uplink) != 0)
        return 1;
    pthread_join(receiver, NULL);
    pthread_join(sender, NULL);
    return 0;
}
