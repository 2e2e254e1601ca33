/* repository_job.c - a short Job beside a Repository, so that its Secret never leaves the cluster. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/backend.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/spawn.h"
#include "stash/text.h"

#define NOBODY       65534
#define KEPT_S       300 /* the Job goes by itself when whoever made it could not remove it */
#define HELD_S       86400
#define LOOK_MS      500
#define LOG_MAX      (16 * LIMIT_MIB)
#define CONTAINER    "stash"
#define SECRET_WAIT  "5000" /* ms: a Secret that is not there is told of, not waited for */
#define REMOVE_GRACE 1

struct repository_job_flags repository_job_flags = {.timeout = INT64_C(300000000000)};

static int64_t timeout_s(void)
{
    return repository_job_flags.timeout / 1000000000;
}

/* A container that is held open ends by itself when nobody uses it; this is for one that is stuck. */
static int64_t deadline_s(const struct repository_job *job)
{
    return job->holds ? HELD_S : timeout_s() + KEPT_S;
}

/* ---- which image -------------------------------------------------------------------------------------------------- */

static bool is_trigger(void *ctx, const json_t *cron_job)
{
    const json_t *pod =
        jsonx_get(cron_job, "spec", "jobTemplate", "spec", "template", "spec", NULL);
    const json_t *container = json_array_get(jsonx_get(pod, "containers", NULL), 0);
    json_t **found = ctx;

    if (!*found && text_is(jsonx_str(container, "name", NULL), CONTAINER_TRIGGER))
        *found = json_pack("{s:s*, s:O*}", "image", jsonx_str(container, "image", NULL),
                           "imagePullSecrets", jsonx_get(pod, "imagePullSecrets", NULL));
    return false;
}

/* The product's image, as this namespace runs it already: that of a CronJob of a BackupConfiguration; else that of the
 * Function update-status, which only those may read who see the whole cluster. */
static int find_image(const struct repository_job *job, json_t **ret, struct error *err)
{
    const struct call *call = job->call;
    json_auto_t *found = NULL;
    json_auto_t *none = NULL;
    json_auto_t *function = NULL;
    struct kube_selector selector = {.keep = is_trigger, .ctx = &found};

    if (repository_job_flags.image) {
        *ret = json_pack("{s:s}", "image", repository_job_flags.image);
        return 0;
    }
    int r = kube_list(call->kube, kind_resource(KIND_CRON_JOB), jsonx_namespace(job->repository),
                      &selector, &none, err);
    if (r == 0 && !found &&
        kube_get(call->kube, kind_resource(KIND_FUNCTION), NULL, "update-status", &function, err) ==
            0)
        found = json_pack("{s:s*}", "image", jsonx_str(function, "spec", "image", NULL));
    if (r == 0 && !jsonx_str(found, "image", NULL))
        r = error_set(err, ERR_INVALID,
                      "no BackupConfiguration of namespace %s tells which image to run: name it "
                      "with --image",
                      jsonx_namespace(job->repository));
    if (r == 0)
        *ret = TAKE(found);
    return r;
}

/* ---- the Job ------------------------------------------------------------------------------------------------------ */

static void add_arg(json_t *args, const char *flag, const char *value)
{
    if (value && *value)
        json_array_append_new(args, json_sprintf("--%s=%s", flag, value));
}

static void add_backend(json_t *args, const struct backend *backend)
{
    add_arg(args, "provider", backend->provider->name);
    add_arg(args, "bucket", backend->container);
    add_arg(args, "endpoint", backend->endpoint);
    add_arg(args, "region", backend->region);
    add_arg(args, "path", backend->prefix);
    add_arg(args, "storage-secret-name", backend->secret);
    if (backend->max_connections > 0)
        json_array_append_new(
            args, json_sprintf("--max-connections=%lld", (long long)backend->max_connections));
    if (backend->insecure_tls)
        json_array_append_new(args, json_string("--insecure-tls=true"));
}

static json_t *args_of(const struct repository_job *job, const struct backend *backend)
{
    json_t *args = json_pack("[s]", job->command);

    add_backend(args, backend);
    json_array_extend(args, jsonx_unconst(job->args));
    return args;
}

int repository_job_flags_of(const json_t *repository, json_t *args, struct error *err)
{
    struct backend backend = {0};
    int r = backend_decode(repository, &backend, err);

    if (r == 0)
        add_backend(args, &backend);
    return r;
}

