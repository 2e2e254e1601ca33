#include "stash/overview.h"

#include <string.h>

#include "stash/backend.h"
#include "stash/conditions.h"
#include "stash/cron.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/session_view.h"
#include "stash/text.h"
#include "stash/timefmt.h"

struct overview {
    int64_t now;
    json_t *latest; /* "Kind/namespace/name" of an invoker -> the newest session that has ended */
    json_t *configurations, *repositories, *sessions;
};

struct overview *overview_new(int64_t now)
{
    struct overview *overview = xcalloc(1, sizeof(*overview));

    *overview = (struct overview){now, json_object(), json_array(), json_array(), json_array()};
    return overview;
}

void overview_free(struct overview *overview)
{
    if (!overview)
        return;
    json_decref(overview->latest);
    json_decref(overview->configurations);
    json_decref(overview->repositories);
    json_decref(overview->sessions);
    free(overview);
}

/* ---- sessions ----------------------------------------------------------------------------------------------------- */

static char *invoker_key(const char *kind, const char *namespace, const char *name)
{
    return xasprintf("%s/%s/%s", text_or_empty(kind), text_or_empty(namespace),
                     text_or_empty(name));
}

static bool is_restore(const json_t *session)
{
    return text_is(jsonx_str(session, "kind", NULL), "RestoreSession");
}

static json_t *session_row(const json_t *session)
{
    AUTO(mem_free) char *work = session_view_work(session);
    AUTO(mem_free) char *reason = session_view_reason(session);
    bool restore = is_restore(session);

    return json_pack(
        "{s:s, s:s*, s:s*, s:s*, s:s, s:s*, s:s*, s:s*}",
        PAIR("kind", restore ? "RestoreSession" : "BackupSession"),
        PAIR("namespace", jsonx_namespace(session)), PAIR("name", jsonx_name(session)),
        PAIR("invoker", restore ? NULL : jsonx_str(session, "spec", "invoker", "name", NULL)),
        PAIR("phase", session_view_phase(session)),
        PAIR("since", jsonx_str(session, "metadata", "creationTimestamp", NULL)),
        PAIR("work", work), PAIR("reason", reason));
}

/* Times of RFC 3339 in UTC are in order as texts. */
static bool is_newer(const json_t *session, const json_t *row)
{
    const char *since = jsonx_str(row, "since", NULL);
    const char *created = jsonx_str(session, "metadata", "creationTimestamp", NULL);

    return !row || strcmp(text_or_empty(created), text_or_empty(since)) > 0;
}

void overview_add_session(struct overview *overview, const json_t *session)
{
    const char *phase = session_view_phase(session);
    bool ended = session_view_has_ended(session);

    if (!ended || (is_restore(session) && !text_is(phase, "Succeeded")))
        json_array_append_new(overview->sessions, session_row(session));
    if (!ended || is_restore(session) || text_is(phase, "Skipped"))
        return;
    AUTO(mem_free)
    char *key =
        invoker_key(jsonx_str(session, "spec", "invoker", "kind", NULL), jsonx_namespace(session),
                    jsonx_str(session, "spec", "invoker", "name", NULL));
    if (is_newer(session, json_object_get(overview->latest, key)))
        json_object_set_new(overview->latest, key, session_row(session));
}

/* ---- configurations ----------------------------------------------------------------------------------------------- */

static json_t *target_text(const json_t *invoker)
{
    const json_t *members = jsonx_get(invoker, "spec", "members", NULL);
    const json_t *ref = jsonx_get(invoker, "spec", "target", "ref", NULL);

    if (members)
        return json_sprintf("%zu member%s", json_array_size(members),
                            json_array_size(members) == 1 ? "" : "s");
    if (!ref)
        return NULL;
    return json_sprintf("%s/%s", text_or_empty(jsonx_str(ref, "kind", NULL)),
                        text_or_empty(jsonx_str(ref, "name", NULL)));
}

static json_t *time_text(int64_t time)
{
    char text[TIMEFMT_SIZE];

    timefmt_rfc3339(time, text);
    return json_string(text);
}

