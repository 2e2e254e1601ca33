#include "pg_args.h"

#include <stdio.h>
#include <string.h>

#include "pg_options.h"
#include "stash/appbinding.h"
#include "stash/jsonx.h"

#define PORT "5432"

void pg_login_done(struct pg_login *login)
{
    free(login->user);
    free(login->host);
    free(login->port);
    free(login->database);
}

/* ---- who ----------------------------------------------------------------------------------------------------------- */

/* The first of two keys that is there. */
static int read_key(const json_t *secret, const char *key, const char *other, char **ret,
                    struct error *err)
{
    int r = secret_value(secret, key, ret, err);

    return r < 0 || *ret ? r : secret_value(secret, other, ret, err);
}

static int read_user(const json_t *secret, bool by_certificate, const char *wanted,
                     struct pg_login *ret, struct child_env *env, struct error *err)
{
    AUTO(mem_free) char *password = NULL;
    int r = read_key(secret, "username", "POSTGRES_USER", &ret->user, err);

    if (r == 0)
        r = read_key(secret, "password", "POSTGRES_PASSWORD", &password, err);
    if (r < 0)
        return r;
    if (by_certificate && *wanted) {
        free(ret->user);
        ret->user = xstrdup(wanted);
    }
    if (!ret->user || !*ret->user)
        return error_set(err, ERR_INVALID,
                         "nobody to log in as: the AppBinding's secret needs the key username%s",
                         by_certificate ? ", or the Task the parameter user" : "");
    if (!password && !by_certificate)
        return error_set(err, ERR_INVALID, "secret %s has no key password",
                         jsonx_name(secret) ? jsonx_name(secret) : "");
    if (password)
        argv_env_set(&env->env, "PGPASSWORD", password);
    return 0;
}

/* ---- where --------------------------------------------------------------------------------------------------------- */

static int read_host(const json_t *app, struct pg_login *ret, struct error *err)
{
    AUTO(mem_free) char *host = NULL;
    const char *end, *colon;
    int r = appbinding_host(app, &host, err);

    if (r < 0)
        return r;
    end = *host == '[' ? strchr(host, ']') : NULL; /* an IPv6 address */
    colon = strchr(end ? end : host, ':');
    ret->port = xstrdup(colon && colon[1] ? colon + 1 : PORT);
    if (end)
        ret->host = xstrndup(host + 1, (size_t)(end - host - 1));
    else
        ret->host = xstrndup(host, colon ? (size_t)(colon - host) : strlen(host));
    return 0;
}

/* sslmode of "a=b&sslmode=require"; NULL when there is none. Heap string. */
static char *query_sslmode(const char *query)
{
    static const char key[] = "sslmode=";

    while (query && *query) {
        size_t len = strcspn(query, "&#");

        if (strncmp(query, key, strlen(key)) == 0)
            return xstrndup(query + strlen(key), len - strlen(key));
        query += len + (query[len] == '&');
        if (*query == '#')
            break;
    }
    return NULL;
}

static int read_sslmode(const json_t *app, char **ret, struct error *err)
{
    static const char *const modes[] = {"disable", "allow",     "prefer",
                                        "require", "verify-ca", "verify-full"};
    const json_t *service = jsonx_get(app, "spec", "clientConfig", "service", NULL);
    const char *url = jsonx_str(app, "spec", "clientConfig", "url", NULL);
    const char *mark = url ? strchr(url, '?') : NULL;
    const char *query = service ? jsonx_str(service, "query", NULL) : mark ? mark + 1 : NULL;
    AUTO(mem_free) char *mode = query_sslmode(query);

    for (size_t i = 0; mode && i < ARRAY_LEN(modes); i++)
        if (strcmp(mode, modes[i]) == 0) {
            *ret = TAKE(mode);
            return 0;
        }
    if (mode && *mode)
        return error_set(
            err, ERR_INVALID,
            "AppBinding: sslmode \"%.40s\" is none of disable, allow, prefer, require, "
            "verify-ca and verify-full",
            mode);
    *ret = NULL;
    return 0;
}

