/* A pod's review, cut down to what the injector reads. */
#include <string.h>

#include "skim.h"

/* What the injector reads of a pod in which nothing has a name of ours; the rest cannot matter to it. */
static const struct want container_wants[] = {
    {"name", 0, NULL},         {"resources", 1, NULL},     {"securityContext", 2, NULL},
    {"volumeMounts", 3, NULL}, {"restartPolicy", 4, NULL}, {0}};
static const struct want volume_wants[] = {{"name", 0, NULL}, {0}};
#define MAX_ITEM_MEMBERS 5

static const struct want metadata_wants[] = {{"name", SKIM_METADATA_FIRST, NULL},
                                             {"generateName", SKIM_METADATA_FIRST + 1, NULL},
                                             {"namespace", SKIM_METADATA_FIRST + 2, NULL},
                                             {"labels", SKIM_METADATA_FIRST + 3, NULL},
                                             {"annotations", SKIM_METADATA_FIRST + 4, NULL},
                                             {"ownerReferences", SKIM_METADATA_FIRST + 5, NULL},
                                             {0}};

/* Lists first: their elements are cut down too. */
#define SPEC_LISTS 4
static const struct want spec_wants[] = {{"containers", SKIM_SPEC_FIRST, NULL},
                                         {"initContainers", SKIM_SPEC_FIRST + 1, NULL},
                                         {"ephemeralContainers", SKIM_SPEC_FIRST + 2, NULL},
                                         {"volumes", SKIM_SPEC_FIRST + 3, NULL},
                                         {"securityContext", SKIM_SPEC_FIRST + 4, NULL},
                                         {"imagePullSecrets", SKIM_SPEC_FIRST + 5, NULL},
                                         {"os", SKIM_SPEC_FIRST + 6, NULL},
                                         {"nodeSelector", SKIM_SPEC_FIRST + 7, NULL},
                                         {"resources", SKIM_SPEC_FIRST + 8, NULL},
                                         {"restartPolicy", SKIM_SPEC_FIRST + 9, NULL},
                                         {0}};
static const struct want *const list_wants[SPEC_LISTS] = {container_wants, container_wants,
                                                          container_wants, volume_wants};

static const struct want object_wants[] = {
    {"metadata", SKIM_METADATA, metadata_wants}, {"spec", SKIM_SPEC, spec_wants}, {0}};
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
           is_object(skim, SKIM_METADATA) && is_object(skim, SKIM_SPEC);
}

bool skim_pod_review(struct slice body, struct pod_skim *ret)
{
    *ret = (struct pod_skim){0};
    return skim_object(body, review_wants, ret->found) && is_review(ret) && is_pod_creation(ret);
}

/* ---- writing ---- */

static void comma_add(struct buf *out)
{
    char last = out->data[out->len - 1];

    if (last != '{' && last != '[')
        buf_addc(out, ',');
}

static void name_add(struct buf *out, const char *name)
{
    comma_add(out);
    buf_addc(out, '"');
    buf_adds(out, name);
    buf_adds(out, "\":");
}

static void member_add(struct buf *out, const struct want *want, const struct slice *found)
{
    struct slice value = found[want->slot];

    if (!value.at)
        return;
    name_add(out, want->name);
    buf_add(out, value.at, value.len);
}

static void members_add(struct buf *out, const struct want *wants, const struct slice *found)
{
    for (; wants->name; wants++)
        member_add(out, wants, found);
}

static bool is_text(struct slice value, const char *text)
{
    return value.len == strlen(text) && memcmp(value.at, text, value.len) == 0;
}

static bool item_add(struct buf *out, struct slice item, const struct want *wants)
{
    struct slice found[MAX_ITEM_MEMBERS] = {0};

    if (!skim_object(item, wants, found))
        return false;
    comma_add(out);
    buf_addc(out, '{');
    members_add(out, wants, found);
    return buf_addc(out, '}');
}

/* The array with every element cut down. */
static bool list_add(struct buf *out, const char *name, struct slice list, const struct want *wants)
{
    struct slice item;
    size_t at = 0;

    if (!list.at || is_text(list, "null") || is_text(list, "[]"))
        return true;
    name_add(out, name);
    buf_addc(out, '[');
    while (skim_next(list, &at, &item))
        if (!item_add(out, item, wants))
            return false;
    return at > 0 && list.at[at] == ']' && buf_addc(out, ']');
}

static bool spec_add(struct buf *out, const struct slice *found)
{
    for (size_t i = 0; i < SPEC_LISTS; i++)
        if (!list_add(out, spec_wants[i].name, found[spec_wants[i].slot], list_wants[i]))
            return false;
    members_add(out, spec_wants + SPEC_LISTS, found);
    return true;
}

void skim_metadata(const struct pod_skim *skim, struct buf *ret)
{
    buf_adds(ret, "{\"metadata\":{");
    members_add(ret, metadata_wants, skim->found);
    buf_adds(ret, "}}");
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

bool skim_spec(const struct pod_skim *skim, struct slice body, struct buf *ret)
{
    if (may_be_ours(body))
        return false;
    buf_adds(ret, "{\"spec\":{");
    return spec_add(ret, skim->found) && buf_adds(ret, "}}");
}
