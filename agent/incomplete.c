#include "incomplete.h"

#include <string.h>

#include "repository.h"
#include "stash/jsonx.h"
#include "stash/log.h"

#define INCOMPLETE "incomplete"

static bool edit_incomplete(void *ctx, json_t *object)
{
    return repository_edit_incomplete(object, ctx);
}

static void note(struct session *session, const char *id)
{
    AUTO(mem_free) char *copy = xstrdup(id);
    struct error err;

    if (!session->name || !session->repository)
        return;
    if (repository_update(session, edit_incomplete, copy, &err) < 0)
        log_error("an incomplete snapshot was not noted", "snapshot", id, "error", err.msg);
}

void incomplete_found(struct session *session, const char *id)
{
    if (!session->incomplete)
        session->incomplete = json_array();
    json_array_append_new(session->incomplete, json_string(id));
    note(session, id);
}

void incomplete_report(const struct session *session, json_t *stat)
{
    if (json_array_size(session->incomplete) > 0)
        json_object_set(stat, INCOMPLETE, session->incomplete);
}

static bool is_listed(const struct session *session, const char *id)
{
    const json_t *listed = jsonx_get(session->repository, "status", INCOMPLETE, NULL);

    for (size_t i = 0; i < json_array_size(listed); i++) {
        const char *its = json_string_value(json_array_get(listed, i));

        if (its && strcmp(its, id) == 0)
            return true;
    }
    return false;
}

void incomplete_settle(struct session *session, const json_t *stats)
{
    for (size_t i = 0; i < json_array_size(stats); i++) {
        const json_t *ids = jsonx_get(json_array_get(stats, i), INCOMPLETE, NULL);

        for (size_t k = 0; k < json_array_size(ids); k++) {
            const char *id = json_string_value(json_array_get(ids, k));

            if (id && *id && !is_listed(session, id))
                note(session, id);
        }
    }
}
