/*
 * target.h - one target of an invoker, seen the same way by validation and defaulting, whether it stands in a
 * BackupConfiguration, a RestoreSession or a member of a batch.
 */
#ifndef ADMIT_TARGET_H
#define ADMIT_TARGET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/admit.h"

/** Strings are borrowed and never NULL; "" is absent. */
struct target_view {
    const json_t *doc; /* what holds task and target: the spec, or a member */
    char path[40];     /* of doc: "spec", "spec.members[3]" */
    const char *driver;
    const char *task; /* as the user wrote it */
    const char *api_version, *kind, *name;
    const char *namespace; /* the invoker's when the reference has none */
    bool is_foreign;       /* in another namespace than the invoker */
    bool is_restore;
    bool is_sidecar; /* runs in the workload's own pods: sidecar, or init container */
};

/** How many targets an invoker of this kind has: 1, or as many as a batch has members. */
size_t target_count(enum kind kind, const json_t *spec);

/** Look at target `index`; `namespace` is the invoker's. */
void target_view(enum kind kind, const json_t *spec, size_t index, const char *namespace,
                 struct target_view *ret);

/** The AppBinding that is the target, as a new reference; NULL when it is none or is not known. */
json_t *target_app_binding(const struct target_view *target, const struct snapshot *snapshot);
bool target_is_app_binding(const struct target_view *target);

/** Whether claims are made to restore into; the reference may be empty then. */
bool target_has_claims(const struct target_view *target);

/** Whether folders are restored by our own command, without a Task: in a workload's pods, or into claims that are made. */
bool target_restores_folders(const struct target_view *target);

/**
 * The Task: the user's, else the AppBinding's addon's, else "". Borrowed from the documents.
 */
const char *target_task(const struct target_view *target, const json_t *app_binding);

/**
 * Whether the Task's Functions read ${INTERIM_DATA_DIR}: from the Task and Functions themselves where all are known,
 * else by the Task's name, else by the AppBinding's type.
 */
bool target_reads_interim(const struct target_view *target, const json_t *app_binding,
                          const struct snapshot *snapshot);

#endif
