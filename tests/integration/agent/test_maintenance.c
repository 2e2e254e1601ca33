/* What was once lost between a backup and the maintenance that follows it. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/stat.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/conditions.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/timefmt.h"

/* Start the API server again with `before` in front of its script, and `old` in it replaced. */
static void rewrite(const struct stage *stage, const char *before, const char *old, const char *new)
{
    AUTO(mem_free) char *file = xasprintf("%s/rewritten.yaml", stage->folder);
    AUTO(mem_free) char *text = NULL;
    struct error err;
    size_t len;

    cr_assert_eq(file_read(SCRIPTS "session.yaml", LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
    const char *at = strstr(text, old);
    cr_assert_not_null(at);
    AUTO(mem_free)
    char *changed = xasprintf("%s%.*s%s%s", before, (int)(at - text), text, new, at + strlen(old));
    cr_assert_eq(file_write(file, changed, strlen(changed), 0600, &err), 0, "%s", err.msg);
    fake_kill(stage->fake);
    fake_restart(stage->fake, file);
}

static void leave_host(const struct stage *stage, const char *stat)
{
    AUTO(mem_free) char *path = xasprintf("%s/output.json", stage->output_dir);
    AUTO(mem_free) char *text = xasprintf("{\"targetStatus\": {\"stats\": [%s]}}", stat);
    struct error err;

    mkdir(stage->output_dir, 0777);
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0, "%s", err.msg);
    stage_restic(stage, "forget",
                 "echo '[{\"host\":\"h\",\"paths\":[\"/data\"],\"keep\":[{}],\"remove\":[]}]'\n");
    stage_restic(stage, "check", "echo '{\"message_type\":\"summary\",\"num_errors\":0}'\n");
    stage_restic(stage, "stats", "echo '{\"total_size\":2048,\"snapshots_count\":1}'\n");
}

static void update(const struct stage *stage)
{
    struct error err;

    cr_assert_eq(agent_update_status(stage->kube, &stage->flags, &err), 0, "%s", err.msg);
}

/* Status and reason of a condition, as "True/Done", in the last PUT of the session that has it. */
static char *stored_condition(const struct stage *stage, const char *type)
{
    json_auto_t *requests = fake_requests(stage->fake);
    char *found = xstrdup("");
    size_t i;
    json_t *request;

    json_array_foreach (requests, i, request) {
        json_auto_t *body = stage_body(request);
        const json_t *condition =
            condition_find(jsonx_get(body, "status", "conditions", NULL), type);

        if (!condition)
            continue;
        free(found);
        found = xasprintf("%s/%s", jsonx_str(condition, "status", NULL),
                          jsonx_str(condition, "reason", NULL));
    }
    return found;
}

static const char *first_incomplete(const json_t *parent)
{
    return json_string_value(json_array_get(jsonx_get(parent, "incomplete", NULL), 0));
}

#define REPOSITORY_STATUS                                                                          \
    "path: /apis/stash.appscode.com/v1alpha1/namespaces/demo/repositories/repo/status\n"

Test(maintenance, an_incomplete_snapshot_is_noted_although_the_api_server_was_away)
{
    AUTO(stage_done) struct stage stage;
    AUTO(mem_free) char *answer = xasprintf("%sexit 3\n", stage_summary);
    struct error err;

    stage_open(&stage, "session.yaml");
    rewrite(&stage, "- method: PUT\n  " REPOSITORY_STATUS "  times: 2\n  status: 503\n", "times: 0",
            "times: 0");
    stage_restic(&stage, "backup", answer);
    cr_assert_eq(agent_backup_pvc(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stage_stat(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_geq(fake_count(stage.fake, "PUT", "repositories/repo/status"), 3);
    cr_assert_str_eq(first_incomplete(jsonx_get(repository, "status", NULL)), "0123456789abcdef");
    cr_assert_str_eq(first_incomplete(stat), "0123456789abcdef");
}

/* The backup's container ended before it could tell the Repository: its result is all that knows. */
Test(maintenance, an_incomplete_snapshot_is_noted_from_its_hosts_result)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Failed\", \"error\": \"x\", "
                       "\"incomplete\": [\"feed\"]}");
    update(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    cr_assert_str_eq(first_incomplete(jsonx_get(repository, "status", NULL)), "feed");
    cr_assert_str_eq(first_incomplete(json_array_get(jsonx_get(target, "stats", NULL), 0)), "feed");
}

Test(maintenance, a_turn_is_not_waited_for_beyond_the_sessions_deadline)
{
    AUTO(stage_done) struct stage stage;
    char deadline[TIMEFMT_SIZE];
    int64_t begun = clock_mono_ms();

    unsetenv("STASH_TURN_PATIENCE"); /* half an hour */
    timefmt_rfc3339(clock_now() + 62, deadline);
    AUTO(mem_free)
    char *turn = xasprintf("{state: Waiting}\n      sessionDeadline: \"%s\"", deadline);
    stage_open_in_turn(&stage, "session.yaml", turn);
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    update(&stage);
    AUTO(mem_free) char *retention = stored_condition(&stage, "RetentionPolicyApplied");
    json_auto_t *session = stage_stored(&stage, "backupsessions");
    const json_t *target = json_array_get(jsonx_get(session, "status", "targets", NULL), 0);
    cr_assert_lt(clock_mono_ms() - begun, 60000, "the deadline passed meanwhile");
    cr_assert_str_eq(retention, "Unknown/Deferred");
    cr_assert_str_eq(jsonx_str(json_array_get(jsonx_get(target, "stats", NULL), 0), "phase", NULL),
                     "Succeeded");
}

Test(maintenance, retention_looks_at_the_last_host_of_several_too)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    rewrite(&stage, "", "totalHosts: 1",
            "totalHosts: 2\n        stats: [{hostname: host-0, phase: Succeeded}]");
    leave_host(&stage, "{\"hostname\": \"host-1\", \"phase\": \"Succeeded\"}");
    update(&stage);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    const char *forget = strstr(calls, "forget ");
    cr_assert_not_null(forget, "no retention: %s", calls);
    cr_assert_not_null(strstr(forget, "--host host-0 --host host-1 "), "%s", calls);
}

Test(maintenance, what_a_check_finds_beside_somebodys_prune_is_no_damage)
{
    AUTO(stage_done) struct stage stage;

    stage_open(&stage, "session.yaml");
    leave_host(&stage, "{\"hostname\": \"host-0\", \"phase\": \"Succeeded\"}");
    stage_restic(&stage, "check",
                 "echo '{\"message_type\":\"summary\",\"num_errors\":2}'\nexit 1\n");
    stage_restic(&stage, "list-locks", "echo 0123456789abcdef\n");
    stage_restic(&stage, "cat-lock",
                 "echo '{\"time\":\"2026-01-01T00:00:00Z\",\"exclusive\":true,"
                 "\"hostname\":\"desk\",\"pid\":7}'\n");
    update(&stage);
    AUTO(mem_free) char *integrity = stored_condition(&stage, "RepositoryIntegrityVerified");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    json_auto_t *repository = stage_stored(&stage, "repositories");
    cr_assert_str_eq(integrity, "Unknown/RepositoryLocked");
    cr_assert_null(strstr(calls, "forget"), "%s", calls);
    cr_assert_null(jsonx_get(repository, "status", "integrity", NULL));
}
