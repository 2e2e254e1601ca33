/*
 * default_interim.h - interimVolumeTemplate, where it is used and the user left it out or half filled.
 *
 * On CREATE an absent template becomes a whole one and is marked as ours (ANNOTATION_INTERIM_ORIGIN), a partial one is
 * completed and stays the user's. On UPDATE nothing new is decided: what is stored is carried over.
 */
#ifndef ADMIT_DEFAULT_INTERIM_H
#define ADMIT_DEFAULT_INTERIM_H

#include "stash/admit.h"

/** The object with its template: a new reference, the same pointer when nothing changed. */
json_t *default_interim(const struct admit_request *request, const json_t *object,
                        struct warnings *warnings);

#endif
