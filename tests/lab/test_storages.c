/*
 * Each kind of storage, on a real server of its protocol, with the real restic: what a session stores comes back, retention and
 * its prune work, what another Repository keeps beside it stays, and a key that is refused is said.
 */
#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

struct storage {
    const char *provider, *bucket, *endpoint;
    const char *first,
        *second;         /* places of two Repositories: prefixes, or without an endpoint URLs */
    const char *backend; /* of a Repository there, as YAML; %s is the place */
    const char *program; /* the server; without it the test is skipped */
    const char *command; /* starts it */
    const char *ready;
    const char *keys;  /* of the storage Secret, "NAME=value …" as a shell has them */
    const char *wrong; /* the same with a key that is refused; NULL: this server refuses none */
    const char *refusal;
};

/* ---- where a session stores -------------------------------------------------------------------------------------- */

#define SESSION "tests/integration/agent/scripts/session.yaml"

/* The API server begins anew, with this Secret and the Repository's backend in its script. */
static void rewrite_script(struct lab *lab, const char *backend, const char *keys)
{
    AUTO(mem_free) char *file = xasprintf("%s/storage.yaml", lab->stage.folder);
    AUTO(mem_free)
    char *command =
        xasprintf("{ echo '- path: /api/v1/namespaces/demo/secrets/storage'; echo '  times: 0'; "
                  "echo '  body:'; "
                  "echo '    {apiVersion: v1, kind: Secret, metadata: {name: storage, namespace: "
                  "demo}, data: {'; "
                  "for pair in RESTIC_PASSWORD=TopSecret %s; do "
                  "printf '      %%s: %%s,\n' \"${pair%%%%=*}\" \"$(printf %%s \"${pair#*=}\" | "
                  "base64 -w0)\"; done; "
                  "[ ! -e $LAB/ca.crt ] || printf '      CA_CERT_DATA: %%s\n' \"$(base64 -w0 "
                  "<$LAB/ca.crt)\"; "
                  "echo '    }}'; sed 's|^        s3: {.*|        %s|; s|storageSecretName: "
                  ".*|storageSecretName: storage|' " SESSION "; } >%s",
                  keys, backend, file);

    lab_do(command);
    fake_kill(lab->stage.fake);
    fake_restart(lab->stage.fake, file);
}

/* The text with the place for its "%s". */
static char *with_place(const char *backend, const char *place)
{
    const char *at = strstr(backend, "%s");

    return xasprintf("%.*s%s%s", (int)(at - backend), backend, place, at + 2);
}

static void aim_at(struct lab *lab, const struct storage *storage, const char *place,
                   const char *keys)
{
    AUTO(mem_free) char *backend = with_place(storage->backend, place);

    rewrite_script(lab, backend, keys);
    lab->stage.flags.bucket = storage->bucket;
    lab->stage.flags.endpoint = storage->endpoint ? storage->endpoint : place;
    lab->stage.flags.path = storage->endpoint ? place : NULL;
}

/* ---- one session after another ----------------------------------------------------------------------------------- */

/* A backup and what follows it in the Repository's turn. */
static void back_up(struct lab *lab)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_succeeded(stat);
    stage_update(&lab->stage);
}

/* What the last maintenance wrote into the Repository's status. */
static json_t *repository_status(const struct lab *lab)
{
    json_auto_t *repository = stage_stored(&lab->stage, "repositories");

    return json_incref(json_object_get(repository, "status"));
}

static void check_repository(const struct lab *lab, int snapshots)
{
    json_auto_t *status = repository_status(lab);

    cr_assert(json_is_true(json_object_get(status, "integrity")), "the check found damage");
    cr_assert_eq(jsonx_int(status, -1, "snapshotCount", NULL), snapshots);
}

/* A folder that counts as a volume, in a mount namespace of this test. */
static void mount_data(struct lab *lab)
{
    AUTO(mem_free) char *data = xasprintf("%s/data", lab->stage.folder);

    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0)
        cr_skip_test("only root may mount a volume");
    cr_assert_eq(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    cr_assert_eq(mkdir(data, 0755), 0);
    cr_assert_eq(mount("volume", data, "tmpfs", 0, NULL), 0);
    setenv("DATA", data, 1);
    lab->stage.flags.paths = getenv("DATA");
}

static char *sum_of_data(void)
{
    return lab_ask("cd $DATA && find . -type f -exec sha256sum {} + | sort | sha256sum");
}

static void need_program(const char *program)
{
    AUTO(mem_free) char *command = xasprintf("command -v %s >/dev/null", program);

    if (system(command) != 0)
        cr_skip_test("no %s: scripts/lab says why", program);
}

