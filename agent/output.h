/*
 * output.h - output.json: how a step of a Job fared, told to the step that reports it.
 *
 * What earlier steps of the same session told stays: results are put together, and a failure stays one. A process that is
 * told to stop says so at once, whatever it waits for.
 */
#ifndef STASH_AGENT_OUTPUT_H
#define STASH_AGENT_OUTPUT_H

#include <jansson.h>

#include "stash/error.h"

struct output;

/** Read what is there, and begin to watch for the order to stop. `session` may be NULL; strings are lent until the end. */
struct output *output_begin(const char *folder, const char *session, const json_t *ref,
                            const char *host);
/** Write the final word (`stat` is lent) and end. ERR_SYSTEM when it could not be written. */
int output_end(struct output *output, const json_t *stat, struct error *err);

#endif
