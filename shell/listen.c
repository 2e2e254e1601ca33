#include "stash/listen.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "stash/mem.h"

static int listen_invalid(const char *text, struct error *err)
{
    return error_set(err, ERR_INVALID, "\"%s\" is not an address such as 0.0.0.0:8443 or [::]:8443",
                     text);
}

static bool parse_port(const char *text, in_port_t *ret)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);

    if (!*text || *end || port > 65535)
        return false;
    *ret = htons((in_port_t)port);
    return true;
}

int listen_parse(const char *text, struct sockaddr_storage *ret, struct error *err)
{
    const char *colon = strrchr(text, ':');
    in_port_t port;

    if (!colon || !parse_port(colon + 1, &port))
        return listen_invalid(text, err);
    *ret = (struct sockaddr_storage){0};
    bool bracketed = text[0] == '[' && colon > text && colon[-1] == ']';
    AUTO(mem_free)
    char *host = bracketed ? xstrndup(text + 1, (size_t)(colon - text) - 2)
                           : xstrndup(text, (size_t)(colon - text));
    if (bracketed) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
        *v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        return inet_pton(AF_INET6, host, &v6->sin6_addr) == 1 ? 0 : listen_invalid(text, err);
    }
    struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
    *v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
    return inet_pton(AF_INET, *host ? host : "0.0.0.0", &v4->sin_addr) == 1
               ? 0
               : listen_invalid(text, err);
}
