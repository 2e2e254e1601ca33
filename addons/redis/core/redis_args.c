#include "redis_args.h"

#include <string.h>

#include "stash/appbinding.h"
#include "stash/jsonx.h"
#include "stash/text.h"

#define PORT "6379"

#define VAR_HOST "STASH_REDIS_HOST"
#define VAR_USER "STASH_REDIS_USER"
#define VAR_TLS  "STASH_REDIS_TLS"
#define VAR_CA   "STASH_REDIS_CA"
#define VAR_CERT "STASH_REDIS_CERT"
#define VAR_KEY  "STASH_REDIS_KEY"
#define VAR_AUTH "REDISCLI_AUTH"

static const char *const variables[] = {VAR_HOST, VAR_USER, VAR_TLS, VAR_CA,
                                        VAR_CERT, VAR_KEY,  VAR_AUTH};

/* ---- login --------------------------------------------------------------------------------------------------------- */

/* A port stands behind the last colon, unless that is part of an address in brackets. */
static bool has_port(const char *host)
{
    const char *colon = strrchr(host, ':');

    return colon && !strchr(colon, ']');
}

static int add_host(const json_t *app, struct child_env *env, struct error *err)
{
    AUTO(mem_free) char *host = NULL;
    AUTO(mem_free) char *whole = NULL;
    int r = appbinding_host(app, &host, err);

    if (r < 0)
        return r;
    whole = has_port(host) ? xstrdup(host) : xasprintf("%s:" PORT, host);
    argv_env_set(&env->env, VAR_HOST, whole);
    return 0;
}

static int add_user(const json_t *secret, struct child_env *env, struct error *err)
{
    AUTO(mem_free) char *user = NULL;
    AUTO(mem_free) char *password = NULL;
    int r = secret_value(secret, "username", &user, err);

    if (r == 0)
        r = secret_value(secret, "password", &password, err);
    if (r < 0)
        return r;
    if (user && *user)
        argv_env_set(&env->env, VAR_USER, user);
    if (password && *password)
        argv_env_set(&env->env, VAR_AUTH, password);
    return 0;
}

static bool asks_tls(const json_t *app)
{
    const char *url = jsonx_str(app, "spec", "clientConfig", "url", NULL);
    const char *scheme = jsonx_str(app, "spec", "clientConfig", "service", "scheme", NULL);

    return text_is(scheme, "rediss") || (url && strncmp(url, "rediss://", 9) == 0);
}

/* The secret's own, where it holds one: many put all of it into one Secret. */
static int add_certificate(const json_t *secret, struct child_env *env, bool *ret,
                           struct error *err)
{
    AUTO(mem_free) char *cert = NULL;
    AUTO(mem_free) char *key = NULL;
    int r = secret_value(secret, "tls.crt", &cert, err);

    if (r == 0)
        r = secret_value(secret, "tls.key", &key, err);
    if (r < 0)
        return r;
    *ret = cert && key;
    if (*ret) {
        argv_env_set(&env->env, VAR_CERT, child_env_file(env, "tls.crt", TAKE(cert)));
        argv_env_set(&env->env, VAR_KEY, child_env_file(env, "tls.key", TAKE(key)));
    }
    return 0;
}

static int add_tls(const struct redis_source *source, struct child_env *env, struct error *err)
{
    bool lax =
        jsonx_bool(source->app, false, "spec", "clientConfig", "insecureSkipTLSVerify", NULL);
    bool by_own = source->tls_secret && !json_is_null(source->tls_secret);
    AUTO(mem_free) char *ca = NULL;
    bool found;
    int r = appbinding_ca(source->app, &ca, err);

    if (r < 0 || (!ca && !by_own && !asks_tls(source->app)))
        return r;
    argv_env_set(&env->env, VAR_TLS, lax ? "insecure" : "verified");
    if (ca)
        argv_env_set(&env->env, VAR_CA, child_env_file(env, "ca.crt", TAKE(ca)));
    r = add_certificate(by_own ? source->tls_secret : source->secret, env, &found, err);
    if (r == 0 && by_own && !found)
        return error_set(err, ERR_INVALID, "secret %s lacks tls.crt or tls.key",
                         text_or_empty(jsonx_name(source->tls_secret)));
    return r;
}

int redis_env(const struct redis_source *source, struct child_env *env, struct error *err)
{
    int r;

    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        argv_env_set(&env->env, variables[i], ""); /* whatever the container itself has */
    r = add_host(source->app, env, err);
    if (r == 0)
        r = add_user(source->secret, env, err);
    return r < 0 ? r : add_tls(source, env, err);
}

