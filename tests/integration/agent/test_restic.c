/* The real restic (scripts/cluster restic). Without one these tests are skipped, except where STASH_LAB is set. */
#include <criterion/criterion.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "paths.h"
#include "place.h"
#include "session.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/holdings.h"
#include "stash/names.h"

static const struct owner letters = {"c1", "PersistentVolumeClaim/n/letters",
                                     "BackupConfiguration/n/letters"};
static const struct owner photos = {"c1", "PersistentVolumeClaim/n/photos",
                                    "BackupConfiguration/n/photos"};

static void back_up(struct restic *restic, const struct place *place, const struct owner *owner)
{
    const struct restic_backup backup = {.path = place->data, .host = "host-0", .owner = *owner};
    struct restic_summary summary;
    struct error err;

    cr_assert_eq(restic_backup(restic, &backup, &summary, &err), 0, "%s", err.msg);
    cr_assert_eq(strlen(summary.snapshot_id), 64);
}

static void take_stock(const struct restic *restic, struct holdings *ret)
{
    struct error err;

    holdings_done(ret);
    holdings_init(ret, NULL);
    cr_assert_eq(restic_list(restic, holdings_add, ret, NULL, &err), 0, "%s", err.msg);
}

static uint64_t count_of(const struct restic *restic, const struct owner *owner)
{
    AUTO(holdings_done) struct holdings holdings = {0};

    take_stock(restic, &holdings);
    return holdings_of(&holdings, owner).complete;
}

static void retain_one(struct restic *restic, const struct owner *owner)
{
    AUTO(mem_free) char *tags = owner_tags(owner);
    json_auto_t *policy = json_pack("{s:s, s:i, s:b}", "name", "p", "keepLast", 1, "prune", 1);
    const struct restic_forget forget = {policy, tags, NULL, false};
    struct restic_forgotten forgotten;
    struct error err;

    cr_assert_eq(restic_forget(restic, &forget, &forgotten, &err), 0, "%s", err.msg);
    cr_assert_eq(forgotten.kept, 1);
}

static void restore_as(struct restic *restic, const struct place *place, const struct owner *owner)
{
    AUTO(mem_free) char *target = xstrdup(owner->target);
    struct session session = {.target = target};
    const struct paths_restore request = {
        .session = &session, .host = "host-0", .paths = place->data};
    struct error err;

    cr_assert_eq(paths_restore(restic, &request, &err), 0, "%s", err.msg);
}

Test(restic, without_the_program_nothing_is_taken_for_a_missing_repository)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    char id[RESTIC_ID_SIZE];
    struct error err;

    place_open(&place, "cGFzcw==");
    place_open_restic(&place, &restic);
    setenv("PATH", place.root, 1);
    cr_assert_eq(restic_probe(&restic, id, &err), -ERR_NOT_FOUND);
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
    struct restic_verdict verdict;
    struct error err;

    place_open(&place, "cGFzcw==");
    fake_restic(&place, CHECK_SUMMARY);
    place_open_restic(&place, &restic);
    cr_assert_eq(restic_check(&restic, &verdict, &err), 0, "%s", err.msg);
    cr_assert_eq(verdict.errors, 2);
}

/* Told to end, restic counts everything that it did not look at. */
Test(restic, a_check_that_was_stopped_says_nothing_about_the_repository)
{
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_verdict verdict;
    struct error err;

    place_open(&place, "cGFzcw==");
    fake_restic(&place, "stop() { " CHECK_SUMMARY "; }; trap stop TERM; sleep 20 & wait");
    place_open_restic(&place, &restic);
    restic.deadline_ms = clock_mono_ms() + 500;
    cr_assert_eq(restic_check(&restic, &verdict, &err), -ERR_TIMEOUT);
}

Test(restic, a_missing_repository_and_a_wrong_password_are_told_apart)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    AUTO(restic_done) struct restic wrong = {0};
    char id[RESTIC_ID_SIZE];
    struct error err;

    place_open(&place, "cGFzcw==");
    place_open_restic(&place, &restic);
    cr_assert_eq(restic_probe(&restic, id, &err), -ERR_NOT_FOUND);
    cr_assert_eq(err.code, RESTIC_EXIT_NO_REPOSITORY);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    cr_assert_eq(restic_probe(&restic, id, &err), 0, "%s", err.msg);
    json_decref(place.secret);
    place.secret = json_pack("{s:{s:s}}", "data", "RESTIC_PASSWORD", "b3RoZXI=");
    place_open_restic(&place, &wrong);
    cr_assert_eq(restic_probe(&wrong, id, &err), -ERR_DENIED);
    cr_assert_eq(err.code, RESTIC_EXIT_WRONG_PASSWORD);
}

