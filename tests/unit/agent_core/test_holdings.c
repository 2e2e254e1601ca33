#include "stash/holdings.h"

#include <criterion/criterion.h>

static const struct owner letters = {"c1", "PersistentVolumeClaim/n/letters",
                                     "BackupConfiguration/n/l"};
static const struct owner photos = {"c1", "PersistentVolumeClaim/n/photos",
                                    "BackupConfiguration/n/p"};

static void add(struct holdings *holdings, const struct owner *owner, int64_t time)
{
    const struct restic_snapshot snapshot = {.id = "0123456789abcdef",
                                             .host = "host-0",
                                             .path = "/data",
                                             .time = time,
                                             .files = 1,
                                             .owner = *owner};

    holdings_add(holdings, &snapshot);
}

Test(holdings, a_snapshot_from_the_future_is_found_among_the_owners_own)
{
    AUTO(holdings_done) struct holdings holdings;

    holdings_init(&holdings, NULL);
    add(&holdings, &letters, 1000);
    add(&holdings, &letters, 5000);
    add(&holdings, &letters, 2000);
    add(&holdings, &photos, 9000);
    cr_assert_null(holdings_later(&holdings, &letters, 5000));
    cr_assert_not_null(holdings_later(&holdings, &letters, 4999));
    cr_assert_eq(holdings_of(&holdings, &letters).complete, 3);
}
