/* redis.c - Redis and Valkey: programs of our own write a dump and load it, both in the server's protocol. */
#include <inttypes.h>
#include <string.h>

#include "redis_dump.h"
#include "redis_dumper.h"
#include "redis_load.h"
#include "redis_server.h"
#include "stash/addon.h"
#include "stash/file.h"
#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

#define PATIENCE_MS 60000 /* of a question */
#define LOADED_MAX  (1 * LIMIT_MIB)

/* ---- asking -------------------------------------------------------------------------------------------------------- */

static int open_host(const struct addon_run *run, const char *node, struct redis_client **ret,
                     struct error *err)
{
    int64_t patience = run->left_ms > 0 && run->left_ms < PATIENCE_MS ? run->left_ms : PATIENCE_MS;
    struct redis_login login;

    redis_login_read(&run->env.env, &login);
    return redis_open(&login, node, patience, ret, err);
}

/* INFO of the server, or of all masters of its cluster. */
static int ask_server(const struct addon_run *run, struct redis_info *ret, struct error *err)
{
    AUTO(redis_close) struct redis_client *client = NULL;
    AUTO(argv_done) struct argv masters = {0};
    int r = open_host(run, NULL, &client, err);

    if (r == 0)
        r = redis_ask_masters(client, &masters, NULL, err);
    if (r == 0 && masters.count == 0)
        r = redis_ask_info(client, ret, err);
    for (size_t i = 0; r == 0 && i < masters.count; i++) {
        AUTO(redis_close) struct redis_client *master = NULL;

        r = open_host(run, masters.items[i], &master, err);
        if (r == 0)
            r = redis_ask_info(master, ret, err);
    }
    return r;
}

/* ---- login, ready -------------------------------------------------------------------------------------------------- */

static int check_args(const struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};
    struct redis_options ignored;

    argv_add_words(&words, addon_text(run, "redis-args"));
    return (run->step == ADDON_RESTORE ? redis_options_load : redis_options_dump)(&words, &ignored,
                                                                                  err);
}

static int redis_login(struct addon_run *run, struct error *err)
{
    const struct redis_source source = {run->app, run->secret, run->tls_secret};
    int r = check_args(run, err);

    return r < 0 ? r : redis_env(&source, &run->env, err);
}

