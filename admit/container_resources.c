/* container_resources.c - requests, limits and claims of a container. */
#include <string.h>

#include "container.h"
#include "stash/amount.h"
#include "stash/jsonx.h"
#include "stash/quantity.h"
#include "stash/text.h"
#include "syntax.h"

#define HUGE_PREFIX "hugepages-"
/* A quota calls an extended resource so: the longer name has to be one, too. */
#define QUOTA_PREFIX "requests."

static const char *const standard_names[] = {"cpu", "memory", "ephemeral-storage", NULL};

/* The runtime starts nothing in less, and restic is killed in little more. */
#define MEMORY_LEAST "16Mi"
/* Files of a restic that keeps no cache. */
#define STORAGE_LEAST "1Mi"

static bool is_huge(const char *name)
{
    return strncmp(name, HUGE_PREFIX, strlen(HUGE_PREFIX)) == 0;
}

/* Kubernetes' own; only of these more may be promised than is there. */
static bool is_native(const char *name)
{
    return !strchr(name, '/') || strstr(name, "kubernetes.io/");
}

static bool is_extended(const char *name)
{
    AUTO(mem_free) char *in_quota = xasprintf(QUOTA_PREFIX "%s", name);

    return !is_native(name) && strncmp(name, QUOTA_PREFIX, strlen(QUOTA_PREFIX)) != 0 &&
           syntax_is_qualified(in_quota);
}

static bool is_name(const char *name)
{
    if (!syntax_is_qualified(name))
        return false;
    if (!strchr(name, '/'))
        return text_is_one_of(name, standard_names) || is_huge(name);
    return is_native(name) || is_extended(name);
}

static bool is_divisible(const json_t *value, const char *page)
{
    json_auto_t *size = json_string(page);
    int64_t amount, unit;

    return amount_millis(value, &amount) && amount_millis(size, &unit) && unit > 0 &&
           amount % unit == 0;
}

static bool is_below(const json_t *limit, const char *text)
{
    json_auto_t *least = json_string(text);
    int order;

    return amount_is_positive(limit) && amount_compare(limit, least, &order) &&
           order < 0; /* 0: none */
}

/* "100m" of memory is a tenth of a byte: somebody meant 100Mi. */
static void check_memory_limit(const struct admit *a, const char *at, const json_t *limits)
{
    AUTO(mem_free) char *path = xasprintf("%s.limits[memory]", at);

    if (is_below(jsonx_get(limits, "memory", NULL), MEMORY_LEAST))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "no backup runs in less than " MEMORY_LEAST "; restic needs 100Mi and more");
}

void container_storage_limit(const struct admit *a, const char *at, const json_t *limit)
{
    if (is_below(limit, STORAGE_LEAST))
        causes_add(a->causes, at, CAUSE_INVALID,
                   "the kubelet evicts the whole pod as soon as more is written, and no backup "
                   "does with less than " STORAGE_LEAST "; its cache may take gigabytes");
}

static void check_amount(const struct admit *a, const char *at, const char *name,
                         const json_t *value)
{
    size_t before = a->causes->count;

    if (!is_name(name)) {
        causes_add(a->causes, at, CAUSE_INVALID,
                   "there is no resource of this name; write cpu, memory, ephemeral-storage, "
                   "hugepages-<size>, or that of a device: example.com/device");
        return;
    }
    value_quantity(a, at, value);
    if (a->causes->count > before || (json_is_string(value) && !value_text(a, at, value)))
        return;
    if (is_extended(name) && !amount_is_whole(value))
        causes_add(a->causes, at, CAUSE_INVALID, "devices are counted: write a whole number");
    else if (is_huge(name) && !is_divisible(value, name + strlen(HUGE_PREFIX)))
        causes_add(a->causes, at, CAUSE_INVALID, "write a multiple of the page's size, %.20s",
                   name + strlen(HUGE_PREFIX));
}

static void check_amounts(const struct admit *a, const char *at, const json_t *amounts)
{
    const char *name;
    const json_t *value;

    jsonx_foreach_member (amounts, name, value) {
        AUTO(mem_free) char *path = xasprintf("%s[%.60s]", at, name);
        check_amount(a, path, name, value);
    }
}

static void check_request(const struct admit *a, const char *path, const char *name,
                          const json_t *request, const json_t *limit)
{
    bool exact = is_huge(name) || !is_native(name);
    int order = 0;

    if (exact && !limit)
        causes_add(a->causes, path, CAUSE_REQUIRED,
                   "set the same amount in limits: nobody can have more of it than is there");
    else if (!limit || !amount_compare(request, limit, &order))
        return;
    else if (exact && order != 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must be the same as in limits");
    else if (order > 0)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "is above the limit: raise limits[%.40s] or lower this", name);
}

static void check_requests(const struct admit *a, const char *at, const json_t *resources)
{
    const json_t *requests = jsonx_get(resources, "requests", NULL), *request;
    const char *name;

    jsonx_foreach_member (requests, name, request) {
        AUTO(mem_free) char *path = xasprintf("%s.requests[%.60s]", at, name);
        if (!json_is_null(request))
            check_request(a, path, name, request, jsonx_get(resources, "limits", name, NULL));
    }
}

static bool has_huge(const json_t *amounts)
{
    const char *name;
    const json_t *value;

    jsonx_foreach_member (amounts, name, value)
        if (is_huge(name))
            return true;
    return false;
}

static bool has_usual(const json_t *amounts)
{
    return jsonx_get(amounts, "cpu", NULL) || jsonx_get(amounts, "memory", NULL);
}

static void check_huge(const struct admit *a, const char *at, const json_t *resources)
{
    const json_t *requests = jsonx_get(resources, "requests", NULL);
    const json_t *limits = jsonx_get(resources, "limits", NULL);

    if ((has_huge(requests) || has_huge(limits)) && !has_usual(requests) && !has_usual(limits))
        causes_add(a->causes, at, CAUSE_REQUIRED,
                   "huge pages need a request for cpu or memory beside them");
}

static void check_claims(const struct admit *a, const char *at, const json_t *claims)
{
    json_auto_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(claims); i++) {
        const char *name = jsonx_str(json_array_get(claims, i), "name", NULL);
        AUTO(mem_free) char *path = xasprintf("%s.claims[%zu].name", at, i);
        if (!name || !*name)
            causes_add(a->causes, path, CAUSE_REQUIRED,
                       "name one of the resourceClaims in the pods of the target");
        else if (json_object_get(seen, name))
            causes_add(a->causes, path, CAUSE_DUPLICATE, "%.60s is there twice", name);
        else
            json_object_set_new(seen, name, json_true());
    }
}

void container_resources(const struct admit *a, const char *at, const json_t *resources)
{
    static const struct value_rule storage[] = {
        {"limits.ephemeral-storage", container_storage_limit}, {0}};
    AUTO(mem_free) char *limits = xasprintf("%s.limits", at);
    AUTO(mem_free) char *requests = xasprintf("%s.requests", at);

    check_amounts(a, limits, jsonx_get(resources, "limits", NULL));
    check_amounts(a, requests, jsonx_get(resources, "requests", NULL));
    check_memory_limit(a, at, jsonx_get(resources, "limits", NULL));
    values_check(a, at, resources, storage);
    check_requests(a, at, resources);
    check_huge(a, at, resources);
    check_claims(a, at, jsonx_get(resources, "claims", NULL));
}
