/* A real server that takes nothing but TLS. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "pg_lab.h"
#include "stash/clock.h"

#define URL      "url: 'postgresql://127.0.0.1:" PG_PORT "'"
#define URL_WITH "url: 'postgresql://127.0.0.1:" PG_PORT "?sslmode="
#define PASSWORD "secret: {name: db-auth}"

/* With a role that a certificate may log in as. */
static void open_tls(struct lab *lab)
{
    pg_open(lab, "pg-tls");
    pg_do("psql -qc 'CREATE ROLE by_certificate SUPERUSER LOGIN' -c 'CREATE TABLE t AS SELECT "
          "generate_series(1, 100) AS i'");
    lab_stop(lab);
    pg_do(TESTS "tls make");
    AUTO(mem_free)
    char *settings =
        xasprintf("ssl=on ssl_cert_file=%s/pg/server.crt ssl_key_file=%s/pg/server.key "
                  "ssl_ca_file=%s/pg/right.crt",
                  getenv("LAB"), getenv("LAB"), getenv("LAB"));
    pg_start(lab, settings);
}

static void bind(struct lab *lab, const char *config, const char *spec)
{
    AUTO(mem_free)
    char *command = xasprintf(TESTS "tls bind \"%s\" \"%s\" >$LAB/tls.yaml", config, spec);
    AUTO(mem_free) char *script = xasprintf("%s/tls.yaml", getenv("LAB"));

    pg_do(command);
    fake_restart(lab->stage.fake, script);
}

static void check_let_in(const char *config, const char *spec)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab);
    bind(&lab, config, spec);
    lab_set(&lab, "user", "by_certificate");
    pg_back_up(&lab);
    pg_do("psql -qc 'DROP TABLE t'");
    pg_restore(&lab);
    pg_check_ask("psql -Atc 'SELECT sum(i) FROM t'", "5050");
}

/* It waits for nothing that does not mend itself, and stores nothing. */
static void check_refused(const char *config, const char *spec, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab);
    bind(&lab, config, spec);
    lab_set(&lab, "user", "by_certificate");
    int64_t begun = clock_mono_ms();
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, why);
    cr_assert_lt(clock_mono_ms() - begun, 20000, "it waited");
    cr_assert_eq(pg_snapshots(), 0);
}

Test(postgres_tls_lab, a_server_that_the_ca_vouches_for_is_let_in, .timeout = 300)
{
    check_let_in(URL ", caBundle: @right", PASSWORD);
}

Test(postgres_tls_lab, a_server_of_another_ca_is_refused, .timeout = 300)
{
    check_refused(URL ", caBundle: @wrong", PASSWORD, "certificate verify failed");
}

Test(postgres_tls_lab, another_ca_does_not_matter_where_nobody_verifies, .timeout = 300)
{
    check_let_in(URL ", caBundle: @wrong, insecureSkipTLSVerify: true", PASSWORD);
}

Test(postgres_tls_lab, another_name_is_refused_where_the_name_counts, .timeout = 300)
{
    check_refused(URL_WITH "verify-full', caBundle: @right", PASSWORD,
                  "does not match host name \"127.0.0.1\"");
}

Test(postgres_tls_lab, without_tls_the_server_refuses, .timeout = 300)
{
    check_refused(URL_WITH "disable'", PASSWORD, "no encryption");
}

Test(postgres_tls_lab, a_certificate_logs_in_without_a_password, .timeout = 300)
{
    check_let_in(URL ", caBundle: @right", "tlsSecret: {name: client-right}");
}

Test(postgres_tls_lab, a_certificate_of_another_ca_does_not, .timeout = 300)
{
    check_refused(URL ", caBundle: @right", "tlsSecret: {name: client-wrong}", "unknown ca");
}

Test(postgres_tls_lab, a_ca_means_that_a_server_without_tls_is_refused, .timeout = 300)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab);
    lab_stop(&lab);
    pg_do("echo 'host all all all scram-sha-256' >$LAB/pg/data/pg_hba.conf");
    pg_start(&lab, "");
    bind(&lab, URL ", caBundle: @right", PASSWORD);
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, "server does not support SSL");
    cr_assert_eq(pg_snapshots(), 0);
}
