#include "redis_client.h"

#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis_words.h"
#include "stash/clock.h"
#include "stash/format.h"
#include "stash/limits.h"
#include "stash/spawn.h"

#define IN_SIZE    (64 * LIMIT_KIB)
#define OUT_MAX    (64 * LIMIT_MIB) /* keys of a page, several times */
#define REPLY_MAX  (8 * LIMIT_MIB)
#define TICK_MS    1000
#define CONNECT_MS 10000
#define VERDICT_MS 500

struct redis_client {
    CURL *curl;
    char why[CURL_ERROR_SIZE];
    char alert[CURL_ERROR_SIZE]; /* what the server said of TLS */
    char *host;
    curl_socket_t fd;
    int64_t patience_ms;
    struct resp resp;
    struct buf out;
    size_t sent; /* of out */
    bool tls;
    uint64_t received;
    char in[IN_SIZE];
    const char *at;
    size_t left;
};

void redis_close(struct redis_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    buf_done(&client->out);
    free(client->host);
    free(client);
}

struct buf *redis_out(struct redis_client *client)
{
    return &client->out;
}

int redis_fd(const struct redis_client *client)
{
    return client->fd;
}

uint64_t redis_received(const struct redis_client *client)
{
    return client->received - client->left;
}

/* ---- connecting ---------------------------------------------------------------------------------------------------- */

/* What curl knows, and when it is of no use to wait. */
static int fail_curl(const struct redis_client *client, CURLcode code, struct error *err)
{
    const char *said = *client->why ? client->why : curl_easy_strerror(code);
    const char *why = *client->alert ? client->alert : said;
    bool hopeless = code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CERTPROBLEM ||
                    code == CURLE_SSL_CACERT_BADFILE || strstr(why, "certificate") ||
                    strstr(why, "alert");
    bool unheard = client->tls && client->received == 0;
    struct text text;

    format_text(why, &text);
    return error_set(err, hopeless ? ERR_DENIED : ERR_TRANSPORT, "%s: %s%s", client->host, text.s,
                     unheard && !hopeless ? " (it may ask for a client's certificate)" : "");
}

/* A server that goes away says why, if it does, before. */
static int fail_sending(struct redis_client *client, CURLcode code, struct error *err)
{
    size_t got;
    CURLcode told = curl_easy_recv(client->curl, client->in, IN_SIZE, &got);

    return fail_curl(client, told == CURLE_OK || told == CURLE_AGAIN ? code : told, err);
}

/* curl keeps the first of its complaints, and an alert may be a later one. */
static int hear_alert(CURL *curl, curl_infotype type, char *data, size_t size, void *ctx)
{
    struct redis_client *client = ctx;

    (void)curl;
    if (type == CURLINFO_TEXT && memmem(data, size, " alert ", 7))
        snprintf(client->alert, sizeof(client->alert), "%.*s", (int)size, data);
    return 0;
}