/* When it succeeded last. A batch's status does not say: then its newest session does. */
static const char *last_success(const json_t *invoker, const json_t *latest)
{
    const char *said = jsonx_str(invoker, "status", "lastSuccessfulTime", NULL);

    if (said || !text_is(jsonx_str(latest, "phase", NULL), "Succeeded"))
        return said;
    return jsonx_str(latest, "since", NULL);
}

/* One run may be at work or in line; when a second one was due since, something is wrong. */
static bool is_late(const char *schedule, const char *since, int64_t now)
{
    int64_t time;

    return schedule && since && timefmt_parse(since, &time) && cron_next(schedule, time, &time) &&
           cron_next(schedule, time, &time) && time < now;
}

static const char *invoker_state(const struct overview *overview, const json_t *invoker,
                                 const json_t *latest)
{
    const char *phase = jsonx_str(invoker, "status", "phase", NULL);
    const char *success = last_success(invoker, latest);
    const char *since =
        success ? success : jsonx_str(invoker, "metadata", "creationTimestamp", NULL);

    if (text_is(phase, "NotReady") || text_is(phase, "Invalid"))
        return "NotReady";
    if (latest && !text_is(jsonx_str(latest, "phase", NULL), "Succeeded"))
        return "Failing";
    if (jsonx_bool(invoker, false, "spec", "paused", NULL))
        return "Paused";
    if (is_late(jsonx_str(invoker, "spec", "schedule", NULL), since, overview->now))
        return "Late";
    return success ? "Ok" : "New";
}

static char *false_condition(const json_t *object)
{
    const json_t *conditions = jsonx_get(object, "status", "conditions", NULL);

    for (size_t i = 0; i < json_array_size(conditions); i++) {
        const json_t *condition = json_array_get(conditions, i);
        const char *type = jsonx_str(condition, "type", NULL);
        if (type && text_is(jsonx_str(condition, "status", NULL), "False"))
            return xasprintf("%s: %s", type, text_or_empty(jsonx_str(condition, "message", NULL)));
    }
    return NULL;
}

static char *invoker_reason(const json_t *invoker, const char *state, const json_t *latest)
{
    const char *reason = jsonx_str(latest, "reason", NULL);

    if (strcmp(state, "NotReady") == 0)
        return false_condition(invoker);
    if (strcmp(state, "Late") == 0)
        return xstrdup("more than one run has gone by without a success");
    if (strcmp(state, "Failing") != 0)
        return NULL;
    return xasprintf("%s: %s", jsonx_str(latest, "name", NULL),
                     reason ? reason : jsonx_str(latest, "phase", NULL));
}

/* Its name; of one in another namespace "namespace/name". */
static char *repository_text(const json_t *invoker)
{
    const char *name = jsonx_str(invoker, "spec", "repository", "name", NULL);
    const char *namespace = jsonx_str(invoker, "spec", "repository", "namespace", NULL);

    if (!name)
        return NULL;
    return jsonx_is_empty(jsonx_get(invoker, "spec", "repository", "namespace", NULL)) ||
                   text_is(namespace, jsonx_namespace(invoker))
               ? xstrdup(name)
               : xasprintf("%s/%s", text_or_empty(namespace), name);
}

void overview_add_invoker(struct overview *overview, const json_t *invoker)
{
    const char *kind = jsonx_str(invoker, "kind", NULL);
    const char *schedule = jsonx_str(invoker, "spec", "schedule", NULL);
    AUTO(mem_free)
    char *key = invoker_key(kind, jsonx_namespace(invoker), jsonx_name(invoker));
    const json_t *latest = json_object_get(overview->latest, key);
    const char *state = invoker_state(overview, invoker, latest);
    AUTO(mem_free) char *reason = invoker_reason(invoker, state, latest);
    bool paused = jsonx_bool(invoker, false, "spec", "paused", NULL);
    int64_t next = 0;
    bool fires = schedule && !paused && cron_next(schedule, overview->now, &next);

    AUTO(mem_free) char *repository = repository_text(invoker);
    json_array_append_new(
        overview->configurations,
        json_pack("{s:s*, s:s*, s:s*, s:o*, s:s*, s:s*, s:s, s:s*, s:o*, s:s*, s:s*}",
                  PAIR("kind", kind), PAIR("namespace", jsonx_namespace(invoker)),
                  PAIR("name", jsonx_name(invoker)), PAIR("target", target_text(invoker)),
                  PAIR("repository", repository), PAIR("schedule", schedule), PAIR("state", state),
                  PAIR("lastSuccess", last_success(invoker, latest)),
                  PAIR("next", fires ? time_text(next) : NULL),
                  PAIR("session", jsonx_str(latest, "name", NULL)), PAIR("reason", reason)));
    if (latest && strcmp(state, "Failing") == 0)
        json_array_append(overview->sessions, json_object_get(overview->latest, key));
}

