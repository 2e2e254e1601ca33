#include "stash/child_env.h"

#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"

/* A key of the storage Secret that a provider reads; the environment variable has the same name. */
static const struct key {
    const char *provider; /* NULL: every one */
    const char *name;
    bool required;
    const char *variable; /* NULL: the key's own name */
    const char *file;     /* the value goes into this file, the variable holds its path */
} keys[] = {
    {NULL, "RESTIC_PASSWORD", true, NULL, NULL},
    {"s3", "AWS_ACCESS_KEY_ID", false, NULL, NULL},
    {"s3", "AWS_SECRET_ACCESS_KEY", false, NULL, NULL},
    {"s3", "AWS_SESSION_TOKEN", false, NULL, NULL},
    {"gcs", "GOOGLE_PROJECT_ID", false, NULL, NULL},
    {"gcs", "GOOGLE_SERVICE_ACCOUNT_JSON_KEY", false, "GOOGLE_APPLICATION_CREDENTIALS", "gcs.json"},
    {"azure", "AZURE_ACCOUNT_NAME", false, NULL, NULL},
    {"azure", "AZURE_ACCOUNT_KEY", false, NULL, NULL},
    {"b2", "B2_ACCOUNT_ID", true, NULL, NULL},
    {"b2", "B2_ACCOUNT_KEY", true, NULL, NULL},
    {"rest", "REST_SERVER_USERNAME", false, "RESTIC_REST_USERNAME", NULL},
    {"rest", "REST_SERVER_PASSWORD", false, "RESTIC_REST_PASSWORD", NULL},
    {"swift", "ST_AUTH", false, NULL, NULL},
    {"swift", "ST_USER", false, NULL, NULL},
    {"swift", "ST_KEY", false, NULL, NULL},
    {"swift", "OS_AUTH_URL", false, NULL, NULL},
    {"swift", "OS_REGION_NAME", false, NULL, NULL},
    {"swift", "OS_USERNAME", false, NULL, NULL},
    {"swift", "OS_PASSWORD", false, NULL, NULL},
    {"swift", "OS_TENANT_ID", false, NULL, NULL},
    {"swift", "OS_TENANT_NAME", false, NULL, NULL},
    {"swift", "OS_USER_DOMAIN_NAME", false, NULL, NULL},
    {"swift", "OS_PROJECT_NAME", false, NULL, NULL},
    {"swift", "OS_PROJECT_DOMAIN_NAME", false, NULL, NULL},
    {"swift", "OS_APPLICATION_CREDENTIAL_ID", false, NULL, NULL},
    {"swift", "OS_APPLICATION_CREDENTIAL_SECRET", false, NULL, NULL},
    {"swift", "OS_APPLICATION_CREDENTIAL_NAME", false, NULL, NULL},
    {"swift", "OS_STORAGE_URL", false, NULL, NULL},
    {"swift", "OS_AUTH_TOKEN", false, NULL, NULL},
};

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

static int take_key(const struct key *key, const json_t *secret, struct child_env *env,
                    struct error *err)
{
    AUTO(mem_free) char *value = NULL;
    int r = secret_value(secret, key->name, &value, err);

    if (r < 0)
        return r;
    if (key->required && (!value || !*value))
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

static int take_keys(const struct backend *backend, const json_t *secret, struct child_env *env,
                     const char **ret_cacert, struct error *err)
{
    AUTO(mem_free) char *ca = NULL;
    int r = secret_value(secret, "CA_CERT_DATA", &ca, err);

    for (size_t i = 0; r == 0 && i < ARRAY_LEN(keys); i++)
        if (!keys[i].provider || strcmp(keys[i].provider, backend->provider) == 0)
            r = take_key(&keys[i], secret, env, err);
    if (r == 0 && ca && *ca)
        *ret_cacert = child_env_file(env, "ca.crt", TAKE(ca));
    return r;
}

int child_env_restic(const struct backend *backend, const json_t *secret, struct child_env *env,
                     const char **ret_cacert, struct error *err)
{
    AUTO(mem_free) char *url = backend_url(backend);
    const char *cacert = NULL;
    int r = take_keys(backend, secret, env, &cacert, err);

    if (r < 0)
        return r;
    if (strcmp(backend->provider, "s3") == 0 && backend->region && *backend->region)
        argv_env_set(&env->env, "AWS_DEFAULT_REGION", backend->region);
    argv_env_set(&env->env, "RESTIC_REPOSITORY", url);
    argv_env_set(&env->env, "RESTIC_PROGRESS_FPS", "0.016666");
    *ret_cacert = cacert;
    return 0;
}
