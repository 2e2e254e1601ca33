/* mysql.c - MySQL and its relatives: a stream of SQL, whose rows are counted on the way and on the server afterwards. */
#include "mysql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysql_dump.h"
#include "mysql_rows.h"
#include "stash/jsonx.h"

#define ANSWER_MAX (1 * LIMIT_MIB)
#define QUERY_MAX  (120 * LIMIT_KIB)  /* one argument of a process */
#define CUTS       "STASH_MYSQL_CUTS" /* what pass-stream leaves out */

/* Of one run. */
struct session {
    const struct mysql_tools *tools;
    struct argv connect, words;
    struct mysql_facts facts;
};

static struct session *session_of(const struct addon_run *run)
{
    return run->state;
}

void mysql_end(struct addon_run *run)
{
    struct session *session = session_of(run);

    if (!session)
        return;
    argv_done(&session->connect);
    argv_done(&session->words);
    free(session);
}

/* ---- login, ready -------------------------------------------------------------------------------------------------- */

static int refuse_cluster(const struct addon_run *run, const struct mysql_tools *tools,
                          struct error *err)
{
    const char *group = tools->cluster_group
                            ? jsonx_str(run->app, "spec", "parameters", tools->cluster_group, NULL)
                            : NULL;

    if (!group || !*group)
        return 0;
    return error_set(err, ERR_INVALID,
                     "AppBinding %s: parameters.%s asks for a copy of the whole cluster, which is "
                     "not supported; without it a dump is made of one node",
                     jsonx_name(run->app), tools->cluster_group);
}

int mysql_begin(struct addon_run *run, const struct mysql_tools *tools, struct error *err)
{
    struct session *session = xmalloc(sizeof(*session));
    int r;

    *session = (struct session){.tools = tools};
    run->state = session;
    r = refuse_cluster(run, tools, err);
    if (r == 0)
        r = mysql_args_words(addon_text(run, tools->flag), &session->words, err);
    return r < 0 ? r
                 : mysql_args_connect(tools, run->app, run->secret, &run->env, &session->connect,
                                      err);
}

/* What the server or the certificate says won't change by waiting. */
static bool is_hopeless(const char *words)
{
    static const char *const signs[] = {"ERROR 1045", "ERROR 1130",  "ERROR 1698",     "ERROR 2026",
                                        "ERROR 3159", "certificate", "no such program"};

    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (strstr(words, signs[i]))
            return true;
    return false;
}

int mysql_ready(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r;

    mysql_args_query(session_of(run)->tools, &session_of(run)->connect, "SELECT 1;", &args);
    r = addon_try_tool(run, &args, err);
    if (r == 0 || !is_hopeless(err->msg))
        return r;
    err->kind = ERR_DENIED;
    return -ERR_DENIED;
}

/* ---- dump, load ---------------------------------------------------------------------------------------------------- */

static int ask(const struct addon_run *run, const char *sql, struct buf *ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    mysql_args_query(session_of(run)->tools, &session_of(run)->connect, sql, &args);
    return addon_run_tool(run, &args, ret, err);
}

static int ask_facts(const struct addon_run *run, struct error *err)
{
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, ANSWER_MAX);
    r = ask(run, mysql_facts_query, &text, err);
    if (r < 0)
        return error_wrap(err, "asking what kind of server it is");
    mysql_facts_parse(text.data, &session_of(run)->facts);
    return 0;
}

static int add_dump(struct addon_run *run, const char *piece, const char *databases,
                    struct error *err)
{
    const struct session *session = session_of(run);
    const struct mysql_dump_request request = {
        .tools = session->tools,
        .connect = &session->connect,
        .words = &session->words,
        .piece = piece,
        .facts = &session->facts,
        .databases = databases,
    };

    return mysql_args_dump(&request, addon_tool(run), err);
}

static int add_pieces(struct addon_run *run, const char *text, struct error *err)
{
    AUTO(argv_done) struct argv pieces = {0};
    int r = 0;

    mysql_args_pieces(text, &pieces);
    if (pieces.count == 0 || pieces.count > ADDON_TOOLS_MAX)
        return error_set(
            err, ERR_INVALID,
            "parameter multiDumpArgs: %zu dumps, it takes 1 to %d, each after \"$args=\"",
            pieces.count, ADDON_TOOLS_MAX);
    for (size_t i = 0; r == 0 && i < pieces.count; i++)
        r = add_dump(run, pieces.items[i], NULL, err);
    return r;
}

int mysql_plan_dump(struct addon_run *run, struct error *err)
{
    const struct session *session = session_of(run);
    const char *several = session->tools->several ? addon_text(run, session->tools->several) : "";
    AUTO(buf_done) struct buf databases;
    bool wants_list;
    int r = ask_facts(run, err);

    if (r < 0)
        return r;
    if (session->facts.unsafe > 0)
        addon_warn(run,
                   "%ld tables have an engine without transactions: what is written to them while "
                   "the dump runs may be in it by half (args --lock-all-tables prevents it)",
                   session->facts.unsafe);
    if (*several)
        return add_pieces(run, several, err);
    buf_init(&databases, ANSWER_MAX);
    wants_list = mysql_args_want_list(&session->words, &session->facts);
    if (wants_list)
        r = ask(run, "SHOW DATABASES", &databases, err);
    return r < 0 ? r : add_dump(run, NULL, wants_list ? databases.data : NULL, err);
}

