/*
 * place.h - a folder with data and a restic repository beside it, for tests with the real restic (scripts/cluster restic).
 */
#ifndef TEST_PLACE_H
#define TEST_PLACE_H

#include <stdbool.h>

#include "restic.h"

struct place {
    char *root, *repository, *scratch, *data;
    struct backend backend;
    json_t *secret;
};

void place_open(struct place *place, const char *password_base64);
void place_done(struct place *place);
DEFINE_AUTO_VALUE(struct place, place_done);
void place_open_restic(const struct place *place, struct restic *ret);
void place_write(const struct place *place, const char *name, const char *text);
bool has_restic(void);
void place_open_repository(struct place *place, struct restic *restic);
void place_expect(const struct place *place, const char *name, const char *text);
void place_remove(const struct place *place, const char *name);

#endif
