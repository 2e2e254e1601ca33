/*
 * rules_workload.c - what the workload itself tells of a target: its pod template, where the snapshot has it (files have,
 * and the reconciler; the live webhook holds no rights to read workloads), and who else backs it up. Nothing is refused:
 * all of it works, but otherwise than people expect.
 */
#include <string.h>

#include "rules.h"
#include "stash/buf.h"
#include "stash/jsonx.h"

#define NAMES_SHOWN 5

/* A target with pods, and the spec of these; NULL: not known. */
struct workload {
    const struct admit *a;
    const struct target_view *t;
    const json_t *pod;
};

static const char *or_default(const char *name)
{
    return name && *name ? name : "default";
}

/* ---- other BackupConfigurations ---------------------------------------------------------------------------------- */

static bool has_sidecar(const json_t *invoker)
{
    struct target_view t;

    if (!text_is(jsonx_str(invoker, "kind", NULL), "BackupConfiguration"))
        return false;
    target_view(KIND_BACKUP_CONFIGURATION, jsonx_get(invoker, "spec", NULL), 0,
                snapshot_invoker_namespace(invoker), &t);
    return t.is_sidecar;
}

static bool warn_of_other(void *arg, const json_t *other)
{
    const struct workload *w = arg;

    if (rule_is_self(w->a, other) || !has_sidecar(other))
        return true;
    warnings_add(w->a->warnings,
                 "%s.target.ref: BackupConfiguration %.63s has %s %.63s too; pods get one "
                 "sidecar, that of the oldest: put all paths into one of the two",
                 w->t->path, jsonx_name(other), w->t->kind, w->t->name);
    return false;
}

/* Pods have one sidecar, and the oldest configuration wins it. */
static void rule_one_sidecar(const struct workload *w)
{
    const struct snapshot *snapshot = w->a->request->snapshot;
    struct workload arg = *w;

    if (!w->t->is_restore)
        snapshot->each_invoker(snapshot->ctx, w->t->kind, w->t->namespace, w->t->name,
                               warn_of_other, &arg);
}

/* ---- the account ------------------------------------------------------------------------------------------------- */

static const json_t *pod_of(const json_t *workload)
{
    return jsonx_get(workload, "spec", "template", "spec", NULL);
}

static bool is_the_target(const struct workload *w, const json_t *other)
{
    return text_is(jsonx_str(other, "kind", NULL), w->t->kind) &&
           text_is(jsonx_name(other), w->t->name);
}

struct sharing {
    const struct workload *w;
    const char *account;
    json_t *found;
};

static bool is_no_sharer(void *arg, const json_t *other)
{
    struct sharing *sharing = arg;
    const json_t *pod = pod_of(other);
    const char *own = or_default(jsonx_str(pod, "serviceAccountName", NULL));

    if (!pod || is_the_target(sharing->w, other) || strcmp(own, sharing->account) != 0)
        return true;
    sharing->found = json_incref(jsonx_unconst(other));
    return false;
}

/* Another workload of the namespace that runs as this account. New reference; NULL: none is known. */
static json_t *find_sharer(const struct workload *w, const char *account)
{
    const struct snapshot *snapshot = w->a->request->snapshot;
    struct sharing sharing = {w, account, NULL};

    for (size_t kind = 0; kind < KIND_COUNT && !sharing.found; kind++)
        if (kind_is_workload((enum kind)kind))
            snapshot->each(snapshot->ctx, (enum kind)kind, w->t->namespace, is_no_sharer, &sharing);
    return sharing.found;
}

static void rule_account(const struct workload *w)
{
    const char *account = or_default(jsonx_str(w->pod, "serviceAccountName", NULL));

    if (!w->pod)
        return;
    if (strcmp(account, "default") == 0) {
        warnings_add(w->a->warnings,
                     "%s.target.ref: %s %.63s runs as the ServiceAccount default, which gets the "
                     "rights that the backup needs; other pods have it too: set "
                     "spec.template.spec.serviceAccountName there",
                     w->t->path, w->t->kind, w->t->name);
        return;
    }
    json_auto_t *other = find_sharer(w, account);
    if (other)
        warnings_add(w->a->warnings,
                     "%s.target.ref: %s %.50s runs as ServiceAccount %.50s, as %s %.50s does; it "
                     "gets the rights that the backup needs: give each its own",
                     w->t->path, w->t->kind, w->t->name, account, jsonx_str(other, "kind", NULL),
                     jsonx_name(other));
}

/* ---- parts of volumes -------------------------------------------------------------------------------------------- */

