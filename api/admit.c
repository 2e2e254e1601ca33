/* admit.c - which rules concern which kind. */
#include "stash/admit.h"

#include <stdarg.h>
#include <stdio.h>

#include "rules.h"
#include "semantic.h"
#include "stash/jsonx.h"

typedef void (*rule)(const struct admit *a);

#define RULES_MAX 8

/* Of a kind whose spec cannot change, an update is judged by that alone. */
static const struct row {
    enum kind kind;
    rule on_create[RULES_MAX];
    rule on_update[RULES_MAX];
} rows[] = {
    {KIND_REPOSITORY, {rule_backend, rule_wipe_out}, {rule_backend, rule_wipe_out}},
    {KIND_BACKUP_CONFIGURATION,
     {rule_targets, rule_repository_reference, rule_backup_values},
     {rule_target_of_ready, rule_targets, rule_repository_reference, rule_backup_values}},
    {KIND_BACKUP_BATCH,
     {rule_targets, rule_repository_reference, rule_backup_values},
     {rule_targets, rule_repository_reference, rule_backup_values}},
    {KIND_RESTORE_SESSION,
     {rule_targets, rule_restore_rules, rule_repository_reference, rule_restore_values},
     {rule_immutable_spec}},
    {KIND_RESTORE_BATCH,
     {rule_targets, rule_restore_rules, rule_repository_reference, rule_restore_values},
     {rule_immutable_spec}},
    {KIND_BACKUP_SESSION, {rule_session_invoker}, {rule_immutable_spec}},
    {KIND_BACKUP_BLUEPRINT,
     {rule_backend, rule_wipe_out, rule_blueprint_values},
     {rule_backend, rule_wipe_out, rule_blueprint_values}},
};

void rule_cause(const struct admit *a, const char *base, const char *field, const char *reason,
                const char *fmt, ...)
{
    AUTO(mem_free) char *path = xasprintf("%s.%s", base, field);
    char detail[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(detail, sizeof(detail), fmt, ap);
    va_end(ap);
    causes_add(a->causes, path, reason, "%s", detail);
}

json_t *rule_lookup(const struct admit *a, enum kind kind, const char *namespace, const char *name)
{
    const struct snapshot *snapshot = a->request->snapshot;

    return snapshot ? snapshot->get(snapshot->ctx, kind, namespace, name) : NULL;
}

/* An object on its way out, or whose spec did not change, must always be storable: finalizers have to go. */
static bool needs_no_judgement(const struct admit_request *request)
{
    if (request->operation == OPERATION_CREATE)
        return false;
    if (request->operation != OPERATION_UPDATE)
        return true;
    return jsonx_get(request->object, "metadata", "deletionTimestamp", NULL) ||
           semantic_equal(jsonx_get(request->object, "spec", NULL),
                          jsonx_get(request->old, "spec", NULL));
}

static const char *namespace_of(const struct admit_request *request)
{
    const char *own = jsonx_namespace(request->object);

    if (request->namespace && *request->namespace)
        return request->namespace;
    return own && *own ? own : "default";
}

void admit_validate(const struct admit_request *request, struct causes *causes,
                    struct warnings *warnings)
{
    const struct admit a = {
        .request = request,
        .spec = jsonx_get(request->object, "spec", NULL),
        .namespace = namespace_of(request),
        .causes = causes,
        .warnings = warnings,
    };

    if (needs_no_judgement(request))
        return;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const rule *rules =
            request->operation == OPERATION_UPDATE ? rows[i].on_update : rows[i].on_create;
        for (size_t j = 0; rows[i].kind == request->kind && j < RULES_MAX && rules[j]; j++)
            rules[j](&a);
    }
}
