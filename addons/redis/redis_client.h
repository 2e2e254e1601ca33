/*
 * redis_client.h - a connection to a server, plain or by TLS; its replies are read piece by piece, so that no value has to
 * lie in our memory.
 *
 * curl makes the connection (it verifies the server as for every other addon), and passes bytes.
 */
#ifndef STASH_REDIS_CLIENT_H
#define STASH_REDIS_CLIENT_H

#include "redis_args.h"
#include "resp.h"

struct redis_client;

/**
 * Connect to the login's host, or to a node of its cluster (host:port; the server still has to prove that it is the
 * login's host), and log in. Within `patience_ms` each answer has to begin; 0: for ever. ERR_TRANSPORT,
 * ERR_TIMEOUT: later perhaps.
 */
int redis_open(const struct redis_login *login, const char *node, int64_t patience_ms,
               struct redis_client **ret, struct error *err);
void redis_close(struct redis_client *client);
DEFINE_AUTO(struct redis_client, redis_close);

/** Commands are put here (RESP_PUT) and sent by the next call that reads; redis_send() does it at once. */
struct buf *redis_out(struct redis_client *client);
int redis_send(struct redis_client *client, struct error *err);

/** The next event of the answers. */
int redis_event(struct redis_client *client, struct resp_event *ret, struct error *err);

/* ---- whole answers, for what is small ------------------------------------------------------------------------------ */

/** The texts of an answer in their order, whatever arrays they stand in. A string that is not there is empty. */
struct redis_reply {
    struct buf data;
    struct resp_text *items; /* valid once it was read */
    size_t count, room;
    bool is_nil; /* the answer as a whole is nil */
    size_t keep; /* how much of each item is kept; 0: all */
};
void redis_reply_done(struct redis_reply *reply);
DEFINE_AUTO_VALUE(struct redis_reply, redis_reply_done);

/** Read one. An error of the server's is an error here: ERR_TRANSPORT where waiting helps, else ERR_DENIED. */
int redis_read(struct redis_client *client, struct redis_reply *ret, struct error *err);
/** The error that the server told, as redis_read() gives it. */
int redis_refused(const struct resp_event *event, struct error *err);

/** What TIME answers, in milliseconds. */
int64_t redis_time_ms(const struct redis_reply *reply);

/** How many bytes have come so far. */
uint64_t redis_received(const struct redis_client *client);

/** The text of an item (NULs end it); "" when there is none. Borrowed. */
const char *redis_item(const struct redis_reply *reply, size_t at);

/** Put a command, send it, read its answer. */
#define redis_ask(client, ret, err, ...)                                                           \
    (RESP_PUT(redis_out(client), __VA_ARGS__), redis_read(client, ret, err))

/* ---- for whoever feeds several at once ----------------------------------------------------------------------------- */

/** The descriptor to poll. */
int redis_fd(const struct redis_client *client);
/** Send as much as goes without waiting, from what was put. */
int redis_send_some(struct redis_client *client, struct error *err);
/** The next event if there is one without waiting: 1, else 0. */
int redis_event_now(struct redis_client *client, struct resp_event *ret, struct error *err);

#endif
