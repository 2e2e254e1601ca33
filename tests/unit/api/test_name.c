#include "stash/names.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

#define LONG_NAME "a-very-long-backup-configuration-name-that-exceeds-the-limit-of-sixty-three"

static struct name_owner config(const char *name)
{
    return (struct name_owner){"BackupConfiguration", "demo", name, false};
}

static void check(char *name, const char *want, size_t max)
{
    AUTO(mem_free) char *have = name;

    cr_assert_str_eq(have, want);
    cr_assert_leq(strlen(have), max);
}

static void check_cut(char *name, const char *start, const char *end, size_t max)
{
    AUTO(mem_free) char *have = name;
    size_t len = strlen(have);

    cr_assert(len <= max && len > strlen(end), "%s", have);
    cr_assert(strncmp(have, start, strlen(start)) == 0, "%s", have);
    cr_assert_str_eq(have + len - strlen(end), end, "%s", have);
}

static void check_differ(char *one, char *two)
{
    AUTO(mem_free) char *first = one;
    AUTO(mem_free) char *second = two;

    cr_assert_str_neq(first, second);
}

Test(name, cron_jobs_are_called_as_stash_calls_them)
{
    const struct name_owner plain = config("my-bc"), dots = config("my.bc");

    check(name_cron_job(&plain, "demo"), "stash-trigger-my-bc", 52);
    check(name_cron_job(&plain, NULL), "stash-trigger-my-bc", 52);
    check(name_cron_job(&plain, ""), "stash-trigger-my-bc", 52);
    check(name_cron_job(&dots, "demo"), "stash-trigger-my-bc", 52);
    check(name_cron_job(&plain, "prod"), "stash-trigger-demo-my-bc", 52);
}

Test(name, long_cron_jobs_keep_their_head)
{
    const struct name_owner owner = config(LONG_NAME);

    check_cut(name_cron_job(&owner, "demo"), "stash-trigger-a-very-long-", "", 52);
    check_cut(name_cron_job(&owner, "prod"), "stash-trigger-demo-a-very-long-", "", 52);
}

Test(name, cron_jobs_with_a_common_end_differ)
{
    const struct name_owner blue =
        config("blue-shop-backend-elasticsearch-master-nightly-full-backup-to-s3");
    const struct name_owner green =
        config("green-shop-backend-elasticsearch-master-nightly-full-backup-to-s3");

    check_differ(name_cron_job(&blue, NULL), name_cron_job(&green, NULL));
}

Test(name, the_one_who_finds_the_name_taken_gets_a_digest)
{
    struct name_owner dots = config("a.b"), dash = config("a-b");

    dots.distinct = dash.distinct = true;
    check_cut(name_cron_job(&dots, NULL), "stash-trigger-a-b-", "", 52);
    check_differ(name_cron_job(&dots, NULL), name_cron_job(&dash, NULL));
}

Test(name, a_batch_of_the_same_name_differs)
{
    const struct name_owner one = {"BackupConfiguration", "demo", "x", true};
    const struct name_owner two = {"BackupBatch", "demo", "x", true};

    check_differ(name_cron_job(&one, NULL), name_cron_job(&two, NULL));
    check_differ(name_backup_session(&one, 1700000000), name_backup_session(&two, 1700000000));
}

Test(name, sessions_keep_their_time)
{
    const struct name_owner plain = config("my-bc"), dots = config("my.bc");
    const struct name_owner owner = config(LONG_NAME);

    check(name_backup_session(&plain, 1700000000), "my-bc-1700000000", 63);
    check(name_backup_session(&dots, 1700000000), "my.bc-1700000000", 63);
    check_cut(name_backup_session(&owner, 1700000000), "a-very-long-backup-configuration-name-",
              "-1700000000", 63);
}

Test(name, sessions_of_the_same_second_and_a_common_start_differ)
{
    const struct name_owner daily =
        config("customer-portal-production-eu-central-1-postgres-backup-daily");
    const struct name_owner weekly =
        config("customer-portal-production-eu-central-1-postgres-backup-weekly");

    check_differ(name_backup_session(&daily, 1700000000), name_backup_session(&weekly, 1700000000));
}

Test(name, sessions_of_one_invoker_share_their_start)
{
    const struct name_owner owner = config(LONG_NAME);
    AUTO(mem_free) char *one = name_backup_session(&owner, 1700000000);
    AUTO(mem_free) char *two = name_backup_session(&owner, 1800000000);

    cr_assert(strncmp(one, two, strlen(one) - strlen("1700000000")) == 0);
}

