#include "place.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stash/file.h"

void place_open(struct place *place, const char *password_base64)
{
    char root[] = "/tmp/stash-restic-XXXXXX";

    cr_assert_not_null(mkdtemp(root));
    *place = (struct place){.root = xstrdup(root),
                            .repository = xasprintf("%s/repository", root),
                            .scratch = xasprintf("%s/scratch", root),
                            .data = xasprintf("%s/data", root)};
    place->backend = (struct backend){.provider = provider_find("local"),
                                      .container = place->repository,
                                      .prefix = "",
                                      .endpoint = "",
                                      .region = ""};
    place->secret = json_pack("{s:{s:s}, s:{s:s}}", "metadata", "name", "s", "data",
                              "RESTIC_PASSWORD", password_base64);
    mkdir(place->scratch, 0700);
    mkdir(place->data, 0755);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void place_done(struct place *place)
{
    nftw(place->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place->root);
    free(place->repository);
    free(place->scratch);
    free(place->data);
    json_decref(place->secret);
}

void place_open_restic(const struct place *place, struct restic *ret)
{
    const struct restic_place where = {&place->backend, place->secret, place->scratch, false};
    struct error err;

    cr_assert_eq(restic_open(&where, ret, &err), 0, "%s", err.msg);
}

void place_write(const struct place *place, const char *name, const char *text)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", place->data, name);
    struct error err;

    cr_assert_eq(file_write(path, text, strlen(text), 0644, &err), 0, "%s", err.msg);
}

bool has_restic(void)
{
    bool found =
        system("restic version 2>/dev/null | grep -qE 'restic (0\\.(1[89]|[2-9][0-9])|[1-9])'") ==
        0;

    cr_assert(found || !getenv("STASH_LAB"), "no restic 0.18 or newer in PATH");
    return found;
}

void place_open_repository(struct place *place, struct restic *restic)
{
    struct error err;

    place_open(place, "cGFzcw==");
    place_open_restic(place, restic);
    cr_assert_eq(restic_init(restic, &err), 0, "%s", err.msg);
}

void place_expect(const struct place *place, const char *name, const char *text)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", place->data, name);
    AUTO(mem_free) char *found = NULL;
    struct error err;
    size_t len;

    cr_assert_eq(file_read(path, 100, &found, &len, &err), 0, "%s", err.msg);
    cr_assert_str_eq(found, text);
}

void place_remove(const struct place *place, const char *name)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", place->data, name);

    cr_assert_eq(unlink(path), 0);
}
