#include "target.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stash/addon_info.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/vars.h"

bool target_has_claims(const struct target_view *target)
{
    return target->is_restore &&
           !jsonx_is_empty(jsonx_get(target->doc, "target", "volumeClaimTemplates", NULL));
}

bool target_restores_folders(const struct target_view *target)
{
    return target->is_restore && strcmp(target->driver, "Restic") == 0 &&
           (target->is_sidecar ||
            (target_has_claims(target) && !*target->task && !target_is_app_binding(target)));
}

static bool is_batch(enum kind kind)
{
    return kind == KIND_BACKUP_BATCH || kind == KIND_RESTORE_BATCH;
}

size_t target_count(enum kind kind, const json_t *spec)
{
    return is_batch(kind) ? json_array_size(jsonx_get(spec, "members", NULL)) : 1;
}

/* Stash decides by kind, Task and claims to make alone; for a restore it does not look at the driver. */
static bool runs_in_pods(const struct target_view *target)
{
    if (*target->task || target_has_claims(target) ||
        !(kind_is_workload(kind_by_name(target->kind)) ||
          kind_is_named_by_pods(target->api_version, target->kind)))
        return false;
    return target->is_restore || strcmp(target->driver, "Restic") == 0;
}

void target_view(enum kind kind, const json_t *spec, size_t index, const char *namespace,
                 struct target_view *ret)
{
    const char *driver = jsonx_str(spec, "driver", NULL);

    *ret = (struct target_view){
        .doc = spec,
        .path = "spec",
        .driver = driver && *driver ? driver : "Restic",
        .is_restore = kind == KIND_RESTORE_SESSION || kind == KIND_RESTORE_BATCH,
    };
    if (is_batch(kind)) {
        ret->doc = json_array_get(jsonx_get(spec, "members", NULL), index);
        snprintf(ret->path, sizeof(ret->path), "spec.members[%zu]", index);
    }
    const json_t *ref = jsonx_get(ret->doc, "target", "ref", NULL);
    ret->task = text_or_empty(jsonx_str(ret->doc, "task", "name", NULL));
    ret->api_version = text_or_empty(jsonx_str(ref, "apiVersion", NULL));
    ret->kind = text_or_empty(jsonx_str(ref, "kind", NULL));
    ret->name = text_or_empty(jsonx_str(ref, "name", NULL));
    ret->namespace = text_or_empty(jsonx_str(ref, "namespace", NULL));
    if (!*ret->namespace)
        ret->namespace = namespace;
    ret->is_foreign = strcmp(ret->namespace, namespace) != 0;
    ret->is_sidecar = runs_in_pods(ret);
}

bool target_is_app_binding(const struct target_view *target)
{
    return kind_find(target->api_version, target->kind) == KIND_APP_BINDING;
}

json_t *target_app_binding(const struct target_view *target, const struct snapshot *snapshot)
{
    if (!snapshot || !target_is_app_binding(target) || !*target->name)
        return NULL;
    return snapshot->get(snapshot->ctx, KIND_APP_BINDING, target->namespace, target->name);
}

const char *target_task(const struct target_view *target, const json_t *app_binding)
{
    const char *which = target->is_restore ? "restoreTask" : "backupTask";

    if (*target->task)
        return target->task;
    return text_or_empty(
        jsonx_str(app_binding, "spec", "parameters", "stash", "addon", which, "name", NULL));
}

/* ---- who dumps into the interim volume ------------------------------------------------------- */

#define VARIABLE "INTERIM_DATA_DIR"

/* An addon of Stash's catalog that does and that is none of ours. */
static const char not_ours[] = "vault";

static bool name_reads_interim(const char *task)
{
    const struct addon_info *info = addon_info_by_task(task);
    size_t len = strlen(not_ours);

    if (info)
        return info->interim;
    return strncmp(task, not_ours, len) == 0 &&
           (strncmp(task + len, "-backup", 7) == 0 || strncmp(task + len, "-restore", 8) == 0);
}

/* "kubedb.com/elasticsearch", "kubevault.com/vaultserver", "nats" */
static bool type_reads_interim(const json_t *app_binding)
{
    const char *type = text_or_empty(jsonx_str(app_binding, "spec", "type", NULL));
    const char *slash = strrchr(type, '/');
    const struct addon_info *info = addon_info_by_type(type);

    return info ? info->interim
                : strncasecmp(slash ? slash + 1 : type, not_ours, strlen(not_ours)) == 0;
}

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

/* One Function that is not known leaves the question open, unless another one already says yes. */
static enum answer functions_read_interim(const json_t *task, const struct snapshot *snapshot)
{
    const json_t *steps = jsonx_get(task, "spec", "steps", NULL);
    enum answer answer =
        vars_mentions(jsonx_get(task, "spec", NULL), VARIABLE) ? ANSWER_YES : ANSWER_NO;

    for (size_t i = 0; answer != ANSWER_YES && i < json_array_size(steps); i++) {
        const char *name = text_or_empty(jsonx_str(json_array_get(steps, i), "name", NULL));
        json_auto_t *function = snapshot->get(snapshot->ctx, KIND_FUNCTION, NULL, name);
        if (!function)
            answer = ANSWER_UNKNOWN;
        else if (vars_mentions(jsonx_get(function, "spec", NULL), VARIABLE))
            answer = ANSWER_YES;
    }
    return answer;
}

bool target_reads_interim(const struct target_view *target, const json_t *app_binding,
                          const struct snapshot *snapshot)
{
    const char *name = target_task(target, app_binding);

    if (!*name)
        return target_is_app_binding(target) && type_reads_interim(app_binding);
    json_auto_t *task = snapshot ? snapshot->get(snapshot->ctx, KIND_TASK, NULL, name) : NULL;
    enum answer answer = task ? functions_read_interim(task, snapshot) : ANSWER_UNKNOWN;
    return answer == ANSWER_UNKNOWN ? name_reads_interim(name) : answer == ANSWER_YES;
}