Test(name, an_invoker_may_have_the_longest_name_there_is)
{
    char name[254];
    memset(name, 'n', sizeof(name) - 1);
    name[253] = '\0';
    const struct name_owner owner = {"StatefulSet", name, name, false};
    const struct name_workload workload = {"stash-restore-init-container", "StatefulSet", name,
                                           name, NAME_PLACE_PODS};

    check_cut(name_backup_session(&owner, 1700000000), "nnn", "-1700000000", 63);
    check_cut(name_cron_job(&owner, "prod"), "stash-trigger-nnn", "", 52);
    check_cut(name_executor(&owner, 12), "statefulset-nnn", "-12", 63);
    check_cut(name_role(&owner, 12, "prod"), "nnn", "", 253);
    check_cut(name_binding(&owner, &workload), "stash-restore-init-container-statefulset-nnn", "",
              253);
    check_cut(name_interim_pvc(&owner, name), "nnn", "", 63);
}

Test(name, jobs_carry_session_and_index)
{
    const struct name_owner plain = {"BackupSession", "demo", "my-bc-1700000000", false};
    const struct name_owner dots = {"BackupSession", "demo", "my.bc-1700000000", false};
    const struct name_owner owner = {"BackupSession", "demo", LONG_NAME "-1700000000", false};
    const struct name_owner restore = {"RestoreSession", "demo", "my-rs", false};

    check(name_backup_job(&plain, 0), "stash-backup-my-bc-1700000000-0", 63);
    check(name_backup_job(&dots, 2), "stash-backup-my-bc-1700000000-2", 63);
    check_cut(name_backup_job(&owner, 0), "stash-backup-a-very-long-backup-", "-0", 63);
    check(name_restore_job(&restore, 0), "stash-restore-my-rs-0", 63);
    check(name_restore_job_of_set(&restore, 0, 2), "stash-restore-my-rs-0-2", 63);
    check_cut(name_restore_job_of_set(&owner, 0, 99), "stash-restore-a-very-long-backup-", "-0-99",
              63);
}

Test(name, executors_carry_kind_and_index)
{
    const struct name_owner plain = config("my-bc"), owner = config(LONG_NAME);
    const struct name_owner restore = {"RestoreSession", "demo", "my-rs", false};

    check(name_executor(&plain, 0), "backupconfiguration-my-bc-0", 63);
    check_cut(name_executor(&owner, 0), "backupconfiguration-a-very-long-backup-", "-0", 63);
    check(name_executor(&restore, 0), "restoresession-my-rs-0", 63);
    check(name_role(&plain, 0, "demo"), "backupconfiguration-my-bc-0-secrets", 253);
    check(name_role(&plain, 0, "prod"), "demo-backupconfiguration-my-bc-0", 253);
}

Test(name, bindings_name_the_workload)
{
    const struct name_owner owner = config("my-bc");
    struct name_workload web = {"stash-sidecar", "Deployment", "demo", "web", NAME_PLACE_HERE};
    struct name_workload db = {"stash-restore-init-container", "StatefulSet", "demo", LONG_NAME,
                               NAME_PLACE_HERE};

    check(name_binding(&owner, &web), "stash-sidecar-deployment-web", 63);
    check_cut(name_binding(&owner, &db), "stash-restore-init-container-statefulset-a-v", "", 63);
    web.place = NAME_PLACE_ELSEWHERE;
    check(name_binding(&owner, &web), "demo-stash-sidecar-deployment-web", 253);
    web.place = NAME_PLACE_PODS;
    check(name_binding(&owner, &web), "stash-sidecar-deployment-web-my-bc", 253);
}

Test(name, bindings_of_two_invokers_that_read_the_same_differ)
{
    struct name_owner one = config("b-c"), two = config("c");
    const struct name_workload a = {"stash-sidecar", "Rollout", "demo", "a", NAME_PLACE_PODS};
    const struct name_workload ab = {"stash-sidecar", "Rollout", "demo", "a-b", NAME_PLACE_PODS};
    AUTO(mem_free) char *first = name_binding(&one, &a);

    check(name_binding(&two, &ab), first, 253);
    two.distinct = true;
    check_differ(xstrdup(first), name_binding(&two, &ab));
}

Test(name, interim_claims_carry_session_and_template)
{
    const struct name_owner plain = {"BackupSession", "demo", "s-1", false};
    const struct name_owner owner = {"BackupSession", "demo", LONG_NAME, false};

    check(name_interim_pvc(&plain, "tmp"), "s-1-tmp", 63);
    check(name_interim_pvc(&plain, ""), "s-1", 63);
    check(name_interim_pvc(&plain, NULL), "s-1", 63);
    check_cut(name_interim_pvc(&owner, "tmp"), "a-very-long-backup-configuration-name-that-", "",
              63);
}
