#include "host.h"

#include <string.h>

#include "backup_path.h"
#include "paths.h"
#include "repository.h"
#include "repository_ensure.h"
#include "source.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/pair.h"
#include "stash/quoted.h"
#include "stash/report.h"
#include "stash/spawn.h"
#include "stash/timefmt.h"
#include "stash/workload.h"
#include "turn.h"
#include "volume_paths.h"

#define BEGIN_LOOK_MS 1000 /* between two looks whether a RestoreSession has begun */
#define PATIENCE_MS   ((int64_t)24 * 3600 * 1000) /* a pod outlives its API server's absence */

json_t *host_ref(const struct agent_flags *flags)
{
    return json_pack(
        "{s:s, s:s, s:s}", PAIR("kind", flags->target_kind),
        PAIR("namespace", flags->target_namespace ? flags->target_namespace : flags->namespace),
        PAIR("name", flags->target_name));
}

static struct workload_pod pod_of(const struct host *host)
{
    return (struct workload_pod){
        .kind = host->flags->target_kind, .pod = host->pod, .node = host->node, .uid = host->uid};
}

int host_init(struct host *host, struct kube *kube, const struct agent_flags *flags,
              struct error *err)
{
    *host = (struct host){.kube = kube,
                          .flags = flags,
                          .pod = getenv("POD_NAME"),
                          .node = getenv("NODE_NAME"),
                          .uid = getenv("POD_UID")};
    if (!flags->target_kind || !flags->target_name)
        return error_set(err, ERR_INVALID, "--target-kind and --target-name are needed");
    if (!host->pod)
        return error_set(err, ERR_INVALID, "POD_NAME is not set");
    host->ref = host_ref(flags);
    return 0;
}

bool host_is_turn(const struct host *host, const json_t *session, bool restore)
{
    const struct workload_pod pod = pod_of(host);

    return workload_is_turn(session, restore ? NULL : host->ref, &pod);
}

int host_name(const struct host *host, const json_t *invoker, char **ret, struct error *err)
{
    struct workload_pod pod = pod_of(host);

    if (host->flags->hostname) { /* a Job's pod has a name of its own */
        *ret = xstrdup(host->flags->hostname);
        return 0;
    }
    pod.alias = jsonx_str(invoker, "spec", "target", "alias", NULL);
    return workload_host(&pod, ret, err);
}

/* Everything that one run needs, opened. */
struct run {
    struct session session;
    struct restic restic;
    struct backend backend;
    json_t *secret;
    json_t *warnings;
    char *name; /* of the host */
};

static void run_done(struct run *run)
{
    session_done(&run->session);
    restic_done(&run->restic);
    json_decref(run->secret);
    json_decref(run->warnings);
    free(run->name);
}
DEFINE_AUTO_VALUE(struct run, run_done);

static int open_run(const struct host *host, const char *name, bool restore, struct run *run,
                    struct error *err)
{
    int r;

    run->session = (struct session){.kube = host->kube,
                                    .namespace = host->flags->namespace,
                                    .name = name,
                                    .restore = restore,
                                    .patience_ms = PATIENCE_MS,
                                    .ref = json_copy(host->ref)};
    r = session_load(&run->session, err);
    return r < 0 ? r : host_name(host, run->session.invoker, &run->name, err);
}

/* restic is ended when the session's deadline passes: nobody would take its result. */
static void set_deadline(struct run *run)
{
    const char *text = jsonx_str(run->session.object, "status", "sessionDeadline", NULL);
    int64_t deadline;

    if (text && timefmt_parse(text, &deadline))
        run->restic.deadline_ms = clock_mono_ms() + (deadline - clock_now()) * 1000;
}

static int open_repository(struct run *run, const struct agent_flags *flags, struct error *err)
{
    int r =
        session_open_restic(&run->session, flags, &run->backend, &run->secret, &run->restic, err);

    if (r < 0)
        return r;
    run->restic.on_locked = turn_on_locked;
    run->restic.locked_ctx = &run->session;
    set_deadline(run);
    return 0;
}

/* ---- backup ------------------------------------------------------------------------------------ */

