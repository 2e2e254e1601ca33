/*
 * sidecar_pod.h - our container in a pod of a target: the sidecar of a backup, the init container of a restore.
 */
#ifndef STASH_PLAN_SIDECAR_POD_H
#define STASH_PLAN_SIDECAR_POD_H

#include <jansson.h>
#include <stdbool.h>

struct sidecar_model {
    const char *container;
    const char *what; /* for people */
};

/** What our container is in the pods of this invoker's targets. Static. */
const struct sidecar_model *sidecar_model_of(const json_t *invoker);

/** The container's status; NULL: there is none yet. Borrowed. */
const json_t *sidecar_status(const json_t *pod, const struct sidecar_model *model);

bool sidecar_is_injected(const json_t *pod, const struct sidecar_model *model);

/** Its container runs and the pod is to stay. */
bool sidecar_is_at_work(const json_t *pod, const struct sidecar_model *model);

/** The host as which the pod reports for member `index`. Heap string; NULL when its name or node does not say. */
char *sidecar_host(const json_t *invoker, size_t index, const json_t *pod);

#endif
