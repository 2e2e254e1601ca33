#include "recipe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/snapshot.h"

const struct part_row part_rows[PART_COUNT] = {
    [PART_BACKUP] = {"backup", "BackupConfiguration", "run-backup", CONTAINER_SIDECAR, VOLUME_TMP,
                     VOLUME_LOCAL, VOLUME_STORAGE},
    [PART_RESTORE] = {"restore", "RestoreSession", "restore", CONTAINER_INIT, VOLUME_TMP "-restore",
                      VOLUME_LOCAL "-restore", VOLUME_STORAGE "-restore"},
};

bool recipe_refuse(struct refusal *refusal, enum inject_reason reason, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(refusal->detail, sizeof(refusal->detail), fmt, ap);
    va_end(ap);
    jsonx_repair_text(refusal->detail); /* a character may have been cut in two */
    refusal->reason = reason;
    return false;
}

const json_t *recipe_mounts(const struct recipe *recipe)
{
    return jsonx_get(recipe->invoker, "spec", "target", "volumeMounts", NULL);
}

const json_t *recipe_settings(const struct recipe *recipe)
{
    return jsonx_get(recipe->invoker, "spec", "runtimeSettings", "container", NULL);
}

bool recipe_mounts_local(const struct recipe *recipe)
{
    return recipe->backend.local != NULL;
}

/* A name that no Secret can have is not worth a volume. */
static bool is_object_name(const char *name)
{
    size_t len = strlen(name);

    return len > 0 && len <= 253 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len &&
           *name != '.' && *name != '-' && !strstr(name, "..");
}

const char *recipe_secret(const struct recipe *recipe)
{
    const char *secret = recipe->backend.secret;

    return secret && is_object_name(secret) &&
                   strcmp(snapshot_repository_namespace(recipe->invoker),
                          snapshot_invoker_namespace(recipe->invoker)) == 0
               ? secret
               : NULL;
}

struct recipe *recipe_ref(struct recipe *recipe)
{
    atomic_fetch_add(&recipe->references, 1);
    return recipe;
}

void recipe_unref(struct recipe *recipe)
{
    if (!recipe || atomic_fetch_sub(&recipe->references, 1) > 1)
        return;
    json_decref(recipe->invoker);
    json_decref(recipe->repository);
    json_decref(recipe->container);
    json_decref(recipe->volumes);
    json_decref(recipe->token);
    free(recipe);
}
