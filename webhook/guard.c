#include "guard.h"

#include <sys/socket.h>

#include "stash/clock.h"
#include "stash/mem.h"

void guard_init(struct guard *guard)
{
    pthread_mutex_init(&guard->lock, NULL);
    guard->peers = NULL;
}

void guard_done(struct guard *guard)
{
    while (guard->peers)
        guard_close(guard, guard->peers);
    pthread_mutex_destroy(&guard->lock);
}

void peer_allow(struct peer *peer, int64_t ms)
{
    atomic_store(&peer->deadline_ms, clock_mono_ms() + ms);
}

struct peer *guard_open(struct guard *guard, int fd)
{
    struct peer *peer = xcalloc(1, sizeof(*peer));

    peer->fd = fd;
    peer_allow(peer, GUARD_FIRST_MS);
    pthread_mutex_lock(&guard->lock);
    peer->next = guard->peers;
    peer->link = &guard->peers;
    if (peer->next)
        peer->next->link = &peer->next;
    guard->peers = peer;
    pthread_mutex_unlock(&guard->lock);
    return peer;
}

void guard_close(struct guard *guard, struct peer *peer)
{
    pthread_mutex_lock(&guard->lock);
    *peer->link = peer->next;
    if (peer->next)
        peer->next->link = peer->link;
    pthread_mutex_unlock(&guard->lock);
    free(peer);
}

unsigned guard_sweep(struct guard *guard)
{
    int64_t now = clock_mono_ms();
    unsigned cut = 0;

    pthread_mutex_lock(&guard->lock);
    for (struct peer *peer = guard->peers; peer; peer = peer->next) {
        if (atomic_load(&peer->deadline_ms) > now)
            continue;
        shutdown(peer->fd, SHUT_RDWR); /* the server then sees the end and closes */
        peer_allow(peer, GUARD_IDLE_MS);
        cut++;
    }
    pthread_mutex_unlock(&guard->lock);
    return cut;
}
