/*
 * rollout_view.h - what is known about one workload's pods before anything is decided about a restart.
 */
#ifndef STASH_PLAN_ROLLOUT_VIEW_H
#define STASH_PLAN_ROLLOUT_VIEW_H

#include <stddef.h>

#include "draft.h"

/* A registry may be slow, or away for a moment. */
#define ROLLOUT_STUCK_SECONDS 300

/* While pods are on their way, and after a dry run that came back without us, look again. */
#define ROLLOUT_RECHECK 5

/* A hash is the backup's eight digits and the restore's; zeros stand for nothing. */
#define HASH_HALF 8
#define HASH_NONE "00000000"

/* What is known about one workload's pods. */
struct rollout_view {
    const json_t *workload;
    const char *expected;       /* hash that every pod should carry; "" is none */
    size_t living;              /* pods of its own */
    size_t going;               /* those that are being deleted */
    size_t differing;           /* living pods that carry another one, and would be replaced */
    size_t held;                /* the same, but below a StatefulSet's partition: they would not */
    int64_t restarted;          /* when we restarted it for this hash; 0: never */
    bool undone;                /* we did, and the note of it is no more in the template */
    const json_t *stubborn;     /* a pod made after that restart and still differing */
    size_t running;             /* living pods with our sidecar at work */
    const json_t *starting;     /* a new pod, whose sidecar has not started yet for some reason */
    const json_t *stuck;        /* one that has waited for that long enough */
    size_t outdated;            /* as they should be, but with an agent of an older version */
    size_t outdated_held;       /* those of them that a restart would not replace */
    const json_t *old;          /* one of them */
    int64_t renewed;            /* when we restarted it for agents of this version; 0: never */
    const json_t *stubborn_old; /* a pod made after that restart, whose agent is old all the same */
};

/** `row`: of the world's targets or former targets; borrowed, and has to outlive the view. */
struct rollout_view rollout_view_make(const struct draft *draft, const json_t *row);

/** Whether an expected hash asks for a backup's sidecar. */
bool rollout_view_wants_backup(const char *expected);

/**
 * Whether the workload is replacing its pods already, for whatever reason: the new ones come with what they should have,
 * so another restart would be one too many.
 */
bool rollout_view_is_rolling(const json_t *workload);

/** Whether a restart at that time (0: never) is so recent that another one would not help more. */
bool rollout_is_recent(const struct draft *draft, int64_t restarted);

/** Why a restart would not replace the pods, NULL when it would. */
const char *rollout_view_obstacle(const struct rollout_view *view);

/** The restart of that row's workload, as an action; `leftover` (borrowed, may be NULL) goes in the same patch. */
json_t *rollout_action(struct draft *draft, const json_t *row, const struct rollout_view *view,
                       const json_t *leftover);

/**
 * Pods that are what they should be, but whose agents are of an older version: restart them once when nothing is at
 * work in them, and set SidecarOutdated.
 */
void rollout_check_outdated(struct draft *draft, size_t index, const struct rollout_view *view);

/**
 * Fewer pods than the workload wants: they may be refused, and for us. How many a target wants that its pods name,
 * nobody knows: it is looked at when its controller could not make one, and when one goes.
 */
bool rollout_view_is_short(const struct draft *draft, size_t index,
                           const struct rollout_view *view);

/**
 * Pods that wait because their sidecar does not start: say so, and let the next ones be made without it (the condition
 * InjectedPodsRefused). True: nothing else is to be done now.
 */
bool rollout_check_stuck(struct draft *draft, size_t index, const struct rollout_view *view);

#endif
