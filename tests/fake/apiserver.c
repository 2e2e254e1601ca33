/*
 * usage: fake_apiserver SCRIPT LOG [PORT]
 *
 * An HTTP server on 127.0.0.1 that answers as a script (YAML or JSON) says, so that a test can have every fault of an
 * API server at will. It prints its port (a free one unless told) and runs until it is killed. Each request becomes a line of LOG:
 * {"method", "url", "token", "as", "body"}; "as" is whom the client acts as, if it does.
 *
 * The script is a list of steps. A request is answered by the first step that fits and is not used up:
 *   method: GET               GET when absent
 *   path: /api/v1/pods        exactly
 *   query: {watch: "1"}       each member must be there with this value; null: must not be there
 *   token: abc                the bearer token
 *   times: 1                  how often the step answers; 0: always; 1 when absent
 *   status: 200               200 when absent
 *   headers: {Retry-After: "1"}
 *   body: {…}                 a document, or
 *   stream: […]               pieces, one after the other:
 *     {line: {…}}             a document and a line feed
 *     {text: "…"}             as it is; with `repeat: N` N times; with `pace: MS` byte by byte, MS apart
 *     {sleep: MS}
 *     {cut: true}             close the connection in the middle of the answer
 *     {hang: true}            say nothing more, keep the connection
 *   drop: true                close the connection without any answer
 * A step may be {objects: […]} instead: from then on the server keeps objects, these to begin with, and answers from them
 * what no other step fits. Else that is answered with 501.
 */
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "objects.h"
#include "stash/buf.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/yaml.h"

#define STEPS_MAX 1000

static json_t *steps;
static bool keeps_objects;
static int used[STEPS_MAX];
static FILE *request_log;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- finding the step -------------------------------------------------------------------------------------------- */

struct request {
    const char *method, *path, *token;
    struct MHD_Connection *connection;
    struct buf url;
    struct buf body;
};

static bool query_fits(const json_t *query, struct MHD_Connection *connection)
{
    const char *key = NULL;
    json_t *want = NULL;
    jsonx_foreach_member (query, key, want) {
        const char *have = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, key);
        if (json_is_null(want) ? have != NULL : !have || strcmp(have, json_string_value(want)) != 0)
            return false;
    }
    return true;
}

static bool string_fits(const char *want, const char *have)
{
    return !want || (have && strcmp(want, have) == 0);
}

static bool step_fits(const json_t *step, const struct request *request)
{
    const char *method = jsonx_str(step, "method", NULL);
    return string_fits(method ? method : "GET", request->method) &&
           string_fits(jsonx_str(step, "path", NULL), request->path) &&
           string_fits(jsonx_str(step, "token", NULL), request->token) &&
           query_fits(jsonx_get(step, "query", NULL), request->connection);
}

static const json_t *take_step(const struct request *request)
{
    size_t i = 0;
    json_t *step = NULL;
    const json_t *found = NULL;
    pthread_mutex_lock(&lock);
    json_array_foreach (steps, i, step) {
        json_int_t times = jsonx_int(step, 1, "times", NULL);
        if ((times == 0 || used[i] < times) && step_fits(step, request)) {
            used[i]++;
            found = step;
            break;
        }
    }
    pthread_mutex_unlock(&lock);
    return found;
}

static void write_log(const struct request *request)
{
    json_auto_t *line = json_pack(
        "{s:s, s:s, s:s*, s:s*, s:s}", "method", request->method, "url", request->url.data, "token",
        request->token, "as",
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Impersonate-User"),
        "body", request->body.data);
    AUTO(mem_free) char *text = jsonx_dump(line);
    pthread_mutex_lock(&lock);
    fprintf(request_log, "%s\n", text);
    fflush(request_log);
    pthread_mutex_unlock(&lock);
}

/* ---- answering --------------------------------------------------------------------------------------------------- */

/* How far a stream has come. */
struct stream {
    const json_t *pieces;
    size_t piece;
    size_t offset; /* in the text of the piece */
    json_int_t round;
    char *text;
    size_t text_len;
};

