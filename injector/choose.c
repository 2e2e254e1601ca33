/* Who asks for what: of the live invokers that target the workload, the oldest of each kind. */
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* Phases in which a RestoreSession has nothing to do in a new pod. */
static const char *const finished_phases[] = {"Succeeded", "Failed", "Unknown", "Invalid"};

/* The same kind name exists in other groups: the target must mean the one whose pods we see. Kinds that are not in the
 * table are named by their pods, without a group. */
static const struct target_group {
    const char *kind, *prefix;
} target_groups[] = {
    {"Deployment", "apps/"},
    {"Deployment", "extensions/"},
    {"StatefulSet", "apps/"},
    {"DaemonSet", "apps/"},
    {"DaemonSet", "extensions/"},
    {"ReplicaSet", "apps/"},
    {"ReplicaSet", "extensions/"},
    {"ReplicationController", "v1"},
    {"DeploymentConfig", "apps.openshift.io/"},
    {"DeploymentConfig", "v1"},
};

static bool group_matches(const char *kind, const char *api_version)
{
    bool known = false;

    if (!api_version || !*api_version)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(target_groups); i++) {
        const struct target_group *row = &target_groups[i];
        if (strcmp(kind, row->kind) != 0)
            continue;
        if (strncmp(api_version, row->prefix, strlen(row->prefix)) == 0)
            return true;
        known = true;
    }
    return !known;
}

/* A target in another namespace is never ours: whoever writes there has no say in this one. */
static bool targets_site(const json_t *invoker, const struct site *site)
{
    const json_t *ref = jsonx_get(invoker, "spec", "target", "ref", NULL);
    const char *namespace = jsonx_str(ref, "namespace", NULL);

    return text_is(snapshot_invoker_namespace(invoker), site->namespace) &&
           (!namespace || !*namespace || strcmp(namespace, site->namespace) == 0) &&
           text_is(jsonx_str(ref, "kind", NULL), site->kind) &&
           text_is(jsonx_str(ref, "name", NULL), site->name) &&
           group_matches(site->kind, jsonx_str(ref, "apiVersion", NULL));
}

static bool is_finished(const json_t *invoker)
{
    const char *phase = jsonx_str(invoker, "status", "phase", NULL);

    for (size_t i = 0; i < ARRAY_LEN(finished_phases); i++)
        if (text_is(phase, finished_phases[i]))
            return true;
    return false;
}

/* With a Task or claim templates the work is done by Jobs, with VolumeSnapshotter by the cluster. */
bool choose_wants_container(const json_t *invoker)
{
    const char *driver = jsonx_str(invoker, "spec", "driver", NULL);
    const json_t *target = jsonx_get(invoker, "spec", "target", NULL);

    return !jsonx_get(invoker, "metadata", "deletionTimestamp", NULL) &&
           (!driver || !*driver || strcmp(driver, "Restic") == 0) &&
           jsonx_is_empty(jsonx_get(invoker, "spec", "task", "name", NULL)) &&
           jsonx_is_empty(jsonx_get(target, "volumeClaimTemplates", NULL));
}

static void loser_add(struct part *part, const char *name)
{
    if (part->lost++ >= LOSERS_NAMED)
        return;
    AUTO(mem_free) char *before = part->losers;
    part->losers = xasprintf("%s%s%s", before ? before : "", before ? ", " : "", name);
}

json_t *choose_repository(const struct snapshot *snapshot, const json_t *invoker)
{
    const char *name = jsonx_str(invoker, "spec", "repository", "name", NULL);

    return name && *name ? snapshot->get(snapshot->ctx, KIND_REPOSITORY,
                                         snapshot_repository_namespace(invoker), name)
                         : NULL;
}

static struct recipe *recipe_get(const struct site *site, const struct part_row *row,
                                 const json_t *invoker)
{
    json_auto_t *repository = choose_repository(site->snapshot, invoker);
    struct inject_memo *memo = site->memo;
    struct recipe *recipe = memo ? memo_find(memo, invoker, repository) : NULL;

    if (recipe)
        return recipe;
    recipe = recipe_new(row, invoker, repository, site->config);
    if (memo)
        memo_keep(memo, recipe);
    return recipe;
}

static void part_offer(const struct site *site, struct part *part, const struct part_row *row,
                       const json_t *invoker)
{
    if (part->recipe)
        loser_add(part, jsonx_name(invoker));
    else
        part->recipe = recipe_get(site, row, invoker);
}

struct choice {
    const struct site *site;
    struct part *parts;
};

static bool consider_invoker(void *arg, const json_t *invoker)
{
    const struct choice *choice = arg;
    const struct site *site = choice->site;

    if (!jsonx_name(invoker) || !targets_site(invoker, site) || !choose_wants_container(invoker) ||
        is_finished(invoker))
        return true;
    for (size_t kind = 0; kind < PART_COUNT; kind++)
        if (text_is(jsonx_str(invoker, "kind", NULL), part_rows[kind].invoker_kind))
            part_offer(site, &choice->parts[kind], &part_rows[kind], invoker);
    return true;
}

void parts_choose(const struct site *site, struct part parts[PART_COUNT])
{
    const struct snapshot *snapshot = site->snapshot;
    struct choice choice = {site, parts};

    snapshot->each_invoker(snapshot->ctx, site->kind, site->namespace, site->name, consider_invoker,
                           &choice);
}

/* What a view need not show of a workload is left out of its index. */
static bool may_concern(const json_t *invoker)
{
    const char *namespace = jsonx_str(invoker, "spec", "target", "ref", "namespace", NULL);

    return choose_wants_container(invoker) && !is_finished(invoker) &&
           (!namespace || !*namespace ||
            strcmp(namespace, snapshot_invoker_namespace(invoker)) == 0);
}

void inject_emit_targets(const json_t *invoker, void (*emit)(void *ctx, const char *key), void *ctx)
{
    if (may_concern(invoker))
        snapshot_emit_targets(invoker, emit, ctx);
}
