#include "stash/child_env.h"

#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"

void child_env_done(struct child_env *env)
{
    argv_done(&env->env);
    for (size_t i = 0; i < env->file_count; i++) {
        free(env->files[i].path);
        free(env->files[i].data);
    }
    *env = (struct child_env){0};
}

void child_env_init(struct child_env *env, const char *const *inherited, const char *scratch)
{
    *env = (struct child_env){.scratch = scratch};
    argv_add_all(&env->env, inherited);
    argv_env_set(&env->env, "HOME", scratch);
    argv_env_set(&env->env, "TMPDIR", scratch);
}

int secret_value(const json_t *secret, const char *key, char **ret, struct error *err)
{
    const char *encoded = jsonx_str(secret, "data", key, NULL);
    size_t len;

    if (!encoded) {
        *ret = NULL;
        return 0;
    }
    if (digest_base64_decode(encoded, ret, &len, err) < 0)
        return error_set(err, ERR_INVALID, "secret %s: key %s is not base64", jsonx_name(secret),
                         key);
    return 0;
}

const char *child_env_file(struct child_env *env, const char *name, char *data)
{
    struct secret_file *file = &env->files[env->file_count++];

    BUG_ON(env->file_count > CHILD_ENV_FILES);
    *file = (struct secret_file){xasprintf("%s/%s", env->scratch, name), data, strlen(data)};
    return file->path;
}

static int take_key(const struct provider_key *key, const json_t *secret, struct child_env *env,
                    struct error *err)
{
    AUTO(mem_free) char *value = NULL;
    int r = secret_value(secret, key->name, &value, err);

    if (r < 0)
        return r;
    if (key->is_required && (!value || !*value))
        return error_set(err, ERR_INVALID, "secret %s has no key %s", jsonx_name(secret),
                         key->name);
    if (!value)
        return 0;
    if (key->file)
        argv_env_set(&env->env, key->variable, child_env_file(env, key->file, TAKE(value)));
    else
        argv_env_set(&env->env, key->variable ? key->variable : key->name, value);
    return 0;
}

static int take_keys(const struct provider_key *keys, const json_t *secret, struct child_env *env,
                     struct error *err)
{
    int r = 0;

    for (; r == 0 && keys->name; keys++)
        r = take_key(keys, secret, env, err);
    return r;
}

static int take_ca(const json_t *secret, struct child_env *env, const char **ret_cacert,
                   struct error *err)
{
    AUTO(mem_free) char *ca = NULL;
    int r = secret_value(secret, "CA_CERT_DATA", &ca, err);

    *ret_cacert = r == 0 && ca && *ca ? child_env_file(env, "ca.crt", TAKE(ca)) : NULL;
    return r;
}

int child_env_restic(const struct backend *backend, const json_t *secret, struct child_env *env,
                     const char **ret_cacert, struct error *err)
{
    const struct provider *provider = backend->provider;
    AUTO(mem_free) char *url = backend_url(backend);
    int r = take_keys(provider_common_keys, secret, env, err);

    if (r == 0)
        r = take_keys(provider->keys, secret, env, err);
    if (r == 0)
        r = take_ca(secret, env, ret_cacert, err);
    if (r < 0)
        return r;
    if (provider->region && backend->region && *backend->region)
        argv_env_set(&env->env, provider->region, backend->region);
    argv_env_set(&env->env, "RESTIC_REPOSITORY", url);
    argv_env_set(&env->env, "RESTIC_PROGRESS_FPS", "0.016666");
    return 0;
}
