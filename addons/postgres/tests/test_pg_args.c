#include "pg_args.h"

#include <criterion/criterion.h>
#include <string.h>

#include "pg_name.h"
#include "secret_of.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

/* "user host port PGPASSWORD PGSSLMODE PGSSLROOTCERT PGSSLCERT", or the error. */
static char *read_login(const char *client_config, const char *const *secret, bool by_certificate,
                        const char *user)
{
    static const char *const tls_pairs[] = {"tls.crt", "c", "tls.key", "k", NULL};
    AUTO(child_env_done) struct child_env env = {0};
    AUTO(pg_login_done) struct pg_login login = {0};
    AUTO(mem_free)
    char *text = xasprintf("{\"metadata\":{\"name\":\"db\",\"namespace\":\"n\"},"
                           "\"spec\":{\"clientConfig\":%s}}",
                           client_config);
    json_auto_t *app = json_loads(text, 0, NULL);
    json_auto_t *data = secret ? secret_of(secret) : json_null();
    json_auto_t *tls = by_certificate ? secret_of(tls_pairs) : NULL;
    static const char *const none[] = {NULL};
    static const char *const names[] = {"PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT"};
    struct error err;
    struct buf out;

    const struct pg_source source = {app, data, tls, user};

    cr_assert_not_null(app);
    child_env_init(&env, none, "/s");
    if (pg_login_read(&source, &login, &env, &err) < 0)
        return xstrdup(err.msg);
    buf_init(&out, LIMIT_KIB);
    buf_addf(&out, "%s %s %s", login.user, login.host, login.port);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        buf_addf(&out, " %s",
                 argv_env_get(&env.env, names[i]) ? argv_env_get(&env.env, names[i]) : "-");
    return buf_take(&out);
}

#define CHECK_LOGIN(expected, ...)                                                                 \
    do {                                                                                           \
        AUTO(mem_free) char *got = read_login(__VA_ARGS__);                                        \
        cr_assert_str_eq(got, expected);                                                           \
    } while (0)

static const char *const secret[] = {"username", "u", "password", "p w", NULL};
static const char *const old[] = {"POSTGRES_USER", "u2", "POSTGRES_PASSWORD", "p2", NULL};

Test(pg_args, a_server_is_found_by_service_or_url)
{
    CHECK_LOGIN("u pg.n.svc 5432 p w - - -", "{\"service\":{\"name\":\"pg\"}}", secret, false, "");
    CHECK_LOGIN("u pg.n.svc 6 p w require - -",
                "{\"service\":{\"name\":\"pg\",\"port\":6,\"query\":\"sslmode=require\"}}", secret,
                false, "");
    CHECK_LOGIN("u2 h 7 p2 - - -", "{\"url\":\"postgres://x:y@h:7/db\"}", old, false, "");
    CHECK_LOGIN("u ::1 7 p w disable - -",
                "{\"url\":\"postgres://[::1]:7/db?a=b&sslmode=disable\"}", secret, false, "");
    CHECK_LOGIN("u h 5432 p w - - -", "{\"url\":\"postgresql://h\"}", secret, false, "");
}

Test(pg_args, a_ca_means_that_the_server_is_verified_unless_the_user_says_no)
{
    CHECK_LOGIN("u h 1 p w verify-ca /s/ca.crt -", "{\"url\":\"p://h:1\",\"caBundle\":\"UEVN\"}",
                secret, false, "");
    CHECK_LOGIN("u h 1 p w verify-full /s/ca.crt -",
                "{\"url\":\"p://h:1?sslmode=verify-full\",\"caBundle\":\"UEVN\"}", secret, false,
                "");
    CHECK_LOGIN("u h 1 p w require - -",
                "{\"url\":\"p://h:1?sslmode=verify-full\",\"caBundle\":\"UEVN\","
                "\"insecureSkipTLSVerify\":true}",
                secret, false, "");
}

Test(pg_args, a_certificate_logs_in_as_the_user_of_the_parameter)
{
    CHECK_LOGIN("me h 1 p w - - /s/tls.crt", "{\"url\":\"p://h:1\"}", secret, true, "me");
    CHECK_LOGIN("me h 1 - - - /s/tls.crt", "{\"url\":\"p://h:1\"}", NULL, true, "me");
    CHECK_LOGIN("u h 1 p w - - -", "{\"url\":\"p://h:1\"}", secret, false, "me");
}

