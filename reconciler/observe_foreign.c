/*
 * Whose word counts. Anybody can write an invoker that names a target or a Repository of another namespace, and sessions of
 * it that say whatever their writer likes. Where the owner there has not agreed, none of it means anything.
 */
#include <string.h>

#include "observe.h"
#include "stash/admit.h"
#include "stash/jsonx.h"

bool observe_has_a_say(struct observation *o, const json_t *invoker)
{
    const struct admit_config config = {.foreign_targets = o->r->config->foreign_targets};
    struct error failure = {0};
    struct view_ctx ctx = {o->r, &failure, o->read};
    struct snapshot view;

    view_init(&ctx, &view);
    const struct admit_request request = {
        .kind = kind_by_name(jsonx_str(invoker, "kind", NULL)),
        .operation = OPERATION_CREATE,
        .namespace = jsonx_namespace(invoker),
        .object = invoker,
        .snapshot = &view,
        .config = &config,
    };
    /* consent that cannot be read is not consent taken back */
    return admit_may_have_targets(&request) || failure.kind != ERR_OK;
}

bool observe_may_use(struct observation *o, const char *namespace, const json_t *repository)
{
    if (strcmp(namespace, jsonx_namespace(repository)) == 0)
        return true;
    json_auto_t *object = store_get(o->r->store, kind_resource(KIND_NAMESPACE), NULL, namespace);
    return usage_allows(repository, namespace, object);
}
