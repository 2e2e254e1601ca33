/*
 * golden_suite.h - a folder of cases: each is a file NAME.yaml.
 *
 *   in: …                 what is given, and
 *   want: …               what comes of it; or, where another case is near:
 *   base: NAME            all as in the case NAME,
 *   /in/object/spec: …    but for this (a patch: golden_patch.h)
 */
#ifndef TEST_GOLDEN_SUITE_H
#define TEST_GOLDEN_SUITE_H

#include <jansson.h>
#include <stddef.h>

#include "stash/error.h"
#include "stash/mem.h"

struct golden_suite;

/** Read every case. NULL: one is wrong, *err names it. */
struct golden_suite *golden_suite_open(const char *folder, struct error *err);
void golden_suite_free(struct golden_suite *suite);
DEFINE_AUTO(struct golden_suite, golden_suite_free);

/** The cases; each comes after those that it refers to. Borrowed. NULL: no more. */
const char *golden_suite_name(const struct golden_suite *suite, size_t index);

/** {in, want} of a case. Borrowed until the suite is written to. NULL: *err says why. */
const json_t *golden_suite_case(struct golden_suite *suite, const char *name, struct error *err);

/** Write a case: as it is, or as the changes to the case `base`, whose values may name those of the cases in `pool`, an
 * array of names, as their base. */
int golden_suite_write(struct golden_suite *suite, const char *name, const char *base,
                       const json_t *doc, const json_t *pool, struct error *err);

/** Give a case another answer, after those that it refers to have theirs. What else its file says stays as it was
 * written; a file that says so already is left alone. */
int golden_suite_write_want(struct golden_suite *suite, const char *name, const json_t *want,
                            struct error *err);

#endif
