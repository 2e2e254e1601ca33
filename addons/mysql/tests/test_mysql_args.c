#include "mysql_args.h"

#include <criterion/criterion.h>
#include <string.h>

#include "secret_of.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

static const struct mysql_tools oracle = {.dump = "mysqldump", .client = "mysql"};
static const struct mysql_tools mariadb = {
    .dump = "mariadb-dump", .client = "mariadb", .is_mariadb = true};

static void join(const struct argv *argv, struct buf *out)
{
    for (size_t i = 0; i < argv->count; i++)
        buf_addf(out, "%s%s", i ? " " : "", argv->items[i]);
}

static char *joined(const struct argv *argv)
{
    struct buf out;

    buf_init(&out, LIMIT_MIB);
    join(argv, &out);
    return buf_take(&out);
}

/* ---- connecting ---------------------------------------------------------------------------------------------------- */

static const char *const none[] = {NULL};
static const char *const login[] = {"username", "u", "password", "p w", NULL};
static const char *const by_certificate[] = {"username", "u", "tls.crt", "c", "tls.key", "k", NULL};
static const char *const half_certificate[] = {"tls.crt", "c", NULL};
#define CA ",\"caBundle\":\"Q0E=\""

/* The vector and the password in the environment, or the error. */
static char *connect_as(const struct mysql_tools *tools, const char *client_config,
                        const char *const *pairs, const char *const *tls_pairs)
{
    AUTO(child_env_done) struct child_env env = {0};
    AUTO(argv_done) struct argv argv = {0};
    AUTO(mem_free)
    char *text = xasprintf("{\"metadata\":{\"name\":\"db\",\"namespace\":\"n\"},"
                           "\"spec\":{\"clientConfig\":{%s}}}",
                           client_config);
    json_auto_t *app = json_loads(text, 0, NULL);
    json_auto_t *secret = pairs ? secret_of(pairs) : json_null();
    json_auto_t *tls = tls_pairs ? secret_of(tls_pairs) : NULL;
    const struct mysql_source source = {app, secret, tls};
    struct error err;
    struct buf out;

    cr_assert_not_null(app, "%s", text);
    child_env_init(&env, none, "/s");
    if (mysql_args_connect(tools, &source, &env, &argv, &err) < 0)
        return xstrdup(err.msg);
    buf_init(&out, LIMIT_KIB);
    join(&argv, &out);
    buf_addf(&out, " | %s",
             argv_env_get(&env.env, "MYSQL_PWD") ? argv_env_get(&env.env, "MYSQL_PWD") : "-");
    for (size_t i = 0; i < env.file_count; i++)
        buf_addf(&out, " %s=%s", env.files[i].path, env.files[i].data);
    return buf_take(&out);
}

#define CHECK_CONNECT(expected, ...)                                                               \
    do {                                                                                           \
        AUTO(mem_free) char *got = connect_as(__VA_ARGS__);                                        \
        cr_assert_str_eq(got, expected);                                                           \
    } while (0)

Test(mysql_args, a_server_is_found_by_service_or_url)
{
    CHECK_CONNECT("-u u -h my.n.svc --port=3306 | p w", &oracle,
                  "\"service\":{\"name\":\"my\",\"port\":3306}", login, NULL);
    CHECK_CONNECT("-u u -h h --port=7 | p w", &oracle, "\"url\":\"mysql://x:y@h:7/db\"", login,
                  NULL);
    CHECK_CONNECT("-u u -h h --port=7 | p w", &oracle, "\"url\":\"x:y@tcp(h:7)/db\"", login, NULL);
    CHECK_CONNECT("-u u -h ::1 --port=7 | p w", &oracle, "\"url\":\"mysql://[::1]:7\"", login,
                  NULL);
    CHECK_CONNECT("-u u -h ::1 | p w", &oracle, "\"url\":\"mysql://[::1]\"", login, NULL);
    CHECK_CONNECT("-u u -h localhost --protocol=TCP | p w", &oracle,
                  "\"url\":\"mysql://localhost\"", login, NULL);
}

