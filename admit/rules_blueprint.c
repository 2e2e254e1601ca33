/* rules_blueprint.c - a pattern for many targets: its variables, and whether what comes of it can work together. */
#include <string.h>

#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/vars.h"
#include "syntax.h"
#include "value.h"

static const char *const known[] = {
    "TARGET_API_VERSION",  "TARGET_KIND",
    "TARGET_NAME",         "TARGET_NAMESPACE",
    "TARGET_RESOURCE",     "TARGET_APP_TYPE",
    "TARGET_APP_VERSION",  "TARGET_APP_GROUP",
    "TARGET_APP_RESOURCE", NULL,
};

static void check_variables(const struct admit *a)
{
    json_auto_t *unset = json_object();
    const char *name;
    const json_t *unused;

    vars_unset_in(a->spec, NULL, unset);
    jsonx_foreach_member (unset, name, unused) {
        if (!text_is_one_of(name, known))
            warnings_add(a->warnings,
                         "spec: ${%.60s} is not known of a target; there are TARGET_NAME, "
                         "TARGET_NAMESPACE, TARGET_KIND, TARGET_RESOURCE, TARGET_API_VERSION, "
                         "TARGET_APP_TYPE, _VERSION, _GROUP, _RESOURCE",
                         name);
    }
}

/* Every target gets a Repository of its own, but they would be one repository in the storage. */
static void check_place(const struct admit *a)
{
    const json_t *backend = jsonx_get(a->spec, "backend", NULL);

    if (!backend || vars_mentions(backend, "TARGET_NAMESPACE"))
        return;
    if (vars_mentions(backend, "TARGET_NAME"))
        warnings_add(a->warnings,
                     "spec.backend: ${TARGET_NAMESPACE} is not in it: targets of one name in two "
                     "namespaces share one place, and one password: add it to prefix");
    else
        warnings_add(a->warnings, "spec.backend: neither ${TARGET_NAME} nor ${TARGET_NAMESPACE} is "
                                  "in it: all targets share one place, and one password");
}

static bool is_elsewhere(const char *one, const char *two)
{
    return strcmp(one ? one : "", two ? two : "") != 0;
}

static void check_namespaces(const struct admit *a)
{
    static const struct value_rule namespaces[] = {
        {"backupNamespace", value_namespace}, {"repoNamespace", value_namespace}, {0}};
    const char *backups = jsonx_str(a->spec, "backupNamespace", NULL);
    const char *repositories = jsonx_str(a->spec, "repoNamespace", NULL);
    const char *from = jsonx_str(a->spec, "usagePolicy", "allowedNamespaces", "from", NULL);

    values_check(a, "spec", a->spec, namespaces);
    if (is_elsewhere(backups, repositories) && (!from || strcmp(from, "Same") == 0))
        warnings_add(a->warnings,
                     "spec.usagePolicy: the BackupConfigurations may be in another namespace than "
                     "the Repositories, which allow only their own: set allowedNamespaces.from to "
                     "All or Selector");
}

static void check_task(const struct admit *a)
{
    const struct task_use use = {.name = jsonx_str(a->spec, "task", "name", NULL),
                                 .params = jsonx_get(a->spec, "task", "params", NULL)};

    if (use.name && *use.name && !strstr(use.name, "${"))
        rule_task_use(a, "spec.task", &use);
}

void rule_blueprint(const struct admit *a)
{
    if (jsonx_is_empty(jsonx_get(a->spec, "schedule", NULL)))
        warnings_add(a->warnings, "spec.schedule: there is none: every target needs the annotation "
                                  "stash.appscode.com/schedule");
    check_variables(a);
    check_place(a);
    check_namespaces(a);
    check_task(a);
}
