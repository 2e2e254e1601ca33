/*
 * admit.h - what may be stored and what is filled in: validation and defaulting of our kinds.
 *
 * Pure functions from documents to answers. The same code runs in the webhook, in `stash validate` and in the
 * reconciler (for objects stored while no webhook ran). All mistakes are reported at once; what may become right later
 * (a Repository that is not there yet) is a warning.
 */
#ifndef STASH_ADMIT_H
#define STASH_ADMIT_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/causes.h"
#include "stash/error.h"
#include "stash/kinds.h"
#include "stash/snapshot.h"

enum operation { OPERATION_CREATE, OPERATION_UPDATE, OPERATION_DELETE, OPERATION_CONNECT };

/** A bounded list of warnings for kubectl; zeroed memory is empty. Each is at most 256 bytes. */
struct warnings {
    char **items;
    size_t count;
};

/** Free the texts; the list is empty again. */
void warnings_done(struct warnings *warnings);
DEFINE_AUTO_VALUE(struct warnings, warnings_done);
/** Add a sentence. What is beyond the bound of the list is left out. */
void warnings_add(struct warnings *warnings, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** Where the defaults of interimVolumeTemplate come from when no annotation says otherwise. */
struct admit_config {
    const char *interim_size;        /* quantity, "10Gi" */
    const char *interim_class;       /* StorageClass; NULL or "": the cluster's default class */
    const char *interim_access_mode; /* "ReadWriteOnce" */
    bool interim_off;                /* fill in none, unless an annotation asks for it */
    bool foreign_targets;            /* targets in other namespaces need no consent */
};

/** Whether these can be defaults; ERR_INVALID names the value that cannot. */
int admit_config_check(const struct admit_config *config, struct error *err);

struct admit_request {
    enum kind kind;
    enum operation operation;
    const char *namespace; /* of the request: metadata.namespace may be empty in the object */
    const json_t *object;  /* NULL on DELETE */
    const json_t *old;     /* NULL on CREATE */
    const struct snapshot *snapshot;
    const struct admit_config *config;
    /*
     * It is about to be acted on: missing consent is a mistake and no warning, and warnings that need a look at many
     * objects are left out, because nobody reads them.
     */
    bool at_run_time;
};

/**
 * Validate by the kind's rules; kinds without rules are accepted.
 *
 * A stored object is judged as a CREATE (with `old` NULL). An UPDATE is always accepted when it leaves the spec as
 * it was, when it sets spec.paused and changes nothing else, or when the object is being deleted. In any other
 * UPDATE a mistake that was stored already is a warning, unless it is of the kind that is forbidden. A DELETE only
 * ever brings warnings: who still uses the object.
 *
 * A target in another namespace needs its owner's consent: ANNOTATION_ALLOW_BACKUP or _RESTORE on the target, if the
 * snapshot holds its kind, or on its Namespace. Without a snapshot nobody is seen to consent.
 */
void admit_validate(const struct admit_request *request, struct causes *causes,
                    struct warnings *warnings);

/**
 * The part of admit_validate() that is about the targets' workloads and who else has them: warnings alone, for those who
 * may read workloads when the webhook may not.
 */
void admit_advise(const struct admit_request *request, struct warnings *warnings);

/** The object with its defaults filled in: a new reference, the same pointer as request->object when nothing changed. */
json_t *admit_default(const struct admit_request *request, struct warnings *warnings);

/**
 * What the object asks for that Stash's schema has and this version does not do: `found` hears of each, with the field.
 * A warning when it is written; a BackupConfiguration or RestoreSession that asks for it is Invalid.
 */
typedef void (*unsupported_fn)(void *ctx, const char *field, const char *sentence);
/** Call `found` for every such field of the object. */
void admit_unsupported(enum kind kind, const json_t *object, unsupported_fn found, void *ctx);

/**
 * Whether all targets of the invoker are in its own namespace, or in others whose owners agree, as admit_validate() asks
 * for it at run time. Who has no consent has no say over them either.
 */
bool admit_may_have_targets(const struct admit_request *request);

/** Whether the Repository lets invokers of `namespace` (whose Namespace object is given, or NULL) use it. */
bool usage_allows(const json_t *repository, const char *namespace, const json_t *namespace_object);

#endif
