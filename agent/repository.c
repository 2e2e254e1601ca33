#include "repository.h"

#include <string.h>
#include <unistd.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/spawn.h"

int repository_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err)
{
    /* What is not noted here may cost a snapshot or keep a lock: an API server that is away is waited for. */
    const struct session_status status = {
        .kube = session->kube,
        .resource = kind_resource(KIND_REPOSITORY),
        .namespace = jsonx_namespace(session->repository),
        .name = jsonx_name(session->repository),
        .patience_ms = STATUS_PATIENCE_MS,
        .stops = true,
    };
    json_t *stored = NULL;
    int r = session_store(&status, edit, ctx, &stored, err);

    if (r < 0)
        return error_wrap(err, "storing the status of repository %s",
                          jsonx_name(session->repository));
    json_decref(session->repository);
    session->repository = stored;
    return 0;
}

static bool edit_incomplete(void *ctx, json_t *object)
{
    return repository_edit_incomplete(object, ctx);
}

int repository_note_incomplete(struct session *session, const json_t *ids, struct error *err)
{
    json_auto_t *seen = session->repository ? json_copy(session->repository) : NULL;

    if (!session->name || !seen || !repository_edit_incomplete(seen, ids))
        return 0;
    return repository_update(session, edit_incomplete, jsonx_unconst(ids), err);
}

static bool edit_stored(void *ctx, json_t *object)
{
    (void)ctx;
    return repository_edit_stored(object, clock_now());
}

int repository_note_stored(struct session *session, struct error *err)
{
    if (!session->name || !session->repository ||
        jsonx_str(session->repository, "status", "firstBackupTime", NULL))
        return 0;
    return repository_update(session, edit_stored, NULL, err);
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

int repository_note(struct session *session, const char *id, struct error *err)
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
