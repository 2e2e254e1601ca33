#include "job.h"

#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "incomplete.h"
#include "repository.h"
#include "source.h"
#include "stash/appbinding.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/report.h"
#include "store.h"
#include "turn.h"

static void job_done(struct job *job)
{
    session_done(&job->session);
    restic_done(&job->restic);
    json_decref(job->secret);
    json_decref(job->app);
    json_decref(job->app_secret);
    json_decref(job->snapshots);
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
    return appbinding_secret(job->app, secrets, &job->app_secret, err);
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

static int open_repository(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    const struct restic_place place = {&job->backend, job->secret, flags->scratch_dir,
                                       flags->enable_cache};

    job->backend.provider = or_empty(flags->provider);
    job->backend.container = or_empty(flags->bucket);
    job->backend.prefix = or_empty(flags->path);
    job->backend.endpoint = or_empty(flags->endpoint);
    job->backend.region = or_empty(flags->region);
    job->backend.max_connections = flags->max_connections;
    job->backend.insecure_tls = flags->insecure_tls;
    return restic_open(&place, &job->restic, err);
}

static int open_job(struct job *job, struct error *err)
{
    const struct agent_flags *flags = job->flags;
    int r = 0;

    if (!flags->provider || !flags->secret_name)
        return error_set(err, ERR_INVALID, "--provider and --storage-secret-name are needed");
    if (job->session.name)
        r = session_load(&job->session, err);
    if (r == 0)
        r = read_secret(job->session.kube,
                        flags->secret_namespace ? flags->secret_namespace : flags->namespace,
                        flags->secret_name, &job->secret, err);
    if (r == 0)
        r = open_app(job, err);
    if (r == 0)
        r = open_repository(job, err);
    if (r < 0)
        return r;
    job->restic.on_locked = turn_on_locked;
    job->restic.locked_ctx = &job->session;
    return job->session.restore ? repository_register(&job->session, err) : 0;
}

/* ---- reporting --------------------------------------------------------------------------------- */

static json_t *target_ref(const struct agent_flags *flags, const char *kind)
{
    bool app = flags->appbinding != NULL;
    const char *namespace = app ? flags->appbinding_namespace : flags->target_namespace;

    return json_pack("{s:s, s:s, s:s, s:s}", "apiVersion",
                     app ? kind_api_version(KIND_APP_BINDING) : "v1", "kind",
                     !app && flags->target_kind ? flags->target_kind : kind, "namespace",
                     namespace ? namespace : flags->namespace, "name",
                     app ? flags->appbinding : or_empty(flags->target_name));
}

/* Whatever user the next container runs as must be able to read the file and to replace it. */
static int write_output(const struct agent_flags *flags, const json_t *ref, json_t *stat,
                        struct error *err)
{
    json_auto_t *stats = json_pack("[o]", stat);
    json_auto_t *output = report_output(ref, stats);
    AUTO(mem_free) char *text = jsonx_dump_pretty(output);
    AUTO(mem_free) char *path = xasprintf("%s/" REPORT_OUTPUT_FILE, flags->output_dir);
    int r = folder_make(flags->output_dir, 0777, err);

    if (r == 0) {
        chmod(flags->output_dir, 0777);
        r = file_write(path, text, strlen(text), 0666, err);
    }
    return r < 0 ? error_wrap(err, "writing %s", path) : 0;
}

/* Functions tell a restoring step nothing of its RestoreSession; the Job template tells every container. */
static const char *session_name(const struct agent_flags *flags, bool restore)
{
    static const char prefix[] = "RestoreSession/";
    const char *session = getenv("STASH_SESSION");

    if (!restore)
        return flags->backupsession;
    return session && strncmp(session, prefix, strlen(prefix)) == 0 ? strrchr(session, '/') + 1
                                                                    : NULL;
}

int job_run(struct kube *kube, const struct agent_flags *flags, const char *kind, bool restore,
            job_fn work, struct error *err)
{
    AUTO(job_done) struct job job = {.flags = flags, .snapshots = json_array()};
    int64_t start = clock_mono_ms();
    struct error why;
    json_t *stat;
    int r;

    if (!flags->output_dir)
        return error_set(err, ERR_INVALID, "--output-dir is needed: the result is told there");
    job.host = flags->hostname ? flags->hostname : DEFAULT_HOST;
    job.session = (struct session){.kube = kube,
                                   .namespace = flags->namespace,
                                   .name = session_name(flags, restore),
                                   .restore = restore,
                                   .ref = target_ref(flags, kind)};
    r = open_job(&job, &why);
    if (r == 0)
        r = work(&job, &why);
    if (r == 0)
        stat = report_succeeded(job.host, (clock_mono_ms() - start) * 1000000,
                                restore ? NULL : job.snapshots);
    else
        stat = report_failed(job.host, why.msg);
    incomplete_report(&job.session, stat);
    if (r == 0)
        log_info(restore ? "restored" : "backed up", "host", job.host);
    else
        log_error(restore ? "restore failed" : "backup failed", "host", job.host, "error", why.msg);
    return write_output(flags, job.session.ref, stat, err);
}

/* ---- what the work is made of ------------------------------------------------------------------ */

int job_ensure_repository(struct job *job, struct error *err)
{
    return repository_ensure(&job->session, &job->restic, err);
}

int job_store(struct job *job, const char *path, struct error *err)
{
    AUTO(argv_done) struct argv exclude = {0};
    AUTO(argv_done) struct argv args = {0};
    const struct restic_backup backup = {path, job->host, &exclude, &args, {0}};

    argv_add_list(&exclude, NULL, job->flags->exclude);
    if (!job->app) /* else they are the database client's */
        argv_add_words(&args, job->flags->args);
    return store_path(&job->session, &job->restic, &backup, job->snapshots, err);
}

const char *job_source_host(const struct agent_flags *flags)
{
    return flags->source_hostname ? flags->source_hostname : flags->hostname;
}

static int fetch(struct job *job, const char *id, const char *path, struct error *err)
{
    const struct restic_restore restore = {
        .snapshot = id, .subfolder = path, .target = job->flags->interim_dir};
    uint64_t files = 0;
    int r;

    if (!path)
        return error_set(err, ERR_INVALID, "snapshot %.8s holds several paths: it is no dump", id);
    log_info("fetching a dump", "snapshot", id, "path", path);
    r = restic_restore(&job->restic, &restore, &files, err);
    if (r == 0 && files == 0)
        return error_set(err, ERR_NOT_FOUND, "snapshot %.8s holds no file: it is no dump", id);
    return r;
}

static int fetch_latest(struct job *job, const struct holdings *holdings, struct error *err)
{
    struct holdings_wish wish = source_wish(&job->session);
    const struct holding *found = NULL;
    int r;

    wish.host = job_source_host(job->flags);
    wish.path = job->flags->interim_dir;
    wish.dump = true;
    r = holdings_choose(holdings, &wish, &found, err);
    return r < 0 ? r : fetch(job, found->newest, found->path, err);
}

static int fetch_id(struct job *job, const struct holdings *holdings, const char *id,
                    struct error *err)
{
    const struct holdings_wanted *found = NULL;
    int r;

    if (strcmp(id, "latest") == 0)
        return fetch_latest(job, holdings, err);
    r = holdings_found(holdings, id, &found, err);
    return r < 0 ? r : fetch(job, found->id, found->path, err);
}

int job_fetch_dump(struct job *job, struct error *err)
{
    AUTO(argv_done) struct argv ids = {0};
    AUTO(holdings_done) struct holdings holdings = {0};
    int r = folder_clear(job->flags->interim_dir, 0770, err);

    argv_add_list(&ids, NULL, job->flags->snapshots);
    if (r == 0)
        r = source_look(&job->session, &job->restic, &ids, &holdings, err);
    if (r == 0 && ids.count == 0)
        r = fetch_latest(job, &holdings, err);
    for (size_t i = 0; r == 0 && i < ids.count; i++)
        r = fetch_id(job, &holdings, ids.items[i], err);
    if (r < 0)
        return error_wrap(err, "fetching the dump");
    return source_begin_writing(&job->session, err);
}
