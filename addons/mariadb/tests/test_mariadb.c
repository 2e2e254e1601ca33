/* MariaDB from its dump to its return: real server, tools and restic. Without them the tests are skipped, except where
 * STASH_LAB is set. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stage.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

struct lab {
    struct stage stage;
    char *folder; /* the server's */
    int port;
    const char *values[2]; /* args of the backup, of the restore */
};

/* Run with $0 and $1. */
static int shell(const char *command, const char *zero, const char *one)
{
    const char *const args[] = {"sh", "-c", command, zero, one, NULL};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        execvp(args[0], (char **)(uintptr_t)args);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

/* The answer of a shell command. Heap string. */
static char *ask(const char *command)
{
    FILE *pipe = popen(command, "r");
    char *text = xmalloc(LIMIT_MIB);

    cr_assert_not_null(pipe);
    size_t len = fread(text, 1, LIMIT_MIB - 1, pipe);
    text[len] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s", command);
    return text;
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_assert_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void replace(char **text, const char *what, const char *with)
{
    const char *at = strstr(*text, what);

    cr_assert_not_null(at, "%s", what);
    char *changed = xasprintf("%.*s%s%s", (int)(at - *text), *text, with, at + strlen(what));
    free(*text);
    *text = changed;
}

/* The session of the agent's tests, with an AppBinding of this server; `tls` is further text of its clientConfig. */
static char *write_script(const struct lab *lab, const char *tls)
{
    AUTO(mem_free) char *config = xasprintf("{url: \"mysql://127.0.0.1:%d\"%s}", lab->port, tls);
    char *path = xasprintf("%s.yaml", lab->folder);
    AUTO(mem_free) char *text = NULL;
    struct error err;
    size_t len;

    cr_assert_eq(file_read(SESSION, LIMIT_MIB, &text, &len, &err), 0, "%s", err.msg);
    replace(&text, "{url: \"http://127.0.0.1:9200\"}", config);
    cr_assert_eq(file_write(path, text, strlen(text), 0600, &err), 0, "%s", err.msg);
    return path;
}

static void open_stage(struct lab *lab, const char *tls)
{
    AUTO(mem_free) char *script = write_script(lab, tls);
    struct stage *stage = &lab->stage;
    AUTO(mem_free) char *repository = NULL;

    stage_open(stage, script);
    repository = xasprintf("%s/repository", stage->folder);
    setenv("SERVER", lab->folder, 1);
    setenv("RESTIC_REPOSITORY", repository, 1);
    setenv("RESTIC_PASSWORD", "TopSecret", 1);
    unsetenv("FAULT");
    stage->flags.provider = "local";
    stage->flags.bucket = getenv("RESTIC_REPOSITORY");
    stage->flags.endpoint = NULL;
    stage->flags.appbinding = "db";
    stage->flags.hostname = "host-0";
    stage->flags.wait_timeout = 3;
    stage->flags.self = STASH;
    stage->flags.values = lab->values;
}

static bool has_parts(void)
{
    return system("restic version 2>/dev/null | grep -qE 'restic 0\\.(1[89]|[2-9][0-9])' && "
                  "[ -x /usr/sbin/mariadbd ] && [ -x /usr/bin/mariadb-dump ]") == 0;
}

/* A server with `options` that holds what breaks dumps. */
static void lab_open_with(struct lab *lab, const char *options, const char *tls)
{
    if (!has_parts()) {
        cr_assert(!getenv("STASH_LAB"), "a lab needs restic and MariaDB");
        cr_skip_test("no restic 0.18 or no MariaDB");
    }
    *lab = (struct lab){.folder = xstrdup("/tmp/stash-mariadb-XXXXXX"), .port = free_port()};
    cr_assert_not_null(mkdtemp(lab->folder));
    AUTO(mem_free)
    char *start = xasprintf(HERE "/server start %s %d %s", lab->folder, lab->port, options);
    cr_assert_eq(system(start), 0);
    cr_assert_eq(shell("/usr/bin/mariadb --no-defaults -u root -S $0/socket <$1", lab->folder,
                       HERE "/breaking.sql"),
                 0);
    open_stage(lab, tls);
}

static void lab_open(struct lab *lab)
{
    lab_open_with(lab, "", "");
}

static void lab_done(struct lab *lab)
{
    if (!lab->folder)
        return;
    stage_done(&lab->stage);
    (void)!shell(HERE "/server stop $0; rm -rf $0*", lab->folder, lab->folder);
    free(lab->folder);
}
DEFINE_AUTO_VALUE(struct lab, lab_done);

static char *content(const struct lab *lab)
{
    AUTO(mem_free) char *command = xasprintf(HERE "/content %s/socket", lab->folder);

    return ask(command);
}

static void sql(const struct lab *lab, const char *statement)
{
    cr_assert_eq(shell("/usr/bin/mariadb --no-defaults -u root -S $0/socket -e \"$1\"", lab->folder,
                       statement),
                 0);
}

static json_t *run(struct lab *lab, int (*step)(struct stage *stage, struct error *err))
{
    struct stage *stage = &lab->stage;
    struct error err;

    free(stage->output_dir);
    stage->output_dir = xasprintf("%s/output-%lld", stage->folder, (long long)clock_mono_ms());
    stage->flags.output_dir = stage->output_dir;
    cr_assert_eq(step(stage, &err), 0, "%s", err.msg);
    return stage_stat(stage);
}

static void succeed(struct lab *lab, int (*step)(struct stage *stage, struct error *err))
{
    json_auto_t *stat = run(lab, step);
    const char *why = jsonx_str(stat, "error", NULL);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Succeeded", "%s", why ? why : "");
}

static void fail(struct lab *lab, int (*step)(struct stage *stage, struct error *err),
                 const char *words)
{
    json_auto_t *stat = run(lab, step);
    const char *why = jsonx_str(stat, "error", NULL);

    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    cr_assert_not_null(strstr(why, words), "%s", why);
    cr_assert_null(strstr(why, "s3cret"));
}

static void check_snapshots(const char *count)
{
    AUTO(mem_free)
    char *text = ask("restic snapshots --json --no-cache 2>/dev/null | grep -o '\"short_id\"' | "
                     "wc -l");

    cr_assert_str_eq(text, count);
}

Test(mariadb, everything_comes_back)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    AUTO(mem_free) char *before = content(&lab);
    succeed(&lab, stage_back_up);
    check_snapshots("1\n");
    sql(&lab, "DROP DATABASE shop; DROP DATABASE other; DROP DATABASE empty");
    succeed(&lab, stage_restore);
    AUTO(mem_free) char *after = content(&lab);
    cr_assert_str_eq(after, before);
    succeed(&lab, stage_restore); /* over what is there */
    AUTO(mem_free) char *again = content(&lab);
    cr_assert_str_eq(again, before);
}

Test(mariadb, comes_back_into_another_server)
{
    AUTO(lab_done) struct lab lab = {0};
    AUTO(lab_done) struct lab other = {0};

    lab_open_with(&other, "", "");
    sql(&other, "DROP DATABASE shop; DROP DATABASE other; DROP DATABASE empty");
    lab_open(&lab);
    AUTO(mem_free) char *before = content(&lab);
    succeed(&lab, stage_back_up);
    other.stage.flags.bucket = lab.stage.flags.bucket;
    setenv("SERVER", other.folder, 1);
    succeed(&other, stage_restore);
    AUTO(mem_free) char *after = content(&other);
    cr_assert_str_eq(after, before);
}

Test(mariadb, one_database_comes_back_and_the_others_stay)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    AUTO(mem_free) char *before = content(&lab);
    succeed(&lab, stage_back_up);
    sql(&lab, "DROP DATABASE shop; INSERT INTO other.t VALUES (3)");
    lab.values[1] = "--one-database shop";
    succeed(&lab, stage_restore);
    AUTO(mem_free) char *kept = content(&lab);
    cr_assert_str_neq(kept, before);
    sql(&lab, "DELETE FROM other.t WHERE a = 3; ALTER DATABASE shop CHARACTER SET utf8mb4");
    AUTO(mem_free) char *after = content(&lab);
    cr_assert_str_eq(after, before);
}

