/* addon_nats.c - NATS JetStream: every stream is a folder of the dump, streams.json names them. */
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "job.h"
#include "stash/clock.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/tool_args.h"
#include "tool.h"

#define STREAMS_MAX   (4 * LIMIT_MIB)
#define READY_PAUSE   5000
#define READY_AT_ONCE 500 /* the first pauses are short: most servers are up */

struct nats {
    struct job *job;
    struct child_env env;
    json_t *names; /* of the streams */
};

static void nats_done(struct nats *nats)
{
    child_env_done(&nats->env);
    json_decref(nats->names);
}
DEFINE_AUTO_VALUE(struct nats, nats_done);

static int open_nats(struct nats *nats, struct error *err)
{
    int r;

    if (!nats->job->app)
        return error_set(err, ERR_INVALID, "--appbinding is needed");
    if (!nats->job->flags->interim_dir)
        return error_set(err, ERR_INVALID, "--interim-data-dir is needed");
    tool_env(&nats->env, nats->job->restic.tmp);
    r = nats_env(nats->job->app, nats->job->app_secret, &nats->env, err);
    return r < 0 ? r : folder_write_secrets(&nats->env, err);
}

/* Wrong credentials do not become right by waiting. */
static bool is_hopeless(const char *words)
{
    return strstr(words, "Authorization Violation") || strstr(words, "no such program");
}

static int wait_ready(const struct nats *nats, struct error *err)
{
    int64_t end = clock_mono_ms() + nats->job->flags->wait_timeout * 1000;
    int64_t pause = READY_AT_ONCE;

    for (;;) {
        AUTO(argv_done) struct argv args = {0};
        int r;

        nats_args_check(nats->job->flags->warning_threshold, &args);
        r = tool_run(&args, &nats->env, NULL, err);
        if (r == 0)
            return 0;
        if (is_hopeless(err->msg) || r == -ERR_TIMEOUT || clock_mono_ms() + pause > end)
            return error_wrap(err, "the server is not ready");
        clock_sleep_ms(pause);
        pause = pause < READY_PAUSE ? pause * 2 : READY_PAUSE;
    }
}

/* ---- lists of streams -------------------------------------------------------------------------- */

static char *list_path(const struct nats *nats)
{
    return xasprintf("%s/streams.json", nats->job->flags->interim_dir);
}

static int ask_streams(const struct nats *nats, json_t **ret_names, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(buf_done) struct buf text;
    int r;

    buf_init(&text, STREAMS_MAX);
    nats_args_list(&args);
    r = tool_run(&args, &nats->env, &text, err);
    return r < 0 ? error_wrap(err, "listing streams")
                 : nats_streams_parse(text.data, text.len, ret_names, err);
}

static int write_list(const struct nats *nats, struct error *err)
{
    AUTO(mem_free) char *path = list_path(nats);
    AUTO(mem_free) char *text = jsonx_dump(nats->names);

    return file_write(path, text, strlen(text), 0640, err);
}

static int read_list(const struct nats *nats, json_t **ret_names, struct error *err)
{
    AUTO(mem_free) char *path = list_path(nats);
    AUTO(mem_free) char *text = NULL;
    size_t len;
    int r = file_read(path, STREAMS_MAX, &text, &len, err);

    return r < 0 ? error_wrap(err, "the snapshot is no dump of NATS")
                 : nats_streams_parse(text, len, ret_names, err);
}

static char *stream_folder(const struct nats *nats, const char *name)
{
    return xasprintf("%s/%s", nats->job->flags->interim_dir, name);
}

/* A stream is there when both of its files are, and hold something. */
static int check_stream(const struct nats *nats, const char *name, struct error *err)
{
    static const char *const files[] = {"backup.json", "stream.tar.s2"};

    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        AUTO(mem_free)
        char *path = xasprintf("%s/%s/%s", nats->job->flags->interim_dir, name, files[i]);
        struct stat st;

        if (stat(path, &st) < 0 || st.st_size == 0)
            return error_set(err, ERR_INVALID, "stream %s: the dump has no %s", name, files[i]);
    }
    return 0;
}

/* ---- backup ------------------------------------------------------------------------------------ */

static int dump_stream(const struct nats *nats, const char *name, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *folder = stream_folder(nats, name);
    int r;

    nats_args_backup(nats->job->flags->args, name, folder, &args);
    r = tool_run(&args, &nats->env, NULL, err);
    return r < 0 ? error_wrap(err, "dumping stream %s", name) : check_stream(nats, name, err);
}

