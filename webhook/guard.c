#include "guard.h"

#include <string.h>
#include <sys/socket.h>

#include "stash/clock.h"
#include "stash/mem.h"

void guard_init(struct guard *guard)
{
    pthread_mutex_init(&guard->lock, NULL);
    guard->peers = NULL;
    guard->clients = NULL;
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

static struct in6_addr address_of(const struct sockaddr *address)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

    if (address && address->sa_family == AF_INET6)
        return ((const struct sockaddr_in6 *)address)->sin6_addr;
    if (address && address->sa_family == AF_INET)
        memcpy(&mapped.s6_addr[12], &((const struct sockaddr_in *)address)->sin_addr, 4);
    return mapped;
}

/* There are about as many clients as API servers. */
static struct client *client_join(struct guard *guard, const struct in6_addr *address)
{
    struct client *client = guard->clients;

    while (client && memcmp(&client->address, address, sizeof(*address)) != 0)
        client = client->next;
    if (!client) {
        client = xcalloc(1, sizeof(*client));
        client->address = *address;
        client->next = guard->clients;
        client->link = &guard->clients;
        if (client->next)
            client->next->link = &client->next;
        guard->clients = client;
    }
    client->peers++;
    return client;
}

static void client_leave(struct client *client)
{
    if (--client->peers > 0)
        return;
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    free(client);
}

struct peer *guard_open(struct guard *guard, int fd, const struct sockaddr *address)
{
    const struct in6_addr from = address_of(address);
    struct peer *peer = xcalloc(1, sizeof(*peer));

    peer->fd = fd;
    peer_allow(peer, GUARD_FIRST_MS);
    pthread_mutex_lock(&guard->lock);
    peer->client = client_join(guard, &from);
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
    client_leave(peer->client);
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
