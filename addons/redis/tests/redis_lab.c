#include "redis_lab.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

void redis_lab_start(struct lab *lab, const char *program, const char *ports, const char *options)
{
    AUTO(mem_free)
    char *command = xasprintf("exec " TESTS "start %s '%s' %s", program, ports, options);
    AUTO(mem_free)
    char *ready = xasprintf("for p in %s; do redis-cli $TLS_OPTIONS -p $p ping 2>&1 | grep -qE "
                            "'PONG|MASTERDOWN|NOPERM' || exit 1; done",
                            ports);

    lab_start(lab, command, ready);
}

void redis_lab_open(struct lab *lab, const char *program, const char *ports, const char *options)
{
    AUTO(mem_free) char *version = xasprintf("%s --version >/dev/null 2>&1", program);

    lab_open(lab, "redis");
    lab->stage.flags.self = STASH;
    setenv("REDISCLI_AUTH", "s3cret", 1);
    setenv("STORE", "restic backup -q --stdin --stdin-filename dumpfile.resp --host host-0", 1);
    if (system("redis-cli --version >/dev/null 2>&1") != 0 || system(version) != 0)
        cr_skip_test("no %s: scripts/lab", program);
    redis_lab_start(lab, program, ports, options);
}

void redis_lab_bind(struct lab *lab, const char *config, const char *spec)
{
    AUTO(mem_free)
    char *command = xasprintf(TESTS "bind \"%s\" \"%s\" >$LAB/bound.yaml", config, spec);
    AUTO(mem_free) char *script = xasprintf("%s/bound.yaml", getenv("LAB"));

    lab_do(command);
    fake_restart(lab->stage.fake, script);
}

void redis_lab_plain(struct lab *lab)
{
    redis_lab_open(lab, "redis-server", REDIS_PORT, "");
    redis_lab_bind(lab, REDIS_URL, REDIS_AUTH);
}

void redis_lab_with_data(struct lab *lab)
{
    redis_lab_plain(lab);
    lab_do(CLIENT "make 127.0.0.1:" REDIS_PORT);
}

void redis_lab_back_up(struct lab *lab)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_succeeded(stat);
}

void redis_lab_restore(struct lab *lab)
{
    json_auto_t *stat = lab_restore(lab);

    lab_check_succeeded(stat);
}

void redis_lab_check(const char *command, const char *expected)
{
    AUTO(mem_free) char *got = lab_ask(command);

    cr_assert_str_eq(got, expected, "%s", command);
}

int redis_lab_snapshots(void)
{
    AUTO(mem_free)
    char *text =
        lab_ask("restic snapshots --json --no-cache 2>/dev/null | grep -o short_id | wc -l");

    return atoi(text);
}

void redis_lab_store(const char *path)
{
    AUTO(mem_free)
    char *command =
        xasprintf("restic snapshots >/dev/null 2>&1 || restic init >/dev/null; $STORE <%s", path);

    lab_do(command);
}

void redis_lab_replace(struct lab *lab, const char *program, const char *command)
{
    AUTO(mem_free)
    char *make =
        xasprintf("printf '%%s\\n' '#!/bin/sh' 'STASH=" STASH "' 'case \"$1 $2 $3\" in "
                  "\"addon-tool redis %s\") %s;; esac' 'exec $STASH \"$@\"' >$LAB/stash && "
                  "chmod +x $LAB/stash",
                  program, command);
    static char path[4096];

    snprintf(path, sizeof(path), "%s/stash", getenv("LAB"));
    lab_do(make);
    lab->stage.flags.self = path;
}
