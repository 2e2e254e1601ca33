#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"

enum part_kind part_kind(const struct part *part)
{
    return (enum part_kind)(part->recipe->row - part_rows);
}

/* A container that never ends would keep such a pod from finishing; an init container that restarts (a native sidecar,
 * Kubernetes 1.29) is ended by the kubelet after the others. */
static bool is_to_finish(const json_t *pod)
{
    const char *policy = jsonx_str(pod, "spec", "restartPolicy", NULL);

    return policy && strcmp(policy, "Always") != 0;
}

bool part_is_init(const struct site *site, const struct part *part)
{
    return part_kind(part) == PART_RESTORE || is_to_finish(site->pod);
}

bool part_is_restore(const struct part *part)
{
    return part_kind(part) == PART_RESTORE;
}

void parts_done(struct part parts[PART_COUNT])
{
    for (size_t i = 0; i < PART_COUNT; i++) {
        recipe_unref(parts[i].recipe);
        json_decref(parts[i].security);
        json_decref(parts[i].variables);
        json_decref(parts[i].container);
        free(parts[i].losers);
        parts[i] = (struct part){0};
    }
}
