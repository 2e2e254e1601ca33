#include "variables.h"

#include <inttypes.h>
#include <string.h>

#include "invoker.h"
#include "stash/backend.h"
#include "stash/claims.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/quoted.h"
#include "stash/text.h"

static void variables_set(json_t *vars, const char *name, const char *value)
{
    json_object_set_new(vars, name, json_string(value ? value : ""));
}

static void set_if(json_t *vars, const char *name, const char *value)
{
    if (value && *value)
        variables_set(vars, name, value);
}

static void set_int(json_t *vars, const char *name, int64_t value)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRId64, value);
    variables_set(vars, name, text);
}

static void set_list(json_t *vars, const char *name, const json_t *list, const char *separators)
{
    AUTO(mem_free) char *text = quoted_join(list, separators);

    variables_set(vars, name, text);
}

static int set_repository(json_t *vars, const json_t *repository, struct error *err)
{
    struct backend backend;

    int r = backend_decode(repository, &backend, err);
    if (r < 0)
        return error_wrap(err, "repository %s/%s", jsonx_namespace(repository),
                          jsonx_name(repository));
    variables_set(vars, "REPOSITORY_NAME", jsonx_name(repository));
    variables_set(vars, "REPOSITORY_NAMESPACE", jsonx_namespace(repository));
    variables_set(vars, "REPOSITORY_PROVIDER", backend.provider->name);
    variables_set(vars, "REPOSITORY_BUCKET", backend.container);
    variables_set(vars, "REPOSITORY_PREFIX", backend.prefix);
    variables_set(vars, "REPOSITORY_INSECURE_TLS", backend.insecure_tls ? "true" : "false");
    set_int(vars, "MAX_CONNECTIONS", backend.max_connections);
    set_if(vars, "REPOSITORY_ENDPOINT", backend.endpoint);
    set_if(vars, "REPOSITORY_REGION", backend.region);
    if (backend.secret && *backend.secret) {
        variables_set(vars, "REPOSITORY_SECRET_NAME", backend.secret);
        variables_set(vars, "REPOSITORY_SECRET_NAMESPACE", jsonx_namespace(repository));
    }
    return 0;
}

/* A restore that names no target has the claims that it makes. */
static void set_claim_as_target(json_t *vars, const struct variables_request *request)
{
    const json_t *first =
        json_array_get(jsonx_get(request->member, "target", "volumeClaimTemplates", NULL), 0);
    AUTO(mem_free) char *claim = claims_name(first, request->set - 1);

    variables_set(vars, "TARGET_API_VERSION", "v1");
    variables_set(vars, "TARGET_KIND", "PersistentVolumeClaim");
    variables_set(vars, "TARGET_NAME", claim);
}

static void set_target(json_t *vars, const struct variables_request *request)
{
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
    if (request->set > 0 && !*text_or_empty(jsonx_str(ref, "name", NULL)))
        set_claim_as_target(vars, request);
    variables_set(vars, "TARGET_MOUNT_PATH", mount ? mount : PATH_DATA);
    set_list(vars, "DRIVER_ARGS", jsonx_get(target, "args", NULL), QUOTED_WORDS);
}

static const struct retention_row {
    const char *field;
    const char *variable;
} retention_rows[] = {
    {"keepLast", "RETENTION_KEEP_LAST"},       {"keepHourly", "RETENTION_KEEP_HOURLY"},
    {"keepDaily", "RETENTION_KEEP_DAILY"},     {"keepWeekly", "RETENTION_KEEP_WEEKLY"},
    {"keepMonthly", "RETENTION_KEEP_MONTHLY"}, {"keepYearly", "RETENTION_KEEP_YEARLY"},
};

static void set_retention(json_t *vars, const json_t *policy)
{
    const json_t *tags = jsonx_get(policy, "keepTags", NULL);

    for (size_t i = 0; i < ARRAY_LEN(retention_rows); i++) {
        json_int_t keep = jsonx_int(policy, 0, retention_rows[i].field, NULL);

        if (keep > 0)
            set_int(vars, retention_rows[i].variable, keep);
    }
    if (!jsonx_is_empty(tags))
        set_list(vars, "RETENTION_KEEP_TAGS", tags, QUOTED_ITEMS);
    if (jsonx_bool(policy, false, "prune", NULL))
        variables_set(vars, "RETENTION_PRUNE", "true");
    if (jsonx_bool(policy, false, "dryRun", NULL))
        variables_set(vars, "RETENTION_DRY_RUN", "true");
}

static void set_backup(json_t *vars, const struct variables_request *request)
{
    const json_t *target = jsonx_get(request->member, "target", NULL);
    const json_t *paths = jsonx_get(target, "paths", NULL);

    if (jsonx_is_empty(paths))
        variables_set(vars, "TARGET_PATHS", PATH_DATA);
    else
        set_list(vars, "TARGET_PATHS", paths, QUOTED_ITEMS);
    set_list(vars, "EXCLUDE_PATTERNS", jsonx_get(target, "exclude", NULL), QUOTED_ITEMS);
    variables_set(vars, "HOSTNAME", variables_host(request->member));
    variables_set(vars, "BACKUP_SESSION", jsonx_name(request->session));
    set_retention(vars, jsonx_get(request->invoker, "spec", "retentionPolicy", NULL));
}

