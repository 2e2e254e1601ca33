#include "rest.h"
#include "stash/clock.h"
#include "stash/jsonx.h"

#define UPDATE_TRIES 8

/* Read, edit, write: 0 or an error. `*ret` is the object as stored. */
static int update_once(struct kube *kube, const struct rest_call *where, const char *subresource,
                       kube_edit_fn edit, void *ctx, json_t **ret, struct error *err)
{
    json_auto_t *seen = NULL;
    int r = kube_get(kube, where->resource, where->namespace, where->name, &seen, err);
    if (r < 0)
        return r;
    json_auto_t *object = json_copy(seen);
    if (!edit(ctx, object)) {
        *ret = TAKE(seen);
        return 0;
    }
    const struct kube_write options = {.subresource = subresource};
    return kube_replace(kube, where->resource, object, &options, ret, err);
}

int kube_update(struct kube *kube, const struct resource *resource, const char *namespace,
                const char *name, const char *subresource, kube_edit_fn edit, void *ctx,
                json_t **ret, struct error *err)
{
    const struct rest_call where = {.resource = resource, .namespace = namespace, .name = name};
    json_auto_t *stored = NULL;
    int r = 0;
    for (int try = 0; try < UPDATE_TRIES; try++) {
        if (try > 0)
            clock_sleep_ms((10 << try) / 2 + clock_random(10U << try));
        r = update_once(kube, &where, subresource, edit, ctx, &stored, err);
        if (r != -ERR_CONFLICT)
            break;
    }
    if (r < 0)
        return r;
    if (ret)
        *ret = TAKE(stored);
    return 0;
}