static const char *read_variable(const struct argv *env, const char *name)
{
    const char *value = argv_env_get(env, name);

    return value && *value ? value : NULL;
}

void redis_login_read(const struct argv *env, struct redis_login *ret)
{
    const char *tls = read_variable(env, VAR_TLS);

    *ret = (struct redis_login){
        .host = text_or_empty(read_variable(env, VAR_HOST)),
        .user = read_variable(env, VAR_USER),
        .password = read_variable(env, VAR_AUTH),
        .tls = tls != NULL,
        .insecure = text_is(tls, "insecure"),
        .ca = read_variable(env, VAR_CA),
        .cert = read_variable(env, VAR_CERT),
        .key = read_variable(env, VAR_KEY),
    };
}

/* ---- args ---------------------------------------------------------------------------------------------------------- */

struct words {
    const struct argv *all;
    size_t at;
};

/* The value of an option: -db 1, --db=1; NULL when the word is another option. */
static const char *value_of(struct words *words, const char *name)
{
    const char *word = words->all->items[words->at];
    size_t len = strlen(name);

    while (*word == '-')
        word++;
    if (strncmp(word, name, len) != 0)
        return NULL;
    if (word[len] == '=')
        return word + len + 1;
    if (word[len] == '\0' && words->at + 1 < words->all->count)
        return words->all->items[++words->at];
    return NULL;
}

static int read_count(const char *name, const char *text, int64_t *ret, struct error *err)
{
    const char *at = text;

    if (text_number(&at, 1000000000, ret) && !*at)
        return 0;
    return error_set(err, ERR_INVALID, "parameter args: %s \"%.100s\" is not a number", name, text);
}

static int refuse_word(const struct words *words, struct error *err)
{
    return error_set(err, ERR_INVALID, "parameter args: \"%.100s\" is not known",
                     words->all->items[words->at]);
}

static int read_payload(const char *text, enum redis_payload *ret, struct error *err)
{
    if (strcmp(text, "modules") == 0)
        *ret = REDIS_PAYLOAD_MODULES;
    else if (strcmp(text, "all") == 0)
        *ret = REDIS_PAYLOAD_ALL;
    else
        return error_set(err, ERR_INVALID,
                         "parameter args: --payload \"%.100s\" is neither modules nor all", text);
    return 0;
}

/* What redis-dump-go takes and what means nothing here: how it works in parallel and how much it says. */
static bool is_idle(struct words *words)
{
    static const char *const with_value[] = {"n", "batchSize"};
    static const char *const alone[] = {"-s", "-noscan", "--set-total-keys", "-set-total-keys"};

    for (size_t i = 0; i < ARRAY_LEN(with_value); i++)
        if (value_of(words, with_value[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(alone); i++)
        if (strcmp(words->all->items[words->at], alone[i]) == 0)
            return true;
    return false;
}

static int read_dump_word(struct words *words, struct redis_options *ret, struct error *err)
{
    const char *word = words->all->items[words->at];
    const char *value;

    if (*word != '-')
        return refuse_word(words, err);
    if ((value = value_of(words, "db")))
        return read_count("-db", value, &ret->database, err);
    if ((value = value_of(words, "filter")))
        ret->filter = value;
    else if ((value = value_of(words, "payload")))
        return read_payload(value, &ret->payload, err);
    else if (strcmp(word, "-ttl=false") == 0 || strcmp(word, "--ttl=false") == 0)
        ret->drop_expiry = true;
    else if (strcmp(word, "-ttl") != 0 && strcmp(word, "-ttl=true") != 0 && !is_idle(words))
        return refuse_word(words, err);
    return 0;
}

static int read_load_word(struct words *words, struct redis_options *ret, struct error *err)
{
    const char *word = words->all->items[words->at];
    const char *value;

    if (*word == '-' && (value = value_of(words, "pipe-timeout")))
        return read_count("--pipe-timeout", value, &ret->quiet_s, err);
    return strcmp(word, "--pipe") == 0 ? 0 : refuse_word(words, err);
}

static int read_words(const struct argv *all, struct redis_options *ret,
                      int (*read)(struct words *words, struct redis_options *ret,
                                  struct error *err),
                      struct error *err)
{
    struct words words = {.all = all};
    int r = 0;

    *ret = (struct redis_options){.database = -1, .quiet_s = 30};
    for (; r == 0 && words.at < all->count; words.at++)
        r = read(&words, ret, err);
    return r;
}

int redis_options_dump(const struct argv *words, struct redis_options *ret, struct error *err)
{
    return read_words(words, ret, read_dump_word, err);
}

int redis_options_load(const struct argv *words, struct redis_options *ret, struct error *err)
{
    return read_words(words, ret, read_load_word, err);
}
