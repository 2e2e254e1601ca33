/*
 * redis_load.c - the program that loads a dump: every command to the server, or to the master that has its key, and
 * every answer looked at.
 *
 * A key that comes back replaces the one that is there: it is deleted before its first command, and how often something was
 * there to delete tells how many keys the server has to have afterwards.
 */
#include "redis_load.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "redis_dump.h"
#include "redis_dumper.h"
#include "redis_server.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/format.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/pair.h"
#include "stash/spawn.h"

#define PIECE      (64 * LIMIT_KIB)
#define ASKED_MAX  2048 /* commands that wait for their answer */
#define SEND_AT    (64 * LIMIT_KIB)
#define ERRORS_MAX 1000
#define TICK_MS    1000

struct asked {
    char key[REDIS_SHOWN];
    int64_t database;
    bool is_counted; /* whether its answer tells that a key was there */
};

struct node {
    struct redis_client *client;
    struct asked *asked; /* a ring */
    size_t first, count;
};

struct loader {
    struct redis_options options;
    struct node *nodes;
    size_t count;
    int16_t *slots; /* NULL: no cluster */
    struct redis_dump dump;
    struct node *to; /* the command under way; NULL: it is not passed on */
    int64_t heard_ms;
    uint64_t answers, errors;
    char first_error[300];
    struct redis_info replaced; /* keys that were there */
};

/* ---- answers ------------------------------------------------------------------------------------------------------- */

static int fail_errors(const struct loader *loader, struct error *err)
{
    return error_set(err, ERR_DENIED, "%llu of %llu commands failed; the first: %s",
                     (unsigned long long)loader->errors, (unsigned long long)loader->answers,
                     loader->first_error);
}

static int take_error(struct loader *loader, const struct asked *asked,
                      const struct resp_event *event, struct error *err)
{
    struct text text;

    format_text(event->data, &text);
    if (loader->errors++ == 0)
        snprintf(loader->first_error, sizeof(loader->first_error), "key %s: %.200s", asked->key,
                 text.s);
    return loader->errors < ERRORS_MAX ? 0 : fail_errors(loader, err);
}

static int take_answer(struct loader *loader, struct node *node, const struct resp_event *event,
                       struct error *err)
{
    const struct asked *asked = &node->asked[node->first];
    struct redis_database *database;

    loader->heard_ms = clock_mono_ms();
    if (node->count == 0)
        return error_set(err, ERR_INVALID, "the server answers what was not asked");
    node->first = (node->first + 1) % ASKED_MAX;
    node->count--;
    loader->answers++;
    if (event->kind != RESP_LINE)
        return 0;
    if (event->marker == '-')
        return take_error(loader, asked, event, err);
    if (!asked->is_counted || event->marker != ':' || event->number != 1)
        return 0;
    database = redis_info_database(&loader->replaced, asked->database);
    if (database)
        database->keys++;
    return 0;
}

static int hear_node(struct loader *loader, struct node *node, struct error *err)
{
    struct resp_event event;
    int r;

    while ((r = redis_event_now(node->client, &event, err)) > 0)
        if (event.last && (r = take_answer(loader, node, &event, err)) < 0)
            break;
    return r;
}

/* ---- sending ------------------------------------------------------------------------------------------------------- */

static int serve_nodes(struct loader *loader, struct error *err)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < loader->count; i++) {
        size_t before = redis_out(loader->nodes[i].client)->len;

        r = redis_send_some(loader->nodes[i].client, err);
        if (before > 0 && redis_out(loader->nodes[i].client)->len == 0)
            loader->heard_ms = clock_mono_ms();
        if (r == 0)
            r = hear_node(loader, &loader->nodes[i], err);
    }
    return r;
}

static int wait_a_while(const struct loader *loader, struct error *err)
{
    AUTO(mem_free) struct pollfd *pollers = xcalloc(loader->count, sizeof(*pollers));
    int64_t quiet_ms = clock_mono_ms() - loader->heard_ms;

    if (spawn_is_cancelled())
        return error_set(err, ERR_TIMEOUT, "told to stop");
    if (loader->options.quiet_s > 0 && quiet_ms > loader->options.quiet_s * 1000)
        return error_set(err, ERR_TIMEOUT,
                         "the server gave no answer for %lld s (args --pipe-timeout)",
                         (long long)loader->options.quiet_s);
    for (size_t i = 0; i < loader->count; i++) {
        pollers[i] = (struct pollfd){.fd = redis_fd(loader->nodes[i].client), .events = POLLIN};
        if (redis_out(loader->nodes[i].client)->len > 0)
            pollers[i].events |= POLLOUT;
    }
    poll(pollers, loader->count, TICK_MS);
    return 0;
}

