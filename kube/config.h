/*
 * config.h - where the API server is and how we prove who we are, before anything is sent.
 *
 * Files stay files: certificates named by path are read again by each new connection and tokens by token.c, so rotation
 * needs no restart.
 */
#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H

#include <stdbool.h>

#include "stash/error.h"
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
    bool insecure; /* the server's certificate is not checked: the user asked for it */
};

void config_done(struct config *config);
DEFINE_AUTO_VALUE(struct config, config_done);

/** As kube_open() promises: explicit file, $KUBECONFIG, ServiceAccount, ~/.kube/config. */
int config_load(const char *kubeconfig, struct config *ret, struct error *err);

/** From a colon list of kubeconfig files; missing ones are skipped as long as one is there. The first to name a thing wins. */
int config_from_files(const char *paths, struct config *ret, struct error *err);

/** From a ServiceAccount's folder and the service's address. */
int config_in_cluster(const char *folder, const char *host, const char *port, struct config *ret,
                      struct error *err);

/** Check and complete `server`: scheme, no final slash, tls_name applied. */
int config_settle(struct config *config, struct error *err);

#endif
