/*
 * store_snapshot.h - the cluster as the watches know it: a snapshot that reads nothing but a store.
 */
#ifndef STASH_STORE_SNAPSHOT_H
#define STASH_STORE_SNAPSHOT_H

#include "stash/kube.h"
#include "stash/snapshot.h"

/* The indexes that a store must have for it: invokers that pods may get something for, by snapshot_target_key(), and all
 * by snapshot_repository_key(). */
#define STORE_INDEX_INJECTED   "injected"
#define STORE_INDEX_REPOSITORY "repository"

/** Emits the key of an invoker's Repository, when it names one. For store_index(). */
void store_snapshot_emit_repository(const json_t *invoker, store_emit_fn emit, void *ctx);

/** A view of `store`, which must outlive it. From any thread. */
void store_snapshot_init(struct store *store, struct snapshot *ret);

/** Its functions one by one, for a view that looks elsewhere too. `store` is a struct store. */
json_t *store_snapshot_get(void *store, enum kind kind, const char *namespace, const char *name);
/** All documents of a kind; `namespace` NULL: of all namespaces. */
void store_snapshot_each(void *store, enum kind kind, const char *namespace, snapshot_each_fn each,
                         void *arg);
/** Of each kind the oldest invokers that target a workload and may have something to do in its pods. */
void store_snapshot_each_invoker(void *store, const char *target_kind, const char *namespace,
                                 const char *name, snapshot_each_fn each, void *arg);
/** Whether there is any of them. */
bool store_snapshot_has_invoker(void *store, const char *target_kind, const char *namespace,
                                const char *name);
/** The invokers that store in a Repository. */
void store_snapshot_each_user(void *store, const char *namespace, const char *name,
                              snapshot_each_fn each, void *arg);
/** Whether an object is there and cannot be read. */
bool store_snapshot_is_unread(void *store, enum kind kind, const char *namespace, const char *name);

#endif
