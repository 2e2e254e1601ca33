/*
 * transfer.c - files of a snapshot, out of the cluster: a Job is held open beside the repository, and a command in it writes
 * to us through the API server. What came is counted and digested here, what was sent there, and both must agree.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/digest.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/lines.h"
#include "stash/text.h"

#define PROGRAM "/stash" /* in the product's image, and in those that stand on it */

struct receiving {
    const struct transfer *transfer;
    struct digest *digest;
    json_int_t bytes;
    struct lines said; /* standard error */
    json_t *told;      /* the last line of it that is one of the command's answers; owned */
    char *error;       /* that it told; owned */
};

static void receiving_done(struct receiving *receiving)
{
    lines_done(&receiving->said);
    digest_free(receiving->digest);
    json_decref(receiving->told);
    free(receiving->error);
}
DEFINE_AUTO_VALUE(struct receiving, receiving_done);

static int take_data(void *ctx, const char *data, size_t len, struct error *err)
{
    struct receiving *receiving = ctx;

    digest_add(receiving->digest, data, len);
    receiving->bytes += (json_int_t)len;
    return receiving->transfer->write(receiving->transfer->ctx, data, len, err);
}

static void take_line(void *ctx, const char *text, size_t len)
{
    struct receiving *receiving = ctx;
    json_auto_t *line = NULL;
    struct error ignored;

    if (*text != '{' || jsonx_parse(text, len, &line, &ignored) < 0)
        return;
    const char *error = jsonx_str(line, "error", NULL);
    if (error) {
        free(receiving->error);
        receiving->error = xstrdup(error);
    } else {
        json_decref(receiving->told);
        receiving->told = TAKE(line);
    }
}

static int take_words(void *ctx, const char *data, size_t len, struct error *err)
{
    struct receiving *receiving = ctx;
    struct error ignored;

    (void)err;
    lines_feed(&receiving->said, data, len, take_line, receiving, &ignored);
    return 0;
}

/* The name of the object is said once, and here. */
static int run_in(const struct repository_pod *pod, const char *subcommand, json_t *flags,
                  struct receiving *receiving, struct error *err)
{
    const json_t *repository = pod->job->repository;
    json_auto_t *command = json_pack("[s, s]", PROGRAM, subcommand);
    int ended = 0;
    int r = repository_job_flags_of(repository, command, err);

    json_array_extend(command, flags);
    const struct kube_exec wanted = {pod->container, command, take_data, take_words, receiving};
    receiving->digest = digest_new();
    lines_init(&receiving->said, LIMIT_MIB);
    if (r == 0)
        r = kube_exec(pod->job->call->kube, &wanted, &ended, err);
    lines_end(&receiving->said, take_line, receiving);
    if (r == -ERR_TRANSPORT &&
        err->code == 0) { /* the server has answered before: it is no wrong one */
        err->kind = ERR_SYSTEM;
        r = -ERR_SYSTEM;
    }
    if (r < 0)
        return r;
    if (receiving->error)
        return error_set(err, ERR_SYSTEM, "repository %s/%s: %s", jsonx_namespace(repository),
                         jsonx_name(repository), receiving->error);
    if (ended != 0)
        return error_set(err, ERR_SYSTEM,
                         "the command in Pod %s/%s ended with %d; is its image of this version?",
                         pod->container.namespace, pod->container.pod, ended);
    return 0;
}

/* ---- a file ------------------------------------------------------------------------------------------------------- */

static int check_whole(struct receiving *receiving, struct error *err)
{
    char sum[DIGEST_HEX_SIZE];
    json_int_t sent = jsonx_int(receiving->told, -1, "bytes", NULL);

    digest_end(receiving->digest, sum);
    if (sent != receiving->bytes)
        return error_set(err, ERR_SYSTEM, "%s is not whole: %lld bytes came, and %lld were sent",
                         receiving->transfer->path, (long long)receiving->bytes, (long long)sent);
    if (!text_is(jsonx_str(receiving->told, "sha256", NULL), sum))
        return error_set(err, ERR_SYSTEM,
                         "%s is not what was sent: its %lld bytes have another SHA-256",
                         receiving->transfer->path, (long long)sent);
    return 0;
}

