#include "requirements.h"

#include <string.h>

#include "condition_types.h"
#include "invoker.h"
#include "stash/admit.h"
#include "stash/buf.h"
#include "stash/inject.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/names.h"
#include "stash/text.h"

/* How one thing that was looked for shows in a condition. */
struct lookup {
    const char *type;
    const char *available;
    const char *missing;
    const char *unknown;
    const char *error; /* it could not be looked for: why */
    bool found;
    const char *what; /* "Repository demo/x" */
};

/*
 * What was found before and cannot be looked at now is taken to be there still, or a moment without the API server would
 * have every session skipped.
 */
static bool is_still_believed(const struct draft *draft, const struct lookup *lookup)
{
    return lookup->error &&
           condition_is_true(jsonx_get(draft->status, "conditions", NULL), lookup->type);
}

static bool set_found(const struct draft *draft, const struct lookup *lookup)
{
    if (is_still_believed(draft, lookup))
        return false;
    AUTO(mem_free)
    char *message = lookup->error   ? xasprintf("%s: %s", lookup->what, lookup->error)
                    : lookup->found ? xasprintf("%s is available", lookup->what)
                                    : xasprintf("%s not found", lookup->what);
    struct condition condition = {lookup->type, lookup->found ? "True" : "False",
                                  lookup->found ? lookup->available : lookup->missing, message};

    if (lookup->error) {
        condition.status = "Unknown";
        condition.reason = lookup->unknown;
    }
    draft_condition(draft, draft->status, &condition);
    return lookup->found && !lookup->error;
}

static const char *error_of(const struct draft *draft, const char *member)
{
    return jsonx_str(draft->world, "errors", member, NULL);
}

static bool check_repository(const struct draft *draft)
{
    const json_t *repository = jsonx_get(draft->world, "repository", NULL);
    const char *name = jsonx_str(draft->object, "spec", "repository", "name", NULL);
    bool deleting = jsonx_get(repository, "metadata", "deletionTimestamp", NULL) != NULL;
    AUTO(mem_free)
    char *what = xasprintf("Repository %s/%s%s", snapshot_repository_namespace(draft->object),
                           name ? name : "", deleting ? " is being deleted:" : "");

    return set_found(
        draft, &(struct lookup){CONDITION_REPOSITORY_FOUND, "RepositoryAvailable",
                                "RepositoryNotAvailable", "UnableToCheckRepositoryAvailability",
                                error_of(draft, "repository"), repository && !deleting, what});
}

static bool check_secret(const struct draft *draft)
{
    const json_t *repository = jsonx_get(draft->world, "repository", NULL);
    const char *name = jsonx_str(repository, "spec", "backend", "storageSecretName", NULL);
    AUTO(mem_free)
    char *what =
        xasprintf("Secret %s/%s", jsonx_namespace(repository), name ? name : "(no name given)");

    return set_found(
        draft, &(struct lookup){CONDITION_BACKEND_SECRET_FOUND, "BackendSecretAvailable",
                                "BackendSecretNotAvailable",
                                "UnableToCheckBackendSecretAvailability", error_of(draft, "secret"),
                                jsonx_get(draft->world, "secret", NULL) != NULL, what});
}

static void add_problem(struct buf *text, const char *problem)
{
    if (text->len > 0)
        buf_adds(text, "; ");
    buf_adds(text, problem);
}

/* What this version cannot do is said before the first session, not found out in the middle of one. */
static void add_unsupported(void *text, const char *field, const char *sentence)
{
    AUTO(mem_free) char *problem = xasprintf("%s: %s", field, sentence);

    add_problem(text, problem);
}

static void check_supported(const struct draft *draft, struct buf *text)
{
    enum kind kind = kind_by_name(jsonx_str(draft->object, "kind", NULL));

    admit_unsupported(kind, draft->object, add_unsupported, text);
}

