/* postgres_verify.c - after a restore: every table of the dump has its rows, every database its large objects. */
#include <string.h>

#include "pg_name.h"
#include "postgres.h"
#include "stash/jsonx.h"

#define SCRIPT_MAX (8 * LIMIT_MIB)
#define ANSWER_MAX (1 * LIMIT_MIB)

/* Where psql itself put what came before any \connect. */
static char *first_database(const struct addon_run *run)
{
    const struct pg_login *login = postgres_login(run);
    char *named = postgres_named_database(run);

    return named ? named : pg_conninfo(login->database ? login->database : login->user);
}

static int ask_counts(const struct addon_run *run, const char *database, const json_t *tables,
                      struct buf *ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf script;
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *where = *database ? pg_conninfo(database) : first_database(run);
    int r;

    buf_init(&script, SCRIPT_MAX);
    r = pg_count_script(tables, &script, err);
    if (r == 0)
        r = postgres_write(run, "count.sql", script.data, &path, err);
    if (r < 0)
        return r;
    pg_args_ask_file(postgres_login(run), where, path, &args);
    r = addon_run_tool(run, &args, ret, err);
    return r < 0 ? error_wrap(err, "counting the rows of database %s", *database ? database : where)
                 : 0;
}

/*
 * One line of the answer against what the dump holds. `lenient`: rows may have been left out on purpose. A restore deletes
 * nothing: applications do, and jobs of the server, which may be busy as soon as a table is there.
 */
static int compare_counts(struct addon_run *run, const char *what, bool lenient, json_int_t dumped,
                          const char *line, struct error *err)
{
    char *rest;
    long long there = strtoll(line, &rest, 10);
    long long deleted = *rest == '|' ? strtoll(rest + 1, NULL, 10) : 0;

    if (there >= dumped)
        return 0;
    if (lenient || there + deleted >= dumped) {
        addon_warn(run, "%s: the server has %lld of the dump's %lld (%s)", what, there,
                   (long long)dumped, lenient ? "ON CONFLICT" : "others were deleted since");
        return 0;
    }
    return error_set(err, ERR_INVALID, "%s: the server has %lld of the dump's %lld", what, there,
                     (long long)dumped);
}

static const char *next_line(const char *at)
{
    const char *end = strchr(at, '\n');

    return end ? end + 1 : at + strlen(at);
}

static int verify_database(struct addon_run *run, const char *database, const json_t *tables,
                           struct error *err)
{
    const json_t *blobs = jsonx_get(run->tally.counts, "blobs", NULL);
    const json_t *lenient = jsonx_get(run->tally.counts, "lenient", database, NULL);
    AUTO(buf_done) struct buf answer;
    const char *line, *table;
    json_t *rows;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = ask_counts(run, database, tables, &answer, err);
    line = answer.data;
    jsonx_foreach_member (tables, table, rows) {
        AUTO(mem_free) char *what = xasprintf("rows of table %s, database \"%s\"", table, database);

        if (r == 0)
            r = compare_counts(run, what, json_object_get(lenient, table) != NULL,
                               json_integer_value(rows), line, err);
        line = next_line(line);
    }
    AUTO(mem_free) char *what = xasprintf("large objects of database \"%s\"", database);
    return r < 0 ? r
                 : compare_counts(run, what, false, jsonx_int(blobs, 0, database, NULL), line, err);
}

int postgres_verify_loaded(struct addon_run *run, struct error *err)
{
    const json_t *rows = jsonx_get(run->tally.counts, "rows", NULL);
    const json_t *blobs = jsonx_get(run->tally.counts, "blobs", NULL);
    json_auto_t *none = json_object();
    const char *database;
    json_t *tables, *count;
    int r = 0;

    if (postgres_login(run)->database && json_object_size(json_object_get(rows, "")) > 0)
        addon_warn(run,
                   "the dump names no database: it was loaded into \"%s\"; --dbname=NAME in args "
                   "chooses another",
                   postgres_login(run)->database);
    jsonx_foreach_member (rows, database, tables)
        if (r == 0)
            r = verify_database(run, database, tables, err);
    jsonx_foreach_member (blobs, database, count)
        if (r == 0 && count && !json_object_get(rows, database))
            r = verify_database(run, database, none, err);
    return r;
}
