/*
 * plan.h - what to do next: the reconciler's decisions, as pure functions from a world to a plan.
 *
 * World and plan are JSON objects, so that a file with both is a test (tests/golden/plan). The shell builds the
 * world (observe), asks for the plan, and carries it out in order until the first failure (apply). Plans are
 * idempotent: planning against the world that results from a plan gives a plan without actions. Nothing is ever decided
 * from an event; an event only says at which object to look. Everything in a world may be shared with the store: it is
 * only read. A world may hold more than is asked for here (untrimmed objects, more Tasks, finished Jobs); it is ignored.
 *
 * ---- world, members common to all ----------------------------------------------------------------------------------
 *   now              Unix seconds
 *   config           {image, pushgatewayUrl, imagePullSecrets: [names], graceSeconds (600), interimGraceSeconds (120),
 *                    jobTtlSeconds (60: Jobs of ended sessions), sessionLimitSeconds (a week: sessions without timeOut),
 *                    turnHoldSeconds (300), turnExpirySeconds (600), lockStaleSeconds (1500),
 *                    sessionsPerRepository (20; 0: as many as ask),
 *                    holdSidecarRestarts: bool (pods whose agents are too old are left to their owner)};
 *                    absent members take the defaults in brackets
 *   object           the object itself as stored, with apiVersion and kind; never null: a gone object is not planned
 *   errors           {member: "sentence"} for members below that could not be read (an error other than "not found"):
 *                    the member itself is then absent (also one of a row: object, pods), and the matching condition
 *                    becomes Unknown with that sentence, or stays as it is
 *                    (Repository: invokers, when some cannot be read; those that can are there)
 * "or null" below means: looked for and not there.
 *
 * ---- world, members of an invoker and of its sessions (BackupConfiguration, BackupSession, RestoreSession) -----------
 *   invoker          sessions only: the BackupConfiguration (later: BackupBatch), or null
 *   causes           the sentence of admit_validate() about the invoker, or null when it is valid; absent with
 *                    errors.causes when something that it depends on could not be read
 *   namespaceObject  the Namespace of the invoker
 *   repository       the Repository that plan_repository_ref() names, or null
 *   secret           PartialObjectMetadata of its spec.backend.storageSecretName, or null
 *   targets          one row per plan_targets() row, in that order:
 *                    {ref, object: the target as stored or null, pods: [its Pods: workloads only],
 *                     expectedHash: inject_expected_hash() of a pod made from its template ("" when nothing is to be
 *                     injected; only kind_is_workload() targets), dryRunPod: that pod, ready for a dry-run create,
 *                     restart: what the last action `rollout` wrote into its template, as far as this process knows}
 *                     of a target that pods name (kind_is_named_by_pods()): pods: injected ones which do; object: null
 *                     without any, else kind and metadata of the reference, and of the first pod its ServiceAccount as
 *                     spec.template.spec.serviceAccountName. Of the invoker itself also, where a pod can be seen:
 *                     dryRunPod: one as it would be made next, with its expectedHash; refused: true when its
 *                     controller said just now that it could not make it
 *   advice           of the invoker itself: [sentences] of admit_advise() about its targets' workloads; absent when they
 *                    could not be read
 *   tasks, functions {name: object}: all that the cluster has (or at least those that are asked for)
 *   serviceAccounts, roles, roleBindings  {"namespace/name": object} of the names that plan_names() lists. What has one of
 *                    these names may be another owner's: plan_names() lists another name then, so it is asked again
 *   grants           [metadata and kind of every Role and RoleBinding that is marked as made for the invoker, in any
 *                    namespace, and of those that versions before this one left in its namespace for workloads]; of an
 *                    invoker that is being deleted: asked for just now. Absent: not known (errors.grants says why)
 *   claims           {name: {object: PersistentVolumeClaim or null, node: node where a running pod mounts it, or null}}
 *                    in the namespace of the invoker, for the names that plan_names() lists
 *
 *   BackupConfiguration also:
 *     formerTargets  [rows like those of targets, of workloads that are no targets now and have pods with its sidecar]
 *     cronJobs       [every CronJob that it owns by UID, and whoever else has the name of plan_trigger_key()]
 *     namesakes      [the invokers with the same plan_trigger_key(), itself among them]
 *     sessions       [its unfinished BackupSessions, and the unfinished RestoreSessions of its targets]
 *     oldCronJob     the one under the name that very old upstream versions gave it, or null
 *     trigger        {jobs: [of its CronJobs], pods: [of those Jobs],
 *                    events: [Events about those Jobs and Pods, and warnings about the CronJobs]}
 *   A trigger's Job also:  invoker: the BackupConfiguration that owns its CronJob, or null
 *   Sessions also:
 *     namedJobs      {"namespace/name": Job}: those that have the names that plan_names() lists, whose ever they are
 *     jobs           [Jobs owned by the session]
 *     pods           [Pods of those Jobs]
 *     events         [Events about those Jobs, Pods and the claims: reason, message, involvedObject {kind, name},
 *                    lastTimestamp or eventTime]
 *     push           {state: "Pending" | "Pushed" | "Failed" | "Superseded" (a newer session's took its place), error?, at}
 *                    of its metrics, as far as this process knows; null
 *   BackupSession also:
 *     sessions       [every BackupSession of the same invoker, itself among them]
 *     rivals         [unfinished BackupSessions of other invokers that have the same target]
 *
 * ---- world, members of a Repository ----------------------------------------------------------------------------------
 *   invokers         [{apiVersion, kind, metadata} of every BackupConfiguration and RestoreSession that names it]
 *   users            [the unfinished BackupSessions and RestoreSessions that use it]
 *   restores         {uid of a user whose status.turn is Waiting: [every RestoreSession of its targets, in any namespace,
 *                    and those that wrote into a claim of a target, see observe_restores()]}; errors["restores"] says that
 *                    a workload could not be read
 *   siblings         {uid of a BackupSession whose status.turn is Waiting: [every BackupSession of its invoker]}
 *   pods             {uid: the Pod of that name as the API server has it now, or null} of the rows of plan_holders()
 *   cluster          uid of the Namespace kube-system
 *   slots            {uid of a user: null when it may begin, else {limit: "Namespace" | "Cluster",
 *                    position: 1 for the next}}; of those that plan_slot_requests() lists, as long as there is room in
 *                    the Repository; absent: there are no limits
 *
 * ---- a Repository and its sessions ------------------------------------------------------------------------------------
 *   A session asks for admission, when it waits for nothing else, by ExecutorReady=False with the reason
 *   WaitingForRepository, WaitingForMaintenance or WaitingInQueue; it begins when it has status.admittedAt. Only the
 *   Repository's key writes that, and only it gives turns: so nobody begins while another has the Repository for itself.
 *   An admitted session that has to wait for something else gives admittedAt back.
 *   A backup is admitted only when its Repository, its namespace and the cluster have room; else status.queue tells which of
 *   them has none, and its place in the queue. Restores are never held by that.
 *   A session asks for the Repository for itself by status.turn.state Waiting. Who asked first comes next: the
 *   Repository's status.turn says Draining. New backups are then held for turnHoldSeconds, restores are not; whoever had
 *   asked before goes ahead. When nobody else is at work (admitted or begun, and not Waiting itself), the turn is Granted
 *   in the Repository, then in the session, with the reason why retention is held, if there is one, and with the ids of
 *   snapshots that lack files, of all results that the invoker's sessions still hold. It ends when the
 *   session is at its end or gone, says Returned, waits again because of a lock, or is silent for
 *   turnExpirySeconds: then the session says Expired before the Repository is free.
 *   Of each lock in a request (status.turn.locks) the Repository's key writes whether its holders have ended, and who they
 *   are. They are the rows of status.executors with its host name. One has ended when its pod, if that is still there
 *   and has that host name, says so: its container has ended or began after the lock was written, or the row has
 *   endedAt; or when the pod is gone and the lock has been known for lockStaleSeconds (status.locks). A request with a
 *   lock that has not ended is passed over. Nobody can end the lock of a host that has no row.
 *
 * ---- plan ----------------------------------------------------------------------------------------------------------
 *   actions          [action …], carried out in order; the first failure ends the plan
 *   events           [{reason, message, warning: bool, component, object: {apiVersion, kind, namespace, name, uid}}],
 *                    sent when all actions are done
 *   requeueAfter     seconds; absent: look again only when something changes
 *   enqueue          ["Kind/namespace/name" …]: others to look at
 *
 * Action: {verb, kind, namespace, name, …}; namespace is absent for cluster-scoped kinds.
 *   create           object          its controller having the name already counts as done, and so does what is marked as
 *                                    made for the same invoker (LABEL_INVOKER_UID); another one's is a conflict
 *   apply            object          server-side apply, field manager stash-reconciler, force
 *   patch            patch           merge patch
 *   status           patch           merge patch on /status
 *   delete           uid?, propagation ("Background" | "Foreground")     gone (or another uid) counts as done
 *   push             url, body, session: {uid, key, created}
 *                    POST of Prometheus text to the Pushgateway soon, beside the workers; what became of it is the world's
 *                    `push`, and the key is looked at when it ended
 *   rollout          patch, dryRunPod, expectedHash: dry-run create dryRunPod; only when it comes back with
 *                    expectedHash as its ANNOTATION_INJECTED_HASH ("" = without) and with an agent that is not too old
 *                    (stash/protocol.h), merge patch the workload
 *   trial            dryRunPod, expectedHash: the dry run of rollout, and nothing else
 *   The dry runs of both: a pod that is refused is tried without us too (LABEL_INJECT=false); when that one is accepted,
 *   onRefused: [actions] takes the place of onFailure.
 *   A patch that holds metadata.resourceVersion is refused by the server (409) when somebody else wrote first: retry
 *   later. After an earlier action of the same plan on the same object, put the version that the server returned in its
 *   place.
 *   Any action may have onFailure: [actions]. When the action fails for good (not error_retriable(); for rollout and
 *   trial: any failure), carry those out and end the plan, counting it as done (requeueAfter holds). The text "${error}"
 *   in their strings is replaced by the error's sentence.
 */