static int store_paths(struct run *run, const json_t *target, json_t *snapshots, struct error *err)
{
    AUTO(mem_free) char *exclude = quoted_join(jsonx_get(target, "exclude", NULL), QUOTED_ITEMS);
    AUTO(mem_free) char *args = quoted_join(jsonx_get(target, "args", NULL), QUOTED_WORDS);
    const json_t *paths = jsonx_get(target, "paths", NULL);
    size_t i;
    json_t *path;

    if (jsonx_is_empty(paths))
        return error_set(err, ERR_INVALID, "spec.target.paths names no folder to back up");
    json_array_foreach (paths, i, path) {
        const struct restic_backup backup = {
            .path = json_string_value(path), .host = run->name, .exclude = exclude, .args = args};
        int r = volume_paths_check_stored(backup.path, err);

        if (r == 0)
            r = backup_path(&run->session, &run->restic, &backup, snapshots, run->warnings, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int host_run_backup(struct run *run, const struct agent_flags *flags, json_t *snapshots,
                           struct error *err)
{
    int r = open_repository(run, flags, err);

    if (r == 0)
        r = repository_ensure(&run->session, &run->restic, err);
    if (r == 0)
        r = store_paths(run, jsonx_get(run->session.invoker, "spec", "target", NULL), snapshots,
                        err);
    return r;
}

int host_backup(const struct host *host, const char *session, bool *ret_worked, struct error *err)
{
    AUTO(run_done) struct run run = {.warnings = json_array()};
    json_auto_t *snapshots = json_array();
    json_auto_t *stats = NULL;
    int64_t start = clock_mono_ms();
    struct error why;
    int r = open_run(host, session, false, &run, err);

    *ret_worked = r < 0;
    if (r < 0)
        return r;
    if (!workload_has_work(run.session.object, host->ref, run.name) ||
        !host_is_turn(host, run.session.object, false))
        return 0;
    *ret_worked = true;
    log_info("backing up", "session", session, "host", run.name);
    r = host_run_backup(&run, host->flags, snapshots, &why);
    repository_unregister(&run.session);
    if (r < 0 && spawn_is_cancelled()) /* the pod ends; whoever takes its place begins again */
        return error_set(err, ERR_TIMEOUT, "told to stop");
    if (r < 0)
        log_error("backup failed", "session", session, "host", run.name, "error", why.msg);
    stats = json_pack(
        "[o]", r < 0 ? report_failed(run.name, why.msg)
                     : report_succeeded(run.name, (clock_mono_ms() - start) * 1000000, snapshots));
    report_warn(json_array_get(stats, 0), run.warnings);
    report_incomplete(json_array_get(stats, 0), run.session.incomplete);
    r = session_finish_hosts(&run.session, host->flags, stats, err);
    if (r == 0)
        log_info("reported", "session", session, "host", run.name);
    return r;
}

/* ---- restore ----------------------------------------------------------------------------------- */

/* Of several hosts, some may be left out; a target that has only one host was to be restored. */
static int without_rule(const struct run *run, const struct agent_flags *flags, struct error *err)
{
    if (!workload_is_serial(flags->target_kind) &&
        json_array_size(jsonx_get(run->session.object, "status", "hosts", NULL)) <= 1)
        return error_set(err, ERR_NOT_FOUND,
                         "nothing to restore: no rule of the RestoreSession is for host %s",
                         run->name);
    log_info("no rule concerns this host: nothing to restore", "host", run->name);
    return 0;
}

static int host_run_restore(struct run *run, const struct agent_flags *flags, struct error *err)
{
    /* the session's object is read again on the way; its invoker, the same RestoreSession, stays */
    const json_t *rule = workload_rule(run->session.invoker, run->name);
    const char *source = jsonx_str(rule, "sourceHost", NULL);
    AUTO(mem_free) char *paths = quoted_join(jsonx_get(rule, "paths", NULL), QUOTED_ITEMS);
    AUTO(mem_free) char *snapshots = quoted_join(jsonx_get(rule, "snapshots", NULL), QUOTED_ITEMS);
    AUTO(mem_free) char *include = quoted_join(jsonx_get(rule, "include", NULL), QUOTED_ITEMS);
    AUTO(mem_free) char *exclude = quoted_join(jsonx_get(rule, "exclude", NULL), QUOTED_ITEMS);
    AUTO(mem_free)
    char *args =
        quoted_join(jsonx_get(run->session.object, "spec", "target", "args", NULL), QUOTED_WORDS);
    const struct paths_restore request = {.session = &run->session,
                                          .host = source && *source ? source : run->name,
                                          .paths = paths,
                                          .snapshots = snapshots,
                                          .include = include,
                                          .exclude = exclude,
                                          .args = args};
    int r;

    if (!rule)
        return without_rule(run, flags, err);
    r = open_repository(run, flags, err);
    if (r == 0)
        r = repository_recognize(&run->session, &run->restic, err);
    return r < 0 ? r : paths_restore(&run->restic, &request, err);
}

static bool has_reported(const struct run *run)
{
    const json_t *stats = jsonx_get(run->session.object, "status", "stats", NULL);
    const char *phase = jsonx_str(run->session.object, "status", "phase", NULL);

    return jsonx_find(stats, "hostname", run->name) >= 0 ||
           (phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0 ||
                      strcmp(phase, "Unknown") == 0));
}

static bool has_begun(const struct run *run)
{
    return jsonx_get(run->session.object, "status", "admittedAt", NULL) ||
           jsonx_get(run->session.object, "status", "totalHosts", NULL);
}

/* A pod may come before its session's turn in the Repository has. */
static int wait_for_beginning(struct run *run, struct error *err)
{
    int r = 0;

    if (!has_begun(run))
        log_info("waiting for the RestoreSession to begin", "session", run->session.name);
    while (r == 0 && !has_begun(run) && !has_reported(run)) {
        if (spawn_is_cancelled())
            return error_set(err, ERR_TIMEOUT, "told to stop");
        spawn_sleep_ms(BEGIN_LOOK_MS);
        r = session_reload(&run->session, err);
    }
    return r;
}

int host_restore(const struct host *host, const char *session, bool *ret_failed, struct error *err)
{
    AUTO(run_done) struct run run = {0};
    json_auto_t *stats = NULL;
    int64_t start = clock_mono_ms();
    struct error why;
    int r = open_run(host, session, true, &run, err);

    *ret_failed = false;
    if (r == 0)
        r = wait_for_beginning(&run, err);
    if (r < 0 || has_reported(&run))
        return r;
    log_info("restoring", "session", session, "host", run.name);
    r = host_run_restore(&run, host->flags, &why);
    source_warn_unlocked(&run.session, &run.restic);
    if (r < 0 && spawn_is_cancelled())
        return error_set(err, ERR_TIMEOUT, "told to stop");
    *ret_failed = r < 0;
    if (r < 0)
        log_error("restore failed", "session", session, "host", run.name, "error", why.msg);
    stats = json_pack(
        "[o]", r < 0 ? report_failed(run.name, why.msg)
                     : report_succeeded(run.name, (clock_mono_ms() - start) * 1000000, NULL));
    report_warn(json_array_get(stats, 0), run.session.warnings);
    return session_record_hosts(&run.session, host->flags, stats, err);
}
