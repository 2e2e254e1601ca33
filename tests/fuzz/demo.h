/*
 * demo.h - the small cluster that fuzz targets of the webhook answer for: one Deployment `web` in `demo` that is backed
 * up and restored.
 */
#ifndef TEST_FUZZ_DEMO_H
#define TEST_FUZZ_DEMO_H

#include "stash/webhook.h"

#define DEMO_INVOKER(kind, name)                                                                   \
    "{\"apiVersion\":\"stash.appscode.com/v1beta1\",\"kind\":\"" kind "\",\"metadata\":{"          \
    "\"name\":\"" name "\",\"namespace\":\"demo\"},\"spec\":{\"repository\":{\"name\":\"repo\"},"  \
    "\"target\":{\"ref\":{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"web\"},"   \
    "\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/d\"}]}}}"

/** The same every time; lives as long as the process. */
static inline const struct webhook_config *demo_config(void)
{
    static const char objects[] =
        "[" DEMO_INVOKER("BackupConfiguration", "web-backup") "," DEMO_INVOKER(
            "RestoreSession",
            "web-restore") ",{\"apiVersion\":\"stash.appscode.com/"
                           "v1alpha1\",\"kind\":\"Repository\","
                           "\"metadata\":{\"name\":\"repo\",\"namespace\":\"demo\"},\"spec\":{"
                           "\"backend\":{\"s3\":{\"bucket\":\"b\"},\"storageSecretName\":\"s\"}}}]";
    static struct webhook_config config = {.inject = {"stash:1", "http://push", NULL},
                                           .admit = {"10Gi", NULL, "ReadWriteOnce", false}};

    if (!config.snapshot) {
        json_auto_t *list = json_loads(objects, 0, NULL);
        config.snapshot = snapshot_from_objects(list);
        config.memo = inject_memo_new();
    }
    return &config;
}

#endif
