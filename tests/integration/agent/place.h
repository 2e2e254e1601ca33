/*
 * place.h - a folder with data and a repository, for tests with the real restic (scripts/cluster restic).
 */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include "restic.h"

struct place {
    char *root, *repository, *scratch, *data;
    struct backend backend;
    json_t *secret;
};

/** A folder without a repository yet. */
void place_open(struct place *place, const char *password_base64);
void place_done(struct place *place);
DEFINE_AUTO_VALUE(struct place, place_done);

/** False: there is no restic, and the test is to be skipped; a failure where STASH_LAB is set. */
bool place_has_restic(void);

void place_restic(const struct place *place, struct restic *ret);
/** Open the folder, and make its repository. */
void place_repository(struct place *place, struct restic *restic);

/** Files in the data folder. */
void place_write(const struct place *place, const char *name, const char *text);
void place_expect(const struct place *place, const char *name, const char *text);
void place_remove(const struct place *place, const char *name);

#endif
