#include "session.h"

#include <string.h>

#include "secret.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/report.h"
#include "stash/spawn.h"

void session_done(struct session *session)
{
    if (session->keeper)
        session->give_back(session);
    free(session->target);
    free(session->invoker_name);
    free(session->cluster);
    json_decref(session->ref);
    json_decref(session->object);
    json_decref(session->invoker);
    json_decref(session->repository);
    json_decref(session->opened);
    json_decref(session->incomplete);
    json_decref(session->warnings);
    *session = (struct session){0};
}

static const struct resource *session_resource(const struct session *session)
{
    return kind_resource(session->restore ? KIND_RESTORE_SESSION : KIND_BACKUP_SESSION);
}

int session_reload(struct session *session, struct error *err)
{
    json_t *object = NULL;
    int r = kube_get(session->kube, session_resource(session), session->namespace, session->name,
                     &object, err);

    if (r < 0)
        return r;
    json_decref(session->object);
    session->object = object;
    return 0;
}

static int load_invoker(struct session *session, struct error *err)
{
    const char *kind = jsonx_str(session->object, "spec", "invoker", "kind", NULL);
    const char *name = jsonx_str(session->object, "spec", "invoker", "name", NULL);

    if (session->restore) {
        session->invoker = json_incref(session->object);
        return 0;
    }
    if (!name || !kind || kind_by_name(kind) == KIND_UNKNOWN)
        return error_set(err, ERR_INVALID, "BackupSession %s names no invoker", session->name);
    return kube_get(session->kube, kind_resource(kind_by_name(kind)), session->namespace, name,
                    &session->invoker, err);
}

/* The target as the invoker spells it (with its apiVersion), if it is there. */
static void complete_ref(struct session *session)
{
    const json_t *ref = jsonx_get(session->invoker, "spec", "target", "ref", NULL);

    if (ref && report_same_target(ref, session->ref, session->namespace))
        json_object_set(session->ref, "apiVersion", json_object_get(ref, "apiVersion"));
}

static void name_owner(struct session *session)
{
    const char *namespace = jsonx_str(session->ref, "namespace", NULL);
    const char *cluster = jsonx_str(session->object, "status", "cluster", NULL);

    free(session->target);
    free(session->invoker_name);
    free(session->cluster);
    session->cluster = cluster ? xstrdup(cluster) : NULL;
    session->target = owner_name(jsonx_str(session->ref, "kind", NULL),
                                 namespace && *namespace ? namespace : session->namespace,
                                 jsonx_str(session->ref, "name", NULL));
    session->invoker_name =
        owner_name(jsonx_str(session->invoker, "kind", NULL), jsonx_namespace(session->invoker),
                   jsonx_name(session->invoker));
}

struct owner session_owner(const struct session *session)
{
    return (struct owner){
        .cluster = session->cluster,
        .target = session->target,
        .invoker = session->invoker_name,
    };
}

int session_load(struct session *session, struct error *err)
{
    const char *name, *namespace;
    int r = session_reload(session, err);

    if (r == 0)
        r = load_invoker(session, err);
    if (r < 0)
        return error_wrap(err, "reading session %s", session->name);
    complete_ref(session);
    name_owner(session);
    name = jsonx_str(session->invoker, "spec", "repository", "name", NULL);
    namespace = jsonx_str(session->invoker, "spec", "repository", "namespace", NULL);
    if (!name)
        return error_set(err, ERR_INVALID, "%s names no repository", jsonx_name(session->invoker));
    r = kube_get(session->kube, kind_resource(KIND_REPOSITORY),
                 namespace && *namespace ? namespace : session->namespace, name,
                 &session->repository, err);
    if (r == -ERR_NOT_FOUND)
        return 0; /* whoever needs it says so, and that is reported in the session */
    return r < 0 ? error_wrap(err, "reading repository %s", name) : 0;
}

/* ---- writing ----------------------------------------------------------------------------------- */

int session_write(const struct session *session, kube_edit_fn edit, void *ctx, struct error *err)
{
    return kube_update(session->kube, session_resource(session), session->namespace, session->name,
                       "status", edit, ctx, NULL, err);
}

int session_store(const struct session_status *status, kube_edit_fn edit, void *ctx, json_t **ret,
                  struct error *err)
{
    int64_t end = clock_mono_ms() + status->patience_ms;
    int64_t pause = 500;

    for (;;) {
        int r = kube_update(status->kube, status->resource, status->namespace, status->name,
                            "status", edit, ctx, ret, err);

        if (r == 0 || !error_retriable(err) || clock_mono_ms() + pause > end ||
            (status->stops && spawn_is_cancelled()))
            return r;
        if (status->stops)
            spawn_sleep_ms(pause);
        else
            clock_sleep_ms(pause);
        pause = pause < 15000 ? pause * 2 : pause;
    }
}

int session_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err)
{
    const struct session_status status = {
        .kube = session->kube,
        .resource = session_resource(session),
        .namespace = session->namespace,
        .name = session->name,
        .patience_ms = session->patience_ms ? session->patience_ms : STATUS_PATIENCE_MS,
    };
    json_t *stored = NULL;
    int r = session_store(&status, edit, ctx, &stored, err);

    if (r < 0)
        return error_wrap(err, "storing the status of %s", session->name);
    json_decref(session->object);
    session->object = stored;
    return 0;
}

static bool edit_condition(void *ctx, json_t *object)
{
    return condition_edit(object, ctx, clock_now());
}

int session_set_condition(struct session *session, const struct condition *condition,
                          struct error *err)
{
    struct condition copy = *condition;

    return session_update(session, edit_condition, &copy, err);
}

int session_open_restic(struct session *session, const struct agent_flags *flags,
                        struct backend *backend, json_t **ret_secret, struct restic *ret,
                        struct error *err)
{
    const char *namespace = jsonx_namespace(session->repository);
    struct restic_place place = {backend, NULL, flags->scratch_dir, flags->enable_cache};
    int r;

    if (!session->repository)
        return error_set(err, ERR_INVALID, "repository %s does not exist",
                         jsonx_str(session->invoker, "spec", "repository", "name", NULL));
    json_decref(session->opened);
    session->opened = json_incref(session->repository);
    r = backend_decode(session->opened, backend, err);
    const struct secret_place secret = {session->kube, session->namespace, namespace,
                                        backend->secret};
    if (r == 0)
        r = secret_read(&secret, ret_secret, err);
    place.secret = *ret_secret;
    if (r == 0)
        r = restic_open(&place, ret, err);
    return r;
}
