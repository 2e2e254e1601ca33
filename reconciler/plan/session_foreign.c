/*
 * Sessions that the upstream operator left at work in sidecars. Its sidecars leave with the pods that they are in, its
 * hooks may have run or not: nobody can go on where they stopped. Jobs need none of this: whoever made one, it ends or is
 * found missing.
 */
#include "condition_types.h"
#include "session.h"
#include "stash/jsonx.h"

#define MESSAGE                                                                                    \
    "the upstream operator began this session and is gone, and its sidecar with it; the next "     \
    "session starts anew"

bool session_give_up_foreign(struct draft *draft, const struct executor *executor)
{
    const json_t *conditions = jsonx_get(executor->holder, "conditions", NULL);

    if (!condition_is_true(conditions, executor->ensured) ||
        condition_find(conditions, CONDITION_EXECUTOR_READY))
        return false;
    draft_condition(draft, executor->holder,
                    &(struct condition){CONDITION_BACKUP_DISRUPTED, "True",
                                        "FailedToCompleteDueToDisruption", MESSAGE});
    draft_add_event(draft, &(struct draft_event){"Backup Disrupted", MESSAGE,
                                                 "BackupSession Controller", true});
    return true;
}
