#include "session_hosts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "invoker.h"
#include "requirements.h"
#include "resolve.h"
#include "sidecar_pod.h"
#include "stash/buf.h"
#include "stash/hosts.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/text.h"
#include "variables.h"

/* How long a session waits for pods that a DaemonSet is just making: a rolling update replaces them one by one. */
#define PODS_GAP_SECONDS 60
/* What a host is called whose node is not known, since it has no pod. */
#define HOST_WITHOUT_POD "no-pod-"

static const char *kind_of(const struct executor *executor)
{
    if (!invoker_is_sidecar(executor->invoker, executor->index))
        return "";
    return jsonx_str(invoker_member(executor->invoker, executor->index), "target", "ref", "kind",
                     NULL);
}

static const char *alias_of(const struct executor *executor)
{
    return jsonx_str(invoker_member(executor->invoker, executor->index), "target", "alias", NULL);
}

/* How many pods the workload is to have. */
static int64_t count_wanted(const struct draft *draft, const struct executor *executor)
{
    const json_t *workload = requirements_object(draft, executor->index);

    if (text_is(kind_of(executor), "DaemonSet"))
        return jsonx_int(workload, 0, "status", "desiredNumberScheduled", NULL);
    return jsonx_int(workload, 1, "spec", "replicas", NULL);
}

static void add_host(json_t *hosts, const char *name)
{
    if (name && jsonx_find(hosts, "name", name) < 0 && json_array_size(hosts) < LIMIT_HOSTS)
        json_array_append_new(hosts, json_pack("{s:s}", "name", name));
}

static void add_ordinals(json_t *hosts, const struct draft *draft, const struct executor *executor)
{
    int64_t first = jsonx_int(requirements_object(draft, executor->index), 0, "spec", "ordinals",
                              "start", NULL);
    int64_t wanted = count_wanted(draft, executor);
    int64_t counted = jsonx_int(executor->holder, 0, "totalHosts", NULL); /* by such a version */

    if (wanted < counted)
        wanted = counted;
    for (int64_t i = 0; i < wanted && i < LIMIT_HOSTS; i++) {
        char ordinal[32];

        snprintf(ordinal, sizeof(ordinal), "%" PRId64, first + i);
        AUTO(mem_free) char *name = hosts_name_ordinal(alias_of(executor), ordinal);
        add_host(hosts, name);
    }
}

/* The nodes of a DaemonSet are known by its pods: those that stay, or those that go and will be replaced. */
static void add_nodes(json_t *hosts, const struct draft *draft, const struct executor *executor,
                      bool leaving)
{
    json_auto_t *pods = requirements_pods(draft, executor->index);
    size_t i;
    json_t *pod;

    json_array_foreach (pods, i, pod) {
        AUTO(mem_free) char *name = sidecar_host(executor->invoker, executor->index, pod);

        if (leaving == (jsonx_get(pod, "metadata", "deletionTimestamp", NULL) != NULL))
            add_host(hosts, name);
    }
}

/* A pod that is not there yet has a host that is missed all the same. */
static void add_all_nodes(json_t *hosts, const struct draft *draft, const struct executor *executor)
{
    int64_t wanted = count_wanted(draft, executor);

    add_nodes(hosts, draft, executor, false);
    if ((int64_t)json_array_size(hosts) < wanted)
        add_nodes(hosts, draft, executor, true);
    for (int64_t n = (int64_t)json_array_size(hosts); n < wanted && n < LIMIT_HOSTS; n++) {
        AUTO(mem_free) char *name = xasprintf(HOST_WITHOUT_POD "%" PRId64, n + 1);

        add_host(hosts, name);
    }
}

size_t session_job_count(const struct executor *executor)
{
    size_t sets = invoker_sets(executor->invoker, executor->index);

    return sets > 0 ? sets : 1;
}

struct executor session_job(const struct executor *executor, size_t number)
{
    struct executor job = *executor;

    job.set = invoker_sets(executor->invoker, executor->index) > 0 ? number + 1 : 0;
    return job;
}

char *session_job_host(const struct executor *executor)
{
    return variables_host_of_set(invoker_member(executor->invoker, executor->index), executor->set);
}

static void add_jobs(json_t *hosts, const struct executor *executor)
{
    for (size_t i = 0; i < session_job_count(executor); i++) {
        const struct executor job = session_job(executor, i);
        AUTO(mem_free) char *name = session_job_host(&job);

        add_host(hosts, name);
    }
}

void session_name_hosts(const struct draft *draft, const struct executor *executor)
{
    const char *kind = kind_of(executor);
    json_t *hosts;
    size_t i;
    json_t *stat;

    if (!jsonx_is_empty(jsonx_get(executor->holder, "hosts", NULL)))
        return;
    hosts = json_array();
    json_array_foreach (jsonx_get(executor->holder, "stats", NULL), i, stat)
        add_host(hosts, jsonx_str(stat, "hostname", NULL)); /* of versions that named nobody */
    if (text_is(kind, "StatefulSet"))
        add_ordinals(hosts, draft, executor);
    else if (text_is(kind, "DaemonSet"))
        add_all_nodes(hosts, draft, executor);
    else
        add_jobs(hosts, executor);
    json_object_set_new(executor->holder, "totalHosts",
                        json_integer((json_int_t)json_array_size(hosts)));
    json_object_set_new(executor->holder, "hosts", hosts);
}

