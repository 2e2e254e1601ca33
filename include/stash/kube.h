/*
 * kube.h - the API server's client: verbs, watches, the lease, events.
 *
 * A `struct kube` is safe from any thread; calls block, each with its own connection from a small pool. Errors of the
 * server (metav1.Status) become `struct error`: the HTTP code in `code`, the server's message in `msg`. 429 and 5xx with
 * Retry-After are waited for (bounded) inside the call; 401 reloads the token and tries once more; everything else is
 * the caller's. Documents returned are new references; documents given are only read.
 */
#ifndef STASH_KUBE_H
#define STASH_KUBE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/mem.h"
#include "stash/resource.h"

/* ---- where the API server is, and who we are --------------------------------------------------------------------- */

struct kube;

/**
 * Connect as client-go would: `kubeconfig` if given, else $KUBECONFIG, else the pod's ServiceAccount, else
 * ~/.kube/config. Nothing is sent yet. `user_agent` is also the field manager of plain writes.
 */
int kube_open(const char *kubeconfig, const char *user_agent, struct kube **ret, struct error *err);

/** What the command line of a person's tool says beside the kubeconfig; NULL and 0: as it stands there. */
struct kube_access {
    const char *kubeconfig, *context, *cluster, *user;
    const char *server, *ca_file, *tls_name;
    const char *token, *cert_file, *key_file;
    const char *namespace;
    const char *as, *as_uid; /* to act as somebody else; the groups need one of these */
    const char *const *as_groups;
    size_t as_group_count;
    bool insecure;
    int64_t timeout_ms; /* of one call */
};

/**
 * Like kube_open(), as the command line says. Users of the kubeconfig may have a credential plugin ("exec"): it runs with
 * the first call, and again when its answer has expired or is refused.
 */
int kube_open_as(const struct kube_access *access, const char *user_agent, struct kube **ret,
                 struct error *err);

/** Close all connections and free everything. No call may be under way. */
void kube_close(struct kube *kube);
DEFINE_AUTO(struct kube, kube_close);

/**
 * How long each call keeps trying while the API server is away (no connection, 5xx), 0 by default: an executor that has
 * made a backup waits for the server to hear of it. Set before the first call. Calls with a deadline of their own (the
 * lease's) and watches are not concerned.
 */
void kube_set_patience(struct kube *kube, int64_t patience_ms);

/** Requests that were sent so far, tries counted one by one; watches are not among them. */
void kube_count_requests(struct kube *kube, unsigned long *ret_reads, unsigned long *ret_writes);

/** Namespace of the ServiceAccount or of the kubeconfig's context; "default" otherwise. Lives as long as `kube`. */
const char *kube_namespace(const struct kube *kube);

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/** `namespace` is NULL for cluster-scoped kinds. ERR_NOT_FOUND when it is not there. */
int kube_get(struct kube *kube, const struct resource *resource, const char *namespace,
             const char *name, json_t **ret, struct error *err);

/** Only the object's metadata, with the resource's own apiVersion and kind: for Secrets whose contents are none of our
 *  business. */
int kube_get_metadata(struct kube *kube, const struct resource *resource, const char *namespace,
                      const char *name, json_t **ret, struct error *err);

/** Drop what need not be kept of an object that was just read. */
typedef void (*kube_trim_fn)(json_t *object);

struct kube_selector {
    const char *label; /* NULL: all */
    const char *field; /* NULL: all */
    bool (*keep)(void *ctx,
                 const json_t *item); /* NULL: all; others are dropped as they are read */
    void *ctx;
    kube_trim_fn trim; /* of what is kept; managedFields go always. NULL: nothing else */
    size_t max_weight; /* of all that a list keeps, as jsonx_weight() has it; 0: LIMIT_LIST */
    json_t *unread; /* an array that gets the outlines of what cannot be read; NULL: none wanted */
};

/**
 * All objects, page by page; `namespace` NULL: of all namespaces; `selector` may be NULL. New array of objects, each
 * with apiVersion and kind filled in.
 *
 * What cannot be read, because it is too large or no JSON that we know, is left out and named in the log: one object must
 * not hide the others. Whoever takes "not in the list" for "not there" asks for selector->unread.
 */