static void stream_free(void *ctx)
{
    struct stream *stream = ctx;
    free(stream->text);
    free(stream);
}

/* The bytes of a piece; NULL when it has none. */
static char *text_of(const json_t *piece)
{
    const json_t *line = jsonx_get(piece, "line", NULL);
    const char *text = jsonx_str(piece, "text", NULL);
    if (!line)
        return text ? xstrdup(text) : NULL;
    AUTO(mem_free) char *dumped = jsonx_dump(line);
    return xasprintf("%s\n", dumped);
}

static void next_piece(struct stream *stream)
{
    stream->piece++;
    stream->offset = 0;
    stream->round = 0;
    free(TAKE(stream->text));
}

/* One stretch of the present text; false when the piece is over. */
static bool copy_text(struct stream *stream, const json_t *piece, char *out, size_t max,
                      size_t *sent)
{
    size_t len = stream->text_len - stream->offset;
    if (len > max - *sent)
        len = max - *sent;
    memcpy(out + *sent, stream->text + stream->offset, len);
    *sent += len;
    stream->offset += len;
    if (stream->offset < stream->text_len)
        return true;
    stream->offset = 0;
    if (++stream->round < jsonx_int(piece, 1, "repeat", NULL))
        return true;
    next_piece(stream);
    return false;
}

static ssize_t send_text(struct stream *stream, const json_t *piece, char *out, size_t max)
{
    json_int_t pace_ms = jsonx_int(piece, 0, "pace", NULL);
    size_t sent = 0;
    if (pace_ms > 0) {
        clock_sleep_ms(pace_ms);
        max = 1;
    }
    while (sent < max && copy_text(stream, piece, out, max, &sent))
        ;
    return (ssize_t)sent;
}

static ssize_t send_piece(void *ctx, uint64_t position, char *out, size_t max)
{
    struct stream *stream = ctx;
    (void)position;
    for (;;) {
        const json_t *piece = json_array_get(stream->pieces, stream->piece);
        if (!piece)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (jsonx_bool(piece, false, "cut", NULL))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (jsonx_bool(piece, false, "hang", NULL))
            pause();
        clock_sleep_ms(jsonx_int(piece, 0, "sleep", NULL));
        if (!stream->text && (stream->text = text_of(piece)))
            stream->text_len = strlen(stream->text);
        if (stream->text && stream->text_len > 0)
            return send_text(stream, piece, out, max);
        next_piece(stream);
    }
}

static struct MHD_Response *build_response(const json_t *step)
{
    const json_t *pieces = jsonx_get(step, "stream", NULL);
    if (pieces) {
        struct stream *stream = xcalloc(1, sizeof(*stream));
        stream->pieces = pieces;
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 32768, send_piece, stream,
                                                 stream_free);
    }
    const json_t *body = jsonx_get(step, "body", NULL);
    char *text = body ? jsonx_dump(body) : xstrdup("");
    return MHD_create_response_from_buffer(strlen(text), text, MHD_RESPMEM_MUST_FREE);
}

static const char *given(const struct request *request, const char *key)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, key);
}

