/*
 * agent_metrics.h - what the agent pushes to the Pushgateway, in both of Stash's metric families. Pure.
 */
#ifndef STASH_AGENT_METRICS_H
#define STASH_AGENT_METRICS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/buf.h"

/** Who is measured; NULL and "" leave a label out. Strings are borrowed. */
struct metrics_subject {
    const char *invoker_kind, *invoker_name, *namespace;
    const char *repository;
    const char *target_group, *target_kind, *target_name;
    const char *extra; /* --metrics-labels: k=v,k=v */
};

/** One host of a backup or a restore: its entry of status.stats. */
void metrics_backup_host(const struct metrics_subject *subject, const json_t *stat,
                         struct buf *out);
/** The same for one host of a restore. */
void metrics_restore_host(const struct metrics_subject *subject, const json_t *stat,
                          struct buf *out);

struct metrics_repository {
    const char *name, *namespace, *backend, *bucket, *prefix;
    bool integrity;
    uint64_t size_bytes, snapshot_count, snapshots_removed;
};
/** What a Repository holds, as of the maintenance that is over. */
void metrics_repository(const struct metrics_subject *subject,
                        const struct metrics_repository *repository, struct buf *out);

/**
 * What to append to push_url() for a host: its target and name as further grouping labels ("/kind/…/name/…/hostname/…"),
 * so that the hosts of a target do not replace each other. The caller frees it.
 */
char *metrics_host_group(const struct metrics_subject *subject, const char *host);

#endif
