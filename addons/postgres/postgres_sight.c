/* postgres_sight.c - before a dump: what the server has and the tools leave out without a word. */
#include <string.h>

#include "pg_name.h"
#include "postgres.h"
#include "stash/jsonx.h"

#define ANSWER_MAX (4 * LIMIT_MIB)
#define NAMES_MAX  300 /* bytes in a message */

/* ---- databases ----------------------------------------------------------------------------------------------------- */

int postgres_tell_closed(struct addon_run *run, struct error *err)
{
    static const char sql[] = "SET client_encoding = 'UTF8'; SELECT "
                              "pg_catalog.string_agg(pg_catalog.quote_ident(datname), ', ' "
                              "ORDER BY datname) FROM pg_catalog.pg_database WHERE (NOT "
                              "datallowconn OR datconnlimit = -2) AND "
                              "datname <> 'template0'";
    AUTO(buf_done) struct buf answer;
    size_t len;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = postgres_ask(run, sql, &answer, err);
    if (r < 0)
        return r;
    len = strcspn(answer.data, "\n");
    if (len > 0)
        addon_warn(run, "databases that allow no connection are not in the dump: %.*s", (int)len,
                   answer.data);
    return 0;
}

/* ---- a standby ----------------------------------------------------------------------------------------------------- */

/* All that pg_dumpall enters. */
static int list_databases(const struct addon_run *run, json_t **ret, struct error *err)
{
    static const char sql[] = "SET client_encoding = 'UTF8'; SELECT pg_catalog.json_agg(datname "
                              "ORDER BY datname) FROM pg_catalog.pg_database WHERE datallowconn "
                              "AND datconnlimit <> -2";
    AUTO(buf_done) struct buf answer;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = postgres_ask(run, sql, &answer, err);
    return r < 0 ? r : jsonx_parse(answer.data, answer.len, ret, err);
}

/* "database: 2 (table, table)", or nothing. */
static int ask_unlogged(const struct addon_run *run, const char *where, struct buf *ret,
                        struct error *err)
{
    static const char sql[] =
        "SET client_encoding = 'UTF8'; SELECT "
        "pg_catalog.quote_ident(pg_catalog.current_database()) || ': ' || pg_catalog.count(*) || "
        "' (' || pg_catalog.left(pg_catalog.string_agg(pg_catalog.quote_ident(nspname) || '.' || "
        "pg_catalog.quote_ident(relname), ', ' ORDER BY nspname, relname), 200) || ')' "
        "FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        "WHERE relpersistence = 'u' AND relkind = 'r' HAVING pg_catalog.count(*) > 0";
    AUTO(argv_done) struct argv args = {0};

    pg_args_ask(postgres_login(run), where, sql, &args);
    return addon_run_tool(run, &args, ret, err);
}

static int add_unlogged(const struct addon_run *run, const char *where, struct buf *names,
                        struct error *err)
{
    AUTO(buf_done) struct buf answer;
    size_t len;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = ask_unlogged(run, where, &answer, err);
    len = r < 0 ? 0 : strcspn(answer.data, "\n");
    if (len > 0 && !names->overflow)
        buf_addf(names, "%s%.*s", names->len ? "; " : "", (int)len, answer.data);
    return r;
}

/* pg_dump begins where psql does: in the database that is named, or the one called like the user. */
static int find_in_one(const struct addon_run *run, struct buf *names, struct error *err)
{
    AUTO(mem_free) char *named = postgres_named_database(run);
    AUTO(mem_free) char *own = pg_conninfo(postgres_login(run)->user);

    return add_unlogged(run, named ? named : own, names, err);
}

static int find_in_all(const struct addon_run *run, struct buf *names, struct error *err)
{
    json_auto_t *databases = NULL;
    size_t i;
    json_t *name;
    int r = list_databases(run, &databases, err);

    json_array_foreach (databases, i, name) {
        AUTO(mem_free) char *where = pg_conninfo(json_string_value(name));

        if (r == 0)
            r = add_unlogged(run, where, names, err);
    }
    return r;
}

void postgres_tell_unlogged(struct addon_run *run, const char *command)
{
    AUTO(buf_done) struct buf answer;
    AUTO(buf_done) struct buf names;
    struct error err;
    int r;

    buf_init(&answer, ANSWER_MAX);
    buf_init(&names, NAMES_MAX);
    if (pg_args_leave_out_unlogged(command, addon_text(run, "pg-args")) ||
        postgres_ask(run, "SELECT pg_catalog.pg_is_in_recovery()", &answer, &err) < 0 ||
        answer.data[0] != 't')
        return;
    r = strcmp(command, "pg_dumpall") == 0 ? find_in_all(run, &names, &err)
                                           : find_in_one(run, &names, &err);
    if (r < 0)
        addon_warn(run,
                   "the server is a standby, which has no rows of unlogged tables; whether there "
                   "are such tables is not known: %s",
                   err.msg);
    else if (names.len > 0 || names.overflow)
        addon_warn(run,
                   "the server is a standby, which has no rows of unlogged tables: the dump holds "
                   "none of them: %s%s",
                   names.len > 0 ? names.data : "", names.overflow ? " and more" : "");
}
