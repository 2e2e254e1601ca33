#include "leader.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stash/reconciler.h"

const struct reconciler_config leader_config = {.namespace = "stash",
                                                .identity = "me",
                                                .image = "stash",
                                                .addon_registry = "localhost",
                                                .addon_tag = "1",
                                                .pushgateway_url = "http://127.0.0.1:9",
                                                .grace_s = 600,
                                                .job_ttl_s = 60,
                                                .turn_hold_s = 300,
                                                .turn_expiry_s = 600,
                                                .lock_stale_s = 1500,
                                                .workers = 4,
                                                .certificates = {365 * 86400, 30 * 86400, 15, 60}};

struct fake *leader_fake;
struct kube *leader_client;
static struct kube *kube;
static struct reconciler *reconciler;
static pthread_t thread;

static void *lead(void *unused)
{
    struct error err;

    (void)unused;
    cr_assert_eq(reconciler_run(reconciler, &err), 0, "%s", err.msg);
    return NULL;
}

void leader_begin(const char *script)
{
    leader_begin_with(script, &leader_config);
}

void leader_begin_with(const char *script, const struct reconciler_config *config)
{
    AUTO(mem_free) char *path = xasprintf("%s%s", SCRIPTS, script);

    leader_fake = fake_start(path);
    leader_client = fake_open(leader_fake);
    leader_return(config);
}

void leader_return(const struct reconciler_config *config)
{
    kube = fake_open(leader_fake);
    reconciler = reconciler_new(kube, config);
    pthread_create(&thread, NULL, lead, NULL);
}

void leader_leave(void)
{
    reconciler_stop(reconciler);
    pthread_join(thread, NULL);
    reconciler_free(reconciler);
    kube_close(kube);
}

void leader_change(const struct reconciler_config *config)
{
    leader_leave();
    leader_return(config);
}

unsigned long leader_metric(const char *sample)
{
    AUTO(mem_free) char *text = reconciler_metrics(reconciler);
    const char *at = strstr(text, sample);

    return at ? strtoul(at + strlen(sample), NULL, 10) : 0;
}

void leader_end(void)
{
    leader_leave();
    kube_close(leader_client);
    fake_stop(leader_fake);
}
