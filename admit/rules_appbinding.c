/*
 * rules_appbinding.c - AppBindings belong to others too: refused is only what nobody can use; what only Stash would miss
 * is a warning.
 */
#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"
#include "syntax.h"
#include "value.h"

/* ---- where the application is ------------------------------------------------------------------------------------ */

static void check_bundle(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);
    AUTO(mem_free) char *pem = NULL;
    struct error err;
    size_t len;

    if (!text)
        return;
    if (digest_base64_decode(text, &pem, &len, &err) < 0)
        causes_add(a->causes, path, CAUSE_INVALID,
                   "not base64; write the PEM certificates through base64 -w0");
    else if (!strstr(pem, "-----BEGIN CERTIFICATE-----"))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "there is no PEM certificate in it (-----BEGIN CERTIFICATE-----)");
}

static void check_url(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && (syntax_has_blank(text) || !strchr(text, ':')))
        warnings_add(a->warnings, "%s: \"%.100s\" is no URL; write scheme://host:port", path, text);
}

static const struct value_rule fields[] = {
    {"clientConfig.service.port", value_port},
    {"clientConfig.service.name", value_name},
    {"clientConfig.service.namespace", value_namespace},
    {"clientConfig.url", check_url},
    {"clientConfig.caBundle", check_bundle},
    {"secret.name", value_name},
    {"tlsSecret.name", value_name},
    {0},
};

static void check_client(const struct admit *a)
{
    const json_t *client = jsonx_get(a->spec, "clientConfig", NULL);
    bool has_url = !jsonx_is_empty(jsonx_get(client, "url", NULL));
    bool has_service = jsonx_get(client, "service", NULL) != NULL;

    if (!has_url && !has_service)
        warnings_add(a->warnings, "spec.clientConfig: neither url nor service is set: it cannot be "
                                  "backed up");
    if (has_url && has_service)
        warnings_add(a->warnings, "spec.clientConfig: both url and service are set: set the one "
                                  "that is right");
    if (jsonx_bool(client, false, "insecureSkipTLSVerify", NULL) &&
        !jsonx_is_empty(jsonx_get(client, "caBundle", NULL)))
        warnings_add(a->warnings, "spec.clientConfig.caBundle: not looked at with "
                                  "insecureSkipTLSVerify");
}

/* ---- secretTransforms -------------------------------------------------------------------------------------------- */

static const char *const actions[] = {"renameKey", "addKey", "addKeysFrom", "removeKey"};

static void check_transform(const struct admit *a, const char *path, const json_t *transform)
{
    static const char *const keys[][2] = {
        {"renameKey", "from"}, {"renameKey", "to"}, {"addKey", "key"}, {"removeKey", "key"}};
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        count += jsonx_get(transform, actions[i], NULL) != NULL;
    if (count != 1)
        warnings_add(a->warnings,
                     "%s: set one of renameKey, addKey, addKeysFrom, removeKey in each (%zu are "
                     "set)",
                     path, count);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const json_t *action = jsonx_get(transform, keys[i][0], NULL);
        if (action && jsonx_is_empty(jsonx_get(action, keys[i][1], NULL)))
            warnings_add(a->warnings, "%s.%s.%s: is empty", path, keys[i][0], keys[i][1]);
    }
    const json_t *other = jsonx_get(transform, "addKeysFrom", NULL);
    if (other && jsonx_is_empty(jsonx_get(other, "secretRef", "name", NULL)))
        warnings_add(a->warnings, "%s.addKeysFrom.secretRef.name: is empty", path);
}

static const struct value_rule transforms[] = {
    {"secretTransforms[]", check_transform},
    {0},
};

/* ---- the addon --------------------------------------------------------------------------------------------------- */

static void check_addon(const struct admit *a)
{
    static const char *const which[] = {"backupTask", "restoreTask"};

    for (size_t i = 0; i < ARRAY_LEN(which); i++) {
        const json_t *task = jsonx_get(a->spec, "parameters", "stash", "addon", which[i], NULL);
        AUTO(mem_free) char *path = xasprintf("spec.parameters.stash.addon.%s", which[i]);
        const struct task_use use = {.name = jsonx_str(task, "name", NULL),
                                     .params = jsonx_get(task, "params", NULL)};
        if (use.name && *use.name)
            rule_task_use(a, path, &use);
        else if (task)
            warnings_add(a->warnings, "%s.name: no Task is named", path);
    }
}

void rule_app_binding(const struct admit *a)
{
    check_client(a);
    values_check(a, "spec", a->spec, fields);
    values_check(a, "spec", a->spec, transforms);
    check_addon(a);
}
