/*
 * Requests and limits of our container, chosen so that the pod's QoS class stays what it is and a
 * ResourceQuota that lets the pod's own containers in lets ours in too.
 *
 * BestEffort pods get nothing: any request would make them Burstable, and a quota on requests would
 * have refused them already. See docs/decisions.
 */
#include <string.h>

#include "parts.h"
#include "stash/amount.h"
#include "stash/jsonx.h"

#define STORAGE "ephemeral-storage"

static const struct resource_row {
    const char *name;
    bool for_qos; /* counts for the QoS class; requested whenever the pod requests anything */
    const char *request; /* the sidecar idles; restic's bursts are best effort */
    const char *limit;   /* only where every container of the pod has one */
    const char *equal;   /* request and limit in a Guaranteed pod */
} resource_rows[] = {
    {"cpu", true, "10m", "1", "100m"},
    {"memory", true, "32Mi", "512Mi", "256Mi"},
    {STORAGE, false, "64Mi", "10Gi", NULL}, /* restic's cache grows with the repository */
};

/* LimitRanger's mark on pods that it completed. */
#define ANNOTATION_LIMIT_RANGER "kubernetes.io/limit-ranger"

static const char *const container_lists[] = {"containers", "initContainers"};

static const json_t *amount_of(const json_t *container, const char *side, const char *name)
{
    return jsonx_get(container, "resources", side, name, NULL);
}

/* The API server fills requests from limits; offline documents may not have been through it. */
static const json_t *amount_requested(const json_t *container, const char *name)
{
    const json_t *request = amount_of(container, "requests", name);

    return request ? request : amount_of(container, "limits", name);
}

/* Amounts of zero do not count for the QoS class. */
static bool is_guaranteed(const json_t *container)
{
    for (size_t i = 0; i < ARRAY_LEN(resource_rows) && resource_rows[i].for_qos; i++) {
        const char *name = resource_rows[i].name;
        const json_t *limit = amount_of(container, "limits", name);
        int order;
        if (!amount_is_positive(limit) ||
            !amount_compare(limit, amount_requested(container, name), &order) || order != 0)
            return false;
    }
    return true;
}

static bool is_best_effort(const json_t *container)
{
    for (size_t i = 0; i < ARRAY_LEN(resource_rows) && resource_rows[i].for_qos; i++) {
        if (amount_is_positive(amount_requested(container, resource_rows[i].name)))
            return false;
    }
    return true;
}

static bool every_container(const json_t *pod, bool (*is)(const json_t *container))
{
    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(pod, "spec", container_lists[list], NULL);
        for (size_t i = 0; i < json_array_size(items); i++)
            if (!is(json_array_get(items, i)))
                return false;
    }
    return true;
}

static bool any_container(const json_t *pod, bool (*is)(const json_t *container))
{
    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(pod, "spec", container_lists[list], NULL);
        for (size_t i = 0; i < json_array_size(items); i++)
            if (is(json_array_get(items, i)))
                return true;
    }
    return false;
}

static bool every_container_sets(const json_t *pod, const char *side, const char *name)
{
    const json_t *containers = jsonx_get(pod, "spec", "containers", NULL);

    for (size_t i = 0; i < json_array_size(containers); i++)
        if (!amount_of(json_array_get(containers, i), side, name))
            return false;
    return json_array_size(containers) > 0;
}

/* An amount, bounded by the other side if that is given: requests may not pass limits. */
static json_t *amount_bounded(const json_t *own, const json_t *other, bool is_request)
{
    int order;
    bool passes = amount_compare(own, other, &order) && (is_request ? order > 0 : order < 0);

    return json_incref(jsonx_unconst(passes ? other : own));
}

static json_t *text_bounded(const char *value, const json_t *other, bool is_request)
{
    json_auto_t *own = json_string(value);

    return amount_bounded(own, other, is_request);
}

/* Both sides equal: one that the user gave, or the default. */
static void row_equal(const struct resource_row *row, json_t *requests, json_t *limits)
{
    json_t *request = json_object_get(requests, row->name);
    json_t *limit = json_object_get(limits, row->name);
    json_auto_t *both = limit     ? json_incref(limit)
                        : request ? json_incref(request)
                                  : json_string(row->equal);

    if (!request)
        json_object_set(requests, row->name, both);
    if (!limit)
        json_object_set(limits, row->name, both);
}

/* Whatever the user left out, where the pod's own containers have it. */
static void row_fill(const json_t *pod, const struct resource_row *row, json_t *requests,
                     json_t *limits)
{
    const json_t *request = json_object_get(requests, row->name);

    if (!json_object_get(limits, row->name) && every_container_sets(pod, "limits", row->name))
        json_object_set_new(limits, row->name, text_bounded(row->limit, request, false));
    if (!request && (row->for_qos || every_container_sets(pod, "requests", row->name)))
        json_object_set_new(requests, row->name,
                            text_bounded(row->request, json_object_get(limits, row->name), true));
}

static json_t *side_copy(const json_t *resources, const char *side)
{
    const json_t *have = jsonx_get(resources, side, NULL);

    return json_is_object(have) ? json_copy(jsonx_unconst(have)) : json_object();
}

/* The data container's own amounts: never above what the pod is scheduled with anyway. */
static json_t *init_base(const struct site *site, const struct part *part)
{
    const json_t *data = jsonx_get(security_data_container(site, part), "resources", NULL);
    json_t *base = json_object();

    for (size_t i = 0; i < ARRAY_LEN(resource_rows); i++) {
        const char *name = resource_rows[i].name;
        json_t *request = jsonx_get(data, "requests", name, NULL);
        json_t *limit = jsonx_get(data, "limits", name, NULL);
        if (request)
            json_object_set(jsonx_own(base, "requests"), name, request);
        if (limit)
            json_object_set(jsonx_own(base, "limits"), name, limit);
    }
    return base;
}

