/*
 * guard.h - deadlines of connections, which the HTTP library does not have: its time-out starts anew with every byte;
 * what each client takes of the memory; and who gives way when there are too many.
 *
 * A connection that has not said a whole request in time is shut down, however busy it looks. Opening and closing take
 * a lock, moving a deadline and counting memory do not.
 *
 * The library turns new connections away when it has too many: then those who came first and say nothing would keep
 * everybody else out. Before it comes to that, an old connection is shut down for each new one.
 */
#ifndef WEBHOOK_GUARD_H
#define WEBHOOK_GUARD_H

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* from the connection to its first whole request, handshake included */
#define GUARD_FIRST_MS   10000
#define GUARD_REQUEST_MS 10000  /* from a request's first line to its answer */
#define GUARD_IDLE_MS    120000 /* between requests; clients close idle connections after 90 s */

/* What the library takes, in all and of one address; and from where on the oldest give way. The distance is for those
 * that are shut down and not yet closed: the library takes a whole burst before it looks at them. An API server opens one
 * per request in flight. */
#define GUARD_CONNECTIONS        2048U
#define GUARD_CROWDED            1024U
#define GUARD_CONNECTIONS_CLIENT 1024U
#define GUARD_CROWDED_CLIENT     640U
#define GUARD_FAIR_CLIENT        256U /* who has more loses one even in the middle of a request */

/* All connections of one address. */
struct client {
    struct client *next, **link;
    struct in6_addr address;        /* IPv4 mapped into it */
    unsigned peers;                 /* open and not shut down; under the guard's lock */
    unsigned references;            /* peers that name it; likewise */
    atomic_uint_fast64_t in_memory; /* bytes of the budget */
};

struct peer {
    struct peer *next, **link;
    struct client *client;
    int fd;
    bool shut;                       /* by us; under the guard's lock */
    atomic_bool busy;                /* a request is under way */
    atomic_int_fast64_t since_ms;    /* busy or idle since then */
    atomic_int_fast64_t deadline_ms; /* monotonic */
};

struct guard {
    pthread_mutex_t lock;
    struct peer *peers;
    struct client *clients;
    unsigned open; /* peers that are not shut down */
};

void guard_init(struct guard *guard);
void guard_done(struct guard *guard);

/** A connection opened; closed (before its descriptor is). When there are many, `*ret_cut` others were shut down for it. */
struct peer *guard_open(struct guard *guard, int fd, const struct sockaddr *address,
                        unsigned *ret_cut);
void guard_close(struct guard *guard, struct peer *peer);

/** A request begins, or the peer is idle again: from now on it has the time for that. */
void guard_set_busy(struct peer *peer, bool busy);

/** Shut down those whose time is over; returns how many. */
unsigned guard_sweep(struct guard *guard);

#endif
