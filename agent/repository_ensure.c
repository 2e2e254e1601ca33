#include "repository_ensure.h"

#include "repository.h"
#include "stash/jsonx.h"
#include "turn.h"

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
        r = turn_take(session, turn_patience_ms(session), err);
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

int repository_recognize(struct session *session, struct restic *restic, struct error *err)
{
    char id[RESTIC_ID_SIZE] = "";
    struct error gone;
    int r = 0;

    if (session->repository && jsonx_str(session->repository, "status", "repositoryID", NULL))
        r = restic_probe(restic, id, err);
    if (is_missing(r, err) && repository_accept(session->repository, NULL, &gone) < 0)
        *err = gone;
    if (r == 0 && *id)
        r = repository_accept(session->repository, id, err);
    return r < 0 ? r : repository_register(session, err);
}
