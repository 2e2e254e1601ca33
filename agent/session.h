/*
 * session.h - the objects behind a run, and the writing of their status.
 */
#ifndef STASH_AGENT_SESSION_H
#define STASH_AGENT_SESSION_H

#include "restic.h"
#include "stash/agent.h"
#include "stash/session_edit.h"

/** The session that a run belongs to, and whom it serves. Documents are owned; unknown ones are NULL. */
struct session {
    struct kube *kube;
    const char *namespace;
    const char *name; /* of the BackupSession or RestoreSession; NULL: run by hand */
    bool restore;
    json_t *ref;     /* the target: apiVersion, kind, namespace, name */
    json_t *object;  /* the session as last seen */
    json_t *invoker; /* BackupConfiguration; the session itself when restoring */
    json_t *repository;
};

void session_done(struct session *session);
DEFINE_AUTO_VALUE(struct session, session_done);

/** Read session, invoker and Repository. What cannot be read is an error. */
int session_load(struct session *session, struct error *err);

/** Read the session again. */
int session_reload(struct session *session, struct error *err);

/** Write to status; conflicts are retried, and transport errors for up to ten minutes. */
int session_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err);
int session_set_condition(struct session *session, const struct condition *condition,
                          struct error *err);

/** Only when no other namespace uses the Repository can a lock's holder be told from its pod here. */
void session_guard_locks(const struct session *session, struct restic *restic);

/**
 * Make sure that the repository exists: initialised by the session's first target (preBackupActions), awaited by the
 * others. Only restic's "no repository" leads to an init; any other failure is reported as what it is.
 */
int session_ensure_repository(struct session *session, struct restic *restic, struct error *err);

/** After the hosts were recorded: retention, check, numbers and metrics of the repository, each once a session. */
int session_post_actions(struct session *session, const struct agent_flags *flags,
                         struct restic *restic, struct error *err);

/** The post-backup actions could not even begin: say so in the first condition that is due. */
int session_post_failed(struct session *session, const char *why, struct error *err);

/** Record hosts of this target, send their events and metrics. Fails only when the status could not be stored. */
int session_record_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err);

#endif
