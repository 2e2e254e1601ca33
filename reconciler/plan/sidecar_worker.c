#include "sidecar_worker.h"

#include <string.h>

#include "failures.h"
#include "invoker.h"
#include "requirements.h"
#include "sidecar_pod.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/protocol.h"
#include "stash/text.h"

/* A pod that is to end has ended this long after it should have, or its node is gone. */
#define OVERDUE_SECONDS 60

struct choice {
    struct draft *draft;
    const struct executor *executor;
    const struct sidecar_model *model;
    const json_t *pods;
};

static bool has_reported(const struct choice *choice, const json_t *pod)
{
    const struct executor *executor = choice->executor;
    AUTO(mem_free) char *host = sidecar_host(executor->invoker, executor->index, pod);

    return !host || jsonx_find(jsonx_get(executor->holder, "stats", NULL), "hostname", host) >= 0;
}

/* A pod that came later has no part in a backup; one that waits in its init container is let through. */
static bool has_part(const struct choice *choice, const json_t *pod)
{
    const struct executor *executor = choice->executor;
    AUTO(mem_free) char *host = sidecar_host(executor->invoker, executor->index, pod);

    return host &&
           (invoker_is_restore(executor->invoker) || hosts_includes(executor->holder, host));
}

static bool can_begin(const struct choice *choice, const json_t *pod)
{
    return sidecar_is_at_work(pod, choice->model) && !protocol_is_outdated(pod) &&
           !has_reported(choice, pod) && has_part(choice, pod);
}

/* It was told to end and may still be at it: two at once in one volume would be one too many. */
static bool is_ending(const struct choice *choice, const json_t *pod)
{
    int64_t end = failures_time(jsonx_get(pod, "metadata", "deletionTimestamp", NULL));

    return end > 0 && jsonx_get(sidecar_status(pod, choice->model), "state", "running", NULL) &&
           choice->draft->now <= end + OVERDUE_SECONDS;
}

static const json_t *find_present(const struct choice *choice)
{
    const char *uid = jsonx_str(choice->executor->holder, "worker", "uid", NULL);
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(choice->pods), i, pod) {
        if (uid && text_is(jsonx_uid(pod), uid))
            return pod;
    }
    return NULL;
}

static const json_t *find_next(const struct choice *choice)
{
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(choice->pods), i, pod) {
        if (can_begin(choice, pod))
            return pod;
    }
    return NULL;
}

/* Once its pod is overdue, nothing else may wake us. */
static void look_again(const struct choice *choice, const json_t *pod)
{
    int64_t end = failures_time(jsonx_get(pod, "metadata", "deletionTimestamp", NULL));

    draft_requeue(choice->draft, end + OVERDUE_SECONDS - choice->draft->now + 1);
}

void sidecar_worker_choose(struct draft *draft, const struct executor *executor)
{
    json_auto_t *pods = requirements_pods(draft, executor->index);
    const struct choice choice = {draft, executor, sidecar_model_of(executor->invoker), pods};
    const json_t *present = find_present(&choice);

    if (!pods)
        return;
    if (present && !has_reported(&choice, present) && is_ending(&choice, present)) {
        look_again(&choice, present);
        return;
    }
    if (present && can_begin(&choice, present))
        return;
    const json_t *next = find_next(&choice);
    if (next)
        json_object_set_new(
            executor->holder, "worker",
            json_pack("{s:s, s:s?}", "pod", jsonx_name(next), "uid", jsonx_uid(next)));
    else if (!present || has_reported(&choice, present))
        json_object_del(executor->holder, "worker");
}

/* ---- agents from before ------------------------------------------------------------------------------------------- */

static bool is_of(const json_t *row, const json_t *pods)
{
    const char *uid = jsonx_str(row, "uid", NULL);
    size_t i;
    json_t *pod;

    json_array_foreach (jsonx_unconst(pods), i, pod) {
        if (uid && text_is(jsonx_uid(pod), uid))
            return true;
    }
    return false;
}

static const json_t *executors_of(const struct draft *draft)
{
    return jsonx_get(draft->world, "repository", "status", "executors", NULL);
}

bool sidecar_worker_is_old_at_work(const struct draft *draft, const json_t *pods)
{
    const char *turn = jsonx_str(draft->status, "turn", "state", NULL);
    size_t i;
    json_t *row;

    if (text_is(turn, "Granted") || text_is(turn, "Waiting"))
        return true;
    json_array_foreach (jsonx_unconst(executors_of(draft)), i, row) {
        if (!jsonx_get(row, "endedAt", NULL) && is_of(row, pods))
            return true;
    }
    return false;
}

int64_t sidecar_worker_last_end(const struct draft *draft, const json_t *pods)
{
    int64_t last = 0;
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_unconst(executors_of(draft)), i, row) {
        int64_t end = failures_time(jsonx_get(row, "endedAt", NULL));
        if (is_of(row, pods) && end > last)
            last = end;
    }
    return last;
}
