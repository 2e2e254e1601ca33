/* locks.c - locks that dead pods left behind. A lock's host is the name of the pod that took it. */
#include <string.h>

#include "restic.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/lines.h"

#define LOCKS_MAX (64 * LIMIT_KIB)

/* Whether the pod is certainly not running any more. */
static bool is_gone(const struct restic *restic, const char *pod)
{
    json_auto_t *found = NULL;
    struct error err;
    int r =
        kube_get(restic->kube, kind_resource(KIND_POD), restic->lock_namespace, pod, &found, &err);
    const char *phase = jsonx_str(found, "status", "phase", NULL);

    if (r < 0)
        return r == -ERR_NOT_FOUND;
    return phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
}

struct survey {
    const struct restic *restic;
    size_t dead, alive;
};

static void look_at_lock(void *ctx, const char *id, size_t len)
{
    struct survey *survey = ctx;
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf output;
    struct restic_lock lock;
    struct error err = {0};

    if (len < 8 || strspn(id, "0123456789abcdef") != len)
        return;
    buf_init(&output, LOCKS_MAX);
    restic_args_cat_lock(&survey->restic->options, id, &args);
    if (restic_run(survey->restic, &args, &output, &err) == 0 &&
        restic_out_lock(output.data, output.len, &lock, &err) == 0 &&
        is_gone(survey->restic, lock.host))
        survey->dead++;
    else
        survey->alive++;
}

static int unlock(const struct restic *restic, bool all, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    restic_args_unlock(&restic->options, all, &args);
    return restic_run(restic, &args, NULL, err);
}

/*
 * restic removes by itself what is older than half an hour or was left by a process of this very
 * pod. Beyond that it can only remove all locks at once, so that is done only when every one of
 * them is a dead pod's: a live one's work would be undone.
 */
int restic_clear_locks(const struct restic *restic, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf ids;
    AUTO(lines_done) struct lines lines;
    struct survey survey = {.restic = restic};
    int r = unlock(restic, false, err);

    buf_init(&ids, LOCKS_MAX);
    lines_init(&lines, LOCKS_MAX);
    if (r < 0 || !restic->kube)
        return r;
    restic_args_list_locks(&restic->options, &args);
    r = restic_run(restic, &args, &ids, err);
    if (r == 0)
        r = lines_feed(&lines, ids.data, ids.len, look_at_lock, &survey, err);
    if (r < 0)
        return r;
    lines_end(&lines, look_at_lock, &survey);
    return survey.dead > 0 && survey.alive == 0 ? unlock(restic, true, err) : 0;
}
