/* post.c - what is done once per session when its last host is safe: retention, check, numbers, metrics. */
#include <stdio.h>
#include <string.h>

#include "session.h"
#include "stash/agent_metrics.h"
#include "stash/appbinding.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/push.h"
#include "stash/report.h"
#include "stash/timefmt.h"

#define METRICS_MAX (256 * LIMIT_KIB)

/* ---- metrics ----------------------------------------------------------------------------------- */

/* The subject's target names are heap strings: an AppBinding stands for the kind of its type. */
struct measured {
    struct metrics_subject subject;
    char *group, *kind;
};

static void measured_done(struct measured *measured)
{
    free(measured->group);
    free(measured->kind);
}
DEFINE_AUTO_VALUE(struct measured, measured_done);

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

/* The group of "apps/v1"; none in "v1". */
static char *api_group(const char *api_version)
{
    const char *slash = strchr(api_version, '/');

    return slash ? xstrndup(api_version, (size_t)(slash - api_version)) : xstrdup("");
}

static void measure_target(const struct session *session, struct measured *ret)
{
    const char *kind = or_empty(jsonx_str(session->ref, "kind", NULL));
    json_auto_t *app = NULL;
    struct error unread;

    if (strcmp(kind, "AppBinding") == 0 &&
        kube_get(session->kube, kind_resource(KIND_APP_BINDING),
                 jsonx_str(session->ref, "namespace", NULL), jsonx_str(session->ref, "name", NULL),
                 &app, &unread) == 0) {
        appbinding_type(app, &ret->group, &ret->kind);
        return;
    }
    ret->kind = xstrdup(kind);
    ret->group = api_group(or_empty(jsonx_str(session->ref, "apiVersion", NULL)));
}

static void measure(const struct session *session, const struct agent_flags *flags,
                    struct measured *ret)
{
    const char *kind = jsonx_str(session->invoker, "kind", NULL);

    measure_target(session, ret);
    ret->subject = (struct metrics_subject){
        .invoker_kind = kind ? kind : or_empty(flags->invoker_kind),
        .invoker_name = or_empty(jsonx_name(session->invoker)),
        .namespace = session->namespace,
        .repository = jsonx_name(session->repository),
        .target_group = ret->group,
        .target_kind = ret->kind,
        .target_name = jsonx_str(session->ref, "name", NULL),
        .extra = flags->metrics_labels,
    };
}

static int push(const struct measured *measured, const struct agent_flags *flags, const char *group,
                const struct buf *text, struct error *err)
{
    const struct metrics_subject *subject = &measured->subject;
    AUTO(mem_free)
    char *job = push_url(flags->pushgateway_url, subject->invoker_kind, subject->namespace,
                         subject->invoker_name);
    AUTO(mem_free) char *url = xasprintf("%s%s", job, group);
    int r = buf_check(text, "metrics", err);

    return r < 0 ? r : push_metrics(url, text->data, err);
}

static bool wants_metrics(const struct agent_flags *flags)
{
    return flags->metrics_enabled && flags->pushgateway_url;
}

static void push_host(const struct session *session, const struct agent_flags *flags,
                      const struct measured *measured, const json_t *stat)
{
    const char *host = or_empty(jsonx_str(stat, "hostname", NULL));
    AUTO(mem_free) char *group = metrics_host_group(&measured->subject, host);
    AUTO(buf_done) struct buf text;
    struct error err;

    buf_init(&text, METRICS_MAX);
    if (session->restore)
        metrics_restore_host(&measured->subject, stat, &text);
    else
        metrics_backup_host(&measured->subject, stat, &text);
    if (push(measured, flags, group, &text, &err) < 0)
        log_warn("host metrics were not pushed", "host", host, "error", err.msg);
}

/* ---- recording hosts --------------------------------------------------------------------------- */

struct hosts_edit {
    const struct session *session;
    const json_t *stats;
};

static bool edit_hosts(void *ctx, json_t *object)
{
    struct hosts_edit *edit = ctx;

    return edit->session->restore ? restore_edit_hosts(object, edit->stats)
                                  : session_edit_hosts(object, edit->session->ref, edit->stats);
}

