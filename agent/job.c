#include "job.h"

#include <string.h>

#include "backup_path.h"
#include "folder.h"
#include "output.h"
#include "repository_ensure.h"
#include "secret.h"
#include "source.h"
#include "stash/appbinding.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/report.h"
#include "stash/text.h"
#include "turn.h"

static void job_done(struct job *job)
{
    session_done(&job->session);
    restic_done(&job->restic);
    json_decref(job->secret);
    json_decref(job->app);
    json_decref(job->app_secret);
    json_decref(job->app_tls_secret);
    json_decref(job->snapshots);
    json_decref(job->warnings);
}
DEFINE_AUTO_VALUE(struct job, job_done);

/* ---- opening ----------------------------------------------------------------------------------- */

static int read_secret(struct kube *kube, const char *namespace, const char *name, json_t **ret,
                       struct error *err)
{
    int r = kube_get(kube, kind_resource(KIND_SECRET), namespace, name, ret, err);

    return r < 0 ? error_wrap(err, "reading secret %s/%s", namespace, name) : 0;
}

static int open_app(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    const char *namespace =
        flags->appbinding_namespace ? flags->appbinding_namespace : flags->namespace;
    json_auto_t *names = NULL;
    json_auto_t *secrets = json_object();
    size_t i;
    json_t *name;
    int r;

    if (!flags->appbinding)
        return 0;
    r = kube_get(job->session.kube, kind_resource(KIND_APP_BINDING), namespace, flags->appbinding,
                 &job->app, err);
    if (r < 0)
        return error_wrap(err, "reading AppBinding %s/%s", namespace, flags->appbinding);
    names = appbinding_secret_names(job->app);
    json_array_foreach (names, i, name) {
        json_t *secret = NULL;

        r = read_secret(job->session.kube, namespace, json_string_value(name), &secret, err);
        if (r < 0)
            return r;
        json_object_set_new(secrets, json_string_value(name), secret);
    }
    job->app_tls_secret =
        json_incref(json_object_get(secrets, text_or_empty(appbinding_tls_secret_name(job->app))));
    return appbinding_secret(job->app, secrets, &job->app_secret, err);
}

void job_backend(const struct agent_flags *flags, struct backend *ret)
{
    ret->provider = provider_find(flags->provider);
    ret->container = text_or_empty(flags->bucket);
    ret->prefix = text_or_empty(flags->path);
    ret->endpoint = text_or_empty(flags->endpoint);
    ret->region = text_or_empty(flags->region);
    ret->max_connections = flags->max_connections;
    ret->insecure_tls = flags->insecure_tls;
}

int job_check_flags(const struct agent_flags *flags, struct error *err)
{
    if (!flags->provider || !flags->secret_name)
        return error_set(err, ERR_INVALID, "--provider and --storage-secret-name are needed");
    if (!provider_find(flags->provider))
        return error_set(err, ERR_INVALID, "--provider=%s: no such provider; write " PROVIDER_NAMES,
                         flags->provider);
    return 0;
}

static int open_repository(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    const struct restic_place place = {&job->backend, job->secret, flags->scratch_dir,
                                       flags->enable_cache};

    job_backend(flags, &job->backend);
    return restic_open(&place, &job->restic, err);
}

static int open_job(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    int r = job_check_flags(flags, err);

    if (r == 0 && job->session.name)
        r = session_load(&job->session, err);
    const struct secret_place secret = {
        job->session.kube, flags->namespace,
        flags->secret_namespace ? flags->secret_namespace : flags->namespace, flags->secret_name};
    if (r == 0)
        r = secret_read(&secret, &job->secret, err);
    if (r == 0)
        r = open_app(job, err);
    if (r == 0)
        r = open_repository(job, err);
    if (r < 0)
        return r;
    job->restic.on_locked = turn_on_locked;
    job->restic.locked_ctx = &job->session;
    return job->session.restore ? repository_recognize(&job->session, &job->restic, err) : 0;
}

/* ---- reporting --------------------------------------------------------------------------------- */

static json_t *target_ref(const struct agent_flags *flags, const char *kind)
{
    bool app = flags->appbinding != NULL;
    const char *namespace = app ? flags->appbinding_namespace : flags->target_namespace;

    return json_pack("{s:s, s:s, s:s*, s:s}",
                     PAIR("apiVersion", app ? kind_api_version(KIND_APP_BINDING) : "v1"),
                     PAIR("kind", !app && flags->target_kind ? flags->target_kind : kind),
                     PAIR("namespace", namespace ? namespace : flags->namespace),
                     PAIR("name", app ? flags->appbinding : text_or_empty(flags->target_name)));
}

