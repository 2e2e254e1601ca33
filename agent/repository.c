#include "repository.h"

#include <string.h>
#include <unistd.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/spawn.h"
#include "turn.h"

#define UPDATE_PATIENCE_MS (10 * 60 * 1000)

/* What is not noted here may cost a snapshot or keep a lock: an API server that is away is waited for. */
static int update_patiently(const struct session *session, kube_edit_fn edit, void *ctx,
                            json_t **ret, struct error *err)
{
    int64_t end = clock_mono_ms() + UPDATE_PATIENCE_MS;
    int64_t pause = 500;

    for (;;) {
        int r = kube_update(session->kube, kind_resource(KIND_REPOSITORY),
                            jsonx_namespace(session->repository), jsonx_name(session->repository),
                            "status", edit, ctx, ret, err);

        if (r == 0 || !error_retriable(err) || spawn_is_cancelled() ||
            clock_mono_ms() + pause > end)
            return r;
        spawn_sleep_ms(pause);
        pause = pause < 15000 ? pause * 2 : pause;
    }
}

int repository_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err)
{
    json_t *stored = NULL;
    int r = update_patiently(session, edit, ctx, &stored, err);

    if (r < 0)
        return error_wrap(err, "storing the status of repository %s",
                          jsonx_name(session->repository));
    json_decref(session->repository);
    session->repository = stored;
    return 0;
}

/* ---- who works there ------------------------------------------------------------------------------- */

/* Ids and names come from the environment that the Job template and the injector give each container. */
struct self {
    struct executor_identity who;
    char hostname[256];
    char *session;
};

static void self_done(struct self *self)
{
    free(self->session);
}
DEFINE_AUTO_VALUE(struct self, self_done);

static bool self_init(const struct session *session, struct self *self)
{
    const char *pod = getenv("POD_NAME"), *uid = getenv("POD_UID");
    const char *container = getenv("STASH_CONTAINER");

    if (!session->name || !session->repository || !pod || !uid || !container ||
        gethostname(self->hostname, sizeof(self->hostname) - 1) < 0)
        return false;
    self->session = owner_name(session->restore ? "RestoreSession" : "BackupSession",
                               session->namespace, session->name);
    self->who = (struct executor_identity){
        session->namespace, pod, uid, container, self->hostname, self->session,
    };
    return true;
}

struct repository_note {
    const struct executor_identity *who; /* NULL: not to be noted */
    const char *id;                      /* of the restic repository; NULL: it is not known here */
};

static bool edit_note(void *ctx, json_t *object)
{
    const struct repository_note *note = ctx;
    bool changed = false;

    if (note->who)
        changed = repository_edit_executor(object, note->who, clock_now());
    if (note->id)
        changed = repository_edit_identity(object, note->id) || changed;
    return changed;
}

static int repository_note(struct session *session, const char *id, struct error *err)
{
    AUTO(self_done) struct self self = {0};
    struct repository_note note = {.id = id};

    if (!session->name || !session->repository)
        return 0;
    if (self_init(session, &self))
        note.who = &self.who;
    return repository_update(session, edit_note, &note, err);
}

int repository_register(struct session *session, struct error *err)
{
    return repository_note(session, NULL, err);
}

static bool edit_ended(void *ctx, json_t *object)
{
    return repository_edit_executor_ended(object, ctx, clock_now());
}

void repository_unregister(struct session *session)
{
    AUTO(self_done) struct self self = {0};
    struct error err;

    if (self_init(session, &self) && repository_update(session, edit_ended, &self.who, &err) < 0)
        log_warn("the end of this executor was not noted", "error", err.msg);
}

/* ---- that it exists ---------------------------------------------------------------------------------- */

static int say_initialized(struct session *session, const struct error *why, struct error *err)
{
    const struct condition condition = {
        CONDITION_INITIALIZED,
        why ? "False" : "True",
        why ? "FailedToInitializeBackendRepository" : "BackendRepositoryFound",
        why ? why->msg : "the repository exists in the backend",
    };
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);

    if (!session->name || session->restore ||
        (!why && condition_is_true(conditions, CONDITION_INITIALIZED)))
        return 0;
    return session_set_condition(session, &condition, err);
}

static bool is_missing(int r, const struct error *err)
{
    return r == -ERR_NOT_FOUND && err->code == RESTIC_EXIT_NO_REPOSITORY;
}

/* Somebody else may have made it while the turn was waited for. */
static int make_in_turn(struct session *session, struct restic *restic, char ret_id[RESTIC_ID_SIZE],
                        struct error *err)
{
    int r = repository_accept(session->repository, NULL, err);

    if (r == 0)
        r = turn_take(session, turn_patience_ms(), err);
    if (r < 0)
        return r;
    r = restic_probe(restic, ret_id, err);
    if (is_missing(r, err)) {
        r = restic_init(restic, err);
        if (r == 0)
            r = restic_probe(restic, ret_id, err);
    }
    turn_give_back(session);
    return r;
}

int repository_ensure(struct session *session, struct restic *restic, struct error *err)
{
    char id[RESTIC_ID_SIZE] = "";
    struct error unsaid;
    int r = restic_probe(restic, id, err);

    if (is_missing(r, err))
        r = make_in_turn(session, restic, id, err);
    if (r == 0)
        r = repository_accept(session->repository, id, err);
    if (r == 0)
        r = repository_note(session, id, err);
    if (r < 0) {
        say_initialized(session, err, &unsaid);
        return r;
    }
    return say_initialized(session, NULL, err);
}
