/*
 * spawn_watch.h - whether the processes of a group still get anywhere: they say something, move bytes or compute.
 */
#ifndef STASH_SPAWN_WATCH_H
#define STASH_SPAWN_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct spawn_watch {
    int64_t quiet_ms; /* 0: nobody watches */
    int64_t look_at;  /* when the processes are looked at next */
    int64_t moved_at; /* when something moved last */
    uint64_t cpu_ms, bytes;
};

void spawn_watch_begin(struct spawn_watch *watch, int64_t quiet_ms);
/** Something was said. */
void spawn_watch_heard(struct spawn_watch *watch);
/** Look at the group's processes if it is time; true when nothing has moved for quiet_ms. */
bool spawn_watch_is_stalled(struct spawn_watch *watch, pid_t group);

#endif
