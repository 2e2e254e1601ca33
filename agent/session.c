#include "session.h"

#include <string.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/report.h"

#define PATIENCE_MS   (10 * 60 * 1000) /* how long a status is tried while the API server is away */
#define INIT_WAIT_MS  (30 * 60 * 1000) /* for another target to initialise the repository */
#define START_WAIT_MS (2 * 60 * 1000)  /* for the reconciler to record the target */

void session_done(struct session *session)
{
    json_decref(session->ref);
    json_decref(session->object);
    json_decref(session->invoker);
    json_decref(session->repository);
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

int session_load(struct session *session, struct error *err)
{
    const char *name, *namespace;
    int r = session_reload(session, err);

    if (r == 0)
        r = load_invoker(session, err);
    if (r < 0)
        return error_wrap(err, "reading session %s", session->name);
    complete_ref(session);
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

static int update_patiently(const struct session *session, kube_edit_fn edit, void *ctx,
                            json_t **ret, struct error *err)
{
    int64_t end = clock_mono_ms() + (session->patience_ms ? session->patience_ms : PATIENCE_MS);
    int64_t pause = 500;

    for (;;) {
        int r = kube_update(session->kube, session_resource(session), session->namespace,
                            session->name, "status", edit, ctx, ret, err);

        if (r == 0 || !error_retriable(err) || clock_mono_ms() + pause > end)
            return r;
        clock_sleep_ms(pause);
        pause = pause < 15000 ? pause * 2 : pause;
    }
}

int session_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err)
{
    json_t *stored = NULL;
    int r = update_patiently(session, edit, ctx, &stored, err);

    if (r < 0)
        return error_wrap(err, "storing the status of %s", session->name);
    json_decref(session->object);
    session->object = stored;
    return 0;
}

static bool edit_condition(void *ctx, json_t *object)
{
    return session_edit_condition(object, ctx, clock_now());
}

int session_set_condition(struct session *session, const struct condition *condition,
                          struct error *err)
{
    struct condition copy = *condition;

    return session_update(session, edit_condition, &copy, err);
}

void session_guard_locks(const struct session *session, struct restic *restic)
{
    const char *home = jsonx_namespace(session->repository);
    size_t i;
    json_t *reference;

    if (!home || strcmp(home, session->namespace) != 0)
        return;
    json_array_foreach (jsonx_get(session->repository, "status", "references", NULL), i,
                        reference) {
        const char *other = jsonx_str(reference, "namespace", NULL);

        if (other && *other && strcmp(other, home) != 0)
            return;
    }
    restic->kube = session->kube;
    restic->lock_namespace = session->namespace;
}

int session_open_restic(const struct session *session, const struct agent_flags *flags,
                        struct backend *backend, json_t **ret_secret, struct restic *ret,
                        struct error *err)
{
    const char *namespace = jsonx_namespace(session->repository);
    struct restic_place place = {backend, NULL, flags->scratch_dir, flags->enable_cache};
    int r;

    if (!session->repository)
        return error_set(err, ERR_INVALID, "repository %s does not exist",
                         jsonx_str(session->invoker, "spec", "repository", "name", NULL));
    r = backend_decode(session->repository, backend, err);
    if (r == 0)
        r = kube_get(session->kube, kind_resource(KIND_SECRET), namespace, backend->secret,
                     ret_secret, err);
    place.secret = *ret_secret;
    if (r == 0)
        r = restic_open(&place, ret, err);
    if (r == 0)
        session_guard_locks(session, ret);
    return r;
}

/* ---- the repository at the beginning of a backup ------------------------------------------------ */

static int init_and_say_so(struct session *session, struct restic *restic, bool exists,
                           struct error *err)
{
    struct condition done = {CONDITION_INITIALIZED, "True", "BackendRepositoryFound",
                             "the repository exists in the backend"};
    struct condition failed = {CONDITION_INITIALIZED, "False",
                               "FailedToInitializeBackendRepository", err->msg};
    struct error unsaid;
    int r = exists ? 0 : restic_init(restic, err);

    if (r == 0)
        return session_set_condition(session, &done, err);
    session_set_condition(session, &failed, &unsaid);
    return r;
}

/* Whether this target is to initialise (1), may go on (2), or must wait (0); an error ends it. */
static int whose_turn(struct session *session, struct error *err)
{
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);
    const json_t *condition = condition_find(conditions, CONDITION_INITIALIZED);

    if (condition_is_true(conditions, CONDITION_INITIALIZED))
        return 2;
    if (condition_is_false(conditions, CONDITION_INITIALIZED))
        return error_set(err, ERR_NOT_FOUND, "the repository could not be initialised: %s",
                         jsonx_str(condition, "message", NULL));
    return session_has_action(session->object, session->ref, "preBackupActions",
                              "InitializeBackendRepository");
}

/* The repository is not there: initialise it, or wait until the target does whose task it is. */
static int initialise_in_turn(struct session *session, struct restic *restic, struct error *err)
{
    int64_t start = clock_mono_ms();
    int64_t pause = 250;

    for (;;) {
        int turn = whose_turn(session, err);
        bool recorded = report_target_index(session->object, session->ref) >= 0;

        if (turn < 0)
            return turn;
        if (turn == 1)
            return init_and_say_so(session, restic, false, err);
        if (turn == 2)
            return restic_probe(restic, err);
        if (clock_mono_ms() - start > (recorded ? INIT_WAIT_MS : START_WAIT_MS))
            return error_set(err, ERR_TIMEOUT,
                             "waited in vain for the repository to be initialised");
        clock_sleep_ms(pause);
        pause = pause < 4000 ? pause * 2 : 5000;
        turn = session_reload(session, err);
        if (turn < 0 && !error_retriable(err))
            return turn;
    }
}

int session_ensure_repository(struct session *session, struct restic *restic, struct error *err)
{
    struct condition failed = {CONDITION_INITIALIZED, "False",
                               "FailedToInitializeBackendRepository", err->msg};
    struct error unsaid;
    int r = restic_probe(restic, err);

    if (r == -ERR_NOT_FOUND && err->code == RESTIC_EXIT_NO_REPOSITORY)
        return session->name ? initialise_in_turn(session, restic, err) : restic_init(restic, err);
    if (!session->name)
        return r;
    if (r == 0)
        return whose_turn(session, &unsaid) == 1 ? init_and_say_so(session, restic, true, err) : 0;
    if (whose_turn(session, &unsaid) == 1)
        session_set_condition(session, &failed, &unsaid);
    return r;
}
