#include "recipe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stash/jsonx.h"
#include "stash/names.h"

const struct part_row part_rows[PART_COUNT] = {
    [PART_BACKUP] = {"backup", "BackupConfiguration", "run-backup", CONTAINER_SIDECAR, VOLUME_TMP,
                     VOLUME_LOCAL},
    [PART_RESTORE] = {"restore", "RestoreSession", "restore", CONTAINER_INIT, VOLUME_TMP "-restore",
                      VOLUME_LOCAL "-restore"},
};

bool text_is(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

bool refuse(struct refusal *refusal, enum inject_reason reason, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(refusal->detail, sizeof(refusal->detail), fmt, ap);
    va_end(ap);
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
