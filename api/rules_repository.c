/* rules_repository.c - R1 to R3, backends, and references to a Repository (B2, S5). */
#include <string.h>

#include "rules.h"
#include "stash/jsonx.h"
#include "stash/names.h"

struct provider {
    const char *name;
    const char *required[2]; /* members that must not be empty */
};

static const struct provider providers[] = {
    {"local", {"mountPath", NULL}}, {"s3", {"endpoint", "bucket"}}, {"gcs", {"bucket", NULL}},
    {"azure", {"container", NULL}}, {"swift", {"container", NULL}}, {"b2", {"bucket", NULL}},
    {"rest", {"url", NULL}},
};

static void check_provider(const struct admit *a, const struct provider *provider,
                           const json_t *doc)
{
    AUTO(mem_free) char *path = xasprintf("spec.backend.%s", provider->name);

    for (size_t i = 0; i < ARRAY_LEN(provider->required) && provider->required[i]; i++) {
        if (jsonx_is_empty(jsonx_get(doc, provider->required[i], NULL)))
            rule_cause(a, path, provider->required[i], CAUSE_REQUIRED, "must not be empty");
    }
    if (jsonx_int(doc, 0, "maxConnections", NULL) < 0)
        rule_cause(a, path, "maxConnections", CAUSE_INVALID, "must not be negative");
}

/* R3: the second part of the path, as Stash cuts it: x/stash/y is refused, /a/stash is not. */
static bool is_reserved(const char *mount_path)
{
    const char *slash = strchr(mount_path, '/');
    const char *second = slash ? slash + 1 : "";

    return strncmp(second, "stash", 5) == 0 && (second[5] == '\0' || second[5] == '/');
}

static void check_local(const struct admit *a, const json_t *local)
{
    const char *mount_path = jsonx_str(local, "mountPath", NULL);
    const char *key;
    const json_t *value;
    bool has_volume = false;

    jsonx_foreach_member (local, key, value) {
        has_volume |=
            strcmp(key, "mountPath") != 0 && strcmp(key, "subPath") != 0 && json_is_object(value);
    }
    if (!has_volume)
        warnings_add(a->warnings, "spec.backend.local: no volume is named (such as a "
                                  "persistentVolumeClaim): backups would be lost with the pod");
    if (!mount_path || !*mount_path)
        return;
    if (is_reserved(mount_path))
        causes_add(a->causes, "spec.backend.local.mountPath", CAUSE_FORBIDDEN,
                   "%.100s: the directory /stash is reserved, choose another one", mount_path);
    else if (mount_path[0] != '/')
        causes_add(a->causes, "spec.backend.local.mountPath", CAUSE_INVALID,
                   "%.100s: must be an absolute path", mount_path);
}

void rule_backend(const struct admit *a)
{
    const json_t *backend = jsonx_get(a->spec, "backend", NULL);
    const json_t *local = jsonx_get(backend, "local", NULL);
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(providers); i++) {
        const json_t *doc = jsonx_get(backend, providers[i].name, NULL);
        if (doc)
            check_provider(a, &providers[i], doc);
        count += doc != NULL;
    }
    if (count > 1)
        causes_add(a->causes, "spec.backend", CAUSE_INVALID,
                   "a Repository is stored in one place: %zu backends are set", count);
    if (count == 0)
        warnings_add(a->warnings, "spec.backend: set one of local, s3, gcs, azure, swift, b2, "
                                  "rest: nothing can be backed up without");
    if (jsonx_is_empty(jsonx_get(backend, "storageSecretName", NULL)))
        warnings_add(a->warnings, "spec.backend.storageSecretName: no Secret is named: it must "
                                  "hold RESTIC_PASSWORD and the storage's credentials");
    if (local)
        check_local(a, local);
}

void rule_wipe_out(const struct admit *a)
{
    static const char *const unable[] = {"local", "b2"};

    if (!jsonx_bool(a->spec, false, "wipeOut", NULL))
        return;
    for (size_t i = 0; i < ARRAY_LEN(unable); i++) {
        if (jsonx_get(a->spec, "backend", unable[i], NULL))
            causes_add(a->causes, "spec.wipeOut", CAUSE_FORBIDDEN,
                       "wiping out is not supported for the %s backend", unable[i]);
    }
}

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
    if (!namespace || !*namespace)
    namespace = a->namespace;
    json_auto_t *repository = rule_lookup(a, KIND_REPOSITORY, namespace, name);
    if (repository)
        check_usage(a, repository, namespace, name);
    else
        warnings_add(a->warnings, "spec.repository: Repository %s/%s is not there yet", namespace,
                     name);
}
