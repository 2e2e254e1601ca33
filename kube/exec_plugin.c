#include "exec_plugin.h"

#include <ctype.h>
#include <string.h>

#include "stash/buf.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/spawn.h"
#include "stash/text.h"
#include "stash/timefmt.h"

#define ANSWER_MAX (1 * LIMIT_MIB)
#define WORDS_MAX  256
#define ALONE_MS   60000 /* for a plugin that nobody sees */
/* for one that may wait for a person: a login page, a second factor */
#define WITH_PERSON_MS 300000

static const char *const versions[] = {"client.authentication.k8s.io/v1",
                                       "client.authentication.k8s.io/v1beta1", NULL};
static const char *const modes[] = {"Never", "IfAvailable", "Always", NULL};

extern char **environ;

void exec_plugin_done(struct exec_plugin *plugin)
{
    json_decref(plugin->spec);
    json_decref(plugin->cluster);
    free(plugin->folder);
    *plugin = (struct exec_plugin){0};
}

/* ---- what the kubeconfig says ------------------------------------------------------------------------------------- */

static int check_args(const json_t *spec, struct error *err)
{
    const json_t *args = jsonx_get(spec, "args", NULL);
    if (args && (!json_is_array(args) || json_array_size(args) > WORDS_MAX))
        return error_set(err, ERR_INVALID, "\"args\" is not a list of at most %d", WORDS_MAX);
    for (size_t i = 0; i < json_array_size(args); i++)
        if (!json_is_string(json_array_get(args, i)))
            return error_set(err, ERR_INVALID, "\"args\" holds what is not a string");
    return 0;
}

static int check_env(const json_t *spec, struct error *err)
{
    const json_t *env = jsonx_get(spec, "env", NULL);
    if (env && (!json_is_array(env) || json_array_size(env) > WORDS_MAX))
        return error_set(err, ERR_INVALID, "\"env\" is not a list of at most %d", WORDS_MAX);
    for (size_t i = 0; i < json_array_size(env); i++) {
        const char *name = jsonx_str(json_array_get(env, i), "name", NULL);
        const char *value = jsonx_str(json_array_get(env, i), "value", NULL);
        if (!name || !*name || strchr(name, '=') || !value)
            return error_set(err, ERR_INVALID, "\"env\" holds what is not a name with a value");
    }
    return 0;
}

int exec_plugin_check(const json_t *spec, struct error *err)
{
    const char *version = jsonx_str(spec, "apiVersion", NULL);
    const char *mode = jsonx_str(spec, "interactiveMode", NULL);
    if (jsonx_is_empty(jsonx_get(spec, "command", NULL)) || !jsonx_str(spec, "command", NULL))
        return error_set(err, ERR_INVALID, "\"command\" does not name a program");
    if (!text_is_one_of(version, versions))
        return error_set(err, ERR_INVALID,
                         "apiVersion \"%.100s\" is not spoken any more: %s is; ask for a newer "
                         "version of \"%.100s\"",
                         text_or_empty(version), versions[0], jsonx_str(spec, "command", NULL));
    if (mode && !text_is_one_of(mode, modes))
        return error_set(err, ERR_INVALID,
                         "interactiveMode \"%.100s\" is none of Never, IfAvailable, Always", mode);
    int r = check_args(spec, err);
    return r < 0 ? r : check_env(spec, err);
}

/* ---- the answer --------------------------------------------------------------------------------------------------- */

void credential_done(struct credential *credential)
{
    free(credential->token);
    free(credential->cert);
    free(credential->key);
    *credential = (struct credential){0};
}

static char *text_of(const json_t *status, const char *key)
{
    const char *text = jsonx_str(status, key, NULL);
    return text && *text ? xstrdup(text) : NULL;
}

/* A token ends up in a header: a line break in it would begin another one. */
static bool is_header_text(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return !*text;
}

static int credential_of(const json_t *status, struct credential *credential, struct error *err)
{
    const char *expires = jsonx_str(status, "expirationTimestamp", NULL);
    credential->token = text_of(status, "token");
    credential->cert = text_of(status, "clientCertificateData");
    credential->key = text_of(status, "clientKeyData");
    if (!credential->token && !credential->cert && !credential->key)
        return error_set(err, ERR_INVALID, "it gave neither a token nor a certificate");
    if (!credential->cert != !credential->key)
        return error_set(err, ERR_INVALID, "it gave a certificate without its key, or a key alone");
    if (credential->token && !is_header_text(credential->token))
        return error_set(err, ERR_INVALID, "its token has characters that no token has");
    if (expires && !timefmt_parse(expires, &credential->expires))
        return error_set(err, ERR_INVALID, "its expirationTimestamp is not a time");
    return 0;
}

int credential_parse(const char *text, size_t len, const char *api_version, struct credential *ret,
                     struct error *err)
{
    json_auto_t *answer = NULL;
    AUTO(credential_done) struct credential credential = {0};
    int r = jsonx_parse(text, len, &answer, err);
    if (r < 0)
        return error_wrap(err, "it did not answer with JSON");
    if (!text_is(jsonx_str(answer, "kind", NULL), "ExecCredential"))
        return error_set(err, ERR_INVALID, "it did not answer with an ExecCredential");
    if (!text_is(jsonx_str(answer, "apiVersion", NULL), api_version))
        return error_set(err, ERR_INVALID, "it answered in apiVersion \"%.100s\", not in %s",
                         text_or_empty(jsonx_str(answer, "apiVersion", NULL)), api_version);
    r = credential_of(jsonx_get(answer, "status", NULL), &credential, err);
    if (r < 0)
        return r;
    *ret = credential;
    credential = (struct credential){0};
    return 0;
}

