#include <jansson.h>
#include <libgen.h>
#include <string.h>

#include "config.h"
#include "stash/digest.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/yaml.h"

#define SOURCES_MAX 16

/* One kubeconfig file, and the folder that its relative paths start from. */
struct source {
    json_t *doc;
    char *folder;
};

struct sources {
    struct source items[SOURCES_MAX];
    size_t count;
};

static void sources_done(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        json_decref(sources->items[i].doc);
        free(sources->items[i].folder);
    }
    sources->count = 0;
}
DEFINE_AUTO_VALUE(struct sources, sources_done);

enum setting_kind { SETTING_TEXT, SETTING_PATH, SETTING_BASE64, SETTING_REFUSED };

struct setting {
    const char *key;
    enum setting_kind kind;
    size_t offset;
};

#define SETTING(key_, kind_, member_)                                                              \
    {                                                                                              \
        .key = (key_), .kind = (kind_), .offset = offsetof(struct config, member_)                 \
    }
#define REFUSED(key_)                                                                              \
    {                                                                                              \
        .key = (key_), .kind = SETTING_REFUSED                                                     \
    }

static const struct setting cluster_settings[] = {
    SETTING("server", SETTING_TEXT, server),
    SETTING("certificate-authority", SETTING_PATH, ca_file),
    SETTING("certificate-authority-data", SETTING_BASE64, ca_data),
    SETTING("tls-server-name", SETTING_TEXT, tls_name),
    SETTING("proxy-url", SETTING_TEXT, proxy),
    {0},
};

static const struct setting user_settings[] = {
    SETTING("client-certificate", SETTING_PATH, cert_file),
    SETTING("client-certificate-data", SETTING_BASE64, cert_data),
    SETTING("client-key", SETTING_PATH, key_file),
    SETTING("client-key-data", SETTING_BASE64, key_data),
    SETTING("token", SETTING_TEXT, token),
    SETTING("tokenFile", SETTING_PATH, token_file),
    SETTING("as", SETTING_TEXT, as),
    SETTING("as-uid", SETTING_TEXT, as_uid),
    REFUSED("as-user-extra"),
    REFUSED("auth-provider"),
    REFUSED("username"),
    {0},
};

static const struct setting context_settings[] = {
    SETTING("namespace", SETTING_TEXT, namespace),
    {0},
};

static int set_value(const struct setting *setting, const char *text, const char *folder,
                     char **slot, struct error *err)
{
    char *value = NULL;
    size_t len = 0;
    if (setting->kind == SETTING_BASE64) {
        int r = digest_base64_decode(text, &value, &len, err);
        if (r < 0)
            return error_wrap(err, "%s", setting->key);
    } else if (setting->kind == SETTING_PATH && *text != '/') {
        value = xasprintf("%s/%s", folder, text);
    } else {
        value = xstrdup(text);
    }
    free(*slot);
    *slot = value;
    return 0;
}

static int apply_settings(const json_t *obj, const struct setting *table, const char *folder,
                          struct config *config, struct error *err)
{
    for (const struct setting *row = table; row->key; row++) {
        const json_t *member = jsonx_get(obj, row->key, NULL);
        if (jsonx_is_empty(member))
            continue;
        if (row->kind == SETTING_REFUSED)
            return error_set(err, ERR_INVALID,
                             "\"%s\" is not supported: use a certificate, a token or \"exec\"",
                             row->key);
        if (!json_is_string(member))
            return error_set(err, ERR_INVALID, "\"%s\" is not a string", row->key);
        char **slot = (char **)(void *)((char *)config + row->offset);
        int r = set_value(row, json_string_value(member), folder, slot, err);
        if (r < 0)
            return r;
    }
    return 0;
}

