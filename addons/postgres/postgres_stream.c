/* postgres_stream.c - in the process between tool and restic: what passes is counted, and filtered on its way back. */
#include <string.h>

#include "pg_dump.h"
#include "pg_filter.h"
#include "postgres.h"
#include "stash/file.h"
#include "stash/jsonx.h"

#define SERVER_FILE "STASH_PG_SERVER" /* the variable that names it */
#define SERVER_MAX  (4 * LIMIT_MIB)

struct passing {
    struct pg_dump *dump;
    json_t *server;
    struct pg_filter filter;
};

int postgres_tell_server(struct addon_run *run, const json_t *state, struct error *err)
{
    AUTO(mem_free) char *text = jsonx_dump(state);
    AUTO(mem_free) char *path = NULL;
    int r = postgres_write(run, "server.json", text, &path, err);

    if (r == 0)
        argv_env_set(&run->env.env, SERVER_FILE, path);
    return r;
}

static int read_server(const struct addon_run *run, json_t **ret, struct error *err)
{
    const char *path = argv_env_get(&run->env.env, SERVER_FILE);
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path ? path : "server.json", SERVER_MAX, &text, &len, err);

    return r < 0 ? r : jsonx_parse(text, len, ret, err);
}

void postgres_passing_free(struct addon_run *run)
{
    struct passing *passing = run->tally.state;

    if (!passing)
        return;
    pg_dump_free(passing->dump);
    pg_filter_done(&passing->filter);
    json_decref(passing->server);
    free(passing);
    run->tally.state = NULL;
}

static int passing_open(struct addon_run *run, struct error *err)
{
    struct passing *passing = xcalloc(1, sizeof(*passing));
    bool filters = run->step == ADDON_RESTORE;
    int r = filters ? read_server(run, &passing->server, err) : 0;

    run->tally.state = passing;
    if (r < 0)
        return r;
    if (filters)
        pg_filter_init(&passing->filter, passing->server);
    passing->dump = pg_dump_new(filters ? pg_filter_statement : NULL, &passing->filter);
    return 0;
}

int postgres_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                   struct error *err)
{
    struct passing *passing;
    int r = run->tally.state ? 0 : passing_open(run, err);

    if (r < 0)
        return r;
    passing = run->tally.state;
    return pg_dump_feed(passing->dump, data, len, ret, err);
}

int postgres_verify_passed(struct addon_run *run, enum addon_when when, struct error *err)
{
    const struct passing *passing = run->tally.state;
    bool cluster = when == ADDON_DUMPED && strcmp(addon_text(run, "backup-cmd"), "pg_dumpall") == 0;
    int r = pg_dump_end(passing->dump, cluster, err);
    json_int_t uncounted;

    if (r < 0)
        return r;
    json_decref(run->tally.counts);
    run->tally.counts = pg_dump_counts(passing->dump);
    uncounted = jsonx_int(run->tally.counts, 0, "uncounted", NULL);
    if (uncounted > 0)
        addon_warn(run,
                   "the rows of %lld tables were not counted: there are more than %d, or a name "
                   "cannot be told",
                   (long long)uncounted, PG_TABLES_MAX);
    return 0;
}