Test(pg_args, what_is_missing_is_named)
{
    static const char *const half[] = {"username", "u", NULL};

    CHECK_LOGIN("secret auth has no key password", "{\"url\":\"p://h:1\"}", half, false, "");
    CHECK_LOGIN("nobody to log in as: the AppBinding's secret needs the key username",
                "{\"url\":\"p://h:1\"}", NULL, false, "");
    CHECK_LOGIN("AppBinding: sslmode \"on\" is none of disable, allow, prefer, require, verify-ca "
                "and verify-full",
                "{\"url\":\"p://h:1?sslmode=on\"}", secret, false, "");
}

static char user[] = "u", host[] = "h", port[] = "1", database[] = "postgres";
static const struct pg_login login = {user, host, port, NULL};
static const struct pg_login elsewhere = {user, host, port, database};

static void check_args(const struct argv *args, const char *expected)
{
    AUTO(buf_done) struct buf out;

    buf_init(&out, LIMIT_KIB);
    for (size_t i = 0; i < args->count; i++)
        buf_addf(&out, "%s|", args->items[i]);
    cr_assert_str_eq(out.data, expected);
}

Test(pg_args, tools_are_called_with_login_then_the_users_options)
{
    AUTO(argv_done) struct argv dump = {0};
    AUTO(argv_done) struct argv load = {0};

    pg_args_dump(&login, "pg_dumpall", "--clean -x", false, &dump);
    check_args(&dump, "pg_dumpall|--username=u|--host=h|--port=1|--no-password|"
                      "--no-role-passwords|--clean|-x|");
    AUTO(argv_done) struct argv named = {0};
    AUTO(argv_done) struct argv pattern = {0};
    pg_args_dump(&login, "pg_dump", "-t a app", true, &named);
    check_args(&named, "pg_dump|--username=u|--host=h|--port=1|--no-password|--strict-names|-t|a|"
                       "app|");
    pg_args_dump(&login, "pg_dump", "-t a -t b* app", true, &pattern);
    check_args(&pattern, "pg_dump|--username=u|--host=h|--port=1|--no-password|-t|a|-t|b*|app|");
    pg_args_load(&login, "--set=ON_ERROR_STOP=0 app", &load);
    check_args(&load, "psql|--username=u|--host=h|--port=1|--no-password|--no-psqlrc|--quiet|"
                      "--set=ON_ERROR_STOP=0|app|--set=ON_ERROR_STOP=1|");
}

Test(pg_args, psql_begins_where_it_is_told)
{
    AUTO(argv_done) struct argv load = {0};

    pg_args_load(&elsewhere, "-1", &load);
    check_args(&load, "psql|--username=u|--host=h|--port=1|--no-password|--no-psqlrc|--quiet|"
                      "--dbname=postgres|-1|--set=ON_ERROR_STOP=1|");
}

static void check_dump(const char *args, bool good)
{
    struct error err;

    cr_assert_eq(pg_args_check_dump("pg_dump", args, &err), good ? 0 : -ERR_INVALID, "%s", args);
}

Test(pg_args, options_that_lead_the_dump_elsewhere_are_refused)
{
    const char *const bad[] = {"-Fc",
                               "--format=c",
                               "-f x",
                               "--fi=x",
                               "-j 4",
                               "--compress=9",
                               "-aFc",
                               "-vfx",
                               "-p5433",
                               "--host x",
                               "-V",
                               "-U u",
                               "--",
                               "-sZ9",
                               "-?",
                               "--username",
                               "-d hostaddr=::1",
                               "--dbn=postgres://other"};
    const char *const good[] = {
        "",     "--clean --if-exists", "--no-owner -n public", "--inserts", "-n -F", "-t fF",
        "-nfF", "--schema=-f",         "\"-d dbname=app\"",    "--filter=x"};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        check_dump(bad[i], false);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        check_dump(good[i], true);
    cr_assert_eq(pg_args_check_dump("pg_dumpall", "-gf x", &err), -ERR_INVALID);
    cr_assert_eq(pg_args_check_dump("pg_dumpall", "-ltemplate1", &err), 0);
    cr_assert_eq(pg_args_check_dump("pg_basebackup", "", &err), -ERR_INVALID);
    cr_assert_not_null(strstr(err.msg, "backupCMD is pg_dumpall or pg_dump"));
}