static json_t *wanted_resources(const struct site *site, const struct part *part)
{
    json_t *wanted = jsonx_get(recipe_settings(part->recipe), "resources", NULL);

    if (!jsonx_is_empty(wanted))
        return json_incref(wanted);
    return part_kind(part) == PART_RESTORE ? init_base(site, part) : json_object();
}

/* ---- LimitRanger ---- */

/* Whether "cpu, memory" has the resource. */
static bool list_names(const char *list, const char *end, const char *name)
{
    size_t len = strlen(name);

    while (list < end) {
        list += strspn(list, ", ");
        size_t word = strcspn(list, ", ");
        if (word == len && strncmp(list, name, len) == 0)
            return true;
        list += word ? word : 1;
    }
    return false;
}

static const json_t *container_called(const json_t *pod, const char *name, size_t len)
{
    AUTO(mem_free) char *called = xstrndup(name, len);

    for (size_t list = 0; list < ARRAY_LEN(container_lists); list++) {
        const json_t *items = jsonx_get(pod, "spec", container_lists[list], NULL);
        ptrdiff_t at = jsonx_find(items, "name", called);
        if (at >= 0)
            return json_array_get(items, (size_t)at);
    }
    return NULL;
}

/*
 * What LimitRanger gave a container, by its annotation: "LimitRanger plugin set: cpu, memory request for container NAME; …".
 * It runs again after us, and would give ours the same, which is within its bounds as our defaults might not be. A template
 * that was copied from such a pod has the annotation too, maybe where no LimitRange is: so the amounts are written here, and
 * not left to it.
 */
static const json_t *limit_ranger_amount(const json_t *pod, const char *mark, const char *side,
                                         const char *name)
{
    const char *at = jsonx_annotation(pod, ANNOTATION_LIMIT_RANGER);

    at = at ? strchr(at, ':') : NULL;
    while (at) {
        const char *entry = at + 1, *end = entry + strcspn(entry, ";");
        const char *found = memmem(entry, (size_t)(end - entry), mark, strlen(mark));
        if (found && list_names(entry, found, name)) {
            const char *called = memrchr(entry, ' ', (size_t)(end - entry));
            return amount_of(container_called(pod, called + 1, (size_t)(end - called - 1)), side,
                             name);
        }
        at = *end ? end : NULL;
    }
    return NULL;
}

/* False: LimitRanger has nothing to do with this resource. */
static bool row_follow(const json_t *pod, const struct resource_row *row, json_t *requests,
                       json_t *limits)
{
    const json_t *request = limit_ranger_amount(pod, " request for ", "requests", row->name);
    const json_t *limit = limit_ranger_amount(pod, " limit for ", "limits", row->name);

    if (limit && !json_object_get(limits, row->name))
        json_object_set_new(limits, row->name,
                            amount_bounded(limit, json_object_get(requests, row->name), false));
    if (request && !json_object_get(requests, row->name))
        json_object_set_new(requests, row->name,
                            amount_bounded(request, json_object_get(limits, row->name), true));
    return request || limit;
}

/* ---- all together ---- */

static bool limits_storage(const json_t *container)
{
    return amount_of(container, "limits", STORAGE) != NULL;
}

/*
 * The kubelet evicts a pod that writes more than the limits of its containers are together, whoever of them wrote it. Where
 * none of the others has one, ours would be the limit of the whole pod.
 */
static json_t *wanted_for_pod(const struct site *site, const struct part *part)
{
    json_auto_t *wanted = wanted_resources(site, part);
    json_t *copy = json_copy(wanted);

    if (!jsonx_get(wanted, "limits", STORAGE, NULL) || any_container(site->pod, limits_storage))
        return copy;
    json_t *limits = jsonx_own(copy, "limits");
    json_object_del(limits, STORAGE);
    if (json_object_size(limits) == 0)
        json_object_del(copy, "limits");
    return copy;
}

/* Resources of the pod as a whole, if it has any, count for QoS and quota alone, and bound the sum of the containers'. */
static bool whole_counts(const json_t *pod)
{
    const json_t *whole = jsonx_get(pod, "spec", "resources", NULL);

    return !jsonx_is_empty(jsonx_get(whole, "requests", NULL)) ||
           !jsonx_is_empty(jsonx_get(whole, "limits", NULL));
}

json_t *resources_build(const struct site *site, const struct part *part)
{
    json_t *result = wanted_for_pod(site, part);
    bool best_effort = every_container(site->pod, is_best_effort);
    bool guaranteed = !best_effort && every_container(site->pod, is_guaranteed);

    if (best_effort || whole_counts(site->pod))
        return result;
    json_auto_t *requests = side_copy(result, "requests");
    json_auto_t *limits = side_copy(result, "limits");
    for (size_t i = 0; i < ARRAY_LEN(resource_rows); i++) {
        const struct resource_row *row = &resource_rows[i];
        bool is_given = row_follow(site->pod, row, requests, limits);
        if (guaranteed && row->for_qos)
            row_equal(row, requests, limits);
        else if (!is_given)
            row_fill(site->pod, row, requests, limits);
    }
    if (json_object_size(requests))
        json_object_set(result, "requests", requests);
    if (json_object_size(limits))
        json_object_set(result, "limits", limits);
    return result;
}