int kube_list(struct kube *kube, const struct resource *resource, const char *namespace,
              const struct kube_selector *selector, json_t **ret_items, struct error *err);

struct kube_container {
    const char *namespace, *pod, *name;
};
/** What a container has printed, at most `max` bytes of it. Heap string. */
int kube_log(struct kube *kube, const struct kube_container *container, size_t max, char **ret,
             struct error *err);

struct kube_exec {
    struct kube_container container;
    const json_t *command; /* an array of strings */
    int (*on_stdout)(void *ctx, const char *data, size_t len, struct error *err);
    int (*on_stderr)(void *ctx, const char *data, size_t len, struct error *err);
    void *ctx;
};
/**
 * Run a command in a container that runs, and hand on what it writes, byte for byte, until it has ended; *ret_exit is then
 * how. An error of the callbacks ends it. A connection that broke off is an error, and so are five minutes without a word.
 */
int kube_exec(struct kube *kube, const struct kube_exec *wanted, int *ret_exit, struct error *err);

/* ---- writing ------------------------------------------------------------------------------------------------------ */

struct kube_write {
    const char *subresource;   /* "status", or NULL */
    const char *field_manager; /* NULL: from the user agent */
    bool dry_run;              /* the server does everything but store it */
    bool force;                /* apply: take fields over from other managers */
};

/** `options` may be NULL and `ret` may be NULL in every write. ERR_CONFLICT when the name is taken. */
int kube_create(struct kube *kube, const struct resource *resource, const json_t *object,
                const struct kube_write *options, json_t **ret, struct error *err);

/** PUT; with metadata.resourceVersion in `object` it fails with ERR_CONFLICT if somebody wrote in between. */
int kube_replace(struct kube *kube, const struct resource *resource, const json_t *object,
                 const struct kube_write *options, json_t **ret, struct error *err);

enum kube_patch_type { KUBE_PATCH_MERGE, KUBE_PATCH_APPLY, KUBE_PATCH_STRATEGIC, KUBE_PATCH_JSON };

/** Namespace and name are arguments here, because a patch need not hold them. */
int kube_patch(struct kube *kube, const struct resource *resource, const char *namespace,
               const char *name, enum kube_patch_type type, const json_t *patch,
               const struct kube_write *options, json_t **ret, struct error *err);

struct kube_delete {
    const char *uid;   /* precondition, NULL: none */
    bool foreground;   /* else background propagation */
    int grace_seconds; /* < 0: the object's own */
};

/** Ask the API server to delete an object. ERR_NOT_FOUND, or ERR_CONFLICT when its uid is another. */
int kube_delete(struct kube *kube, const struct resource *resource, const char *namespace,
                const char *name, const struct kube_delete *options, struct error *err);

/**
 * Read, let `edit` change, write back (PUT with resourceVersion), again on conflict (bounded). `edit` gets an owned
 * shallow copy of the object and uses jsonx_own below it; it returns false to leave the object as it is.
 */
typedef bool (*kube_edit_fn)(void *ctx, json_t *object);
/** Edit an object, or its subresource (NULL: the object itself). `ret` (may be NULL) is the object as stored. */
int kube_update(struct kube *kube, const struct resource *resource, const char *namespace,
                const char *name, const char *subresource, kube_edit_fn edit, void *ctx,
                json_t **ret, struct error *err);

/**
 * The outline of an object that cannot be read: apiVersion, kind, the name's part of metadata, and the member "unread"
 * with the reason. A sentence about it: "Pod demo/x cannot be read: …", which the caller frees.
 */
char *unread_sentence(const json_t *outline);

/* ---- the store: what the watches know ----------------------------------------------------------------------------- */

/**
 * Documents by resource, namespace and name. Safe from any thread. A document is immutable once published; lookups
 * return new references.
 *
 * Documents are kept as compact text (a tree takes eight times as much) and parsed when they are asked for; the trees
 * that store_get() and store_by_index() made lately are kept too. managedFields are never kept.
 */
