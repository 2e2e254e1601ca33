/*
 * The container as it would be, in this very pod: what the API server holds against the two together, while either alone
 * is fine. And what the kubelet would wait for.
 */
#include <string.h>

#include "parts.h"
#include "stash/amount.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* How long a pod may take to end when nobody says more. */
#define GRACE_SECONDS 30

static const char *const container_lists[] = {"containers", "initContainers"};

/* ---- claims ---- */

static bool claims_fit(const struct site *site, struct part *part)
{
    const json_t *have = jsonx_get(site->pod, "spec", "resourceClaims", NULL);
    const json_t *claims = jsonx_get(part->container, "resources", "claims", NULL);

    for (size_t i = 0; i < json_array_size(claims); i++) {
        const char *name = jsonx_str(json_array_get(claims, i), "name", NULL);
        if (jsonx_find(have, "name", name ? name : "") < 0)
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "resources.claims[%zu]: the pod has no resourceClaim \"%.60s\"", i,
                                 name);
    }
    return true;
}

/* ---- resources of the pod as a whole ---- */

/* In thousandths. The API server fills requests from limits. */
static int64_t requested_amount(const json_t *container, const char *name)
{
    const json_t *resources = jsonx_get(container, "resources", NULL);
    const json_t *request = jsonx_get(resources, "requests", name, NULL);
    int64_t millis = 0;

    if (!request)
        request = jsonx_get(resources, "limits", name, NULL);
    if (request && !amount_millis(request, &millis))
        return INT64_MAX;
    return millis;
}

static int64_t sum_of(int64_t one, int64_t other)
{
    int64_t sum;

    return __builtin_add_overflow(one, other, &sum) ? INT64_MAX : sum;
}

static bool runs_on(const json_t *container)
{
    return text_is(jsonx_str(container, "restartPolicy", NULL), "Always");
}

/* Of the init containers in their order: those that run on add up, each of the others comes on top of those before it. */
struct inits {
    int64_t running, most;
};

static void init_add(struct inits *inits, const json_t *container, const char *name)
{
    int64_t alone = requested_amount(container, name);

    if (runs_on(container)) {
        inits->running = sum_of(inits->running, alone);
        alone = 0;
    }
    int64_t now = sum_of(inits->running, alone);
    inits->most = now > inits->most ? now : inits->most;
}

/* What all containers of the pod request together, with ours. */
static int64_t requested_in_all(const struct site *site, const struct part *part, const char *name)
{
    const json_t *containers = jsonx_get(site->pod, "spec", "containers", NULL);
    const json_t *init = jsonx_get(site->pod, "spec", "initContainers", NULL);
    size_t before = part_is_restore(part) ? mesh_restore_index(init) : json_array_size(init);
    bool is_init = part_is_init(site, part);
    int64_t sum = is_init ? 0 : requested_amount(part->container, name);
    struct inits inits = {0, 0};

    for (size_t i = 0; i < json_array_size(containers); i++)
        sum = sum_of(sum, requested_amount(json_array_get(containers, i), name));
    for (size_t i = 0; i <= json_array_size(init); i++) {
        if (is_init && i == before)
            init_add(&inits, part->container, name);
        if (i < json_array_size(init))
            init_add(&inits, json_array_get(init, i), name);
    }
    sum = sum_of(sum, inits.running);
    return sum > inits.most ? sum : inits.most;
}

/* One side of the pod's own resources: what our container asks for has to go into it, with the others' or alone. */
static bool side_fits(const struct site *site, struct part *part, const char *side)
{
    const json_t *whole = jsonx_get(site->pod, "spec", "resources", side, NULL), *value;
    const char *name;
    int64_t room;
    int order;

    jsonx_foreach_member (whole, name, value) {
        const json_t *limit = jsonx_get(part->container, "resources", "limits", name, NULL);
        if (requested_amount(part->container, name) > 0 && amount_millis(value, &room) &&
            requested_in_all(site, part, name) > room)
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "resources: the pod as a whole has no room for this much %.40s",
                                 name);
        if (strcmp(side, "limits") == 0 && limit && amount_compare(limit, value, &order) &&
            order > 0)
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "resources.limits[%.40s] is above that of the pod as a whole",
                                 name);
    }
    return true;
}

static bool resources_fit(const struct site *site, struct part *part)
{
    return side_fits(site, part, "requests") && side_fits(site, part, "limits");
}

/* ---- the rest ---- */

static bool hooks_fit(const struct site *site, struct part *part)
{
    static const char *const hooks[] = {"postStart", "preStop"};
    json_int_t grace =
        jsonx_int(site->pod, GRACE_SECONDS, "spec", "terminationGracePeriodSeconds", NULL);

    for (size_t i = 0; i < ARRAY_LEN(hooks); i++)
        if (jsonx_int(part->container, 0, "lifecycle", hooks[i], "sleep", "seconds", NULL) > grace)
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "lifecycle.%s.sleep: the pod has %d seconds to end", hooks[i],
                                 (int)grace);
    return true;
}

static bool proc_mount_fits(const struct site *site, struct part *part)
{
    const char *kind = jsonx_str(part->container, "securityContext", "procMount", NULL);

    if (text_is(kind, "Unmasked") &&
        !json_is_false(jsonx_get(site->pod, "spec", "hostUsers", NULL)))
        return recipe_refuse(
            &part->refusal, INJECT_INVALID,
            "securityContext.procMount: Unmasked needs a pod with hostUsers: false");
    return true;
}

static bool has_container(const json_t *pod, const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(container_lists); i++)
        if (jsonx_find(jsonx_get(pod, "spec", container_lists[i], NULL), "name", name) >= 0)
            return true;
    return false;
}

/* The kubelet does not start a container that asks for the resources of one that is not there. */
static bool variables_fit(const struct site *site, struct part *part)
{
    const json_t *env = jsonx_get(part->container, "env", NULL);

    for (size_t i = 0; i < json_array_size(env); i++) {
        const json_t *item = json_array_get(env, i);
        const char *of = jsonx_str(item, "valueFrom", "resourceFieldRef", "containerName", NULL);
        if (of && *of && strcmp(of, part->recipe->row->container) != 0 &&
            !has_container(site->pod, of))
            return recipe_refuse(&part->refusal, INJECT_INVALID,
                                 "env %.40s: the pod has no container \"%.60s\"",
                                 jsonx_str(item, "name", NULL), of);
    }
    return true;
}

bool fit_check(const struct site *site, struct part *part)
{
    return claims_fit(site, part) && resources_fit(site, part) && hooks_fit(site, part) &&
           proc_mount_fits(site, part) && variables_fit(site, part);
}
