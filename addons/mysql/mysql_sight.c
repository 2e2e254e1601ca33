/* mysql_sight.c - before a dump: what its user may not see is not in it, and the tools say no word of it. */
#include <string.h>

#include "mysql.h"
#include "mysql_grants.h"
#include "mysql_options.h"

#define ANSWER_MAX (1 * LIMIT_MIB)
#define USER_AT    1 /* -u USER */

static bool leaves_out(const struct argv *words, const char *kind)
{
    struct option_said said;

    return options_find(words, &mysql_options_dump, kind, &said) && said.is_off;
}

static void add_kind(struct buf *kinds, bool hidden, const char *kind)
{
    if (hidden)
        buf_addf(kinds, "%s%s", kinds->len ? ", " : "", kind);
}

/* Nothing that is seen is nothing in the dump. */
static int check_any(const struct addon_run *run, const char *user, struct error *err)
{
    static const char sql[] =
        "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN "
        "('mysql','information_schema','performance_schema','sys')";
    AUTO(buf_done) struct buf answer;
    int r;

    buf_init(&answer, ANSWER_MAX);
    r = mysql_ask(run, sql, &answer, err);
    return r < 0 || strtol(answer.data, NULL, 10) > 0
               ? r
               : error_set(err, ERR_DENIED,
                           "user %s may not see any database: nothing would be in the dump (SHOW "
                           "GRANTS says what is missing, at least SELECT)",
                           user);
}

int mysql_tell_hidden(struct addon_run *run, const struct mysql_sight *sight, struct error *err)
{
    const char *user = sight->connect->items[USER_AT];
    AUTO(buf_done) struct buf kinds;
    AUTO(buf_done) struct buf answer;
    struct mysql_hidden hidden;
    struct error unsaid;

    buf_init(&kinds, LIMIT_KIB);
    buf_init(&answer, ANSWER_MAX);
    if (mysql_ask(run, "SHOW GRANTS", &answer, &unsaid) < 0) {
        addon_warn(run, "what user %s may not see is not in the dump; its rights are not known: %s",
                   user, unsaid.msg);
        return 0;
    }
    hidden = mysql_grants_hidden(answer.data);
    add_kind(&kinds, hidden.databases && sight->wants_all, "databases");
    add_kind(&kinds, hidden.tables, "tables");
    add_kind(&kinds, hidden.triggers && !leaves_out(sight->words, "triggers"), "triggers");
    add_kind(&kinds, hidden.routines && !leaves_out(sight->words, "routines"), "routines");
    if (kinds.len > 0)
        addon_warn(run,
                   "user %s may not see all %s: those that it may not see are not in the dump (it "
                   "needs SELECT, TRIGGER and EXECUTE%s)",
                   user, kinds.data, sight->wants_all ? " on *.*" : "");
    return hidden.databases && sight->wants_all ? check_any(run, user, err) : 0;
}
