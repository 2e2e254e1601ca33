#include <criterion/criterion.h>

#include "quoted_json.h"
#include "stash/conditions.h"

struct row {
    const char *document; /* single quotes stand for double ones */
    const char *want;
};

static void check(const struct row *rows, size_t count, const char *(*phase)(const json_t *))
{
    for (size_t i = 0; i < count; i++) {
        json_auto_t *doc = quoted_json(rows[i].document);
        cr_assert_str_eq(phase(doc), rows[i].want, "row %zu: %s", i, rows[i].document);
    }
}

#define C(type, status) "{'type':'" type "','status':'" status "'}"

Test(phase, backup_configuration)
{
#define BC(spec, list) "{'spec':{" spec "},'status':{'conditions':[" list "]}}"
#define FOUND          C("RepositoryFound", "True") "," C("BackendSecretFound", "True")
#define READY          C("ValidationPassed", "True") "," C("CronJobCreated", "True")
    const struct row rows[] = {
        {"{}", "NotReady"},
        {BC("", FOUND "," READY), "Ready"},
        {BC("'driver':'Restic'", READY), "NotReady"},
        {BC("'driver':'VolumeSnapshotter'", READY), "Ready"},
        {BC("", FOUND "," C("ValidationPassed", "True")), "NotReady"},
        {BC("", FOUND "," C("ValidationPassed", "False") "," C("CronJobCreated", "True")),
         "Invalid"},
        {BC("", C("RepositoryFound", "False") "," C("ValidationPassed", "False")), "NotReady"},
        {BC("", C("RepositoryFound", "Unknown") "," READY), "NotReady"},
        {BC("", FOUND "," READY "," C("BackupTargetFound", "False")), "Ready"},
    };

    check(rows, ARRAY_LEN(rows), phase_backup_configuration);
}

#define HOST(phase) "{'hostname':'h','phase':'" phase "'}"

Test(phase, backup_target)
{
    const struct row rows[] = {
        {"{}", "Pending"},
        {"{'totalHosts':2}", "Running"},
        {"{'totalHosts':2,'stats':[" HOST("Succeeded") "]}", "Running"},
        {"{'totalHosts':2,'stats':[" HOST("Succeeded") "," HOST("Succeeded") "]}", "Succeeded"},
        {"{'totalHosts':2,'stats':[" HOST("Succeeded") "," HOST("Failed") "]}", "Failed"},
        {"{'totalHosts':1,'conditions':[" C("BackupExecutorEnsured", "False") "]}", "Failed"},
        {"{'totalHosts':1,'conditions':[" C("PreBackupHookExecutionSucceeded", "False") "]}",
         "Failed"},
        {"{'totalHosts':1,'conditions':[" C("BackupDisrupted", "True") "]}", "Failed"},
        {"{'totalHosts':1,'stats':[" HOST("Succeeded") "],'conditions':[" C(
             "PostBackupHookExecutionSucceeded", "False") "]}",
         "Failed"},
    };

    check(rows, ARRAY_LEN(rows), phase_backup_target);
}

#define DONE   "{'totalHosts':1,'stats':[" HOST("Succeeded") "]}"
#define FAILED "{'totalHosts':1,'stats':[" HOST("Failed") "]}"

Test(phase, backup_session)
{
#define BS(targets, list) "{'status':{'targets':[" targets "],'conditions':[" list "]}}"
#define PUSHED            C("MetricsPushed", "True")
    const struct row rows[] = {
        {"{}", "Pending"},
        {BS("{}", ""), "Pending"},
        {BS("{'totalHosts':1}", ""), "Running"},
        {BS(DONE, ""), "Running"},
        {BS(DONE, PUSHED), "Succeeded"},
        {BS(DONE, C("MetricsPushed", "False")), "Succeeded"},
        {BS(DONE "," FAILED, PUSHED), "Failed"},
        {BS(DONE ",{}", PUSHED), "Running"},
        {BS("", C("BackupSkipped", "True")), "Skipped"},
        {BS("{'totalHosts':1}", C("DeadlineExceeded", "True")), "Running"},
        {BS("{'totalHosts':1}", C("DeadlineExceeded", "True") "," PUSHED), "Failed"},
        {BS(DONE, C("BackupHistoryCleaned", "False") "," PUSHED), "Failed"},
        {BS("", C("GlobalPreBackupHookSucceeded", "False") "," PUSHED), "Failed"},
        {BS(DONE, C("RetentionPolicyApplied", "False") "," PUSHED), "Failed"},
        {BS(DONE, C("RetentionPolicyApplied", "Unknown") "," PUSHED), "Succeeded"},
        {BS(DONE, C("RepositoryIntegrityVerified", "False") "," PUSHED), "Failed"},
        {BS(DONE, C("RepositoryIntegrityVerified", "Unknown") "," PUSHED), "Succeeded"},
        {BS(DONE, C("RepositoryMetricsPushed", "False") "," PUSHED), "Succeeded"},
    };

    check(rows, ARRAY_LEN(rows), phase_backup_session);
}

Test(phase, restore_session)
{
#define RS(hosts, list)                                                                            \
    "{'status':{'totalHosts':1,'stats':[" hosts "],'conditions':[" ENSURED list "]}}"
#define ENSURED C("RestoreExecutorEnsured", "True")
    const struct row rows[] = {
        {"{}", "Pending"},
        {"{'status':{'totalHosts':1}}", "Pending"},
        {"{'status':{'conditions':[" C("ValidationPassed", "False") "]}}", "Invalid"},
        {"{'status':{'totalHosts':1,'conditions':[" C("RestoreTargetFound", "False") "]}}",
         "Pending"},
        {RS("", ""), "Running"},
        {RS(HOST("Running"), ""), "Running"},
        {RS(HOST("Succeeded"), ""), "Running"},
        {RS(HOST("Succeeded"), "," PUSHED), "Succeeded"},
        {RS(HOST("Failed"), "," PUSHED), "Failed"},
        {RS(HOST("Unknown"), "," PUSHED), "Unknown"},
        {RS(HOST("Succeeded"), "," C("MetricsPushed", "False")), "Succeeded"},
        {RS("", "," C("DeadlineExceeded", "True")), "Running"},
        {RS("", "," C("DeadlineExceeded", "True") "," PUSHED), "Failed"},
        {RS("", "," C("PreRestoreHookExecutionSucceeded", "False") "," PUSHED), "Failed"},
    };

    check(rows, ARRAY_LEN(rows), phase_restore_session);
}
