#include "redis_args.h"

#include <criterion/criterion.h>
#include <string.h>

#include "secret_of.h"
#include "stash/jsonx.h"

/* The environment for a clientConfig and further members of the spec, as JSON. */
static int make_env(const char *config, const char *const *secret, const char *const *tls,
                    struct child_env *env, struct error *err)
{
    AUTO(mem_free)
    char *text = xasprintf("{\"metadata\":{\"name\":\"db\",\"namespace\":\"n\"},\"spec\":{"
                           "\"clientConfig\":{%s}}}",
                           config);
    json_auto_t *app = json_loads(text, 0, NULL);
    json_auto_t *own = secret ? secret_of(secret) : json_null();
    json_auto_t *certificate = tls ? secret_of(tls) : NULL;
    const struct redis_source source = {app, own, certificate};

    cr_assert_not_null(app, "%s", text);
    child_env_init(env, NULL, "/s");
    return redis_env(&source, env, err);
}

static void read_login(const char *config, const char *const *secret, const char *const *tls,
                       struct child_env *env, struct redis_login *ret)
{
    struct error err;

    cr_assert_eq(make_env(config, secret, tls, env, &err), 0, "%s", err.msg);
    redis_login_read(&env->env, ret);
}

#define SERVICE "\"service\":{\"name\":\"redis\",\"port\":6379}"
#define CA      ",\"caBundle\":\"UEVN\""

static const char *const password[] = {"password", "p \"w'", NULL};
static const char *const user[] = {"username", "stash", "password", "x", NULL};
static const char *const pair[] = {"tls.crt", "C", "tls.key", "K", NULL};

Test(redis_args, a_password_goes_into_the_environment)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login(SERVICE, password, NULL, &env, &login);
    cr_assert_str_eq(login.host, "redis.n.svc:6379");
    cr_assert_str_eq(argv_env_get(&env.env, "REDISCLI_AUTH"), "p \"w'");
    cr_assert_str_eq(login.password, "p \"w'");
    cr_assert_null(login.user);
    cr_assert(!login.tls);
}

Test(redis_args, a_user_is_one_of_the_access_control_lists)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login(SERVICE, user, NULL, &env, &login);
    cr_assert_str_eq(login.user, "stash");
}

Test(redis_args, no_secret_and_no_port_are_no_mistakes)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login("\"url\":\"redis://[::1]\"", NULL, NULL, &env, &login);
    cr_assert_str_eq(login.host, "[::1]:6379");
    cr_assert_null(login.password);
}

Test(redis_args, a_bundle_verifies_the_server)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login(SERVICE CA, password, NULL, &env, &login);
    cr_assert(login.tls && !login.insecure);
    cr_assert_str_eq(login.ca, "/s/ca.crt");
    cr_assert_null(login.cert);
}

Test(redis_args, nobody_verifies_where_the_binding_says_so)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login(SERVICE CA ",\"insecureSkipTLSVerify\":true", password, NULL, &env, &login);
    cr_assert(login.tls && login.insecure);
}

Test(redis_args, a_scheme_asks_for_tls_as_well)
{
    AUTO(child_env_done) struct child_env env = {0};
    struct redis_login login;

    read_login("\"url\":\"rediss://h:1\"", NULL, NULL, &env, &login);
    cr_assert(login.tls && !login.ca);
}

Test(redis_args, a_certificate_comes_from_either_secret)
{
    AUTO(child_env_done) struct child_env env = {0};
    AUTO(child_env_done) struct child_env other = {0};
    struct redis_login login;

    read_login(SERVICE CA, password, pair, &env, &login);
    cr_assert_str_eq(login.cert, "/s/tls.crt");
    cr_assert_str_eq(login.key, "/s/tls.key");
    read_login(SERVICE CA, pair, NULL, &other, &login);
    cr_assert_str_eq(login.cert, "/s/tls.crt");
}

Test(redis_args, half_a_certificate_is_refused)
{
    AUTO(child_env_done) struct child_env env = {0};
    const char *const half[] = {"tls.crt", "C", NULL};
    struct error err;

    cr_assert_eq(make_env(SERVICE CA, NULL, half, &env, &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, "lacks tls.crt or tls.key"), "%s", err.msg);
}

/* ---- args ---------------------------------------------------------------------------------------------------------- */

static int read_dump(const char *text, struct argv *words, struct redis_options *ret,
                     struct error *err)
{
    argv_add_words(words, text);
    return redis_options_dump(words, ret, err);
}

Test(redis_args, options_of_redis_dump_go_are_known)
{
    AUTO(argv_done) struct argv words = {0};
    struct redis_options options;
    struct error err;

    cr_assert_eq(read_dump("-db 3 -filter user:* -n 10 -batchSize=100 -noscan -s -ttl=false "
                           "--payload modules",
                           &words, &options, &err),
                 0, "%s", err.msg);
    cr_assert_eq(options.database, 3);
    cr_assert_str_eq(options.filter, "user:*");
    cr_assert(options.drop_expiry);
    cr_assert_eq(options.payload, REDIS_PAYLOAD_MODULES);
}

Test(redis_args, nothing_means_all_of_it)
{
    AUTO(argv_done) struct argv words = {0};
    struct redis_options options;
    struct error err;

    cr_assert_eq(read_dump("", &words, &options, &err), 0);
    cr_assert_eq(options.database, -1);
    cr_assert_null(options.filter);
    cr_assert_eq(options.payload, REDIS_COMMANDS);
}

Test(redis_args, what_is_not_known_is_refused)
{
    static const char *const bad[] = {"-db",  "-db x",          "-db -1",     "-host h",
                                      "shop", "--payload=all!", "-filterx=1", "--tls"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        AUTO(argv_done) struct argv words = {0};
        struct redis_options options;
        struct error err;

        cr_assert_eq(read_dump(bad[i], &words, &options, &err), -ERR_INVALID, "%s", bad[i]);
        cr_assert_not_null(strstr(err.msg, "parameter args"), "%s", err.msg);
    }
}

Test(redis_args, a_load_knows_how_long_to_wait)
{
    AUTO(argv_done) struct argv words = {0};
    struct redis_options options;
    struct error err;

    argv_add_words(&words, "--pipe-timeout 300");
    cr_assert_eq(redis_options_load(&words, &options, &err), 0);
    cr_assert_eq(options.quiet_s, 300);
    argv_add(&words, "-db");
    cr_assert_eq(redis_options_load(&words, &options, &err), -ERR_INVALID);
}