int transfer_run(const struct repository_pod *pod, const struct transfer *transfer,
                 struct transfer_result *ret, struct error *err)
{
    AUTO(receiving_done) struct receiving receiving = {.transfer = transfer};
    json_auto_t *flags = json_array();

    json_array_append_new(flags, json_sprintf("--id=%s", transfer->id));
    json_array_append_new(flags, json_sprintf("--file=%s", transfer->path));
    if (transfer->folders)
        json_array_append_new(flags, json_string("--folders=true"));
    int r = run_in(pod, "send-file", flags, &receiving, err);
    if (r == 0)
        r = check_whole(&receiving, err);
    if (r < 0)
        return r;
    snprintf(ret->type, sizeof(ret->type), "%s",
             text_or_empty(jsonx_str(receiving.told, "type", NULL)));
    ret->bytes = receiving.bytes;
    return 0;
}

/* ---- what lies there ---------------------------------------------------------------------------------------------- */

struct look {
    const char *path;
    char *ret_type;
    struct lines lines;
    char *error; /* that it told; owned */
};

static void look_line(void *ctx, const char *text, size_t len)
{
    struct look *look = ctx;
    json_auto_t *line = NULL;
    struct error ignored;

    if (jsonx_parse(text, len, &line, &ignored) < 0)
        return;
    if (jsonx_str(line, "error", NULL) && !look->error)
        look->error = xstrdup(jsonx_str(line, "error", NULL));
    if (text_is(jsonx_str(line, "path", NULL), look->path))
        snprintf(look->ret_type, 16, "%s", text_or_empty(jsonx_str(line, "type", NULL)));
}

static int look_write(void *ctx, const char *data, size_t len, struct error *err)
{
    struct look *look = ctx;

    return lines_feed(&look->lines, data, len, look_line, look, err);
}

/* A folder stands before what lies in it, so the first line tells. */
int transfer_look(const struct repository_pod *pod, const char *id, const char *path,
                  char ret_type[16], struct error *err)
{
    struct look look = {.path = path, .ret_type = ret_type};
    const struct transfer transfer = {id, path, false, look_write, &look};
    AUTO(receiving_done) struct receiving receiving = {.transfer = &transfer};
    json_auto_t *flags = json_array();

    snprintf(ret_type, 16, "%s", strcmp(path, "/") == 0 ? "dir" : "");
    if (*ret_type)
        return 0;
    json_array_append_new(flags, json_sprintf("--id=%s", id));
    json_array_append_new(flags, json_sprintf("--file=%s", path));
    json_array_append_new(flags, json_string("--limit=1"));
    lines_init(&look.lines, LIMIT_MIB);
    int r = run_in(pod, "list-files", flags, &receiving, err);
    lines_done(&look.lines);
    if (r < 0 && look.error)
        r = error_set(err, ERR_SYSTEM, "repository %s/%s: %s",
                      jsonx_namespace(pod->job->repository), jsonx_name(pod->job->repository),
                      look.error);
    free(look.error);
    if (r == 0 && !*ret_type)
        r = error_set(err, ERR_SYSTEM, "nothing was said of %s", path);
    return r;
}

/* ---- the Job ------------------------------------------------------------------------------------------------------ */

int transfer_hold(const struct call *call, repository_pod_fn use, void *ctx, struct error *err)
{
    AUTO(mem_free) char *name = NULL;
    json_auto_t *repository = NULL;
    json_auto_t *none = json_array();
    int r = snapshot_name_read(call->args[0], &name, err);

    if (r == 0)
        r = kube_get(call->kube, kind_resource(KIND_REPOSITORY), call->namespace, name, &repository,
                     err);
    if (r < 0)
        return r;
    signal(SIGPIPE, SIG_IGN); /* whoever reads may end first, and the Job has to be removed */
    const struct repository_job job = {.call = call,
                                       .repository = repository,
                                       .prefix = "stash-files-",
                                       .command = "hold",
                                       .args = none,
                                       .holds = true};
    return repository_job_hold(&job, use, ctx, err);
}
