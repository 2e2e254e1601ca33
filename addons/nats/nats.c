/* nats.c - NATS JetStream: every stream is a folder of the dump, streams.json names them. */
#include "nats.h"

#include <string.h>

#include "stash/file.h"
#include "stash/jsonx.h"

#define STREAMS_MAX (4 * LIMIT_MIB)
#define TRIES_MAX   3

static int nats_login(struct addon_run *run, struct error *err)
{
    int r = nats_args_check_words(addon_text(run, "nats-args"), err);

    run->state = json_array();
    return r < 0 ? r : nats_env(run->app, run->secret, &run->env, err);
}

static void nats_done(struct addon_run *run)
{
    json_decref(run->state);
}

/* Wrong credentials do not become right by waiting. */
static bool is_hopeless(const char *words)
{
    return strstr(words, "Authorization Violation") || strstr(words, "no such program");
}

static int nats_ready(struct addon_run *run, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r;

    nats_args_check(addon_text(run, "warning-threshold"), &args);
    r = addon_try_tool(run, &args, err);
    if (r == 0 || !is_hopeless(err->msg))
        return r;
    err->kind = ERR_DENIED;
    return -ERR_DENIED;
}

/* The streams of this run. */
static json_t *names_of(const struct addon_run *run)
{
    return run->state;
}

static int names_take(struct addon_run *run, int r, json_t *names)
{
    if (r == 0) {
        json_decref(run->state);
        run->state = names;
    }
    return r;
}

/* ---- lists of streams ---------------------------------------------------------------------------------------------- */

static char *list_path(const struct addon_run *run)
{
    return xasprintf("%s/streams.json", run->folder);
}

static int ask_streams(const struct addon_run *run, json_t **ret_names, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, STREAMS_MAX);
    nats_args_list(&args);
    r = addon_run_tool(run, &args, &text, err);
    return r < 0 ? error_wrap(err, "listing streams")
                 : nats_streams_lines(text.data, ret_names, err);
}

static int write_list(const struct addon_run *run, struct error *err)
{
    AUTO(mem_free) char *path = list_path(run);
    AUTO(mem_free) char *text = jsonx_dump(names_of(run));

    return file_write(path, text, strlen(text), 0640, err);
}

static int read_list(const struct addon_run *run, json_t **ret_names, struct error *err)
{
    AUTO(mem_free) char *path = list_path(run);
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, STREAMS_MAX, &text, &len, err);

    return r < 0 ? error_wrap(err, "the snapshot is no dump of NATS")
                 : nats_streams_parse(text, len, ret_names, err);
}

typedef int (*list_fn)(const struct addon_run *run, json_t **ret_names, struct error *err);

/* Those of the parameter, else whatever `all` finds. */
static int choose_streams(struct addon_run *run, list_fn all, struct error *err)
{
    const char *wanted = addon_text(run, "streams");
    json_t *names = NULL;
    int r = *wanted ? nats_streams_split(wanted, &names, err) : all(run, &names, err);

    return names_take(run, r, names);
}

static char *stream_folder(const struct addon_run *run, const char *name)
{
    return xasprintf("%s/%s", run->folder, name);
}

/* ---- dump ---------------------------------------------------------------------------------------------------------- */

/* What servers before 2.15 say of a stream in memory. Whatever else went wrong may pass, and is a failure. */
static bool says_it_cannot(const struct error *err)
{
    return strstr(err->msg, "memory streams do not support snapshots") ||
           strstr(err->msg, "snapshot failed: no impl");
}

/* A server before 2.15 cannot dump what lies in memory. That is no reason to lose the other streams. */
static bool is_in_memory(const struct addon_run *run, const char *name)
{
    json_auto_t *info = NULL;
    struct error ignored;
    const char *storage;

    if (nats_ask_stream(run, name, &info, &ignored) < 0)
        return false;
    storage = jsonx_str(info, "config", "storage", NULL);
    return storage && strcmp(storage, "memory") == 0;
}

/* Of all streams those are dumped that are there: one may be removed while others are dumped. One that was asked for is missed. */
static bool is_removed(const struct addon_run *run, const char *name)
{
    json_auto_t *there = NULL;
    struct error ignored;

    return !*addon_text(run, "streams") && ask_streams(run, &there, &ignored) == 0 &&
           jsonx_find_text(there, name) < 0;
}

/*
 * The stream was on its way and stopped: the client lost patience, or the server did (it waits two seconds for the reader).
 * That is what a busy machine does; the next try is likely to pass.
 */
static bool says_it_broke_off(const struct error *err)
{
    return strstr(err->msg, "snapshot failed: context canceled") ||
           strstr(err->msg, "receiving no data for a long period") ||
           strstr(err->msg, "408 No Interest") || strstr(err->msg, "408 No Flow Response");
}

