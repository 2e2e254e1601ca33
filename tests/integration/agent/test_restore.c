/* The init container's work, and when it does it: a Job (--restore-model=job) asks nobody whose turn it is. */
#include <criterion/criterion.h>
#include <string.h>

#include "stage.h"
#include "stash/conditions.h"
#include "stash/jsonx.h"

static void open_pod(struct stage *stage, const char *pod)
{
    stage_open(stage, "restore.yaml");
    setenv("POD_NAME", pod, 1);
    stage->flags.invoker_kind = "RestoreSession";
    stage->flags.invoker_name = "rs";
    stage->flags.target_kind = "StatefulSet";
    stage->flags.target_name = "db";
    stage->flags.restore_model = "job";
    stage_restic(stage, "snapshots",
                 "echo '[{\"id\":\"aaaaaaaaaaaaaaaa\",\"time\":\"2026-01-01T00:00:00Z\","
                 "\"hostname\":\"host-0\",\"paths\":[\"/data\"]},"
                 "{\"id\":\"bbbbbbbbbbbbbbbb\",\"time\":\"2026-01-02T00:00:00Z\","
                 "\"hostname\":\"host-1\",\"paths\":[\"/data\"]}]'\n");
}

/* The entry of a host in what was stored last; NULL when nothing was. */
static json_t *stored_host(const struct stage *stage, const char *host)
{
    json_auto_t *session = stage_stored(stage, "restoresessions");
    const json_t *stats = jsonx_get(session, "status", "stats", NULL);
    ptrdiff_t at = jsonx_find(stats, "hostname", host);

    return at < 0 ? NULL : json_incref(json_array_get(stats, (size_t)at));
}

Test(restore, a_rule_for_the_host_says_whose_snapshot_comes_back)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "restore aaaaaaaaaaaaaaaa:/data --target /data "));
}

/* Its pod has a name that ends in anything. */
Test(restore, a_job_restores_the_host_that_it_is_told)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "stash-restore-rs-0-1-x7k2p");
    stage.flags.hostname = "host-1";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(strstr(calls, "restore aaaaaaaaaaaaaaaa:/data --target /data "));
}

/* With claims of their own, as in a StatefulSet: of several hosts some may be left out, of one not. */
Test(restore, a_job_without_a_rule_has_failed_only_when_it_is_the_only_one)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "stash-restore-claims-0-0-x7k2p");
    stage.flags.target_kind = "PersistentVolumeClaim";
    stage.flags.invoker_name = "claims";
    stage.flags.hostname = "host-0";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-0");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    stage.flags.invoker_name = "rs";
    stage.flags.hostname = "host-0";
    cr_assert_lt(agent_restore(stage.kube, &stage.flags, &err), 0);
    json_auto_t *failed = stored_host(&stage, "host-0");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(failed, "phase", NULL), "Failed");
    cr_assert_str_eq(calls, "");
}

/* The step before was killed, say: that is no other host's failure. */
Test(restore, without_a_result_the_host_of_the_jobs_own_claims_has_failed)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "stash-restore-claims-0-1-x7k2p");
    setenv("POD_ORDINAL", "1", 1);
    stage.flags.invoker_name = "claims";
    stage.flags.backupsession = NULL; /* nothing lies in the output folder */
    cr_assert_eq(agent_update_status(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *failed = stored_host(&stage, "host-1");
    json_auto_t *other = stored_host(&stage, "host-0");
    cr_assert_not_null(strstr(jsonx_str(failed, "error", NULL), "left no result"));
    cr_assert_null(other);
}

#define OF(id, invoker, time)                                                                      \
    "{\"id\":\"" id "\",\"hostname\":\"host-0\",\"paths\":[\"/data\"],\"time\":\"" time            \
    "\",\"tags\":[\"stash-cluster=c1\",\"stash-target=StatefulSet/demo/db\","                      \
    "\"stash-invoker=BackupConfiguration/demo/" invoker "\"]}"

/* One of them may leave out what the other stores. */
Test(restore, that_another_invoker_stores_the_same_is_told)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage_restic(&stage, "snapshots",
                 "echo '[" OF("aaaaaaaaaaaaaaaa", "all", "2026-01-01T00:00:00Z") "," OF(
                     "bbbbbbbbbbbbbbbb", "some", "2026-01-02T00:00:00Z") "]'\n");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    const char *warning = json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0));
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_not_null(warning);
    cr_assert(strstr(warning, "BackupConfiguration/demo/all"), "%s", warning);
}

/* One that stands by has an old one of its own, and what is wanted is the other's. */
Test(restore, that_another_cluster_stores_the_same_is_told)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "early";
    stage_restic(
        &stage, "snapshots",
        "echo '[" OF("aaaaaaaaaaaaaaaa", "db", "2026-01-01T00:00:00Z") "," OF(
            "bbbbbbbbbbbbbbbb", "db", "2026-01-02T00:00:00Z") "]' | "
                                                              "sed 's/cluster=c1/cluster=c2/2'\n");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_not_null(strstr(calls, "restore aaaaaaaaaaaaaaaa:"), "%s", calls);
    cr_assert_str_eq(json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0)),
                     "snapshot aaaaaaaa, the newest of this cluster, is of "
                     "BackupConfiguration/demo/db; BackupConfiguration/demo/db of another cluster "
                     "stores /data of host host-0 too: if that is meant, list the id of its "
                     "snapshot (the newest is bbbbbbbb, of 2026-01-02T00:00:00Z) in the rule's "
                     "snapshots");
}

