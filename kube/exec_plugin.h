/*
 * exec_plugin.h - a program that the kubeconfig names, which says who we are: client.authentication.k8s.io, v1 and v1beta1.
 *
 * It gets our environment, its own variables and KUBERNETES_EXEC_INFO, and answers with a token, a client certificate, or
 * both. What it says to people goes to standard error; it may read from the terminal if it asks to. It has a bounded time.
 */
#ifndef KUBE_EXEC_PLUGIN_H
#define KUBE_EXEC_PLUGIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stash/error.h"
#include "stash/mem.h"

/* As the kubeconfig has it; `spec` NULL: none. */
struct exec_plugin {
    json_t *spec;    /* the user's member "exec", checked */
    char *folder;    /* of the kubeconfig: a command such as ./login starts there */
    json_t *cluster; /* for a plugin that wants to know it; NULL: it does not */
};

void exec_plugin_done(struct exec_plugin *plugin);

/** What is wrong with a user's member "exec", while it is read. */
int exec_plugin_check(const json_t *spec, struct error *err);

/* What it answered. */
struct credential {
    char *token, *cert, *key; /* NULL: none; the last two are PEM, and both or neither */
    int64_t expires;          /* Unix seconds; 0: not said */
};

void credential_done(struct credential *credential);
DEFINE_AUTO_VALUE(struct credential, credential_done);

/** Read an ExecCredential of this version. */
int credential_parse(const char *text, size_t len, const char *api_version, struct credential *ret,
                     struct error *err);

/** Run it, within its time, and read its answer. */
int exec_plugin_run(const struct exec_plugin *plugin, struct credential *ret, struct error *err);

#endif