Test(restic, what_was_backed_up_comes_back_and_the_repository_is_whole)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_verdict verdict = {0};
    struct restic_stats stats;
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "first");
    back_up(&restic, &place, &letters);
    place_write(&place, "f", "second");
    back_up(&restic, &place, &letters);
    place_remove(&place, "f");
    restore_as(&restic, &place, &letters);
    place_expect(&place, "f", "second");
    restore_as(&restic, &place, &letters); /* all is there already, and that is no failure */
    retain_one(&restic, &letters);
    cr_assert_eq(restic_check(&restic, &verdict, &err), 0, "%s", err.msg);
    cr_assert_eq(verdict.errors, 0);
    cr_assert_eq(restic_stats(&restic, &stats, &err), 0, "%s", err.msg);
    cr_assert_eq(stats.snapshots, 1);
    cr_assert_gt(stats.bytes, 0);
}

/* Both are host-0 with the same path: all that tells them apart is whose they are. */
Test(restic, one_targets_retention_and_restore_leave_the_others_snapshots_alone)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};

    place_open_repository(&place, &restic);
    place_write(&place, "letter", "dear");
    for (int i = 0; i < 3; i++)
        back_up(&restic, &place, &letters);
    place_remove(&place, "letter");
    place_write(&place, "photo", "cheese");
    back_up(&restic, &place, &photos);
    back_up(&restic, &place, &photos);
    retain_one(&restic, &photos);
    cr_assert_eq(count_of(&restic, &letters), 3);
    cr_assert_eq(count_of(&restic, &photos), 1);
    place_remove(&place, "photo");
    restore_as(&restic, &place, &letters);
    place_expect(&place, "letter", "dear");
    AUTO(mem_free) char *photo = xasprintf("%s/photo", place.data);
    cr_assert_neq(access(photo, F_OK), 0, "the other's photo came back");
}

Test(restic, a_restore_without_a_matching_file_says_so)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct session session = {0};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    back_up(&restic, &place, &letters);
    const struct paths_restore typo = {
        .session = &session, .paths = place.data, .include = "/no/such/file"};
    cr_assert_eq(paths_restore(&restic, &typo, &err), -ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.msg, "no file of snapshot"), "%s", err.msg);
    const struct paths_restore nothing = {.session = &session};
    cr_assert_eq(paths_restore(&restic, &nothing, &err), -ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.msg, "neither paths nor snapshots"), "%s", err.msg);
}

Test(restic, a_rule_of_which_one_path_is_missing_writes_nothing)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct session session = {.target = NULL};
    struct error err;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    back_up(&restic, &place, &letters);
    place_write(&place, "f", "newer");
    AUTO(mem_free) char *paths = xasprintf("%s,/not/there", place.data);
    const struct paths_restore request = {.session = &session, .paths = paths};
    cr_assert_eq(paths_restore(&restic, &request, &err), -ERR_NOT_FOUND);
    cr_assert_not_null(strstr(err.msg, "/not/there"), "%s", err.msg);
    place_expect(&place, "f", "newer");
}

Test(restic, an_incomplete_snapshot_is_told_of_and_takes_another_tag)
{
    if (!has_restic() || geteuid() != 0)
        cr_skip_test("needs restic and root, to become somebody who may not read a file");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    AUTO(holdings_done) struct holdings holdings = {0};
    AUTO(mem_free) char *secret = NULL;
    int status;

    place_open_repository(&place, &restic);
    place_write(&place, "open", "x");
    place_write(&place, "secret", "y");
    secret = xasprintf("%s/secret", place.data);
    chmod(secret, 0000);
    chmod(place.root, 0755);
    chmod(place.scratch, 0777);
    pid_t pid = child_fork();
    if (pid == 0) {
        struct restic other = {0};
        const struct restic_place where = {&place.backend, place.secret, place.scratch, false};
        const struct restic_backup backup = {
            .path = place.data, .host = "host-0", .owner = letters};
        struct restic_summary summary = {0};
        json_t *changed = json_object();
        struct error err;

        if (setuid(65534) != 0 || restic_open(&where, &other, &err) < 0)
            _exit(2);
        if (restic_backup(&other, &backup, &summary, &err) != -ERR_INVALID ||
            err.code != RESTIC_EXIT_INCOMPLETE || !strstr(err.msg, "secret") || !summary.found)
            _exit(3);
        const char *const ids[] = {summary.snapshot_id, NULL};
        const struct restic_retag retag = {ids, "stash-incomplete=PersistentVolumeClaim/n/letters",
                                           "stash-target=PersistentVolumeClaim/n/letters"};
        if (restic_tag(&other, &retag, changed, &err) < 0)
            _exit(4);
        _exit(json_object_get(changed, summary.snapshot_id) ? 0 : 5);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0, "%x", (unsigned)status);
    take_stock(&restic, &holdings);
    cr_assert_eq(holdings_of(&holdings, &letters).incomplete, 1);
    cr_assert_eq(holdings_of(&holdings, &letters).complete, 0);
}

