/* One request, from its headers to its answer; what the HTTP library calls for it. */
#include <string.h>
#include <strings.h>

#include "client.h"
#include "server.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

#define SMALL_BODY (64 * LIMIT_KIB)

/* Of a larger body the first part is looked at while the rest comes in: here, and each time that there is four times as much. */
#define EARLY_LOOK (12 * LIMIT_KIB)
/* metadata may be so large: 256 KiB of annotations, and who manages what */
#define LAST_LOOK (512 * LIMIT_KIB)

/* ---- answers ---- */

static enum MHD_Result request_send(const struct webhook *webhook,
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

/* Turned away without a look at the review. */
static enum MHD_Result request_turn_away(struct webhook *webhook, struct MHD_Connection *connection,
                                         const char *path, unsigned status, const char *text)
{
    static const struct subject nobody;
    struct access access = {connection, path, "rejected", status, 0, &nobody};

    atomic_fetch_add(&webhook->metrics.rejected, 1);
    if (webhook->config.access_log)
        access_log(&access);
    return request_send(webhook, connection, status, "text/plain", xasprintf("%s\n", text));
}

/* ---- memory budget ---- */

/*
 * Of what all may take, and of what the others leave: each client in turn leaves a part of that, so that however many
 * take what they can, a small review of somebody else fits in. One client may be an API server that brings everybody's
 * reviews: what its large ones leave is for its small ones.
 */
static bool budget_take(struct request *request, size_t bytes)
{
    atomic_uint_fast64_t *all = &request->webhook->metrics.in_memory;
    atomic_uint_fast64_t none = 0;
    atomic_uint_fast64_t *own = request->peer ? &request->peer->client->in_memory : &none;
    uint64_t total = atomic_fetch_add(all, bytes) + bytes;
    uint64_t mine = atomic_fetch_add(own, bytes) + bytes;
    uint64_t others = total > mine ? total - mine : 0;

    bool is_small = request->charged + bytes <= SMALL_BODY;
    uint64_t share = is_small ? LIMIT_REVIEW_SMALL(others) : LIMIT_REVIEW_CLIENT(others);

    if (total > LIMIT_REVIEW_IN_FLIGHT || mine > share) {
        atomic_fetch_sub(own, bytes);
        atomic_fetch_sub(all, bytes);
        return false;
    }
    request->charged += bytes;
    return true;
}

static void budget_return(struct request *request)
{
    atomic_fetch_sub(&request->webhook->metrics.in_memory, request->charged);
    if (request->peer)
        atomic_fetch_sub(&request->peer->client->in_memory, request->charged);
    request->charged = 0;
}

/* ---- one request ---- */

struct peer *request_peer(struct MHD_Connection *connection)
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
    request->peer = request_peer(connection);
    request->route = route;
    request->look_at = EARLY_LOOK;
    buf_init(&request->body, LIMIT_REVIEW_BODY);
    atomic_fetch_add(&webhook->metrics.in_flight, 1);
    if (request->peer)
        guard_set_busy(request->peer, true);
    return request;
}

static void request_free(struct request *request)
{
    budget_return(request);
    atomic_fetch_sub(&request->webhook->metrics.in_flight, 1);
    if (request->peer)
        guard_set_busy(request->peer, false);
    buf_done(&request->body);
    route_response_done(&request->response);
    free(request);
}

/* What it held is of no use any more. */
static void request_refuse(struct request *request, unsigned status)
{
    request->refused = status;
    buf_done(&request->body);
    budget_return(request);
}

static void route_request_fill(struct request *request, bool may_wait, struct route_request *ret)
{
    const struct webhook_config *config = &request->webhook->config;

    *ret = (struct route_request){.config = config,
                                  .route = request->route,
                                  .body = request->body.data,
                                  .len = request->body.len,
                                  .may_wait = may_wait,
                                  .subject = config->access_log ? &request->subject : NULL};
}

/* Most pods are of no concern to us, which their metadata tells: the rest of a large one needs no room. */
static void request_look(struct request *request)
{
    struct route_request route_request;

    if (request->body.len < request->look_at || request->look_at > LAST_LOOK)
        return;
    request->look_at = 4 * request->body.len;
    request->began_us = clock_now_micros();
    route_request_fill(request, false, &route_request);
    enum early early = route_answer_early(&route_request, &request->response);
    if (early == EARLY_WHOLE)
        request->look_at = SIZE_MAX; /* the end tells */
    if (early != EARLY_ANSWERED)
        return;
    request->is_early = true;
    request->dropped = request->body.len;
    buf_done(&request->body);
    budget_return(request);
}

