#include <string.h>

#include "stash/appbinding.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/tool_args.h"

static int credential(const json_t *secret, const char *key, const char *legacy, char **ret,
                      struct error *err)
{
    int r = secret_value(secret, key, ret, err);

    if (r == 0 && !*ret)
        r = secret_value(secret, legacy, ret, err);
    if (r == 0 && !*ret)
        r = error_set(err, ERR_INVALID, "secret %s has neither key %s nor %s",
                      json_is_null(secret) ? "(none)" : jsonx_name(secret), key, legacy);
    return r;
}

/* user=<u>, then password="<p>" with its quotes and backslashes escaped; no final line feed. */
static char *auth_text(const char *user, const char *password)
{
    struct buf text;

    buf_init(&text, 64 * LIMIT_KIB);
    buf_addf(&text, "user=%s\npassword=\"", user);
    for (; *password; password++) {
        if (*password == '"' || *password == '\\')
            buf_addc(&text, '\\');
        buf_addc(&text, *password);
    }
    buf_addc(&text, '"');
    return buf_take(&text);
}

int es_credentials(const json_t *secret, char **ret_user, char **ret_password, struct error *err)
{
    AUTO(mem_free) char *user = NULL;
    int r = credential(secret, "username", "ADMIN_USERNAME", &user, err);

    if (r == 0)
        r = credential(secret, "password", "ADMIN_PASSWORD", ret_password, err);
    if (r == 0)
        *ret_user = TAKE(user);
    return r;
}

int es_env(const json_t *app, const json_t *secret, struct child_env *env, const char **ret_auth,
           struct error *err)
{
    AUTO(mem_free) char *user = NULL;
    AUTO(mem_free) char *password = NULL;
    AUTO(mem_free) char *ca = NULL;
    int r = es_credentials(secret, &user, &password, err);

    if (r == 0)
        r = appbinding_ca(app, &ca, err);
    if (r < 0)
        return r;
    BUG_ON(!user || !password);
    *ret_auth = child_env_file(env, ES_AUTH_FILE, auth_text(user, password));
    if (ca)
        env_set(&env->env, "NODE_EXTRA_CA_CERTS", child_env_file(env, "root.pem", TAKE(ca)));
    if (jsonx_bool(app, 0, "spec", "clientConfig", "insecureSkipTLSVerify", NULL))
        env_set(&env->env, "NODE_TLS_REJECT_UNAUTHORIZED", "0");
    return 0;
}

/* The user's words, with `ignore` joined to an --ignoreType that is already there. */
static void add_words(const struct es_dump *dump, struct argv *ret)
{
    static const char flag[] = "--ignoreType=";
    AUTO(argv_done) struct argv words = {0};
    bool joined = !dump->ignore || !*dump->ignore;

    argv_add_words(&words, dump->args);
    for (size_t i = 0; i < words.count; i++) {
        bool join = !joined && strncmp(words.items[i], flag, strlen(flag)) == 0;

        argv_addf(ret, "%s%s%s", words.items[i], join ? "," : "", join ? dump->ignore : "");
        joined = joined || join;
    }
    if (!joined)
        argv_addf(ret, "%s%s", flag, dump->ignore);
}

/* Without it numbers above 2^53 come out rounded. */
static void add_big_integers(const struct es_dump *dump, struct argv *ret)
{
    if (!dump->args || !strstr(dump->args, "--support-big-int"))
        argv_add(ret, "--support-big-int=true");
}

void es_args_dump(const struct es_dump *dump, struct argv *ret)
{
    argv_add(ret, "multielasticdump");
    argv_addf(ret, "--httpAuthFile=%s", dump->auth_file);
    argv_addf(ret, "--input=%s", dump->url);
    argv_addf(ret, "--output=%s", dump->folder);
    add_big_integers(dump, ret);
    add_words(dump, ret);
}

void es_args_load(const struct es_dump *dump, struct argv *ret)
{
    argv_add(ret, "multielasticdump");
    argv_addf(ret, "--httpAuthFile=%s", dump->auth_file);
    argv_add(ret, "--direction=load");
    argv_addf(ret, "--input=%s", dump->folder);
    argv_addf(ret, "--output=%s", dump->url);
    add_big_integers(dump, ret);
    add_words(dump, ret);
}
