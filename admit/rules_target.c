/* rules_target.c - what is backed up or restored: reference, consent, paths, mounts. */
#include <string.h>

#include "container.h"
#include "rules.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/path.h"
#include "syntax.h"

typedef void (*target_rule)(const struct admit *a, const struct target_view *t);

/* kubedump dumps Kubernetes objects: its target may be a whole namespace or the cluster. */
static bool is_kubedump(const struct target_view *t)
{
    return strncmp(t->task, "kubedump", 8) == 0;
}

static bool is_api_version(const char *text)
{
    const char *slash = strchr(text, '/');

    return !syntax_has_blank(text) &&
           (!slash || (slash > text && slash[1] && !strchr(slash + 1, '/')));
}

/* Kinds that are not known may have names of any form. */
static void check_reference_words(const struct admit *a, const struct target_view *t)
{
    enum kind by_name = kind_by_name(t->kind);

    if (!is_api_version(t->api_version))
        rule_cause(a, t->path, "target.ref.apiVersion", CAUSE_INVALID,
                   "\"%.60s\" is no apiVersion; write group/version, such as apps/v1, or v1",
                   t->api_version);
    else if (*t->api_version && by_name != KIND_UNKNOWN &&
             kind_find(t->api_version, t->kind) == KIND_UNKNOWN)
        warnings_add(a->warnings, "%s.target.ref: there is no %s in %s; is it %s?", t->path,
                     t->kind, t->api_version, kind_api_version(by_name));
    if (*t->name && by_name != KIND_UNKNOWN && !syntax_is_subdomain(t->name))
        rule_cause(a, t->path, "target.ref.name", CAUSE_INVALID,
                   "\"%.100s\" cannot be the name of a %s; names are of small letters, digits, "
                   "\"-\" and \".\"",
                   t->name, t->kind);
}

static void rule_reference(const struct admit *a, const struct target_view *t)
{
    const struct {
        const char *field, *value;
    } parts[] = {{"target.ref.apiVersion", t->api_version},
                 {"target.ref.kind", t->kind},
                 {"target.ref.name", t->name}};

    if (is_kubedump(t) || (target_has_claims(t) && !*t->name))
        return;
    if (!jsonx_get(t->doc, "target", NULL)) {
        rule_cause(a, t->path, "target", CAUSE_REQUIRED, "say what to %s",
                   t->is_restore ? "restore into" : "back up");
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (!*parts[i].value)
            rule_cause(a, t->path, parts[i].field, CAUSE_REQUIRED, "must not be empty");
    }
    check_reference_words(a, t);
}

/* ---- other namespaces ------------------------------------------------------------------------ */

/* Whether the annotation's list ("demo, prod" or "*") names the namespace. */
static bool allows_from(const json_t *object, const char *annotation, const char *namespace)
{
    static const char separators[] = ", \t\n";
    const char *list = jsonx_annotation(object, annotation);

    for (size_t len; list && *(list += strspn(list, separators)); list += len) {
        len = strcspn(list, separators);
        if ((len == 1 && *list == '*') ||
            (len == strlen(namespace) && strncmp(list, namespace, len) == 0))
            return true;
    }
    return false;
}

/* Fail closed: an owner that is not known has not consented. */
static bool owner_consents(const struct admit *a, const struct target_view *t,
                           const char *annotation)
{
    enum kind kind = kind_find(t->api_version, t->kind);
    json_auto_t *namespace = rule_lookup(a, KIND_NAMESPACE, NULL, t->namespace);
    json_auto_t *object = NULL;

    if (allows_from(namespace, annotation, a->namespace))
        return true;
    if (kind != KIND_UNKNOWN && *t->name)
        object = rule_lookup(a, kind, t->namespace, t->name);
    return allows_from(object, annotation, a->namespace);
}

/* What is mounted, or has pods of its own, is reached in its own namespace only. */
static bool is_out_of_reach(const struct target_view *t)
{
    bool is_claim = strcmp(t->kind, "PersistentVolumeClaim") == 0;

    return t->is_foreign && !is_kubedump(t) && (is_claim || t->is_sidecar);
}

static const char *consent_annotation(const struct target_view *t)
{
    return t->is_restore ? ANNOTATION_ALLOW_RESTORE : ANNOTATION_ALLOW_BACKUP;
}