/* A lock that is held for as long as the test wants: restic waits for standard input. */
Test(restic, locks_are_listed_with_their_holders)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_locks locks = {.count = 0};
    char hostname[256] = "";
    int feed[2];
    struct error err;

    place_open_repository(&place, &restic);
    gethostname(hostname, sizeof(hostname) - 1);
    cr_assert_eq(pipe(feed), 0);
    pid_t pid = child_fork();
    if (pid == 0) {
        dup2(feed[0], 0);
        close(feed[1]);
        setenv("RESTIC_PASSWORD", "pass", 1);
        execlp("restic", "restic", "-r", place.repository, "backup", "--stdin", "--quiet",
               "--no-cache", NULL);
        _exit(127);
    }
    for (int i = 0; i < 100 && locks.count == 0; i++) {
        clock_sleep_ms(100);
        cr_assert_eq(restic_locks(&restic, &locks, &err), 0, "%s", err.msg);
    }
    cr_assert_eq(locks.count, 1);
    cr_assert_str_eq(locks.items[0].host, hostname);
    cr_assert_eq(locks.items[0].pid, pid);
    cr_assert_not(locks.items[0].exclusive);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(feed[0]);
    close(feed[1]);
    cr_assert_eq(locks_remove(&restic, true, &err), 0, "%s", err.msg);
    cr_assert_eq(restic_locks(&restic, &locks, &err), 0, "%s", err.msg);
    cr_assert_eq(locks.count, 0);
}

/* As in a pod: host name and process ids of its own. `feed` is what its restic waits for. */
static pid_t hold_lock_as(const struct place *place, const char *hostname, const int feed[2])
{
    AUTO(mem_free)
    char *script = xasprintf("hostname %s && exec restic -r %s backup --stdin --quiet --no-cache",
                             hostname, place->repository);
    pid_t pid = child_fork();

    if (pid != 0)
        return pid;
    dup2(feed[0], 0);
    close(feed[1]);
    setenv("RESTIC_PASSWORD", "pass", 1);
    execlp("unshare", "unshare", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c", script,
           NULL);
    _exit(127);
}

static const struct restic_lock *lock_of(const struct restic_locks *locks, const char *hostname)
{
    for (size_t i = 0; i < locks->count; i++)
        if (strcmp(locks->items[i].host, hostname) == 0)
            return &locks->items[i];
    return NULL;
}

static void wait_for_locks(const struct restic *restic, size_t count, struct restic_locks *ret)
{
    struct error err;

    ret->count = 0;
    for (int i = 0; i < 300 && ret->count != count; i++) {
        clock_sleep_ms(100);
        cr_assert_eq(restic_locks(restic, ret, &err), 0, "%s", err.msg);
    }
    cr_assert_eq(ret->count, count);
}

