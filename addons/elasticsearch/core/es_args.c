#include "es_args.h"

#include <string.h>
#include <strings.h>

#include "stash/appbinding.h"
#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/options.h"

static int es_credential(const json_t *secret, const char *key, const char *legacy, char **ret,
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

/*
 * Quotes and backslashes are escaped for the file. The tool puts the value into a URL as it is, and what reads the URL
 * decodes it twice, so a sign that begins an escape is escaped twice.
 */
static void add_quoted(struct buf *text, const char *value)
{
    buf_addc(text, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            buf_addc(text, '\\');
        buf_adds(text, *value == '%' ? "%2525" : (const char[]){*value, '\0'});
    }
    buf_addc(text, '"');
}

static bool is_plain(const char *value)
{
    return value[strspn(
               value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")] == '\0';
}

/* user=<u>, then password="<p>"; no final line feed. */
static char *auth_text(const char *user, const char *password)
{
    struct buf text;

    buf_init(&text, 64 * LIMIT_KIB);
    buf_adds(&text, "user=");
    if (is_plain(user))
        buf_adds(&text, user);
    else
        add_quoted(&text, user);
    buf_adds(&text, "\npassword=");
    add_quoted(&text, password);
    return buf_take(&text);
}

int es_credentials(const json_t *secret, char **ret_user, char **ret_password, struct error *err)
{
    AUTO(mem_free) char *user = NULL;
    int r = es_credential(secret, "username", "ADMIN_USERNAME", &user, err);

    if (r == 0)
        r = es_credential(secret, "password", "ADMIN_PASSWORD", ret_password, err);
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
        argv_env_set(&env->env, "NODE_EXTRA_CA_CERTS", child_env_file(env, "root.pem", TAKE(ca)));
    if (jsonx_bool(app, 0, "spec", "clientConfig", "insecureSkipTLSVerify", NULL))
        argv_env_set(&env->env, "NODE_TLS_REJECT_UNAUTHORIZED", "0");
    return 0;
}

#define ELSEWHERE "where indices and dump are, and who logs in, is Stash's to say"

static const struct option_row rows[] = {
    {"direction", '\0', OPTION_VALUE, ELSEWHERE},
    {"httpAuthFile", '\0', OPTION_VALUE, ELSEWHERE},
    {"ignoreChildError", '\0', OPTION_VALUE, "a dump that failed would look like a whole one"},
    {"input", '\0', OPTION_VALUE, ELSEWHERE},
    {"output", '\0', OPTION_VALUE, ELSEWHERE},
    {"fsCompress", '\0', OPTION_VALUE, "a dump of files that are compressed is not looked at"},
    /* what is asked for by es_args_has() */
    {"customMatcher", '\0', OPTION_VALUE, NULL},
    {"ignoreAlias", '\0', OPTION_VALUE, NULL},
    {"ignoreData", '\0', OPTION_VALUE, NULL},
    {"ignoreMapping", '\0', OPTION_VALUE, NULL},
    {"ignoreSettings", '\0', OPTION_VALUE, NULL},
    {"ignoreType", '\0', OPTION_VALUE, NULL},
    {"includeType", '\0', OPTION_VALUE, NULL},
    {"input-params", '\0', OPTION_VALUE, NULL},
    {"match", '\0', OPTION_VALUE, NULL},
    {"matchType", '\0', OPTION_VALUE, NULL},
    {"offset", '\0', OPTION_VALUE, NULL},
    {"params", '\0', OPTION_VALUE, NULL},
    {"prefix", '\0', OPTION_VALUE, NULL},
    {"scrollId", '\0', OPTION_VALUE, NULL},
    {"searchBody", '\0', OPTION_VALUE, NULL},
    {"searchWithTemplate", '\0', OPTION_VALUE, NULL},
    {"size", '\0', OPTION_VALUE, NULL},
    {"suffix", '\0', OPTION_VALUE, NULL},
    {"support-big-int", '\0', OPTION_VALUE, NULL},
    {"transform", '\0', OPTION_VALUE, NULL},
    {0}};
static const struct option_table table = {OPTIONS_MINIMIST, rows};

int es_args_check(const char *args, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, args);
    return options_check(&words, &table, err);
}

bool es_args_has(const char *args, const char *option)
{
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, args);
    return options_find(&words, &table, option, &said);
}

char *es_args_value(const char *args, const char *option)
{
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, args);
    return options_find(&words, &table, option, &said) && said.value ? xstrdup(said.value) : NULL;
}