static json_t *container_of(const struct repository_job *job, const struct backend *backend,
                            const json_t *image)
{
    json_t *secret_path = json_sprintf(PATH_STORAGE "/%s", backend->secret);

    return json_pack(
        "{s:s, s:O, s:s, s:o, s:[{s:s, s:s}],"
        " s:{s:b, s:b, s:b, s:i, s:{s:[s]}, s:{s:s}}, s:[{s:s, s:s}, {s:s, s:o, s:b}]}",
        PAIR("name", CONTAINER), PAIR("image", json_object_get(image, "image")),
        PAIR("imagePullPolicy", "IfNotPresent"), PAIR("args", args_of(job, backend)),
        PAIR("env", PAIR("name", "STASH_SECRET_PATIENCE_MS"), PAIR("value", SECRET_WAIT)),
        PAIR("securityContext", PAIR("allowPrivilegeEscalation", 0),
             PAIR("readOnlyRootFilesystem", 1), PAIR("runAsNonRoot", 1), PAIR("runAsUser", NOBODY),
             PAIR("capabilities", PAIR("drop", "ALL")),
             PAIR("seccompProfile", PAIR("type", "RuntimeDefault"))),
        PAIR("volumeMounts", PAIR("name", VOLUME_TMP), PAIR("mountPath", PATH_TMP),
             PAIR("name", VOLUME_STORAGE), PAIR("mountPath", secret_path), PAIR("readOnly", 1)));
}

/* The Repository's own volume: what is left of spec.backend.local without the places it is mounted at. */
static void add_local(const struct repository_job *job, const struct backend *backend,
                      json_t *volumes, json_t *container)
{
    if (!backend->local)
        return;
    json_t *volume = json_copy(jsonx_unconst(backend->local));
    json_object_set_new(volume, "name", json_string(VOLUME_LOCAL));
    json_object_del(volume, "mountPath");
    json_object_del(volume, "subPath");
    json_array_append_new(volumes, volume);
    json_array_append_new(json_object_get(container, "volumeMounts"),
                          json_pack("{s:s, s:s*, s:s*, s:b}", PAIR("name", VOLUME_LOCAL),
                                    PAIR("mountPath", jsonx_str(backend->local, "mountPath", NULL)),
                                    PAIR("subPath", jsonx_str(backend->local, "subPath", NULL)),
                                    PAIR("readOnly", !job->writes)));
}

static int build_job(const struct repository_job *job, const json_t *image, json_t **ret,
                     struct error *err)
{
    struct backend backend = {0};
    int r = backend_decode(job->repository, &backend, err);

    if (r == 0 && !*backend.secret)
        r = error_set(err, ERR_INVALID, "spec.backend.storageSecretName is missing");
    if (r < 0)
        return error_wrap(err, "repository %s/%s", jsonx_namespace(job->repository),
                          jsonx_name(job->repository));
    json_t *container = container_of(job, &backend, image);
    json_t *volumes =
        json_pack("[{s:s, s:{}}, {s:s, s:{s:s, s:b}}]", PAIR("name", VOLUME_TMP), "emptyDir",
                  PAIR("name", VOLUME_STORAGE),
                  PAIR("secret", PAIR("secretName", backend.secret), PAIR("optional", 1)));
    add_local(job, &backend, volumes, container);
    *ret = json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:i, s:i, s:I, s:{s:{s:s, s:b, s:s*, s:O*, s:[o], "
        "s:o}}}}",
        PAIR("apiVersion", "batch/v1"), PAIR("kind", "Job"),
        PAIR("metadata", PAIR("generateName", job->prefix),
             PAIR("namespace", jsonx_namespace(job->repository)),
             PAIR("labels", PAIR(LABEL_MANAGED_BY, STASH_GROUP))),
        PAIR("spec", PAIR("backoffLimit", 0), PAIR("ttlSecondsAfterFinished", KEPT_S),
             PAIR("activeDeadlineSeconds", (json_int_t)deadline_s(job)),
             PAIR("template",
                  PAIR("spec", PAIR("restartPolicy", "Never"),
                       PAIR("automountServiceAccountToken", 0),
                       PAIR("serviceAccountName", repository_job_flags.service_account),
                       PAIR("imagePullSecrets", jsonx_get(image, "imagePullSecrets", NULL)),
                       PAIR("containers", container), PAIR("volumes", volumes)))));
    return 0;
}

/* ---- its run ------------------------------------------------------------------------------------------------------ */

/* Its only pod; NULL while there is none. */
static int find_pod(const struct repository_job *job, const char *name, json_t **ret,
                    struct error *err)
{
    AUTO(mem_free) char *label = xasprintf("job-name=%s", name);
    struct kube_selector selector = {.label = label};
    json_auto_t *pods = NULL;
    int r = kube_list(job->call->kube, kind_resource(KIND_POD), jsonx_namespace(job->repository),
                      &selector, &pods, err);

