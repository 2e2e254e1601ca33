/*
 * snapshot.h - the cluster as admission sees it: a read-only view that answers from memory, never from the network.
 *
 * The view is an interface, so that api/ and injector/ stay pure: cmd/ backs it with the watch-fed store, tests and the
 * offline commands with a plain list of documents. Every call returns a new reference, or NULL.
 */
#ifndef STASH_SNAPSHOT_H
#define STASH_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/kinds.h"
#include "stash/mem.h"

struct snapshot {
    void *ctx;
    /** One object; `namespace` is NULL for cluster-scoped kinds. */
    json_t *(*get)(void *ctx, enum kind kind, const char *namespace, const char *name);
    /** All objects of a kind that the view holds; `namespace` NULL: all. */
    json_t *(*list)(void *ctx, enum kind kind, const char *namespace);
    /** The BackupConfigurations and RestoreSessions (array) that target this workload, oldest first. */
    json_t *(*invokers)(void *ctx, const char *target_kind, const char *namespace,
                        const char *name);
    /** The BackupConfigurations and BackupBatches (array) that store in this Repository. */
    json_t *(*users)(void *ctx, const char *namespace, const char *name);
    /** Whether an object that get() does not find is there and cannot be read. NULL: never. */
    bool (*is_unread)(void *ctx, enum kind kind, const char *namespace, const char *name);
};

/** A view over an array of Kubernetes documents (a List's items). Takes its own reference; free with the pair. */
struct snapshot *snapshot_from_objects(const json_t *objects);
void snapshot_free(struct snapshot *snapshot);
DEFINE_AUTO(struct snapshot, snapshot_free);

/** The key under which an invoker's targets are indexed: "Kind/namespace/name". The caller frees it. */
char *snapshot_target_key(const char *kind, const char *namespace, const char *name);

/** Call `emit` with the target key of every target of a BackupConfiguration, RestoreSession (or batch). */
void snapshot_emit_targets(const json_t *invoker, void (*emit)(void *ctx, const char *key),
                           void *ctx);

/** The key under which an invoker is indexed by its Repository: "namespace/name"; NULL without one. Heap string. */
char *snapshot_repository_key(const json_t *invoker);

/** The namespace of an invoker ("default" where its document names none); that of the Repository it names. Borrowed. */
const char *invoker_namespace(const json_t *invoker);
const char *invoker_repository_namespace(const json_t *invoker);

#endif
