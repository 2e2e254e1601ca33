/*
 * pool.h - libcurl's handles, each with a connection that is kept warm. Calls from any thread.
 */
#ifndef KUBE_POOL_H
#define KUBE_POOL_H

#include <curl/curl.h>
#include <pthread.h>
#include <stdbool.h>

/* Calls of one process at a time (the server's fairness queues see one client), and connections kept warm. */
#define POOL_BUSY_MAX 8
#define POOL_IDLE_MAX 4

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t freed;
    CURL *idle[POOL_IDLE_MAX];
    unsigned idle_count, busy_count;
};

void pool_init(struct pool *pool);
void pool_done(struct pool *pool);

/** Wait for a free place, except when it is urgent. NULL: libcurl has no memory; pool_return() all the same. */
CURL *pool_take(struct pool *pool, bool urgent);
void pool_return(struct pool *pool, CURL *curl);

#endif
