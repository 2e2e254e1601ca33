/*
 * server.h - the HTTPS server's state, shared by the files that make it up.
 */
#ifndef WEBHOOK_SERVER_H
#define WEBHOOK_SERVER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include <microhttpd.h>

#include "access.h"
#include "guard.h"
#include "listen.h"
#include "metrics.h"
#include "routes.h"
#include "skim.h"
#include "stash/admin.h"
#include "stash/buf.h"
#include "tls.h"

/* One HTTP request, from its headers to its answer. */
struct request {
    struct webhook *webhook;
    struct MHD_Connection *connection;
    struct peer *peer;
    enum route route;
    struct buf body;
    size_t dropped;     /* bytes of the body that came after the answer was known */
    size_t look_at;     /* the body's length at which its first part is looked at again */
    bool is_early;      /* `response` is to the first part */
    size_t charged;     /* of the memory budget */
    unsigned refused;   /* HTTP status that was decided while the body still came in; 0: none */
    int64_t began_us;   /* when the whole request was there */
    int64_t wait_until; /* monotonic ms; while it waits for the snapshot */
    struct route_response response; /* filled when it has waited */
    struct subject subject;         /* for the access log */
    struct request *next;           /* among those that wait, or are in the lane */
    bool is_slow;                   /* it was in the lane */
    struct slice namespace;         /* there: in the body */
    uint64_t turn;                  /* there: after how many others */
};

struct lane;

struct webhook {
    struct webhook_config config;
    struct tls *tls;
    struct guard guard;
    struct metrics metrics;
    struct MHD_Daemon *daemon;
    struct admin *admin;
    char address[LISTEN_NAME_SIZE];
    atomic_bool draining;

    struct lane *lane;
    pthread_t keeper; /* cuts late connections, wakes waiting requests */
    bool keeping;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping;           /* under lock */
    struct request *waiting; /* under lock */
};

/* server.c: the parts that webhook_start() puts together. */
struct webhook *server_new(const struct webhook_config *config);
void server_free(struct webhook *webhook);
DEFINE_AUTO(struct webhook, server_free);
/** The library's daemon with our limits and callbacks; `more` says where connections come from. NULL: it cannot start. */
struct MHD_Daemon *server_daemon(struct webhook *webhook, unsigned flags,
                                 struct MHD_OptionItem *more);

/* request.c: what the library calls for one request. */
enum MHD_Result request_handle(void *cls, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **request_context);
void request_completed(void *cls, struct MHD_Connection *connection, void **request_context,
                       enum MHD_RequestTerminationCode code);
/** Whose connection it is; NULL when nobody watches it. */
struct peer *request_peer(struct MHD_Connection *connection);
void request_ask(struct request *request, bool may_wait);

/* keeper.c: the thread that watches the clock. */
int keeper_start(struct webhook *webhook, struct error *err);
void keeper_stop(struct webhook *webhook); /* wakes whoever waits */
/** Suspend the request until its answer is no longer "wait", at most for a moment. False: there is no time any more. */
bool keeper_wait(struct request *request);
/** The same of a request that is suspended already. */
bool keeper_hand(struct request *request);

/* lane.c: the thread for reviews that take time. */
struct lane *lane_new(void);
/** Its thread must have been stopped. */
void lane_free(struct lane *lane);

int lane_start(struct webhook *webhook, struct error *err);
/** Whoever waits is sent away. */
void lane_stop(struct webhook *webhook);

/** Whether the request, which is there as a whole, goes into the lane. */
bool lane_wants(struct request *request);

/** Suspend it until it has an answer, or is refused. False: there is no lane (any more). */
bool lane_add(struct request *request);
/** The same of one that is suspended already. */
bool lane_hand(struct request *request);

/** The processor time of this thread, in microseconds. */
int64_t lane_clock(void);
/** A request was answered, by the thread that calls; `began` is what the clock said before. */
void lane_note(struct request *request, int64_t began);

#endif