Test(mysql_args, what_is_missing_is_named)
{
    CHECK_CONNECT("the AppBinding names no secret: keys username and password are needed", &oracle,
                  "\"url\":\"mysql://h\"", NULL, NULL);
    CHECK_CONNECT("secret auth has no key password", &oracle, "\"url\":\"mysql://h\"",
                  ((const char *const[]){"username", "u", NULL}), NULL);
    CHECK_CONNECT("secret auth has no key username", &oracle, "\"url\":\"mysql://h\"",
                  ((const char *const[]){"password", "u", NULL}), NULL);
    CHECK_CONNECT("secret auth has no key tls.key", &oracle, "\"url\":\"mysql://h\"", login,
                  half_certificate);
    CHECK_CONNECT("AppBinding db: neither url nor service is set in clientConfig", &oracle, "",
                  login, NULL);
}

Test(mysql_args, a_ca_bundle_means_that_the_server_is_verified)
{
    CHECK_CONNECT("-u u -h h --ssl-ca=/s/ca.crt --ssl-mode=VERIFY_CA | p w /s/ca.crt=CA", &oracle,
                  "\"url\":\"mysql://h\"" CA, login, NULL);
    CHECK_CONNECT("-u u -h h --ssl-ca=/s/ca.crt --ssl-mode=VERIFY_IDENTITY | p w /s/ca.crt=CA",
                  &oracle, "\"url\":\"mysql://h\",\"serverName\":\"h\"" CA, login, NULL);
    CHECK_CONNECT("-u u -h h --ssl-ca=/s/ca.crt --ssl-verify-server-cert | p w /s/ca.crt=CA",
                  &mariadb, "\"url\":\"mysql://h\"" CA, login, NULL);
}

Test(mysql_args, nobody_is_verified_without_one_or_when_it_shall_be_so)
{
    const char *const lax = "\"url\":\"mysql://h\",\"insecureSkipTLSVerify\":true" CA;

    CHECK_CONNECT("-u u -h h --ssl-mode=REQUIRED | p w", &oracle, lax, login, NULL);
    CHECK_CONNECT("-u u -h h --ssl --skip-ssl-verify-server-cert | p w", &mariadb, lax, login,
                  NULL);
    CHECK_CONNECT("-u u -h h --skip-ssl-verify-server-cert | p w", &mariadb,
                  "\"url\":\"mysql://h\"", login, NULL);
}

Test(mysql_args, a_certificate_is_a_proof_of_its_own)
{
    CHECK_CONNECT("-u u -h h --ssl-cert=/s/tls.crt --ssl-key=/s/tls.key --ssl-mode=REQUIRED | - "
                  "/s/tls.crt=c /s/tls.key=k",
                  &oracle, "\"url\":\"mysql://h\"", by_certificate, NULL);
    CHECK_CONNECT("-u u -h h --ssl-cert=/s/tls.crt --ssl-key=/s/tls.key --ssl-ca=/s/ca.crt "
                  "--ssl-mode=VERIFY_CA | p w /s/tls.crt=c /s/tls.key=k /s/ca.crt=CA",
                  &oracle, "\"url\":\"mysql://h\"" CA, login, by_certificate);
}

/* ---- what kind of server ------------------------------------------------------------------------------------------- */

Test(mysql_args, facts_are_read_from_the_answer)
{
    struct mysql_facts facts;

    mysql_facts_parse("gtid_executed\ta:1-5\ngtid_mode\tON\nversion\t8.0.36\nunsafe\t2\n", &facts);
    cr_assert_eq(facts.major, 8);
    cr_assert_eq(facts.unsafe, 2);
    cr_assert_not(facts.takes_gtids || facts.is_mariadb || facts.is_galera || facts.is_strict);
    mysql_facts_parse("gtid_executed\t\ngtid_mode\tON_PERMISSIVE\nversion\t8.4.1\n", &facts);
    cr_assert(facts.takes_gtids);
    mysql_facts_parse("gtid_executed\t\ngtid_mode\tOFF\nversion\t8.4.1\n", &facts);
    cr_assert_not(facts.takes_gtids);
    mysql_facts_parse("version\t10.11.18-MariaDB\nwsrep_on\tON\n", &facts);
    cr_assert(facts.is_mariadb && facts.is_galera && facts.major == 10);
    mysql_facts_parse("pxc_strict_mode\tENFORCING\nversion\t8.0.1-1.1\nwsrep_on\tON\n", &facts);
    cr_assert(facts.is_strict && facts.is_galera);
    mysql_facts_parse("", &facts);
    cr_assert_eq(facts.major, 0);
}

