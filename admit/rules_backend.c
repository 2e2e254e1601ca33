/* rules_backend.c - where a Repository, or those that a blueprint makes, is stored. */
#include <ctype.h>
#include <string.h>

#include "container.h"
#include "semantic.h"
#include "stash/jsonx.h"
#include "stash/provider.h"
#include "syntax.h"
#include "value.h"

/* ---- single fields ----------------------------------------------------------------------------------------------- */

/* restic's S3 client refuses every other name before it asks the server. What follows a slash counts as prefix. */
static void check_s3_bucket(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);
    size_t len = text ? strcspn(text, "/") : 0;
    bool is_good = len >= 3 && len <= 63;

    for (size_t i = 0; i < len; i++) {
        bool is_end = i == 0 || i + 1 == len;
        is_good &= isalnum((unsigned char)text[i]) || (!is_end && strchr(".-_:", text[i]));
    }
    if (text && !is_good)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" cannot be a bucket; names have 3 to 63 letters, digits, \"-\" and "
                   "\".\"",
                   text);
    else if (text && text[len])
        warnings_add(a->warnings,
                     "%s: what follows the slash is a directory in bucket %.*s; it "
                     "belongs in prefix",
                     path, (int)len, text);
}

/* restic's repository is written <provider>:<container>:/<prefix>. */
static void check_container(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && (syntax_has_blank(text) || strpbrk(text, "/:")))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" has a blank, a colon or a slash; write the name alone, and a "
                   "directory in prefix",
                   text);
}

static const char *const web_schemes[] = {"http", "https", NULL};

/* "s3.amazonaws.com", "minio:9000", "http://minio:9000". */
static void check_endpoint(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (!text)
        return;
    const char *scheme = strstr(text, "://");
    const char *host = scheme ? scheme + 3 : text;
    size_t len = strcspn(host, "/");
    bool is_good = scheme ? syntax_is_url(text, web_schemes) : syntax_is_host_port(text, len);
    if (!is_good)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" is not an endpoint; write a host, host:port, or a URL with http:// "
                   "or https://",
                   text);
    else if (host[len] && host[len + 1])
        warnings_add(a->warnings, "%s: \"%.60s\" is taken for the bucket; an endpoint has no path",
                     path, host + len + 1);
}

static void check_rest_url(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_url(text, web_schemes))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" is not the URL of a REST server; write http://host:8000/directory",
                   text);
}

static void check_word(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && syntax_has_blank(text))
        causes_add(a->causes, path, CAUSE_INVALID, "\"%.100s\" has a blank in it", text);
}

static void check_prefix(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = json_string_value(value);

    if (text && a->request->kind == KIND_REPOSITORY && strstr(text, "${"))
        warnings_add(a->warnings,
                     "%s: ${…} is replaced in a BackupBlueprint only; here it is taken as it "
                     "stands",
                     path);
    else if (text && syntax_has_blank(text))
        warnings_add(a->warnings, "%s: \"%.100s\" has a blank in it", path, text);
}

static void check_connections(const struct admit *a, const char *path, const json_t *value)
{
    if (json_integer_value(value) < 0)
        causes_add(a->causes, path, CAUSE_INVALID, "must not be negative");
}

static const struct value_rule fields[] = {
    {"storageSecretName", value_name},
    {"local.subPath", value_sub_path},
    {"local", volume_source},
    {"s3.endpoint", check_endpoint},
    {"s3.bucket", check_s3_bucket},
    {"s3.prefix", check_prefix},
    {"s3.region", check_word},
    {"gcs.bucket", check_container},
    {"gcs.prefix", check_prefix},
    {"gcs.maxConnections", check_connections},
    {"azure.container", check_container},
    {"azure.prefix", check_prefix},
    {"azure.maxConnections", check_connections},
    {"swift.container", check_container},
    {"swift.prefix", check_prefix},
    {"b2.bucket", check_container},
    {"b2.prefix", check_prefix},
    {"b2.maxConnections", check_connections},
    {"rest.url", check_rest_url},
    {0},
};

/* restic puts the bucket behind the endpoint itself: the server would be asked for a bucket in the bucket. */
static void check_bucket_in_endpoint(const struct admit *a, const json_t *s3)
{
    const char *endpoint = jsonx_str(s3, "endpoint", NULL), *bucket = jsonx_str(s3, "bucket", NULL);
    const char *scheme = endpoint ? strstr(endpoint, "://") : NULL;
    const char *host = scheme ? scheme + 3 : endpoint;
    size_t len = bucket ? strcspn(bucket, "/") : 0;

    if (len > 0 && host && strncmp(host, bucket, len) == 0 && host[len] == '.')
        warnings_add(
            a->warnings,
            "spec.backend.s3.endpoint: begins with the bucket %.*s, which is added anyway: "
            "write %.100s",
            (int)len, bucket, host + len + 1);
}

/* ---- one provider, whole ----------------------------------------------------------------------------------------- */

/* It is no news to somebody who has it already. */
static bool is_new(const struct admit *a, const struct provider *provider)
{
    return a->request->operation != OPERATION_UPDATE ||
           !jsonx_get(a->request->old, "spec", "backend", provider->name, NULL);
}

