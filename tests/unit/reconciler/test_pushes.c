#include "pushes.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stash/clock.h"
#include "stash/jsonx.h"

#define WAIT_MS 20000

/* ---- a Pushgateway, good or silent --------------------------------------------------------------- */

struct gateway {
    int listener;
    pthread_t thread;
    atomic_bool silent;
    atomic_int connections;
    atomic_int woken;
    char last[256]; /* the body of the last push; written before `woken` counts it */
    char url[80];
};

static void answer(struct gateway *gateway, int client)
{
    static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    char text[4096] = "";
    size_t len = 0;
    const char *body = NULL;

    while (!body || !*body) {
        ssize_t got = read(client, text + len, sizeof(text) - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        text[len] = '\0';
        body = strstr(text, "\r\n\r\n");
        body = body ? body + 4 : NULL;
    }
    snprintf(gateway->last, sizeof(gateway->last), "%s", body ? body : "");
    if (write(client, ok, sizeof(ok) - 1) < 0)
        perror("answer");
}

/* A silent one keeps its connections open, and says nothing as long as it is silent. */
static void *serve(void *arg)
{
    struct gateway *gateway = arg;
    int client;

    while ((client = accept(gateway->listener, NULL, NULL)) >= 0) {
        atomic_fetch_add(&gateway->connections, 1);
        while (atomic_load(&gateway->silent))
            clock_sleep_ms(5);
        answer(gateway, client);
        close(client);
    }
    return NULL;
}

static void gateway_open(struct gateway *gateway, bool silent)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);

    memset(gateway, 0, sizeof(*gateway));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    atomic_store(&gateway->silent, silent);
    gateway->listener = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(bind(gateway->listener, (struct sockaddr *)&address, sizeof(address)), 0);
    cr_assert_eq(listen(gateway->listener, 64), 0);
    getsockname(gateway->listener, (struct sockaddr *)&address, &len);
    snprintf(gateway->url, sizeof(gateway->url), "http://127.0.0.1:%d/metrics/job/a",
             ntohs(address.sin_port));
    pthread_create(&gateway->thread, NULL, serve, gateway);
}

static void gateway_close(struct gateway *gateway)
{
    atomic_store(&gateway->silent, false);
    shutdown(gateway->listener, SHUT_RDWR);
    pthread_join(gateway->thread, NULL);
    close(gateway->listener);
}

static void wake(void *ctx, const char *key)
{
    struct gateway *gateway = ctx;

    (void)key;
    atomic_fetch_add(&gateway->woken, 1);
}

static void wait_for(const atomic_int *counter, int wanted)
{
    int64_t until = clock_mono_ms() + WAIT_MS;

    while (atomic_load(counter) < wanted) {
        cr_assert_lt(clock_mono_ms(), until, "%d of %d", atomic_load(counter), wanted);
        clock_sleep_ms(5);
    }
}

static void add(struct pushes *pushes, const char *url, const char *session, const char *body,
                int64_t created)
{
    pushes_add(
        pushes,
        &(struct push_request){
            .url = url, .body = body, .session = session, .wake = session, .created = created});
}

static void expect_state(struct pushes *pushes, const char *url, const char *session,
                         int64_t created, const char *wanted)
{
    json_auto_t *outcome = pushes_outcome(pushes, url, session, created);
    const char *state = jsonx_str(outcome, "state", NULL);

    cr_assert_str_eq(state ? state : "none", wanted);
}

/* ---- what is promised ---------------------------------------------------------------------------- */

Test(pushes, what_has_arrived_is_told_and_wakes_the_session)
{
    struct gateway gateway;

    gateway_open(&gateway, false);
    AUTO(pushes_free) struct pushes *pushes = pushes_new(wake, &gateway);
    expect_state(pushes, gateway.url, "one", 1, "none");
    add(pushes, gateway.url, "one", "a 1\n", 1);
    wait_for(&gateway.woken, 1);
    expect_state(pushes, gateway.url, "one", 1, "Pushed");
    cr_assert_str_eq(gateway.last, "a 1\n");
    gateway_close(&gateway);
}

