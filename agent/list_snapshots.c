/* list_snapshots.c - list-snapshots: what `kubectl stash snapshots` runs beside the Repository. */
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "restic.h"
#include "secret.h"
#include "stash/agent.h"
#include "stash/jsonx.h"
#include "stash/pair.h"
#include "stash/timefmt.h"

/* A repository may have a hundred thousand snapshots, and a log must not: the newest are kept. */
struct listing {
    json_t *newest;
    size_t last, count;
};

static void keep_snapshot(void *ctx, const struct restic_snapshot *snapshot)
{
    struct listing *listing = ctx;
    AUTO(mem_free) char *paths = restic_snapshot_paths(snapshot);
    char time[TIMEFMT_SIZE];

    timefmt_rfc3339(snapshot->time, time);
    json_t *line = json_pack(
        "{s:s*, s:s, s:s*, s:s*, s:s*, s:s*, s:b}", PAIR("id", snapshot->id), PAIR("time", time),
        PAIR("host", snapshot->host), PAIR("paths", paths), PAIR("target", snapshot->owner.target),
        PAIR("invoker", snapshot->owner.invoker), PAIR("incomplete", (int)snapshot->incomplete));
    if (snapshot->files != UINT64_MAX)
        json_object_set_new(line, "files", json_integer((json_int_t)snapshot->files));
    json_array_append_new(listing->newest, line);
    if (json_array_size(listing->newest) > listing->last)
        json_array_remove(listing->newest, 0);
    listing->count++;
}

static void print_line(const json_t *line)
{
    AUTO(mem_free) char *text = jsonx_dump(line);

    puts(text);
}

static void print_listing(const struct listing *listing)
{
    json_auto_t *end = json_pack("{s:I}", "count", (json_int_t)listing->count);

    for (size_t i = 0; i < json_array_size(listing->newest); i++)
        print_line(json_array_get(listing->newest, i));
    print_line(end);
}

static int list_into(const struct agent_flags *flags, struct listing *listing, struct error *err)
{
    AUTO(restic_done) struct restic restic = {0};
    json_auto_t *secret = NULL;
    struct backend backend = {0};
    const struct secret_place mounted = {NULL, "", "", flags->secret_name};
    int r = secret_read(&mounted, &secret, err);

    if (r < 0)
        return r;
    job_backend(flags, &backend);
    const struct restic_place place = {&backend, secret, flags->scratch_dir, false};
    r = restic_open(&place, &restic, err);
    return r < 0 ? r : restic_list(&restic, keep_snapshot, listing, NULL, err);
}

int agent_list_snapshots(const struct agent_flags *flags, int64_t last, struct error *err)
{
    json_auto_t *newest = json_array();
    struct listing listing = {.newest = newest, .last = (size_t)last};
    int r = job_check_flags(flags, err);

    if (r == 0)
        r = list_into(flags, &listing, err);
    if (r == 0)
        print_listing(&listing);
    return r;
}
