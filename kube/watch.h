/*
 * watch.h - one watch: what it asks for next, and what it does with the answer. watcher.c drives all of them.
 *
 *   waiting ─due─► listing ─page─► listing … ─last page─► watching ─end of stream─► waiting (watch from `version`)
 *                     │ failure                               │ 410, bad line: waiting (list again)
 *                     └──► waiting (list again, later)        └ cut, refused: waiting (watch again, later)
 */
#ifndef KUBE_WATCH_H
#define KUBE_WATCH_H

#include <curl/curl.h>
#include <stdatomic.h>

#include "backoff.h"
#include "items.h"
#include "stash/kube.h"

enum watch_phase { WATCH_WAITING, WATCH_LISTING, WATCH_STREAMING };

struct watch {
    struct watch_spec spec;
    struct kube *kube;
    struct store *store;
    enum watch_phase phase;
    bool wants_list;     /* what to ask for when waiting is over */
    bool reload_token;   /* the last answer was 401 */
    char *version;       /* resourceVersion to watch from */
    char *token;         /* continue token of the next page, NULL: first page */
    unsigned mark;       /* of the present list; documents of older ones go when it is complete */
    unsigned expired;    /* lists in a row that took longer than their token lived */
    unsigned events;     /* of the present stream */
    int64_t began_ms;    /* of the present exchange */
    int64_t relisted_ms; /* when a 410 was last answered without waiting */
    int64_t due_ms;      /* when waiting ends */
    struct backoff backoff;
    unsigned crowded; /* objects that found no room, since the last list began */
    int64_t room_wait_ms,
        room_due_ms; /* how often, and when, to look whether there is room again */
    bool is_missing; /* the resource was not there at the last look: said once */

    /* of the present exchange */
    CURL *curl;
    struct curl_slist *headers;
    struct buf target;
    struct items items;
    struct buf refusal;   /* the body of an answer that is not 200 */
    struct error failure; /* what made us end it */
    size_t wanted;        /* what the present object takes, when it finds no room; else 0 */
    char detail[CURL_ERROR_SIZE];

    /* read by other threads */
    atomic_bool synced;
    _Atomic int64_t alive_ms; /* when it was last answered as it should be */
    _Atomic int failure_kind; /* why it was not, since then */
};

/** `spec` is copied. The first list is due at once. */
void watch_init(struct watch *watch, struct kube *kube, struct store *store,
                const struct watch_spec *spec);
void watch_done(struct watch *watch);

/** Prepare the next exchange on watch->curl. */
int watch_begin(struct watch *watch, int64_t now_ms, struct error *err);

/** The exchange is over: decide what is next and when. */
void watch_end(struct watch *watch, CURLcode code, int64_t now_ms);

/**
 * Whether the stream should give way to a list, because there is room for what was left out. Then it is to be taken from
 * its multi handle and watch_list_again() called. Asked too early, the answer is no.
 */
bool watch_has_room_again(struct watch *watch, int64_t now_ms);
void watch_list_again(struct watch *watch, int64_t now_ms);

/** It could not even begin. */
void watch_fail(struct watch *watch, const struct error *err, int64_t now_ms);

#endif
