#include "server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "stash/clock.h"
#include "stash/limits.h"
#include "stash/log.h"

#define DEFAULT_THREADS  4U
#define CONNECTIONS      2048U
#define CONNECTIONS_PEER 1024U /* an API server opens one per request in flight */
#define IDLE_S           100U /* clients close idle connections after 90 s; we should not be first */
#define METRICS_SIZE     (256 * LIMIT_KIB)
#define SMALL_BODY       (64 * LIMIT_KIB)

#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

/* ---- answers ---- */

static enum MHD_Result server_reply(const struct webhook *webhook,
                                    struct MHD_Connection *connection, unsigned status,
                                    const char *type, char *body)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(body), body, MHD_RESPMEM_MUST_FREE);

    if (!response) {
        free(body);
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", type);
    if (status == 405)
        MHD_add_response_header(response, "Allow", "POST");
    if (status == 503)
        MHD_add_response_header(response, "Retry-After", "1");
    if (atomic_load(&webhook->draining))
        MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result r = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result refuse(struct webhook *webhook, struct MHD_Connection *connection,
                              unsigned status, const char *text)
{
    atomic_fetch_add(&webhook->metrics.rejected, 1);
    return server_reply(webhook, connection, status, "text/plain", xasprintf("%s\n", text));
}

/* ---- memory budget ---- */

static bool budget_take(struct request *request, size_t bytes)
{
    atomic_uint_fast64_t *taken = &request->webhook->metrics.in_memory;

    if (atomic_fetch_add(taken, bytes) + bytes > LIMIT_REVIEW_IN_FLIGHT) {
        atomic_fetch_sub(taken, bytes);
        return false;
    }
    request->charged += bytes;
    return true;
}

/* ---- one request ---- */

static struct peer *peer_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static struct request *request_new(struct webhook *webhook, struct MHD_Connection *connection,
                                   enum route route)
{
    struct request *request = xcalloc(1, sizeof(*request));

    request->webhook = webhook;
    request->connection = connection;
    request->peer = peer_of(connection);
    request->route = route;
    buf_init(&request->body, LIMIT_REVIEW_BODY);
    atomic_fetch_add(&webhook->metrics.in_flight, 1);
    if (request->peer)
        peer_allow(request->peer, GUARD_REQUEST_MS);
    return request;
}

static void request_free(struct request *request)
{
    atomic_fetch_sub(&request->webhook->metrics.in_memory, request->charged);
    atomic_fetch_sub(&request->webhook->metrics.in_flight, 1);
    if (request->peer)
        peer_allow(request->peer, GUARD_IDLE_MS);
    buf_done(&request->body);
    answer_done(&request->answer);
    free(request);
}

/* Pieces that come after the request was refused are read and dropped: the library answers only at the end. */
static void request_feed(struct request *request, const char *data, size_t len)
{
    if (request->refused)
        return;
    if (len > LIMIT_REVIEW_BODY - request->body.len)
        request->refused = 413;
    else if (!budget_take(request, len))
        request->refused = 503;
    else
        buf_add(&request->body, data, len);
}

void request_ask(struct request *request, bool may_wait)
{
    struct question question = {&request->webhook->config, request->route, request->body.data,
                                request->body.len,         may_wait,       false};

    route_answer(&question, &request->answer);
}

static enum MHD_Result request_reply(struct request *request)
{
    struct webhook *webhook = request->webhook;
    struct answer *answer = &request->answer;
    bool review = answer->status == 200;

    metrics_count(&webhook->metrics, request->route, answer,
                  clock_now_micros() - request->began_us);
    return server_reply(webhook, request->connection, answer->status,
                        review ? "application/json" : "text/plain", TAKE(answer->body));
}

/* Small bodies are not worth a look; what is too much for one review is refused where it would be parsed. */
static bool parsing_fits(struct request *request)
{
    size_t cost =
        request->body.len > SMALL_BODY ? review_cost(request->body.data, request->body.len) : 0;

    return cost > LIMIT_REVIEW_MEMORY || budget_take(request, cost);
}

/* The whole body is there (or it has waited, and comes by again with its answer). */
static enum MHD_Result request_finish(struct request *request)
{
    if (request->refused)
        return refuse(request->webhook, request->connection, request->refused,
                      request->refused == 413 ? "the body is too large" : "too much in flight");
    if (request->answer.body)
        return request_reply(request);
    request->began_us = clock_now_micros();
    if (!parsing_fits(request))
        return refuse(request->webhook, request->connection, 503, "too much in flight");
    request_ask(request, true);
    if (request->answer.wait && keeper_wait(request))
        return MHD_YES;
    if (request->answer.wait)
        request_ask(request, false);
    return request_reply(request);
}

/* ---- the library's callbacks ---- */

static bool is_json(struct MHD_Connection *connection)
{
    const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Type");
    size_t len = strlen("application/json");

    return type && strncasecmp(type, "application/json", len) == 0 &&
           (type[len] == '\0' || type[len] == ';' || type[len] == ' ');
}

static bool is_too_long(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

    return length && strtoull(length, NULL, 10) > LIMIT_REVIEW_BODY;
}

/* Path, method and type are looked at before a byte of the body is. */
static enum MHD_Result request_begin(struct webhook *webhook, struct MHD_Connection *connection,
                                     const char *url, const char *method, void **request_context)
{
    enum route route = route_find(url);

    if (route == ROUTE_NONE)
        return refuse(webhook, connection, 404, "no such path");
    if (strcmp(method, "POST") != 0)
        return refuse(webhook, connection, 405, "reviews are posted");
    if (!is_json(connection))
        return refuse(webhook, connection, 415, "reviews are application/json");
    if (is_too_long(connection))
        return refuse(webhook, connection, 413, "the body is too large");
    *request_context = request_new(webhook, connection, route);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the library says how many parameters */
static enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **request_context)
{
    struct request *request = *request_context;

    (void)version;
    if (!request)
        return request_begin(cls, connection, url, method, request_context);
    if (*upload_size == 0)
        return request_finish(request);
    request_feed(request, upload, *upload_size);
    *upload_size = 0;
    return MHD_YES;
}

static void on_completed(void *cls, struct MHD_Connection *connection, void **request_context,
                         enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    if (*request_context)
        request_free(*request_context);
    *request_context = NULL;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct webhook *webhook = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        *socket_context = info ? guard_open(&webhook->guard, info->connect_fd) : NULL;
    } else if (*socket_context) {
        guard_close(&webhook->guard, *socket_context);
        *socket_context = NULL;
    }
}

