/*
 * plan.h - what to do next: the reconciler's decisions, as pure functions from a world to a plan.
 *
 * World and plan are JSON objects, so that a folder with two files is a test (tests/golden/plan). The shell builds the
 * world (observe), asks for the plan, and carries it out in order until the first failure (apply). Plans are
 * idempotent: planning against the world that results from a plan gives an empty plan. Nothing is ever decided from an
 * event; an event only says at which object to look.
 *
 * World, common members:
 *   now        Unix seconds
 *   config     {image, addonRegistry, addonTag, pushgatewayUrl, namespace, graceSeconds, imagePullSecrets: [names]}
 *   object     the object itself as stored (never null: a gone object is not planned)
 * Plan:
 *   actions    [action …], carried out in order
 *   events     [{reason, message, warning: bool, component, object?: {apiVersion, kind, metadata}}], default object: the world's object
 *   requeueAfter  seconds, absent or 0: only when something changes
 *   enqueue    ["Kind/namespace/name" …] others to look at
 * Action: {verb, kind, namespace, name, …}
 *   create     object                     the name being taken counts as done
 *   apply      object                     server-side apply, field manager stash-reconciler, force
 *   patch      patch                      merge patch
 *   status     patch                      merge patch on /status; carries metadata.resourceVersion where a race matters
 *   delete     uid?, foreground?          gone counts as done
 *   push       url, body                  Pushgateway, best effort: a failure becomes the event and condition of `failure`
 *   rollout    patch, dryRunPod           restart a workload, but only if the dry-run create of dryRunPod comes back injected
 */
#ifndef STASH_PLAN_H
#define STASH_PLAN_H

#include <jansson.h>

/**
 * BackupConfiguration: finalizer, conditions, references, CronJob with its ServiceAccount and RoleBinding, sidecar
 * rollout.
 *
 * World also: repository (object or null), secret (metadata or null), namespaceObject, namespaceOfRepository,
 * targets: [{ref, found: true|false|null (null: could not be checked), message, object (the workload, trimmed), pods: [metadata+spec of its
 * pods, workloads only], expectedHash (inject_expected_hash), dryRunPod}], cronJob (object or null), causes (sentence of admit_validate, or null),
 * serviceAccounts and roleBindings: {name: object} that exist among those we own.
 */
json_t *plan_backup_configuration(const json_t *world);

/**
 * BackupSession: the state machine of spec §4.5, Jobs, deadlines, retries, history, session metrics.
 *
 * World also: invoker (object or null), repository, secret, appBinding, task, functions {name: object}, target (the target object or null),
 * targetFound, sessions: [every BackupSession of the invoker or of the same target, trimmed, `object` among them], jobs: [Jobs owned by
 * the session], pods: [Pods of those Jobs, and the injected pods of the target], events: [FailedCreate and FailedScheduling of those, trimmed],
 * pvcs {name: object} (interim and target claims), volumeNode (node where the target's RWO claim is mounted, or null),
 * storeQueue: [sessions of other invokers that use the same Repository and are not finished, trimmed].
 */
json_t *plan_backup_session(const json_t *world);

/** RestoreSession: world as for a BackupSession, with `object` its own invoker; Job or init container rollout. */
json_t *plan_restore_session(const json_t *world);

/** Repository: finalizer, and whom to look at again. World also: invokers: [keys of those that reference it]. */
json_t *plan_repository(const json_t *world);

/** A trigger Job that is done (label delete-job-on-completion): delete it. */
json_t *plan_trigger_job(const json_t *world);

#endif
