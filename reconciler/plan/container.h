/*
 * container.h - the containers of a Job: from Functions, with the user's settings, fit for restricted Pod Security.
 */
#ifndef STASH_PLAN_CONTAINER_H
#define STASH_PLAN_CONTAINER_H

#include <jansson.h>
#include <stdbool.h>

/** Step `index` of a Task: the container of an expanded Function spec. New reference. */
json_t *container_from_function(const char *function, size_t index, const json_t *spec);

/** Lay runtimeSettings.container over an owned container. NULL settings change nothing. */
void container_apply_settings(json_t *container, const json_t *settings);

/** Add a mount to an owned container, replacing one at the same path. `sub_path` may be NULL. */
void container_add_mount(json_t *container, const char *volume, const char *path,
                         const char *sub_path);

/** Set an environment variable of an owned container. */
void container_set_env(json_t *container, const char *name, const char *value);

/** Let an owned container know in which pod, as which of its containers and for which session it runs; whatever the user
 * set under these names gives way: the agent tells others by them who it is. */
void container_identify(json_t *container, const char *session);

/** Remove what the API server refuses in an init container: probes and lifecycle. */
void container_make_init(json_t *container);

/**
 * Fill in the security context of an owned container so that it passes restricted Pod Security; what the user or the
 * Function set stays. `pod_context` is the pod's security context, or NULL. A container that is to run as root keeps
 * its capabilities: whoever asks for root wants to read other people's files.
 */
void container_harden(json_t *container, const json_t *pod_context);

#endif