/* The first line of a request came in: from here on the request has its own, shorter time. */
static void *on_first_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct peer *peer = peer_of(connection);

    (void)cls;
    (void)uri;
    if (peer)
        peer_allow(peer, GUARD_REQUEST_MS);
    return NULL;
}

/* Failed handshakes of whoever knocks: of interest to nobody but a developer. */
static void __attribute__((format(printf, 2, 0))) on_log(void *cls, const char *fmt, va_list ap)
{
    char text[256];

    (void)cls;
    vsnprintf(text, sizeof(text), fmt, ap);
    text[strcspn(text, "\n")] = '\0';
    log_debug("http library", "text", text);
}

/* ---- life ---- */

static int daemon_start(struct webhook *webhook, struct error *err)
{
    unsigned threads = webhook->config.threads ? webhook->config.threads : DEFAULT_THREADS;
    int fd, r = listen_open(webhook->config.listen, &fd, webhook->address, err);

    if (r < 0)
        return r;
    struct MHD_OptionItem pool[] = {
        {threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    webhook->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_request, webhook, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_HTTPS_PRIORITIES, TLS_PRIORITIES,
        MHD_OPTION_HTTPS_CERT_CALLBACK2, tls_retrieve, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, CONNECTIONS_PEER, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, webhook, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, webhook, MHD_OPTION_URI_LOG_CALLBACK, on_first_line, webhook,
        MHD_OPTION_ARRAY, pool, MHD_OPTION_END);
    if (!webhook->daemon) {
        fd_close(fd);
        return error_set(err, ERR_INTERNAL, "starting the HTTPS server on %s", webhook->address);
    }
    return 0;
}

static struct webhook *webhook_new(const struct webhook_config *config)
{
    struct webhook *webhook = xcalloc(1, sizeof(*webhook));
    pthread_condattr_t monotonic;

    webhook->config = *config;
    webhook->tls = tls_new();
    guard_init(&webhook->guard);
    pthread_mutex_init(&webhook->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&webhook->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return webhook;
}

static void webhook_free(struct webhook *webhook)
{
    if (!webhook)
        return;
    keeper_stop(webhook);
    if (webhook->daemon)
        MHD_stop_daemon(webhook->daemon);
    admin_stop(webhook->admin);
    guard_done(&webhook->guard);
    tls_free(webhook->tls);
    pthread_cond_destroy(&webhook->changed);
    pthread_mutex_destroy(&webhook->lock);
    free(webhook);
}
DEFINE_AUTO(struct webhook, webhook_free);

static bool is_ready(void *ctx)
{
    struct webhook *webhook = ctx;
    const struct webhook_config *config = &webhook->config;

    return !atomic_load(&webhook->draining) && tls_not_after(webhook->tls) != 0 &&
           (!config->ready || config->ready(config->ready_ctx));
}

static char *metrics_text(void *ctx)
{
    struct webhook *webhook = ctx;
    const struct webhook_config *config = &webhook->config;
    struct metrics_gauges gauges = {
        .certificate_not_after = tls_not_after(webhook->tls),
        .snapshot_age = config->age ? config->age(config->ready_ctx) : -1,
        .ready = is_ready(webhook),
    };
    struct buf text;

    buf_init(&text, METRICS_SIZE);
    metrics_render(&webhook->metrics, &gauges, &text);
    return buf_take(&text);
}

static int side_door_open(struct webhook *webhook, struct error *err)
{
    struct admin_config config = {webhook->config.admin_listen, is_ready, metrics_text, webhook};

    return config.listen ? admin_start(&config, &webhook->admin, err) : 0;
}

int webhook_start(const struct webhook_config *config, struct webhook **ret, struct error *err)
{
    AUTO(webhook_free) struct webhook *webhook = webhook_new(config);
    int r = daemon_start(webhook, err);

    if (r == 0)
        r = keeper_start(webhook, err);
    if (r == 0)
        r = side_door_open(webhook, err);
    if (r < 0)
        return r;
    *ret = TAKE(webhook);
    return 0;
}

const char *webhook_address(const struct webhook *webhook)
{
    return webhook->address;
}

int webhook_set_certificate(struct webhook *webhook, const struct cert_pair *pair,
                            struct error *err)
{
    return tls_set(webhook->tls, pair, err);
}

void webhook_stop(struct webhook *webhook, int64_t drain_ms)
{
    atomic_store(&webhook->draining, true);
    if (drain_ms > 0)
        clock_sleep_ms(drain_ms);
    webhook_free(webhook);
}