static enum MHD_Result answer_from_objects(const struct request *request)
{
    const char *type =
        MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, "Content-Type");
    struct error ignored;
    json_auto_t *body = NULL;
    unsigned status = 200;
    if (request->body.len > 0)
        jsonx_parse(request->body.data, request->body.len, &body, &ignored);
    struct MHD_Response *response = objects_answer(
        &(struct objects_request){
            .method = request->method,
            .path = request->path,
            .label = given(request, "labelSelector"),
            .version = given(request, "resourceVersion"),
            .watch = given(request, "watch") != NULL,
            .dry_run = given(request, "dryRun") != NULL,
            .body = body,
            .apply = type && strstr(type, "apply") != NULL,
        },
        &status);
    MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result queued = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result answer(const struct request *request)
{
    const json_t *step = take_step(request);
    const char *key = NULL;
    json_t *value = NULL;
    if (!step && keeps_objects)
        return answer_from_objects(request);
    if (!step) {
        static char text[] = "no step of the script fits";
        struct MHD_Response *none =
            MHD_create_response_from_buffer(sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
        enum MHD_Result queued = MHD_queue_response(request->connection, 501, none);
        MHD_destroy_response(none);
        return queued;
    }
    if (jsonx_bool(step, false, "drop", NULL))
        return MHD_NO;
    struct MHD_Response *response = build_response(step);
    MHD_add_response_header(response, "Content-Type", "application/json");
    jsonx_foreach_member (jsonx_get(step, "headers", NULL), key, value) {
        MHD_add_response_header(response, key, json_string_value(value));
    }
    unsigned status = (unsigned)jsonx_int(step, 200, "status", NULL);
    enum MHD_Result queued = MHD_queue_response(request->connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* ---- receiving --------------------------------------------------------------------------------------------------- */

static void *on_url(void *ctx, const char *url, struct MHD_Connection *connection)
{
    struct request *request = xcalloc(1, sizeof(*request));
    (void)ctx;
    request->connection = connection;
    buf_init(&request->url, LIMIT_MIB);
    buf_init(&request->body, LIMIT_HTTP_RESPONSE);
    buf_adds(&request->url, url);
    return request;
}

static void on_end(void *ctx, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code)
{
    struct request *request = *state;
    (void)ctx, (void)connection, (void)code;
    if (!request)
        return;
    buf_done(&request->url);
    buf_done(&request->body);
    free(request);
    *state = NULL;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd's signature */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *data,
                                  size_t *len, void **state)
{
    struct request *request = *state;
    (void)ctx, (void)version;
    request->path = path;
    request->method = method;
    if (!request->token) {
        const char *header =
            MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
        request->token = header && strncmp(header, "Bearer ", 7) == 0 ? header + 7 : "";
        return MHD_YES; /* the first call comes before the body */
    }
    if (*len > 0) {
        buf_add(&request->body, data, *len);
        *len = 0;
        return MHD_YES;
    }
    write_log(request);
    return answer(request);
}

/* Takes the objects out of the script. */
static void start_objects(void)
{
    for (size_t i = json_array_size(steps); i-- > 0;) {
        const json_t *objects = jsonx_get(json_array_get(steps, i), "objects", NULL);
        if (!objects)
            continue;
        objects_init(objects);
        keeps_objects = true;
        json_array_remove(steps, i);
    }
}

int main(int argc, char **argv)
{
    struct error err = {0};
    AUTO(mem_free) char *text = NULL;
    size_t len = 0;
    json_auto_t *docs = NULL;
    if (argc < 3 || argc > 4 || file_read(argv[1], LIMIT_INPUT_FILE, &text, &len, &err) < 0 ||
        yaml_parse_all(text, len, &docs, &err) < 0) {
        fprintf(stderr, "usage: fake_apiserver SCRIPT LOG [PORT]: %s\n", err.msg);
        return 2;
    }
    steps = json_array_get(docs, 0);
    start_objects();
    request_log = fopen(argv[2], "a");
    const union MHD_DaemonInfo *info = NULL;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port =
                                      htons(argc == 4 ? (uint16_t)strtoul(argv[3], NULL, 10) : 0),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL,
                         NULL, on_request, NULL, MHD_OPTION_SOCK_ADDR, &address,
                         MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U, MHD_OPTION_URI_LOG_CALLBACK,
                         on_url, NULL, MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL, MHD_OPTION_END);
    if (daemon)
        info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (!info || !request_log || !json_is_array(steps) || json_array_size(steps) > STEPS_MAX) {
        fputs("fake_apiserver: cannot start, or the script is no list of steps\n", stderr);
        return 1;
    }
    printf("%u\n", (unsigned)info->port);
    fflush(stdout);
    pause();
    return 0;
}
