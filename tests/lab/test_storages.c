/*
 * Each kind of storage, on a real server of its protocol, with the real restic: what a session stores comes back, retention and
 * its prune work, a lock is honoured, what another Repository keeps beside it stays, and a key that is refused is said.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stash/clock.h"
#include "stash/jsonx.h"
#include "storage.h"

/* ---- beside somebody else ---------------------------------------------------------------------------------------- */

/* What a person runs who has the Secret. */
static char *by_hand(const struct storage *storage, const char *command)
{
    return xasprintf("env %s %s restic --no-cache %s", storage->keys, storage->by_hand, command);
}

static long count_by_hand(const struct storage *storage, const char *command)
{
    AUTO(mem_free) char *restic = by_hand(storage, command);
    AUTO(mem_free) char *counted = xasprintf("%s | wc -l", restic);
    AUTO(mem_free) char *answer = lab_ask(counted);

    return strtol(answer, NULL, 10);
}

static long count_locks(const struct storage *storage)
{
    return count_by_hand(storage, "list locks --no-lock");
}

/* A backup of somebody else's, that goes on until it is stopped: restic hears of that when its input ends. */
static void hold_lock(const struct storage *storage)
{
    AUTO(mem_free) char *restic = by_hand(storage, "backup --stdin --host elsewhere");
    AUTO(mem_free)
    char *command = xasprintf("rm -f $LAB/hold && mkfifo $LAB/hold && "
                              "{ sleep 120 >$LAB/hold 2>&1 & echo $! >$LAB/input; } && "
                              "{ %s <$LAB/hold >$LAB/holder.log 2>&1 & echo $! >$LAB/holder; }",
                              restic);
    int64_t end = clock_mono_ms() + 60000;

    lab_do(command);
    while (count_locks(storage) == 0) {
        cr_assert_lt(clock_mono_ms(), end, "nobody locks");
        clock_sleep_ms(200);
    }
}

static void release_lock(const struct storage *storage)
{
    lab_do("kill $(cat $LAB/holder) && kill $(cat $LAB/input) && "
           "while [ -e /proc/$(cat $LAB/holder) ]; do sleep 0.1; done");
    cr_assert_eq(count_locks(storage), 0);
}

/* A backup goes on beside another one; what removes waits, and leaves the lock alone. */
static void check_lock(struct lab *lab, const struct storage *storage)
{
    hold_lock(storage);
    setenv("STASH_LOCK_PATIENCE", "1", 1);
    storage_back_up(lab);
    storage_check_retention(lab, "RepositoryLocked");
    cr_assert_eq(count_locks(storage), 1, "the lock of somebody who works was removed");
    release_lock(storage);
    unsetenv("STASH_LOCK_PATIENCE");
}

/* ---- one session after another ----------------------------------------------------------------------------------- */

static char *sum_of_data(void)
{
    return lab_ask("cd $DATA && find . -type f -exec sha256sum {} + | sort | sha256sum");
}

static void check_neighbour(struct lab *lab, const struct storage *storage)
{
    storage_aim(lab, storage, storage->second, storage->keys);
    storage_back_up(lab);
    storage_check_repository(lab, 1);
    storage_aim(lab, storage, storage->first, storage->keys);
}

/* keepLast is 1: the second session's retention removes what the first one stored, and only that. */
static void round_trip(const struct storage *storage)
{
    AUTO(lab_done) struct lab lab;

    storage_open(&lab, storage);
    lab_do("head -c 3000000 /dev/urandom >$DATA/random; seq 100000 >$DATA/text; mkdir $DATA/d; "
           "echo x >$DATA/d/x");
    storage_back_up(&lab);
    storage_check_repository(&lab, 1);
    check_neighbour(&lab, storage);
    check_lock(&lab, storage);
    lab_do("head -c 1000000 /dev/urandom >$DATA/random");
    storage_back_up(&lab);
    storage_check_retention(&lab, "SuccessfullyAppliedRetentionPolicy");
    storage_check_repository(&lab, 1);
    AUTO(mem_free) char *before = sum_of_data();
    lab_do("rm -r $DATA/*");
    json_auto_t *restored = lab_restore(&lab);
    AUTO(mem_free) char *after = sum_of_data();
    lab_check_succeeded(restored);
    cr_assert_str_eq(before, after);
    check_neighbour(&lab, storage);
    storage_close();
}

static void refused_key(const struct storage *storage)
{
    AUTO(lab_done) struct lab lab;

    storage_open(&lab, storage);
    lab_do("echo x >$DATA/x");
    storage_aim(&lab, storage, storage->first, storage->wrong);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, storage->refusal);
    storage_close();
}

