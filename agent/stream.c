#include "stream.h"

#include <signal.h>
#include <string.h>

#include "backup_path.h"
#include "source.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/tool.h"

static char *path_in_snapshot(const struct addon_run *run)
{
    return xasprintf("/%s", run->stream_file ? run->stream_file : run->info->stream_file);
}

/* ---- storing ----------------------------------------------------------------------------------------------------- */

int stream_store(struct job *job, struct addon_run *run, const char *folder, struct error *err)
{
    const char *const command[] = {job->flags->self, "dump-stream", folder, NULL};
    AUTO(mem_free) char *path = path_in_snapshot(run);
    const struct restic_backup backup = {.path = path, .host = job->host, .command = command};
    int r = stream_plan_write(run, folder, err);

    if (r < 0)
        return r;
    r = backup_path(&job->session, &job->restic, &backup, job->snapshots, job->warnings, err);
    if (r < 0 && stream_why_read(folder, err))
        return error_wrap(err, "nothing was stored");
    return r < 0 ? r : stream_tally_read(run, folder, err);
}

/* ---- loading ----------------------------------------------------------------------------------------------------- */

struct pipe_run {
    struct job *job;
    struct addon_run *run;
    const char *folder;
    const char *snapshot, *path;
};

enum { STAGE_RESTIC, STAGE_PASS, STAGE_TOOL, STAGES };

/* The end of it; NULs become blanks so that it is one string. */
static void keep_end(char said[ADDON_TAIL + 1], const char *data, size_t len)
{
    size_t have = strlen(said);
    size_t drop;

    if (len > ADDON_TAIL) {
        data += len - ADDON_TAIL;
        len = ADDON_TAIL;
    }
    drop = have + len > ADDON_TAIL ? have + len - ADDON_TAIL : 0;
    memmove(said, said + drop, have - drop);
    for (size_t i = 0; i < len; i++)
        said[have - drop + i] = data[i] ? data[i] : ' ';
    said[have - drop + len] = '\0';
}

static void stream_hear(void *ctx, const char *data, size_t len)
{
    struct addon_run *run = ctx;

    keep_end(run->said, data, len);
}

/* Nobody read on; that is no failure of its own. */
static bool is_well_ended(const struct spawn_exit *restic)
{
    return restic->status == 0 || (restic->signaled && restic->status == 128 + SIGPIPE);
}

static int fetch_fail(const struct spawn_exit *restic, struct error *err)
{
    struct text text;

    restic_out_failure(restic->status, restic->stderr_tail, &text);
    return error_set_code(err, ERR_SYSTEM, restic->status, "%s", text.s);
}

/*
 * A dump that our own stage refuses is what the client fails at too; when it was cut because restic failed, restic says why.
 * Else the client knows best why it gave up; the stages before it then fail only because nobody reads.
 */
static int pipe_fail(const struct pipe_run *pipe, const struct spawn_result *result,
                     struct error *err)
{
    const struct spawn_exit *exits = result->exits;
    const struct spawn_exit *restic = &exits[STAGE_RESTIC];

    if (restic->status == RESTIC_EXIT_LOCKED)
        return error_set_code(err, ERR_CONFLICT, RESTIC_EXIT_LOCKED, "the repository is locked");
    if (restic_out_lock_refused(restic->status, restic->stderr_tail))
        return error_set_code(err, ERR_DENIED, RESTIC_LOCK_REFUSED,
                              "the storage does not take restic's lock");
    if (stream_why_read(pipe->folder, err))
        return is_well_ended(restic) ? -ERR_SYSTEM : fetch_fail(restic, err);
    if (exits[STAGE_TOOL].status != 0)
        return tool_failure(pipe->run->tools[0].items[0], &exits[STAGE_TOOL], pipe->run->said, err);
    if (restic->status != 0)
        return fetch_fail(restic, err);
    return tool_failure("stash pass-stream", &exits[STAGE_PASS], "", err);
}

/* A restic that finds a lock has written nothing, and the client has read nothing. */
static int pipe_once(struct restic *restic, void *ctx, struct error *err)
{
    const struct pipe_run *pipe = ctx;
    const char *const pass[] = {pipe->job->flags->self, "pass-stream", pipe->folder, NULL};
    AUTO(argv_done) struct argv dump = {0};
    struct spawn_result result;
    int r;

    restic_args_dump(&restic->options, pipe->snapshot, pipe->path, &dump);
    const struct spawn_request request = {
        .stages = {argv_list(&dump), pass, argv_list(&pipe->run->tools[0])},
        .envs = {argv_list(&restic->env.env)},
        .count = STAGES,
        .env = argv_list(&pipe->run->env.env),
        .cwd = restic->tmp,
        .stdin_fd = -1,
        .quiet_ms = tool_patience_ms(),
        .is_hopeless = restic_is_hopeless,
        .is_working = addon_server_works,
        .watched = pipe->run,
        .on_stdout = stream_hear,
        .ctx = pipe->run,
    };
    r = spawn_run(&request, &result, err);
    keep_end(pipe->run->complained, result.exits[STAGE_TOOL].stderr_tail,
             strlen(result.exits[STAGE_TOOL].stderr_tail));
    if (r < 0 && result.stalled)
        return tool_stalled(pipe->run->tools[0].items[0], &result.exits[STAGE_TOOL], err);
    if (r == 0 && spawn_first_failure(&result) >= 0)
        r = pipe_fail(pipe, &result, err);
    return r;
}

static int dump_load(struct pipe_run *pipe, struct error *err)
{
    int r = source_begin_writing(&pipe->job->session, err);

    if (r < 0)
        return r;
    log_info("loading a dump", "snapshot", pipe->snapshot, "file", pipe->path);
    r = restic_read_with_lock(&pipe->job->restic, pipe_once, pipe, err);
    return r < 0 ? error_wrap(err, "loading snapshot %.8s", pipe->snapshot)
                 : stream_tally_read(pipe->run, pipe->folder, err);
}

int stream_load(struct job *job, struct addon_run *run, const char *folder, struct error *err)
{
    AUTO(source_done) struct source source = {0};
    AUTO(mem_free) char *path = path_in_snapshot(run);
    const char *const paths[] = {path, NULL};
    const struct source_wish wish = {
        .snapshots = job->flags->snapshots, .host = job_source_host(job->flags), .paths = paths};
    struct pipe_run pipe = {.job = job, .run = run, .folder = folder, .path = path};
    int r = stream_plan_write(run, folder, err);

    BUG_ON(run->tool_count != 1);
    if (r == 0)
        r = source_choose_dump(&job->session, &job->restic, &wish, &source, err);
    if (r < 0)
        return r;
    pipe.snapshot = source.items[0].id;
    return dump_load(&pipe, err);
}
