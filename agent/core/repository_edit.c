#include "stash/repository_edit.h"

#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/pair.h"
#include "stash/text.h"
#include "stash/timefmt.h"

bool repository_edit_facts(json_t *repository, const struct repository_facts *facts)
{
    json_t *status = jsonx_own(repository, "status");

    json_object_set_new(status, "integrity", json_boolean(facts->integrity));
    if (!facts->counted)
        return true;
    json_object_set_new(status, "lastBackupTime", json_string(facts->last_backup_time));
    if (!jsonx_str(status, "firstBackupTime", NULL))
        json_object_set_new(status, "firstBackupTime", json_string(facts->last_backup_time));
    json_object_set_new(status, "snapshotCount", json_integer(facts->snapshot_count));
    json_object_set_new(status, "snapshotsRemovedOnLastCleanup",
                        json_integer(facts->snapshots_removed));
    json_object_set_new(status, "totalSize", json_string(facts->total_size));
    return true;
}

/* ---- executors ----------------------------------------------------------------------------------- */

static bool executor_is(const json_t *row, const struct executor_identity *who)
{
    const char *uid = jsonx_str(row, "uid", NULL);
    const char *container = jsonx_str(row, "container", NULL);

    return uid && container && strcmp(uid, who->uid) == 0 && strcmp(container, who->container) == 0;
}

/* The newest row of a container: rows are in the order in which they began. */
static ptrdiff_t executor_find(const json_t *rows, const struct executor_identity *who)
{
    for (size_t i = json_array_size(rows); i > 0; i--)
        if (executor_is(json_array_get(rows, i - 1), who))
            return (ptrdiff_t)i - 1;
    return -1;
}

/* A row that goes may be of a run that was killed: since when locks of such runs may be there stays in the newer row. */
static void executor_inherit(json_t *row, const json_t *older)
{
    json_t *since = jsonx_get(older, "earlierSince", NULL);

    if (!since && !jsonx_get(older, "endedAt", NULL))
        since = jsonx_get(older, "startedAt", NULL);
    if (since)
        json_object_set(row, "earlierSince", since);
}

/* Of a container's earlier runs only the last is kept: it may have left a lock. */
static void executor_drop_older(json_t *rows, const struct executor_identity *who)
{
    ptrdiff_t last = executor_find(rows, who);

    for (ptrdiff_t i = last - 1; i >= 0; i--)
        if (executor_is(json_array_get(rows, (size_t)i), who)) {
            executor_inherit(jsonx_own_item(rows, (size_t)last), json_array_get(rows, (size_t)i));
            json_array_remove(rows, (size_t)i);
            last--;
        }
}

/* The first that has said that it ended, else the oldest: rows are in the order in which they began. */
static size_t executor_least_needed(const json_t *rows)
{
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_unconst(rows), i, row)
        if (jsonx_get(row, "endedAt", NULL))
            return i;
    return 0;
}

bool repository_edit_executor(json_t *repository, const struct executor_identity *who, int64_t now)
{
    json_t *rows = jsonx_own_array(jsonx_own(repository, "status"), "executors");
    char time[TIMEFMT_SIZE];

    executor_drop_older(rows, who);
    while (json_array_size(rows) >= REPOSITORY_EXECUTORS_MAX)
        json_array_remove(rows, executor_least_needed(rows));
    timefmt_rfc3339(now, time);
    json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
                                          PAIR("namespace", who->namespace), PAIR("pod", who->pod),
                                          PAIR("uid", who->uid), PAIR("container", who->container),
                                          PAIR("hostname", who->hostname),
                                          PAIR("session", who->session), PAIR("startedAt", time)));
    return true;
}

bool repository_edit_executor_ended(json_t *repository, const struct executor_identity *who,
                                    int64_t now)
{
    json_t *rows = jsonx_own_array(jsonx_own(repository, "status"), "executors");
    ptrdiff_t at = executor_find(rows, who);
    char time[TIMEFMT_SIZE];

    if (at < 0)
        return false;
    timefmt_rfc3339(now, time);
    json_object_set_new(jsonx_own_item(rows, (size_t)at), "endedAt", json_string(time));
    return true;
}

/* ---- which restic repository it is ---------------------------------------------------------------- */