/* A rule that names the host wins; else the last one that names none. */
static const json_t *rule_for(const json_t *rules, const char *host)
{
    const json_t *found = NULL;
    size_t i;
    json_t *rule;

    json_array_foreach (jsonx_unconst(rules), i, rule) {
        const json_t *hosts = jsonx_get(rule, "targetHosts", NULL);

        if (jsonx_find_text(hosts, host) >= 0)
            return rule;
        if (jsonx_is_empty(hosts))
            found = rule;
    }
    return found;
}

static const json_t *rules_of(const json_t *invoker, const json_t *member)
{
    const json_t *rules = jsonx_get(member, "target", "rules", NULL);

    return jsonx_is_empty(rules) ? jsonx_get(invoker, "spec", "rules", NULL) : rules;
}

bool variables_has_rules(const json_t *invoker, const json_t *member)
{
    return !jsonx_is_empty(rules_of(invoker, member));
}

const json_t *variables_rule(const json_t *invoker, const json_t *member, const char *host)
{
    return rule_for(rules_of(invoker, member), host);
}

static void set_restore(json_t *vars, const struct variables_request *request)
{
    const json_t *target = jsonx_get(request->member, "target", NULL);
    const char *alias = jsonx_str(target, "alias", NULL);
    AUTO(mem_free) char *host = variables_host_of_set(request->member, request->set);
    const json_t *rule = variables_rule(request->invoker, request->member, host);

    /* empty: whichever host wrote the snapshot */
    variables_set(vars, "HOSTNAME", claims_are_numbered(target) ? host : alias);
    if (request->set > 0)
        set_int(vars, CLAIMS_ORDINAL, (int64_t)request->set - 1);
    variables_set(vars, "SOURCE_HOSTNAME", jsonx_str(rule, "sourceHost", NULL));
    set_list(vars, "RESTORE_PATHS", jsonx_get(rule, "paths", NULL), QUOTED_ITEMS);
    set_list(vars, "RESTORE_SNAPSHOTS", jsonx_get(rule, "snapshots", NULL), QUOTED_ITEMS);
    set_list(vars, "INCLUDE_PATTERNS", jsonx_get(rule, "include", NULL), QUOTED_ITEMS);
    set_list(vars, "EXCLUDE_PATTERNS", jsonx_get(rule, "exclude", NULL), QUOTED_ITEMS);
    set_int(vars, "TARGET_APP_REPLICAS", jsonx_int(target, 1, "replicas", NULL));
    variables_set(vars, "RESTORE_SESSION", jsonx_name(request->session));
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
    variables_set(vars, "STASH_DOCKER_REGISTRY", slash ? text : "");
    variables_set(vars, "STASH_DOCKER_IMAGE", name);
    variables_set(vars, "STASH_IMAGE_TAG", colon ? colon + 1 : "");
}

static void set_common(json_t *vars, const struct variables_request *request)
{
    const json_t *config = request->config;
    bool cache = !jsonx_bool(request->member, false, "tempDir", "disableCaching", NULL);

    variables_set(vars, "ENABLE_CACHE", cache ? "true" : "false");
    variables_set(vars, "INTERIM_DATA_DIR",
                  request->interim ? PATH_INTERIM_DATA : PATH_TMP_INTERIM);
    variables_set(vars, "NAMESPACE", jsonx_namespace(request->session));
    variables_set(vars, "INVOKER_KIND", jsonx_str(request->invoker, "kind", NULL));
    variables_set(vars, "INVOKER_NAME", jsonx_name(request->invoker));
    set_image(vars, jsonx_str(config, "image", NULL));
    variables_set(vars, "LICENSE_APISERVICE", "");
    variables_set(vars, "PROMETHEUS_PUSHGATEWAY_URL", jsonx_str(config, "pushgatewayUrl", NULL));
    variables_set(vars, "PROMETHEUS_JOB_NAME", jsonx_name(request->invoker));
}

const char *variables_host(const json_t *member)
{
    return hosts_name_single(jsonx_str(member, "target", "alias", NULL));
}

char *variables_host_of_set(const json_t *member, size_t set)
{
    return set > 0 ? claims_host(jsonx_get(member, "target", NULL), set - 1)
                   : xstrdup(variables_host(member));
}

int variables_build(const struct variables_request *request, json_t **ret, struct error *err)
{
    json_auto_t *vars = json_object();

    if (request->repository) {
        int r = set_repository(vars, request->repository, err);
        if (r < 0)
            return r;
    }
    set_target(vars, request);
    if (invoker_is_restore(request->invoker))
        set_restore(vars, request);
    else
        set_backup(vars, request);
    set_common(vars, request);
    *ret = TAKE(vars);
    return 0;
}
