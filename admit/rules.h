/*
 * rules.h - one validation under way, and the rules. A rule is one function, and which kinds it concerns is a row in
 * admit.c; a rule about a single value is a row of a table (value.h). Rules report through `causes` and `warnings` and
 * decide nothing else: docs/decisions/0013 says which of the two.
 */
#ifndef ADMIT_RULES_H
#define ADMIT_RULES_H

#include <string.h>

#include "stash/admit.h"
#include "stash/text.h"
#include "target.h"

struct admit {
    const struct admit_request *request;
    const json_t *spec;    /* of the object; may be NULL */
    const char *namespace; /* the object's; never NULL */
    struct causes *causes;
    struct warnings *warnings;
};

/** The namespace that the request is about: its own, else the object's, else "default". */
const char *admit_namespace(const struct admit_request *request);

/** Add a cause at `<base>.<field>`. */
void rule_cause(const struct admit *a, const char *base, const char *field, const char *reason,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/** One object of the snapshot, NULL when it is not there or there is no snapshot. New reference. */
json_t *rule_lookup(const struct admit *a, enum kind kind, const char *namespace, const char *name);

/** Whether an object of the snapshot is the one that is judged, as it was stored before. */
bool rule_is_self(const struct admit *a, const json_t *other);

/** Why rule_lookup() found nothing: "is not there yet", "cannot be read". Static. */
const char *rule_absence(const struct admit *a, enum kind kind, const char *namespace,
                         const char *name);

/* rules_values.c: when, for how long, how often, how much */
void rule_schedule_required(const struct admit *a);
void rule_timing(const struct admit *a);
void rule_settings(const struct admit *a);

void rule_retention(const struct admit *a);
void rule_hooks(const struct admit *a);

/* rules_backend.c: where a Repository is stored */
void rule_backend(const struct admit *a);
void rule_wipe_out(const struct admit *a);
void rule_moved_backend(const struct admit *a);

/* rules_repository.c: who may use it */
void rule_usage_policy(const struct admit *a);
void rule_repository_reference(const struct admit *a);

/* rules_shared.c: who else stores in the same place */
void rule_shared_repository(const struct admit *a);
void rule_shared_place(const struct admit *a);

/* rules_target.c: what is backed up or restored, and how */
void rule_targets(const struct admit *a);

/* rules_workload.c, rules_alias.c: what the workload's own template tells, and those who have it as a target too */
void rule_workload(const struct admit *a, const struct target_view *t);
void rule_alias(const struct admit *a);

/* rules_password.c: what everybody can read */
void rule_password(const struct admit *a);

/* rules_restore.c: which host gets what */
void rule_restore_rules(const struct admit *a);

/* rules_claims.c: claims that are made from templates */
void rule_interim_volume(const struct admit *a);
void rule_interim(const struct admit *a, const struct target_view *t);
void rule_claim_templates(const struct admit *a, const struct target_view *t);

/* rules_batch.c, rules_blueprint.c, rules_appbinding.c: what these kinds have and others have not */
void rule_members(const struct admit *a);
void rule_blueprint(const struct admit *a);
void rule_app_binding(const struct admit *a);

/* rules_task.c: Tasks and Functions */
void rule_grammar(const struct admit *a);
void rule_task_document(const struct admit *a);
void rule_function_document(const struct admit *a);
void rule_params(const struct admit *a, const char *path, const json_t *params);
/** [{name, value}] as members of `values`; what they are set to does not matter here. */
void rule_task_params_add(json_t *values, const json_t *params);

/* rules_use.c: a Task that somebody uses, and the parameters for it */
struct task_use {
    const char *name;
    const json_t *params, *addon_params;
    bool is_final; /* nobody can add more parameters */
};
void rule_task_use(const struct admit *a, const char *path, const struct task_use *use);
void rule_task(const struct admit *a, const struct target_view *t);

/* rules_update.c: what may not change, and BackupSessions */
void rule_target_of_ready(const struct admit *a);
void rule_immutable_spec(const struct admit *a);
void rule_session_invoker(const struct admit *a);

/* rules_delete.c: who still uses what goes */
void rule_still_used(const struct admit *a);

/** spec with deprecated spec.rules moved to spec.target.rules, as the API server will store it. New reference. */
json_t *default_spec_migrated(const json_t *spec);

#endif
