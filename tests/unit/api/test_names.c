#include "stash/names.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/mem.h"

#define LONG_NAME "a-very-long-backup-configuration-name-that-exceeds-the-limit-of-sixty-three"

static void check(char *name, const char *want, size_t max)
{
    AUTO(mem_free) char *have = name;

    cr_assert_str_eq(have, want);
    cr_assert_leq(strlen(have), max);
}

Test(names, cron_jobs_keep_their_tail)
{
    check(name_cron_job("my-bc", "demo", "demo"), "stash-trigger-my-bc", 52);
    check(name_cron_job("my-bc", "demo", NULL), "stash-trigger-my-bc", 52);
    check(name_cron_job("my-bc", "demo", ""), "stash-trigger-my-bc", 52);
    check(name_cron_job("my.bc", "demo", "demo"), "stash-trigger-my-bc", 52);
    check(name_cron_job(LONG_NAME, "demo", "demo"),
          "iguration-name-that-exceeds-the-limit-of-sixty-three", 52);
}

Test(names, cron_jobs_of_another_namespace_keep_head_and_tail)
{
    check(name_cron_job("my-bc", "demo", "prod"), "stash-trigger-demo-my-bc", 52);
    check(name_cron_job(LONG_NAME, "demo", "prod"),
          "stash-trigger-demo-a-very-s-the-limit-of-sixty-three", 52);
}

Test(names, sessions_keep_their_time)
{
    check(name_backup_session("my-bc", 1700000000), "my-bc-1700000000", 63);
    check(name_backup_session(LONG_NAME, 1700000000),
          "a-very-long-backup-configuration-name-that-exceeds-t-1700000000", 63);
}

Test(names, jobs_keep_32_and_31_characters)
{
    check(name_backup_job("my-bc-1700000000", 0), "stash-backup-my-bc-1700000000-0", 63);
    check(name_backup_job("my.bc-1700000000", 2), "stash-backup-my-bc-1700000000-2", 63);
    check(name_backup_job(LONG_NAME "-1700000000", 0),
          "stash-backup-a-very-long-backup-mit-of-sixty-three-1700000000-0", 63);
    check(name_restore_job("my-rs", 0), "stash-restore-my-rs-0", 63);
}

Test(names, executors_carry_kind_and_index)
{
    check(name_executor("BackupConfiguration", "my-bc", 0), "backupconfiguration-my-bc-0", 63);
    check(name_executor("BackupConfiguration", LONG_NAME, 0),
          "backupconfiguration-a-very-long-eeds-the-limit-of-sixty-three-0", 63);
    check(name_executor("RestoreSession", "my-rs", 0), "restoresession-my-rs-0", 63);
}

Test(names, bindings_name_the_workload)
{
    check(name_sidecar_binding("Deployment", "web"), "stash-sidecar-deployment-web", 63);
    check(name_init_binding("StatefulSet", "db"), "stash-restore-init-container-statefulset-db",
          63);
    check(name_init_binding("StatefulSet", LONG_NAME),
          "stash-restore-init-container-staxceeds-the-limit-of-sixty-three", 63);
}

Test(names, interim_claims_keep_their_head)
{
    check(name_interim_pvc("s-1", "tmp"), "s-1-tmp", 63);
    check(name_interim_pvc("s-1", ""), "s-1", 63);
    check(name_interim_pvc("s-1", NULL), "s-1", 63);
    check(name_interim_pvc(LONG_NAME, "tmp"),
          "a-very-long-backup-configuration-name-that-exceeds-the-limit-of", 63);
}

Test(names, a_cut_leaves_no_dash_at_the_ends)
{
    /* the 52nd character from the end is a dash, and the 63rd from the start */
    check(name_cron_job("x-23456789-123456789-123456789-123456789-123456789-1", "d", "d"),
          "x-23456789-123456789-123456789-123456789-123456789-1", 52);
    check(name_cron_job("yy-23456789-123456789-123456789-123456789-123456789-", "d", "d"),
          "yy-23456789-123456789-123456789-123456789-123456789", 52);
    check(name_interim_pvc("s", "3456789-123456789-123456789-123456789-123456789-123456789-123-x"),
          "s-3456789-123456789-123456789-123456789-123456789-123456789-123", 63);
}
