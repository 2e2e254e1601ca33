#include "socket.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "client.h"
#include "http.h"
#include "stash/clock.h"
#include "stash/digest.h"
#include "stash/limits.h"
#include "status.h"

#define ANSWER_MAX    (64 * LIMIT_KIB)
#define ANSWER_MS     30000
#define PING_MS       10000 /* what stands between us and the server forgets connections that are quiet */
#define LOOK_MS       1000
#define RECEIVE_BYTES (32 * LIMIT_KIB)
#define KEY_BYTES     16

DEFINE_AUTO(struct curl_slist, curl_slist_free_all);
DEFINE_AUTO(CURLU, curl_url_cleanup);
DEFINE_AUTO(char, curl_free);

struct socket {
    CURL *curl;
    struct frames frames;
    struct buf early; /* frames that came with the answer */
    bool closed;
    int64_t heard_ms, pinged_ms;
    int (*piece)(void *ctx, const char *data, size_t len, bool first, struct error *err);
    void *ctx;
};

void socket_free(struct socket *socket)
{
    if (!socket)
        return;
    curl_easy_cleanup(socket->curl);
    buf_done(&socket->early);
    free(socket);
}

/* ---- bytes -------------------------------------------------------------------------------------------------------- */

static void wait_for(CURL *curl, short events)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd) != CURLE_OK || fd == CURL_SOCKET_BAD)
        return;
    struct pollfd wanted = {.fd = fd, .events = events};
    poll(&wanted, 1, LOOK_MS);
}

static int send_bytes(CURL *curl, const char *data, size_t len, struct error *err)
{
    int64_t end = clock_mono_ms() + ANSWER_MS;

    while (len > 0) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(curl, data, len, &sent);
        if (code == CURLE_AGAIN && clock_mono_ms() < end)
            wait_for(curl, POLLOUT);
        else if (code != CURLE_OK)
            return http_error(code, NULL, err);
        data += sent;
        len -= sent;
    }
    return 0;
}

/* *ret_len 0: nothing came for a while; *ret_ended: nothing will. */
static int receive_bytes(CURL *curl, char data[RECEIVE_BYTES], size_t *ret_len, bool *ret_ended,
                         struct error *err)
{
    CURLcode code = curl_easy_recv(curl, data, RECEIVE_BYTES, ret_len);

    if (code == CURLE_AGAIN) {
        *ret_len = 0;
        wait_for(curl, POLLIN);
        return 0;
    }
    if (code != CURLE_OK)
        return http_error(code, NULL, err);
    *ret_ended = *ret_len == 0;
    return 0;
}

/* ---- the handshake ------------------------------------------------------------------------------------------------ */

static int add_host(struct buf *out, const char *server, const char *target, struct error *err)
{
    AUTO(curl_url_cleanup) CURLU *url = curl_url();
    AUTO(mem_free) char *whole = xasprintf("%s%s", server, target);
    AUTO(curl_free) char *host = NULL;
    AUTO(curl_free) char *port = NULL;
    AUTO(curl_free) char *path = NULL;
    AUTO(curl_free) char *query = NULL;

    if (!url || curl_url_set(url, CURLUPART_URL, whole, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK ||
        curl_url_get(url, CURLUPART_QUERY, &query, 0) != CURLUE_OK)
        return error_set(err, ERR_INVALID, "%s is no URL", server);
    buf_addf(out, "GET %s?%s HTTP/1.1\r\nHost: %s:%s\r\n", path, query, host, port);
    return 0;
}

/* What libcurl adds to other requests; whom to act as comes from http_prepare()'s list. */
static int render_request(struct kube *kube, const char *target, const char *protocols,
                          const struct curl_slist *headers, struct buf *out, struct error *err)
{
    unsigned char key[KEY_BYTES];
    AUTO(mem_free) char *token = NULL;
    int r = add_host(out, kube->config.server, target, err);

    if (r == 0)
        r = http_bearer(kube, &token, err);
    if (r < 0)
        return r;
    if (token && strpbrk(token, "\r\n"))
        return error_set(err, ERR_INVALID, "the token holds a line break");
    if (getrandom(key, sizeof(key), 0) != (ssize_t)sizeof(key))
        return error_set(err, ERR_SYSTEM, "no random numbers");
    AUTO(mem_free) char *nonce = digest_base64(key, sizeof(key));
    buf_addf(out,
             "User-Agent: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n"
             "Sec-WebSocket-Protocol: %s\r\n",
             kube->user_agent, nonce, protocols);
    if (token)
        buf_addf(out, "Authorization: Bearer %s\r\n", token);
    for (; headers; headers = headers->next)
        if (strncmp(headers->data, "Impersonate-", 12) == 0)
            buf_addf(out, "%s\r\n", headers->data);
    buf_adds(out, "\r\n");
    return buf_check(out, "websocket request", err);
}

/* The value of a header, up to the line's end; NULL: it is not there. */
static const char *find_header(const char *answer, const char *name, size_t *ret_len)
{
    size_t len = strlen(name);

    for (const char *line = answer; (line = strstr(line, "\r\n")) && line[2] != '\r';) {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " \t");
            *ret_len = strcspn(value, "\r\n");
            return value;
        }
    }
    return NULL;
}

