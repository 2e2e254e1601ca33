#include "storage.h"

#include <criterion/criterion.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stash/jsonx.h"

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

void storage_aim(struct lab *lab, const struct storage *storage, const char *place,
                 const char *keys)
{
    AUTO(mem_free) char *backend = with_place(storage->backend, place);

    rewrite_script(lab, backend, keys);
    lab->stage.flags.bucket = storage->bucket;
    lab->stage.flags.endpoint = storage->endpoint ? storage->endpoint : place;
    lab->stage.flags.path = storage->endpoint ? place : NULL;
    lab->stage.flags.insecure_tls = storage->insecure_tls;
}

/* ---- one session after another ----------------------------------------------------------------------------------- */

void storage_back_up(struct lab *lab)
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

void storage_check_repository(const struct lab *lab, int snapshots)
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

static void need_program(const char *program)
{
    AUTO(mem_free) char *command = xasprintf("command -v %s >/dev/null", program);

    if (system(command) != 0)
        cr_skip_test("no %s: scripts/lab says why", program);
}

void storage_open(struct lab *lab, const struct storage *storage)
{
    lab_open(lab, NULL);
    need_program(storage->program);
    mount_data(lab);
    lab_start(lab, storage->command, storage->ready);
    lab->stage.flags.provider = storage->provider;
    lab->stage.flags.secret_name = "storage";
    storage_aim(lab, storage, storage->first, storage->keys);
}

void storage_check_retention(const struct lab *lab, const char *reason)
{
    json_auto_t *retention = stage_condition(&lab->stage, "RetentionPolicyApplied");

    cr_assert_str_eq(jsonx_str(retention, "reason", NULL), reason, "%s",
                     jsonx_str(retention, "message", NULL));
}

void storage_close(void)
{
    cr_assert_eq(umount(getenv("DATA")), 0);
}