struct store;
/** An empty store. */
struct store *store_new(void);
/** Free every document. Nobody may be using the store. */
void store_free(struct store *store);
DEFINE_AUTO(struct store, store_free);

/** How many trees are kept, 64 unless told: about 10 KB each. For a webhook, which answers from the same few all day. */
void store_keep_parsed(struct store *store, size_t count);

/** Publish (the document stays the caller's) or remove; both return whether anything changed. */
bool store_put(struct store *store, const struct resource *resource, json_t *object);
/** Remove a document; whether it was there. */
bool store_remove(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name);

/**
 * Put what a write was answered, so that the next look does not see the world from before. Only an older version of the
 * same object gives way: what the watch has brought or removed meanwhile stands. To be used beside a watcher.
 */
bool store_renew(struct store *store, const struct resource *resource, json_t *object);

/** New reference, or NULL: it is not there, or it cannot be read. Only store_is_unread() tells which. */
json_t *store_get(struct store *store, const struct resource *resource, const char *namespace,
                  const char *name);

/** New array of the documents of one kind, by namespace and name; `namespace` NULL: all; `label` NULL or
 *  "key=value[,key=value]". All are trees at once: where there may be thousands, use store_each() or an index. */
json_t *store_list(struct store *store, const struct resource *resource, const char *namespace,
                   const char *label);

/** The same, one after the other, as they were when the call began, until `each` says that it has enough (false); it may
 *  use the store. */
typedef bool (*store_each_fn)(void *ctx, json_t *object);
/** Call `each` for the documents that store_list() would give. */
void store_each(struct store *store, const struct resource *resource, const char *namespace,
                const char *label, store_each_fn each, void *ctx);

/** How many documents of a kind there are, those that cannot be read left out. */
size_t store_count(struct store *store, const struct resource *resource);

/**
 * What is there and cannot be read is in no list, index or count, and must not be taken for absent. Whether a name is
 * such a one; all of a kind (outlines, see unread_sentence()); how many of all kinds.
 */
bool store_is_unread(struct store *store, const struct resource *resource, const char *namespace,
                     const char *name);
/** The outlines of all of a kind that cannot be read, as a new array; `namespace` NULL: of all. */
json_t *store_unread(struct store *store, const struct resource *resource, const char *namespace);
/** How many documents of all kinds cannot be read. */
size_t store_unread_count(struct store *store);

/** A second key: every document of `resource` is also found under the strings that `keys` emits for it. */
typedef void (*store_emit_fn)(void *ctx, const char *key);
typedef void (*store_index_fn)(const json_t *object, store_emit_fn emit, void *ctx);
/** Keep an index from now on, also of what is there already. */
void store_index(struct store *store, const struct resource *resource, const char *index,
                 store_index_fn keys);
/** New array of the documents that have this key, the oldest first. */
json_t *store_by_index(struct store *store, const struct resource *resource, const char *index,
                       const char *key);
/** How many documents have this key. Costs the same however many there are. */
size_t store_count_by_index(struct store *store, const struct resource *resource, const char *index,
                            const char *key);
/** How many have any key, of each key no more than `most` counted. Costs as much as there are keys. */
size_t store_count_all(struct store *store, const struct resource *resource, const char *index,
                       size_t most);
struct store_key {
    const char *index, *key;
    size_t max; /* 0: all of them */
};
/** The same, one after the other, as store_each() does. */
void store_each_by_index(struct store *store, const struct resource *resource,
                         const struct store_key *key, store_each_fn each, void *ctx);

typedef void (*store_name_fn)(void *ctx, const struct resource *resource, const char *namespace,
                              const char *name);
/** Of the same documents no more than their names: none is parsed. */
void store_names_by_index(struct store *store, const struct resource *resource,
                          const struct store_key *key, store_name_fn each, void *ctx);

/* ---- watching ----------------------------------------------------------------------------------------------------- */

enum watch_change { WATCH_PUT, WATCH_REMOVED, WATCH_UNREAD, WATCH_SYNCED };

