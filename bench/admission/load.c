/*
 * usage: load PORT BODY [--connections=N] [--rate=R] [--seconds=S] [--burst] [--path=/validate]
 *
 * Posts the file BODY to https://127.0.0.1:PORT, path /inject unless told, on one thread, and prints one line:
 *   requests/s  p50  p99  p99.9  max (ms)  errors
 *
 * Without a rate each connection asks again as soon as it is answered. With one, requests are due at fixed times
 * whether or not the answers come (open loop), and latency counts from when a request was due: a server that stalls is
 * charged for everybody who would have waited. --burst opens all connections at once and asks once on each; latency
 * then holds the handshake.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "stash/file.h"
#include "stash/flags.h"
#include "stash/limits.h"
#include "stash/mem.h"

#define CONNECTIONS_MAX 4096
#define SAMPLES_MAX     20000000
#define PATIENCE_US     10000000
#define MICROS          INT64_C(1000000)

enum state { SHAKING, IDLE, WRITING, READING, BROKEN };

struct connection {
    enum state state;
    int fd;
    SSL *ssl;
    int64_t since_us; /* when its request was due */
    size_t sent;
    size_t got, whole; /* of the answer; whole 0: not known yet */
    char answer[16384];
};

static struct {
    int64_t connections, rate, seconds;
    bool burst;
    const char *path;
    in_port_t port;
    char *request;
    size_t request_len;

    SSL_CTX *tls;
    int epoll;
    struct connection *all;
    int64_t *samples;
    size_t sampled, asked, errors;
    int64_t began_us, ends_us;
} load = {.connections = 1, .seconds = 5, .path = "/inject"};

static int64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * MICROS + now.tv_nsec / 1000;
}

/* ---- one connection ---- */