Test(pg_args, options_with_which_psql_does_not_read_the_dump_are_refused)
{
    const char *const bad[] = {"--command=x",
                               "-qc x",
                               "-1qcx",
                               "--comm=x",
                               "-f x",
                               "-l",
                               "-XAl",
                               "-o |reboot",
                               "-qo x",
                               "--out=x",
                               "-s",
                               "--single-s",
                               "-qS",
                               "-V",
                               "app --",
                               "-hother",
                               "-v AUTOCOMMIT=off",
                               "-qvSINGLESTEP=on",
                               "--var SINGLELINE=on",
                               "--set=AUTOCOMMIT",
                               "postgresql://other/app",
                               "app -d host=other",
                               "\"-ddbname=a port = 1\""};
    const char *const good[] = {"",        "-d app --single-transaction",
                                "-v c=l",  "-vc=l",
                                "-qd c",   "--set ON_ERROR_ROLLBACK=on",
                                "-1 app",  "\"--dbname=dbname=users sslmode=require\"",
                                "userport"};
    struct error err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert_eq(pg_args_check_load(bad[i], &err), -ERR_INVALID, "%s", bad[i]);
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        cr_assert_eq(pg_args_check_load(good[i], &err), 0, "%s", good[i]);
}

static void check_database(const char *tool, const char *args, const char *expected)
{
    AUTO(mem_free) char *got = pg_args_database(tool, args);

    cr_assert_str_eq(got ? got : "(none)", expected, "%s", args);
}

Test(pg_args, the_database_is_found_among_options)
{
    check_database("psql", "--dbname=app", "app");
    check_database("psql", "-d app --quiet", "app");
    check_database("psql", "-1qdapp", "app");
    check_database("psql", "--dbn app", "app");
    check_database("psql", "--set x=1 app", "app");
    check_database("psql", "-1 app", "app");
    check_database("pg_dump", "--clean app", "app");
    check_database("pg_dump", "-c app", "app");
    check_database("pg_dump", "-n public --clean", "(none)");
    check_database("pg_dump", "--exclude-table-data x -c", "(none)");
    check_database("pg_dumpall", "-g -l x", "(none)");
    check_database("pg_dumpall", "", "(none)");
}

Test(pg_args, a_dump_may_be_asked_for_without_unlogged_tables)
{
    cr_assert(pg_args_leave_out_unlogged("pg_dump", "--no-unl"));
    cr_assert(pg_args_leave_out_unlogged("pg_dump", "-cs"));
    cr_assert(pg_args_leave_out_unlogged("pg_dumpall", "-rc"));
    cr_assert_not(pg_args_leave_out_unlogged("pg_dump", "-c -n s"));
}

Test(pg_args, versions_of_clients_and_servers_compare)
{
    cr_assert_eq(pg_client_major("pg_dump (PostgreSQL) 9.6.24"), pg_server_major(90603));
    cr_assert_eq(pg_client_major("pg_dump (PostgreSQL) 17.2 (Debian 17.2-1)"),
                 pg_server_major(170009));
    cr_assert_lt(pg_client_major("pg_dump (PostgreSQL) 15.18"), pg_server_major(160000));
    cr_assert_gt(pg_client_major("pg_dump (PostgreSQL) 10.1"), pg_server_major(90624));
}

static void check_connect(const char *line, const char *expected)
{
    AUTO(mem_free) char *got = pg_connect_database(line);

    cr_assert_str_eq(got ? got : "(none)", expected, "%s", line);
}

Test(pg_args, databases_of_any_name_are_understood_and_written)
{
    AUTO(mem_free) char *conninfo = pg_conninfo("we ird'd\\b");

    cr_assert_str_eq(conninfo, "dbname='we ird\\'d\\\\b'");
    check_connect("\\connect app", "app");
    check_connect("\\connect \"App\"", "App");
    check_connect("\\connect -reuse-previous=on \"dbname='we ird\\'d\\\\b'\"", "we ird'd\\b");
    check_connect("\\connect -reuse-previous=on \"dbname='a\"\"b'\"", "a\"b");
    check_connect("\\encoding UTF8", "(none)");
}

Test(pg_args, rows_are_counted_where_they_are)
{
    json_auto_t *tables = json_pack("{s:i}", "s.\"o'n\"", 1);
    AUTO(buf_done) struct buf script;
    struct error err;

    buf_init(&script, LIMIT_KIB);
    cr_assert_eq(pg_count_script(tables, &script, &err), 0);
    cr_assert_not_null(strstr(script.data, "FROM ONLY s.\"o'n\")"));
    cr_assert_not_null(strstr(script.data, "statement_timeout"));
    cr_assert_not_null(strstr(script.data, "CAST('s.\"o''n\"' AS pg_catalog.regclass)"));
}