    if (r == 0)
        *ret = json_incref(json_array_get(pods, 0));
    return r;
}

static bool has_ended(const json_t *pod)
{
    static const char *const ends[] = {"Succeeded", "Failed", NULL};

    return text_is_one_of(text_or_empty(jsonx_str(pod, "status", "phase", NULL)), ends);
}

/* Why it does not begin: what its container waits for, or what keeps it from a node. */
static const char *waits_for(const json_t *pod)
{
    const json_t *statuses = jsonx_get(pod, "status", "containerStatuses", NULL);
    const json_t *conditions = jsonx_get(pod, "status", "conditions", NULL);
    ptrdiff_t scheduled = jsonx_find(conditions, "type", "PodScheduled");
    const char *reason = jsonx_str(json_array_get(statuses, 0), "state", "waiting", "reason", NULL);

    if (reason)
        return reason;
    return scheduled < 0
               ? NULL
               : jsonx_str(json_array_get(conditions, (size_t)scheduled), "message", NULL);
}

static bool runs(const json_t *pod)
{
    return text_is(jsonx_str(pod, "status", "phase", NULL), "Running");
}

static int wait_for_pod(const struct repository_job *job, const char *name, json_t **ret,
                        struct error *err)
{
    int64_t end = clock_mono_ms() + timeout_s() * 1000;

    for (;;) {
        json_auto_t *pod = NULL;
        int r = find_pod(job, name, &pod, err);
        if (r < 0)
            return r;
        if (has_ended(pod) || (job->holds && runs(pod))) {
            *ret = TAKE(pod);
            return 0;
        }
        if (clock_mono_ms() >= end) {
            const char *why = pod ? waits_for(pod) : "it has no pod: is it refused?";
            return error_set(err, ERR_TIMEOUT, "Job %s has not %s in time%s%s", name,
                             job->holds ? "begun" : "ended", why ? ": " : "", text_or_empty(why));
        }
        spawn_sleep_ms(LOOK_MS);
    }
}

static int use_pod(const struct repository_job *job, const char *name, repository_pod_fn use,
                   void *ctx, struct error *err)
{
    json_auto_t *pod = NULL;
    int r = wait_for_pod(job, name, &pod, err);

    if (r < 0)
        return r;
    const struct repository_pod used = {
        job, {jsonx_namespace(job->repository), jsonx_name(pod), CONTAINER}, has_ended(pod)};
    return use(&used, ctx, err);
}

static int read_pod(const struct repository_pod *pod, void *ctx, struct error *err)
{
    return kube_log(pod->job->call->kube, &pod->container, LOG_MAX, ctx, err);
}

static int run_and_remove(const struct repository_job *job, repository_pod_fn use, void *ctx,
                          struct error *err)
{
    const struct kube_delete options = {.grace_seconds = REMOVE_GRACE};
    json_auto_t *image = NULL;
    json_auto_t *draft = NULL;
    json_auto_t *made = NULL;
    struct error unremoved;
    int r = job_rights_check(job->call, jsonx_namespace(job->repository), job->holds, err);

