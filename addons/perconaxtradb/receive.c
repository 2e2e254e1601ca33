/*
 * receive.c - a program of its own, run as a tool: join the group, ask for a state transfer, and pass on what the donor sends.
 *
 * A donor connects twice: first it sends who it is, which nobody needs, then the copy. We listen before we ask, so
 * it never has to try again.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "copy.h"
#include "galera_args.h"
#include "stash/clock.h"
#include "stash/listen.h"
#include "stash/spawn.h"
#include "stash/tool.h"

#define PIECE   (64 * LIMIT_KIB)
#define TICK_MS 1000
#define REST_MS 60000 /* a donor looks at its files first, and rests between its two transfers */

/* ---- listen -------------------------------------------------------------------------------------------------------- */

static int try_listen(const struct sockaddr_storage *address, int *ret, struct error *err)
{
    AUTO(fd_close) int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *generic = (const struct sockaddr *)address;
    int yes = 1;

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0 ||
        bind(fd, generic, sizeof(*address)) < 0 || listen(fd, 4) < 0)
        return error_set_errno(err, errno, "listening for the donor on port " GALERA_SST_PORT);
    *ret = fd;
    fd = -1;
    return 0;
}

static int open_listener(const char *own, int64_t retries, int *ret, struct error *err)
{
    AUTO(mem_free) char *text = xasprintf("%s:" GALERA_SST_PORT, own);
    struct sockaddr_storage address;
    int r = listen_parse(text, &address, err);

    if (r < 0)
        return r;
    r = try_listen(&address, ret, err);
    while (r < 0 && err->code == EADDRINUSE && retries-- > 0 && spawn_sleep_ms(TICK_MS))
        r = try_listen(&address, ret, err);
    return r;
}

/* ---- join ---------------------------------------------------------------------------------------------------------- */

static int join_group(char *const *words, int64_t wait_ms, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(child_env_done) struct child_env env = {0};
    const char *folder = getenv("TMPDIR");
    const struct tool_request request = {.args = &args, .env = &env.env, .timeout_ms = wait_ms};

    for (; *words; words++)
        argv_add(&args, *words);
    tool_env(&env, folder ? folder : "/tmp");
    return tool_run(&request, err);
}

/* ---- receive ------------------------------------------------------------------------------------------------------- */

static int next_connection(int listener, int64_t wait_ms, int *ret, struct error *err)
{
    int64_t end = clock_mono_ms() + wait_ms;
    struct pollfd poller = {.fd = listener, .events = POLLIN};

    while (clock_mono_ms() < end && !spawn_is_cancelled()) {
        if (poll(&poller, 1, TICK_MS) <= 0)
            continue;
        *ret = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (*ret >= 0)
            return 0;
    }
    return error_set(err, ERR_TIMEOUT,
                     "no donor sent anything in %lld s: the servers' logs say why (lines with "
                     "WSREP_SST)",
                     (long long)(wait_ms / 1000));
}

static int write_on(const char *data, size_t len, struct error *err)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, data, len);

        if (n < 0 && errno == EINTR && !spawn_is_cancelled())
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "passing the copy on");
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

static int take_stream(int fd, bool pass_on, uint64_t *ret_bytes, struct error *err)
{
    AUTO(mem_free) char *data = xmalloc(PIECE);
    int r = 0;

    for (*ret_bytes = 0; r == 0;) {
        ssize_t n = read(fd, data, PIECE);

        if (n < 0 && errno == EINTR && !spawn_is_cancelled())
            continue;
        if (n < 0)
            return error_set_errno(err, errno, "the donor's connection");
        if (n == 0)
            return 0;
        *ret_bytes += (uint64_t)n;
        r = pass_on ? write_on(data, (size_t)n, err) : 0;
    }
    return r;
}

/* Who connects and says nothing is no donor, as long as none was there. */
static int receive_copy(int listener, int64_t wait_ms, struct error *err)
{
    bool was_there = false;

    for (;;) {
        AUTO(fd_close) int fd = -1;
        uint64_t bytes = 0;
        int r = next_connection(listener, wait_ms, &fd, err);

        if (r == 0)
            r = take_stream(fd, was_there, &bytes, err);
        if (r < 0 || was_there)
            return r;
        was_there = bytes > 0;
    }
}

int copy_receive(int argc, char **argv, struct error *err)
{
    AUTO(fd_close) int listener = -1;
    int64_t wait_ms;
    int r;

    if (argc < 5)
        return error_set(err, ERR_INVALID, "usage: OWN-ADDRESS RETRIES SECONDS GARBD…");
    wait_ms = strtoll(argv[3], NULL, 10) * 1000;
    r = open_listener(argv[1], strtoll(argv[2], NULL, 10), &listener, err);
    if (r == 0)
        r = join_group(argv + 4, wait_ms, err);
    return r < 0 ? r : receive_copy(listener, wait_ms + REST_MS, err);
}

/* ---- our own address ----------------------------------------------------------------------------------------------- */

/* Of the interface by which the node is reached; nothing is sent. */
static bool name_own(const struct addrinfo *node, char *ret, size_t size)
{
    AUTO(fd_close) int fd = socket(node->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage own;
    socklen_t len = sizeof(own);

    return fd >= 0 && connect(fd, node->ai_addr, node->ai_addrlen) == 0 &&
           getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
           getnameinfo((struct sockaddr *)&own, len, ret, (socklen_t)size, NULL, 0,
                       NI_NUMERICHOST) == 0;
}

int copy_own_address(const char *cluster, char **ret, struct error *err)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    AUTO(mem_free) char *host = NULL;
    AUTO(mem_free) char *port = NULL;
    char own[NI_MAXHOST] = "";
    struct addrinfo *found = NULL;
    int r = galera_first_node(cluster, &host, &port, err);
    int failed;

    if (r < 0)
        return r;
    failed = getaddrinfo(host, port, &hints, &found);
    for (const struct addrinfo *at = found; at && !*own; at = at->ai_next)
        if (!name_own(at, own, sizeof(own)))
            *own = '\0';
    if (found)
        freeaddrinfo(found);
    if (!*own)
        return error_set(err, ERR_TRANSPORT, "the cluster's address %s: %s", host,
                         failed ? gai_strerror(failed) : "there is no way to it");
    *ret = xasprintf(strchr(own, ':') ? "[%s]" : "%s", own);
    return 0;
}
