/*
 * rules.h - one validation under way, and the rules. A rule is one function; which kinds it concerns is a row in
 * admit.c. Rules report through `causes` and `warnings` and decide nothing else.
 */
#ifndef API_RULES_H
#define API_RULES_H

#include "stash/admit.h"
#include "target.h"

struct admit {
    const struct admit_request *request;
    const json_t *spec;    /* of the object; may be NULL */
    const char *namespace; /* the object's; never NULL */
    struct causes *causes;
    struct warnings *warnings;
};

/** Add a cause at `<base>.<field>`. */
void rule_cause(const struct admit *a, const char *base, const char *field, const char *reason,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** One object of the snapshot, NULL when it is not there or there is no snapshot. New reference. */
json_t *rule_lookup(const struct admit *a, enum kind kind, const char *namespace, const char *name);

/* rules_values.c: single values: schedules, durations, quantities, counts, hooks, retention */
void rule_backup_values(const struct admit *a);
void rule_blueprint_values(const struct admit *a);
void rule_restore_values(const struct admit *a);

/* rules_repository.c: a Repository, and references to one */
void rule_backend(const struct admit *a);
void rule_wipe_out(const struct admit *a);
void rule_repository_reference(const struct admit *a);

/* rules_target.c: what is backed up or restored, and how */
void rule_targets(const struct admit *a);

/* rules_restore.c: which host gets what */
void rule_restore_rules(const struct admit *a);

/* rules_update.c: what may not change, and BackupSessions */
void rule_target_of_ready(const struct admit *a);
void rule_immutable_spec(const struct admit *a);
void rule_session_invoker(const struct admit *a);

/** spec with deprecated spec.rules moved to spec.target.rules, as the API server will store it. New reference. */
json_t *spec_with_migrated_rules(const json_t *spec);

#endif
