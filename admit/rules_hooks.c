/* rules_hooks.c - a hook does one thing, and can. */
#include <string.h>
#include <strings.h>

#include "stash/jsonx.h"
#include "stash/text.h"
#include "syntax.h"
#include "value.h"

static const char *const actions[] = {"exec", "httpGet", "httpPost", "tcpSocket"};

static void check_scheme(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && strcasecmp(text, "HTTP") != 0 && strcasecmp(text, "HTTPS") != 0)
        causes_add(a->causes, path, CAUSE_UNKNOWN, "\"%.40s\" is neither HTTP nor HTTPS", text);
}

static void check_host(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && (syntax_has_blank(text) || strchr(text, '/')))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.100s\" is not a host; write its name or address alone, without scheme or "
                   "path",
                   text);
}

static void check_header(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && (syntax_has_blank(text) || strchr(text, ':')))
        causes_add(a->causes, path, CAUSE_INVALID, "\"%.60s\" cannot be the name of a header",
                   text);
}

/* {{ … }} is replaced when the hook runs; one that never ends makes every run fail. */
static void check_template(const struct admit *a, const char *path, const json_t *value)
{
    const char *at = value_text(a, path, value);

    while (at && (at = strstr(at, "{{"))) {
        at = strstr(at + 2, "}}");
        if (!at)
            causes_add(a->causes, path, CAUSE_INVALID, "\"{{\" without \"}}\"");
    }
}

static const struct value_rule parts[] = {
    {"exec.command[]", check_template},
    {"httpGet.port", value_named_port},
    {"httpGet.host", check_host},
    {"httpGet.scheme", check_scheme},
    {"httpGet.httpHeaders[].name", check_header},
    {"httpPost.port", value_named_port},
    {"httpPost.host", check_host},
    {"httpPost.scheme", check_scheme},
    {"httpPost.httpHeaders[].name", check_header},
    {"httpPost.body", check_template},
    {"tcpSocket.port", value_named_port},
    {"tcpSocket.host", check_host},
    {0},
};

static void check_action(const struct admit *a, const char *path, const json_t *hook)
{
    const json_t *exec = jsonx_get(hook, "exec", NULL);
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        count += jsonx_get(hook, actions[i], NULL) != NULL;
    if (count != 1)
        causes_add(a->causes, path, count ? CAUSE_INVALID : CAUSE_REQUIRED,
                   "a hook does one thing: set one of exec, httpGet, httpPost, tcpSocket (%zu are "
                   "set)",
                   count);
    if (exec && jsonx_is_empty(jsonx_get(exec, "command", NULL)))
        rule_cause(a, path, "exec.command", CAUSE_REQUIRED, "name the command to run");
    for (size_t i = 1; i < ARRAY_LEN(actions); i++) {
        const json_t *action = jsonx_get(hook, actions[i], NULL);
        AUTO(mem_free) char *port = xasprintf("%s.port", actions[i]);
        if (action && jsonx_is_empty(jsonx_get(action, "port", NULL)))
            rule_cause(a, path, port, CAUSE_REQUIRED, "name the port to talk to");
    }
}

static void warn_of_what_is_ignored(const struct admit *a, const char *path, const json_t *hook)
{
    const json_t *post = jsonx_get(hook, "httpPost", NULL);

    if (jsonx_get(hook, "containerName", NULL) && !jsonx_get(hook, "exec", NULL))
        warnings_add(a->warnings, "%s.containerName: only exec looks at it", path);
    if (!jsonx_is_empty(jsonx_get(post, "body", NULL)) &&
        !jsonx_is_empty(jsonx_get(post, "form", NULL)))
        warnings_add(a->warnings, "%s.httpPost: both body and form are set: set one", path);
}

/* A restore has no retries. */
static void check_policy(const struct admit *a, const char *path, const json_t *hook)
{
    static const char *const known[] = {"Always", "OnSuccess", "OnFailure", "OnFinalRetryFailure",
                                        NULL};
    const char *policy = jsonx_str(hook, "executionPolicy", NULL);
    bool is_restore = strstr(path, "Restore") != NULL;
    bool is_retry = policy && strcmp(policy, "OnFinalRetryFailure") == 0;

    if (policy && *policy && (!text_is_one_of(policy, known) || (is_restore && is_retry)))
        rule_cause(a, path, "executionPolicy", CAUSE_UNKNOWN,
                   "\"%.40s\" is none of Always, OnSuccess, OnFailure%s", policy,
                   is_restore ? "" : ", OnFinalRetryFailure");
}

static void check_hook(const struct admit *a, const char *path, const json_t *hook)
{
    check_action(a, path, hook);
    values_check(a, path, hook, parts);
    check_policy(a, path, hook);
    warn_of_what_is_ignored(a, path, hook);
}

static const struct value_rule hooks[] = {
    {"hooks.preBackup", check_hook},
    {"hooks.postBackup", check_hook},
    {"hooks.preRestore", check_hook},
    {"hooks.postRestore", check_hook},
    {"members[].hooks.preBackup", check_hook},
    {"members[].hooks.postBackup", check_hook},
    {"members[].hooks.preRestore", check_hook},
    {"members[].hooks.postRestore", check_hook},
    {0},
};

/* It would be pruned or ignored, and the user would wait for it in vain. */
static void warn_of_the_other_direction(const struct admit *a, const json_t *own, const char *path)
{
    const char *prefix =
        a->request->kind == KIND_RESTORE_SESSION || a->request->kind == KIND_RESTORE_BATCH
            ? "Backup"
            : "Restore";
    const char *key;
    const json_t *hook;

    jsonx_foreach_member (own, key, hook) {
        if (strstr(key, prefix))
            warnings_add(a->warnings, "%s.%.40s: a %s has no such hook: it never runs", path, key,
                         kind_resource(a->request->kind)->kind);
    }
}

void rule_hooks(const struct admit *a)
{
    values_check(a, "spec", a->spec, hooks);
    warn_of_the_other_direction(a, jsonx_get(a->spec, "hooks", NULL), "spec.hooks");
}
