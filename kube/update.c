#include "rest.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define UPDATE_TRIES 8

struct update {
    const struct resource *resource;
    const char *namespace, *name, *subresource;
    kube_edit_fn edit;
    void *ctx;
};

/* Read, edit, write. `*ret` is the object as stored. */
static int update_once(struct kube *kube, const struct update *update, json_t **ret,
                       struct error *err)
{
    json_auto_t *seen = NULL;
    int r = kube_get(kube, update->resource, update->namespace, update->name, &seen, err);
    if (r < 0)
        return r;
    json_auto_t *object = json_copy(seen);
    if (!update->edit(update->ctx, object)) {
        *ret = TAKE(seen);
        return 0;
    }
    const struct kube_write options = {.subresource = update->subresource};
    return kube_replace(kube, update->resource, object, &options, ret, err);
}

/* NOLINTNEXTLINE(readability-function-size): the door's signature */
int kube_update(struct kube *kube, const struct resource *resource, const char *namespace,
                const char *name, const char *subresource, kube_edit_fn edit, void *ctx,
                json_t **ret, struct error *err)
{
    const struct update update = {resource, namespace, name, subresource, edit, ctx};
    json_auto_t *stored = NULL;
    int r = 0;
    for (int try = 0; try < UPDATE_TRIES; try++) {
        if (try > 0)
            clock_sleep_ms((10 << try) / 2 + clock_random(10U << try));
        r = update_once(kube, &update, &stored, err);
        if (r != -ERR_CONFLICT)
            break;
    }
    if (r < 0)
        return r;
    if (ret)
        *ret = TAKE(stored);
    return 0;
}
