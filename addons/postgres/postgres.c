/* postgres.c - PostgreSQL: pg_dumpall or pg_dump on the way there, psql on the way back. */
#include "postgres.h"

#include <stdlib.h>
#include <string.h>

#include "pg_filter.h"
#include "stash/file.h"
#include "stash/jsonx.h"

#define ANSWER_MAX (4 * LIMIT_MIB)
#define TRY_S      10    /* to connect, while the server may not be there */
#define CONNECT_S  60    /* afterwards: it may be busy */
#define WORKS_MS   15000 /* for the question whether it works */

const struct pg_login *postgres_login(const struct addon_run *run)
{
    return run->state;
}

char *postgres_named_database(const struct addon_run *run)
{
    const char *tool = run->step == ADDON_RESTORE ? "psql" : addon_text(run, "backup-cmd");

    return pg_args_database(tool, addon_text(run, "pg-args"));
}

/*
 * For postgres_works(), which has nothing but the environment in a process of its own. The name is how our connections are
 * told from others: the run's folder has a name that no other run has.
 */
static void leave_login(struct addon_run *run, const struct pg_login *login)
{
    const char *home = argv_env_get(&run->env.env, "HOME");
    const char *slash = home ? strrchr(home, '/') : NULL;
    AUTO(mem_free) char *name = xasprintf("stash-%s", slash ? slash + 1 : "");

    argv_env_set(&run->env.env, "PGUSER", login->user);
    argv_env_set(&run->env.env, "PGHOST", login->host);
    argv_env_set(&run->env.env, "PGPORT", login->port);
    argv_env_set(&run->env.env, "PGAPPNAME", name);
}

static int postgres_start(struct addon_run *run, struct error *err)
{
    struct pg_login *login = xcalloc(1, sizeof(*login));
    const char *args = addon_text(run, "pg-args");
    const struct pg_source source = {run->app, run->secret, run->tls_secret,
                                     addon_text(run, "user")};
    int r = run->step == ADDON_RESTORE
                ? pg_args_check_load(args, err)
                : pg_args_check_dump(addon_text(run, "backup-cmd"), args, err);

    run->state = login;
    if (r == 0)
        r = pg_login_read(&source, login, &run->env, err);
    if (r == 0)
        leave_login(run, login);
    return r;
}

static void postgres_done(struct addon_run *run)
{
    postgres_passing_free(run);
    if (run->state)
        pg_login_done(run->state);
    free(run->state);
    run->state = NULL;
}

int postgres_write(const struct addon_run *run, const char *name, const char *text, char **ret_path,
                   struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s", argv_env_get(&run->env.env, "HOME"), name);
    int r = file_write(path, text, strlen(text), 0600, err);

    if (r == 0)
        *ret_path = TAKE(path);
    return r;
}

/* ---- asking -------------------------------------------------------------------------------------------------------- */

/* Another database may let us in. */
static bool is_no_entry(const char *words)
{
    return strstr(words, "does not exist") || strstr(words, "permission denied for database") ||
           strstr(words, "not currently accepting connections") ||
           strstr(words, "no pg_hba.conf entry");
}

/* `ret` NULL: whether the server answers at all, in run->left_ms. */
static int ask_as(const struct addon_run *run, const struct pg_login *login, const char *sql,
                  struct buf *ret, struct error *err)
{
    AUTO(mem_free) char *named = postgres_named_database(run);
    const char *const databases[] = {named, "postgres", "template1", login->user};
    struct error later;
    int r = 0;

    for (size_t i = named ? 0 : 1; i < ARRAY_LEN(databases); i++) {
        AUTO(argv_done) struct argv args = {0};
        bool first = i == (named ? 0 : 1);

        pg_args_ask(login, databases[i], sql, &args);
        if (ret)
            buf_reset(ret);
        r = ret ? addon_run_tool(run, &args, ret, first ? err : &later)
                : addon_try_tool(run, &args, first ? err : &later);
        if (r == 0 || !is_no_entry(first ? err->msg : later.msg))
            break;
    }
    return r < 0 ? -(int)err->kind : 0; /* the first reason is the one that the user can mend */
}

int postgres_ask(const struct addon_run *run, const char *sql, struct buf *ret, struct error *err)
{
    return ask_as(run, postgres_login(run), sql, ret, err);
}

/*
 * CREATE INDEX and count(*) may take hours in which the client has nothing to do. A server that waits for us, for a
 * lock, or for its synchronous standby, does not work; one that answers nothing does not either.
 */
static bool postgres_works(const struct addon_run *run)
{
    static const char sql[] =
        "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity AS it WHERE application_name "
        "= "
        "pg_catalog.current_setting('application_name') AND pid <> pg_catalog.pg_backend_pid() AND "
        "state = 'active' AND coalesce(pg_catalog.row_to_json(it)->>'wait_event_type', '') NOT IN "
        "('Client', 'Lock') AND coalesce(pg_catalog.row_to_json(it)->>'wait_event', '') <> "
        "'SyncRep'";
    const struct argv *env = &run->env.env;
    AUTO(pg_login_done)
    struct pg_login login = {.user = xstrdup(argv_env_get(env, "PGUSER")),
                             .host = xstrdup(argv_env_get(env, "PGHOST")),
                             .port = xstrdup(argv_env_get(env, "PGPORT"))};
    struct addon_run asking = *run; /* lent: nothing of it is released */
    AUTO(buf_done) struct buf answer;
    struct error ignored;

    asking.left_ms = WORKS_MS;
    asking.works = NULL;
    buf_init(&answer, ANSWER_MAX);
    return ask_as(&asking, &login, sql, &answer, &ignored) == 0 &&
           strtol(answer.data, NULL, 10) > 0;
}