/* Until the node has room for more; `all`: until it has answered everything. */
static int drain_node(struct loader *loader, const struct node *node, bool all, struct error *err)
{
    size_t waiting = all ? 0 : ASKED_MAX - 2;
    int r = 0;

    loader->heard_ms = clock_mono_ms();
    for (;;) {
        r = serve_nodes(loader, err);
        if (r < 0 || (redis_out(node->client)->len == 0 && node->count <= waiting))
            return r;
        r = wait_a_while(loader, err);
        if (r < 0)
            return r;
    }
}

static int make_room(struct loader *loader, struct error *err)
{
    const struct node *node = loader->to;

    if (redis_out(node->client)->len < SEND_AT && node->count < ASKED_MAX - 2)
        return 0;
    return drain_node(loader, node, false, err);
}

/* ---- commands ------------------------------------------------------------------------------------------------------ */

static void note_asked(struct loader *loader, struct resp_text key, bool is_counted)
{
    struct node *node = loader->to;
    struct asked *asked = &node->asked[(node->first + node->count++) % ASKED_MAX];

    redis_show_key(key, asked->key);
    asked->database = loader->dump.database;
    asked->is_counted = is_counted;
}

/* NULL: the command is for nobody. */
static int choose_node(struct loader *loader, struct resp_text key, struct error *err)
{
    const struct redis_dump *dump = &loader->dump;
    int16_t at;

    loader->to = NULL;
    if (dump->is_total || (loader->slots && dump->is_select))
        return 0;
    if (!loader->slots) {
        loader->to = &loader->nodes[0];
        return 0;
    }
    if (dump->database != 0)
        return error_set(err, ERR_INVALID,
                         "the dump has keys in database %lld, and a cluster has database 0 alone",
                         (long long)dump->database);
    at = loader->slots[redis_slot(key.data, key.len)];
    if (at < 0)
        return error_set(err, ERR_TRANSPORT, "no master of the cluster has slot %u",
                         redis_slot(key.data, key.len));
    loader->to = &loader->nodes[at];
    return 0;
}

static int begin_command(struct loader *loader, const struct redis_piece *piece, struct error *err)
{
    const struct redis_dump *dump = &loader->dump;
    struct resp_text key = redis_dump_key(dump);
    int r = choose_node(loader, key, err);

    if (r < 0 || !loader->to)
        return r;
    r = make_room(loader, err);
    if (r < 0)
        return r;
    if (dump->is_first && !dump->is_delete) {
        RESP_PUT(redis_out(loader->to->client), resp_text("DEL"), key);
        note_asked(loader, key, true);
    }
    note_asked(loader, key, dump->is_first && dump->is_delete);
    buf_add(redis_out(loader->to->client), piece->data, piece->len);
    return 0;
}

static int take_piece(struct loader *loader, const struct redis_piece *piece, struct error *err)
{
    if (piece->kind == REDIS_BEGIN)
        return begin_command(loader, piece, err);
    if (piece->kind == REDIS_DONE || !loader->to)
        return 0;
    buf_add(redis_out(loader->to->client), piece->data, piece->len);
    return redis_out(loader->to->client)->len < SEND_AT
               ? 0
               : drain_node(loader, loader->to, false, err);
}

static int feed_dump(struct loader *loader, const char *data, size_t len, struct error *err)
{
    struct redis_piece piece;
    int r;

    while ((r = redis_dump_next(&loader->dump, &data, &len, &piece, err)) > 0)
        if ((r = take_piece(loader, &piece, err)) < 0)
            break;
    return r;
}

/* Answers are heard while the repository is slow. */
static int wait_for_input(struct loader *loader, struct error *err)
{
    struct pollfd poller = {.fd = STDIN_FILENO, .events = POLLIN};
    int r = serve_nodes(loader, err);

    while (r == 0 && poll(&poller, 1, TICK_MS) == 0)
        r = serve_nodes(loader, err);
    return r;
}

