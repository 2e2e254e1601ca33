/* What a pod gets: the recipes' containers and volumes, completed for it. */
#include "parts.h"
#include "stash/jsonx.h"

json_t *container_build(const struct site *site, const struct part *part)
{
    json_t *container = json_copy(part->recipe->container);
    json_auto_t *resources = resources_build(site, part);

    if (part->variables)
        json_array_extend(jsonx_own_array(container, "env"), part->variables);
    if (part_kind(part) == PART_BACKUP && part_is_init(site, part))
        json_object_set_new(container, "restartPolicy", json_string("Always"));
    if (json_object_size(resources))
        json_object_set(container, "resources", resources);
    json_object_set(container, "securityContext", part->security);
    return container;
}

void build_add_volumes(json_t *volumes, const struct part parts[PART_COUNT])
{
    json_t *token = NULL;

    for (size_t i = 0; i < PART_COUNT; i++) {
        if (!parts[i].recipe || parts[i].refusal.reason != INJECT_DONE)
            continue;
        json_array_extend(volumes, parts[i].recipe->volumes);
        token = parts[i].recipe->token;
    }
    json_array_append(volumes, token);
}