    if (r == 0)
        r = find_image(job, &image, err);
    if (r == 0)
        r = build_job(job, image, &draft, err);
    if (r == 0)
        r = kube_create(job->call->kube, kind_resource(KIND_JOB), draft, NULL, &made, err);
    if (r < 0)
        return r;
    r = use_pod(job, jsonx_name(made), use, ctx, err);
    if (kube_delete(job->call->kube, kind_resource(KIND_JOB), jsonx_namespace(made),
                    jsonx_name(made), &options, &unremoved) < 0)
        print_note("warning: %s; it goes by itself after %d s", unremoved.msg, KEPT_S);
    return r;
}

/* ---- its answers -------------------------------------------------------------------------------------------------- */

/* A line of the log that is one of its answers; NULL: something else stands there. */
static json_t *read_line(const char *line)
{
    json_t *answer = NULL;
    struct error ignored;

    if (*line != '{' || jsonx_parse(line, strlen(line), &answer, &ignored) < 0)
        return NULL;
    return answer;
}

/* What the line adds to the answer. An error of the Job's is ours. */
static int take_line(const struct repository_job *job, const json_t *line,
                     struct repository_answer *answer, struct error *err)
{
    const char *namespace = jsonx_namespace(job->repository), *name = jsonx_name(job->repository);
    const char *error = jsonx_str(line, "error", NULL);
    const char *unread = jsonx_str(line, "unread", NULL);

    if (error)
        return error_set(err, ERR_SYSTEM, "repository %s/%s: %s", namespace, name, error);
    if (unread) {
        answer->is_partial = true;
        print_note("repository %s/%s: not all can be read: %s", namespace, name, unread);
    }
    answer->count = jsonx_int(line, answer->count, "count", NULL);
    answer->shown = jsonx_int(line, answer->shown, "shown", NULL);
    if (!jsonx_str(line, "id", NULL) && !jsonx_str(line, "path", NULL))
        return 0;
    json_t *row = json_copy(jsonx_unconst(line));
    json_object_set_new(row, "repository", json_string(name));
    json_object_set_new(row, "namespace", json_string(namespace));
    json_array_append_new(answer->rows, row);
    return 0;
}

/* A node that keeps less of a log than the Job may print has lost its beginning. */
static bool is_whole(const struct repository_answer *answer, json_int_t most)
{
    json_int_t have = (json_int_t)json_array_size(answer->rows);

    if (answer->shown >= 0)
        return have == answer->shown;
    return answer->count >= 0 && (have >= answer->count || have >= most);
}

/* Only whole when the last line says how many there are. */
static int read_log(const struct repository_job *job, char *log, json_int_t most,
                    struct repository_answer *ret, struct error *err)
{
    char *rest = NULL;
    int r = 0;

    for (char *line = strtok_r(log, "\n", &rest); line && r == 0;
         line = strtok_r(NULL, "\n", &rest)) {
        json_auto_t *answer = read_line(line);
        r = take_line(job, answer, ret, err);
    }
    if (r == 0 && ret->shown >= 0 && !is_whole(ret, most))
        return error_set(err, ERR_LIMIT,
                         "repository %s/%s: of the %lld lines that the Job printed its node has "
                         "kept %zu: ask for fewer with --limit",
                         jsonx_namespace(job->repository), jsonx_name(job->repository),
                         (long long)ret->shown, json_array_size(ret->rows));
    if (r == 0 && !is_whole(ret, most))
        r = error_set(
            err, ERR_LIMIT,
            "repository %s/%s: the Job's answer is not whole; is its image of this version?",
            jsonx_namespace(job->repository), jsonx_name(job->repository));
    return r;
}

void repository_answer_done(struct repository_answer *answer)
{
    json_decref(answer->rows);
}

int repository_job_run(const struct repository_job *job, json_int_t most,
                       struct repository_answer *ret, struct error *err)
{
    AUTO(mem_free) char *log = NULL;
    int r = run_and_remove(job, read_pod, &log, err);

    *ret = (struct repository_answer){json_array(), -1, -1, false};
    return r < 0 ? r : read_log(job, log, most, ret, err);
}

struct held {
    repository_pod_fn use;
    void *ctx;
};

/* One that has ended could not begin; its log says why. */
static int use_held(const struct repository_pod *pod, void *ctx, struct error *err)
{
    const struct held *held = ctx;
    AUTO(mem_free) char *log = NULL;
    AUTO(repository_answer_done)
    struct repository_answer answer = {json_array(), -1, -1, false};

    if (!pod->has_ended)
        return held->use(pod, held->ctx, err);
    int r = read_pod(pod, &log, err);
    return r < 0 ? r : read_log(pod->job, log, INT64_MAX, &answer, err);
}

int repository_job_hold(const struct repository_job *job, repository_pod_fn use, void *ctx,
                        struct error *err)
{
    struct held held = {use, ctx};

    return run_and_remove(job, use_held, &held, err);
}
