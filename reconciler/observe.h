/* Building a world: each helper reads one thing and puts it, null, or the reason why not, under its member. */
#ifndef STASH_RECONCILER_OBSERVE_H
#define STASH_RECONCILER_OBSERVE_H

#include "room.h"

struct observation {
    struct reconciler *r;
    json_t *world;
    /* {"Kind/namespace/name": what the API server said in this look, null: not there} */
    json_t *read;
    struct view_ctx view_ctx;
    struct snapshot view; /* what is read through it is read once in a look, too */
    size_t weight;        /* of what was read; above LIMIT_LOOK the look fails */
    bool is_large;        /* it is the one that may pass LIMIT_LOOK_SMALL */
    bool must_wait;       /* another one is that */
};

/* Whether there is room for one more: who writes objects chooses how much memory they take. If not, the look fails. */
bool observe_fits(struct observation *o, const json_t *object);
bool observe_is_full(struct observation *o);
/* What has this key in the store, as far as it fits. New array. */
json_t *observe_by_index(struct observation *o, enum kind kind, const char *index, const char *key);

/* Take the result of a read: 0 sets `value` (stolen), ERR_NOT_FOUND sets null, the rest goes to errors[member]. */
void observe_put(struct observation *o, json_t *parent, const char *member, int result,
                 json_t *value, const struct error *err);

/* Read one object from the API server into world[member] (parent NULL) or parent[member]. */
void observe_get(struct observation *o, json_t *parent, const char *member, enum kind kind,
                 const char *namespace, const char *name);

/* From the store. ERR_NOT_FOUND when it is gone, ERR_INVALID when it is there and cannot be read. */
int observe_stored(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
                   json_t **ret, struct error *err);

/* Members of an invoker and of its sessions: repository, secret, targets, tasks, functions, names, claims. */
void observe_invoker(struct observation *o, const json_t *invoker, const json_t *object);

/* An object member of the world, made when it is not there. */
json_t *observe_member(struct observation *o, const char *member);

/* CronJobs of a BackupConfiguration, its namesakes, and what became of its triggers. */
void observe_trigger(struct observation *o, const json_t *invoker);
/* Whose trigger a Job is. */
void observe_trigger_job(struct observation *o, const json_t *job);
/* The BackupConfiguration whose CronJob made this Job, as the store has it; NULL: none. New reference. */
json_t *observe_trigger_invoker(struct reconciler *r, const json_t *job);

/* Everything that an owner of the list owns, and the Events about Jobs without a Pod, and about Pods that wait. */
json_t *observe_session_owned(struct observation *o, enum kind kind, const char *uid);
json_t *observe_events(struct observation *o, const json_t *jobs, const json_t *pods);

/* grants.c: the inventory of what was granted for an invoker. */
void observe_grants(struct observation *o, const json_t *invoker);

/* NAMES_NODES: also where the claims are mounted. */
enum names_wanted {
    NAMES_ACCOUNTS = 1,
    NAMES_GRANTS = 2,
    NAMES_CLAIMS = 4,
    NAMES_NODES = 8,
    NAMES_ALL = 15
};

/* What has the names of plan_names(), as far as it is wanted; Jobs always. */
void observe_names(struct observation *o, const json_t *object, const json_t *invoker,
                   unsigned wanted);

/* The targets' rows. */
json_t *observe_targets(struct observation *o, const json_t *invoker);
/* The same rows of workloads that are no targets now, and whose pods carry the configuration's sidecar. After the targets. */
json_t *observe_former_targets(struct observation *o, const json_t *configuration);
/* Of a pod that was read, leaves what the plans look at: who it is, what is ours in it, and how it is. */
void observe_trim_pod(json_t *pod);
/* What a pod of the target should carry now; `pod` is one of them, or as its controller would make it. */
void observe_expected(struct observation *o, json_t *row, const json_t *pod, const char *namespace);

/* observe_named.c: the rest of a row {ref, …} whose target pods name. */
void observe_named_by_pods(struct observation *o, json_t *row, const json_t *invoker);

/* observe_advice.c: what is to be said about the targets' workloads, which the webhook cannot see. After the rows. */
void observe_advice(struct observation *o, const json_t *invoker);

/* observe_foreign.c: whether the owners of all its targets agree that it has them; whether those of a namespace may use the
 * Repository. */
bool observe_has_a_say(struct observation *o, const json_t *invoker);
bool observe_may_use(struct observation *o, const char *namespace, const json_t *repository);

/* Who uses a Repository: invokers, unfinished sessions, and what their turns depend on. */
void observe_repository(struct observation *o, const json_t *repository);

/* The BackupSessions of an invoker, and those that are unfinished. New arrays. */
json_t *observe_sessions(struct observation *o, const json_t *invoker);
json_t *observe_unfinished(struct observation *o, const json_t *invoker);

/* Unfinished sessions that may be at work in its pods: its own, and the restores of its targets. New array. */
json_t *observe_in_pods(struct observation *o, const json_t *invoker);

/* The invokers of that kind which have a target of this one, with its owner's consent; itself, too. New array. */
json_t *observe_same_target(struct observation *o, const json_t *invoker, enum kind kind);

/* The RestoreSessions of its targets, and those that wrote into a claim of one and did not succeed, each with all of
 * its own target. New array; errors["restores"] when a workload could not be read. */
json_t *observe_restores(struct observation *o, const json_t *invoker);

/* A session's Jobs and their Pods; to be read before its invoker. */
void observe_jobs(struct observation *o, const json_t *session);

/* Their Events; sessions and rivals. */
void observe_session(struct observation *o, const json_t *session, const json_t *invoker);

/* Unix seconds of metadata.creationTimestamp, 0 without. */
int64_t observe_created(const json_t *object);

/* Whether a session has come to its end, whichever. */
bool observe_session_is_finished(const json_t *session);
/* Whether its metrics are out, too. */
bool observe_session_is_settled(const json_t *session);

#endif
