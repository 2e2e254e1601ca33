/*
 * template.h - marks that tie a pod to the controller which made it, read on pods and written on trial pods.
 */
#ifndef INJECTOR_TEMPLATE_H
#define INJECTOR_TEMPLATE_H

#include <jansson.h>

#define LABEL_TEMPLATE_HASH "pod-template-hash"
#define LABEL_DC_DEPLOYER   "openshift.io/deployer-pod-for.name"
#define ANNOTATION_DC       "openshift.io/deployment-config.name"

/* The object's pod template: of a workload, or in a CronJob's template of Jobs; NULL when it has none. Borrowed. */
const json_t *template_find(const json_t *workload);

/* The same in a copy of the object, owned for editing. */
json_t *template_own(json_t *copy);

#endif