/* ---- TLS ----------------------------------------------------------------------------------------------------------- */

/* A root certificate means that the server is verified; libpq alone would not, unless told so. */
static void set_verified(char *ca, char **mode, struct child_env *env)
{
    argv_env_set(&env->env, "PGSSLROOTCERT", child_env_file(env, "ca.crt", ca));
    if (!*mode)
        *mode = xstrdup("verify-ca");
}

static int read_server_tls(const json_t *app, struct child_env *env, struct error *err)
{
    bool unverified = jsonx_bool(app, false, "spec", "clientConfig", "insecureSkipTLSVerify", NULL);
    AUTO(mem_free) char *mode = NULL;
    char *ca = NULL;
    int r = read_sslmode(app, &mode, err);

    if (r == 0)
        r = appbinding_ca(app, &ca, err);
    if (r < 0)
        return r;
    if (unverified) {
        free(ca);
        if (mode && strncmp(mode, "verify", 6) == 0) {
            free(mode);
            mode = xstrdup("require");
        }
    } else if (ca) {
        set_verified(ca, &mode, env);
    }
    if (mode)
        argv_env_set(&env->env, "PGSSLMODE", mode);
    return 0;
}

static int read_client_tls(const json_t *tls_secret, struct child_env *env, struct error *err)
{
    AUTO(mem_free) char *certificate = NULL;
    AUTO(mem_free) char *key = NULL;
    int r = secret_value(tls_secret, "tls.crt", &certificate, err);

    if (r == 0)
        r = secret_value(tls_secret, "tls.key", &key, err);
    if (r < 0)
        return r;
    if (!certificate || !key)
        return error_set(err, ERR_INVALID, "secret %s (tlsSecret) has no %s",
                         jsonx_name(tls_secret) ? jsonx_name(tls_secret) : "",
                         certificate ? "tls.key" : "tls.crt");
    argv_env_set(&env->env, "PGSSLCERT", child_env_file(env, "tls.crt", TAKE(certificate)));
    argv_env_set(&env->env, "PGSSLKEY", child_env_file(env, "tls.key", TAKE(key)));
    return 0;
}

int pg_login_read(const struct pg_source *source, struct pg_login *ret, struct child_env *env,
                  struct error *err)
{
    bool by_certificate = source->tls_secret && !json_is_null(source->tls_secret);
    int r = read_host(source->app, ret, err);

    if (r == 0)
        r = read_user(source->secret, by_certificate, source->user, ret, env, err);
    if (r == 0)
        r = read_server_tls(source->app, env, err);
    return r == 0 && by_certificate ? read_client_tls(source->tls_secret, env, err) : r;
}

/* ---- options that are refused -------------------------------------------------------------------------------------- */

/* A database's name may be a URL, or "host=… dbname=…": it counts for more than the options before it. */
static bool leads_elsewhere(const char *name)
{
    static const char *const keys[] = {"host", "hostaddr", "port", "user", "service"};

    if (strncmp(name, "postgresql://", 13) == 0 || strncmp(name, "postgres://", 11) == 0)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        for (const char *at = strstr(name, keys[i]); at; at = strstr(at + 1, keys[i])) {
            const char *end = at + strlen(keys[i]);

            if ((at == name || strchr(" \t\n", at[-1])) && end[strspn(end, " \t\n")] == '=')
                return true;
        }
    return false;
}

/* Each of them, for the last one counts: an option's value, or the word that is none. */
static int check_databases(const char *tool, const struct argv *words, struct error *err)
{
    struct options options = {.words = words, .table = pg_options_of(tool)};
    struct option_said said;

    while (options_next(&options, &said)) {
        bool is_database = !said.is_option ||
                           (said.row && said.row->name && strcmp(said.row->name, "dbname") == 0);

        if (is_database && said.value && leads_elsewhere(said.value))
            return error_set(err, ERR_INVALID,
                             "parameter args: %.60s cannot be used: where the server is, and who "
                             "logs in, stands in the AppBinding",
                             said.value);
    }
    return 0;
}

