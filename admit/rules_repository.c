/* rules_repository.c - who may use a Repository, and references to one (B2, S5). */
#include <string.h>

#include "stash/jsonx.h"
#include "stash/text.h"
#include "syntax.h"
#include "target.h"
#include "value.h"

static const char *const operators[] = {"In", "NotIn", "Exists", "DoesNotExist", NULL};
static const char *const origins[] = {"Same", "All", "Selector", NULL};

/* In and NotIn need values, the other two must have none; what is otherwise matches no namespace. */
static void check_expression(const struct admit *a, const char *path, const json_t *value)
{
    const char *name = jsonx_str(value, "operator", NULL);
    bool has_values = !jsonx_is_empty(jsonx_get(value, "values", NULL));

    if (jsonx_is_empty(jsonx_get(value, "key", NULL)))
        rule_cause(a, path, "key", CAUSE_REQUIRED, "name the label");
    if (!text_is_one_of(name, operators))
        rule_cause(a, path, "operator", CAUSE_UNKNOWN,
                   "\"%.40s\" is none of In, NotIn, Exists, DoesNotExist", name ? name : "");
    else if (strstr(name, "In") && !has_values)
        rule_cause(a, path, "values", CAUSE_REQUIRED, "%s needs values", name);
    else if (!strstr(name, "In") && has_values)
        rule_cause(a, path, "values", CAUSE_FORBIDDEN, "%s takes no values", name);
}

static const struct value_rule usage_fields[] = {
    {"selector.matchExpressions[]", check_expression},
    {0},
};

void rule_usage_policy(const struct admit *a)
{
    static const char path[] = "spec.usagePolicy.allowedNamespaces";
    const json_t *allowed = jsonx_get(a->spec, "usagePolicy", "allowedNamespaces", NULL);
    const json_t *selector = jsonx_get(allowed, "selector", NULL);
    const char *from = jsonx_str(allowed, "from", NULL);
    bool is_selector = from && strcmp(from, "Selector") == 0;

    if (!allowed)
        return;
    if (from && !text_is_one_of(from, origins))
        rule_cause(a, path, "from", CAUSE_UNKNOWN, "\"%.40s\" is none of Same, All, Selector",
                   from);
    if (is_selector && !selector)
        warnings_add(a->warnings,
                     "%s: from is Selector and there is no selector: no namespace may use it",
                     path);
    if (!is_selector && !jsonx_is_empty(selector))
        warnings_add(a->warnings, "%s.selector: it is looked at only with from: Selector", path);
    values_check(a, path, allowed, usage_fields);
}

/* ---- references -------------------------------------------------------------------------------------------------- */

static void check_usage(const struct admit *a, const json_t *repository, const char *namespace,
                        const char *name)
{
    json_auto_t *own = rule_lookup(a, KIND_NAMESPACE, NULL, a->namespace);

    if (!usage_allows(repository, a->namespace, own))
        causes_add(a->causes, "spec.repository", CAUSE_FORBIDDEN,
                   "namespace %s may not use Repository %s/%s: its spec.usagePolicy does not allow "
                   "it",
                   a->namespace, namespace, name);
}

static const struct value_rule reference_fields[] = {
    {"repository.name", value_name},
    {"repository.namespace", value_namespace},
    {0},
};

/* Only a Secret of the pod's own namespace can be mounted; any other is read with a right that the account has. */
static void warn_of_readers(const struct admit *a, const json_t *repository, const char *namespace)
{
    const char *secret = jsonx_str(repository, "spec", "backend", "storageSecretName", NULL);
    struct target_view target;

    for (size_t i = 0; i < target_count(a->request->kind, a->spec); i++) {
        target_view(a->request->kind, a->spec, i, a->namespace, &target);
        const char *account =
            jsonx_str(target.doc, "runtimeSettings", "pod", "serviceAccountName", NULL);
        if (!target.is_sidecar && !(account && *account))
            continue;
        warnings_add(a->warnings,
                     "spec.repository: it lies in another namespace, so every pod that uses %s "
                     "%.63s can read Secret %.63s/%.63s; a Repository here needs no such right",
                     target.is_sidecar ? "the ServiceAccount of" : "ServiceAccount",
                     target.is_sidecar ? target.name : account, namespace, secret ? secret : "");
        return;
    }
}

void rule_repository_reference(const struct admit *a)
{
    const char *name = jsonx_str(a->spec, "repository", "name", NULL);
    const char *namespace = jsonx_str(a->spec, "repository", "namespace", NULL);
    const char *driver = jsonx_str(a->spec, "driver", NULL);

    if (!name || !*name) {
        if (!driver || strcmp(driver, "VolumeSnapshotter") != 0)
            causes_add(a->causes, "spec.repository.name", CAUSE_REQUIRED,
                       "name the Repository: driver Restic stores its snapshots there");
        return;
    }
    values_check(a, "spec", a->spec, reference_fields);
    if (!namespace || !*namespace)
    namespace = a->namespace;
    json_auto_t *repository = rule_lookup(a, KIND_REPOSITORY, namespace, name);
    if (!repository)
        warnings_add(a->warnings, "spec.repository: Repository %s/%s %s", namespace, name,
                     rule_absence(a, KIND_REPOSITORY, namespace, name));
    else if (jsonx_get(repository, "metadata", "deletionTimestamp", NULL))
        warnings_add(a->warnings, "spec.repository: Repository %s/%s is being deleted", namespace,
                     name);
    if (!repository)
        return;
    check_usage(a, repository, namespace, name);
    if (!a->request->at_run_time && strcmp(namespace, a->namespace) != 0)
        warn_of_readers(a, repository, namespace);
}