/* Of a refusal the body, which says why: whether all of it is there. */
static bool is_answer_whole(const struct buf *answer, size_t head)
{
    size_t len = 0;
    const char *value = find_header(answer->data, "Content-Length", &len);

    return strncmp(answer->data, "HTTP/1.1 101", 12) == 0 ||
           (value && answer->len >= head + strtoul(value, NULL, 10));
}

/* The answer's head and what came behind it; *ret_head: where that begins. */
static int read_answer(CURL *curl, struct buf *answer, size_t *ret_head, struct error *err)
{
    AUTO(mem_free) char *data = xmalloc(RECEIVE_BYTES);
    int64_t end = clock_mono_ms() + ANSWER_MS;
    bool ended = false;
    size_t len = 0;

    for (;;) {
        int r = receive_bytes(curl, data, &len, &ended, err);
        if (r < 0)
            return r;
        buf_add(answer, data, len);
        const char *behind = strstr(answer->data, "\r\n\r\n");
        *ret_head = behind ? (size_t)(behind + 4 - answer->data) : 0;
        if (behind && (ended || is_answer_whole(answer, *ret_head)))
            return buf_check(answer, "answer of the API server", err);
        if (ended || answer->overflow)
            return error_set(err, ERR_TRANSPORT, "the API server ended the connection");
        if (clock_mono_ms() >= end)
            return error_set(err, ERR_TIMEOUT, "the API server does not answer");
    }
}

/* A server that chose one of our protocols has understood what we asked for. */
static int check_answer(const struct buf *answer, size_t head, const char *protocols,
                        struct error *err)
{
    long status =
        strncmp(answer->data, "HTTP/1.1 ", 9) == 0 ? strtol(answer->data + 9, NULL, 10) : 0;
    size_t len = 0;
    const char *chosen = find_header(answer->data, "Sec-WebSocket-Protocol", &len);

    if (status != 101) {
        const char *body = strchr(answer->data + head, '{'); /* behind a chunk's length, perhaps */
        const char *last = body ? strrchr(body, '}') : NULL;
        return status_error(status, body ? body : "", last ? (size_t)(last + 1 - body) : 0, err);
    }
    AUTO(mem_free) char *word = chosen ? xstrndup(chosen, len) : NULL;
    if (!word || !*word || !strstr(protocols, word))
        return error_set(err, ERR_TRANSPORT, "the API server speaks none of %s", protocols);
    return 0;
}

