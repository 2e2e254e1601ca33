#include "stash/child_env.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/digest.h"
#include "stash/jsonx.h"

static const char *const inherited[] = {"PATH=/bin", "AWS_ROLE_ARN=arn", NULL};

/* A Secret of plain values, as the API server gives it. */
static json_t *secret_of(const char *keys[][2], size_t count)
{
    json_t *data = json_object();

    for (size_t i = 0; i < count; i++) {
        AUTO(mem_free) char *encoded = digest_base64(keys[i][1], strlen(keys[i][1]));
        json_object_set_new(data, keys[i][0], json_string(encoded));
    }
    return json_pack("{s:{s:s}, s:o}", "metadata", "name", "repo-secret", "data", data);
}

static struct backend backend_of(const char *provider)
{
    return (struct backend){.provider = provider_find(provider),
                            .container = "bucket",
                            .prefix = "p",
                            .endpoint = "http://s3:7070",
                            .region = "eu"};
}

static int restic_env(const struct backend *backend, const json_t *secret, struct child_env *env,
                      const char **ret_cacert, struct error *err)
{
    child_env_init(env, inherited, "/tmp/x");
    return child_env_restic(backend, secret, env, ret_cacert, err);
}

Test(child_env, s3_goes_into_the_environment_and_keeps_what_was_there)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *keys[][2] = {
        {"RESTIC_PASSWORD", "p w"}, {"AWS_ACCESS_KEY_ID", "id"}, {"B2_ACCOUNT_ID", "not for s3"}};
    json_auto_t *secret = secret_of(keys, 3);
    struct backend backend = backend_of("s3");
    const char *cacert = "x";
    struct error err;

    cr_assert_eq(restic_env(&backend, secret, &env, &cacert, &err), 0);
    cr_assert_str_eq(argv_env_get(&env.env, "RESTIC_PASSWORD"), "p w");
    cr_assert_str_eq(argv_env_get(&env.env, "RESTIC_REPOSITORY"), "s3:http://s3:7070/bucket/p");
    cr_assert_str_eq(argv_env_get(&env.env, "AWS_ACCESS_KEY_ID"), "id");
    cr_assert_str_eq(argv_env_get(&env.env, "AWS_ROLE_ARN"), "arn");
    cr_assert_str_eq(argv_env_get(&env.env, "AWS_DEFAULT_REGION"), "eu");
    cr_assert_str_eq(argv_env_get(&env.env, "HOME"), "/tmp/x");
    cr_assert_null(argv_env_get(&env.env, "B2_ACCOUNT_ID"));
    cr_assert_null(cacert);
    cr_assert_eq(env.file_count, 0);
}

Test(child_env, certificates_and_key_files_are_files)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *keys[][2] = {{"RESTIC_PASSWORD", "x"},
                             {"CA_CERT_DATA", "PEM"},
                             {"GOOGLE_SERVICE_ACCOUNT_JSON_KEY", "{}"}};
    json_auto_t *secret = secret_of(keys, 3);
    struct backend backend = backend_of("gcs");
    const char *cacert = NULL;
    struct error err;

    cr_assert_eq(restic_env(&backend, secret, &env, &cacert, &err), 0);
    cr_assert_str_eq(cacert, "/tmp/x/ca.crt");
    cr_assert_str_eq(argv_env_get(&env.env, "GOOGLE_APPLICATION_CREDENTIALS"), "/tmp/x/gcs.json");
    cr_assert_eq(env.file_count, 2);
    cr_assert_null(argv_env_get(&env.env, "GOOGLE_SERVICE_ACCOUNT_JSON_KEY"));
}

/* Backblaze's address is built into restic, so no server of ours can stand in for it: this is all that it is told. */
Test(child_env, b2_is_told_this_and_nothing_else)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *keys[][2] = {{"RESTIC_PASSWORD", "p w"},
                             {"B2_ACCOUNT_ID", "id"},
                             {"B2_ACCOUNT_KEY", "k/e+y="},
                             {"AWS_ACCESS_KEY_ID", "not for b2"}};
    const char *const whole[] = {"PATH=/bin",
                                 "AWS_ROLE_ARN=arn",
                                 "HOME=/tmp/x",
                                 "TMPDIR=/tmp/x",
                                 "RESTIC_PASSWORD=p w",
                                 "B2_ACCOUNT_ID=id",
                                 "B2_ACCOUNT_KEY=k/e+y=",
                                 "RESTIC_REPOSITORY=b2:bucket:/p",
                                 "RESTIC_PROGRESS_FPS=0.016666"};
    json_auto_t *secret = secret_of(keys, ARRAY_LEN(keys));
    struct backend backend = backend_of("b2");
    const char *cacert = "x";
    struct error err;

    cr_assert_eq(restic_env(&backend, secret, &env, &cacert, &err), 0);
    cr_assert_null(cacert);
    cr_assert_eq(env.env.count, ARRAY_LEN(whole));
    for (size_t i = 0; i < ARRAY_LEN(whole); i++)
        cr_assert_str_eq(env.env.items[i], whole[i]);
}

Test(child_env, every_key_that_restic_knows_is_passed_on)
{
    for (const struct provider *row = providers; row->name; row++) {
        AUTO(child_env_done) struct child_env env = {0};
        json_auto_t *data = json_pack("{s:s}", "RESTIC_PASSWORD", "cA==");
        for (const struct provider_key *key = row->keys; key->name; key++)
            json_object_set_new(data, key->name, json_string("dg=="));
        json_auto_t *secret = json_pack("{s:{s:s}, s:O}", "metadata", "name", "s", "data", data);
        struct backend backend = backend_of(row->name);
        const char *cacert;
        struct error err;

        cr_assert_eq(restic_env(&backend, secret, &env, &cacert, &err), 0, "%s", row->name);
        for (const struct provider_key *key = row->keys; key->name; key++) {
            const char *value = argv_env_get(&env.env, key->variable ? key->variable : key->name);
            cr_assert_str_eq(value, key->file ? "/tmp/x/gcs.json" : "v", "%s", key->name);
        }
    }
}

static int try_keys(const char *provider, const char *keys[][2], size_t count, struct error *err)
{
    AUTO(child_env_done) struct child_env env = {0};
    json_auto_t *secret = secret_of(keys, count);
    struct backend backend = backend_of(provider);
    const char *cacert;

    return restic_env(&backend, secret, &env, &cacert, err);
}

Test(child_env, a_missing_key_is_named)
{
    const char *none[][2] = {{"OTHER", "x"}};
    const char *half[][2] = {{"RESTIC_PASSWORD", "x"}, {"B2_ACCOUNT_ID", "x"}};
    struct error err;

    cr_assert_eq(try_keys("s3", none, 1, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "secret repo-secret has no key RESTIC_PASSWORD");
    cr_assert_eq(try_keys("b2", half, 2, &err), -ERR_INVALID);
    cr_assert_str_eq(err.msg, "secret repo-secret has no key B2_ACCOUNT_KEY");
}

Test(child_env, a_value_that_is_not_base64_is_named_and_not_shown)
{
    json_auto_t *secret = json_pack("{s:{s:s}, s:{s:s}}", "metadata", "name", "s", "data",
                                    "RESTIC_PASSWORD", "!secret!");
    AUTO(mem_free) char *value = NULL;
    struct error err;

    cr_assert_eq(secret_value(secret, "RESTIC_PASSWORD", &value, &err), -ERR_INVALID);
    cr_assert_null(strstr(err.msg, "!secret!"));
}
