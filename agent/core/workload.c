#include "stash/workload.h"

#include <ctype.h>
#include <string.h>

#include "stash/cut.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/report.h"

static bool given(const char *s)
{
    return s && *s;
}

static int host_of_ordinal(const struct workload_pod *pod, char **ret, struct error *err)
{
    const char *dash = given(pod->pod) ? strrchr(pod->pod, '-') : NULL;

    if (!dash || !dash[1] || strspn(dash + 1, "0123456789") != strlen(dash + 1))
        return error_set(err, ERR_INVALID, "the pod's name \"%s\" ends in no ordinal (POD_NAME)",
                         pod->pod ? pod->pod : "");
    *ret = xasprintf("%s%s", given(pod->alias) ? pod->alias : "host", dash);
    return 0;
}

static int host_of_node(const struct workload_pod *pod, char **ret, struct error *err)
{
    if (!given(pod->node))
        return error_set(err, ERR_INVALID, "the node's name is not known (NODE_NAME)");
    *ret = given(pod->alias) ? xasprintf("%s-%s", pod->alias, pod->node) : xstrdup(pod->node);
    return 0;
}

int workload_host(const struct workload_pod *pod, char **ret, struct error *err)
{
    if (strcmp(pod->kind, "StatefulSet") == 0)
        return host_of_ordinal(pod, ret, err);
    if (strcmp(pod->kind, "DaemonSet") == 0)
        return host_of_node(pod, ret, err);
    *ret = xstrdup(given(pod->alias) ? pod->alias : DEFAULT_HOST);
    return 0;
}

bool workload_is_serial(const char *kind)
{
    return strcmp(kind, "StatefulSet") == 0 || strcmp(kind, "DaemonSet") == 0;
}

char *workload_lock(const char *kind, const char *name, const char *what)
{
    AUTO(mem_free) char *head = xasprintf("lock-%s-%s", kind, name);
    AUTO(mem_free) char *tail = xasprintf("-%s", what);

    for (char *c = head + strlen("lock-"); *c && *c != '-'; c++)
        *c = (char)tolower((unsigned char)*c);
    return cut_name(&(struct cut){head, tail, head, CUT_OBJECT, false});
}

static bool is_over(const json_t *session)
{
    static const char *const over[] = {"Succeeded", "Failed", "Skipped", "Unknown"};
    const char *phase = jsonx_str(session, "status", "phase", NULL);

    for (size_t i = 0; phase && i < ARRAY_LEN(over); i++)
        if (strcmp(phase, over[i]) == 0)
            return true;
    return jsonx_get(session, "metadata", "deletionTimestamp", NULL) != NULL;
}

bool workload_has_work(const json_t *session, const json_t *ref, const char *host)
{
    ptrdiff_t at = report_target_index(session, ref);
    const json_t *target =
        at < 0 ? NULL : json_array_get(jsonx_get(session, "status", "targets", NULL), (size_t)at);
    const char *phase = jsonx_str(target, "phase", NULL);

    if (is_over(session) || !jsonx_get(target, "totalHosts", NULL))
        return false;
    if (phase && strcmp(phase, "Failed") == 0)
        return false;
    return jsonx_find(jsonx_get(target, "stats", NULL), "hostname", host) < 0;
}

static bool names_host(const json_t *hosts, const char *host)
{
    size_t i;
    json_t *item;

    json_array_foreach (hosts, i, item)
        if (json_is_string(item) && strcmp(json_string_value(item), host) == 0)
            return true;
    return false;
}

const json_t *workload_rule(const json_t *restore_session, const char *host)
{
    const json_t *rules = jsonx_get(restore_session, "spec", "target", "rules", NULL);
    const json_t *general = NULL;
    size_t i;
    json_t *rule;

    if (jsonx_is_empty(rules))
        rules = jsonx_get(restore_session, "spec", "rules", NULL);
    json_array_foreach (rules, i, rule) {
        const json_t *hosts = jsonx_get(rule, "targetHosts", NULL);

        if (names_host(hosts, host))
            return rule;
        if (jsonx_is_empty(hosts))
            general = rule;
    }
    return general;
}
