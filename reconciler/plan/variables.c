#include "variables.h"

#include <inttypes.h>
#include <string.h>

#include "invoker.h"
#include "stash/backend.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/quoted.h"

static void set(json_t *vars, const char *name, const char *value)
{
    json_object_set_new(vars, name, json_string(value ? value : ""));
}

static void set_if(json_t *vars, const char *name, const char *value)
{
    if (value && *value)
        set(vars, name, value);
}

static void set_int(json_t *vars, const char *name, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, value);
    set(vars, name, text);
}

/* A list of strings as one text, from which the agent makes the same list again. */
struct list_row {
    const char *field, *variable;
    enum quoted_form form;
};

static int set_list(json_t *vars, const struct list_row *row, const json_t *from, struct error *err)
{
    AUTO(mem_free) char *text = NULL;
    int r = quoted_render(jsonx_get(from, row->field, NULL), row->form, &text, err);

    if (r < 0)
        return error_wrap(err, "%s", row->field);
    set(vars, row->variable, text);
    return 0;
}

static int set_lists(json_t *vars, const struct list_row *rows, size_t count, const json_t *from,
                     struct error *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < count; i++)
        r = set_list(vars, &rows[i], from, err);
    return r;
}

static int set_repository(json_t *vars, const json_t *repository, struct error *err)
{
    struct backend backend;

    int r = backend_decode(repository, &backend, err);
    if (r < 0)
        return error_wrap(err, "repository %s/%s", jsonx_namespace(repository),
                          jsonx_name(repository));
    set(vars, "REPOSITORY_NAME", jsonx_name(repository));
    set(vars, "REPOSITORY_NAMESPACE", jsonx_namespace(repository));
    set(vars, "REPOSITORY_PROVIDER", backend.provider);
    set(vars, "REPOSITORY_BUCKET", backend.container);
    set(vars, "REPOSITORY_PREFIX", backend.prefix);
    set(vars, "REPOSITORY_INSECURE_TLS", backend.insecure_tls ? "true" : "false");
    set_int(vars, "MAX_CONNECTIONS", backend.max_connections);
    set_if(vars, "REPOSITORY_ENDPOINT", backend.endpoint);
    set_if(vars, "REPOSITORY_REGION", backend.region);
    if (backend.secret && *backend.secret) {
        set(vars, "REPOSITORY_SECRET_NAME", backend.secret);
        set(vars, "REPOSITORY_SECRET_NAMESPACE", jsonx_namespace(repository));
    }
    return 0;
}

static int set_target(json_t *vars, const struct variables_request *request, struct error *err)
{
    static const struct list_row args = {"args", "DRIVER_ARGS", QUOTED_WORDS};
    const json_t *target = jsonx_get(request->member, "target", NULL);
    const json_t *ref = jsonx_get(target, "ref", NULL);
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    const json_t *mounts = jsonx_get(target, "volumeMounts", NULL);
    const char *mount = jsonx_str(json_array_get(mounts, 0), "mountPath", NULL);

    if (!namespace || !*namespace)
    namespace = jsonx_namespace(request->invoker);
    set_if(vars, "TARGET_API_VERSION", jsonx_str(ref, "apiVersion", NULL));
    set_if(vars, "TARGET_KIND", jsonx_str(ref, "kind", NULL));
    set_if(vars, "TARGET_NAME", jsonx_str(ref, "name", NULL));
    set_if(vars, "TARGET_NAMESPACE", namespace);
    set(vars, "TARGET_MOUNT_PATH", mount ? mount : PATH_DATA);
    return set_list(vars, &args, target, err);
}

static const struct retention_row {
    const char *field;
    const char *variable;
} retention_rows[] = {
    {"keepLast", "RETENTION_KEEP_LAST"},       {"keepHourly", "RETENTION_KEEP_HOURLY"},
    {"keepDaily", "RETENTION_KEEP_DAILY"},     {"keepWeekly", "RETENTION_KEEP_WEEKLY"},
    {"keepMonthly", "RETENTION_KEEP_MONTHLY"}, {"keepYearly", "RETENTION_KEEP_YEARLY"},
};

static int set_retention(json_t *vars, const json_t *policy, struct error *err)
{
    static const struct list_row tags = {"keepTags", "RETENTION_KEEP_TAGS", QUOTED_LIST};

    for (size_t i = 0; i < ARRAY_LEN(retention_rows); i++) {
        json_int_t keep = jsonx_int(policy, 0, retention_rows[i].field, NULL);

        if (keep > 0)
            set_int(vars, retention_rows[i].variable, keep);
    }
    if (jsonx_bool(policy, false, "prune", NULL))
        set(vars, "RETENTION_PRUNE", "true");
    if (jsonx_bool(policy, false, "dryRun", NULL))
        set(vars, "RETENTION_DRY_RUN", "true");
    return jsonx_is_empty(jsonx_get(policy, "keepTags", NULL)) ? 0
                                                               : set_list(vars, &tags, policy, err);
}

