/* rules_batch.c - the members of a batch: some, each another target, and told apart in the repository. */
#include <string.h>

#include "stash/jsonx.h"
#include "stash/names.h"
#include "value.h"

static void check_order(const struct admit *a)
{
    const char *order = jsonx_str(a->spec, "executionOrder", NULL);

    if (order && *order && strcmp(order, "Parallel") != 0 && strcmp(order, "Sequential") != 0)
        warnings_add(a->warnings,
                     "spec.executionOrder: \"%.40s\" is neither Parallel nor Sequential: it counts "
                     "as Parallel",
                     order);
}

/* Results are kept by target: of two members with one target, one would never be done. */
static void check_same_target(const struct admit *a, const struct target_view *t, size_t index,
                              json_t *seen)
{
    AUTO(mem_free) char *key = xasprintf("%s/%s/%s", t->kind, t->namespace, t->name);
    const json_t *before = json_object_get(seen, key);

    if (!*t->kind || !*t->name)
        return;
    if (before)
        rule_cause(a, t->path, "target.ref", CAUSE_DUPLICATE,
                   "%s %s/%s is the target of member %d already", t->kind, t->namespace, t->name,
                   (int)json_integer_value(before));
    else
        json_object_set_new(seen, key, json_integer((json_int_t)index));
}

static bool has_hosts_of_its_own(const struct target_view *t)
{
    return t->is_sidecar &&
           (strcmp(t->kind, "StatefulSet") == 0 || strcmp(t->kind, "DaemonSet") == 0);
}

static char *place_of(const struct target_view *t, const char *host)
{
    const json_t *paths = jsonx_get(t->doc, "target", "paths", NULL);
    AUTO(mem_free) char *text = paths ? jsonx_dump_sorted(paths) : NULL;

    return xasprintf("%s %s", host, text ? text : "");
}

/* In one repository snapshots differ by host and path alone. */
static void check_same_host(const struct admit *a, const struct target_view *t, size_t index,
                            json_t *seen)
{
    const char *alias = jsonx_str(t->doc, "target", "alias", NULL);
    const char *host = alias && *alias ? alias : DEFAULT_HOST;
    AUTO(mem_free) char *place = place_of(t, host);
    const json_t *before = json_object_get(seen, place);

    if (!*t->kind || has_hosts_of_its_own(t))
        return;
    if (before)
        warnings_add(
            a->warnings,
            "%s.target.alias: member %d is host %.60s in the repository too, with the same "
            "paths: a restore cannot tell them apart; give each an alias of its own",
            t->path, (int)json_integer_value(before), host);
    else
        json_object_set_new(seen, place, json_integer((json_int_t)index));
}

void rule_members(const struct admit *a)
{
    enum kind kind = a->request->kind;
    json_auto_t *targets = json_object();
    json_auto_t *hosts = json_object();

    check_order(a);
    if (target_count(kind, a->spec) == 0)
        causes_add(a->causes, "spec.members", CAUSE_REQUIRED, "name at least one target");
    for (size_t i = 0; i < target_count(kind, a->spec); i++) {
        struct target_view target;
        target_view(kind, a->spec, i, a->namespace, &target);
        check_same_target(a, &target, i, targets);
        if (kind == KIND_BACKUP_BATCH)
            check_same_host(a, &target, i, hosts);
    }
}
