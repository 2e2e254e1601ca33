/*
 * resource.h - where a kind lives in the Kubernetes API. A plain type that both api/ (which kinds exist) and kube/
 * (how to reach them) understand.
 */
#ifndef STASH_RESOURCE_H
#define STASH_RESOURCE_H

#include <stdbool.h>

struct resource {
    const char *kind;    /* "BackupConfiguration" */
    const char *group;   /* "stash.appscode.com"; "" for the core group */
    const char *version; /* "v1beta1" */
    const char *plural;  /* "backupconfigurations" */
    bool namespaced;
};

#endif
