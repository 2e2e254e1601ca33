#include "restarts.h"

#include <pthread.h>

#include "stash/jsonx.h"
#include "stash/plan.h"

struct restarts {
    pthread_mutex_t mutex;
    json_t *notes; /* key -> {"note", "time"} */
};

struct restarts *restarts_new(void)
{
    struct restarts *restarts = xcalloc(1, sizeof(*restarts));

    pthread_mutex_init(&restarts->mutex, NULL);
    restarts->notes = json_object();
    return restarts;
}

void restarts_free(struct restarts *restarts)
{
    if (!restarts)
        return;
    json_decref(restarts->notes);
    pthread_mutex_destroy(&restarts->mutex);
    free(restarts);
}

static void forget_old(struct restarts *restarts, int64_t now)
{
    const char *key;
    void *next;
    json_t *row;

    json_object_foreach_safe(restarts->notes, next, key,
                             row) if (now - jsonx_int(row, 0, "time", NULL) >= PLAN_UNDONE_SECONDS)
        json_object_del(restarts->notes, key);
}

void restarts_add(struct restarts *restarts, const char *key, const char *note, int64_t now)
{
    pthread_mutex_lock(&restarts->mutex);
    forget_old(restarts, now);
    json_object_set_new(restarts->notes, key,
                        json_pack("{s:s, s:I}", "note", note, "time", (json_int_t)now));
    pthread_mutex_unlock(&restarts->mutex);
}

json_t *restarts_find(struct restarts *restarts, const char *key)
{
    pthread_mutex_lock(&restarts->mutex);
    json_t *note = json_incref(jsonx_get(restarts->notes, key, "note", NULL));
    pthread_mutex_unlock(&restarts->mutex);
    return note;
}
