/*
 * mysql_works.c - whether the server works for a client that says nothing: building an index, or counting rows, may take hours.
 *
 * Our connections are those of our user from where this question comes from: a pod has an address of its own. A server
 * that waits for us, or for a lock, does not work; one that answers nothing does not either.
 */
#include <stdlib.h>
#include <string.h>

#include "mysql.h"

/* The client and how to log in, a line each: for a process that has only this. */
#define CONNECT    "STASH_MYSQL_CONNECT"
#define ANSWER_MAX (64 * LIMIT_KIB)
#define WORKS_MS   15000

#define ADDRESS(host)                                                                              \
    "SUBSTRING(" host ", 1, CHAR_LENGTH(" host ") - CHAR_LENGTH(SUBSTRING_INDEX(" host             \
    ", ':', -1)))"

static const char question[] =
    "SELECT COUNT(*) FROM information_schema.PROCESSLIST AS it, information_schema.PROCESSLIST AS "
    "me WHERE me.ID = CONNECTION_ID() AND it.ID <> me.ID AND it.USER = me.USER AND " ADDRESS(
        "it.HOST") " = " ADDRESS("me.HOST") " AND it.COMMAND IN ('Query', 'Execute') AND NOT "
                                            "(COALESCE(it.STATE, '') LIKE 'Waiting%' OR "
                                            "COALESCE(it.STATE, '') LIKE '%lock' OR "
                                            "COALESCE(it.STATE, '') IN ('Writing to net', "
                                            "'Sending to client', 'Reading from net', "
                                            "'Receiving from client'))";

int mysql_leave_login(struct addon_run *run, const char *client, const struct argv *connect,
                      struct error *err)
{
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, ANSWER_MAX);
    buf_adds(&text, client);
    for (size_t i = 0; i < connect->count; i++)
        buf_addf(&text, "\n%s", connect->items[i]);
    r = buf_check(&text, "how to log in", err);
    if (r == 0)
        argv_env_set(&run->env.env, CONNECT, text.data);
    return r;
}

bool mysql_works(const struct addon_run *run)
{
    const char *left = argv_env_get(&run->env.env, CONNECT);
    AUTO(mem_free) char *text = left ? xstrdup(left) : NULL;
    AUTO(argv_done) struct argv connect = {0};
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf answer;
    struct addon_run asking = *run; /* lent: nothing of it is released */
    char *rest = text;
    const char *client = strsep(&rest, "\n");
    struct error ignored;

    if (!client)
        return false;
    for (const char *word; (word = strsep(&rest, "\n"));)
        argv_add(&connect, word);
    const struct mysql_tools tools = {.client = client};
    mysql_args_query(&tools, &connect, question, &args);
    asking.left_ms = WORKS_MS;
    asking.works = NULL;
    buf_init(&answer, ANSWER_MAX);
    return addon_run_tool(&asking, &args, &answer, &ignored) == 0 &&
           strtol(answer.data, NULL, 10) > 0;
}
