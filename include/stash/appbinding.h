/*
 * appbinding.h - an AppBinding read the way addons read it: where the application is, and with which secret. Pure.
 */
#ifndef STASH_APPBINDING_H
#define STASH_APPBINDING_H

#include <jansson.h>

#include "stash/error.h"

/** The URL: clientConfig.url if set, else made from clientConfig.service. User and password in it are left out. */
int appbinding_url(const json_t *app, char **ret, struct error *err);

/** host:port (or host, when there is no port): clientConfig.service wins over the url. */
int appbinding_host(const json_t *app, char **ret, struct error *err);

/** clientConfig.caBundle, decoded; NULL when there is none. */
int appbinding_ca(const json_t *app, char **ret, struct error *err);

/** The name of its tlsSecret, else of its parameters' clientCertSecret, or NULL. Borrowed. */
const char *appbinding_tls_secret_name(const json_t *app);

/** Names of the Secrets that it refers to (the one for TLS, secret, then addKeysFrom): a new array, perhaps empty. */
json_t *appbinding_secret_names(const json_t *app);

/**
 * Its secret after secretTransforms, as a document with metadata.name and data; `secrets` is {name: Secret}. A new
 * reference; JSON null when it names no secret. ERR_NOT_FOUND names the Secret that is missing.
 */
int appbinding_secret(const json_t *app, const json_t *secrets, json_t **ret, struct error *err);

/** spec.type "group/resource" cut at its last "/"; the group is AppBinding's own when the type has none. Heap strings. */
void appbinding_type(const json_t *app, char **ret_group, char **ret_kind);

#endif