/* Both are process 1: all that tells them apart is the host name. Nobody here can see whether they live. */
Test(restic, locks_of_two_pods_name_their_pods)
{
    if (!has_restic() || geteuid() != 0)
        cr_skip_test("needs restic and root, to give a process a host name of its own");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_locks locks;
    int feed[2];

    place_open_repository(&place, &restic);
    cr_assert_eq(pipe(feed), 0);
    pid_t first = hold_lock_as(&place, "letters-0", feed);
    pid_t second = hold_lock_as(&place, "photos-0", feed);
    wait_for_locks(&restic, 2, &locks);
    cr_assert_not_null(lock_of(&locks, "letters-0"));
    cr_assert_not_null(lock_of(&locks, "photos-0"));
    cr_expect_eq(lock_of(&locks, "letters-0")->pid, 1);
    cr_expect_eq(lock_of(&locks, "photos-0")->pid, 1);

    kill(first, SIGKILL); /* as the kernel kills for memory: the lock stays, and looks as before */
    waitpid(first, NULL, 0);
    wait_for_locks(&restic, 2, &locks);
    close(feed[0]);
    close(feed[1]); /* the other one comes to its end */
    waitpid(second, NULL, 0);
    wait_for_locks(&restic, 1, &locks);
    cr_assert_not_null(lock_of(&locks, "letters-0"));
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
    place_open_restic(&place, &restic);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    place_write(&place, "f", "x");
    back_up(&restic, &place, &letters);
    chmod(place.root, 0755);
    chmod(place.scratch, 0777);
    pid_t pid = child_fork();
    if (pid == 0) { /* same group, another user: as two pods with one fsGroup */
        struct restic other = {0};
        const struct restic_place where = {&place.backend, place.secret, place.scratch, false};
        const struct restic_backup backup = {.path = place.data, .host = "host-1"};
        struct restic_summary summary;

        if (setuid(65534) != 0 || restic_open(&where, &other, &err) < 0)
            _exit(2);
        _exit(restic_backup(&other, &backup, &summary, &err) < 0);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
    back_up(&restic, &place, &letters); /* and the first one still can */
}

/* A volume that is mounted read-only: restic itself would try to write its lock for a quarter of an hour. */
Test(restic, a_write_protected_storage_gives_its_data_back_and_takes_none)
{
    if (!has_restic() || geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        cr_skip_test("needs restic, and root for a mount of its own");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    struct restic_summary summary;
    struct error err;

    place_open_repository(&place, &restic);
    const struct restic_backup backup = {.path = place.data, .host = "host-0", .owner = letters};
    place_write(&place, "f", "x");
    back_up(&restic, &place, &letters);
    place_remove(&place, "f");
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mount(place.repository, place.repository, NULL, MS_BIND, NULL), 0);
    cr_assert_eq(mount(NULL, place.repository, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
    restore_as(&restic, &place, &letters);
    place_expect(&place, "f", "x");
    cr_assert(restic.options.unlocked);
    cr_assert_lt(restic_backup(&restic, &backup, &summary, &err), 0);
    cr_assert_not_null(strstr(err.msg, "read-only file system"), "%s", err.msg);
    cr_assert_eq(umount(place.repository), 0);
}

/* As somebody who may read the storage only: restic tries that once. */
Test(restic, who_may_only_read_a_storage_gets_its_data)
{
    if (!has_restic() || geteuid() != 0)
        cr_skip_test("needs restic and root, to be two users");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    int status;

    place_open_repository(&place, &restic);
    place_write(&place, "f", "x");
    back_up(&restic, &place, &letters);
    place_remove(&place, "f");
    AUTO(mem_free) char *protect = xasprintf("chmod -R a+rX,a-w %s", place.repository);
    cr_assert_eq(system(protect), 0);
    chmod(place.root, 0755);
    chmod(place.scratch, 0777);
    chmod(place.data, 0777);
    pid_t pid = child_fork();
    if (pid == 0) {
        struct restic other = {0};
        struct error err;
        const struct restic_place where = {&place.backend, place.secret, place.scratch, false};

        if (setuid(65534) != 0 || restic_open(&where, &other, &err) < 0)
            _exit(2);
        restore_as(&other, &place, &letters);
        _exit(other.options.unlocked ? 0 : 3);
    }
    waitpid(pid, &status, 0);
    cr_assert_eq(status, 0);
    place_expect(&place, "f", "x");
}

Test(restic, unreadable_files_are_an_error_with_their_paths)
{
    if (!has_restic())
        cr_skip_test("no restic 0.18 or newer");
    AUTO(place_done) struct place place;
    AUTO(restic_done) struct restic restic = {0};
    AUTO(mem_free) char *missing = NULL;
    struct restic_summary summary;
    struct error err;

    place_open(&place, "cGFzcw==");
    place_open_restic(&place, &restic);
    cr_assert_eq(restic_init(&restic, &err), 0, "%s", err.msg);
    missing = xasprintf("%s/not-there", place.root);
    const struct restic_backup backup = {.path = missing, .host = "host-0"};
    cr_assert_lt(restic_backup(&restic, &backup, &summary, &err), 0);
    cr_assert_not_null(strstr(err.msg, "do not exist"), "%s", err.msg);
}
