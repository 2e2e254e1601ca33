#include "nats_args.h"

#include <string.h>

#include "stash/appbinding.h"
#include "stash/jsonx.h"
#include "stash/options.h"

/* Secret keys in the order in which Stash applies them. */
static const struct login {
    const char *key;
    const char *needs; /* another key without which this one means nothing */
    const char *variable;
    const char *file; /* NULL: the value itself goes into the variable */
} logins[] = {
    {"token", NULL, "NATS_USER", NULL},
    {"username", "password", "NATS_USER", NULL},
    {"password", "username", "NATS_PASSWORD", NULL},
    {"nkey", NULL, "NATS_NKEY", "user.nk"},
    {"tls.crt", "tls.key", "NATS_CERT", "tls.crt"},
    {"tls.key", "tls.crt", "NATS_KEY", "tls.key"},
    {"creds", NULL, "NATS_CREDS", "user.creds"},
};

static int add_login(const struct login *login, const json_t *secret, struct child_env *env,
                     struct error *err)
{
    AUTO(mem_free) char *value = NULL;
    int r = secret_value(secret, login->key, &value, err);

    if (r < 0 || !value || (login->needs && !jsonx_str(secret, "data", login->needs, NULL)))
        return r;
    if (login->file)
        argv_env_set(&env->env, login->variable, child_env_file(env, login->file, TAKE(value)));
    else
        argv_env_set(&env->env, login->variable, value);
    return 0;
}

/*
 * How long the client waits for each answer, and for the next part of a stream: with its own 5 s a busy server's backup
 * breaks off. A user's variable or option goes before it.
 */
#define PATIENCE "30s"

int nats_env(const json_t *app, const json_t *secret, struct child_env *env, struct error *err)
{
    AUTO(mem_free) char *host = NULL;
    AUTO(mem_free) char *ca = NULL;
    int r = appbinding_host(app, &host, err);

    if (r == 0)
        r = appbinding_ca(app, &ca, err);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(logins); i++)
        r = add_login(&logins[i], secret, env, err);
    if (r < 0)
        return r;
    if (ca)
        argv_env_set(&env->env, "NATS_CA", child_env_file(env, "ca.crt", TAKE(ca)));
    argv_env_set(&env->env, "NATS_URL", host);
    if (!argv_env_get(&env->env, "NATS_TIMEOUT"))
        argv_env_set(&env->env, "NATS_TIMEOUT", PATIENCE);
    return 0;
}

/* The name becomes a folder and an argument. */
static int check_name(const char *name, struct error *err)
{
    if (!name || !*name || *name == '-' || *name == '.' || strpbrk(name, "/\\ \t\n") ||
        strlen(name) > 255)
        return error_set(err, ERR_INVALID, "\"%s\" cannot be the name of a stream",
                         name ? name : "");
    return 0;
}

static int check_names(const json_t *names, struct error *err)
{
    size_t i;
    json_t *name;
    int r = 0;

    json_array_foreach (names, i, name)
        if (r == 0)
            r = check_name(json_string_value(name), err);
    return r;
}

int nats_streams_parse(const char *text, size_t len, json_t **ret_names, struct error *err)
{
    json_auto_t *names = NULL;
    bool is_null = len - strspn(text, " \t\r\n") >= 4 &&
                   strncmp(text + strspn(text, " \t\r\n"), "null", 4) == 0;
    int r = is_null ? 0 : jsonx_parse(text, len, &names, err);

    if (r == 0 && is_null)
        names = json_array();
    if (r == 0 && !json_is_array(names))
        r = error_set(err, ERR_INVALID, "it is not a list of names");
    if (r == 0)
        r = check_names(names, err);
    if (r < 0)
        return error_wrap(err, "list of streams");
    *ret_names = TAKE(names);
    return 0;
}

int nats_streams_split(const char *list, json_t **ret_names, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    json_auto_t *names = json_array();
    int r;

    argv_add_list(&words, NULL, list);
    for (size_t i = 0; i < words.count; i++)
        json_array_append_new(names, json_string(words.items[i]));
    r = check_names(names, err);
    if (r < 0)
        return error_wrap(err, "parameter streams");
    *ret_names = TAKE(names);
    return 0;
}