/* Stash's users name the database that they want back; after a loss it is not there to be chosen. */
static int create_database(const struct addon_run *run, const char *name, struct error *err)
{
    AUTO(mem_free) char *quoted = mysql_quoted(name, '`');
    AUTO(mem_free) char *sql = xasprintf("CREATE DATABASE IF NOT EXISTS %s", quoted);

    return ask(run, sql, NULL, err);
}

static void choose_cuts(struct addon_run *run)
{
    const struct session *session = session_of(run);
    AUTO(mem_free) char *text = NULL;
    unsigned cuts = 0;

    if (session->facts.has_gtids)
        cuts |= MYSQL_CUT_GTID;
    if (session->facts.is_strict)
        cuts |= MYSQL_CUT_LOCKS;
    if (!session->tools->is_mariadb)
        cuts |= MYSQL_CUT_SANDBOX;
    text = xasprintf("%u", cuts);
    env_set(&run->env.env, CUTS, text);
}

int mysql_plan_load(struct addon_run *run, struct error *err)
{
    const struct session *session = session_of(run);
    const char *database = mysql_args_database(&session->words);
    int r = ask_facts(run, err);

    if (r == 0 && database && mysql_args_one_database(&session->words))
        r = create_database(run, database, err);
    if (r < 0)
        return r;
    choose_cuts(run);
    mysql_args_load(session->tools, &session->connect, &session->words, addon_tool(run));
    return 0;
}

/* ---- count, verify ------------------------------------------------------------------------------------------------- */

static struct mysql_dump *reader_of(struct addon_run *run)
{
    const char *cuts;

    if (!run->tally.state) {
        cuts = run->step == ADDON_RESTORE ? env_get(&run->env.env, CUTS) : NULL;
        run->tally.state = xmalloc(sizeof(struct mysql_dump));
        mysql_dump_init(run->tally.state, cuts ? (unsigned)strtoul(cuts, NULL, 10) : 0);
    }
    return run->tally.state;
}

int mysql_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                struct error *err)
{
    (void)err;
    mysql_dump_feed(reader_of(run), data, len, ret);
    return 0;
}

static void warn_of_cuts(struct addon_run *run, const struct mysql_dump *dump)
{
    if (dump->cut & MYSQL_CUT_GTID)
        addon_warn(run, "the dump's GTID_PURGED was left out: the server has GTIDs of its own");
    if (dump->uncounted)
        addon_warn(run, "only the first %d tables are compared after a restore", MYSQL_TABLES_MAX);
}

/* In the process that the dump passes through. */
static int verify_passed(struct addon_run *run, enum addon_when when, struct error *err)
{
    struct mysql_dump *dump = reader_of(run);
    int r = 0;

    mysql_dump_end(dump);
    if (when == ADDON_DUMPED && dump->ends != run->tool_count)
        r = error_set(err, ERR_INVALID, "%u of %zu dumps end with \"-- Dump completed\"",
                      dump->ends, run->tool_count);
    else if (mysql_dump_has_marks(dump) && !mysql_dump_is_whole(dump))
        r = error_set(err, ERR_INVALID,
                      "the dump is cut: after %llu bytes it ends without \"-- Dump completed\"",
                      (unsigned long long)run->tally.bytes);
    else if (!mysql_dump_has_marks(dump))
        addon_warn(run, "the dump was made without comments, so nothing tells whether it is whole");
    if (r == 0) {
        warn_of_cuts(run, dump);
        json_decref(run->tally.counts);
        run->tally.counts = json_incref(dump->counts);
    }
    mysql_dump_done(dump);
    free(dump);
    run->tally.state = NULL;
    return r;
}

static int compare_batch(const struct addon_run *run, const json_t *list, size_t from,
                         struct error *err)
{
    AUTO(buf_done) struct buf query;
    AUTO(buf_done) struct buf answer;
    int r;

    buf_init(&query, QUERY_MAX);
    buf_init(&answer, ANSWER_MAX);
    mysql_rows_query(list, from, &query);
    r = buf_check(&query, "a question about rows", err);
    if (r == 0)
        r = ask(run, query.data, &answer, err);
    return r < 0 ? error_wrap(err, "counting rows")
                 : mysql_rows_check(list, from, answer.data, err);
}

static int verify_server(const struct addon_run *run, struct error *err)
{
    const struct argv *words = &session_of(run)->words;
    const char *database = mysql_args_database(words);
    const struct mysql_rows_filter filter = {
        .own = database, .only = mysql_args_one_database(words) ? database : NULL};
    json_auto_t *list = mysql_rows_list(run->tally.counts, &filter);
    int r = 0;

    for (size_t from = 0; r == 0 && from < json_array_size(list); from += MYSQL_ROWS_AT_ONCE)
        r = compare_batch(run, list, from, err);
    return r;
}

int mysql_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? verify_server(run, err) : verify_passed(run, when, err);
}

/* ---- MySQL itself -------------------------------------------------------------------------------------------------- */

static int mysql_login(struct addon_run *run, struct error *err)
{
    static const struct mysql_tools tools = {
        .dump = "mysqldump", .client = "mysql", .flag = "mysql-args", .several = "multi-dump-args"};

    return mysql_begin(run, &tools, err);
}

ADDON_CODE(mysql, mysql_login, mysql_ready, mysql_plan_dump, mysql_verify, mysql_plan_load,
           .count = mysql_count, .done = mysql_end);