static int set_backup(json_t *vars, const struct variables_request *request, struct error *err)
{
    static const struct list_row lists[] = {{"paths", "TARGET_PATHS", QUOTED_LIST},
                                            {"exclude", "EXCLUDE_PATTERNS", QUOTED_LIST}};
    const json_t *target = jsonx_get(request->member, "target", NULL);
    int r = set_lists(vars, lists, ARRAY_LEN(lists), target, err);

    if (r < 0)
        return r;
    if (jsonx_is_empty(jsonx_get(target, "paths", NULL)))
        set(vars, "TARGET_PATHS", PATH_DATA);
    set(vars, "HOSTNAME", variables_host(request->member));
    set(vars, "BACKUP_SESSION", jsonx_name(request->session));
    return set_retention(vars, jsonx_get(request->invoker, "spec", "retentionPolicy", NULL), err);
}

static bool list_has(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(list), i, item) {
        if (json_is_string(item) && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

/* A rule that names the host wins; else the last one that names none. */
static const json_t *rule_for(const json_t *rules, const char *host)
{
    const json_t *found = NULL;
    size_t i;
    json_t *rule;

    json_array_foreach (jsonx_unconst(rules), i, rule) {
        const json_t *hosts = jsonx_get(rule, "targetHosts", NULL);

        if (list_has(hosts, host))
            return rule;
        if (jsonx_is_empty(hosts))
            found = rule;
    }
    return found;
}

static int set_restore(json_t *vars, const struct variables_request *request, struct error *err)
{
    static const struct list_row lists[] = {{"paths", "RESTORE_PATHS", QUOTED_LIST},
                                            {"snapshots", "RESTORE_SNAPSHOTS", QUOTED_LIST},
                                            {"include", "INCLUDE_PATTERNS", QUOTED_LIST},
                                            {"exclude", "EXCLUDE_PATTERNS", QUOTED_LIST}};
    const json_t *target = jsonx_get(request->member, "target", NULL);
    const json_t *rules = jsonx_get(target, "rules", NULL);
    const char *alias = jsonx_str(target, "alias", NULL);

    if (jsonx_is_empty(rules))
        rules = jsonx_get(request->invoker, "spec", "rules", NULL);
    const json_t *rule = rule_for(rules, variables_host(request->member));
    set(vars, "HOSTNAME", alias); /* empty: whichever host wrote the snapshot */
    set(vars, "SOURCE_HOSTNAME", jsonx_str(rule, "sourceHost", NULL));
    set_int(vars, "TARGET_APP_REPLICAS", jsonx_int(target, 1, "replicas", NULL));
    set(vars, "RESTORE_SESSION", jsonx_name(request->session));
    return set_lists(vars, lists, ARRAY_LEN(lists), rule, err);
}

/* registry/name:tag into its three variables; a digest is no tag and stays with the name. */
static void set_image(json_t *vars, const char *image)
{
    AUTO(mem_free) char *text = xstrdup(image ? image : "");
    char *slash = strrchr(text, '/');
    char *name = slash ? slash + 1 : text;
    char *colon = strchr(name, '@') ? NULL : strrchr(name, ':');

    if (colon)
        *colon = '\0';
    if (slash)
        *slash = '\0';
    set(vars, "STASH_DOCKER_REGISTRY", slash ? text : "");
    set(vars, "STASH_DOCKER_IMAGE", name);
    set(vars, "STASH_IMAGE_TAG", colon ? colon + 1 : "");
}

static void set_common(json_t *vars, const struct variables_request *request)
{
    const json_t *config = request->config;
    bool cache = !jsonx_bool(request->member, false, "tempDir", "disableCaching", NULL);

    set(vars, "ENABLE_CACHE", cache ? "true" : "false");
    set(vars, "INTERIM_DATA_DIR", request->interim ? PATH_INTERIM_DATA : PATH_TMP_INTERIM);
    set(vars, "NAMESPACE", jsonx_namespace(request->session));
    set(vars, "INVOKER_KIND", jsonx_str(request->invoker, "kind", NULL));
    set(vars, "INVOKER_NAME", jsonx_name(request->invoker));
    set_image(vars, jsonx_str(config, "image", NULL));
    set(vars, "LICENSE_APISERVICE", "");
    set(vars, "PROMETHEUS_PUSHGATEWAY_URL", jsonx_str(config, "pushgatewayUrl", NULL));
    set(vars, "PROMETHEUS_JOB_NAME", jsonx_name(request->invoker));
}

const char *variables_host(const json_t *member)
{
    const char *alias = jsonx_str(member, "target", "alias", NULL);

    return alias && *alias ? alias : DEFAULT_HOST;
}

int variables_build(const struct variables_request *request, json_t **ret, struct error *err)
{
    json_auto_t *vars = json_object();
    int r = request->repository ? set_repository(vars, request->repository, err) : 0;

    if (r == 0)
        r = set_target(vars, request, err);
    if (r == 0)
        r = invoker_is_restore(request->invoker) ? set_restore(vars, request, err)
                                                 : set_backup(vars, request, err);
    if (r < 0)
        return r;
    set_common(vars, request);
    *ret = TAKE(vars);
    return 0;
}