Test(mysql_args, names_and_texts_are_quoted)
{
    AUTO(mem_free) char *name = mysql_quoted("a`b\\", '`');
    AUTO(mem_free) char *text = mysql_quoted("a'b\\", '\'');

    cr_assert_str_eq(name, "`a``b\\`");
    cr_assert_str_eq(text, "'a''b\\\\'");
}

Test(mysql_args, a_question_is_one_argument_and_its_answer_plain_lines)
{
    AUTO(argv_done) struct argv connect = {0};
    AUTO(argv_done) struct argv argv = {0};

    argv_add_words(&connect, "-u u");
    mysql_args_query(&oracle, &connect, "SELECT 1;", &argv);
    AUTO(mem_free) char *got = joined(&argv);
    cr_assert_str_eq(got, "mysql -u u --connect-timeout=10 --" MYSQL_UNLIMITED
                          " --default-character-set=utf8mb4 "
                          "--skip-column-names --batch -e SELECT 1;");
    cr_assert_str_eq(argv.items[argv.count - 1], "SELECT 1;");
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

struct wish {
    const struct mysql_tools *tools;
    const char *facts, *args, *piece, *databases;
};

/* The vector behind "mysqldump -u u --single-transaction …", or the error. */
static char *dump_args(const struct wish *wish)
{
    AUTO(argv_done) struct argv connect = {0};
    AUTO(argv_done) struct argv words = {0};
    AUTO(argv_done) struct argv argv = {0};
    struct mysql_facts facts;
    struct error err;

    argv_add_words(&connect, "-u u");
    argv_add_words(&words, wish->args);
    mysql_facts_parse(wish->facts, &facts);
    const struct mysql_dump_request request = {.tools = wish->tools,
                                               .connect = &connect,
                                               .words = &words,
                                               .piece = wish->piece,
                                               .facts = &facts,
                                               .databases = wish->databases};
    return mysql_args_dump(&request, &argv, &err) < 0 ? xstrdup(err.msg) : joined(&argv);
}

#define OURS "--routines --events --default-character-set=utf8mb4 --max-allowed-packet=1G "
#define CHECK_DUMP(expected, ...)                                                                  \
    do {                                                                                           \
        AUTO(mem_free) char *got = dump_args(&(const struct wish){.tools = __VA_ARGS__});          \
        cr_assert_str_eq(got, expected);                                                           \
    } while (0)

Test(mysql_args, a_dump_is_of_one_moment_and_holds_what_is_no_table)
{
    CHECK_DUMP("mariadb-dump -u u --single-transaction " OURS
               "--all-databases --ignore-database=mysql --comments",
               &mariadb, "version\t10.5.8-MariaDB", "--all-databases --ignore-database=mysql");
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED
               " --flush-privileges --all-databases --comments",
               &oracle, "version\t8.0.36", "--all-databases");
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--skip-add-locks --set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED " shop --comments",
               &oracle, "version\t8.0.36\nwsrep_on\tON", "shop");
}

Test(mysql_args, the_user_s_own_word_on_locks_counts)
{
    CHECK_DUMP("mariadb-dump -u u " OURS "--lock-all-tables a --comments", &mariadb,
               "version\t10.5.8-MariaDB", "--lock-all-tables a");
    CHECK_DUMP("mariadb-dump -u u " OURS "-x a --comments", &mariadb, "version\t10.5.8-MariaDB",
               "-x a");
}

Test(mysql_args, a_server_that_keeps_no_column_statistics_is_not_asked_for_them)
{
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED
               " --loose-column-statistics=0 shop --comments",
               &oracle, "version\t5.7.44", "shop");
}

Test(mysql_args, before_8_all_databases_are_all_but_the_server_s_own)
{
    struct mysql_facts facts;
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, "--all-databases");
    mysql_facts_parse("version\t5.7.44", &facts);
    cr_assert(mysql_args_want_list(&words, &facts));
    mysql_facts_parse("version\t8.0.44", &facts);
    cr_assert_not(mysql_args_want_list(&words, &facts));
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED " "
               "--loose-column-statistics=0 --no-data --databases a b c --comments",
               &oracle, "version\t5.7.44", "--all-databases --no-data", NULL,
               "a\ninformation_schema\nmysql\nb c\nperformance_schema\nsys\n");
    CHECK_DUMP("there is no database beside the server's own", &oracle, "version\t5.7.44", "-A",
               NULL, "mysql\nsys\n");
}