int nats_streams_lines(const char *text, json_t **ret_names, struct error *err)
{
    AUTO(mem_free) char *copy = xstrdup(text);
    json_auto_t *names = json_array();
    char *rest = copy;
    int r;

    for (char *name; (name = strsep(&rest, "\n"));)
        if (*name)
            json_array_append_new(names, json_string(name));
    r = check_names(names, err);
    if (r < 0)
        return error_wrap(err, "list of streams");
    *ret_names = TAKE(names);
    return 0;
}

void nats_args_check(const char *warning_threshold, struct argv *ret)
{
    argv_add_words(ret, "nats server check connection");
    argv_add_pair(ret, "--connect-warn", warning_threshold);
}

/*
 * -a: streams of key-value and object stores too. Names, and no JSON: that asks for the streams themselves, and the client
 * leaves out, without a word, those that no server of the cluster answers for.
 */
void nats_args_list(struct argv *ret)
{
    argv_add_words(ret, "nats stream ls --names -a");
}

#define NO_TOOL   "the client would say something else, and do nothing"
#define ELSEWHERE "where the streams are, and who logs in, stands in the AppBinding"

static const struct option_row rows[] = {{"chunk-size", '\0', OPTION_VALUE, NULL},
                                         {"cluster", '\0', OPTION_VALUE, NULL},
                                         {"colors", '\0', OPTION_VALUE, NULL},
                                         {"config", '\0', OPTION_VALUE, NULL},
                                         {"connection-name", '\0', OPTION_VALUE, NULL},
                                         {"consumers", '\0', OPTION_ALONE, NULL},
                                         {"context", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"creds", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"domain", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"help", 'h', OPTION_ALONE, NO_TOOL},
                                         {"inbox-prefix", '\0', OPTION_VALUE, NULL},
                                         {"js-api-prefix", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"js-domain", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"js-event-prefix", '\0', OPTION_VALUE, NULL},
                                         {"jwt", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"nkey", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"password", '\0', OPTION_VALUE, NULL},
                                         {"progress", '\0', OPTION_ALONE, NULL},
                                         {"replicas", '\0', OPTION_VALUE, NULL},
                                         {"seed", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"server", 's', OPTION_VALUE, ELSEWHERE},
                                         {"socks-proxy", '\0', OPTION_VALUE, NULL},
                                         {"tag", '\0', OPTION_VALUE, NULL},
                                         {"timeout", '\0', OPTION_VALUE, NULL},
                                         {"tlsca", '\0', OPTION_VALUE, NULL},
                                         {"tlscert", '\0', OPTION_VALUE, NULL},
                                         {"tlskey", '\0', OPTION_VALUE, NULL},
                                         {"token", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"user", '\0', OPTION_VALUE, ELSEWHERE},
                                         {"version", '\0', OPTION_ALONE, NO_TOOL},
                                         {"window-size", '\0', OPTION_VALUE, NULL},
                                         {0}};
static const struct option_table table = {OPTIONS_FISK, rows};

int nats_args_check_words(const char *args, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, args);
    for (size_t i = 0; i < words.count; i++)
        if (words.items[i][0] == '@')
            return error_set(err, ERR_INVALID,
                             "parameter args: %.60s cannot be used: the client would take further "
                             "words from a file",
                             words.items[i]);
    return options_check(&words, &table, err);
}

/* A progress bar is for terminals; the client refuses the option twice. */
static void add_options(const char *args, struct argv *ret)
{
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, args);
    if (!options_find(&words, &table, "progress", &said))
        argv_add(ret, "--no-progress");
    argv_add_all(ret, argv_list(&words));
}

void nats_args_backup(const char *args, const char *stream, const char *folder, struct argv *ret)
{
    argv_add_words(ret, "nats stream backup");
    add_options(args, ret);
    argv_add(ret, stream);
    argv_add(ret, folder);
}

void nats_args_restore(const char *args, const char *folder, struct argv *ret)
{
    argv_add_words(ret, "nats stream restore");
    add_options(args, ret);
    argv_add(ret, folder);
}

void nats_args_info(const char *stream, struct argv *ret)
{
    argv_add_words(ret, "nats stream info --json");
    argv_add(ret, stream);
}

void nats_args_archive(const char *folder, struct argv *ret)
{
    argv_add_words(ret, "nats backup info --json --no-progress");
    argv_add(ret, folder);
}

void nats_args_remove(const char *stream, struct argv *ret)
{
    argv_add_words(ret, "nats stream rm -f");
    argv_add(ret, stream);
}
