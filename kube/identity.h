/*
 * identity.h - who we are, as a credential plugin says: its present answer, kept until it expires. Safe from any thread.
 */
#ifndef KUBE_IDENTITY_H
#define KUBE_IDENTITY_H

#include <pthread.h>
#include <stdbool.h>

#include "exec_plugin.h"

struct identity {
    pthread_mutex_t lock;
    const struct exec_plugin *plugin;
    struct credential held;
    bool holds;
};

void identity_init(struct identity *identity, const struct exec_plugin *plugin);
void identity_done(struct identity *identity);

/** A copy of it; the plugin runs when there is none, it has expired, or `renew`. */
int identity_get(struct identity *identity, bool renew, struct credential *ret, struct error *err);

#endif
