/* redis_dumper.c - the program that dumps: every master, every database, page by page. */
#include "redis_dumper.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "redis_dump.h"
#include "redis_server.h"
#include "redis_words.h"
#include "stash/limits.h"

#define PAGE    "100" /* keys */
#define OUT_MAX (8 * LIMIT_MIB)

/* ---- a database ---------------------------------------------------------------------------------------------------- */

static int scan_page(struct redis_dumper *dumper, char cursor[24], struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    struct buf *out = redis_out(dumper->client);
    int r;

    if (dumper->options.filter)
        RESP_PUT(out, resp_text("SCAN"), resp_text(cursor), resp_text("MATCH"),
                 resp_text(dumper->options.filter), resp_text("COUNT"), resp_text(PAGE));
    else
        RESP_PUT(out, resp_text("SCAN"), resp_text(cursor), resp_text("COUNT"), resp_text(PAGE));
    r = redis_read(dumper->client, &reply, err);
    if (r < 0)
        return r;
    snprintf(cursor, 24, "%s", redis_item(&reply, 0));
    return reply.count < 2 ? 0 : redis_dump_keys(dumper, reply.items + 1, reply.count - 1, err);
}

static int ask_lasting(struct redis_dumper *dumper, int64_t number, int64_t *ret, struct error *err)
{
    AUTO(redis_info_done) struct redis_info info = {0};
    const struct redis_database *database;
    int r = redis_ask_info(dumper->client, &info, err);

    if (r < 0)
        return r;
    database = redis_info_database(&info, number);
    *ret = database ? database->keys - database->expires : 0;
    return 0;
}

/* Only keys that do not expire are compared: the server counts those too that are over and not yet removed. */
static void compare_lasting(const struct redis_dumper *dumper, int64_t number, int64_t before,
                            int64_t after)
{
    if (dumper->options.filter || dumper->lasting >= (before < after ? before : after))
        return;
    fprintf(stderr,
            "warning: database %" PRId64 ": %" PRId64 " keys that do not expire are in the dump, "
            "the server had %" PRId64 " before and %" PRId64 " after it: others write it\n",
            number, dumper->lasting, before, after);
}

static int dump_database(struct redis_dumper *dumper, int64_t number, bool is_cluster,
                         struct error *err)
{
    AUTO(redis_reply_done) struct redis_reply reply = {0};
    int64_t before = 0, after = 0;
    char cursor[24] = "0", name[24];
    int r = ask_lasting(dumper, number, &before, err);

    snprintf(name, sizeof(name), "%" PRId64, number);
    if (r == 0 && !is_cluster)
        r = redis_ask(dumper->client, &reply, err, resp_text("SELECT"), resp_text(name));
    if (r < 0)
        return r;
    RESP_PUT(&dumper->out, resp_text("SELECT"), resp_text(name));
    dumper->lasting = 0;
    dumper->last_key = 0;
    do
        r = scan_page(dumper, cursor, err);
    while (r == 0 && strcmp(cursor, "0") != 0);
    if (r == 0)
        r = ask_lasting(dumper, number, &after, err);
    if (r < 0)
        return error_wrap(err, "database %s", name);
    compare_lasting(dumper, number, before, after);
    return 0;
}

/* ---- a server ------------------------------------------------------------------------------------------------------ */

static int dump_server(struct redis_dumper *dumper, struct error *err)
{
    AUTO(redis_info_done) struct redis_info info = {0};
    int64_t wanted = dumper->options.database;
    int r = redis_ask_info(dumper->client, &info, err);

    if (r == 0 && info.has_field_expiry)
        fprintf(stderr, "warning: hashes have fields that expire: the fields are in the dump, when "
                        "they expire is not\n");
    for (size_t i = 0; r == 0 && i < info.database_count; i++)
        if (wanted < 0 || wanted == info.databases[i].number)
            r = dump_database(dumper, info.databases[i].number, info.is_cluster, err);
    return r;
}

static int dump_node(struct redis_dumper *dumper, const struct redis_login *login, const char *node,
                     struct error *err)
{
    int r = redis_open(login, node, 0, &dumper->client, err);

    if (r == 0)
        r = dump_server(dumper, err);
    redis_close(TAKE(dumper->client));
    return r < 0 && node ? error_wrap(err, "master %s", node) : r;
}

/* Keys that went from a master which is not dumped yet to one that was are in neither's part. */
static int check_slots(const struct redis_login *login, const char *nodes, struct error *err)
{
    AUTO(redis_close) struct redis_client *client = NULL;
    AUTO(argv_done) struct argv masters = {0};
    AUTO(mem_free) char *later = NULL;
    int r = redis_open(login, NULL, 0, &client, err);

    if (r == 0)
        r = redis_ask_masters(client, &masters, &later, err);
    if (r == 0 && (!later || !redis_cluster_is_same(nodes, later)))
        r = error_set(err, ERR_TRANSPORT,
                      "slots of the cluster moved while it was dumped: their keys may be missing");
    return r;
}

static int dump_all(struct redis_dumper *dumper, const struct redis_login *login, struct error *err)
{
    AUTO(redis_close) struct redis_client *client = NULL;
    AUTO(argv_done) struct argv masters = {0};
    AUTO(mem_free) char *nodes = NULL;
    int r = redis_open(login, NULL, 0, &client, err);

    if (r == 0)
        r = redis_ask_masters(client, &masters, &nodes, err);
    if (r < 0 || masters.count == 0)
        return r < 0 ? r : dump_node(dumper, login, NULL, err);
    for (size_t i = 0; r == 0 && i < masters.count; i++)
        r = dump_node(dumper, login, masters.items[i], err);
    return r < 0 ? r : check_slots(login, nodes, err);
}

/* The last command says how many keys there were, and with it that the dump is whole. */
static int end_dump(struct redis_dumper *dumper, struct error *err)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRId64, dumper->keys + 1);
    RESP_PUT(&dumper->out, resp_text("SET"), resp_text(REDIS_TOTAL_KEY), resp_text(text));
    if (dumper->keys == 0)
        fprintf(stderr, "warning: the server has no keys%s: the dump is empty\n",
                dumper->options.filter || dumper->options.database >= 0 ? " that args choose" : "");
    if (dumper->unsteady.count > 0)
        fprintf(stderr,
                "warning: %" PRId64 " streams were written whenever they were read, and are in the "
                "dump as DUMP's payload, for servers of this version or newer: %s\n",
                dumper->unsteady.count, dumper->unsteady.text);
    return redis_dumper_flush(dumper, err);
}

int redis_dump_program(const struct argv *words, struct error *err)
{
    AUTO(argv_done) struct argv env = {0};
    struct redis_dumper dumper = {.page = 16};
    struct redis_login login;
    int r = redis_options_dump(words, &dumper.options, err);

    buf_init(&dumper.out, OUT_MAX);
    redis_own_env(&env);
    redis_login_read(&env, &login);
    if (r == 0)
        r = dump_all(&dumper, &login, err);
    if (r == 0)
        r = end_dump(&dumper, err);
    buf_done(&dumper.out);
    return r;
}