Test(mysql_args, a_blank_in_quotes_does_not_split)
{
    CHECK_DUMP("mariadb-dump -u u --single-transaction " OURS "--where=a > 1 shop t --comments",
               &mariadb, "version\t10.5.8-MariaDB", "\"--where=a > 1\" shop t");
}

Test(mysql_args, the_end_mark_is_always_asked_for)
{
    CHECK_DUMP("mariadb-dump -u u --single-transaction " OURS
               "--skip-comments --skip-add-drop-table --skip-add-locks --skip-disable-keys "
               "--skip-set-charset a --comments",
               &mariadb, "version\t10.5.8-MariaDB", "--skip-comments --compact a");
}

Test(mysql_args, options_that_lead_elsewhere_are_refused)
{
    static const char *const refused[] = {
        "--xml",   "-X",  "--tab=/tmp", "-T/tmp", "--result-file=f", "--result_file=f",
        "--res=f", "-rf", "-Rrf",       "-qX",    "--loose-xml",     "--enable-xml"};

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(mem_free) char *args = xasprintf("--all-databases %s", refused[i]);
        AUTO(mem_free)
        char *why = xasprintf("parameter args: %s cannot be used: the dump would not be SQL on "
                              "standard output",
                              refused[i]);

        CHECK_DUMP(why, &oracle, "version\t8.0.36", args);
        CHECK_DUMP(why, &oracle, "version\t8.0.36", "", refused[i]);
    }
    CHECK_DUMP("parameter args: -- cannot be used: options that follow would be none", &oracle,
               "version\t8.0.36", "--databases a --");
    CHECK_DUMP("parameter args: -hother cannot be used: where the server is, and who logs in, "
               "stands in the AppBinding",
               &oracle, "version\t8.0.36", "-A -hother");
}

Test(mysql_args, an_option_is_known_however_it_is_written)
{
    static const char *const all[] = {
        "-A", "-RA", "--all-databases", "--all-d", "--all_databases", "--where -x -A"};
    static const char *const not_all[] = {
        "", "--where -A", "-w-A", "--skip-all-databases", "--all-databases=0", "-rA"};

    for (size_t i = 0; i < ARRAY_LEN(all) + ARRAY_LEN(not_all); i++) {
        bool wanted = i < ARRAY_LEN(all);
        const char *text = wanted ? all[i] : not_all[i - ARRAY_LEN(all)];
        AUTO(argv_done) struct argv words = {0};

        argv_add_words(&words, text);
        cr_assert_eq(mysql_args_all_databases(&words), wanted, "%s", text);
    }
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED " -R -w a --databases a --comments",
               &oracle, "version\t8.0.36", "-RA -w a", "--databases a");
    CHECK_DUMP("mariadb-dump -u u " OURS "-R -l a --comments", &mariadb, "version\t10.5.8-MariaDB",
               "-Rl a");
}

Test(mysql_args, several_dumps_have_args_in_common_but_not_its_databases)
{
    AUTO(argv_done) struct argv pieces = {0};

    mysql_args_pieces("$args=--databases a b $args=c t", &pieces);
    cr_assert_eq(pieces.count, 2);
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED
               " --hex-blob --databases a b --comments",
               &oracle, "version\t8.0.36", "--all-databases --hex-blob", pieces.items[0]);
    CHECK_DUMP("mysqldump -u u --single-transaction " OURS
               "--set-gtid-purged=OFF --loose-" MYSQL_UNLIMITED " --hex-blob c t --comments",
               &oracle, "version\t8.0.36", "--all-databases --hex-blob", pieces.items[1]);
    mysql_args_pieces("no mark", &pieces);
    cr_assert_eq(pieces.count, 2);
}