/* The buffer grows by doubling: what it takes is counted, not what is in it. Pieces that come after the request was
 * refused are read and dropped: the library answers only at the end. */
static void request_feed(struct request *request, const char *data, size_t len)
{
    if (request->refused)
        return;
    if (request->is_early) {
        request->dropped += len;
        if (request->dropped > LIMIT_REVIEW_BODY)
            request->refused = 413;
        return;
    }
    size_t had = request->body.cap;
    if (!buf_add(&request->body, data, len))
        request_refuse(request, 413);
    else if (!budget_take(request, request->body.cap - had))
        request_refuse(request, 503);
    else
        request_look(request);
}

void request_ask(struct request *request, bool may_wait)
{
    struct route_request route_request;

    route_request_fill(request, may_wait, &route_request);
    route_answer(&route_request, &request->response);
}

static enum MHD_Result request_reply(struct request *request)
{
    struct webhook *webhook = request->webhook;
    struct route_response *response = &request->response;
    struct access access = {request->connection,
                            route_path(request->route),
                            route_outcome_name(response->outcome),
                            response->status,
                            clock_now_micros() - request->began_us,
                            &request->subject};

    metrics_count(&webhook->metrics, request->route, response, access.micros);
    if (webhook->config.access_log)
        access_log(&access);
    return request_send(webhook, request->connection, response->status,
                        response->status == 200 ? "application/json" : "text/plain",
                        TAKE(response->body));
}

/* Small bodies are not worth a look; what is too much for one review is refused where it would be parsed. */
static bool parsing_fits(struct request *request)
{
    size_t cost = request->body.len > SMALL_BODY
                      ? jsonx_text_weight(request->body.data, request->body.len)
                      : 0;

    return cost > LIMIT_REVIEW_MEMORY || budget_take(request, cost);
}

/* The whole body is there (or it has waited, and comes by again with its answer). */
static enum MHD_Result request_finish(struct request *request)
{
    if (request->refused)
        return request_turn_away(
            request->webhook, request->connection, route_path(request->route), request->refused,
            request->refused == 413 ? "the body is too large" : "too much in flight");
    if (request->response.body)
        return request_reply(request);
    request->began_us = clock_now_micros();
    if (!parsing_fits(request))
        return request_turn_away(request->webhook, request->connection, route_path(request->route),
                                 503, "too much in flight");
    if (lane_wants(request)) {
        request->is_slow = true;
        if (lane_add(request))
            return MHD_YES;
    }
    int64_t began = lane_clock();
    request_ask(request, true);
    lane_note(request, began);
    if (request->response.wait && keeper_wait(request))
        return MHD_YES;
    if (request->response.wait)
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

/* The client, path, method and type are looked at before a byte of the body is. */
static enum MHD_Result request_begin(struct webhook *webhook, struct MHD_Connection *connection,
                                     const char *url, const char *method, void **request_context)
{
    enum route route = route_find(url);
    struct error err;

    if (webhook->config.client_ca && client_check(connection, &err) < 0)
        return request_turn_away(webhook, connection, url, 403, err.msg);
    if (route == ROUTE_NONE)
        return request_turn_away(webhook, connection, url, 404, "no such path");
    if (strcmp(method, "POST") != 0)
        return request_turn_away(webhook, connection, url, 405, "reviews are posted");
    if (!is_json(connection))
        return request_turn_away(webhook, connection, url, 415, "reviews are application/json");
    if (is_too_long(connection))
        return request_turn_away(webhook, connection, url, 413, "the body is too large");
    *request_context = request_new(webhook, connection, route);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the library says how many parameters */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
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

void request_completed(void *cls, struct MHD_Connection *connection, void **request_context,
                       enum MHD_RequestTerminationCode code)
{
    struct peer *peer = request_peer(connection);

    (void)cls;
    (void)code;
    if (*request_context)
        request_free(*request_context);
    else if (peer)
        guard_set_busy(peer, false); /* it was refused before there was a request */
    *request_context = NULL;
}