static bool check_valid(const struct draft *draft)
{
    const char *causes = jsonx_str(draft->world, "causes", NULL);
    AUTO(buf_done) struct buf text = {0};

    if (error_of(draft, "namespaceObject") || error_of(draft, "causes"))
        return false; /* consent and usage policy could not be looked at: what was said before stands */

    buf_init(&text, LIMIT_TEMPLATE);
    if (causes)
        add_problem(&text, causes);
    check_supported(draft, &text);
    bool valid = text.len == 0;
    draft_condition(
        draft, draft->status,
        &(struct condition){CONDITION_VALIDATION_PASSED, valid ? "True" : "False",
                            valid ? "ResourceValidationPassed" : "ResourceValidationFailed",
                            valid ? "successfully validated" : text.data});
    return valid;
}

bool requirements_check(const struct draft *draft)
{
    bool repository = check_repository(draft);
    bool secret = jsonx_get(draft->world, "repository", NULL) && check_secret(draft);
    bool valid = check_valid(draft);

    return repository && secret && valid;
}

const json_t *requirements_target(const struct draft *draft, size_t index)
{
    return json_array_get(jsonx_get(draft->world, "targets", NULL), index);
}

const json_t *requirements_object(const struct draft *draft, size_t index)
{
    return jsonx_get(requirements_target(draft, index), "object", NULL);
}

/* A row without the member could not be read; null means that it is not there. */
static const char *target_error(const struct draft *draft, size_t index)
{
    const json_t *row = requirements_target(draft, index);

    return row && !json_object_get(row, "object") ? error_of(draft, "object") : NULL;
}

json_t *requirements_row_pods(const json_t *row)
{
    const json_t *pods = jsonx_get(row, "pods", NULL);
    json_t *own = json_array();
    size_t i;
    json_t *pod;

    if (!pods) {
        json_decref(own);
        return NULL;
    }
    json_array_foreach (jsonx_unconst(pods), i, pod) {
        if (inject_is_of(pod, jsonx_get(row, "ref", NULL)))
            json_array_append(own, pod);
    }
    return own;
}

json_t *requirements_pods(const struct draft *draft, size_t index)
{
    return requirements_row_pods(requirements_target(draft, index));
}

/* What is looked for. */
static char *target_text(const json_t *invoker, size_t index, const json_t *ref)
{
    const char *kind = jsonx_str(ref, "kind", NULL), *name = jsonx_str(ref, "name", NULL);
    const char *namespace = jsonx_str(ref, "namespace", NULL);

    if (invoker_is_sidecar(invoker, index) && invoker_is_named_by_pods(invoker, index))
        return xasprintf("an injected pod in %s with the annotation " ANNOTATION_TARGET ": %s/%s",
                         namespace, kind, name);
    return xasprintf("%s %s/%s", kind, namespace, name);
}

bool requirements_targets(const struct draft *draft, const char *type)
{
    bool all = true;

    for (size_t i = 0; i < invoker_count(draft->object) && all; i++) {
        json_auto_t *ref = invoker_ref(draft->object, i);

        if (!jsonx_str(ref, "name", NULL) && invoker_sets(draft->object, i) > 0)
            continue; /* what it restores into is not there yet */
        AUTO(mem_free) char *what = target_text(draft->object, i, ref);

        all = set_found(draft,
                        &(struct lookup){type, "TargetAvailable", "TargetNotAvailable",
                                         "UnableToCheckTargetAvailability", target_error(draft, i),
                                         requirements_object(draft, i) != NULL, what});
    }
    return all;
}

void requirements_advise(const struct draft *draft)
{
    const json_t *advice = jsonx_get(draft->world, "advice", NULL);
    bool was_told = condition_find(jsonx_get(draft->status, "conditions", NULL),
                                   CONDITION_TARGET_NEEDS_ATTENTION) != NULL;
    bool is_fine = json_array_size(advice) == 0;
    AUTO(buf_done) struct buf text = {0};

    if (!advice || (is_fine && !was_told))
        return;
    buf_init(&text, LIMIT_TEMPLATE);
    for (size_t i = 0; i < json_array_size(advice); i++)
        add_problem(&text, json_string_value(json_array_get(advice, i)));
    draft_condition(draft, draft->status,
                    &(struct condition){CONDITION_TARGET_NEEDS_ATTENTION,
                                        is_fine ? "False" : "True",
                                        is_fine ? "NothingToSay" : "WorksOtherwise",
                                        is_fine ? "nothing is to be said any more" : text.data});
}