static int load_source(const char *path, struct sources *sources, struct error *err)
{
    AUTO(mem_free) char *text = NULL;
    size_t len = 0;
    int r = file_read(path, 4 * LIMIT_MIB, &text, &len, err);
    if (r < 0)
        return r;
    json_auto_t *docs = NULL;
    r = yaml_parse_all(text, len, &docs, err);
    if (r < 0)
        return error_wrap(err, "%s", path);
    json_t *doc = json_array_get(docs, 0);
    if (!json_is_object(doc))
        return error_set(err, ERR_INVALID, "%s: not a kubeconfig", path);
    AUTO(mem_free) char *copy = xstrdup(path);
    struct source *source = &sources->items[sources->count++];
    source->doc = json_incref(doc);
    source->folder = xstrdup(dirname(copy));
    return 0;
}

static int load_sources(const char *paths, struct sources *sources, struct error *err)
{
    AUTO(mem_free) char *list = xstrdup(paths);
    char *state = NULL;
    struct error missing = {0};
    for (char *path = strtok_r(list, ":", &state); path && sources->count < SOURCES_MAX;
         path = strtok_r(NULL, ":", &state)) {
        struct error failure = {0};
        int r = load_source(path, sources, &failure);
        if (r == -ERR_NOT_FOUND) {
            missing = failure;
        } else if (r < 0) {
            *err = failure;
            return r;
        }
    }
    if (sources->count > 0)
        return 0;
    if (!missing.kind)
        return error_set(err, ERR_NOT_FOUND, "no kubeconfig file in \"%s\"", paths);
    *err = missing;
    return -(int)missing.kind;
}

/* {"clusters": [{"name": NAME, "cluster": {…}}]} → the inner object and its file's folder. */
static const json_t *find_named(const struct sources *sources, const char *list, const char *member,
                                const char *name, const char **ret_folder)
{
    for (size_t i = 0; name && i < sources->count; i++) {
        const json_t *array = jsonx_get(sources->items[i].doc, list, NULL);
        ptrdiff_t at = jsonx_find(array, "name", name);
        if (at < 0)
            continue;
        *ret_folder = sources->items[i].folder;
        return jsonx_get(json_array_get(array, (size_t)at), member, NULL);
    }
    return NULL;
}

static const char *current_context(const struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++) {
        const char *name = jsonx_str(sources->items[i].doc, "current-context", NULL);
        if (name && *name)
            return name;
    }
    return NULL;
}

static int take_groups(const json_t *user, struct config *config, struct error *err)
{
    const json_t *groups = jsonx_get(user, "as-groups", NULL);
    if (jsonx_is_empty(groups))
        return 0;
    for (size_t i = 0; i < json_array_size(groups); i++)
        if (!json_is_string(json_array_get(groups, i)))
            return error_set(err, ERR_INVALID, "\"as-groups\" holds what is not a string");
    if (!json_is_array(groups))
        return error_set(err, ERR_INVALID, "\"as-groups\" is not a list");
    config->as_groups = json_incref(jsonx_unconst(groups));
    return 0;
}

/* What the kubeconfig keeps for credential plugins beside a cluster. */
static const json_t *plugin_settings(const json_t *cluster)
{
    const json_t *extensions = jsonx_get(cluster, "extensions", NULL);
    ptrdiff_t at = jsonx_find(extensions, "name", "client.authentication.k8s.io/exec");
    return at < 0 ? NULL : jsonx_get(json_array_get(extensions, (size_t)at), "extension", NULL);
}

/* The cluster as plugins are told of it: the certificate in place of its path. */
static int describe_cluster(const json_t *cluster, const struct config *config, json_t **ret,
                            struct error *err)
{
    AUTO(mem_free) char *read = NULL;
    const char *pem = config->ca_data;
    size_t len = pem ? strlen(pem) : 0;
    int r = 0;
    if (!pem && config->ca_file)
        r = file_read(config->ca_file, 1 * LIMIT_MIB, &read, &len, err);
    if (r < 0)
        return r;
    if (read)
        pem = read;
    AUTO(mem_free) char *data = pem ? digest_base64(pem, len) : NULL;
    *ret = json_pack("{s:s, s:s*, s:b, s:s*, s:s*, s:O*}", PAIR("server", config->server),
                     PAIR("tls-server-name", config->tls_name),
                     PAIR("insecure-skip-tls-verify", (int)config->insecure),
                     PAIR("certificate-authority-data", data), PAIR("proxy-url", config->proxy),
                     PAIR("config", plugin_settings(cluster)));
    return 0;
}