/**
 * Called on the watch thread after the store was changed; must be quick. `object` is NULL for WATCH_SYNCED, which comes
 * after each complete list, and an outline for WATCH_UNREAD, when it is there and cannot be read. A list that follows a
 * lost watch tells only what changed meanwhile.
 */
typedef void (*watch_fn)(void *ctx, const struct resource *resource, enum watch_change change,
                         const json_t *object);

/** Whether an object is to be kept; if not, why. */
typedef int (*watch_accept_fn)(const json_t *object, struct error *err);

struct watch_spec {
    const struct resource *resource;
    const char *namespace;         /* NULL: all */
    struct kube_selector selector; /* strings live as long as the watcher */
    bool metadata_only;            /* PartialObjectMetadata */
    size_t max_bytes;              /* of one object; 0: as large as can be stored */
    watch_accept_fn accept;        /* NULL: all. What is larger, or not accepted, is unread. */
    watch_fn on_change;            /* NULL: none */
    void *ctx;
};

/**
 * All watches of a process, on one thread: list, watch from there with bookmarks, reconnect with back-off and jitter,
 * list again on 410. A 404 of the resource (CRD not there yet) is retried without noise, and counts as an empty list.
 * Specs of the same resource must not overlap: what leaves one of them leaves the store. An object that cannot be read is
 * named in the log and in the store; the watch goes on without it.
 */
struct watcher;
/** Watches that fill `store`, none yet. Both must outlive it. */
struct watcher *watcher_new(struct kube *kube, struct store *store);
/** Add a watch, before watcher_start(). */
void watcher_add(struct watcher *watcher, const struct watch_spec *spec);
/** Start the thread. It watches until watcher_free(). */
int watcher_start(struct watcher *watcher, struct error *err);
/** Whether every watch has delivered its first list. */
bool watcher_synced(struct watcher *watcher);
/** Seconds since a watch was last answered as it should be, of the one for which that is longest: for /metrics. */
int64_t watcher_age(struct watcher *watcher);
/** For readiness: whether all lists are there and no watch has been dead for WATCH_DEAD_S; if not, why. */
bool watcher_is_good(struct watcher *watcher, struct error *ret_why);
#define WATCH_DEAD_S 900 /* longer than a quiet stream lasts */
/** Stop the thread and free everything. */
void watcher_free(struct watcher *watcher);
DEFINE_AUTO(struct watcher, watcher_free);

/* ---- lease -------------------------------------------------------------------------------------------------------- */

struct lease_config {
    const char *namespace, *name, *identity;
    int duration_s, deadline_s, retry_s; /* 15, 10, 2 */
};

/**
 * Leader election on a coordination.k8s.io/v1 Lease. lease_run() blocks: it calls `started` once when the lease is held
 * (which must return soon: renewing waits for it) and returns when it is lost, released (0, after lease_stop()), or
 * could not be renewed before the deadline. Election is no fence: whoever loses it stops writing and ends.
 */
struct lease;
/** A lease that nobody holds yet. `kube` must outlive it. */
struct lease *lease_new(struct kube *kube, const struct lease_config *config);
/** Free it, after lease_run() has returned. */
void lease_free(struct lease *lease);
DEFINE_AUTO(struct lease, lease_free);
/** Take the lease and hold it, as told above. */
int lease_run(struct lease *lease, void (*started)(void *ctx), void *ctx, struct error *err);
/** Ask lease_run() to release and return; safe from a signal-handling thread. */
void lease_stop(struct lease *lease);
/** Whether it is ours now; safe from any thread. */
bool lease_is_held(struct lease *lease);

/* ---- events ------------------------------------------------------------------------------------------------------- */

struct kube_event {
    const json_t *object;  /* whom it is about: apiVersion, kind, metadata */
    const char *component; /* "BackupSession Controller" */
    const char *reason;
    const char *message; /* cut at 1024 bytes */
    bool warning;
};

/** Create the event, or count it up when the same one was sent within ten minutes; rate-limited per object. Best
 *  effort: the caller logs a failure and goes on. */
int kube_event(struct kube *kube, const struct kube_event *event, struct error *err);

#endif