json_t *es_args_chosen(const char *said)
{
    static const char mark[] = " | list of indexes[";
    const char *at = strstr(said, mark);
    json_auto_t *names = NULL;
    json_t *chosen, *name;
    struct error unsaid;
    size_t i;

    if (!at)
        return NULL;
    at += strlen(mark) - 1;
    if (jsonx_parse(at, strcspn(at, "\n"), &names, &unsaid) < 0)
        return NULL;
    chosen = json_object();
    json_array_foreach (names, i, name)
        if (json_is_string(name))
            json_object_set_new(chosen, json_string_value(name), json_true());
    return chosen;
}

bool es_args_choose_some(const char *args)
{
    static const char *const all[] = {"^(?![.]).+", "^(?!\\.).+", "^[^.].*", "^[^.].*$",
                                      "^.*$",       "^.+$",       ".*",      ".+"};
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    if (es_args_has(args, "matchType") || es_args_has(args, "customMatcher"))
        return true;
    argv_add_words(&words, args);
    if (!options_find(&words, &table, "match", &said) || !said.value)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(said.value, all[i]) == 0)
            return false;
    return true;
}

static bool list_has_type(const char *list, const char *type)
{
    AUTO(argv_done) struct argv types = {0};

    argv_add_list(&types, NULL, list);
    for (size_t i = 0; i < types.count; i++)
        if (strcasecmp(types.items[i], type) == 0)
            return true;
    return false;
}

bool es_args_leave_out_data(const char *args)
{
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, args);
    return options_have(&words, &table, "ignoreData") ||
           (options_find(&words, &table, "ignoreType", &said) && said.value &&
            list_has_type(said.value, "data")) ||
           (options_find(&words, &table, "includeType", &said) && said.value &&
            !list_has_type(said.value, "data"));
}

/* The user's words, with `ignore` joined to an --ignoreType that is already there. */
static void add_words(const struct es_dump *dump, struct argv *ret)
{
    AUTO(argv_done) struct argv words = {0};
    struct options options = {.words = &words, .table = &table};
    struct option_said said;
    bool joined = !dump->ignore || !*dump->ignore;

    argv_add_words(&words, dump->args);
    while (options_next(&options, &said)) {
        bool join = !joined && said.row && said.value && strcmp(said.row->name, "ignoreType") == 0;

        if (join)
            argv_addf(ret, "--ignoreType=%s,%s", said.value, dump->ignore);
        else
            options_add(&said, ret);
        joined = joined || join;
    }
    if (!joined)
        argv_addf(ret, "--ignoreType=%s", dump->ignore);
}

/* Without it numbers above 2^53 come out rounded. */
static void add_big_integers(const struct es_dump *dump, struct argv *ret)
{
    if (!es_args_has(dump->args, "support-big-int"))
        argv_add(ret, "--support-big-int=true");
}

/* By itself the tool leaves them out, and whoever asks for one finds nothing after a restore. */
static void add_aliases(const struct es_dump *dump, struct argv *ret)
{
    if (!es_args_has(dump->args, "ignoreAlias") && !es_args_has(dump->args, "includeType"))
        argv_add(ret, "--ignoreAlias=false");
}

/* Without it a search that misses shards answers with what it has, and the tool takes that for all. */
static void add_whole(const struct es_dump *dump, struct argv *ret)
{
    if (dump->whole && !es_args_has(dump->args, "params") &&
        !es_args_has(dump->args, "input-params"))
        argv_add(ret, "--input-params={\"allow_partial_search_results\":\"false\"}");
}

void es_args_dump(const struct es_dump *dump, struct argv *ret)
{
    argv_add(ret, "multielasticdump");
    argv_addf(ret, "--httpAuthFile=%s", dump->auth_file);
    argv_addf(ret, "--input=%s", dump->url);
    argv_addf(ret, "--output=%s", dump->folder);
    add_whole(dump, ret);
    add_big_integers(dump, ret);
    add_aliases(dump, ret);
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
    add_aliases(dump, ret);
    add_words(dump, ret);
}
