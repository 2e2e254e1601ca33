#include "guard.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include "stash/clock.h"

/* A peer of the client 10.0.0.`client`; there is no connection behind it, so shutting it down only marks it. */
static struct peer *open_one(struct guard *guard, unsigned char client, unsigned *cut)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const unsigned char bytes[4] = {10, 0, 0, client};
    unsigned now = 0;

    memcpy(&address.sin_addr, bytes, sizeof(bytes));
    struct peer *peer = guard_open(guard, -1, (struct sockaddr *)&address, &now);
    *cut += now;
    return peer;
}

static void open_many(struct guard *guard, unsigned char client, unsigned count, bool busy,
                      struct peer **ret_first)
{
    unsigned cut = 0;

    for (unsigned i = 0; i < count; i++) {
        struct peer *peer = open_one(guard, client, &cut);
        if (busy)
            guard_set_busy(peer, true);
        if (i == 0)
            *ret_first = peer;
    }
}

Test(guard, cuts_nobody_while_there_is_room)
{
    struct guard guard;
    struct peer *first[2];

    guard_init(&guard);
    open_many(&guard, 1, GUARD_CROWDED_CLIENT, false, &first[0]);
    open_many(&guard, 2, GUARD_CROWDED - GUARD_CROWDED_CLIENT, false, &first[1]);
    cr_assert_eq(guard.open, GUARD_CROWDED);
    cr_assert_not(first[0]->shut);
    guard_done(&guard);
}

Test(guard, a_client_at_its_limit_loses_its_own_oldest_idle_one)
{
    struct guard guard;
    struct peer *other, *busy, *first;
    unsigned cut = 0;

    guard_init(&guard);
    open_many(&guard, 2, 1, false, &other);
    open_many(&guard, 1, 1, true, &busy);
    clock_sleep_ms(2);
    open_many(&guard, 1, GUARD_CROWDED_CLIENT - 1, false, &first);
    struct peer *last = open_one(&guard, 1, &cut);
    cr_assert_eq(cut, 1);
    cr_assert_not(other->shut);
    cr_assert_not(busy->shut);
    cr_assert_not(last->shut);
    cr_assert_eq(last->client->peers, GUARD_CROWDED_CLIENT);
    guard_done(&guard);
}

Test(guard, in_a_crowd_the_largest_gives_way_also_in_the_middle_of_a_request)
{
    struct guard guard;
    struct peer *first[3];
    unsigned cut = 0;

    guard_init(&guard);
    open_many(&guard, 3, 20, false, &first[2]);
    clock_sleep_ms(2);
    open_many(&guard, 1, 600, true, &first[0]);
    open_many(&guard, 2, GUARD_CROWDED - 620, true, &first[1]);
    for (int i = 0; i < 50; i++)
        open_one(&guard, 3, &cut);
    cr_assert_eq(cut, 50);
    cr_assert_eq(guard.open, GUARD_CROWDED);
    cr_assert_eq(first[2]->client->peers, 70);
    cr_assert_eq(first[0]->client->peers, 550);
    guard_done(&guard);
}

Test(guard, of_many_small_clients_the_oldest_idle_connection_goes_and_no_busy_one)
{
    struct guard guard;
    struct peer *server, *idle, *first;
    unsigned cut = 0;

    guard_init(&guard);
    open_many(&guard, 1, 50, true, &server);
    open_many(&guard, 2, 1, false, &idle);
    clock_sleep_ms(2);
    for (unsigned char i = 0; guard.open < GUARD_CROWDED; i++)
        open_many(&guard, (unsigned char)(3 + i % 200), 1, false, &first);
    open_one(&guard, 1, &cut);
    cr_assert_eq(cut, 1);
    cr_assert_not(server->shut);
    cr_assert_eq(server->client->peers, 51);
    cr_assert(idle->shut);
    guard_done(&guard);
}

Test(guard, counts_right_when_what_was_shut_is_closed)
{
    struct guard guard;
    struct peer *first, *second;

    guard_init(&guard);
    open_many(&guard, 1, GUARD_CROWDED_CLIENT, false, &first);
    open_many(&guard, 1, 1, false, &second);
    cr_assert(first->shut);
    guard_close(&guard, first);
    cr_assert_eq(guard.open, GUARD_CROWDED_CLIENT);
    guard_close(&guard, second);
    cr_assert_eq(guard.open, GUARD_CROWDED_CLIENT - 1);
    guard_done(&guard);
}
