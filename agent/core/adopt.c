#include "stash/adopt.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/text.h"

void adoption_done(struct adoption *adoption)
{
    json_decref(adoption->rows);
    json_decref(adoption->tags);
    json_decref(adoption->found);
    json_decref(adoption->taken);
    argv_done(&adoption->ids);
    *adoption = (struct adoption){0};
}

static bool is_text_or_absent(const json_t *value)
{
    return !value || json_is_string(value);
}

static bool is_list_or_absent(const json_t *value)
{
    return !value || json_is_array(value);
}

static bool is_row(const json_t *row)
{
    return jsonx_str(row, "invoker", NULL) && is_text_or_absent(jsonx_get(row, "host", NULL)) &&
           is_text_or_absent(jsonx_get(row, "target", NULL)) &&
           is_list_or_absent(jsonx_get(row, "paths", NULL));
}

int adoption_read(struct adoption *adoption, const char *annotation, bool *ret_wanted,
                  struct error *err)
{
    json_auto_t *rows = NULL;
    size_t i;
    json_t *row;
    int r;

    *ret_wanted = false;
    adoption->rows = json_array();
    adoption->tags = json_object();
    adoption->found = json_object();
    adoption->taken = json_object();
    if (!annotation || !*annotation)
        return 0;
    r = jsonx_parse(annotation, strlen(annotation), &rows, err);
    if (r < 0)
        return error_wrap(err, "annotation " ANNOTATION_ADOPT_SNAPSHOTS);
    if (!json_is_array(rows))
        return error_set(err, ERR_INVALID,
                         "annotation " ANNOTATION_ADOPT_SNAPSHOTS " is not a JSON array");
    json_array_foreach (rows, i, row) {
        if (!is_row(row))
            return error_set(err, ERR_INVALID,
                             "annotation " ANNOTATION_ADOPT_SNAPSHOTS
                             ": entry %zu needs \"invoker\" (Kind/namespace/name), and may have "
                             "\"host\", \"target\" and a list of \"paths\"",
                             i);
        if (text_is(jsonx_str(row, "invoker", NULL), adoption->invoker))
            json_array_append(adoption->rows, row);
    }
    *ret_wanted = json_array_size(adoption->rows) > 0;
    return 0;
}

bool adoption_is_owned(const struct owner *owner, const char *cluster, const json_t *invokers)
{
    const json_t *target;

    if (!owner_is_whole(owner) || !text_is(owner->cluster, cluster))
        return false;
    target = json_object_get(invokers, owner->invoker);
    return target && (!json_is_string(target) || text_is(json_string_value(target), owner->target));
}

/* Two targets may have host and path in common: a snapshot that says whose it is goes to no other unasked. */
static bool target_fits(const struct adoption *adoption, const json_t *row,
                        const struct restic_snapshot *snapshot)
{
    const char *target = jsonx_str(row, "target", NULL);

    if (!snapshot->owner.target)
        return !target;
    return text_is(snapshot->owner.target, target ? target : adoption->target);
}

static bool row_fits(const struct adoption *adoption, const json_t *row,
                     const struct restic_snapshot *snapshot)
{
    const char *host = jsonx_str(row, "host", NULL);
    const json_t *paths = jsonx_get(row, "paths", NULL);
    size_t i;
    json_t *path;

    if ((host && !text_is(host, snapshot->host)) || !target_fits(adoption, row, snapshot))
        return false;
    json_array_foreach (jsonx_unconst(paths), i, path)
        if (text_is(json_string_value(path), snapshot->path))
            return true;
    return json_array_size(paths) == 0;
}

static void note_tag(json_t *tags, const char *prefix, const char *value)
{
    AUTO(mem_free) char *tag = value ? xasprintf("%s%s", prefix, value) : NULL;

    if (tag)
        json_object_set_new(tags, tag, json_true());
}

static bool is_listed(const json_t *ids, const struct restic_snapshot *snapshot)
{
    size_t i;
    json_t *item;

    json_array_foreach (jsonx_unconst(ids), i, item)
        if (restic_snapshot_is(snapshot, json_string_value(item)))
            return true;
    return false;
}

static bool is_our_own(const struct adoption *adoption, const struct restic_snapshot *snapshot)
{
    return text_is(snapshot->owner.invoker, adoption->invoker) &&
           adoption_is_owned(&snapshot->owner, adoption->cluster, adoption->invokers);
}

void adoption_add(void *ctx, const struct restic_snapshot *snapshot)
{
    struct adoption *adoption = ctx;
    const char *first = snapshot->original ? snapshot->original : snapshot->id;
    bool fits = false;
    size_t i;
    json_t *row;

    if (snapshot->original && is_our_own(adoption, snapshot))
        json_object_set_new(adoption->taken, first, json_true());
    json_array_foreach (adoption->rows, i, row)
        fits = fits || row_fits(adoption, row, snapshot);
    if (!fits || snapshot->incomplete || is_listed(adoption->incomplete_ids, snapshot) ||
        adoption_is_owned(&snapshot->owner, adoption->cluster, adoption->invokers))
        return;
    json_object_set_new(adoption->found, snapshot->id, json_string(first));
    note_tag(adoption->tags, TAG_CLUSTER, snapshot->owner.cluster);
    note_tag(adoption->tags, TAG_TARGET, snapshot->owner.target);
    note_tag(adoption->tags, TAG_INVOKER, snapshot->owner.invoker);
}

/* A storage that removes nothing keeps what was adopted beside what it became: it would be adopted again each time. */
void adoption_choose(struct adoption *adoption)
{
    const char *id;
    json_t *first;

    jsonx_foreach_member (adoption->found, id, first)
        if (!json_object_get(adoption->taken, json_string_value(first)))
            argv_add(&adoption->ids, id);
}

/* restic adds tags first and then removes: what is ours now must not be among those that go. */
char *adoption_former_tags(const struct adoption *adoption, const struct owner *owner)
{
    AUTO(mem_free) char *cluster = xasprintf(TAG_CLUSTER "%s", owner->cluster);
    AUTO(mem_free) char *target = xasprintf(TAG_TARGET "%s", owner->target);
    AUTO(mem_free) char *invoker = xasprintf(TAG_INVOKER "%s", owner->invoker);
    struct buf text;
    const char *tag;
    json_t *value;

    buf_init(&text, LIMIT_MIB);
    jsonx_foreach_member (adoption->tags, tag, value)
        if (!text_is(tag, cluster) && !text_is(tag, target) && !text_is(tag, invoker))
            buf_addf(&text, "%s%s", text.len > 0 ? "," : "", tag);
    return buf_take(&text);
}