static int take_plugin(const json_t *user, const json_t *cluster, const char *folder,
                       struct config *config, struct error *err)
{
    const json_t *spec = jsonx_get(user, "exec", NULL);
    if (jsonx_is_empty(spec))
        return 0;
    int r = exec_plugin_check(spec, err);
    if (r == 0 && jsonx_bool(spec, false, "provideClusterInfo", NULL))
        r = describe_cluster(cluster, config, &config->exec.cluster, err);
    if (r < 0)
        return error_wrap(err, "exec");
    config->exec.spec = json_incref(jsonx_unconst(spec));
    config->exec.folder = xstrdup(folder);
    return 0;
}

static int apply_cluster(const struct sources *sources, const char *name, struct config *config,
                         const json_t **ret, struct error *err)
{
    const char *folder = "";
    const json_t *cluster = find_named(sources, "clusters", "cluster", name, &folder);
    if (!cluster)
        return error_set(err, ERR_INVALID, "there is no cluster \"%s\"", name ? name : "");
    config->insecure = jsonx_bool(cluster, false, "insecure-skip-tls-verify", NULL);
    int r = apply_settings(cluster, cluster_settings, folder, config, err);
    if (r < 0)
        return error_wrap(err, "cluster \"%s\"", name);
    *ret = cluster;
    return 0;
}

/* A user that is not there is nobody, as for kubectl: the server may take it. One that was asked for by name must be. */
static int apply_user(const struct sources *sources, const char *name, bool asked,
                      const json_t *cluster, struct config *config, struct error *err)
{
    const char *folder = "";
    const json_t *user = find_named(sources, "users", "user", name, &folder);
    if (!user && asked)
        return error_set(err, ERR_INVALID, "there is no user \"%s\"", name);
    int r = apply_settings(user, user_settings, folder, config, err);
    if (r == 0)
        r = take_groups(user, config, err);
    if (r == 0)
        r = take_plugin(user, cluster, folder, config, err);
    return r < 0 ? error_wrap(err, "user \"%s\"", name ? name : "") : 0;
}

static bool is_set(const char *text)
{
    return text && *text;
}

static int apply_context(const struct sources *sources, const char *name,
                         const struct kube_access *access, struct config *config, struct error *err)
{
    const char *folder = "";
    const json_t *context = find_named(sources, "contexts", "context", name, &folder);
    const json_t *cluster = NULL;
    if (!context && name)
        return error_set(err, ERR_INVALID, "there is no context \"%s\"", name);
    int r = apply_settings(context, context_settings, folder, config, err);
    if (r < 0)
        return r;
    const char *cluster_name =
        is_set(access->cluster) ? access->cluster : jsonx_str(context, "cluster", NULL);
    if (cluster_name || !is_set(access->server))
        r = apply_cluster(sources, cluster_name, config, &cluster, err);
    if (r < 0)
        return name ? error_wrap(err, "context \"%s\"", name) : r;
    bool asked = is_set(access->user);
    return apply_user(sources, asked ? access->user : jsonx_str(context, "user", NULL), asked,
                      cluster, config, err);
}

int config_from_files(const char *paths, const struct kube_access *access, struct config *ret,
                      struct error *err)
{
    AUTO(sources_done) struct sources sources = {0};
    AUTO(config_done) struct config config = {0};
    int r = load_sources(paths, &sources, err);
    if (r < 0)
        return r;
    const char *context = is_set(access->context) ? access->context : current_context(&sources);
    if (!context && !is_set(access->cluster) && !is_set(access->server))
        return error_set(err, ERR_INVALID,
                         "kubeconfig %s: no current-context; choose one with --context", paths);
    r = apply_context(&sources, context, access, &config, err);
    if (r < 0)
        return error_wrap(err, "kubeconfig %s", paths);
    *ret = config;
    config = (struct config){0};
    return 0;
}
