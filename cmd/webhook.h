/* webhook.h - the two ways in which `stash webhook` knows the cluster. */
#ifndef STASH_CMD_WEBHOOK_H
#define STASH_CMD_WEBHOOK_H

#include "stash/webhook.h"

struct webhook_args {
    const char *kubeconfig, *namespace, *cert_secret;
    const char *objects, *cert, *key, *client_ca;
    struct webhook_config config;
    int64_t drain_ns;
};

/* The watched cluster: a snapshot that answers from the store, and the certificate of a Secret. */
struct live;
int live_open(const struct webhook_args *args, struct live **ret, struct error *err);
void live_free(struct live *live);
DEFINE_AUTO(struct live, live_free);
/** Fills snapshot, ready, age, unread and ready_ctx. */
void live_configure(struct live *live, struct webhook_config *config);
/** Start watching; certificates of the Secret go to the webhook unless the command line names files. */
int live_start(struct live *live, struct webhook *webhook, struct error *err);
/** No certificate goes to the webhook any more: before it is stopped. */
void live_detach(struct live *live);

#endif