/* What makes it another place; keys and tuning do not. */
static void place_hash(const json_t *repository, char out[DIGEST_HEX_SIZE])
{
    static const char *const tuning[] = {"maxConnections", "insecureTLS"};
    const json_t *backend = jsonx_get(repository, "spec", "backend", NULL);
    json_auto_t *place = backend ? json_copy(jsonx_unconst(backend)) : json_object();
    const char *provider;
    json_t *value;

    json_object_del(place, "storageSecretName");
    jsonx_foreach_member (backend, provider, value)
        for (size_t i = 0; json_is_object(value) && i < ARRAY_LEN(tuning); i++)
            json_object_del(jsonx_own(place, provider), tuning[i]);
    AUTO(mem_free) char *text = jsonx_dump_sorted(place);
    digest_hex(text, strlen(text), out);
}

/* The number is known only once a maintenance has counted; snapshots may be there before. */
static bool was_empty(const json_t *repository)
{
    return jsonx_int(repository, 0, "status", "snapshotCount", NULL) == 0 &&
           !jsonx_str(repository, "status", "firstBackupTime", NULL) &&
           jsonx_is_empty(jsonx_get(repository, "status", "incomplete", NULL));
}

/* Of versions that noted no id there may be a Repository that has held snapshots all the same. */
static int accept_unknown(const json_t *repository, const char *id, struct error *err)
{
    if (id || was_empty(repository) ||
        text_is("unknown", jsonx_annotation(repository, ANNOTATION_REPOSITORY_REPLACED)))
        return 0;
    return error_set(err, ERR_INVALID,
                     "there is no restic repository in the backend, and Repository %s has held "
                     "snapshots: if a new one is to be made, annotate it "
                     "with " ANNOTATION_REPOSITORY_REPLACED "=unknown",
                     jsonx_name(repository));
}

int repository_accept(const json_t *repository, const char *id, struct error *err)
{
    const char *known = jsonx_str(repository, "status", "repositoryID", NULL);
    char hash[DIGEST_HEX_SIZE];

    if (!known)
        return accept_unknown(repository, id, err);
    place_hash(repository, hash);
    if (text_is(known, id) ||
        !text_is(hash, jsonx_str(repository, "status", "backendHash", NULL)) ||
        text_is(known, jsonx_annotation(repository, ANNOTATION_REPOSITORY_REPLACED)))
        return 0;
    if (id)
        return error_set(
            err, ERR_INVALID,
            "the backend holds another restic repository (id %.8s) than before (%.8s): "
            "if that is right, annotate Repository %s with " ANNOTATION_REPOSITORY_REPLACED "=%s",
            id, known, jsonx_name(repository), known);
    if (was_empty(repository))
        return 0;
    return error_set(err, ERR_INVALID,
                     "the restic repository (id %.8s) has vanished from the backend: if a new one "
                     "is to be made, annotate Repository %s with " ANNOTATION_REPOSITORY_REPLACED
                     "=%s",
                     known, jsonx_name(repository), known);
}

bool repository_edit_stored(json_t *repository, int64_t now)
{
    json_t *status = jsonx_own(repository, "status");
    char time[TIMEFMT_SIZE];

    if (jsonx_str(status, "firstBackupTime", NULL))
        return false;
    timefmt_rfc3339(now, time);
    json_object_set_new(status, "firstBackupTime", json_string(time));
    return true;
}

bool repository_edit_identity(json_t *repository, const char *id)
{
    char hash[DIGEST_HEX_SIZE];
    json_t *status;

    place_hash(repository, hash);
    if (text_is(id, jsonx_str(repository, "status", "repositoryID", NULL)) &&
        text_is(hash, jsonx_str(repository, "status", "backendHash", NULL)))
        return false;
    status = jsonx_own(repository, "status");
    json_object_set_new(status, "repositoryID", json_string(id));
    json_object_set_new(status, "backendHash", json_string(hash));
    return true;
}

/* ---- incomplete snapshots -------------------------------------------------------------------------- */

bool repository_edit_incomplete(json_t *repository, const json_t *ids)
{
    json_t *listed = jsonx_own_array(jsonx_own(repository, "status"), "incomplete");
    size_t before = json_array_size(listed);
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_unconst(ids), i, id)
        if (json_is_string(id) && jsonx_find_text(listed, json_string_value(id)) < 0)
            json_array_append(listed, id);
    return json_array_size(listed) > before;
}

bool repository_edit_marked(json_t *repository, const json_t *ids)
{
    json_t *listed = jsonx_own_array(jsonx_own(repository, "status"), "incomplete");
    bool changed = false;
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_unconst(ids), i, id) {
        ptrdiff_t at = jsonx_find_text(listed, json_string_value(id));

        if (at >= 0)
            json_array_remove(listed, (size_t)at);
        changed = changed || at >= 0;
    }
    return changed;
}
