/*
 * The cluster autoscaler takes no node away on which a pod has an emptyDir, unless the pod's annotation lists it. Ours
 * hold nothing that must outlive the pod: they join the list, so that a pod can be evicted as it could before. What else
 * the pod has, and what its owner says of that, stays as it is.
 */
#include <stdio.h>
#include <string.h>

#include "parts.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"

/* One name of the list; false at its end. */
static bool name_next(const char **list, const char **ret_name, size_t *ret_len)
{
    if (!**list)
        return false;
    *ret_name = *list;
    *ret_len = strcspn(*list, ",");
    *list += *ret_len + ((*list)[*ret_len] == ',');
    return true;
}

static bool is_ours(const char *name, size_t len)
{
    for (size_t i = 0; i < PART_COUNT; i++)
        if (len == strlen(part_rows[i].tmp_volume) &&
            strncmp(name, part_rows[i].tmp_volume, len) == 0)
            return true;
    return false;
}

static bool has_ours(const char *list)
{
    const char *name;
    size_t len;

    while (list && name_next(&list, &name, &len))
        if (is_ours(name, len))
            return true;
    return false;
}

bool evict_has_ours(const json_t *pod)
{
    return has_ours(jsonx_annotation(pod, ANNOTATION_EVICT_LOCAL));
}

static void list_add(struct buf *list, const char *name, size_t len)
{
    if (len == 0)
        return;
    if (list->len)
        buf_addc(list, ',');
    buf_add(list, name, len);
}

/* The list without our names; the caller frees it. */
static char *other_containers(const char *list)
{
    AUTO(buf_done) struct buf text;
    const char *name;
    size_t len;

    buf_init(&text, LIMIT_ANNOTATIONS);
    while (name_next(&list, &name, &len))
        if (!is_ours(name, len))
            list_add(&text, name, len);
    return buf_take(&text);
}

void evict_strip(json_t *metadata)
{
    const char *list = jsonx_str(metadata, "annotations", ANNOTATION_EVICT_LOCAL, NULL);

    if (!has_ours(list))
        return;
    AUTO(mem_free) char *left = other_containers(list);
    json_t *annotations = jsonx_own(metadata, "annotations");
    if (*left)
        json_object_set_new(annotations, ANNOTATION_EVICT_LOCAL, json_string(left));
    else
        json_object_del(annotations, ANNOTATION_EVICT_LOCAL);
    if (json_object_size(annotations) == 0)
        json_object_del(metadata, "annotations");
}

/* A volume in memory is none that holds a node. */
static bool holds_node(const json_t *volume)
{
    const json_t *directory = json_object_get(volume, "emptyDir");

    return directory && !text_is(jsonx_str(directory, "medium", NULL), "Memory");
}

static const char *node_holder(const struct part *part)
{
    if (!part->recipe || part->refusal.reason != INJECT_DONE)
        return NULL;
    const json_t *volumes = part->recipe->volumes;
    const char *name = part->recipe->row->tmp_volume;
    ptrdiff_t at = jsonx_find(volumes, "name", name);
    return at >= 0 && holds_node(json_array_get(volumes, (size_t)at)) ? name : NULL;
}

/* Most pods have no list of their own: nothing is allocated for them. */
void evict_annotate(json_t *metadata, const struct part parts[PART_COUNT])
{
    const char *list = jsonx_str(metadata, "annotations", ANNOTATION_EVICT_LOCAL, NULL);
    AUTO(mem_free) char *before = list ? other_containers(list) : NULL;
    AUTO(mem_free) char *whole = NULL;
    char ours[PART_COUNT * 64] = "";
    size_t len = 0;

    for (size_t i = 0; i < PART_COUNT; i++) {
        const char *name = node_holder(&parts[i]);
        if (name)
            len += (size_t)snprintf(ours + len, sizeof(ours) - len, "%s%s", len ? "," : "", name);
    }
    if (len == 0)
        return;
    if (before && *before)
        whole = xasprintf("%s,%s", before, ours);
    json_object_set_new(jsonx_own(metadata, "annotations"), ANNOTATION_EVICT_LOCAL,
                        json_string(whole ? whole : ours));
}