static int dump(struct nats *nats, struct error *err)
{
    size_t i;
    json_t *name;
    int r = folder_clear(nats->job->flags->interim_dir, 0770, err);

    if (r == 0)
        r = nats->job->flags->streams
                ? nats_streams_split(nats->job->flags->streams, &nats->names, err)
                : ask_streams(nats, &nats->names, err);
    if (r == 0)
        r = write_list(nats, err);
    json_array_foreach (nats->names, i, name)
        if (r == 0)
            r = dump_stream(nats, json_string_value(name), err);
    return r;
}

static int backup(struct job *job, struct error *err)
{
    AUTO(nats_done) struct nats nats = {.job = job};
    int r = open_nats(&nats, err);

    if (r == 0)
        r = job_ensure_repository(job, err);
    if (r == 0)
        r = wait_ready(&nats, err);
    if (r == 0)
        r = dump(&nats, err);
    return r < 0 ? r : job_store(job, job->flags->interim_dir, err);
}

int agent_backup_nats(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "AppBinding", false, backup, err);
}

/* ---- restore ----------------------------------------------------------------------------------- */

/* Those of nats->names that the server has. */
static int find_existing(const struct nats *nats, json_t *existing, struct error *err)
{
    json_auto_t *there = NULL;
    size_t i;
    json_t *name;
    int r = ask_streams(nats, &there, err);

    json_array_foreach (nats->names, i, name) {
        size_t j;
        json_t *other;

        json_array_foreach (there, j, other)
            if (json_equal(name, other))
                json_array_append(existing, name);
    }
    return r;
}

static int remove_streams(const struct nats *nats, const json_t *names, struct error *err)
{
    size_t i;
    json_t *name;
    int r = 0;

    json_array_foreach (names, i, name) {
        AUTO(argv_done) struct argv args = {0};

        nats_args_remove(json_string_value(name), &args);
        if (r == 0)
            r = tool_run(&args, &nats->env, NULL, err);
    }
    return r < 0 ? error_wrap(err, "removing streams that exist") : 0;
}

static int refuse(const json_t *existing, struct error *err)
{
    AUTO(mem_free) char *names = jsonx_dump(existing);

    return error_set(err, ERR_CONFLICT,
                     "nothing was restored: streams %.200s exist (parameter overwrite \"true\" "
                     "replaces them, parameter streams chooses others)",
                     names);
}

/* All or nothing: a stream that exists is seen before the first one is restored. */
static int make_room(const struct nats *nats, struct error *err)
{
    json_auto_t *existing = json_array();
    int r = find_existing(nats, existing, err);

    if (r < 0 || json_array_size(existing) == 0)
        return r;
    return nats->job->flags->overwrite ? remove_streams(nats, existing, err)
                                       : refuse(existing, err);
}

static int load_stream(const struct nats *nats, const char *name, struct error *err)
{
    AUTO(argv_done) struct argv args = {0};
    AUTO(mem_free) char *folder = stream_folder(nats, name);
    int r;

    nats_args_restore(nats->job->flags->args, folder, &args);
    r = tool_run(&args, &nats->env, NULL, err);
    return r < 0 ? error_wrap(err, "restoring stream %s", name) : 0;
}

/* Every dump is looked at before the first stream is removed. */
static int load(struct nats *nats, struct error *err)
{
    size_t i;
    json_t *name;
    int r = nats->job->flags->streams
                ? nats_streams_split(nats->job->flags->streams, &nats->names, err)
                : read_list(nats, &nats->names, err);

    json_array_foreach (nats->names, i, name)
        if (r == 0)
            r = check_stream(nats, json_string_value(name), err);
    if (r == 0)
        r = make_room(nats, err);
    json_array_foreach (nats->names, i, name)
        if (r == 0)
            r = load_stream(nats, json_string_value(name), err);
    return r;
}

static int restore(struct job *job, struct error *err)
{
    AUTO(nats_done) struct nats nats = {.job = job};
    int r = open_nats(&nats, err);

    if (r == 0)
        r = wait_ready(&nats, err);
    if (r == 0)
        r = job_fetch_dump(job, err);
    return r < 0 ? r : load(&nats, err);
}

int agent_restore_nats(struct kube *kube, const struct agent_flags *flags, struct error *err)
{
    return job_run(kube, flags, "AppBinding", true, restore, err);
}
