/* The real restic, where it is installed (its version must know --retry-lock and exit code 10); skipped otherwise. */
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "paths.h"
#include "restic.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/names.h"

struct place {
    char *root, *repository, *scratch, *data;
    struct backend backend;
    json_t *secret;
};

static void place_open(struct place *place, const char *password_base64)
{
    char root[] = "/tmp/stash-restic-XXXXXX";

    cr_assert_not_null(mkdtemp(root));
    *place = (struct place){.root = xstrdup(root),
                            .repository = xasprintf("%s/repository", root),
                            .scratch = xasprintf("%s/scratch", root),
                            .data = xasprintf("%s/data", root)};
    place->backend = (struct backend){.provider = "local",
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

static void place_done(struct place *place)
{
    nftw(place->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(place->root);
    free(place->repository);
    free(place->scratch);
    free(place->data);
    json_decref(place->secret);
}
DEFINE_AUTO_VALUE(struct place, place_done);

static void open_restic(const struct place *place, struct restic *ret)
{
    const struct restic_place where = {&place->backend, place->secret, place->scratch, false};
    struct error err;

    cr_assert_eq(restic_open(&where, ret, &err), 0, "%s", err.msg);
}

static void write_data(const struct place *place, const char *name, const char *text)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", place->data, name);
    struct error err;

    cr_assert_eq(file_write(path, text, strlen(text), 0644, &err), 0, "%s", err.msg);
}

static void back_up(struct restic *restic, const struct place *place, const char *host)
{
    const struct restic_backup backup = {place->data, host, NULL, NULL};
    struct restic_summary summary;
    struct error err;

    cr_assert_eq(restic_backup(restic, &backup, &summary, &err), 0, "%s", err.msg);
    cr_assert_eq(strlen(summary.snapshot_id), 64);
}

Test(restic, without_the_program_nothing_is_taken_for_a_missing_repository)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;

    place_open(&place, "cGFzcw==");
    open_restic(&place, &restic);
    setenv("PATH", place.root, 1);
    cr_assert_eq(restic_probe(&restic, &err), -ERR_NOT_FOUND);
    cr_assert_neq(err.code, RESTIC_EXIT_NO_REPOSITORY);
    cr_assert_str_eq(err.msg, "restic: no such program");
}

/* A restic of our own in the place's folder: a shell script. */
static void fake_restic(const struct place *place, const char *script)
{
    AUTO(mem_free) char *file = xasprintf("%s/restic", place->root);
    AUTO(mem_free) char *path = xasprintf("%s:/usr/bin:/bin", place->root);
    AUTO(mem_free) char *text = xasprintf("#!/bin/sh\n%s\n", script);
    struct error err;

    cr_assert_eq(file_write(file, text, strlen(text), 0700, &err), 0, "%s", err.msg);
    setenv("PATH", path, 1);
}

#define CHECK_SUMMARY "echo '{\"message_type\":\"summary\",\"num_errors\":2}'; exit 1"

Test(restic, errors_that_a_check_found_are_its_answer)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    uint64_t errors;
    struct error err;

    place_open(&place, "cGFzcw==");
    fake_restic(&place, CHECK_SUMMARY);
    open_restic(&place, &restic);
    cr_assert_eq(restic_check(&restic, &errors, &err), 0, "%s", err.msg);
    cr_assert_eq(errors, 2);
}

/* Told to end, restic counts everything that it did not look at. */
Test(restic, a_check_that_was_stopped_says_nothing_about_the_repository)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    uint64_t errors;
    struct error err;

    place_open(&place, "cGFzcw==");
    fake_restic(&place, "stop() { " CHECK_SUMMARY "; }; trap stop TERM; sleep 20 & wait");
    open_restic(&place, &restic);
    restic.deadline_ms = clock_mono_ms() + 500;
    cr_assert_eq(restic_check(&restic, &errors, &err), -ERR_TIMEOUT);
    cr_assert_eq(errors, 0);
}

static bool has_restic(void)
{
    return system(
               "restic version 2>/dev/null | grep -qE 'restic (0\\.(1[7-9]|[2-9][0-9])|[1-9])'") ==
           0;
}

