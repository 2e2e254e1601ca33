#include "admission_queue.h"

#include <stdlib.h>

#include "admission.h"
#include "invoker.h"
#include "stash/jsonx.h"
#include "stash/plan.h"
#include "stash/text.h"

#define PER_REPOSITORY_DEFAULT 20

static int64_t limit_of_repository(const json_t *config)
{
    int64_t limit = jsonx_int(config, PER_REPOSITORY_DEFAULT, "sessionsPerRepository", NULL);

    return limit > 0 ? limit : INT64_MAX;
}

int64_t admission_queue_room(const json_t *config, const json_t *users)
{
    int64_t room = limit_of_repository(config);
    size_t i;
    json_t *user;

    if (room == INT64_MAX)
        return room;
    json_array_foreach (jsonx_unconst(users), i, user)
        room -= plan_is_at_work(user) && !invoker_is_restore(user);
    return room > 0 ? room : 0;
}

static int compare_age(const void *a, const void *b)
{
    json_t *const *left = a;
    json_t *const *right = b;

    return session_compare_age(*left, *right);
}

json_t *plan_slot_requests(const json_t *config, const json_t *repository, const json_t *users,
                           int64_t *ret_room)
{
    AUTO(mem_free) json_t **asking = xcalloc(json_array_size(users) + 1, sizeof(json_t *));
    json_t *requests = json_array();
    size_t i, count = 0;
    json_t *user;

    *ret_room = admission_queue_room(config, users);
    if (text_is(jsonx_str(repository, "status", "turn", "state", NULL), "Granted"))
        return requests;
    json_array_foreach (jsonx_unconst(users), i, user)
        if (jsonx_uid(user) && admission_is_limited(user))
            asking[count++] = user;
    qsort(asking, count, sizeof(json_t *), compare_age);
    for (i = 0; i < count; i++)
        json_array_append(requests, asking[i]);
    return requests;
}

void admission_queue_tell(json_t *status, const char *limit, int64_t position)
{
    const json_t *queue = json_object_get(status, "queue");
    int64_t told = jsonx_int(queue, 0, "position", NULL);

    if (text_is(jsonx_str(queue, "limit", NULL), limit) && told > 0 && position > told / 2)
        return;
    json_object_set_new(status, "queue",
                        json_pack("{s:s, s:I}", "limit", limit, "position", (json_int_t)position));
}
