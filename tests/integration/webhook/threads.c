/* threads.c - pods of more workloads than a memo has places for, answered on several threads: each as without a memo. */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/webhook.h"

#define WORKLOADS 80
#define THREADS   4
#define ROUNDS    25

static struct webhook_config config = {.inject = {"stash:1", "http://push", NULL}};
static char *reviews[WORKLOADS], *expected[WORKLOADS];

static json_t *repository(void)
{
    return json_pack("{ss, ss, s{ss, ss}, s{s{s{ss, ss}, ss}}}", "apiVersion",
                     "stash.appscode.com/v1alpha1", "kind", "Repository", "metadata", "name",
                     "repo", "namespace", "demo", "spec", "backend", "s3", "endpoint", "s3",
                     "bucket", "b", "storageSecretName", "s");
}

static json_t *backup_of(const char *name)
{
    return json_pack("{ss, ss, s{ss, ss}, s{s{ss}, s{s{ss, ss}, s[{ss, ss}]}}}", "apiVersion",
                     "stash.appscode.com/v1beta1", "kind", "BackupConfiguration", "metadata",
                     "name", name, "namespace", "demo", "spec", "repository", "name", "repo",
                     "target", "ref", "kind", "StatefulSet", "name", name, "volumeMounts", "name",
                     "data", "mountPath", "/data");
}

static char *review_of(const char *name)
{
    json_t *pod =
        json_pack("{s{s[{ss, ss, ss, sb}]}, s{s[{ss, s[{ss, ss}]}], s[{ss, s{}}]}}", "metadata",
                  "ownerReferences", "apiVersion", "apps/v1", "kind", "StatefulSet", "name", name,
                  "controller", 1, "spec", "containers", "name", "app", "volumeMounts", "name",
                  "data", "mountPath", "/data", "volumes", "name", "data", "emptyDir");
    json_auto_t *review =
        json_pack("{ss, ss, s{ss, s{ss, ss, ss}, ss, ss, so}}", "apiVersion", "admission.k8s.io/v1",
                  "kind", "AdmissionReview", "request", "uid", "u", "kind", "group", "", "version",
                  "v1", "kind", "Pod", "namespace", "demo", "operation", "CREATE", "object", pod);

    return jsonx_dump(review);
}

static char *answer(size_t i)
{
    unsigned status;

    return webhook_answer(&config, "/inject", reviews[i], strlen(reviews[i]), &status);
}

/* Each thread begins elsewhere, and every other one goes backwards. */
static void *ask(void *ctx)
{
    size_t start = *(size_t *)ctx;

    for (size_t n = 0; n < (size_t)ROUNDS * WORKLOADS; n++) {
        size_t step = start % 2 ? n : (size_t)ROUNDS * WORKLOADS - n;
        size_t i = (start * WORKLOADS / THREADS + step) % WORKLOADS;
        AUTO(mem_free) char *text = answer(i);
        if (strcmp(text, expected[i]) == 0)
            continue;
        fprintf(stderr, "workload %zu: %s\nexpected: %s\n", i, text, expected[i]);
        return ctx;
    }
    return NULL;
}

static void world_make(void)
{
    json_auto_t *objects = json_pack("[o]", repository());

    for (size_t i = 0; i < WORKLOADS; i++) {
        char name[16];
        snprintf(name, sizeof(name), "db%zu", i);
        json_array_append_new(objects, backup_of(name));
        reviews[i] = review_of(name);
    }
    config.snapshot = snapshot_from_objects(objects);
    for (size_t i = 0; i < WORKLOADS; i++)
        expected[i] = answer(i);
}

static void world_free(void)
{
    inject_memo_free(config.memo);
    snapshot_free((struct snapshot *)(uintptr_t)config.snapshot);
    for (size_t i = 0; i < WORKLOADS; i++) {
        free(reviews[i]);
        free(expected[i]);
    }
}

int main(void)
{
    pthread_t threads[THREADS];
    size_t starts[THREADS], failed = 0;

    world_make();
    config.memo = inject_memo_new();
    for (size_t i = 0; i < THREADS; i++) {
        starts[i] = i;
        BUG_ON(pthread_create(&threads[i], NULL, ask, &starts[i]) != 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *complaint;
        BUG_ON(pthread_join(threads[i], &complaint) != 0);
        failed += complaint != NULL;
    }
    if (!strstr(expected[0], "JSONPatch")) {
        fprintf(stderr, "no sidecar: %s\n", expected[0]);
        failed++;
    }
    world_free();
    return failed ? 1 : 0;
}
