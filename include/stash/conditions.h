/*
 * conditions.h - conditions and phases, with Stash's names and rules.
 */
#ifndef STASH_CONDITIONS_H
#define STASH_CONDITIONS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * On an invoker, True: pods are refused with what it asks for, or do not get ready, and are fine without: the webhook
 * leaves them alone until it is False. The reconciler finds out by dry runs (ANNOTATION_TRIAL), and from the pods.
 */
#define CONDITION_PODS_REFUSED "InjectedPodsRefused"

/** The condition of that type in an array (which may be NULL); borrowed, NULL when absent. */
const json_t *condition_find(const json_t *conditions, const char *type);
/** Whether it is there with status "True" / "False". */
bool condition_is_true(const json_t *conditions, const char *type);
/** Whether it is there with status "False". */
bool condition_is_false(const json_t *conditions, const char *type);

struct condition {
    const char *type;
    const char *status; /* "True", "False", "Unknown" */
    const char *reason;
    const char *message; /* cut at LIMIT_STATUS_TEXT */
};

/** A new array with the condition upserted. Equal status, reason and message change nothing (not even the time). */
json_t *condition_set(const json_t *conditions, const struct condition *condition, int64_t now);
/** The same in the status of an object that is lent for editing; whether anything changed. */
bool condition_edit(json_t *object, const struct condition *condition, int64_t now);

/** Phases as Stash computes them; static strings. The arguments are whole documents. */
const char *phase_backup_configuration(const json_t *backup_configuration);
/** Of a BackupSession, from its targets and conditions. */
const char *phase_backup_session(const json_t *backup_session);
/** Of one row of a session's status.targets. */
const char *phase_backup_target(const json_t *target_status);
/** Of a RestoreSession. */
const char *phase_restore_session(const json_t *restore_session);

#endif
