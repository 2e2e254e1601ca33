/* usage.c - who may use a Repository: its usagePolicy, as a table of `from`. */
#include <string.h>

#include "selector.h"
#include "stash/admit.h"
#include "stash/jsonx.h"

struct question {
    const json_t *allowed; /* usagePolicy.allowedNamespaces */
    const char *owner;     /* the Repository's namespace */
    const char *asker;
    const json_t *asker_object; /* Namespace, or NULL */
};

static bool from_all(const struct question *q)
{
    (void)q;
    return true;
}

static bool from_same(const struct question *q)
{
    return strcmp(q->owner, q->asker) == 0;
}

/* An unknown Namespace has no labels, and "NotIn" would then let everyone in: only an empty selector may. */
static bool from_selector(const struct question *q)
{
    const json_t *selector = jsonx_get(q->allowed, "selector", NULL);

    if (!q->asker_object)
        return json_is_object(selector) && json_object_size(selector) == 0;
    return selector_matches(selector, jsonx_get(q->asker_object, "metadata", "labels", NULL));
}

static const struct {
    const char *from;
    bool (*allows)(const struct question *q);
} policies[] = {
    {"All", from_all},
    {"Same", from_same},
    {"Selector", from_selector},
};

bool usage_allows(const json_t *repository, const char *namespace, const json_t *namespace_object)
{
    const json_t *policy = jsonx_get(repository, "spec", "usagePolicy", NULL);
    const char *owner = jsonx_namespace(repository);
    const char *from = jsonx_str(policy, "allowedNamespaces", "from", NULL);
    const struct question q = {
        .allowed = jsonx_get(policy, "allowedNamespaces", NULL),
        .owner = owner && *owner ? owner : "default",
        .asker = namespace,
        .asker_object = namespace_object,
    };

    if (!policy)
        return from_same(&q);
    if (q.allowed && !from)
        from = "Same"; /* the schema's default, for documents that never met the API server */
    for (size_t i = 0; from && i < sizeof(policies) / sizeof(policies[0]); i++) {
        if (strcmp(policies[i].from, from) == 0)
            return policies[i].allows(&q);
    }
    return false;
}