/* ---- running it --------------------------------------------------------------------------------------------------- */

/* A NULL-ended vector of heap strings. */
struct words {
    char **items;
    size_t count;
};

static void words_add_new(struct words *words, char *text)
{
    words->items = xrealloc(words->items, (words->count + 2) * sizeof(*words->items));
    words->items[words->count++] = text;
    words->items[words->count] = NULL;
}

static void words_done(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->items[i]);
    free(words->items);
}
DEFINE_AUTO_VALUE(struct words, words_done);

static void fill_argv(const struct exec_plugin *plugin, struct words *argv)
{
    const char *command = jsonx_str(plugin->spec, "command", NULL);
    const json_t *args = jsonx_get(plugin->spec, "args", NULL);
    bool beside = *command != '/' && strchr(command, '/');
    words_add_new(argv, beside ? xasprintf("%s/%s", plugin->folder, command) : xstrdup(command));
    for (size_t i = 0; i < json_array_size(args); i++)
        words_add_new(argv, xstrdup(json_string_value(json_array_get(args, i))));
}

static bool has_name(const struct words *env, const char *entry)
{
    size_t len = strcspn(entry, "=") + 1;
    for (size_t i = 0; i < env->count; i++)
        if (strncmp(env->items[i], entry, len) == 0)
            return true;
    return false;
}

static void fill_env(const struct exec_plugin *plugin, bool interactive, struct words *env)
{
    const json_t *own = jsonx_get(plugin->spec, "env", NULL);
    json_auto_t *info = json_pack(
        "{s:s, s:s, s:{s:b, s:O*}}",
        PAIR("apiVersion", jsonx_str(plugin->spec, "apiVersion", NULL)),
        PAIR("kind", "ExecCredential"),
        PAIR("spec", PAIR("interactive", (int)interactive), PAIR("cluster", plugin->cluster)));
    AUTO(mem_free) char *text = jsonx_dump(info);
    words_add_new(env, xasprintf("KUBERNETES_EXEC_INFO=%s", text));
    for (size_t i = 0; i < json_array_size(own); i++) {
        const json_t *pair = json_array_get(own, i);
        words_add_new(
            env, xasprintf("%s=%s", jsonx_str(pair, "name", NULL), jsonx_str(pair, "value", NULL)));
    }
    for (char **at = environ; *at; at++)
        if (!has_name(env, *at))
            words_add_new(env, xstrdup(*at));
}

static void take_answer(void *ctx, const char *data, size_t len)
{
    buf_add(ctx, data, len);
}

static int say_missing(const struct exec_plugin *plugin, struct error *err)
{
    AUTO(mem_free)
    char *hint = xstrdup(text_or_empty(jsonx_str(plugin->spec, "installHint", NULL)));
    for (char *c = hint; *c; c++)
        if (iscntrl((unsigned char)*c))
            *c = ' ';
    return error_set(err, ERR_INVALID, "it is not installed%s%.200s", *hint ? ": " : "", hint);
}

static int run_program(const struct exec_plugin *plugin, bool interactive, struct buf *answer,
                       struct error *err)
{
    AUTO(words_done) struct words argv = {0};
    AUTO(words_done) struct words env = {0};
    struct spawn_result result;
    fill_argv(plugin, &argv);
    fill_env(plugin, interactive, &env);
    bool is_seen = interactive || isatty(STDERR_FILENO);
    struct spawn_request request = {
        .stages = {(const char *const *)argv.items},
        .count = 1,
        .env = (const char *const *)env.items,
        .stdin_fd = interactive ? STDIN_FILENO : -1,
        .timeout_ms = is_seen ? WITH_PERSON_MS : ALONE_MS,
        .talks = true,
        .on_stdout = take_answer,
        .ctx = answer,
    };
    int r = spawn_run(&request, &result, err);
    if (r == -ERR_NOT_FOUND)
        return say_missing(plugin, err);
    if (r < 0)
        return r;
    if (result.exits[0].status != 0)
        return error_set(err, ERR_DENIED, "it ended with status %d", result.exits[0].status);
    return buf_check(answer, "its answer", err);
}

int exec_plugin_run(const struct exec_plugin *plugin, struct credential *ret, struct error *err)
{
    const char *mode = text_or_empty(jsonx_str(plugin->spec, "interactiveMode", NULL));
    bool interactive = strcmp(mode, "Never") != 0 && isatty(STDIN_FILENO);
    AUTO(buf_done) struct buf answer;
    buf_init(&answer, ANSWER_MAX);
    int r = strcmp(mode, "Always") == 0 && !interactive
                ? error_set(err, ERR_DENIED, "it needs a terminal, and there is none")
                : run_program(plugin, interactive, &answer, err);
    if (r == 0)
        r = credential_parse(answer.data, answer.len, jsonx_str(plugin->spec, "apiVersion", NULL),
                             ret, err);
    if (r < 0)
        return error_wrap(err, "credential plugin \"%.100s\"",
                          jsonx_str(plugin->spec, "command", NULL));
    return 0;
}