/* ---- the servers ------------------------------------------------------------------------------------------------- */

#define REST(port, options)                                                                        \
    STORAGE_CERTIFICATE("ca.crt")                                                                  \
    "mkdir rest && echo 'backup:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a' "    \
    ">rest/.htpasswd && exec rest-server --path rest --listen localhost:" port                     \
    " --private-repos --tls --tls-cert ca.crt --tls-key server.key " options

/* "backup" and "secret". */
static const struct storage rest = {
    .provider = "rest",
    .program = "rest-server",
    .first = "https://localhost:18443/backup/one",
    .second = "https://localhost:18443/backup/two",
    .backend = "rest: {url: \"%s\"}",
    .command = REST("18443", ""),
    .ready = "curl -sk -o /dev/null https://localhost:18443/",
    .keys = "REST_SERVER_USERNAME=backup REST_SERVER_PASSWORD=secret",
    .by_hand =
        "RESTIC_REPOSITORY=rest:https://localhost:18443/backup/one RESTIC_CACERT=$LAB/ca.crt "
        "RESTIC_REST_USERNAME=backup RESTIC_REST_PASSWORD=secret",
    .wrong = "REST_SERVER_USERNAME=backup REST_SERVER_PASSWORD=other",
    .refusal = "401",
};

static const struct storage append_only = {
    .provider = "rest",
    .program = "rest-server",
    .first = "https://localhost:18444/backup/one",
    .backend = "rest: {url: \"%s\"}",
    .command = REST("18444", "--append-only"),
    .ready = "curl -sk -o /dev/null https://localhost:18444/",
    .keys = "REST_SERVER_USERNAME=backup REST_SERVER_PASSWORD=secret",
    .by_hand =
        "RESTIC_REPOSITORY=rest:https://localhost:18444/backup/one RESTIC_CACERT=$LAB/ca.crt "
        "RESTIC_REST_USERNAME=backup RESTIC_REST_PASSWORD=secret",
};

#define S3(port, options)                                                                          \
    "mkdir -p $LAB/s3 && exec versitygw --port 127.0.0.1:" port " --access backup "                \
    "--secret backup-secret --quiet " options " posix --nometa $LAB/s3"

static const struct storage s3 = {
    .provider = "s3",
    .program = "versitygw",
    .bucket = "tests",
    .endpoint = "http://localhost:18900",
    .first = "/one",
    .second = "two",
    .backend = "s3: {endpoint: \"http://localhost:18900\", bucket: tests, prefix: %s}",
    .command = S3("18900", ""),
    .ready = "curl -s -o /dev/null http://localhost:18900/",
    .keys = "AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=backup-secret",
    .by_hand = "RESTIC_REPOSITORY=s3:http://localhost:18900/tests/one",
    .wrong = "AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=other",
    .refusal = "signature",
};

/* The certificate of an authority that the Secret does not name. */
static const struct storage s3_unverified = {
    .provider = "s3",
    .program = "versitygw",
    .bucket = "tests",
    .endpoint = "https://localhost:18904",
    .first = "one",
    .second = "two",
    .backend =
        "s3: {endpoint: \"https://localhost:18904\", bucket: tests, prefix: %s, insecureTLS: "
        "true}",
    .command = STORAGE_CERTIFICATE("server.crt")
        S3("18904", "--cert $LAB/server.crt --key $LAB/server.key"),
    .ready = "curl -sk -o /dev/null https://localhost:18904/",
    .keys = "AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=backup-secret",
    .by_hand =
        "RESTIC_REPOSITORY=s3:https://localhost:18904/tests/one RESTIC_CACERT=$LAB/server.crt",
    .insecure_tls = true,
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
    .by_hand = "RESTIC_REPOSITORY=gs:tests:/one",
};

/* Accounts are host names there. Only this test sees the changed /etc/hosts: it has mounts of its own. */
static const struct storage azure = {
    .provider = "azure",
    .program = "azurite-blob",
    .bucket = "tests",
    .endpoint = "",
    .first = "one",
    .second = "/two",
    .backend = "azure: {container: tests, prefix: %s, maxConnections: 3}",
    .command =
        STORAGE_CERTIFICATE("ca.crt") "echo 127.0.0.1 localhost stash.blob.localhost >hosts && "
                                      "mount --bind hosts /etc/hosts && "
                                      "AZURITE_ACCOUNTS=stash:c2VjcmV0 exec azurite-blob "
                                      "--blobHost 127.0.0.1 --blobPort 18905 --location azure "
                                      "--cert ca.crt --key server.key --skipApiVersionCheck "
                                      "--disableTelemetry --silent",
    .ready = "curl -sk -o /dev/null https://stash.blob.localhost:18905/",
    .keys = "AZURE_ACCOUNT_NAME=stash AZURE_ACCOUNT_KEY=c2VjcmV0 "
            "AZURE_ENDPOINT_SUFFIX=localhost:18905",
    .by_hand = "RESTIC_REPOSITORY=azure:tests:/one RESTIC_CACERT=$LAB/ca.crt",
    .wrong = "AZURE_ACCOUNT_NAME=stash AZURE_ACCOUNT_KEY=b3RoZXI= "
             "AZURE_ENDPOINT_SUFFIX=localhost:18905",
    .refusal = "403",
};

