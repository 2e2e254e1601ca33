#include "stash/hosts.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"

static bool is_given(const char *s)
{
    return s && *s;
}

char *hosts_name_ordinal(const char *alias, const char *ordinal)
{
    return xasprintf("%s-%s", is_given(alias) ? alias : "host", ordinal);
}

char *hosts_name_node(const char *alias, const char *node)
{
    return is_given(alias) ? xasprintf("%s-%s", alias, node) : xstrdup(node);
}

const char *hosts_name_single(const char *alias)
{
    return is_given(alias) ? alias : DEFAULT_HOST;
}

bool hosts_includes(const json_t *row, const char *name)
{
    const json_t *hosts = jsonx_get(row, "hosts", NULL);

    return jsonx_is_empty(hosts) || jsonx_find(hosts, "name", name) >= 0;
}

static bool is_ended(const json_t *stat)
{
    static const char *const ended[] = {"Succeeded", "Failed", "Unknown"};
    const char *phase = jsonx_str(stat, "phase", NULL);

    for (size_t i = 0; phase && i < ARRAY_LEN(ended); i++) {
        if (strcmp(phase, ended[i]) == 0)
            return true;
    }
    return false;
}

/* Before hosts were named, so many results had to be there, whoever's they were. */
static bool have_ended_by_count(const json_t *row, const json_t *stats)
{
    json_int_t total = jsonx_int(row, 0, "totalHosts", NULL);
    json_int_t ended = 0;
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_unconst(stats), i, stat)
        ended += is_ended(stat);
    return total > 0 && ended >= total;
}

/* {name: true} of all that have ended: a look for each host in each list would take long for a thousand of them. */
static json_t *names_ended(const json_t *stats)
{
    json_t *names = json_object();
    size_t i;
    json_t *stat;

    json_array_foreach (jsonx_unconst(stats), i, stat) {
        const char *name = jsonx_str(stat, "hostname", NULL);
        if (name && is_ended(stat))
            json_object_set_new(names, name, json_true());
    }
    return names;
}

bool hosts_have_ended(const json_t *row, const json_t *stats)
{
    const json_t *hosts = jsonx_get(row, "hosts", NULL);
    json_auto_t *ended = NULL;
    size_t i;
    json_t *host;

    if (jsonx_is_empty(hosts))
        return have_ended_by_count(row, stats);
    ended = names_ended(stats);
    json_array_foreach (jsonx_unconst(hosts), i, host) {
        const char *name = jsonx_str(host, "name", NULL);

        if (!name || !json_object_get(ended, name))
            return false;
    }
    return true;
}
