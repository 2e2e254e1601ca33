/* rules_update.c - what may not change once it is stored, and the shape of a BackupSession. */
#include <string.h>

#include "rules.h"
#include "semantic.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "syntax.h"

void rule_target_of_ready(const struct admit *a)
{
    const json_t *old = a->request->old;
    const char *phase = jsonx_str(old, "status", "phase", NULL);

    if (a->request->operation != OPERATION_UPDATE || !phase || strcmp(phase, "Ready") != 0)
        return;
    if (!semantic_equal(jsonx_get(old, "spec", "target", NULL), jsonx_get(a->spec, "target", NULL)))
        causes_add(a->causes, "spec.target", CAUSE_FORBIDDEN,
                   "the target cannot be changed once the configuration is Ready: create another "
                   "one");
}

void rule_immutable_spec(const struct admit *a)
{
    json_auto_t *before = NULL, *after = NULL;

    if (a->request->operation != OPERATION_UPDATE)
        return;
    before = default_spec_migrated(jsonx_get(a->request->old, "spec", NULL));
    after = default_spec_migrated(a->spec);
    if (!semantic_equal(before, after))
        causes_add(a->causes, "spec", CAUSE_FORBIDDEN,
                   "the spec of a %s cannot be changed: create another one",
                   kind_resource(a->request->kind)->kind);
}

/* A session of an invoker that is not ready is skipped: somebody who makes one by hand waits in vain. */
static void check_invoker(const struct admit *a, const char *kind, const char *name)
{
    json_auto_t *invoker = rule_lookup(a, kind_by_name(kind), a->namespace, name);
    const char *phase = jsonx_str(invoker, "status", "phase", NULL);

    if (!invoker)
        warnings_add(a->warnings, "spec.invoker: %s %s/%s is not there yet", kind, a->namespace,
                     name);
    else if (phase && strcmp(phase, "Ready") != 0)
        warnings_add(a->warnings,
                     "spec.invoker: %s %s/%s is not Ready, so this session will be skipped; its "
                     "conditions say why",
                     kind, a->namespace, name);
}

void rule_session_invoker(const struct admit *a)
{
    static const char *const kinds[] = {"BackupConfiguration", "BackupBatch", NULL};
    const char *kind = jsonx_str(a->spec, "invoker", "kind", NULL);
    const char *name = jsonx_str(a->spec, "invoker", "name", NULL);
    bool is_known = text_is_one_of(kind, kinds);

    if (!is_known)
        causes_add(a->causes, "spec.invoker.kind", CAUSE_UNKNOWN,
                   "must be BackupConfiguration or BackupBatch");
    if (!name || !*name)
        causes_add(a->causes, "spec.invoker.name", CAUSE_REQUIRED, "must not be empty");
    else if (is_known && a->request->snapshot)
        check_invoker(a, kind, name);
    if (jsonx_int(a->spec, 0, "retryLeft", NULL) < 0)
        causes_add(a->causes, "spec.retryLeft", CAUSE_INVALID, "must not be negative");
}