static bool may_have(const struct admit *a, const struct target_view *t)
{
    const struct admit_config *config = a->request->config;

    return !t->is_foreign || (config && config->foreign_targets) ||
           owner_consents(a, t, consent_annotation(t));
}

/* Stash does not ask for consent, and what was written for it must apply: it is held when it would run, until the owner
 * has agreed. */
static void rule_consent(const struct admit *a, const struct target_view *t)
{
    const char *annotation = consent_annotation(t);

    if (may_have(a, t))
        return;
    if (a->request->at_run_time)
        rule_cause(a, t->path, "target.ref.namespace", CAUSE_FORBIDDEN,
                   "%s %s/%s is in another namespace, whose owner has not agreed: annotate it or "
                   "Namespace %s with %s: %s",
                   t->kind, t->namespace, t->name, t->namespace, annotation, a->namespace);
    else
        warnings_add(a->warnings,
                     "%s.target.ref.namespace: nothing is done until %s %s/%s or its Namespace has "
                     "the annotation %s: %s",
                     t->path, t->kind, t->namespace, t->name, annotation, a->namespace);
}

/* What may not be a target here at all, and consent. */
static void rule_other_namespace(const struct admit *a, const struct target_view *t)
{
    if (is_out_of_reach(t))
        rule_cause(a, t->path, "target.ref.namespace", CAUSE_FORBIDDEN,
                   "a %s in another namespace (%s) cannot be a target: use the namespace of the "
                   "target",
                   t->kind, t->namespace);
    else
        rule_consent(a, t);
}

bool admit_may_have_targets(const struct admit_request *request)
{
    const struct admit a = {.request = request,
                            .spec = jsonx_get(request->object, "spec", NULL),
                            .namespace = admit_namespace(request)};
    struct target_view target;

    for (size_t i = 0; i < target_count(request->kind, a.spec); i++) {
        target_view(request->kind, a.spec, i, a.namespace, &target);
        if (is_out_of_reach(&target) || !may_have(&a, &target))
            return false;
    }
    return true;
}

/* ---- paths and mounts ------------------------------------------------------------------------ */