#ifndef STASH_PLAN_H
#define STASH_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/** After a restart that somebody took back by writing the template again, another one is tried no sooner. */
#define PLAN_UNDONE_SECONDS 86400

/* ---- what to observe ---------------------------------------------------------------------------------------------- */

/** {namespace, name} of the Repository an invoker uses; NULL when it names none (VolumeSnapshotter). New reference. */
json_t *plan_repository_ref(const json_t *invoker);

/**
 * The targets of an invoker: [{ref: {apiVersion, kind, name, namespace (always filled)}, model: "job" | "sidecar",
 * claims?: [names of those that a restore makes to write into]}]. New reference; empty when there is none.
 */
json_t *plan_targets(const json_t *invoker);

/** Whether one of its targets is known by what pods say of themselves alone (kind_is_named_by_pods()). */
bool plan_is_named_by_pods(const json_t *invoker);

/** Whether a RestoreSession has begun to write into its target and has not succeeded: retention is held for it. */
bool plan_has_written(const json_t *restore);

/**
 * The names of what belongs to an invoker or session and has to be observed:
 * {cronJob?: name, serviceAccounts: ["namespace/name"], roles, roleBindings: ["namespace/name"],
 * claims: [names], jobs: ["namespace/name"]}.
 * `object` is the object being planned, `invoker` its invoker (the same for a RestoreSession and a BackupConfiguration).
 * Of the world it needs repository, targets, cronJobs and namesakes; once what it lists is in the world too, it lists
 * other names for those that turned out to be another owner's. New reference.
 */