/* The key of the storage may only read. */
Test(restore, from_a_storage_that_takes_no_lock_the_data_comes_with_a_warning)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage_restic(&stage, "restore",
                 "case \" $* \" in\n"
                 "*' --no-lock '*) echo '{\"message_type\":\"summary\",\"total_files\":1}' ;;\n"
                 "*) echo 'Fatal: unable to create lock in backend: Access Denied' >&2; exit 1 ;;\n"
                 "esac\n");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_str_eq(json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0)),
                     "the storage takes no lock of restic's: it was read without one");
}

/* Somebody asked for it by its id; what it lacks he may not know. */
Test(restore, that_a_snapshot_lacks_files_is_told)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "by-id";
    stage_restic(
        &stage, "snapshots",
        "echo '[{\"id\":\"cccccccccccccccc\",\"hostname\":\"host-0\",\"paths\":[\"/data\"],"
        "\"time\":\"2026-01-01T00:00:00Z\",\"tags\":[\"stash-cluster=c1\","
        "\"stash-incomplete=StatefulSet/demo/db\","
        "\"stash-invoker=BackupConfiguration/demo/db\"]}]'\n");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_str_eq(json_string_value(json_array_get(jsonx_get(stat, "warnings", NULL), 0)),
                     "snapshot cccccccc lacks files that could not be read when it was made");
}

Test(restore, before_the_first_file_is_written_the_session_says_so)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage_restic(&stage, "restore", "kill -9 $$\n");
    cr_assert_lt(agent_restore(stage.kube, &stage.flags, &err), 0);
    json_auto_t *requests = fake_requests(stage.fake);
    size_t i;
    json_t *request;
    bool said = false;

    json_array_foreach (requests, i, request) {
        json_auto_t *body = stage_body(request);

        said = said ||
               condition_is_true(jsonx_get(body, "status", "conditions", NULL), "TargetModified");
    }
    cr_assert(said);
}

Test(restore, a_failure_is_reported_and_ends_the_container_with_an_error)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage_restic(&stage, "restore", "echo 'Fatal: no space left on device' >&2\nexit 1\n");
    cr_assert_lt(agent_restore(stage.kube, &stage.flags, &err), 0);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), "no space left on device"));
}

Test(restore, a_host_without_a_rule_has_nothing_to_restore)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-0");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-0");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    cr_assert_str_eq(calls, "");
}

Test(restore, a_host_that_has_reported_starts_its_application)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-2");
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(stage.fake, "PUT", "restoresessions"), 0);
}

Test(restore, a_session_that_is_gone_keeps_no_pod_from_starting)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "gone";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(calls, "");
}

Test(restore, a_pod_that_comes_before_its_sessions_turn_waits_for_it)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "early";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(stage.fake, "GET", "restoresessions/early") >= 4, true);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
}

Test(restore, a_missing_repository_is_the_hosts_failure_and_not_a_missing_session)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "lost";
    cr_assert_lt(agent_restore(stage.kube, &stage.flags, &err), 0);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "error", NULL), "repository nowhere does not exist");
}

/* Its snapshots may be anybody's, of the same names. */
static void expect_refused(const char *config, const char *why)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    stage.flags.invoker_name = "replaced";
    stage_restic(&stage, "cat-config", config);
    cr_assert_lt(agent_restore(stage.kube, &stage.flags, &err), 0);
    json_auto_t *stat = stored_host(&stage, "host-1");
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(jsonx_str(stat, "error", NULL), why));
    cr_assert_null(strstr(calls, "restore "), "%s", calls);
}

Test(restore, another_repository_in_the_place_of_the_one_that_was_is_refused)
{
    expect_refused("echo '{\"version\": 2, \"id\": \"c0ffee00c0ffee00\"}'\n",
                   "the backend holds another restic repository (id c0ffee00) than before");
    expect_refused("exit 10\n", "has vanished from the backend");
}

Test(restore, a_pod_waits_for_its_turn_and_asks_nobody_when_it_is_started_again)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-1");
    setenv("POD_UID", "uid-of-db-1", 1);
    stage.flags.restore_model = "init";
    stage.flags.invoker_name = "turns";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    json_auto_t *stat = stored_host(&stage, "host-1");
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded");
    size_t asked = fake_count(stage.fake, "GET", "restoresessions");
    cr_assert_geq(asked, 3);
    cr_assert_eq(fake_count(stage.fake, "GET", "leases"), 0);
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    cr_assert_eq(fake_count(stage.fake, "GET", "restoresessions"), asked);
}

Test(restore, a_pod_whose_host_was_restored_in_another_pod_does_not_wait)
{
    AUTO(stage_done) struct stage stage;
    struct error err;

    open_pod(&stage, "db-2");
    stage.flags.restore_model = "init";
    cr_assert_eq(agent_restore(stage.kube, &stage.flags, &err), 0, "%s", err.msg);
    AUTO(mem_free) char *calls = stage_calls(&stage);
    cr_assert_str_eq(calls, "");
}