static void send_event(const struct session *session, const json_t *stat)
{
    const char *what = session->restore ? "Restore" : "Backup";
    bool failed = report_is_failed(stat);
    const char *host = or_empty(jsonx_str(stat, "hostname", NULL));
    AUTO(mem_free) char *reason = xasprintf("Host %s %s", what, failed ? "Failed" : "Succeeded");
    AUTO(mem_free)
    char *message = failed ? xasprintf("%s of host %s failed: %s", what, host,
                                       or_empty(jsonx_str(stat, "error", NULL)))
                           : xasprintf("%s of host %s succeeded", what, host);
    const struct kube_event event = {session->object, "Status Updater", reason, message, failed};
    struct error err;

    if (kube_event(session->kube, &event, &err) < 0)
        log_warn("event was not sent", "reason", reason, "error", err.msg);
}

int session_record_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err)
{
    struct hosts_edit edit = {session, stats};
    AUTO(measured_done) struct measured measured = {0};
    size_t i;
    json_t *stat;
    int r = session_update(session, edit_hosts, &edit, err);

    if (r < 0)
        return r;
    measure(session, flags, &measured);
    json_array_foreach (stats, i, stat) {
        send_event(session, stat);
        if (wants_metrics(flags))
            push_host(session, flags, &measured, stat);
    }
    return 0;
}

/* ---- post-backup actions ----------------------------------------------------------------------- */

struct post {
    struct session *session;
    const struct agent_flags *flags;
    struct restic *restic;
    const struct backend *backend;
    struct repository_facts facts;
    char total_size[FORMAT_SIZE];
    char started[TIMEFMT_SIZE]; /* when the session was created */
    uint64_t bytes;
};

static int apply_retention(struct post *post, char **ret_message, struct error *err)
{
    const json_t *policy = jsonx_get(post->session->invoker, "spec", "retentionPolicy", NULL);
    struct restic_forgotten forgotten = {0};
    int r;

    if (!retention_has_rules(policy)) {
        struct restic_snapshots all = {0};

        *ret_message = xstrdup("the policy has no rule: every snapshot is kept");
        r = restic_snapshots_all(post->restic, &all, err);
        post->facts.snapshot_count = (int64_t)all.count;
        post->facts.counted = r == 0;
        restic_snapshots_done(&all);
        return r;
    }
    r = restic_forget(post->restic, policy, &forgotten, err);
    if (r < 0)
        return r;
    if (jsonx_bool(policy, 0, "dryRun", NULL)) {
        *ret_message = xasprintf("dry run: %llu snapshots would be removed",
                                 (unsigned long long)forgotten.removed);
        forgotten.kept += forgotten.removed;
        forgotten.removed = 0;
    } else {
        *ret_message =
            xasprintf("%llu snapshots kept, %llu removed", (unsigned long long)forgotten.kept,
                      (unsigned long long)forgotten.removed);
    }
    post->facts.counted = true;
    post->facts.snapshot_count = (int64_t)forgotten.kept;
    post->facts.snapshots_removed = (int64_t)forgotten.removed;
    return 0;
}

static bool edit_repository(void *ctx, json_t *object)
{
    return repository_edit(object, ctx);
}

static int store_facts(struct post *post, struct error *err)
{
    const json_t *repository = post->session->repository;
    int r = kube_update(post->session->kube, kind_resource(KIND_REPOSITORY),
                        jsonx_namespace(repository), jsonx_name(repository), "status",
                        edit_repository, &post->facts, NULL, err);

    return r < 0 ? error_wrap(err, "storing the status of repository %s", jsonx_name(repository))
                 : 0;
}

static int verify_integrity(struct post *post, char **ret_message, struct error *err)
{
    struct error unsaid;
    uint64_t errors;
    int r = restic_check(post->restic, &errors, err);

    if (r == 0 && errors > 0) {
        post->facts.counted = false;
        store_facts(post, &unsaid); /* integrity: false; the numbers stay as they were */
        r = error_set(err, ERR_INVALID, "restic check found %llu errors in the repository",
                      (unsigned long long)errors);
    }
    if (r == 0)
        r = restic_stats(post->restic, &post->bytes, err);
    if (r < 0)
        return r;
    post->facts.integrity = true;
    format_bytes(post->bytes, post->total_size);
    *ret_message = xstrdup("restic check found no errors");
    return store_facts(post, err);
}