Test(mysql_args, one_of_several_dumps_may_be_of_all_databases)
{
    AUTO(argv_done) struct argv words = {0};

    argv_add_words(&words, "-A");
    cr_assert(mysql_args_wants_all(&words, ""));
    cr_assert(mysql_args_wants_all(&words, "$args=--databases a $args=--all-databases"));
    cr_assert(mysql_args_wants_all(&words, "$args=-AR"));
    cr_assert_not(mysql_args_wants_all(&words, "$args=--databases a"));
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

static char *load_args(const struct mysql_tools *tools, const char *args)
{
    AUTO(argv_done) struct argv connect = {0};
    AUTO(argv_done) struct argv words = {0};
    AUTO(argv_done) struct argv argv = {0};

    argv_add_words(&connect, "-u u");
    argv_add_words(&words, args);
    mysql_args_load(tools, &connect, &words, &argv);
    return joined(&argv);
}

Test(mysql_args, a_load_obeys_no_commands_of_the_dump)
{
    AUTO(mem_free) char *all = load_args(&oracle, "--force");
    AUTO(mem_free) char *one = load_args(&mariadb, "--one-database shop");
    AUTO(mem_free) char *other = load_args(&oracle, "-o shop");

    cr_assert_str_eq(all, "mysql -u u --" MYSQL_UNLIMITED
                          " --default-character-set=utf8mb4 --max-allowed-packet=1G "
                          "--force --binary-mode");
    cr_assert_str_eq(one, "mariadb -u u --" MYSQL_UNLIMITED
                          " --default-character-set=utf8mb4 --max-allowed-packet=1G "
                          "--loose-print-query-on-error=0 --one-database shop --loose-sandbox");
    cr_assert_str_eq(other, "mysql -u u --" MYSQL_UNLIMITED
                            " --default-character-set=utf8mb4 --max-allowed-packet=1G "
                            "-o shop --loose-commands=1 --loose-skip-system-command");
}

static void check_load(const char *args, const char *database, bool one)
{
    AUTO(argv_done) struct argv words = {0};
    const char *found;

    argv_add_words(&words, args);
    found = mysql_args_database(&words);
    cr_assert_str_eq(found ? found : "", database, "%s", args);
    cr_assert_eq(mysql_args_one_database(&words), one, "%s", args);
}

Test(mysql_args, a_load_s_database_is_found)
{
    check_load("", "", false);
    check_load("--force", "", false);
    check_load("copy", "copy", false);
    check_load("-D copy", "copy", false);
    check_load("-Dcopy --force", "copy", false);
    check_load("--database=copy", "copy", false);
    check_load("--database copy", "copy", false);
    check_load("--init-command x copy -o", "copy", true);
    check_load("--one-database shop", "shop", true);
    check_load("--one_data shop", "shop", true);
    check_load("-fo --data=shop", "shop", true);
    check_load("-foDshop", "shop", true);
    check_load("--one-database=0 --prompt x", "", false);
}

static void check_load_refused(const char *args, const char *why)
{
    AUTO(argv_done) struct argv words = {0};
    struct error err;

    argv_add_words(&words, args);
    cr_assert_eq(mysql_args_check_load(&words, &err), -ERR_INVALID, "%s", args);
    cr_assert_not_null(strstr(err.msg, why), "%s", err.msg);
}

Test(mysql_args, an_option_with_which_the_dump_is_not_read_is_refused)
{
    static const char *const refused[] = {"-e x",        "-ex",      "--execute=x",
                                          "--execute x", "-Ne x",    "-fNex",
                                          "--exec=x",    "--exec x", "--loose-execute=x"};

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        AUTO(argv_done) struct argv words = {0};
        struct error err;

        argv_add_words(&words, refused[i]);
        cr_assert_eq(mysql_args_check_load(&words, &err), -ERR_INVALID, "%s", refused[i]);
        cr_assert_not_null(strstr(err.msg, "the client would not read the dump"));
    }
    check_load_refused("-fV", "the tool would say something else");
    check_load_refused("--socket=/s", "stands in the AppBinding");
    check_load_refused("shop --", "options that follow would be none");
}

static void check_charset(const char *text, const char *expected)
{
    AUTO(argv_done) struct argv words = {0};
    const char *name;

    argv_add_words(&words, text);
    name = mysql_args_charset(&words);
    cr_assert_str_eq(name ? name : "(none)", expected, "%s", text);
}

Test(mysql_args, a_character_set_that_lacks_characters_is_known)
{
    check_charset("", "(none)");
    check_charset("--default-character-set=UTF8MB4", "(none)");
    check_charset("--default-character-set binary", "(none)");
    check_charset("--default_char=latin1 shop", "latin1");
    check_charset("--default-character-set=latin1 --default-character-set=utf8mb4", "(none)");
}
