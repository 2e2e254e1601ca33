/*
 * naming.h - which name an object of ours has, in the world as it is.
 *
 * Stash's, unless that had to be cut or is another owner's: then with a digest. What an owner has already is known by
 * the owner's UID, and keeps its name. All results are heap strings.
 */
#ifndef STASH_PLAN_NAMING_H
#define STASH_PLAN_NAMING_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/names.h"

/** Whether `object` (NULL: none) is somebody else's than `owner`'s. One of the same kind and name was here before it. */
bool naming_is_taken(const json_t *object, const json_t *owner);

/** Whether `owner` is the controller of `object`, by UID. */
bool naming_is_owned(const json_t *object, const json_t *owner);

/** Whom a name is made for: kind, namespace and name of a document. Borrowed. */
struct name_owner naming_owner(const json_t *object);

/** "Kind/namespace/name", for ANNOTATION_INVOKER. */
char *naming_identity(const json_t *invoker);

/** The CronJob of an invoker (of world.cronJobs), and the ServiceAccount and RoleBinding of its pods. */
char *naming_trigger(const json_t *world, const json_t *invoker);
char *naming_trigger_rights(const json_t *world, const json_t *invoker);

/** ServiceAccount (when it is ours to make) and RoleBinding of a member's Jobs. */
char *naming_executor(const json_t *world, const json_t *invoker, size_t index);

/** Role and RoleBinding of a member in one namespace. */
char *naming_role(const json_t *world, const json_t *invoker, size_t index, const char *namespace);

/** RoleBinding of an invoker for a workload's pods. */
char *naming_binding(const json_t *world, const json_t *invoker,
                     const struct name_workload *workload);

/** Which Job of a session: of which member, and with which set of claims (from 1; 0: it makes none). */
struct name_job {
    const json_t *invoker, *session;
    size_t index, set;
};

/** A session's Job (world.jobs are its own, world.namedJobs those that have the name). */
char *naming_job(const json_t *world, const struct name_job *job);

/** A Job's interim claim; NULL when the member has no template. */
char *naming_interim(const json_t *world, const struct name_job *job);

#endif