static void check_provider(const struct admit *a, const struct provider *provider,
                           const json_t *doc)
{
    AUTO(mem_free) char *path = xasprintf("spec.backend.%s", provider->name);

    for (size_t i = 0; i < ARRAY_LEN(provider->required) && provider->required[i]; i++) {
        if (jsonx_is_empty(jsonx_get(doc, provider->required[i], NULL)))
            rule_cause(a, path, provider->required[i], CAUSE_REQUIRED, "must not be empty");
    }
    if (!provider->is_tried && is_new(a, provider))
        warnings_add(a->warnings,
                     "%s: this version has not been tried with such a server: try a backup and a "
                     "restore before you rely on it",
                     path);
}

/* The second part of the path, as Stash cuts it: x/stash/y is refused, /a/stash is not. */
static bool is_reserved(const char *mount_path)
{
    const char *slash = strchr(mount_path, '/');
    const char *second = slash ? slash + 1 : "";

    return strncmp(second, "stash", 5) == 0 && (second[5] == '\0' || second[5] == '/');
}

static void check_mount_path(const struct admit *a, const char *mount_path)
{
    static const char path[] = "spec.backend.local.mountPath";

    if (is_reserved(mount_path))
        causes_add(a->causes, path, CAUSE_FORBIDDEN,
                   "%.100s: the directory /stash is reserved, choose another one", mount_path);
    else if (mount_path[0] != '/')
        causes_add(a->causes, path, CAUSE_INVALID, "%.100s: must be an absolute path", mount_path);
}

static void check_local(const struct admit *a, const json_t *local)
{
    const char *mount_path = jsonx_str(local, "mountPath", NULL);
    const char *key;
    const json_t *value;
    size_t volumes = 0;

    jsonx_foreach_member (local, key, value)
        volumes +=
            strcmp(key, "mountPath") != 0 && strcmp(key, "subPath") != 0 && json_is_object(value);
    if (volumes == 0)
        warnings_add(a->warnings, "spec.backend.local: no volume is named (such as a "
                                  "persistentVolumeClaim): backups would be lost with the pod");
    if (volumes > 1)
        causes_add(a->causes, "spec.backend.local", CAUSE_INVALID,
                   "%zu volumes are named where there is room for one", volumes);
    if (mount_path && *mount_path)
        check_mount_path(a, mount_path);
}

void rule_backend(const struct admit *a)
{
    const json_t *backend = jsonx_get(a->spec, "backend", NULL);
    const json_t *local = jsonx_get(backend, "local", NULL);
    size_t count = 0;

    for (const struct provider *row = providers; row->name; row++) {
        const json_t *doc = jsonx_get(backend, row->name, NULL);
        if (doc)
            check_provider(a, row, doc);
        count += doc != NULL;
    }
    if (count > 1)
        causes_add(a->causes, "spec.backend", CAUSE_INVALID,
                   "a Repository is stored in one place: %zu backends are set", count);
    if (count == 0)
        warnings_add(a->warnings, "spec.backend: set one of " PROVIDER_NAMES
                                  ": nothing can be backed up without");
    if (jsonx_is_empty(jsonx_get(backend, "storageSecretName", NULL)))
        warnings_add(a->warnings, "spec.backend.storageSecretName: no Secret is named: it must "
                                  "hold RESTIC_PASSWORD and the storage's credentials");
    if (local)
        check_local(a, local);
    check_bucket_in_endpoint(a, jsonx_get(backend, "s3", NULL));
    values_check(a, "spec.backend", backend, fields);
}

void rule_wipe_out(const struct admit *a)
{
    if (!jsonx_bool(a->spec, false, "wipeOut", NULL))
        return;
    for (const struct provider *row = providers; row->name; row++) {
        if (!row->is_wipeable && jsonx_get(a->spec, "backend", row->name, NULL))
            causes_add(a->causes, "spec.wipeOut", CAUSE_FORBIDDEN,
                       "wiping out is not supported for the %s backend", row->name);
    }
}

/* ---- changes ----------------------------------------------------------------------------------------------------- */

/* The Secret may change its name, and connections their number: the snapshots stay where they are. */
static json_t *place_of(const json_t *spec)
{
    json_t *place = json_deep_copy(jsonx_get(spec, "backend", NULL));
    const char *key;
    json_t *provider;

    json_object_del(place, "storageSecretName");
    json_object_foreach (place, key, provider)
        json_object_del(provider, "maxConnections");
    return place;
}

void rule_moved_backend(const struct admit *a)
{
    const json_t *old = a->request->old;

    if (a->request->operation != OPERATION_UPDATE ||
        !jsonx_get(old, "status", "lastBackupTime", NULL))
        return;
    json_auto_t *before = place_of(jsonx_get(old, "spec", NULL));
    json_auto_t *after = place_of(a->spec);
    if (!semantic_equal(before, after))
        warnings_add(a->warnings, "spec.backend: the snapshots that there are stay in the old "
                                  "place; nothing moves them");
}