static int check_args(const char *tool, const char *args, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    int r;

    argv_add_words(&words, args);
    r = options_check(&words, pg_options_of(tool), err);
    return r < 0 ? r : check_databases(tool, &words, err);
}

/* Variables that do what options do, which are refused, or that make of all a transaction that nobody ends. */
static int check_variables(const char *args, struct error *err)
{
    static const char *const refused[] = {"AUTOCOMMIT", "SINGLELINE", "SINGLESTEP"};
    AUTO(argv_done) struct argv words = {0};
    struct options options = {.words = &words, .table = pg_options_of("psql")};
    struct option_said said;

    argv_add_words(&words, args);
    while (options_next(&options, &said))
        for (size_t i = 0; said.row && said.value && i < ARRAY_LEN(refused); i++) {
            const char *name = said.row->name ? said.row->name : "";
            size_t len = strcspn(said.value, "=");

            if ((strcmp(name, "set") == 0 || strcmp(name, "variable") == 0) &&
                strlen(refused[i]) == len && strncmp(said.value, refused[i], len) == 0)
                return error_set(err, ERR_INVALID,
                                 "parameter args: the variable %s cannot be set: what psql reads "
                                 "would not be done, or not stay (--single-transaction makes one "
                                 "transaction of a restore)",
                                 refused[i]);
        }
    return 0;
}

int pg_args_check_dump(const char *command, const char *args, struct error *err)
{
    if (strcmp(command, "pg_dump") != 0 && strcmp(command, "pg_dumpall") != 0)
        return error_set(
            err, ERR_INVALID,
            "invalid pg backup command \"%.60s\": parameter backupCMD is pg_dumpall or "
            "pg_dump",
            command);
    return check_args(command, args, err);
}

int pg_args_check_load(const char *args, struct error *err)
{
    int r = check_args("psql", args, err);

    return r < 0 ? r : check_variables(args, err);
}

/* ---- vectors ------------------------------------------------------------------------------------------------------- */

static void add_login(const struct pg_login *login, struct argv *ret)
{
    argv_addf(ret, "--username=%s", login->user);
    argv_addf(ret, "--host=%s", login->host);
    argv_addf(ret, "--port=%s", login->port);
}

/* Patterns may fit nothing; a table that is named is missed when it has gone, also beside others that are there. */
static bool names_all(const struct argv *words)
{
    static const char *const names[] = {"extension", "schema", "table", "table-and-children"};
    struct options options = {.words = words, .table = pg_options_of("pg_dump")};
    struct option_said said;
    bool any = false;

    while (options_next(&options, &said))
        for (size_t i = 0; said.row && said.value && i < ARRAY_LEN(names); i++) {
            if (strcmp(said.row->name, names[i]) != 0)
                continue;
            if (strpbrk(said.value, "*?[]()|+{}^"))
                return false;
            any = true;
        }
    return any;
}

void pg_args_dump(const struct pg_login *login, const char *command, const char *args,
                  bool passwords, struct argv *ret)
{
    AUTO(argv_done) struct argv words = {0};

    argv_add(ret, command);
    add_login(login, ret);
    argv_add(ret, "--no-password"); /* nobody is there to type one */
    if (!passwords)
        argv_add(ret, "--no-role-passwords");
    argv_add_words(&words, args);
    if (strcmp(command, "pg_dump") == 0 && names_all(&words))
        argv_add(ret, "--strict-names");
    argv_add_all(ret, argv_list(&words));
}

void pg_args_load(const struct pg_login *login, const char *args, struct argv *ret)
{
    argv_add(ret, "psql");
    add_login(login, ret);
    argv_add_words(ret, "--no-password --no-psqlrc --quiet");
    if (login->database)
        argv_addf(ret, "--dbname=%s", login->database);
    argv_add_words(ret, args);
    argv_add(ret, "--set=ON_ERROR_STOP=1"); /* the last word */
}

