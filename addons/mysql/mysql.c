/* mysql.c - MySQL and its relatives: a stream of SQL, whose rows are counted on the way and on the server afterwards. */
#include "mysql.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mysql_dump.h"
#include "mysql_rows.h"
#include "stash/jsonx.h"

#define ANSWER_MAX (1 * LIMIT_MIB)
#define NAMES_MAX  (4 * LIMIT_MIB)
#define QUERY_MAX  (120 * LIMIT_KIB)  /* one argument of a process */
#define OMIT       "STASH_MYSQL_OMIT" /* tells pass-stream what it leaves out */

/* Of one run. */
struct login {
    const struct mysql_tools *tools;
    struct argv connect, words;
    struct mysql_facts facts;
};

static struct login *login_of(const struct addon_run *run)
{
    return run->state;
}

static void reader_free(struct addon_run *run)
{
    if (run->tally.state)
        mysql_dump_done(run->tally.state);
    free(run->tally.state);
    run->tally.state = NULL;
}

void mysql_done(struct addon_run *run)
{
    struct login *login = login_of(run);

    reader_free(run);
    if (!login)
        return;
    argv_done(&login->connect);
    argv_done(&login->words);
    free(login);
    run->state = NULL;
}

/* ---- login, ready -------------------------------------------------------------------------------------------------- */

int mysql_login(struct addon_run *run, const struct mysql_tools *tools, struct error *err)
{
    const struct mysql_source source = {run->app, run->secret, run->tls_secret};
    struct login *login = xcalloc(1, sizeof(*login));
    int r = 0;

    login->tools = tools;
    run->state = login;
    argv_add_words(&login->words, addon_text(run, tools->flag));
    if (run->step == ADDON_RESTORE)
        r = mysql_args_check_load(&login->words, err);
    if (r == 0)
        r = mysql_args_connect(tools, &source, &run->env, &login->connect, err);
    return r < 0 ? r : mysql_leave_login(run, tools->client, &login->connect, err);
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

    mysql_args_query(login_of(run)->tools, &login_of(run)->connect, "SELECT 1;", &args);
    r = addon_try_tool(run, &args, err);
    if (r == 0 || !is_hopeless(err->msg))
        return r;
    err->kind = ERR_DENIED;
    return -ERR_DENIED;
}

/* ---- dump, load ---------------------------------------------------------------------------------------------------- */

int mysql_ask(const struct addon_run *run, const char *sql, struct buf *ret, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};

    mysql_args_query(login_of(run)->tools, &login_of(run)->connect, sql, &args);
    return addon_run_tool(run, &args, ret, err);
}

static int ask_facts(const struct addon_run *run, struct error *err)
{
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, ANSWER_MAX);
    r = mysql_ask(run, mysql_facts_query, &text, err);
    if (r < 0)
        return error_wrap(err, "asking what kind of server it is");
    mysql_facts_parse(text.data, &login_of(run)->facts);
    return 0;
}

/* The server turns what does not fit into "?", and says no word of it. */
static void tell_charset(struct addon_run *run, const char *text)
{
    AUTO(argv_done) struct argv words = {0};
    const char *name;

    argv_add_words(&words, text);
    name = mysql_args_charset(&words);
    if (name)
        addon_warn(run,
                   "--default-character-set=%.30s: characters that it does not have are stored as "
                   "\"?\" (without it the dump is utf8mb4, which has all)",
                   name);
}

