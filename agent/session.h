/*
 * session.h - the objects behind a run, and the writing of their status.
 */
#ifndef STASH_AGENT_SESSION_H
#define STASH_AGENT_SESSION_H

#include "restic.h"
#include "stash/agent.h"
#include "stash/conditions.h"
#include "stash/session_edit.h"

/** The session that a run belongs to, and whom it serves. Documents are owned; unknown ones are NULL. */
struct session {
    struct kube *kube;
    const char *namespace;
    const char *name; /* of the BackupSession or RestoreSession; NULL: run by hand */
    bool restore;
    /* how long a status is tried while the API server is away; 0: ten minutes */
    int64_t patience_ms;
    json_t *ref;     /* the target: apiVersion, kind, namespace, name */
    json_t *object;  /* the session as last seen */
    json_t *invoker; /* BackupConfiguration; the session itself when restoring */
    json_t *repository;
    json_t *opened;              /* the Repository as it was opened: the backend borrows from it */
    char *target, *invoker_name; /* "Kind/namespace/name", after session_load() */
    json_t *incomplete; /* ids of snapshots that this run stored and that lack files; NULL: none */
    json_t *warnings;   /* what people should know although it succeeds; NULL: nothing */
    char *cluster;      /* as the reconciler says; NULL: it has not */
    struct turn_keeper *keeper; /* turn.c's: renews the turn that is held; NULL: none */
    void (*give_back)(struct session *session); /* turn.c's: ends the turn, with a keeper */
    int64_t locked_until_ms; /* turn.c's: when the patience with locks ends; 0: none was met */
};

void session_done(struct session *session);
DEFINE_AUTO_VALUE(struct session, session_done);

/** Read session, invoker and Repository (which stays NULL when there is none). What cannot be read is an error. */
int session_load(struct session *session, struct error *err);

/** Whose its snapshots are; borrowed from the session. Not whole when the reconciler has not said the cluster. */
struct owner session_owner(const struct session *session);

/** Read the session again. */
int session_reload(struct session *session, struct error *err);

/** Write to status; conflicts are retried, and transport errors for up to ten minutes. */
int session_update(struct session *session, kube_edit_fn edit, void *ctx, struct error *err);
int session_set_condition(struct session *session, const struct condition *condition,
                          struct error *err);
/** Write to status once, from any thread: what the struct knows of the session stays as it is. */
int session_write(const struct session *session, kube_edit_fn edit, void *ctx, struct error *err);

/** How long a status is tried while the API server is away. */
#define STATUS_PATIENCE_MS ((int64_t)10 * 60 * 1000)

/** Whose status is written, and how patiently. */
struct session_status {
    struct kube *kube;
    const struct resource *resource;
    const char *namespace, *name;
    int64_t patience_ms;
    bool stops; /* when the process is told to stop */
};
/** Write to a status; conflicts are retried, and transport errors as long as the patience lasts. `ret`: as stored. */
int session_store(const struct session_status *status, kube_edit_fn edit, void *ctx, json_t **ret,
                  struct error *err);

/** Open the session's Repository. `backend` borrows from it; the secret is owned by the caller and outlives restic. */
int session_open_restic(struct session *session, const struct agent_flags *flags,
                        struct backend *backend, json_t **ret_secret, struct restic *ret,
                        struct error *err);

/**
 * Report hosts of a BackupSession's target that succeeded or failed. The last host of a target, if it succeeded, first
 * does the Repository's maintenance, once a session. Only then is it recorded, because with it the session is over for
 * the reconciler. Fails only when the status could not be stored.
 */
int session_finish_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err);

/** Put hosts into the session, send their events, push their metrics. Fails only when the status could not be stored. */
int session_record_hosts(struct session *session, const struct agent_flags *flags,
                         const json_t *stats, struct error *err);

#endif
