/*
 * overview.h - how backups are: of all configurations, repositories and sessions that one looks at. Pure.
 *
 * The objects are added one by one, sessions first, and need not be kept. What comes of them is a document, which programs
 * read (-o json) and overview_print() shows to people.
 */
#ifndef STASH_OVERVIEW_H
#define STASH_OVERVIEW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/buf.h"
#include "stash/mem.h"

/*
 * The state of a configuration, worst first:
 *   NotReady  something is missing, no backup is taken
 *   Failing   its last session did not end well
 *   Late      more than one run has gone by since the last success
 *   New       no success yet, and none is due
 *   Paused    by its owner
 *   Ok
 */
struct overview;
/** Nothing added yet. */
struct overview *overview_new(int64_t now);
/** Free it. */
void overview_free(struct overview *overview);
DEFINE_AUTO(struct overview, overview_free);

/** A BackupSession or a RestoreSession: kept while it is at work, or when it is the one by which its invoker is judged. */
void overview_add_session(struct overview *overview, const json_t *session);
/** A BackupConfiguration or BackupBatch; after the sessions. */
void overview_add_invoker(struct overview *overview, const json_t *invoker);
/** A Repository. */
void overview_add_repository(struct overview *overview, const json_t *repository);

/** Whether one of the invokers that were added stores there. */
bool overview_uses(const struct overview *overview, const json_t *repository);

/**
 * {configurations: [{kind, namespace, name, target, repository, schedule, state, lastSuccess, next, session, reason}],
 *  repositories: [{namespace, name, backend, state, size, snapshots, lastBackup, reason}],
 *  sessions: [{kind, namespace, name, invoker, phase, since, work, reason}]: at work, or failed,
 *  summary: {configurations: {State: n}, repositories: {State: n}, sessions: {Phase: n}}}. New reference.
 */
json_t *overview_document(const struct overview *overview);

/** Whether a person has to do something: a configuration that is not ready, failing or late, a broken repository. */
bool overview_has_trouble(const json_t *document);

struct overview_style {
    int64_t now;
    bool namespaces; /* a column for them */
    bool wide;
};
/** The document as one line and three tables. */
void overview_print(const json_t *document, const struct overview_style *style, struct buf *out);

#endif