Test(restic, a_missing_repository_and_a_wrong_password_are_told_apart)
{
    if (!has_restic())
        cr_skip_test("no restic 0.17 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    AUTO(restic_done) struct restic wrong = {0};
    struct error err;

    place_open(&place, "cGFzcw==");
    open_restic(&place, &restic);
    cr_assert_eq(restic_probe(&restic, &err), -ERR_NOT_FOUND);
    cr_assert_eq(err.code, RESTIC_EXIT_NO_REPOSITORY);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    cr_assert_eq(restic_probe(&restic, &err), 0, "%s", err.msg);
    json_decref(place.secret);
    place.secret = json_pack("{s:{s:s}}", "data", "RESTIC_PASSWORD", "b3RoZXI=");
    open_restic(&place, &wrong);
    cr_assert_eq(restic_probe(&wrong, &err), -ERR_DENIED);
    cr_assert_eq(err.code, RESTIC_EXIT_WRONG_PASSWORD);
}

Test(restic, what_was_backed_up_comes_back_and_the_repository_is_whole)
{
    if (!has_restic())
        cr_skip_test("no restic 0.17 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_forgotten forgotten;
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *text = NULL;
    uint64_t number;
    size_t len;
    struct error err;

    place_open(&place, "cGFzcw==");
    open_restic(&place, &restic);
    path = xasprintf("%s/f", place.data);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    write_data(&place, "f", "first");
    back_up(&restic, &place, "host-0");
    write_data(&place, "f", "second");
    back_up(&restic, &place, "host-0");
    unlink(path);
    const struct paths_restore request = {.host = "host-0", .paths = place.data};
    cr_assert_eq(paths_restore(&restic, &request, &err), 0, "%s", err.msg);
    cr_assert_eq(file_read(path, 100, &text, &len, &err), 0, "%s", err.msg);
    cr_assert_str_eq(text, "second");
    json_auto_t *policy = json_pack("{s:s, s:i, s:b}", "name", "p", "keepLast", 1, "prune", 1);
    cr_assert_eq(restic_forget(&restic, policy, &forgotten, &err), 0, "%s", err.msg);
    cr_assert_eq(forgotten.kept, 1);
    cr_assert_eq(forgotten.removed, 1);
    cr_assert_eq(restic_check(&restic, &number, &err), 0, "%s", err.msg);
    cr_assert_eq(number, 0);
    cr_assert_eq(restic_stats(&restic, &number, &err), 0, "%s", err.msg);
    cr_assert_gt(number, 0);
}

Test(restic, another_users_pod_can_write_to_a_local_repository)
{
    if (!has_restic() || geteuid() != 0)
        cr_skip_test("needs restic and root, to be two users");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct error err;
    int status;

    place_open(&place, "cGFzcw==");
    open_restic(&place, &restic);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    write_data(&place, "f", "x");
    back_up(&restic, &place, "host-0");
    chmod(place.root, 0755);
    chmod(place.scratch, 0777);
    pid_t pid = fork();
    if (pid == 0) { /* same group, another user: as two pods with one fsGroup */
        struct restic other = {0};
        const struct restic_place where = {&place.backend, place.secret, place.scratch, false};
        const struct restic_backup backup = {place.data, "host-1", NULL, NULL};
        struct restic_summary summary;

        if (setuid(65534) != 0 || restic_open(&where, &other, &err) < 0)
            _exit(2);
        _exit(restic_backup(&other, &backup, &summary, &err) < 0);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
    back_up(&restic, &place, "host-0"); /* and the first one still can */
}

Test(restic, unreadable_files_are_an_error_with_their_paths)
{
    if (!has_restic())
        cr_skip_test("no restic 0.17 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    AUTO(mem_free) char *missing = NULL;
    struct restic_summary summary;
    struct error err;

    place_open(&place, "cGFzcw==");
    open_restic(&place, &restic);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    missing = xasprintf("%s/not-there", place.root);
    const struct restic_backup backup = {missing, "host-0", NULL, NULL};
    cr_assert_lt(restic_backup(&restic, &backup, &summary, &err), 0);
    cr_assert_not_null(strstr(err.msg, "do not exist"), "%s", err.msg);
}
