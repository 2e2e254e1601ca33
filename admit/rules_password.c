/*
 * rules_password.c - a password in a URL can be read by everybody who may read the object, and ends in logs. Never
 * repeated in a message.
 */
#include <string.h>

#include "stash/jsonx.h"
#include "syntax.h"
#include "value.h"

/* By kind of place: where the password belongs. */
#define IN_STORAGE_SECRET                                                                          \
    "put REST_SERVER_USERNAME and REST_SERVER_PASSWORD into the Secret of "                        \
    "spec.backend.storageSecretName"

static void password_warn(const struct admit *a, const char *path, const json_t *value,
                          const char *remedy)
{
    const char *text = json_string_value(value);

    if (text && syntax_has_password(text))
        warnings_add(a->warnings,
                     "%s: there is a password in the URL, for everybody who may read this: %s",
                     path, remedy);
}

static void check_rest(const struct admit *a, const char *path, const json_t *value)
{
    password_warn(a, path, value, IN_STORAGE_SECRET);
}

static void check_endpoint(const struct admit *a, const char *path, const json_t *value)
{
    password_warn(a, path, value,
                  "put AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY into the Secret of "
                  "spec.backend.storageSecretName");
}

static void check_client(const struct admit *a, const char *path, const json_t *value)
{
    password_warn(a, path, value, "put username and password into the Secret of spec.secret");
}

static void check_param(const struct admit *a, const char *path, const json_t *value)
{
    password_warn(a, path, value, "put it into the Secret that the AppBinding names");
}

static void check_env(const struct admit *a, const char *path, const json_t *value)
{
    password_warn(a, path, value,
                  "put it into a Secret and take it from there with valueFrom.secretKeyRef");
}

static const struct value_rule places[] = {
    {"backend.rest.url", check_rest},
    {"backend.s3.endpoint", check_endpoint},
    {"clientConfig.url", check_client},
    {"task.params[].value", check_param},
    {"members[].task.params[].value", check_param},
    {"parameters.stash.addon.backupTask.params[].value", check_param},
    {"parameters.stash.addon.restoreTask.params[].value", check_param},
    {"steps[].params[].value", check_param},
    {"runtimeSettings.container.env[].value", check_env},
    {"members[].runtimeSettings.container.env[].value", check_env},
    {0},
};

void rule_password(const struct admit *a)
{
    if (!a->request->at_run_time)
        values_check(a, "spec", a->spec, places);
}