/* What does not become right by waiting. */
static bool is_hopeless(const char *words)
{
    static const char *const those[] = {
        "authentication failed", "no password supplied",       "no pg_hba.conf entry",
        "certificate",           "does not support SSL",       "no such program",
        "does not exist",        "is not permitted to log in", "SSL error",
        "private key file"};

    for (size_t i = 0; i < ARRAY_LEN(those); i++)
        if (strstr(words, those[i]))
            return true;
    return false;
}

/* libpq gives up a connection by itself, and says which; 0 is for ever. */
static void limit_connecting(struct addon_run *run, int64_t seconds)
{
    AUTO(mem_free) char *text = xasprintf("%lld", (long long)seconds);

    argv_env_set(&run->env.env, "PGCONNECT_TIMEOUT", text);
}

/* Not pg_isready: that one calls a server whose certificate it refuses "no response". */
static int postgres_ready(struct addon_run *run, struct error *err)
{
    int64_t left = run->left_ms / 1000;
    int r;

    limit_connecting(run, left < TRY_S ? left : TRY_S);
    r = ask_as(run, postgres_login(run), "SELECT 1", NULL, err);
    limit_connecting(run, CONNECT_S);
    if (r == 0 || !is_hopeless(err->msg))
        return r;
    err->kind = ERR_DENIED;
    return -ERR_DENIED;
}

/* What "--version" of a client says. */
static int ask_version(const struct addon_run *run, const char *client, struct buf *ret,
                       struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    buf_init(ret, ANSWER_MAX);
    argv_add(&args, client);
    argv_add(&args, "--version");
    return addon_run_tool(run, &args, ret, err);
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

/* pg_dump would say so too, but not what to do about it. */
static int check_client(const struct addon_run *run, const char *command, long server,
                        struct error *err)
{
    AUTO(buf_done) struct buf text = {0};
    int r = ask_version(run, command, &text, err);

    if (r < 0 || pg_client_major(text.data) >= pg_server_major(server))
        return r;
    return error_set(
        err, ERR_INVALID,
        "the server is PostgreSQL %ld, and this image has %.*s: a client dumps servers "
        "up to its own version; take a newer image of the addon",
        server < 100000 ? server / 100 : server / 10000, (int)strcspn(text.data, "\n"), text.data);
}

static int postgres_dump(struct addon_run *run, struct error *err)
{
    static const char sql[] =
        "SELECT current_setting('server_version_num'), "
        "CASE WHEN has_table_privilege('pg_catalog.pg_authid', 'SELECT') THEN 1 ELSE 0 END";
    const char *command = addon_text(run, "backup-cmd");
    AUTO(buf_done) struct buf answer;
    bool passwords;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = postgres_ask(run, sql, &answer, err);
    if (r == 0)
        r = check_client(run, command, strtol(answer.data, NULL, 10), err);
    if (r < 0)
        return r;
    passwords = strcmp(command, "pg_dumpall") != 0 || !strstr(answer.data, "|0");
    if (!passwords)
        addon_warn(run, "the passwords of roles were not dumped: user %s may not read pg_authid",
                   postgres_login(run)->user);
    if (strcmp(command, "pg_dumpall") == 0 && (r = postgres_tell_closed(run, err)) < 0)
        return r;
    postgres_tell_unlogged(run, command);
    pg_args_dump(postgres_login(run), command, addon_text(run, "pg-args"), passwords,
                 addon_tool(run));
    return 0;
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

static int ask_server(struct addon_run *run, json_t **ret, struct error *err)
{
    static const char sql[] =
        "SET client_encoding = 'UTF8'; SELECT json_build_object("
        "'version', current_setting('server_version_num')::int, 'login', current_user, "
        "'roles', (SELECT json_agg(rolname) FROM pg_roles), "
        "'databases', (SELECT json_agg(datname) FROM pg_database), "
        "'tablespaces', (SELECT json_agg(spcname) FROM pg_tablespace))";
    AUTO(buf_done) struct buf answer;
    AUTO(buf_done) struct buf client = {0};
    json_auto_t *state = NULL;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = postgres_ask(run, sql, &answer, err);
    if (r == 0)
        r = ask_version(run, "psql", &client, err);
    if (r == 0)
        r = jsonx_parse(answer.data, answer.len, &state, err);
    if (r < 0)
        return error_wrap(err, "asking the server what it has");
    json_object_set_new(state, "restrict", json_boolean(pg_knows_restrict(client.data)));
    *ret = TAKE(state);
    return 0;
}

/* A dump of pg_dumpall may begin in any database, but the one called like the user need not be there. */
static void choose_database(struct addon_run *run, const json_t *server)
{
    struct pg_login *login = run->state;
    AUTO(mem_free) char *named = postgres_named_database(run);

    if (named || jsonx_find_text(jsonx_get(server, "databases", NULL), login->user) >= 0)
        return;
    login->database = xstrdup("postgres");
}

static int postgres_load(struct addon_run *run, struct error *err)
{
    json_auto_t *server = NULL;
    int r = ask_server(run, &server, err);

    if (r == 0)
        r = postgres_tell_server(run, server, err);
    if (r < 0)
        return r;
    choose_database(run, server);
    pg_args_load(postgres_login(run), addon_text(run, "pg-args"), addon_tool(run));
    return 0;
}

static int postgres_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? postgres_verify_loaded(run, err)
                                : postgres_verify_passed(run, when, err);
}

ADDON_CODE(postgres, postgres_start, postgres_ready, postgres_dump, postgres_verify, postgres_load,
           .count = postgres_count, .works = postgres_works, .done = postgres_done);
