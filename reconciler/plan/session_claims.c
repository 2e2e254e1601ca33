#include "session_claims.h"

#include <string.h>

#include "claim_set.h"
#include "condition_types.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/text.h"

/* What was refused is tried again: less often, the longer it lasts. */
#define RETRY_SECONDS 60

static const json_t *find_claim(const struct draft *draft, const json_t *wanted)
{
    return jsonx_get(draft->world, "claims", jsonx_name(wanted), "object", NULL);
}

/* ---- whose they are ---------------------------------------------------------------------------------------------- */

/* Data that somebody may have there must not be written over. */
static void refuse_claim(struct draft *draft, const struct executor *executor, const json_t *claim)
{
    const char *maker = jsonx_annotation(claim, ANNOTATION_INVOKER);
    AUTO(mem_free)
    char *message = xasprintf(
        "PersistentVolumeClaim %s exists already%s%s%s: nothing was written into it. Delete it if "
        "its data is not needed, or change the name in volumeClaimTemplates, and create the "
        "RestoreSession again",
        jsonx_name(claim), maker ? " (made for another " : "", maker ? maker : "",
        maker ? ")" : "");

    session_ensured(draft, executor, message);
}

bool session_claims_are_free(struct draft *draft, const struct executor *executor,
                             const json_t *claims)
{
    for (size_t i = 0; i < json_array_size(claims); i++) {
        const json_t *claim = find_claim(draft, json_array_get(claims, i));

        if (!claim)
            continue;
        if (jsonx_get(claim, "metadata", "deletionTimestamp", NULL)) {
            AUTO(mem_free)
            char *message = xasprintf("PersistentVolumeClaim %s is being deleted: it is made anew "
                                      "when it is gone",
                                      jsonx_name(claim));
            session_wait_for(draft, executor, "ClaimBeingDeleted", message);
            return false;
        }
        if (!claim_set_is_own(claim, draft->object)) {
            refuse_claim(draft, executor, claim);
            return false;
        }
    }
    return true;
}

/* ---- making them ------------------------------------------------------------------------------------------------- */

static const json_t *refusal_of(const struct executor *executor)
{
    const json_t *ready =
        condition_find(jsonx_get(executor->holder, "conditions", NULL), CONDITION_EXECUTOR_READY);

    return text_is(jsonx_str(ready, "reason", NULL), REASON_CLAIM_NOT_CREATED) ? ready : NULL;
}

/* A quota may be raised. What was said once is not said again, or each saying would wake us for the next try. */
static json_t *refused_actions(struct draft *draft, const struct executor *executor,
                               const json_t *claim)
{
    AUTO(mem_free)
    char *head = xasprintf("PersistentVolumeClaim %s could not be created: ", jsonx_name(claim));
    const char *told = jsonx_str(refusal_of(executor), "message", NULL);

    if (told && strncmp(told, head, strlen(head)) == 0)
        return json_array();
    AUTO(mem_free) char *message = xasprintf("%s${error}", head);
    return session_actions_with(
        draft, executor,
        &(struct condition){CONDITION_EXECUTOR_READY, "False", REASON_CLAIM_NOT_CREATED, message});
}

void session_make_claims(struct draft *draft, const struct executor *executor, const json_t *claims)
{
    for (size_t i = 0; i < json_array_size(claims); i++) {
        json_t *claim = json_array_get(claims, i);

        if (find_claim(draft, claim))
            continue;
        json_t *action = draft_create(draft, json_incref(claim));
        json_object_set_new(action, "onFailure", refused_actions(draft, executor, claim));
        draft_requeue_waiting(draft, RETRY_SECONDS);
    }
}

bool session_claims_may_come(struct draft *draft, const struct executor *executor)
{
    const json_t *refusal = refusal_of(executor);
    const char *message = jsonx_str(refusal, "message", NULL);

    if (!refusal)
        return true;
    if (draft->now - session_begun(draft) >= session_grace(draft)) {
        session_ensured(draft, executor, message);
        return false;
    }
    draft_add_event(draft, &(struct draft_event){REASON_CLAIM_NOT_CREATED, message,
                                                 "RestoreSession Controller", true});
    return true;
}
