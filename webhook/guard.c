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
    guard->open = 0;
}

void guard_done(struct guard *guard)
{
    while (guard->peers)
        guard_close(guard, guard->peers);
    pthread_mutex_destroy(&guard->lock);
}

static void peer_allow(struct peer *peer, int64_t ms)
{
    atomic_store(&peer->deadline_ms, clock_mono_ms() + ms);
}

void guard_set_busy(struct peer *peer, bool busy)
{
    peer_allow(peer, busy ? GUARD_REQUEST_MS : GUARD_IDLE_MS);
    if (atomic_exchange(&peer->busy, busy) != busy)
        atomic_store(&peer->since_ms, clock_mono_ms());
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
    client->references++;
    return client;
}

static void client_leave(struct client *client)
{
    if (--client->references > 0)
        return;
    *client->link = client->next;
    if (client->next)
        client->next->link = client->link;
    free(client);
}

/* ---- who gives way ---- */

/* The server then sees the end and closes. */
static void peer_shut(struct guard *guard, struct peer *peer)
{
    shutdown(peer->fd, SHUT_RDWR);
    peer->shut = true;
    peer->client->peers--;
    guard->open--;
}

static struct client *largest_client(const struct guard *guard)
{
    struct client *largest = guard->clients;

    for (struct client *client = guard->clients; client; client = client->next)
        if (client->peers > largest->peers)
            largest = client;
    return largest;
}

/* Of one client, or of all (NULL): who has been idle, or busy, for longest. */
static struct peer *oldest_peer(const struct guard *guard, const struct client *client, bool busy)
{
    struct peer *oldest = NULL;

    for (struct peer *peer = guard->peers; peer; peer = peer->next) {
        if (peer->shut || (client && peer->client != client) || atomic_load(&peer->busy) != busy)
            continue;
        if (!oldest || atomic_load(&peer->since_ms) <= atomic_load(&oldest->since_ms))
            oldest = peer;
    }
    return oldest;
}

/* Whoever has more than a fair share loses one of them; if nobody has, the oldest idle one of all goes. */
static bool give_way(struct guard *guard, const struct client *client)
{
    struct peer *peer = NULL;

    if (client->peers > GUARD_FAIR_CLIENT)
        peer = oldest_peer(guard, client, false);
    if (!peer && client->peers > GUARD_FAIR_CLIENT)
        peer = oldest_peer(guard, client, true);
    if (!peer)
        peer = oldest_peer(guard, NULL, false);
    if (peer)
        peer_shut(guard, peer);
    return peer != NULL;
}

static unsigned make_room(struct guard *guard, const struct client *client)
{
    unsigned cut = 0;

    if (client->peers > GUARD_CROWDED_CLIENT)
        cut += give_way(guard, client);
    if (guard->open >= GUARD_CROWDED)
        cut += give_way(guard, largest_client(guard));
    return cut;
}

/* ---- connections ---- */

struct peer *guard_open(struct guard *guard, int fd, const struct sockaddr *address,
                        unsigned *ret_cut)
{
    const struct in6_addr from = address_of(address);
    struct peer *peer = xcalloc(1, sizeof(*peer));

    peer->fd = fd;
    atomic_store(&peer->since_ms, clock_mono_ms());
    peer_allow(peer, GUARD_FIRST_MS);
    pthread_mutex_lock(&guard->lock);
    peer->client = client_join(guard, &from);
    *ret_cut = make_room(guard, peer->client);
    guard->open++;
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
    if (!peer->shut) {
        peer->client->peers--;
        guard->open--;
    }
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
        if (peer->shut || atomic_load(&peer->deadline_ms) > now)
            continue;
        peer_shut(guard, peer);
        cut++;
    }
    pthread_mutex_unlock(&guard->lock);
    return cut;
}
