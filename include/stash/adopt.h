/*
 * adopt.h - handing snapshots without an owner to an invoker, as an annotation of the Repository says. Pure.
 *
 * ANNOTATION_ADOPT_SNAPSHOTS holds a JSON array: [{"invoker": "Kind/namespace/name", "host": "host-0",
 * "paths": ["/data"], "target": "Kind/namespace/name"}]. Without host or paths, any will do. A snapshot that says whose
 * it is is taken only when that is the entry's target, or without one the invoker's own. Only snapshots that nobody here
 * owns are taken.
 */
#ifndef STASH_ADOPT_H
#define STASH_ADOPT_H

#include <jansson.h>

#include "stash/restic_out.h"

struct adoption {
    const char *cluster;          /* ours */
    const char *invoker;          /* who adopts: "Kind/namespace/name" */
    const char *target;           /* its target */
    const json_t *invokers;       /* all that use the Repository, see adoption_is_owned() */
    const json_t *incomplete_ids; /* that lack files and do not say so: never adopted; NULL: none */
    json_t *rows;                 /* of the annotation, those that name the invoker */
    json_t *found;                /* {id: the first id that it had} of what fits */
    json_t *taken;   /* {first id: true} of what the invoker has already, with other tags */
    struct argv ids; /* what is adopted, after adoption_choose() */
    json_t *tags;    /* {"stash-…=…": true} that those carry now */
};
/** Free what was read and chosen. */
void adoption_done(struct adoption *adoption);
DEFINE_AUTO_VALUE(struct adoption, adoption_done);

/** Read the annotation (NULL: none). ERR_INVALID says what is wrong with it. *ret_wanted: it names the invoker. */
int adoption_read(struct adoption *adoption, const char *annotation, bool *ret_wanted,
                  struct error *err);

/** A restic_snapshot_fn; ctx is a struct adoption. */
void adoption_add(void *adoption, const struct restic_snapshot *snapshot);
/** When all are added: what has been adopted already, and still lies there, is not adopted again. */
void adoption_choose(struct adoption *adoption);

/** The tags to remove from what is adopted, joined by commas: those of former owners. Heap string. */
char *adoption_former_tags(const struct adoption *adoption, const struct owner *owner);

/**
 * Whether somebody here owns a snapshot: our cluster, and an invoker that uses the Repository and has that target now.
 * `invokers`: an object, of each "Kind/namespace/name" its target, or null where that is not known: then any will do.
 */
bool adoption_is_owned(const struct owner *owner, const char *cluster, const json_t *invokers);

#endif
