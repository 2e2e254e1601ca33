#include <jansson.h>
#include <libgen.h>
#include <string.h>

#include "config.h"
#include "stash/digest.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
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
    REFUSED("exec"),
    REFUSED("auth-provider"),
    REFUSED("username"),
    REFUSED("as"),
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
                             "\"%s\" is not supported: use a client certificate or a token",
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

static int apply_context(const struct sources *sources, const char *name, struct config *config,
                         struct error *err)
{
    const char *folder = "";
    const json_t *context = find_named(sources, "contexts", "context", name, &folder);
    if (!context)
        return error_set(err, ERR_INVALID, "there is no context \"%s\"", name);
    int r = apply_settings(context, context_settings, folder, config, err);
    if (r < 0)
        return r;
    const char *cluster_name = jsonx_str(context, "cluster", NULL);
    const json_t *cluster = find_named(sources, "clusters", "cluster", cluster_name, &folder);
    if (!cluster)
        return error_set(err, ERR_INVALID, "context \"%s\": there is no cluster \"%s\"", name,
                         cluster_name ? cluster_name : "");
    config->insecure = jsonx_bool(cluster, false, "insecure-skip-tls-verify", NULL);
    r = apply_settings(cluster, cluster_settings, folder, config, err);
    if (r < 0)
        return error_wrap(err, "cluster \"%s\"", cluster_name);
    const char *user_name = jsonx_str(context, "user", NULL);
    const json_t *user = find_named(sources, "users", "user", user_name, &folder);
    r = user ? apply_settings(user, user_settings, folder, config, err) : 0;
    return r < 0 ? error_wrap(err, "user \"%s\"", user_name) : 0;
}

int config_from_files(const char *paths, struct config *ret, struct error *err)
{
    AUTO(sources_done) struct sources sources = {0};
    AUTO(config_done) struct config config = {0};
    int r = load_sources(paths, &sources, err);
    if (r < 0)
        return r;
    const char *context = current_context(&sources);
    if (!context)
        return error_set(err, ERR_INVALID, "kubeconfig %s: no current-context", paths);
    r = apply_context(&sources, context, &config, err);
    if (r == 0)
        r = config_settle(&config, err);
    if (r < 0)
        return error_wrap(err, "kubeconfig %s", paths);
    *ret = config;
    config = (struct config){0};
    return 0;
}