static void add_ask(const struct pg_login *login, const char *database, struct argv *ret)
{
    argv_add(ret, "psql");
    add_login(login, ret);
    argv_add_words(ret, "--no-password --no-psqlrc --quiet --no-align --tuples-only "
                        "--set=ON_ERROR_STOP=1");
    argv_addf(ret, "--dbname=%s", database);
}

void pg_args_ask(const struct pg_login *login, const char *database, const char *sql,
                 struct argv *ret)
{
    add_ask(login, database, ret);
    argv_addf(ret, "--command=%s", sql);
}

void pg_args_ask_file(const struct pg_login *login, const char *database, const char *file,
                      struct argv *ret)
{
    add_ask(login, database, ret);
    argv_addf(ret, "--file=%s", file);
}

char *pg_args_database(const char *tool, const char *args)
{
    AUTO(argv_done) struct argv words = {0};
    struct options options = {.words = &words, .table = pg_options_of(tool)};
    struct option_said said;
    const char *other = NULL;

    argv_add_words(&words, args);
    if (options_find(&words, options.table, "dbname", &said) && said.value)
        return xstrdup(said.value);
    while (!other && options_next(&options, &said))
        if (!said.is_option)
            other = said.value;
    return other ? xstrdup(other) : NULL;
}

bool pg_args_leave_out_unlogged(const char *tool, const char *args)
{
    static const char *const names[] = {"no-unlogged-table-data", "schema-only", "globals-only",
                                        "roles-only", "tablespaces-only"};
    AUTO(argv_done) struct argv words = {0};
    struct option_said said;

    argv_add_words(&words, args);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (options_find(&words, pg_options_of(tool), names[i], &said))
            return true;
    return false;
}

/* ---- versions ------------------------------------------------------------------------------------------------------ */

int pg_client_major(const char *text)
{
    const char *number = strpbrk(text, "0123456789");
    int major = 0, minor = 0;

    if (!number || sscanf(number, "%d.%d", &major, &minor) < 1)
        return 0;
    return major < 10 ? major * 100 + minor : major * 100;
}

int pg_server_major(long version)
{
    return version < 100000 ? (int)(version / 100) : (int)(version / 10000 * 100);
}

/* ---- counting ------------------------------------------------------------------------------------------------------ */

static void add_literal(const char *text, struct buf *ret)
{
    buf_addc(ret, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_addc(ret, '\'');
        buf_addc(ret, *text);
    }
    buf_addc(ret, '\'');
}

int pg_count_script(const json_t *tables, struct buf *ret, struct error *err)
{
    const char *name;
    json_t *rows;

    /*
     * A policy that hides rows is an error, not a smaller number. Limits that a role or database has for its application end
     * no count, as they end no dump.
     */
    buf_adds(ret, "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n"
                  "SET row_security = off;\n"
                  "SELECT pg_catalog.count(pg_catalog.set_config(name, '0', false)) AS none FROM "
                  "pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) ANY "
                  "('{statement_timeout,transaction_timeout,lock_timeout}') \\gset\n");
    jsonx_foreach_member (tables, name, rows) {
        (void)rows;
        buf_addf(ret,
                 "SELECT CASE relkind WHEN 'p' THEN (SELECT pg_catalog.count(*) FROM %s) ELSE "
                 "(SELECT pg_catalog.count(*) FROM ONLY %s) END, "
                 "pg_catalog.pg_stat_get_tuples_deleted(oid) FROM pg_catalog.pg_class WHERE oid "
                 "OPERATOR(pg_catalog.=) CAST(",
                 name, name);
        add_literal(name, ret);
        buf_adds(ret, " AS pg_catalog.regclass);\n");
    }
    buf_adds(ret, "SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata;\n");
    return buf_check(ret, "the script that counts rows", err);
}