void session_fail_hosts(struct draft *draft, const struct executor *executor, const char *message)
{
    const json_t *hosts = jsonx_get(executor->holder, "hosts", NULL);

    for (size_t i = 0; i < json_array_size(hosts); i++)
        session_fail_host(draft, executor->holder,
                          text_or_empty(jsonx_str(json_array_get(hosts, i), "name", NULL)),
                          message);
    if (json_array_size(hosts) == 0) {
        AUTO(mem_free) char *host = session_job_host(executor);

        session_fail_host(draft, executor->holder, host, message);
    }
}

/* A node whose pod works and that is none of the session's hosts; NULL: there is none. Heap string. */
static char *find_unnamed(const struct draft *draft, const struct executor *executor)
{
    json_auto_t *nodes = json_array();
    size_t i;
    json_t *row;

    add_nodes(nodes, draft, executor, false);
    json_array_foreach (nodes, i, row) {
        const char *name = jsonx_str(row, "name", NULL);
        if (!hosts_includes(executor->holder, name))
            return xstrdup(name);
    }
    return NULL;
}

bool session_host_is_nameless(const char *host)
{
    return strncmp(host, HOST_WITHOUT_POD, strlen(HOST_WITHOUT_POD)) == 0;
}

void session_name_late_hosts(const struct draft *draft, const struct executor *executor)
{
    size_t i;
    json_t *row;

    json_array_foreach (json_object_get(executor->holder, "hosts"), i, row) {
        const char *name = jsonx_str(row, "name", NULL);

        if (!name || !session_host_is_nameless(name) ||
            jsonx_find(jsonx_get(executor->holder, "stats", NULL), "hostname", name) >= 0)
            continue;
        AUTO(mem_free) char *node = find_unnamed(draft, executor);
        if (!node)
            return;
        json_object_set_new(row, "name", json_string(node));
        json_object_del(row, "waitingSince");
    }
}

bool session_cannot_name_hosts(const struct draft *draft, const struct executor *executor,
                               char **ret_message)
{
    json_auto_t *ref = invoker_ref(executor->invoker, executor->index);
    const char *kind = jsonx_str(ref, "kind", NULL), *name = jsonx_str(ref, "name", NULL);
    int64_t wanted = count_wanted(draft, executor);

    if (wanted > 0 && wanted <= LIMIT_HOSTS)
        return false;
    if (wanted > LIMIT_HOSTS)
        *ret_message = xasprintf("%s %s has %" PRId64 " pods; a session can have %d hosts", kind,
                                 name, wanted, LIMIT_HOSTS);
    else
        *ret_message = xasprintf(
            "%s %s has no pods and is to have none: scale it up, they do the work", kind, name);
    return true;
}

#define HOSTS_TOLD 300 /* bytes of host names in a message */

/* The hosts of the session, or those that it would name if it started now. NULL: they are not known. New reference. */
static json_t *hosts_expected(const struct draft *draft, const struct executor *executor)
{
    json_auto_t *holder = json_copy(executor->holder);
    const struct executor unnamed = {
        .invoker = executor->invoker, .index = executor->index, .holder = holder};

    if (*kind_of(executor) && !requirements_object(draft, executor->index) &&
        jsonx_is_empty(jsonx_get(holder, "hosts", NULL)))
        return NULL;
    session_name_hosts(draft, &unnamed);
    return json_incref(json_object_get(holder, "hosts"));
}

/* Tasks may have something to restore without a rule; folders have not. */
static bool has_task(const struct draft *draft, const struct executor *executor)
{
    const json_t *member = invoker_member(executor->invoker, executor->index);

    return !*kind_of(executor) &&
           (invoker_sets(executor->invoker, executor->index) == 0 ||
            resolve_task_name(member, requirements_object(draft, executor->index), true));
}

bool session_restores_nobody(const struct draft *draft, const struct executor *executor,
                             char **ret_message)
{
    const json_t *member = invoker_member(executor->invoker, executor->index);
    json_auto_t *hosts = hosts_expected(draft, executor);
    AUTO(buf_done) struct buf names;
    size_t i;
    json_t *row;

    buf_init(&names, HOSTS_TOLD);
    if (jsonx_is_empty(hosts) ||
        (has_task(draft, executor) && !variables_has_rules(executor->invoker, member)))
        return false;
    json_array_foreach (hosts, i, row) {
        const char *name = text_or_empty(jsonx_str(row, "name", NULL));

        if (session_host_is_nameless(name) || variables_rule(executor->invoker, member, name))
            return false;
        buf_addf(&names, "%s%s", i > 0 ? ", " : "", name);
    }
    *ret_message = xasprintf("nothing to restore: no rule of the RestoreSession is for a host of "
                             "the target (%s%s)",
                             names.data, names.overflow ? ", …" : "");
    return true;
}

bool session_awaits_hosts(struct draft *draft, const struct executor *executor, struct failure *ret)
{
    json_auto_t *hosts = json_array();
    int64_t end = session_begun(draft) + PODS_GAP_SECONDS;
    int64_t wanted = count_wanted(draft, executor);

    if (!text_is(kind_of(executor), "DaemonSet") || draft->now >= end)
        return false;
    add_nodes(hosts, draft, executor, false);
    if ((int64_t)json_array_size(hosts) >= wanted)
        return false;
    *ret = (struct failure){.verdict = VERDICT_WAITING, .reason = "PodNotReady"};
    snprintf(ret->message, sizeof(ret->message),
             "%zu of the DaemonSet's %" PRId64 " pods are there", json_array_size(hosts), wanted);
    ret->since = draft->now;
    draft_requeue(draft, end - draft->now);
    return true;
}
