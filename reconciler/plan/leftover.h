/*
 * leftover.h - what the upstream operator wrote into workload templates, recognised and taken out once.
 */
#ifndef STASH_PLAN_LEFTOVER_H
#define STASH_PLAN_LEFTOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "draft.h"

/**
 * If the workload of target `index` carries what upstream injected, patch it out (the workload then replaces its pods,
 * and the new ones come as this product makes them). Recognised by upstream's annotations together with the image and
 * arguments of the container, never by a name alone. False when there is nothing of the kind.
 */
bool leftover_remove(struct draft *draft, size_t index);

#endif
