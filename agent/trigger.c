/* trigger.c - create-backupsession: what the CronJob runs. */
#include <string.h>

#include "stash/agent.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

/* A batch is known by its first member. */
static const json_t *target_of(const json_t *invoker)
{
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);
    const json_t *member = members ? json_array_get(members, 0) : jsonx_get(invoker, "spec", NULL);

    return jsonx_get(member, "target", "ref", NULL);
}

static json_t *labels_of(const json_t *invoker)
{
    const json_t *ref = target_of(invoker);
    const char *namespace = jsonx_str(ref, "namespace", NULL);
    json_t *labels = json_object();

    json_object_update(labels, jsonx_get(invoker, "metadata", "labels", NULL));
    json_object_update_new(
        labels,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", LABEL_COMPONENT, "stash-backup",
                  LABEL_MANAGED_BY, STASH_GROUP, LABEL_INVOKER_TYPE,
                  jsonx_str(invoker, "kind", NULL), LABEL_INVOKER_NAME, jsonx_name(invoker),
                  LABEL_TARGET_KIND, or_empty(jsonx_str(ref, "kind", NULL)), LABEL_TARGET_NAME,
                  or_empty(jsonx_str(ref, "name", NULL)), LABEL_TARGET_NAMESPACE,
                  namespace && *namespace ? namespace : jsonx_namespace(invoker)));
    return labels;
}

static json_t *session_of(const json_t *invoker, const char *name)
{
    const char *kind = jsonx_str(invoker, "kind", NULL);

    return json_pack(
        "{s:s, s:s, s:{s:s, s:s, s:o, s:[{s:s, s:s, s:s, s:s, s:b, s:b}]}, s:{s:{s:s, s:s, s:s}, "
        "s:I}}",
        "apiVersion", kind_api_version(KIND_BACKUP_SESSION), "kind", "BackupSession", "metadata",
        "name", name, "namespace", jsonx_namespace(invoker), "labels", labels_of(invoker),
        "ownerReferences", "apiVersion", jsonx_str(invoker, "apiVersion", NULL), "kind", kind,
        "name", jsonx_name(invoker), "uid", jsonx_uid(invoker), "controller", 1,
        "blockOwnerDeletion", 1, "spec", "invoker", "apiGroup", STASH_GROUP, "kind", kind, "name",
        jsonx_name(invoker), "retryLeft",
        jsonx_int(invoker, 0, "spec", "retryConfig", "maxRetry", NULL));
}

int agent_create_session(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    const char *kind = flags->invoker_kind ? flags->invoker_kind : "BackupConfiguration";
    json_auto_t *invoker = NULL;
    json_auto_t *session = NULL;
    AUTO(mem_free) char *name = NULL;
    int r;

    if (!flags->invoker_name || kind_by_name(kind) == KIND_UNKNOWN)
        return error_set(err, ERR_INVALID, "--invoker-name and a known --invoker-kind are needed");
    r = kube_get(kube, kind_resource(kind_by_name(kind)), flags->namespace, flags->invoker_name,
                 &invoker, err);
    if (r < 0)
        return error_wrap(err, "reading %s %s/%s", kind, flags->namespace, flags->invoker_name);
    name = name_backup_session(flags->invoker_name, clock_now());
    session = session_of(invoker, name);
    r = kube_create(kube, kind_resource(KIND_BACKUP_SESSION), session, NULL, NULL, err);
    if (r == -ERR_CONFLICT) {
        log_info("a session of this second exists already", "session", name);
        return 0;
    }
    if (r < 0)
        return error_wrap(err, "creating BackupSession %s", name);
    log_info("created", "session", name, "namespace", flags->namespace);
    return 0;
}
