/*
 * golden.h - run a folder of cases (golden_suite.h): what is given becomes a document, which has to be what is wanted.
 *
 * A runner's main() calls golden_main() with that function. STASH_UPDATE_GOLDEN=1 writes what comes out into the cases. No
 * case at all is a failure; so is a file that is not read.
 */
#ifndef TEST_GOLDEN_H
#define TEST_GOLDEN_H

#include <jansson.h>
#include <stdbool.h>

/** Describe a broken law (printed with the case's name) and fail the case. */
void golden_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** From `in` to the actual document: a new reference, never NULL. May call golden_fail() for the
 * suite's laws. */
typedef json_t *(*golden_fn)(const json_t *in);

/** Returns main()'s exit status. argv[1] is the suite's folder; argv[2…] name single cases. */
int golden_main(int argc, char **argv, golden_fn run);

#endif
