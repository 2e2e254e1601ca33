/* What the files of this room share. */
#ifndef STASH_RECONCILER_ROOM_H
#define STASH_RECONCILER_ROOM_H

#include <stdatomic.h>

#include "kept.h"
#include "pushes.h"
#include "queue.h"
#include "restarts.h"
#include "slots.h"
#include "stash/kinds.h"
#include "stash/kube.h"
#include "stash/reconciler.h"
#include "stash/snapshot.h"
#include "stash/store_snapshot.h"
#include "wakes.h"

#define FIELD_MANAGER "stash-reconciler"

/* store indexes */
#define INDEX_OWNER      "owner"      /* Jobs, CronJobs, Pods: uid of each owner */
#define INDEX_INVOKER    "invoker"    /* BackupSessions: Kind/namespace/name */
#define INDEX_UNFINISHED "unfinished" /* BackupSessions that are not finished: as INDEX_INVOKER */
#define INDEX_AT_WORK    "at-work"    /* BackupSessions that hold a slot: namespace */
#define INDEX_TARGET     "target"     /* invokers, injected pods: snapshot_target_key() */
/* injected pods: namespace/name of their sidecar's BackupConfiguration */
#define INDEX_CARRIED    "carried"
#define INDEX_INJECTED   STORE_INDEX_INJECTED /* of them those that pods may get something for */
#define INDEX_REPOSITORY STORE_INDEX_REPOSITORY
#define INDEX_WRITTEN    "written" /* RestoreSessions that wrote, not succeeded: namespaces */
#define INDEX_ABOUT      "about"   /* Events: uid of the object that they are about */
#define INDEX_TRIGGER    "trigger" /* BackupConfigurations: plan_trigger_key() */
#define INDEX_TASK       "task"    /* invokers: the name of each Task */
#define INDEX_PLACE      "place"   /* invokers, Events: each namespace that they are about */
#define INDEX_NAMED      "named"   /* invokers whose target pods name: their namespace */
#define INDEX_GRANTEE    "grantee" /* Roles, RoleBindings: ANNOTATION_INVOKER */
#define INDEX_FORMER     "former" /* RoleBindings of earlier versions, owned by workloads: namespace */

/* Where the snapshot over store and API server takes from. */
struct view_ctx {
    struct reconciler *r;
    struct error *failure; /* NULL, or takes the first read that failed */
    json_t *read;          /* NULL, or what was read in this look: see struct observation */
};

struct counters {
    atomic_ulong done, failed;
};

struct reconciler {
    struct kube *kube;
    const struct reconciler_config *config;
    json_t *plan_config; /* the world's `config` */
    struct store *store;
    struct watcher *watcher;
    struct queue *queue;
    struct wakes *wakes; /* the way into it */
    struct pushes *pushes;
    struct slots *slots;
    struct lease *lease;
    struct view_ctx view_ctx;
    struct snapshot view; /* what admit and inject see */
    struct kept *kept;    /* what was last seen of objects on which rights depend */
    struct restarts *restarts;
    _Atomic(char *) cluster; /* uid of the Namespace kube-system, NULL until it has been read */
    struct inject_config inject;
    struct counters counters[KIND_COUNT];
    atomic_ulong actions;
    atomic_uint working; /* worker threads */
    atomic_bool stopping, leading;
    atomic_bool looks_at_much; /* one worker does: observe.c */
    atomic_bool held;          /* a live upstream operator keeps us from working */
    /* monotonic: since when clients read the caBundle as it is; the housekeeper's */
    int64_t published_ms;
    bool told_of_upstream; /* the housekeeper's, as those below */
    json_t *told_unread;   /* {"Kind/namespace/name": true} of what events were sent about */
    bool catalog_enforced; /* has compared every document once */
    bool upstream_cleaned; /* has looked for what it left behind */
};

/* "Kind/namespace/name" and back; the key is cut in place. */
char *key_make(enum kind kind, const char *namespace, const char *name);
char *key_of(const json_t *object);
bool key_split(char *key, enum kind *ret_kind, const char **ret_namespace, const char **ret_name);
/* Its namespace as a new string, "" when it has none. */
char *key_namespace(const char *key);

/* view.c: the snapshot over store and API server. */
void view_init(struct view_ctx *ctx, struct snapshot *ret);
/* Those that target it, whether their work is done in its pods or not: those of its own namespace
 * first, a few of each kind. */
void view_targeting(struct reconciler *r, const json_t *ref, store_each_fn each, void *ctx);

/* indexes.c: the indexes above. */
void indexes_add(struct store *store);

/* watches.c: what is watched, and whom an event wakes. */
void watches_add(struct reconciler *r);
/* An object; the Repository that an invoker names; the invoker that a Role or RoleBinding was made for. */
void wake_itself(struct reconciler *r, enum kind kind, const json_t *object);
void wake_repository(struct reconciler *r, const json_t *invoker);
void wake_grantee(struct reconciler *r, enum kind kind, const json_t *grant);
/* The store has this version of an object now, and not from a watch: wake as a watch would. */
void watches_tell(struct reconciler *r, const struct resource *resource, const json_t *object);

/* retell.c: a wakes_tell_fn, and all objects at once. */
json_t *retell(void *reconciler, const char *tenant, const json_t *place);
void retell_all(struct reconciler *r);

/* observe.c: the world of one object, until observe_end(). ERR_NOT_FOUND when it is gone. */
int observe(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
            json_t **ret_world, struct error *err);
void observe_end(struct reconciler *r, json_t *world);

/* grants.c: the key of an invoker that is gone: what it left behind goes too. */
int grants_sweep(struct reconciler *r, enum kind kind, const char *namespace, const char *name,
                 struct error *err);

/* apply.c: carry a plan out. */
int apply(struct reconciler *r, const json_t *plan, struct error *err);

/* worker.c: one thread's loop. */
void *worker_main(void *reconciler);

/* catalog.c: default Functions and Tasks. serving.c: certificates. Both are called by the leader, again and again. */
int catalog_install(struct reconciler *r, struct error *err);
int serving_ensure(struct reconciler *r, struct error *err);

/* upstream.c: look for a live upstream operator and set `held`. Told of in log and events. */
void upstream_check(struct reconciler *r);
/* unread.c: an event for each object that cannot be read. */
void unread_tell(struct reconciler *r);

/* What it left in workloads that no invoker targets; once in a leadership, after the watches are in sync. */
int upstream_clean(struct reconciler *r, struct error *err);

#endif