static const struct storage swift = {
    .provider = "swift",
    .program = "swift-proxy-server",
    .bucket = "tests",
    .endpoint = "",
    .first = "one",
    .second = "/two",
    .backend = "swift: {container: tests, prefix: %s}",
    .command = "repo=$PWD; " STORAGE_CERTIFICATE(
        "ca.crt") "exec $repo/tests/lab/swift $LAB/swift 18910 "
                  "cert_file=$LAB/ca.crt key_file=$LAB/server.key",
    .ready = "curl -skf -o /dev/null -H 'X-Auth-User: backup:one' -H 'X-Auth-Key: secret' "
             "https://localhost:18910/auth/v1.0",
    .keys = "ST_AUTH=https://localhost:18910/auth/v1.0 ST_USER=backup:one ST_KEY=secret",
    .by_hand = "RESTIC_REPOSITORY=swift:tests:/one RESTIC_CACERT=$LAB/ca.crt",
    .wrong = "ST_AUTH=https://localhost:18910/auth/v1.0 ST_USER=backup:one ST_KEY=other",
    .refusal = "Authorization Failed",
};

/* OpenStack's own S3. */
static const struct storage s3_of_swift = {
    .provider = "s3",
    .program = "swift-proxy-server",
    .bucket = "tests",
    .endpoint = "http://localhost:18910",
    .first = "one",
    .second = "two",
    .backend = "s3: {endpoint: \"http://localhost:18910\", bucket: tests, prefix: %s, region: "
               "us-east-1}",
    .command = "exec tests/lab/swift $LAB/swift 18910",
    .ready = "curl -sf -o /dev/null -H 'X-Auth-User: backup:one' -H 'X-Auth-Key: secret' "
             "http://localhost:18910/auth/v1.0",
    .keys = "AWS_ACCESS_KEY_ID=backup:one AWS_SECRET_ACCESS_KEY=secret",
    .by_hand = "RESTIC_REPOSITORY=s3:http://localhost:18910/tests/one",
    .wrong = "AWS_ACCESS_KEY_ID=backup:one AWS_SECRET_ACCESS_KEY=other",
    .refusal = "signature",
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

Test(storages, s3_whose_certificate_is_not_looked_at)
{
    round_trip(&s3_unverified);
}

Test(storages, s3_of_openstack)
{
    round_trip(&s3_of_swift);
}

Test(storages, s3_of_openstack_with_another_key)
{
    refused_key(&s3_of_swift);
}

Test(storages, gcs)
{
    setenv("STORAGE_EMULATOR_HOST", "http://localhost:18901",
           1); /* Google's library asks it in place of Google */
    round_trip(&gcs);
}

Test(storages, azure)
{
    round_trip(&azure);
}

Test(storages, azure_with_another_key)
{
    refused_key(&azure);
}

Test(storages, swift)
{
    round_trip(&swift);
}

Test(storages, swift_with_another_key)
{
    refused_key(&swift);
}

/* The backup is good, retention is impossible, and somebody is told what to do about it. */
Test(storages, rest_that_only_grows)
{
    AUTO(lab_done) struct lab lab;

    storage_open(&lab, &append_only);
    lab_do("echo one >$DATA/x");
    storage_back_up(&lab);
    storage_check_retention(&lab, "SuccessfullyAppliedRetentionPolicy");
    lab_do("echo two >$DATA/x");
    storage_back_up(&lab);
    storage_check_retention(&lab, "RemovalRefused");
    json_auto_t *retention = stage_condition(&lab.stage, "RetentionPolicyApplied");
    cr_assert_str_eq(jsonx_str(retention, "status", NULL), "Unknown");
    cr_assert_not_null(strstr(jsonx_str(retention, "message", NULL), "retentionPolicy"));
    storage_check_repository(&lab, 2);
    cr_assert_eq(count_locks(&append_only), 0);
    lab_do("rm $DATA/x");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    lab_do("grep -q two $DATA/x");
    storage_close();
}
