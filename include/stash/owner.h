/*
 * owner.h - whose a snapshot is: three tags of restic that every snapshot of ours carries.
 *
 * A repository is shared: by targets, by namespaces, by clusters, by people with restic at hand. Retention touches only
 * what carries all three tags of its invoker; restore prefers what carries its target's. Pure.
 */
#ifndef STASH_OWNER_H
#define STASH_OWNER_H

#include <stdbool.h>

#include "stash/argv.h"

#define TAG_CLUSTER "stash-cluster="
#define TAG_TARGET  "stash-target="
#define TAG_INVOKER "stash-invoker="
/* in place of TAG_TARGET on a snapshot that lacks files which could not be read */
#define TAG_INCOMPLETE "stash-incomplete="

/** Strings are borrowed; NULL where a snapshot does not say. */
struct owner {
    const char *cluster; /* uid of the Namespace kube-system */
    const char *target;  /* "Kind/namespace/name" */
    const char *invoker; /* "Kind/namespace/name" */
};

/** "Kind/namespace/name"; missing parts are empty. Heap string. */
char *owner_name(const char *kind, const char *namespace, const char *name);

/** Whether cluster, target and invoker are all known. */
bool owner_is_whole(const struct owner *owner);

/** The three tags in one text, as --tag takes it: restic then wants all of them. Heap string. */
char *owner_tags(const struct owner *owner);
/** The same for incomplete snapshots. */
char *owner_tags_incomplete(const struct owner *owner);

/** Take one tag of a snapshot: true when it was one of ours. */
bool owner_read_tag(struct owner *owner, bool *incomplete, const char *tag);

#endif
