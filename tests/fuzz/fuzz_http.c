/*
 * Bytes on a connection, from anyone: the server library with our limits and callbacks, over a socket pair, without TLS
 * and threads. Each answer is well-formed HTTP with a status that fits, and nothing is left over when the peer is gone.
 *
 * The first byte says in pieces of what size the rest arrives.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "demo.h"
#include "fuzz.h"
#include "server.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

#define ANSWERS_MAX (4 * LIMIT_MIB)
#define TURNS_MAX   200 /* of the server's loop, for one piece */
#define PATIENCE    3   /* turns until the deadline of a peer that says no more */

static struct webhook *webhook;

static void start(void)
{
    struct MHD_OptionItem end = {MHD_OPTION_END, 0, NULL};

    webhook = server_new(demo_config());
    webhook->stopping = true; /* no thread watches the clock: nobody may wait */
    webhook->daemon = server_daemon(webhook, MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, &end);
    BUG_ON(!webhook->daemon);
}

/* What has come back so far; false when the server has closed. */
static bool collect(int fd, struct buf *answers)
{
    char piece[4096];
    ssize_t len;

    while ((len = recv(fd, piece, sizeof(piece), 0)) > 0)
        buf_add(answers, piece, (size_t)len);
    return len < 0 && errno == EAGAIN;
}

/* Let the server work until it has nothing to do but to wait for us. */
static bool turn(int fd, struct buf *answers)
{
    int turns = 0;
    bool open = true;
    size_t before;

    do {
        before = answers->len;
        for (int i = 0; i < 3; i++, turns++)
            BUG_ON(MHD_run(webhook->daemon) != MHD_YES);
        open = collect(fd, answers);
    } while (open && answers->len > before && turns < TURNS_MAX);
    return open;
}

/* With its buffer nearly full of half a header the library does not see that nobody will send the rest. */
static void deadline_passes(void)
{
    for (struct peer *peer = webhook->guard.peers; peer; peer = peer->next)
        atomic_store(&peer->deadline_ms, 0);
    guard_sweep(&webhook->guard);
}

static void say(int fd, const uint8_t *data, size_t size, size_t piece, struct buf *answers)
{
    bool open = true;

    for (size_t at = 0; open && at < size; at += piece) {
        size_t len = size - at < piece ? size - at : piece;
        open = send(fd, data + at, len, MSG_NOSIGNAL) == (ssize_t)len && turn(fd, answers);
    }
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < TURNS_MAX && (open = turn(fd, answers)); i++)
        if (i == PATIENCE)
            deadline_passes();
    BUG_ON(open);
}

/* libmicrohttpd 1.0 answers 301 to a path with blanks, with the path as it should be. */
static bool is_known(unsigned long status)
{
    static const unsigned long known[] = {100, 200, 301, 400, 404, 405, 411, 413,
                                          414, 415, 417, 431, 500, 501, 503, 505};

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (known[i] == status)
            return true;
    return false;
}

/* Of a Content-Length that is none, libmicrohttpd 0.9.75 complains with its headers twice, and closes. */
static const char *stutter_skip(const char *headers, const char *end)
{
    size_t len = (size_t)(end - headers);
    bool again = memmem(headers, len, "Connection: close", 17) && strncmp(end, headers, len) == 0;

    return again ? end + len : end;
}

/* One answer; returns behind it. */
static const char *answer_check(const char *at, bool *ret_headless)
{
    const char *end = strstr(at, "\r\n\r\n"), *length = strcasestr(at, "\r\nContent-Length: ");
    unsigned long status;

    BUG_ON(strncmp(at, "HTTP/1.1 ", 9) != 0 && strncmp(at, "HTTP/1.0 ", 9) != 0);
    status = strtoul(at + 9, NULL, 10);
    BUG_ON(!is_known(status) || !end);
    if (status == 100)
        return end + 4;
    BUG_ON(!length || length > end);
    const char *body = stutter_skip(at, end + 4);
    size_t size = strtoul(length + 18, NULL, 10), there = strlen(body);
    *ret_headless = there < size; /* the answer to a HEAD request, or a peer that went away */
    json_auto_t *answer = NULL;
    struct error err;
    if (status == 200 && !*ret_headless) {
        BUG_ON(jsonx_parse(body, size, &answer, &err) < 0);
        BUG_ON(!json_is_boolean(jsonx_get(answer, "response", "allowed", NULL)));
    }
    return body + (there < size ? there : size);
}

static void answers_check(const char *at)
{
    bool headless = false;

    while (*at && !headless)
        at = answer_check(at, &headless);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct sockaddr_in somebody = {.sin_family = AF_INET, .sin_port = 1};
    AUTO(buf_done) struct buf answers = {0};
    int pair[2];

    if (!webhook)
        start();
    if (size < 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) < 0)
        return 0;
    buf_init(&answers, ANSWERS_MAX);
    BUG_ON(MHD_add_connection(webhook->daemon, pair[1], (const struct sockaddr *)&somebody,
                              sizeof(somebody)) != MHD_YES);
    say(pair[0], data + 1, size - 1, data[0] ? data[0] : size, &answers);
    close(pair[0]);
    BUG_ON(MHD_run(webhook->daemon) != MHD_YES);
    BUG_ON(atomic_load(&webhook->metrics.in_flight) || atomic_load(&webhook->metrics.in_memory));
    BUG_ON(webhook->guard.peers || webhook->guard.clients);
    if (!memchr(answers.data, '\0', answers.len))
        answers_check(answers.data);
    return 0;
}
