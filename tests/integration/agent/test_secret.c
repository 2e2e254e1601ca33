/* Where the Repository's Secret comes from: a mount as the kubelet makes it, or the API server. */
#include "secret.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake.h"
#include "stash/child_env.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"

static struct fake *fake;
static struct kube *kube;
static char folder[64];

static void begin(void)
{
    fake = fake_start(SCRIPTS "secret.yaml");
    kube = fake_open(fake);
    snprintf(folder, sizeof(folder), "/tmp/stash-secret-XXXXXX");
    cr_assert(mkdtemp(folder));
    setenv("STASH_SECRETS_DIR", folder, 1);
    setenv("STASH_SECRET_PATIENCE_MS", "3000", 1);
}

static void end(void)
{
    AUTO(mem_free) char *command = xasprintf("rm -rf %s", folder);

    cr_assert_eq(system(command), 0);
    kube_close(kube);
    fake_stop(fake);
}

TestSuite(secret, .init = begin, .fini = end, .timeout = 60);

/* A folder of a date, a link to it, and links to what is in it. */
static void mount_empty(void)
{
    AUTO(mem_free)
    char *command =
        xasprintf("mkdir -p %s/shelf/..2026 && ln -s ..2026 %s/shelf/..data", folder, folder);
    cr_assert_eq(system(command), 0);
}

static void bring(void)
{
    AUTO(mem_free)
    char *command = xasprintf("cd %s/shelf && printf mounted >..2026/RESTIC_PASSWORD && "
                              "chmod 0444 ..2026/RESTIC_PASSWORD && "
                              "ln -s ..data/RESTIC_PASSWORD RESTIC_PASSWORD",
                              folder);
    cr_assert_eq(system(command), 0);
}

static void expect(const char *namespace, const char *password)
{
    const struct secret_place place = {kube, "demo", namespace, "shelf"};
    AUTO(mem_free) char *value = NULL;
    json_auto_t *secret = NULL;
    struct error err;

    cr_assert_eq(secret_read(&place, &secret, &err), 0, "%s", err.msg);
    cr_assert_eq(secret_value(secret, "RESTIC_PASSWORD", &value, &err), 0);
    cr_assert_str_eq(value, password);
    cr_assert_eq(json_object_size(jsonx_get(secret, "data", NULL)), 1, "nothing but its keys");
}

Test(secret, what_is_mounted_is_not_asked_for)
{
    mount_empty();
    bring();
    expect("demo", "mounted");
    cr_assert_eq(fake_count(fake, "GET", "secrets"), 0);
}

Test(secret, what_is_not_mounted_is_asked_for)
{
    expect("demo", "served");
}

Test(secret, another_namespaces_is_asked_for_whatever_is_mounted_here)
{
    mount_empty();
    bring();
    expect("store", "served");
}

static void *bring_late(void *unused)
{
    clock_sleep_ms(1200);
    bring();
    return unused;
}

Test(secret, one_that_comes_late_is_waited_for)
{
    pthread_t thread;

    mount_empty();
    pthread_create(&thread, NULL, bring_late, NULL);
    expect("demo", "mounted");
    pthread_join(thread, NULL);
}

static void expect_error(const char *name, const char *text)
{
    const struct secret_place place = {kube, "demo", "demo", name};
    json_auto_t *secret = NULL;
    struct error err;

    cr_assert_lt(secret_read(&place, &secret, &err), 0);
    cr_assert(strstr(err.msg, text), "%s", err.msg);
}

Test(secret, one_that_does_not_come_is_named)
{
    mount_empty();
    expect_error("shelf", "secret demo/shelf does not exist");
}

Test(secret, nobody_may_read_one_that_is_not_mounted_and_that_is_said)
{
    expect_error("another", "not mounted in this container");
}