static const char *part_of(const json_t *mount)
{
    const char *path = jsonx_str(mount, "subPath", NULL);
    const char *expression = jsonx_str(mount, "subPathExpr", NULL);

    return path && *path ? path : expression && *expression ? expression : NULL;
}

/* The part of a volume that the application mounts, if it mounts nothing but parts of it. */
static const char *part_mounted(const json_t *pod, const char *volume, const char **ret_field)
{
    const json_t *containers = jsonx_get(pod, "containers", NULL);
    const char *found = NULL;

    for (size_t c = 0; c < json_array_size(containers); c++) {
        const json_t *mounts = jsonx_get(json_array_get(containers, c), "volumeMounts", NULL);
        for (size_t m = 0; m < json_array_size(mounts); m++) {
            const json_t *mount = json_array_get(mounts, m);
            if (!text_is(jsonx_str(mount, "name", NULL), volume))
                continue;
            found = part_of(mount);
            if (!found)
                return NULL;
            *ret_field = jsonx_str(mount, "subPath", NULL) ? "subPath" : "subPathExpr";
        }
    }
    return found;
}

static void rule_whole_volume(const struct workload *w)
{
    const json_t *mounts = jsonx_get(w->t->doc, "target", "volumeMounts", NULL);

    for (size_t i = 0; w->pod && i < json_array_size(mounts); i++) {
        const json_t *mount = json_array_get(mounts, i);
        const char *volume = jsonx_str(mount, "name", NULL), *field = "";
        const char *part = volume ? part_mounted(w->pod, volume, &field) : NULL;
        if (part && !part_of(mount))
            warnings_add(w->a->warnings,
                         "%s.target.volumeMounts[%zu]: %s %.63s mounts only %.40s of volume %.63s, "
                         "this all of it: add %s: %.40s",
                         w->t->path, i, w->t->kind, w->t->name, part, volume, field, part);
    }
}

/* ---- hooks ------------------------------------------------------------------------------------------------------- */

static bool has_container(const json_t *pod, const char *name)
{
    return jsonx_find(jsonx_get(pod, "containers", NULL), "name", name) >= 0 ||
           jsonx_find(jsonx_get(pod, "initContainers", NULL), "name", name) >= 0;
}

static char *container_names(const json_t *pod)
{
    const json_t *list = jsonx_get(pod, "containers", NULL);
    AUTO(buf_done) struct buf text;

    buf_init(&text, 512);
    for (size_t i = 0; i < json_array_size(list) && i < NAMES_SHOWN; i++) {
        const char *name = jsonx_str(json_array_get(list, i), "name", NULL);
        buf_addf(&text, "%s%.63s", i ? ", " : "", name ? name : "?");
    }
    return buf_take(&text);
}

static void rule_hook_container(const struct workload *w)
{
    const char *key;
    const json_t *hook;

    if (!w->pod)
        return;
    jsonx_foreach_member (jsonx_get(w->t->doc, "hooks", NULL), key, hook) {
        const char *name = jsonx_str(hook, "containerName", NULL);
        if (!name || !*name || !jsonx_get(hook, "exec", NULL) || has_container(w->pod, name))
            continue;
        AUTO(mem_free) char *names = container_names(w->pod);
        warnings_add(w->a->warnings,
                     "%s.hooks.%.40s.containerName: %s %.63s has no container %.63s; it has %s",
                     w->t->path, key, w->t->kind, w->t->name, name, names);
    }
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void (*const workload_rules[])(const struct workload *w) = {
    rule_one_sidecar,
    rule_account,
    rule_whole_volume,
    rule_hook_container,
};

void rule_workload(const struct admit *a, const struct target_view *t)
{
    enum kind kind = kind_find(t->api_version, t->kind);

    if (!a->request->snapshot || a->request->at_run_time || !kind_is_workload(kind) || !*t->name ||
        t->is_foreign || !t->is_sidecar)
        return;
    json_auto_t *object = rule_lookup(a, kind, t->namespace, t->name);
    const struct workload workload = {a, t, pod_of(object)};
    for (size_t i = 0; i < ARRAY_LEN(workload_rules); i++)
        workload_rules[i](&workload);
}

void admit_advise(const struct admit_request *request, struct warnings *warnings)
{
    const struct admit a = {
        .request = request,
        .spec = jsonx_get(request->object, "spec", NULL),
        .namespace = admit_namespace(request),
        .warnings = warnings,
    };

    for (size_t i = 0; i < target_count(request->kind, a.spec); i++) {
        struct target_view target;
        target_view(request->kind, a.spec, i, a.namespace, &target);
        rule_workload(&a, &target);
    }
}
