#include "server.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "stash/clock.h"
#include "stash/limits.h"
#include "stash/log.h"

#define DEFAULT_THREADS 4U
#define IDLE_S          100U /* clients close idle connections after 90 s; we should not be first */
#define METRICS_SIZE    (256 * LIMIT_KIB)
#define DRAIN_TICK_MS   20

/* What a connection may hold at a time, headers and answer's headers among it: an API server's are below 1 KiB. */
#define CONNECTION_MEMORY (16 * LIMIT_KIB)

/* Of TLS 1.2 only suites that authenticate what they encrypt (none with CBC), with a key for each connection. */
#define TLS_PRIORITIES                                                                             \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"      \
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"

/* From libmicrohttpd 1.0 on all answers about a connection stand in one place, the last one: take a value at once. */
static int descriptor_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);

    return info ? info->connect_fd : -1;
}

static void on_connection(void *cls, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct webhook *webhook = cls;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = descriptor_of(connection);
        const union MHD_ConnectionInfo *client =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        unsigned cut = 0;
        *socket_context =
            fd >= 0 && client ? guard_open(&webhook->guard, fd, client->client_addr, &cut) : NULL;
        atomic_fetch_add(&webhook->metrics.cut, cut);
    } else if (*socket_context) {
        guard_close(&webhook->guard, *socket_context);
        *socket_context = NULL;
    }
}

/* The first line of a request came in: from here on the request has its own, shorter time. */
static void *on_first_line(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct peer *peer = request_peer(connection);

    (void)cls;
    (void)uri;
    if (peer)
        guard_set_busy(peer, true);
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

struct MHD_Daemon *server_daemon(struct webhook *webhook, unsigned flags,
                                 struct MHD_OptionItem *more)
{
    return MHD_start_daemon(
        flags | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, request_handle,
        webhook, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_CONNECTION_LIMIT,
        GUARD_CONNECTIONS, MHD_OPTION_PER_IP_CONNECTION_LIMIT, GUARD_CONNECTIONS_CLIENT,
        MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, request_completed, webhook,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, webhook, MHD_OPTION_URI_LOG_CALLBACK,
        on_first_line, webhook, MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

/* The library takes const data by pointers that are not. */
static void *borrowed_response(const char *text)
{
    return (void *)(uintptr_t)text;
}

static int daemon_start(struct webhook *webhook, struct error *err)
{
    const struct webhook_config *config = &webhook->config;
    unsigned threads = config->threads ? config->threads : DEFAULT_THREADS;
    int fd, r = listen_open(config->listen, &fd, webhook->address, err);

    if (r < 0)
        return r;
    struct MHD_OptionItem more[] = {
        {MHD_OPTION_LISTEN_SOCKET, fd, NULL},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, borrowed_response(TLS_PRIORITIES)},
        {MHD_OPTION_HTTPS_CERT_CALLBACK2, 0, (void *)(uintptr_t)tls_retrieve},
        {MHD_OPTION_THREAD_POOL_SIZE, threads > 1 ? threads : 0, NULL},
        {config->client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0,
         borrowed_response(config->client_ca)},
        {MHD_OPTION_END, 0, NULL},
    };
    webhook->daemon = server_daemon(webhook, MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, more);
    if (!webhook->daemon) {
        fd_close(fd);
        return error_set(err, ERR_INTERNAL, "starting the HTTPS server on %s%s", webhook->address,
                         config->client_ca ? ": is the client CA a PEM file of certificates?" : "");
    }
    return 0;
}

struct webhook *server_new(const struct webhook_config *config)
{
    struct webhook *webhook = xcalloc(1, sizeof(*webhook));
    pthread_condattr_t monotonic;

    webhook->config = *config;
    webhook->tls = tls_new();
    guard_init(&webhook->guard);
    webhook->lane = lane_new();
    pthread_mutex_init(&webhook->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&webhook->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return webhook;
}

void server_free(struct webhook *webhook)
{
    if (!webhook)
        return;
    lane_stop(webhook);
    keeper_stop(webhook);
    if (webhook->daemon)
        MHD_stop_daemon(webhook->daemon);
    admin_stop(webhook->admin);
    guard_done(&webhook->guard);
    tls_free(webhook->tls);
    lane_free(webhook->lane);
    pthread_cond_destroy(&webhook->changed);
    pthread_mutex_destroy(&webhook->lock);
    free(webhook);
}

static bool is_ready(void *ctx, struct error *ret_why)
{
    struct webhook *webhook = ctx;
    const struct webhook_config *config = &webhook->config;

    if (atomic_load(&webhook->draining))
        error_set(ret_why, ERR_LIMIT, "ending");
    else if (tls_not_after(webhook->tls) <= clock_now())
        error_set(ret_why, ERR_NOT_FOUND, "no valid certificate yet");
    else
        return !config->ready || config->ready(config->ready_ctx, ret_why);
    return false;
}

static unsigned connections_count(struct webhook *webhook)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(webhook->daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);

    return info ? info->num_connections : 0;
}

static char *metrics_text(void *ctx)
{
    struct webhook *webhook = ctx;
    const struct webhook_config *config = &webhook->config;
    struct error ignored;
    struct metrics_gauges gauges = {
        .certificate_not_after = tls_not_after(webhook->tls),
        .snapshot_age = config->age ? config->age(config->ready_ctx) : -1,
        .connections = connections_count(webhook),
        .unread = config->unread ? config->unread(config->ready_ctx) : 0,
        .ready = is_ready(webhook, &ignored),
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
    AUTO(server_free) struct webhook *webhook = server_new(config);
    int r = lane_start(webhook, err);

    if (r == 0)
        r = daemon_start(webhook, err);
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

/* Whoever connects now is refused at once rather than left waiting; what is under way gets its answer. */
static void drain_end(struct webhook *webhook)
{
    int64_t deadline = clock_mono_ms() + GUARD_REQUEST_MS;
    int fd = MHD_quiesce_daemon(webhook->daemon);

    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    while (atomic_load(&webhook->metrics.in_flight) > 0 && clock_mono_ms() < deadline)
        clock_sleep_ms(DRAIN_TICK_MS);
    MHD_stop_daemon(webhook->daemon);
    webhook->daemon = NULL;
    fd_close(fd);
}

void webhook_stop(struct webhook *webhook, int64_t drain_ms)
{
    atomic_store(&webhook->draining, true);
    if (drain_ms > 0) {
        clock_sleep_ms(drain_ms);
        drain_end(webhook);
    }
    server_free(webhook);
}
