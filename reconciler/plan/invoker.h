/*
 * invoker.h - what an invoker asks for, one member per target.
 *
 * A BackupConfiguration's and a RestoreSession's spec is itself the only member; a batch has a list of them with the
 * same fields (task, target, runtimeSettings, tempDir, interimVolumeTemplate, hooks). All pointers are borrowed.
 */
#ifndef STASH_PLAN_INVOKER_H
#define STASH_PLAN_INVOKER_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/snapshot.h" /* snapshot_invoker_namespace(), snapshot_repository_namespace() */

/** Whether a document says what it is, where, and how it is called: what every stored one does. */
bool invoker_is_named(const json_t *object);

/** How many targets there are; 0 for a BackupConfiguration without a target. */
size_t invoker_count(const json_t *invoker);
/** The member at `index` < invoker_count(). */
const json_t *invoker_member(const json_t *invoker, size_t index);
/** Its target reference with the namespace filled in. New reference. */
json_t *invoker_ref(const json_t *invoker, size_t index);

bool invoker_is_restore(const json_t *invoker);
/** How many sets of claims a restore makes for this member, each with a Job of its own; 0: none (stash/claims.h). */
size_t invoker_sets(const json_t *invoker, size_t index);
/** Whether the target's own pods do the work (sidecar, init container) rather than a Job. */
bool invoker_is_sidecar(const json_t *invoker, size_t index);
/** Whether the target is no object that we look at: its pods say that they are of it (kind_is_named_by_pods()). */
bool invoker_is_named_by_pods(const json_t *invoker, size_t index);
/** spec.driver, "Restic" when absent. */
const char *invoker_driver(const json_t *invoker);
/** The ServiceAccount that the user gave for this member's Jobs, or NULL. */
const char *invoker_service_account(const json_t *member);

/** Labels of everything made for an invoker: its own, component and managed-by. New reference. */
json_t *invoker_labels(const json_t *invoker);
/**
 * Component and managed-by alone. Of pods: by the invoker's own labels the pods of its application may be found. Of what
 * has no owner: it would be taken for the work of whoever labelled the invoker. New reference.
 */
json_t *invoker_marks(const json_t *invoker);
/** The ownerReferences array that makes `owner` the controller. New reference. */
json_t *invoker_owner(const json_t *owner);

#endif