static int push_repository(struct post *post, char **ret_message, struct error *err)
{
    const struct session *session = post->session;
    const struct metrics_repository numbers = {
        .name = jsonx_name(session->repository),
        .namespace = jsonx_namespace(session->repository),
        .backend = post->backend->provider,
        .bucket = post->backend->container,
        .prefix = post->backend->prefix,
        .integrity = post->facts.integrity,
        .size_bytes = post->bytes,
        .snapshot_count = (uint64_t)post->facts.snapshot_count,
        .snapshots_removed = (uint64_t)post->facts.snapshots_removed,
    };
    AUTO(measured_done) struct measured measured = {0};
    AUTO(buf_done) struct buf text;

    buf_init(&text, METRICS_MAX);
    *ret_message =
        xstrdup(wants_metrics(post->flags) ? "metrics were pushed" : "metrics are switched off");
    if (!wants_metrics(post->flags))
        return 0;
    measure(session, post->flags, &measured);
    metrics_repository(&measured.subject, &numbers, &text);
    return push(&measured, post->flags, "", &text, err);
}

/* In this order; the first failure ends the row, because what follows would tell half a story. */
static const struct action {
    const char *name;
    const char *condition, *reason_true, *reason_false;
    int (*run)(struct post *post, char **ret_message, struct error *err);
} actions[] = {
    {"ApplyRetentionPolicy", CONDITION_RETENTION, "SuccessfullyAppliedRetentionPolicy",
     "FailedToApplyRetentionPolicy", apply_retention},
    {"VerifyRepositoryIntegrity", CONDITION_INTEGRITY, "SuccessfullyVerifiedRepositoryIntegrity",
     "FailedToVerifyRepositoryIntegrity", verify_integrity},
    {"SendRepositoryMetrics", CONDITION_METRICS_PUSHED, "SuccessfullyPushedRepositoryMetrics",
     "FailedToPushRepositoryMetrics", push_repository},
};

/* 0 also when the action failed and that was stored; *ret_failed tells. */
static int run_action(struct post *post, const struct action *action, bool *ret_failed,
                      struct error *err)
{
    AUTO(mem_free) char *message = NULL;
    struct error why;
    int r = action->run(post, &message, &why);
    const struct condition condition = {
        action->condition,
        r == 0 ? "True" : "False",
        r == 0 ? action->reason_true : action->reason_false,
        r == 0 ? message : why.msg,
    };

    *ret_failed = r < 0;
    if (r < 0)
        log_warn("post-backup action failed", "action", action->name, "error", why.msg);
    return session_set_condition(post->session, &condition, err);
}

static bool is_due(const struct session *session, const struct action *action)
{
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);

    return !condition_find(conditions, action->condition) &&
           session_has_action(session->object, session->ref, "postBackupActions", action->name);
}

static int run_actions(struct session *session, const struct agent_flags *flags,
                       struct restic *restic, const struct backend *backend, struct error *err)
{
    struct post post = {session, flags, restic, backend, {0}, "", "", 0};
    bool failed = false;
    int r = 0;

    snprintf(post.started, sizeof(post.started), "%s",
             or_empty(jsonx_str(session->object, "metadata", "creationTimestamp", NULL)));
    post.facts.last_backup_time = post.started;
    post.facts.total_size = post.total_size;
    for (size_t i = 0; r == 0 && !failed && i < ARRAY_LEN(actions); i++)
        if (is_due(session, &actions[i]))
            r = run_action(&post, &actions[i], &failed, err);
    return r;
}

/* The repository could not be opened: that is the failure of the first action that is due. */
static int give_up(struct session *session, const char *why, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (is_due(session, &actions[i])) {
            const struct condition condition = {actions[i].condition, "False",
                                                actions[i].reason_false, why};

            return session_set_condition(session, &condition, err);
        }
    return 0;
}

int session_post_actions(struct session *session, const struct agent_flags *flags,
                         struct error *err)
{
    AUTO(restic_done) struct restic restic = {0};
    json_auto_t *secret = NULL;
    struct backend backend = {0};
    struct error why;

    if (session_open_restic(session, flags, &backend, &secret, &restic, &why) < 0)
        return give_up(session, why.msg, err);
    return run_actions(session, flags, &restic, &backend, err);
}