static int shake_hands(struct kube *kube, struct socket *socket, const char *target,
                       const char *protocols, bool renew, struct error *err)
{
    const struct http_request request = {.method = "GET", .target = target, .reload_token = renew};
    AUTO(curl_slist_free_all) struct curl_slist *headers = NULL;
    AUTO(buf_done) struct buf text;
    AUTO(buf_done) struct buf answer;
    size_t head = 0;

    buf_init(&text, ANSWER_MAX);
    buf_init(&answer, ANSWER_MAX);
    int r = http_prepare(kube, socket->curl, &request, &headers, err);
    if (r < 0)
        return r;
    curl_easy_setopt(socket->curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(socket->curl, CURLOPT_HTTPPROXYTUNNEL, 1L);
    char detail[CURL_ERROR_SIZE] = "";
    curl_easy_setopt(socket->curl, CURLOPT_ERRORBUFFER, detail);
    CURLcode code = curl_easy_perform(socket->curl);
    curl_easy_setopt(socket->curl, CURLOPT_ERRORBUFFER, NULL);
    if (code != CURLE_OK)
        return http_error(code, detail, err);
    r = render_request(kube, target, protocols, headers, &text, err);
    if (r == 0)
        r = send_bytes(socket->curl, text.data, text.len, err);
    if (r == 0)
        r = read_answer(socket->curl, &answer, &head, err);
    if (r == 0)
        r = check_answer(&answer, head, protocols, err);
    if (r == 0)
        buf_add(&socket->early, answer.data + head, answer.len - head);
    return r;
}

static int open_once(struct kube *kube, const char *target, const char *protocols, bool renew,
                     struct socket **ret, struct error *err)
{
    AUTO(socket_free) struct socket *socket = xcalloc(1, sizeof(*socket));

    buf_init(&socket->early, ANSWER_MAX);
    socket->curl = curl_easy_init();
    if (!socket->curl)
        return error_set(err, ERR_INTERNAL, "libcurl: no handle");
    int r = shake_hands(kube, socket, target, protocols, renew, err);
    if (r == 0)
        *ret = TAKE(socket);
    return r;
}

int socket_open(struct kube *kube, const char *target, const char *protocols, struct socket **ret,
                struct error *err)
{
    int r = open_once(kube, target, protocols, false, ret, err);

    if (r < 0 && err->code == 401)
        r = open_once(kube, target, protocols, true, ret, err);
    return r;
}

/* ---- receiving ---------------------------------------------------------------------------------------------------- */

/* Best effort: what the server has still sent may be all of it, and a connection that is dead is found by receiving. */
static void send_control(struct socket *socket, enum frames_opcode opcode, const char *data,
                         size_t len)
{
    char frame[FRAMES_HEADER_MAX + FRAMES_CONTROL_MAX];
    unsigned char mask[4];
    struct error ignored;

    if (getrandom(mask, sizeof(mask), 0) == (ssize_t)sizeof(mask))
        send_bytes(socket->curl, frame, frames_render(opcode, data, len, mask, frame), &ignored);
}

static int take_control(void *ctx, enum frames_opcode opcode, const char *data, size_t len,
                        struct error *err)
{
    struct socket *socket = ctx;

    (void)err;
    if (opcode == FRAMES_PING)
        send_control(socket, FRAMES_PONG, data, len);
    if (opcode == FRAMES_CLOSE) {
        send_control(socket, FRAMES_CLOSE, data, len < 2 ? 0 : 2);
        socket->closed = true;
    }
    return 0;
}

static int take_piece(void *ctx, const char *data, size_t len, bool first, struct error *err)
{
    struct socket *socket = ctx;

    socket->heard_ms = clock_mono_ms();
    return socket->piece(socket->ctx, data, len, first, err);
}

static int stay_awake(struct socket *socket, int64_t quiet_ms, struct error *err)
{
    int64_t now = clock_mono_ms();

    if (now - socket->heard_ms >= quiet_ms)
        return error_set(err, ERR_TIMEOUT, "nothing came for %lld s", (long long)(quiet_ms / 1000));
    if (now - socket->pinged_ms < PING_MS)
        return 0;
    socket->pinged_ms = now;
    send_control(socket, FRAMES_PING, "", 0);
    return 0;
}

int socket_receive(struct socket *socket, int64_t quiet_ms,
                   int (*piece)(void *ctx, const char *data, size_t len, bool first,
                                struct error *err),
                   void *ctx, struct error *err)
{
    static const struct frames_sink sink = {take_piece, take_control};
    AUTO(mem_free) char *data = xmalloc(RECEIVE_BYTES);
    bool ended = false;
    size_t len = 0;

    socket->piece = piece;
    socket->ctx = ctx;
    socket->heard_ms = socket->pinged_ms = clock_mono_ms();
    int r = frames_feed(&socket->frames, socket->early.data, socket->early.len, &sink, socket, err);
    buf_reset(&socket->early);
    while (r == 0 && !socket->closed && !ended) {
        r = receive_bytes(socket->curl, data, &len, &ended, err);
        if (r == 0)
            r = frames_feed(&socket->frames, data, len, &sink, socket, err);
        if (r == 0 && !socket->closed && !ended)
            r = stay_awake(socket, quiet_ms, err);
    }
    return r;
}
