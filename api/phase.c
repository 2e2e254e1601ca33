/*
 * phase.c - a phase is a function of the stored document: never set by hand, always computed.
 *
 * One deliberate difference from Stash: metrics are best effort, so MetricsPushed and
 * RepositoryMetricsPushed being False never fail a session. The presence of MetricsPushed still
 * says that the last step was taken. And what maintenance has put off (Unknown) fails nobody: the next session does it.
 */
#include <string.h>

#include "stash/conditions.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"

static bool is_any(const json_t *conditions, const char *const *types, size_t count,
                   bool (*test)(const json_t *conditions, const char *type))
{
    size_t i;

    for (i = 0; i < count; i++) {
        if (test(conditions, types[i]))
            return true;
    }
    return false;
}

#define ANY_FALSE(conditions, types)                                                               \
    is_any((conditions), (types), ARRAY_LEN(types), condition_is_false)
#define ALL_TRUE(conditions, types) (!is_any((conditions), (types), ARRAY_LEN(types), is_not_true))

static bool is_not_true(const json_t *conditions, const char *type)
{
    return !condition_is_true(conditions, type);
}

static bool is_not_true_when_set(const json_t *conditions, const char *type)
{
    return condition_find(conditions, type) && !condition_is_true(conditions, type);
}

static const char *const restic_needs[] = {"RepositoryFound", "BackendSecretFound"};
static const char *const ready_needs[] = {"ValidationPassed", "CronJobCreated"};

const char *phase_backup_configuration(const json_t *backup_configuration)
{
    const json_t *conditions = jsonx_get(backup_configuration, "status", "conditions", NULL);
    const char *driver = jsonx_str(backup_configuration, "spec", "driver", NULL);
    bool restic = !driver || strcmp(driver, "Restic") == 0;

    if (restic && is_any(conditions, restic_needs, ARRAY_LEN(restic_needs), is_not_true_when_set))
        return "NotReady";
    if (condition_is_false(conditions, "ValidationPassed"))
        return "Invalid";
    if (ALL_TRUE(conditions, ready_needs) && (!restic || ALL_TRUE(conditions, restic_needs)))
        return "Ready";
    return "NotReady";
}

/* How many of an array of host results, or of targets, are in each phase. */
struct tally {
    json_int_t succeeded, failed, unknown, pending, total;
};

static void tally_add(struct tally *tally, const char *phase)
{
    tally->total++;
    if (!phase)
        return;
    tally->succeeded += strcmp(phase, "Succeeded") == 0;
    tally->failed += strcmp(phase, "Failed") == 0;
    tally->unknown += strcmp(phase, "Unknown") == 0;
    tally->pending += strcmp(phase, "Pending") == 0;
}

static struct tally tally_stats(const json_t *status)
{
    struct tally tally = {0};
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_get(status, "stats", NULL), i, stat)
        tally_add(&tally, jsonx_str(stat, "phase", NULL));
    return tally;
}

static const char *const backup_target_needs[] = {
    "BackupExecutorEnsured", "PreBackupHookExecutionSucceeded", "PostBackupHookExecutionSucceeded"};

const char *phase_backup_target(const json_t *target_status)
{
    const json_t *conditions = jsonx_get(target_status, "conditions", NULL);
    struct tally hosts = tally_stats(target_status);

    if (ANY_FALSE(conditions, backup_target_needs) ||
        condition_is_true(conditions, "BackupDisrupted"))
        return "Failed";
    if (!jsonx_get(target_status, "totalHosts", NULL))
        return "Pending";
    if (!hosts_have_ended(target_status, jsonx_get(target_status, "stats", NULL)))
        return "Running";
    return hosts.failed ? "Failed" : "Succeeded";
}

static const char *const session_needs[] = {"BackupHistoryCleaned", "GlobalPreBackupHookSucceeded",
                                            "GlobalPostBackupHookSucceeded"};
static const char *const repository_needs[] = {"RetentionPolicyApplied",
                                               "RepositoryIntegrityVerified"};

static struct tally tally_targets(const json_t *session)
{
    struct tally tally = {0};
    size_t i;
    json_t *target;

    json_array_foreach (jsonx_get(session, "status", "targets", NULL), i, target)
        tally_add(&tally, phase_backup_target(target));
    return tally;
}

const char *phase_backup_session(const json_t *backup_session)
{
    const json_t *conditions = jsonx_get(backup_session, "status", "conditions", NULL);
    struct tally targets = tally_targets(backup_session);
    bool ended = condition_find(conditions, "MetricsPushed") != NULL;

    if (condition_is_true(conditions, "BackupSkipped"))
        return "Skipped";
    if (ended &&
        (condition_is_true(conditions, "DeadlineExceeded") || ANY_FALSE(conditions, session_needs)))
        return "Failed";
    if (targets.pending == targets.total)
        return "Pending";
    if (!ended || targets.succeeded + targets.failed != targets.total)
        return "Running";
    return targets.failed || ANY_FALSE(conditions, repository_needs) ? "Failed" : "Succeeded";
}

static const char *const restore_target_needs[] = {"RestoreExecutorEnsured",
                                                   "PreRestoreHookExecutionSucceeded",
                                                   "PostRestoreHookExecutionSucceeded"};
static const char *const restore_session_needs[] = {"GlobalPreRestoreHookSucceeded",
                                                    "GlobalPostRestoreHookSucceeded"};

/* A RestoreSession has one target, whose results stand directly in its status. */
static const char *restore_target(const json_t *status, const json_t *conditions)
{
    struct tally hosts = tally_stats(status);

    if (ANY_FALSE(conditions, restore_target_needs))
        return "Failed";
    if (!jsonx_get(status, "totalHosts", NULL) || json_array_size(conditions) == 0 ||
        is_not_true_when_set(conditions, "RestoreTargetFound"))
        return "Pending";
    if (!hosts_have_ended(status, jsonx_get(status, "stats", NULL)))
        return "Running";
    if (hosts.unknown)
        return "Unknown";
    return hosts.failed ? "Failed" : "Succeeded";
}

const char *phase_restore_session(const json_t *restore_session)
{
    const json_t *status = jsonx_get(restore_session, "status", NULL);
    const json_t *conditions = jsonx_get(status, "conditions", NULL);
    const char *target = restore_target(status, conditions);
    bool ended = condition_find(conditions, "MetricsPushed") != NULL;

    if (ended && (condition_is_true(conditions, "DeadlineExceeded") ||
                  ANY_FALSE(conditions, restore_session_needs)))
        return "Failed";
    if (strcmp(target, "Pending") == 0)
        return condition_is_false(conditions, "ValidationPassed") ? "Invalid" : "Pending";
    return ended ? target : "Running";
}
