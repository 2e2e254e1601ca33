#include "pg_lab.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stash/file.h"

/* For the test's own commands only: the agent has what AppBinding and Secret say. A file, as arguments are everybody's to see. */
#define LOGIN ". $LAB/login; "

static void write_login(void)
{
    static const char login[] = "export PGHOST=127.0.0.1 PGPORT=" PG_PORT " PGUSER=admin "
                                "PGPASSWORD=s3cret PGDATABASE=postgres\n";
    AUTO(mem_free) char *path = xasprintf("%s/login", getenv("LAB"));
    struct error err;

    cr_assert_eq(file_write(path, login, strlen(login), 0600, &err), 0, "%s", err.msg);
}

void pg_do(const char *command)
{
    AUTO(mem_free) char *with_login = xasprintf(LOGIN "%s", command);

    lab_do(with_login);
}

char *pg_ask(const char *command)
{
    AUTO(mem_free) char *with_login = xasprintf(LOGIN "%s", command);

    return lab_ask(with_login);
}

void pg_start(struct lab *lab, const char *settings)
{
    AUTO(mem_free) char *command = xasprintf("exec " TESTS "start " PG_PORT " %s", settings);

    write_login();
    lab_start(lab, command, LOGIN "psql -qc 'SELECT 1' >/dev/null 2>&1");
}

void pg_open(struct lab *lab, const char *appbinding)
{
    lab_open(lab, appbinding);
    lab->stage.flags.self = STASH;
    if (system("initdb --version >/dev/null 2>&1") != 0)
        cr_skip_test("no PostgreSQL server: apt-get install postgresql");
    pg_start(lab, "");
}

void pg_open_with_data(struct lab *lab)
{
    pg_open(lab, "pg");
    pg_do("psql -qv ON_ERROR_STOP=1 -f " TESTS "data/make.sql >/dev/null");
}

void pg_open_with_more(struct lab *lab)
{
    pg_open_with_data(lab);
    pg_do("psql -qv ON_ERROR_STOP=1 -f " TESTS "data/breaks.sql >/dev/null");
}

void pg_new_server(struct lab *lab)
{
    lab_stop(lab);
    lab_do("rm -r $LAB/pg");
    pg_start(lab, "");
}

int pg_snapshots(void)
{
    AUTO(mem_free)
    char *text =
        lab_ask("restic snapshots --json --no-cache 2>/dev/null | grep -o short_id | wc -l");

    return atoi(text);
}

void pg_back_up(struct lab *lab)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_succeeded(stat);
}

void pg_restore(struct lab *lab)
{
    json_auto_t *stat = lab_restore(lab);

    lab_check_succeeded(stat);
}

void pg_check_ask(const char *command, const char *expected)
{
    AUTO(mem_free) char *got = pg_ask(command);

    cr_assert_str_eq(got, expected, "%s", command);
}

void pg_replace_tool(const char *name, const char *script)
{
    AUTO(mem_free)
    char *command = xasprintf("mkdir -p $LAB/first; printf '#!/bin/sh\\nREAL=%%s\\n%%s\\n' "
                              "\"$(command -v %s)\" '%s' >$LAB/first/%s; chmod +x $LAB/first/%s",
                              name, script, name, name);
    AUTO(mem_free) char *path = xasprintf("%s/first:%s", getenv("LAB"), getenv("PATH"));

    pg_do(command);
    setenv("PATH", path, 1);
}
