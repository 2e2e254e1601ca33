#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "stash/listen.h"
#include "stash/mem.h"

#define BACKLOG 1024

static int socket_open(const struct sockaddr_storage *address)
{
    int on = 1, off = 0;
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address->ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    int errnum = errno;
    close(fd);
    errno = errnum;
    return -1;
}

void listen_name(const struct sockaddr *address, char ret[LISTEN_NAME_SIZE])
{
    socklen_t len = address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                              : sizeof(struct sockaddr_in);
    char host[64] = "?", port[8] = "?";

    if (address)
        getnameinfo(address, len, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(ret, LISTEN_NAME_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

static void name_fill(int fd, char name[LISTEN_NAME_SIZE])
{
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof(bound);

    (void)getsockname(fd, (struct sockaddr *)&bound, &len);
    listen_name((const struct sockaddr *)&bound, name);
}

int listen_open(const char *address, int *ret_fd, char ret_name[LISTEN_NAME_SIZE],
                struct error *err)
{
    struct sockaddr_storage parsed;
    int r = listen_parse(address, &parsed, err);

    if (r < 0)
        return r;
    int fd = socket_open(&parsed);
    if (fd < 0)
        return error_set_errno(err, errno, "listening on %s", address);
    name_fill(fd, ret_name);
    *ret_fd = fd;
    return 0;
}
