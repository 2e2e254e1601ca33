/*
 * guard.h - deadlines of connections, which the HTTP library does not have: its time-out starts anew with every byte;
 * and what each client takes of the memory.
 *
 * A connection that has not said a whole request in time is shut down, however busy it looks. Opening and closing take
 * a lock, moving a deadline and counting memory do not.
 */
#ifndef WEBHOOK_GUARD_H
#define WEBHOOK_GUARD_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#define GUARD_FIRST_MS                                                                             \
    10000 /* from the connection to its first whole request, handshake included */
#define GUARD_REQUEST_MS 10000  /* from a request's first line to its answer */
#define GUARD_IDLE_MS    120000 /* between requests; clients close idle connections after 90 s */

/* All connections of one address. */
struct client {
    struct client *next, **link;
    struct in6_addr address;        /* IPv4 mapped into it */
    unsigned peers;                 /* under the guard's lock */
    atomic_uint_fast64_t in_memory; /* bytes of the budget */
};

struct peer {
    struct peer *next, **link;
    struct client *client;
    int fd;
    atomic_int_fast64_t deadline_ms; /* monotonic */
};

struct guard {
    pthread_mutex_t lock;
    struct peer *peers;
    struct client *clients;
};

void guard_init(struct guard *guard);
void guard_done(struct guard *guard);

/** A connection opened; closed (before its descriptor is). */
struct peer *guard_open(struct guard *guard, int fd, const struct sockaddr *address);
void guard_close(struct guard *guard, struct peer *peer);

/** From now on the peer has this long. */
void peer_allow(struct peer *peer, int64_t ms);

/** Shut down those whose time is over; returns how many. */
unsigned guard_sweep(struct guard *guard);

#endif
