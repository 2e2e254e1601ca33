/* A pod's review, cut down to what the injector reads. */
#include <string.h>

#include "skim.h"

/* What the injector reads of a pod's spec in which nothing has a name of ours; the rest cannot matter to it. */
static const struct keep name_keeps[] = {{"name", NULL}, {0}};
static const struct keep container_keeps[] = {{"name", NULL},
                                              {"resources", NULL},
                                              {"securityContext", NULL},
                                              {"volumeMounts", name_keeps},
                                              {"volumeDevices", name_keeps},
                                              {"restartPolicy", NULL},
                                              {0}};
static const struct keep claim_spec_keeps[] = {{"volumeMode", NULL}, {0}};
static const struct keep claim_keeps[] = {{"spec", claim_spec_keeps}, {0}};
static const struct keep ephemeral_keeps[] = {{"volumeClaimTemplate", claim_keeps}, {0}};
static const struct keep volume_keeps[] = {{"name", NULL}, {"ephemeral", ephemeral_keeps}, {0}};
static const struct keep affinity_keeps[] = {{"nodeAffinity", NULL}, {0}};
static const struct keep spec_keeps[] = {{"containers", container_keeps},
                                         {"initContainers", container_keeps},
                                         {"ephemeralContainers", container_keeps},
                                         {"volumes", volume_keeps},
                                         {"securityContext", NULL},
                                         {"imagePullSecrets", NULL},
                                         {"os", NULL},
                                         {"nodeSelector", NULL},
                                         {"resources", NULL},
                                         {"restartPolicy", NULL},
                                         {"affinity", affinity_keeps},
                                         {"hostUsers", NULL},
                                         {"resourceClaims", name_keeps},
                                         {"terminationGracePeriodSeconds", NULL},
                                         {0}};

static const struct want metadata_wants[] = {{"name", SKIM_METADATA_FIRST, NULL},
                                             {"generateName", SKIM_METADATA_FIRST + 1, NULL},
                                             {"namespace", SKIM_METADATA_FIRST + 2, NULL},
                                             {"labels", SKIM_METADATA_FIRST + 3, NULL},
                                             {"annotations", SKIM_METADATA_FIRST + 4, NULL},
                                             {"ownerReferences", SKIM_METADATA_FIRST + 5, NULL},
                                             {0}};

static const struct want object_wants[] = {
    {"metadata", SKIM_METADATA, metadata_wants}, {"spec", SKIM_SPEC, NULL}, {0}};
static const struct want gvk_wants[] = {
    {"group", SKIM_GVK_GROUP, NULL}, {"kind", SKIM_GVK_KIND, NULL}, {0}};
static const struct want request_wants[] = {{"uid", SKIM_UID, NULL},
                                            {"kind", SKIM_GVK, gvk_wants},
                                            {"namespace", SKIM_NAMESPACE, NULL},
                                            {"operation", SKIM_OPERATION, NULL},
                                            {"subResource", SKIM_SUBRESOURCE, NULL},
                                            {"object", SKIM_OBJECT, object_wants},
                                            {0}};
static const struct want review_wants[] = {{"apiVersion", SKIM_API_VERSION, NULL},
                                           {"kind", SKIM_KIND, NULL},
                                           {"request", SKIM_REQUEST, request_wants},
                                           {0}};

/* ---- reading ---- */

static bool is_string(const struct pod_skim *skim, enum skim_slot slot, const char *text)
{
    return skim->found[slot].at && slice_is(skim->found[slot], text);
}

static bool is_plain(const struct pod_skim *skim, enum skim_slot slot)
{
    return skim->found[slot].at && slice_is_plain(skim->found[slot]);
}

static bool is_object(const struct pod_skim *skim, enum skim_slot slot)
{
    return skim->found[slot].at && skim->found[slot].at[0] == '{';
}

static bool is_review(const struct pod_skim *skim)
{
    return is_string(skim, SKIM_KIND, "AdmissionReview") &&
           (is_string(skim, SKIM_API_VERSION, "admission.k8s.io/v1") ||
            is_string(skim, SKIM_API_VERSION, "admission.k8s.io/v1beta1")) &&
           is_plain(skim, SKIM_UID) && skim->found[SKIM_UID].len > 2 &&
           is_plain(skim, SKIM_NAMESPACE);
}

static bool is_pod_creation(const struct pod_skim *skim)
{
    return is_string(skim, SKIM_GVK_GROUP, "") && is_string(skim, SKIM_GVK_KIND, "Pod") &&
           is_string(skim, SKIM_OPERATION, "CREATE") &&
           (!skim->found[SKIM_SUBRESOURCE].at || is_string(skim, SKIM_SUBRESOURCE, "")) &&
           is_object(skim, SKIM_METADATA);
}

bool skim_pod_review(struct slice body, struct pod_skim *ret)
{
    *ret = (struct pod_skim){0};
    return skim_object(body, review_wants, ret->found) && is_review(ret) && is_pod_creation(ret) &&
           is_object(ret, SKIM_SPEC);
}

/* The walk stops where the text does; what was whole by then is noted. */
bool skim_pod_head(struct slice text, struct pod_skim *ret)
{
    *ret = (struct pod_skim){0};
    skim_object(text, review_wants, ret->found);
    return is_review(ret) && is_pod_creation(ret);
}

/* ---- documents ---- */

json_t *skim_metadata(const struct pod_skim *skim)
{
    json_auto_t *metadata = json_object();

    for (const struct want *want = metadata_wants; want->name; want++) {
        struct slice value = skim->found[want->slot];
        if (value.at && json_object_set_new(metadata, want->name, skim_tree(value, NULL)) < 0)
            return NULL;
    }
    return json_pack("{sO}", "metadata", metadata);
}

/* Containers and volumes of ours are compared member by member: nothing may be left out then. */
static bool may_be_ours(struct slice body)
{
    const char *end = body.at + body.len, *at = body.at;

    while ((at = memmem(at, (size_t)(end - at), "\"stash", 6)) && at + 6 < end) {
        at += 6;
        if (*at == '"' || *at == '-')
            return true;
    }
    return false;
}

json_t *skim_spec(const struct pod_skim *skim, struct slice body)
{
    return may_be_ours(body) ? NULL : skim_tree(skim->found[SKIM_SPEC], spec_keeps);
}
