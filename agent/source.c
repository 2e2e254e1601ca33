#include "source.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/names.h"

int source_look(const struct session *session, const struct restic *restic, const struct argv *ids,
                struct holdings *ret, struct error *err)
{
    holdings_init(ret, jsonx_get(session->repository, "status", "incomplete", NULL));
    for (size_t i = 0; i < ids->count; i++)
        if (*ids->items[i] && strcmp(ids->items[i], "latest") != 0)
            holdings_want(ret, ids->items[i]);
    return restic_list(restic, holdings_add, ret, err);
}

struct holdings_wish source_wish(const struct session *session)
{
    const char *source = jsonx_annotation(session->object, ANNOTATION_SOURCE_TARGET);

    return (struct holdings_wish){
        .source = source && *source ? source : NULL,
        .cluster = session->cluster,
        .target = session->target,
    };
}

int source_begin_writing(struct session *session, struct error *err)
{
    static const struct condition modified = {CONDITION_TARGET_MODIFIED, "True", "RestoreBegan",
                                              "the restore has begun to write into the target"};
    const json_t *conditions = jsonx_get(session->object, "status", "conditions", NULL);

    if (!session->name || !session->restore ||
        condition_is_true(conditions, CONDITION_TARGET_MODIFIED))
        return 0;
    return session_set_condition(session, &modified, err);
}