json_t *plan_names(const json_t *world, const json_t *object, const json_t *invoker);

/** "namespace/name" of the CronJob that an invoker gets unless another owner has it. Heap string; NULL without names. */
char *plan_trigger_key(const json_t *invoker);

/** Whether a session has asked its Repository and waits: its world then needs repository, sessions and rivals only. */
bool plan_awaits_admission(const json_t *session);

/* What a session in status.queue waits for: status.queue.limit. */
#define SLOT_LIMIT_REPOSITORY "Repository"
#define SLOT_LIMIT_NAMESPACE  "Namespace"
#define SLOT_LIMIT_CLUSTER    "Cluster"

/**
 * The users of a Repository that need a slot (of the cluster, and of their namespace) to begin, the oldest first, and how
 * many of them may begin as far as their Repository goes. New reference.
 */
json_t *plan_slot_requests(const json_t *config, const json_t *repository, const json_t *users,
                           int64_t *ret_room);

/** What the plan of a Repository depends on in a session: while it is the same, no new plan is needed. New reference. */
json_t *plan_repository_concerns(const json_t *session);

/** Whether a session may be at work in its Repository, and holds a slot: admitted or begun, and not at its end. */
bool plan_is_at_work(const json_t *session);

/** The invoker's group at the Pushgateway, where its sessions' metrics go; NULL when `config` has none. Heap string. */
char *plan_push_url(const json_t *config, const json_t *invoker);

/**
 * The rows of a Repository's status.executors that may hold a lock which one of its users (world.users) has met: whose
 * pods have to be looked at. New reference.
 */
json_t *plan_holders(const json_t *repository, const json_t *users);

/* ---- plans: new references ---------------------------------------------------------------------------------------- */

/**
 * BackupConfiguration: finalizer, conditions, phase, CronJob with its ServiceAccount and RoleBinding, the executors'
 * and sidecars' RoleBindings, sidecar rollout; the way back when it is being deleted.
 */
json_t *plan_backup_configuration(const json_t *world);

/** BackupSession: queue, Jobs, deadlines, failures, retries, history, session metrics. */
json_t *plan_backup_session(const json_t *world);

/** RestoreSession: finalizer, conditions, Job or init container rollout, failures, deadlines, metrics. */
json_t *plan_restore_session(const json_t *world);

/**
 * Repository: finalizer, status.references, status.turn, and of its sessions: admission and turns.
 */
json_t *plan_repository(const json_t *world);

/**
 * What takes out of a workload's pod template what the upstream operator injected: a merge patch with resourceVersion,
 * NULL when there is nothing of the kind. It is done once: the patch leaves ANNOTATION_UPSTREAM_REMOVED on the workload,
 * and who has that is left alone, so that nobody fights with a tool that writes the template again. Plans of invokers do
 * this for their targets; the function is here for workloads that are nobody's target any more.
 */
json_t *plan_leftover(const json_t *workload, int64_t now);

/** Roles and RoleBindings whose invoker is gone without having taken them along: they are deleted. */
json_t *plan_orphaned_grants(const json_t *grants);

/** A trigger Job (label stash.appscode.com/delete-job-on-completion): delete it when it is done. */
json_t *plan_trigger_job(const json_t *world);

#endif
