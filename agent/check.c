/* check.c - what a check found, when nobody else can have been at work meanwhile. */
#include "check.h"

#include "stash/clock.h"

/* Of the time to tell the session's result, when there is no other. */
#define LOOK_MS 15000

/* A check takes no lock, so it may run beside a prune of somebody's, and find missing what that removed. */
static bool is_locked(struct restic *restic, const struct restic_verdict *verdict)
{
    struct restic_locks locks;
    struct error unread;
    int64_t end = restic->deadline_ms;

    if (verdict->cut)
        restic->deadline_ms = clock_mono_ms() + LOOK_MS;
    bool locked = restic_locks(restic, &locks, &unread) < 0 || locks.count > 0;
    restic->deadline_ms = end;
    return locked;
}

static int check_beside_others(const struct restic_verdict *verdict, const char *who,
                               struct error *err)
{
    return error_set(err, ERR_CONFLICT,
                     "somebody else was at work while the repository was checked: %s; what was "
                     "found says nothing: %s",
                     who, verdict->why.s);
}

/*
 * A lock beside what was found has to go before anything can be said: that of an executor that has ended is removed, as
 * for any command that it stops. Left alone, it would hide damage for ever.
 */
int check_alone(struct restic *restic, struct restic_verdict *ret, struct error *err)
{
    static const struct error locked = {
        .kind = ERR_CONFLICT, .code = RESTIC_EXIT_LOCKED, .msg = "the repository is locked"};
    struct error why = locked;
    int r = restic_check(restic, ret, err);

    if (r < 0 || ret->errors == 0 || !is_locked(restic, ret))
        return r;
    if (ret->cut)
        return error_set(err, ERR_TIMEOUT, "the time was up, and the repository is locked");
    if (restic->on_locked(restic->locked_ctx, restic, &why) < 0)
        return check_beside_others(ret, why.msg, err);
    r = restic_check(restic, ret, err);
    if (r == 0 && ret->errors > 0 && is_locked(restic, ret))
        r = check_beside_others(ret, "it is locked again", err);
    return r;
}
