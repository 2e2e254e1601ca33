#include "stash/repository_edit.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/names.h"

Test(repository_edit, a_repository_with_errors_keeps_its_numbers)
{
    json_auto_t *repository =
        json_pack("{s:{s:i, s:s}}", "status", "snapshotCount", 5, "totalSize", "1 B");
    const struct repository_facts broken = {.integrity = false};
    const struct repository_facts whole = {.last_backup_time = "2026-01-01T00:00:00Z",
                                           .integrity = true,
                                           .counted = true,
                                           .snapshot_count = 2,
                                           .snapshots_removed = 4,
                                           .total_size = "3 B"};

    repository_edit_facts(repository, &broken);
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotCount", NULL), 5);
    cr_assert_not(jsonx_bool(repository, 1, "status", "integrity", NULL));
    repository_edit_facts(repository, &whole);
    cr_assert_eq(jsonx_int(repository, -1, "status", "snapshotCount", NULL), 2);
    cr_assert_str_eq(jsonx_str(repository, "status", "firstBackupTime", NULL),
                     "2026-01-01T00:00:00Z");
    cr_assert(jsonx_bool(repository, 0, "status", "integrity", NULL));
}

/* ---- who works there ---- */

static size_t count_executors(const json_t *repository)
{
    return json_array_size(jsonx_get(repository, "status", "executors", NULL));
}

static void add_executor(json_t *repository, int number)
{
    char uid[32];
    const struct executor_identity who = {"demo",  "pod", uid,
                                          "stash", "pod", "BackupSession/demo/s"};

    snprintf(uid, sizeof(uid), "uid-%d", number);
    repository_edit_executor(repository, &who, number);
}

Test(repository_edit, beside_a_containers_run_its_last_one_stays_noted)
{
    json_auto_t *repository = json_object();
    const struct executor_identity who = {"demo", "pod", "uid-1", "stash", "pod", "x"};
    const json_t *rows;

    for (int i = 0; i < 3; i++)
        add_executor(repository, 1);
    cr_assert_eq(count_executors(repository), 2);
    cr_assert(repository_edit_executor_ended(repository, &who, 5));
    rows = jsonx_get(repository, "status", "executors", NULL);
    cr_assert_null(jsonx_get(json_array_get(rows, 0), "endedAt", NULL));
    cr_assert_not_null(jsonx_get(json_array_get(rows, 1), "endedAt", NULL));
}

Test(repository_edit, since_when_a_container_may_have_been_killed_stays_noted)
{
    json_auto_t *repository = json_object();
    const struct executor_identity who = {"demo", "pod", "uid-1", "stash", "pod", "x"};

    for (int i = 1; i <= 5; i++)
        repository_edit_executor(repository, &who, i);
    const json_t *rows = jsonx_get(repository, "status", "executors", NULL);
    cr_assert_eq(count_executors(repository), 2);
    cr_assert_str_eq(jsonx_str(json_array_get(rows, 0), "startedAt", NULL), "1970-01-01T00:00:04Z");
    cr_assert_str_eq(jsonx_str(json_array_get(rows, 0), "earlierSince", NULL),
                     "1970-01-01T00:00:01Z");
    cr_assert_null(jsonx_get(json_array_get(rows, 1), "earlierSince", NULL));
}

Test(repository_edit, a_run_that_ended_well_leaves_no_lock_to_be_looked_for)
{
    json_auto_t *repository = json_object();
    const struct executor_identity who = {"demo", "pod", "uid-1", "stash", "pod", "x"};

    for (int i = 1; i <= 5; i++) {
        repository_edit_executor(repository, &who, 10 * i);
        repository_edit_executor_ended(repository, &who, 10 * i + 1);
    }
    const json_t *rows = jsonx_get(repository, "status", "executors", NULL);
    cr_assert_null(jsonx_get(json_array_get(rows, 0), "earlierSince", NULL));
}

Test(repository_edit, of_too_many_executors_an_ended_one_goes_first)
{
    json_auto_t *repository = json_object();
    const struct executor_identity second = {"demo", "pod", "uid-2", "stash", "pod", "x"};
    const json_t *rows;

    for (int i = 1; i <= REPOSITORY_EXECUTORS_MAX; i++)
        add_executor(repository, i);
    repository_edit_executor_ended(repository, &second, 1000);
    add_executor(repository, REPOSITORY_EXECUTORS_MAX + 1);
    rows = jsonx_get(repository, "status", "executors", NULL);
    cr_assert_eq(count_executors(repository), REPOSITORY_EXECUTORS_MAX);
    cr_assert_geq(jsonx_find(rows, "uid", "uid-1"), 0);
    cr_assert_lt(jsonx_find(rows, "uid", "uid-2"), 0);
    add_executor(repository, REPOSITORY_EXECUTORS_MAX + 2);
    cr_assert_lt(jsonx_find(jsonx_get(repository, "status", "executors", NULL), "uid", "uid-1"), 0);
}

/* ---- which restic repository it is ---- */

