/* A real server that takes nothing but TLS, and clients with a certificate. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "redis_lab.h"
#include "stash/clock.h"

#define RIGHT  REDIS_AUTH ", parameters: {clientCertSecret: {name: client-right}}"
#define SECURE "redis-cli $TLS_OPTIONS -p " REDIS_PORT " "

static void open_tls(struct lab *lab, const char *config, const char *spec)
{
    lab_open(lab, "redis");
    AUTO(mem_free)
    char *options = xasprintf("--tls --cacert %s/right.crt --cert %s/client-right.crt --key "
                              "%s/client-right.key",
                              getenv("LAB"), getenv("LAB"), getenv("LAB"));
    AUTO(mem_free)
    char *server = xasprintf("--port 0 --tls-port " REDIS_PORT " --tls-cert-file %s/server.crt "
                             "--tls-key-file %s/server.key --tls-ca-cert-file %s/right.crt",
                             getenv("LAB"), getenv("LAB"), getenv("LAB"));

    setenv("TLS_OPTIONS", options, 1);
    lab_do(TESTS "tls");
    lab->stage.flags.self = STASH;
    setenv("REDISCLI_AUTH", "s3cret", 1);
    redis_lab_start(lab, "redis-server", REDIS_PORT, server);
    redis_lab_bind(lab, config, spec);
}

static void check_let_in(const char *config, const char *spec)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab, config, spec);
    lab_do(SECURE "RPUSH list a b c >/dev/null; head -c 3000000 /dev/urandom | " SECURE
                  "-x SET heavy >/dev/null");
    AUTO(mem_free) char *before = lab_ask(SECURE "GET heavy | sha256sum");
    redis_lab_back_up(&lab);
    lab_do(SECURE "FLUSHALL");
    redis_lab_restore(&lab);
    redis_lab_check(SECURE "LRANGE list 0 -1 | xargs", "a b c");
    redis_lab_check(SECURE "GET heavy | sha256sum", before);
}

/* It waits for nothing that does not mend itself, and stores nothing. */
static void check_refused(const char *config, const char *spec, const char *why)
{
    AUTO(lab_done) struct lab lab = {0};

    open_tls(&lab, config, spec);
    int64_t begun = clock_mono_ms();
    json_auto_t *stat = lab_back_up(&lab);
    lab_check_failed(stat, why);
    cr_assert_lt(clock_mono_ms() - begun, 20000, "it waited");
    cr_assert_eq(redis_lab_snapshots(), 0);
}

Test(redis_tls_lab, a_server_that_the_ca_vouches_for_is_let_in, .timeout = 300)
{
    check_let_in(REDIS_URL ", caBundle: @right", RIGHT);
}

Test(redis_tls_lab, a_certificate_may_be_in_the_tls_secret, .timeout = 300)
{
    check_let_in(REDIS_URL ", caBundle: @right", REDIS_AUTH ", tlsSecret: {name: client-right}");
}

Test(redis_tls_lab, another_ca_does_not_matter_where_nobody_verifies, .timeout = 300)
{
    check_let_in(REDIS_URL ", caBundle: @wrong, insecureSkipTLSVerify: true", RIGHT);
}

Test(redis_tls_lab, a_server_of_another_ca_is_refused, .timeout = 300)
{
    check_refused(REDIS_URL ", caBundle: @wrong", RIGHT, "certificate");
}

Test(redis_tls_lab, a_server_of_another_name_is_refused, .timeout = 300)
{
    check_refused("url: 'redis://localhost:" REDIS_PORT "', caBundle: @right", RIGHT,
                  "host name 'localhost'");
}

Test(redis_tls_lab, a_client_of_another_ca_is_refused, .timeout = 300)
{
    check_refused(REDIS_URL ", caBundle: @right", REDIS_AUTH ", tlsSecret: {name: client-wrong}",
                  "alert");
}

Test(redis_tls_lab, a_client_without_a_certificate_is_refused, .timeout = 300)
{
    check_refused(REDIS_URL ", caBundle: @right", REDIS_AUTH, "certificate");
}
