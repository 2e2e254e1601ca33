#include "stash/workload.h"

#include <string.h>

#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"
#include "stash/report.h"

static bool is_given(const char *s)
{
    return s && *s;
}

static int host_of_ordinal(const struct workload_pod *pod, char **ret, struct error *err)
{
    const char *dash = is_given(pod->pod) ? strrchr(pod->pod, '-') : NULL;

    if (!dash || !dash[1] || strspn(dash + 1, "0123456789") != strlen(dash + 1))
        return error_set(err, ERR_INVALID, "the pod's name \"%s\" ends in no ordinal (POD_NAME)",
                         pod->pod ? pod->pod : "");
    *ret = hosts_name_ordinal(pod->alias, dash + 1);
    return 0;
}

static int host_of_node(const struct workload_pod *pod, char **ret, struct error *err)
{
    if (!is_given(pod->node))
        return error_set(err, ERR_INVALID, "the node's name is not known (NODE_NAME)");
    *ret = hosts_name_node(pod->alias, pod->node);
    return 0;
}

int workload_host(const struct workload_pod *pod, char **ret, struct error *err)
{
    if (strcmp(pod->kind, "StatefulSet") == 0)
        return host_of_ordinal(pod, ret, err);
    if (strcmp(pod->kind, "DaemonSet") == 0)
        return host_of_node(pod, ret, err);
    *ret = xstrdup(hosts_name_single(pod->alias));
    return 0;
}

bool workload_is_serial(const char *kind)
{
    return strcmp(kind, "StatefulSet") == 0 || strcmp(kind, "DaemonSet") == 0;
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

static const json_t *row_of(const json_t *session, const json_t *ref)
{
    ptrdiff_t at = report_target_index(session, ref);

    return at < 0 ? NULL
                  : json_array_get(jsonx_get(session, "status", "targets", NULL), (size_t)at);
}

bool workload_is_turn(const json_t *session, const json_t *ref, const struct workload_pod *pod)
{
    const json_t *worker =
        jsonx_get(ref ? row_of(session, ref) : jsonx_get(session, "status", NULL), "worker", NULL);
    const char *uid = jsonx_str(worker, "uid", NULL), *name = jsonx_str(worker, "pod", NULL);

    if (is_given(uid) && is_given(pod->uid))
        return strcmp(uid, pod->uid) == 0;
    return is_given(name) && is_given(pod->pod) && strcmp(name, pod->pod) == 0;
}

bool workload_has_work(const json_t *session, const json_t *ref, const char *host)
{
    const json_t *target = row_of(session, ref);
    const char *phase = jsonx_str(target, "phase", NULL);

    if (is_over(session) || !jsonx_get(target, "totalHosts", NULL))
        return false;
    if (phase && strcmp(phase, "Failed") == 0)
        return false;
    if (*host && !hosts_includes(target, host))
        return false;
    return jsonx_find(jsonx_get(target, "stats", NULL), "hostname", host) < 0;
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

        if (jsonx_find_text(hosts, host) >= 0)
            return rule;
        if (jsonx_is_empty(hosts))
            general = rule;
    }
    return general;
}