static json_t *backend(const char *prefix, const char *secret, int connections)
{
    return json_pack("{s:s, s:{s:s, s:s, s:i}}", "storageSecretName", secret, "s3", "bucket", "b",
                     "prefix", prefix, "maxConnections", connections);
}

static json_t *repository_with(const char *id, int snapshots)
{
    json_t *repository =
        json_pack("{s:{s:s}, s:{s:o}, s:{s:i}}", "metadata", "name", "r", "spec", "backend",
                  backend("p", "s", 1), "status", "snapshotCount", snapshots);

    repository_edit_identity(repository, id);
    return repository;
}

static void set_backend(json_t *repository, json_t *value)
{
    json_object_set_new(jsonx_get(repository, "spec", NULL), "backend", value);
}

Test(repository_edit, another_repository_in_its_place_is_refused_in_words)
{
    json_auto_t *repository = repository_with("aaaaaaaaaaaa", 3);
    struct error err;

    cr_assert_eq(repository_accept(repository, "aaaaaaaaaaaa", &err), 0);
    cr_assert_eq(repository_accept(repository, "bbbbbbbbbbbb", &err), -ERR_INVALID);
    cr_assert_eq(repository_accept(repository, NULL, &err), -ERR_INVALID);
    set_backend(repository, backend("p", "another", 7));
    cr_assert_eq(repository_accept(repository, "bbbbbbbbbbbb", &err), -ERR_INVALID,
                 "other keys are no other place");
    set_backend(repository, backend("q", "s", 1));
    cr_assert_eq(repository_accept(repository, "bbbbbbbbbbbb", &err), 0);
    cr_assert_eq(repository_accept(repository, NULL, &err), 0);
}

Test(repository_edit, the_annotation_gives_up_one_repository_and_no_other)
{
    json_auto_t *repository = repository_with("aaaaaaaaaaaa", 3);
    struct error err;

    json_object_set_new(jsonx_get(repository, "metadata", NULL), "annotations",
                        json_pack("{s:s}", ANNOTATION_REPOSITORY_REPLACED, "aaaaaaaaaaaa"));
    cr_assert_eq(repository_accept(repository, NULL, &err), 0);
    repository_edit_identity(repository, "bbbbbbbbbbbb");
    cr_assert_eq(repository_accept(repository, "cccccccccccc", &err), -ERR_INVALID);
}

Test(repository_edit, a_repository_that_never_held_a_snapshot_may_be_made_again)
{
    json_auto_t *repository = repository_with("aaaaaaaaaaaa", 0);
    struct error err;

    cr_assert_eq(repository_accept(repository, NULL, &err), 0);
}

/* A session stored something, and its maintenance was deferred, or failed: nobody has counted. */
Test(repository_edit, snapshots_that_nobody_has_counted_are_missed_too)
{
    json_auto_t *stored = repository_with("aaaaaaaaaaaa", 0);
    json_auto_t *partial = repository_with("aaaaaaaaaaaa", 0);
    json_auto_t *ids = json_pack("[s]", "bb");
    struct error err;

    cr_assert(repository_edit_stored(stored, 1000));
    cr_assert_not(repository_edit_stored(stored, 2000));
    cr_assert_eq(repository_accept(stored, NULL, &err), -ERR_INVALID);
    cr_assert(repository_edit_incomplete(partial, ids));
    cr_assert_eq(repository_accept(partial, NULL, &err), -ERR_INVALID);
}

Test(repository_edit, a_repository_of_which_no_id_was_noted_is_missed_too)
{
    json_auto_t *former =
        json_pack("{s:{s:s}, s:{s:i}}", "metadata", "name", "r", "status", "snapshotCount", 12);
    json_auto_t *fresh = json_pack("{s:{s:s}}", "metadata", "name", "r");
    struct error err;

    cr_assert_eq(repository_accept(fresh, NULL, &err), 0);
    cr_assert_eq(repository_accept(former, "aaaaaaaaaaaa", &err), 0);
    cr_assert_eq(repository_accept(former, NULL, &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, ANNOTATION_REPOSITORY_REPLACED "=unknown"));
    json_object_set_new(jsonx_get(former, "metadata", NULL), "annotations",
                        json_pack("{s:s}", ANNOTATION_REPOSITORY_REPLACED, "unknown"));
    cr_assert_eq(repository_accept(former, NULL, &err), 0);
}

/* ---- incomplete snapshots ---- */

Test(repository_edit, an_incomplete_snapshot_is_listed_until_its_tags_say_so)
{
    json_auto_t *repository = json_object();
    json_auto_t *ids = json_pack("[s]", "aa");

    cr_assert(repository_edit_incomplete(repository, ids));
    cr_assert_not(repository_edit_incomplete(repository, ids));
    cr_assert(repository_edit_marked(repository, ids));
    cr_assert_not(repository_edit_marked(repository, ids));
    cr_assert_eq(json_array_size(jsonx_get(repository, "status", "incomplete", NULL)), 0);
}