Test(mariadb, a_wrong_password_is_told_at_once)
{
    AUTO(lab_done) struct lab lab = {0};
    int64_t start;

    lab_open(&lab);
    sql(&lab, "ALTER USER admin@localhost IDENTIFIED BY 'another'");
    lab.stage.flags.wait_timeout = 60;
    start = clock_mono_ms();
    fail(&lab, stage_back_up, "ERROR 1045 (28000): Access denied for user");
    cr_assert_lt(clock_mono_ms() - start, 30000);
    check_snapshots("0\n");
}

Test(mariadb, a_server_that_is_not_there_is_waited_for_and_named)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    (void)!shell(HERE "/server stop $0", lab.folder, "");
    fail(&lab, stage_back_up,
         "the server is not ready: mariadb ended with exit code 1: ERROR 2002");
}

Test(mariadb, a_server_that_dies_during_the_dump_leaves_no_snapshot)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    sql(&lab, "USE shop; CREATE TABLE big AS SELECT seq, REPEAT(MD5(seq), 60) AS x FROM "
              "seq_1_to_300000");
    setenv("FAULT", "kill", 1);
    fail(&lab, stage_back_up, "nothing was stored: mariadb-dump ended with exit code");
    check_snapshots("0\n");
}

Test(mariadb, a_dump_that_is_cut_leaves_no_snapshot)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    setenv("FAULT", "cut", 1);
    fail(&lab, stage_back_up, "0 of 1 dumps end with \"-- Dump completed\"");
    check_snapshots("0\n");
}

Test(mariadb, a_restore_that_lost_rows_is_no_success)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    succeed(&lab, stage_back_up);
    setenv("FAULT", "lose", 1);
    fail(&lab, stage_restore, "after the restore: table shop.orders has 2 rows; the dump holds 3");
}

Test(mariadb, an_option_that_makes_no_sql_is_refused)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab);
    lab.values[0] = "--all-databases --xml";
    fail(&lab, stage_back_up, "parameter args: with --xml the dump would not be SQL");
    lab.values[0] = "--compact shop";
    succeed(&lab, stage_back_up);
}