static void storage_open(struct lab *lab, const struct storage *storage)
{
    lab_open(lab, NULL);
    need_program(storage->program);
    mount_data(lab);
    lab_start(lab, storage->command, storage->ready);
    lab->stage.flags.provider = storage->provider;
    lab->stage.flags.secret_name = "storage";
    aim_at(lab, storage, storage->first, storage->keys);
}

static void check_neighbour(struct lab *lab, const struct storage *storage)
{
    aim_at(lab, storage, storage->second, storage->keys);
    back_up(lab);
    check_repository(lab, 1);
    aim_at(lab, storage, storage->first, storage->keys);
}

/* keepLast is 1: the second session's retention removes what the first one stored, and only that. */
static void round_trip(const struct storage *storage)
{
    AUTO(lab_done) struct lab lab;

    storage_open(&lab, storage);
    lab_do("head -c 3000000 /dev/urandom >$DATA/random; seq 100000 >$DATA/text; mkdir $DATA/d; "
           "echo x >$DATA/d/x");
    back_up(&lab);
    check_repository(&lab, 1);
    check_neighbour(&lab, storage);
    lab_do("head -c 1000000 /dev/urandom >$DATA/random");
    back_up(&lab);
    check_repository(&lab, 1);
    AUTO(mem_free) char *before = sum_of_data();
    lab_do("rm -r $DATA/*");
    json_auto_t *restored = lab_restore(&lab);
    AUTO(mem_free) char *after = sum_of_data();
    lab_check_succeeded(restored);
    cr_assert_str_eq(before, after);
    check_neighbour(&lab, storage);
    cr_assert_eq(umount(getenv("DATA")), 0);
}

static void refused_key(const struct storage *storage)
{
    AUTO(lab_done) struct lab lab;

    storage_open(&lab, storage);
    lab_do("echo x >$DATA/x");
    aim_at(&lab, storage, storage->first, storage->wrong);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, storage->refusal);
    cr_assert_eq(umount(getenv("DATA")), 0);
}

/* ---- the servers ------------------------------------------------------------------------------------------------- */

/* "backup" and "secret", with the certificate of an own CA. */
static const struct storage rest = {
    .provider = "rest",
    .program = "rest-server",
    .first = "https://localhost:18443/backup/one",
    .second = "https://localhost:18443/backup/two",
    .backend = "rest: {url: \"%s\"}",
    .command =
        "cd $LAB && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout server.key -out ca.crt 2>/dev/null && "
        "mkdir rest && echo 'backup:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a' "
        ">rest/.htpasswd && "
        "exec rest-server --path rest --listen localhost:18443 --private-repos --tls "
        "--tls-cert ca.crt --tls-key server.key",
    .ready = "curl -sk -o /dev/null https://localhost:18443/",
    .keys = "REST_SERVER_USERNAME=backup REST_SERVER_PASSWORD=secret",
    .wrong = "REST_SERVER_USERNAME=backup REST_SERVER_PASSWORD=other",
    .refusal = "401",
};

static const struct storage s3 = {
    .provider = "s3",
    .program = "versitygw",
    .bucket = "tests",
    .endpoint = "http://localhost:18900",
    .first = "/one",
    .second = "two",
    .backend = "s3: {endpoint: \"http://localhost:18900\", bucket: tests, prefix: %s}",
    .command = "mkdir -p $LAB/s3 && exec versitygw --port 127.0.0.1:18900 --access backup "
               "--secret backup-secret --quiet posix --nometa $LAB/s3",
    .ready = "curl -s -o /dev/null http://localhost:18900/",
    .keys = "AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=backup-secret",
    .wrong = "AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=other",
    .refusal = "signature",
};

/* The server that stands in for Google's takes every token. */
static const struct storage gcs = {
    .provider = "gcs",
    .program = "fake-gcs-server",
    .bucket = "tests",
    .endpoint = "",
    .first = "one",
    .second = "/two",
    .backend = "gcs: {bucket: tests, prefix: %s}",
    .command =
        "mkdir -p $LAB/gcs/tests && exec fake-gcs-server -scheme http -host 127.0.0.1 -port 18901 "
        "-public-host localhost:18901 -external-url http://localhost:18901 -backend filesystem "
        "-filesystem-root $LAB/gcs >/dev/null 2>&1",
    .ready = "curl -sf -o /dev/null http://localhost:18901/storage/v1/b/tests",
    .keys = "GOOGLE_PROJECT_ID=p GOOGLE_ACCESS_TOKEN=t",
};

Test(storages, rest)
{
    round_trip(&rest);
}

Test(storages, rest_with_another_password)
{
    refused_key(&rest);
}

Test(storages, s3)
{
    round_trip(&s3);
}

Test(storages, s3_with_another_key)
{
    refused_key(&s3);
}

Test(storages, gcs)
{
    setenv("STORAGE_EMULATOR_HOST", "http://localhost:18901",
           1); /* Google's library asks it in place of Google */
    round_trip(&gcs);
}