/* ---- repositories ------------------------------------------------------------------------------------------------- */

static const char *repository_state(const json_t *repository)
{
    const json_t *integrity = jsonx_get(repository, "status", "integrity", NULL);

    if (json_is_false(integrity))
        return "Broken";
    return json_is_true(integrity) ? "Ok" : "Unknown";
}

bool overview_uses(const struct overview *overview, const json_t *repository)
{
    const char *name = jsonx_name(repository), *namespace = jsonx_namespace(repository);
    AUTO(mem_free)
    char *elsewhere = xasprintf("%s/%s", text_or_empty(namespace), text_or_empty(name));

    for (size_t i = 0; i < json_array_size(overview->configurations); i++) {
        const json_t *row = json_array_get(overview->configurations, i);
        const char *used = jsonx_str(row, "repository", NULL);
        bool is_here = text_is(jsonx_str(row, "namespace", NULL), namespace);
        if (text_is(used, elsewhere) || (is_here && text_is(used, name)))
            return true;
    }
    return false;
}

void overview_add_repository(struct overview *overview, const json_t *repository)
{
    const json_t *status = jsonx_get(repository, "status", NULL);
    const json_t *count = jsonx_get(status, "snapshotCount", NULL);
    struct backend backend;
    struct error ignored;
    bool known = backend_decode(repository, &backend, &ignored) == 0;
    AUTO(mem_free) char *url = known ? backend_url(&backend) : NULL;
    AUTO(mem_free) char *reason = false_condition(repository);

    json_array_append_new(
        overview->repositories,
        json_pack(
            "{s:s*, s:s*, s:s*, s:s, s:s*, s:O*, s:s*, s:s*}",
            PAIR("namespace", jsonx_namespace(repository)), PAIR("name", jsonx_name(repository)),
            PAIR("backend", url), PAIR("state", repository_state(repository)),
            PAIR("size", jsonx_str(status, "totalSize", NULL)), PAIR("snapshots", count),
            PAIR("lastBackup", jsonx_str(status, "lastBackupTime", NULL)), PAIR("reason", reason)));
}

/* ---- the document ------------------------------------------------------------------------------------------------- */

/* {State: how many} of an array of rows. */
static json_t *count_by(const json_t *rows, const char *member)
{
    json_t *counts = json_object();

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *value = jsonx_str(json_array_get(rows, i), member, NULL);
        json_object_set_new(counts, value, json_integer(jsonx_int(counts, 0, value, NULL) + 1));
    }
    return counts;
}

json_t *overview_document(const struct overview *overview)
{
    return json_pack(
        "{s:O, s:O, s:O, s:{s:o, s:o, s:o}}", PAIR("configurations", overview->configurations),
        PAIR("repositories", overview->repositories), PAIR("sessions", overview->sessions),
        PAIR("summary", PAIR("configurations", count_by(overview->configurations, "state")),
             PAIR("repositories", count_by(overview->repositories, "state")),
             PAIR("sessions", count_by(overview->sessions, "phase"))));
}

bool overview_has_trouble(const json_t *document)
{
    static const char *const bad[] = {"NotReady", "Failing", "Late", NULL};
    const json_t *counts = jsonx_get(document, "summary", "configurations", NULL);

    for (size_t i = 0; bad[i]; i++)
        if (json_object_get(counts, bad[i]))
            return true;
    return jsonx_get(document, "summary", "repositories", "Broken", NULL) != NULL;
}
