/* trigger.c - create-backupsession: what the CronJob runs. */
#include <string.h>

#include "stash/agent.h"
#include "stash/clock.h"
#include "stash/cut.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/log.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/text.h"

/* A batch is known by its first member. */
static const json_t *target_of(const json_t *invoker)
{
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);
    const json_t *member = members ? json_array_get(members, 0) : jsonx_get(invoker, "spec", NULL);

    return jsonx_get(member, "target", "ref", NULL);
}

static const char *target_namespace(const json_t *invoker)
{
    const char *namespace = jsonx_str(target_of(invoker), "namespace", NULL);

    return namespace && *namespace ? namespace : jsonx_namespace(invoker);
}

/* A label's value as labels hold it; where that is not the whole, the whole under the same key as an annotation. */
static void set_label(json_t *metadata, const char *key, const char *value)
{
    AUTO(mem_free) char *cut = cut_label(text_or_empty(value));

    json_object_set_new(jsonx_own(metadata, "labels"), key, json_string(cut));
    if (strcmp(cut, text_or_empty(value)) != 0)
        json_object_set_new(jsonx_own(metadata, "annotations"), key, json_string(value));
}

static json_t *metadata_of(const json_t *invoker, const char *name)
{
    const json_t *ref = target_of(invoker);
    json_t *metadata = json_pack("{s:s, s:s, s:O*}", PAIR("name", name),
                                 PAIR("namespace", jsonx_namespace(invoker)),
                                 PAIR("labels", jsonx_get(invoker, "metadata", "labels", NULL)));

    set_label(metadata, LABEL_COMPONENT, "stash-backup");
    set_label(metadata, LABEL_MANAGED_BY, STASH_GROUP);
    set_label(metadata, LABEL_INVOKER_TYPE, jsonx_str(invoker, "kind", NULL));
    set_label(metadata, LABEL_INVOKER_NAME, jsonx_name(invoker));
    set_label(metadata, LABEL_TARGET_KIND, jsonx_str(ref, "kind", NULL));
    set_label(metadata, LABEL_TARGET_NAME, jsonx_str(ref, "name", NULL));
    set_label(metadata, LABEL_TARGET_NAMESPACE, target_namespace(invoker));
    json_object_set_new(metadata, "ownerReferences",
                        json_pack("[{s:s, s:s, s:s, s:s, s:b, s:b}]",
                                  PAIR("apiVersion", jsonx_str(invoker, "apiVersion", NULL)),
                                  PAIR("kind", jsonx_str(invoker, "kind", NULL)),
                                  PAIR("name", jsonx_name(invoker)),
                                  PAIR("uid", jsonx_uid(invoker)), PAIR("controller", 1),
                                  PAIR("blockOwnerDeletion", 1)));
    return metadata;
}

static json_t *draft_of(const json_t *invoker, const char *name)
{
    return json_pack(
        "{s:s, s:s, s:o, s:{s:{s:s, s:s, s:s}, s:I}}",
        PAIR("apiVersion", kind_api_version(KIND_BACKUP_SESSION)), PAIR("kind", "BackupSession"),
        PAIR("metadata", metadata_of(invoker, name)),
        PAIR("spec",
             PAIR("invoker", PAIR("apiGroup", STASH_GROUP),
                  PAIR("kind", jsonx_str(invoker, "kind", NULL)),
                  PAIR("name", jsonx_name(invoker))),
             PAIR("retryLeft", jsonx_int(invoker, 0, "spec", "retryConfig", "maxRetry", NULL))));
}

static bool is_session_of(const json_t *session, const json_t *invoker)
{
    const json_t *owners = jsonx_get(session, "metadata", "ownerReferences", NULL);

    return jsonx_uid(invoker) && jsonx_find(owners, "uid", jsonx_uid(invoker)) >= 0;
}

/* Two invokers never share a session: where another one's has the name, ours gets one with a digest. */
static int create_session(struct kube *kube, const json_t *invoker, bool distinct,
                          const struct kube_write *options, json_t **ret, struct error *err)
{
    const struct name_owner owner = {jsonx_str(invoker, "kind", NULL), jsonx_namespace(invoker),
                                     jsonx_name(invoker), distinct};
    AUTO(mem_free) char *name = name_backup_session(&owner, clock_now());
    json_auto_t *draft = draft_of(invoker, name);

    int r = kube_create(kube, kind_resource(KIND_BACKUP_SESSION), draft, options, ret, err);
    if (r == -ERR_CONFLICT) {
        json_auto_t *found = NULL;
        r = kube_get(kube, kind_resource(KIND_BACKUP_SESSION), jsonx_namespace(invoker), name,
                     &found, err);
        bool is_own = r == 0 && is_session_of(found, invoker);
        if (r == 0 && !is_own && !distinct)
            return create_session(kube, invoker, true, options, ret, err);
        if (r == 0 && !is_own)
            r = error_set(err, ERR_CONFLICT, "a session of another invoker has that name");
        if (r == 0)
            *ret = TAKE(found);
    }
    return r < 0 ? error_wrap(err, "creating BackupSession %s", name) : 0;
}

json_t *agent_draft_session(const json_t *invoker)
{
    const struct name_owner owner = {jsonx_str(invoker, "kind", NULL), jsonx_namespace(invoker),
                                     jsonx_name(invoker), false};
    AUTO(mem_free) char *name = name_backup_session(&owner, clock_now());

    return draft_of(invoker, name);
}

int agent_start_session(struct kube *kube, const json_t *invoker, const struct kube_write *options,
                        json_t **ret, struct error *err)
{
    return create_session(kube, invoker, false, options, ret, err);
}

int agent_create_session(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    const char *kind = flags->invoker_kind ? flags->invoker_kind : "BackupConfiguration";
    json_auto_t *invoker = NULL;
    int r;

    if (!flags->invoker_name || kind_by_name(kind) == KIND_UNKNOWN)
        return error_set(err, ERR_INVALID, "--invoker-name and a known --invoker-kind are needed");
    r = kube_get(kube, kind_resource(kind_by_name(kind)), flags->namespace, flags->invoker_name,
                 &invoker, err);
    if (r < 0)
        return error_wrap(err, "reading %s %s/%s", kind, flags->namespace, flags->invoker_name);
    json_auto_t *session = NULL;
    r = create_session(kube, invoker, false, NULL, &session, err);
    if (r == 0)
        log_info("there is a session", "session", jsonx_name(session), "namespace",
                 jsonx_namespace(invoker));
    return r;
}