static int add_dump(struct addon_run *run, const char *piece, const char *databases,
                    struct error *err)
{
    const struct login *login = login_of(run);
    const struct mysql_dump_request request = {
        .tools = login->tools,
        .connect = &login->connect,
        .words = &login->words,
        .piece = piece,
        .facts = &login->facts,
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

static int tell_hidden(struct addon_run *run, const char *several, struct error *err)
{
    const struct login *login = login_of(run);
    const struct mysql_sight sight = {.connect = &login->connect,
                                      .words = &login->words,
                                      .wants_all = mysql_args_wants_all(&login->words, several)};

    return mysql_tell_hidden(run, &sight, err);
}

static void tell_history(struct addon_run *run)
{
    const struct login *login = login_of(run);

    if (login->facts.versioned > 0 && !mysql_args_history(&login->words))
        addon_warn(run,
                   "%ld tables keep what their rows were (WITH SYSTEM VERSIONING): the dump holds "
                   "only what they are (args --dump-history stores all)",
                   login->facts.versioned);
}

int mysql_plan_dump(struct addon_run *run, struct error *err)
{
    const struct login *login = login_of(run);
    const char *several = login->tools->several ? addon_text(run, login->tools->several) : "";
    AUTO(buf_done) struct buf databases;
    bool wants_list;
    int r = ask_facts(run, err);

    buf_init(&databases, ANSWER_MAX);
    if (r < 0)
        return r;
    if (login->facts.unsafe > 0 && !mysql_args_lock_all(&login->words))
        addon_warn(run,
                   "%ld tables have an engine without transactions: what is written to them while "
                   "the dump runs may be in it by half (args --lock-all-tables prevents it)",
                   login->facts.unsafe);
    r = tell_hidden(run, several, err);
    if (r < 0)
        return r;
    tell_charset(run, addon_text(run, login->tools->flag));
    tell_charset(run, several);
    tell_history(run);
    if (*several)
        return add_pieces(run, several, err);
    wants_list = mysql_args_want_list(&login->words, &login->facts);
    if (wants_list)
        r = mysql_ask(run, "SHOW DATABASES", &databases, err);
    return r < 0 ? r : add_dump(run, NULL, wants_list ? databases.data : NULL, err);
}

/* Stash's users name the database that they want back; after a loss it is not there to be chosen. */
static int create_database(const struct addon_run *run, const char *name, struct error *err)
{
    AUTO(mem_free) char *quoted = mysql_quoted(name, '`');
    AUTO(mem_free) char *sql = xasprintf("CREATE DATABASE IF NOT EXISTS %s", quoted);

    return mysql_ask(run, sql, NULL, err);
}

static void choose_omissions(struct addon_run *run)
{
    const struct login *login = login_of(run);
    AUTO(mem_free) char *text = NULL;
    unsigned omit = 0;

    if (!login->facts.takes_gtids)
        omit |= MYSQL_OMIT_GTIDS;
    if (login->facts.is_strict)
        omit |= MYSQL_OMIT_LOCKS;
    if (!login->tools->is_mariadb)
        omit |= MYSQL_OMIT_SANDBOX;
    text = xasprintf("%u", omit);
    argv_env_set(&run->env.env, OMIT, text);
}

int mysql_plan_load(struct addon_run *run, struct error *err)
{
    const struct login *login = login_of(run);
    const char *database = mysql_args_database(&login->words);
    int r = ask_facts(run, err);

    if (r == 0 && database && mysql_args_one_database(&login->words))
        r = create_database(run, database, err);
    if (r < 0)
        return r;
    choose_omissions(run);
    mysql_args_load(login->tools, &login->connect, &login->words, addon_tool(run));
    return 0;
}

/* ---- count, verify ------------------------------------------------------------------------------------------------- */

static struct mysql_dump *reader_of(struct addon_run *run)
{
    const char *omit;

    if (!run->tally.state) {
        omit = run->step == ADDON_RESTORE ? argv_env_get(&run->env.env, OMIT) : NULL;
        run->tally.state = xmalloc(sizeof(struct mysql_dump));
        mysql_dump_init(run->tally.state, omit ? (unsigned)strtoul(omit, NULL, 10) : 0);
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

static void tell_doubts(struct addon_run *run, const struct mysql_dump *dump)
{
    if (dump->omitted & MYSQL_OMIT_GTIDS)
        addon_warn(run, "the dump's GTID_PURGED was left out: the server takes no GTIDs, or has "
                        "some of its own");
    if (dump->uncounted)
        addon_warn(run, "only the first %d tables are compared after a restore", MYSQL_TABLES_MAX);
}

/* A tool that may not ask for the databases says so, writes the end mark and ends with 0. */
static int check_any(struct addon_run *run, const struct mysql_dump *dump, struct error *err)
{
    if (json_object_size(dump->counts) > 0 || dump->uncounted)
        return 0;
    if (strstr(run->complained, "rror"))
        return error_set(err, ERR_INVALID, "the dump holds no database and no table: %.600s",
                         run->complained);
    addon_warn(run, "the dump holds no database and no table");
    return 0;
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
    if (r == 0 && when == ADDON_DUMPED)
        r = check_any(run, dump, err);
    if (r == 0) {
        tell_doubts(run, dump);
        json_decref(run->tally.counts);
        run->tally.counts = json_incref(dump->counts);
    }
    return r;
}

/*
 * After a load. Each question may reach another node of a Galera cluster: it answers when it has applied what the cluster had
 * committed by then.
 */
static int ask_loaded(const struct addon_run *run, const char *sql, struct buf *ret,
                      struct error *err)
{
    AUTO(mem_free)
    char *whole = xasprintf(
        "%s%s", login_of(run)->facts.is_galera ? "SET SESSION wsrep_sync_wait = 1; " : "", sql);

    return mysql_ask(run, whole, ret, err);
}

static int compare_batch(const struct addon_run *run, json_t *list, size_t from, struct error *err)
{
    AUTO(buf_done) struct buf query;
    AUTO(buf_done) struct buf answer;
    int r;

    buf_init(&query, QUERY_MAX);
    buf_init(&answer, ANSWER_MAX);
    mysql_rows_query(list, from, &query);
    r = buf_check(&query, "a question about rows", err);
    if (r == 0)
        r = ask_loaded(run, query.data, &answer, err);
    if (r < 0 && strstr(err->msg, "ERROR 1045") && json_object_get(run->tally.counts, "mysql"))
        return error_wrap(err, "the dump brought the users and passwords of its own server, so "
                               "rows can't be counted: put them into the AppBinding's secret");
    return r < 0 ? error_wrap(err, "counting rows")
                 : mysql_rows_check(list, from, answer.data, err);
}

static int mark_tables(const struct addon_run *run, json_t *list, const char *mark, const char *sql,
                       struct error *err)
{
    AUTO(buf_done) struct buf answer;
    int r;

    buf_init(&answer, NAMES_MAX);
    r = ask_loaded(run, sql, &answer, err);
    if (r == 0)
        mysql_rows_mark(list, mark, answer.data);
    return r;
}

/*
 * A dump may hold what rows were, too. And it may hold events that delete rows: they run as soon as they are loaded. Without an
 * answer about these no table is excused.
 */
static int mark_all(const struct addon_run *run, json_t *list, struct error *err)
{
    struct error unsaid;

    mark_tables(run, list, MYSQL_ROWS_PURGED, mysql_rows_events, &unsaid);
    mark_tables(run, list, MYSQL_ROWS_DELETED, mysql_rows_deleted, &unsaid);
    return login_of(run)->facts.is_mariadb
               ? mark_tables(run, list, MYSQL_ROWS_VERSIONED, mysql_rows_versioned, err)
               : 0;
}

static void tell_purged(struct addon_run *run, const json_t *list)
{
    const json_t *item;
    size_t i;

    json_array_foreach (jsonx_unconst(list), i, item)
        if (json_object_get(item, "has"))
            addon_warn(run,
                       "table %s.%s has %lld rows of the dump's %lld: an application or one of the "
                       "server's events (SHOW EVENTS) may have deleted the others",
                       jsonx_str(item, "database", NULL), jsonx_str(item, "table", NULL),
                       (long long)jsonx_int(item, 0, "has", NULL),
                       (long long)jsonx_int(item, 0, "rows", NULL));
}

/* With --force among the words the client goes on, and ends as if nothing had been. */
static void tell_errors(struct addon_run *run)
{
    const char *first = strstr(run->complained, "ERROR ");

    if (first)
        addon_warn(run, "the client went on after errors, the last of which were: %.400s", first);
}

static int verify_server(struct addon_run *run, struct error *err)
{
    const struct argv *words = &login_of(run)->words;
    const char *database = mysql_args_database(words);
    const struct mysql_rows_filter filter = {
        .own = database, .only = mysql_args_one_database(words) ? database : NULL};
    json_auto_t *list = mysql_rows_list(run->tally.counts, &filter);
    int r = 0;

    if (filter.only && json_array_size(list) == 0)
        return error_set(err, ERR_INVALID,
                         "the dump holds no database %s: nothing was restored (args name it)",
                         filter.only);
    tell_errors(run);
    r = mark_all(run, list, err);
    for (size_t from = 0; r == 0 && from < json_array_size(list); from += MYSQL_ROWS_AT_ONCE)
        r = compare_batch(run, list, from, err);
    if (r == 0)
        tell_purged(run, list);
    return r;
}

int mysql_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? verify_server(run, err) : verify_passed(run, when, err);
}

/* ---- MySQL itself -------------------------------------------------------------------------------------------------- */

static int mysql_start(struct addon_run *run, struct error *err)
{
    static const struct mysql_tools tools = {
        .dump = "mysqldump", .client = "mysql", .flag = "mysql-args", .several = "multi-dump-args"};

    return mysql_login(run, &tools, err);
}

ADDON_CODE(mysql, mysql_start, mysql_ready, mysql_plan_dump, mysql_verify, mysql_plan_load,
           .count = mysql_count, .works = mysql_works, .done = mysql_done);
