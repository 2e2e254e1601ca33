/* container_probes.c - probes and lifecycle hooks. Our containers have no ports of their own, so a port is a number. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "syntax.h"

static void check_port(const struct admit *a, const char *path, const json_t *value)
{
    if (a->request->kind == KIND_FUNCTION) /* which may have ports */
        value_named_port(a, path, value);
    else if (value_is_open(a, json_string_value(value)))
        return;
    else if (json_is_string(value))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.40s\": the backup's container has no ports with names; write the number",
                   json_string_value(value));
    else
        value_port(a, path, value);
}

static void check_scheme(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"HTTP", "HTTPS", NULL});
}

static void check_header_name(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && !syntax_is_header_name(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.60s\" cannot be a header; names are of letters, digits and \"-\"", text);
}

static void check_seconds(const struct admit *a, const char *path, const json_t *value)
{
    value_within(a, path, value, (const json_int_t[]){1, INT32_MAX});
}

static void port_required(const struct admit *a, const char *at, const json_t *action)
{
    if (!jsonx_get(action, "port", NULL))
        rule_cause(a, at, "port", CAUSE_REQUIRED, "write a number from 1 to 65535");
}

static void check_exec(const struct admit *a, const char *at, const json_t *action)
{
    if (json_array_size(jsonx_get(action, "command", NULL)) == 0)
        rule_cause(a, at, "command", CAUSE_REQUIRED, "write the program and its arguments");
}

static void check_http(const struct admit *a, const char *at, const json_t *action)
{
    static const struct value_rule rules[] = {{"port", check_port},
                                              {"scheme", check_scheme},
                                              {"httpHeaders[].name", check_header_name},
                                              {0}};
    const json_t *headers = jsonx_get(action, "httpHeaders", NULL);

    port_required(a, at, action);
    values_check(a, at, action, rules);
    for (size_t i = 0; i < json_array_size(headers); i++) {
        AUTO(mem_free) char *field = xasprintf("httpHeaders[%zu].name", i);
        if (jsonx_is_empty(jsonx_get(json_array_get(headers, i), "name", NULL)))
            rule_cause(a, at, field, CAUSE_REQUIRED, "a header needs a name");
    }
}

static void check_tcp(const struct admit *a, const char *at, const json_t *action)
{
    static const struct value_rule rules[] = {{"port", check_port}, {0}};

    port_required(a, at, action);
    values_check(a, at, action, rules);
}

/* How long the pod may take to end is not known here. */
static void check_sleep(const struct admit *a, const char *at, const json_t *action)
{
    static const struct value_rule rules[] = {{"seconds", check_seconds}, {0}};

    if (!jsonx_get(action, "seconds", NULL))
        rule_cause(a, at, "seconds", CAUSE_REQUIRED, "write how long to wait");
    values_check(a, at, action, rules);
}

enum use { OF_PROBE = 1, OF_HOOK = 2 };

static const struct handler {
    const char *member;
    int uses;
    value_check check;
} handlers[] = {
    {"exec", OF_PROBE | OF_HOOK, check_exec},
    {"httpGet", OF_PROBE | OF_HOOK, check_http},
    {"tcpSocket", OF_PROBE | OF_HOOK, check_tcp},
    {"grpc", OF_PROBE, check_tcp},
    {"sleep", OF_HOOK, check_sleep},
};

static void check_handler(const struct admit *a, const char *at, const json_t *doc, enum use use)
{
    size_t count = 0;

    for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
        const json_t *action = jsonx_get(doc, handlers[i].member, NULL);
        AUTO(mem_free) char *path = xasprintf("%s.%s", at, handlers[i].member);
        if (!action || !(handlers[i].uses & (int)use))
            continue;
        handlers[i].check(a, path, action);
        count++;
    }
    if (count == 1)
        return;
    causes_add(a->causes, at, count ? CAUSE_INVALID : CAUSE_REQUIRED, "needs exactly one of %s",
               use == OF_PROBE ? "exec, httpGet, tcpSocket and grpc"
                               : "exec, httpGet, tcpSocket and sleep");
}

static void check_probe(const struct admit *a, const char *at, const json_t *probe)
{
    static const struct value_rule rules[] = {
        {"initialDelaySeconds", value_int32}, {"timeoutSeconds", value_int32},
        {"periodSeconds", value_int32},       {"successThreshold", value_int32},
        {"failureThreshold", value_int32},    {0}};

    check_handler(a, at, probe, OF_PROBE);
    values_check(a, at, probe, rules);
}

void container_liveness(const struct admit *a, const char *at, const json_t *probe)
{
    static const struct value_rule rules[] = {{"terminationGracePeriodSeconds", check_seconds},
                                              {0}};

    check_probe(a, at, probe);
    values_check(a, at, probe, rules);
    if (jsonx_int(probe, 1, "successThreshold", NULL) > 1)
        rule_cause(a, at, "successThreshold", CAUSE_INVALID,
                   "of a liveness probe it must be 1, or left out");
}

void container_readiness(const struct admit *a, const char *at, const json_t *probe)
{
    check_probe(a, at, probe);
    if (jsonx_get(probe, "terminationGracePeriodSeconds", NULL))
        rule_cause(a, at, "terminationGracePeriodSeconds", CAUSE_FORBIDDEN,
                   "a readiness probe ends nothing: leave it out");
}

void container_lifecycle(const struct admit *a, const char *at, const json_t *lifecycle)
{
    static const char *const hooks[] = {"postStart", "preStop"};

    for (size_t i = 0; i < ARRAY_LEN(hooks); i++) {
        const json_t *hook = jsonx_get(lifecycle, hooks[i], NULL);
        AUTO(mem_free) char *path = xasprintf("%s.%s", at, hooks[i]);
        if (hook)
            check_handler(a, path, hook, OF_HOOK);
    }
    if (jsonx_get(lifecycle, "stopSignal", NULL))
        rule_cause(a, at, "stopSignal", CAUSE_FORBIDDEN,
                   "the backup ends by SIGTERM: leave it out");
}
