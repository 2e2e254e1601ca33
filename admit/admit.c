/* admit.c - which rules concern which kind. */
#include "stash/admit.h"

#include <string.h>

#include "rules.h"
#include "semantic.h"
#include "stash/bounds.h"
#include "stash/jsonx.h"

typedef void (*rule)(const struct admit *a);

#define RULES_MAX 16

/* Of a kind whose spec cannot change, an update is judged by that alone. */
static const struct row {
    enum kind kind;
    bool is_immutable;
    rule rules[RULES_MAX];
} rows[] = {
    {KIND_REPOSITORY,
     false,
     {rule_backend, rule_wipe_out, rule_usage_policy, rule_moved_backend, rule_shared_place,
      rule_password}},
    {KIND_BACKUP_CONFIGURATION,
     false,
     {rule_target_of_ready, rule_targets, rule_repository_reference, rule_shared_repository,
      rule_schedule_required, rule_timing, rule_retention, rule_settings, rule_interim_volume,
      rule_hooks, rule_alias, rule_password}},
    {KIND_BACKUP_BATCH,
     false,
     {rule_members, rule_targets, rule_repository_reference, rule_shared_repository,
      rule_schedule_required, rule_timing, rule_retention, rule_settings, rule_interim_volume,
      rule_hooks, rule_password}},
    {KIND_RESTORE_SESSION,
     true,
     {rule_targets, rule_restore_rules, rule_repository_reference, rule_timing, rule_settings,
      rule_interim_volume, rule_hooks, rule_alias, rule_password}},
    {KIND_RESTORE_BATCH,
     true,
     {rule_members, rule_targets, rule_restore_rules, rule_repository_reference, rule_timing,
      rule_settings, rule_interim_volume, rule_hooks, rule_password}},
    {KIND_BACKUP_SESSION, true, {rule_session_invoker}},
    {KIND_BACKUP_BLUEPRINT,
     false,
     {rule_grammar, rule_backend, rule_wipe_out, rule_usage_policy, rule_blueprint, rule_timing,
      rule_retention, rule_settings, rule_interim_volume, rule_hooks, rule_password}},
    {KIND_TASK, false, {rule_grammar, rule_task_document, rule_password}},
    {KIND_FUNCTION, false, {rule_grammar, rule_function_document}},
    {KIND_APP_BINDING, false, {rule_app_binding, rule_password}},
};

/* An object on its way out, or whose spec did not change, must always be storable: finalizers have to go. */
static bool needs_no_judgement(const struct admit_request *request)
{
    if (request->operation == OPERATION_CREATE || request->operation == OPERATION_DELETE)
        return false;
    if (request->operation != OPERATION_UPDATE)
        return true;
    return jsonx_get(request->object, "metadata", "deletionTimestamp", NULL) ||
           semantic_equal(jsonx_get(request->object, "spec", NULL),
                          jsonx_get(request->old, "spec", NULL));
}

const char *admit_namespace(const struct admit_request *request)
{
    const char *own = jsonx_namespace(request->object);

    if (request->namespace && *request->namespace)
        return request->namespace;
    return own && *own ? own : "default";
}

static void warn_unsupported(void *ctx, const char *field, const char *sentence)
{
    warnings_add(ctx, "%s: %s", field, sentence);
}

/* The other rules compare elements with each other: they see no list without end. */
static bool is_too_large(const struct admit *a)
{
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *problem = NULL;

    if (!bounds_exceeded(a->request->kind, a->request->object, &path, &problem))
        return false;
    causes_add(a->causes, path, CAUSE_INVALID, "%s", problem);
    return true;
}

static void admit_judge(const struct admit *a)
{
    if (is_too_large(a))
        return;
    admit_unsupported(a->request->kind, a->request->object, warn_unsupported, a->warnings);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        bool is_update = rows[i].is_immutable && a->request->operation == OPERATION_UPDATE;
        if (rows[i].kind != a->request->kind)
            continue;
        if (is_update)
            rule_immutable_spec(a);
        for (size_t j = 0; !is_update && j < RULES_MAX && rows[i].rules[j]; j++)
            rows[i].rules[j](a);
    }
}

static void judge_request(const struct admit_request *request, struct causes *causes,
                          struct warnings *warnings)
{
    const struct admit a = {
        .request = request,
        .spec = jsonx_get(request->object, "spec", NULL),
        .namespace = admit_namespace(request),
        .causes = causes,
        .warnings = warnings,
    };

    if (request->operation == OPERATION_DELETE)
        rule_still_used(&a);
    else
        admit_judge(&a);
}

static json_t *spec_without_pause(const json_t *object)
{
    json_t *spec = json_copy(jsonx_get(object, "spec", NULL));

    json_object_del(spec, "paused");
    return spec;
}

/* Stops what runs, and does nothing else: whatever is wrong, or forbidden meanwhile, that is no reason to go on. */
static bool only_pauses(const struct admit_request *request)
{
    bool can_pause = request->kind == KIND_BACKUP_CONFIGURATION ||
                     request->kind == KIND_BACKUP_BATCH || request->kind == KIND_BACKUP_BLUEPRINT;

    if (!can_pause || !jsonx_bool(request->object, false, "spec", "paused", NULL))
        return false;
    json_auto_t *before = spec_without_pause(request->old);
    json_auto_t *after = spec_without_pause(request->object);
    return semantic_equal(before, after);
}

/*
 * What is stored already may be as wrong as it was before: a rule that is newer than the object must not keep anybody from
 * pausing it. What is forbidden stays forbidden.
 */
static void admit_pardon(const struct admit_request *request, struct causes *causes,
                         struct warnings *warnings)
{
    const struct admit_request before = {
        .kind = request->kind,
        .operation = OPERATION_CREATE,
        .namespace = request->namespace,
        .object = request->old,
        .snapshot = request->snapshot,
        .config = request->config,
    };
    AUTO(causes_done) struct causes known = {0};
    AUTO(warnings_done) struct warnings ignored = {0};

    bool pauses = only_pauses(request);
    judge_request(&before, &known, &ignored);
    for (size_t i = causes->count; i-- > 0;) {
        const struct cause *cause = &causes->items[i];
        bool stays = strcmp(cause->reason, CAUSE_FORBIDDEN) == 0 || !causes_has(&known, cause);
        if (stays && !pauses)
            continue;
        warnings_add(warnings, "%s: %s (as before)", cause->path, cause->detail);
        causes_remove(causes, i);
    }
}

void admit_validate(const struct admit_request *request, struct causes *causes,
                    struct warnings *warnings)
{
    if (needs_no_judgement(request))
        return;
    judge_request(request, causes, warnings);
    if (request->operation == OPERATION_UPDATE && causes->count > 0)
        admit_pardon(request, causes, warnings);
}
