/*
 * container.h - what the API server and the kubelet refuse of a container, its mounts and its pod, member by member.
 *
 * Each function looks at what stands at `at`, as a value_check does. What depends on the pod that the container comes into
 * is the injector's to ask.
 */
#ifndef ADMIT_CONTAINER_H
#define ADMIT_CONTAINER_H

#include "value.h"

/* container_settings.c: runtimeSettings.container, whole; runtimeSettings of a Function is the same. */
void container_settings(const struct admit *a, const char *at, const json_t *settings);

/* spec.tempDir: the volume for caches. */
void container_temp_dir(const struct admit *a, const char *at, const json_t *temp_dir);

/* A limit of what may be written to the node's disk. */
void container_storage_limit(const struct admit *a, const char *at, const json_t *limit);
void container_resources(const struct admit *a, const char *at, const json_t *resources);
void container_env(const struct admit *a, const char *at, const json_t *env);
void container_env_from(const struct admit *a, const char *at, const json_t *sources);
void container_liveness(const struct admit *a, const char *at, const json_t *probe);
void container_readiness(const struct admit *a, const char *at, const json_t *probe);
void container_lifecycle(const struct admit *a, const char *at, const json_t *lifecycle);

/* container_security.c: of a container, and what that of a pod shares with it. */
void container_security(const struct admit *a, const char *at, const json_t *context);
void container_seccomp(const struct admit *a, const char *at, const json_t *profile);
void container_selinux(const struct admit *a, const char *at, const json_t *options);
void container_app_armor(const struct admit *a, const char *at, const json_t *profile);
void container_windows(const struct admit *a, const char *at, const json_t *options);

/* target.volumeMounts; `security` is the container's context. */
void container_mounts(const struct admit *a, const char *at, const json_t *mounts,
                      const json_t *security);

/* volume_source.c: a volume's source, whatever other members stand beside it. */
void volume_source(const struct admit *a, const char *at, const json_t *source);

/* pod_settings.c: runtimeSettings.pod */
void pod_settings(const struct admit *a, const char *at, const json_t *settings);

#endif