static int load_all(struct loader *loader, struct error *err)
{
    AUTO(mem_free) char *data = xmalloc(PIECE);
    int r = 0;

    while (r == 0) {
        ssize_t n = -1;

        r = wait_for_input(loader, err);
        if (r == 0 && spawn_is_cancelled())
            return error_set(err, ERR_TIMEOUT, "told to stop");
        if (r == 0)
            n = read(STDIN_FILENO, data, PIECE);
        if (r == 0 && n < 0 && errno != EINTR)
            return error_set_errno(err, errno, "reading the dump");
        if (n == 0)
            break;
        if (n > 0)
            r = feed_dump(loader, data, (size_t)n, err);
    }
    for (size_t i = 0; r == 0 && i < loader->count; i++)
        r = drain_node(loader, &loader->nodes[i], true, err);
    return r;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

static int leave_counts(const struct loader *loader, struct error *err)
{
    const char *home = getenv("HOME");
    AUTO(mem_free) char *path = xasprintf("%s/" REDIS_LOADED, home ? home : "/tmp");
    json_auto_t *replaced = json_object();
    json_auto_t *doc = NULL;

    for (size_t i = 0; i < loader->replaced.database_count; i++) {
        AUTO(mem_free)
        char *name = xasprintf("%lld", (long long)loader->replaced.databases[i].number);

        json_object_set_new(replaced, name,
                            json_integer((json_int_t)loader->replaced.databases[i].keys));
    }
    doc = json_pack("{s:I, s:I, s:O}", PAIR("errors", (json_int_t)loader->errors),
                    PAIR("answers", (json_int_t)loader->answers), PAIR("replaced", replaced));
    AUTO(mem_free) char *text = jsonx_dump(doc);
    return file_write(path, text, strlen(text), 0600, err);
}

static int connect_nodes(struct loader *loader, const struct redis_login *login, struct error *err)
{
    AUTO(redis_close) struct redis_client *client = NULL;
    AUTO(argv_done) struct argv masters = {0};
    AUTO(mem_free) char *nodes = NULL;
    int64_t patience_ms = loader->options.quiet_s * 1000;
    int r = redis_open(login, NULL, patience_ms, &client, err);

    if (r == 0)
        r = redis_ask_masters(client, &masters, &nodes, err);
    if (r < 0)
        return r;
    loader->count = masters.count > 0 ? masters.count : 1;
    loader->nodes = xcalloc(loader->count, sizeof(*loader->nodes));
    for (size_t i = 0; r == 0 && i < loader->count; i++) {
        loader->nodes[i].asked = xcalloc(ASKED_MAX, sizeof(*loader->nodes[i].asked));
        r = redis_open(login, masters.count > 0 ? masters.items[i] : NULL, patience_ms,
                       &loader->nodes[i].client, err);
    }
    if (r == 0 && masters.count > 0) {
        loader->slots = xcalloc(REDIS_SLOTS, sizeof(*loader->slots));
        redis_cluster_slots(nodes, loader->slots);
    }
    return r;
}

static void loader_done(struct loader *loader)
{
    for (size_t i = 0; loader->nodes && i < loader->count; i++) {
        redis_close(loader->nodes[i].client);
        free(loader->nodes[i].asked);
    }
    free(loader->nodes);
    free(loader->slots);
    redis_dump_done(&loader->dump);
    redis_info_done(&loader->replaced);
}
DEFINE_AUTO_VALUE(struct loader, loader_done);

int redis_load_program(const struct argv *words, struct error *err)
{
    AUTO(loader_done) struct loader loader = {0};
    AUTO(argv_done) struct argv env = {0};
    struct redis_login login;
    int r = redis_options_load(words, &loader.options, err);

    redis_dump_init(&loader.dump);
    redis_own_env(&env);
    redis_login_read(&env, &login);
    if (r == 0)
        r = connect_nodes(&loader, &login, err);
    if (r == 0)
        r = load_all(&loader, err);
    if (r == 0 && loader.errors > 0)
        r = fail_errors(&loader, err);
    return r < 0 ? r : leave_counts(&loader, err);
}
