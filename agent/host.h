/*
 * host.h - one host's backup or restore in its own pod, and its report.
 */
#ifndef STASH_AGENT_HOST_H
#define STASH_AGENT_HOST_H

#include "session.h"

/** Who this pod is. Strings live as long as the process. */
struct host {
    struct kube *kube;
    const struct agent_flags *flags;
    const char *pod, *node, *uid; /* POD_NAME, NODE_NAME, POD_UID */
    json_t *ref;                  /* the workload: kind, namespace, name */
};

/** Take who this pod is from flags and environment. `ref` is to be released. */
int host_init(struct host *host, struct kube *kube, const struct agent_flags *flags,
              struct error *err);

/** Whether it is this pod's turn in the session, which is a RestoreSession or holds a row of the workload. */
bool host_is_turn(const struct host *host, const json_t *session, bool restore);

/**
 * Back up this host for a BackupSession and report it, unless the process is told to stop meanwhile, or it is not its
 * turn or has nothing to do (*ret_worked is false then). Errors of the backup are reported in the session; an error here
 * means that nothing could be reported.
 */
int host_backup(const struct host *host, const char *session, bool *ret_worked, struct error *err);

/** Restore this host for a RestoreSession and report it. `*ret_failed`: it was reported as failed. */
int host_restore(const struct host *host, const char *session, bool *ret_failed, struct error *err);

/** The workload as a target reference, from --target-*. New reference. */
json_t *host_ref(const struct agent_flags *flags);

/** The host's name by an invoker's (or batch member's) alias. Heap string. */
int host_name(const struct host *host, const json_t *invoker, char **ret, struct error *err);

#endif
