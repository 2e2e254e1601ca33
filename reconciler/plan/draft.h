/*
 * draft.h - a plan while it is being written: actions in order, and the status as it should become.
 *
 * The status is edited freely (draft->status) and written by draft_flush(), which adds one status action with the
 * members that changed since the last flush, or none.
 */
#ifndef STASH_PLAN_DRAFT_H
#define STASH_PLAN_DRAFT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/conditions.h"
#include "stash/mem.h"

struct draft {
    const json_t *world;
    const json_t *object; /* world.object */
    int64_t now;
    json_t *plan;
    json_t *status;  /* ours to edit: object.status as it should be */
    json_t *written; /* object.status as the actions so far leave it */
    const char *(*phase_of)(
        const json_t *doc);         /* sets status.phase at every flush; NULL: no phase */
    void (*settle)(json_t *status); /* computes other members before that; may be NULL */
    json_t *needed;                 /* grants.c's: what this round needs */
};

void draft_init(struct draft *draft, const json_t *world, const char *(*phase_of)(const json_t *));
void draft_done(struct draft *draft);
DEFINE_AUTO_VALUE(struct draft, draft_done);

/** Flush the status and give the plan away. */
json_t *draft_take(struct draft *draft);

/** Give the plan away as it is, without the status: for objects that are left alone. */
json_t *draft_discard(struct draft *draft);

/** Add an action about `object` (only named, not stored in the action); lent for adding members. */
json_t *draft_action(struct draft *draft, const char *verb, const json_t *object);

/** Actions with their whole contents. `object` and `patch` are taken. The action is lent. */
json_t *draft_create(struct draft *draft, json_t *object);
json_t *draft_apply(struct draft *draft, json_t *object);
json_t *draft_patch(struct draft *draft, const json_t *object, json_t *patch);
json_t *draft_delete(struct draft *draft, const json_t *object, const char *propagation);

/** Set a condition in an array member of `holder`, which must be owned (draft->status, or a row of its targets). */
void draft_condition(const struct draft *draft, json_t *holder, const struct condition *condition);

/** The members of `after` that differ from `before` (NULL: none of them is there), null for those that are gone. New. */
json_t *draft_difference(const json_t *before, const json_t *after);

/** One status action with what changed; nothing when nothing did. */
void draft_flush(struct draft *draft);

/** If `action` fails for good: the status gets this condition (the message may hold ${error}). */
void draft_on_failure(struct draft *draft, json_t *action, const struct condition *condition);

/** The actions of a failure that leaves the status as `status`, for json_object_set_new(action, "onFailure", …). */
json_t *draft_status_actions(const struct draft *draft, const json_t *status);

/** Put the planned status into a shallow copy of the object. New reference. */
json_t *draft_object_with(const struct draft *draft, const json_t *status);

/**
 * For the way back, which must end: whatever action fails for good, those behind it are carried out all the same. A
 * restart of pods is tried again for a minute first, because the webhook may not have heard of the deletion yet.
 */
void draft_go_on(struct draft *draft);

/** Look again in `seconds` at the latest. */
void draft_requeue(struct draft *draft, int64_t seconds);

/**
 * Look again at what waits for somebody: the longer its conditions have been as they are, the later. After 10 s at first,
 * `most` seconds in the end.
 */
void draft_requeue_waiting(struct draft *draft, int64_t most);

/** Look at another object too. */
void draft_enqueue(struct draft *draft, const char *kind, const char *namespace, const char *name);
/** The Repository that the invoker `draft->object` names, if it names one. */
void draft_enqueue_repository(struct draft *draft);

struct draft_event {
    const char *reason;
    const char *message;
    const char *component;
    bool warning;
};

/** An event about the object, sent when the plan is done. */
void draft_add_event(struct draft *draft, const struct draft_event *event);

/** Whether an action was added so far. */
bool draft_has_actions(const struct draft *draft);

/** Put our finalizer on, or take it off, by a patch guarded by the resourceVersion; false when it is so already. */
bool draft_finalizer(struct draft *draft, const char *finalizer, bool wanted);

#endif
