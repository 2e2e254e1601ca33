/*
 * config.h - where the API server is and how we prove who we are, before anything is sent.
 *
 * Files stay files: certificates named by path are read again by each new connection and tokens by token.c, so rotation
 * needs no restart.
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>

#include "exec_plugin.h"
#include "stash/error.h"
#include "stash/kube.h"
#include "stash/mem.h"

/* Heap strings, NULL when not given. Of a pair of file and data, data wins. */
struct config {
    char *server;     /* "https://10.96.0.1:443", without a final slash */
    char *connect_to; /* "::host:port" when tls-server-name replaced the host in `server` */
    char *ca_file;
    char *ca_data; /* PEM */
    char *cert_file;
    char *cert_data;
    char *key_file;
    char *key_data;
    char *token;
    char *token_file; /* wins over `token` */
    char *proxy;
    char *tls_name; /* only while loading; see connect_to */
    char *namespace;
    char *as, *as_uid;       /* whom to act as */
    json_t *as_groups;       /* array of strings */
    struct exec_plugin exec; /* wins over token and certificate */
    bool insecure;           /* the server's certificate is not checked: the user asked for it */
};

void config_done(struct config *config);
DEFINE_AUTO_VALUE(struct config, config_done);

/** As kube_open_as() promises: explicit file, $KUBECONFIG, ServiceAccount, ~/.kube/config. */
int config_load(const struct kube_access *access, struct config *ret, struct error *err);

/**
 * From a colon list of kubeconfig files; missing ones are skipped as long as one is there. The first to name a thing wins.
 * Only the context, the cluster and the user of `access` are looked at.
 */
int config_from_files(const char *paths, const struct kube_access *access, struct config *ret,
                      struct error *err);

/** The rest of `access` over what was loaded. */
void config_override(struct config *config, const struct kube_access *access);

/** From a ServiceAccount's folder and the service's address. */
void config_in_cluster(const char *folder, const char *host, const char *port, struct config *ret);

/** Check and complete: the server's scheme, no final slash, tls_name applied, the names of those to act as. */
int config_settle(struct config *config, struct error *err);

#endif
