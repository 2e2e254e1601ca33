#include "recipe.h"
#include "stash/jsonx.h"

struct recipe *recipe_new(const struct part_row *row, const json_t *invoker,
                          const json_t *repository, const struct inject_config *config)
{
    struct recipe *recipe = xcalloc(1, sizeof(*recipe));

    recipe->references = 1;
    recipe->row = row;
    recipe->invoker = json_incref(jsonx_unconst(invoker));
    recipe->repository = json_incref(jsonx_unconst(repository));
    recipe_check(recipe);
    recipe_hash(recipe, recipe->hash);
    if (recipe->refusal.reason == INJECT_DONE) {
        recipe->container = recipe_container(recipe, config);
        recipe->volumes = recipe_volumes(recipe);
        recipe->token = recipe_token();
    }
    return recipe;
}