/* The Job template tells every container its session: "Kind/namespace/name". By hand there is none. */
static const char *session_of_pod(bool restore)
{
    const char *kind = restore ? "RestoreSession/" : "BackupSession/";
    const char *session = getenv("STASH_SESSION");

    return session && strncmp(session, kind, strlen(kind)) == 0 ? strrchr(session, '/') + 1 : NULL;
}

/* Functions tell a restoring step nothing of its RestoreSession. */
static const char *session_name(const struct agent_flags *flags, bool restore)
{
    return restore ? session_of_pod(restore) : flags->backupsession;
}

static json_t *job_stat(const struct job *job, bool failed, int64_t start, const char *why)
{
    json_t *stat = failed ? report_failed(job->host, why)
                          : report_succeeded(job->host, (clock_mono_ms() - start) * 1000000,
                                             job->session.restore ? NULL : job->snapshots);

    report_warn(stat, job->warnings);
    report_incomplete(stat, job->session.incomplete);
    return stat;
}

int job_run(struct kube *kube, const struct agent_flags *flags, const char *kind, bool restore,
            job_fn work, struct error *err)
{
    AUTO(job_done)
    struct job job = {.flags = flags, .snapshots = json_array(), .warnings = json_array()};
    int64_t start = clock_mono_ms();
    struct error why;
    int r;

    if (!flags->output_dir)
        return error_set(err, ERR_INVALID, "--output-dir is needed: the result is told there");
    job.host = flags->hostname ? flags->hostname : DEFAULT_HOST;
    job.session = (struct session){.kube = kube,
                                   .namespace = flags->namespace,
                                   .name = session_name(flags, restore),
                                   .restore = restore,
                                   .ref = target_ref(flags, kind)};
    const char *told = job.session.name ? job.session.name : session_of_pod(restore);
    struct output *output = output_begin(flags->output_dir, told, job.session.ref, job.host);
    r = flags->refused ? error_set(&why, ERR_INVALID, "%s", flags->refused) : open_job(&job, &why);
    if (r == 0)
        r = work(&job, &why);
    source_warn_unlocked(&job.session, &job.restic);
    json_array_extend(job.warnings, job.session.warnings);
    json_auto_t *stat = job_stat(&job, r < 0, start, r < 0 ? why.msg : NULL);
    if (r == 0)
        log_info(restore ? "restored" : "backed up", "host", job.host);
    else
        log_error(restore ? "restore failed" : "backup failed", "host", job.host, "error", why.msg);
    return output_end(output, stat, err);
}

/* ---- what the work is made of ------------------------------------------------------------------ */

int job_ensure_repository(struct job *job, struct error *err)
{
    return repository_ensure(&job->session, &job->restic, err);
}

int job_store(struct job *job, const char *path, struct error *err)
{
    const struct restic_backup backup = {.path = path,
                                         .host = job->host,
                                         .exclude = job->flags->exclude,
                                         .args = job->app ? NULL : job->flags->args};

    return backup_path(&job->session, &job->restic, &backup, job->snapshots, job->warnings, err);
}

const char *job_source_host(const struct agent_flags *flags)
{
    return flags->source_hostname ? flags->source_hostname : flags->hostname;
}

static int job_fetch(struct job *job, const struct source_snapshot *snapshot, struct error *err)
{
    const struct restic_restore restore = {
        .snapshot = snapshot->id, .subfolder = snapshot->path, .target = job->flags->interim_dir};
    uint64_t files = 0;
    int r;

    if (!snapshot->path)
        return error_set(err, ERR_INVALID, "snapshot %.8s holds several paths: it is no dump",
                         snapshot->id);
    log_info("fetching a dump", "snapshot", snapshot->id, "path", snapshot->path);
    r = restic_restore(&job->restic, &restore, &files, err);
    if (r == 0 && (files == 0 || snapshot->empty))
        return error_set(err, ERR_NOT_FOUND,
                         "nothing was restored: snapshot %.8s is empty (the server had nothing "
                         "when it was made)",
                         snapshot->id);
    return r;
}

int job_fetch_dump(struct job *job, struct error *err)
{
    AUTO(source_done) struct source source = {0};
    const char *const paths[] = {job->flags->interim_dir, NULL};
    const struct source_wish wish = {.snapshots = job->flags->snapshots,
                                     .host = job_source_host(job->flags),
                                     .paths = paths,
                                     .dump = true};
    int r = folder_clear(job->flags->interim_dir, 0770, err);

    if (r == 0)
        r = source_choose_dump(&job->session, &job->restic, &wish, &source, err);
    if (r == 0)
        r = job_fetch(job, &source.items[0], err);
    if (r < 0)
        return error_wrap(err, "fetching the dump");
    return source_begin_writing(&job->session, err);
}