/* The client removes what a try that broke off has left. */
static int back_up_stream(struct addon_run *run, const char *name, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *folder = stream_folder(run, name);
    int r;

    nats_args_backup(addon_text(run, "nats-args"), name, folder, &args);
    r = addon_run_tool(run, &args, NULL, err);
    for (int tries = 1; r == -ERR_SYSTEM && says_it_broke_off(err) && tries < TRIES_MAX; tries++)
        r = addon_run_tool(run, &args, NULL, err);
    return r;
}

static int dump_stream(struct addon_run *run, const char *name, json_t *dumped, struct error *err)
{
    int r = back_up_stream(run, name, err);

    if (r == -ERR_SYSTEM && says_it_cannot(err) && is_in_memory(run, name)) {
        addon_warn(run,
                   "stream %s was not stored: it lies in the server's memory, and the server "
                   "cannot dump it (%.200s)",
                   name, err->msg);
        return 0;
    }
    if (r == -ERR_SYSTEM && is_removed(run, name)) {
        addon_warn(run, "stream %s was removed before it was dumped", name);
        return 0;
    }
    if (r == 0)
        json_array_append_new(dumped, json_string(name));
    return r < 0 ? error_wrap(err, "dumping stream %s", name) : 0;
}

static int nats_dump(struct addon_run *run, struct error *err)
{
    json_t *dumped = json_array();
    size_t i;
    json_t *name;
    int r = choose_streams(run, ask_streams, err);

    json_array_foreach (names_of(run), i, name)
        if (r == 0)
            r = dump_stream(run, json_string_value(name), dumped, err);
    names_take(run, 0, dumped);
    if (r == 0 &&
        json_array_size(dumped) == 0) { /* a dump without a file: the driver knows it as empty */
        addon_warn(run, "no stream was stored: the dump is empty");
        return 0;
    }
    return r < 0 ? r : write_list(run, err);
}

/* ---- load ---------------------------------------------------------------------------------------------------------- */

static int remove_stream(const struct addon_run *run, const char *name, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    int r;

    nats_args_remove(name, &args);
    r = addon_run_tool(run, &args, NULL, err);
    return r < 0 ? error_wrap(err, "removing stream %s, which exists", name) : 0;
}

/* All or nothing: a stream that exists is seen before the first one is restored. */
static int refuse_existing(const struct addon_run *run, const json_t *there, struct error *err)
{
    json_auto_t *existing = json_array();
    AUTO(mem_free) char *text = NULL;
    size_t i;
    json_t *name;

    json_array_foreach (names_of(run), i, name)
        if (jsonx_find_text(there, json_string_value(name)) >= 0)
            json_array_append(existing, name);
    if (json_array_size(existing) == 0)
        return 0;
    text = jsonx_dump(existing);
    return error_set(err, ERR_CONFLICT,
                     "nothing was restored: streams %.200s exist (parameter overwrite \"true\" "
                     "replaces them, parameter streams chooses others)",
                     text);
}

static int load_stream(const struct addon_run *run, const char *name, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *folder = stream_folder(run, name);
    int r;

    nats_args_restore(addon_text(run, "nats-args"), folder, &args);
    r = addon_run_tool(run, &args, NULL, err);
    return r < 0 ? error_wrap(err, "restoring stream %s", name) : 0;
}

/* One stream after the other: when one fails, those that come later are still what they were. */
static int nats_load(struct addon_run *run, struct error *err)
{
    json_auto_t *there = NULL;
    size_t i;
    json_t *name;
    int r = ask_streams(run, &there, err);

    if (r == 0 && !addon_bool(run, "overwrite"))
        r = refuse_existing(run, there, err);
    json_array_foreach (names_of(run), i, name) {
        if (r == 0 && jsonx_find_text(there, json_string_value(name)) >= 0)
            r = remove_stream(run, json_string_value(name), err);
        if (r == 0)
            r = load_stream(run, json_string_value(name), err);
    }
    return r;
}

/* ---- verify -------------------------------------------------------------------------------------------------------- */

static int nats_verify(struct addon_run *run, enum addon_when when, struct error *err)
{
    size_t i;
    json_t *name;
    int r = when == ADDON_FETCHED ? choose_streams(run, read_list, err) : 0;

    if (r == 0 && when == ADDON_FETCHED && json_array_size(names_of(run)) == 0)
        return error_set(err, ERR_NOT_FOUND, "nothing was restored: the dump holds no stream");
    json_array_foreach (names_of(run), i, name)
        if (r == 0)
            r = when == ADDON_LOADED ? nats_verify_stream(run, json_string_value(name), err)
                                     : nats_verify_dump(run, json_string_value(name), when, err);
    return r;
}

ADDON_CODE(nats, nats_login, nats_ready, nats_dump, nats_verify, nats_load, .done = nats_done);
