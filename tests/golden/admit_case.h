/* admit_case.h - `in` of the suites validate and default, as an admit_request. */
#ifndef TEST_ADMIT_CASE_H
#define TEST_ADMIT_CASE_H

#include "stash/admit.h"

/**
 * in: {kind, operation, namespace, object, old, objects: [what the cluster holds], config:
 * {size, class, mode, off}}. Everything is borrowed from `in`, but for the snapshot.
 */
struct admit_case {
    struct admit_request request;
    struct admit_config config;
    struct snapshot *snapshot;
};

void admit_case_init(const json_t *in, struct admit_case *ret);
void admit_case_done(struct admit_case *c);
DEFINE_AUTO_VALUE(struct admit_case, admit_case_done);

/** The warnings as an array of strings. New reference. */
json_t *admit_case_warnings(const struct warnings *warnings);

#endif
