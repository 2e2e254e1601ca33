/*
 * pod_template.h - the pod of a Job or CronJob around its containers: settings, placement, security.
 */
#ifndef STASH_PLAN_POD_TEMPLATE_H
#define STASH_PLAN_POD_TEMPLATE_H

#include <jansson.h>

struct pod_request {
    const json_t *config;
    const json_t *invoker;
    const json_t *settings; /* runtimeSettings.pod, or NULL */
    const char *service_account;
};

/** {metadata: {labels, annotations}, spec: {…}} without containers and volumes; owned by the caller. */
json_t *pod_template_new(const struct pod_request *request);

/** Keep an owned pod spec on one node: the one where a ReadWriteOnce volume is mounted already. */
void pod_template_pin(json_t *spec, const char *node);

#endif
