/*
 * Whether what an invoker and its Repository say can be built at all: what the API server would refuse in any pod.
 */
#include "recipe.h"
#include "stash/inject_check.h"
#include "stash/jsonx.h"
#include "stash/names.h"

/* ---- the repository ---- */

static bool check_local(struct recipe *recipe, const char *name)
{
    if (!recipe->backend.local)
        return true;
    if (text_is(jsonx_annotation(recipe->invoker, ANNOTATION_ALLOW_LOCAL), "true"))
        return true;
    return recipe_refuse(&recipe->refusal, INJECT_LOCAL_BACKEND, "repository %.80s", name);
}

static bool check_repository(struct recipe *recipe)
{
    const char *name = jsonx_str(recipe->invoker, "spec", "repository", "name", NULL);
    struct error err;

    if (!name || !*name)
        return recipe_refuse(&recipe->refusal, INJECT_NO_REPOSITORY,
                             "spec.repository.name is empty");
    if (!recipe->repository)
        return recipe_refuse(&recipe->refusal, INJECT_NO_REPOSITORY, "%.63s/%.80s",
                             snapshot_repository_namespace(recipe->invoker), name);
    if (backend_decode(recipe->repository, &recipe->backend, &err) < 0)
        return recipe_refuse(&recipe->refusal, INJECT_INVALID, "repository %.60s: %.80s", name,
                             err.msg);
    return check_local(recipe, name);
}

/* ---- what the invoker says ---- */

/* The first mistake stands for all: the others are told to whoever writes the invoker. */
static bool refuse_first(struct recipe *recipe, const struct causes *causes)
{
    if (causes->count == 0)
        return true;
    return recipe_refuse(&recipe->refusal, INJECT_INVALID, "%s: %s", causes->items[0].path,
                         causes->items[0].detail);
}

static bool check_asked(struct recipe *recipe)
{
    const json_t *settings = recipe_settings(recipe);
    AUTO(causes_done) struct causes causes = {0};

    inject_check_mounts(recipe_mounts(recipe), jsonx_get(settings, "securityContext", NULL),
                        &causes);
    inject_check_settings(settings, &causes);
    inject_check_temp_dir(jsonx_get(recipe->invoker, "spec", "tempDir", NULL), &causes);
    if (recipe_mounts_local(recipe))
        inject_check_volume(recipe->backend.local, "backend.local", &causes);
    return refuse_first(recipe, &causes);
}

/* The backend's volume stands beside those of the user's mounts. */
static bool check_local_path(struct recipe *recipe)
{
    const json_t *mounts = recipe_mounts(recipe);
    const char *own = recipe->backend.container;

    if (!recipe_mounts_local(recipe))
        return true;
    if (inject_check_is_own_path(own, false))
        return recipe_refuse(&recipe->refusal, INJECT_INVALID,
                             "backend.local.mountPath: %.80s is used by the backup itself", own);
    for (size_t i = 0; i < json_array_size(mounts); i++) {
        const char *path = jsonx_str(json_array_get(mounts, i), "mountPath", NULL);
        if (path && inject_check_same_path(path, own))
            return recipe_refuse(&recipe->refusal, INJECT_INVALID,
                                 "volumeMounts[%zu].mountPath: the backend is mounted at %.80s", i,
                                 path);
    }
    return true;
}

void recipe_check(struct recipe *recipe)
{
    (void)(check_repository(recipe) && check_asked(recipe) && check_local_path(recipe));
}
