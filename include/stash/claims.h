/*
 * claims.h - PersistentVolumeClaims that are made to be restored into: target.volumeClaimTemplates of a restore.
 *
 * A target with `replicas` asks for so many sets of claims, and each set is a host of its own; without, for one set. The
 * sets have the ordinals 0, 1, …; ${POD_ORDINAL} in a template is the set's.
 */
#ifndef STASH_CLAIMS_H
#define STASH_CLAIMS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "stash/error.h"

#define CLAIMS_ORDINAL "POD_ORDINAL"

/** How many sets a target asks for, at most LIMIT_CLAIM_SETS; 0 without templates. */
size_t claims_sets(const json_t *target);

/** Whether each set is a host of its own, with its ordinal in its name. */
bool claims_are_numbered(const json_t *target);

/** What the host of a set is called. The caller frees it. */
char *claims_host(const json_t *target, size_t ordinal);

/** A template as it is for one set. ERR_INVALID: a variable in it has no value. New reference. */
int claims_expand(const json_t *template, size_t ordinal, json_t **ret, struct error *err);

/** What the claim of a template is called in one set; NULL when nothing can be called so. The caller frees it. */
char *claims_name(const json_t *template, size_t ordinal);

/** What target.volumeMounts call that claim: its name without "-<ordinal>" at the end. The caller frees it. */
char *claims_volume(const char *claim, size_t ordinal);

/** The names of the claims of all sets, each once, at most LIMIT_CLAIMS: more are refused. New array, empty without
 * templates. */
json_t *claims_names(const json_t *target);

#endif