Test(pushes, a_gateway_that_refuses_is_a_failure_with_the_reason)
{
    struct gateway gateway;

    gateway_open(&gateway, false);
    AUTO(pushes_free) struct pushes *pushes = pushes_new(wake, &gateway);
    add(pushes, "http://127.0.0.1:1/metrics/job/a", "one", "a 1\n", 1);
    wait_for(&gateway.woken, 1);
    json_auto_t *outcome = pushes_outcome(pushes, "http://127.0.0.1:1/metrics/job/a", "one", 1);
    cr_assert_str_eq(jsonx_str(outcome, "state", NULL), "Failed");
    cr_assert(strstr(jsonx_str(outcome, "error", NULL), "127.0.0.1:1"));
    cr_assert_gt(jsonx_int(outcome, 0, "at", NULL), 0);
    gateway_close(&gateway);
}

/* A thousand sessions end while the gateway is silent: nobody waits for it, and the end of the process neither. */
Test(pushes, a_silent_gateway_delays_nobody, .timeout = 60)
{
    struct gateway gateway;

    gateway_open(&gateway, true);
    struct pushes *pushes = pushes_new(wake, &gateway);
    int64_t start = clock_mono_ms();
    for (int i = 0; i < 1000; i++) {
        AUTO(mem_free) char *url = xasprintf("%s%d", gateway.url, i);
        add(pushes, url, "one", "a 1\n", 1);
        expect_state(pushes, url, "one", 1, "Pending");
    }
    cr_expect_lt(clock_mono_ms() - start, 2000);
    wait_for(&gateway.connections, 1);
    start = clock_mono_ms();
    pushes_free(pushes);
    cr_expect_lt(clock_mono_ms() - start, 5000,
                 "curl looks about every second whether it is to end");
    gateway_close(&gateway);
}

/* An old Failed must not be what the dashboard shows of a new Succeeded. */
Test(pushes, an_older_session_never_comes_after_a_newer_one, .timeout = 60)
{
    struct gateway gateway;

    gateway_open(&gateway, true);
    AUTO(pushes_free) struct pushes *pushes = pushes_new(wake, &gateway);
    add(pushes, gateway.url, "first", "a 1\n", 1);
    wait_for(&gateway.connections, 1);
    add(pushes, gateway.url, "second", "a 2\n", 2);
    add(pushes, gateway.url, "third", "a 3\n", 3);
    add(pushes, gateway.url, "second", "a 2\n", 2);
    expect_state(pushes, gateway.url, "first", 1, "Superseded");
    expect_state(pushes, gateway.url, "second", 2, "Superseded");
    expect_state(pushes, gateway.url, "third", 3, "Pending");
    wait_for(&gateway.woken, 1);
    atomic_store(&gateway.silent, false);
    wait_for(&gateway.woken, 3);
    expect_state(pushes, gateway.url, "third", 3, "Pushed");
    cr_assert_str_eq(gateway.last, "a 3\n");
    cr_assert_eq(atomic_load(&gateway.connections), 2, "the second one is left out");
    gateway_close(&gateway);
}

Test(pushes, what_waits_has_a_limit, .timeout = 60)
{
    AUTO(mem_free) char *body = xcalloc(1, 1024 * 1024 + 1);
    struct gateway gateway;
    int failed = 0;

    memset(body, 'a', 1024 * 1024);
    gateway_open(&gateway, true);
    AUTO(pushes_free) struct pushes *pushes = pushes_new(wake, &gateway);
    for (int i = 0; i < 30; i++) {
        AUTO(mem_free) char *url = xasprintf("%s%d", gateway.url, i);
        add(pushes, url, "one", body, 1);
        json_auto_t *outcome = pushes_outcome(pushes, url, "one", 1);
        failed += strcmp(jsonx_str(outcome, "state", NULL), "Failed") == 0;
    }
    cr_assert_geq(failed, 10, "16 MiB wait, and four are under way at most");
    cr_assert_leq(failed, 14);
    gateway_close(&gateway);
}