static void set_tls(struct redis_client *client, const struct redis_login *login)
{
    CURL *curl = client->curl;

    curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, hear_alert);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, client);
    curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
    if (login->ca)
        curl_easy_setopt(curl, CURLOPT_CAINFO, login->ca);
    if (login->cert) {
        curl_easy_setopt(curl, CURLOPT_SSLCERT, login->cert);
        curl_easy_setopt(curl, CURLOPT_SSLKEY, login->key);
    }
    if (login->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static int stop_when_told(void *ctx, curl_off_t in, curl_off_t got, curl_off_t out, curl_off_t sent)
{
    (void)ctx, (void)in, (void)got, (void)out, (void)sent;
    return spawn_is_cancelled();
}

static void free_list(struct curl_slist **list)
{
    curl_slist_free_all(*list);
}

/* No proxy: what the environment says of HTTP's does not hold for a database. */
static int connect_client(struct redis_client *client, const struct redis_login *login,
                          const char *node, struct error *err)
{
    AUTO(mem_free) char *url = xasprintf("%s://%s", login->tls ? "https" : "http", login->host);
    AUTO(mem_free) char *place = node ? xasprintf("::%s", node) : NULL;
    __attribute__((cleanup(free_list))) struct curl_slist *to =
        place ? curl_slist_append(NULL, place) : NULL;
    int64_t patience = client->patience_ms;
    CURLcode code;

    curl_easy_setopt(client->curl, CURLOPT_URL, url);
    curl_easy_setopt(client->curl, CURLOPT_ERRORBUFFER, client->why);
    curl_easy_setopt(client->curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(client->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(client->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(client->curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(client->curl, CURLOPT_XFERINFOFUNCTION, stop_when_told);
    curl_easy_setopt(client->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(client->curl, CURLOPT_CONNECTTIMEOUT_MS,
                     patience > 0 && patience < CONNECT_MS ? (long)patience : (long)CONNECT_MS);
    if (to)
        curl_easy_setopt(client->curl, CURLOPT_CONNECT_TO, to);
    if (login->tls)
        set_tls(client, login);
    code = curl_easy_perform(client->curl);
    curl_easy_setopt(client->curl, CURLOPT_CONNECT_TO, NULL);
    if (code != CURLE_OK)
        return fail_curl(client, code, err);
    client->tls = login->tls;
    curl_easy_getinfo(client->curl, CURLINFO_ACTIVESOCKET, &client->fd);
    return 0;
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

static int wait_for(const struct redis_client *client, short events, int64_t since,
                    struct error *err)
{
    struct pollfd poller = {.fd = client->fd, .events = events};

    if (spawn_is_cancelled())
        return error_set(err, ERR_TIMEOUT, "told to stop");
    if (client->patience_ms > 0 && clock_mono_ms() - since > client->patience_ms)
        return error_set(err, ERR_TIMEOUT, "%s gave no answer in %lld s", client->host,
                         (long long)(client->patience_ms / 1000));
    poll(&poller, 1, TICK_MS);
    return 0;
}

int redis_send_some(struct redis_client *client, struct error *err)
{
    int r = buf_check(&client->out, "what is sent to the server", err);

    while (r == 0 && client->sent < client->out.len) {
        size_t sent = 0;
        CURLcode code = curl_easy_send(client->curl, client->out.data + client->sent,
                                       client->out.len - client->sent, &sent);

        if (code == CURLE_AGAIN)
            return 0;
        if (code != CURLE_OK)
            return fail_sending(client, code, err);
        client->sent += sent;
    }
    if (r == 0) {
        buf_reset(&client->out);
        client->sent = 0;
    }
    return r;
}

int redis_send(struct redis_client *client, struct error *err)
{
    int64_t since = clock_mono_ms();
    int r = redis_send_some(client, err);

    while (r == 0 && client->out.len > 0) {
        r = wait_for(client, POLLOUT, since, err);
        if (r == 0)
            r = redis_send_some(client, err);
    }
    return r;
}

/* 1: there are bytes. */
static int receive_now(struct redis_client *client, struct error *err)
{
    size_t got = 0;
    CURLcode code = curl_easy_recv(client->curl, client->in, IN_SIZE, &got);

    if (code == CURLE_AGAIN)
        return 0;
    if (code != CURLE_OK)
        return fail_curl(client, code, err);
    if (got == 0)
        return error_set(err, ERR_TRANSPORT, "%s closed the connection", client->host);
    client->received += got;
    client->at = client->in;
    client->left = got;
    return 1;
}

/*
 * By TLS 1.3 a server refuses a client's certificate after the client takes the connection for made, and its alert is lost when
 * the client writes meanwhile. A server that accepts it sends tickets then: one of both is waited for.
 */
static int hear_verdict(struct redis_client *client, struct error *err)
{
    struct pollfd poller = {.fd = client->fd, .events = POLLIN};
    int r;

    if (!client->tls)
        return 0;
    poll(&poller, 1, VERDICT_MS);
    r = receive_now(client, err);
    return r < 0 ? r : 0;
}

int redis_event_now(struct redis_client *client, struct resp_event *ret, struct error *err)
{
    for (;;) {
        int r = resp_next(&client->resp, &client->at, &client->left, ret, err);

        if (r < 0)
            return error_wrap(err, "%s", client->host);
        if (r > 0 || (r = receive_now(client, err)) <= 0)
            return r;
    }
}

int redis_event(struct redis_client *client, struct resp_event *ret, struct error *err)
{
    int64_t since = clock_mono_ms();
    int r = redis_send(client, err);

    while (r == 0) {
        r = redis_event_now(client, ret, err);
        if (r > 0)
            return 0;
        if (r == 0)
            r = wait_for(client, POLLIN, since, err);
    }
    return r;
}

/* ---- whole answers ------------------------------------------------------------------------------------------------- */

void redis_reply_done(struct redis_reply *reply)
{
    if (reply->data.data)
        buf_done(&reply->data);
    free(reply->items);
    *reply = (struct redis_reply){0};
}

const char *redis_item(const struct redis_reply *reply, size_t at)
{
    return at < reply->count ? reply->items[at].data : "";
}

int64_t redis_time_ms(const struct redis_reply *reply)
{
    return (int64_t)strtoll(redis_item(reply, 0), NULL, 10) * 1000 +
           (int64_t)strtoll(redis_item(reply, 1), NULL, 10) / 1000;
}

int redis_refused(const struct resp_event *event, struct error *err)
{
    bool passing = redis_is_passing(event->data);
    struct text text;

    format_text(event->data, &text);
    return error_set(err, passing ? ERR_TRANSPORT : ERR_DENIED, "the server says: %s", text.s);
}

static void item_begin(struct redis_reply *reply)
{
    if (reply->count == reply->room) {
        reply->room = reply->room ? 2 * reply->room : 16;
        reply->items = xrealloc(reply->items, reply->room * sizeof(*reply->items));
    }
    /* the buffer may move until all was read */
    reply->items[reply->count++] = (struct resp_text){NULL, reply->data.len};
}

static void item_add(struct redis_reply *reply, const char *data, size_t len)
{
    size_t have = reply->data.len - reply->items[reply->count - 1].len;

    if (reply->keep > 0 && have + len > reply->keep)
        len = have < reply->keep ? reply->keep - have : 0;
    buf_add(&reply->data, data, len);
}

static void reply_take(struct redis_reply *reply, const struct resp_event *event)
{
    bool is_text = event->kind == RESP_LINE || event->kind == RESP_BULK;

    if (is_text)
        item_begin(reply);
    if (event->kind == RESP_LINE || event->kind == RESP_DATA)
        item_add(reply, event->data, event->len);
    if (event->kind == RESP_LINE || event->kind == RESP_END ||
        (event->kind == RESP_BULK && event->number == RESP_NIL))
        buf_addc(&reply->data, '\0');
}

static void reply_settle(struct redis_reply *reply)
{
    size_t end = reply->data.len;

    for (size_t i = reply->count; i-- > 0;) {
        size_t begin = reply->items[i].len;

        reply->items[i] = (struct resp_text){reply->data.data + begin, end - begin - 1};
        end = begin;
    }
}

static void reply_clear(struct redis_reply *reply)
{
    size_t keep = reply->keep;

    redis_reply_done(reply);
    reply->keep = keep;
    buf_init(&reply->data, REPLY_MAX);
}

int redis_read(struct redis_client *client, struct redis_reply *ret, struct error *err)
{
    struct resp_event event = {0};
    struct error refused;
    bool is_first = true;
    int said = 0;

    reply_clear(ret);
    while (!event.last) {
        int r = redis_event(client, &event, err);

        if (r < 0)
            return r;
        if (event.kind == RESP_LINE && event.marker == '-' && said == 0)
            said = redis_refused(&event, &refused);
        ret->is_nil = is_first && event.last && event.number == RESP_NIL;
        is_first = false;
        reply_take(ret, &event);
    }
    if (said < 0) {
        *err = refused;
        return said;
    }
    if (buf_check(&ret->data, "an answer of the server", err) < 0)
        return -(int)err->kind;
    reply_settle(ret);
    return 0;
}

/* ---- login --------------------------------------------------------------------------------------------------------- */

/*
 * A server before 6 knows no users, and one without a password needs none: redis-cli goes on then, too.
 */
static int log_in(struct redis_client *client, const struct redis_login *login, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    struct resp_text password = resp_text(login->password);
    int r = -ERR_DENIED;

    if (login->user)
        r = redis_ask(client, &reply, err, resp_text("AUTH"), resp_text(login->user), password);
    if (!login->user || (r < 0 && strstr(err->msg, "wrong number of arguments")))
        r = redis_ask(client, &reply, err, resp_text("AUTH"), password);
    return r < 0 && strstr(err->msg, "without any password configured") ? 0 : r;
}

int redis_open(const struct redis_login *login, const char *node, int64_t patience_ms,
               struct redis_client **ret, struct error *err)
{
    AUTO(redis_close) struct redis_client *client = xcalloc(1, sizeof(*client));
    int r;

    client->curl = curl_easy_init();
    client->host = xstrdup(node ? node : login->host);
    client->patience_ms = patience_ms;
    buf_init(&client->out, OUT_MAX);
    r = connect_client(client, login, node, err);
    if (r == 0)
        r = hear_verdict(client, err);
    if (r == 0 && login->password)
        r = log_in(client, login, err);
    if (r == 0)
        *ret = TAKE(client);
    return r;
}