static void connection_open(struct connection *c)
{
    const struct sockaddr_in server = {.sin_family = AF_INET,
                                       .sin_port = htons(load.port),
                                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {EPOLLIN | EPOLLOUT | EPOLLET, {.ptr = c}};
    int on = 1;

    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    c->since_us = now_us();
    BUG_ON(c->fd < 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    (void)connect(c->fd, (const struct sockaddr *)&server, sizeof(server));
    c->ssl = SSL_new(load.tls);
    SSL_set_fd(c->ssl, c->fd);
    SSL_set_connect_state(c->ssl);
    c->state = SHAKING;
    epoll_ctl(load.epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void connection_break(struct connection *c)
{
    load.errors++;
    SSL_free(c->ssl);
    close(c->fd);
    c->state = BROKEN;
    if (!load.burst && load.began_us && now_us() < load.ends_us)
        connection_open(c);
}

/* True: go on; false: wait for the socket (or it is broken now). */
static bool moved(struct connection *c, int result)
{
    if (result > 0)
        return true;
    int why = SSL_get_error(c->ssl, result);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        connection_break(c);
    return false;
}

static void sample_add(int64_t latency)
{
    if (load.sampled < SAMPLES_MAX)
        load.samples[load.sampled++] = latency;
}

/* Headers, then as much as they announce; true when the answer is whole. */
static bool answer_is_whole(struct connection *c)
{
    c->answer[c->got < sizeof(c->answer) ? c->got : sizeof(c->answer) - 1] = '\0';
    if (!c->whole) {
        const char *end = strstr(c->answer, "\r\n\r\n");
        const char *length = strcasestr(c->answer, "Content-Length:");
        if (!end || !length)
            return false;
        c->whole = (size_t)(end - c->answer) + 4 + strtoul(length + 15, NULL, 10);
    }
    return c->got >= c->whole;
}

static bool answer_read(struct connection *c)
{
    char rest[16384]; /* of an answer that is larger than what is kept of it */

    for (;;) {
        bool kept = c->got < sizeof(c->answer) - 1;
        int len = kept ? SSL_read(c->ssl, c->answer + c->got, (int)(sizeof(c->answer) - 1 - c->got))
                       : SSL_read(c->ssl, rest, sizeof(rest));
        if (!moved(c, len))
            return false;
        c->got += (size_t)len;
        if (answer_is_whole(c))
            return true;
    }
}

static void connection_ask(struct connection *c, int64_t due_us)
{
    c->since_us = due_us;
    c->sent = c->got = c->whole = 0;
    c->state = WRITING;
    load.asked++;
}

/* As far as it goes without waiting; true when it became idle. */
static bool connection_run(struct connection *c)
{
    if (c->state == SHAKING && moved(c, SSL_do_handshake(c->ssl))) {
        int64_t began = c->since_us;
        c->state = IDLE;
        if (load.burst)
            connection_ask(c, began);
        else
            return true;
    }
    while (c->state == WRITING) {
        int len = SSL_write(c->ssl, load.request + c->sent, (int)(load.request_len - c->sent));
        if (!moved(c, len))
            return false;
        c->sent += (size_t)len;
        if (c->sent == load.request_len)
            c->state = READING;
    }
    if (c->state != READING || !answer_read(c))
        return false;
    if (strncmp(c->answer, "HTTP/1.1 200", 12) != 0)
        load.errors++;
    sample_add(now_us() - c->since_us);
    c->state = IDLE;
    return true;
}

/* ---- who asks when ---- */

static struct connection *idle[CONNECTIONS_MAX];
static size_t idle_count;
static int64_t due_count; /* requests handed out so far */

/* When the next request is due; never, in a closed loop: there everybody asks at once. */
static int64_t due_next(void)
{
    return load.began_us + due_count * MICROS / load.rate;
}

static void hand_out(int64_t now)
{
    while (idle_count > 0 && now < load.ends_us) {
        int64_t due = load.rate ? due_next() : now;
        if (due > now)
            return;
        struct connection *c = idle[--idle_count];
        due_count++;
        connection_ask(c, due);
        if (connection_run(c))
            idle[idle_count++] = c;
    }
}

static void wait_for_sockets(void)
{
    struct epoll_event events[256];
    int64_t pause = load.rate && idle_count > 0 ? due_next() - now_us() : 20000;
    int64_t nanos = (pause > 0 ? pause : 0) * 1000;
    struct timespec timeout = {.tv_nsec = nanos < 20000000 ? nanos : 20000000};
    int count = epoll_pwait2(load.epoll, events, 256, &timeout, NULL);

    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (c->state != IDLE && c->state != BROKEN && connection_run(c))
            idle[idle_count++] = c;
    }
}

static bool all_are_idle(void)
{
    return load.sampled + load.errors >= (size_t)load.connections;
}

static void run_burst(void)
{
    load.began_us = now_us();
    for (int64_t i = 0; i < load.connections; i++)
        connection_open(&load.all[i]);
    while (!all_are_idle() && now_us() < load.began_us + PATIENCE_US)
        wait_for_sockets();
    load.ends_us = now_us();
    load.errors = (size_t)load.connections - load.sampled;
}

static void give_up(void)
{
    fprintf(stderr, "load: no answer at 127.0.0.1:%u\n", (unsigned)load.port);
    exit(1);
}

static void run_loop(void)
{
    load.ends_us = INT64_MAX;
    for (int64_t i = 0; i < load.connections; i++)
        connection_open(&load.all[i]);
    for (int64_t patience = now_us() + PATIENCE_US; idle_count < (size_t)load.connections;) {
        wait_for_sockets();
        if (now_us() > patience)
            give_up();
    }
    load.began_us = now_us();
    load.ends_us = load.began_us + load.seconds * MICROS;
    for (int64_t now = load.began_us; now < load.ends_us; now = now_us()) {
        hand_out(now);
        wait_for_sockets();
    }
    /* those that were due and never asked count as late as they are */
    while (load.rate && due_next() < load.ends_us)
        sample_add(load.ends_us - due_next()), due_count++;
}

/* ---- report ---- */

static int by_size(const void *one, const void *other)
{
    int64_t a = *(const int64_t *)one, b = *(const int64_t *)other;

    return (a > b) - (a < b);
}

static double percentile(double share)
{
    size_t at = (size_t)((double)load.sampled * share);

    return load.sampled ? (double)load.samples[at < load.sampled ? at : load.sampled - 1] / 1000
                        : 0;
}

static void report(void)
{
    double seconds = (double)(load.ends_us - load.began_us) / 1e6;

    qsort(load.samples, load.sampled, sizeof(*load.samples), by_size);
    printf("%.0f %.3f %.3f %.3f %.3f %zu\n", (double)load.sampled / seconds, percentile(0.5),
           percentile(0.99), percentile(0.999), percentile(1), load.errors);
}

static int request_make(const char *path, struct error *err)
{
    AUTO(mem_free) char *body = NULL;
    size_t len;

    if (file_read(path, LIMIT_REVIEW_BODY, &body, &len, err) < 0)
        return -1;
    AUTO(mem_free)
    char *head = xasprintf("POST %s?timeout=1s HTTP/1.1\r\nHost: localhost\r\n"
                           "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                           load.path, len);
    load.request_len = strlen(head) + len;
    load.request = xcalloc(1, load.request_len);
    memcpy(load.request, head, strlen(head));
    memcpy(load.request + strlen(head), body, len);
    return 0;
}

int main(int argc, char **argv)
{
    const struct flag flags[] = {{"connections", FLAG_INT, &load.connections, "1"},
                                 {"rate", FLAG_INT, &load.rate, "requests a second; 0: no limit"},
                                 {"seconds", FLAG_INT, &load.seconds, "5"},
                                 {"burst", FLAG_BOOL, &load.burst, "all at once, once"},
                                 {"path", FLAG_STRING, &load.path, "/inject"},
                                 {0}};
    struct error err = {0};
    int rest = 0;

    if (flags_parse(argc, argv, flags, &rest, &err) < 0 || rest != 2 || load.connections < 1 ||
        load.connections > CONNECTIONS_MAX || request_make(argv[2], &err) < 0) {
        fprintf(stderr, "usage: load PORT BODY [flags] %s\n", err.msg);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a server may close a connection at any time */
    load.port = (in_port_t)atoi(argv[1]);
    load.tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_mode(load.tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    load.epoll = epoll_create1(EPOLL_CLOEXEC);
    load.all = xcalloc((size_t)load.connections, sizeof(*load.all));
    load.samples = xcalloc(SAMPLES_MAX, sizeof(*load.samples));
    if (load.burst)
        run_burst();
    else
        run_loop();
    report();
    return 0;
}