static int redis_ready(struct addon_run *run, struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    AUTO(redis_close) struct redis_client *client = NULL;
    int r = open_host(run, NULL, &client, err);

    return r < 0 ? r : redis_ask(client, &reply, err, resp_text("PING"));
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

static void add_program(struct addon_run *run, const char *name)
{
    struct argv *tool = addon_tool(run);

    argv_add(tool, run->self);
    argv_add(tool, "addon-tool");
    argv_add(tool, run->info->name);
    argv_add(tool, name);
    argv_add_words(tool, addon_text(run, "redis-args"));
}

static int redis_plan_dump(struct addon_run *run, struct error *err)
{
    AUTO(redis_info_done) struct redis_info info = {0};
    int r = ask_server(run, &info, err);

    if (r < 0)
        return r;
    if (info.is_replica && !info.is_linked)
        addon_warn(run, "the server is a replica that has lost its master: the dump may be old");
    add_program(run, "dump");
    return 0;
}

/* ---- what passes --------------------------------------------------------------------------------------------------- */

static struct redis_counter *counter_of(struct addon_run *run)
{
    if (!run->tally.state) {
        run->tally.state = xcalloc(1, sizeof(struct redis_counter));
        redis_counter_init(run->tally.state);
    }
    return run->tally.state;
}

static int redis_count(struct addon_run *run, const char *data, size_t len, struct buf *ret,
                       struct error *err)
{
    buf_add(ret, data, len);
    return redis_counter_feed(counter_of(run), data, len, err);
}

/* What the dumper has to say, a line each. */
static void tell_warnings(struct addon_run *run)
{
    AUTO(mem_free) char *copy = xstrdup(run->complained);
    char *rest = copy;

    for (char *line; (line = strsep(&rest, "\n"));)
        if (strncmp(line, "warning: ", 9) == 0)
            addon_warn(run, "%s", line + 9);
}

/* Ours is exact; redis-dump-go asks the server, whose keys may come and go. */
static int verify_total(struct addon_run *run, enum addon_when when, struct error *err)
{
    const struct redis_counter *counter = counter_of(run);
    int64_t keys = redis_counter_keys(counter);

    if (keys == counter->dump.total)
        return 0;
    if (when == ADDON_DUMPED && keys < counter->dump.total)
        return error_set(err, ERR_INVALID, "%" PRId64 " of %" PRId64 " keys are in the dump", keys,
                         counter->dump.total);
    if (keys < counter->dump.total)
        addon_warn(run, "the dump has %" PRId64 " keys, and says that the server had %" PRId64,
                   keys, counter->dump.total);
    return 0;
}

static int verify_passed(struct addon_run *run, enum addon_when when, struct error *err)
{
    const struct redis_counter *counter = counter_of(run);
    int r = redis_counter_end(counter, err);

    if (r == 0)
        r = verify_total(run, when, err);
    if (r < 0)
        return r;
    if (when == ADDON_DUMPED)
        tell_warnings(run);
    else if (redis_counter_keys(counter) == 0)
        return error_set(err, ERR_NOT_FOUND, "nothing was restored: the dump holds no key");
    json_decref(run->tally.counts);
    run->tally.counts = redis_counter_json(counter);
    return 0;
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

static int redis_plan_load(struct addon_run *run, struct error *err)
{
    struct redis_info *before = xcalloc(1, sizeof(*before));
    int r;

    run->state = before;
    r = ask_server(run, before, err);
    if (r < 0)
        return r;
    if (before->is_replica)
        return error_set(err, ERR_DENIED,
                         "the server is a replica, which nobody may write (READONLY): the "
                         "AppBinding has to name its master");
    add_program(run, "load");
    return 0;
}

static int read_loaded(const struct addon_run *run, json_t **ret, struct error *err)
{
    AUTO(mem_free)
    char *path = xasprintf("%s/" REDIS_LOADED, argv_env_get(&run->env.env, "HOME"));
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, LOADED_MAX, &text, &len, err);

    return r < 0 ? error_wrap(err, "how the load went is not known")
                 : jsonx_parse(text, len, ret, err);
}

static struct redis_database find_database(struct redis_info *info, int64_t number)
{
    const struct redis_database *found = redis_info_database(info, number);

    return found ? *found : (struct redis_database){.number = number};
}

/* Before, and what came, less what it replaced: fewer may be there when some of them expire. */
static int compare_database(struct addon_run *run, const char *name, const json_t *passed,
                            int64_t replaced, struct redis_info *after, struct error *err)
{
    int64_t number = strtoll(name, NULL, 10);
    struct redis_database before = find_database(run->state, number);
    struct redis_database now = find_database(after, number);
    int64_t expected = before.keys + jsonx_int(passed, 0, "keys", NULL) - replaced;
    int64_t expiring = before.expires + jsonx_int(passed, 0, "expires", NULL);

    if (now.keys >= expected)
        return 0;
    if (now.keys < expected - expiring)
        return error_set(err, ERR_INVALID,
                         "database %s: the server has %" PRId64 " keys where %" PRId64
                         " should be, of which %" PRId64 " may have expired (%" PRId64
                         " keys were evicted meanwhile: maxmemory)",
                         name, now.keys, expected, expiring,
                         after->evicted - ((struct redis_info *)run->state)->evicted);
    addon_warn(run, "database %s: %" PRId64 " of %" PRId64 " keys have expired", name,
               expected - now.keys, expected);
    return 0;
}

static int verify_loaded(struct addon_run *run, struct error *err)
{
    const json_t *databases = jsonx_get(run->tally.counts, "databases", NULL);
    AUTO(redis_info_done) struct redis_info after = {0};
    json_auto_t *loaded = NULL;
    const char *name;
    json_t *passed;
    int r = read_loaded(run, &loaded, err);

    if (r == 0)
        r = ask_server(run, &after, err);
    jsonx_foreach_member (databases, name, passed)
        if (r == 0)
            r = compare_database(run, name, passed, jsonx_int(loaded, 0, "replaced", name, NULL),
                                 &after, err);
    return r;
}

static int redis_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    return when == ADDON_LOADED ? verify_loaded(run, err) : verify_passed(run, when, err);
}

static void redis_done(struct addon_run *run)
{
    if (run->state)
        redis_info_done(run->state);
    free(run->state);
    run->state = NULL;
    if (run->tally.state)
        redis_counter_done(run->tally.state);
    free(run->tally.state);
    run->tally.state = NULL;
}

static int redis_program(int argc, char **argv, struct error *err)
{
    AUTO(argv_done) struct argv words = {0};

    for (int i = 2; i < argc; i++)
        argv_add(&words, argv[i]);
    if (argc > 1 && strcmp(argv[1], "dump") == 0)
        return redis_dump_program(&words, err);
    if (argc > 1 && strcmp(argv[1], "load") == 0)
        return redis_load_program(&words, err);
    return error_set(err, ERR_INVALID, "usage: dump|load ARGS…");
}

ADDON_CODE(redis, redis_login, redis_ready, redis_plan_dump, redis_verify, redis_plan_load,
           .count = redis_count, .program = redis_program, .done = redis_done);
