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

static void add_files(struct holdings *holdings, const char *path, int64_t time, uint64_t files)
{
    const struct restic_snapshot snapshot = {.id = "0123456789abcdef",
                                             .host = "host-0",
                                             .path = path,
                                             .time = time,
                                             .files = files,
                                             .owner = letters};

    holdings_add(holdings, &snapshot);
}

static uint64_t lost(const struct holdings *holdings, const struct owner *owner, const char *host,
                     const char *path)
{
    const struct holdings_history history = {*owner, host, path};

    return holdings_lost(holdings, &history);
}

Test(holdings, a_path_that_became_empty_is_found_until_it_has_files_again)
{
    AUTO(holdings_done) struct holdings holdings;

    holdings_init(&holdings, NULL);
    add_files(&holdings, "/always-empty", 1000, 0);
    add_files(&holdings, "/data", 1000, 5);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/data"), 0);
    add_files(&holdings, "/data", 2000, 0);
    add_files(&holdings, "/data", 3000, 0);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/data"), 1);
    cr_assert_eq(lost(&holdings, &letters, "host-1", "/data"), 0);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/always-empty"), 0);
    cr_assert_eq(lost(&holdings, &photos, "host-0", "/data"), 0);
    add_files(&holdings, "/data", 4000, 1);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/data"), 0);
}

/* A database's dump moves to another folder when it gets an interim volume; it stays one history. */
Test(holdings, what_became_empty_under_another_path_is_found_in_the_same_history)
{
    AUTO(holdings_done) struct holdings holdings;

    holdings_init(&holdings, NULL);
    add_files(&holdings, "/old", 1000, 5);
    add_files(&holdings, "/new", 2000, 0);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/new"), 0);
    cr_assert_eq(lost(&holdings, &letters, "host-0", NULL), 1);
}

Test(holdings, a_snapshot_of_an_old_restic_counts_as_one_with_files)
{
    AUTO(holdings_done) struct holdings holdings;

    holdings_init(&holdings, NULL);
    add_files(&holdings, "/data", 1000, UINT64_MAX);
    add_files(&holdings, "/data", 2000, 0);
    cr_assert_eq(lost(&holdings, &letters, "host-0", "/data"), 1);
}
