/*
 * es_sight.c - what the user may not see is not in the dump, and neither server nor tool say a word of it.
 *
 * A list of indices has those that the user may look into. The cluster's health has all of them, whosever: with and without
 * security, on Elasticsearch and OpenSearch.
 */
#include <string.h>
#include <unistd.h>

#include "es.h"
#include "es_privileges.h"
#include "stash/jsonx.h"

#define HEALTH    "_cluster/health?level=indices&filter_path=indices.*.status"
#define NAMES_MAX 300 /* bytes in a message */

static int read_health(const struct es *es, json_t **ret)
{
    struct error unsaid;

    return es_get(es, HEALTH, "the indices' health", ret, &unsaid);
}

/* Before the list is read: what is in neither was not made in between. Nothing is asked when a part was chosen. */
void es_look_at_all(struct addon_run *run)
{
    struct es *es = es_of(run);

    if (!es_args_choose_some(addon_text(run, "es-args")))
        read_health(es, &es->all);
}

/* The server's own, which it makes again. Data streams lie in indices like these too, and --match may leave those out. */
static bool is_own(const struct addon_run *run, const char *index)
{
    return *index == '.' &&
           (strncmp(index, ".ds-", strlen(".ds-")) != 0 || es_chooses_indices(run));
}

static void add_name(struct buf *names, const char *name)
{
    if (!names->overflow)
        buf_addf(names, "%s%s", names->len ? ", " : "", name);
}

/* What was deleted meanwhile is hidden from nobody. */
static void tell_hidden(struct addon_run *run)
{
    const struct es *es = es_of(run);
    json_auto_t *health = NULL;
    AUTO(buf_done) struct buf names;
    const char *index;
    json_t *its;

    buf_init(&names, NAMES_MAX);
    if (!es->all || read_health(es, &health) < 0)
        return;
    jsonx_foreach_member (json_object_get(es->all, "indices"), index, its)
        if (!is_own(run, index) && !json_object_get(es->before, index) &&
            jsonx_get(health, "indices", index, NULL))
            add_name(&names, index);
    if (names.len > 0 || names.overflow)
        addon_warn(run,
                   "user %s may not see all indices: those that it may not see are not in the dump "
                   "(it needs read, view_index_metadata and monitor on them): %s%s",
                   es->user, names.len > 0 ? names.data : "", names.overflow ? " and more" : "");
}

static bool is_dumped(const struct addon_run *run, const char *index)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s.json", run->folder, index);

    return access(path, F_OK) == 0;
}

/* A server without Elasticsearch's security does not know the question. */
static void tell_limited(struct addon_run *run)
{
    const struct es *es = es_of(run);
    json_auto_t *privileges = NULL;
    AUTO(buf_done) struct buf names;
    struct error unsaid;
    const char *index;
    json_t *its;

    buf_init(&names, NAMES_MAX);
    if (es_get(es, "_security/user/_privileges", "the user's privileges", &privileges, &unsaid) < 0)
        return;
    jsonx_foreach_member (es->before, index, its)
        if (es_privileges_limit(privileges, index) && is_dumped(run, index))
            add_name(&names, index);
    if (names.len > 0 || names.overflow)
        addon_warn(run,
                   "user %s may read only some documents or fields of these indices (its role has "
                   "a query or field_security), the others are not in the dump: %s%s",
                   es->user, names.len > 0 ? names.data : "", names.overflow ? " and more" : "");
}

void es_tell_hidden(struct addon_run *run)
{
    tell_hidden(run);
    tell_limited(run);
}
