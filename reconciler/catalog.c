/*
 * Install the catalog. When leadership begins every document is made ours (so that an upgrade, or a catalog left by
 * upstream, ends with our images), but for those that a user made under a name of the catalog; afterwards only what
 * somebody deleted is put back.
 */
#include "catalog_table.h"
#include "room.h"
#include "stash/jsonx.h"
#include "stash/log.h"

static bool is_in_order(struct reconciler *r, const json_t *have, const json_t *wanted)
{
    if (r->catalog_enforced ||
        json_equal(json_object_get(have, "spec"), json_object_get(wanted, "spec")))
        return true;
    if (catalog_is_replaceable(have, wanted))
        return false;
    log_warn("a user's own document has a name of the catalog; it stays as it is", "kind",
             jsonx_str(have, "kind", NULL), "name", jsonx_name(have));
    return true;
}

static int catalog_install_object(struct reconciler *r, const struct resource *resource,
                                  const json_t *have, const json_t *wanted, struct error *err)
{
    const struct kube_write options = {.field_manager = FIELD_MANAGER, .force = true};
    const struct kube_write merge = {.field_manager = FIELD_MANAGER};
    json_auto_t *surplus = have ? catalog_surplus(have, wanted) : NULL;
    int failed = surplus ? kube_patch(r->kube, resource, NULL, jsonx_name(wanted), KUBE_PATCH_MERGE,
                                      surplus, &merge, NULL, err)
                         : 0;

    if (failed < 0)
        return failed;
    return kube_patch(r->kube, resource, NULL, jsonx_name(wanted), KUBE_PATCH_APPLY, wanted,
                      &options, NULL, err);
}

static int catalog_ensure(struct reconciler *r, const json_t *wanted, struct error *err)
{
    const struct resource *resource =
        kind_resource(kind_by_name(json_string_value(json_object_get(wanted, "kind"))));
    json_auto_t *have = store_get(r->store, resource, NULL, jsonx_name(wanted));

    if (have && is_in_order(r, have, wanted))
        return 0;
    int failed = catalog_install_object(r, resource, have, wanted, err);
    return failed < 0 ? error_wrap(err, "%s %s", resource->kind, jsonx_name(wanted)) : 0;
}

int catalog_install(struct reconciler *r, struct error *err)
{
    json_auto_t *documents = catalog_documents(r->config);
    json_t *wanted;
    size_t i;

    if (!watcher_synced(r->watcher))
        return error_set(err, ERR_TIMEOUT, "the watches are not in sync yet");
    json_array_foreach (documents, i, wanted) {
        int failed = catalog_ensure(r, wanted, err);
        if (failed < 0)
            return failed;
    }
    r->catalog_enforced = true;
    return 0;
}
