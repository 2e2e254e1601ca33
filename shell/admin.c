#include "stash/admin.h"

#include <microhttpd.h>
#include <stdint.h>
#include <string.h>

#include "stash/listen.h"

#define ADMIN_CONNECTIONS 32
#define ADMIN_TIMEOUT_S   10

struct admin {
    struct admin_config config;
    struct MHD_Daemon *daemon;
};

struct answer {
    unsigned status;
    char *text; /* heap */
};

static struct answer answer_healthz(const struct admin_config *config)
{
    (void)config;
    return (struct answer){MHD_HTTP_OK, xstrdup("ok\n")};
}

static struct answer answer_readyz(const struct admin_config *config)
{
    struct error why = {0};

    if (config->ready && !config->ready(config->ctx, &why))
        return (struct answer){MHD_HTTP_SERVICE_UNAVAILABLE, xasprintf("not ready: %s\n", why.msg)};
    return (struct answer){MHD_HTTP_OK, xstrdup("ok\n")};
}

static struct answer answer_metrics(const struct admin_config *config)
{
    return (struct answer){MHD_HTTP_OK,
                           config->metrics ? config->metrics(config->ctx) : xstrdup("")};
}

static const struct route {
    const char *path;
    struct answer (*answer)(const struct admin_config *config);
} routes[] = {{"/healthz", answer_healthz},
              {"/livez", answer_healthz},
              {"/readyz", answer_readyz},
              {"/metrics", answer_metrics}};

static struct answer answer_for(const struct admin_config *config, const char *path,
                                const char *method)
{
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0)
        return (struct answer){MHD_HTTP_METHOD_NOT_ALLOWED, xstrdup("GET only\n")};
    for (size_t i = 0; i < ARRAY_LEN(routes); i++)
        if (strcmp(routes[i].path, path) == 0)
            return routes[i].answer(config);
    return (struct answer){MHD_HTTP_NOT_FOUND, xstrdup("/healthz, /readyz or /metrics\n")};
}

/* NOLINTNEXTLINE(readability-function-size): the library says how many parameters */
static enum MHD_Result answer_request(void *cls, struct MHD_Connection *connection,
                                      const char *path, const char *method, const char *version,
                                      const char *body, size_t *body_size, void **state)
{
    const struct admin *admin = cls;

    (void)version, (void)body, (void)state;
    if (*body_size > 0) {
        *body_size = 0; /* nobody asked for it */
        return MHD_YES;
    }
    struct answer answer = answer_for(&admin->config, path, method);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(answer.text), answer.text, MHD_RESPMEM_MUST_FREE);
    MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    enum MHD_Result queued = MHD_queue_response(connection, answer.status, response);
    MHD_destroy_response(response);
    return queued;
}

int admin_start(const struct admin_config *config, struct admin **ret, struct error *err)
{
    struct sockaddr_storage address;
    int failed = listen_parse(config->listen, &address, err);

    if (failed < 0)
        return failed;
    struct admin *admin = xcalloc(1, sizeof(*admin));
    admin->config = *config;
    unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD |
                     (address.ss_family == AF_INET6 ? MHD_USE_DUAL_STACK : 0);
    admin->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, answer_request, admin, MHD_OPTION_SOCK_ADDR,
        (struct sockaddr *)&address, MHD_OPTION_CONNECTION_LIMIT, ADMIN_CONNECTIONS,
        MHD_OPTION_CONNECTION_TIMEOUT, ADMIN_TIMEOUT_S, MHD_OPTION_END);
    if (!admin->daemon) {
        free(admin);
        return error_set(err, ERR_SYSTEM, "cannot listen on %s", config->listen);
    }
    *ret = admin;
    return 0;
}

void admin_stop(struct admin *admin)
{
    if (!admin)
        return;
    MHD_stop_daemon(admin->daemon);
    free(admin);
}