static bool is_below(const char *path, const char *mount_path)
{
    size_t len = strlen(mount_path);

    while (len > 0 && mount_path[len - 1] == '/')
        len--;
    return strncmp(path, mount_path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_mounted(const json_t *mounts, const char *path)
{
    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const char *mount_path = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        if (mount_path && is_below(path, mount_path))
            return true;
    }
    return false;
}

/* A sidecar sees what is mounted; a Task's volume is at the first mount's path. */
static bool is_reachable(const struct target_view *t, const char *path)
{
    const json_t *mounts = jsonx_get(t->doc, "target", "volumeMounts", NULL);
    const char *first = jsonx_str(json_array_get(mounts, 0), "mountPath", NULL);

    if (t->is_sidecar)
        return is_mounted(mounts, path);
    return strcmp(t->kind, "PersistentVolumeClaim") != 0 ||
           is_below(path, first && *first ? first : PATH_DATA);
}

static void check_path(const struct admit *a, const struct target_view *t, const char *field,
                       const char *path)
{
    AUTO(mem_free) char *clean = NULL;
    struct error err;

    if (!path || path[0] != '/')
        rule_cause(a, t->path, field, CAUSE_INVALID, "\"%.100s\" is not an absolute path",
                   path ? path : "");
    else if (path_clean(path, &clean, &err) < 0)
        rule_cause(a, t->path, field, CAUSE_INVALID, "%s", err.msg);
    else if (!t->is_sidecar && strchr(path, ','))
        rule_cause(a, t->path, field, CAUSE_INVALID,
                   "a comma parts two paths: a Task cannot be given \"%.100s\"", path);
    else if (!is_reachable(t, clean))
        warnings_add(a->warnings,
                     t->is_sidecar ? "%s.%s: %.100s is not below any of target.volumeMounts: the "
                                     "sidecar will not find it"
                                   : "%s.%s: %.100s is not in the volume, which is mounted at the "
                                     "path of the first of target.volumeMounts, else at " PATH_DATA,
                     t->path, field, path);
}

static void rule_paths(const struct admit *a, const struct target_view *t)
{
    const json_t *paths = jsonx_get(t->doc, "target", "paths", NULL);
    json_auto_t *seen = json_object();

    if (t->is_sidecar && !t->is_restore && json_array_size(paths) == 0)
        rule_cause(a, t->path, "target.paths", CAUSE_REQUIRED,
                   "name the directories of the %s to back up", t->kind);
    for (size_t i = 0; i < json_array_size(paths); i++) {
        const char *path = json_string_value(json_array_get(paths, i));
        AUTO(mem_free) char *field = xasprintf("target.paths[%zu]", i);
        AUTO(mem_free) char *clean = NULL;
        struct error err;

        check_path(a, t, field, path);
        if (!path || path_clean(path, &clean, &err) < 0)
            continue; /* and that is a cause */
        if (json_object_get(seen, clean))
            warnings_add(a->warnings, "%s.%s: %.100s is backed up twice", t->path, field, path);
        json_object_set_new(seen, clean, json_true());
    }
}

static void rule_mounts(const struct admit *a, const struct target_view *t)
{
    AUTO(mem_free) char *path = xasprintf("%s.target.volumeMounts", t->path);

    container_mounts(a, path, jsonx_get(t->doc, "target", "volumeMounts", NULL),
                     jsonx_get(t->doc, "runtimeSettings", "container", "securityContext", NULL));
}

/* ---- what only a workload's pods can have -------------------------------------------------------- */

/* How long a pod may take to end when nobody says more, as nobody does for a Job's. */
#define GRACE_SECONDS 30

static void check_sleep(const struct admit *a, const struct target_view *t, const char *hook)
{
    AUTO(mem_free)
    char *field = xasprintf("runtimeSettings.container.lifecycle.%s.sleep.seconds", hook);

    if (jsonx_int(t->doc, 0, "runtimeSettings", "container", "lifecycle", hook, "sleep", "seconds",
                  NULL) > GRACE_SECONDS)
        rule_cause(a, t->path, field, CAUSE_INVALID,
                   "the pods of Jobs have %d seconds to end: write less", GRACE_SECONDS);
}

static void rule_in_jobs(const struct admit *a, const struct target_view *t)
{
    const json_t *settings = jsonx_get(t->doc, "runtimeSettings", "container", NULL);
    const char *proc_mount = jsonx_str(settings, "securityContext", "procMount", NULL);

    if (t->is_sidecar)
        return;
    if (!jsonx_is_empty(jsonx_get(settings, "resources", "claims", NULL)))
        rule_cause(a, t->path, "runtimeSettings.container.resources.claims", CAUSE_FORBIDDEN,
                   "the pods of Jobs have no resourceClaims: leave them out");
    if (proc_mount && strcmp(proc_mount, "Unmasked") == 0)
        rule_cause(a, t->path, "runtimeSettings.container.securityContext.procMount",
                   CAUSE_FORBIDDEN,
                   "Unmasked needs a pod with hostUsers: false, which those of Jobs have not");
    check_sleep(a, t, "postStart");
    check_sleep(a, t, "preStop");
}

/* ---- what is not looked at ------------------------------------------------------------------- */

/* A field that this way of backing up passes over, and the way that would read it. */
static const struct unused {
    const char *field, *reader;
} unused[] = {
    {"snapshotClassName", "driver VolumeSnapshotter"},
    {"replicas", "driver VolumeSnapshotter"},
};

static void rule_unused(const struct admit *a, const struct target_view *t)
{
    for (size_t i = 0; i < ARRAY_LEN(unused); i++) {
        if (!t->is_restore && strcmp(t->driver, "Restic") == 0 &&
            !jsonx_is_empty(jsonx_get(t->doc, "target", unused[i].field, NULL)))
            warnings_add(a->warnings, "%s.target.%s: only %s looks at it", t->path, unused[i].field,
                         unused[i].reader);
    }
}

static const target_rule target_rules[] = {
    rule_reference, rule_other_namespace, rule_paths,   rule_mounts,   rule_task,
    rule_unused,    rule_interim,         rule_in_jobs, rule_workload,
};

void rule_targets(const struct admit *a)
{
    enum kind kind = a->request->kind;

    for (size_t i = 0; i < target_count(kind, a->spec); i++) {
        struct target_view target;
        target_view(kind, a->spec, i, a->namespace, &target);
        for (size_t j = 0; j < ARRAY_LEN(target_rules); j++)
            target_rules[j](a, &target);
    }
}
