/*
 * snapshot.h - the cluster as admission sees it: a read-only view that answers from memory, never from the network.
 *
 * The view is an interface, so that api/ and injector/ stay pure: cmd/ backs it with the watch-fed store, tests and the
 * offline commands with a plain list of documents. What is returned is a new reference, or NULL. Of several documents one
 * is shown after the other, for as long as the call lasts: there may be more of them than fit into memory as trees.
 */
#ifndef STASH_SNAPSHOT_H
#define STASH_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/kinds.h"
#include "stash/mem.h"

/* Gets one document after the other; false: it has seen enough. */
typedef bool (*snapshot_each_fn)(void *arg, const json_t *object);

struct snapshot {
    void *ctx;
    /** One object; `namespace` is NULL for cluster-scoped kinds. */
    json_t *(*get)(void *ctx, enum kind kind, const char *namespace, const char *name);
    /** All objects of a kind that the view holds; `namespace` NULL: all. */
    void (*each)(void *ctx, enum kind kind, const char *namespace, snapshot_each_fn each,
                 void *arg);
    /** The BackupConfigurations and RestoreSessions that target this workload, of each kind the oldest first. A live view
     *  may leave out those that have nothing to do in its pods, and shows SNAPSHOT_INVOKERS of each kind at most. */
    void (*each_invoker)(void *ctx, const char *target_kind, const char *namespace,
                         const char *name, snapshot_each_fn each, void *arg);
    /** Whether there is any of them. */
    bool (*has_invoker)(void *ctx, const char *target_kind, const char *namespace,
                        const char *name);
    /** The BackupConfigurations and BackupBatches that store in this Repository; SNAPSHOT_USERS of each kind at most. */
    void (*each_user)(void *ctx, const char *namespace, const char *name, snapshot_each_fn each,
                      void *arg);
    /** Whether an object that get() does not find is there and cannot be read. NULL: never. */
    bool (*is_unread)(void *ctx, enum kind kind, const char *namespace, const char *name);
};

#define SNAPSHOT_INVOKERS 16
#define SNAPSHOT_USERS    256

/** All objects of a kind as a new array: of a kind of which there are few. */
json_t *snapshot_list(const struct snapshot *snapshot, enum kind kind, const char *namespace);

/** A view over an array of Kubernetes documents (a List's items). Takes its own reference; free with the pair. */
struct snapshot *snapshot_from_objects(const json_t *objects);
/** Drop the documents. NULL is harmless. */
void snapshot_free(struct snapshot *snapshot);
DEFINE_AUTO(struct snapshot, snapshot_free);

/** The key under which an invoker's targets are indexed: "Kind/namespace/name". The caller frees it. */
char *snapshot_target_key(const char *kind, const char *namespace, const char *name);

/** Call `emit` with the target key of every target of a BackupConfiguration, RestoreSession (or batch); claims that a restore
 * makes are targets too. */
void snapshot_emit_targets(const json_t *invoker, void (*emit)(void *ctx, const char *key),
                           void *ctx);

/** The key under which an invoker is indexed by its Repository: "namespace/name"; NULL without one. Heap string. */
char *snapshot_repository_key(const json_t *invoker);

/** The namespace of an invoker ("default" where its document names none); that of the Repository it names. Borrowed. */
const char *snapshot_invoker_namespace(const json_t *invoker);
/** The namespace of the Repository that it names: its own where it says nothing. Borrowed. */
const char *snapshot_repository_namespace(const json_t *invoker);

#endif
