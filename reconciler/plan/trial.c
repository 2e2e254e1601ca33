#include "trial.h"

#include "stash/conditions.h"
#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/names.h"

bool trial_is_refused(const struct draft *draft)
{
    return condition_is_true(jsonx_get(draft->status, "conditions", NULL), CONDITION_PODS_REFUSED);
}

json_t *trial_pod(const json_t *given)
{
    json_t *pod = json_is_object(given) ? json_copy(jsonx_unconst(given)) : json_object();

    json_object_set_new(jsonx_own(jsonx_own(pod, "metadata"), "annotations"), ANNOTATION_TRIAL,
                        json_string("true"));
    return pod;
}

void trial_note(struct draft *draft, json_t *action, const char *injected, const char *what)
{
    json_auto_t *status = json_deep_copy(draft->status);
    AUTO(mem_free)
    char *sentence =
        xasprintf("pods are refused with the %s, so they are made without it: ${error}", what);

    draft_condition(
        draft, status,
        &(struct condition){CONDITION_PODS_REFUSED, "True", "RefusedByDryRun", "${error}"});
    draft_condition(draft, status,
                    &(struct condition){injected, "False", "InjectedPodsRefused", sentence});
    json_object_set_new(action, "onRefused", draft_status_actions(draft, status));
}

json_t *trial_add(struct draft *draft, const json_t *workload, const json_t *pod,
                  const char *expected)
{
    json_t *action = draft_action(draft, "trial", workload);

    json_object_set_new(action, "dryRunPod", trial_pod(pod));
    json_object_set_new(action, "expectedHash", json_string(expected));
    json_object_set_new(action, "onFailure", json_array()); /* nothing was found out */
    return action;
}
