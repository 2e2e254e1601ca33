/* The kinds that the scripts speak of. */
#ifndef TEST_KUBE_RESOURCES_H
#define TEST_KUBE_RESOURCES_H

#include "stash/resource.h"

static const struct resource pods = {"Pod", "", "v1", "pods", true};

#endif
